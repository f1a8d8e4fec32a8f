//! The table as a workbook: 種類 to choose from a list, long cells wrapped.

use rust_xlsxwriter::{DataValidation, XlsxError};

use super::{HEADERS, Kind, Row};
use crate::error::{Error, Result};
use crate::export::xlsx::{Page, Sheet, Style, failure};

/// Widths of the columns, in digits.
const WIDTHS: [f64; 9] = [20.0, 20.0, 18.0, 14.0, 14.0, 60.0, 44.0, 10.0, 30.0];

/// What a cell of a workbook holds at most, in UTF-16 units.
const CELL_UNITS: usize = 32_767;

/// Rows below the last that get the list of 種類, for those who go on writing.
const SPARE_ROWS: u32 = 500;

/// The table as an XLSX file.
///
/// # Errors
/// If a cell is too long for a workbook: nothing is cut.
pub fn to_xlsx(rows: &[Row]) -> Result<Vec<u8>> {
    for row in rows {
        if let Some(cell) = row.iter().find(|cell| cell.encode_utf16().count() > CELL_UNITS) {
            let beginning: String = cell.chars().take(20).collect();
            return Err(Error::Input {
                input: row[0].clone(),
                line: None,
                problem: format!("「{beginning}…」は長すぎて、Excel のセルに入りません"),
                hint: "条件を [[part]] に分けるか、`export csv` を使ってください".to_owned(),
            });
        }
    }
    write(rows).map_err(failure)
}

fn write(rows: &[Row]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let style = Style::new();
    let sheet = book.add_worksheet();
    sheet.set_name("ルール")?.set_freeze_panes(1, 0)?;
    let mut sheet = Sheet::new(sheet, &style, &Page { widths: &WIDTHS, is_landscape: true })?;
    sheet.head(&HEADERS)?;
    for row in rows {
        for (column, cell) in (0..).zip(row) {
            sheet.text(column, cell)?;
        }
        sheet.next()?;
    }
    let kinds: Vec<&str> = Kind::ALL.iter().map(|(_, name)| *name).collect();
    let validation = DataValidation::new().allow_list_strings(&kinds)?;
    let last = sheet.row + SPARE_ROWS;
    sheet.sheet.add_data_validation(1, 4, last, 4, &validation)?;
    sheet.sheet.autofilter(0, 0, sheet.row.max(1) - 1, 8)?;
    book.save_to_buffer()
}
