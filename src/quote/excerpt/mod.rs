//! Where to cut: the smallest run of sentences that carries a category and reads alone, as slices of the original.
//!
//! - Running text of up to [`WHOLE_CHARS`] is quoted whole unless a sentence of it is about another category only,
//!   and one sentence of up to [`MEAGRE_CHARS`] in any case: a report prints short answers as they are. A list (items or lines, each a note of its own) is not running text.
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

mod units;

use std::cmp::Reverse;
use std::ops::Range;

use self::units::{Unit, item_mark, units};
use crate::classify::Evidence;
use crate::quote::brackets::Brackets;
use crate::quote::reading::{self, Opening};
use crate::sentence::Scopes;
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
        let units = units(text, normalised, tokens, scopes);
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
        let length = chars(self.text, self.cover(0..self.units.len()).orig);
        let is_whole = length <= WHOLE_CHARS
            && self.units.iter().skip(1).all(|unit| !unit.opens)
            && (!is_foreign.contains(&true) || length <= MEAGRE_CHARS && self.is_one_sentence());
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

    /// Whether only commas stand between the units.
    fn is_one_sentence(&self) -> bool {
        let text = self.normalised.text();
        self.units.iter().skip(1).all(|unit| text[..unit.norm.start()].trim_end().ends_with('、'))
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

/// The tokens that lie in `span`.
pub(super) fn within(tokens: Tokens<'_>, span: Span<Norm>) -> Range<usize> {
    let start = tokens.tokens.partition_point(|token| token.span.start() < span.start());
    let end = tokens.tokens.partition_point(|token| token.span.end() <= span.end());
    start..end.max(start)
}

fn chars(text: &str, span: Span<Orig>) -> usize {
    text[span.range()].chars().count()
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
mod tests;
