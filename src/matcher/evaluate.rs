//! Evaluates a program's operations over the hits in one text.
//!
//! Every operation is evaluated at most once per text; its hits lie in one shared arena, ordered by position. Nothing
//! backtracks: `near` and `seq` are one sweep over their operands' hits each, so the work is linear in the number of
//! hits (times the number of operands).

use std::ops::Range;

use super::needs::Needs;
use super::polarity::{Polarity, polarity};
use super::program::{AtomId, Column, Op, OpId, Program};
use crate::comment::Comment;
use crate::normalise::normalise;
use crate::rule::CategoryId;
use crate::sentence::{Scope, Scopes};
use crate::span::{Norm, Span};
use crate::token::Tokens;

/// One place where something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// The place, in bytes of the normalised text.
    pub span: Span<Norm>,
    /// First token touched.
    pub first: u32,
    /// One past the last token touched.
    pub end: u32,
}

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

/// The buffers of one sweep over several operands' hits.
#[derive(Debug, Default)]
struct Sweep {
    /// The hit of each operand that comes next.
    cursors: Vec<u32>,
    /// The two latest hits of each operand: the second serves where the first overlaps the hit at hand.
    latest: Vec<[Option<Hit>; 2]>,
    group: Vec<Hit>,
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
                            extended(hit, end, input.tokens)
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
                        self.hits.push(hit_at(Span::new(found.start(), found.end()), input.tokens));
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

    /// Pushes a hit for every way one hit of each operand stands together, in any order.
    ///
    /// Sweeps all hits by position; at each, every other operand's latest hit that doesn't overlap it completes the
    /// group. Taking the latest is what makes the sweep linear, and what a reader means by "near".
    fn together(&mut self, base: usize, reach: Reach<'_>) {
        let operands = &self.operands[base..];
        let count = operands.len();
        let Sweep { cursors, latest, group } = &mut self.sweep;
        cursors.clear();
        cursors.extend(operands.iter().map(|value| value.start));
        latest.clear();
        latest.resize(count, [None; 2]);
        loop {
            let next = (0..count)
                .filter(|&i| cursors[i] < operands[i].end)
                .min_by_key(|&i| self.hits[cursors[i] as usize]);
            let Some(turn) = next else { break };
            let hit = self.hits[cursors[turn] as usize];
            cursors[turn] += 1;
            group.clear();
            group.push(hit);
            for (other, candidates) in latest.iter().enumerate() {
                if other == turn {
                    continue;
                }
                match candidates.iter().flatten().find(|candidate| {
                    candidate.end <= hit.first
                        || !candidate.span.overlaps(hit.span) && candidate.end <= hit.end
                }) {
                    Some(&candidate) => group.push(candidate),
                    None => break,
                }
            }
            if group.len() == count && reach.links(group) {
                let (first, last) = (group[0], group[count - 1]);
                let covered = group.iter().fold(first, |a, b| cover(a, *b));
                debug_assert!(covered.end >= last.end);
                self.hits.push(covered);
            }
            latest[turn] = [Some(hit), latest[turn][0]];
        }
    }

    /// Pushes a hit for every place where the operands follow each other in order: each hit of an operand goes with the
    /// latest one before it that continues a chain.
    fn sequence(&mut self, base: usize, reach: Reach<'_>) {
        let mut chains: Vec<Hit> = self.hits(self.operands[base]).to_vec();
        let mut ends: Vec<Hit> = chains.clone();
        for operand in &self.operands[base + 1..] {
            let mut next_chains = Vec::new();
            let mut next_ends = Vec::new();
            let mut before = 0;
            let mut by_end: Vec<usize> = (0..ends.len()).collect();
            by_end.sort_by_key(|&i| ends[i].end);
            let mut best: Option<usize> = None;
            for &hit in self.hits(*operand) {
                while before < by_end.len() && ends[by_end[before]].end <= hit.first {
                    best = Some(by_end[before]);
                    before += 1;
                }
                if let Some(chain) = best
                    && reach.links_pair(ends[chain], hit)
                {
                    next_chains.push(cover(chains[chain], hit));
                    next_ends.push(hit);
                }
            }
            (chains, ends) = (next_chains, next_ends);
        }
        self.hits.append(&mut chains);
    }

