//! Characters that can't be kept are replaced so that it shows, and reported by row.
//!
//! Characters for private use (外字) are kept: what they stand for is known where they were typed. They are reported, too.
//!
//! What the encoding doesn't have becomes `�` (U+FFFD). Control characters, which no spreadsheet or web page can show,
//! become their pictures: NUL is `␀`, a vertical tab `␋`. Line breaks and tabs are text and stay.

use csv::{ByteRecord, StringRecord};

/// Rows reported one by one; of more, only the number is known.
const REPORTED: usize = 20;

/// The rows in which characters were replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Number of rows.
    pub rows: u64,
    /// Number of characters.
    pub chars: u64,
    /// The first rows: the line they begin on, where known, and the characters replaced in them.
    pub first: Vec<(Option<u64>, u64)>,
    /// Number of rows with characters for private use, which are kept.
    pub private_rows: u64,
    /// The line that the first of these rows begins on, where known.
    pub first_private: Option<u64>,
}

impl Repairs {
    /// Takes note of a row if it has characters for private use.
    pub(super) fn look_for_private(&mut self, line: Option<u64>, cells: &str) {
        if has_private(cells.as_bytes()) {
            self.first_private = if self.private_rows == 0 { line } else { self.first_private };
            self.private_rows += 1;
        }
    }

    pub(super) fn add(&mut self, line: Option<u64>, chars: u64) {
        self.rows += 1;
        self.chars += chars;
        if self.first.len() < REPORTED {
            self.first.push((line, chars));
        }
    }
}

/// `row` as text, and how many characters were replaced in it.
pub(super) fn repaired(row: ByteRecord) -> (StringRecord, u64) {
    let is_clean = !has_controls(row.as_slice());
    let row = match StringRecord::from_byte_record(row) {
        Ok(row) if is_clean => return (row, 0),
        Ok(row) => row.into_byte_record(),
        Err(error) => error.into_byte_record(),
    };
    let mut replaced = 0;
    let mut out = StringRecord::with_capacity(row.as_slice().len() + 16, row.len());
    for cell in &row {
        let (cell, count) = repaired_cell(cell);
        replaced += count;
        out.push_field(&cell);
    }
    (out, replaced)
}

/// Whether there is one of U+E000 to U+F8FF; `bytes` are UTF-8.
fn has_private(bytes: &[u8]) -> bool {
    let begins = |two: &[u8]| (two[0] == 0xEE) | ((two[0] == 0xEF) & (two[1] < 0xA4));
    bytes.windows(2).fold(false, |found, two| found | begins(two))
}

/// Whether there is a byte that only control characters have, or U+FFFE or U+FFFF; never misses one.
fn has_controls(bytes: &[u8]) -> bool {
    // Without an early end, so that the compiler can take many bytes at a time.
    let is_none = |three: &[u8]| (three[0] == 0xEF) & (three[1] == 0xBF) & (three[2] >= 0xBE);
    let has_none = bytes.windows(3).fold(false, |found, three| found | is_none(three));
    has_none
        | bytes.iter().fold(false, |found, &byte| {
            found
                | (byte < 0x20 && byte != b'\n' && byte != b'\r' && byte != b'\t')
                | (byte == 0x7F)
                | (byte == 0xC2)
        })
}

/// One cell, as [`repaired`].
pub(super) fn repaired_cell(cell: &[u8]) -> (String, u64) {
    let mut replaced = 0;
    let mut out = String::with_capacity(cell.len() + 8);
    for chunk in cell.utf8_chunks() {
        for c in chunk.valid().chars() {
            match picture(c) {
                Some(picture) => {
                    out.push(picture);
                    replaced += 1;
                }
                None => out.push(c),
            }
        }
        if !chunk.invalid().is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
            replaced += 1;
        }
    }
    (out, replaced)
}

/// What is shown in place of a control character.
fn picture(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' => None,
        '\0'..'\u{20}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7F}' => Some('␡'),
        // The second set of controls has no pictures.
        '\u{80}'..='\u{9F}' => Some(char::REPLACEMENT_CHARACTER),
        // No characters, and in no workbook allowed.
        '\u{FFFE}' | '\u{FFFF}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_for_private_use_are_kept_and_reported() {
        let mut repairs = Repairs::default();
        for (line, text) in
            [(1, "髙﨑　（！）ｱ�"), (2, "\u{DFF}\u{F900}豈"), (3, "渡\u{E000}"), (4, "\u{F8FF}")]
        {
            assert_eq!(repaired_cell(text.as_bytes()), (text.to_owned(), 0));
            repairs.look_for_private(Some(line), text);
        }
        assert_eq!((repairs.private_rows, repairs.first_private, repairs.rows), (2, Some(3), 0));
    }

    #[test]
    fn what_is_no_text_shows_and_the_rest_stays() {
        let cases: [(&[u8], &str, u64); 9] = [
            (b"a\tb\r\nc", "a\tb\r\nc", 0),
            ("±×é顔".as_bytes(), "±×é顔", 0),
            (b"a\0b", "a␀b", 1),
            (b"\x0B\x1B\x7F", "␋␛␡", 3),
            (b"\xC2\x85", "�", 1),
            (b"a\xFEb\xFE", "a�b�", 2),
            // Two bytes of a kanji whose third is missing are one character.
            (b"\xE9\xA1x", "�x", 1),
            ("�".as_bytes(), "�", 0),
            ("\u{FFFE}x\u{FFFF}！".as_bytes(), "�x�！", 2),
        ];
        for (cell, text, count) in cases {
            let (row, replaced) = repaired(ByteRecord::from(vec![b"id", cell]));
            assert_eq!((&row[1], replaced), (text, count), "{cell:x?}");
        }
    }
}
