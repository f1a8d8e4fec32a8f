//! Evaluates a program's operations over the hits in one text.
//!
//! Every operation is evaluated at most once per text; its hits lie in one shared arena, ordered by position. Nothing
//! backtracks: `near` and `seq` are one sweep over their operands' hits each, so the work is linear in the number of
//! hits (times the number of operands).

use super::polarity::{Polarity, polarity};
use super::program::{AtomId, Op, OpId, Program};
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
    /// The hits of each atom, ordered by position.
    pub atoms: &'t [Vec<Hit>],
    pub comment: &'t Comment,
}

/// The value of an operation.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Value {
    pub holds: bool,
    start: u32,
    end: u32,
}

/// Values and hits of the text at hand; kept between texts for its allocations.
#[derive(Debug, Default)]
pub(crate) struct Evaluation {
    /// The value of each operation, valid if its stamp is the current one.
    values: Vec<(u32, Value)>,
    stamp: u32,
    hits: Vec<Hit>,
    /// The hits of each category decided so far.
    categories: Vec<(u32, Value)>,
}

impl Evaluation {
    /// Forgets the last text.
    pub(crate) fn begin(&mut self, program: &Program) {
        if self.stamp == u32::MAX {
            self.values.clear();
            self.categories.clear();
            self.stamp = 0;
        }
        self.stamp += 1;
        self.hits.clear();
        self.values.resize(program.ops.len(), (0, Value::default()));
        self.categories.resize(program.rules_of.len(), (0, Value::default()));
    }

    /// The hits of a value, ordered by position.
    pub(crate) fn hits(&self, value: Value) -> &[Hit] {
        &self.hits[value.start as usize..value.end as usize]
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
        let tail = &mut self.hits[start..];
        if !tail.is_sorted() {
            tail.sort_unstable();
        }
        let mut kept = start;
        for at in start..self.hits.len() {
            if kept == start || self.hits[kept - 1] != self.hits[at] {
                self.hits[kept] = self.hits[at];
                kept += 1;
            }
        }
        self.hits.truncate(kept);
        let narrow = |n: usize| u32::try_from(n).expect("a text has fewer hits than bytes squared over 4 GiB");
        Value { holds, start: narrow(start), end: narrow(kept) }
    }

    /// The value of `op` in `input`.
    pub(crate) fn evaluate(&mut self, program: &Program, op: OpId, input: Input<'_>) -> Value {
        let (stamp, value) = self.values[op.index()];
        if stamp == self.stamp {
            return value;
        }
        let value = self.compute(program, op, input);
        self.values[op.index()] = (self.stamp, value);
        value
    }

    fn compute(&mut self, program: &Program, op: OpId, input: Input<'_>) -> Value {
        match &program.ops[op.index()] {
            Op::Atom(atom) => self.atom(*atom, input),
            Op::Or(operands) => {
                let values: Operands = operands.iter().map(|&op| self.evaluate(program, op, input)).collect();
                let holds = values.iter().any(|value| value.holds);
                self.union(holds, &values)
            }
            Op::And(operands) => {
                let mut values = Operands::with_capacity(operands.len());
                for &operand in operands {
                    let value = self.evaluate(program, operand, input);
                    if !value.holds {
                        return Value::default();
                    }
                    values.push(value);
                }
                self.union(true, &values)
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
                let mut values = Operands::with_capacity(operands.len());
                for &operand in operands {
                    let value = self.evaluate(program, operand, input);
                    if value.start == value.end {
                        return Value::default();
                    }
                    values.push(value);
                }
                let absent: Operands = absent.iter().map(|&op| self.evaluate(program, op, input)).collect();
                let reach = Reach { scopes: input.scopes, scope: *scope, distance: *distance };
                let start = self.hits.len();
                if *ordered { self.sequence(&values, reach) } else { self.together(&values, reach) }
                self.drop_near(start, &absent, reach);
                let holds = self.hits.len() > start;
                self.finish(holds, start)
            }
            Op::Adjacent(operands) => {
                let mut values = Operands::with_capacity(operands.len());
                for &operand in operands {
                    let value = self.evaluate(program, operand, input);
                    if value.start == value.end {
                        return Value::default();
                    }
                    values.push(value);
                }
                let start = self.hits.len();
                self.adjacent(&values);
                let holds = self.hits.len() > start;
                self.finish(holds, start)
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
                        self.hits.push(if found == Polarity::Denied { extended(hit, end, input.tokens) } else { hit });
                    }
                }
                let holds = self.hits.len() > start;
                self.finish(holds, start)
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
                let holds = self.hits.len() > start;
                self.finish(holds, start)
            }
            Op::Length(comparison, wanted) => {
                let chars = u32::try_from(input.comment.text().chars().count()).unwrap_or(u32::MAX);
                Value { holds: comparison.holds(chars, *wanted), ..Value::default() }
            }
            Op::Column(name, values, patterns) => {
                let cell = if &**name == "問" && input.comment.attribute("問").is_none() {
                    Some(input.comment.question())
                } else {
                    input.comment.attribute(name)
                };
                let holds = cell.is_some_and(|cell| {
                    let cell = normalise(cell);
                    values.iter().any(|value| &**value == cell.text())
                        || patterns.iter().any(|regex| program.regexes[regex.0 as usize].is_match(cell.text()))
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
                let holds = self.hits.len() > start;
                self.finish(holds, start)
            }
        }
    }

