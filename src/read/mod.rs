//! Reading a table of answers: bytes in, rows out, in input order and with flat memory.
//!
//! In the order of the data: `bytes` counts, hashes and unpacks; `sniff` tells spreadsheets, tables of lines and JSON apart;
//! `encoding` and `decode` make UTF-8 of a text; `records`, `objects` and `book` (with `displayed`) cut rows; `repair` replaces what can't be
//! shown; `own` takes back what this program added; `columns` decides what each column means; `overlap` finds ids in several inputs.
//! What a row *says* is left to [`crate::comment`] and later; nothing is
//! trimmed or dropped here, and what is replaced or left out is reported.
//!
//! Blank lines are no rows, as everywhere in CSV: in a table of one column, an empty answer must be written `""`.

mod book;
mod bytes;
mod columns;
mod decode;
mod displayed;
pub mod encoding;
mod number_format;
mod objects;
mod overlap;
mod own;
mod records;
mod repair;
mod sniff;
mod source;
mod xls_formats;

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use csv::{Position, StringRecord};
use rustc_hash::FxHashMap;

use self::book::{Book, SheetRows};
use self::bytes::{Bytes, Meter};
pub use self::columns::Columns;
use self::decode::{Head, Text};
pub use self::encoding::Encoding;
use self::objects::Objects;
use self::overlap::{IdHash, Seen};
pub use self::overlap::{Overlap, overlap};
use self::own::Own;
use self::records::Records;
pub use self::repair::Repairs;
pub use self::sniff::Delimiter;
use self::sniff::{Kind, Shape};
use crate::comment::{Comment, Row, Schema};
use crate::error::{Error, Result};

/// Rows looked at before the columns are settled: enough to tell options from prose, read in an instant.
const SAMPLE_ROWS: usize = 200;

/// Bytes after which looking ahead stops early, so that rows of megabytes don't pile up.
const SAMPLE_BYTES: usize = 8 << 20;

/// Rows that may be left out as broken. A file with more is not what it was taken for.
const MOST_REJECTED: usize = 10_000;

/// What to do with a table of ours that can't be put together.
const READ_AS_IT_IS: &str =
    "元の表を指定するか、`--text 本文 --question 問` を付けて、書き出した表のまま読んでください";

/// The sheets of our own books: the one that holds the comments, and one that no other book is likely to have.
const OWN_SHEETS: [&str; 2] = ["タグ付きコーパス", "実行情報"];

/// How standard input is called in messages.
const STDIN: &str = "標準入力";

/// The column added for the name of the file, where there are several.
pub const FILE_COLUMN: &str = "ファイル";

/// How a table is to be read. Whatever is not said is recognised, and reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// What its columns mean.
    pub columns: Columns,
    /// The encoding of texts.
    pub encoding: Option<Encoding>,
    /// What separates the cells of a line.
    pub delimiter: Option<Delimiter>,
    /// The sheet of a spreadsheet.
    pub sheet: Option<String>,
    /// What stands in the column [`FILE_COLUMN`], which is added if there is something to stand in it.
    pub file: Option<String>,
    /// The columns that describe the respondent. None: all that are nothing else.
    pub attributes: Option<Vec<String>>,
    /// Columns of closed questions, which are not taken for answers.
    pub closed: Vec<String>,
    /// Answers that mean 特になし in this survey, see [`Schema::nothing`].
    pub nothing: Vec<String>,
    /// Leaves broken rows out, for [`Reader::rejected`], instead of giving up.
    pub skip_bad_rows: bool,
    /// Reads a table that this program wrote as the one it was made from.
    pub undo_own: bool,
    /// Refuses a row whose id, and question in a long table, an earlier row of the input had.
    pub unique_ids: bool,
}

impl From<&Columns> for Options {
    fn from(columns: &Columns) -> Options {
        Options { columns: columns.clone(), ..Options::default() }
    }
}

impl From<&Options> for Options {
    fn from(options: &Options) -> Options {
        options.clone()
    }
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The line it begins on, from 1, where known.
    pub line: Option<u64>,
    /// What is wrong with it.
    pub reason: String,
    /// Its cells, as many as it has.
    pub cells: Vec<String>,
}

/// What cutting the next row came to.
#[derive(Debug)]
enum Next {
    Row(StringRecord),
    /// A row that can be left out: those after it are whole.
    Broken {
        line: Option<u64>,
        problem: String,
        hint: String,
        cells: Vec<String>,
    },
    End,
}

