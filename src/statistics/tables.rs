//! From counts to tables: frequencies, cross tables with their tests, pairs, and the comparison with a closed question.

use crate::comment::Comment;
use crate::evaluate::interval::wilson;
use crate::rule::{Category, CategoryId};

use super::closed::Closed;
use super::crosstab::{self, Crosstab};
use super::independence::{self, Test};
use super::survey::{Crossed, Survey};
use super::table::{Cell, Column, Table};

/// What the blank value is called.
pub const BLANK: &str = "（空欄）";

/// From this adjusted residual on a cell stands out: 5 in 100 do so by chance.
const OUTSTANDING: f64 = 1.96;

impl Survey<'_> {
    /// All tables, in the order in which they are read.
    pub fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.frequencies()];
        for Crossed { all, questions } in &self.crossed {
            if all.has_overflown() {
                tables.push(overflown(all));
                continue;
            }
            tables.push(self.crosstab(all, all, None));
            for (question, crosstab) in questions.iter().filter(|_| questions.len() > 1) {
                tables.push(self.crosstab(crosstab, all, Some(question)));
            }
            let tests = self.tests(all);
            tables.push(self.test_table(all, &tests));
            tables.push(self.residuals(all, &tests));
        }
        tables.push(self.pair_table());
        if let Some(closed) = &self.closed {
            tables.push(self.agreement(closed));
            tables.push(disagreements(closed));
        }
        tables
    }

    fn category(&self, id: CategoryId) -> &Category {
        self.rulebook.category(id)
    }

    fn ids(&self) -> impl Iterator<Item = CategoryId> + use<'_> {
        self.rulebook.category_ids()
    }

    fn frequencies(&self) -> Table {
        let totals = self.tally.totals();
        let (answered, respondents) = (totals.answered.comments(), totals.answered.respondents());
        let row = |id| {
            let (category, count) = (self.category(id), self.tally.category(id));
            let interval = wilson(count.comments(), answered);
            vec![
                text(&category.group),
                text(&category.id),
                text(&category.name),
                Cell::Count(count.comments()),
                Cell::share(count.comments(), answered),
                Cell::Share(interval.map(|interval| interval.low)),
                Cell::Share(interval.map(|interval| interval.high)),
                Cell::Count(count.respondents()),
                Cell::share(count.respondents(), respondents),
            ]
        };
        let none = totals.untagged.comments();
        Table {
            kind: "frequencies",
            title: "カテゴリごとの件数".to_owned(),
            notes: vec![
                format!("回答のあった記述 {answered} 件、回答者 {respondents} 人。うちカテゴリの付かない記述 {none} 件"),
                "複数回答: 1 件に複数のカテゴリが付くので、件数の合計は記述の数に、割合の合計は 100 % にならない"
                    .to_owned(),
                "割合の範囲は 95 % 信頼区間（Wilson）".to_owned(),
            ],
            columns: columns(&[
                ("group", "グループ"),
                ("id", "ID"),
                ("name", "カテゴリ"),
                ("comments", "件数"),
                ("share", "割合(%)"),
                ("share_low", "下限(%)"),
                ("share_high", "上限(%)"),
                ("respondents", "回答者数"),
                ("respondent_share", "回答者割合(%)"),
            ]),
            rows: self.ids().map(row).collect(),
        }
    }

    /// Counts and shares of `crosstab`, in the columns of `all`: where one is missing, the question was not asked.
    fn crosstab(&self, crosstab: &Crosstab, all: &Crosstab, question: Option<&str>) -> Table {
        let values = all.columns();
        let mut header = columns(&[("id", "ID"), ("name", "カテゴリ")]);
        for value in &values {
            let (key, name) = (&value.value, shown(value));
            header.push(Column::new(format!("comments:{key}"), format!("{name} 件数")));
            header.push(Column::new(format!("share:{key}"), format!("{name} 割合(%)")));
        }
        let cells = |count: &dyn Fn(&crosstab::Column) -> [Cell; 2]| -> Vec<Cell> {
            let cell = |value: &&crosstab::Column| match crosstab.column(&value.value) {
                Some(column) => count(column),
                None => [Cell::NotAsked, Cell::NotAsked],
            };
            values.iter().flat_map(cell).collect()
        };
        let whole =
            cells(&|column| [Cell::Count(column.answered), Cell::share(column.answered, column.answered)]);
        let mut rows = vec![[vec![text(""), text("回答のあった記述")], whole].concat()];
        rows.extend(self.ids().map(|id| {
            let counts = cells(&|column| {
                [Cell::Count(column.count(id)), Cell::share(column.count(id), column.answered)]
            });
            [vec![text(&self.category(id).id), text(&self.category(id).name)], counts].concat()
        }));
        let by = all.by().name();
        let title = match question {
            Some(question) => format!("{by}別（{question}）"),
            None => format!("{by}別"),
        };
        let mut notes = vec!["割合は、その列の回答のあった記述に対するもの（複数回答）".to_owned()];
        if rows.iter().flatten().any(|cell| *cell == Cell::NotAsked) {
            notes.push("－ は、その問のない列".to_owned());
        }
        Table { kind: "crosstab", title, notes, columns: header, rows }
    }

    /// One test per category. Comments without a value take no part.
    fn tests(&self, crosstab: &Crosstab) -> Vec<Option<Test>> {
        let values = tested(crosstab);
        let totals: Vec<u64> = values.iter().map(|column| column.answered).collect();
        let test = |id| {
            let counts: Vec<u64> = values.iter().map(|column| column.count(id)).collect();
            independence::test(&counts, &totals)
        };
        self.ids().map(test).collect()
    }

    fn test_table(&self, crosstab: &Crosstab, tests: &[Option<Test>]) -> Table {
        let p: Vec<Option<f64>> = tests.iter().map(|test| test.as_ref().map(|test| test.p)).collect();
        let adjusted = independence::adjusted(&p);
        let values = tested(crosstab);
        let rows = self.ids().zip(tests).zip(adjusted).map(|((id, test), adjusted)| {
            let figure = |value: &dyn Fn(&Test) -> f64| Cell::Figure(test.as_ref().map(value));
            vec![
                text(&self.category(id).id),
                text(&self.category(id).name),
                figure(&|test| test.chi_squared),
                test.as_ref().map_or(Cell::Figure(None), |test| Cell::Count(test.degrees as u64)),
                Cell::P(test.as_ref().map(|test| test.p)),
                Cell::P(adjusted),
                text(test.as_ref().map_or("", |test| test.method.as_str())),
                figure(&|test| test.v),
                text(&test.as_ref().map(|test| outstanding(test, &values)).unwrap_or_default()),
            ]
        });
        Table {
            kind: "tests",
            title: format!("{}による違いの検定", crosstab.by().name()),
            notes: vec![
                "カテゴリの有無×値の表を検定した。期待度数が 1 未満の欄があるか、5 未満の欄が 2 割を超えるときは、値が 2 つなら Fisher の正確検定、3 つ以上ならモンテカルロ検定（9,999 表、種は固定）".to_owned(),
                "補正 p は、全カテゴリにわたる Benjamini–Hochberg の補正。V は Cramér の V".to_owned(),
                "「多い・少ない値」は、調整済み残差が ±1.96 を超える値。空欄の回答は検定に入れていない".to_owned(),
                "1 人が複数の問に答えた調査では記述が互いに独立でないので、p は目安になる".to_owned(),
            ],
            columns: columns(&[
                ("id", "ID"),
                ("name", "カテゴリ"),
                ("chi_squared", "χ²"),
                ("degrees", "自由度"),
                ("p", "p"),
                ("p_adjusted", "補正 p"),
                ("method", "方法"),
                ("v", "V"),
                ("outstanding", "多い・少ない値（調整済み残差）"),
            ]),
            rows: rows.collect(),
        }
    }

    fn residuals(&self, crosstab: &Crosstab, tests: &[Option<Test>]) -> Table {
        let values = tested(crosstab);
        let mut header = columns(&[("id", "ID"), ("name", "カテゴリ")]);
        header.extend(
            values.iter().map(|value| Column::new(format!("residual:{}", value.value), &value.value)),
        );
        let rows = self.ids().zip(tests).map(|(id, test)| {
            let residuals =
                (0..values.len()).map(|at| Cell::Figure(test.as_ref().map(|test| test.residuals[at])));
            [text(&self.category(id).id), text(&self.category(id).name)]
                .into_iter()
                .chain(residuals)
                .collect()
        });
        Table {
            kind: "residuals",
            title: format!("{}別の調整済み残差", crosstab.by().name()),
            notes: vec![
                "値の違いがなければ標準正規分布に従う。±1.96 を超えると、その値で多い・少ない".to_owned(),
            ],
            columns: header,
            rows: rows.collect(),
        }
    }

    fn pair_table(&self) -> Table {
        let row = |pair: super::pairs::Pair| {
            let [a, b] = pair.categories;
            vec![
                text(&self.category(a).id),
                text(&self.category(b).id),
                text(&self.category(a).name),
                text(&self.category(b).name),
                Cell::Count(pair.each[0]),
                Cell::Count(pair.each[1]),
                Cell::Count(pair.both),
                Cell::Figure(Some(pair.jaccard)),
                Cell::Figure(Some(pair.lift)),
            ]
        };
        Table {
            kind: "pairs",
            title: "同じ記述に付いたカテゴリの組".to_owned(),
            notes: vec![
                "Jaccard は、どちらかが付いた記述のうち両方が付いたものの割合。リフトは、無関係とした場合の何倍か（件数が少ないと大きく振れる）".to_owned(),
            ],
            columns: columns(&[
                ("id_a", "ID A"),
                ("id_b", "ID B"),
                ("name_a", "カテゴリ A"),
                ("name_b", "カテゴリ B"),
                ("comments_a", "A の件数"),
                ("comments_b", "B の件数"),
                ("both", "両方"),
                ("jaccard", "Jaccard"),
                ("lift", "リフト"),
            ]),
            rows: self.pairs.pairs().into_iter().map(row).collect(),
        }
    }

    fn agreement(&self, closed: &Closed) -> Table {
        let rows = closed.options().map(|(option, categories, counts)| {
            let names: Vec<&str> = categories.iter().map(|&id| &*self.category(id).name).collect();
            vec![
                text(option),
                text(&names.join(";")),
                Cell::Count(counts.comments),
                Cell::Count(counts.support()),
                Cell::share(counts.support(), counts.comments),
                Cell::Count(counts.predicted()),
                Cell::share(counts.predicted(), counts.comments),
                Cell::Count(counts.tp),
                Cell::Count(counts.fn_),
                Cell::Count(counts.fp),
                Cell::Share(counts.observed_agreement()),
                Cell::Figure(counts.kappa()),
            ]
        });
        Table {
            kind: "closed",
            title: format!("選択式の問「{}」と自由記述", closed.column()),
            notes: vec![
                format!(
                    "両方に答えた行を比べた。選択式の問が空欄の {} 行は除いた。選ぶことと書くことは別なので、完全には一致しない",
                    closed.unanswered()
                ),
                "κ は偶然の一致を除いた一致度（1 で完全、0 で偶然なみ）".to_owned(),
            ],
            columns: columns(&[
                ("option", "選択肢"),
                ("categories", "対応するカテゴリ"),
                ("rows", "比べた行"),
                ("ticked", "選択"),
                ("ticked_share", "選択(%)"),
                ("written", "記述"),
                ("written_share", "記述(%)"),
                ("both", "両方"),
                ("ticked_only", "選択のみ"),
                ("written_only", "記述のみ"),
                ("agreement", "一致率(%)"),
                ("kappa", "κ"),
            ]),
            rows: rows.collect(),
        }
    }
}

