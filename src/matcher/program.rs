//! What the compiler makes of the rules and the matcher runs: atoms, an automaton that finds them, and operations over
//! their hits.
//!
//! Equal sub-conditions are one operation, whichever rule they stand in, and are evaluated once per comment.

use std::ops::Range;

use regex::Regex;
use rustc_hash::FxHashMap;

use super::needs::Needs;
use super::polarity::Polarity;
use crate::diagnostic::Site;
use crate::rule::expr::Comparison;
use crate::rule::{CategoryId, RuleId};
use crate::sentence::Scope;
use crate::span::{Norm, Span};

/// A word, variant or literal that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtomId(pub(crate) u32);

impl AtomId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// An operation of the program: an atom, whose hits are known, or one of [`Program::ops`].
///
/// Atoms are most of the operands; with an entry for each, operations that are evaluated together lay far apart in
/// memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(u32);

impl OpId {
    /// Set where the rest is the number of an atom.
    const ATOM: u32 = 1 << 31;

    pub(crate) fn of_atom(atom: AtomId) -> Self {
        OpId(atom.0 | Self::ATOM)
    }

    pub(crate) fn of_op(index: usize) -> Self {
        OpId(u32::try_from(index).expect("operations are fewer than bytes"))
    }

    /// The atom, if the operation is one; otherwise its index into [`Program::ops`].
    pub(crate) fn atom(self) -> Result<AtomId, usize> {
        if self.0 & Self::ATOM == 0 { Err(self.0 as usize) } else { Ok(AtomId(self.0 & !Self::ATOM)) }
    }
}

/// What an operation does. Its value is whether it holds, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// The hits of all operands; holds if one does. Operands that are atoms stand apart: they are most.
    Or(AtomSet, Box<[OpId]>),
    /// The hits of all operands; holds if all do.
    And(Box<[OpId]>),
    /// Holds without a place if the operand doesn't.
    Not(OpId),
    /// The hits of the operand, if there are as many as asked for.
    Count(OpId, Comparison, u32),
    /// One hit for every way the operands stand together.
    Near {
        /// Operands that must be there.
        operands: Box<[OpId]>,
        /// Operands that must not be there.
        absent: Box<[OpId]>,
        /// Whether they come in this order.
        ordered: bool,
        /// The unit they share.
        scope: Scope,
        /// At most this many tokens between neighbours.
        distance: Option<u16>,
    },
    /// Operands that follow each other without a token between.
    Adjacent(Box<[OpId]>),
    /// Hits with this polarity; a denial is part of its hit.
    Polarity(OpId, Polarity),
    /// Hits whose last token has this part of speech.
    Pos(OpId, Box<str>),
    /// Every token of this part of speech.
    Any(Box<str>),
    /// Compares the number of characters of the answer.
    Length(Comparison, u32),
    /// Asks for the content of a column's cell.
    Column(Box<Column>),
    /// The evidence of another category.
    Category(CategoryId),
    /// The matches of a regular expression in the normalised text.
    Regex(RegexId),
}

/// A column, and what its cell must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// The column's name.
    pub name: Box<str>,
    /// Values the cell may have, normalised.
    pub values: Box<[Box<str>]>,
    /// Patterns it may match.
    pub patterns: Box<[RegexId]>,
}

/// A set of atoms, as those words of a bit set that are not zero.
///
/// The atoms of one condition are neighbours, so a list of thirty words is a handful of these; looking each atom up
/// took a fifth of the time that matching takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AtomSet(Box<[(u32, u64)]>);

impl AtomSet {
    /// The set of `atoms`.
    pub fn new(mut atoms: Vec<AtomId>) -> Self {
        atoms.sort_unstable();
        let words = atoms.chunk_by(|a, b| a.0 / 64 == b.0 / 64);
        AtomSet(
            words
                .map(|atoms| (atoms[0].0 / 64, atoms.iter().fold(0, |word, atom| word | 1 << (atom.0 % 64))))
                .collect(),
        )
    }

    /// Calls `visit` for the atoms of the set that are also in the bit set `bits`, in order.
    pub(crate) fn common(&self, bits: &[u64], mut visit: impl FnMut(AtomId)) {
        for &(at, word) in &self.0 {
            let mut left = word & bits[at as usize];
            while left != 0 {
                visit(AtomId(at * 64 + left.trailing_zeros()));
                left &= left - 1;
            }
        }
    }

    /// The words that are not zero, each with its number.
    pub(crate) fn words(&self) -> &[(u32, u64)] {
        &self.0
    }

    /// How many atoms there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|(_, word)| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All atoms of the set, in order.
    pub fn iter(&self) -> impl Iterator<Item = AtomId> {
        self.0.iter().flat_map(|&(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| AtomId(at * 64 + bit))
        })
    }
}