/// The rows of an input, header first.
#[derive(Debug)]
enum Rows {
    Lines(Records),
    Objects(Objects),
    Sheet(SheetRows),
}

impl Rows {
    fn next(&mut self, repairs: &mut Repairs) -> Result<Next> {
        match self {
            Rows::Lines(records) => records.next(repairs),
            Rows::Objects(objects) => objects.next(repairs),
            Rows::Sheet(sheet) => Ok(sheet.next(repairs)),
        }
    }
}

/// A table of answers, read row by row.
///
/// Every row has exactly as many cells as the schema has headers, and at least one row exists: both are checked, so
/// that whoever reads needn't. After an error the reader is spent.
#[derive(Debug)]
pub struct Reader {
    name: String,
    rows: Rows,
    meter: Meter,
    options: Options,
    schema: Arc<Schema>,
    findings: Vec<String>,
    closed: Vec<String>,
    /// Rows read ahead to recognise the columns, still to be handed out.
    sample: VecDeque<Next>,
    /// How the rows are made back into those of the input, if this program wrote them.
    own: Option<Own>,
    /// Data rows so far, those left out included.
    count: u64,
    repairs: Repairs,
    rejected: Vec<Rejected>,
    /// The rows so far by their ids, if these must be unique.
    ids: FxHashMap<IdHash, Seen>,
}

impl Reader {
    /// Opens the table at `path`, or standard input for `-`, and settles what its columns mean.
    ///
    /// # Errors
    /// When the file can't be read, is no table, its encoding or its columns can't be told, or it holds no rows.
    pub fn open(path: &Path, options: impl Into<Options>) -> Result<Reader> {
        if path == Path::new("-") {
            return Reader::from_reader(STDIN, Box::new(io::stdin()), options);
        }
        // Systems disagree on whether opening a folder fails, and how.
        if path.is_dir() {
            return Err(Error::read(path, io::ErrorKind::IsADirectory.into()));
        }
        let file = File::open(path).map_err(|error| Error::read(path, error))?;
        Reader::from_reader(&path.display().to_string(), Box::new(file), options)
    }