    fn atom(&mut self, atom: AtomId, input: Input<'_>) -> Value {
        let start = self.hits.len();
        self.hits.extend_from_slice(&input.atoms[atom.index()]);
        let holds = self.hits.len() > start;
        self.finish(holds, start)
    }

    fn union(&mut self, holds: bool, values: &[Value]) -> Value {
        // One operand with hits needs no copy.
        let mut with_hits = values.iter().filter(|value| value.start < value.end);
        match (with_hits.next(), with_hits.next()) {
            (None, _) => return Value { holds, ..Value::default() },
            (Some(only), None) => return Value { holds, ..*only },
            _ => {}
        }
        let start = self.hits.len();
        for value in values {
            self.hits.extend_from_within(value.start as usize..value.end as usize);
        }
        self.finish(holds, start)
    }

    /// Pushes a hit for every way one hit of each operand stands together, in any order.
    ///
    /// Sweeps all hits by position; at each, every other operand's latest hit that doesn't overlap it completes the
    /// group. Taking the latest is what makes the sweep linear, and what a reader means by "near".
    fn together(&mut self, operands: &[Value], reach: Reach<'_>) {
        let count = operands.len();
        let mut cursors: Vec<u32> = operands.iter().map(|value| value.start).collect();
        // The two latest hits of each operand: the second serves where the first overlaps the hit at hand.
        let mut latest: Vec<[Option<Hit>; 2]> = vec![[None; 2]; count];
        let mut group: Vec<Hit> = Vec::with_capacity(count);
        loop {
            let next = (0..count).filter(|&i| cursors[i] < operands[i].end).min_by_key(|&i| self.hits[cursors[i] as usize]);
            let Some(turn) = next else { break };
            let hit = self.hits[cursors[turn] as usize];
            cursors[turn] += 1;
            group.clear();
            group.push(hit);
            for (other, candidates) in latest.iter().enumerate() {
                if other == turn {
                    continue;
                }
                match candidates.iter().flatten().find(|candidate| candidate.end <= hit.first || !candidate.span.overlaps(hit.span) && candidate.end <= hit.end) {
                    Some(&candidate) => group.push(candidate),
                    None => break,
                }
            }
            if group.len() == count && reach.links(&mut group) {
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
    fn sequence(&mut self, operands: &[Value], reach: Reach<'_>) {
        let first = operands[0];
        let mut chains: Vec<Hit> = self.hits(first).to_vec();
        let mut ends: Vec<Hit> = chains.clone();
        for operand in &operands[1..] {
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
    fn adjacent(&mut self, operands: &[Value]) {
        let mut chains: Vec<Hit> = self.hits(operands[0]).to_vec();
        for operand in &operands[1..] {
            let mut next = Vec::new();
            for &chain in &chains {
                let hits = self.hits(*operand);
                let from = hits.partition_point(|hit| hit.first < chain.end);
                let follows = hits[from..].iter().take_while(|hit| hit.first == chain.end);
                next.extend(follows.map(|&hit| cover(chain, hit)));
            }
            chains = next;
        }
        self.hits.append(&mut chains);
    }

    /// Drops the hits pushed since `start` that have a hit of `absent` within reach.
    fn drop_near(&mut self, start: usize, absent: &[Value], reach: Reach<'_>) {
        if absent.is_empty() {
            return;
        }
        let mut kept = start;
        for at in start..self.hits.len() {
            let hit = self.hits[at];
            let spoiled = absent.iter().any(|value| self.hits(*value).iter().any(|other| reach.touches(hit, *other)));
            if !spoiled {
                self.hits[kept] = hit;
                kept += 1;
            }
        }
        self.hits.truncate(kept);
    }
}

/// Values of an operation's operands.
type Operands = Vec<Value>;

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
