//! Which rules a text can satisfy at all, by the atoms that occur in it.
//!
//! A *need* of a rule is a set of atoms of which at least one is hit wherever the rule holds; `near(a | b, c)` has two,
//! {a, b} and {c}. Only rules whose needs are all met are evaluated: of 300 rules about 12 per answer, of which 3 hold.

use super::program::AtomId;
use rustc_hash::FxHashMap;

/// The needs of all rules, arranged by the atoms that meet them. Rules share needs: equal sets are one.
#[derive(Debug, Default)]
pub struct Needs {
    /// For each atom a row of bits, one per need that it meets.
    meets: Vec<u64>,
    /// Words in a row.
    width: usize,
    /// For each need the rules to look at where it is met: those of which it is the smallest need.
    opens: Vec<Vec<u32>>,
    /// For each rule its other needs.
    others: Vec<Vec<u32>>,
    /// Rules without a need.
    always: Vec<u32>,
}

impl Needs {
    /// Arranges the needs of each rule, in order; `atoms` is how many atoms there are.
    pub fn new(atoms: usize, rules: impl Iterator<Item = Vec<Vec<AtomId>>>) -> Self {
        let mut numbers: FxHashMap<Vec<AtomId>, u32> = FxHashMap::default();
        let mut all: Vec<Vec<AtomId>> = Vec::new();
        let mut needs = Needs::default();
        for (rule, mut of_rule) in (0..).zip(rules) {
            of_rule.sort_unstable_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
            of_rule.dedup();
            let mut of_rule = of_rule.into_iter().map(|need| {
                let next = u32::try_from(all.len()).expect("needs are fewer than bytes");
                let number = *numbers.entry(need.clone()).or_insert(next);
                if number == next {
                    all.push(need);
                    needs.opens.push(Vec::new());
                }
                number
            });
            let smallest = of_rule.next();
            let others = of_rule.collect();
            match smallest {
                Some(need) => needs.opens[need as usize].push(rule),
                None => needs.always.push(rule),
            }
            needs.others.push(others);
        }
        needs.width = all.len().div_ceil(64);
        needs.meets = vec![0; atoms * needs.width];
        for (number, need) in all.iter().enumerate() {
            for atom in need {
                needs.meets[atom.index() * needs.width + number / 64] |= 1 << (number % 64);
            }
        }
        needs
    }

    /// Fills `open` with the rules, in order, all of whose needs are met by one of `atoms`. `met` is a buffer.
    pub(crate) fn open(&self, atoms: &[AtomId], met: &mut Vec<u64>, open: &mut Vec<u32>) {
        met.clear();
        met.resize(self.width, 0);
        for atom in atoms {
            let row = &self.meets[atom.index() * self.width..][..self.width];
            for (met, meets) in met.iter_mut().zip(row) {
                *met |= meets;
            }
        }
        let is_met = |need: u32| met[need as usize / 64] >> (need % 64) & 1 == 1;
        open.clear();
        open.extend_from_slice(&self.always);
        for (at, &word) in met.iter().enumerate() {
            let mut left = word;
            while left != 0 {
                let rules = &self.opens[at * 64 + left.trailing_zeros() as usize];
                open.extend(
                    rules.iter().filter(|rule| self.others[**rule as usize].iter().all(|&need| is_met(need))),
                );
                left &= left - 1;
            }
        }
        open.sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_open_where_all_its_needs_are_met() {
        let atom = AtomId;
        let rules = [
            vec![vec![atom(0)]],
            vec![vec![atom(0), atom(1)], vec![atom(70)]],
            vec![],
            // More needs than a word has bits.
            (0..100).map(|at| vec![atom(at)]).collect(),
        ];
        let needs = Needs::new(100, rules.into_iter());
        let open = |atoms: &[u32]| {
            let (mut met, mut open) = (vec![1], vec![1]);
            needs.open(&atoms.iter().map(|&at| atom(at)).collect::<Vec<_>>(), &mut met, &mut open);
            open
        };
        assert_eq!(open(&[]), [2]);
        assert_eq!(open(&[0]), [0, 2]);
        assert_eq!(open(&[1]), [2]);
        assert_eq!(open(&[70, 1]), [1, 2]);
        assert_eq!(open(&(0..100).collect::<Vec<u32>>()), [0, 1, 2, 3]);
    }
}
