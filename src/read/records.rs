//! Rows of cells, cut by the csv crate and checked: UTF-8, as many cells as the header has, no quote left open.
//!
//! The crate's own positions are not enough to name a line: a record's position is where the *previous* one ended,
//! before blank lines and, in files from Windows, before the `\n` of the previous `\r\n`.

use std::io::Read;
use std::path::Path;

use csv::{ByteRecord, ErrorKind, Position, StringRecord};

use super::refuse;
use super::sniff::{self, Layout};
use super::source::{END_CELL, LONGEST_ROW, Source};
use crate::error::{Error, Result};

const CHECK_QUOTES: &str =
    "セルを囲む「\"」の閉じ忘れがないか確かめてください。セルの中の「\"」は「\"\"」と書きます";

/// The rows of a table, header first.
#[derive(Debug)]
pub(super) struct Records {
    name: String,
    csv: csv::Reader<Source>,
    layout: Layout,
    /// The row read last, kept for its allocations.
    row: ByteRecord,
    /// Cells of the header, once it was read.
    width: Option<usize>,
}

impl Records {
    /// Looks at the head of `input` and gets ready to cut it.
    pub(super) fn new(name: &str, input: Box<dyn Read + Send>) -> Result<Records> {
        let mut source = Source::new(input).map_err(|error| Error::read(Path::new(name), error))?;
        let layout = sniff::layout(name, source.head())?;
        source.set_newline(layout.newline);
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            // Row lengths are checked here, where the message can say more.
            .flexible(true)
            .delimiter(layout.delimiter)
            .from_reader(source);
        Ok(Records { name: name.to_owned(), csv, layout, row: ByteRecord::new(), width: None })
    }

    /// The next row, as wide as the first; `None` at the end. Its position holds the line it begins on, where known.
    pub(super) fn next_record(&mut self) -> Result<Option<StringRecord>> {
        let start = self.csv.position().byte();
        self.csv.get_mut().begin_row(start);
        let mut row = std::mem::take(&mut self.row);
        let more = self.csv.read_byte_record(&mut row).map_err(|error| self.unreadable(error))?;
        // A copy is a few allocations of the right size; a new record grows cell by cell.
        let bytes = row.clone();
        self.row = row;
        let reached_end = self.source().end() == Some(self.csv.position().byte());
        if !more || (reached_end && bytes.as_slice() == END_CELL) {
            return Ok(None);
        }
        if self.source().row_too_long() {
            let problem = format!("1 行が {} MB を超えています", LONGEST_ROW >> 20);
            return Err(self.broken(&bytes, problem, CHECK_QUOTES));
        }
        if reached_end {
            // The mark went into a cell.
            let problem = "この行で始まった「\"」が、ファイルの終わりまで閉じられていません";
            return Err(self.broken(&bytes, problem, CHECK_QUOTES));
        }
        if bytes.as_slice().contains(&0) {
            let (problem, hint) = sniff::not_text();
            return Err(self.broken(&bytes, problem, hint));
        }
        let mut record = StringRecord::from_byte_record(bytes).map_err(|error| {
            let bytes = error.into_byte_record();
            let (problem, hint) = sniff::not_utf8(bytes.iter());
            self.broken(&bytes, problem, hint)
        })?;
        if record.len() != *self.width.get_or_insert(record.len()) {
            return Err(self.ragged(record.as_byte_record()));
        }
        // The position the crate gives is not that of the row (see above), and only its line is of use.
        let line = self.first_line(record.as_byte_record(), self.csv.position());
        record.set_position(line.map(|line| {
            let mut position = Position::new();
            position.set_line(line);
            position
        }));
        Ok(Some(record))
    }

    /// Whether cells are separated by tabs.
    pub(super) fn is_tab_separated(&self) -> bool {
        self.layout.delimiter == b'\t'
    }

    /// Where the bytes come from.
    pub(super) fn source(&self) -> &Source {
        self.csv.get_ref()
    }

    /// Leaves off working out the input's checksum.
    pub(super) fn skip_digest(&mut self) {
        self.csv.get_mut().skip_digest();
    }

    fn unreadable(&self, error: csv::Error) -> Error {
        match error.into_kind() {
            ErrorKind::Io(error) => Error::read(Path::new(&self.name), error),
            // Bytes of any length have no other way to fail.
            other => refuse(&self.name, None, format!("CSV として読めません: {other:?}"), CHECK_QUOTES),
        }
    }

    fn ragged(&self, bytes: &ByteRecord) -> Error {
        let (found, expected) = (bytes.len(), self.width.unwrap_or_default());
        let problem = format!("セルが {found} 個ありますが、見出しは {expected} 列です");
        let lines = breaks(bytes) + 1;
        let hint = if lines > 1 {
            format!("この行は改行を含んで {lines} 行にわたっています。{CHECK_QUOTES}")
        } else {
            "「,」や改行を含むセルは「\"」で囲んでください。行が途中で切れていないかも確かめてください"
                .to_owned()
        };
        self.broken(bytes, problem, hint)
    }

    /// The error for the record just read.
    fn broken(&self, bytes: &ByteRecord, problem: impl Into<String>, hint: impl Into<String>) -> Error {
        refuse(&self.name, self.first_line(bytes, self.csv.position()), problem, hint)
    }

