//! Picks the quotes of every category, one after the other, each with the reason why.
//!
//! A candidate's score weighs typicality (relative to the most typical candidate of the category) against readability
//! ([`crate::quote::score`]). Picking is greedy by maximal marginal relevance (Carbonell and Goldstein, The use of
//! MMR, SIGIR 1998): next comes the candidate with the highest
//!
//! ```text
//! λ · score − (1 − λ) · greatest cosine to a quote already picked − what it repeats
//! ```
//!
//! where repeating a place or kind of facility, or an answer another category quotes, costs a little each. A
//! respondent speaks once per category, and nothing is quoted twice. Categories are served in the order of the
//! rulebook; of equal candidates the one with more evidence, then the earlier one, is picked.

use std::cmp::Ordering;

use crate::quote::Quote;
use crate::quote::candidate::{Candidate, Source};
use crate::quote::pool::{Category, Kept, Pool, Words};
use crate::quote::score::{Centroid, Vector, readability};

/// What to pick.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Quotes per category, at most.
    pub per_category: usize,
    /// Names of the attributes over which quotes should spread. The reason quotes them in this order.
    pub spread: Vec<String>,
    /// What counts how much.
    pub weights: Weights,
}

/// What counts how much in picking. Scores and cosines lie between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Share of typicality in the score; the rest is readability.
    pub typicality: f64,
    /// λ: share of the score against the difference from quotes already picked.
    pub lambda: f64,
    /// Cost of an attribute value, for each quote of the category that has it already.
    pub repeated_value: f64,
    /// Cost of an answer that another category quotes already.
    pub reused_answer: f64,
}

impl Default for Options {
    fn default() -> Self {
        let spread = ["都道府県", "区分"].map(str::to_owned).into();
        Options { per_category: 5, spread, weights: Weights::default() }
    }
}

impl Default for Weights {
    /// Typicality leads, since an excerpt that reads well but is off the topic represents nothing. λ = 0.7 lets a
    /// candidate that says the same as a picked one (cosine 1) fall behind one of a little over half its score. A
    /// repeated place decides between candidates of about equal worth, no more; a reused answer likewise.
    fn default() -> Self {
        Weights { typicality: 0.6, lambda: 0.7, repeated_value: 0.04, reused_answer: 0.1 }
    }
}

impl Pool {
    /// The quotes of all categories, in the order of the rulebook and then by rank. A category without candidates
    /// has none.
    pub fn select(&self, options: &Options) -> Vec<Quote> {
        let idf = self.inverse_frequencies();
        let mut quotes = Vec::new();
        let mut used: Vec<&Source> = Vec::new();
        for category in &self.categories {
            let picked = Field::new(category, &idf, &used, options).pick(&self.words, &mut quotes);
            used.extend(picked);
        }
        quotes
    }
}

/// The candidates of one category, while quotes are picked among them.
struct Field<'p> {
    options: &'p Options,
    added: usize,
    centroid: Centroid,
    entries: Vec<Entry<'p>>,
    /// Typicality of the entry in the middle, by typicality.
    median: f64,
}

struct Entry<'p> {
    candidate: &'p Candidate,
    /// Non-blank values of the attributes to spread over, in their order; `None` where there is none.
    values: Vec<Option<&'p str>>,
    vector: Vector,
    typicality: f64,
    score: f64,
    cost: Cost,
    /// Whether it may still be picked.
    is_open: bool,
}

/// What speaks against a candidate, given what is picked already.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    similarity: f64,
    repetition: f64,
    reuse: f64,
}