fn disagreements(closed: &Closed) -> Table {
    let options: Vec<&str> = closed.options().map(|(option, ..)| option).collect();
    let rows = closed.disagreements().iter().map(|found| {
        let texts: Vec<&str> = found.comments.iter().map(Comment::text).collect();
        vec![
            text(&found.comments[0].id()),
            text(options[found.option]),
            text(if found.is_ticked { "選択のみ" } else { "記述のみ" }),
            text(&texts.join(" ／ ")),
        ]
    });
    Table {
        kind: "closed-disagreements",
        title: format!("「{}」と自由記述が食い違う回答", closed.column()),
        notes: vec![
            "「記述のみ」はルールの当たりすぎ、「選択のみ」は当たりそこないの手がかりになる".to_owned(),
        ],
        columns: columns(&[("id", "番号"), ("option", "選択肢"), ("kind", "種類"), ("text", "本文")]),
        rows: rows.collect(),
    }
}

/// Stands for a table that would have no end.
fn overflown(crosstab: &Crosstab) -> Table {
    let by = crosstab.by().name();
    Table {
        kind: "crosstab",
        title: format!("{by}別"),
        notes: vec![format!("列「{by}」の値が 100 種類を超えるので、表にしない")],
        columns: columns(&[("id", "ID"), ("name", "カテゴリ")]),
        rows: Vec::new(),
    }
}

