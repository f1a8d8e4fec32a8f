//! One sheet, and what its cells can bear.
//!
//! A cell holds up to 32,767 UTF-16 units; a line break in it is a single LF. What doesn't fit is cut with a notice and
//! counted in [`Clipped`].

use rust_xlsxwriter::{Format, Worksheet, XlsxError};
use unicode_width::UnicodeWidthChar;

use crate::error::Error;

use super::Style;

/// What a cell holds at most, in UTF-16 units.
const CELL_UNITS: usize = 32_767;

/// Stands at the end of a text that was cut.
pub(crate) const CUT: &str = "…（セルに入らないため以下略）";

/// The texts that were too long for a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clipped {
    /// How many there were.
    pub texts: u64,
    /// Id of the comment whose text was cut first.
    pub first: Option<String>,
}

impl Clipped {
    /// Counts the comment with this id.
    pub(super) fn add(&mut self, id: &str) {
        self.texts += 1;
        self.first.get_or_insert_with(|| id.to_owned());
    }

    /// Counts those that come next.
    pub(super) fn append(&mut self, next: &Clipped) {
        self.texts += next.texts;
        if self.first.is_none() {
            self.first.clone_from(&next.first);
        }
    }
}

/// An error of the workbook writer as one of ours.
pub(crate) fn failure(error: XlsxError) -> Error {
    let source = match error {
        XlsxError::IoError(error) => error,
        other => std::io::Error::other(other),
    };
    Error::Output { source }
}

type Written = Result<(), XlsxError>;

/// A sheet on which whole tables are written, row by row.
pub(crate) struct Sheet<'w> {
    pub(crate) sheet: &'w mut Worksheet,
    pub(crate) style: &'w Style,
    pub(crate) row: u32,
    widths: Vec<f64>,
    /// Lines of the tallest cell of the current row.
    lines: usize,
}

/// What a page needs beside its cells.
pub(crate) struct Page<'w> {
    /// Widths of the columns from the first on, in digits.
    pub(crate) widths: &'w [f64],
    /// Whether it prints across.
    pub(crate) is_landscape: bool,
}

impl<'w> Sheet<'w> {
    pub(crate) fn new(
        sheet: &'w mut Worksheet,
        style: &'w Style,
        page: &Page<'_>,
    ) -> Result<Self, XlsxError> {
        for (column, &width) in (0..).zip(page.widths) {
            sheet.set_column_width(column, width)?;
        }
        paper(sheet, page.is_landscape);
        Ok(Sheet { sheet, style, row: 0, widths: page.widths.to_vec(), lines: 1 })
    }

    /// A heading in a row of its own.
    pub(crate) fn title(&mut self, text: &str) -> Written {
        string(self.sheet, self.row, 0, text, &self.style.title)?;
        self.row += 1;
        Ok(())
    }

    /// A remark in a row of its own.
    pub(crate) fn note(&mut self, text: &str) -> Written {
        string(self.sheet, self.row, 0, text, &self.style.note)?;
        self.row += 1;
        Ok(())
    }

    /// A row of headers.
    pub(crate) fn head<T: AsRef<str>>(&mut self, headers: &[T]) -> Written {
        for (column, header) in (0..).zip(headers) {
            string(self.sheet, self.row, column, header.as_ref(), &self.style.head)?;
            self.fit(column, header.as_ref());
        }
        self.next()
    }

    /// Makes the current row as tall as `text` needs it.
    fn fit(&mut self, column: u16, text: &str) {
        let width = self.widths.get(usize::from(column)).copied().unwrap_or(DEFAULT_WIDTH);
        self.lines = self.lines.max(lines(text, width));
    }

    /// Text in the current row.
    pub(crate) fn text(&mut self, column: u16, text: &str) -> Written {
        self.fit(column, text);
        string(self.sheet, self.row, column, text, &self.style.text)
    }

    /// Text in the current row, on the side of the numbers.
    pub(crate) fn right(&mut self, column: u16, text: &str) -> Written {
        string(self.sheet, self.row, column, text, &self.style.right)
    }

    /// A number in the current row.
    pub(crate) fn number(&mut self, column: u16, number: f64, format: &Format) -> Written {
        self.sheet.write_number_with_format(self.row, column, number, format)?;
        Ok(())
    }

    /// A count in the current row.
    pub(crate) fn count(&mut self, column: u16, count: u64) -> Written {
        self.number(column, count as f64, &self.style.count)
    }

    /// `part` of `whole` in the current row; blank where there is no whole.
    pub(crate) fn share(&mut self, column: u16, part: u64, whole: u64) -> Written {
        if whole == 0 {
            self.sheet.write_blank(self.row, column, &self.style.percent)?;
            return Ok(());
        }
        self.number(column, part as f64 / whole as f64, &self.style.percent)
    }

