//! Rows of タグ付きコーパス and 未分類, as the XML of a sheet: written and deflated on the threads that tag.
//!
//! The writer of workbooks takes one cell after the other on one thread, which would take longer than tagging. It shows
//! what cells look like in a *specimen*, a row with a cell of each kind. Cells say no place of their own (`r`): they follow
//! one another from the first column on, and without it they are half the size.

use std::fmt::Write;
use std::sync::LazyLock;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::packed::{Packed, Packing};
use super::sheet::{CUT, Clipped, height, kept, lines, string};
use super::{Style, TEXT_WIDTH};
use crate::classify::Tagging;
use crate::comment::Comment;
use crate::export::csv::{category_names, places, status_label};
use crate::rule::Rulebook;
use crate::span::{Orig, Span};

/// Rows of a sheet, less the header. Comments beyond go to a further sheet.
pub(super) const ROWS: u64 = 1_048_575;

pub(super) const NAMES_WIDTH: f64 = 24.0;

/// Rows of a part: few, because all are made anew where one is. More would take up to 7 % off the size of the book.
const PART: u64 = 64;

/// How cells look, in XML up to their content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cells {
    text: String,
    faint: String,
    ask: String,
    hit: String,
    miss: String,
    /// Properties of the parts of a rich text.
    plain: String,
    evidence: String,
}

impl Cells {
    /// Writes a row with a cell of each kind, the second of `sheet`.
    pub(super) fn show(sheet: &mut Worksheet, style: &Style) -> Result<(), XlsxError> {
        string(sheet, 1, 0, "text", &style.text)?;
        string(sheet, 1, 1, "faint", &style.faint)?;
        sheet.write_blank(1, 2, &style.ask)?;
        sheet.write_number_with_format(1, 3, 1, &style.hit)?;
        sheet.write_number_with_format(1, 4, 0, &style.miss)?;
        let parts = [(&style.plain, "plain"), (&style.evidence, "evidence")];
        sheet.write_rich_string_with_format(1, 5, &parts, &style.text)?;
        Ok(())
    }

    /// That row in the XML of the sheet, and what it shows. `None` if the XML is like none we know.
    pub(super) fn of_specimen(sheet: &str) -> Option<(Self, String)> {
        let row = &sheet[sheet.find("<row r=\"2\"")?..sheet.find("</sheetData>")?];
        let cell = |column: char| {
            let (_, cell) = row.split_once(&format!("<c r=\"{column}2\" "))?;
            let (style, _) = cell.split_once('>')?;
            let style = style.split_once("s=\"")?.1.split_once('"')?.0;
            Some(format!("<c s=\"{style}\""))
        };
        let mut parts = row.split("<rPr>").skip(1).map(|part| part.split_once("</rPr>"));
        let mut part = || Some(format!("<r><rPr>{}</rPr>", parts.next()??.0));
        let cells = Cells {
            text: cell('A')?,
            faint: cell('B')?,
            ask: cell('C')? + "/>",
            hit: cell('D')? + "><v>1</v></c>",
            miss: cell('E')? + "><v>0</v></c>",
            plain: part()?,
            evidence: part()?,
        };
        Some((cells, row.to_owned()))
    }

    /// Begins a row, as high as `lines` lines.
    fn begin(row: u64, lines: usize, xml: &mut String) {
        /// By the number of lines, up to the highest row there is.
        static HEIGHTS: LazyLock<Vec<String>> =
            LazyLock::new(|| (0..100).map(|lines| height(lines).to_string()).collect());
        let lines = lines.min(HEIGHTS.len() - 1);
        write!(xml, "<row r=\"{row}\" ht=\"{}\" customHeight=\"1\">", HEIGHTS[lines])
            .expect("a String takes every character");
    }

    /// A text, cut where it is too long. Says whether it was.
    fn string(style: &str, text: &str, xml: &mut String) -> bool {
        let (kept, is_cut) = kept(text);
        xml.push_str(style);
        if kept.is_empty() {
            xml.push_str("/>");
            return false;
        }
        xml.push_str(" t=\"inlineStr\"><is>");
        element(kept, is_cut, xml);
        xml.push_str("</is></c>");
        is_cut
    }

