//! Which texts a changed rule can concern, found without tokenizing them.
//!
//! A rule can hold only where its needs are met ([`crate::matcher::needs`]): where certain words occur. Their spellings
//! are found in the normalised text as the matcher finds them, but without asking where tokens begin; their base forms by
//! the conjugated forms in which they have been met in any text so far. Both find too much at times, and never too
//! little, in a text that has been tagged before.

use std::collections::BTreeMap;

use daachorse::CharwiseDoubleArrayAhoCorasick;

use crate::matcher::program::AtomId;
use crate::normalise::normalise_into;
use crate::rule::Rulebook;
use crate::text::Normalised;

/// A word as it stood in a text, and its base form, which is another.
pub(super) type Form = (Box<str>, Box<str>);

/// Finds texts in which one of some rules can hold.
pub(super) struct Finder<'r> {
    rulebook: &'r Rulebook,
    /// The rules, as positions in the program.
    rules: Vec<u32>,
    /// Finds what their words can be written like, unless there are none; each means the atoms at that place of the list.
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    atoms: Vec<Vec<AtomId>>,
}

/// Room to work in.
#[derive(Default)]
pub(super) struct Room {
    normalised: Normalised,
    atoms: Vec<AtomId>,
    met: Vec<u64>,
    open: Vec<u32>,
}

impl<'r> Finder<'r> {
    /// A finder for these of the rules of `rulebook`, in texts all of whose conjugated forms are among `forms`.
    pub(super) fn new<'f>(
        rulebook: &'r Rulebook,
        rules: Vec<u32>,
        forms: impl Iterator<Item = &'f Form>,
    ) -> Self {
        let program = &rulebook.program;
        let mut wanted = vec![false; program.atom_count];
        program.needs.atoms_of(&rules).iter().for_each(|atom| wanted[atom.index()] = true);
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
        Finder { rulebook, rules, automaton, atoms: written.into_values().collect() }
    }

    /// Whether one of the rules can hold in `text`.
    pub(super) fn can_hold(&self, text: &str, room: &mut Room) -> bool {
        let Room { normalised, atoms, met, open } = room;
        atoms.clear();
        if let Some(automaton) = &self.automaton {
            normalise_into(text, normalised);
            for found in automaton.find_overlapping_iter(normalised.text()) {
                atoms.extend(&self.atoms[found.value() as usize]);
            }
        }
        self.rulebook.program.needs.open(atoms, met, open);
        self.rules.iter().any(|rule| open.binary_search(rule).is_ok())
    }
}
