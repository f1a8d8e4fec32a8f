//! Picks the quotes of every category, one after the other.
//!
//! Picking is greedy by maximal marginal relevance (Carbonell and Goldstein, The use of MMR, SIGIR 1998): next comes the
//! candidate with the highest
//!
//! ```text
//! λ · score − (1 − λ) · greatest cosine to a quote already picked − costs
//! ```
//!
//! where score is the weighted mean of [`crate::quote::score`], and repeating a place or kind of facility, or an answer
//! another category quotes, costs a little each. Near-identical excerpts are one quote, a respondent speaks once per
//! category, and an excerpt that loses its category when it stands alone is replaced by the whole answer. What an editor
//! pinned comes first. Categories are served in the order of the rulebook; of equal candidates the one with more
//! evidence, then the earlier one, is picked.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::matcher::Worker;
use crate::places;
use crate::quote::candidate::{Candidate, Source};
use crate::quote::centrality::{Centrality, Vector};
use crate::quote::identify::{Flag, Kind};
use crate::quote::likeness::{self, Likeness};
use crate::quote::pool::{self, FieldKey, Group, Pool};
use crate::quote::reading::Certainty;
use crate::quote::score::Score;
use crate::quote::{By, Chosen, Flagged, Quote, reason};
use crate::rule::CategoryId;

/// Cosine from which two excerpts say the same, though not in the same words.
const ALIKE: f64 = 0.85;

/// Cost of evidence that is supposed or taken back, of an excerpt that needs its answer, and of identifying details:
/// such candidates come after all others, in this order.
const DOUBTFUL: f64 = 2.0;
const DEPENDENT: f64 = 5.0;
const FLAGGED: f64 = 10.0;

impl Pool {
    /// The quotes of all categories, in the order of the rulebook, then of subgroups, then by rank. A category without
    /// candidates has none. `worker` must be for the rulebook and the tokenizer of the run: excerpts are tagged again.
    pub fn select(&self, worker: &mut Worker<'_>) -> Chosen {
        let idf = self.inverse_frequencies();
        let mut chosen = Chosen::default();
        let mut used: Vec<Source> = Vec::new();
        let mut keys: Vec<FieldKey> = self.fields.keys().copied().collect();
        keys.extend(self.pinned_only());
        if let Some(By::Categories(group)) = &self.options.by {
            // 高齢者 among 高齢者 says nothing.
            keys.retain(|(category, _)| !group.contains(category));
        }
        keys.sort_unstable();
        keys.dedup();
        if let Some(By::Attribute(_)) = &self.options.by {
            // By name, which is by time for waves.
            keys.sort_by_key(|&(category, subgroup)| (category, self.subgroups.get(subgroup)));
        }
        for key in keys {
            let mut field = Field::new(self, key, &idf, &used);
            field.pin(worker);
            let before = chosen.quotes.len();
            field.pick(worker);
            field.finish(&mut chosen);
            used.extend(chosen.quotes[before..].iter().map(Quote::source));
        }
        chosen.stale = self.tracker.stale();
        chosen
    }

    /// Categories that have pins, though no comment has them.
    fn pinned_only(&self) -> Vec<FieldKey> {
        if self.options.by.is_some() {
            return Vec::new();
        }
        self.tracker.pinned_categories().map(|category| (category, 0)).collect()
    }
}

/// The candidates of one category, while quotes are picked among them.
pub(super) struct Field<'p> {
    pub(super) pool: &'p Pool,
    key: FieldKey,
    idf: &'p [f64],
    used: &'p [Source],
    /// How many candidates there were, kept or not.
    pub(super) added: usize,
    /// How many are kept, near-identical ones counted each.
    pub(super) kept: usize,
    pub(super) centrality: Centrality,
    pub(super) entries: Vec<Entry<'p>>,
    /// Centrality of the entry in the middle, by centrality.
    pub(super) median: f64,
    /// Positions of the entries picked, by rank.
    pub(super) picked: Vec<usize>,
    /// Lowest worth of a picked entry when it was picked.
    pub(super) threshold: f64,
    reasons: Vec<String>,
    withheld: usize,
}

