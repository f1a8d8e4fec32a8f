//! A candidate: the excerpt that would stand for a comment in a category, with what is needed to judge it.
//!
//! Made on the worker threads, where the tokens are. A candidate outlives them: it owns its words as text, because
//! the numbers of lexemes mean nothing outside their worker.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::classify::{Evidence, Tag, Tagging};
use crate::comment::Comment;
use crate::matcher::{Analyser, Worker};
use crate::quote::brackets::Brackets;
use crate::quote::excerpt::{Answer, Slice, within};
use crate::quote::identify::{self, Flag};
use crate::quote::likeness::Likeness;
use crate::quote::reading::{self, Certainty, Opening};
use crate::rule::CategoryId;
use crate::sentence::{Scope, Scopes};
use crate::span::{Norm, Orig, Span};
use crate::text::Normalised;
use crate::token::Tokens;

/// Tokens after evidence within which it may be supposed or taken back: a clause or two.
const REACH: usize = 12;

/// An excerpt that might represent a category.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub(super) category: CategoryId,
    pub(super) source: Source,
    pub(super) bag: Bag,
    pub(super) form: Form,
    /// How many places in the comment gave it the category.
    pub(super) evidence: usize,
    /// How many other categories have evidence in the excerpt.
    pub(super) others: usize,
    /// That of the surest evidence.
    pub(super) certainty: Certainty,
    pub(super) likeness: Likeness,
    /// Identifying details in the excerpt, by position.
    pub(super) flags: Vec<Flag>,
    /// The categories of the comment.
    pub(super) categories: Box<[CategoryId]>,
}

/// Where a candidate is cut from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) comment: Comment,
    pub(super) excerpts: Vec<Span<Orig>>,
}

/// Base forms of an excerpt's content words, sorted, one a line, each as often as it occurs and once more where it is
/// evidence. One allocation instead of one per word: there are millions of candidates, and most are dropped at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Bag(Box<str>);

/// How an excerpt reads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Form {
    /// Characters of the original, without the … between slices.
    pub(super) chars: usize,
    /// Whether it ends in a finite predicate (困った。) or a noun of action or quality (再起動。不便).
    pub(super) is_complete: bool,
    /// Whether it opens with a word that leans on what went before: その, これ, 上記.
    pub(super) is_leaning: bool,
    /// Whether it begins or ends within a sentence, and so is printed with a `…` there.
    pub(super) is_cut: bool,
    /// Whether every bracket has its partner.
    pub(super) is_balanced: bool,
    /// Share of debris, from 0 to 1.
    pub(super) noise: f64,
    /// From 0 to 1.
    pub(super) concreteness: f64,
}

/// Appends the candidates of `comment`, one per tag of `tagging` (in the same order). `analyser` must have analysed
/// the text of this very comment last.
pub fn candidates_of(comment: &Comment, tagging: &Tagging, analyser: &Analyser, out: &mut Vec<Candidate>) {
    if tagging.is_empty() {
        return;
    }
    let view = View::new(comment, tagging, analyser);
    for tag in &tagging.tags {
        let others = view.evidence_of_others(tag);
        let slices = view.answer.excerpt(&tag.evidence, &others);
        if !slices.is_empty() {
            out.push(view.candidate(tag.category, &tag.evidence, &slices));
        }
    }
}

/// A comment that has just been analysed.
struct View<'a> {
    comment: &'a Comment,
    tagging: &'a Tagging,
    normalised: &'a Normalised,
    tokens: Tokens<'a>,
    scopes: &'a Scopes,
    answer: Answer<'a>,
    /// Identifying details anywhere in the comment.
    flags: Vec<Flag>,
}

impl<'a> View<'a> {
    fn new(comment: &'a Comment, tagging: &'a Tagging, analyser: &'a Analyser) -> Self {
        let (normalised, tokens, scopes) = (analyser.normalised(), analyser.tokens(), analyser.scopes());
        let answer = Answer::new(comment.text(), normalised, tokens, scopes);
        let flags = identify::flags(normalised, tokens);
        View { comment, tagging, normalised, tokens, scopes, answer, flags }
    }

