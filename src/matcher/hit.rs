//! A place where something was found.

use crate::span::{Norm, Span};
use crate::token::Tokens;

/// One place where something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// The place, in bytes of the normalised text.
    pub span: Span<Norm>,
    /// First token touched.
    pub first: u32,
    /// One past the last token touched.
    pub end: u32,
}

impl Hit {
    /// The hit at `span`, with the tokens it touches.
    pub(crate) fn at(span: Span<Norm>, tokens: Tokens<'_>) -> Self {
        let first = tokens.tokens.partition_point(|token| token.span.end() <= span.start());
        let end = tokens.tokens.partition_point(|token| token.span.start() < span.end());
        let narrow = |n: usize| u32::try_from(n).expect("fewer tokens than bytes");
        Hit { span, first: narrow(first), end: narrow(end.max(first)) }
    }

    /// From the beginning of the one to the end of the other.
    pub(super) fn cover(self, other: Hit) -> Self {
        let (first, end) = (self.first.min(other.first), self.end.max(other.end));
        Hit { span: self.span.cover(other.span), first, end }
    }

    /// The hit up to the token position `end`, if it ends before.
    pub(super) fn extended(self, end: usize, tokens: Tokens<'_>) -> Self {
        if end <= self.end as usize {
            return self;
        }
        let span = self.span.cover(tokens.tokens[end - 1].span);
        Hit { span, end: u32::try_from(end).expect("fewer tokens than bytes"), ..self }
    }

    /// The last token it touches.
    pub(super) fn last_token(self) -> usize {
        self.end.saturating_sub(1).max(self.first) as usize
    }
}

/// Orders hits and moves repetitions behind the end that is returned.
pub(super) fn order(hits: &mut [Hit]) -> usize {
    // Strictly ascending hits, the usual case, are in order and without repetitions.
    if hits.is_sorted_by(|a, b| a < b) {
        return hits.len();
    }
    hits.sort_unstable();
    let mut kept = 1;
    for at in 1..hits.len() {
        if hits[kept - 1] != hits[at] {
            hits[kept] = hits[at];
            kept += 1;
        }
    }
    kept
}
