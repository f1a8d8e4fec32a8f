//! Reading a table of answers: bytes in, rows out, in input order and with flat memory.
//!
//! In the order of the data: `source` counts and hashes the bytes, `sniff` recognises what is no UTF-8 CSV/TSV,
//! `records` cuts rows and refuses broken ones, `columns` decides what each column means. What a row *says* is
//! left to [`crate::comment`] and later; nothing is trimmed, dropped or repaired here.
//!
//! Blank lines are no rows, as everywhere in CSV: in a table of one column, an empty answer must be written `""`.

mod columns;
mod records;
mod sniff;
mod source;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;

pub use self::columns::Columns;
use self::records::Records;
use crate::comment::{Comment, Row, Schema};
use crate::error::{Error, Result};

/// Rows looked at before the columns are settled: enough to tell options from prose, read in an instant.
const SAMPLE_ROWS: usize = 200;

/// Bytes after which looking ahead stops early, so that rows of megabytes don't pile up.
const SAMPLE_BYTES: usize = 8 << 20;

/// How standard input is called in messages.
const STDIN: &str = "標準入力";

/// A table of answers, read row by row.
///
/// Every row has exactly as many cells as the schema has headers, and at least one row exists: both are checked, so
/// that whoever reads needn't. After an error the reader is spent.
#[derive(Debug)]
pub struct Reader {
    records: Records,
    schema: Arc<Schema>,
    findings: Vec<String>,
    /// Rows read ahead to recognise the columns, still to be handed out.
    sample: VecDeque<StringRecord>,
    rows: u64,
}

impl Reader {
    /// Opens the table at `path`, or standard input for `-`, and settles what its columns mean.
    ///
    /// # Errors
    /// When the file can't be read, is no UTF-8 CSV or TSV, holds no rows, or its columns can't be told.
    pub fn open(path: &Path, columns: &Columns) -> Result<Reader> {
        if path == Path::new("-") {
            return Reader::from_reader(STDIN, Box::new(io::stdin()), columns);
        }
        // Systems disagree on whether opening a folder fails, and how.
        if path.is_dir() {
            return Err(Error::read(path, io::ErrorKind::IsADirectory.into()));
        }
        let file = File::open(path).map_err(|error| Error::read(path, error))?;
        Reader::from_reader(&path.display().to_string(), Box::new(file), columns)
    }

    /// Reads a table from anywhere. `name` stands for it in messages.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn from_reader(name: &str, input: Box<dyn Read + Send>, columns: &Columns) -> Result<Reader> {
        let mut records = Records::new(name, input)?;
        let Some(header) = records.next_record()? else {
            return Err(refuse(
                name,
                None,
                "ファイルが空です",
                "1 行目に列名、2 行目から回答を書いてください",
            ));
        };
        let headers = checked_headers(name, &header)?;
        let sample = read_ahead(&mut records, if columns.texts.is_empty() { SAMPLE_ROWS } else { 1 })?;
        if sample.is_empty() {
            let problem = "見出しの行だけで、回答が 1 行もありません";
            return Err(refuse(name, None, problem, "1 行目に列名、2 行目から回答を書いてください"));
        }
        let (schema, mut findings) = columns::recognise(name, headers, &sample, columns)?;
        if records.is_tab_separated() {
            findings.insert(0, "区切り: タブ（見出しの行から判断）".to_owned());
        }
        Ok(Reader { records, schema: Arc::new(schema), findings, sample, rows: 0 })
    }

    /// What the columns mean.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// How the file was understood, one Japanese line per finding, for the user to check.
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// The next row, or `None` at the end of the input.
    ///
    /// # Errors
    /// When the input can't be read on or the row is broken; the message names its line.
    pub fn next_row(&mut self) -> Result<Option<Row>> {
        let cells = match self.sample.pop_front() {
            Some(cells) => Some(cells),
            None => self.records.next_record()?,
        };
        Ok(cells.map(|cells| {
            self.rows += 1;
            Row { number: self.rows, cells }
        }))
    }

    /// Bytes taken from the input so far, for a progress bar. Runs ahead of the rows handed out by what is buffered.
    pub fn bytes_read(&self) -> u64 {
        self.records.source().bytes_read()
    }

    /// Leaves off working out [`Reader::sha256`], which takes a tenth of the time of reading.
    pub fn skip_digest(&mut self) {
        self.records.skip_digest();
    }

    /// SHA-256 of the whole input, in hexadecimal; `None` as long as a byte of it is unread. After
    /// [`Reader::next_row`] has returned `Ok(None)` it is always there, unless it was not wanted.
    pub fn sha256(&self) -> Option<String> {
        self.records.source().sha256()
    }
}

