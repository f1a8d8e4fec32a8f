//! The result of `jirei merge`: tagged.csv with who decided, and the list of decisions that could not be applied.

use crate::classify::Tagging;
use crate::comment::{Comment, Schema};
use crate::evaluate::gold::Labels;
use crate::export::csv;
use crate::export::table::{self, Rows};
use crate::rule::Rulebook;

/// Appends the byte order mark and the header row: the columns of tagged.csv, then 判定 and 判定元.
pub fn write_header(out: &mut Vec<u8>, schema: &Schema, rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut headers = schema.headers.clone();
    headers.extend(csv::columns(schema, rulebook));
    let ours = table::distinct_from(headers.iter().map(String::as_str), ["判定", "判定元"].into_iter());
    let mut rows = Rows::new(out);
    headers.iter().chain(&ours).for_each(|header| rows.cell(header));
    rows.end();
}

/// Appends the row of `comment`: `decided` says who decided, `by` in which files.
pub fn write_comment(
    out: &mut Vec<u8>,
    comment: &Comment,
    tagging: &Tagging,
    rulebook: &Rulebook,
    decided: &str,
    by: &str,
) {
    csv::write_row(Rows::new(out), comment, tagging, rulebook, &[decided, by]);
}

/// Something that people decided and that could not be applied.
#[derive(Debug)]
pub struct Issue {
    /// Id and question of the answer.
    pub id: String,
    /// The question.
    pub question: String,
    /// What is the matter, in Japanese.
    pub problem: &'static str,
    /// The file and the categories decided, as text.
    pub decisions: Vec<(String, String)>,
}

/// The names of `labels`, joined as in カテゴリ.
pub fn names(labels: &Labels, rulebook: &Rulebook) -> String {
    let names: Vec<&str> = labels.iter().map(|category| rulebook.category(category).name.as_str()).collect();
    if names.is_empty() { "なし".to_owned() } else { names.join(";") }
}

/// Appends the whole list: a row for each decision of each issue.
pub fn write_issues(out: &mut Vec<u8>, issues: &[Issue]) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    ["番号", "問", "問題", "判定元", "カテゴリ"].iter().for_each(|header| rows.cell(header));
    rows.end();
    for issue in issues {
        for (file, labels) in &issue.decisions {
            for cell in [&issue.id, &issue.question, issue.problem, file, labels] {
                rows.cell(cell);
            }
            rows.end();
        }
    }
}
