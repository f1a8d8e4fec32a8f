//! tagged.xlsx: the tagged corpus as a workbook for editors, with counts, quotes and the record of the run.
//!
//! The rows of the corpus are written on the threads that tag (`rows`) and go to disk as they come, so memory doesn't grow
//! with the input; the other sheets are written at the end, and `packed` puts all together. Every text is written as a
//! string and none is ever a formula. What the sheets hold is specified in `docs/output.md`; `sheet` knows what a cell can
//! bear, the other files lay out a sheet each.

mod corpus;
pub mod document;
mod packed;
mod quotes;
mod record;
mod rows;
mod sheet;
pub mod statistics;
mod style;
mod tables;

use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, XlsxError};

use self::corpus::{Corpus, Untagged};
use self::rows::Cells;
pub use self::rows::{Part, Room, RowLayout, parts};
pub(crate) use self::sheet::CUT;
pub use self::sheet::Clipped;
pub(crate) use self::sheet::{Page, Sheet, failure};
pub(crate) use self::style::Style;
use crate::classify::Tagging;
use crate::comment::{Comment, Schema};
use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::quote::Quote;
use crate::rule::Rulebook;
use crate::statistics::{By, Crosstab};
use crate::tally::Tally;

const CORPUS: &str = "タグ付きコーパス";
const SUMMARY: &str = "カテゴリ集計";
const CROSSTABS: &str = "クロス集計";
const QUOTES: &str = "代表引用";
const UNTAGGED: &str = "未分類";
const RECORD: &str = "実行情報";

/// The name of the column that editors fill in.
pub const DECISION: &str = "確定";

/// Width of the columns of answers, in digits.
const TEXT_WIDTH: f64 = 60.0;

/// A workbook being written.
pub struct Workbook<'r> {
    book: rust_xlsxwriter::Workbook,
    rulebook: &'r Rulebook,
    schema: Schema,
    style: Style,
    cells: Cells,
    specimen: String,
    corpus: Corpus,
    untagged: Untagged,
    crosstabs: Vec<Crosstab>,
    clipped: Clipped,
}

impl<'r> Workbook<'r> {
    /// Starts a workbook for comments of `schema`.
    ///
    /// # Errors
    /// When the system gives no room for temporary files.
    pub fn create(schema: &Schema, rulebook: &'r Rulebook) -> Result<Self> {
        let style = Style::new();
        let (cells, specimen) = cells(schema, rulebook, &style)?;
        let mut book = new_book()?;
        let corpus = Corpus::begin(&mut book, schema, rulebook, &style)?;
        for name in [SUMMARY, CROSSTABS, QUOTES] {
            book.add_worksheet().set_name(name).map_err(failure)?;
        }
        let untagged = Untagged::begin(&mut book, schema, &style)?;
        book.add_worksheet().set_name(RECORD).map_err(failure)?;
        let crosstabs = By::all(schema).into_iter().map(|by| Crosstab::new(by, rulebook)).collect();
        let (schema, clipped) = (schema.clone(), Clipped::default());
        Ok(Workbook { book, rulebook, schema, style, cells, specimen, corpus, untagged, crosstabs, clipped })
    }

