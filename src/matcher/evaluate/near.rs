//! Hits that stand together: `near`, `順に` and adjacency, each a sweep over the hits of its operands.

use std::ops::Range;

use super::Evaluation;
use crate::matcher::hit::Hit;
use crate::sentence::{Scope, Scopes};

/// The buffers of one sweep over several operands' hits.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// The hit of each operand that comes next.
    cursors: Vec<u32>,
    /// The two latest hits of each operand: the second serves where the first overlaps the hit at hand.
    latest: Vec<[Option<Hit>; 2]>,
    group: Vec<Hit>,
}

impl Evaluation {
    /// Pushes a hit for every way one hit of each operand stands together, in any order.
    ///
    /// Sweeps all hits by position; at each, every other operand's latest hit that doesn't overlap it completes the
    /// group. Taking the latest is what makes the sweep linear, and what a reader means by "near".
    pub(super) fn together(&mut self, base: usize, reach: Reach<'_>) {
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
                let covered = group.iter().fold(first, |a, b| a.cover(*b));
                debug_assert!(covered.end >= last.end);
                self.hits.push(covered);
            }
            latest[turn] = [Some(hit), latest[turn][0]];
        }
    }

    /// Pushes a hit for every place where the operands follow each other in order: each hit of an operand goes with the
    /// latest one before it that continues a chain.
    pub(super) fn sequence(&mut self, base: usize, reach: Reach<'_>) {
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
                    next_chains.push(chains[chain].cover(hit));
                    next_ends.push(hit);
                }
            }
            (chains, ends) = (next_chains, next_ends);
        }
        self.hits.append(&mut chains);
    }

    /// Like [`Evaluation::sequence`] with nothing between.
    pub(super) fn adjacent(&mut self, base: usize) {
        let mut chains: Vec<Hit> = self.hits(self.operands[base]).to_vec();
        for operand in &self.operands[base + 1..] {
            let mut next = Vec::new();
            for &chain in &chains {
                let hits = self.hits(*operand);
                let from = hits.partition_point(|hit| hit.first < chain.end);
                let follows = hits[from..].iter().take_while(|hit| hit.first == chain.end);
                next.extend(follows.map(|&hit| chain.cover(hit)));
            }
            chains = next;
        }
        self.operands.truncate(base);
        self.hits.append(&mut chains);
    }

    /// Pushes those of the hits in `found` that have no hit of the operands from `base` on within reach, and takes the
    /// operands off.
    pub(super) fn keep_without(&mut self, found: Range<usize>, base: usize, reach: Reach<'_>) {
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

/// How far apart hits may stand.
#[derive(Clone, Copy)]
pub(super) struct Reach<'t> {
    pub(super) scopes: &'t Scopes,
    pub(super) scope: Scope,
    pub(super) distance: Option<u16>,
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
        self.scopes.unit(self.scope, left.last_token()) == self.scopes.unit(self.scope, right.first as usize)
    }

    /// Whether `other` stands within reach of `hit`, on either side or inside.
    fn touches(self, hit: Hit, other: Hit) -> bool {
        if other.first < hit.end && hit.first < other.end {
            return true;
        }
        if other.first >= hit.end { self.links_pair(hit, other) } else { self.links_pair(other, hit) }
    }
}
