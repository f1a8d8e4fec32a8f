//! How well examples guard the rules: every part of a category's conditions is left out, one at a time, and what none of
//! the category's examples would miss is reported.
//!
//! A mutant is not compiled: it is the category's program with the operations above the part made anew, so that
//! thousands are tried in the time of a compilation. Only the category itself is changed: what a mutant would do to
//! categories that refer to it is not looked at. A named part, which many categories share, is one part.

use std::collections::BTreeMap;

use crate::comment::{Comment, Status};
use crate::diagnostic::{Diagnostic, Kind, Site};
use crate::matcher::Worker;
use crate::matcher::program::{AtomSet, Op, OpId, Trace};
use crate::rule::source::{CategorySource, RuleFile};
use crate::rule::{CategoryId, Rulebook};
use crate::tokenize::Tokenizer;

/// How many parts of a category's conditions its examples guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// The category's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Parts that an example would miss.
    pub guarded: usize,
    /// All parts.
    pub parts: usize,
}

/// What mutation shows about a rulebook.
#[derive(Debug)]
pub struct Adequacy {
    /// A score for each category with conditions, in the order of the rulebook.
    pub scores: Vec<Score>,
    /// A note for each category with parts that no example would miss.
    pub diagnostics: Vec<Diagnostic>,
}

/// A part of a condition left out.
struct Mutant {
    site: Option<Site>,
    /// The part as written.
    text: String,
    is_left_out: bool,
    /// What is left of the condition; nothing if it was all there was.
    left: Option<OpId>,
}

/// The conditions of a category with one of them changed.
struct Candidate {
    site: Site,
    text: String,
    conditions: Vec<OpId>,
    exclusion: Option<OpId>,
    /// Whether the part is gone, and not only what was asked of it.
    is_left_out: bool,
    is_guarded: bool,
}

/// Leaves out every part of `rulebook`, which must be compiled from `files` and `tokenizer`.
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
            for candidate in plan.iter_mut().filter(|candidate| !candidate.is_guarded) {
                let gives = worker.decides(&candidate.conditions, candidate.exclusion, &comment);
                candidate.is_guarded = gives != is_wanted;
            }
        }
        if !plan.is_empty() {
            let name = &rulebook.category(category).name;
            let unguarded: Vec<&Candidate> = plan.iter().filter(|candidate| !candidate.is_guarded).collect();
            let score = Score {
                id: source.id.text.clone(),
                name: name.clone(),
                guarded: plan.len() - unguarded.len(),
                parts: plan.len(),
            };
            adequacy.diagnostics.extend(note(&score, &unguarded));
            adequacy.scores.push(score);
        }
    }
    adequacy
}

fn note(score: &Score, unguarded: &[&Candidate]) -> Option<Diagnostic> {
    let first = unguarded.first()?;
    let title = format!(
        "「{}」の {} か所のうち {} か所は、外してもどの例の結果も変わりません",
        score.name,
        score.parts,
        unguarded.len()
    );
    // Of what nothing would miss as a whole, the parts needn't be named.
    let is_inside = |part: &Candidate| {
        unguarded.iter().any(|whole| {
            let (inner, outer) = (&part.site.range, &whole.site.range);
            whole.is_left_out
                && part.site.file == whole.site.file
                && inner != outer
                && outer.start <= inner.start
                && inner.end <= outer.end
        })
    };
    let mut lines: BTreeMap<(&str, usize), Vec<&str>> = BTreeMap::new();
    for part in unguarded.iter().filter(|part| !is_inside(part)) {
        let line = (part.site.file.name.as_str(), part.site.line_column().0);
        lines.entry(line).or_default().push(&part.text);
    }
    let mut diagnostic =
        Diagnostic::new(Kind::UntestedParts, &first.site.file, first.site.range.clone(), title)
            .mend("その部分がないと外れる例を ok か ng に書いてください。要らない部分なら消せます");
    diagnostic
        .notes
        .extend(lines.iter().map(|((_, line), texts)| format!("{line} 行: {}", texts.join("、"))));
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

/// Every way to leave out one part of a category's own conditions.
fn candidates(rulebook: &mut Rulebook, category: CategoryId, source: &CategorySource) -> Vec<Candidate> {
    let units: Vec<Trace> = rulebook.units_of(category).into_iter().cloned().collect();
    let exclusions: Vec<Trace> =
        rulebook.exclusion_of(category).map_or(Vec::new(), |trace| trace.parts.clone());
    let mut builder = Builder { rulebook };
    let conditions: Vec<OpId> = units.iter().map(|unit| unit.op).collect();
    let exclusion_ops: Vec<OpId> = exclusions.iter().map(|part| part.op).collect();
    let exclusion = builder.any(&exclusion_ops);
    let mut candidates = Vec::new();
    let mut add = |mutant: Mutant, conditions: Vec<OpId>, exclusion: Option<OpId>| {
        let Some(site) = mutant.site else { return };
        let Mutant { text, is_left_out, .. } = mutant;
        candidates.push(Candidate { site, text, conditions, exclusion, is_left_out, is_guarded: false });
    };
    for (at, unit) in units.iter().enumerate() {
        for mutant in builder.mutants(unit) {
            let mut changed = conditions.clone();
            match mutant.left {
                Some(op) => changed[at] = op,
                None => {
                    changed.remove(at);
                }
            }
            add(mutant, changed, exclusion);
        }
    }
    // What stands at the head of the file is there for all its categories.
    let is_own = |part: &&(usize, &Trace)| {
        let own = |site: &Site| {
            source.not.iter().any(|not| {
                not.file == site.file
                    && not.range.start <= site.range.start
                    && site.range.end <= not.range.end
            })
        };
        part.1.site.as_ref().is_some_and(own)
    };
    let parts: Vec<(usize, &Trace)> = exclusions.iter().enumerate().collect();
    for (at, part) in parts.iter().filter(|part| is_own(part)) {
        for mutant in builder.mutants(part) {
            let mut changed = exclusion_ops.clone();
            match mutant.left {
                Some(op) => changed[*at] = op,
                None => {
                    changed.remove(*at);
                }
            }
            let exclusion = builder.any(&changed);
            add(mutant, conditions.clone(), exclusion);
        }
    }
    candidates
}

/// Makes operations beside those of the rulebook.
struct Builder<'r> {
    rulebook: &'r mut Rulebook,
}

