//! The differences between two rulebooks on a terminal: a table of the categories, then every comment that changed.

use std::io::{self, Write};

use jirei::compare::{CategoryChanges, Change, Comparison, Presence};
use jirei::evaluate::counts::Counts;
use jirei::export::comparison::{highlights, obstacle, rules};

use crate::table::{self, Side};

/// How the differences are shown.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Comments shown per category and direction; 0 for all.
    pub limit: usize,
    pub is_colored: bool,
}

/// Writes what changed; of what didn't, only how much there is.
pub fn write(out: &mut impl Write, comparison: &Comparison<'_>, layout: &Layout) -> io::Result<()> {
    let shown = |changes: &&CategoryChanges<'_>| changes.is_changed() || changes.presence != Presence::Both;
    let changed: Vec<&CategoryChanges<'_>> = comparison.categories.iter().filter(shown).collect();
    if !changed.is_empty() {
        write_table(out, &changed, comparison.has_gold)?;
        writeln!(out)?;
    }
    let same = comparison.categories.len() - changed.len();
    match comparison.changed_comments {
        0 => writeln!(out, "記述 {} 件のカテゴリはどれも変わりません", comparison.comments)?,
        count => writeln!(
            out,
            "記述 {} 件のうち {count} 件でカテゴリが変わりました。ほかの {same} カテゴリは変わりません",
            comparison.comments
        )?,
    }
    if let Some((before, after)) = comparison.agreement()
        && !comparison.is_empty()
    {
        let pairs = comparison.categories.iter().map(CategoryChanges::right_and_wrong);
        let (right, wrong) = pairs.fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        writeln!(out, "正しい変化 {right}、誤った変化 {wrong}。マイクロ F1 {}", f1_change(before, after))?;
    }
    for changes in changed.iter().filter(|changes| changes.is_changed()) {
        writeln!(out, "\n{}（{}）", changes.category.name, changes.category.id)?;
        write_list(out, &changes.gained, Direction::Gained, layout)?;
        write_list(out, &changes.lost, Direction::Lost, layout)?;
    }
    Ok(())
}

fn write_table(out: &mut impl Write, changed: &[&CategoryChanges<'_>], has_gold: bool) -> io::Result<()> {
    let columns = [
        ("カテゴリ", Side::Left),
        ("旧", Side::Right),
        ("新", Side::Right),
        ("増", Side::Right),
        ("減", Side::Right),
        ("変わらず", Side::Right),
    ];
    let cells = |changes: &CategoryChanges<'_>| {
        let note = match changes.presence {
            Presence::Both => "",
            Presence::Added => "（新しい）",
            Presence::Removed => "（なくなった）",
        };
        let signed =
            |sign: char, count: usize| if count == 0 { String::new() } else { format!("{sign}{count}") };
        [
            format!("{}{note}", changes.category.name),
            changes.before().to_string(),
            changes.after().to_string(),
            signed('+', changes.gained.len()),
            signed('-', changes.lost.len()),
            changes.unchanged.to_string(),
        ]
    };
    if !has_gold {
        let rows: Vec<[String; 6]> = changed.iter().map(|changes| cells(changes)).collect();
        return table::write(out, columns, &rows);
    }
    let [a, b, c, d, e, f] = columns;
    let columns = [a, b, c, d, e, f, ("正", Side::Right), ("誤", Side::Right), ("F1", Side::Left)];
    let rows: Vec<[String; 9]> = changed
        .iter()
        .map(|changes| {
            let [a, b, c, d, e, f] = cells(changes);
            let (right, wrong) = changes.right_and_wrong();
            let f1 = changes.agreement.map_or(String::new(), |(before, after)| f1_change(before, after));
            [a, b, c, d, e, f, right.to_string(), wrong.to_string(), f1]
        })
        .collect();
    table::write(out, columns, &rows)
}

fn f1_change(before: Counts, after: Counts) -> String {
    let shown = |counts: Counts| counts.f1().map_or("–".to_owned(), |f1| format!("{f1:.3}"));
    let (before, after) = (shown(before), shown(after));
    if before == after { after } else { format!("{before} → {after}") }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Gained,
    Lost,
}

fn write_list(
    out: &mut impl Write,
    list: &[Change<'_>],
    direction: Direction,
    layout: &Layout,
) -> io::Result<()> {
    let shown = if layout.limit == 0 { list.len() } else { layout.limit };
    for change in list.iter().take(shown) {
        write_change(out, change, direction, layout)?;
    }
    let left = list.len().saturating_sub(shown);
    if left > 0 {
        let sign = if direction == Direction::Gained { '+' } else { '-' };
        writeln!(out, "  {sign} ほかに {left} 件（`--limit 0` で全部）")?;
    }
    Ok(())
}

fn write_change(
    out: &mut impl Write,
    change: &Change<'_>,
    direction: Direction,
    layout: &Layout,
) -> io::Result<()> {
    let (sign, color, here, there) = match direction {
        Direction::Gained => ('+', "\u{1b}[32m", "新", "旧"),
        Direction::Lost => ('-', "\u{1b}[31m", "旧", "新"),
    };
    let (color, end) = if layout.is_colored { (color, "\u{1b}[0m") } else { ("", "") };
    let verdict = match change.is_right {
        Some(true) => " 正しい",
        Some(false) => " 誤り",
        None => "",
    };
    writeln!(out, "  {color}{sign} {}{end} {}{verdict}", change.comment.id(), change.comment.question())?;
    writeln!(out, "    {}", highlighted(change, layout.is_colored))?;
    for (rule, condition) in rules(change) {
        writeln!(out, "    {here} {rule}: {condition}")?;
    }
    if let Some(near_miss) = &change.obstacle {
        writeln!(out, "    {there} {}", obstacle(near_miss))?;
    }
    Ok(())
}

/// The comment on one line, its evidence in colour or between 【】.
fn highlighted(change: &Change<'_>, is_colored: bool) -> String {
    let (open, close) = if is_colored { ("\u{1b}[1;33m", "\u{1b}[0m") } else { ("【", "】") };
    let text = change.comment.text();
    let mut shown = String::new();
    let mut at = 0;
    for place in highlights(change) {
        shown += &one_line(&text[at..place.start()]);
        shown += open;
        shown += &one_line(&text[place.range()]);
        shown += close;
        at = place.end();
    }
    shown + &one_line(&text[at..])
}

/// Text without line breaks, and without signs that would steer the terminal.
fn one_line(text: &str) -> String {
    let visible = |c: char| match c {
        '\n' => '↵',
        c if c.is_control() => ' ',
        c => c,
    };
    text.replace("\r\n", "\n").chars().map(visible).collect()
}