    /// `text` with the places of `evidence` highlighted. Says whether it had to be cut.
    fn highlighted(&self, text: &str, evidence: &[Span<Orig>], xml: &mut String) -> bool {
        let (kept, is_cut) = kept(text);
        // Evidence that continues the one before, or overlaps it, is one highlight.
        let mut lit: Vec<(usize, usize)> = Vec::new();
        for span in evidence {
            let start = span.start().min(kept.len());
            let end = span.end().min(kept.len());
            match lit.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ if start < end => lit.push((start, end)),
                _ => {}
            }
        }
        if lit.is_empty() {
            return Self::string(&self.text, text, xml);
        }
        xml.push_str(&self.text);
        xml.push_str(" t=\"inlineStr\"><is>");
        let mut part = |properties: &str, text: &str, is_cut: bool| {
            if !text.is_empty() || is_cut {
                xml.push_str(properties);
                element(text, is_cut, xml);
                xml.push_str("</r>");
            }
        };
        let mut at = 0;
        for (start, end) in lit {
            part(&self.plain, &kept[at..start], false);
            part(&self.evidence, &kept[start..end], false);
            at = end;
        }
        part(&self.plain, &kept[at..], is_cut);
        xml.push_str("</is></c>");
        is_cut
    }

    /// A row of 未分類: the answer and some cells of its row.
    pub(super) fn untagged(&self, row: u64, comment: &Comment, attributes: &[usize], xml: &mut String) {
        Self::begin(row, lines(comment.text(), TEXT_WIDTH), xml);
        Self::string(&self.faint, &comment.id(), xml);
        Self::string(&self.faint, comment.question(), xml);
        Self::string(&self.text, comment.text(), xml);
        for &attribute in attributes {
            Self::string(&self.text, &comment.row().cells[attribute], xml);
        }
        xml.push_str("</row>");
    }
}

/// How rows of タグ付きコーパス look, for all threads.
#[derive(Debug, Clone)]
pub struct RowLayout<'r> {
    rulebook: &'r Rulebook,
    is_wide: bool,
    cells: Cells,
    /// All that rows of the same comments may differ in.
    looks: String,
}

/// Room to write rows in, for one thread.
#[derive(Debug, Default)]
pub struct Room {
    xml: String,
    /// None before the first part: where all are known, nothing is deflated.
    packing: Option<Packing>,
}

/// Rows that follow one another on a sheet, as a workbook takes them.
#[derive(Debug)]
pub struct Part {
    /// The number of the sheet.
    pub(super) sheet: u64,
    /// How many rows they are.
    pub(super) rows: u64,
    pub(super) packed: Packed,
    pub(super) clipped: Clipped,
}

impl Part {
    /// The part as bytes, to be remembered from run to run. `None` where something had to be cut, which is told anew.
    pub(crate) fn remembered(&self) -> Option<Vec<u8>> {
        (self.clipped == Clipped::default()).then(|| self.packed.to_bytes())
    }

    /// The part that `bytes` are, of so many rows of which the first has the number `first`.
    pub(crate) fn recalled(bytes: &[u8], first: u64, rows: usize) -> Option<Self> {
        let packed = Packed::of_bytes(bytes)?;
        Some(Part { sheet: first / ROWS, rows: rows as u64, packed, clipped: Clipped::default() })
    }
}

