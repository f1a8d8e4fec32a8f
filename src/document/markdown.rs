//! A report as Markdown, with tables as GitHub and most editors read them.

use std::fmt::Write;

use super::{Block, Document, Table};

/// The text of `document`, ended by a line feed.
pub fn write(document: &Document) -> String {
    let mut out = format!("# {}\n", escape(&document.title));
    let mut was_item = false;
    for block in &document.blocks {
        let is_item = matches!(block, Block::Item(_));
        if !(is_item && was_item) {
            out.push('\n');
        }
        was_item = is_item;
        let _ = match block {
            Block::Heading(level, text) => {
                writeln!(out, "{} {}", "#".repeat(usize::from(*level) + 1), escape(text))
            }
            Block::Paragraph(text) | Block::Note(text) => writeln!(out, "{}", escape(text)),
            Block::Item(text) => writeln!(out, "- {}", escape(text)),
            Block::Table(table) => {
                write_table(&mut out, table);
                Ok(())
            }
        };
    }
    out
}

fn write_table(out: &mut String, table: &Table) {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    *out += &row(table.columns.iter().map(|column| escape(&column.name)).collect());
    *out += &row(table
        .columns
        .iter()
        .map(|column| if column.is_number { "---:" } else { "---" }.to_owned())
        .collect());
    for cells in &table.rows {
        *out += &row(cells.iter().map(|cell| escape(cell)).collect());
    }
}

/// `text` as Markdown that reads as it is: signs that mean something are escaped, line breaks become `<br>`.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\r' => out.push_str("<br>"),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    // A number or a dash at the head of a line would begin a list.
    let digits = out.len() - out.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 0 && [". ", ") "].iter().any(|mark| out[digits..].starts_with(mark)) {
        out.insert(digits, '\\');
    } else if ["- ", "+ ", ">"].iter().any(|mark| out.starts_with(mark)) {
        out.insert(0, '\\');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Column;

    #[test]
    fn text_reads_as_it_was_written() {
        for (text, written) in [
            ("1. 一つ目", "1\\. 一つ目"),
            ("- あ\r\n<b>*い*|", "\\- あ<br>&lt;b>\\*い\\*\\|"),
            ("2023-06", "2023-06"),
            ("100.0", "100.0"),
            ("●表記", "●表記"),
        ] {
            assert_eq!(escape(text), written);
        }
    }

    #[test]
    fn blocks_are_separated_and_items_are_together() {
        let columns = vec![Column::text("事例", 1), Column::number("件数", 1)];
        let document = Document {
            title: "題".to_owned(),
            blocks: vec![
                Block::Heading(1, "節".to_owned()),
                Block::Item("あ".to_owned()),
                Block::Item("い".to_owned()),
                Block::Table(Table { columns, rows: vec![vec!["う".to_owned(), "3".to_owned()]] }),
            ],
        };
        let expected = "# 題\n\n## 節\n\n- あ\n- い\n\n| 事例 | 件数 |\n| --- | ---: |\n| う | 3 |\n";
        assert_eq!(write(&document), expected);
    }
}
