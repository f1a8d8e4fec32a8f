//! Where to cut: the sentences of an answer that a category's evidence stands in, as slices of the original.
//!
//! - Running text of up to [`WHOLE_CHARS`] is quoted whole: a report prints short answers as they are. A list (items
//!   or lines, each a note of its own) is not running text.
//! - Otherwise the sentences with evidence are quoted, those with most evidence first, up to [`WINDOW_CHARS`];
//!   neighbours form one slice.
//! - An excerpt under [`SHORT_CHARS`] takes the next sentence of its note along, or else the one before.
//! - A pair of brackets is never cut: a sentence break inside one doesn't count.
//! - The mark that opens an item, and blanks at either end, are left out.
//!
//! All of it is decided on the normalised text, where bullets and brackets have one form and a ● that opens an item
//! is told from a ● that is the complaint. Lengths count characters of the original: those are printed.

use std::cmp::Reverse;
use std::ops::Range;

use crate::classify::Evidence;
use crate::span::{Norm, Orig, Span};
use crate::text::Normalised;

/// Running text up to this length is quoted whole: two printed lines of a report, which 86 % of 277 published answers
/// keep to.
const WHOLE_CHARS: usize = 80;

/// An excerpt grows no longer than this unless a single sentence is longer: three printed lines.
const WINDOW_CHARS: usize = 120;

/// Below this an excerpt (顔認証エラー。) names a topic and tells nothing about it.
const SHORT_CHARS: usize = 12;

/// An answer, ready for cutting.
pub(super) struct Answer<'a> {
    text: &'a str,
    normalised: &'a Normalised,
    units: Vec<Unit>,
}

/// What is quoted as a whole or not at all: a sentence, or several that share a pair of brackets.
struct Unit {
    norm: Span<Norm>,
    orig: Span<Orig>,
    /// Characters of the original.
    chars: usize,
    /// Whether a note of its own begins here: an item or a line.
    opens: bool,
}

/// A slice to quote, in both texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) norm: Span<Norm>,
    pub(super) orig: Span<Orig>,
}

impl<'a> Answer<'a> {
    /// `sentences` are those of `normalised`, which is the normalised form of `text`.
    pub(super) fn new(text: &'a str, normalised: &'a Normalised, sentences: &[Span<Norm>]) -> Self {
        let norm_text = normalised.text();
        let mut pairs = Brackets::of(norm_text).pairs;
        // A bracket left open may find its partner pages later; that is a slip, not a pair.
        pairs.retain(|pair| norm_text[pair.clone()].chars().count() <= WINDOW_CHARS);
        pairs.sort_unstable_by_key(|pair| pair.start);
        let mut pairs = pairs.into_iter().peekable();
        let mut bracketed_to = 0;
        let mut units: Vec<Unit> = Vec::with_capacity(sentences.len());
        for &sentence in sentences {
            while let Some(pair) = pairs.next_if(|pair| pair.start < sentence.start()) {
                bracketed_to = pair.end.max(bracketed_to);
            }
            let orig = normalised.map().to_original(sentence);
            match units.last_mut() {
                Some(last) if sentence.start() < bracketed_to => {
                    last.norm = last.norm.cover(sentence);
                    last.orig = last.orig.cover(orig);
                    last.chars = chars(text, last.orig);
                }
                last => {
                    let gap = last.map_or(0, |last| last.norm.end())..sentence.start();
                    let opens = norm_text[gap].contains('\n') || item_mark(&norm_text[sentence.range()]) > 0;
                    units.push(Unit { norm: sentence, orig, chars: chars(text, orig), opens });
                }
            }
        }
        Answer { text, normalised, units }
    }