/// The answers of a row, one per text column, in the order of [`Schema::texts`].
pub fn comments_of(schema: &Arc<Schema>, row: Row) -> impl Iterator<Item = Comment> + use<> {
    let schema = Arc::clone(schema);
    let row = Arc::new(row);
    (0..schema.texts.len())
        .map(move |nth| Comment::new(Arc::clone(&schema), Arc::clone(&row), schema.texts[nth]))
}

/// The header cells, which must tell the columns apart: columns are chosen, exported and filtered by name.
fn checked_headers(name: &str, header: &StringRecord) -> Result<Vec<String>> {
    for (column, title) in header.iter().enumerate() {
        if title.trim().is_empty() {
            let problem = format!("見出しの {} 列目が空です", column + 1);
            let hint = "列名を付けてください。中身のない列なら、その列を削除して保存し直してください";
            return Err(refuse(name, None, problem, hint));
        }
        if let Some(earlier) = header.iter().take(column).position(|other| other == title) {
            let problem =
                format!("列「{title}」が 2 つあります（{} 列目と {} 列目）", earlier + 1, column + 1);
            return Err(refuse(name, None, problem, "見出しの名前を変えて、区別できるようにしてください"));
        }
    }
    Ok(header.iter().map(str::to_owned).collect())
}

fn read_ahead(records: &mut Records, rows: usize) -> Result<VecDeque<StringRecord>> {
    let mut sample = VecDeque::new();
    let mut bytes = 0;
    while sample.len() < rows && bytes < SAMPLE_BYTES {
        let Some(cells) = records.next_record()? else { break };
        bytes += cells.as_slice().len();
        sample.push_back(cells);
    }
    Ok(sample)
}

