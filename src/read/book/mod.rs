//! Rows of a spreadsheet: XLSX, XLSM, XLSB, XLS and ODS, one sheet of it.
//!
//! A book can't be read as a stream: it is held in memory, unlike all other inputs. Cells are read as people see them; how
//! numbers and dates look is up to [`super::number_format`], and in OpenDocument to [`super::displayed`]. The formats of an XLS
//! book are found by [`super::xls_formats`].

use std::io::{Cursor, Read as _};

use calamine::{
    Data, Dimensions, ExcelDateTime, ExcelDateTimeType, Reader as _, Sheet, SheetType, SheetVisible, Sheets,
    Xls, XlsError,
};
use csv::StringRecord;

use super::displayed::{Displayed, MIME_TYPE, is_encrypted, is_open_document};
use super::grid::Grid;
use super::number_format::{general, is_moment, moment, number};
use super::repair::{Repairs, repaired_cell};
use super::xls_formats::XlsFormats;
use super::xls_stream::{XlsStream, is_compound};
use super::{Next, at_line, refuse};
use crate::error::Result;

/// The sheets as calamine hands them out.
type OpenSheets = Sheets<Cursor<Vec<u8>>>;

/// A spreadsheet file.
pub(super) struct Book {
    name: String,
    sheets: OpenSheets,
    /// What the sheets are read from, where calamine doesn't tell all of it: the file of an OpenDocument book, the records of
    /// an XLS book.
    source: Vec<u8>,
}

impl Book {
    /// Opens the book made of `bytes`.
    pub(super) fn open(name: &str, bytes: Vec<u8>) -> Result<Book> {
        let is_locked = bytes.windows(LOCKED.len()).any(|window| window == LOCKED);
        let what_else = what_else(name, &bytes);
        let opened = match is_compound(&bytes) {
            _ if is_locked => Err(true),
            true => open_xls(&bytes),
            false if has_lying_count(&bytes) => Err(false),
            false => {
                let source = if is_open_document(&bytes) { bytes.clone() } else { Vec::new() };
                let opened = calamine::open_workbook_auto_from_rs(Cursor::new(bytes));
                match opened {
                    Ok(sheets) => Ok((sheets, source)),
                    Err(_) => Err(is_encrypted(&source)),
                }
            }
        };
        let (sheets, source) = opened.map_err(|is_locked| {
            if is_locked {
                let hint = "Excel で開いてパスワードを外し、保存し直してください";
                refuse(name, None, "パスワードで保護されています", hint)
            } else {
                let (problem, hint) = what_else;
                refuse(name, None, problem, hint)
            }
        })?;
        Ok(Book { name: name.to_owned(), sheets, source })
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
        let Cells { grid, codes, has_valueless } = self.cells(sheet).ok_or_else(|| {
            let problem = format!("シート「{sheet}」を読めません。壊れています");
            refuse(&self.name, None, problem, SAVE_AS_BOOK)
        })?;
        if grid.is_scattered() {
            let problem = format!("シート「{sheet}」の表から遠く離れたセルに、何か書かれています");
            let hint = "Excel で Ctrl+End を押すと、最後のセルに移ります。表の外のセルを消して、保存し直してください";
            return Err(refuse(&self.name, None, problem, hint));
        }
        let uncalculated = if has_valueless { self.uncalculated(sheet) } else { Vec::new() };
        let source = self.source.as_slice();
        let (looks, merged) = match &mut self.sheets {
            Sheets::Xlsx(book) => {
                let is_small = grid.height() <= MERGED_ROWS;
                let merged = is_small.then(|| book.merge_cells_by_sheet_name(sheet).ok()).flatten();
                (Some(Looks::Styles(codes)), merged)
            }
            Sheets::Xls(book) => (
                XlsFormats::read(source, sheet).map(Looks::Formats),
                book.merge_cells_by_sheet_name(sheet).ok(),
            ),
            Sheets::Ods(_) => {
                let displayed = Displayed::read(source, sheet);
                let merged = displayed.as_ref().map(|displayed| displayed.merged().to_vec());
                (displayed.map(Looks::Displayed), merged)
            }
            // There, numbers are shown plainly, and nothing is known of merged cells.
            Sheets::Xlsb(_) => (None, None),
        };
        let header = grid.top();
        let mut merged: Vec<Dimensions> = merged.unwrap_or_default();
        merged.retain(|cell| cell.start.0 > header && cell.end.0 > cell.start.0);
        merged.sort_unstable_by_key(|cell| cell.start);
        Ok(SheetRows { grid, looks, merged, uncalculated, next: 0 })
    }

