//! Suggestions as a table, a row each.

use super::table::{self, Rows};
use crate::comment::Comment;
use crate::rule::Rulebook;
use crate::suggest::accept::Change;
use crate::suggest::{Suggestion, judged};

const HEADERS: [&str; 13] = [
    "番号",
    "種類",
    "カテゴリ",
    "ID",
    "候補",
    "似た語",
    "違い",
    "出た件",
    "増える",
    "正",
    "誤",
    "減る",
    "G2",
];

/// Appends the whole file. `comments` are those the suggestions were drawn from.
pub fn write(out: &mut Vec<u8>, suggestions: &[Suggestion], comments: &[Comment], rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    for header in HEADERS.into_iter().chain(["増える例"]) {
        rows.cell(header);
    }
    rows.end();
    for (number, suggestion) in (1..).zip(suggestions) {
        let category = suggestion.category.map(|id| rulebook.category(id));
        let (kind, text, word) = match &suggestion.change {
            Change::Any { condition, .. } => ("条件", condition.as_str(), ""),
            Change::Variant { word, form } => ("表記ゆれ", form.as_str(), word.as_str()),
        };
        rows.number(number);
        rows.cell(kind);
        rows.cell(category.map_or("", |category| &category.name));
        rows.cell(category.map_or("", |category| &category.id));
        for cell in [text, word, suggestion.reason] {
            rows.cell(cell);
        }
        rows.number(suggestion.found);
        rows.number(suggestion.gains.len() as u64);
        match judged(&suggestion.gains) {
            Some((right, wrong)) => {
                rows.number(right as u64);
                rows.number(wrong as u64);
            }
            None => {
                rows.cell("");
                rows.cell("");
            }
        }
        rows.number(suggestion.losses.len() as u64);
        rows.raw(suggestion.log_likelihood.map_or(String::new(), |value| format!("{value:.2}")).as_bytes());
        let gains: Vec<_> = suggestion.gains.iter().map(|gain| comments[gain.comment].id()).collect();
        rows.cell(&gains.join(";"));
        rows.end();
    }
}