    fn evidence_of_others(&self, tag: &Tag) -> Vec<Evidence> {
        let others = self.tagging.tags.iter().filter(|other| other.category != tag.category);
        others.flat_map(|other| other.evidence.iter().copied()).collect()
    }

    fn candidate(&self, category: CategoryId, evidence: &[Evidence], slices: &[Slice]) -> Candidate {
        let ranges: Vec<Range<usize>> = slices.iter().map(|slice| within(self.tokens, slice.norm)).collect();
        let excerpts: Vec<Span<Orig>> = slices.iter().map(|slice| slice.orig).collect();
        let original = self.comment.text();
        let evidence_tokens: Vec<Range<usize>> = evidence
            .iter()
            .filter(|evidence| is_in(evidence, &excerpts))
            .map(|evidence| self.touched(evidence.span))
            .collect();
        let words = ranges.iter().chain(&evidence_tokens).cloned().flatten().map(|at| self.tokens.lexeme(at));
        let text = self.normalised.text();
        let is_leaning = match (ranges.first(), slices.first()) {
            (Some(range), Some(slice)) => {
                text[..slice.norm.start()].trim_end().ends_with('→')
                    || reading::opening(self.tokens, range.clone()) == Opening::Leaning
            }
            _ => false,
        };
        let certainty =
            |range: &Range<usize>| reading::certainty(self.tokens, range.clone(), self.reach(range));
        Candidate {
            category,
            bag: Bag::of(words.filter(|word| word.is_content()).map(|word| &*word.base)),
            form: Form {
                chars: excerpts.iter().map(|span| original[span.range()].chars().count()).sum(),
                is_complete: ranges
                    .last()
                    .is_some_and(|last| reading::is_complete(self.tokens, last.clone())),
                is_leaning,
                is_cut: super::is_cut(original, &excerpts),
                is_balanced: slices.iter().all(|slice| !Brackets::of(&text[slice.norm.range()]).has_lonely),
                noise: reading::noise(
                    self.tokens,
                    &ranges,
                    excerpts.iter().map(|span| reading::gaps(&original[span.range()])).sum(),
                ),
                concreteness: reading::concreteness(self.tokens, &ranges),
            },
            evidence: evidence.len(),
            others: others_in(&excerpts, self.tagging, category),
            certainty: evidence_tokens.iter().map(certainty).min().unwrap_or(Certainty::Firm),
            likeness: Likeness::of(self.tokens, &ranges),
            flags: self.flags.iter().filter(|flag| flag.is_within(&excerpts)).copied().collect(),
            categories: self.tagging.tags.iter().map(|tag| tag.category).collect(),
            source: Source { comment: self.comment.clone(), excerpts },
        }
    }

    /// The tokens that a place of the original touches.
    fn touched(&self, span: Span<Orig>) -> Range<usize> {
        let orig = |norm: Span<Norm>| self.normalised.map().to_original(norm);
        let tokens = self.tokens.tokens;
        let start = tokens.partition_point(|token| orig(token.span).end() <= span.start());
        let end = tokens.partition_point(|token| orig(token.span).start() < span.end());
        start..end.max(start)
    }

    /// How far the words after evidence bear on it: to the end of its sentence, a clause or two.
    fn reach(&self, evidence: &Range<usize>) -> usize {
        let Some(last) = evidence.end.checked_sub(1) else { return 0 };
        let sentence = self.scopes.unit(Scope::Sentence, last);
        let ahead = evidence.end..self.tokens.len().min(evidence.end + REACH);
        ahead.clone().find(|&at| self.scopes.unit(Scope::Sentence, at) != sentence).unwrap_or(ahead.end)
    }
}

/// How many other categories than `category` have evidence in the excerpts.
pub(super) fn others_in(excerpts: &[Span<Orig>], tagging: &Tagging, category: CategoryId) -> usize {
    let others = tagging.tags.iter().filter(|tag| tag.category != category);
    others.filter(|tag| tag.evidence.iter().any(|evidence| is_in(evidence, excerpts))).count()
}

