//! Uncovered comments as a table, in input order, with the words that tell them from the others.

use super::csv::category_names;
use super::table::{self, Rows};
use crate::comment::Comment;
use crate::coverage::uncovered::Uncovered;
use crate::rule::Rulebook;

const HEADERS: [&str; 5] = ["番号", "問", "本文", "特徴語", "ほかのカテゴリ"];

/// Appends the whole file. `comments` are those that were looked at.
pub fn write(out: &mut Vec<u8>, uncovered: &Uncovered, comments: &[Comment], rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    for header in HEADERS {
        rows.cell(header);
    }
    rows.end();
    for found in &uncovered.comments {
        let comment = &comments[found.index];
        let words: Vec<&str> =
            found.keywords.iter().map(|&keyword| uncovered.keywords[keyword].word.as_str()).collect();
        let others = category_names(&found.tagging, rulebook);
        for cell in [&comment.id(), comment.question(), comment.text(), &words.join(";"), &others] {
            rows.cell(cell);
        }
        rows.end();
    }
}