    /// Ends the current row.
    pub(crate) fn next(&mut self) -> Written {
        let lines = std::mem::replace(&mut self.lines, 1);
        self.sheet.set_row_height(self.row, height(lines))?;
        self.row += 1;
        Ok(())
    }
}

/// Width of a column that has none of its own, in digits.
const DEFAULT_WIDTH: f64 = 8.4;

/// Height of a line, in points: what the font needs at its size.
const LINE_HEIGHT: f64 = 16.5;

/// The greatest height of a row, in points.
const MOST_HEIGHT: f64 = 409.0;

/// How many lines `text` takes in a column `width` digits wide. An estimate, a little high: a line that is hidden is worse
/// than one left blank. Programs fit rows by themselves only where they don't trust the file.
pub(super) fn lines(text: &str, width: f64) -> usize {
    let room = (width - 1.0).max(1.0) as usize;
    // Character by character: the width of an emoji of several isn't worth the time that finding them takes.
    let width = |line: &str| line.chars().map(columns).sum::<usize>();
    text.lines().map(|line| width(line).div_ceil(room).max(1)).sum::<usize>().max(1)
}

/// How many digits a character is wide. Most are kana and kanji.
fn columns(c: char) -> usize {
    match c {
        'ぁ'..='ゖ' | '゠'..='ヿ' | '\u{4E00}'..='\u{9FFF}' => 2,
        _ => c.width_cjk().unwrap_or(0),
    }
}

/// The height of a row of so many lines, in points.
pub(super) fn height(lines: usize) -> f64 {
    (lines as f64 * LINE_HEIGHT + 1.5).min(MOST_HEIGHT)
}

/// A4, one page wide, with page numbers.
pub(super) fn paper(sheet: &mut Worksheet, is_landscape: bool) {
    const A4: u8 = 9;
    if is_landscape {
        sheet.set_landscape();
    }
    sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_footer("&C&A　&P / &N");
}

/// A table too wide for one page: its pages lie side by side, each with the first `columns` columns.
pub(super) fn side_by_side(sheet: &mut Worksheet, columns: u16) -> Written {
    const SCALE: u16 = 70;
    sheet.set_print_scale(SCALE).set_repeat_columns(0, columns - 1)?;
    Ok(())
}

/// Writes a text that isn't expected to be long. Cut where it is all the same.
pub(super) fn string(sheet: &mut Worksheet, row: u32, column: u16, text: &str, format: &Format) -> Written {
    sheet.write_string_with_format(row, column, fitting(text).0, format)?;
    Ok(())
}

/// `text` as a cell can hold it, and whether it had to be cut.
fn fitting(text: &str) -> (String, bool) {
    let (kept, is_cut) = kept(text);
    let mut fitting = unix_lines(kept);
    if is_cut {
        fitting.push_str(CUT);
    }
    (fitting, is_cut)
}

/// As much of `text` as fits together with the notice of the cut, and whether that isn't all.
pub(super) fn kept(text: &str) -> (&str, bool) {
    // No character has more UTF-16 units than bytes.
    if text.len() <= CELL_UNITS || text.encode_utf16().count() <= CELL_UNITS {
        return (text, false);
    }
    let room = CELL_UNITS - CUT.encode_utf16().count();
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > room
    });
    (&text[..end.map_or(text.len(), |(at, _)| at)], true)
}

fn unix_lines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kana_and_kanji_are_two_digits_wide() {
        let usual = ('ぁ'..='ゖ').chain('゠'..='ヿ').chain('\u{4E00}'..='\u{9FFF}');
        usual.for_each(|c| assert_eq!(Some(columns(c)), c.width_cjk(), "{c}"));
        assert_eq!(['a', 'ｱ', '●', '本', '\n'].map(columns), [1, 1, 2, 2, 0]);
    }

    #[test]
    fn what_doesnt_fit_is_cut_between_characters_and_says_so() {
        let just = "あ".repeat(CELL_UNITS);
        assert_eq!(fitting(&just), (just.clone(), false));
        // Two units each, so that the limit falls within one.
        let (cut, is_cut) = fitting(&"𠮷".repeat(20_000));
        assert!(is_cut && cut.ends_with(CUT) && cut.trim_end_matches(CUT).chars().all(|c| c == '𠮷'));
        assert!((CELL_UNITS - 1..=CELL_UNITS).contains(&cut.encode_utf16().count()));
    }

    #[test]
    fn line_breaks_are_one_character() {
        assert_eq!(fitting("一\r\n二\r三").0, "一\n二\n三");
    }
}