    /// The cells of a sheet, `None` if it is damaged.
    fn cells(&mut self, sheet: &str) -> Option<Cells> {
        let mut cells = Cells::default();
        match &mut self.sheets {
            Sheets::Xlsx(book) => {
                let mut reader = book.worksheet_cells_reader(sheet).ok()?;
                let code = |style: &calamine::Style| Some(style.number_format.as_ref()?.format_code.clone());
                cells.codes = reader.styles().iter().map(code).collect();
                while let Some((cell, style)) = reader.next_cell_with_style_id().ok()? {
                    let value = Data::from(cell.get_value().clone());
                    cells.has_valueless |= value == Data::Empty;
                    cells.grid.put(cell.get_position(), value, style)?;
                }
            }
            Sheets::Xlsb(book) => {
                let mut reader = book.worksheet_cells_reader(sheet).ok()?;
                while let Some(cell) = reader.next_cell().ok()? {
                    cells.grid.put(cell.get_position(), Data::from(cell.get_value().clone()), 0)?;
                }
            }
            Sheets::Xls(_) | Sheets::Ods(_) => {
                let range = self.sheets.worksheet_range(sheet).ok()?;
                let (top, left) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    let place = (top + u32::try_from(row).ok()?, left + u32::try_from(column).ok()?);
                    cells.grid.put(place, value.clone(), 0)?;
                }
            }
        }
        Some(cells)
    }

    /// The cells of a sheet that have a formula and no result, as programs leave them that can't calculate.
    fn uncalculated(&mut self, sheet: &str) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        let Sheets::Xlsx(book) = &mut self.sheets else { return found };
        let Ok(mut reader) = book.worksheet_cells_reader(sheet) else { return found };
        while let Ok(Some(cell)) = reader.next_cell_with_formula_metadata() {
            if cell.formula.is_some() && Data::from(cell.value) == Data::Empty {
                found.push(cell.pos);
            }
        }
        found
    }
}

/// What a sheet holds.
#[derive(Default)]
struct Cells {
    grid: Grid,
    /// The format codes of styles.
    codes: Vec<Option<String>>,
    /// Whether there are cells without a value: blank ones with a style, and formulas without a result.
    has_valueless: bool,
}

/// Problem and hint for a file that begins like a book, should it be none.
fn what_else(name: &str, bytes: &[u8]) -> (&'static str, &'static str) {
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    let ending = name.rsplit('.').next().unwrap_or_default();
    let is_called_book = ["xlsx", "xlsm", "xlsb", "ods"].iter().any(|book| ending.eq_ignore_ascii_case(book));
    if is_called_book || is_compound(bytes) || [&b"xl/"[..], MIME_TYPE].into_iter().any(has) {
        ("表計算のブックとして読めません。壊れているか、別の種類のファイルです", SAVE_AS_BOOK)
    } else if has(b"word/document.xml") {
        let hint = "文書の中の表は、Excel に写して保存してください";
        ("表ではなく、Word の文書です", hint)
    } else {
        ("ZIP ファイルです。ブックではありません", "展開して、中にある表を指定してください")
    }
}

