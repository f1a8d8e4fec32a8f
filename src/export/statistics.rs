//! Tables of results as CSV, Markdown and JSON.
//!
//! CSV is for spreadsheets: one table below the other, each with its title and its notes. JSON is for programs and has
//! numbers unrounded but for the sixth decimal.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::table::{BOM, Rows};
use crate::document::markdown::escape;
use crate::statistics::table::{Cell, Table};

/// The version of the JSON form; see `docs/output.md`.
pub const SCHEMA: &str = "jirei-stats/1";

/// Appends all tables as one CSV file.
pub fn write_csv(out: &mut Vec<u8>, tables: &[Table]) {
    out.extend_from_slice(BOM);
    for (at, table) in tables.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\r\n");
        }
        for line in std::iter::once(&table.title).chain(&table.notes) {
            let mut rows = Rows::new(out);
            rows.cell(line);
            rows.end();
        }
        let mut rows = Rows::new(out);
        for column in &table.columns {
            rows.cell(&column.name);
        }
        rows.end();
        for row in &table.rows {
            for cell in row {
                if cell.is_text() { rows.cell(&cell.shown()) } else { rows.raw(cell.shown().as_bytes()) }
            }
            rows.end();
        }
    }
}

/// All tables as one Markdown document.
pub fn to_markdown(tables: &[Table]) -> String {
    let mut out = String::new();
    for (at, table) in tables.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let _ = writeln!(out, "## {}\n", escape(&table.title));
        for note in &table.notes {
            let _ = writeln!(out, "- {}", escape(note));
        }
        if table.rows.is_empty() {
            continue;
        }
        let cells = |cells: &mut dyn Iterator<Item = String>| {
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        out.push('\n');
        out += &cells(&mut table.columns.iter().map(|column| escape(&column.name)));
        out += &cells(
            &mut table.rows[0]
                .iter()
                .map(|cell| if cell.is_text() { "---".to_owned() } else { "---:".to_owned() }),
        );
        for row in &table.rows {
            out += &cells(&mut row.iter().map(|cell| escape(&cell.shown())));
        }
    }
    out
}

/// All tables as JSON. `accounting` stands at its head.
pub fn to_json(tables: &[Table], accounting: &crate::tally::Accounting) -> Vec<u8> {
    let tables: Vec<Value> = tables
        .iter()
        .map(|table| {
            let columns: Vec<Value> =
                table.columns.iter().map(|column| json!({"key": column.key, "name": column.name})).collect();
            let rows: Vec<Value> = table
                .rows
                .iter()
                .map(|row| {
                    let keys = table.columns.iter().map(|column| column.key.clone());
                    Value::Object(keys.zip(row.iter().map(value)).collect::<Map<_, _>>())
                })
                .collect();
            json!({"kind": table.kind, "title": table.title, "notes": table.notes, "columns": columns, "rows": rows})
        })
        .collect();
    let document = json!({"schema": SCHEMA, "accounting": accounting, "tables": tables});
    let mut json = serde_json::to_vec_pretty(&document).expect("all keys are strings");
    json.push(b'\n');
    json
}

fn value(cell: &Cell) -> Value {
    let figure = |value: &Option<f64>| value.map_or(Value::Null, |value| json!((value * 1e6).round() / 1e6));
    match cell {
        Cell::Text(text) => json!(text),
        Cell::Count(count) => json!(count),
        Cell::Share(value) | Cell::Figure(value) => figure(value),
        // Tiny probabilities would round to none.
        Cell::P(value) => value.map_or(Value::Null, |p| json!(p)),
        Cell::NotAsked => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::table::Column;

    fn table() -> Table {
        Table {
            kind: "crosstab",
            title: "県別".to_owned(),
            notes: vec!["-注".to_owned()],
            columns: vec![
                Column::new("name", "名|前"),
                Column::new("share:東京都", "割合(%)"),
                Column::new("p", "p"),
            ],
            rows: vec![
                vec![Cell::Text("=<b>\nあ".to_owned()), Cell::Share(Some(1.0 / 3.0)), Cell::P(Some(4.2e-21))],
                vec![Cell::Text("●".to_owned()), Cell::NotAsked, Cell::P(None)],
            ],
        }
    }

    #[test]
    fn csv_has_one_table_below_the_other() {
        let mut out = Vec::new();
        write_csv(&mut out, &[table(), table()]);
        let one = "県別\r\n'-注\r\n名|前,割合(%),p\r\n\"'=<b>\nあ\",33.3,<0.001\r\n●,－,\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), format!("\u{feff}{one}\r\n{one}"));
    }

    #[test]
    fn markdown_shows_text_as_it_is() {
        assert_eq!(
            to_markdown(&[table()]),
            "## 県別\n\n- -注\n\n| 名\\|前 | 割合(%) | p |\n| --- | ---: | ---: |\n| =&lt;b><br>あ | 33.3 | &lt;0.001 |\n| ● | － |  |\n"
        );
    }

    #[test]
    fn json_has_numbers_and_keys() {
        let json: Value =
            serde_json::from_slice(&to_json(&[table()], &crate::tally::Accounting::default())).unwrap();
        let row = &json["tables"][0]["rows"][0];
        assert_eq!((&row["share:東京都"], &row["p"]), (&json!(0.333333), &json!(4.2e-21)));
        assert_eq!(json["tables"][0]["rows"][1]["share:東京都"], Value::Null);
    }
}