fn is_in(evidence: &Evidence, excerpts: &[Span<Orig>]) -> bool {
    excerpts.iter().any(|excerpt| excerpt.overlaps(evidence.span))
}

impl Candidate {
    /// The candidate that quotes the parts of `comment` that an editor has cut out, or, where there are none, what the
    /// program cuts.
    pub(super) fn pinned(
        comment: &Comment,
        category: CategoryId,
        parts: &[Span<Orig>],
        worker: &mut Worker<'_>,
    ) -> Self {
        let tagging = worker.tag(comment);
        let evidence = tagging.get(category).map_or(&[][..], |tag| &tag.evidence);
        let view = View::new(comment, &tagging, worker.analyser());
        let slices = if !parts.is_empty() {
            parts.iter().map(|&part| view.slice(part)).collect()
        } else if evidence.is_empty() {
            view.answer.whole(&[])
        } else {
            view.answer.excerpt(evidence, &[])
        };
        view.candidate(category, evidence, &slices)
    }

    /// The candidate that quotes the whole answer instead of a part.
    pub(super) fn widened(&self, worker: &mut Worker<'_>) -> Self {
        let comment = &self.source.comment;
        let tagging = worker.tag(comment);
        let evidence = tagging.get(self.category).map_or(&[][..], |tag| &tag.evidence);
        let view = View::new(comment, &tagging, worker.analyser());
        view.candidate(self.category, evidence, &view.answer.whole(evidence))
    }

    /// Whether the rules give the excerpt alone its category.
    pub(super) fn stands_alone(&self, worker: &mut Worker<'_>) -> bool {
        let Source { comment, excerpts } = &self.source;
        let alone = super::joined(comment.text(), excerpts);
        alone == comment.text() || worker.tag(&comment.with_text(&alone)).get(self.category).is_some()
    }
}

impl View<'_> {
    /// The part of the original, with the tokens that lie in it.
    fn slice(&self, part: Span<Orig>) -> Slice {
        let orig = |norm: Span<Norm>| self.normalised.map().to_original(norm);
        let tokens = self.tokens.tokens;
        let start = tokens.partition_point(|token| orig(token.span).start() < part.start());
        let end = tokens.partition_point(|token| orig(token.span).end() <= part.end());
        let norm = match tokens.get(start..end) {
            Some([first, .., last]) => first.span.cover(last.span),
            Some([only]) => only.span,
            _ => Span::new(0, 0),
        };
        Slice { norm, orig: part }
    }
}

impl Bag {
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        // The dictionary glues signs it doesn't know to one another (●() and takes ASCII ones for nouns of action.
        let trimmed = words.map(|word| word.trim_matches(|c| !reading::is_word_char(c)));
        let mut words: Vec<&str> = trimmed.filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        Self::of_sorted(words)
    }

    /// A bag of words that are sorted, none of them empty.
    pub(super) fn of_sorted<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut bag = String::new();
        for word in words {
            bag.push_str(if bag.is_empty() { "" } else { "\n" });
            bag.push_str(word);
        }
        Bag(bag.into())
    }

    /// Each word with how often it occurs, sorted by word.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&str, u32)> {
        let mut words = self.0.split('\n').filter(|word| !word.is_empty()).peekable();
        std::iter::from_fn(move || {
            let word = words.next()?;
            let mut count = 1;
            while words.next_if_eq(&word).is_some() {
                count += 1;
            }
            Some((word, count))
        })
    }
}

impl Source {
    /// Whether both are cut from one answer. Several inputs may number their rows alike; then the texts differ.
    pub(super) fn is_same_answer(&self, other: &Self) -> bool {
        let (a, b) = (&self.comment, &other.comment);
        a.row().number == b.row().number && a.text_column() == b.text_column() && a.text() == b.text()
    }

    /// Whether both are one respondent's: the id is the same, or the row where the id cell is blank.
    pub(super) fn is_same_respondent(&self, other: &Self) -> bool {
        let (a, b) = (self.comment.id(), other.comment.id());
        if a.trim().is_empty() { self.comment.row().number == other.comment.row().number } else { a == b }
    }
}