impl<'p> Field<'p> {
    fn new(category: &'p Category, idf: &[f64], used: &[&Source], options: &'p Options) -> Self {
        let kept = category.in_input_order();
        let vectors: Vec<Vector> = kept.iter().map(|kept| Vector::new(&kept.terms, idf)).collect();
        let centroid = Centroid::of(vectors.iter(), idf.len());
        let typicalities: Vec<f64> = vectors.iter().map(|vector| centroid.cosine(vector)).collect();
        let mut sorted = typicalities.clone();
        sorted.sort_by(f64::total_cmp);
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        // Never zero, so that candidates without a content word are 0 typical, not 0/0.
        let highest = sorted.last().copied().unwrap_or(0.0).max(f64::MIN_POSITIVE);
        let Weights { typicality: share, reused_answer, .. } = options.weights;
        let entry = |((kept, vector), typicality): ((&&'p Kept, Vector), f64)| {
            let Candidate { source, form, .. } = &kept.candidate;
            let is_reused = used.iter().any(|used| used.is_same_answer(source));
            let value =
                |name| source.comment.attribute(name).map(str::trim).filter(|value| !value.is_empty());
            Entry {
                candidate: &kept.candidate,
                values: options.spread.iter().map(|name| value(name)).collect(),
                vector,
                typicality,
                score: share * typicality / highest + (1.0 - share) * readability(*form),
                cost: Cost { reuse: if is_reused { reused_answer } else { 0.0 }, ..Cost::default() },
                is_open: true,
            }
        };
        let entries = kept.iter().zip(vectors).zip(typicalities).map(entry).collect();
        Field { options, added: category.added, centroid, entries, median }
    }

    /// Picks the quotes, appends them, and gives their sources.
    fn pick(mut self, words: &Words, quotes: &mut Vec<Quote>) -> Vec<&'p Source> {
        let mut picked = Vec::new();
        let lambda = self.options.weights.lambda;
        while picked.len() < self.options.per_category {
            let Some(at) = self.best(|entry| lambda * entry.score - entry.cost.total()) else { break };
            let note = self
                .best(|entry| entry.score)
                .and_then(|best| self.entries[best].cost.note(self.entries[at].cost));
            let Candidate { category, source, .. } = self.entries[at].candidate;
            picked.push(source);
            quotes.push(Quote {
                category: *category,
                rank: picked.len(),
                comment: source.comment.clone(),
                excerpts: source.excerpts.clone(),
                reason: self.reason(at, note, words),
            });
            self.take(at);
        }
        picked
    }

    /// The open entry with the highest worth.
    fn best(&self, worth: impl Fn(&Entry) -> f64) -> Option<usize> {
        let order = |&a: &usize, &b: &usize| -> Ordering {
            let (one, other) = (&self.entries[a], &self.entries[b]);
            let by_evidence = one.candidate.evidence.cmp(&other.candidate.evidence);
            worth(one).total_cmp(&worth(other)).then(by_evidence).then(b.cmp(&a))
        };
        (0..self.entries.len()).filter(|&at| self.entries[at].is_open).max_by(order)
    }

    /// Closes the entries that may not follow the one at `at`, and charges the others for what they repeat.
    fn take(&mut self, at: usize) {
        let Weights { lambda, repeated_value, .. } = self.options.weights;
        let vector = std::mem::replace(&mut self.entries[at].vector, Vector::new(&[], &[]));
        let values = std::mem::take(&mut self.entries[at].values);
        let taken = self.entries[at].candidate;
        self.entries[at].is_open = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.is_open) {
            entry.is_open = entry.candidate.fingerprint != taken.fingerprint
                && !entry.candidate.source.is_same_respondent(&taken.source);
            let similarity = (1.0 - lambda) * entry.vector.cosine(&vector);
            entry.cost.similarity = entry.cost.similarity.max(similarity);
            let repeated = entry.values.iter().zip(&values).filter(|(a, b)| a.is_some() && a == b).count();
            entry.cost.repetition += repeated_value * repeated as f64;
        }
    }

    /// `412 件中の典型（主題語: 顔認証・エラー・失敗）、32 字、東京都・病院、ほかの引用と違う内容`.
    fn reason(&self, at: usize, note: Option<&str>, words: &Words) -> String {
        let entry = &self.entries[at];
        let kept = self.entries.len();
        // Claimed for the more typical half only.
        let is_typical = entry.typicality > 0.0 && entry.typicality >= self.median;
        let mut reason = match self.added {
            1 => "この 1 件のみ".to_owned(),
            added => {
                let all = if added > kept {
                    format!("{added} 件から抽出した {kept} 件")
                } else {
                    format!("{added} 件")
                };
                format!("{all}中の{}", if is_typical { "典型" } else { "一例" })
            }
        };
        let themes: Vec<&str> = self
            .centroid
            .shared_words(&entry.vector)
            .into_iter()
            .take(3)
            .map(|word| words.word(word))
            .collect();
        if !themes.is_empty() {
            reason.push_str(&format!("（主題語: {}）", themes.join("・")));
        }
        reason.push_str(&format!("、{} 字", entry.candidate.form.chars));
        let values: Vec<&str> = entry.values.iter().copied().flatten().collect();
        if !values.is_empty() {
            reason.push_str(&format!("、{}", values.join("・")));
        }
        if let Some(note) = note {
            reason.push_str(&format!("、{note}"));
        }
        reason
    }
}

