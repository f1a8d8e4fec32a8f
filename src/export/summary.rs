//! summary.csv: how many comments and respondents each category has.
//!
//! The counting is done by [`crate::tally`]; cross-tables and tests belong to `jirei stats`.

use crate::export::table::{self, Rows};
use crate::rule::Rulebook;
use crate::tally::{Count, Tally};

/// The group that the totals stand in. No group of a rulebook is likely to be called so.
const TOTALS: &str = "（集計）";

/// Appends the whole file: every category of the rulebook in its order, then the totals.
pub fn write(out: &mut Vec<u8>, tally: &Tally, rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    for header in ["カテゴリ", "グループ", "ID", "件数", "割合(%)", "回答者数"] {
        rows.cell(header);
    }
    rows.end();
    let totals = tally.totals();
    for id in rulebook.category_ids() {
        let category = rulebook.category(id);
        row(&mut rows, [&category.name, &category.group, &category.id], tally.category(id), &totals.answered);
    }
    for (name, count) in [
        ("全記述", &totals.all),
        ("回答あり", &totals.answered),
        ("タグあり", &totals.tagged),
        ("タグなし", &totals.untagged),
        ("空欄", &totals.empty),
        ("特になし", &totals.nothing),
    ] {
        row(&mut rows, [name, TOTALS, ""], count, &totals.all);
    }
}

fn row(rows: &mut Rows<'_>, labels: [&str; 3], count: &Count, whole: &Count) {
    for label in labels {
        rows.cell(label);
    }
    rows.number(count.comments());
    rows.raw(percent(count.comments(), whole.comments()).as_bytes());
    rows.number(count.respondents());
    rows.end();
}

/// `part` of `whole` in percent with one decimal, halves rounded up; empty where there is no whole. In integers, so
/// that every machine prints the same.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let tenths = (part * 2000 + whole) / (whole * 2);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Tagging;
    use crate::export::fixture::{plain, rulebook, tagging};

    fn file(tally: &Tally) -> String {
        let mut out = Vec::new();
        write(&mut out, tally, &rulebook());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn categories_are_shares_of_answers_and_totals_shares_of_all() {
        let mut tally = Tally::new(&rulebook());
        for (row, text, tags) in [(1, "●", true), (2, "遅い", false), (3, "便利", false), (4, "", false)]
        {
            let tagging = if tags { tagging(text, &[(1, &["●"])]) } else { Tagging::default() };
            tally.add(&plain(row, text), &tagging);
        }
        assert_eq!(
            file(&tally),
            concat!(
                "\u{feff}カテゴリ,グループ,ID,件数,割合(%),回答者数\r\n",
                "顔認証失敗,認証・機器,face-auth,0,0.0,0\r\n",
                "●表記,表示,black-circle,1,33.3,1\r\n",
                "タイムラグ,登録,time-lag,0,0.0,0\r\n",
                "全記述,（集計）,,4,100.0,4\r\n",
                "回答あり,（集計）,,3,75.0,3\r\n",
                "タグあり,（集計）,,1,25.0,1\r\n",
                "タグなし,（集計）,,2,50.0,2\r\n",
                "空欄,（集計）,,1,25.0,1\r\n",
                "特になし,（集計）,,0,0.0,0\r\n",
            )
        );
    }

    #[test]
    fn an_empty_input_has_counts_and_no_shares() {
        assert!(file(&Tally::new(&rulebook())).ends_with("特になし,（集計）,,0,,0\r\n"));
    }

    #[test]
    fn shares_are_rounded_half_up() {
        for (part, whole, share) in
            [(1, 3, "33.3"), (2, 3, "66.7"), (1, 2000, "0.1"), (1, 2001, "0.0"), (7, 7, "100.0")]
        {
            assert_eq!(percent(part, whole), share, "{part}/{whole}");
        }
    }
}
