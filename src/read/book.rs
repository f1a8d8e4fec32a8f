//! Rows of a spreadsheet: XLSX, XLSM, XLSB, XLS and ODS, one sheet of it.
//!
//! A book can't be read as a stream: it is held in memory, unlike all other inputs. Cells are read as people see them; how
//! numbers and dates look is up to [`super::number_format`], and in OpenDocument to [`super::displayed`]. The formats of an XLS
//! book are found by [`super::xls_formats`].

use std::io::Cursor;

use calamine::{Data, Dimensions, Range, Reader as _, Sheet, SheetType, SheetVisible, Sheets, StyleRange};
use csv::StringRecord;

use super::displayed::{Displayed, is_open_document};
use super::number_format::{general, moment, number};
use super::repair::{Repairs, repaired_cell};
use super::xls_formats::{XlsFormats, is_compound};
use super::{Next, at_line, refuse};
use crate::error::Result;

/// A spreadsheet file.
pub(super) struct Book {
    name: String,
    sheets: Sheets<Cursor<Vec<u8>>>,
    /// The file, where calamine doesn't tell all of it.
    file: Option<Vec<u8>>,
}

impl Book {
    /// Opens the book made of `bytes`.
    pub(super) fn open(name: &str, bytes: Vec<u8>) -> Result<Book> {
        let file = (is_open_document(&bytes) || is_compound(&bytes)).then(|| bytes.clone());
        let is_locked = bytes.windows(LOCKED.len()).any(|window| window == LOCKED);
        let sheets = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|error| {
            if is_locked || error.to_string().to_lowercase().contains("password") {
                let hint = "Excel で開いてパスワードを外し、保存し直してください";
                refuse(name, None, "パスワードで保護されています", hint)
            } else {
                let problem = "表計算のブックとして読めません。壊れているか、別の種類のファイルです";
                refuse(
                    name,
                    None,
                    problem,
                    "Excel か LibreOffice で開いて、「Excel ブック（xlsx）」で保存し直してください",
                )
            }
        })?;
        Ok(Book { name: name.to_owned(), sheets, file })
    }

    /// The names of the sheets that people see.
    pub(super) fn names(&self) -> Vec<String> {
        let is_shown =
            |sheet: &&Sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet;
        self.sheets.sheets_metadata().iter().filter(is_shown).map(|sheet| sheet.name.clone()).collect()
    }

    /// The name of the sheet that the user calls `wanted`.
    pub(super) fn find(&self, wanted: &str) -> Result<String> {
        let names = self.sheets.sheet_names();
        names.iter().find(|name| name.trim() == wanted.trim()).cloned().ok_or_else(|| {
            let hint = format!("`--sheet` で指定できるシート: {}", quoted(&names));
            refuse(&self.name, None, format!("シート「{wanted}」がありません"), hint)
        })
    }

    /// The rows of a sheet.
    pub(super) fn sheet(&mut self, sheet: &str) -> Result<SheetRows> {
        let cells = self.sheets.worksheet_range(sheet).map_err(|error| {
            let problem = format!("シート「{sheet}」を読めません（{error}）");
            refuse(&self.name, None, problem, "Excel で開いて保存し直してください")
        })?;
        let file = self.file.as_deref().unwrap_or_default();
        // In XLSB, numbers are shown plainly.
        let looks = match &mut self.sheets {
            Sheets::Xlsx(book) => book.worksheet_style(sheet).ok().map(Looks::Styles),
            Sheets::Xls(_) => XlsFormats::read(file, sheet).map(Looks::Formats),
            Sheets::Ods(_) => Displayed::read(file, sheet).map(Looks::Displayed),
            Sheets::Xlsb(_) => None,
        };
        let merged = match &mut self.sheets {
            Sheets::Xlsx(book) if cells.height() <= MERGED_ROWS => book.merge_cells_by_sheet_name(sheet).ok(),
            Sheets::Xls(book) => book.merge_cells_by_sheet_name(sheet).ok(),
            Sheets::Xlsx(_) | Sheets::Ods(_) | Sheets::Xlsb(_) => None,
        };
        let header = cells.start().map_or(0, |(top, _)| top);
        let mut merged: Vec<Dimensions> = merged.unwrap_or_default();
        merged.retain(|cell| cell.start.0 > header && cell.end.0 > cell.start.0);
        merged.sort_unstable_by_key(|cell| cell.start);
        Ok(SheetRows { cells, looks, merged, next: 0 })
    }
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Rows of a sheet in which merged cells are looked for, which means reading it once more. People merge them by hand.
const MERGED_ROWS: usize = 20_000;