pub(super) struct Entry<'p> {
    pub(super) candidate: Cow<'p, Candidate>,
    pub(super) group: Option<&'p Group>,
    /// Position of the first of the near-identical entries.
    leader: usize,
    /// Non-blank values of the attributes to spread over, in their order; `None` where there is none.
    pub(super) values: Vec<Option<String>>,
    pub(super) vector: Vector,
    pub(super) score: Score,
    pub(super) total: f64,
    pub(super) cost: Cost,
    pub(super) state: State,
    pub(super) flags: Vec<Flag>,
    pub(super) is_pinned: bool,
    is_masked: bool,
    /// Whether the whole answer stands in for an excerpt that can't stand alone.
    pub(super) is_widened: bool,
}

/// What has become of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It may still be picked.
    Open,
    Picked,
    /// Near-identical to the picked entry at this position, and counted with it.
    Merged(usize),
    /// Says what the picked entry at this position says.
    Alike(usize),
    /// By the respondent of the picked entry at this position.
    SameRespondent(usize),
    /// Has identifying details, and there are others.
    Withheld,
    Banned,
}

/// What speaks against a candidate, given what is picked already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    pub(super) similarity: f64,
    /// The picked entry that it is most similar to.
    pub(super) similar_to: usize,
    pub(super) repetition: f64,
    pub(super) reuse: f64,
    /// What puts it behind all others.
    pub(super) fault: f64,
}

impl<'p> Field<'p> {
    fn new(pool: &'p Pool, key: FieldKey, idf: &'p [f64], used: &'p [Source]) -> Self {
        let options = &pool.options;
        let groups = pool.fields.get(&key).map(pool::Field::in_input_order).unwrap_or_default();
        let vectors: Vec<Vector> = groups.iter().map(|group| Vector::new(&group.terms, idf)).collect();
        let counts: Vec<f64> = groups.iter().map(|group| group.count as f64).collect();
        let centrality = Centrality::of(&vectors, &counts, idf.len());
        let mut sorted = centrality.ranks.clone();
        sorted.sort_by(f64::total_cmp);
        let likenesses: Vec<&Likeness> = groups.iter().map(|group| &group.candidate.likeness).collect();
        let leaders = likeness::groups(&likenesses);
        let mut field = Field {
            pool,
            key,
            idf,
            used,
            added: pool.fields.get(&key).map_or(0, |field| field.added),
            kept: groups.iter().map(|group| group.count).sum(),
            median: sorted.get(sorted.len() / 2).copied().unwrap_or(0.0),
            entries: Vec::with_capacity(groups.len()),
            picked: Vec::new(),
            threshold: f64::INFINITY,
            reasons: Vec::new(),
            withheld: 0,
            centrality,
        };
        for (at, (group, vector)) in groups.into_iter().zip(vectors).enumerate() {
            let rank = field.centrality.ranks[at];
            let candidate = Cow::Borrowed(&group.candidate);
            field.entries.push(field.entry(candidate, vector, rank, leaders[at], Some(group)));
        }
        let is_clean = |entry: &Entry| entry.state == State::Open && entry.flags.is_empty();
        if options.flagged == Flagged::LeaveOut {
            // A category that has nothing else is quoted masked.
            let has_clean = field.entries.iter().any(is_clean);
            for entry in field.entries.iter_mut().filter(|entry| !entry.flags.is_empty()) {
                if has_clean && entry.state == State::Open {
                    entry.state = State::Withheld;
                    field.withheld += 1;
                }
                entry.is_masked = true;
            }
        }
        field
    }