    /// How the rows of the comments look.
    pub fn row_layout(&self) -> RowLayout<'r> {
        RowLayout::new(self.rulebook, self.schema.is_wide(), self.cells.clone())
    }

    /// Adds the rows of the next comments.
    ///
    /// # Errors
    /// When the temporary files can't be written.
    pub fn add_rows(&mut self, part: &Part) -> Result<()> {
        self.corpus.add(part)?;
        self.clipped.append(&part.clipped);
        Ok(())
    }

    /// Counts the next comment of the input, whose schema must have the columns the workbook was created for.
    ///
    /// # Errors
    /// When the temporary files can't be written.
    pub fn add(&mut self, comment: &Comment, tagging: &Tagging) -> Result<()> {
        self.untagged.add(comment, tagging, &self.cells)?;
        for crosstab in &mut self.crosstabs {
            crosstab.add(comment, tagging);
        }
        Ok(())
    }

    /// Adds the other sheets and writes the file. Says which texts were too long for a cell.
    ///
    /// # Errors
    /// When the temporary files or `out` can't be written.
    pub fn finish(
        self,
        tally: &Tally,
        quotes: &[Quote],
        manifest: &Manifest,
        out: &mut impl Write,
    ) -> Result<Clipped> {
        let Workbook {
            mut book,
            rulebook,
            schema,
            style,
            specimen,
            corpus,
            untagged,
            crosstabs,
            clipped,
            ..
        } = self;
        let mut fillings = corpus.end(&mut book, &style, &specimen).map_err(failure)?;
        fillings.push(untagged.end(&mut book)?);
        let mut rest = || -> std::result::Result<Vec<u8>, XlsxError> {
            tables::summary(book.worksheet_from_name(SUMMARY)?, tally, rulebook, &style)?;
            tables::crosstabs(book.worksheet_from_name(CROSSTABS)?, &crosstabs, rulebook, &style)?;
            quotes::write(book.worksheet_from_name(QUOTES)?, quotes, &schema, rulebook, &style)?;
            record::write(book.worksheet_from_name(RECORD)?, manifest, &clipped, &style)?;
            book.save_to_buffer()
        };
        let book = rest().map_err(failure)?;
        packed::fill(&book, fillings, out).map_err(|source| Error::Output { source })?;
        Ok(clipped)
    }
}

/// How the cells of the corpus look in XML, as a book of nothing else shows, and the row that does. The numbers of formats
/// follow the order of their use, which is the same in both books.
fn cells(schema: &Schema, rulebook: &Rulebook, style: &Style) -> Result<(Cells, String)> {
    let mut book = new_book()?;
    Corpus::begin(&mut book, schema, rulebook, style)?;
    let book = book.save_to_buffer().map_err(failure)?;
    let sheet = packed::first_sheet(&book).map_err(|source| Error::Output { source })?;
    let unknown = || Error::Output { source: std::io::Error::other("the workbook shows no specimen") };
    Cells::of_specimen(&sheet).ok_or_else(unknown)
}

/// An empty workbook that says the same about itself in every run.
pub(crate) fn new_book() -> Result<rust_xlsxwriter::Workbook> {
    let mut book = rust_xlsxwriter::Workbook::new();
    // The format demands a time. A constant, because the same run must give the same bytes.
    let epoch = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failure)?;
    book.set_properties(&DocProperties::new().set_author("jirei").set_creation_datetime(&epoch));
    Ok(book)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{long, rulebook, tagging};
    use crate::manifest;

    fn book() -> (Vec<u8>, Clipped) {
        let rulebook = rulebook();
        let too_long = "長".repeat(40_000);
        let comments = [
            long("1", "問7", "東京都", "=1+1 ●"),
            long("2", "問7", "-愛知県", &too_long),
            long("3", "問13", "東京都", ""),
        ];
        let mut tally = Tally::new(&rulebook);
        let mut book = Workbook::create(comments[0].schema(), &rulebook).unwrap();
        let layout = book.row_layout();
        let (mut room, mut tagged) = (Room::default(), Vec::new());
        for comment in &comments {
            let tags: &[(usize, &[&str])] =
                if comment.text().contains('●') { &[(1, &["●"])] } else { &[] };
            let tagging = tagging(comment.text(), tags);
            tally.add(comment, &tagging);
            book.add(comment, &tagging).unwrap();
            tagged.push((comment.clone(), tagging));
        }
        parts(0, &tagged)
            .for_each(|(first, part)| book.add_rows(&layout.part(first, part, &mut room)).unwrap());
        let mut out = Vec::new();
        let clipped = book.finish(&tally, &[], &manifest::tests::manifest(), &mut out).unwrap();
        (out, clipped)
    }

    #[test]
    fn the_same_comments_give_the_same_bytes_and_long_texts_are_reported() {
        let (first, clipped) = book();
        assert!(first.starts_with(b"PK"));
        assert_eq!(clipped, Clipped { texts: 1, first: Some("2".to_owned()) });
        std::thread::sleep(std::time::Duration::from_millis(1100));
        assert!(first == book().0, "the bytes depend on the clock");
    }
}
