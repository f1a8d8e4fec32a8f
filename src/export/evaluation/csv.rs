//! The CSV file: a row per category, group and average.

use super::rounded;
use crate::evaluate::interval::Interval;
use crate::evaluate::score::{Evaluation, Score, Summary};
use crate::export::table::{self, Rows};
use crate::rule::Rulebook;

const HEADERS: [&str; 27] = [
    "level",
    "by",
    "value",
    "id",
    "name",
    "group",
    "comments",
    "support",
    "predicted",
    "tp",
    "fp",
    "fn",
    "precision",
    "precision_low",
    "precision_high",
    "recall",
    "recall_low",
    "recall_high",
    "f1",
    "f1_low",
    "f1_high",
    "kappa",
    "ac1",
    "categories",
    "exact",
    "exact_ratio",
    "example_f1",
];

/// Appends the CSV file: a row per category and group, the two averages, and the averages for each value of the column
/// asked for.
pub fn write_csv(out: &mut Vec<u8>, evaluation: &Evaluation, rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    for header in HEADERS {
        rows.cell(header);
    }
    rows.end();
    for (category, score) in rulebook.categories().iter().zip(&evaluation.categories) {
        for cell in ["category", "", "", &category.id, &category.name, &category.group] {
            rows.cell(cell);
        }
        score_cells(&mut rows, score, score.counts.comments);
        empty(&mut rows, 4);
        rows.end();
    }
    for (name, score) in &evaluation.groups {
        for cell in ["group", "", "", "", name, name] {
            rows.cell(cell);
        }
        score_cells(&mut rows, score, score.counts.comments);
        empty(&mut rows, 4);
        rows.end();
    }
    summary_rows(&mut rows, ["", ""], &evaluation.all);
    if let Some(by) = &evaluation.by {
        for (value, summary) in &by.values {
            summary_rows(&mut rows, [&by.column, value], summary);
        }
    }
}

fn summary_rows(rows: &mut Rows<'_>, part: [&str; 2], summary: &Summary) {
    for level in ["micro", "macro"] {
        rows.cell(level);
        part.iter().for_each(|cell| rows.cell(cell));
        empty(rows, 3);
        if level == "micro" {
            score_cells(rows, &summary.micro, summary.comments);
            empty(rows, 1);
            rows.number(summary.exact);
            number(rows, summary.exact_ratio());
            number(rows, summary.example_f1);
        } else {
            let average = &summary.macro_;
            rows.number(summary.comments);
            empty(rows, 5);
            ratio_cells(rows, average.precision, None);
            ratio_cells(rows, average.recall, None);
            ratio_cells(rows, average.f1, average.f1_interval);
            empty(rows, 2);
            rows.number(average.categories as u64);
            empty(rows, 3);
        }
        rows.end();
    }
}

/// From `comments` to `ac1`.
fn score_cells(rows: &mut Rows<'_>, score: &Score, comments: u64) {
    let counts = &score.counts;
    for count in [comments, counts.support(), counts.predicted(), counts.tp, counts.fp, counts.fn_] {
        rows.number(count);
    }
    ratio_cells(rows, counts.precision(), score.precision);
    ratio_cells(rows, counts.recall(), score.recall);
    ratio_cells(rows, counts.f1(), score.f1);
    number(rows, counts.kappa());
    number(rows, counts.ac1());
}

fn ratio_cells(rows: &mut Rows<'_>, value: Option<f64>, interval: Option<Interval>) {
    number(rows, value);
    number(rows, interval.map(|interval| interval.low));
    number(rows, interval.map(|interval| interval.high));
}

/// A number, or an empty cell where it is undefined. A minus sign needs no guard: what follows is a number to Excel, too.
fn number(rows: &mut Rows<'_>, value: Option<f64>) {
    rows.raw(value.map(|value| rounded(value).to_string()).unwrap_or_default().as_bytes());
}

fn empty(rows: &mut Rows<'_>, cells: usize) {
    for _ in 0..cells {
        rows.raw(b"");
    }
}