/// The name of a stream in an encrypted book, in UTF-16.
const LOCKED: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";

/// 「回答」「集計」
pub(super) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("「{name}」")).collect()
}

/// What tells how numbers and dates look.
enum Looks {
    Styles(StyleRange),
    Formats(XlsFormats),
    Displayed(Displayed),
}

/// The rows of a sheet, from its first row with a cell to its last.
pub(super) struct SheetRows {
    cells: Range<Data>,
    looks: Option<Looks>,
    /// Cells below the first row that are several rows high, as far as the kind of book tells.
    merged: Vec<Dimensions>,
    /// Of the next row, counted from the first with a cell.
    next: usize,
}

impl SheetRows {
    /// Share of the rows that were handed out, 0 to 1.
    pub(super) fn share(&self) -> f64 {
        self.next as f64 / self.cells.height().max(1) as f64
    }

    /// What may look otherwise than people see it.
    pub(super) fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        let is_number = |cell: &Data| matches!(cell, Data::Int(_) | Data::Float(_));
        if self.looks.is_none() && self.cells.used_cells().any(|(_, _, cell)| is_number(cell)) {
            findings.push("数の表示形式: 読めないブックです（00123 と見える数は 123 になります。xlsx なら見えるとおりに読めます）".to_owned());
        }
        if let Some(first) = self.merged.first() {
            findings.push(format!(
                "縦に結合されたセル: {} か所（最初は {} 行目から {} 行目まで）。値は上の行だけのものとして読み、下の行では空欄になります",
                self.merged.len(),
                first.start.0 + 1,
                first.end.0 + 1
            ));
        }
        findings
    }

    /// Where the next row stands, for [`SheetRows::return_to`].
    pub(super) fn place(&self) -> usize {
        self.next
    }

    /// Makes the row at `place` the next one.
    pub(super) fn return_to(&mut self, place: usize) {
        self.next = place;
    }

    /// The row of that number in the sheet, and what follows after it.
    pub(super) fn header(&mut self, row: u64, repairs: &mut Repairs) -> Next {
        let top = self.cells.start().map_or(0, |(top, _)| u64::from(top));
        self.next = usize::try_from((row - 1).saturating_sub(top)).unwrap_or(usize::MAX);
        self.next(repairs)
    }

    /// The header, then the rows, each with its number in the sheet.
    pub(super) fn next(&mut self, repairs: &mut Repairs) -> Next {
        let (Some((top, left)), true) = (self.cells.start(), self.next < self.cells.height()) else {
            return Next::End;
        };
        let row = top + u32::try_from(self.next).unwrap_or(u32::MAX);
        let mut record = StringRecord::new();
        let mut replaced = 0;
        for column in 0..self.cells.width() {
            let cell = self.cells.get((self.next, column)).unwrap_or(&Data::Empty);
            let place = (row, left + u32::try_from(column).unwrap_or(u32::MAX));
            let (text, count) = repaired_cell(self.shown(cell, place).as_bytes());
            replaced += count;
            record.push_field(&text);
        }
        self.next += 1;
        let line = Some(u64::from(row) + 1);
        if replaced > 0 {
            repairs.add(line, replaced);
        }
        record.set_position(at_line(line));
        Next::Row(record)
    }

    /// A cell as people see it.
    fn shown(&self, cell: &Data, place: (u32, u32)) -> String {
        let code = || match self.looks.as_ref()? {
            Looks::Styles(styles) => Some(styles.get(place)?.number_format.as_ref()?.format_code.as_str()),
            Looks::Formats(formats) => formats.get(place),
            Looks::Displayed(_) => None,
        };
        let is_text = matches!(cell, Data::Empty | Data::String(_) | Data::Bool(_) | Data::Error(_));
        if let Some(Looks::Displayed(displayed)) = self.looks.as_ref().filter(|_| !is_text)
            && let Some(text) = displayed.get(place)
        {
            return text.to_owned();
        }
        match cell {
            Data::Empty => String::new(),
            Data::String(text) => text.clone(),
            Data::Int(value) => number(*value as f64, code().unwrap_or_default()),
            Data::Float(value) => match code() {
                Some(code) => number(*value, code),
                None => general(*value),
            },
            Data::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
            Data::DateTime(value) => moment(
                value.to_ymd_hms_milli(),
                value.as_f64(),
                code().unwrap_or(match value.as_f64() {
                    _ if value.is_duration() => "[h]:mm:ss",
                    // A time of no day.
                    days if (0.0..1.0).contains(&days) => "h:mm:ss",
                    _ => "",
                }),
            ),
            Data::DateTimeIso(text) => iso_moment(text),
            Data::DurationIso(text) => iso_duration(text),
            Data::Error(error) => error.to_string(),
        }
    }
}

