//! A candidate: the excerpt that would stand for a comment in a category, with what is needed to judge it.
//!
//! Made on the worker threads, where the tokens are. A candidate outlives them: it owns its words as text, because
//! the numbers of lexemes mean nothing outside their worker.

use std::ops::Range;
use std::sync::Arc;

use crate::classify::{Evidence, Tag, Tagging};
use crate::comment::Comment;
use crate::matcher::{Analyser, Worker};
use crate::quote::bag::Bag;
use crate::quote::brackets::Brackets;
use crate::quote::cut::{Cut, Form};
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
    /// What it is cut from.
    pub(super) comment: Comment,
    pub(super) cut: Arc<Cut>,
    pub(super) bag: Bag,
    /// How many places in the comment gave it the category.
    pub(super) evidence: usize,
    /// How many other categories have evidence in the excerpt.
    pub(super) others: usize,
    /// That of the surest evidence.
    pub(super) certainty: Certainty,
    /// The categories of the comment.
    pub(super) categories: Arc<[CategoryId]>,
}

/// Appends the candidates of `comment`, one per tag of `tagging` (in the same order). `analyser` must have analysed
/// the text of this very comment last.
pub fn candidates_of(comment: &Comment, tagging: &Tagging, analyser: &Analyser, out: &mut Vec<Candidate>) {
    if tagging.is_empty() {
        return;
    }
    let view = View::new(comment, tagging, analyser);
    let from = out.len();
    let mut cuts: Vec<(Vec<Slice>, Arc<Cut>)> = Vec::new();
    let mut bags = Vec::new();
    for tag in &tagging.tags {
        let others = view.evidence_of_others(tag);
        let slices = view.answer.excerpt(&tag.evidence, &others);
        if slices.is_empty() {
            continue;
        }
        let known = cuts.iter().find(|(other, _)| *other == slices).map(|(_, cut)| Arc::clone(cut));
        let cut = known.unwrap_or_else(|| {
            let cut = Arc::new(view.cut(&slices));
            cuts.push((slices.clone(), Arc::clone(&cut)));
            cut
        });
        let (candidate, words) = view.candidate(tag.category, &tag.evidence, &slices, cut);
        out.push(candidate);
        bags.push(words);
    }
    for (candidate, bag) in out[from..].iter_mut().zip(Bag::of_all(&mut bags)) {
        candidate.bag = bag;
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
    /// The categories of the comment.
    categories: Arc<[CategoryId]>,
}

impl<'a> View<'a> {
    fn new(comment: &'a Comment, tagging: &'a Tagging, analyser: &'a Analyser) -> Self {
        let (normalised, tokens, scopes) = (analyser.normalised(), analyser.tokens(), analyser.scopes());
        let answer = Answer::new(comment.text(), normalised, tokens, scopes);
        let flags = identify::flags(normalised, tokens);
        let categories = tagging.tags.iter().map(|tag| tag.category).collect();
        View { comment, tagging, normalised, tokens, scopes, answer, flags, categories }
    }

    fn evidence_of_others(&self, tag: &Tag) -> Vec<Evidence> {
        let others = self.tagging.tags.iter().filter(|other| other.category != tag.category);
        others.flat_map(|other| other.evidence.iter().copied()).collect()
    }

    /// What the slices are, taken out of the answer.
    fn cut(&self, slices: &[Slice]) -> Cut {
        let ranges = self.tokens_of(slices);
        let excerpts: Vec<Span<Orig>> = slices.iter().map(|slice| slice.orig).collect();
        let original = self.comment.text();
        let text = self.normalised.text();
        let is_leaning = match (ranges.first(), slices.first()) {
            (Some(range), Some(slice)) => {
                text[..slice.norm.start()].trim_end().ends_with('→')
                    || reading::opening(self.tokens, range.clone()) == Opening::Leaning
            }
            _ => false,
        };
        Cut {
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
            likeness: Likeness::of(self.tokens, &ranges),
            flags: self.flags.iter().filter(|flag| flag.is_within(&excerpts)).copied().collect(),
            excerpts,
        }
    }

    /// The candidate that quotes `cut`, which is what `slices` are, and the words of its bag with their counts.
    fn candidate(
        &self,
        category: CategoryId,
        evidence: &[Evidence],
        slices: &[Slice],
        cut: Arc<Cut>,
    ) -> (Candidate, Vec<(&'a str, u32)>) {
        let evident: Vec<Range<usize>> = evidence
            .iter()
            .filter(|evidence| is_in(evidence, &cut.excerpts))
            .map(|evidence| self.touched(evidence.span))
            .collect();
        let excerpt = self.tokens_of(slices);
        let mut all: Vec<usize> = excerpt.iter().chain(&evident).cloned().flatten().collect();
        all.sort_unstable();
        // Thousands of places of evidence may lie in one word (●●●…).
        let of_token = |same: &[usize]| (self.tokens.lexeme(same[0]), same.len());
        let words = all.chunk_by(|a, b| a == b).map(of_token).filter(|(word, _)| word.is_content());
        let words = words.map(|(word, count)| (&*word.base, u32::try_from(count).unwrap_or(u32::MAX)));
        let words = words.collect();
        let certainty =
            |range: &Range<usize>| reading::certainty(self.tokens, range.clone(), self.reach(range));
        let candidate = Candidate {
            category,
            comment: self.comment.clone(),
            bag: Bag::default(),
            evidence: evidence.len(),
            others: others_in(&cut.excerpts, self.tagging, category),
            certainty: evident.iter().map(certainty).min().unwrap_or(Certainty::Firm),
            categories: Arc::clone(&self.categories),
            cut,
        };
        (candidate, words)
    }

    /// The candidate that quotes the slices, with its bag.
    fn whole_candidate(&self, category: CategoryId, evidence: &[Evidence], slices: &[Slice]) -> Candidate {
        let cut = Arc::new(self.cut(slices));
        let (candidate, words) = self.candidate(category, evidence, slices, cut);
        Candidate { bag: Bag::of(words), ..candidate }
    }

    fn tokens_of(&self, slices: &[Slice]) -> Vec<Range<usize>> {
        slices.iter().map(|slice| within(self.tokens, slice.norm)).collect()
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
        view.whole_candidate(category, evidence, &slices)
    }

    /// The candidate that quotes the whole answer instead of a part.
    pub(super) fn widened(&self, worker: &mut Worker<'_>) -> Self {
        let comment = &self.comment;
        let tagging = worker.tag(comment);
        let evidence = tagging.get(self.category).map_or(&[][..], |tag| &tag.evidence);
        let view = View::new(comment, &tagging, worker.analyser());
        view.whole_candidate(self.category, evidence, &view.answer.whole(evidence))
    }

    /// Whether the rules give the excerpt alone its category.
    pub(super) fn stands_alone(&self, worker: &mut Worker<'_>) -> bool {
        let comment = &self.comment;
        let alone = super::joined(comment.text(), &self.cut.excerpts);
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

/// Whether both are one answer. Several inputs may number their rows alike; then the texts differ.
pub(super) fn is_same_answer(a: &Comment, b: &Comment) -> bool {
    a.row().number == b.row().number && a.text_column() == b.text_column() && a.text() == b.text()
}

/// Whether both are one respondent's: the id is the same, or the row where the id cell is blank.
pub(super) fn is_same_respondent(a: &Comment, b: &Comment) -> bool {
    let (one, other) = (a.id(), b.id());
    if one.trim().is_empty() { a.row().number == b.row().number } else { one == other }
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
            comment: comment.clone(),
            cut: Arc::new(Cut {
                excerpts: vec![Span::new(0, text.len())],
                form: FORM,
                // Two fixtures say the same if their texts are equal.
                likeness: Likeness::of_words(std::iter::once(text)),
                flags: Vec::new(),
            }),
            bag: Bag::of(words.split(' ').map(|word| (word, 1)).collect()),
            evidence: 1,
            others: 0,
            certainty: Certainty::Firm,
            categories: Arc::new([category(index)]),
        }
    }

    impl Candidate {
        /// What it is cut to, to be changed.
        pub(in crate::quote) fn cut_mut(&mut self) -> &mut Cut {
            Arc::make_mut(&mut self.cut)
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
        let words = |at: usize| {
            found[at]
                .bag
                .counts()
                .filter(|(_, n)| *n > 0)
                .map(|(word, n)| format!("{word}{n}"))
                .collect::<Vec<_>>()
        };
        // Words of the evidence count twice.
        assert_eq!(words(0), ["カードリーダー1", "朝1", "止まる2"]);
        assert_eq!(words(1), ["表示2", "負担割合3", "違う1"]);
        assert_eq!(found.iter().map(|candidate| candidate.cut.form.chars).collect::<Vec<_>>(), [17, 18]);
    }

    #[test]
    fn the_form_tells_whether_an_excerpt_can_stand_alone() {
        let analyser = &mut analyser();
        let mut form = |text: &str| candidates(analyser, text, &["認証"])[0].cut.form;
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
