//! The candidates of one category (and subgroup): what they are worth, what speaks against them, what became of them.

use std::borrow::Cow;

use crate::matcher::Worker;
use crate::places;
use crate::quote::candidate::Candidate;
use crate::quote::centrality::Vector;
use crate::quote::identify::{Flag, Kind};
use crate::quote::pool::{FieldKey, Group, Pool};
use crate::quote::reading::Certainty;
use crate::quote::score::Score;
use crate::quote::select::standing::Standing;
use crate::quote::select::{Quoted, Served};
use crate::quote::{Flagged, Quote, reason};
use crate::rule::CategoryId;

/// The candidates of one category, while quotes are picked among them.
pub(in crate::quote) struct Field<'p> {
    pub(in crate::quote) pool: &'p Pool,
    pub(super) key: FieldKey,
    pub(super) idf: &'p [f64],
    quoted: &'p Quoted,
    /// How many candidates there were, kept or not.
    pub(in crate::quote) added: usize,
    /// How many are kept, near-identical ones counted each.
    pub(in crate::quote) kept: usize,
    pub(in crate::quote) standing: &'p Standing<'p>,
    pub(in crate::quote) entries: Vec<Entry<'p>>,
    /// Positions of the entries picked, by rank.
    pub(in crate::quote) picked: Vec<usize>,
    /// Lowest worth of a picked entry when it was picked.
    pub(in crate::quote) threshold: f64,
    pub(super) reasons: Vec<String>,
    withheld: usize,
}

pub(in crate::quote) struct Entry<'p> {
    pub(in crate::quote) candidate: Cow<'p, Candidate>,
    pub(in crate::quote) group: Option<&'p Group>,
    /// Position of the first of the near-identical entries.
    pub(super) leader: usize,
    /// Non-blank values of the attributes to spread over, in their order; `None` where there is none.
    pub(in crate::quote) values: Vec<Option<String>>,
    pub(in crate::quote) vector: Cow<'p, Vector>,
    pub(in crate::quote) score: Score,
    pub(in crate::quote) total: f64,
    pub(in crate::quote) cost: Cost,
    /// The other field that quotes its answer.
    pub(in crate::quote) elsewhere: Option<FieldKey>,
    pub(in crate::quote) state: State,
    pub(in crate::quote) flags: Vec<Flag>,
    pub(super) is_pinned: bool,
    pub(super) is_masked: bool,
    /// Whether the whole answer stands in for an excerpt that can't stand alone.
    pub(in crate::quote) is_widened: bool,
}

/// What has become of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::quote) enum State {
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
pub(in crate::quote) struct Cost {
    pub(in crate::quote) similarity: f64,
    /// The picked entry that it is most similar to.
    pub(in crate::quote) similar_to: usize,
    pub(in crate::quote) repetition: f64,
}

impl Cost {
    pub(in crate::quote) fn total(self) -> f64 {
        self.similarity + self.repetition
    }
}

impl Entry<'_> {
    /// What puts it behind all others, whatever they are worth: 0 for a clean candidate that no other field quotes. An
    /// answer quoted elsewhere comes before evidence that is supposed or taken back, an excerpt that needs its answer, and
    /// identifying details.
    pub(in crate::quote) fn lateness(&self) -> u8 {
        self.fault() + u8::from(self.elsewhere.is_some())
    }

    /// Lateness, without regard to other fields.
    pub(super) fn fault(&self) -> u8 {
        let is_doubtful = self.candidate.certainty != Certainty::Firm;
        2 * u8::from(is_doubtful) + 4 * u8::from(self.is_widened) + 8 * u8::from(!self.flags.is_empty())
    }

    fn is_spare(&self) -> bool {
        self.state == State::Open && self.lateness() == 0
    }
}

