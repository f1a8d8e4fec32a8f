//! Chooses the quotes of all categories together.
//!
//! Each category (and subgroup) is a [`Field`], in which quotes are picked one after the other. An answer is not quoted
//! in two fields while one of them has another to quote. So those with the fewest candidates are served first, and each
//! passes over what others quote until it has nothing else (`pick`). A field that had to repeat an answer may still be
//! helped: the other one that quotes it is served anew, and keeps what it picks if it repeats less.

mod field;
mod pick;
mod standing;

pub(super) use field::{Entry, Field, State};

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::comment::Comment;
use crate::matcher::Worker;
use crate::quote::candidate::{Candidate, is_same_answer};
use crate::quote::pool::{FieldKey, Pool};
use crate::quote::reading::Certainty;
use crate::quote::select::standing::Standing;
use crate::quote::{Answer, By, Chosen, Quote};

/// Rounds in which fields are served anew, at most: each shortens a chain of fields that wait for one another by one.
const ROUNDS: usize = 8;

impl Pool {
    /// The quotes of all categories, in the order of the rulebook, then of subgroups, then by rank. A category without
    /// candidates has none. `worker` must be for the rulebook and the tokenizer of the run: excerpts are tagged again.
    pub fn select(&self, worker: &mut Worker<'_>) -> Chosen {
        let keys = self.keys();
        let idf = self.inverse_frequencies();
        let standings = Standing::of_all(self, &keys, &idf);
        let mut quoted = Quoted::default();
        let mut served: BTreeMap<FieldKey, Served> = BTreeMap::new();
        for &key in &self.scarcest_first(&keys) {
            let field = Field::served(self, key, (&standings[&key], &idf), &quoted, worker);
            quoted.add(key, &field.quotes);
            served.insert(key, field);
        }
        for _ in 0..ROUNDS {
            if !self.relieve(&keys, (&standings, &idf), &mut quoted, &mut served, worker) {
                break;
            }
        }
        if self.options.ask.is_some() {
            // Where an answer was passed over for another field's sake, that field may have changed.
            for (&key, field) in &mut served {
                let again = Field::served(self, key, (&standings[&key], &idf), &quoted, worker);
                if again.is_same(field) {
                    field.answers = again.answers;
                }
            }
        }
        let mut chosen = Chosen { stale: self.tracker.stale(), ..Chosen::default() };
        for key in keys {
            let Some(mut field) = served.remove(&key) else { continue };
            for quote in &mut field.quotes {
                if let Some(other) = quoted.elsewhere(&quote.comment, key) {
                    // True when it was picked; the other had to take it, too.
                    let reason = quote.reason.strip_suffix(&format!("、{}", pick::ELSEWHERE_NOT));
                    quote.reason = reason.unwrap_or(&quote.reason).to_owned();
                    quote.reason.push_str(&format!("、{}でも引用", self.name_beside(other, key)));
                }
            }
            chosen.quotes.append(&mut field.quotes);
            chosen.answers.append(&mut field.answers);
            chosen.withheld += field.withheld;
        }
        chosen
    }

    /// The fields, in the order of the result.
    fn keys(&self) -> Vec<FieldKey> {
        let mut keys: Vec<FieldKey> = self.fields.keys().copied().collect();
        if self.options.by.is_none() {
            // Categories that have pins, though no comment has them.
            keys.extend(self.tracker.pinned_categories().map(|category| (category, 0)));
        }
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
        keys
    }

    /// The fields by the number of their clean candidates; pins precede everything.
    fn scarcest_first(&self, keys: &[FieldKey]) -> Vec<FieldKey> {
        let is_clean =
            |candidate: &Candidate| candidate.certainty == Certainty::Firm && candidate.cut.flags.is_empty();
        let clean = |key: &FieldKey| {
            let groups = self.fields.get(key).map(|field| field.in_input_order()).unwrap_or_default();
            groups.iter().filter(|group| is_clean(&group.candidate)).count()
        };
        let has_pins = |key: &FieldKey| self.tracker.pins(key.0).next().is_some();
        let mut order = keys.to_vec();
        order.sort_by_cached_key(|key| (!has_pins(key), clean(key), *key));
        order
    }