    /// Reads a table from anywhere. `name` stands for it in messages.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn from_reader(
        name: &str,
        input: Box<dyn Read + Send>,
        options: impl Into<Options>,
    ) -> Result<Reader> {
        let options = options.into();
        let unreadable = |error| Error::read(Path::new(name), error);
        let Bytes { mut content, meter, packing } = Bytes::open(input).map_err(unreadable)?;
        let head = Head::read(&mut *content).map_err(unreadable)?;
        let mut findings: Vec<String> = packing.iter().map(|packing| format!("圧縮: {packing}")).collect();
        match sniff::kind(name, &head.bytes)? {
            Kind::Book => {
                let mut bytes = head.bytes;
                content.read_to_end(&mut bytes).map_err(unreadable)?;
                let mut reader = open_book(name, Book::open(name, bytes)?, &meter, &options)?;
                reader.findings.splice(0..0, findings);
                Ok(reader)
            }
            Kind::Text => {
                let text = Text::new(name, head, content, options.encoding)?;
                findings.extend(text.finding());
                let mut repairs = Repairs::default();
                let rows = match sniff::shape(name, text.head(), options.delimiter)? {
                    Shape::Lines(layout) => Rows::Lines(Records::new(name, text, layout)),
                    Shape::Objects => Rows::Objects(Objects::new(name, text, &mut repairs)?),
                };
                findings.extend(finding_of(&rows, options.delimiter.is_some()));
                let mut reader = Reader::assemble(name, rows, meter, &options, repairs)?;
                reader.findings.splice(0..0, findings);
                Ok(reader)
            }
        }
    }

    /// Reads the header and the sample, and settles the columns.
    fn assemble(
        name: &str,
        mut rows: Rows,
        meter: Meter,
        options: &Options,
        mut repairs: Repairs,
    ) -> Result<Reader> {
        const SAY_MORE: &str = "1 行目に列名、2 行目から回答を書いてください";
        let Next::Row(header) = rows.next(&mut repairs)? else {
            return Err(refuse(name, None, "ファイルが空です", SAY_MORE));
        };
        let mut headers = checked_headers(name, &header)?;
        let mut options = options.clone();
        let wanted = if options.columns.texts.is_empty() || options.undo_own { SAMPLE_ROWS } else { 1 };
        let mut sample = VecDeque::new();
        let (mut bytes, mut whole) = (0, 0);
        while whole < wanted && bytes < SAMPLE_BYTES {
            let next = rows.next(&mut repairs)?;
            match &next {
                Next::Row(cells) => {
                    bytes += cells.as_slice().len();
                    whole += 1;
                }
                Next::Broken { .. } if options.skip_bad_rows => {}
                Next::Broken { line, problem, hint, .. } => return Err(refuse(name, *line, problem, hint)),
                Next::End => break,
            }
            sample.push_back(next);
        }
        if whole == 0 {
            return Err(refuse(name, None, "見出しの行だけで、回答が 1 行もありません", SAY_MORE));
        }
        let is_row = |next: &'_ Next| if let Next::Row(cells) = next { Some(cells.clone()) } else { None };
        let mut cells: Vec<StringRecord> = sample.iter().filter_map(is_row).collect();
        let own = if options.undo_own {
            Own::recognise(&headers, &cells, matches!(rows, Rows::Lines(_)))
                .filter(|own| own.spread().len() < 2 || options.columns.question.is_none())
        } else {
            None
        };
        let mut own_finding = None;
        if let Some(own) = &own {
            own_finding = Some("形式: jirei が書き出した表（元の列だけを読みます）".to_owned());
            headers = own.headers(&headers);
            let mut trial = own.clone();
            cells = cells.iter().filter_map(|row| trial.restore(row).ok().flatten()).collect();
            if options.columns.texts.is_empty() && own.spread().len() > 1 {
                options.columns.texts = own.spread();
            }
        }
        if let Some(file) = &options.file {
            headers.push(free_name(&headers, FILE_COLUMN));
            cells.iter_mut().for_each(|row| row.push_field(file));
        }
        let cells: Vec<&StringRecord> = cells.iter().collect();
        let (schema, findings, closed) = columns::recognise(name, headers, &cells, &options)?;
        let findings = own_finding.into_iter().chain(findings).collect();
        let closed = closed.into_iter().map(|column| schema.headers[column].clone()).collect();
        Ok(Reader {
            name: name.to_owned(),
            rows,
            meter,
            options,
            own,
            schema: Arc::new(schema),
            findings,
            closed,
            sample,
            count: 0,
            repairs,
            rejected: Vec::new(),
            ids: FxHashMap::default(),
        })
    }

    /// What the columns mean.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// How the file was understood, one Japanese line per finding, for the user to check.
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// The columns of closed questions: those the user named, and those that look like answers by name but not by content.
    pub fn closed(&self) -> &[String] {
        &self.closed
    }

    /// The next row, or `None` at the end of the input.
    ///
    /// # Errors
    /// When the input can't be read on or the row is broken; the message names its line.
    pub fn next_row(&mut self) -> Result<Option<Row>> {
        loop {
            let next = match self.sample.pop_front() {
                Some(next) => next,
                None => self.rows.next(&mut self.repairs)?,
            };
            let (line, problem, hint, cells) = match next {
                Next::End => {
                    return match self.own.as_ref().map_or(Ok(()), Own::end) {
                        Ok(()) => Ok(None),
                        Err(problem) => Err(refuse(&self.name, None, problem, READ_AS_IT_IS)),
                    };
                }
                Next::Row(mut cells) => {
                    if let Some(own) = &mut self.own {
                        let line = cells.position().map(Position::line);
                        match own.restore(&cells) {
                            Ok(Some(whole)) => cells = whole,
                            Ok(None) => continue,
                            Err(problem) => return Err(refuse(&self.name, line, problem, READ_AS_IT_IS)),
                        }
                    }
                    self.count += 1;
                    if let Some(file) = &self.options.file {
                        cells.push_field(file);
                    }
                    let Some((problem, hint)) = self.repeated_id(&cells) else {
                        return Ok(Some(Row { number: self.count, cells }));
                    };
                    let line = cells.position().map(Position::line);
                    (line, problem, hint, cells.iter().map(str::to_owned).collect())
                }
                Next::Broken { line, problem, hint, cells } => {
                    self.count += 1;
                    (line, problem, hint, cells)
                }
            };
            if !self.options.skip_bad_rows {
                return Err(refuse(&self.name, line, problem, hint));
            }
            if self.rejected.len() == MOST_REJECTED {
                let problem = format!("読めない行が {MOST_REJECTED} 行を超えました（{problem}）");
                return Err(refuse(&self.name, line, problem, "文字コードと区切りの指定を確かめてください"));
            }
            self.rejected.push(Rejected { line, reason: problem, cells });
        }
    }

    /// Problem and hint, if an earlier row had the id of this one.
    fn repeated_id(&mut self, cells: &StringRecord) -> Option<(String, String)> {
        let id = self.options.unique_ids.then_some(self.schema.id).flatten().map(|column| &cells[column])?;
        if id.is_empty() {
            return None;
        }
        // Unseeded: the same ids give the same hashes in every run. Of a million ids, two share a hash with a
        // probability of 1 in 37 million.
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let question = self.schema.question.map(|column| &cells[column]);
        question.hash(&mut hasher);
        match self.ids.entry(hasher.finish()) {
            Entry::Vacant(entry) => {
                entry.insert(Seen::new(cells, &self.schema));
                return None;
            }
            Entry::Occupied(_) => {}
        }
        let of = question.map(|question| format!("（{question}）")).unwrap_or_default();
        let problem = format!("ID「{id}」{of}が、前の行にもあります");
        let hint = "別の人の回答なら ID を直してください。同じ ID のままでよければ `--allow-duplicate-ids` を、この行を除くなら `--skip-bad-rows` を付けてください";
        Some((problem, hint.to_owned()))
    }

    /// Bytes taken from the input so far. Runs ahead of the rows handed out by what is buffered.
    pub fn bytes_read(&self) -> u64 {
        self.meter.bytes()
    }

    /// How many of the input's bytes the rows so far amount to, for a progress bar. A book is read before its first row.
    pub fn position(&self) -> u64 {
        match &self.rows {
            Rows::Sheet(sheet) => (self.meter.bytes() as f64 * sheet.share()) as u64,
            Rows::Lines(_) | Rows::Objects(_) => self.meter.bytes(),
        }
    }

    /// Data rows handed out or left out so far.
    pub fn rows_read(&self) -> u64 {
        self.count
    }

    /// Leaves off working out [`Reader::sha256`], which takes a tenth of the time of reading.
    pub fn skip_digest(&mut self) {
        self.meter.skip_digest();
    }

    /// SHA-256 of the whole input, in hexadecimal; `None` as long as a byte of it is unread. After
    /// [`Reader::next_row`] has returned `Ok(None)` it is always there, unless it was not wanted.
    pub fn sha256(&self) -> Option<String> {
        self.meter.sha256()
    }

    /// The rows read so far in which characters were replaced.
    pub fn repairs(&self) -> &Repairs {
        &self.repairs
    }

    /// The rows left out so far.
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }
}

