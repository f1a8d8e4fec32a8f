//! How well examples guard the rules: every part of a category's conditions is left out or turned into its denial, one at a
//! time, and what none of the category's examples would miss is reported.
//!
//! A mutant is not compiled: it is the category's program with the operations above the part made anew (`mutants`), so
//! that thousands are tried in the time of a compilation. Only the category itself is changed: what a mutant would do to
//! categories that refer to it is not looked at. A named part, which many categories share, is one part.

mod mutants;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::comment::{Comment, Status};
use crate::diagnostic::{Diagnostic, Kind, Note, Site};
use crate::matcher::Worker;
use crate::matcher::program::{OpId, Trace};
use crate::rule::source::{CategorySource, RuleFile};
use crate::rule::{CategoryId, Rulebook};
use crate::tokenize::Tokenizer;
use mutants::{Change, Mutant, Mutator};

/// How many changes of a category's conditions its examples notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// The category's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Parts left out.
    pub left_out: Tried,
    /// Parts turned into their denial.
    pub denied: Tried,
}

/// Mutants of one sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tried {
    /// How many there are.
    pub all: usize,
    /// Those that an example notices.
    pub noticed: usize,
}

impl Tried {
    fn of<'c>(candidates: impl Iterator<Item = &'c Candidate>) -> Self {
        candidates.fold(Tried::default(), |sum, candidate| {
            sum + Tried { all: 1, noticed: usize::from(candidate.is_noticed) }
        })
    }
}

impl std::ops::Add for Tried {
    type Output = Tried;

    fn add(self, other: Tried) -> Tried {
        Tried { all: self.all + other.all, noticed: self.noticed + other.noticed }
    }
}

/// What mutation shows about a rulebook.
#[derive(Debug)]
pub struct Adequacy {
    /// A score for each category with conditions, in the order of the rulebook.
    pub scores: Vec<Score>,
    /// A note for each category with parts that no example would miss.
    pub diagnostics: Vec<Diagnostic>,
}

/// The conditions of a category with one of their parts changed.
struct Candidate {
    site: Site,
    change: Change,
    conditions: Vec<OpId>,
    exclusion: Option<OpId>,
    is_noticed: bool,
}

/// Tries every mutant of `rulebook`, which must be compiled from `files` and `tokenizer`.
pub fn mutate(mut rulebook: Rulebook, files: &[RuleFile], tokenizer: &Tokenizer) -> Adequacy {
    let sources: Vec<&CategorySource> = files.iter().flat_map(|file| &file.categories).collect();
    let mut plans: Vec<Vec<Candidate>> = Vec::new();
    for (category, source) in rulebook.category_ids().zip(&sources) {
        plans.push(candidates(&mut rulebook, category, source));
    }
    let mut worker = Worker::new(&rulebook, tokenizer);
    let mut adequacy = Adequacy { scores: Vec::new(), diagnostics: Vec::new() };
    for ((category, source), mut plan) in rulebook.category_ids().zip(&sources).zip(plans) {
        for (text, is_wanted) in examples(source, files) {
            let comment = Comment::from_text(&text);
            // What says nothing is not looked at, and what fails is reported elsewhere.
            if comment.status() != Status::Answered
                || worker.tag(&comment).get(category).is_some() != is_wanted
                || worker.analyser().tokens().is_empty()
            {
                continue;
            }
            for candidate in plan.iter_mut().filter(|candidate| !candidate.is_noticed) {
                let gives = worker.decides(&candidate.conditions, candidate.exclusion, &comment);
                candidate.is_noticed = gives != is_wanted;
            }
        }
        if !plan.is_empty() {
            let (denied, left_out): (Vec<&Candidate>, Vec<&Candidate>) =
                plan.iter().partition(|candidate| matches!(candidate.change, Change::Denied(..)));
            let score = Score {
                id: source.id.text.clone(),
                name: rulebook.category(category).name.clone(),
                left_out: Tried::of(left_out.into_iter()),
                denied: Tried::of(denied.into_iter()),
            };
            let unnoticed: Vec<&Candidate> = plan.iter().filter(|candidate| !candidate.is_noticed).collect();
            adequacy.diagnostics.extend(note(&score, &unnoticed));
            adequacy.scores.push(score);
        }
    }
    adequacy
}

