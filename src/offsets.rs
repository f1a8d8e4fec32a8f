//! Places of a text in other units than bytes, which is what readers of our files count by.

use crate::span::{Orig, Span};

/// The length of `text` in characters.
pub(crate) fn characters(text: &str) -> usize {
    text.chars().count()
}

/// The length of `text` in UTF-16 units.
pub(crate) fn utf16_units(text: &str) -> usize {
    // A character beyond U+FFFF is two of them, and of those alone the first byte is that large.
    characters(text) + text.bytes().filter(|&byte| byte >= 0xF0).count()
}

/// The ends of some spans of a text, in bytes and in another unit. Spans may overlap and come in any order: their ends are
/// sorted first, so that one pass over the text serves them all.
#[derive(Debug)]
pub(crate) struct Offsets(Vec<(usize, usize)>);

impl Offsets {
    /// The ends of `spans` of `text`, a piece of which is as many units long as `units` says.
    pub(crate) fn new(
        text: &str,
        spans: impl Iterator<Item = Span<Orig>>,
        units: impl Fn(&str) -> usize,
    ) -> Self {
        let mut ends: Vec<(usize, usize)> =
            spans.flat_map(|span| [(span.start(), 0), (span.end(), 0)]).collect();
        ends.sort_unstable();
        ends.dedup();
        let mut before = (0, 0);
        for end in &mut ends {
            end.1 = before.1 + units(&text[before.0..end.0]);
            before = *end;
        }
        Offsets(ends)
    }

    /// How many units stand before the beginning of `span`, and before its end; it must be one of the spans given.
    pub(crate) fn of(&self, span: Span<Orig>) -> [usize; 2] {
        [span.start(), span.end()].map(|byte| {
            let at = self.0.binary_search_by_key(&byte, |end| end.0).expect("the span is one of those given");
            self.0[at].1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_come_in_any_order_and_unit() {
        // 𠮷 is four bytes and two UTF-16 units.
        let text = "𠮷田●";
        let spans = [Span::new(4, 10), Span::new(0, 7), Span::new(4, 7)];
        let scalars = Offsets::new(text, spans.into_iter(), characters);
        let utf16 = Offsets::new(text, spans.into_iter(), utf16_units);
        assert_eq!(spans.map(|span| scalars.of(span)), [[1, 3], [0, 2], [1, 2]]);
        assert_eq!(spans.map(|span| utf16.of(span)), [[2, 4], [0, 3], [2, 3]]);
    }
}