    /// The slices to quote for `evidence`, which is ordered. Each of them touches evidence; there is none only if the
    /// evidence touches no sentence.
    pub(super) fn excerpt(&self, evidence: &[Evidence]) -> Vec<Slice> {
        let hits = self.hits(evidence);
        if hits.iter().all(|&hits| hits == 0) {
            return Vec::new();
        }
        let is_whole = chars(self.text, self.cover(0..self.units.len()).orig) <= WHOLE_CHARS
            && self.units.iter().skip(1).all(|unit| !unit.opens);
        let chosen = if is_whole { vec![true; hits.len()] } else { self.choose(&hits) };
        let mut slices = Vec::new();
        let mut start = 0;
        for run in chosen.chunk_by(|a, b| a == b) {
            if run[0] {
                slices.push(self.without_mark(self.cover(start..start + run.len()), evidence));
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
    fn choose(&self, hits: &[usize]) -> Vec<bool> {
        let mut by_evidence: Vec<usize> = (0..hits.len()).filter(|&at| hits[at] > 0).collect();
        by_evidence.sort_by_key(|&at| Reverse(hits[at]));
        let mut chosen = vec![false; hits.len()];
        let mut total = 0;
        for at in by_evidence {
            if total == 0 || total + self.units[at].chars <= WINDOW_CHARS {
                chosen[at] = true;
                total += self.units[at].chars;
            }
        }
        if total < SHORT_CHARS {
            let fits = |at: &usize| total + self.units[*at].chars <= WINDOW_CHARS;
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

    /// The slice from the first to the last of the units, of which there is at least one.
    fn cover(&self, units: Range<usize>) -> Slice {
        let (first, last) = (&self.units[units.start], &self.units[units.end - 1]);
        Slice { norm: first.norm.cover(last.norm), orig: first.orig.cover(last.orig) }
    }

    /// The slice without the mark that opens it, unless that leaves no evidence.
    fn without_mark(&self, slice: Slice, evidence: &[Evidence]) -> Slice {
        let mark = item_mark(&self.normalised.text()[slice.norm.range()]);
        if mark == 0 || mark == slice.norm.len() {
            return slice;
        }
        let norm = Span::new(slice.norm.start() + mark, slice.norm.end());
        let orig = self.normalised.map().to_original(norm);
        if evidence.iter().any(|evidence| evidence.span.overlaps(orig)) {
            Slice { norm, orig }
        } else {
            slice
        }
    }
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

/// The brackets of a normalised text.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    /// Byte ranges from the opening to behind the closing one, inner pairs before outer ones.
    pub(super) pairs: Vec<Range<usize>>,
    /// Whether a bracket has no partner.
    pub(super) has_lonely: bool,
}

impl Brackets {
    /// How many brackets left open are searched for a partner; keeps texts of brackets only linear.
    const DEPTH: usize = 8;

    pub(super) fn of(text: &str) -> Self {
        let mut found = Brackets::default();
        let mut open: Vec<(char, usize)> = Vec::new();
        for (at, c) in text.char_indices() {
            let closing = match c {
                '「' => '」',
                '『' => '』',
                '(' => ')',
                '[' => ']',
                '【' => '】',
                '〔' => '〕',
                '〈' => '〉',
                '《' => '》',
                '」' | '』' | ')' | ']' | '】' | '〕' | '〉' | '》' => {
                    match open.iter().rev().take(Self::DEPTH).position(|&(wanted, _)| wanted == c) {
                        Some(above) => {
                            found.has_lonely |= above > 0;
                            open.truncate(open.len() - above);
                            found.pairs.extend(open.pop().map(|(_, start)| start..at + c.len_utf8()));
                        }
                        // 1) 2) number the items of a list.
                        None => found.has_lonely |= !text[..at].ends_with(|c: char| c.is_ascii_digit()),
                    }
                    continue;
                }
                _ => continue,
            };
            open.push((closing, at));
        }
        found.has_lonely |= !open.is_empty();
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::normalise::normalise;
    use crate::rule::RuleId;
    use crate::sentence::split_sentences;

    fn cut(text: &str, evidence: &[Span<Orig>]) -> Vec<Span<Orig>> {
        let normalised = normalise(text);
        let mut sentences = Vec::new();
        split_sentences(normalised.text(), &mut sentences);
        let evidence: Vec<Evidence> =
            evidence.iter().map(|&span| Evidence { span, rule: RuleId(0) }).collect();
        Answer::new(text, &normalised, &sentences).excerpt(&evidence).iter().map(|slice| slice.orig).collect()
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

    #[test]
    fn brackets_find_their_partners() {
        for (text, pairs, has_lonely) in [
            ("a(b)c", 1, false),
            ("「(」", 1, true),
            ("(「a」)", 2, false),
            ("1)a 2)b", 0, false),
            ("a)", 0, true),
            ("(a", 0, true),
        ] {
            let found = Brackets::of(text);
            assert_eq!((found.pairs.len(), found.has_lonely), (pairs, has_lonely), "{text}");
        }
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