/// The comments that make a [`Part`] each, and the number of the first of them, where the first of `comments` is that
/// number `first` of all inputs, from 0. Parts begin at certain numbers, so that most stay the same where an answer
/// before them becomes longer, and batches begin elsewhere.
pub fn parts<T>(first: u64, comments: &[T]) -> impl Iterator<Item = (u64, &[T])> {
    let mut rest = (first, comments);
    std::iter::from_fn(move || {
        let (at, comments) = rest;
        // No part goes on from a sheet to the next.
        let room = (PART - at % ROWS % PART).min(ROWS - at % ROWS);
        let (part, others) =
            comments.split_at(comments.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
        rest = (at + part.len() as u64, others);
        (!part.is_empty()).then_some((at, part))
    })
}

impl<'r> RowLayout<'r> {
    pub(super) fn new(rulebook: &'r Rulebook, is_wide: bool, cells: Cells) -> Self {
        let names: Vec<&str> = rulebook.categories().iter().map(|category| category.name.as_str()).collect();
        let looks = format!("{cells:?} {is_wide} {names:?}");
        RowLayout { rulebook, is_wide, cells, looks }
    }

    /// Tells how rows look: rows of the same comments, written where it is the same, are the same.
    pub(crate) fn looks(&self) -> &str {
        &self.looks
    }

    /// The rows of `comments`, which are one of [`parts`], and of which the first has the number `first`.
    pub fn part(&self, first: u64, comments: &[(Comment, Tagging)], room: &mut Room) -> Part {
        let Room { xml, packing } = room;
        let packing = packing.get_or_insert_with(Packing::new);
        let mut clipped = Clipped::default();
        // The first row is the header's.
        for (row, (comment, tagging)) in (first % ROWS + 2..).zip(comments) {
            xml.clear();
            if self.row(row, comment, tagging, xml) {
                clipped.add(&comment.id());
            }
            packing.add(xml.as_bytes());
        }
        Part { sheet: first / ROWS, rows: comments.len() as u64, packed: packing.take(), clipped }
    }

    /// A row. Says whether the text had to be cut.
    fn row(&self, row: u64, comment: &Comment, tagging: &Tagging, xml: &mut String) -> bool {
        let RowLayout { rulebook, is_wide, cells, .. } = self;
        let names = category_names(tagging, rulebook);
        let tallest = lines(comment.text(), TEXT_WIDTH).max(lines(&names, NAMES_WIDTH));
        Cells::begin(row, tallest, xml);
        let evidence = places(tagging);
        let mut is_cut = false;
        for (at, cell) in comment.row().cells.iter().enumerate() {
            if at == comment.text_column() && !is_wide {
                is_cut = cells.highlighted(cell, &evidence, xml);
            } else {
                Cells::string(&cells.text, cell, xml);
            }
        }
        if *is_wide {
            Cells::string(&cells.text, comment.question(), xml);
            is_cut = cells.highlighted(comment.text(), &evidence, xml);
        }
        Cells::string(&cells.faint, status_label(comment.status()), xml);
        Cells::string(&cells.text, &names, xml);
        xml.push_str(&cells.ask);
        let mut tags = tagging.tags.iter().map(|tag| tag.category).peekable();
        for category in rulebook.category_ids() {
            let is_hit = tags.next_if_eq(&category).is_some();
            xml.push_str(if is_hit { &cells.hit } else { &cells.miss });
        }
        xml.push_str("</row>");
        is_cut
    }
}

/// A `t` with the text, and behind it the notice where it was cut.
fn element(text: &str, is_cut: bool, xml: &mut String) {
    const BLANK: [char; 4] = ['\t', '\n', '\r', ' '];
    let is_kept = text.starts_with(BLANK) || text.ends_with(BLANK);
    xml.push_str(if is_kept { "<t xml:space=\"preserve\">" } else { "<t>" });
    escaped(text, xml);
    xml.push_str(if is_cut { CUT } else { "" });
    xml.push_str("</t>");
}

/// `text` in XML as Excel writes it: a line break is a LF, other control characters are `_x0001_`, and what looks like such
/// an escape is escaped itself.
fn escaped(text: &str, xml: &mut String) {
    if !text.bytes().any(|byte| matches!(byte, 0..0x20 | b'&' | b'<' | b'>' | b'_' | 0xEF)) {
        xml.push_str(text);
        return;
    }
    let is_escape = |rest: &[u8]| {
        rest.len() >= 7 && rest[1] == b'x' && rest[6] == b'_' && rest[2..6].iter().all(u8::is_ascii_hexdigit)
    };
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '\r' => {
                chars.next_if(|&(_, next)| next == '\n');
                xml.push('\n');
            }
            '_' if is_escape(&text.as_bytes()[at..]) => xml.push_str("_x005F_"),
            '\t' | '\n' => xml.push(c),
            '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => xml.push_str(&format!("_x{:04X}_", u32::from(c))),
            c => xml.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::xlsx::packed::first_sheet;

    #[test]
    fn cells_are_what_the_writer_of_workbooks_writes_but_for_their_places() {
        let style = Style::new();
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory().unwrap();
        sheet.write_string(0, 0, "head").unwrap();
        Cells::show(sheet, &style).unwrap();
        let texts = [
            "ふつうの本文",
            " 空白で始まる",
            "終わる\n",
            "a&b<c>d\"e'",
            "\u{1}と\u{b}と\u{1f}",
            "_x0041_と_x00_と_x00g1_と__x0001__",
            "𠮷\u{FFFE}\u{FFFF}\u{FEFF}",
        ];
        for (row, text) in (2..).zip(texts) {
            string(sheet, row, 0, text, &style.text).unwrap();
            string(sheet, row, 1, "", &style.faint).unwrap();
            let parts = [(&style.plain, "前 "), (&style.evidence, text), (&style.plain, "\n後")];
            // The writer guards against what looks like an escape in plain texts only.
            if !text.contains("_x0") {
                sheet.write_rich_string_with_format(row, 2, &parts, &style.text).unwrap();
            }
        }
        let sheet = first_sheet(&book.save_to_buffer().unwrap()).unwrap();
        let (cells, specimen) =
            Cells::of_specimen(&sheet.replacen("<row r=\"3\"", "</sheetData>", 1)).unwrap();
        assert!(specimen.ends_with("</row>"));
        for (row, text) in (3..).zip(texts) {
            let mut xml = String::new();
            Cells::string(&cells.text, text, &mut xml);
            Cells::string(&cells.faint, "", &mut xml);
            if !text.contains("_x0") {
                let all = format!("前 {text}\n後");
                cells.highlighted(&all, &[Span::new("前 ".len(), "前 ".len() + text.len())], &mut xml);
            }
            let (_, rest) = sheet.split_once(&format!("<row r=\"{row}\">")).unwrap();
            let theirs = rest.split_once("</row>").unwrap().0;
            let theirs = ["A", "B", "C"].iter().fold(theirs.to_owned(), |theirs, column| {
                theirs.replace(&format!(" r=\"{column}{row}\""), "")
            });
            assert_eq!(xml, theirs, "{text:?}");
        }
    }

    #[test]
    fn parts_end_at_fixed_numbers_and_with_their_sheet() {
        let of = |first: u64, comments: usize| {
            let comments: Vec<usize> = (0..comments).collect();
            let parts = parts(first, &comments).map(|(at, part)| (at, part[0], part.len()));
            parts.collect::<Vec<_>>()
        };
        assert_eq!(of(5, 0), []);
        assert_eq!(of(0, 64), [(0, 0, 64)]);
        assert_eq!(of(60, 70), [(60, 0, 4), (64, 4, 64), (128, 68, 2)]);
        // The last part of a sheet is one row shorter, and the next sheet begins a count of its own.
        assert_eq!(of(ROWS - 64, 128), [(ROWS - 64, 0, 1), (ROWS - 63, 1, 63), (ROWS, 64, 64)]);
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_within_its_highlights_too() {
        let cells = Cells {
            text: "<c".to_owned(),
            faint: String::new(),
            ask: String::new(),
            hit: String::new(),
            miss: String::new(),
            plain: "<r>".to_owned(),
            evidence: "<r><b/>".to_owned(),
        };
        let text = "長".repeat(40_000);
        let mut xml = String::new();
        let place = |from: usize, to: usize| Span::new(from * 3, to * 3);
        assert!(cells.highlighted(&text, &[place(0, 2), place(1, 3), place(39_000, 39_001)], &mut xml));
        assert!(xml.starts_with("<c t=\"inlineStr\"><is><r><b/><t>長長長</t></r><r><t>長"), "{}", &xml[..80]);
        assert!(xml.ends_with(&format!("長{CUT}</t></r></is></c>")));
    }
}