impl<'p> Field<'p> {
    /// The quotes of the field `key`, where others quote what `quoted` says.
    pub(super) fn served(
        pool: &'p Pool,
        key: FieldKey,
        (standing, idf): (&'p Standing<'p>, &'p [f64]),
        quoted: &'p Quoted,
        worker: &mut Worker<'_>,
    ) -> Served {
        let mut field = Field::new(pool, key, (standing, idf), quoted);
        field.pin(worker);
        field.pick(worker);
        let quotes: Vec<Quote> = (0..field.picked.len()).map(|nth| field.quote(nth)).collect();
        let answers = match &pool.options.ask {
            Some(id) => reason::answers(&field, id, &quotes),
            None => Vec::new(),
        };
        let has_spare = field.entries.iter().any(Entry::is_spare);
        Served { quotes, answers, withheld: field.withheld, has_spare }
    }

    fn new(
        pool: &'p Pool,
        key: FieldKey,
        (standing, idf): (&'p Standing<'p>, &'p [f64]),
        quoted: &'p Quoted,
    ) -> Self {
        let mut field = Field {
            pool,
            key,
            idf,
            quoted,
            added: pool.fields.get(&key).map_or(0, |field| field.added),
            kept: standing.groups.iter().map(|group| group.count).sum(),
            standing,
            entries: Vec::with_capacity(standing.groups.len()),
            picked: Vec::new(),
            threshold: f64::INFINITY,
            reasons: Vec::new(),
            withheld: 0,
        };
        for (at, (group, vector)) in standing.groups.iter().zip(&standing.vectors).enumerate() {
            let rank = standing.centrality.ranks[at];
            let candidate = Cow::Borrowed(&group.candidate);
            let (vector, leader) = (Cow::Borrowed(vector), standing.leaders[at]);
            field.entries.push(field.entry(candidate, vector, rank, leader, Some(group)));
        }
        field.withhold();
        field
    }

    /// Leaves out what has identifying details, unless there is nothing else: such a category is quoted masked.
    fn withhold(&mut self) {
        if self.pool.options.flagged != Flagged::LeaveOut {
            return;
        }
        let is_clean = |entry: &Entry| entry.state == State::Open && entry.flags.is_empty();
        let has_clean = self.entries.iter().any(is_clean);
        for entry in self.entries.iter_mut().filter(|entry| !entry.flags.is_empty()) {
            if has_clean && entry.state == State::Open {
                entry.state = State::Withheld;
                self.withheld += 1;
            }
            entry.is_masked = true;
        }
    }

    pub(super) fn entry(
        &self,
        candidate: Cow<'p, Candidate>,
        vector: Cow<'p, Vector>,
        centrality: f64,
        leader: usize,
        group: Option<&'p Group>,
    ) -> Entry<'p> {
        let options = &self.pool.options;
        let comment = &candidate.comment;
        let value = |name: &String| comment.attribute(name).map(str::trim).filter(|value| !value.is_empty());
        let mut flags = candidate.cut.flags.clone();
        if self.pool.rarity.is_rare(comment) {
            flags.push(Flag { kind: Kind::Attributes, span: None });
        }
        let score = Score::of(&candidate, centrality, group.map_or(1, |group| group.count));
        let is_banned = self.pool.tracker.is_banned(self.key.0, comment);
        Entry {
            values: options.spread.iter().map(|name| value(name).map(str::to_owned)).collect(),
            total: score.total(&options.weights),
            score,
            cost: Cost::default(),
            elsewhere: self.quoted.elsewhere(comment, self.key),
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

    /// The quote of that rank, from 0.
    fn quote(&self, nth: usize) -> Quote {
        let at = self.picked[nth];
        let entry = &self.entries[at];
        let comment = &entry.candidate.comment;
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
            subgroup: self.subgroup().map(str::to_owned),
            rank: nth + 1,
            comment: comment.clone(),
            excerpts: entry.candidate.cut.excerpts.clone(),
            reason: self.reasons[nth].clone(),
            flags: entry.flags.clone(),
            is_masked: entry.is_masked,
            is_pinned: entry.is_pinned,
            merged,
            similar: similar.saturating_sub(1),
            places,
            score: entry.total,
        }
    }

    pub(in crate::quote) fn category(&self) -> CategoryId {
        self.key.0
    }

    pub(in crate::quote) fn subgroup(&self) -> Option<&str> {
        self.pool.subgroups.get(self.key.1).map(String::as_str)
    }

    /// What to call another field that quotes an answer, for a reader of this one.
    pub(in crate::quote) fn name(&self, other: FieldKey) -> String {
        self.pool.name_beside(other, self.key)
    }
}
