//! タグ付きコーパス and 未分類: sheets of a row per comment, whose rows come while the run lasts and wait on the disk.

use rust_xlsxwriter::{DataValidation, Worksheet, XlsxError};

use super::packed::{Filling, Packing, Spool};
use super::rows::{Cells, NAMES_WIDTH, Part, ROWS};
use super::sheet::{failure, paper, string};
use super::{CORPUS, DECISION, Style, TEXT_WIDTH, UNTAGGED};
use crate::classify::Tagging;
use crate::comment::{Comment, Schema, Status};
use crate::error::{Error, Result};
use crate::export::table;
use crate::rule::Rulebook;

const NARROW: f64 = 3.6;

/// Height of the header with the names of the categories, in points.
const HEADER_HEIGHT: f64 = 128.0;

/// XML of 未分類 that is packed at a time.
const ENOUGH: usize = 64 << 10;

type Written = std::result::Result<(), XlsxError>;

/// The sheet of all comments; further ones when it is full.
pub(super) struct Corpus {
    schema: Schema,
    headers: Vec<String>,
    validation: DataValidation,
    /// The rows of each sheet, and how many they are.
    sheets: Vec<(Spool, u64)>,
}

impl Corpus {
    /// Begins `book` with the sheet. Its second row is a specimen of all cells.
    pub(super) fn begin(
        book: &mut rust_xlsxwriter::Workbook,
        schema: &Schema,
        rulebook: &Rulebook,
        style: &Style,
    ) -> Result<Self> {
        let of_comment: &[&str] = if schema.is_wide() { &["問", "本文"] } else { &[] };
        let ours = of_comment.iter().copied().chain(["状態", "カテゴリ", DECISION]);
        let names = rulebook.categories().iter().map(|category| category.name.as_str());
        let headers = table::distinct_from(schema.headers.iter().map(String::as_str), ours.chain(names));
        let mut corpus = Corpus {
            schema: schema.clone(),
            headers,
            validation: validation().map_err(failure)?,
            sheets: Vec::new(),
        };
        corpus.open()?;
        let sheet = corpus.sheet(book, CORPUS, style).map_err(failure)?;
        Cells::show(sheet, style).map_err(failure)?;
        Ok(corpus)
    }

    fn open(&mut self) -> Result<()> {
        self.sheets.push((spool()?, 0));
        Ok(())
    }

    /// A sheet with its header.
    fn sheet<'b>(
        &self,
        book: &'b mut rust_xlsxwriter::Workbook,
        name: &str,
        style: &Style,
    ) -> std::result::Result<&'b mut Worksheet, XlsxError> {
        let sheet = book.add_worksheet_with_constant_memory()?.set_name(name)?;
        paper(sheet, true);
        sheet.set_row_height(0, HEADER_HEIGHT)?.set_repeat_rows(0, 0)?;
        let schema = &self.schema;
        for (at, column) in (0..schema.headers.len()).zip(0u16..) {
            string(sheet, 0, column, &schema.headers[at], &style.head)?;
            let is_text = schema.texts.contains(&at);
            // In a wide table 本文 says the same once more, one answer to a row.
            sheet.set_column_width(
                column,
                if !is_text {
                    12.0
                } else if schema.is_wide() {
                    14.0
                } else {
                    TEXT_WIDTH
                },
            )?;
        }
        let first = column(schema.headers.len());
        let decision = self.decision();
        for (column, header) in (first..).zip(&self.headers) {
            let format = match column {
                _ if column > decision => &style.upright,
                _ if column == decision => &style.ask_head,
                _ => &style.head,
            };
            string(sheet, 0, column, header, format)?;
            sheet.set_column_width(column, if column > decision { NARROW } else { 10.0 })?;
        }
        sheet.set_column_width(decision - 1, NAMES_WIDTH)?.set_column_width(decision, 18.0)?;
        if schema.is_wide() {
            sheet.set_column_width(first + 1, TEXT_WIDTH)?;
        }
        // The id stays in sight where it leads.
        sheet.set_freeze_panes(1, u16::from(schema.id == Some(0)))?;
        Ok(sheet)
    }

    /// The column to fill in.
    fn decision(&self) -> u16 {
        column(self.schema.headers.len() + if self.schema.is_wide() { 4 } else { 2 })
    }

    /// Adds the rows that come next.
    pub(super) fn add(&mut self, part: &Part) -> Result<()> {
        while part.sheet >= self.sheets.len() as u64 {
            self.open()?;
        }
        if let Some((spool, rows)) = self.sheets.last_mut() {
            spool.add(&part.packed).map_err(no_room)?;
            *rows += part.rows;
        }
        Ok(())
    }

    /// Adds the further sheets and what needs the number of rows. Gives what is to be filled into the book, whose first
    /// sheet shows `specimen`.
    pub(super) fn end(
        mut self,
        book: &mut rust_xlsxwriter::Workbook,
        style: &Style,
        specimen: &str,
    ) -> std::result::Result<Vec<Filling>, XlsxError> {
        let decision = self.decision();
        let width = self.schema.headers.len() + self.headers.len();
        let mut fillings = Vec::new();
        for (nth, (rows, count)) in std::mem::take(&mut self.sheets).into_iter().enumerate() {
            let mut at = 0;
            if nth > 0 {
                at = book.worksheets().len();
                self.sheet(book, &format!("{CORPUS} ({})", nth + 1), style)?;
            }
            let sheet = book.worksheet_from_index(at)?;
            let last = last_row(count);
            sheet.autofilter(0, 0, last, column(width) - 1)?;
            // On paper the columns of 0 and 1 would leave no room for the text.
            sheet.set_print_area(0, 0, last, decision)?;
            sheet.add_data_validation(1, decision, last, decision, &self.validation)?;
            let specimen = if nth == 0 { specimen } else { "" };
            fillings.push(filling(at, width, specimen, rows, count));
        }
        Ok(fillings)
    }
}