/// The values that take part in tests: not the blank one.
fn tested(crosstab: &Crosstab) -> Vec<&crosstab::Column> {
    crosstab.columns().into_iter().filter(|column| !column.value.is_empty()).collect()
}

/// `東京都 +2.7、愛知県 -2.1`, the farthest first.
fn outstanding(test: &Test, values: &[&crosstab::Column]) -> String {
    let mut found: Vec<(f64, &str)> = test
        .residuals
        .iter()
        .zip(values)
        .filter(|(residual, _)| residual.abs() > OUTSTANDING)
        .map(|(&residual, column)| (residual, &*column.value))
        .collect();
    found.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let shown: Vec<String> =
        found.into_iter().map(|(residual, value)| format!("{value} {residual:+.1}")).collect();
    shown.join("、")
}

fn shown(column: &crosstab::Column) -> String {
    if column.value.is_empty() { BLANK.to_owned() } else { column.value.clone() }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn columns(columns: &[(&str, &str)]) -> Vec<Column> {
    columns.iter().map(|&(key, name)| Column::new(key, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{long, rulebook, tagging};
    use crate::statistics::{Options, Survey};

    fn survey<'r>(rulebook: &'r crate::rule::Rulebook, each_question: bool) -> Survey<'r> {
        let options = Options { by: vec!["都道府県".to_owned()], each_question, closed: None };
        let first = long("1", "問7", "東京都", "●");
        let mut survey = Survey::new(first.schema(), rulebook, options, "t.csv").unwrap();
        for (id, question, place, text) in [
            ("1", "問7", "東京都", "●"),
            ("2", "問7", "愛知県", "●"),
            ("3", "問7", "東京都", "遅い"),
            ("1", "問13", "東京都", "●"),
            ("2", "問13", "愛知県", ""),
            ("4", "問13", "東京都", "特になし"),
        ] {
            let comment = long(id, question, place, text);
            let tags: &[(usize, &[&str])] = if text == "●" { &[(1, &["●"])] } else { &[] };
            survey.add(&comment, &tagging(text, tags));
        }
        survey.end();
        survey
    }

    fn shown(table: &Table, row: usize) -> Vec<String> {
        table.rows[row].iter().map(Cell::shown).collect()
    }

    #[test]
    fn a_question_that_was_not_asked_is_no_zero() {
        let rulebook = rulebook();
        let tables = survey(&rulebook, true).tables();
        let titles: Vec<&str> = tables.iter().map(|table| &*table.title).collect();
        assert_eq!(titles[1..4], ["都道府県別", "都道府県別（問7）", "都道府県別（問13）"]);
        assert_eq!(shown(&tables[1], 2), ["black-circle", "●表記", "2", "66.7", "1", "100.0"]);
        // In 愛知県 every answer to 問13 is empty.
        assert_eq!(shown(&tables[3], 2), ["black-circle", "●表記", "1", "100.0", "－", "－"]);
        assert_eq!(survey(&rulebook, false).tables().len(), tables.len() - 2);
    }

    #[test]
    fn frequencies_are_of_comments_and_of_respondents() {
        let rulebook = rulebook();
        let tables = survey(&rulebook, false).tables();
        let row = shown(&tables[0], 1);
        assert_eq!(row[2..5], ["●表記", "3", "75.0"]);
        assert_eq!(row[7..], ["2", "66.7"]);
        assert!(
            tables[0].notes[0].starts_with("回答のあった記述 4 件、回答者 3 人"),
            "{}",
            tables[0].notes[0]
        );
    }

    #[test]
    fn a_column_that_isnt_there_is_an_error() {
        let rulebook = rulebook();
        let schema = long("1", "問7", "東京都", "●").schema().clone();
        let options = Options { by: vec!["区分".to_owned()], ..Options::default() };
        let error = Survey::new(&schema, &rulebook, options, "t.csv").unwrap_err();
        assert_eq!(error.to_string(), "`t.csv`: 列「区分」がありません");
        let options = Options { by: vec!["問".to_owned()], ..Options::default() };
        assert!(Survey::new(&schema, &rulebook, options, "t.csv").is_ok());
    }
}