    fn entry(
        &self,
        candidate: Cow<'p, Candidate>,
        vector: Vector,
        centrality: f64,
        leader: usize,
        group: Option<&'p Group>,
    ) -> Entry<'p> {
        let options = &self.pool.options;
        let comment = &candidate.source.comment;
        let is_reused = self.used.iter().any(|used| used.is_same_answer(&candidate.source));
        let value = |name: &String| comment.attribute(name).map(str::trim).filter(|value| !value.is_empty());
        let mut flags = candidate.flags.clone();
        if self.pool.rarity.is_rare(comment) {
            flags.push(Flag { kind: Kind::Attributes, span: None });
        }
        let is_doubtful = candidate.certainty != Certainty::Firm;
        let fault = if is_doubtful { DOUBTFUL } else { 0.0 } + if flags.is_empty() { 0.0 } else { FLAGGED };
        let score = Score::of(&candidate, centrality, group.map_or(1, |group| group.count));
        let is_banned = self.pool.tracker.is_banned(self.key.0, comment);
        Entry {
            values: options.spread.iter().map(|name| value(name).map(str::to_owned)).collect(),
            total: score.total(&options.weights),
            score,
            cost: Cost {
                reuse: if is_reused { options.weights.reused } else { 0.0 },
                fault,
                ..Cost::default()
            },
            state: if is_banned { State::Banned } else { State::Open },
            is_masked: options.flagged == Flagged::Mask && !flags.is_empty(),
            flags,
            is_pinned: false,
            is_widened: false,
            group,
            candidate,
            leader,
            vector,
        }
    }

    /// Takes the answers that the selection pins.
    fn pin(&mut self, worker: &mut Worker<'_>) {
        let pool = self.pool;
        for pin in pool.tracker.pins(self.key.0) {
            let candidate = Candidate::pinned(&pin.comment, self.key.0, &pin.parts, worker);
            if candidate.source.excerpts.is_empty() || !pool.belongs(&candidate, self.key.1) {
                continue;
            }
            let known = self
                .entries
                .iter()
                .position(|entry| entry.candidate.source.is_same_answer(&candidate.source));
            let vector = Vector::new(&pool.words.known(&candidate.bag), self.idf);
            let (rank, leader) = known.map_or((0.0, self.entries.len()), |at| {
                (self.entries[at].score.centrality, self.entries[at].leader)
            });
            let group = known.and_then(|at| self.entries[at].group);
            let mut entry = self.entry(Cow::Owned(candidate), vector, rank, leader, group);
            entry.is_pinned = true;
            let at = match known {
                Some(at) => {
                    self.entries[at] = entry;
                    at
                }
                None => {
                    self.entries.push(entry);
                    self.entries.len() - 1
                }
            };
            self.reasons.push(reason::pinned(self, at));
            self.take(at);
        }
    }

    fn pick(&mut self, worker: &mut Worker<'_>) {
        let lambda = self.pool.options.weights.lambda;
        while self.picked.len() < self.pool.options.per_category {
            let worth = |entry: &Entry| lambda * entry.total - entry.cost.total();
            let Some(at) = self.best(worth) else { break };
            if !self.entries[at].is_widened && !self.entries[at].candidate.stands_alone(worker) {
                self.widen(at, worker);
                continue;
            }
            self.threshold = self.threshold.min(worth(&self.entries[at]));
            let preferred = self.best(|entry| entry.total - entry.cost.fault);
            let note = preferred.and_then(|best| self.entries[best].cost.note(self.entries[at].cost));
            self.reasons.push(reason::picked(self, at, note));
            self.take(at);
        }
    }

    /// The open entry with the highest worth, to nine digits: sums of the same numbers in another order are equal.
    fn best(&self, worth: impl Fn(&Entry) -> f64) -> Option<usize> {
        let order = |&a: &usize, &b: &usize| -> Ordering {
            let (one, other) = (&self.entries[a], &self.entries[b]);
            let by_evidence = one.candidate.evidence.cmp(&other.candidate.evidence);
            rounded(worth(one)).total_cmp(&rounded(worth(other))).then(by_evidence).then(b.cmp(&a))
        };
        (0..self.entries.len()).filter(|&at| self.entries[at].state == State::Open).max_by(order)
    }

    /// Quotes the whole answer in place of an excerpt that loses its category, after all that don't.
    fn widen(&mut self, at: usize, worker: &mut Worker<'_>) {
        let candidate = self.entries[at].candidate.widened(worker);
        let Entry { group, leader, state, cost, .. } = &self.entries[at];
        let (group, leader, state, cost) = (*group, *leader, *state, *cost);
        let vector = Vector::new(&self.pool.words.known(&candidate.bag), self.idf);
        let rank = self.entries[at].score.centrality;
        let mut entry = self.entry(Cow::Owned(candidate), vector, rank, leader, group);
        entry.state = state;
        entry.is_widened = true;
        entry.cost = Cost { fault: entry.cost.fault + DEPENDENT, ..cost };
        if self.pool.options.flagged == Flagged::LeaveOut && !entry.flags.is_empty() {
            entry.is_masked = true;
        }
        self.entries[at] = entry;
    }

    /// Picks the entry at `at`, closes those that may not follow it, and charges the others for what they repeat.
    fn take(&mut self, at: usize) {
        let weights = self.pool.options.weights;
        let quota = self.pool.options.per_category.div_ceil(2);
        self.entries[at].state = State::Picked;
        self.picked.push(at);
        let vector = std::mem::take(&mut self.entries[at].vector);
        let values = self.entries[at].values.clone();
        let has_quota: Vec<bool> = (0..values.len())
            .map(|nth| {
                self.picked.iter().filter(|&&at| self.entries[at].values[nth] == values[nth]).count() == quota
            })
            .collect();
        let (leader, source) = (self.entries[at].leader, self.entries[at].candidate.source.clone());
        for entry in
            self.entries.iter_mut().filter(|entry| matches!(entry.state, State::Open | State::Withheld))
        {
            let cosine = entry.vector.cosine(&vector);
            if entry.leader == leader {
                entry.state = State::Merged(at);
            } else if entry.state == State::Withheld {
                continue;
            } else if entry.candidate.source.is_same_respondent(&source) {
                entry.state = State::SameRespondent(at);
            } else if cosine >= ALIKE {
                entry.state = State::Alike(at);
            }
            let similarity = (1.0 - weights.lambda) * cosine;
            if similarity > entry.cost.similarity {
                entry.cost.similarity = similarity;
                entry.cost.similar_to = at;
            }
            for (nth, value) in entry.values.iter().enumerate() {
                if value.is_some() && *value == values[nth] {
                    entry.cost.repetition +=
                        weights.repeated + if has_quota[nth] { weights.quota } else { 0.0 };
                }
            }
        }
        self.entries[at].vector = vector;
    }

    /// Appends the quotes picked, and what is asked about this category.
    fn finish(self, chosen: &mut Chosen) {
        let before = chosen.quotes.len();
        for (rank, (&at, reason)) in self.picked.iter().zip(&self.reasons).enumerate() {
            let quote = self.quote(at, rank + 1, reason.clone());
            chosen.quotes.push(quote);
        }
        chosen.withheld += self.withheld;
        if let Some(id) = &self.pool.options.ask {
            reason::answers(&self, id, &chosen.quotes[before..], &mut chosen.answers);
        }
    }

    fn quote(&self, at: usize, rank: usize, reason: String) -> Quote {
        let entry = &self.entries[at];
        let Source { comment, excerpts } = &entry.candidate.source;
        let own = comment.id();
        let (mut merged, mut places, mut similar) = (Vec::new(), Vec::new(), 0);
        let is_merged = |other: usize| other == at || self.entries[other].state == State::Merged(at);
        for group in (0..self.entries.len())
            .filter(|&other| is_merged(other))
            .filter_map(|other| self.entries[other].group)
        {
            similar += group.count;
            merged.extend(group.ids.iter().map(ToString::to_string));
            for place in &group.places {
                if !places.contains(place) {
                    places.push(place.clone());
                }
            }
        }
        if let Some(at) = merged.iter().position(|id| *id == own) {
            merged.remove(at);
        }
        if places.is_empty() {
            let cell = self.pool.options.place.as_deref().and_then(|name| comment.attribute(name));
            places.extend(places::of(cell.unwrap_or_default()).map(str::to_owned));
        }
        places::sort(&mut places);
        Quote {
            category: self.key.0,
            subgroup: self.pool.subgroups.get(self.key.1).cloned(),
            rank,
            comment: comment.clone(),
            excerpts: excerpts.clone(),
            reason,
            flags: entry.flags.clone(),
            is_masked: entry.is_masked,
            is_pinned: entry.is_pinned,
            merged,
            similar: similar.saturating_sub(1),
            places,
            score: entry.total,
        }
    }

    pub(super) fn category(&self) -> CategoryId {
        self.key.0
    }

    pub(super) fn subgroup(&self) -> Option<&str> {
        self.pool.subgroups.get(self.key.1).map(String::as_str)
    }
}

