//! Which texts a change of rules can concern, found without tokenizing them.
//!
//! An operation can hold only where its needs are met ([`crate::matcher::needs`]): where certain words occur. Their spellings
//! are found in the normalised text as the matcher finds them, but without asking where tokens begin; their base forms by
//! the conjugated forms in which they have been met in any text so far. Both find too much at times, and never too
//! little, in a text that has been tagged before.

use std::collections::BTreeMap;

use daachorse::CharwiseDoubleArrayAhoCorasick;

use crate::matcher::program::{AtomId, OpId};
use crate::normalise::normalise_into;
use crate::rule::Rulebook;
use crate::text::Normalised;

/// A word as it stood in a text, and its base form, which is another.
pub(super) type Form = (Box<str>, Box<str>);

/// Finds texts in which one of some operations can hold.
pub(super) struct Finder<'r> {
    rulebook: &'r Rulebook,
    ops: Vec<OpId>,
    /// Finds what their words can be written like, unless there are none; each means the atoms at that place of the list.
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    atoms: Vec<Vec<AtomId>>,
}

/// Room to work in.
#[derive(Default)]
pub(super) struct Room {
    normalised: Normalised,
    /// The atoms found, as a bit set.
    found: Vec<u64>,
}

impl<'r> Finder<'r> {
    /// A finder for these operations of `rulebook`, in texts all of whose conjugated forms are among `forms`.
    pub(super) fn new<'f>(
        rulebook: &'r Rulebook,
        ops: Vec<OpId>,
        forms: impl Iterator<Item = &'f Form>,
    ) -> Self {
        let program = &rulebook.program;
        let mut wanted = vec![false; program.atom_count];
        for op in &ops {
            match op.atom() {
                Ok(atom) => wanted[atom.index()] = true,
                Err(at) => program.needs.atoms_of(at).for_each(|atom| wanted[atom.index()] = true),
            }
        }
        let bases = program.lemmas.keys().map(|base| (&**base, &**base));
        let forms = bases.chain(forms.map(|(surface, base)| (&**surface, &**base)));
        let by_base = forms.filter_map(|(surface, base)| Some((surface, program.lemmas.get(base)?)));
        let by_base = by_base.flat_map(|(surface, atoms)| atoms.iter().map(move |&atom| (surface, atom)));
        let by_spelling = rulebook.spellings.iter().flat_map(|(spelling, patterns)| {
            patterns.iter().map(move |pattern| (spelling.as_str(), pattern.atom))
        });
        let mut written: BTreeMap<&str, Vec<AtomId>> = BTreeMap::new();
        for (text, atom) in by_base.chain(by_spelling).filter(|(_, atom)| wanted[atom.index()]) {
            written.entry(text).or_default().push(atom);
        }
        // Terms and forms are never empty; an empty list of them is refused.
        written.remove("");
        let automaton = (!written.is_empty()).then(|| {
            let numbered = written.keys().zip(0_u32..).map(|(&text, at)| (text, at));
            CharwiseDoubleArrayAhoCorasick::with_values(numbered)
                .expect("the texts are distinct and not empty")
        });
        Finder { rulebook, ops, automaton, atoms: written.into_values().collect() }
    }

    /// Whether one of the operations can hold in `text`.
    pub(super) fn can_hold(&self, text: &str, room: &mut Room) -> bool {
        let Room { normalised, found } = room;
        let program = &self.rulebook.program;
        found.clear();
        found.resize(program.atom_count.div_ceil(64), 0);
        if let Some(automaton) = &self.automaton {
            normalise_into(text, normalised);
            let texts = automaton.find_overlapping_iter(normalised.text());
            let atoms = texts.flat_map(|found| &self.atoms[found.value() as usize]);
            atoms.for_each(|atom| found[atom.index() / 64] |= 1 << (atom.index() % 64));
        }
        self.ops.iter().any(|op| match op.atom() {
            Ok(atom) => found[atom.index() / 64] >> (atom.index() % 64) & 1 == 1,
            Err(at) => program.needs.are_met(at, found),
        })
    }
}
