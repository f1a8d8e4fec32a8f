//! Where to cut: the smallest run of sentences that carries a category and reads alone, as slices of the original.
//!
//! - Running text of up to [`WHOLE_CHARS`] is quoted whole unless a sentence of it is about another category only:
//!   a report prints short answers as they are. A list (items or lines, each a note of its own) is not running text.
//! - Otherwise the sentence with most evidence is quoted, with its neighbours that have evidence, up to
//!   [`WINDOW_CHARS`]; while there is little, sentences with evidence from elsewhere in the answer follow.
//! - A sentence longer than [`SENTENCE_CHARS`], as in answers without 。, counts as its clauses. A run of clauses
//!   is prolonged until it ends in a finite predicate.
//! - A slice that opens with その or これ takes the sentence before along; one that opens with また、 begins behind it.
//! - An excerpt under [`SHORT_CHARS`] takes the next sentence of its note along, or else the one before,
//!   unless that is about another category.
//! - A pair of brackets is never cut: a break inside one doesn't count.
//! - The mark that opens an item, a remark in brackets on the sentence before, and blanks at either end are left out.
//!
//! All of it is decided on the normalised text, where bullets and brackets have one form and a ● that opens an item
//! is told from a ● that is the complaint. Lengths count characters of the original: those are printed.

use std::cmp::Reverse;
use std::ops::Range;

use crate::classify::Evidence;
use crate::quote::brackets::Brackets;
use crate::quote::reading::{self, Opening};
use crate::sentence::{Scope, Scopes};
use crate::span::{Norm, Orig, Span};
use crate::text::Normalised;
use crate::token::Tokens;

/// Running text up to this length is quoted whole: two printed lines of a report, which 86 % of 277 published answers
/// keep to.
const WHOLE_CHARS: usize = 80;

/// An excerpt grows no longer than this unless a single sentence is longer: three printed lines.
const WINDOW_CHARS: usize = 120;

/// Sentences beyond this length are cut at their clauses: they fill the window by themselves.
const SENTENCE_CHARS: usize = 100;

/// While an excerpt is shorter than this, evidence from elsewhere in the answer is added to it.
const MEAGRE_CHARS: usize = 30;

/// Below this an excerpt (顔認証エラー。) names a topic and tells nothing about it.
const SHORT_CHARS: usize = 12;

/// Sentences taken along for an opening that leans on them, at most.
const LEAN_BACK: usize = 2;

/// An answer, ready for cutting.
pub(super) struct Answer<'a> {
    text: &'a str,
    normalised: &'a Normalised,
    tokens: Tokens<'a>,
    units: Vec<Unit>,
}

/// What is quoted as a whole or not at all: a sentence, a clause of a long one, or several that share a pair of
/// brackets.
struct Unit {
    norm: Span<Norm>,
    orig: Span<Orig>,
    /// Characters of the original.
    chars: usize,
    /// Whether a note of its own begins here: an item or a line.
    opens: bool,
    /// Whether a sentence ends here, not just a clause.
    ends: bool,
}

/// A slice to quote, in both texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) norm: Span<Norm>,
    pub(super) orig: Span<Orig>,
}

impl<'a> Answer<'a> {
    /// The answer `text`, with what its analysis found.
    pub(super) fn new(
        text: &'a str,
        normalised: &'a Normalised,
        tokens: Tokens<'a>,
        scopes: &Scopes,
    ) -> Self {
        let norm_text = normalised.text();
        let mut pairs = Brackets::of(norm_text).pairs;
        // A bracket left open may find its partner pages later; that is a slip, not a pair.
        pairs.retain(|pair| norm_text[pair.clone()].chars().count() <= WINDOW_CHARS);
        pairs.sort_unstable_by_key(|pair| pair.start);
        let mut pairs = pairs.into_iter().peekable();
        let mut bracketed_to = 0;
        let mut units: Vec<Unit> = Vec::with_capacity(scopes.sentences().len());
        for (part, ends) in pieces(text, normalised, tokens, scopes) {
            while let Some(pair) = pairs.next_if(|pair| pair.start < part.start()) {
                bracketed_to = pair.end.max(bracketed_to);
            }
            let orig = normalised.map().to_original(part);
            match units.last_mut() {
                Some(last) if part.start() < bracketed_to => {
                    last.norm = last.norm.cover(part);
                    last.orig = last.orig.cover(orig);
                    last.chars = chars(text, last.orig);
                    last.ends = ends;
                }
                last => {
                    let gap = last.map_or(0, |last| last.norm.end())..part.start();
                    let opens = norm_text[gap].contains('\n') || item_mark(&norm_text[part.range()]) > 0;
                    units.push(Unit { norm: part, orig, chars: chars(text, orig), opens, ends });
                }
            }
        }
        Answer { text, normalised, tokens, units }
    }