fn rounded(worth: f64) -> f64 {
    (worth * 1e9).round()
}

impl Cost {
    pub(super) fn total(self) -> f64 {
        self.similarity + self.repetition + self.reuse + self.fault
    }

    /// Why `picked` was preferred to the candidate that costs `self` and scores higher: by what it saves most.
    fn note(self, picked: Cost) -> Option<&'static str> {
        let savings = [
            (self.similarity - picked.similarity, "ほかの引用と違う内容"),
            (self.repetition - picked.repetition, "属性の偏りを避けて選択"),
            (self.reuse - picked.reuse, "ほかのカテゴリで引用していない回答"),
        ];
        let (saving, note) = savings.into_iter().max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (saving > 0.0).then_some(note)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use csv::StringRecord;

    use super::*;
    use crate::classify::Tagging;
    use crate::comment::{Comment, Row, Schema};
    use crate::export::fixture::{long, plain, rulebook, wide};
    use crate::quote::candidate::fixture::candidate;
    use crate::quote::selection::{Choice, Entry as Decided, Selection};
    use crate::quote::{Options, Weights};
    use crate::tokenize::Tokenizer;

    fn pick_as(candidates: impl IntoIterator<Item = Candidate>, options: Options) -> Chosen {
        let tokenizer = Tokenizer::embedded().unwrap();
        let rulebook = rulebook();
        let spread = ["都道府県", "区分"].map(str::to_owned).into();
        let mut pool =
            Pool::new(&rulebook, Options { place: Some("都道府県".to_owned()), spread, ..options });
        for candidate in candidates {
            pool.meet(&candidate.source.comment, &Tagging::default());
            pool.add(candidate);
        }
        pool.select(&mut Worker::new(&rulebook, &tokenizer))
    }

