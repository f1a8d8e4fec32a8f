//! Conditions that a category could have: words, compounds, denied words, and two of these near each other.
//!
//! For each category there is a set of comments to draw from, and others to tell them from:
//!
//! | | the set | the others |
//! |---|---|---|
//! | with gold | comments that should have the category and don't | comments that shouldn't and don't |
//! | without | comments that have it | comments that don't |
//!
//! What occurs in the set is ranked by the log-likelihood ratio ([`crate::keyness`]); the best are compiled and run, so that
//! the figures shown are those of the matcher. Left out are conditions that would add nothing, with gold those that
//! would add as many wrong comments as right ones, those that add the same comments as a simpler one, and pairs that
//! tell no more than one of their words.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::accept::Change;
use super::features::{pairs, units};
use super::{Answers, Effect, Suggestion};
use crate::classify::Tagging;
use crate::comment::Status;
use crate::diagnostic::SourceFile;
use crate::keyness::{Occurrence, log_likelihood};
use crate::matcher::Worker;
use crate::rule::{CategoryId, RuleFiles, Rulebook, compile_read};
use crate::tokenize::Tokenizer;

/// Conditions per category that are run; more than anyone reads, and the ranking before is close to the one after.
const SHORTLIST: usize = 60;

/// Comments of the set that a condition must occur in, where the set has as many: what occurs once is no pattern.
const SUPPORT: u64 = 2;

/// What an answered comment has.
struct Read {
    tagging: Tagging,
    /// Its units, each once.
    units: Vec<u32>,
    pairs: Vec<(u32, u32)>,
}

/// A condition that may be suggested for a category.
struct Candidate {
    category: CategoryId,
    condition: String,
    /// The conditions it is made of, if it is a pair.
    parts: Option<(String, String)>,
    /// Comments it is found in, in its set, and elsewhere.
    found: Vec<usize>,
    occurrence: Occurrence,
    gains: Vec<Effect>,
    log_likelihood: f64,
}

/// Suggests conditions for the categories `wanted` of the rulebook compiled from `sources`, the most telling first.
pub fn suggest(
    answers: Answers<'_>,
    wanted: &[CategoryId],
    sources: &[Arc<SourceFile>],
    rulebook: &Rulebook,
    tokenizer: &Tokenizer,
) -> Vec<Suggestion> {
    let (names, read) = read(answers, rulebook, tokenizer);
    let mut candidates: Vec<Candidate> =
        wanted.par_iter().flat_map_iter(|&category| shortlist(category, answers, &names, &read)).collect();
    run(&mut candidates, answers, sources, &read, tokenizer);
    let mut kept: Vec<Suggestion> = Vec::new();
    for category in wanted {
        let own = candidates.iter().filter(|candidate| candidate.category == *category);
        kept.extend(choose(own.collect(), rulebook));
    }
    // Stable: equally telling conditions stay in the order of the categories, and there of their characters.
    kept.sort_by(|a, b| {
        let value = |suggestion: &Suggestion| suggestion.log_likelihood.unwrap_or(0.0);
        value(b).total_cmp(&value(a))
    });
    kept
}

/// What each comment has; `None` for one that says nothing.
fn read(
    answers: Answers<'_>,
    rulebook: &Rulebook,
    tokenizer: &Tokenizer,
) -> (Vec<String>, Vec<Option<Read>>) {
    let found: Vec<_> = answers
        .comments
        .par_iter()
        .map_init(
            || Worker::new(rulebook, tokenizer),
            |worker, comment| {
                let tagging = worker.tag(comment);
                if comment.status() != Status::Answered {
                    return None;
                }
                let units = units(worker.analyser());
                let pairs: Vec<(String, String)> =
                    pairs(&units).into_keys().map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
                let units: BTreeSet<String> = units.into_iter().map(|unit| unit.condition).collect();
                Some((tagging, units, pairs))
            },
        )
        .collect();
    let (mut names, mut numbers): (Vec<String>, FxHashMap<String, u32>) = Default::default();
    let read = found.into_iter().map(|found| {
        let (tagging, units, pairs) = found?;
        let units = units
            .into_iter()
            .map(|unit| {
                let next = u32::try_from(names.len()).expect("words are fewer than bytes");
                *numbers.entry(unit).or_insert_with_key(|unit| {
                    names.push(unit.clone());
                    next
                })
            })
            .collect();
        let pairs = pairs.iter().map(|(a, b)| (numbers[a], numbers[b])).collect();
        Some(Read { tagging, units, pairs })
    });
    let read = read.collect();
    (names, read)
}

