//! What a rule is, and what an answer is, as a number: equal numbers mean equal evidence.
//!
//! A rule's digest covers all that its evidence depends on besides the text: its condition down to the spellings and
//! base forms of every word, what takes its evidence back, and the rules of the categories it refers to. It covers
//! neither its place in the rulebook nor names, so that moving and renaming rules changes no digest.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::classify::{Evidence, Tagging};
use crate::comment::Comment;
use crate::matcher::program::{Column, Op, OpId, Program, RegexId};
use crate::rule::Rulebook;

/// Half a SHA-256: two of a billion texts share one with a probability of 10⁻²¹.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Digest([u8; 16]);

impl Digest {
    /// Which of `shares` equal shares it falls into.
    pub(super) fn share(self, shares: usize) -> usize {
        usize::from(self.0[0]) % shares
    }
}

/// Hashes parts, each with its length, so that they can't run into one another. All in one go: there are many, and small.
struct Hasher(Vec<u8>);

impl Hasher {
    fn new(kind: &str) -> Self {
        Hasher(Vec::with_capacity(512)).part(kind.as_bytes())
    }

    fn part(self, bytes: &[u8]) -> Self {
        let mut hasher = self.number(bytes.len());
        hasher.0.extend_from_slice(bytes);
        hasher
    }

    fn text(self, text: impl AsRef<str>) -> Self {
        self.part(text.as_ref().as_bytes())
    }

    fn number(mut self, number: usize) -> Self {
        self.0.extend_from_slice(&(number as u64).to_le_bytes());
        self
    }

    fn places(self, evidence: &[Evidence]) -> Self {
        let places = evidence.iter().map(|evidence| evidence.span);
        let hasher = self.number(evidence.len());
        places.fold(hasher, |hasher, span| hasher.number(span.start()).number(span.end()))
    }

    fn all(self, digests: impl IntoIterator<Item = Digest>) -> Self {
        digests.into_iter().fold(self, |hasher, digest| hasher.part(&digest.0))
    }

    fn end(self) -> Digest {
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::digest(&self.0)[..16]);
        Digest(half)
    }
}

/// Of the text of a comment.
pub(super) fn text(comment: &Comment) -> Digest {
    Hasher::new("text").text(comment.text()).end()
}

/// What the evidence of a comment depends on besides the rules: its `text`, and the cells of `columns`, which are those
/// that conditions ask for.
pub(super) fn comment(text: Digest, comment: &Comment, columns: &[&str]) -> Digest {
    let mut hasher = Hasher::new("comment").all([text]);
    for &column in columns {
        hasher = match comment.attribute(column) {
            Some(cell) => hasher.text("cell").text(cell),
            None => hasher.text("none"),
        };
        // 列(問, …) means the question where no column is called so.
        if column == "問" {
            hasher = hasher.text(comment.question());
        }
    }
    hasher.end()
}

/// What the candidates for quotes of a comment depend on: its `text`, and the places of evidence of each tag.
pub(super) fn candidates(text: Digest, tagging: &Tagging) -> Digest {
    let hasher = Hasher::new("candidates").all([text]);
    tagging.tags.iter().fold(hasher, |hasher, tag| hasher.places(&tag.evidence)).end()
}

/// What rows of the workbook depend on: their `looks`, and the cells and tags of `comments`, of which the first has the
/// number `first`.
pub(super) fn rows(looks: &str, first: u64, comments: &[(Comment, Tagging)]) -> Digest {
    let mut hasher = Hasher::new("rows").text(looks).text(first.to_string());
    for (comment, tagging) in comments {
        let cells = &comment.row().cells;
        hasher = hasher.number(cells.len());
        hasher = cells.iter().fold(hasher, Hasher::text);
        hasher =
            hasher.number(comment.text_column()).text(comment.question()).text(comment.status().as_str());
        hasher = hasher.number(tagging.tags.len());
        for tag in &tagging.tags {
            hasher = hasher.number(tag.category.index()).places(&tag.evidence);
        }
    }
    hasher.end()
}