/// An [`Error::Input`], in the words of this module.
fn refuse(name: &str, line: Option<u64>, problem: impl Into<String>, hint: impl Into<String>) -> Error {
    Error::Input { input: name.to_owned(), line, problem: problem.into(), hint: hint.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(bytes: impl AsRef<[u8]>, columns: &Columns) -> Result<Reader> {
        Reader::from_reader("t.csv", Box::new(io::Cursor::new(bytes.as_ref().to_vec())), columns)
    }

    fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<Vec<String>>> {
        let columns = Columns { texts: vec!["text".to_owned()], ..Columns::default() };
        let mut reader = open(bytes, &columns)?;
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row()? {
            assert_eq!(row.number, rows.len() as u64 + 1);
            rows.push(row.cells.iter().map(str::to_owned).collect());
        }
        Ok(rows)
    }

    fn complaint(bytes: impl AsRef<[u8]>) -> String {
        let error = read(bytes).expect_err("the input must be refused");
        format!("{error}／{}", error.hint().unwrap_or_default())
    }

    #[test]
    fn bom_crlf_quotes_and_line_breaks_are_understood_and_cells_stay_verbatim() {
        let expected = vec![vec!["1", "一行目\r\n「\"」二行目, "], vec!["2", " "], vec!["3", ""]];
        let crlf = "\u{feff}id,text\r\n1,\"一行目\r\n「\"\"」二行目, \"\r\n2, \r\n3,\r\n\r\n";
        assert_eq!(read(crlf).unwrap(), expected);
        assert_eq!(read(crlf.replace("\r\n\r\n", "")).unwrap(), expected, "no line break at the end");
        assert_eq!(read("\nid,text\r1,a\r\r2,b").unwrap(), [["1", "a"], ["2", "b"]]);
    }

    #[test]
    fn rows_beyond_the_sample_follow_it_in_order() {
        let table: String = (0..1_000).map(|n| format!("{n},回答の本文その{n}\n")).collect();
        let mut reader = open(format!("id,自由記述\n{table}"), &Columns::default()).unwrap();
        for n in 0..1_000 {
            assert_eq!(&reader.next_row().unwrap().expect("1,000 rows").cells[0], n.to_string());
        }
        assert_eq!(reader.next_row().unwrap(), None);
        assert_eq!(reader.next_row().unwrap(), None);
    }

    #[test]
    fn a_row_becomes_one_comment_per_text_column() {
        let columns = Columns { texts: vec!["問13".to_owned(), "問7".to_owned()], ..Columns::default() };
        let mut reader = open("No,県,問7,問13\n5,東京都,ア,イ\n", &columns).unwrap();
        let row = reader.next_row().unwrap().unwrap();
        let comments: Vec<_> = comments_of(reader.schema(), row).collect();
        let seen: Vec<_> =
            comments.iter().map(|c| (c.id(), c.question(), c.text(), c.attribute("県"))).collect();
        assert_eq!(
            seen,
            [("5".into(), "問13", "イ", Some("東京都")), ("5".into(), "問7", "ア", Some("東京都"))]
        );
    }

    #[test]
    fn the_hash_covers_every_byte_and_is_withheld_until_then() {
        let body = format!("\u{feff}id,text\n{}\n\n", "1,あ\n".repeat(40_000));
        let columns = Columns { texts: vec!["text".to_owned()], ..Columns::default() };
        let mut reader = open(&body, &columns).unwrap();
        assert_eq!(reader.sha256(), None);
        assert!((1..body.len() as u64).contains(&reader.bytes_read()));
        while reader.next_row().unwrap().is_some() {}
        assert_eq!(reader.bytes_read(), body.len() as u64);
        let abc = open("text\nabc", &columns).map(|mut reader| {
            while reader.next_row().unwrap().is_some() {}
            reader.sha256()
        });
        let expected = "ef4618f06886dccb6a5beddeafa9756d3728065cbd153165441298b539d0a9e7";
        assert_eq!(abc.unwrap().unwrap(), expected);
    }

    #[test]
    fn tables_without_rows_are_refused() {
        for empty in ["", "\u{feff}", "\n\r\n"] {
            assert!(complaint(empty).contains("ファイルが空です"), "{empty:?}");
        }
        for header in ["id,text", "id,text\r\n", "\u{feff}id,text\n\n\n"] {
            assert!(complaint(header).contains("見出しの行だけ"), "{header:?}");
        }
    }

    #[test]
    fn headers_must_tell_columns_apart() {
        let twice = complaint("id,text,x,text\n1,a,b,c\n");
        assert!(twice.contains("列「text」が 2 つあります（2 列目と 4 列目）"), "{twice}");
        let blank = complaint("id,text,　\n1,a,b\n");
        assert!(blank.contains("見出しの 3 列目が空です"), "{blank}");
    }

    #[test]
    fn tabs_separate_when_the_header_says_so_and_it_is_reported() {
        let mut reader = open("id\ttext\n1\ta,b\n", &Columns::default()).unwrap();
        assert_eq!(reader.findings()[0], "区切り: タブ（見出しの行から判断）");
        assert_eq!(reader.next_row().unwrap().unwrap().cells, vec!["1", "a,b"]);
        let reader = open("id,text\n1,\"a\tb\"\n", &Columns::default()).unwrap();
        assert!(!reader.findings().concat().contains("タブ"));
    }

    #[test]
    fn folders_and_missing_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let message = |path: &Path| Reader::open(path, &Columns::default()).unwrap_err().to_string();
        assert!(message(folder.path()).contains("フォルダーです"));
        assert!(message(&folder.path().join("無い.csv")).contains("無い.csv` を読めません"));
        let file = folder.path().join("a.csv");
        std::fs::write(&file, "id,text\n1,あ\n").unwrap();
        assert_eq!(Reader::open(&file, &Columns::default()).unwrap().schema().texts, [1]);
    }

    #[test]
    fn an_input_that_breaks_off_is_a_read_error() {
        struct Broken(Vec<io::ErrorKind>);
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(self.0.pop().expect("one error ends the run").into())
            }
        }
        // Taken from the end: an interruption is no failure.
        let broken = Broken(vec![io::ErrorKind::PermissionDenied, io::ErrorKind::Interrupted]);
        let input = io::Cursor::new("text\na\n".repeat(20_000)).chain(broken);
        let columns = Columns { texts: vec!["text".to_owned()], ..Columns::default() };
        let mut reader = Reader::from_reader("x.csv", Box::new(input), &columns).unwrap();
        let error = loop {
            match reader.next_row() {
                Ok(row) => assert!(row.is_some(), "the end is not an end"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.to_string(), "`x.csv` を読めません: 許可がありません");
    }
}
