//! Pictures of the counts, as SVG: bars of the frequencies, or a map of shares by the values of an attribute.
//!
//! Plain shapes and text, no script and no style sheet, so that Word, browsers and drawing programs show the same.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::crosstab::Crosstab;
use super::table::percent;
use super::tables::BLANK;
use crate::rule::Rulebook;
use crate::tally::Tally;

const FONT: &str = "'Yu Gothic','Hiragino Sans','Noto Sans CJK JP',sans-serif";
const INK: &str = "#1f2a37";
const FAINT: &str = "#5b6572";
const BAR: &str = "#4a78ab";

const ROW: usize = 24;
const LEFT: usize = 190;
const TOP: usize = 64;

/// Bars of all categories that occur, the most frequent first.
pub fn bars(tally: &Tally, rulebook: &Rulebook) -> String {
    const LENGTH: f64 = 380.0;
    let answered = tally.totals().answered.comments();
    let mut counted: Vec<(u64, &str)> = rulebook
        .category_ids()
        .map(|id| (tally.category(id).comments(), &*rulebook.category(id).name))
        .filter(|(count, _)| *count > 0)
        .collect();
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let most = counted.first().map_or(1, |(count, _)| *count) as f64;
    let mut svg = open(LEFT + 500, TOP + counted.len() * ROW + 16, "カテゴリごとの件数");
    text(&mut svg, 16.0, 28.0, "start", 16, INK, "カテゴリごとの件数");
    let note = format!("回答のあった記述 {answered} 件（複数回答）");
    text(&mut svg, 16.0, 48.0, "start", 12, FAINT, &note);
    for (at, (count, name)) in counted.into_iter().enumerate() {
        let y = (TOP + at * ROW) as f64;
        let length = LENGTH * count as f64 / most;
        text(&mut svg, LEFT as f64 - 8.0, y + 16.0, "end", 12, INK, name);
        rect(&mut svg, [LEFT as f64, y + 4.0, length, ROW as f64 - 8.0], BAR);
        let label = format!("{count}（{} %）", percent(count as f64 / answered.max(1) as f64));
        text(&mut svg, LEFT as f64 + length + 6.0, y + 16.0, "start", 12, FAINT, &label);
    }
    svg + "</svg>\n"
}

/// A map of the shares of all categories that occur, by the values of an attribute: the darker, the larger.
pub fn map(crosstab: &Crosstab, rulebook: &Rulebook) -> String {
    const COLUMN: usize = 44;
    let columns = crosstab.columns();
    let rows: Vec<_> =
        rulebook.category_ids().filter(|&id| columns.iter().any(|column| column.count(id) > 0)).collect();
    let share =
        |id, column: &super::crosstab::Column| column.count(id) as f64 / column.answered.max(1) as f64;
    let most = rows
        .iter()
        .flat_map(|&id| columns.iter().map(move |column| share(id, column)))
        .fold(f64::MIN_POSITIVE, f64::max);
    let names: Vec<String> = columns
        .iter()
        .map(|column| {
            let value = if column.value.is_empty() { BLANK } else { &column.value };
            format!("{value} (n={})", column.answered)
        })
        .collect();
    // Headers lean by 60 degrees; a character of 12 px is 10 px high then.
    let longest = names.iter().map(|name| name.width_cjk()).max().unwrap_or(0);
    let top = TOP + longest * 11 / 2;
    let title = format!("{}別の割合", crosstab.by().name());
    let mut svg = open(LEFT + columns.len() * COLUMN + longest * 4 + 16, top + rows.len() * ROW + 16, &title);
    text(&mut svg, 16.0, 28.0, "start", 16, INK, &title);
    let note = "その列の回答のあった記述に対する % （複数回答）";
    text(&mut svg, 16.0, 48.0, "start", 12, FAINT, note);
    for (at, name) in names.iter().enumerate() {
        let (x, y) = ((LEFT + at * COLUMN + COLUMN / 2) as f64, top as f64 - 6.0);
        let _ = writeln!(
            svg,
            r#"<text x="{x}" y="{y}" transform="rotate(-60 {x} {y})" font-size="12" fill="{INK}">{}</text>"#,
            escape(name)
        );
    }
    for (row, &id) in rows.iter().enumerate() {
        let y = (top + row * ROW) as f64;
        text(&mut svg, LEFT as f64 - 8.0, y + 16.0, "end", 12, INK, &rulebook.category(id).name);
        for (at, column) in columns.iter().enumerate() {
            let x = (LEFT + at * COLUMN) as f64;
            let share = share(id, column);
            let depth = share / most;
            rect(&mut svg, [x, y, COLUMN as f64 - 1.0, ROW as f64 - 1.0], &shade(depth));
            if column.count(id) > 0 {
                let color = if depth > 0.6 { "#ffffff" } else { INK };
                let label = format!("{:.0}", 100.0 * share);
                text(&mut svg, x + COLUMN as f64 / 2.0, y + 16.0, "middle", 11, color, &label);
            }
        }
    }
    svg + "</svg>\n"
}

/// From almost white to the colour of the bars.
fn shade(depth: f64) -> String {
    let mix = |from: f64, to: f64| (from + (to - from) * depth).round() as u8;
    format!("#{:02x}{:02x}{:02x}", mix(244.0, 74.0), mix(246.0, 120.0), mix(249.0, 171.0))
}

fn open(width: usize, height: usize, title: &str) -> String {
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" "#,
            r#"viewBox="0 0 {width} {height}" role="img" font-family="{font}">"#,
            "\n<title>{title}</title>\n",
            r##"<rect width="{width}" height="{height}" fill="#ffffff"/>"##,
            "\n"
        ),
        width = width,
        height = height,
        font = FONT,
        title = escape(title)
    )
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, size: usize, color: &str, text: &str) {
    let _ = writeln!(
        svg,
        r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" fill="{color}">{}</text>"#,
        escape(text)
    );
}

fn rect(svg: &mut String, [x, y, width, height]: [f64; 4], color: &str) {
    let _ = writeln!(
        svg,
        r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{color}"/>"#
    );
}

/// Text as XML can hold it; control characters, which it can't, are left out.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{long, rulebook, tagging};
    use crate::statistics::By;

    #[test]
    fn pictures_show_counts_and_shares_and_keep_text_text() {
        let rulebook = rulebook();
        let mut tally = Tally::new(&rulebook);
        let mut crosstab = Crosstab::new(By::Attribute("都道府県".to_owned()), &rulebook);
        for (id, place) in [("1", "<b>&\u{1}"), ("2", "東京都"), ("3", "")] {
            let comment = long(id, "問7", place, "●");
            let tagging = tagging("●", if id == "3" { &[] } else { &[(1, &["●"])] });
            tally.add(&comment, &tagging);
            crosstab.add(&comment, &tagging);
        }
        let bars = bars(&tally, &rulebook);
        assert!(bars.contains(">2（66.7 %）</text>") && !bars.contains("タイムラグ"), "{bars}");
        let map = map(&crosstab, &rulebook);
        assert!(map.contains("&lt;b&gt;&amp; (n=1)") && map.contains("（空欄） (n=1)"), "{map}");
        assert!(map.contains(">100</text>"), "{map}");
    }
}
