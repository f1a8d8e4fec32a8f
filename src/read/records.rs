//! Rows of cells, cut by the csv crate and checked: as many cells as the header has, no quote left open.
//!
//! The crate's own positions are not enough to name a line: a record's position is where the *previous* one ended,
//! before blank lines and, in files from Windows, before the `\n` of the previous `\r\n`. Nor does it tell that it left out
//! quotes, see [`super::quoting`].

use std::path::Path;

use csv::{ByteRecord, ErrorKind, Position};

use super::decode::{self, Text};
use super::repair::{Repairs, repaired};
use super::sniff::{Delimiter, Layout};
use super::source::{END_CELL, LONGEST_ROW, Source};
use super::{Next, at_line, refuse};
use crate::error::{Error, Result};

const CHECK_QUOTES: &str =
    "セルを囲む「\"」の閉じ忘れがないか確かめてください。セルの中の「\"」は「\"\"」と書きます";

/// What DOS wrote after the last line, and some programs still do.
const DOS_END: &[u8] = b"\x1A";

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
    /// Whether nothing has yet confirmed that the text is UTF-8.
    is_assumed: bool,
}

impl Records {
    /// Gets ready to cut `text`, whose lines are built like `layout`.
    pub(super) fn new(name: &str, text: Text, layout: Layout) -> Records {
        let is_assumed = text.is_assumed();
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            // Row lengths are checked here, where the message can say more.
            .flexible(true)
            .delimiter(layout.delimiter.byte())
            .from_reader(Source::new(text, layout));
        Records { name: name.to_owned(), csv, layout, row: ByteRecord::new(), width: None, is_assumed }
    }

    /// The row of line `wanted`, or the first one behind it, which says how wide all are.
    pub(super) fn header(&mut self, wanted: u64, repairs: &mut Repairs) -> Result<Next> {
        let mut line = 0;
        loop {
            self.width = None;
            let next = self.next(repairs)?;
            line += 1;
            let known = if let Next::Row(row) = &next { row.position().map(Position::line) } else { None };
            // Where lines end in `\r` rows are counted instead.
            if matches!(next, Next::End) || known.unwrap_or(line) >= wanted {
                return Ok(next);
            }
        }
    }