    /// The slices to quote for `evidence`, which is ordered; `others` is the evidence of other categories. There is
    /// none only if the evidence touches no sentence.
    pub(super) fn excerpt(&self, evidence: &[Evidence], others: &[Evidence]) -> Vec<Slice> {
        let hits = self.hits(evidence);
        if hits.iter().all(|&hits| hits == 0) {
            return Vec::new();
        }
        // Sentences about another category only.
        let is_foreign: Vec<bool> =
            self.hits(others).iter().zip(&hits).map(|(&others, &own)| others > 0 && own == 0).collect();
        let is_whole = chars(self.text, self.cover(0..self.units.len()).orig) <= WHOLE_CHARS
            && self.units.iter().skip(1).all(|unit| !unit.opens)
            && !is_foreign.contains(&true);
        let chosen = if is_whole { vec![true; hits.len()] } else { self.choose(&hits, &is_foreign) };
        self.slices(&chosen, evidence)
    }

    /// The whole answer, but for marks and blanks at its ends: what is left when no part of it stands alone.
    pub(super) fn whole(&self, evidence: &[Evidence]) -> Vec<Slice> {
        self.slices(&vec![true; self.units.len()], evidence)
    }

    fn slices(&self, chosen: &[bool], evidence: &[Evidence]) -> Vec<Slice> {
        let mut slices = Vec::new();
        let mut start = 0;
        for run in chosen.chunk_by(|a, b| a == b) {
            if run[0] {
                slices.push(self.trimmed(self.cover(start..start + run.len()), evidence));
            }
            start += run.len();
        }
        slices
    }

    /// How much evidence touches each unit.
    fn hits(&self, evidence: &[Evidence]) -> Vec<usize> {
        let mut hits = vec![0; self.units.len()];
        for evidence in evidence {
            let first = self.units.partition_point(|unit| unit.orig.end() <= evidence.span.start());
            let touched =
                self.units[first..].iter().take_while(|unit| unit.orig.start() < evidence.span.end());
            for (hits, _) in hits[first..].iter_mut().zip(touched) {
                *hits += 1;
            }
        }
        hits
    }

    /// The units to quote of an answer that is not quoted whole.
    fn choose(&self, hits: &[usize], is_foreign: &[bool]) -> Vec<bool> {
        let mut by_evidence: Vec<usize> = (0..hits.len()).filter(|&at| hits[at] > 0).collect();
        // Of equals the one that opens freely, then the first.
        by_evidence.sort_by_key(|&at| (Reverse(hits[at]), self.opening(at) == Opening::Leaning));
        let mut chosen = vec![false; hits.len()];
        let mut total = 0;
        let core = by_evidence[0];
        let mut take = |at: usize, total: &mut usize| {
            chosen[at] = true;
            *total += self.units[at].chars;
        };
        take(core, &mut total);
        let (mut first, mut last) = (core, core);
        while last + 1 < hits.len()
            && hits[last + 1] > 0
            && total + self.units[last + 1].chars <= WINDOW_CHARS
        {
            last += 1;
            take(last, &mut total);
        }
        while first > 0 && hits[first - 1] > 0 && total + self.units[first - 1].chars <= WINDOW_CHARS {
            first -= 1;
            take(first, &mut total);
        }
        for &at in &by_evidence[1..] {
            if total < MEAGRE_CHARS
                && !(first..=last).contains(&at)
                && total + self.units[at].chars <= WINDOW_CHARS
            {
                take(at, &mut total);
            }
        }
        self.prolong(&mut chosen, &mut total);
        self.lean_back(&mut chosen, &mut total);
        if total < SHORT_CHARS {
            let fits = |at: &usize| !is_foreign[*at] && total + self.units[*at].chars <= WINDOW_CHARS;
            let next = chosen.iter().rposition(|&is_chosen| is_chosen).map(|last| last + 1);
            let next = next.filter(|&next| next < hits.len() && !self.units[next].opens).filter(fits);
            let first = chosen.iter().position(|&is_chosen| is_chosen);
            let before = first.filter(|&first| first > 0 && !self.units[first].opens).map(|first| first - 1);
            if let Some(neighbour) = next.or(before.filter(fits)) {
                chosen[neighbour] = true;
            }
        }
        chosen
    }

