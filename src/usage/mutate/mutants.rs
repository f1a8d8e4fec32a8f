//! The mutants of a condition: operations beside those of the rulebook, each with one part left out or denied.

use crate::diagnostic::Site;
use crate::matcher::polarity::Polarity;
use crate::matcher::program::{AtomSet, Op, OpId, Trace};
use crate::rule::Rulebook;

/// What was done to a part, with the part as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// It is gone.
    LeftOut(String),
    /// Only its operand is left: `否定(A)` became `A`.
    Bared(String, String),
    /// It is denied: `A` became `でない A`, `否定(A)` became `肯定(A)`.
    Denied(String, String),
}

impl Change {
    /// In a few words for a list: the part that is gone, or what became of it.
    pub(super) fn describe(&self) -> String {
        match self {
            Change::LeftOut(part) => cut(part, LONGEST),
            Change::Bared(part, left) | Change::Denied(part, left) => {
                format!("{} → {}", cut(part, LONGEST / 2), cut(left, LONGEST / 2))
            }
        }
    }
}

/// A condition with one part changed.
pub(super) struct Mutant {
    /// Where the part is written.
    pub(super) site: Option<Site>,
    pub(super) change: Change,
    /// What the condition became; nothing if the part was all there was.
    pub(super) left: Option<OpId>,
}

/// What stands around a part, which decides how it can be denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Something that asks only whether the part holds.
    Whether,
    /// Something that asks where: what is absent has no place, so that its denial would be the same as its lack.
    Where,
}

/// Makes operations beside those of the rulebook.
pub(super) struct Mutator<'r> {
    rulebook: &'r mut Rulebook,
}

impl<'r> Mutator<'r> {
    pub(super) fn new(rulebook: &'r mut Rulebook) -> Self {
        Mutator { rulebook }
    }

    /// Every mutant of a condition that is enough by itself.
    pub(super) fn mutants(&mut self, trace: &Trace) -> Vec<Mutant> {
        let mut mutants = vec![left_out(trace)];
        mutants.extend(self.denied(trace, Around::Whether));
        mutants.extend(self.inner(trace, Around::Whether));
        mutants
    }

    /// An operation that holds if one of `operands` does.
    pub(super) fn any(&mut self, operands: &[OpId]) -> Option<OpId> {
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

    fn op(&mut self, op: Op) -> OpId {
        let program = &mut self.rulebook.program;
        program.ops.push(op);
        program.needs.add_unknown();
        OpId::of_op(program.ops.len() - 1)
    }

    /// Every part of the condition changed.
    fn inner(&mut self, trace: &Trace, around: Around) -> Vec<Mutant> {
        let parts = &trace.parts;
        let Some(op) = self.rulebook.program.operation(trace.op).cloned() else { return Vec::new() };
        if parts.is_empty() || is_name(trace) {
            return Vec::new();
        }
        let mut mutants = Vec::new();
        // 否定(x) without 否定, 回数(x) >= 2 without the number.
        if let [part] = &parts[..] {
            if !matches!(op, Op::Not(_)) {
                let change = Change::Bared(trace.text.clone(), part.text.clone());
                mutants.push(Mutant { site: trace.site.clone(), change, left: Some(part.op) });
            }
            if matches!(op, Op::Or(..)) {
                // The denial of ある is made of more than is written.
                return mutants;
            }
        }
        let within = match op {
            Op::Or(..) | Op::And(_) | Op::Not(_) => around,
            _ => Around::Where,
        };
        // Neighbours say where, so that one part may be absent.
        let beside = match op {
            Op::And(_) | Op::Near { .. } => Around::Whether,
            _ => within,
        };
        let ops: Vec<OpId> = parts.iter().map(|part| part.op).collect();
        for (at, part) in parts.iter().enumerate() {
            let mut changed = Vec::new();
            if parts.len() > 1 {
                changed.push(left_out(part));
                changed.extend(self.denied(part, beside));
            }
            changed.extend(self.inner(part, within));
            for mutant in changed {
                let mut operands: Vec<Option<OpId>> = ops.iter().copied().map(Some).collect();
                operands[at] = mutant.left;
                let left = self.rebuilt(&op, &operands);
                // Nothing to look for and something that must not be there is no condition.
                if left.is_some() || !matches!(mutant.change, Change::Denied(..)) {
                    mutants.push(Mutant { left, ..mutant });
                }
            }
        }
        mutants
    }

    /// The part turned into its denial, where that means something.
    fn denied(&mut self, trace: &Trace, around: Around) -> Option<Mutant> {
        let text = &trace.text;
        let (left, became) = match self.rulebook.program.operation(trace.op).cloned() {
            Some(Op::Polarity(inner, polarity)) if !is_name(trace) => {
                let turned = match polarity {
                    Polarity::Affirmed => Polarity::Denied,
                    Polarity::Denied => Polarity::Affirmed,
                };
                (self.op(Op::Polarity(inner, turned)), turned_over(text))
            }
            // The denial of ある is made of more than is written.
            Some(Op::Or(..)) if trace.parts.len() == 1 && !is_name(trace) => {
                (self.op(Op::Polarity(trace.parts[0].op, Polarity::Affirmed)), turned_over(text))
            }
            _ if around == Around::Where => return None,
            Some(Op::Not(inner)) if !is_name(trace) => {
                (inner, trace.parts.first().map_or(text, |part| &part.text).clone())
            }
            Some(Op::Or(..) | Op::And(_)) if !is_name(trace) => {
                (self.op(Op::Not(trace.op)), format!("でない ({text})"))
            }
            _ => (self.op(Op::Not(trace.op)), format!("でない {text}")),
        };
        let change = Change::Denied(text.clone(), became);
        Some(Mutant { site: trace.site.clone(), change, left: Some(left) })
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

/// Whether the part is the name of another, `{…}` or a variant.
fn is_name(trace: &Trace) -> bool {
    matches!(&trace.parts[..], [part] if part.op == trace.op)
}

fn left_out(trace: &Trace) -> Mutant {
    Mutant { site: trace.site.clone(), change: Change::LeftOut(trace.text.clone()), left: None }
}

/// 否定(…) as 肯定(…), and the other way round.
fn turned_over(text: &str) -> String {
    let (denied, affirmed) = ("否定", "肯定");
    match (text.strip_prefix(denied), text.strip_prefix(affirmed)) {
        (Some(rest), _) => format!("{affirmed}{rest}"),
        (_, Some(rest)) => format!("{denied}{rest}"),
        _ => format!("でない {text}"),
    }
}

/// Longest part quoted, in characters.
const LONGEST: usize = 40;

/// A part on one line of at most `longest` characters.
fn cut(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
