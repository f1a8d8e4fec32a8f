//! The rules run over a corpus once: in how many answers every part of every condition holds, which answer comes closest
//! to it, and what gives each category.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::comment::Comment;
use crate::matcher::Worker;
use crate::matcher::program::{Op, OpId, Trace};
use crate::rule::{CategoryId, Rulebook};
use crate::tokenize::Tokenizer;

/// What was counted.
pub(super) struct Counts {
    parts: FxHashMap<OpId, usize>,
    nodes: Vec<Node>,
    comments: Vec<usize>,
    closest: Vec<Option<(usize, usize)>>,
    first: Vec<Option<usize>>,
    given: Vec<Vec<Vec<usize>>>,
}

/// The answer that comes closest to a condition.
pub(super) struct Closest {
    /// Its number among the answers.
    pub(super) comment: usize,
    /// Whether every part that must be there is.
    pub(super) is_whole: bool,
}

impl Counts {
    /// In how many answers the operation holds.
    pub(super) fn comments(&self, op: OpId) -> usize {
        self.parts.get(&op).map_or(0, |&at| self.comments[at])
    }

    /// The answer with the most of what the operation asks for, the first of them.
    pub(super) fn closest(&self, op: OpId) -> Option<Closest> {
        let &at = self.parts.get(&op)?;
        let (held, comment) = self.closest[at]?;
        Some(Closest { comment, is_whole: held > 0 && held == self.nodes[at].wanted.len() })
    }

    /// The first answer in which the operation holds.
    pub(super) fn first(&self, op: OpId) -> Option<usize> {
        self.first[*self.parts.get(&op)?]
    }

    /// For each answer that has the category: which of its [`Rulebook::units_of`] hold there, by number.
    pub(super) fn given(&self, category: CategoryId) -> &[Vec<usize>] {
        &self.given[category.index()]
    }
}

/// Whether the part is the name of another, `{…}`.
pub(super) fn is_name(trace: &Trace) -> bool {
    trace.text.starts_with('{') && matches!(&trace.parts[..], [part] if part.op == trace.op)
}

/// A part of a condition.
struct Node {
    op: OpId,
    /// What must be there for it to hold: numbers of other parts.
    wanted: Vec<usize>,
}

/// All parts of all conditions, each once.
#[derive(Default)]
struct Nodes {
    parts: FxHashMap<OpId, usize>,
    nodes: Vec<Node>,
}

impl Nodes {
    fn add(&mut self, trace: &Trace, rulebook: &Rulebook) -> usize {
        let inner: Vec<usize> = trace.parts.iter().map(|part| self.add(part, rulebook)).collect();
        if let Some(&at) = self.parts.get(&trace.op) {
            return at;
        }
        let operation = |op| rulebook.program.operation(op);
        let wanted = match operation(trace.op) {
            Some(
                Op::Near { .. }
                | Op::And(_)
                | Op::Adjacent(_)
                | Op::Polarity(..)
                | Op::Pos(..)
                | Op::Count(..),
            ) => {
                let parts = trace.parts.iter().zip(inner);
                let parts = parts.filter(|(part, _)| !matches!(operation(part.op), Some(Op::Not(_))));
                parts
                    .map(|(part, at)| match operation(part.op) {
                        // There, though not as asked for.
                        Some(Op::Polarity(..) | Op::Pos(..)) => {
                            self.nodes[at].wanted.first().copied().unwrap_or(at)
                        }
                        _ => at,
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        self.nodes.push(Node { op: trace.op, wanted });
        self.parts.insert(trace.op, self.nodes.len() - 1);
        self.nodes.len() - 1
    }
}

/// What one share of the answers came to.
struct Share {
    comments: Vec<usize>,
    closest: Vec<Option<(usize, usize)>>,
    first: Vec<Option<usize>>,
    given: Vec<Vec<Vec<usize>>>,
}

/// Answers per share.
const SHARE: usize = 256;

/// Counts over `answered`, on rayon's threads.
pub(super) fn count(rulebook: &Rulebook, answered: &[&Comment], tokenizer: &Tokenizer) -> Counts {
    let mut nodes = Nodes::default();
    let mut units: Vec<Vec<OpId>> = Vec::new();
    for category in rulebook.category_ids() {
        for (_, rule) in rulebook.rules_of(category) {
            nodes.add(rule, rulebook);
        }
        if let Some(not) = rulebook.exclusion_of(category) {
            nodes.add(not, rulebook);
        }
        units.push(rulebook.units_of(category).iter().map(|unit| unit.op).collect());
    }
    let Nodes { parts, nodes } = nodes;
    let empty = || Share {
        comments: vec![0; nodes.len()],
        closest: vec![None; nodes.len()],
        first: vec![None; nodes.len()],
        given: vec![Vec::new(); units.len()],
    };
    let counted = |(number, share): (usize, &[&Comment])| {
        let mut worker = Worker::new(rulebook, tokenizer);
        let mut counted = empty();
        let mut holds = vec![false; nodes.len()];
        for (at, comment) in share.iter().enumerate() {
            let at = number * SHARE + at;
            let tagging = worker.tag(comment);
            if worker.analyser().tokens().is_empty() {
                continue;
            }
            // Parts come before what is made of them.
            for (node, Node { op, wanted }) in nodes.iter().enumerate() {
                holds[node] = worker.holds(*op, comment);
                counted.comments[node] += usize::from(holds[node]);
                if holds[node] {
                    counted.first[node].get_or_insert(at);
                }
                let held = wanted.iter().filter(|&&part| holds[part]).count();
                if held > counted.closest[node].map_or(0, |(most, _)| most) {
                    counted.closest[node] = Some((held, at));
                }
            }
            for tag in &tagging.tags {
                let category = tag.category.index();
                let giving = units[category].iter().enumerate().filter(|(_, op)| holds[parts[*op]]);
                counted.given[category].push(giving.map(|(unit, _)| unit).collect());
            }
        }
        counted
    };
    let shares: Vec<Share> = answered.par_chunks(SHARE).enumerate().map(counted).collect();
    let mut all = empty();
    for share in shares {
        for (sum, count) in all.comments.iter_mut().zip(share.comments) {
            *sum += count;
        }
        for (best, found) in all.closest.iter_mut().zip(share.closest) {
            if found.map_or(0, |(held, _)| held) > best.map_or(0, |(held, _)| held) {
                *best = found;
            }
        }
        for (first, found) in all.first.iter_mut().zip(share.first) {
            *first = first.or(found);
        }
        for (sum, given) in all.given.iter_mut().zip(share.given) {
            sum.extend(given);
        }
    }
    Counts { parts, nodes, comments: all.comments, closest: all.closest, first: all.first, given: all.given }
}