    /// The line on which the record just read begins, from where it ends. Exact as long as all rows end like the
    /// header does; a file mixing `\n` and `\r\n` is one line off. `None` where lines end in `\r`, which the csv
    /// crate doesn't count.
    fn first_line(&self, bytes: &ByteRecord, end: &Position) -> Option<u64> {
        // A record ends with the first byte of its line end; in an open quote there is none.
        let is_closed = self.source().end() != Some(end.byte());
        let ended = match self.layout.newline {
            "\r" => return None,
            "\n" => u64::from(is_closed),
            _ => 0,
        };
        Some(end.line().saturating_sub(breaks(bytes) + ended).max(1))
    }
}

/// Line breaks inside the cells of a record.
fn breaks(bytes: &ByteRecord) -> u64 {
    bytes.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<StringRecord>> {
        let mut records = Records::new("t", Box::new(std::io::Cursor::new(bytes.as_ref().to_vec())))?;
        std::iter::from_fn(|| records.next_record().transpose()).collect()
    }

    /// Line, problem and hint of the refusal.
    fn complaint(bytes: impl AsRef<[u8]>) -> (Option<u64>, String, String) {
        match read(bytes) {
            Err(Error::Input { line, problem, hint, .. }) => (line, problem, hint),
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    /// `template` with each kind of line end, and with and without one at the end.
    fn with_newlines(template: &str) -> Vec<(String, Option<u64>)> {
        let unix = [template.to_owned(), template.trim_end().to_owned()];
        let windows = unix.clone().map(|text| text.replace('\n', "\r\n"));
        unix.into_iter().chain(windows).map(|text| (text, Some(6))).collect()
    }

    #[test]
    fn ragged_rows_name_line_found_and_expected() {
        for (text, line) in with_newlines("a,b\n1,\"x\ny\"\n\n\n2,3,4\n") {
            let (found, problem, _) = complaint(&text);
            assert_eq!(
                (found, problem.as_str()),
                (line, "セルが 3 個ありますが、見出しは 2 列です"),
                "{text:?}"
            );
        }
        for (text, line) in with_newlines("a,b\n1,\"x\ny\"\n\n\n\"2\n2\n\n2\"\n") {
            let (found, problem, hint) = complaint(&text);
            assert_eq!(
                (found, problem.as_str()),
                (line, "セルが 1 個ありますが、見出しは 2 列です"),
                "{text:?}"
            );
            assert!(hint.contains("4 行にわたっています"), "{hint}");
        }
        assert_eq!(complaint("a,b\r1\r").0, None, "no line rather than a wrong one");
    }

    #[test]
    fn a_quote_left_open_is_reported_where_its_row_begins() {
        for (text, line) in with_newlines("a,b\n1,\"x\ny\"\n\n\n2,\"3\n4,5\n6,7\n") {
            let (found, problem, _) = complaint(&text);
            assert!(problem.contains("閉じられていません"), "{text:?}: {problem}");
            assert_eq!(found, line, "{text:?}");
        }
        assert!(complaint("a\n\"").1.contains("閉じられていません"));
        assert!(complaint("a\n\"x\"\"").1.contains("閉じられていません"));
        for closed in ["a\n\"x\"", "a\n\"x\"\n", "a\nx\"", "a\n\"x\"\"\""] {
            assert_eq!(read(closed).unwrap().len(), 2, "{closed:?}");
        }
    }

    #[test]
    fn a_row_without_end_is_given_up_before_it_fills_the_memory() {
        let input = std::io::Cursor::new(b"a,b\n1,2\n3,\"".to_vec()).chain(std::io::repeat(b'x'));
        let mut records = Records::new("t", Box::new(input)).unwrap();
        assert_eq!(records.next_record().unwrap().unwrap().len(), 2);
        assert_eq!(records.next_record().unwrap().unwrap().len(), 2);
        let error = records.next_record().unwrap_err().to_string();
        assert_eq!(error, "`t` の 3 行目: 1 行が 16 MB を超えています");
        assert_eq!(records.source().sha256(), None, "the input was not read to its end");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_line() {
        for (bytes, word) in [(b"\0", "NUL"), (b"\x82", "CP932"), (b"\xFF", "EUC-JP")] {
            let (line, problem, hint) = complaint([b"a,b\n1,2\n3,", &bytes[..], b"\n"].concat());
            assert_eq!(line, Some(3));
            assert!(problem.contains(word), "{problem}");
            assert!(hint.contains("CSV UTF-8"), "{hint}");
        }
        assert_eq!(complaint(b"a\n1\n\xFF\n2\n").0, Some(3), "what looks like the end mark is none");
        assert_eq!(complaint(b"a\n1\n\xFF").0, Some(3));
    }

    /// Whatever is not refused must be what the csv crate makes of the same bytes.
    #[test]
    fn accepted_tables_are_cut_as_the_csv_crate_does() {
        let mut state = 1_u32;
        let mut dice = |sides: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % sides
        };
        let mut accepted = 0;
        for _ in 0..2_000 {
            let text: String =
                (0..dice(12)).map(|_| ["a", ",", "\"", "\n", "\r\n", "\r", "あ"][dice(7) as usize]).collect();
            let mut plain = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let expected: std::result::Result<Vec<_>, _> = plain.records().collect();
            match (read(&text), expected) {
                (Ok(found), Ok(expected)) => {
                    assert_eq!(found, expected, "{text:?}");
                    accepted += 1;
                }
                (Err(_), _) => {}
                (Ok(found), Err(error)) => panic!("{text:?}: {found:?} but {error}"),
            }
        }
        assert!(accepted > 500, "only {accepted} tables were accepted");
    }
}
