//! Rule coverage as a table: a row per category, rule and term, in the order of the rulebook.

use super::table::{self, Rows};
use crate::coverage::terms::Role;
use crate::coverage::{Counts, Coverage};
use crate::rule::Rulebook;

const HEADERS: [&str; 15] = [
    "種類",
    "カテゴリ",
    "ID",
    "ルール",
    "条件",
    "働き",
    "所",
    "出た件",
    "付いた件",
    "割合",
    "固有",
    "重複",
    "正",
    "誤",
    "ともに付くカテゴリ",
];

/// Appends the whole file.
pub fn write(out: &mut Vec<u8>, coverage: &Coverage, rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    for header in HEADERS {
        rows.cell(header);
    }
    rows.end();
    for own in &coverage.categories {
        let category = rulebook.category(own.category);
        let mut row = |kind: &str, rule: &str, condition: &str, role: &str, counts: &Counts, with: &str| {
            for cell in [kind, &category.name, &category.id, rule, condition, role] {
                rows.cell(cell);
            }
            let gives = role != "打ち消し";
            let or_blank = |number: u64, is_there: bool| {
                if is_there { number.to_string() } else { String::new() }
            };
            let share = counts.given as f64 / coverage.answered.max(1) as f64;
            rows.number(counts.places);
            rows.number(counts.matched);
            rows.raw(or_blank(counts.given, gives).as_bytes());
            rows.raw(if gives { format!("{share:.4}") } else { String::new() }.as_bytes());
            rows.number(counts.unique);
            rows.raw(or_blank(counts.overlap(), gives).as_bytes());
            rows.raw(or_blank(counts.right, gives && coverage.has_gold).as_bytes());
            rows.raw(or_blank(counts.given - counts.right, gives && coverage.has_gold).as_bytes());
            rows.cell(with);
            rows.end();
        };
        let companions: Vec<String> = own
            .companions()
            .into_iter()
            .map(|(at, count)| format!("{} {count}", rulebook.categories()[at].name))
            .collect();
        row("カテゴリ", "", "", "", &own.counts, &companions.join(";"));
        for ((rule, counts), (_, trace)) in own.rules.iter().zip(rulebook.rules_of(own.category)) {
            let condition = trace.text.split_whitespace().collect::<Vec<_>>().join(" ");
            row("ルール", rulebook.rule_label(*rule), &condition, "", counts, "");
        }
        for (term, counts) in &own.terms {
            let rules: Vec<&str> = term.rules.iter().map(|&rule| rulebook.rule_label(rule)).collect();
            let role = match term.role {
                Role::Supports => "根拠",
                Role::Blocks => "打ち消し",
            };
            row("語", &rules.join(";"), &term.text, role, counts, "");
        }
    }
}
