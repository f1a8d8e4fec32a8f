//! Finds the categories of a comment: the rulebook's program run over one text after the other.
//!
//! One [`Worker`] per thread owns every buffer; nothing is allocated per comment but the result. A text is normalised
//! and tokenized, one overlapping Aho–Corasick automaton finds the spellings of all terms, each token's base form finds
//! the words, and only rules that an atom of the text triggers are evaluated.

pub(crate) mod evaluate;
pub mod polarity;
pub mod program;

use crate::classify::{Evidence, Tag, Tagging};
use crate::comment::{Comment, Status};
use crate::normalise::normalise_into;
use crate::rule::{CategoryId, Rulebook};
use crate::sentence::{Scope, Scopes};
use crate::span::{Norm, Orig, Span};
use crate::text::Normalised;
use crate::token::{Token, Tokens};
use crate::tokenize::{self, Tokenizer};
use evaluate::{Evaluation, Hit, Input, Value, hit_at};
use program::{AtomId, OpId};

/// Tags comments, one after the other, on one thread.
pub struct Worker<'r> {
    rulebook: &'r Rulebook,
    analyser: Analyser,
    /// Atoms hit by each lexeme of the tokenizer's lexicon, as ranges of `lexeme_atoms`.
    by_lexeme: Vec<Option<(u32, u32)>>,
    lexeme_atoms: Vec<AtomId>,
    generation: u32,
    /// Hits of each atom in the text at hand, and which atoms have any.
    atoms: Vec<Vec<Hit>>,
    touched: Vec<AtomId>,
    /// Rules to evaluate for the text at hand.
    triggered: Vec<u32>,
    evaluation: Evaluation,
    evidence: Vec<Hit>,
}

/// Normalises, tokenizes and splits texts, one after the other, on one thread.
pub struct Analyser {
    tokenizer: tokenize::Worker,
    normalised: Normalised,
    tokens: Vec<Token>,
    scopes: Scopes,
}

impl Analyser {
    /// An analyser with its own tokenizer worker.
    pub fn new(tokenizer: &Tokenizer) -> Self {
        Analyser {
            tokenizer: tokenizer.worker(),
            normalised: Normalised::default(),
            tokens: Vec::new(),
            scopes: Scopes::default(),
        }
    }

    /// Analyses `text`; the parts can then be asked for until the next call.
    pub fn analyse(&mut self, text: &str) {
        normalise_into(text, &mut self.normalised);
        self.tokenizer.tokenize(self.normalised.text(), &mut self.tokens);
        let tokens =
            Tokens { text: self.normalised.text(), tokens: &self.tokens, lexicon: self.tokenizer.lexicon() };
        self.scopes.fill(tokens);
    }

    /// The tokens of the text analysed last.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens { text: self.normalised.text(), tokens: &self.tokens, lexicon: self.tokenizer.lexicon() }
    }

    /// Its sentences and clauses.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Its normalised form and the way back to the original.
    pub fn normalised(&self) -> &Normalised {
        &self.normalised
    }
}

impl<'r> Worker<'r> {
    /// A worker for `rulebook` on texts tokenized by `tokenizer`, which must be the one the rulebook was compiled with.
    pub fn new(rulebook: &'r Rulebook, tokenizer: &Tokenizer) -> Self {
        Worker {
            rulebook,
            analyser: Analyser::new(tokenizer),
            by_lexeme: Vec::new(),
            lexeme_atoms: Vec::new(),
            generation: 0,
            atoms: vec![Vec::new(); rulebook.program.atom_count],
            touched: Vec::new(),
            triggered: Vec::new(),
            evaluation: Evaluation::default(),
            evidence: Vec::new(),
        }
    }

    /// The categories of `comment`. Comments that say nothing have none.
    pub fn tag(&mut self, comment: &Comment) -> Tagging {
        if comment.status() != Status::Answered {
            return Tagging::default();
        }
        self.analyser.analyse(comment.text());
        if self.analyser.tokens().is_empty() {
            // Nothing but invisible characters.
            return Tagging::default();
        }
        self.find_atoms();
        self.evaluate(comment)
    }

    /// Tokens, sentences and normalised form of the comment tagged last (if it said anything).
    pub fn analyser(&self) -> &Analyser {
        &self.analyser
    }

    /// Whether the operation holds in the comment tagged last, and where (original text).
    pub fn probe(&mut self, op: OpId, comment: &Comment) -> (bool, Vec<Span<Orig>>) {
        let analyser = &self.analyser;
        let input = Input { tokens: analyser.tokens(), scopes: &analyser.scopes, atoms: &self.atoms, comment };
        let value = self.evaluation.evaluate(&self.rulebook.program, op, input);
        let hits = self.evaluation.hits(value);
        (value.holds, hits.iter().map(|hit| self.original(hit.span)).collect())
    }

    fn original(&self, span: Span<Norm>) -> Span<Orig> {
        self.analyser.normalised.map().to_original(span)
    }