impl Builder<'_> {
    fn op(&mut self, op: Op) -> OpId {
        let program = &mut self.rulebook.program;
        program.ops.push(op);
        program.needs.add_unknown();
        OpId::of_op(program.ops.len() - 1)
    }

    fn any(&mut self, operands: &[OpId]) -> Option<OpId> {
        match operands {
            [] => None,
            [only] => Some(*only),
            _ => {
                let (mut atoms, mut others) = (Vec::new(), Vec::new());
                for operand in operands {
                    match operand.atom() {
                        Ok(atom) => atoms.push(atom),
                        Err(_) => others.push(*operand),
                    }
                }
                Some(self.op(Op::Or(AtomSet::new(atoms), others.into())))
            }
        }
    }

    /// The whole left out, and every part of it.
    fn mutants(&mut self, trace: &Trace) -> Vec<Mutant> {
        let mut mutants = vec![mutant(trace, None)];
        mutants.extend(self.inner(trace));
        mutants
    }

    /// Every part of the condition left out.
    fn inner(&mut self, trace: &Trace) -> Vec<Mutant> {
        let parts = &trace.parts;
        let Some(op) = self.rulebook.program.operation(trace.op).cloned() else { return Vec::new() };
        let is_name = matches!(&parts[..], [part] if part.op == trace.op);
        if parts.is_empty() || is_name {
            return Vec::new();
        }
        let mut mutants = Vec::new();
        // 否定(x) without 否定, 回数(x) >= 2 without the number.
        if let [part] = &parts[..] {
            if !matches!(op, Op::Not(_)) {
                mutants.push(mutant(trace, Some(part.op)));
            }
            if matches!(op, Op::Or(..)) {
                // The denial of ある is made of more than is written.
                return mutants;
            }
        }
        let ops: Vec<OpId> = parts.iter().map(|part| part.op).collect();
        for (at, part) in parts.iter().enumerate() {
            let own = (parts.len() > 1).then(|| mutant(part, None));
            for inner in own.into_iter().chain(self.inner(part)) {
                let mut changed: Vec<Option<OpId>> = ops.iter().copied().map(Some).collect();
                changed[at] = inner.left;
                let left = self.rebuilt(&op, &changed);
                mutants.push(Mutant { left, ..inner });
            }
        }
        mutants
    }

    /// The operation with other operands, some of them left out.
    fn rebuilt(&mut self, op: &Op, operands: &[Option<OpId>]) -> Option<OpId> {
        let left: Vec<OpId> = operands.iter().flatten().copied().collect();
        let [first, ..] = left[..] else { return None };
        let made = match op {
            Op::Or(..) => return self.any(&left),
            Op::And(_) | Op::Adjacent(_) if left.len() == 1 => return Some(first),
            Op::And(_) => Op::And(left.into()),
            Op::Adjacent(_) => Op::Adjacent(left.into()),
            Op::Not(_) => Op::Not(first),
            Op::Polarity(_, polarity) => Op::Polarity(first, *polarity),
            Op::Pos(_, pos) => Op::Pos(first, pos.clone()),
            Op::Count(_, comparison, number) => Op::Count(first, *comparison, *number),
            Op::Near { ordered, scope, distance, .. } => {
                let (mut wanted, mut absent) = (Vec::new(), Vec::new());
                for operand in left {
                    match self.rulebook.program.operation(operand) {
                        Some(Op::Not(inner)) => absent.push(*inner),
                        _ => wanted.push(operand),
                    }
                }
                match &wanted[..] {
                    [] => return None,
                    [only] if absent.is_empty() => return Some(*only),
                    _ => Op::Near {
                        operands: wanted.into(),
                        absent: absent.into(),
                        ordered: *ordered,
                        scope: *scope,
                        distance: *distance,
                    },
                }
            }
            Op::Any(_) | Op::Length(..) | Op::Column(_) | Op::Category(_) | Op::Regex(_) => {
                return Some(first);
            }
        };
        Some(self.op(made))
    }
}

/// Longest part quoted, in characters.
const LONGEST: usize = 40;

fn mutant(trace: &Trace, left: Option<OpId>) -> Mutant {
    let line = trace.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    };
    // Without its outer part, something is left; without itself, nothing.
    let (text, is_left_out) = match left {
        Some(_) => (format!("{text} の外側"), false),
        None => (text, true),
    };
    Mutant { site: trace.site.clone(), text, is_left_out, left }
}