impl std::fmt::Debug for SheetRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SheetRows").field("next", &self.next).finish_non_exhaustive()
    }
}

/// `2024-04-01T13:05:00` as XLSX would show it; what is built otherwise stays.
fn iso_moment(text: &str) -> String {
    let shown = || {
        let (date, time) = text.split_once('T').unwrap_or((text, ""));
        let mut parts = date.splitn(3, '-').map(|part| part.parse::<u16>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let time = time.get(..5).filter(|&time| time != "00:00").map(|time| format!(" {time}"));
        Some(format!("{year}/{month}/{day}{}", time.unwrap_or_default()))
    };
    shown().unwrap_or_else(|| text.to_owned())
}

/// `PT01H30M00S` as 1:30:00.
fn iso_duration(text: &str) -> String {
    let shown = || {
        let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
        let (minutes, rest) = rest.split_once('M')?;
        let seconds = rest.strip_suffix('S')?;
        Some(format!("{}:{minutes:0>2}:{seconds:0>2}", hours.parse::<u32>().ok()?))
    };
    shown().unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_opendocument_look_like_those_of_excel() {
        for (iso, shown) in [
            ("2024-04-01", "2024/4/1"),
            ("2024-04-01T00:00:00", "2024/4/1"),
            ("2024-04-01T13:05:00", "2024/4/1 13:05"),
            ("来週", "来週"),
        ] {
            assert_eq!(iso_moment(iso), shown);
        }
        assert_eq!(iso_duration("PT09H05M00S"), "9:05:00");
    }

    #[test]
    fn cells_merged_over_several_rows_are_pointed_out() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let (sheet, plain) = (book.add_worksheet(), rust_xlsxwriter::Format::new());
        for (row, cells) in
            (0..).zip([["題", ""], ["県", "意見"], ["", "遅い"], ["", "混む"], ["愛知県", "遅い"]])
        {
            sheet.write_row(row, 0, cells).unwrap();
        }
        sheet.merge_range(0, 0, 0, 1, "題", &plain).unwrap();
        sheet.merge_range(2, 0, 3, 0, "東京都", &plain).unwrap();
        let mut book = Book::open("t.xlsx", book.save_to_buffer().unwrap()).unwrap();
        let findings = book.sheet("Sheet1").unwrap().findings();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0].starts_with("縦に結合されたセル: 1 か所（最初は 3 行目から 4 行目まで）"),
            "{findings:?}"
        );
    }

    #[test]
    fn what_is_no_book_is_refused() {
        let error = Book::open("t.xlsx", b"PK\x03\x04 and nothing more".to_vec()).unwrap_err();
        assert!(error.to_string().contains("ブックとして読めません"), "{error}");
    }
}
