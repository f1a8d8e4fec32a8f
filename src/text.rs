//! A text in its normalised form, and the map back to the original.
//!
//! How a text is normalised is [`crate::normalise`]'s business; this file holds the result and its one promise:
//! whatever is found in the normalised text can be shown verbatim in the original.

use crate::span::{Norm, Orig, Span};

/// One cluster whose normalised form differs from the original in length.
///
/// Either side may be empty: blanks that normalisation drops have an empty `norm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edit {
    norm: Span<Norm>,
    orig: Span<Orig>,
}

/// The way from normalised offsets back to original ones.
///
/// Only clusters that changed their length are recorded; between two of them both texts run in step, byte by byte
/// and character by character. Edits are ordered and do not overlap, in either text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OffsetMap {
    edits: Vec<Edit>,
}

impl OffsetMap {
    /// The smallest original range covering every normalised cluster that `span` touches.
    ///
    /// Never empty for a non-empty span; both ends are character boundaries of the original if those of `span` are
    /// character boundaries of the normalised text.
    pub fn to_original(&self, span: Span<Norm>) -> Span<Orig> {
        let start = match self.edit_at(span.start()) {
            Ok(edit) => edit.orig.start(),
            Err(shift) => shift.apply(span.start()),
        };
        if span.is_empty() {
            return Span::new(start, start);
        }
        let end = match self.edit_at(span.end() - 1) {
            Ok(edit) => edit.orig.end(),
            Err(shift) => shift.apply(span.end()),
        };
        Span::new(start, end)
    }

    /// The edit that holds the normalised byte `at`, or how far bytes are shifted there.
    fn edit_at(&self, at: usize) -> Result<Edit, Shift> {
        let next = self.edits.partition_point(|edit| edit.norm.end() <= at);
        match self.edits.get(next) {
            Some(&edit) if edit.norm.start() <= at => Ok(edit),
            _ => Err(match next.checked_sub(1).map(|i| self.edits[i]) {
                Some(edit) => Shift { norm: edit.norm.end(), orig: edit.orig.end() },
                None => Shift { norm: 0, orig: 0 },
            }),
        }
    }
}

/// A point from which both texts run in step.
struct Shift {
    norm: usize,
    orig: usize,
}

impl Shift {
    fn apply(&self, at: usize) -> usize {
        self.orig + (at - self.norm)
    }
}

/// A normalised text with the way back to its original.
///
/// A buffer as well as a value: [`crate::normalise::normalise_into`] reuses its allocations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normalised {
    text: String,
    map: OffsetMap,
}

impl Normalised {
    /// The normalised text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The way back to the original.
    pub fn map(&self) -> &OffsetMap {
        &self.map
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.map.edits.clear();
    }

    /// Appends text that is the same, byte length by byte length, in the original.
    pub(crate) fn push_same(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends `norm` as the form of the original bytes `orig` (which must follow all bytes pushed so far).
    pub(crate) fn push_edit(&mut self, orig: std::ops::Range<usize>, norm: &str) {
        let start = self.text.len();
        self.text.push_str(norm);
        self.map
            .edits
            .push(Edit { norm: Span::new(start, self.text.len()), orig: Span::new(orig.start, orig.end) });
    }
}
