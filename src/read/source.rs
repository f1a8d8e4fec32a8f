//! The text of a table, closed by an end mark.
//!
//! The csv crate prefers *a* parse over no parse: it doesn't tell an unclosed quote from a long last cell, nor bounds
//! the length of a row. [`Source`] makes both visible. After the last byte it plays a mark that can only come out as
//! a row of its own if no quote is open, and it plays the mark early when one row takes too many bytes. What the mark
//! means for a row is decided in [`super::records`].

use std::io::{self, Cursor, Read};

use super::decode::Text;
use super::quoting::Quotes;
use super::sniff::Layout;

/// Bytes a row may take: 160 Excel cells filled to their limit of 32,767 characters. What is longer is a quote that was
/// never closed, and would fill the memory.
pub(super) const LONGEST_ROW: u64 = 16 << 20;

/// The only cell of the mark's row. Never valid UTF-8, hence in no table that is read to the end.
pub(super) const END_CELL: &[u8] = b"\xFF";

/// A text on its way to the csv crate, followed by the end mark.
#[derive(Debug)]
pub(super) struct Source {
    text: Text,
    mark: Cursor<Vec<u8>>,
    /// Bytes played so far, without the mark.
    played: u64,
    /// The offset at which the row being parsed starts, in bytes played.
    row_start: u64,
    /// The offset just after the mark, in bytes played; set when the mark is next.
    end: Option<u64>,
    row_too_long: bool,
    /// What was played last: a row is complete as soon as its end is, which therefore is in here.
    last: Vec<u8>,
    quotes: Quotes,
}

impl Source {
    /// `text` has lines built like `layout`.
    pub(super) fn new(text: Text, layout: Layout) -> Source {
        // One `\n` at the end whatever the newline is: the csv crate then has consumed the whole mark with its row.
        let mark = Cursor::new([layout.newline.as_bytes(), END_CELL, b"\n"].concat());
        let quotes = Quotes::new(layout.delimiter.byte());
        Source {
            text,
            mark,
            played: 0,
            row_start: 0,
            end: None,
            row_too_long: false,
            last: Vec::new(),
            quotes,
        }
    }

    /// The byte before `offset`, if it was played last.
    pub(super) fn byte_before(&self, offset: u64) -> Option<u8> {
        let behind = usize::try_from(self.played.checked_sub(offset)? + 1).ok()?;
        self.last.get(self.last.len().checked_sub(behind)?).copied()
    }

    /// Whether a quote before `offset` closed a cell that goes on; it is forgotten.
    pub(super) fn take_stray_quote(&mut self, offset: u64) -> bool {
        self.quotes.take_stray(offset)
    }

    /// Says that the row parsed next starts `offset` bytes into what was played.
    pub(super) fn begin_row(&mut self, offset: u64) {
        self.row_start = offset;
    }

    /// The offset after the end mark, in bytes played, once the mark is reached.
    pub(super) fn end(&self) -> Option<u64> {
        self.end
    }

    /// Whether the mark was played early because the row begun last is longer than [`LONGEST_ROW`].
    pub(super) fn row_too_long(&self) -> bool {
        self.row_too_long
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.end.is_none() {
            // The csv crate asks for more only while a row is incomplete, so all that was played belongs to it.
            self.row_too_long = self.played - self.row_start > LONGEST_ROW;
            if !self.row_too_long {
                let count = self.text.read(buffer)?;
                self.played += count as u64;
                self.quotes.look(&buffer[..count]);
                self.last.clear();
                self.last.extend_from_slice(&buffer[..count]);
                if count > 0 {
                    return Ok(count);
                }
            }
            self.end = Some(self.played + self.mark.get_ref().len() as u64);
        }
        self.mark.read(buffer)
    }
}