impl Cost {
    fn total(self) -> f64 {
        self.similarity + self.repetition + self.reuse
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
    use crate::comment::{Comment, Row, Schema};
    use crate::export::fixture::{long, plain, rulebook, wide};
    use crate::quote::candidate::fixture::candidate;

    fn pool(candidates: impl IntoIterator<Item = Candidate>) -> Pool {
        let mut pool = Pool::new(&rulebook(), 2000);
        candidates.into_iter().for_each(|candidate| pool.add(candidate));
        pool
    }

    fn with_id(row: u64, id: &str) -> Comment {
        let headers = ["番号", "回答"].map(str::to_owned).into();
        let schema = Schema { headers, id: Some(0), texts: vec![1], question: None, attributes: Vec::new() };
        let cells = StringRecord::from(vec![id, &format!("顔認証{row}")]);
        Comment::new(Arc::new(schema), Arc::new(Row { number: row, cells }), 1)
    }

    fn texts(quotes: &[Quote]) -> Vec<String> {
        quotes.iter().map(Quote::text).collect()
    }

    fn pick(candidates: impl IntoIterator<Item = Candidate>, per_category: usize) -> Vec<Quote> {
        pool(candidates).select(&Options { per_category, ..Options::default() })
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
        let mut short = candidate(0, &plain(1, "顔認証"), "顔認証");
        short.form.chars = 3;
        let mut leaning = candidate(0, &plain(2, "その顔認証"), "顔認証");
        leaning.form.is_leaning = true;
        let good = candidate(0, &plain(3, "顔認証ができない"), "顔認証");
        assert_eq!(texts(&pick([short, leaning, good], 3)), ["顔認証ができない", "その顔認証", "顔認証"]);
    }

    #[test]
    fn a_different_quote_is_preferred_to_the_same_again() {
        let same = |row| candidate(0, &plain(row, &format!("顔認証エラー{row}")), "顔認証 エラー");
        let other = candidate(0, &plain(9, "顔認証のあと停止"), "顔認証 停止");
        let quotes = pick([same(1), same(2), same(3), other], 2);
        assert_eq!(texts(&quotes), ["顔認証エラー1", "顔認証のあと停止"]);
        assert!(quotes[1].reason.ends_with("、ほかの引用と違う内容"), "{}", quotes[1].reason);
        assert!(!quotes[0].reason.contains("違う"), "{}", quotes[0].reason);
    }

    #[test]
    fn quotes_spread_over_places() {
        let from =
            |id, place| candidate(0, &long(id, "問7", place, &format!("顔認証エラー{id}")), "顔認証 エラー");
        let quotes = pick([from("1", "東京都"), from("2", "東京都"), from("3", " "), from("4", "愛知県")], 3);
        assert_eq!(texts(&quotes), ["顔認証エラー1", "顔認証エラー3", "顔認証エラー4"]);
        assert!(quotes[2].reason.ends_with("、愛知県、属性の偏りを避けて選択"), "{}", quotes[2].reason);
    }

    #[test]
    fn a_blank_place_is_not_a_place_repeated() {
        let from =
            |id, place| candidate(0, &long(id, "問7", place, &format!("顔認証エラー{id}")), "顔認証 エラー");
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
        let quotes = pick(comments.iter().map(|comment| candidate(0, comment, "顔認証")), 5);
        assert_eq!(texts(&quotes), ["顔認証が通らない", "顔認証が落ちた"]);
        // Blank ids tell nobody from anybody: the row does. One id in two rows is one respondent.
        let from = |row, id| candidate(0, &with_id(row, id), "顔認証");
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
    fn samples_are_called_samples() {
        let mut pool = Pool::new(&rulebook(), 10);
        for row in 1..=30 {
            pool.add(candidate(2, &plain(row, &format!("反映が遅い{row}")), "反映 遅い"));
        }
        let quotes = pool.select(&Options::default());
        assert_eq!(quotes.len(), 5);
        assert!(
            quotes[0].reason.starts_with("30 件から抽出した 10 件中の典型（主題語: 反映・遅い）"),
            "{}",
            quotes[0].reason
        );
        assert!(pick([], 5).is_empty());
    }
}
