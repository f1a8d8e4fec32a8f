//! Evaluates a program's operations over the hits in one text.
//!
//! Every operation is evaluated at most once per text; its hits lie in one shared arena, ordered by position. Nothing
//! backtracks: `near` and `seq` are one sweep over their operands' hits each, so the work is linear in the number of
//! hits (times the number of operands).

mod near;

use std::ops::Range;

use super::hit::{Hit, order};
use super::needs::Needs;
use super::polarity::{Polarity, polarity};
use super::program::{AtomId, Column, Op, OpId, Program};
use crate::comment::Comment;
use crate::normalise::normalise;
use crate::rule::CategoryId;
use crate::sentence::Scopes;
use crate::span::Span;
use crate::token::Tokens;
use near::{Reach, Sweep};

/// What is known about the text.
#[derive(Clone, Copy)]
pub(crate) struct Input<'t> {
    pub tokens: Tokens<'t>,
    pub scopes: &'t Scopes,
    pub comment: &'t Comment,
}

/// The value of an operation.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Value {
    pub holds: bool,
    start: u32,
    end: u32,
}

impl Value {
    fn has_hits(self) -> bool {
        self.start < self.end
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Values and hits of the text at hand; kept between texts for its allocations.
#[derive(Debug, Default)]
pub(crate) struct Evaluation {
    /// The value of each operation, valid if its stamp is the current one.
    values: Vec<(u32, Value)>,
    stamp: u32,
    /// All hits: those of the atoms first, then those of each operation evaluated.
    hits: Vec<Hit>,
    /// Each atom's hits, and the atoms that have any.
    atoms: Vec<Value>,
    touched: Vec<AtomId>,
    /// The same as a bit set.
    is_touched: Vec<u64>,
    /// Room for finding the rules that they open.
    met: Vec<u64>,
    /// The hits of each category decided so far.
    categories: Vec<(u32, Value)>,
    /// Values of the operands of the operations under way; those of the innermost are last.
    operands: Vec<Value>,
    sweep: Sweep,
}

/// What [`Evaluation::unsilence`] restores.
pub(crate) struct Silence {
    stamp: u32,
    categories: Vec<(u32, Value)>,
    hits: usize,
    /// Each silenced atom with its value and its word of the bit set.
    atoms: Vec<(AtomId, Value, u64)>,
}

impl Evaluation {
    /// Forgets the last text and takes in the atoms found in a new one, in any order.
    pub(crate) fn begin(&mut self, program: &Program, found: &[(AtomId, Hit)]) {
        // Far below the end: between two texts the stamp rises with every silence.
        if self.stamp > u32::MAX / 2 {
            self.values.clear();
            self.categories.clear();
            self.stamp = 0;
        }
        self.stamp += 1;
        self.values.resize(program.ops.len(), (0, Value::default()));
        self.categories.resize(program.rules_of.len(), (0, Value::default()));
        for atom in self.touched.drain(..) {
            self.atoms[atom.index()] = Value::default();
        }
        self.atoms.resize(program.atom_count, Value::default());
        self.is_touched.clear();
        self.is_touched.resize(program.atom_count.div_ceil(64), 0);
        self.group(found);
    }

    /// Lays the hits of each atom side by side: counts them, makes room, puts them there.
    fn group(&mut self, found: &[(AtomId, Hit)]) {
        for (atom, _) in found {
            let value = &mut self.atoms[atom.index()];
            if value.end == 0 {
                self.touched.push(*atom);
                self.is_touched[atom.index() / 64] |= 1 << (atom.index() % 64);
            }
            value.end += 1;
        }
        let mut start = 0;
        for atom in &self.touched {
            let value = &mut self.atoms[atom.index()];
            let count = value.end;
            *value = Value { holds: true, start, end: start };
            start += count;
        }
        self.hits.clear();
        // Only the room is wanted.
        self.hits.extend(found.iter().map(|(_, hit)| *hit));
        for (atom, hit) in found {
            let value = &mut self.atoms[atom.index()];
            self.hits[value.end as usize] = *hit;
            value.end += 1;
        }
        for atom in &self.touched {
            let value = &mut self.atoms[atom.index()];
            let hits = &mut self.hits[value.range()];
            value.end = value.start + narrow(order(hits));
        }
    }

    /// Makes the operations `silenced` find nothing until [`Evaluation::unsilence`] is given the result. Categories stay
    /// as decided.
    pub(crate) fn silence(&mut self, silenced: &[OpId]) -> Silence {
        let mut silence = Silence {
            stamp: self.stamp,
            categories: self.categories.clone(),
            hits: self.hits.len(),
            atoms: Vec::new(),
        };
        self.restart(silence.stamp);
        for op in silenced {
            match op.atom() {
                Ok(atom) => {
                    let at = atom.index();
                    silence.atoms.push((atom, self.atoms[at], self.is_touched[at / 64]));
                    self.atoms[at] = Value::default();
                    self.is_touched[at / 64] &= !(1 << (at % 64));
                }
                Err(at) => self.values[at] = (self.stamp, Value::default()),
            }
        }
        silence
    }

    /// Ends a silence: everything is found and decided as before.
    pub(crate) fn unsilence(&mut self, silence: Silence) {
        for (atom, value, touched) in silence.atoms.into_iter().rev() {
            self.atoms[atom.index()] = value;
            self.is_touched[atom.index() / 64] = touched;
        }
        self.hits.truncate(silence.hits);
        self.categories = silence.categories;
        self.restart(silence.stamp);
    }

    /// Forgets the values of operations, but not the categories decided under `stamp`.
    fn restart(&mut self, stamp: u32) {
        self.stamp += 1;
        for (decided, _) in &mut self.categories {
            if *decided == stamp {
                *decided = self.stamp;
            }
        }
    }

    /// Fills `open` with the rules that can hold in the text, in order.
    pub(crate) fn open_rules(&mut self, needs: &Needs, open: &mut Vec<u32>) {
        needs.open(&self.touched, &mut self.met, open);
    }

    /// The hits of a value, ordered by position.
    pub(crate) fn hits(&self, value: Value) -> &[Hit] {
        &self.hits[value.range()]
    }

    /// Records what a category came to.
    pub(crate) fn decide(&mut self, category: CategoryId, hits: impl IntoIterator<Item = Hit>) {
        let start = self.hits.len();
        self.hits.extend(hits);
        let value = self.finish(true, start);
        self.categories[category.index()] = (self.stamp, value);
    }

    /// Closes the hits pushed since `start`: ordered, without repetitions.
    fn finish(&mut self, holds: bool, start: usize) -> Value {
        let end = start + order(&mut self.hits[start..]);
        self.hits.truncate(end);
        Value { holds, start: narrow(start), end: narrow(end) }
    }

    /// Like [`Evaluation::finish`], for an operation that holds where it has hits.
    fn finish_found(&mut self, start: usize) -> Value {
        self.finish(self.hits.len() > start, start)
    }

    /// The value of `op` in `input`.
    pub(crate) fn evaluate(&mut self, program: &Program, op: OpId, input: Input<'_>) -> Value {
        let at = match op.atom() {
            Ok(atom) => return self.atoms[atom.index()],
            Err(at) => at,
        };
        let (stamp, value) = self.values[at];
        if stamp == self.stamp {
            return value;
        }
        let can_hold = program.needs.are_met(at, &self.is_touched);
        let value = if can_hold { self.compute(program, &program.ops[at], input) } else { Value::default() };
        self.values[at] = (self.stamp, value);
        value
    }

    fn compute(&mut self, program: &Program, op: &Op, input: Input<'_>) -> Value {
        match op {
            Op::Or(atoms, operands) => {
                let base = self.operands.len();
                let values = &self.atoms;
                atoms.common(&self.is_touched, |atom| self.operands.push(values[atom.index()]));
                let mut holds = self.operands.len() > base;
                for &operand in operands {
                    let value = self.evaluate(program, operand, input);
                    holds |= value.holds;
                    if value.has_hits() {
                        self.operands.push(value);
                    }
                }
                self.union(holds, base)
            }
            Op::And(operands) => {
                let base = self.operands.len();
                for &operand in operands {
                    let value = self.evaluate(program, operand, input);
                    if !value.holds {
                        self.operands.truncate(base);
                        return Value::default();
                    }
                    if value.has_hits() {
                        self.operands.push(value);
                    }
                }
                self.union(true, base)
            }
            Op::Not(inner) => {
                let value = self.evaluate(program, *inner, input);
                Value { holds: !value.holds, ..Value::default() }
            }
            Op::Count(inner, comparison, wanted) => {
                let value = self.evaluate(program, *inner, input);
                let found = self.hits(value).len();
                let holds = comparison.holds(u32::try_from(found).unwrap_or(u32::MAX), *wanted);
                if holds { Value { holds, ..value } } else { Value::default() }
            }
            Op::Near { operands, absent, ordered, scope, distance } => {
                let Some(base) = self.all_with_hits(program, operands, input) else {
                    return Value::default();
                };
                let reach = Reach { scopes: input.scopes, scope: *scope, distance: *distance };
                let start = self.hits.len();
                if *ordered {
                    self.sequence(base, reach);
                } else {
                    self.together(base, reach);
                }
                self.operands.truncate(base);
                if self.hits.len() == start || absent.is_empty() {
                    return self.finish_found(start);
                }
                // Evaluating pushes hits: what is kept goes after them.
                let found = start..self.hits.len();
                for &operand in absent {
                    let value = self.evaluate(program, operand, input);
                    self.operands.push(value);
                }
                let start = self.hits.len();
                self.keep_without(found, base, reach);
                self.finish_found(start)
            }
            Op::Adjacent(operands) => {
                let Some(base) = self.all_with_hits(program, operands, input) else {
                    return Value::default();
                };
                let start = self.hits.len();
                self.adjacent(base);
                self.finish_found(start)
            }
            Op::Polarity(inner, wanted) => {
                let value = self.evaluate(program, *inner, input);
                let start = self.hits.len();
                for at in value.start..value.end {
                    let hit = self.hits[at as usize];
                    if hit.first >= hit.end {
                        continue;
                    }
                    let (found, end) = polarity(input.tokens, hit.first as usize..hit.end as usize);
                    if found == *wanted {
                        self.hits.push(if found == Polarity::Denied {
                            hit.extended(end, input.tokens)
                        } else {
                            hit
                        });
                    }
                }
                self.finish_found(start)
            }
            Op::Pos(inner, pos) => {
                let value = self.evaluate(program, *inner, input);
                let start = self.hits.len();
                for at in value.start..value.end {
                    let hit = self.hits[at as usize];
                    if hit.first < hit.end && input.tokens.lexeme(hit.end as usize - 1).is_pos(pos) {
                        self.hits.push(hit);
                    }
                }
                self.finish_found(start)
            }
            Op::Any(pos) => {
                let start = self.hits.len();
                for at in 0..input.tokens.len() {
                    if input.tokens.lexeme(at).is_pos(pos) {
                        let (span, first) = (input.tokens.tokens[at].span, narrow(at));
                        self.hits.push(Hit { span, first, end: first + 1 });
                    }
                }
                self.finish_found(start)
            }
            Op::Length(comparison, wanted) => {
                let chars = u32::try_from(input.comment.text().chars().count()).unwrap_or(u32::MAX);
                Value { holds: comparison.holds(chars, *wanted), ..Value::default() }
            }
            Op::Column(column) => {
                let Column { name, values, patterns } = &**column;
                let cell = if &**name == "問" && input.comment.attribute("問").is_none() {
                    Some(input.comment.question())
                } else {
                    input.comment.attribute(name)
                };
                let holds = cell.is_some_and(|cell| {
                    let cell = normalise(cell);
                    values.iter().any(|value| &**value == cell.text())
                        || patterns
                            .iter()
                            .any(|regex| program.regexes[regex.0 as usize].is_match(cell.text()))
                });
                Value { holds, ..Value::default() }
            }
            Op::Category(category) => {
                let (stamp, value) = self.categories[category.index()];
                if stamp == self.stamp { value } else { Value::default() }
            }
            Op::Regex(regex) => {
                let start = self.hits.len();
                for found in program.regexes[regex.0 as usize].find_iter(input.tokens.text) {
                    if !found.is_empty() {
                        self.hits.push(Hit::at(Span::new(found.start(), found.end()), input.tokens));
                    }
                }
                self.finish_found(start)
            }
        }
    }

    /// Evaluates all operands and leaves their values from the returned position of `operands` on; nothing if one has
    /// no hits.
    fn all_with_hits(&mut self, program: &Program, operands: &[OpId], input: Input<'_>) -> Option<usize> {
        let base = self.operands.len();
        for &operand in operands {
            let value = self.evaluate(program, operand, input);
            if !value.has_hits() {
                self.operands.truncate(base);
                return None;
            }
            self.operands.push(value);
        }
        Some(base)
    }

    /// All hits of the operands from `base` on, which all have some, and are taken off.
    fn union(&mut self, holds: bool, base: usize) -> Value {
        // One operand with hits needs no copy.
        let value = match self.operands[base..] {
            [] => Value { holds, ..Value::default() },
            [only] => Value { holds, ..only },
            _ => {
                let start = self.hits.len();
                for at in base..self.operands.len() {
                    self.hits.extend_from_within(self.operands[at].range());
                }
                self.finish(holds, start)
            }
        };
        self.operands.truncate(base);
        value
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("a text has fewer hits than bytes squared over 4 GiB")
}