/// The sheet that the user asked for, or the only one with answers.
fn open_book(name: &str, mut book: Book, meter: &Meter, options: &Options) -> Result<Reader> {
    let asked = &options.sheet;
    let names = match asked {
        Some(sheet) => vec![book.find(sheet)?],
        None => book.names(),
    };
    let is_own = asked.is_none() && OWN_SHEETS.iter().all(|own| names.iter().any(|name| name == own));
    let names = if is_own { vec![OWN_SHEETS[0].to_owned()] } else { names };
    let mut open = |sheet: &str| {
        let rows = book.sheet(sheet)?;
        let finding = rows.finding().map(str::to_owned);
        let mut reader =
            Reader::assemble(name, Rows::Sheet(rows), meter.clone(), options, Repairs::default())?;
        reader.findings.splice(0..0, finding);
        Ok::<_, Error>(reader)
    };
    if let [only] = names.as_slice() {
        let mut reader = open(only)?;
        if asked.is_some() || is_own {
            let how = if is_own { "jirei が書き出したブック" } else { "指定" };
            reader.findings.insert(0, format!("シート: 「{only}」（{how}）"));
        }
        return Ok(reader);
    }
    let mut found = Vec::new();
    let mut first_error = None;
    for sheet in &names {
        match open(sheet) {
            Ok(reader) => found.push((sheet.clone(), reader)),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    let hint = format!("`--sheet` で指定してください。このブックのシート: {}", book::quoted(&names));
    match found.len() {
        1 => {
            let (sheet, mut reader) = found.remove(0);
            let others: Vec<String> = names.into_iter().filter(|name| *name != sheet).collect();
            let others = book::quoted(&others);
            reader
                .findings
                .insert(0, format!("シート: 「{sheet}」（回答があるのはここだけ。ほかに{others}）"));
            Ok(reader)
        }
        0 if options.columns != Columns::default() => {
            Err(first_error.unwrap_or_else(|| refuse(name, None, "シートがありません", hint)))
        }
        0 => Err(refuse(name, None, "回答のあるシートが分かりません", hint)),
        _ => Err(refuse(name, None, "回答のあるシートが複数あります", hint)),
    }
}

/// How the rows are built, where it is worth a word.
fn finding_of(rows: &Rows, is_asked: bool) -> Option<String> {
    let how = if is_asked { "指定" } else { "見出しの行から判断" };
    match rows {
        Rows::Lines(records) => match records.delimiter() {
            Delimiter::Comma => None,
            Delimiter::Tab => Some(format!("区切り: タブ（{how}）")),
            Delimiter::Semicolon => Some(format!("区切り: 「;」（{how}）")),
        },
        Rows::Objects(objects) if objects.is_own() => {
            Some("形式: jirei が書き出した JSON（元の列だけを読みます）".to_owned())
        }
        Rows::Objects(_) => Some("形式: JSON".to_owned()),
        Rows::Sheet(_) => None,
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

/// `wanted`, or what it becomes where the headers have it already.
fn free_name(headers: &[String], wanted: &str) -> String {
    let mut name = wanted.to_owned();
    while headers.contains(&name) {
        name.push_str("（jirei）");
    }
    name
}

/// A position of which only the line is known.
fn at_line(line: Option<u64>) -> Option<Position> {
    line.map(|line| {
        let mut position = Position::new();
        position.set_line(line);
        position
    })
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
        let input = io::Cursor::new("text\nあ\n".repeat(20_000)).chain(broken);
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

    #[test]
    fn broken_rows_are_left_out_and_kept_for_the_record_if_wanted() {
        let table = "id,text\n1,a\n2,b,c\n3\n4,d\n";
        let options = Options {
            skip_bad_rows: true,
            ..Options::from(&Columns { texts: vec!["text".into()], ..Columns::default() })
        };
        let mut reader =
            Reader::from_reader("t", Box::new(io::Cursor::new(table.as_bytes().to_vec())), &options).unwrap();
        let numbers: Vec<u64> =
            std::iter::from_fn(|| reader.next_row().unwrap()).map(|row| row.number).collect();
        assert_eq!(numbers, [1, 4]);
        let rejected: Vec<_> = reader
            .rejected()
            .iter()
            .map(|row| (row.line, row.cells.join("|"), row.reason.as_str()))
            .collect();
        assert_eq!(
            rejected,
            [
                (Some(3), "2|b|c".into(), "セルが 3 個ありますが、見出しは 2 列です"),
                (Some(4), "3".into(), "セルが 1 個ありますが、見出しは 2 列です"),
            ]
        );
        assert!(complaint(table).contains("3 行目: セルが 3 個"));
    }

    #[test]
    fn ids_are_unique_where_wanted_and_per_question_in_a_long_table() {
        let rows = |table: &str, skip_bad_rows| {
            let options = Options { unique_ids: true, skip_bad_rows, ..Options::default() };
            let input = Box::new(io::Cursor::new(table.as_bytes().to_vec()));
            let mut reader = Reader::from_reader("t", input, &options)?;
            let mut count = 0;
            while reader.next_row()?.is_some() {
                count += 1;
            }
            Ok::<_, Error>((count, reader.rejected().len()))
        };
        let wide = "id,text\n1,遅い\n,遅い\n,遅い\n1,遅い\n";
        let error = rows(wide, false).unwrap_err();
        assert_eq!(error.to_string(), "`t` の 5 行目: ID「1」が、前の行にもあります");
        assert!(error.hint().unwrap().contains("--allow-duplicate-ids"));
        assert_eq!(rows(wide, true).unwrap(), (3, 1));
        assert_eq!(rows("id,問,text\n1,問7,遅い\n1,問13,遅い\n", false).unwrap(), (2, 0));
        assert!(rows("id,問,text\n1,問7,遅い\n1,問7,遅い\n", false).is_err());
    }

    #[test]
    fn the_file_is_a_column_if_there_is_something_to_say() {
        let options = Options { file: Some("a.csv".into()), ..Options::default() };
        let table = "ファイル,text\nx,遅い\n".as_bytes().to_vec();
        let mut reader = Reader::from_reader("t", Box::new(io::Cursor::new(table)), &options).unwrap();
        assert_eq!(reader.schema().headers, ["ファイル", "text", "ファイル（jirei）"]);
        assert_eq!(reader.schema().attributes, [0, 2]);
        let row = reader.next_row().unwrap().unwrap();
        assert_eq!((&row.cells[2], row.line()), ("a.csv", Some(2)));
    }
}
