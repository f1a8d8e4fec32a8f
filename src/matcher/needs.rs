//! What can hold in a text at all, by the atoms that occur in it.
//!
//! A *need* of an operation is a set of atoms of which at least one is hit wherever the operation holds; `near(a | b, c)`
//! has two, {a, b} and {c}. Only operations whose needs are all met are evaluated: of 300 rules about 7 per answer, of
//! which 4 hold.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::program::{AtomId, AtomSet, Op, OpId, RegexId, Rule};

/// The needs of all operations.
///
/// Asked some hundred times per answer, so laid out flat: a chain of pointers would be a cache miss each.
#[derive(Debug, Default)]
pub struct Needs {
    /// The needs of all operations, one after the other, in words.
    words: Vec<Word>,
    /// For each operation the end of its words: they begin where those of the operation before it end.
    ends: Vec<u32>,
    /// For each atom the rules to look at where it is hit: those whose smallest need it meets. Ends as above.
    rules: Vec<u32>,
    rule_ends: Vec<u32>,
    /// Rules without a need.
    always: Vec<u32>,
    /// For each rule its condition.
    conditions: Vec<OpId>,
}

/// One word of the bit set that a need is.
#[derive(Debug)]
struct Word {
    /// Which word.
    at: u32,
    is_last: bool,
    bits: u64,
}

impl Needs {
    /// Finds the needs of `ops`. `needles` are atoms of which one is hit wherever a regular expression matches; `atoms`
    /// is how many atoms there are.
    pub(crate) fn find(
        ops: &[Op],
        rules: &[Rule],
        rules_of: &[Range<usize>],
        needles: &FxHashMap<RegexId, Vec<AtomId>>,
        atoms: usize,
    ) -> Self {
        let mut finder = Finder { ops, rules, rules_of, needles, found: vec![None; ops.len()] };
        let mut needs =
            Needs { conditions: rules.iter().map(|rule| rule.condition).collect(), ..Needs::default() };
        for at in 0..ops.len() {
            for need in finder.of(OpId::of_op(at)) {
                needs.words.extend(need.words().iter().map(|&(at, bits)| Word { at, is_last: false, bits }));
                if let Some(last) = needs.words.last_mut() {
                    last.is_last = true;
                }
            }
            needs.ends.push(narrow(needs.words.len()));
        }
        let mut of_atom = vec![Vec::new(); atoms];
        for (at, rule) in (0..).zip(rules) {
            match finder.of(rule.condition).first() {
                Some(smallest) => smallest.iter().for_each(|atom| of_atom[atom.index()].push(at)),
                None => needs.always.push(at),
            }
        }
        for mut rules in of_atom {
            needs.rules.append(&mut rules);
            needs.rule_ends.push(narrow(needs.rules.len()));
        }
        needs
    }

    /// Whether the operation at `at` can hold where the atoms in the bit set `touched` are hit.
    pub(crate) fn are_met(&self, at: usize, touched: &[u64]) -> bool {
        let mut is_met = false;
        for word in &self.words[range(&self.ends, at)] {
            is_met |= word.bits & touched[word.at as usize] != 0;
            if word.is_last && !std::mem::take(&mut is_met) {
                return false;
            }
        }
        true
    }

    /// Fills `open` with the rules, in order, that can hold where `atoms` (in bits: `touched`) are hit.
    pub(crate) fn open(&self, atoms: &[AtomId], touched: &[u64], open: &mut Vec<u32>) {
        open.clear();
        open.extend_from_slice(&self.always);
        for atom in atoms {
            for &rule in &self.rules[range(&self.rule_ends, atom.index())] {
                if self.conditions[rule as usize].atom().map_or_else(|at| self.are_met(at, touched), |_| true)
                {
                    open.push(rule);
                }
            }
        }
        open.sort_unstable();
        open.dedup();
    }
}

fn range(ends: &[u32], at: usize) -> Range<usize> {
    let start = at.checked_sub(1).map_or(0, |before| ends[before]);
    start as usize..ends[at] as usize
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("a rulebook is shorter than 4 GiB")
}

struct Finder<'p> {
    ops: &'p [Op],
    rules: &'p [Rule],
    rules_of: &'p [Range<usize>],
    needles: &'p FxHashMap<RegexId, Vec<AtomId>>,
    /// What was found for each operation.
    found: Vec<Option<Vec<AtomSet>>>,
}