    /// Serves fields anew that repeat an answer and have others left, now that all are served. Whether any repeats less.
    fn relieve(
        &self,
        keys: &[FieldKey],
        (standings, idf): (&BTreeMap<FieldKey, Standing<'_>>, &[f64]),
        quoted: &mut Quoted,
        served: &mut BTreeMap<FieldKey, Served>,
        worker: &mut Worker<'_>,
    ) -> bool {
        let mut is_better = false;
        for &key in keys {
            let Some(before) = served.get(&key).filter(|field| field.has_spare) else { continue };
            let repeated = quoted.repeated(key, &before.quotes);
            if repeated == 0 {
                continue;
            }
            let after = Field::served(self, key, (&standings[&key], idf), quoted, worker);
            if after.quotes.len() >= before.quotes.len() && quoted.repeated(key, &after.quotes) < repeated {
                quoted.remove(key, &before.quotes);
                quoted.add(key, &after.quotes);
                served.insert(key, after);
                is_better = true;
            }
        }
        is_better
    }

    /// What to call a field for a reader of another one.
    fn name_beside(&self, other: FieldKey, reader: FieldKey) -> String {
        let subgroup = self.subgroups.get(other.1);
        match subgroup {
            Some(subgroup) if other.0 == reader.0 => format!("「{subgroup}」"),
            _ => format!("「{}」", self.names[other.0.index()]),
        }
    }
}

/// A field after its quotes have been picked.
struct Served {
    quotes: Vec<Quote>,
    answers: Vec<Answer>,
    withheld: usize,
    /// Whether it has candidates left that it could have quoted as well and no other field quotes.
    has_spare: bool,
}

impl Served {
    /// Whether both quote the same.
    fn is_same(&self, other: &Self) -> bool {
        let is_same = |(one, other): (&Quote, &Quote)| is_same_answer(&one.comment, &other.comment);
        self.quotes.len() == other.quotes.len() && self.quotes.iter().zip(&other.quotes).all(is_same)
    }
}

/// The answers quoted so far, by row and column of the text, with the fields that quote them. Rows of several inputs may
/// share a number.
#[derive(Debug, Default)]
struct Quoted {
    answers: FxHashMap<(u64, usize), Vec<(Comment, FieldKey)>>,
}

impl Quoted {
    fn add(&mut self, key: FieldKey, quotes: &[Quote]) {
        for Quote { comment, .. } in quotes {
            self.answers.entry(place(comment)).or_default().push((comment.clone(), key));
        }
    }

    fn remove(&mut self, key: FieldKey, quotes: &[Quote]) {
        for Quote { comment, .. } in quotes {
            if let Some(known) = self.answers.get_mut(&place(comment)) {
                known.retain(|(other, by)| *by != key || !is_same_answer(other, comment));
            }
        }
    }

    /// The first field other than `key` that quotes the answer of `source`.
    fn elsewhere(&self, comment: &Comment, key: FieldKey) -> Option<FieldKey> {
        let known = self.answers.get(&place(comment))?;
        let others = known.iter().filter(|(other, by)| *by != key && is_same_answer(other, comment));
        others.map(|&(_, by)| by).min()
    }

    /// How many of `quotes`, the field `key`'s, are of answers that others quote.
    fn repeated(&self, key: FieldKey, quotes: &[Quote]) -> usize {
        quotes.iter().filter(|quote| self.elsewhere(&quote.comment, key).is_some()).count()
    }
}

fn place(comment: &Comment) -> (u64, usize) {
    (comment.row().number, comment.text_column())
}

#[cfg(test)]
mod tests;
