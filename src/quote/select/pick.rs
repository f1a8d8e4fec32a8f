//! Picks the quotes of one field, one after the other.
//!
//! Picking is greedy by maximal marginal relevance (Carbonell and Goldstein, The use of MMR, SIGIR 1998): next comes the
//! candidate with the highest
//!
//! ```text
//! λ · score − (1 − λ) · greatest cosine to a quote already picked − costs
//! ```
//!
//! where score is the weighted mean of [`crate::quote::score`], and repeating a place or kind of facility costs a little.
//! What other fields quote, and candidates of last resort, come after all others ([`Entry::lateness`]). Near-identical
//! excerpts are one quote, a respondent speaks once per category, and an excerpt that loses its category when it stands
//! alone is replaced by the whole answer. What an editor pinned comes first. Of equal candidates the one with more
//! evidence, then the earlier one, is picked.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};

use crate::matcher::Worker;
use crate::quote::candidate::{Candidate, is_same_answer, is_same_respondent};
use crate::quote::centrality::Vector;
use crate::quote::select::{Entry, Field, State};
use crate::quote::{Flagged, reason};

/// Cosine from which two excerpts say the same, though not in the same words.
const ALIKE: f64 = 0.85;

/// Why a candidate was preferred to one that another field quotes.
pub(super) const ELSEWHERE_NOT: &str = "ほかのカテゴリで引用していない回答";

impl<'p> Field<'p> {
    /// Takes the answers that the selection pins.
    pub(super) fn pin(&mut self, worker: &mut Worker<'_>) {
        let pool = self.pool;
        for pin in pool.tracker.pins(self.key.0) {
            let candidate = Candidate::pinned(&pin.comment, self.key.0, &pin.parts, worker);
            if candidate.cut.excerpts.is_empty() || !pool.belongs(&candidate, self.key.1) {
                continue;
            }
            let known = self
                .entries
                .iter()
                .position(|entry| is_same_answer(&entry.candidate.comment, &candidate.comment));
            let mut entry = match known {
                Some(at) => self.replacement(at, candidate),
                None => {
                    let vector = Vector::new(&pool.words.known(&candidate.bag), self.idf);
                    self.entry(Cow::Owned(candidate), Cow::Owned(vector), 0.0, self.entries.len(), None)
                }
            };
            entry.is_pinned = true;
            let at = known.unwrap_or(self.entries.len());
            match known {
                Some(at) => self.entries[at] = entry,
                None => self.entries.push(entry),
            }
            self.reasons.push(reason::pinned(self, at));
            self.take(at);
        }
    }

    pub(super) fn pick(&mut self, worker: &mut Worker<'_>) {
        let lambda = self.pool.options.weights.lambda;
        while self.picked.len() < self.pool.options.per_category {
            let worth = |entry: &Entry| lambda * entry.total - entry.cost.total();
            let Some(at) = self.best(|entry| (entry.lateness(), worth(entry))) else { break };
            if !self.entries[at].is_widened && !self.entries[at].candidate.stands_alone(worker) {
                self.widen(at, worker);
                continue;
            }
            self.threshold = self.threshold.min(worth(&self.entries[at]));
            let preferred = self.best(|entry| (entry.fault(), entry.total));
            let note = preferred.and_then(|best| self.entries[best].note(&self.entries[at]));
            self.reasons.push(reason::picked(self, at, note));
            self.take(at);
        }
    }

    /// The open entry that comes first: of the least lateness the highest worth, to nine digits, for sums of the same
    /// numbers in another order are equal.
    fn best(&self, place: impl Fn(&Entry) -> (u8, f64)) -> Option<usize> {
        let order = |&a: &usize, &b: &usize| -> Ordering {
            let (one, other) = (&self.entries[a], &self.entries[b]);
            let ((late_a, worth_a), (late_b, worth_b)) = (place(one), place(other));
            let by_evidence = one.candidate.evidence.cmp(&other.candidate.evidence);
            let by_worth = rounded(worth_a).total_cmp(&rounded(worth_b));
            Reverse(late_a).cmp(&Reverse(late_b)).then(by_worth).then(by_evidence).then(b.cmp(&a))
        };
        (0..self.entries.len()).filter(|&at| self.entries[at].state == State::Open).max_by(order)
    }

    /// Quotes the whole answer in place of an excerpt that loses its category, after all that don't.
    fn widen(&mut self, at: usize, worker: &mut Worker<'_>) {
        let candidate = self.entries[at].candidate.widened(worker);
        let mut entry = self.replacement(at, candidate);
        entry.state = self.entries[at].state;
        entry.cost = self.entries[at].cost;
        entry.is_widened = true;
        if self.pool.options.flagged == Flagged::LeaveOut && !entry.flags.is_empty() {
            entry.is_masked = true;
        }
        self.entries[at] = entry;
    }

    /// The entry at `at` with another excerpt of its answer.
    fn replacement(&self, at: usize, candidate: Candidate) -> Entry<'p> {
        let Entry { group, leader, score, .. } = &self.entries[at];
        let vector = Vector::new(&self.pool.words.known(&candidate.bag), self.idf);
        self.entry(Cow::Owned(candidate), Cow::Owned(vector), score.centrality, *leader, *group)
    }

    /// Picks the entry at `at`, closes those that may not follow it, and charges the others for what they repeat.
    fn take(&mut self, at: usize) {
        let weights = self.pool.options.weights;
        let quota = self.pool.options.per_category.div_ceil(2);
        self.entries[at].state = State::Picked;
        self.picked.push(at);
        let vector = self.entries[at].vector.clone();
        let values = self.entries[at].values.clone();
        let has_quota: Vec<bool> = (0..values.len())
            .map(|nth| {
                self.picked.iter().filter(|&&at| self.entries[at].values[nth] == values[nth]).count() == quota
            })
            .collect();
        let (leader, comment) = (self.entries[at].leader, self.entries[at].candidate.comment.clone());
        for entry in
            self.entries.iter_mut().filter(|entry| matches!(entry.state, State::Open | State::Withheld))
        {
            let cosine = entry.vector.cosine(&vector);
            if entry.leader == leader {
                entry.state = State::Merged(at);
            } else if entry.state == State::Withheld {
                continue;
            } else if is_same_respondent(&entry.candidate.comment, &comment) {
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
    }
}

fn rounded(worth: f64) -> f64 {
    (worth * 1e9).round()
}

impl Entry<'_> {
    /// Why `picked` was preferred to this candidate, which scores higher: by what it saves most.
    fn note(&self, picked: &Entry<'_>) -> Option<&'static str> {
        if self.elsewhere.is_some() && picked.elsewhere.is_none() {
            return Some(ELSEWHERE_NOT);
        }
        let savings = [
            (self.cost.similarity - picked.cost.similarity, "ほかの引用と違う内容"),
            (self.cost.repetition - picked.cost.repetition, "属性の偏りを避けて選択"),
        ];
        let (saving, note) = savings.into_iter().max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (saving > 0.0).then_some(note)
    }
}