    /// Collects the hits of all atoms in the analysed text.
    fn find_atoms(&mut self) {
        for atom in self.touched.drain(..) {
            self.atoms[atom.index()].clear();
        }
        let program = &self.rulebook.program;
        let tokens = self.analyser.tokens();
        let (atoms, touched) = (&mut self.atoms, &mut self.touched);
        let mut add = |atom: AtomId, hit: Hit| {
            let hits = &mut atoms[atom.index()];
            if hits.is_empty() {
                touched.push(atom);
            }
            hits.push(hit);
        };
        for found in program.automaton.find_overlapping_iter(tokens.text) {
            let pattern = program.patterns[found.pattern().as_usize()];
            let hit = hit_at(Span::new(found.start(), found.end()), tokens);
            if !pattern.bounded || is_bounded(hit, tokens) {
                add(pattern.atom, hit);
            }
        }
        // The tokenizer's lexicon may have started afresh: numbers mean other words now.
        if self.generation != self.analyser.tokenizer.generation() {
            self.generation = self.analyser.tokenizer.generation();
            self.by_lexeme.clear();
            self.lexeme_atoms.clear();
        }
        self.by_lexeme.resize(tokens.lexicon.len(), None);
        for (at, token) in tokens.tokens.iter().enumerate() {
            let slot = &mut self.by_lexeme[token.lexeme.index()];
            let (start, end) = *slot.get_or_insert_with(|| {
                let start = self.lexeme_atoms.len();
                if let Some(found) = program.lemmas.get(&tokens.lexicon[token.lexeme].base) {
                    self.lexeme_atoms.extend_from_slice(found);
                }
                let narrow = |n: usize| u32::try_from(n).expect("lexicon and rulebook are bounded");
                (narrow(start), narrow(self.lexeme_atoms.len()))
            });
            let at = u32::try_from(at).expect("fewer tokens than bytes");
            for &atom in &self.lexeme_atoms[start as usize..end as usize] {
                add(atom, Hit { span: token.span, first: at, end: at + 1 });
            }
        }
        for atom in &self.touched {
            let hits = &mut self.atoms[atom.index()];
            hits.sort_unstable();
            hits.dedup();
        }
    }

    /// Evaluates the triggered rules; rules of one category are neighbours.
    fn evaluate(&mut self, comment: &Comment) -> Tagging {
        let program = &self.rulebook.program;
        self.triggered.clear();
        self.triggered.extend_from_slice(&program.untriggered);
        for atom in &self.touched {
            self.triggered.extend_from_slice(&program.triggers[atom.index()]);
        }
        self.triggered.sort_unstable();
        self.triggered.dedup();
        self.evaluation.begin(program);
        let mut tagging = Tagging::default();
        let triggered = std::mem::take(&mut self.triggered);
        for rules in triggered.chunk_by(|&a, &b| category_of(self.rulebook, a) == category_of(self.rulebook, b)) {
            let category = category_of(self.rulebook, rules[0]);
            if let Some(tag) = self.decide(category, rules, comment) {
                tagging.tags.push(tag);
            }
        }
        self.triggered = triggered;
        tagging.tags.sort_by_key(|tag| tag.category);
        tagging
    }

    /// Decides one category by those of its rules that are triggered.
    fn decide(&mut self, category: CategoryId, rules: &[u32], comment: &Comment) -> Option<Tag> {
        let program = &self.rulebook.program;
        let analyser = &self.analyser;
        let input = Input { tokens: analyser.tokens(), scopes: &analyser.scopes, atoms: &self.atoms, comment };
        let mut evidence = Vec::new();
        let mut excluded: Option<Value> = None;
        self.evidence.clear();
        for &rule in rules {
            let rule = &program.rules[rule as usize];
            let value = self.evaluation.evaluate(program, rule.condition, input);
            if !value.holds {
                continue;
            }
            if let Some(exclusion) = program.exclusions[category.index()] {
                excluded.get_or_insert_with(|| self.evaluation.evaluate(program, exclusion, input));
            }
            let hits = self.evaluation.hits(value);
            let everywhere = [hit_at(Span::new(0, input.tokens.text.len()), input.tokens)];
            // A condition on columns or length alone has no place of its own: the whole answer is its evidence.
            let hits = if hits.is_empty() { &everywhere } else { hits };
            for (at, hit) in hits.iter().enumerate() {
                if excluded.is_some_and(|value| is_excluded(*hit, value, &self.evaluation, input.scopes))
                    || holds_smaller(hits, at)
                {
                    continue;
                }
                self.evidence.push(*hit);
                evidence.push(Evidence { span: analyser.normalised.map().to_original(hit.span), rule: rule.id });
            }
        }
        if evidence.is_empty() {
            return None;
        }
        self.evaluation.decide(category, self.evidence.iter().copied());
        evidence.sort_unstable();
        evidence.dedup();
        Some(Tag { category, evidence })
    }
}

fn category_of(rulebook: &Rulebook, rule: u32) -> CategoryId {
    rulebook.program.rules[rule as usize].category
}

/// Whether a hit begins and ends where tokens do.
fn is_bounded(hit: Hit, tokens: Tokens<'_>) -> bool {
    hit.first < hit.end
        && tokens.tokens[hit.first as usize].span.start() == hit.span.start()
        && tokens.tokens[hit.end as usize - 1].span.end() == hit.span.end()
}

/// Whether an exclusion takes the hit back: it stands in the same sentence, or has no place at all.
fn is_excluded(hit: Hit, exclusion: Value, evaluation: &Evaluation, scopes: &Scopes) -> bool {
    if !exclusion.holds {
        return false;
    }
    let places = evaluation.hits(exclusion);
    let sentence = |hit: &Hit| scopes.unit(Scope::Sentence, hit.first as usize);
    // Places are ordered, and so are their sentences.
    places.is_empty() || places.binary_search_by_key(&sentence(&hit), sentence).is_ok()
}

/// Whether another of the hits lies inside this one: the smaller says the same in fewer words.
fn holds_smaller(hits: &[Hit], at: usize) -> bool {
    let hit = hits[at];
    // Hits are ordered by start and then by end: smaller ones inside begin no earlier.
    let inside = |other: &Hit| *other != hit && hit.span.contains(other.span);
    hits[..at].iter().rev().take_while(|other| other.span.start() == hit.span.start()).any(inside)
        || hits[at + 1..].iter().take_while(|other| other.span.start() < hit.span.end()).any(inside)
}
