//! Half-open byte ranges that know which text they index.
//!
//! Two texts are in play for every comment: the original, which is exported, and its normalised form, which is
//! tokenized and matched. A `Span<Orig>` can't be used where a `Span<Norm>` is wanted; the one door between them
//! is [`crate::text::OffsetMap::to_original`].

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Marks offsets into the original text of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Orig {}

/// Marks offsets into the normalised text of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Norm {}

/// A half-open range of UTF-8 byte offsets into the text that `S` names.
///
/// `start <= end` always; both ends lie on character boundaries of that text. Offsets are 32 bits wide: a single
/// answer of 4 GiB is not an answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span<S> {
    start: u32,
    end: u32,
    space: PhantomData<S>,
}

impl<S: Copy> Span<S> {
    /// The range `start..end`, in bytes.
    ///
    /// # Panics
    /// If `start > end` or `end` exceeds 4 GiB, which only a bug in this crate can cause: readers refuse longer cells.
    pub fn new(start: usize, end: usize) -> Self {
        assert!(start <= end, "span {start}..{end} is reversed");
        let narrow = |n: usize| u32::try_from(n).expect("texts are shorter than 4 GiB");
        Span { start: narrow(start), end: narrow(end), space: PhantomData }
    }

    /// First byte of the range.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// One past the last byte of the range.
    pub fn end(self) -> usize {
        self.end as usize
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the range covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same range as std sees it, for slicing.
    pub fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// Whether `other` lies inside this range (both ends included).
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two ranges share a byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest range covering both.
    pub fn cover(self, other: Self) -> Self {
        Span { start: self.start.min(other.start), end: self.end.max(other.end), space: PhantomData }
    }
}

impl<S> Serialize for Span<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        (self.start, self.end).serialize(serializer)
    }
}

impl<'de, S> Deserialize<'de> for Span<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (start, end) = <(u32, u32)>::deserialize(deserializer)?;
        if start > end {
            return Err(serde::de::Error::custom("a reversed span"));
        }
        Ok(Span { start, end, space: PhantomData })
    }
}

impl<S> fmt::Debug for Span<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}
