//! タグ付きコーパス and 未分類: a row per comment, written as the comments come.

use rust_xlsxwriter::{DataValidation, Worksheet, XlsxError};

use super::sheet::{height, highlighted, lines, paper, string};
use super::{CORPUS, Clipped, DECISION, Style, UNTAGGED};
use crate::classify::Tagging;
use crate::comment::{Comment, Schema, Status};
use crate::export::csv::{category_names, status_label};
use crate::export::table;
use crate::rule::Rulebook;
use crate::span::{Orig, Span};

/// Rows of a sheet, less the header. Comments beyond go to a further sheet.
const ROWS: u32 = 1_048_575;

const TEXT_WIDTH: f64 = 60.0;
const NAMES_WIDTH: f64 = 24.0;
const NARROW: f64 = 3.6;

/// Height of the header with the names of the categories, in points.
const HEADER_HEIGHT: f64 = 128.0;

/// The sheet of all comments; a further one when it is full.
pub(super) struct Corpus {
    schema: Schema,
    headers: Vec<String>,
    validation: DataValidation,
    /// Index of the sheet among all of the book.
    sheet: usize,
    sheets: usize,
    row: u32,
}

impl Corpus {
    pub(super) fn begin(
        book: &mut rust_xlsxwriter::Workbook,
        schema: &Schema,
        rulebook: &Rulebook,
        style: &Style,
    ) -> Result<Self, XlsxError> {
        let of_comment: &[&str] = if schema.is_wide() { &["問", "本文"] } else { &[] };
        let ours = of_comment.iter().copied().chain(["状態", "カテゴリ", DECISION]);
        let names = rulebook.categories().iter().map(|category| category.name.as_str());
        let headers = table::distinct_from(schema.headers.iter().map(String::as_str), ours.chain(names));
        let mut corpus = Corpus {
            schema: schema.clone(),
            headers,
            validation: validation()?,
            sheet: 0,
            sheets: 1,
            row: 0,
        };
        corpus.head(book.add_worksheet_with_constant_memory()?.set_name(CORPUS)?, style)?;
        Ok(corpus)
    }

    fn head(&mut self, sheet: &mut Worksheet, style: &Style) -> Result<(), XlsxError> {
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
        self.row = 1;
        Ok(())
    }

    /// The column to fill in.
    fn decision(&self) -> u16 {
        column(self.schema.headers.len() + if self.schema.is_wide() { 4 } else { 2 })
    }

    pub(super) fn add(
        &mut self,
        book: &mut rust_xlsxwriter::Workbook,
        comment: &Comment,
        tagging: &Tagging,
        rulebook: &Rulebook,
        style: &Style,
        clipped: &mut Clipped,
    ) -> Result<(), XlsxError> {
        if self.row > ROWS {
            self.end(book)?;
            self.sheets += 1;
            self.sheet = book.worksheets().len();
            let name = format!("{CORPUS} ({})", self.sheets);
            self.head(book.add_worksheet_with_constant_memory()?.set_name(name)?, style)?;
        }
        let sheet = book.worksheet_from_index(self.sheet)?;
        let names = category_names(tagging, rulebook);
        let tallest = lines(comment.text(), TEXT_WIDTH).max(lines(&names, NAMES_WIDTH));
        sheet.set_row_height(self.row, height(tallest))?;
        let evidence = places(tagging);
        let is_wide = self.schema.is_wide();
        let mut is_cut = false;
        for (at, cell) in comment.row().cells.iter().enumerate() {
            if at == comment.text_column() && !is_wide {
                is_cut = highlighted(sheet, self.row, column(at), cell, &evidence, style)?;
            } else {
                string(sheet, self.row, column(at), cell, &style.text)?;
            }
        }
        let mut next = column(self.schema.headers.len());
        if is_wide {
            string(sheet, self.row, next, comment.question(), &style.text)?;
            is_cut = highlighted(sheet, self.row, next + 1, comment.text(), &evidence, style)?;
            next += 2;
        }
        if is_cut {
            clipped.texts += 1;
            clipped.first.get_or_insert_with(|| comment.id().into_owned());
        }
        string(sheet, self.row, next, status_label(comment.status()), &style.faint)?;
        string(sheet, self.row, next + 1, &names, &style.text)?;
        sheet.write_blank(self.row, next + 2, &style.ask)?;
        let mut tags = tagging.tags.iter().map(|tag| tag.category).peekable();
        for (at, category) in (next + 3..).zip(rulebook.category_ids()) {
            let (value, format) = match tags.next_if_eq(&category) {
                Some(_) => (1, &style.hit),
                None => (0, &style.miss),
            };
            sheet.write_number_with_format(self.row, at, value, format)?;
        }
        self.row += 1;
        Ok(())
    }

