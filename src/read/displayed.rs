//! What the cells of an OpenDocument sheet show: the text that stands in the file beside each number or date, and which cells
//! are merged.

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read as _};

use calamine::Dimensions;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// What an OpenDocument file begins with, behind the header of its first part.
pub(super) const MIME_TYPE: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.";

/// Bytes of that header.
const HEADER: usize = 30;

/// Bytes of the unpacked content at most: a ZIP can unpack to anything.
const MOST_BYTES: u64 = 2 << 30;

/// Cells with a number or a date at most; a sheet has up to 16 thousand million.
const MOST_CELLS: usize = 20_000_000;

/// The texts by row and column, from 0.
#[derive(Debug, Default)]
pub(super) struct Displayed {
    shown: HashMap<(u32, u32), Box<str>>,
    /// Cells that are several rows high.
    merged: Vec<Dimensions>,
}

/// Whether `bytes` are an OpenDocument book.
pub(super) fn is_open_document(bytes: &[u8]) -> bool {
    bytes.get(HEADER..).is_some_and(|bytes| bytes.starts_with(MIME_TYPE))
}

/// Whether the OpenDocument file `bytes` has a password: its manifest says so, by part or for all of it.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    let manifest = || {
        let mut file = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
        let mut manifest = String::new();
        file.by_name("META-INF/manifest.xml").ok()?.take(MOST_BYTES).read_to_string(&mut manifest).ok()?;
        Some(manifest)
    };
    manifest().is_some_and(|manifest| manifest.contains("encryption-data"))
}

impl Displayed {
    /// Reads the sheet called `sheet` of the book `bytes`. `None` if it can't be made out.
    pub(super) fn read(bytes: &[u8], sheet: &str) -> Option<Displayed> {
        let mut book = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
        let content = book.by_name("content.xml").ok()?.take(MOST_BYTES);
        let mut reader = Reader::from_reader(BufReader::new(content));
        let mut walk = Walk::default();
        let mut buffer = Vec::new();
        let mut is_in = false;
        loop {
            buffer.clear();
            let event = reader.read_event_into(&mut buffer).ok()?;
            match &event {
                Event::Eof => return None,
                Event::Start(element) if element.name().as_ref() == "table:table" => {
                    is_in = attribute(element, "table:name").is_some_and(|name| name == sheet);
                }
                Event::End(element) if element.name().as_ref() == "table:table" && is_in => {
                    return Some(walk.displayed);
                }
                _ if is_in => walk.step(&event)?,
                _ => {}
            }
        }
    }

    /// The text shown at `place`, if a number or a date stands there.
    pub(super) fn get(&self, place: (u32, u32)) -> Option<&str> {
        self.shown.get(&place).map(|text| &**text)
    }

    /// The cells that are several rows high.
    pub(super) fn merged(&self) -> &[Dimensions] {
        &self.merged
    }
}

/// The way through the elements of a sheet.
#[derive(Default)]
struct Walk {
    displayed: Displayed,
    row: u32,
    /// How often the row comes.
    rows: u32,
    column: u32,
    /// Columns and texts of the row's cells.
    cells: Vec<(u32, Box<str>)>,
    /// How often the open cell comes, and its text if it is wanted.
    open: Option<(u32, Option<String>)>,
    /// Paragraphs of the cell, and notes that are open.
    paragraphs: usize,
    notes: usize,
    is_in_paragraph: bool,
}