impl Finder<'_> {
    /// The needs of `op`, the smallest first.
    fn of(&mut self, op: OpId) -> Vec<AtomSet> {
        let at = match op.atom() {
            Ok(atom) => return vec![AtomSet::new(vec![atom])],
            Err(at) => at,
        };
        if let Some(found) = &self.found[at] {
            return found.clone();
        }
        let mut needs = self.of_parts(&self.ops[at]);
        needs.sort_by_key(AtomSet::len);
        needs.dedup();
        self.found[at] = Some(needs.clone());
        needs
    }

    fn of_parts(&mut self, op: &Op) -> Vec<AtomSet> {
        match op {
            Op::Or(atoms, operands) => self.of_one(operands.iter().copied(), atoms.iter().collect()),
            Op::And(operands) | Op::Adjacent(operands) | Op::Near { operands, .. } => {
                operands.iter().flat_map(|&operand| self.of(operand)).collect()
            }
            Op::Polarity(inner, _) | Op::Pos(inner, _) => self.of(*inner),
            Op::Count(_, comparison, number) if comparison.holds(0, *number) => Vec::new(),
            Op::Count(inner, ..) => self.of(*inner),
            Op::Category(category) => {
                let rules = &self.rules[self.rules_of[category.index()].clone()];
                self.of_one(rules.iter().map(|rule| rule.condition), Vec::new())
            }
            Op::Not(_) | Op::Length(..) | Op::Column(..) => Vec::new(),
            Op::Regex(regex) => self.needles.get(regex).cloned().map(AtomSet::new).into_iter().collect(),
        }
    }

    /// The need of several alternatives: one of `atoms`, or one of the smallest need of each operation. Nothing if an
    /// operation needs nothing.
    fn of_one(&mut self, alternatives: impl Iterator<Item = OpId>, mut atoms: Vec<AtomId>) -> Vec<AtomSet> {
        for alternative in alternatives {
            match self.of(alternative).first() {
                Some(smallest) => atoms.extend(smallest.iter()),
                None => return Vec::new(),
            }
        }
        vec![AtomSet::new(atoms)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::program::Trace;
    use crate::rule::{CategoryId, RuleId};
    use crate::sentence::Scope;

    fn atom(at: u32) -> OpId {
        OpId::of_atom(AtomId(at))
    }

    #[test]
    fn a_rule_is_open_where_all_its_needs_are_met() {
        let near = |operands: &[OpId]| Op::Near {
            operands: operands.into(),
            absent: [atom(99)].into(),
            ordered: false,
            scope: Scope::Sentence,
            distance: None,
        };
        let or = |atoms: &[u32], others: &[OpId]| {
            Op::Or(AtomSet::new(atoms.iter().map(|&at| AtomId(at)).collect()), others.into())
        };
        let ops = vec![
            or(&[0, 1], &[]),
            near(&[OpId::of_op(0), atom(70)]),
            Op::Not(atom(2)),
            Op::And([OpId::of_op(2), atom(3)].into()),
            or(&[4], &[OpId::of_op(1)]),
        ];
        let conditions = [atom(0), OpId::of_op(1), OpId::of_op(2), OpId::of_op(3), OpId::of_op(4)];
        let rule = |condition| Rule {
            category: CategoryId(0),
            id: RuleId(0),
            condition,
            trace: Trace { text: String::new(), op: condition, parts: Vec::new() },
        };
        let rules = conditions.map(rule);
        let rules_of = std::iter::once(0..rules.len()).collect::<Vec<_>>();
        let needs = Needs::find(&ops, &rules, &rules_of, &FxHashMap::default(), 100);
        for (atoms, expected) in [
            (&[][..], &[2][..]),
            (&[0], &[0, 2]),
            (&[1, 99], &[2]),
            (&[2, 3], &[2, 3]),
            (&[4], &[2, 4]),
            (&[0, 1, 70], &[0, 1, 2, 4]),
        ] {
            let (mut touched, mut open) = ([0; 2], vec![7]);
            atoms.iter().for_each(|at| touched[at / 64] |= 1 << (at % 64));
            let atoms: Vec<AtomId> = atoms.iter().map(|&at| AtomId(u32::try_from(at).unwrap())).collect();
            needs.open(&atoms, &touched, &mut open);
            assert_eq!(open, expected, "{atoms:?}");
        }
    }
}