/// Index into [`Program::regexes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegexId(pub(crate) u32);

/// The automaton: character-wise, because it steps once where a byte-wise one steps three times. Measured on 1,500
/// spellings against the `aho-corasick` crate's: a third of the time of its contiguous NFA, and no 10 ms to build its
/// DFA, which is not quite as fast.
pub struct Automaton(daachorse::CharwiseDoubleArrayAhoCorasick<Spelling>);

/// What a spelling means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    /// Its patterns, as a range of [`Program::patterns`].
    start: u32,
    end: u32,
    /// Whether one of them may begin and end within tokens.
    pub has_unbounded: bool,
}

impl Spelling {
    pub(crate) fn patterns(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Automaton {
    /// The automaton for spellings, which differ and are not empty, and the patterns they mean, in one list.
    pub(crate) fn new<'s>(spellings: impl Iterator<Item = (&'s str, Vec<Pattern>)>) -> (Self, Vec<Pattern>) {
        let mut all = Vec::new();
        let index =
            |patterns: &[Pattern]| u32::try_from(patterns.len()).expect("patterns are fewer than bytes");
        let values: Vec<(&str, Spelling)> = spellings
            .map(|(spelling, mut patterns)| {
                let start = index(&all);
                let has_unbounded = patterns.iter().any(|pattern| !pattern.bounded);
                all.append(&mut patterns);
                (spelling, Spelling { start, end: index(&all), has_unbounded })
            })
            .collect();
        let built = daachorse::CharwiseDoubleArrayAhoCorasick::with_values(values);
        (Automaton(built.expect("the spellings of a rulebook are far below the automaton's limits")), all)
    }

    /// Every spelling in `text` with its place, ordered by the end of the place.
    pub(crate) fn find(&self, text: &str) -> impl Iterator<Item = (Span<Norm>, Spelling)> {
        self.0.find_overlapping_iter(text).map(|found| (Span::new(found.start(), found.end()), found.value()))
    }
}

impl std::fmt::Debug for Automaton {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Automaton").field("states", &self.0.num_states()).finish()
    }
}

/// A spelling of an atom.
#[derive(Debug, Clone, Copy)]
pub struct Pattern {
    /// The atom it is a spelling of.
    pub atom: AtomId,
    /// Whether it must begin and end where tokens do.
    pub bounded: bool,
}

/// One rule: a condition for a category.
#[derive(Debug)]
pub struct Rule {
    /// The category it speaks for.
    pub category: CategoryId,
    /// Its number in the rulebook.
    pub id: RuleId,
    /// Its condition.
    pub condition: OpId,
    /// The condition as written, for explanations.
    pub trace: Trace,
}

/// A condition's syntax tree with the operation each part became.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The part as written.
    pub text: String,
    /// Where it is written; nowhere for a whole list of terms.
    pub site: Option<Site>,
    /// What it became.
    pub op: OpId,
    /// Its parts.
    pub parts: Vec<Trace>,
}

impl Trace {
    /// How many parts it has in all, itself included.
    pub(crate) fn size(&self) -> usize {
        1 + self.parts.iter().map(Trace::size).sum::<usize>()
    }
}

/// All rules of a rulebook in executable form.
#[derive(Debug)]
pub struct Program {
    /// Finds every spelling of every atom, overlaps included.
    pub automaton: Automaton,
    /// What the spellings mean. Patterns of one spelling are neighbours.
    pub patterns: Vec<Pattern>,
    /// Atoms that a token's base form hits.
    pub lemmas: FxHashMap<Box<str>, Vec<AtomId>>,
    /// Atoms that a token hits by being written like one of their bounded patterns.
    pub surfaces: FxHashMap<Box<str>, Vec<AtomId>>,
    /// How many atoms there are.
    pub atom_count: usize,
    /// The operations; operands come before what uses them.
    pub ops: Vec<Op>,
    /// The regular expressions.
    pub regexes: Vec<Regex>,
    /// The rules, ordered so that a category is decided before another refers to it.
    pub rules: Vec<Rule>,
    /// For each category, in rulebook order: what takes its evidence back within a sentence.
    pub exclusions: Vec<Option<Trace>>,
    /// For each category, in rulebook order: its rules, as a range of [`Program::rules`].
    pub rules_of: Vec<Range<usize>>,
    /// What must occur in a text for each operation and rule to be worth evaluating.
    pub needs: Needs,
}

impl Program {
    /// What the operation does, unless it is an atom.
    pub(crate) fn operation(&self, op: OpId) -> Option<&Op> {
        op.atom().err().map(|at| &self.ops[at])
    }
}
