//! Tables of results as a workbook, a sheet to a table.

use std::io::Write;

use rust_xlsxwriter::XlsxError;
use unicode_width::UnicodeWidthStr;

use super::sheet::side_by_side;
use super::{Page, Sheet, Style, failure, new_book};
use crate::error::Result;
use crate::statistics::table::{Cell, Table};

/// Characters of a sheet's name at most.
const NAME_CHARS: usize = 31;

/// Width of a table, in digits, that is still readable on one page.
const WIDE: f64 = 240.0;

/// Writes `tables` as a workbook.
///
/// # Errors
/// When `out` can't be written.
pub fn write(tables: &[Table], out: &mut (impl Write + Send)) -> Result<()> {
    let style = Style::new();
    let mut book = new_book()?;
    let mut names: Vec<String> = Vec::new();
    for table in tables {
        let name = sheet_name(&table.title, &names);
        write_table(book.add_worksheet().set_name(&name).map_err(failure)?, table, &style)
            .map_err(failure)?;
        names.push(name);
    }
    book.save_to_writer(out).map_err(failure)
}

/// `title` as a name that a sheet can have beside `taken`: short, without the signs that Excel uses in references, and
/// different from the others whatever their case.
fn sheet_name(title: &str, taken: &[String]) -> String {
    let allowed: String = title.chars().filter(|c| !r"[]:*?/\'".contains(*c)).collect();
    let cut = |room: usize| allowed.chars().take(room).collect::<String>();
    let mut name = cut(NAME_CHARS);
    let mut number = 1;
    while name.is_empty() || taken.iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
        number += 1;
        let suffix = format!(" ({number})");
        name = cut(NAME_CHARS - suffix.len()) + &suffix;
    }
    name
}

fn write_table(
    sheet: &mut rust_xlsxwriter::Worksheet,
    table: &Table,
    style: &Style,
) -> std::result::Result<(), XlsxError> {
    let width = |at: usize| {
        let longest = table.rows.iter().map(|row| row[at].shown().width_cjk()).max().unwrap_or(0);
        (longest as f64 + 3.0).clamp(10.0, 60.0)
    };
    let widths: Vec<f64> = (0..table.columns.len()).map(width).collect();
    let mut sheet = Sheet::new(sheet, style, &Page { widths: &widths, is_landscape: true })?;
    sheet.title(&table.title)?;
    for note in &table.notes {
        sheet.note(note)?;
    }
    sheet.next()?;
    let names: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
    sheet.head(&names)?;
    sheet.sheet.set_freeze_panes(sheet.row, 0)?.set_repeat_rows(sheet.row - 1, sheet.row - 1)?;
    if widths.iter().sum::<f64>() > WIDE {
        side_by_side(sheet.sheet, 2)?;
    }
    for row in &table.rows {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Text(text) => sheet.text(column, text)?,
                Cell::Count(count) => sheet.count(column, *count)?,
                Cell::Share(Some(share)) => sheet.number(column, 100.0 * share, &style.tenths)?,
                Cell::Figure(Some(figure)) => sheet.number(column, *figure, &style.figure)?,
                Cell::P(Some(p)) => sheet.number(column, *p, &style.figure)?,
                Cell::NotAsked => sheet.right(column, "－")?,
                Cell::Share(None) | Cell::Figure(None) | Cell::P(None) => {}
            }
        }
        sheet.next()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sheets_are_short_distinct_and_free_of_signs() {
        let long = "調査時期別（問7）".repeat(5);
        let first = sheet_name(&long, &[]);
        assert_eq!(first.chars().count(), NAME_CHARS);
        let second = sheet_name(&long, std::slice::from_ref(&first));
        assert!(second.ends_with(" (2)") && second.chars().count() == NAME_CHARS && second != first);
        assert_eq!(sheet_name("'県/市'別[A]", &[]), "県市別A");
        assert_eq!(sheet_name("ab", &["AB".to_owned()]), "ab (2)");
    }
}