impl Walk {
    /// Takes the next event in. `None` if the sheet holds too much.
    fn step(&mut self, event: &Event<'_>) -> Option<()> {
        match event {
            Event::Start(element) => self.start(element),
            Event::Empty(element) => {
                self.start(element);
                self.end(element.name().as_ref())?;
            }
            Event::End(element) => self.end(element.name().as_ref())?,
            Event::Text(text) if self.is_in_paragraph => {
                if let Some((_, Some(shown))) = &mut self.open {
                    shown.push_str(text);
                }
            }
            // A character that XML can't hold as it is: left to the value.
            Event::GeneralRef(_) if self.is_in_paragraph => self.give_up(),
            _ => {}
        }
        Some(())
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        let times =
            |name: &str| attribute(element, name).and_then(|times| times.parse::<u32>().ok()).unwrap_or(1);
        match element.name().as_ref() {
            "table:table-row" => {
                (self.rows, self.column) = (times("table:number-rows-repeated"), 0);
            }
            "table:table-cell" | "table:covered-table-cell" => {
                let kind = attribute(element, "office:value-type").unwrap_or_default();
                let is_wanted = ["float", "percentage", "currency", "date", "time"].contains(&kind.as_str());
                let (high, wide) =
                    (times("table:number-rows-spanned"), times("table:number-columns-spanned"));
                if high > 1 {
                    let end =
                        (self.row.saturating_add(high - 1), self.column.saturating_add(wide.max(1) - 1));
                    self.displayed.merged.push(Dimensions { start: (self.row, self.column), end });
                }
                self.open = Some((times("table:number-columns-repeated"), is_wanted.then(String::new)));
                self.paragraphs = 0;
            }
            "office:annotation" => self.notes += 1,
            "text:p" if self.notes == 0 => {
                self.paragraphs += 1;
                self.is_in_paragraph = true;
                if self.paragraphs > 1 {
                    self.give_up();
                }
            }
            "text:s" if self.is_in_paragraph => {
                if let Some((_, Some(shown))) = &mut self.open {
                    let blanks: usize =
                        attribute(element, "text:c").and_then(|count| count.parse().ok()).unwrap_or(1);
                    shown.extend(std::iter::repeat_n(' ', blanks.min(100)));
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) -> Option<()> {
        match name {
            "table:table-cell" | "table:covered-table-cell" => {
                let (times, shown) = self.open.take()?;
                if let Some(shown) = shown.filter(|shown| !shown.is_empty()) {
                    let columns = self.column..self.column.saturating_add(times);
                    self.room(times as usize)?;
                    self.cells.extend(columns.map(|column| (column, shown.as_str().into())));
                }
                self.column = self.column.saturating_add(times);
            }
            "table:table-row" => {
                self.room(self.cells.len().saturating_mul(self.rows as usize))?;
                if !self.cells.is_empty() {
                    for row in self.row..self.row.saturating_add(self.rows) {
                        let cells = self.cells.iter().map(|(column, shown)| ((row, *column), shown.clone()));
                        self.displayed.shown.extend(cells);
                    }
                }
                self.cells.clear();
                self.row = self.row.saturating_add(self.rows);
            }
            "office:annotation" => self.notes = self.notes.saturating_sub(1),
            "text:p" if self.notes == 0 => self.is_in_paragraph = false,
            _ => {}
        }
        Some(())
    }

    /// Leaves the open cell to its value.
    fn give_up(&mut self) {
        if let Some((_, shown)) = &mut self.open {
            *shown = None;
        }
    }

    /// Whether so many cells more are not too many.
    fn room(&self, more: usize) -> Option<()> {
        ((self.displayed.shown.len() + self.cells.len()).saturating_add(more) <= MOST_CELLS).then_some(())
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok().flatten()?;
    Some(attribute.value.into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn book(sheet: &str) -> Vec<u8> {
        let mut book = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        book.start_file("mimetype", stored).unwrap();
        book.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
        book.start_file("content.xml", SimpleFileOptions::default()).unwrap();
        let other = "<table:table table:name=\"別\"><table:table-row/></table:table>";
        let content = format!(
            "<office:document-content>{other}<table:table table:name=\"回答\">{sheet}</table:table></office:document-content>"
        );
        book.write_all(content.as_bytes()).unwrap();
        book.finish().unwrap().into_inner()
    }

    fn displayed(sheet: &str) -> Option<Vec<(u32, u32, String)>> {
        let bytes = book(sheet);
        assert!(is_open_document(&bytes));
        let displayed = Displayed::read(&bytes, "回答")?;
        let mut cells: Vec<_> =
            displayed.shown.into_iter().map(|((row, column), text)| (row, column, text.into())).collect();
        cells.sort();
        Some(cells)
    }

    fn cell(kind: &str, attributes: &str, text: &str) -> String {
        format!(
            "<table:table-cell office:value-type=\"{kind}\" {attributes}><text:p>{text}</text:p></table:table-cell>"
        )
    }

    #[test]
    fn numbers_and_dates_are_as_shown() {
        let note = "<office:annotation><text:p>メモ</text:p></office:annotation>";
        let sheet = format!(
            "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"3\"/></table:table-row>\
             <table:table-row>{}<table:table-cell/>{}{}</table:table-row>\
             <table:table-row table:number-rows-repeated=\"2\"><table:table-cell/>{}</table:table-row>\
             <table:table-row><table:table-cell office:value-type=\"float\">{note}<text:p>1<text:s text:c=\"2\"/>%</text:p></table:table-cell>{}</table:table-row>\
             <table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>",
            cell("float", "", "00123"),
            cell("string", "", "文"),
            cell("date", "", "令和6年4月1日"),
            cell("percentage", "table:number-columns-repeated=\"2\"", "12%"),
            cell("float", "", "a&amp;b"),
        );
        let found = displayed(&sheet).unwrap();
        let found: Vec<(u32, u32, &str)> = found.iter().map(|(r, c, text)| (*r, *c, text.as_str())).collect();
        assert_eq!(
            found,
            [
                (2, 0, "00123"),
                (2, 3, "令和6年4月1日"),
                (3, 1, "12%"),
                (3, 2, "12%"),
                (4, 1, "12%"),
                (4, 2, "12%"),
                (5, 0, "1  %"),
            ]
        );
    }

    #[test]
    fn cells_of_several_rows_are_known() {
        let merged = "<table:table-cell table:number-rows-spanned=\"3\" table:number-columns-spanned=\"2\"/>";
        let wide = "<table:table-cell table:number-columns-spanned=\"2\"/><table:covered-table-cell/>";
        let sheet = format!(
            "<table:table-row table:number-rows-repeated=\"2\">{wide}</table:table-row>\
             <table:table-row><table:table-cell table:number-columns-repeated=\"2\"/>{merged}</table:table-row>\
             <table:table-row table:number-rows-repeated=\"2\"><table:covered-table-cell/></table:table-row>"
        );
        let displayed = Displayed::read(&book(&sheet), "回答").unwrap();
        assert_eq!(displayed.merged(), [Dimensions { start: (2, 2), end: (4, 3) }]);
    }

    #[test]
    fn passwords_stand_in_the_manifest() {
        for (manifest, is_locked) in
            [("<manifest:encryption-data/>", true), ("<manifest:file-entry/>", false)]
        {
            let mut file = zip::ZipWriter::new(Cursor::new(Vec::new()));
            file.start_file("META-INF/manifest.xml", SimpleFileOptions::default()).unwrap();
            file.write_all(manifest.as_bytes()).unwrap();
            assert_eq!(is_encrypted(&file.finish().unwrap().into_inner()), is_locked, "{manifest}");
        }
        assert!(!is_encrypted(&book("")));
    }

    #[test]
    fn what_would_fill_the_memory_or_is_broken_is_left_to_the_values() {
        let number = cell("float", "table:number-columns-repeated=\"16384\"", "1");
        assert_eq!(
            displayed(&format!(
                "<table:table-row table:number-rows-repeated=\"1048576\">{number}</table:table-row>"
            )),
            None
        );
        assert_eq!(displayed("<table:table-row></table:table-cell>"), None);
        assert!(Displayed::read(&book(""), "ない").is_none());
        assert!(Displayed::read(b"PK", "回答").is_none());
    }
}