fn note(score: &Score, unnoticed: &[&Candidate]) -> Option<Diagnostic> {
    // Of what nothing would miss as a whole, neither the parts need be named nor the denial.
    let is_said = |candidate: &Candidate| {
        unnoticed.iter().any(|whole| {
            let (inner, outer) = (&candidate.site.range, &whole.site.range);
            let is_within = outer.start <= inner.start && inner.end <= outer.end;
            matches!(whole.change, Change::LeftOut(_))
                && candidate.site.file == whole.site.file
                && is_within
                && (inner != outer || matches!(candidate.change, Change::Denied(..)))
        })
    };
    let first = unnoticed.first()?;
    let title = format!(
        "「{}」の条件を {} 通りに変えると、{} 通りではどの例の結果も変わりません",
        score.name,
        (score.left_out + score.denied).all,
        unnoticed.len()
    );
    let mut lines: BTreeMap<(&str, usize), Vec<String>> = BTreeMap::new();
    for candidate in unnoticed.iter().filter(|candidate| !is_said(candidate)) {
        let line = (candidate.site.file.name.as_str(), candidate.site.line_column().0);
        lines.entry(line).or_default().push(candidate.change.describe());
    }
    let mut diagnostic =
        Diagnostic::new(Kind::UntestedParts, &first.site.file, first.site.range.clone(), title)
            .mend("変えると外れる例を ok か ng に書いてください。要らない部分なら消せます");
    diagnostic
        .notes
        .extend(lines.into_iter().map(|((_, line), changes)| Note::list(format!("{line} 行: "), changes)));
    Some(diagnostic)
}

/// The texts that speak for or against a category.
fn examples(source: &CategorySource, files: &[RuleFile]) -> Vec<(String, bool)> {
    let id = &source.id.text;
    let ok = source.ok.iter().map(|example| (example.text.clone(), true));
    let ng = source.ng.iter().map(|example| (example.text.clone(), false));
    let cases = files.iter().flat_map(|file| &file.cases).filter_map(|case| {
        let is_expected = case.expect.iter().any(|expected| expected.text == *id);
        (is_expected || case.exact).then(|| (case.text.text.clone(), is_expected))
    });
    ok.chain(ng).chain(cases).collect()
}

/// Every mutant of a category's own conditions.
fn candidates(rulebook: &mut Rulebook, category: CategoryId, source: &CategorySource) -> Vec<Candidate> {
    let units: Vec<Trace> = rulebook.units_of(category).into_iter().cloned().collect();
    let exclusions: Vec<Trace> =
        rulebook.exclusion_of(category).map_or(Vec::new(), |trace| trace.parts.clone());
    let mut mutator = Mutator::new(rulebook);
    let conditions: Vec<OpId> = units.iter().map(|unit| unit.op).collect();
    let exclusion_ops: Vec<OpId> = exclusions.iter().map(|part| part.op).collect();
    let exclusion = mutator.any(&exclusion_ops);
    let mut candidates = Vec::new();
    let mut add = |mutant: Mutant, conditions: Vec<OpId>, exclusion: Option<OpId>| {
        let Mutant { site: Some(site), change, .. } = mutant else { return };
        candidates.push(Candidate { site, change, conditions, exclusion, is_noticed: false });
    };
    for (at, unit) in units.iter().enumerate() {
        for mutant in mutator.mutants(unit) {
            let changed = with(&conditions, at, mutant.left);
            add(mutant, changed, exclusion);
        }
    }
    // What stands at the head of the file is there for all its categories.
    let is_own = |part: &Trace| {
        let own = |site: &Site| {
            source.not.iter().any(|not| {
                not.file == site.file
                    && not.range.start <= site.range.start
                    && site.range.end <= not.range.end
            })
        };
        part.site.as_ref().is_some_and(own)
    };
    for (at, part) in exclusions.iter().enumerate().filter(|(_, part)| is_own(part)) {
        for mutant in mutator.mutants(part) {
            let changed = with(&exclusion_ops, at, mutant.left);
            let exclusion = mutator.any(&changed);
            add(mutant, conditions.clone(), exclusion);
        }
    }
    candidates
}

/// `all` with another one at `at`, or without it.
fn with(all: &[OpId], at: usize, changed: Option<OpId>) -> Vec<OpId> {
    let others = all.iter().enumerate();
    others.filter_map(|(other, op)| if other == at { changed } else { Some(*op) }).collect()
}
