//! Finds the categories of a comment: the rulebook's program run over one text after the other.
//!
//! One [`Worker`] per thread owns every buffer; nothing is allocated per comment but the result. A text is normalised
//! and tokenized, one overlapping Aho–Corasick automaton finds the spellings of all terms, each token's base form finds
//! the words, and only rules whose needs the atoms of the text meet are evaluated.

pub mod apart;
pub(crate) mod evaluate;
pub(crate) mod hit;
pub mod needs;
pub mod polarity;
pub mod program;

use crate::classify::{Evidence, Tag, Tagging};
use crate::comment::{Comment, Status};
use crate::normalise::normalise_into;
use crate::rule::{CategoryId, RuleId, Rulebook};
use crate::sentence::{Scope, Scopes};
use crate::span::{Norm, Orig, Span};
use crate::text::Normalised;
use crate::token::{Token, Tokens};
use crate::tokenize::{self, Tokenizer};
use evaluate::{Evaluation, Input, Value};
use hit::Hit;
use program::{AtomId, OpId};

/// Tags comments, one after the other, on one thread.
pub struct Worker<'r> {
    rulebook: &'r Rulebook,
    analyser: Analyser,
    /// Atoms hit by each lexeme of the tokenizer's lexicon, as ranges of `lexeme_atoms`.
    by_lexeme: Vec<Option<(u32, u32)>>,
    lexeme_atoms: Vec<AtomId>,
    generation: u32,
    /// The atoms found in the text at hand.
    found: Vec<(AtomId, Hit)>,
    /// The rules that it can satisfy.
    open: Vec<u32>,
    evaluation: Evaluation,
    evidence: Vec<Hit>,
}

/// A text as an [`Analyser`] understood it, to be kept and given back. Its words mean nothing to another analyser.
#[derive(Debug, Default)]
pub struct Analysed {
    normalised: Normalised,
    tokens: Vec<Token>,
    scopes: Scopes,
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

    /// Exchanges the text at hand for `kept`, which this analyser must have analysed.
    pub fn swap(&mut self, kept: &mut Analysed) {
        std::mem::swap(&mut self.normalised, &mut kept.normalised);
        std::mem::swap(&mut self.tokens, &mut kept.tokens);
        std::mem::swap(&mut self.scopes, &mut kept.scopes);
    }

    /// Whether the next text would make it forget its words, and with them the meaning of everything kept.
    pub fn is_full(&self) -> bool {
        self.tokenizer.is_full()
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
        Worker::with_analyser(rulebook, Analyser::new(tokenizer))
    }

