//! What can hold in a text at all, by the atoms that occur in it.
//!
//! A *need* of an operation is a set of atoms of which at least one is hit wherever the operation holds; `near(a | b, c)`
//! has two, {a, b} and {c}. Only operations whose needs are all met are evaluated: of 300 rules about 7 per answer, of
//! which 4 hold.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

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
    /// Bit sets of rules, one for the first need of each, one for the second and so on, one after the other: those that
    /// have no such need.
    unneeded: Vec<u64>,
    /// Words in each of these bit sets.
    width: usize,
    /// For each atom what its hit adds to them: the rules whose need it meets. Ends as above.
    met: Vec<Met>,
    met_ends: Vec<u32>,
}

/// One word of the bit set that a need is.
#[derive(Debug)]
struct Word {
    /// Which word.
    at: u32,
    is_last: bool,
    bits: u64,
}

/// One word of the rules whose need an atom meets.
#[derive(Debug)]
struct Met {
    /// Which word of [`Needs::unneeded`].
    at: u32,
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
        let mut needs = Needs { width: rules.len().div_ceil(64), ..Needs::default() };
        for at in 0..ops.len() {
            for need in &*finder.of(OpId::of_op(at)) {
                needs.words.extend(need.words().iter().map(|&(at, bits)| Word { at, is_last: false, bits }));
                if let Some(last) = needs.words.last_mut() {
                    last.is_last = true;
                }
            }
            needs.ends.push(narrow(needs.words.len()));
        }
        let of_rules: Vec<_> = rules.iter().map(|rule| finder.of(rule.condition)).collect();
        // One at least: rules without needs are open, too.
        let most = of_rules.iter().map(|needs| needs.len()).fold(1, usize::max);
        needs.unneeded = vec![0; most * needs.width];
        let mut met = vec![BTreeMap::new(); atoms];
        for (rule, of_rule) in of_rules.iter().enumerate() {
            for nth in 0..most {
                let (at, bit) = (nth * needs.width + rule / 64, 1 << (rule % 64));
                match of_rule.get(nth) {
                    Some(need) => {
                        need.iter().for_each(|atom| *met[atom.index()].entry(at).or_insert(0) |= bit);
                    }
                    None => needs.unneeded[at] |= bit,
                }
            }
        }
        for met in met {
            needs.met.extend(met.into_iter().map(|(at, bits)| Met { at: narrow(at), bits }));
            needs.met_ends.push(narrow(needs.met.len()));
        }
        needs
    }

    /// The atoms that meet a need of the operation at `at`.
    pub(crate) fn atoms_of(&self, at: usize) -> impl Iterator<Item = AtomId> {
        let words = self.words[range(&self.ends, at)].iter();
        words.flat_map(|word| {
            (0..64).filter(|bit| word.bits >> bit & 1 == 1).map(|bit| AtomId(word.at * 64 + bit))
        })
    }

    /// Makes room for an operation added at the end, of which no needs are known: it is always evaluated.
    pub(crate) fn add_unknown(&mut self) {
        self.ends.push(narrow(self.words.len()));
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

    /// Fills `open` with the rules, in order, that can hold where `atoms` are hit. `met` is room to work in.
    pub(crate) fn open(&self, atoms: &[AtomId], met: &mut Vec<u64>, open: &mut Vec<u32>) {
        met.clear();
        met.extend_from_slice(&self.unneeded);
        for atom in atoms {
            for word in &self.met[range(&self.met_ends, atom.index())] {
                met[word.at as usize] |= word.bits;
            }
        }
        open.clear();
        for word in 0..self.width {
            let mut left = met[word..].iter().step_by(self.width).fold(u64::MAX, |all, bits| all & bits);
            while left != 0 {
                open.push(narrow(word * 64) + left.trailing_zeros());
                left &= left - 1;
            }
        }
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
    found: Vec<Option<Rc<[Rc<AtomSet>]>>>,
}

impl Finder<'_> {
    /// The needs of `op`, the smallest first.
    fn of(&mut self, op: OpId) -> Rc<[Rc<AtomSet>]> {
        let at = match op.atom() {
            Ok(atom) => return Rc::new([Rc::new(AtomSet::new(vec![atom]))]),
            Err(at) => at,
        };
        if let Some(found) = &self.found[at] {
            return Rc::clone(found);
        }
        let mut needs = self.of_parts(&self.ops[at]);
        needs.sort_by_key(|need| need.len());
        needs.dedup();
        let needs: Rc<[Rc<AtomSet>]> = needs.into();
        self.found[at] = Some(Rc::clone(&needs));
        needs
    }

    fn of_parts(&mut self, op: &Op) -> Vec<Rc<AtomSet>> {
        match op {
            Op::Or(atoms, operands) => self.of_one(operands.iter().copied(), atoms.iter().collect()),
            Op::And(operands) | Op::Adjacent(operands) | Op::Near { operands, .. } => {
                operands.iter().flat_map(|&operand| self.of(operand).to_vec()).collect()
            }
            Op::Polarity(inner, _) | Op::Pos(inner, _) => self.of(*inner).to_vec(),
            Op::Count(_, comparison, number) if comparison.holds(0, *number) => Vec::new(),
            Op::Count(inner, ..) => self.of(*inner).to_vec(),
            Op::Category(category) => {
                let rules = &self.rules[self.rules_of[category.index()].clone()];
                self.of_one(rules.iter().map(|rule| rule.condition), Vec::new())
            }
            Op::Not(_) | Op::Any(_) | Op::Length(..) | Op::Column(..) => Vec::new(),
            Op::Regex(regex) => self
                .needles
                .get(regex)
                .cloned()
                .map(|atoms| Rc::new(AtomSet::new(atoms)))
                .into_iter()
                .collect(),
        }
    }

    /// The need of several alternatives: one of `atoms`, or one of the smallest need of each operation. Nothing if an
    /// operation needs nothing.
    fn of_one(
        &mut self,
        alternatives: impl Iterator<Item = OpId>,
        mut atoms: Vec<AtomId>,
    ) -> Vec<Rc<AtomSet>> {
        for alternative in alternatives {
            match self.of(alternative).first() {
                Some(smallest) => atoms.extend(smallest.iter()),
                None => return Vec::new(),
            }
        }
        vec![Rc::new(AtomSet::new(atoms))]
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
            trace: Trace { text: String::new(), site: None, op: condition, parts: Vec::new() },
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
            let (mut met, mut open) = (vec![u64::MAX], vec![7]);
            let atoms: Vec<AtomId> = atoms.iter().map(|&at| AtomId(at)).collect();
            needs.open(&atoms, &mut met, &mut open);
            assert_eq!(open, expected, "{atoms:?}");
        }
    }
}
