//! A table that this program wrote, read back as the table it was made from.
//!
//! `tagged.csv` and `tagged.xlsx` hold the columns of the input, then ours (`docs/output.md`). Read back, ours go, apostrophes
//! against formulas are taken away, and the rows that a wide row was spread over become one again: tagging the result gives
//! the same result. Where rows of a spread table are missing or in another order, nothing can be put together.

use csv::StringRecord;

use crate::export::restored;

/// What the columns after the input's are called; `（jirei）` may follow.
const STATUS: &str = "状態";
const AFTER_STATUS: &str = "カテゴリ";

/// A column of CSV and TSV only, whose cells are guarded. It tells them apart from a workbook, also when one was saved as
/// the other.
const OF_GUARDED: &str = "根拠";

/// What stands under 状態.
const STATUSES: [&str; 3] = ["回答あり", "特になし", "空欄"];

/// How a table of ours is made back into its input.
#[derive(Debug, Clone)]
pub(super) struct Own {
    /// Columns of the input.
    width: usize,
    /// Whether cells have apostrophes that were not there.
    is_guarded: bool,
    /// The answer columns of a wide input, in the order its rows were spread.
    spread: Vec<String>,
    /// The row being put together, and how many of its rows were seen.
    whole: Option<(StringRecord, usize)>,
    /// Whether our columns and the spread rows stay, for people have worked on them.
    is_kept: bool,
}

/// Why rows can't be put together.
const BROKEN: &str =
    "jirei が書き出した表の、1 人分の行がそろっていません（行が消されたか、並べ替えられています）";

impl Own {
    /// Recognises a table of ours by its headers and first rows; `is_kept` to keep what was added to the input.
    pub(super) fn recognise(headers: &[String], sample: &[StringRecord], is_kept: bool) -> Option<Own> {
        let is_ours = |at: usize, name: &str| headers.get(at).is_some_and(|header| is_called(header, name));
        let status = (1..headers.len()).find(|&at| {
            is_ours(at, STATUS)
                && is_ours(at + 1, AFTER_STATUS)
                && sample.iter().all(|row| row.get(at).is_some_and(|cell| STATUSES.contains(&cell)))
        })?;
        let is_guarded = (status..headers.len()).any(|at| is_ours(at, OF_GUARDED));
        let mut own = Own { width: status, is_guarded, spread: Vec::new(), whole: None, is_kept };
        if status > 2 && is_ours(status - 2, "問") && is_ours(status - 1, "本文") {
            let base = &headers[..status - 2];
            let column = |row: &StringRecord| base.iter().position(|header| *header == row[status - 2]);
            // In a long input 問 and 本文 are its own columns.
            if sample.iter().all(|row| column(row).is_some_and(|at| row[at] == row[status - 1])) {
                own.width = status - 2;
                for row in sample {
                    let question = row[status - 2].to_owned();
                    if !own.spread.contains(&question) {
                        own.spread.push(question);
                    }
                }
            }
        }
        Some(own)
    }

    /// The headers of the input, and ours if they are kept.
    pub(super) fn headers(&self, headers: &[String]) -> Vec<String> {
        let width = if self.is_kept { headers.len() } else { self.width };
        headers[..width].iter().map(|header| self.restored(header).to_owned()).collect()
    }

    /// How many columns the input had.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The columns of the question and of its answer, if the rows are kept as they were spread.
    pub(super) fn kept_spread(&self) -> Option<(usize, usize)> {
        (self.is_kept && !self.spread.is_empty()).then_some((self.width, self.width + 1))
    }

    /// The number of the input's row that the row `number` was made from, if none was moved since.
    pub(super) fn number(&self, number: u64) -> u64 {
        let rows = if self.is_kept { self.spread.len().max(1) as u64 } else { 1 };
        (number - 1) / rows + 1
    }

    /// The column called `name` that was added to the input.
    pub(super) fn added(&self, headers: &[String], name: &str) -> Option<usize> {
        (self.width..headers.len()).find(|&at| is_called(&headers[at], name))
    }

    /// The answer columns, if the input was a wide one.
    pub(super) fn spread(&self) -> Vec<String> {
        self.spread.iter().map(|name| self.restored(name).to_owned()).collect()
    }

