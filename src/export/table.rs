//! The one dialect of every CSV file: what Excel needs to open it right by double-click, and nothing that could not
//! be undone.
//!
//! UTF-8 with a byte order mark (without it Excel reads CP932), CRLF, quotes where needed, and a guard against cells
//! that Excel would run as a formula. Which columns there are is up to the files beside this one.

use std::borrow::Cow;
use std::collections::HashSet;

use csv::{QuoteStyle, Terminator, WriterBuilder};

/// What a file starts with.
pub(crate) const BOM: &[u8] = "\u{feff}".as_bytes();

/// Ends the name of a column of ours that the input has already.
const OURS: &str = "（jirei）";

/// Bytes buffered per row. One comment with its columns is about this long; a longer one is written in pieces.
const ROW_BYTES: usize = 1024;

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// In a CSV file.
    Comma,
    /// In a TSV file.
    Tab,
}

/// Writes rows to the end of a buffer.
pub(crate) struct Rows<'o>(csv::Writer<&'o mut Vec<u8>>);

impl<'o> Rows<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        Rows::separated(out, Separator::Comma)
    }

    pub(crate) fn separated(out: &'o mut Vec<u8>, separator: Separator) -> Self {
        let mut dialect = WriterBuilder::new();
        dialect.delimiter(match separator {
            Separator::Comma => b',',
            Separator::Tab => b'\t',
        });
        dialect.terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).buffer_capacity(ROW_BYTES);
        Rows(dialect.from_writer(out))
    }

    /// Adds a cell whose content came from people: an answer, a header, a name in the rulebook.
    pub(crate) fn cell(&mut self, text: &str) {
        self.raw(neutralise(text).as_bytes());
    }

    /// Adds a number.
    pub(super) fn number(&mut self, number: u64) {
        self.raw(number.to_string().as_bytes());
    }

    /// Adds a cell that is known to need no guard.
    pub(super) fn raw(&mut self, cell: &[u8]) {
        self.0.write_field(cell).expect("a Vec takes every byte");
    }

    /// Ends the row.
    pub(crate) fn end(&mut self) {
        self.0
            .write_record(None::<&[u8]>)
            .expect("a Vec takes every byte, and all rows of a file have one length");
    }
}

/// `wanted` as headers beside the headers `taken`: a name that is in use gets a suffix, so that every header of the
/// file is distinct and the input's keep their names.
pub(super) fn distinct_from<'a>(
    taken: impl Iterator<Item = &'a str>,
    wanted: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let mut used: HashSet<String> = taken.map(str::to_owned).collect();
    wanted
        .map(|name| {
            let mut name = name.to_owned();
            // More than once where the input was tagged by us before.
            while !used.insert(name.clone()) {
                name.push_str(OURS);
            }
            name
        })
        .collect()
}

/// `cell` with one apostrophe more where Excel would otherwise run it as a formula.
///
/// Cells that look guarded already get one, too: only so does taking one away restore every cell.
fn neutralise(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The cell that [`neutralise`] made `cell` of, as `docs/output.md` states it for readers of our files.
pub(crate) fn restored(cell: &str) -> &str {
    if cell.starts_with('\'') && is_formula(cell) { &cell[1..] } else { cell }
}

/// Whether the first character after any apostrophes starts a formula.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_neutralised() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("-", "'-"),
            ("+81", "'+81"),
            ("@SUM", "'@SUM"),
            ("\t=1", "'\t=1"),
            ("'=1", "''=1"),
            ("''-", "'''-"),
            ("'90年代", "'90年代"),
            ("1-2", "1-2"),
            ("－", "－"),
            ("", ""),
        ] {
            assert_eq!(neutralise(cell), written, "{cell:?}");
        }
    }

    #[test]
    fn neutralising_can_be_undone_for_every_cell() {
        // All strings of up to four characters over the alphabet that matters.
        let mut cells = vec![String::new()];
        for _ in 0..4 {
            let longer: Vec<String> =
                cells.iter().flat_map(|cell| ['\'', '=', '\t', 'あ'].map(|c| format!("{cell}{c}"))).collect();
            cells.extend(longer);
        }
        for cell in cells {
            let written = neutralise(&cell);
            assert!(!written.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            assert_eq!(restored(&written), cell);
        }
    }

    #[test]
    fn our_headers_give_way_to_the_inputs() {
        let input = ["状態", "根拠", "根拠（jirei）"];
        let ours = ["状態", "カテゴリ", "根拠", "カテゴリ"];
        let headers = distinct_from(input.into_iter(), ours.into_iter());
        assert_eq!(headers, ["状態（jirei）", "カテゴリ", "根拠（jirei）（jirei）", "カテゴリ（jirei）"]);
    }

    #[test]
    fn rows_are_quoted_where_needed_and_end_in_crlf() {
        let mut out = BOM.to_vec();
        let mut rows = Rows::new(&mut out);
        for cell in ["一\n二", "\"", ",", "-1"] {
            rows.cell(cell);
        }
        rows.number(7);
        rows.end();
        drop(rows);
        assert_eq!(String::from_utf8(out).unwrap(), "\u{feff}\"一\n二\",\"\"\"\",\",\",'-1,7\r\n");
    }
}