    /// As [`Worker::new`], with an analyser that has texts kept.
    pub fn with_analyser(rulebook: &'r Rulebook, analyser: Analyser) -> Self {
        Worker {
            rulebook,
            analyser,
            by_lexeme: Vec::new(),
            lexeme_atoms: Vec::new(),
            generation: 0,
            found: Vec::new(),
            open: Vec::new(),
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
        self.decide_analysed(comment)
    }

    /// As [`Worker::tag`], of a comment whose text the worker's analyser has `kept`.
    pub fn tag_kept(&mut self, comment: &Comment, kept: &mut Analysed) -> Tagging {
        if comment.status() != Status::Answered {
            return Tagging::default();
        }
        self.analyser.swap(kept);
        let tagging = self.decide_analysed(comment);
        self.analyser.swap(kept);
        tagging
    }

    /// The categories of `comment`, whose text has been analysed.
    fn decide_analysed(&mut self, comment: &Comment) -> Tagging {
        if self.analyser.tokens().is_empty() {
            // Nothing but invisible characters.
            return Tagging::default();
        }
        self.find_atoms();
        self.evaluate(comment)
    }

    /// Has the analyser analyse `comment`, whose categories are known, as if it were tagged.
    pub fn analyse(&mut self, comment: &Comment) {
        self.analyser.analyse(comment.text());
    }

    /// Ends the worker and gives its analyser back.
    pub fn into_analyser(self) -> Analyser {
        self.analyser
    }

    /// Tokens, sentences and normalised form of the comment tagged last (if it said anything).
    pub fn analyser(&self) -> &Analyser {
        &self.analyser
    }

    /// Whether the operation holds in the comment tagged last, and where (original text).
    pub fn probe(&mut self, op: OpId, comment: &Comment) -> (bool, Vec<Span<Orig>>) {
        let (holds, hits) = self.hits(op, comment);
        (holds, hits.iter().map(|hit| self.original(hit.span)).collect())
    }

    /// As [`Worker::probe`], with the places as hits.
    pub(crate) fn hits(&mut self, op: OpId, comment: &Comment) -> (bool, Vec<Hit>) {
        let analyser = &self.analyser;
        let input = Input { tokens: analyser.tokens(), scopes: &analyser.scopes, comment };
        let value = self.evaluation.evaluate(&self.rulebook.program, op, input);
        (value.holds, self.evaluation.hits(value).to_vec())
    }

    /// Whether the operation holds in the comment tagged last.
    pub(crate) fn holds(&mut self, op: OpId, comment: &Comment) -> bool {
        let input = Input { tokens: self.analyser.tokens(), scopes: &self.analyser.scopes, comment };
        self.evaluation.evaluate(&self.rulebook.program, op, input).holds
    }

    /// Whether a category with these conditions and this exclusion would be given to the comment tagged last.
    pub(crate) fn decides(
        &mut self,
        conditions: &[OpId],
        exclusion: Option<OpId>,
        comment: &Comment,
    ) -> bool {
        conditions.iter().any(|&condition| {
            let places = self.places(condition, comment);
            let Some(exclusion) = exclusion.filter(|_| !places.is_empty()) else { return !places.is_empty() };
            let input = Input { tokens: self.analyser.tokens(), scopes: &self.analyser.scopes, comment };
            let excluded = self.evaluation.evaluate(&self.rulebook.program, exclusion, input);
            places.iter().any(|hit| !is_excluded(*hit, excluded, &self.evaluation, input.scopes))
        })
    }

    /// The places of the operation in the comment tagged last as a rule would report them: without those that hold a
    /// smaller one, and the whole answer where it holds without a place.
    pub(crate) fn places(&mut self, op: OpId, comment: &Comment) -> Vec<Hit> {
        let (holds, hits) = self.hits(op, comment);
        let tokens = self.analyser.tokens();
        if holds && hits.is_empty() {
            return vec![Hit::at(Span::new(0, tokens.text.len()), tokens)];
        }
        let smallest = (0..hits.len()).filter(|&at| !holds_smaller(&hits, at));
        smallest.map(|at| hits[at]).collect()
    }

    /// Whether the condition of a rule holds in the comment tagged last, taken back by its category's `not` or not.
    pub(crate) fn rule_holds(&mut self, rule: RuleId, category: CategoryId, comment: &Comment) -> bool {
        let program = &self.rulebook.program;
        let rules = &program.rules[program.rules_of[category.index()].clone()];
        let Some(rule) = rules.iter().find(|candidate| candidate.id == rule) else { return false };
        let input = Input { tokens: self.analyser.tokens(), scopes: &self.analyser.scopes, comment };
        self.evaluation.evaluate(program, rule.condition, input).holds
    }

    /// Whether the category would apply to the comment tagged last if the operations `silenced` found nothing, and all
    /// other categories were as they are.
    pub(crate) fn applies_without(
        &mut self,
        silenced: &[OpId],
        category: CategoryId,
        comment: &Comment,
    ) -> bool {
        let range = self.rulebook.program.rules_of[category.index()].clone();
        let narrow = |at: usize| u32::try_from(at).expect("rules are fewer than bytes");
        let rules: Vec<u32> = range.map(narrow).collect();
        let silence = self.evaluation.silence(silenced);
        let applies = self.decide(category, &rules, comment).is_some();
        self.evaluation.unsilence(silence);
        applies
    }

    /// Whether the category would apply to the comment tagged last if `op` were one of its rules.
    pub(crate) fn would_give(&mut self, op: OpId, category: CategoryId, comment: &Comment) -> bool {
        let hits = self.places(op, comment);
        let program = &self.rulebook.program;
        let Some(exclusion) = program.exclusions[category.index()].as_ref().filter(|_| !hits.is_empty())
        else {
            return !hits.is_empty();
        };
        let analyser = &self.analyser;
        let input = Input { tokens: analyser.tokens(), scopes: &analyser.scopes, comment };
        let excluded = self.evaluation.evaluate(program, exclusion.op, input);
        hits.iter().any(|hit| !is_excluded(*hit, excluded, &self.evaluation, input.scopes))
    }

    fn original(&self, span: Span<Norm>) -> Span<Orig> {
        self.analyser.normalised.map().to_original(span)
    }

    /// Collects the hits of all atoms in the analysed text.
    fn find_atoms(&mut self) {
        self.found.clear();
        let program = &self.rulebook.program;
        let tokens = self.analyser.tokens();
        let mut places = Places { tokens: tokens.tokens, end: 0 };
        for (span, spelling) in program.automaton.find(tokens.text) {
            let hit = places.hit(span);
            // What is one token is found below, by its surface.
            let is_bounded = hit.end > hit.first + 1 && is_bounded(hit, tokens);
            if !is_bounded && !spelling.has_unbounded {
                continue;
            }
            let patterns = &program.patterns[spelling.patterns()];
            let hits = patterns.iter().filter(|pattern| is_bounded || !pattern.bounded);
            self.found.extend(hits.map(|pattern| (pattern.atom, hit)));
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
                let by_base = program.lemmas.get(&tokens.lexicon[token.lexeme].base);
                let by_surface = program.surfaces.get(tokens.surface(at));
                let mut atoms: Vec<AtomId> =
                    by_base.into_iter().chain(by_surface).flatten().copied().collect();
                atoms.sort_unstable();
                atoms.dedup();
                self.lexeme_atoms.append(&mut atoms);
                let narrow = |n: usize| u32::try_from(n).expect("lexicon and rulebook are bounded");
                (narrow(start), narrow(self.lexeme_atoms.len()))
            });
            let at = u32::try_from(at).expect("fewer tokens than bytes");
            let hit = Hit { span: token.span, first: at, end: at + 1 };
            self.found
                .extend(self.lexeme_atoms[start as usize..end as usize].iter().map(|&atom| (atom, hit)));
        }
    }

    /// Evaluates the rules whose needs are met; rules of one category are neighbours.
    fn evaluate(&mut self, comment: &Comment) -> Tagging {
        self.evaluation.begin(&self.rulebook.program, &self.found);
        self.evaluation.open_rules(&self.rulebook.program.needs, &mut self.open);
        let mut tagging = Tagging::default();
        let open = std::mem::take(&mut self.open);
        for rules in open.chunk_by(|&a, &b| category_of(self.rulebook, a) == category_of(self.rulebook, b)) {
            let category = category_of(self.rulebook, rules[0]);
            if let Some(tag) = self.decide(category, rules, comment) {
                tagging.tags.push(tag);
            }
        }
        self.open = open;
        tagging.tags.sort_by_key(|tag| tag.category);
        tagging
    }

    /// Decides one category by those of its rules that are triggered.
    fn decide(&mut self, category: CategoryId, rules: &[u32], comment: &Comment) -> Option<Tag> {
        let program = &self.rulebook.program;
        let analyser = &self.analyser;
        let input = Input { tokens: analyser.tokens(), scopes: &analyser.scopes, comment };
        let mut evidence = Vec::new();
        let mut excluded: Option<Value> = None;
        self.evidence.clear();
        for &rule in rules {
            let rule = &program.rules[rule as usize];
            let value = self.evaluation.evaluate(program, rule.condition, input);
            if !value.holds {
                continue;
            }
            if let Some(exclusion) = &program.exclusions[category.index()] {
                excluded.get_or_insert_with(|| self.evaluation.evaluate(program, exclusion.op, input));
            }
            let hits = self.evaluation.hits(value);
            let everywhere;
            let hits = if hits.is_empty() {
                // A condition on columns or length alone has no place of its own: the whole answer is its evidence.
                everywhere = [Hit::at(Span::new(0, input.tokens.text.len()), input.tokens)];
                &everywhere
            } else {
                hits
            };
            for (at, hit) in hits.iter().enumerate() {
                if excluded.is_some_and(|value| is_excluded(*hit, value, &self.evaluation, input.scopes))
                    || holds_smaller(hits, at)
                {
                    continue;
                }
                self.evidence.push(*hit);
                let span = analyser.normalised.map().to_original(readable(*hit, input.tokens));
                evidence.push(Evidence { span, rule: rule.id });
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

/// Finds the tokens that places touch, for places that come in the order of their ends.
struct Places<'t> {
    tokens: &'t [Token],
    /// One past the last token touched by the last place: where the next search begins.
    end: usize,
}

impl Places<'_> {
    /// The hit at `span`, as [`Hit::at`] would find it by bisection.
    fn hit(&mut self, span: Span<Norm>) -> Hit {
        while self.tokens.get(self.end).is_some_and(|token| token.span.start() < span.end()) {
            self.end += 1;
        }
        // Patterns are a few tokens long.
        let mut first = self.end;
        while first > 0 && self.tokens[first - 1].span.end() > span.start() {
            first -= 1;
        }
        let narrow = |n: usize| u32::try_from(n).expect("fewer tokens than bytes");
        Hit { span, first: narrow(first), end: narrow(self.end) }
    }
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

/// What to show of a hit: up to the end of the word form it ends in. 言わ convinces nobody, 言われた does.
fn readable(hit: Hit, tokens: Tokens<'_>) -> Span<Norm> {
    match tokens.form_end(hit.end as usize) {
        Some(end) if hit.first < hit.end => hit.span.cover(tokens.tokens[end - 1].span),
        _ => hit.span,
    }
}

/// Whether another of the hits lies inside this one: the smaller says the same in fewer words.
fn holds_smaller(hits: &[Hit], at: usize) -> bool {
    let hit = hits[at];
    // Hits are ordered by start and then by end: smaller ones inside begin no earlier.
    let inside = |other: &Hit| *other != hit && hit.span.contains(other.span);
    hits[..at].iter().rev().take_while(|other| other.span.start() == hit.span.start()).any(inside)
        || hits[at + 1..].iter().take_while(|other| other.span.start() < hit.span.end()).any(inside)
}