/// Suggests what to write under 確定 and refuses nothing: names of categories go there as well.
fn validation() -> std::result::Result<DataValidation, XlsxError> {
    DataValidation::new()
        .allow_list_strings(&["○", "なし"])?
        .show_error_message(false)
        .set_input_title("確定")?
        .set_input_message(
            "○: 左のカテゴリのとおり\nなし: どのカテゴリにも当たらない\nカテゴリ名を「;」で区切る: そのカテゴリにする\n空欄: まだ見ていない",
        )
}

/// The sheet of answered comments without a category.
pub(super) struct Untagged {
    attributes: Vec<usize>,
    sheet: usize,
    width: usize,
    xml: String,
    packing: Packing,
    rows: Spool,
    count: u64,
}

impl Untagged {
    pub(super) fn begin(
        book: &mut rust_xlsxwriter::Workbook,
        schema: &Schema,
        style: &Style,
    ) -> Result<Self> {
        let sheet = book.worksheets().len();
        let attributes = schema.attributes.iter().map(|&column| schema.headers[column].as_str());
        let headers: Vec<&str> = ["番号", "問", "本文"].into_iter().chain(attributes).collect();
        Self::sheet(book, &headers, style).map_err(failure)?;
        let (attributes, width) = (schema.attributes.clone(), headers.len());
        let (xml, packing) = (String::new(), Packing::new());
        Ok(Untagged { attributes, sheet, width, xml, packing, rows: spool()?, count: 0 })
    }

    fn sheet(book: &mut rust_xlsxwriter::Workbook, headers: &[&str], style: &Style) -> Written {
        let sheet = book.add_worksheet_with_constant_memory()?.set_name(UNTAGGED)?;
        paper(sheet, true);
        for (column, header) in (0..).zip(headers) {
            string(sheet, 0, column, header, &style.head)?;
            sheet.set_column_width(column, if column == 2 { TEXT_WIDTH } else { 12.0 })?;
        }
        sheet.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
        Ok(())
    }

    pub(super) fn add(&mut self, comment: &Comment, tagging: &Tagging, cells: &Cells) -> Result<()> {
        // A million comments without a category are not for reading; the sheets of the corpus have them all.
        if comment.status() != Status::Answered || !tagging.is_empty() || self.count == ROWS {
            return Ok(());
        }
        cells.untagged(self.count + 2, comment, &self.attributes, &mut self.xml);
        self.count += 1;
        if self.xml.len() < ENOUGH { Ok(()) } else { self.pack() }
    }

    fn pack(&mut self) -> Result<()> {
        self.packing.add(self.xml.as_bytes());
        self.xml.clear();
        self.rows.add(&self.packing.take()).map_err(no_room)
    }

    pub(super) fn end(mut self, book: &mut rust_xlsxwriter::Workbook) -> Result<Filling> {
        self.pack()?;
        let last = last_row(self.count);
        let sheet = book.worksheet_from_index(self.sheet).map_err(failure)?;
        sheet.autofilter(0, 0, last, column(self.width) - 1).map_err(failure)?;
        Ok(filling(self.sheet, self.width, "", self.rows, self.count))
    }
}

/// The last row below a header and `count` rows; one stays blank where there are none.
fn last_row(count: u64) -> u32 {
    u32::try_from(count.clamp(1, ROWS)).expect("a sheet has no more")
}

fn filling(sheet: usize, width: usize, specimen: &str, rows: Spool, count: u64) -> Filling {
    let last = rust_xlsxwriter::utility::row_col_to_cell(last_row(count), column(width) - 1);
    Filling {
        part: format!("xl/worksheets/sheet{}.xml", sheet + 1),
        specimen: specimen.to_owned(),
        rows,
        range: format!("A1:{last}"),
    }
}

fn spool() -> Result<Spool> {
    Spool::new().map_err(no_room)
}

/// Temporary files are where the system has them, which may be another disk than the output's.
fn no_room(source: std::io::Error) -> Error {
    Error::write(&std::env::temp_dir(), source)
}

/// Beyond what a sheet has, the writer refuses the column.
fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