    /// The row of the input that `row` was made from, once for all it was spread over.
    pub(super) fn restore(&mut self, row: &StringRecord) -> Result<Option<StringRecord>, &'static str> {
        let width = if self.is_kept { row.len() } else { self.width };
        let mut base: StringRecord = row.iter().take(width).map(|cell| self.restored(cell)).collect();
        base.set_position(row.position().cloned());
        if self.is_kept || self.spread.len() < 2 {
            return Ok(Some(base));
        }
        let (first, seen) = self.whole.take().unwrap_or_else(|| (base.clone(), 0));
        if first != base || row[self.width] != self.spread[seen] {
            return Err(BROKEN);
        }
        if seen + 1 == self.spread.len() {
            return Ok(Some(first));
        }
        self.whole = Some((first, seen + 1));
        Ok(None)
    }

    /// Whether the last row is whole.
    pub(super) fn end(&self) -> Result<(), &'static str> {
        if self.whole.is_some() { Err(BROKEN) } else { Ok(()) }
    }

    /// `cell` as it was before it was guarded against being run as a formula.
    fn restored<'c>(&self, cell: &'c str) -> &'c str {
        if self.is_guarded { restored(cell) } else { cell }
    }
}

/// Whether `header` is a column of ours called `name`, with or without what sets it apart from one of the input.
fn is_called(header: &str, name: &str) -> bool {
    header.trim_end_matches("（jirei）") == name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&str]) -> (Vec<String>, Vec<StringRecord>) {
        let mut rows = rows.iter().map(|row| row.split('|').collect::<StringRecord>());
        let headers = rows.next().unwrap().iter().map(str::to_owned).collect();
        (headers, rows.collect())
    }

    fn restored_rows(rows: &[&str]) -> Result<Vec<Vec<String>>, &'static str> {
        let (headers, rows) = table(rows);
        let mut own = Own::recognise(&headers, &rows, false).expect("the table is ours");
        let mut out = vec![own.headers(&headers)];
        for row in &rows {
            out.extend(own.restore(row)?.map(|row| row.iter().map(str::to_owned).collect()));
        }
        own.end()?;
        Ok(out)
    }

    #[test]
    fn a_long_table_loses_our_columns_and_the_apostrophes() {
        let rows = [
            "番号|問|本文|'=県|状態|カテゴリ|根拠|●表記",
            "1|問7|'-1|東京都|回答あり|●表記|●|1",
            "1|問13||'90年代|空欄|||0",
        ];
        assert_eq!(
            restored_rows(&rows).unwrap(),
            [["番号", "問", "本文", "=県"], ["1", "問7", "-1", "東京都"], ["1", "問13", "", "'90年代"]]
        );
    }

    #[test]
    fn the_rows_of_a_wide_row_become_one_again() {
        let rows = [
            "番号|問7|問13|問|本文|状態|カテゴリ|根拠",
            "1|遅い|'=●|問7|遅い|回答あり||",
            "1|遅い|'=●|問13|'=●|回答あり|●表記|'=●",
            "2|あ||問7|あ|回答あり||",
            "2|あ||問13||空欄||",
        ];
        let expected = [["番号", "問7", "問13"], ["1", "遅い", "=●"], ["2", "あ", ""]];
        assert_eq!(restored_rows(&rows).unwrap(), expected);
        for missing in 2..=4 {
            let mut rows = rows.to_vec();
            rows.remove(missing);
            assert_eq!(restored_rows(&rows), Err(BROKEN), "without row {missing}");
        }
    }

    #[test]
    fn a_workbook_saved_as_csv_has_no_apostrophes_of_ours() {
        let rows = ["番号|本文|状態|カテゴリ|確定", "1|'=a|回答あり||○", "2|-|特になし||"];
        assert_eq!(restored_rows(&rows).unwrap(), [["番号", "本文"], ["1", "'=a"], ["2", "-"]]);
    }

    #[test]
    fn what_people_worked_on_keeps_its_columns_and_rows() {
        let (headers, rows) = table(&[
            "番号|確定|問7|問13|問|本文|状態|カテゴリ|根拠|確定（jirei）",
            "1|x|'-|い|問7|'-|特になし|||",
            "1|x|'-|い|問13|い|回答あり|●表記|い|○",
            "2|x|う|え|問7|う|回答あり|||なし",
        ]);
        let mut own = Own::recognise(&headers, &rows, true).unwrap();
        assert_eq!((own.headers(&headers), own.width()), (headers.clone(), 4));
        assert_eq!((own.kept_spread(), own.added(&headers, "確定")), (Some((4, 5)), Some(9)));
        assert_eq!([1, 2, 3].map(|number| own.number(number)), [1, 1, 2]);
        let row = own.restore(&rows[0]).unwrap().unwrap();
        assert_eq!(row.iter().collect::<Vec<_>>(), ["1", "x", "-", "い", "問7", "-", "特になし", "", "", ""]);
    }

    #[test]
    fn what_only_looks_like_ours_is_left_alone() {
        for rows in [
            &["番号|自由記述|状態", "1|遅い|回答あり"][..],
            &["番号|自由記述|状態|カテゴリ", "1|遅い|未処理|x"],
            &["状態|カテゴリ|自由記述", "回答あり|x|遅い"],
        ] {
            let (headers, rows) = table(rows);
            assert!(Own::recognise(&headers, &rows, false).is_none(), "{headers:?}");
        }
    }
}
