//! The layouts that print figures.

use super::Material;
use crate::document::{Block, Column, Table};
use crate::statistics::table::{Cell, Table as Results};

/// Tables of categories by survey wave, the whole first, then question by question.
pub(super) fn waves(material: &Material<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for results in material.tables.iter().filter(|results| results.kind == "crosstab") {
        blocks.push(Block::Heading(1, results.title.clone()));
        blocks.extend(results.notes.iter().cloned().map(Block::Note));
        let names: Vec<&str> =
            material.categories.iter().map(|&id| &*material.rulebook.category(id).id).collect();
        let is_told = |row: &&Vec<Cell>| {
            // The first row is the whole; a category nobody wrote about would only lengthen the table.
            let Cell::Text(id) = &row[0] else { return true };
            let occurs = row.iter().any(|cell| matches!(cell, Cell::Count(count) if *count > 0));
            id.is_empty() || (occurs && names.contains(&&**id))
        };
        blocks.push(Block::Table(table(results, is_told)));
    }
    blocks
}

/// The closed question beside the free text, and the answers that differ.
pub(super) fn closed(material: &Material<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for results in material.tables.iter().filter(|results| results.kind.starts_with("closed")) {
        blocks.push(Block::Heading(1, results.title.clone()));
        blocks.extend(results.notes.iter().cloned().map(Block::Note));
        if !results.rows.is_empty() {
            blocks.push(Block::Table(table(results, |_| true)));
        }
    }
    blocks
}

/// Figures of fewer digits are counts of some hundreds, which need less room than 100.0 and −0.016.
const SHORT_FIGURE: usize = 4;

/// Bytes of a text that is hardly one: an id, 選択のみ.
const SHORT_TEXT: usize = 12;

/// Results as a table of a document. People know categories by their names, so ids are left out.
fn table(results: &Results, is_told: impl Fn(&&Vec<Cell>) -> bool) -> Table {
    let shown: Vec<usize> =
        (0..results.columns.len()).filter(|&at| results.columns[at].name != "ID").collect();
    let column = |&at: &usize| {
        // As reports print it: the wave above, N or % below.
        let name = results.columns[at].name.replace(" 件数", "\nN").replace(" 割合(%)", "\n%");
        let is_text = results.rows.iter().any(|row| row[at].is_text());
        // What can't be broken: the digits, or a wave in the header.
        let cells = results.rows.iter().map(|row| row[at].shown().len());
        let header = name.split(|c: char| !c.is_ascii_graphic()).map(str::len);
        let longest = cells.chain(header.filter(|_| !is_text)).max().unwrap_or(0);
        // A category's name takes two lines at most, an answer the room of four columns, a figure its digits.
        match (is_text, &*results.columns[at].key) {
            (true, "text") => Column::text(&name, 60),
            (true, _) if longest <= SHORT_TEXT => Column::text(&name, 14),
            (true, _) => Column::text(&name, 24),
            (false, _) if longest < SHORT_FIGURE => Column::number(&name, 9),
            (false, _) => Column::number(&name, 11),
        }
    };
    Table {
        columns: shown.iter().map(column).collect(),
        rows: results
            .rows
            .iter()
            .filter(is_told)
            .map(|row| shown.iter().map(|&at| row[at].shown()).collect())
            .collect(),
    }
}
