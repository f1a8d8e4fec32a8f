//! What the compiler makes of the rules and the matcher runs: atoms, an automaton that finds them, and operations over
//! their hits.
//!
//! Equal sub-conditions are one operation, whichever rule they stand in, and are evaluated once per comment.

use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex::Regex;
use rustc_hash::FxHashMap;

use super::polarity::Polarity;
use crate::rule::expr::Comparison;
use crate::rule::{CategoryId, RuleId};
use crate::sentence::Scope;

/// A word, variant or literal that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtomId(pub(crate) u32);

impl AtomId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// An operation of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(pub(crate) u32);

impl OpId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What an operation does. Its value is whether it holds, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// The hits of an atom.
    Atom(AtomId),
    /// The hits of all operands; holds if one does.
    Or(Box<[OpId]>),
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
    /// Compares the number of characters of the answer.
    Length(Comparison, u32),
    /// A column's cell: its name, the values it may have (normalised) and the patterns it may match.
    Column(Box<str>, Box<[Box<str>]>, Box<[RegexId]>),
    /// The evidence of another category.
    Category(CategoryId),
    /// The matches of a regular expression in the normalised text.
    Regex(RegexId),
}

/// Index into [`Program::regexes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegexId(pub(crate) u32);

/// A pattern of the automaton.
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
    /// What it became.
    pub op: OpId,
    /// Its parts.
    pub parts: Vec<Trace>,
}

/// All rules of a rulebook in executable form.
#[derive(Debug)]
pub struct Program {
    /// Finds every spelling of every atom, overlaps included.
    pub automaton: AhoCorasick,
    /// What each pattern of the automaton means.
    pub patterns: Vec<Pattern>,
    /// Atoms that a token's base form hits.
    pub lemmas: FxHashMap<Box<str>, Vec<AtomId>>,
    /// How many atoms there are.
    pub atom_count: usize,
    /// The operations; operands come before what uses them.
    pub ops: Vec<Op>,
    /// The regular expressions.
    pub regexes: Vec<Regex>,
    /// The rules, ordered so that a category is decided before another refers to it.
    pub rules: Vec<Rule>,
    /// For each category, in rulebook order: what takes its evidence back within a sentence.
    pub exclusions: Vec<Option<OpId>>,
    /// For each category, in rulebook order: its rules, as a range of [`Program::rules`].
    pub rules_of: Vec<Range<usize>>,
    /// For each atom: the rules (indices into [`Program::rules`]) that are worth evaluating when it is hit. Every
    /// rule is reachable from some atom of every text that could satisfy it.
    pub triggers: Vec<Vec<u32>>,
    /// Rules that can hold in a text without any atom.
    pub untriggered: Vec<u32>,
}