    fn with_id(row: u64, id: &str) -> Comment {
        let headers = ["番号", "回答"].map(str::to_owned).into();
        let schema = Schema {
            headers,
            id: Some(0),
            texts: vec![1],
            question: None,
            attributes: Vec::new(),
            nothing: Vec::new(),
        };
        let cells = StringRecord::from(vec![id, &format!("顔認証{row}")]);
        Comment::new(Arc::new(schema), Arc::new(Row { number: row, cells }), 1)
    }

    fn texts(quotes: &[Quote]) -> Vec<String> {
        quotes.iter().map(Quote::text).collect()
    }

    fn pick(candidates: impl IntoIterator<Item = Candidate>, per_category: usize) -> Vec<Quote> {
        pick_as(candidates, Options { per_category, ..Options::default() }).quotes
    }

    #[test]
    fn the_typical_comes_first_and_says_so() {
        let quotes = pick(
            [
                candidate(0, &long("1", "問7", "東京都", "停電した"), "停電"),
                candidate(0, &long("2", "問7", "愛知県", "顔認証エラー"), "顔認証 エラー"),
                candidate(0, &long("3", "問7", "東京都", "顔認証のエラーで再起動"), "顔認証 エラー 再起動"),
                candidate(0, &long("4", "問7", "東京都", "顔認証"), "顔認証"),
            ],
            4,
        );
        assert_eq!(texts(&quotes)[0], "顔認証エラー");
        assert_eq!(quotes[0].reason, "4 件中の典型（主題語: 顔認証・エラー）、30 字、愛知県");
        // It shares no word with any other.
        let blackout = quotes.iter().find(|quote| quote.text() == "停電した").unwrap();
        assert!(blackout.reason.starts_with("4 件中の一例、30 字、東京都"), "{}", blackout.reason);
        assert_eq!(quotes.iter().map(|quote| quote.rank).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    #[test]
    fn what_reads_badly_comes_later() {
        let mut short = candidate(0, &plain(1, "顔認証"), "顔認証 a1 a2");
        short.form.chars = 3;
        let mut leaning = candidate(0, &plain(2, "その顔認証"), "顔認証 b1 b2");
        leaning.form.is_leaning = true;
        let good = candidate(0, &plain(3, "顔認証ができない"), "顔認証 c1 c2");
        assert_eq!(texts(&pick([short, leaning, good], 3)), ["顔認証ができない", "その顔認証", "顔認証"]);
    }

    #[test]
    fn a_different_quote_is_preferred_to_the_same_again() {
        let same =
            |row| candidate(0, &plain(row, &format!("顔認証エラー{row}")), &format!("顔認証 エラー {row}a"));
        let other = candidate(0, &plain(9, "顔認証のあと停止"), "顔認証 停止");
        let weights = Weights { lambda: 0.3, ..Weights::default() };
        let options = Options { weights, per_category: 2, ..Options::default() };
        let quotes = pick_as([same(1), same(2), same(3), other], options).quotes;
        assert_eq!(texts(&quotes), ["顔認証エラー1", "顔認証のあと停止"]);
        assert!(quotes[1].reason.ends_with("、ほかの引用と違う内容"), "{}", quotes[1].reason);
        assert!(!quotes[0].reason.contains("違う"), "{}", quotes[0].reason);
    }

    #[test]
    fn quotes_spread_over_places() {
        let from = |id: &str, place| {
            candidate(
                0,
                &long(id, "問7", place, &format!("顔認証エラー{id}")),
                &format!("顔認証 エラー {id}a {id}b"),
            )
        };
        let quotes = pick([from("1", "東京都"), from("2", "東京都"), from("3", " "), from("4", "愛知県")], 3);
        assert_eq!(texts(&quotes), ["顔認証エラー1", "顔認証エラー3", "顔認証エラー4"]);
        assert!(quotes[2].reason.ends_with("、愛知県、属性の偏りを避けて選択"), "{}", quotes[2].reason);
    }

    #[test]
    fn a_blank_place_is_not_a_place_repeated() {
        let from = |id: &str, place| {
            candidate(
                0,
                &long(id, "問7", place, &format!("顔認証エラー{id}")),
                &format!("顔認証 エラー {id}a {id}b"),
            )
        };
        let quotes = pick([from("1", ""), from("2", " "), from("3", "愛知県")], 2);
        assert_eq!(texts(&quotes), ["顔認証エラー1", "顔認証エラー2"]);
    }

    #[test]
    fn evidence_decides_between_equals() {
        let mut strong = candidate(0, &plain(2, "顔認証と顔認証"), "顔認証");
        strong.evidence = 2;
        let weak = candidate(0, &plain(1, "顔認証のみ"), "顔認証");
        assert_eq!(texts(&pick([weak, strong], 1)), ["顔認証と顔認証"]);
    }

    #[test]
    fn excerpts_without_content_words_are_ranked_by_readability() {
        let mut leaning = candidate(0, &plain(1, "それでできない"), "");
        leaning.form.is_leaning = true;
        let quotes = pick([leaning, candidate(0, &plain(2, "できない"), "")], 1);
        assert_eq!(texts(&quotes), ["できない"]);
        assert_eq!(quotes[0].reason, "2 件中の一例、30 字");
    }

    #[test]
    fn nobody_and_nothing_is_quoted_twice_in_a_category() {
        let [q7, q13] = wide(1, ["顔認証が通らない", "顔認証が遅い"]);
        let comments = [q7, q13, plain(2, "顔認証が通らない"), plain(3, "顔認証が落ちた")];
        let quotes = pick(
            comments
                .iter()
                .map(|comment| candidate(0, comment, &format!("顔認証 {0}a {0}b", comment.text()))),
            5,
        );
        assert_eq!(texts(&quotes), ["顔認証が通らない", "顔認証が落ちた"]);
        // Blank ids tell nobody from anybody: the row does. One id in two rows is one respondent.
        let from = |row: u64, id| candidate(0, &with_id(row, id), &format!("顔認証 {row}a {row}b"));
        assert_eq!(pick([from(1, ""), from(2, ""), from(3, "A1"), from(4, "A1")], 5).len(), 3);
    }

    #[test]
    fn an_answer_quoted_elsewhere_gives_way_to_an_equal_one() {
        let (first, second) = (plain(1, "顔認証と●"), plain(2, "顔認証も●"));
        let candidates = [&first, &second]
            .into_iter()
            .flat_map(|comment| [candidate(0, comment, "顔認証"), candidate(1, comment, "●")]);
        let quotes = pick(candidates, 1);
        assert_eq!(texts(&quotes), ["顔認証と●", "顔認証も●"]);
        assert!(quotes[1].reason.ends_with("ほかのカテゴリで引用していない回答"), "{}", quotes[1].reason);
    }

    #[test]
    fn near_identical_answers_are_one_quote_with_its_places() {
        let from = |id, place, text| candidate(0, &long(id, "問7", place, text), text);
        let quotes = pick(
            [
                from("1", "神奈川県", "顔認証ができない"),
                from("2", "愛知県", "顔認証ができない"),
                from("3", "岐阜県", "顔認証ができない"),
                from("4", "愛知県", "停電した"),
            ],
            5,
        );
        assert_eq!(quotes.len(), 2);
        assert_eq!((quotes[0].merged.clone(), quotes[0].similar), (vec!["2".to_owned(), "3".to_owned()], 2));
        assert_eq!(quotes[0].places, ["神奈川県", "岐阜県", "愛知県"]);
        assert!(quotes[1].merged.is_empty());
    }

    #[test]
    fn details_are_left_out_masked_or_allowed() {
        let flag = |mut candidate: Candidate| {
            candidate.flags = vec![Flag { kind: Kind::Person, span: Some(crate::span::Span::new(0, 6)) }];
            candidate
        };
        let named = || flag(candidate(0, &plain(1, "山田さん顔認証"), "顔認証 エラー"));
        let clean = || candidate(0, &plain(2, "停電した"), "停電");
        let pick = |flagged, candidates: Vec<Candidate>| {
            pick_as(candidates, Options { flagged, ..Options::default() })
        };
        let chosen = pick(Flagged::LeaveOut, vec![named(), clean()]);
        assert_eq!((texts(&chosen.quotes), chosen.withheld), (vec!["停電した".to_owned()], 1));
        let chosen = pick(Flagged::Allow, vec![named(), clean()]);
        assert_eq!(texts(&chosen.quotes), ["停電した", "山田さん顔認証"]);
        let chosen = pick(Flagged::Mask, vec![named(), clean()]);
        assert_eq!(texts(&chosen.quotes), ["停電した", "〔氏名〕さん顔認証"]);
        // Nothing else to quote.
        let chosen = pick(Flagged::LeaveOut, vec![named()]);
        assert_eq!((texts(&chosen.quotes), chosen.withheld), (vec!["〔氏名〕さん顔認証".to_owned()], 0));
    }

    #[test]
    fn the_editor_decides_first() {
        let answer =
            |row| candidate(0, &plain(row, &format!("顔認証その{row}")), &format!("顔認証 {row}a {row}b"));
        let entry = |id: &str, ranges: &[(usize, usize)]| Decided {
            id: id.to_owned(),
            ranges: ranges.to_vec(),
            ..Decided::default()
        };
        let choice = Choice {
            category: "face-auth".to_owned(),
            pins: vec![entry("4", &[]), entry("3", &[(0, 3)])],
            bans: vec![entry("1", &[])],
            ..Choice::default()
        };
        let selection = Selection { categories: vec![choice], ..Selection::empty() };
        let options = Options { selection, per_category: 3, ask: Some("1".to_owned()), ..Options::default() };
        let chosen = pick_as((1..=5).map(answer), options);
        assert_eq!(texts(&chosen.quotes), ["顔認証その4", "顔認証…", "顔認証その2"]);
        assert!(chosen.quotes[0].reason.starts_with("選択ファイルで指定、"));
        assert_eq!(chosen.answers[0].text, "選択ファイルで除外しています");
        // These rules give no category.
        assert_eq!(chosen.stale.len(), 2);
    }

    #[test]
    fn subgroups_are_served_each_for_itself() {
        let from = |id, place| {
            candidate(0, &long(id, "問7", place, &format!("顔認証{id}")), &format!("顔認証 {id}a {id}b"))
        };
        let options =
            Options {
                by: Some(By::Attribute("都道府県".to_owned())), per_category: 1, ..Options::default()
            };
        let chosen =
            pick_as([from("1", "東京都"), from("2", "愛知県"), from("3", ""), from("4", "東京都")], options);
        let shown: Vec<_> =
            chosen.quotes.iter().map(|quote| (quote.subgroup.as_deref(), quote.text())).collect();
        assert_eq!(shown, [(Some("愛知県"), "顔認証2".to_owned()), (Some("東京都"), "顔認証1".to_owned())]);
    }

    #[test]
    fn every_answer_asked_about_gets_a_reason() {
        let ask = |id: &str, candidates: Vec<Candidate>, per_category| {
            let chosen =
                pick_as(candidates, Options { ask: Some(id.to_owned()), per_category, ..Options::default() });
            chosen.answers.into_iter().map(|answer| answer.text).collect::<Vec<_>>().join("|")
        };
        let all = || {
            vec![
                candidate(0, &plain(1, "顔認証エラー"), "顔認証 エラー"),
                candidate(0, &plain(2, "顔認証エラー"), "顔認証 エラー"),
                candidate(0, &plain(3, "停電"), "停電"),
            ]
        };
        assert!(ask("1", all(), 1).starts_with("1 番目に引用しました。3 件中の典型"));
        assert!(ask("2", all(), 1).starts_with("1 と同じ趣旨なので、代表の 1 にまとめました"));
        assert!(ask("3", all(), 1).starts_with("及びませんでした: 評価"));
        assert_eq!(ask("9", all(), 1), "");
    }
}
