//! The closing words of a run, short enough for a mail.

use std::time::Instant;

use jirei::rule::Rulebook;
use jirei::tally::{Accounting, Tally};

use crate::output::Output;

/// Categories without a comment are named in the closing words up to this many.
const NAMED_ABSENT: usize = 8;

/// The closing words: every row accounted for, then the categories.
pub(super) fn summarise(
    tally: &Tally,
    count: &Accounting,
    rulebook: &Rulebook,
    started: Instant,
    output: &Output,
) {
    let rows = match count.rejected {
        0 => format!("{} 行", count.rows),
        rejected => {
            format!("{} 行 ＝ 読んだ行 {} ＋ 除いた行 {rejected}", count.rows + rejected, count.rows)
        }
    };
    output.say(&format!(
        "\n入力 {rows} → 記述 {} 件 ＝ 回答あり {} ＋ 特になし {} ＋ 空欄 {}",
        count.comments, count.answered, count.nothing, count.empty
    ));
    output.say(&format!(
        "回答あり {} 件 ＝ カテゴリあり {} ＋ カテゴリなし {}\n",
        count.answered, count.tagged, count.untagged
    ));
    let mut categories: Vec<_> =
        rulebook.category_ids().map(|id| (tally.category(id).comments(), rulebook.category(id))).collect();
    let absent: Vec<&str> = categories
        .iter()
        .filter(|(comments, _)| *comments == 0)
        .map(|(_, category)| category.name.as_str())
        .collect();
    categories.retain(|(comments, _)| *comments > 0);
    // Most frequent first; equals stay in the order of the rulebook.
    categories.sort_by_key(|(comments, _)| std::cmp::Reverse(*comments));
    let width = categories.first().map_or(0, |(comments, _)| comments.to_string().len());
    for (comments, category) in &categories {
        let share = 100.0 * *comments as f64 / count.answered.max(1) as f64;
        output.say(&format!("  {comments:>width$} 件 {share:>5.1} %  {}", category.name));
    }
    match absent.len() {
        0 => {}
        // A small input lacks most categories; their names would bury the rest.
        1..=NAMED_ABSENT => output.say(&format!("  0 件: {}", absent.join("・"))),
        many => output.say(&format!("  0 件のカテゴリが {many} 個あります")),
    }
    output.say(&format!("\n{:.1} 秒", started.elapsed().as_secs_f64()));
}
