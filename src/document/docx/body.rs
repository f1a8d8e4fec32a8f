//! The text of a Word document: paragraphs and tables with their styles.

use std::fmt::Write;

use super::style::Styles;
use crate::document::{Block, Document, Table};

/// The shade of header rows: grey, which goes with every template.
const HEAD_FILL: &str = "EEF1F5";

/// Columns beside each other with the margins that the table's style gives their cells.
const ROOMY: usize = 7;

/// Those of more columns, in twentieths of a point: a figure must not break.
const NARROW_MARGINS: &str = concat!(
    "<w:tblCellMar><w:left w:w=\"40\" w:type=\"dxa\"/>",
    "<w:right w:w=\"40\" w:type=\"dxa\"/></w:tblCellMar>"
);

/// Keeps what leads to a table on its page.
const KEEP: &str = "<w:keepNext/>";

/// What goes into the body, for pages whose text is `width` twentieths of a point wide.
pub(super) fn write(document: &Document, styles: &Styles, width: u32) -> String {
    let mut out = String::new();
    paragraph(&mut out, &styles.title, "", &document.title);
    let mut was_table = false;
    for (at, block) in document.blocks.iter().enumerate() {
        let leads = matches!(document.blocks.get(at + 1), Some(Block::Table(_)));
        match block {
            Block::Heading(level, text) => {
                let style = &styles.headings[usize::from(level.clamp(&1, &3) - 1)];
                paragraph(&mut out, style, "", text);
            }
            Block::Paragraph(text) => plain(&mut out, if leads { KEEP } else { "" }, text),
            Block::Item(text) => paragraph(&mut out, &styles.item, "", &format!("・{text}")),
            Block::Note(text) => paragraph(&mut out, &styles.note, if leads { KEEP } else { "" }, text),
            Block::Table(table) => {
                if was_table {
                    // Two tables without anything between would be one.
                    plain(&mut out, "", "");
                }
                write_table(&mut out, table, styles, width);
            }
        }
        was_table = matches!(block, Block::Table(_));
    }
    if was_table {
        // A body must not end with a table.
        plain(&mut out, "", "");
    }
    out
}

fn write_table(out: &mut String, table: &Table, styles: &Styles, width: u32) {
    let all: u32 = table.columns.iter().map(|column| column.weight).sum::<u32>().max(1);
    let widths: Vec<u32> = table.columns.iter().map(|column| width * column.weight / all).collect();
    let _ = write!(
        out,
        concat!(
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"{}\"/><w:tblW w:w=\"{}\" w:type=\"dxa\"/>",
            "<w:tblLayout w:type=\"fixed\"/>{}</w:tblPr><w:tblGrid>"
        ),
        escape(&styles.table),
        widths.iter().sum::<u32>(),
        if table.columns.len() > ROOMY { NARROW_MARGINS } else { "" }
    );
    for width in &widths {
        let _ = write!(out, "<w:gridCol w:w=\"{width}\"/>");
    }
    out.push_str("</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
    for (column, width) in table.columns.iter().zip(&widths) {
        let fill = format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{HEAD_FILL}\"/>");
        cell(out, *width, &fill, &styles.head, "", &column.name);
    }
    out.push_str("</w:tr>");
    for row in &table.rows {
        out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        for ((text, column), width) in row.iter().zip(&table.columns).zip(&widths) {
            let side = if column.is_number { "<w:jc w:val=\"right\"/>" } else { "" };
            cell(out, *width, "", &styles.cell, side, text);
        }
        out.push_str("</w:tr>");
    }
    out.push_str("</w:tbl>");
}

fn cell(out: &mut String, width: u32, fill: &str, style: &str, properties: &str, text: &str) {
    let _ = write!(out, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{fill}</w:tcPr>");
    paragraph(out, style, properties, text);
    out.push_str("</w:tc>");
}

/// A paragraph in the style that the template has for text.
fn plain(out: &mut String, properties: &str, text: &str) {
    let _ = write!(out, "<w:p><w:pPr>{properties}</w:pPr>");
    run(out, text);
    out.push_str("</w:p>");
}

fn paragraph(out: &mut String, style: &str, properties: &str, text: &str) {
    let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"{}\"/>{properties}</w:pPr>", escape(style));
    run(out, text);
    out.push_str("</w:p>");
}

fn run(out: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    out.push_str("<w:r>");
    let text = text.replace("\r\n", "\n");
    for (at, line) in text.split(['\n', '\r', '\u{2028}', '\u{2029}']).enumerate() {
        if at > 0 {
            out.push_str("<w:br/>");
        }
        for (at, part) in line.split('\t').enumerate() {
            if at > 0 {
                out.push_str("<w:tab/>");
            }
            if !part.is_empty() {
                let _ = write!(out, "<w:t xml:space=\"preserve\">{}</w:t>", escape(part));
            }
        }
    }
    out.push_str("</w:r>");
}

/// `text` as XML can hold it: control characters, which it can't, are left out.
fn escape(text: &str) -> String {
    let allowed: String =
        text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    quick_xml::escape::escape(&allowed).into_owned()
}