/// Whether a comment belongs to the set that conditions for `category` are drawn from, to the others, or to neither.
fn side(category: CategoryId, comment: usize, read: &Read, answers: Answers<'_>) -> Option<bool> {
    let has = read.tagging.get(category).is_some();
    match answers.gold {
        Some(_) if has => None,
        Some(gold) => Some(gold[comment].contains(category)),
        None => Some(has),
    }
}

/// The conditions for `category` that are worth running.
fn shortlist(
    category: CategoryId,
    answers: Answers<'_>,
    names: &[String],
    read: &[Option<Read>],
) -> Vec<Candidate> {
    let sides = read.iter().enumerate().filter_map(|(at, read)| {
        let read = read.as_ref()?;
        Some((side(category, at, read, answers)?, read))
    });
    let (inside, outside): (Vec<_>, Vec<_>) = sides.partition(|(is_inside, _)| *is_inside);
    let (set, others) = (inside.len() as u64, outside.len() as u64);
    let support = SUPPORT.min(set);
    if set == 0 {
        return Vec::new();
    }
    let mut units: FxHashMap<u32, Occurrence> = FxHashMap::default();
    let mut pairs: FxHashMap<(u32, u32), Occurrence> = FxHashMap::default();
    for (_, read) in &inside {
        read.units.iter().for_each(|&unit| units.entry(unit).or_default().inside += 1);
        read.pairs.iter().for_each(|&pair| pairs.entry(pair).or_default().inside += 1);
    }
    units.retain(|_, occurrence| occurrence.inside >= support);
    pairs.retain(|_, occurrence| occurrence.inside >= support);
    for (_, read) in &outside {
        for unit in &read.units {
            if let Some(occurrence) = units.get_mut(unit) {
                occurrence.outside += 1;
            }
        }
        for pair in &read.pairs {
            if let Some(occurrence) = pairs.get_mut(pair) {
                occurrence.outside += 1;
            }
        }
    }
    let name = |unit: u32| names[unit as usize].as_str();
    let single = units.into_iter().map(|(unit, occurrence)| (name(unit).to_owned(), None, occurrence));
    let double = pairs.into_iter().map(|((a, b), occurrence)| {
        let (a, b) = (name(a), name(b));
        (format!("near({a}, {b})"), Some((a.to_owned(), b.to_owned())), occurrence)
    });
    // Words and pairs each have their share: a pair is hardly ever more frequent than its words.
    [best(single, set, others), best(double, set, others)]
        .into_iter()
        .flatten()
        .map(|(condition, parts)| Candidate {
            category,
            condition,
            parts,
            found: Vec::new(),
            occurrence: Occurrence::default(),
            gains: Vec::new(),
            log_likelihood: 0.0,
        })
        .collect()
}

type Parts = Option<(String, String)>;

/// The most telling conditions, by their characters where they are equally so.
fn best(
    found: impl Iterator<Item = (String, Parts, Occurrence)>,
    set: u64,
    others: u64,
) -> Vec<(String, Parts)> {
    let mut ranked: Vec<(f64, String, Parts)> = found
        .map(|(condition, parts, occurrence)| (log_likelihood(occurrence, set, others), condition, parts))
        .filter(|(value, ..)| *value > 0.0)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    ranked.truncate(SHORTLIST);
    ranked.into_iter().map(|(_, condition, parts)| (condition, parts)).collect()
}