#[cfg(test)]
pub(super) mod fixture {
    use super::*;
    use crate::export::fixture::category;

    /// An excerpt that reads well.
    pub(in crate::quote) const FORM: Form = Form {
        chars: 30,
        is_complete: true,
        is_leaning: false,
        is_cut: false,
        is_balanced: true,
        noise: 0.0,
        concreteness: 0.0,
    };

    /// A candidate that quotes all of `comment` and reads well, with these words.
    pub(in crate::quote) fn candidate(index: usize, comment: &Comment, words: &str) -> Candidate {
        let text = comment.text();
        Candidate {
            category: category(index),
            source: Source { comment: comment.clone(), excerpts: vec![Span::new(0, text.len())] },
            bag: Bag::of(words.split(' ')),
            form: FORM,
            evidence: 1,
            others: 0,
            certainty: Certainty::Firm,
            // Two fixtures say the same if their texts are equal.
            likeness: Likeness::of_words(std::iter::once(text)),
            flags: Vec::new(),
            categories: Box::new([category(index)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{plain, tagging};
    use crate::tokenize::Tokenizer;

    /// The candidates of `text`, whose category `n` has the `n`-th part as evidence.
    fn candidates(analyser: &mut Analyser, text: &str, parts: &[&str]) -> Vec<Candidate> {
        let comment = plain(1, text);
        let evidence: Vec<[&str; 1]> = parts.iter().map(|&part| [part]).collect();
        let tags: Vec<(usize, &[&str])> =
            evidence.iter().enumerate().map(|(at, part)| (at, &part[..])).collect();
        analyser.analyse(text);
        let mut out = Vec::new();
        candidates_of(&comment, &tagging(text, &tags), analyser, &mut out);
        out
    }

    fn analyser() -> Analyser {
        Analyser::new(&Tokenizer::embedded().unwrap())
    }

    #[test]
    fn each_tag_gets_the_words_of_its_own_excerpt() {
        let text = "①カードリーダーが（朝から！）止まる\n②負担割合の表示と実際の負担割合が違う";
        let found = candidates(&mut analyser(), text, &["止まる", "負担割合の表示"]);
        let words =
            |at: usize| found[at].bag.counts().map(|(word, n)| format!("{word}{n}")).collect::<Vec<_>>();
        // Words of the evidence count twice.
        assert_eq!(words(0), ["カードリーダー1", "朝1", "止まる2"]);
        assert_eq!(words(1), ["表示2", "負担割合3", "違う1"]);
        assert_eq!(found.iter().map(|candidate| candidate.form.chars).collect::<Vec<_>>(), [17, 18]);
    }

    #[test]
    fn the_form_tells_whether_an_excerpt_can_stand_alone() {
        let analyser = &mut analyser();
        let mut form = |text: &str| candidates(analyser, text, &["認証"])[0].form;
        for (text, is_complete) in [
            ("顔認証ができない", true),
            ("顔認証に失敗しました。", true),
            ("顔認証が遅いですね！", true),
            ("顔認証が通らず受付を中断。", true),
            ("顔認証が大変", true),
            ("顔認証を続けてください", true),
            ("「顔認証は嫌だ。」", true),
            ("顔認証は廃止するべき", true),
            ("顔認証が通らないため", false),
            ("顔認証に失敗して、", false),
            ("顔認証のできない高齢者", false),
        ] {
            assert_eq!(form(text).is_complete, is_complete, "{text}");
        }
        for (text, is_leaning) in [
            ("だから顔認証ができない", true),
            ("しかし顔認証ができない", false),
            ("その顔認証ができない", true),
            ("これは顔認証だけの話だ", true),
            ("上記の顔認証ができない", true),
            ("→顔認証ができない", true),
            ("顔認証がまたできない", false),
        ] {
            assert_eq!(form(text).is_leaning, is_leaning, "{text}");
        }
        assert!(form("「顔認証」ができない").is_balanced);
        assert!(!form("顔認証」ができない").is_balanced);
    }
}
