//! A report as a workbook: its headings, paragraphs and tables on one sheet, from top to bottom.

use std::io::Write;

use rust_xlsxwriter::XlsxError;

use super::{Page, Sheet, Style, failure, new_book};
use crate::document::{Block, Document, Table};
use crate::error::Result;

/// Width of the sheet's columns together, in digits: what fits on A4 across.
const WIDTH: u32 = 120;

/// Writes `document` as a workbook.
///
/// # Errors
/// When `out` can't be written.
pub fn write(document: &Document, out: &mut (impl Write + Send)) -> Result<()> {
    let style = Style::new();
    let mut book = new_book()?;
    let sheet = book.add_worksheet().set_name("報告").map_err(failure)?;
    let widths = widths(document);
    let page = Page { widths: &widths, is_landscape: true };
    Sheet::new(sheet, &style, &page).and_then(|sheet| fill(sheet, document)).map_err(failure)?;
    book.save_to_writer(out).map_err(failure)
}

/// Tables stand below each other: a column is as wide as the widest table needs it.
fn widths(document: &Document) -> Vec<f64> {
    let mut widths: Vec<f64> = Vec::new();
    for block in &document.blocks {
        let Block::Table(table) = block else { continue };
        let all: u32 = table.columns.iter().map(|column| column.weight).sum::<u32>().max(1);
        for (at, column) in table.columns.iter().enumerate() {
            let width = f64::from(WIDTH * column.weight) / f64::from(all);
            match widths.get_mut(at) {
                Some(widest) => *widest = widest.max(width),
                None => widths.push(width.max(6.0)),
            }
        }
    }
    widths
}

fn fill(mut sheet: Sheet<'_>, document: &Document) -> std::result::Result<(), XlsxError> {
    sheet.title(&document.title)?;
    for block in &document.blocks {
        match block {
            Block::Heading(_, text) => {
                sheet.next()?;
                sheet.title(text)?;
            }
            Block::Paragraph(text) | Block::Note(text) => sheet.note(text)?,
            Block::Item(text) => sheet.note(&format!("・{text}"))?,
            Block::Table(table) => write_table(&mut sheet, table)?,
        }
    }
    Ok(())
}

fn write_table(sheet: &mut Sheet<'_>, table: &Table) -> std::result::Result<(), XlsxError> {
    let names: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
    sheet.head(&names)?;
    for row in &table.rows {
        for ((at, text), column) in (0..).zip(row).zip(&table.columns) {
            // What shows as a number is one, so that it can be summed.
            match text.parse::<f64>() {
                Ok(number) if column.is_number && number.is_finite() => {
                    let format = if text.contains('.') { &sheet.style.tenths } else { &sheet.style.count };
                    sheet.number(at, number, format)?;
                }
                _ if column.is_number => sheet.right(at, text)?,
                _ => sheet.text(at, text)?,
            }
        }
        sheet.next()?;
    }
    Ok(())
}