/// Runs the candidates over all comments and fills in what they find.
fn run(
    candidates: &mut [Candidate],
    answers: Answers<'_>,
    sources: &[Arc<SourceFile>],
    read: &[Option<Read>],
    tokenizer: &Tokenizer,
) {
    let conditions: BTreeSet<&str> = candidates.iter().map(|candidate| &*candidate.condition).collect();
    let queries: Vec<Arc<SourceFile>> = conditions
        .iter()
        .map(|condition| Arc::new(SourceFile { name: "条件".to_owned(), text: (*condition).to_owned() }))
        .collect();
    // The rules were sound, and the conditions are of our own making.
    let Some(rulebook) = compile_read(RuleFiles::read(sources), &queries, tokenizer).rulebook else { return };
    let ops: FxHashMap<&str, _> =
        conditions.iter().copied().zip(rulebook.queries().iter().map(|trace| trace.op)).collect();
    let wanted: Vec<_> =
        candidates.iter().map(|candidate| (candidate.category, ops[&*candidate.condition])).collect();
    let found: Vec<Vec<usize>> = answers
        .comments
        .par_iter()
        .map_init(
            || Worker::new(&rulebook, tokenizer),
            |worker, comment| {
                worker.tag(comment);
                if comment.status() != Status::Answered {
                    return Vec::new();
                }
                let gives = |&(_, &(category, op)): &(usize, &(CategoryId, _))| {
                    worker.would_give(op, category, comment)
                };
                wanted.iter().enumerate().filter(gives).map(|(at, _)| at).collect()
            },
        )
        .collect();
    for (comment, found) in found.iter().enumerate() {
        let Some(read) = &read[comment] else { continue };
        for &at in found {
            let candidate = &mut candidates[at];
            candidate.found.push(comment);
            match side(candidate.category, comment, read, answers) {
                Some(true) => candidate.occurrence.inside += 1,
                Some(false) => candidate.occurrence.outside += 1,
                None => {}
            }
            if read.tagging.get(candidate.category).is_none() {
                let is_right = answers.gold.map(|gold| gold[comment].contains(candidate.category));
                candidate.gains.push(Effect { comment, category: candidate.category, is_right });
            }
        }
    }
    let mut sizes: FxHashMap<CategoryId, (u64, u64)> = FxHashMap::default();
    for candidate in candidates {
        let (set, others) = *sizes.entry(candidate.category).or_insert_with(|| {
            let sides = read
                .iter()
                .enumerate()
                .filter_map(|(at, read)| side(candidate.category, at, read.as_ref()?, answers));
            sides.fold(
                (0, 0),
                |(set, others), is_inside| {
                    if is_inside { (set + 1, others) } else { (set, others + 1) }
                },
            )
        });
        candidate.log_likelihood = log_likelihood(candidate.occurrence, set, others);
    }
}

/// Of the candidates for one category those that say something of their own.
fn choose(mut candidates: Vec<&Candidate>, rulebook: &Rulebook) -> Vec<Suggestion> {
    candidates.retain(|candidate| {
        let is_useful = match super::judged(&candidate.gains) {
            Some((right, wrong)) => right > wrong,
            None => !candidate.gains.is_empty(),
        };
        is_useful && candidate.log_likelihood > 0.0
    });
    let value: FxHashMap<&str, f64> =
        candidates.iter().map(|candidate| (&*candidate.condition, candidate.log_likelihood)).collect();
    candidates.retain(|candidate| {
        let tells_more =
            |part: &str| value.get(part).is_none_or(|&part| candidate.log_likelihood > part + 1e-9);
        candidate.parts.as_ref().is_none_or(|(a, b)| tells_more(a) && tells_more(b))
    });
    // The simplest first: words before pairs, short before long. But what is always denied here is safer asked for as
    // denied.
    candidates.sort_by_key(|candidate| {
        let is_denied = candidate.condition.starts_with("否定(");
        (candidate.parts.is_some(), !is_denied, candidate.condition.chars().count(), &candidate.condition)
    });
    let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
    candidates.retain(|candidate| seen.insert(candidate.gains.iter().map(|effect| effect.comment).collect()));
    candidates
        .into_iter()
        .map(|candidate| Suggestion {
            change: Change::Any {
                category: rulebook.category(candidate.category).id.clone(),
                condition: candidate.condition.clone(),
            },
            category: Some(candidate.category),
            log_likelihood: Some(candidate.log_likelihood),
            reason: "",
            found: candidate.found.len() as u64,
            gains: candidate.gains.clone(),
            losses: Vec::new(),
        })
        .collect()
}