    /// Takes clauses along until each run ends a sentence or in a finite predicate, while there is room.
    fn prolong(&self, chosen: &mut [bool], total: &mut usize) {
        for at in 0..chosen.len().saturating_sub(1) {
            let unit = &self.units[at];
            let is_open = chosen[at] && !chosen[at + 1] && !unit.ends;
            if is_open && !reading::is_complete(self.tokens, within(self.tokens, unit.norm)) {
                let next = &self.units[at + 1];
                if *total + next.chars <= WINDOW_CHARS + SENTENCE_CHARS / 2 {
                    chosen[at + 1] = true;
                    *total += next.chars;
                }
            }
        }
    }

    /// Takes the sentence before along where a run opens with a word that leans on it, or is the rest of a sentence
    /// without a predicate of its own (…人がいる、特に夜間).
    fn lean_back(&self, chosen: &mut [bool], total: &mut usize) {
        for _ in 0..LEAN_BACK {
            for at in 1..chosen.len() {
                let is_start = chosen[at] && !chosen[at - 1];
                let fits = *total + self.units[at - 1].chars <= WINDOW_CHARS;
                if is_start
                    && fits
                    && !self.units[at].opens
                    && (self.opening(at) == Opening::Leaning || self.is_rest(at, chosen))
                {
                    chosen[at - 1] = true;
                    *total += self.units[at - 1].chars;
                }
            }
        }
    }

    /// Whether the run that starts at `at` begins behind a comma and says nothing complete.
    fn is_rest(&self, at: usize, chosen: &[bool]) -> bool {
        let last = (at..chosen.len()).take_while(|&at| chosen[at]).last().unwrap_or(at);
        self.normalised.text()[..self.units[at].norm.start()].trim_end().ends_with('、')
            && !reading::is_complete(self.tokens, within(self.tokens, self.cover(at..last + 1).norm))
    }

    fn opening(&self, at: usize) -> Opening {
        let (text, norm) = (self.normalised.text(), self.units[at].norm);
        if remark(&text[..norm.start()], &text[norm.range()]) == text[norm.range()].len() {
            return Opening::Leaning;
        }
        reading::opening(self.tokens, within(self.tokens, norm))
    }

    /// The slice from the first to the last of the units, of which there is at least one.
    fn cover(&self, units: Range<usize>) -> Slice {
        let (first, last) = (&self.units[units.start], &self.units[units.end - 1]);
        Slice { norm: first.norm.cover(last.norm), orig: first.orig.cover(last.orig) }
    }

