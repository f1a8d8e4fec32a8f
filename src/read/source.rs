//! The bytes of an input: counted, hashed, and closed by an end mark.
//!
//! The csv crate prefers *a* parse over no parse: it doesn't tell an unclosed quote from a long last cell, nor bounds
//! the length of a row. [`Source`] makes both visible. After the last byte it plays a mark that can only come out as
//! a row of its own if no quote is open, and it plays the mark early when one row takes too many bytes. What the mark
//! means for a row is decided in [`super::records`].

use std::fmt;
use std::io::{self, Cursor, Read};

use sha2::{Digest, Sha256};

/// Bytes a row may take: 160 Excel cells filled to their limit of 32,767 characters. What is longer is a quote that was
/// never closed, and would fill the memory.
pub(super) const LONGEST_ROW: u64 = 16 << 20;

/// Bytes looked at before parsing: covers a header line of hundreds of long Japanese titles.
const HEAD: u64 = 64 << 10;

/// The only cell of the mark's row. Never valid UTF-8, hence in no table that is read to the end.
pub(super) const END_CELL: &[u8] = b"\xFF";

/// An input on its way to the csv crate, which drops a byte order mark itself, followed by the end mark.
#[derive(Debug)]
pub(super) struct Source {
    input: Metered,
    /// What was read to look at it, still to be played.
    head: Cursor<Vec<u8>>,
    mark: Cursor<Vec<u8>>,
    /// Bytes played so far, without the mark.
    played: u64,
    /// The offset at which the row being parsed starts, in bytes played.
    row_start: u64,
    /// The offset just after the mark, in bytes played; set when the mark is next.
    end: Option<u64>,
    row_too_long: bool,
}

impl Source {
    /// Reads the head of `input`.
    pub(super) fn new(input: Box<dyn Read + Send>) -> io::Result<Source> {
        let mut input = Metered { input, hash: Some(Sha256::new()), bytes: 0, at_end: false };
        let mut head = Vec::new();
        input.by_ref().take(HEAD).read_to_end(&mut head)?;
        let (head, mark) = (Cursor::new(head), Cursor::new(Vec::new()));
        Ok(Source { input, head, mark, played: 0, row_start: 0, end: None, row_too_long: false })
    }

    /// The first bytes of the input.
    pub(super) fn head(&self) -> &[u8] {
        self.head.get_ref()
    }

    /// Settles how the mark is set off from a last row that ends without a line break.
    pub(super) fn set_newline(&mut self, newline: &str) {
        // One `\n` at the end whatever the newline is: the csv crate then has consumed the whole mark with its row.
        self.mark = Cursor::new([newline.as_bytes(), END_CELL, b"\n"].concat());
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

    /// Bytes taken from the input.
    pub(super) fn bytes_read(&self) -> u64 {
        self.input.bytes
    }

    /// Leaves off working out [`Source::sha256`].
    pub(super) fn skip_digest(&mut self) {
        self.input.hash = None;
    }

    /// SHA-256 of the input, once all of it was taken.
    pub(super) fn sha256(&self) -> Option<String> {
        let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let hash = self.input.hash.as_ref().filter(|_| self.input.at_end)?;
        Some(hex(&hash.clone().finalize()))
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.end.is_none() {
            // The csv crate asks for more only while a row is incomplete, so all that was played belongs to it.
            self.row_too_long = self.played - self.row_start > LONGEST_ROW;
            if !self.row_too_long {
                let count = self.head.by_ref().chain(&mut self.input).read(buffer)?;
                self.played += count as u64;
                if count > 0 {
                    return Ok(count);
                }
            }
            self.end = Some(self.played + self.mark.get_ref().len() as u64);
        }
        self.mark.read(buffer)
    }
}

/// An input that counts and hashes what is taken from it.
struct Metered {
    input: Box<dyn Read + Send>,
    /// None once nobody wants it.
    hash: Option<Sha256>,
    bytes: u64,
    at_end: bool,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = loop {
            match self.input.read(buffer) {
                // The csv crate takes an interrupting signal (a resized terminal) for a failure.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        if let Some(hash) = &mut self.hash {
            hash.update(&buffer[..count]);
        }
        self.bytes += count as u64;
        self.at_end |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}

impl fmt::Debug for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metered")
            .field("bytes", &self.bytes)
            .field("at_end", &self.at_end)
            .finish_non_exhaustive()
    }
}
