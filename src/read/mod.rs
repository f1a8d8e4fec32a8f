//! Reading a table of answers: bytes in, rows out, in input order and with flat memory.
//!
//! In the order of the data: `open` goes from bytes to a [`Reader`], which hands out rows (`reader`). `bytes` counts, hashes and
//! unpacks; `sniff` tells spreadsheets, tables of lines and JSON apart; `encoding` and `decode` make UTF-8 of a text;
//! `records`, `objects` and `book` (with `grid`, `displayed`, `xls_stream` and others) cut rows; `repair` replaces what can't be shown; `own` takes back what
//! this program added; `columns` decides what each column means; `ids` finds ids that come again. What a row *says* is left
//! to [`crate::comment`] and later; nothing is trimmed or dropped here, and what is replaced or left out is reported.
//!
//! Blank lines are no rows, as everywhere in CSV: in a table of one column, an empty answer must be written `""`.

mod book;
mod bytes;
mod columns;
mod decode;
mod displayed;
pub mod encoding;
mod grid;
mod ids;
mod json_values;
mod number_format;
mod objects;
mod open;
mod own;
mod quoting;
mod reader;
mod records;
mod repair;
mod sniff;
mod source;
mod xls_formats;
mod xls_stream;

use csv::{Position, StringRecord};

use self::book::SheetRows;
pub use self::columns::Columns;
pub use self::encoding::Encoding;
pub use self::ids::join;
use self::objects::Objects;
pub use self::reader::{Reader, comments_of};
use self::records::Records;
pub use self::repair::Repairs;
pub use self::sniff::Delimiter;
use crate::error::{Error, Result};

/// What to do with a table of ours that can't be put together.
const READ_AS_IT_IS: &str =
    "元の表を指定するか、`--text 本文 --question 問` を付けて、書き出した表のまま読んでください";

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
    /// The line, of a book the row, that the header stands in, counted from 1. What stands above is not read.
    pub header_row: Option<u64>,
    /// What stands in the column [`FILE_COLUMN`], which is added if there is something to stand in it.
    pub file: Option<String>,
    /// The columns that describe the respondent. None: all that are nothing else.
    pub attributes: Option<Vec<String>>,
    /// Columns of closed questions, which are not taken for answers.
    pub closed: Vec<String>,
    /// Answers that mean 特になし in this survey, see [`crate::comment::Schema::nothing`].
    pub nothing: Vec<String>,
    /// Leaves broken rows out, for [`Reader::rejected`], instead of giving up.
    pub skip_bad_rows: bool,
    /// Reads a table that this program wrote as the one it was made from.
    pub undo_own: bool,
    /// Reads a table that this program wrote and people worked on: with all its columns and rows, but with the texts, ids and row
    /// numbers of the input it was made from.
    pub keep_own: bool,
    /// Refuses a row whose id, and question in a long table, an earlier row of the input had; and inputs that share ids
    /// ([`join`]).
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
#[derive(Debug, Clone)]
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
    /// The header: the first row, or that of the line `wanted`.
    fn header(&mut self, wanted: Option<u64>, repairs: &mut Repairs) -> Result<Next> {
        match (self, wanted) {
            (rows, None) => rows.next(repairs),
            (Rows::Lines(records), Some(line)) => records.header(line, repairs),
            (Rows::Sheet(sheet), Some(row)) => Ok(sheet.header(row, repairs)),
            (Rows::Objects(objects), Some(_)) => Err(objects.no_header()),
        }
    }

    fn next(&mut self, repairs: &mut Repairs) -> Result<Next> {
        match self {
            Rows::Lines(records) => records.next(repairs),
            Rows::Objects(objects) => objects.next(repairs),
            Rows::Sheet(sheet) => Ok(sheet.next(repairs)),
        }
    }
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
mod tests;