    /// The slice without the mark, the また、 or the bracketed remark on the sentence before that opens it, and without
    /// the comma behind a clause that ends it; unless that leaves no evidence.
    fn trimmed(&self, slice: Slice, evidence: &[Evidence]) -> Slice {
        let text = self.normalised.text();
        let mut start = slice.norm.start() + item_mark(&text[slice.norm.range()]);
        start += remark(&text[..start], &text[start.min(slice.norm.end())..slice.norm.end()]);
        let range = within(self.tokens, Span::new(start.min(slice.norm.end()), slice.norm.end()));
        if let Opening::Loose(len) = reading::opening(self.tokens, range.clone())
            && let Some(token) = self.tokens.tokens[range].get(len)
        {
            start = token.span.start();
        }
        let end = slice.norm.start() + text[slice.norm.range()].trim_end_matches(['、', ',', ' ']).len();
        if start >= end || Span::new(start, end) == slice.norm {
            return slice;
        }
        let norm = Span::new(start, end);
        let orig = self.normalised.map().to_original(norm);
        if evidence.iter().any(|evidence| evidence.span.overlaps(orig)) {
            Slice { norm, orig }
        } else {
            slice
        }
    }
}

/// The sentences, each with whether it ends one. Those that are too long come as their clauses; in answers without 。,
/// a comma behind a finite predicate (止まる、遅い) ends a sentence.
fn pieces(
    text: &str,
    normalised: &Normalised,
    tokens: Tokens<'_>,
    scopes: &Scopes,
) -> Vec<(Span<Norm>, bool)> {
    let mut pieces = Vec::with_capacity(scopes.sentences().len());
    let has_stops = normalised.text().contains('。');
    for &sentence in scopes.sentences() {
        let is_long = chars(text, normalised.map().to_original(sentence)) > SENTENCE_CHARS;
        if has_stops && !is_long {
            pieces.push((sentence, true));
            continue;
        }
        let mut start = sentence.start();
        for at in within(tokens, sentence).skip(1) {
            let is_stop = !has_stops
                && tokens.surface(at - 1) == "、"
                && at.checked_sub(2).is_some_and(|before| reading::is_finite(tokens, before));
            let is_clause = is_long && scopes.unit(Scope::Clause, at) != scopes.unit(Scope::Clause, at - 1);
            // A comma that follows belongs to the clause it ends.
            if (is_stop || is_clause) && tokens.surface(at).contains(reading::is_word_char) {
                pieces.push((Span::new(start, tokens.tokens[at - 1].span.end()), is_stop));
                start = tokens.tokens[at].span.start();
            }
        }
        pieces.push((Span::new(start, sentence.end()), true));
    }
    pieces
}

/// The tokens that lie in `span`.
pub(super) fn within(tokens: Tokens<'_>, span: Span<Norm>) -> Range<usize> {
    let start = tokens.tokens.partition_point(|token| token.span.start() < span.start());
    let end = tokens.tokens.partition_point(|token| token.span.end() <= span.end());
    start..end.max(start)
}

fn chars(text: &str, span: Span<Orig>) -> usize {
    text[span.range()].chars().count()
}

/// Length in bytes of the marks, with the blanks around them, that open an item at the start of normalised text.
fn item_mark(text: &str) -> usize {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let is_mark = match c {
            '①'..='⑳' | '⑴'..='⒇' | '❶'..='❿' => true,
            '・' | '→' | '※' | '◎' | '■' | '◆' | '□' | '◇' | '★' | '☆' => true,
            // ○○市 and ○が出る speak of places and signs.
            '○' => {
                after.chars().next().is_some_and(|next| !"○市県区町村はがをのでにともや、」)".contains(next))
            }
            _ => false,
        };
        if !is_mark {
            break;
        }
        rest = after.trim_start();
    }
    text.len() - rest.len()
}