/// Whether an XLSX book says that it has more texts than can stand in it. calamine asks for memory for so many.
fn has_lying_count(bytes: &[u8]) -> bool {
    let texts = || {
        let mut book = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
        let part = book.by_name("xl/sharedStrings.xml").ok()?;
        // Each is an element of its own.
        let most = part.size() / "<si/>".len() as u64;
        let mut head = Vec::new();
        part.take(1024).read_to_end(&mut head).ok()?;
        let head = String::from_utf8_lossy(&head);
        let (_, count) = head.split_once("uniqueCount=\"")?;
        let (count, _) = count.split_once('"')?;
        Some(count.parse::<u64>().is_ok_and(|count| count > most))
    };
    texts().unwrap_or(false)
}

/// An XLS book and its records; whether it has a password if it can't be read.
fn open_xls(bytes: &[u8]) -> std::result::Result<(OpenSheets, Vec<u8>), bool> {
    let stream = XlsStream::read(bytes).ok_or(false)?;
    let file = stream.file().ok_or(false)?;
    let book = Xls::new(Cursor::new(file)).map_err(|error| matches!(error, XlsError::Password))?;
    Ok((Sheets::Xls(book), stream.bytes))
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book").field("name", &self.name).finish_non_exhaustive()
    }
}

const SAVE_AS_BOOK: &str = "Excel か LibreOffice で開いて、「Excel ブック（xlsx）」で保存し直してください";

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
    /// The format codes of styles.
    Styles(Vec<Option<String>>),
    Formats(XlsFormats),
    Displayed(Displayed),
}

/// The rows of a sheet, from its first row with a cell to its last.
pub(super) struct SheetRows {
    grid: Grid,
    looks: Option<Looks>,
    /// Cells below the first row that are several rows high, as far as the kind of book tells.
    merged: Vec<Dimensions>,
    /// Cells with a formula and no result.
    uncalculated: Vec<(u32, u32)>,
    /// Of the next row, counted from the first with a cell.
    next: usize,
}

impl SheetRows {
    /// Share of the rows that were handed out, 0 to 1.
    pub(super) fn share(&self) -> f64 {
        self.next as f64 / self.grid.height().max(1) as f64
    }

    /// What may look otherwise than people see it.
    pub(super) fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        let is_number = |cell: &Data| matches!(cell, Data::Int(_) | Data::Float(_));
        if self.looks.is_none() && self.grid.values().any(is_number) {
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
        if let Some(&(row, column)) = self.uncalculated.first() {
            findings.push(format!(
                "計算結果のない数式: {} か所（最初は {} 行目の {} 列目）。空欄として読みます。Excel で開いて保存し直すと、計算結果が入ります",
                self.uncalculated.len(),
                row + 1,
                column + 1
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
        let top = u64::from(self.grid.top());
        self.next = usize::try_from((row - 1).saturating_sub(top)).unwrap_or(usize::MAX);
        self.next(repairs)
    }

    /// The header, then the rows, each with its number in the sheet.
    pub(super) fn next(&mut self, repairs: &mut Repairs) -> Next {
        if self.next >= self.grid.height() {
            return Next::End;
        }
        let row = self.grid.top() + u32::try_from(self.next).unwrap_or(u32::MAX);
        let mut record = StringRecord::new();
        let mut replaced = 0;
        for (place, cell) in self.grid.row(row) {
            let shown = cell.map(|(value, style)| self.shown(value, style, place)).unwrap_or_default();
            let (text, count) = repaired_cell(shown.as_bytes());
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
    fn shown(&self, cell: &Data, style: usize, place: (u32, u32)) -> String {
        let code = || match self.looks.as_ref()? {
            Looks::Styles(codes) => codes.get(style)?.as_deref(),
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
                // calamine knows a date by its year, month and day.
                Some(code) if is_moment(code) => {
                    let at = ExcelDateTime::new(*value, ExcelDateTimeType::DateTime, false);
                    moment(at.to_ymd_hms_milli(), *value, code)
                }
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
mod tests;