/// The columns that conditions of the rulebook ask for, by name.
pub(super) fn columns(rulebook: &Rulebook) -> Vec<&str> {
    let asked = |op: &'_ Op| matches!(op, Op::Column(_));
    let columns = rulebook.program.ops.iter().filter(|op| asked(op));
    let mut names: Vec<&str> = columns
        .filter_map(|op| if let Op::Column(column) = op { Some(&*column.name) } else { None })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What a rule is. Its condition is taken for a list of operands of which one must hold; mostly it is the only one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rule {
    /// Covers all of it.
    pub(super) whole: Digest,
    /// What takes its evidence back.
    exclusion: Option<Digest>,
    /// In order.
    operands: Vec<Digest>,
}

impl Rule {
    /// The rule of these operands, each named once.
    fn new(mut operands: Vec<Digest>, exclusion: Option<Digest>) -> Self {
        operands.sort_unstable();
        operands.dedup();
        let hasher = Hasher::new("rule").number(operands.len()).all(operands.iter().copied());
        Rule { whole: hasher.all(exclusion).end(), exclusion, operands }
    }

    /// The operands besides those of `other`, if it is the same as this one without them.
    pub(super) fn beyond(&self, other: &Rule) -> Option<Vec<Digest>> {
        let had = |operand: &Digest| other.operands.binary_search(operand).is_ok();
        let more: Vec<Digest> = self.operands.iter().copied().filter(|operand| !had(operand)).collect();
        let is_longer =
            self.exclusion == other.exclusion && more.len() + other.operands.len() == self.operands.len();
        is_longer.then_some(more)
    }

    pub(super) fn operands(&self) -> &[Digest] {
        &self.operands
    }
}

/// Each rule, by the rules' numbers, and for each of their operands an operation that does what it does.
pub(super) fn rules(rulebook: &Rulebook) -> (Vec<Rule>, FxHashMap<Digest, OpId>) {
    let program = &rulebook.program;
    let mut reader = Reader {
        program,
        atoms: atoms(rulebook),
        found: vec![None; program.ops.len()],
        categories: vec![Vec::new(); program.rules_of.len()],
    };
    let mut rules: Vec<(usize, Rule)> = Vec::with_capacity(program.rules.len());
    let mut ops = FxHashMap::default();
    // A category's rules come after those of the categories it refers to.
    for rule in &program.rules {
        let alternatives = match program.operation(rule.condition) {
            Some(Op::Or(atoms, others)) => {
                atoms.iter().map(OpId::of_atom).chain(others.iter().copied()).collect()
            }
            _ => vec![rule.condition],
        };
        let operands = reader.ops(&alternatives);
        ops.extend(operands.iter().copied().zip(alternatives));
        let exclusion = program.exclusions[rule.category.index()].as_ref().map(|not| reader.op(not.op));
        let digests = Rule::new(operands, exclusion);
        reader.categories[rule.category.index()].push(digests.whole);
        rules.push((rule.id.index(), digests));
    }
    rules.sort_unstable_by_key(|&(at, _)| at);
    (rules.into_iter().map(|(_, rule)| rule).collect(), ops)
}

/// The digest of each atom: what it is found by.
fn atoms(rulebook: &Rulebook) -> Vec<Digest> {
    let mut found_by = vec![Vec::new(); rulebook.program.atom_count];
    for (spelling, patterns) in &rulebook.spellings {
        for pattern in patterns {
            let kind = if pattern.bounded { "word" } else { "literal" };
            found_by[pattern.atom.index()].push((kind, spelling.as_str()));
        }
    }
    let lemmas = rulebook.program.lemmas.iter();
    lemmas
        .for_each(|(base, atoms)| atoms.iter().for_each(|atom| found_by[atom.index()].push(("base", base))));
    let digest = |mut found_by: Vec<(&str, &str)>| {
        found_by.sort_unstable();
        found_by.dedup();
        found_by.iter().fold(Hasher::new("atom"), |hasher, (kind, text)| hasher.text(kind).text(text)).end()
    };
    found_by.into_iter().map(digest).collect()
}

struct Reader<'p> {
    program: &'p Program,
    atoms: Vec<Digest>,
    /// The digests of operations, as far as they are known.
    found: Vec<Option<Digest>>,
    /// The digests of each category's rules.
    categories: Vec<Vec<Digest>>,
}

impl Reader<'_> {
    fn op(&mut self, op: OpId) -> Digest {
        let at = match op.atom() {
            Ok(atom) => return self.atoms[atom.index()],
            Err(at) => at,
        };
        if let Some(digest) = self.found[at] {
            return digest;
        }
        let program = self.program;
        let digest = self.inner(&program.ops[at]);
        self.found[at] = Some(digest);
        digest
    }

    fn ops(&mut self, ops: &[OpId]) -> Vec<Digest> {
        ops.iter().map(|&op| self.op(op)).collect()
    }

    fn inner(&mut self, op: &Op) -> Digest {
        match op {
            Op::Or(atoms, others) => {
                let atoms: Vec<OpId> = atoms.iter().map(OpId::of_atom).collect();
                let mut operands = self.ops(&atoms);
                operands.extend(self.ops(others));
                // Atoms are numbered in the order of the whole rulebook, and "or" has no order.
                operands.sort_unstable();
                Hasher::new("or").all(operands)
            }
            Op::And(operands) => Hasher::new("and").all(self.ops(operands)),
            Op::Not(inner) => Hasher::new("not").all([self.op(*inner)]),
            Op::Count(inner, comparison, number) => {
                Hasher::new("count").text(format!("{comparison:?} {number}")).all([self.op(*inner)])
            }
            Op::Near { operands, absent, ordered, scope, distance } => Hasher::new("near")
                .text(format!("{ordered} {scope:?} {distance:?} {}", operands.len()))
                .all(self.ops(operands))
                .all(self.ops(absent)),
            Op::Adjacent(operands) => Hasher::new("adjacent").all(self.ops(operands)),
            Op::Polarity(inner, polarity) => {
                Hasher::new("polarity").text(format!("{polarity:?}")).all([self.op(*inner)])
            }
            Op::Pos(inner, pos) => Hasher::new("pos").text(pos).all([self.op(*inner)]),
            Op::Any(pos) => Hasher::new("any").text(pos),
            Op::Length(comparison, number) => Hasher::new("length").text(format!("{comparison:?} {number}")),
            Op::Column(column) => {
                let Column { name, values, patterns } = &**column;
                let hasher = Hasher::new("column").text(name).text(values.len().to_string());
                let hasher = values.iter().fold(hasher, Hasher::text);
                patterns.iter().map(|&regex| self.regex(regex)).fold(hasher, Hasher::text)
            }
            Op::Category(category) => {
                Hasher::new("category").all(self.categories[category.index()].iter().copied())
            }
            Op::Regex(regex) => Hasher::new("regex").text(self.regex(*regex)),
        }
        .end()
    }

    fn regex(&self, regex: RegexId) -> &str {
        self.program.regexes[regex.0 as usize].as_str()
    }
}
