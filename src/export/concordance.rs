//! The concordance as a table: left of the place, the place, right of it. The three together are the whole answer.

use super::csv::category_names;
use super::table::{self, Rows};
use crate::concordance::KwicLine;
use crate::rule::Rulebook;

const HEADERS: [&str; 6] = ["番号", "問", "左", "中心", "右", "カテゴリ"];

/// Appends the whole file.
pub fn write(out: &mut Vec<u8>, lines: &[KwicLine], rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    for header in HEADERS {
        rows.cell(header);
    }
    rows.end();
    for line in lines {
        rows.cell(&line.comment.id());
        rows.cell(line.comment.question());
        for cell in [line.left(), line.center(), line.right()] {
            rows.cell(cell);
        }
        rows.cell(&category_names(&line.tagging, rulebook));
        rows.end();
    }
}