/// Length in bytes of the remark in brackets, with the blanks behind it, that opens normalised `text` and is about the
/// sentence that ends in `before`: 反映されない。(旧情報のまま) 困る。
fn remark(before: &str, text: &str) -> usize {
    if !text.starts_with('(') || !before.trim_end().ends_with(['。', '!', '?']) {
        return 0;
    }
    let pair = Brackets::of(text).pairs.into_iter().find(|pair| pair.start == 0);
    pair.map_or(0, |pair| text.len() - text[pair.end..].trim_start().len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matcher::Analyser;
    use crate::rule::RuleId;
    use crate::tokenize::Tokenizer;

    thread_local! {
        static ANALYSER: std::cell::RefCell<Analyser> =
            std::cell::RefCell::new(Analyser::new(&Tokenizer::embedded().unwrap()));
    }

    fn cut_among(text: &str, evidence: &[Span<Orig>], others: &[Span<Orig>]) -> Vec<Span<Orig>> {
        let evidence_at = |spans: &[Span<Orig>]| {
            spans.iter().map(|&span| Evidence { span, rule: RuleId(0) }).collect::<Vec<_>>()
        };
        ANALYSER.with_borrow_mut(|analyser| {
            analyser.analyse(text);
            Answer::new(text, analyser.normalised(), analyser.tokens(), analyser.scopes())
                .excerpt(&evidence_at(evidence), &evidence_at(others))
                .iter()
                .map(|slice| slice.orig)
                .collect()
        })
    }

    fn cut(text: &str, evidence: &[Span<Orig>]) -> Vec<Span<Orig>> {
        cut_among(text, evidence, &[])
    }

    fn every(text: &str, part: &str) -> Vec<Span<Orig>> {
        text.match_indices(part).map(|(at, part)| Span::new(at, at + part.len())).collect()
    }

    #[test]
    fn excerpts_hold_the_sentences_with_evidence() {
        // Two sentences of 45 characters each: no answer that contains both is quoted whole.
        let off =
            "受付の職員を一人増やして毎日の案内に当たっていますが、それでも昼前には列が外まで続きます。";
        for (text, part, expected) in [
            ("顔認証ができない。困った。".to_owned(), "顔認証", vec!["顔認証ができない。困った。"]),
            ("、顔認証ができない".to_owned(), "顔認証", vec!["、顔認証ができない"]),
            (
                format!("{off}顔認証が何度やっても通りません。{off}"),
                "顔認証",
                vec!["顔認証が何度やっても通りません。"],
            ),
            (
                format!("顔認証が何度も失敗します。{off}{off}朝は顔認証が遅いと言われます。"),
                "顔認証",
                vec!["顔認証が何度も失敗します。", "朝は顔認証が遅いと言われます。"],
            ),
            // What opens it is left off, or what it leans on is taken along.
            (
                format!("{off}{off}また、顔認証が何度やっても通りません。"),
                "顔認証",
                vec!["顔認証が何度やっても通りません。"],
            ),
            (
                format!("{off}{off}機械が古い。そのため顔認証が通りません。"),
                "顔認証",
                vec!["機械が古い。そのため顔認証が通りません。"],
            ),
            // A long sentence is cut at its clauses.
            (
                format!(
                    "{}が、顔認証が何度やっても通らないので暗証番号を入れてもらっています。",
                    off.trim_end_matches("ます。").repeat(2)
                ),
                "顔認証",
                vec!["顔認証が何度やっても通らないので暗証番号を入れてもらっています。"],
            ),
            // A remark on the sentence before: left off, or not without it.
            (
                format!("{off}{off}何度も試しました。(顔認証が通らないこともありました)"),
                "顔認証",
                vec!["何度も試しました。(顔認証が通らないこともありました)"],
            ),
            (
                format!("{off}{off}(夜も同じです) 顔認証が何度やっても通らないことがありました。"),
                "顔認証",
                vec!["顔認証が何度やっても通らないことがありました。"],
            ),
            // Too short alone.
            (
                format!("{off}顔認証エラー。番号も忘れた。{off}"),
                "顔認証",
                vec!["顔認証エラー。番号も忘れた。"],
            ),
            (
                format!("{off}{off}番号も忘れた。顔認証エラー。"),
                "顔認証",
                vec!["番号も忘れた。顔認証エラー。"],
            ),
            // The next item is another matter.
            ("・顔認証が通る ・番号を忘れる".to_owned(), "顔認証", vec!["顔認証が通る"]),
            ("①画面が止まる\n②　顔認証が通らない \n③遅い".to_owned(), "顔認証", vec!["顔認証が通らない"]),
            ("画面が止まる\n顔認証が通らない\n番号も忘れる".to_owned(), "顔認証", vec!["顔認証が通らない"]),
            ("● 顔認証が通らない".to_owned(), "顔認証", vec!["顔認証が通らない"]),
            ("●が名前に出る".to_owned(), "●", vec!["●が名前に出る"]),
            ("○○市の方は顔認証が通らない".to_owned(), "顔認証", vec!["○○市の方は顔認証が通らない"]),
            (
                format!("{off}「顔認証ができない。もう嫌だ」と帰る人もいました。{off}"),
                "顔認証",
                vec!["「顔認証ができない。もう嫌だ」と帰る人もいました。"],
            ),
        ] {
            let slices: Vec<&str> =
                cut(&text, &every(&text, part)).iter().map(|span| &text[span.range()]).collect();
            assert_eq!(slices, expected, "{text}");
        }
    }

    #[test]
    fn sentences_about_other_categories_are_left_out() {
        let text = "顔認証が何度やっても通らない。保険証は残してほしい。";
        let slices = cut_among(text, &every(text, "顔認証"), &every(text, "保険証"));
        assert_eq!(slices, [Span::new(0, "顔認証が何度やっても通らない。".len())]);
        // Not even to fill up a short one.
        let text = "保険証は残してほしい。顔認証が通らない。";
        let slices = cut_among(text, &every(text, "顔認証"), &every(text, "保険証"));
        assert_eq!(slices, [Span::new("保険証は残してほしい。".len(), text.len())]);
    }

    #[test]
    fn the_rest_of_a_sentence_takes_along_what_it_is_about() {
        let text = "番号が分からない方がいる、特に夜間";
        assert_eq!(cut_among(text, &every(text, "夜間"), &every(text, "番号")), [Span::new(0, text.len())]);
    }

    #[test]
    fn long_excerpts_keep_the_sentences_with_most_evidence() {
        let once = format!("顔認証{}。", "あ".repeat(60));
        let twice = format!("顔認証と顔認証{}。", "い".repeat(60));
        let text = format!("{once}{twice}{once}");
        let slices = cut(&text, &every(&text, "顔認証"));
        assert_eq!(slices, [Span::new(once.len(), once.len() + twice.len())]);
    }

    #[test]
    fn a_mark_alone_is_not_stripped_to_nothing() {
        let text = format!("※\n{}", "あ".repeat(WINDOW_CHARS));
        assert_eq!(cut(&text, &[Span::new(0, text.len())]), [Span::new(0, "※".len())]);
    }

    proptest! {
        #[test]
        fn slices_are_verbatim_ordered_and_touch_evidence(
            text in "[ぁ-お一-亜ｱ-ｵﾞ●・①→○※「」（）。！1 　\n‼㈱]{1,200}",
            (start, len) in (0usize..200, 1usize..12),
        ) {
            let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let start = start % (bounds.len() - 1);
            let evidence = Span::new(bounds[start], bounds[(start + len).min(bounds.len() - 1)]);
            let slices = cut(&text, &[evidence]);
            let mut end = 0;
            for slice in &slices {
                prop_assert!(text.is_char_boundary(slice.start()) && text.is_char_boundary(slice.end()));
                prop_assert!(slice.start() >= end && slice.overlaps(evidence));
                let quoted = &text[slice.range()];
                prop_assert_eq!(quoted.trim(), quoted);
                end = slice.end();
            }
            // Blanks and invisible characters alone are no evidence a matcher could give.
            if !text[evidence.range()].trim().is_empty() {
                prop_assert!(!slices.is_empty());
            }
        }

        #[test]
        fn pairs_of_brackets_are_not_cut(parts in prop::collection::vec("[ぁ-お。]{1,30}(「[ぁ-お。]{1,40}」)?", 1..6)) {
            let text = parts.concat();
            for slice in cut(&text, &every(&text, "あ")) {
                prop_assert!(!Brackets::of(&text[slice.range()]).has_lonely, "{}", &text[slice.range()]);
            }
        }
    }
}