    /// What needs the number of rows.
    pub(super) fn end(&mut self, book: &mut rust_xlsxwriter::Workbook) -> Result<(), XlsxError> {
        let (last, decision) = (self.row.max(2) - 1, self.decision());
        let width = self.schema.headers.len() + self.headers.len();
        let sheet = book.worksheet_from_index(self.sheet)?;
        sheet.autofilter(0, 0, last, column(width) - 1)?;
        // On paper the columns of 0 and 1 would leave no room for the text.
        sheet.set_print_area(0, 0, last, decision)?;
        sheet.add_data_validation(1, decision, last, decision, &self.validation)?;
        Ok(())
    }
}

/// Suggests what to write under 確定 and refuses nothing: names of categories go there as well.
fn validation() -> Result<DataValidation, XlsxError> {
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
    row: u32,
    width: u16,
}

impl Untagged {
    pub(super) fn begin(
        book: &mut rust_xlsxwriter::Workbook,
        schema: &Schema,
        style: &Style,
    ) -> Result<Self, XlsxError> {
        let index = book.worksheets().len();
        let sheet = book.add_worksheet_with_constant_memory()?.set_name(UNTAGGED)?;
        paper(sheet, true);
        let attributes = schema.attributes.iter().map(|&column| schema.headers[column].as_str());
        let headers: Vec<&str> = ["番号", "問", "本文"].into_iter().chain(attributes).collect();
        for (column, header) in (0..).zip(&headers) {
            string(sheet, 0, column, header, &style.head)?;
            sheet.set_column_width(column, if column == 2 { TEXT_WIDTH } else { 12.0 })?;
        }
        sheet.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
        let attributes = schema.attributes.clone();
        Ok(Untagged { attributes, sheet: index, row: 1, width: column(headers.len()) })
    }

    pub(super) fn add(
        &mut self,
        book: &mut rust_xlsxwriter::Workbook,
        comment: &Comment,
        tagging: &Tagging,
        style: &Style,
    ) -> Result<(), XlsxError> {
        // A million comments without a category are not for reading; the sheets of the corpus have them all.
        if comment.status() != Status::Answered || !tagging.is_empty() || self.row > ROWS {
            return Ok(());
        }
        let sheet = book.worksheet_from_index(self.sheet)?;
        sheet.set_row_height(self.row, height(lines(comment.text(), TEXT_WIDTH)))?;
        string(sheet, self.row, 0, &comment.id(), &style.faint)?;
        string(sheet, self.row, 1, comment.question(), &style.faint)?;
        string(sheet, self.row, 2, comment.text(), &style.text)?;
        for (column, &attribute) in (3..).zip(&self.attributes) {
            string(sheet, self.row, column, &comment.row().cells[attribute], &style.text)?;
        }
        self.row += 1;
        Ok(())
    }

    pub(super) fn end(&self, book: &mut rust_xlsxwriter::Workbook) -> Result<(), XlsxError> {
        let last = self.row.max(2) - 1;
        book.worksheet_from_index(self.sheet)?.autofilter(0, 0, last, self.width - 1)?;
        Ok(())
    }
}

/// Every place of evidence once, by position.
fn places(tagging: &Tagging) -> Vec<Span<Orig>> {
    let evidence = tagging.tags.iter().flat_map(|tag| &tag.evidence);
    let mut places: Vec<Span<Orig>> = evidence.map(|evidence| evidence.span).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Beyond what a sheet has, the writer refuses the column.
fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