    /// Like [`Evaluation::sequence`] with nothing between.
    fn adjacent(&mut self, base: usize) {
        let mut chains: Vec<Hit> = self.hits(self.operands[base]).to_vec();
        for operand in &self.operands[base + 1..] {
            let mut next = Vec::new();
            for &chain in &chains {
                let hits = self.hits(*operand);
                let from = hits.partition_point(|hit| hit.first < chain.end);
                let follows = hits[from..].iter().take_while(|hit| hit.first == chain.end);
                next.extend(follows.map(|&hit| cover(chain, hit)));
            }
            chains = next;
        }
        self.operands.truncate(base);
        self.hits.append(&mut chains);
    }

    /// Pushes those of the hits in `found` that have no hit of the operands from `base` on within reach, and takes the
    /// operands off.
    fn keep_without(&mut self, found: Range<usize>, base: usize, reach: Reach<'_>) {
        for at in found {
            let hit = self.hits[at];
            let mut absent = self.operands[base..].iter().flat_map(|value| self.hits(*value));
            if !absent.any(|other| reach.touches(hit, *other)) {
                self.hits.push(hit);
            }
        }
        self.operands.truncate(base);
    }
}

/// Orders hits and moves repetitions behind the end that is returned.
fn order(hits: &mut [Hit]) -> usize {
    // Strictly ascending hits, the usual case, are in order and without repetitions.
    if hits.is_sorted_by(|a, b| a < b) {
        return hits.len();
    }
    hits.sort_unstable();
    let mut kept = 1;
    for at in 1..hits.len() {
        if hits[kept - 1] != hits[at] {
            hits[kept] = hits[at];
            kept += 1;
        }
    }
    kept
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("a text has fewer hits than bytes squared over 4 GiB")
}

/// How far apart hits may stand.
#[derive(Clone, Copy)]
struct Reach<'t> {
    scopes: &'t Scopes,
    scope: Scope,
    distance: Option<u16>,
}

impl Reach<'_> {
    /// Whether the hits stand in one unit with no more than the distance between neighbours; orders them by position.
    fn links(self, group: &mut [Hit]) -> bool {
        group.sort_unstable();
        group.windows(2).all(|pair| self.links_pair(pair[0], pair[1]))
    }

    fn links_pair(self, left: Hit, right: Hit) -> bool {
        self.same_unit(left, right)
            && self.distance.is_none_or(|most| right.first.saturating_sub(left.end) <= u32::from(most))
    }

    fn same_unit(self, left: Hit, right: Hit) -> bool {
        self.scopes.unit(self.scope, last_token(left)) == self.scopes.unit(self.scope, right.first as usize)
    }

    /// Whether `other` stands within reach of `hit`, on either side or inside.
    fn touches(self, hit: Hit, other: Hit) -> bool {
        if other.first < hit.end && hit.first < other.end {
            return true;
        }
        if other.first >= hit.end { self.links_pair(hit, other) } else { self.links_pair(other, hit) }
    }
}

fn last_token(hit: Hit) -> usize {
    hit.end.saturating_sub(1).max(hit.first) as usize
}

fn cover(a: Hit, b: Hit) -> Hit {
    Hit { span: a.span.cover(b.span), first: a.first.min(b.first), end: a.end.max(b.end) }
}

/// `hit` up to the token position `end`.
fn extended(hit: Hit, end: usize, tokens: Tokens<'_>) -> Hit {
    if end <= hit.end as usize {
        return hit;
    }
    let span = hit.span.cover(tokens.tokens[end - 1].span);
    Hit { span, end: u32::try_from(end).expect("fewer tokens than bytes"), ..hit }
}

/// The hit at `span`, with the tokens it touches.
pub(crate) fn hit_at(span: Span<Norm>, tokens: Tokens<'_>) -> Hit {
    let first = tokens.tokens.partition_point(|token| token.span.end() <= span.start());
    let end = tokens.tokens.partition_point(|token| token.span.start() < span.end());
    let narrow = |n: usize| u32::try_from(n).expect("fewer tokens than bytes");
    Hit { span, first: narrow(first), end: narrow(end.max(first)) }
}