    /// The next row, as wide as the first. Its position holds the line it begins on, where known.
    pub(super) fn next(&mut self, repairs: &mut Repairs) -> Result<Next> {
        let start = self.csv.position().byte();
        self.csv.get_mut().begin_row(start);
        let mut row = std::mem::take(&mut self.row);
        let more = self.csv.read_byte_record(&mut row).map_err(|error| self.unreadable(error))?;
        // A copy is a few allocations of the right size; a new record grows cell by cell.
        let bytes = row.clone();
        self.row = row;
        let reached_end = self.source().end() == Some(self.csv.position().byte());
        if !more || (reached_end && bytes.as_slice() == END_CELL) {
            return Ok(Next::End);
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
        if bytes.as_slice() == DOS_END {
            return Ok(Next::End);
        }
        // The position the crate gives is not that of the row (see above), and only its line is of use.
        let line = self.first_line(&bytes, self.csv.position());
        if self.is_assumed && !bytes.as_slice().is_ascii() {
            if std::str::from_utf8(bytes.as_slice()).is_err() {
                return Err(decode::assumed_wrongly(&self.name, line));
            }
            self.is_assumed = false;
        }
        let is_ragged = bytes.len() != *self.width.get_or_insert(bytes.len());
        let end = self.csv.position().byte();
        let broken = if self.csv.get_mut().take_stray_quote(end) {
            // The crate would leave the quotes out.
            let problem = "セルを閉じる「\"」の後に、まだ文字があります";
            Some((problem.to_owned(), CHECK_QUOTES.to_owned()))
        } else {
            is_ragged.then(|| self.ragged(&bytes))
        };
        let (mut record, replaced) = repaired(bytes);
        if replaced > 0 {
            repairs.add(line, replaced);
        }
        if let Some((problem, hint)) = broken {
            let cells = record.iter().map(str::to_owned).collect();
            return Ok(Next::Broken { line, problem, hint, cells });
        }
        record.set_position(at_line(line));
        Ok(Next::Row(record))
    }

    /// What the cells are separated by.
    pub(super) fn delimiter(&self) -> Delimiter {
        self.layout.delimiter
    }

    fn source(&self) -> &Source {
        self.csv.get_ref()
    }

    fn unreadable(&self, error: csv::Error) -> Error {
        match error.into_kind() {
            ErrorKind::Io(error) => Error::read(Path::new(&self.name), error),
            // Bytes of any length have no other way to fail.
            other => refuse(&self.name, None, format!("CSV として読めません: {other:?}"), CHECK_QUOTES),
        }
    }

    /// Problem and hint for a row of another width than the header.
    fn ragged(&self, bytes: &ByteRecord) -> (String, String) {
        let (found, expected) = (bytes.len(), self.width.unwrap_or_default());
        let problem = format!("セルが {found} 個ありますが、見出しは {expected} 列です");
        let lines = breaks(bytes) + 1;
        let hint = if lines > 1 {
            format!("この行は改行を含んで {lines} 行にわたっています。{CHECK_QUOTES}")
        } else {
            "「,」や改行を含むセルは「\"」で囲んでください。行が途中で切れていないかも確かめてください"
                .to_owned()
        };
        (problem, hint)
    }

    /// The error for the record just read.
    fn broken(&self, bytes: &ByteRecord, problem: impl Into<String>, hint: impl Into<String>) -> Error {
        refuse(&self.name, self.first_line(bytes, self.csv.position()), problem, hint)
    }

    /// The line on which the record just read begins, from where it ends. `None` where lines end in `\r`, which the csv crate
    /// doesn't count.
    fn first_line(&self, bytes: &ByteRecord, end: &Position) -> Option<u64> {
        if self.layout.newline == "\r" {
            return None;
        }
        // A record ends with the first byte of its line end; in an open quote there is none.
        let is_closed = self.source().end() != Some(end.byte());
        let ended = is_closed
            && match self.source().byte_before(end.byte()) {
                Some(byte) => byte == b'\n',
                // The end of the text, and of the mark behind it.
                None => self.layout.newline == "\n",
            };
        Some(end.line().saturating_sub(breaks(bytes) + u64::from(ended)).max(1))
    }
}

/// Line breaks inside the cells of a record.
fn breaks(bytes: &ByteRecord) -> u64 {
    bytes.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use csv::StringRecord;

    use super::*;
    use crate::read::sniff::{self, Shape};

    fn records(input: impl Read + Send + 'static) -> Result<Records> {
        let text = decode::open("t", Box::new(input), None)?;
        match sniff::shape("t", text.head(), None)? {
            Shape::Lines(layout) => Ok(Records::new("t", text, layout)),
            Shape::Objects => panic!("JSON"),
        }
    }

    /// The rows with the number of characters replaced, or the first refusal.
    fn rows(bytes: impl AsRef<[u8]>) -> Result<(Vec<StringRecord>, Repairs)> {
        let mut records = records(Cursor::new(bytes.as_ref().to_vec()))?;
        let (mut rows, mut repairs) = (Vec::new(), Repairs::default());
        loop {
            match records.next(&mut repairs)? {
                Next::Row(row) => rows.push(row),
                Next::Broken { line, problem, hint, .. } => return Err(refuse("t", line, problem, hint)),
                Next::End => return Ok((rows, repairs)),
            }
        }
    }

    fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<StringRecord>> {
        rows(bytes).map(|(rows, _)| rows)
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
    fn lines_are_counted_however_they_end() {
        for (text, line) in [
            ("a,b\r\n1,2\n3,\"x\r\ny\nz\"\r\n4\n", 6),
            ("a,b\n1,2\r\n\r\n\n4\r\n", 5),
            ("a,b\r\n1,2\n4", 3),
            ("a,b\n1,2\r\n4", 3),
        ] {
            assert_eq!(complaint(text).0, Some(line), "{text:?}");
            // Nor does it matter where the text is cut on its way.
            let long = text.replace("1,2", &format!("1,{}", "x".repeat(20_000)));
            assert_eq!(complaint(&long).0, Some(line), "{text:?}");
        }
    }

    #[test]
    fn quotes_that_would_be_left_out_are_reported_and_the_row_can_be() {
        for (text, line) in
            [("a,b\n1,\"エラー\"と出た\n2,x\n", 2), ("a,b\r\n1,x\r\n2,\"画面に\"エラー\"と出た\"\r\n", 3)]
        {
            let (found, problem, hint) = complaint(text);
            assert_eq!((found, hint.as_str()), (Some(line), CHECK_QUOTES), "{text:?}");
            assert!(problem.contains("後に、まだ文字"), "{problem}");
        }
        let fine = read("a,b\n1,\"エラー\"  \n2,画面に\"エラー\"と出た\n").unwrap();
        assert_eq!((&fine[1][1], &fine[2][1]), ("エラー  ", "画面に\"エラー\"と出た"));
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
        let input = Cursor::new(b"a,b\n1,2\n3,\"".to_vec()).chain(std::io::repeat(b'x'));
        let mut records = records(input).unwrap();
        let mut next = || records.next(&mut Repairs::default());
        assert!(matches!(next(), Ok(Next::Row(_))));
        assert!(matches!(next(), Ok(Next::Row(_))));
        let error = next().unwrap_err().to_string();
        assert_eq!(error, "`t` の 3 行目: 1 行が 16 MB を超えています");
    }

    #[test]
    fn what_is_no_text_is_replaced_and_reported_by_line() {
        let answers = "2,受付に時間がかかりました\n".repeat(5);
        for (bytes, shown) in [(&b"\0"[..], "␀"), (b"\xFF", "�"), (b"\xE9\xA1", "�"), (b"\xFE", "�")]
        {
            let table = [b"a,b\n", answers.as_bytes(), b"1,", bytes, b"\n\xFF,x\n"].concat();
            let (rows, repairs) = rows(table).unwrap();
            assert_eq!((&rows[6][1], &rows[7][0]), (shown, "�"));
            assert_eq!((repairs.rows, repairs.first), (2, vec![(Some(7), 1), (Some(8), 1)]));
        }
        let (rows, repairs) = rows(["a\n", &answers, "x\n\x1A"].concat().replace("2,", "2、")).unwrap();
        assert_eq!((rows.len(), repairs.rows), (7, 0), "the end mark of DOS is no row");
    }

    #[test]
    fn what_looks_like_the_end_mark_is_none() {
        let start = "a\n顔認証ができない\n".as_bytes();
        for end in [&b"\xFF\n2\n"[..], b"\xFF"] {
            let (rows, repairs) = rows([start, end].concat()).unwrap();
            assert_eq!((&rows[2][0], repairs.first), ("�", vec![(Some(3), 1)]));
        }
    }

    #[test]
    fn an_encoding_assumed_for_want_of_evidence_is_taken_back() {
        let long = format!("a,b\n{}", "1,2\n".repeat(2_000_000));
        let (line, problem, hint) = complaint([long.as_bytes(), b"3,\x82\xA0\n"].concat());
        assert_eq!(line, Some(2_000_002));
        assert!(problem.contains("UTF-8 ではありません") && hint.contains("--encoding"), "{problem}／{hint}");
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
