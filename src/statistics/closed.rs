//! A closed question beside the free text: does what people ticked fit what the rules found in what they wrote?
//!
//! The unit is the respondent's row. Only rows that answer both the closed question and a free-text one are compared.
//! Ticking and writing are different acts, so perfect agreement is not to be expected; an option whose agreement is far
//! below the others' points to rules worth a look. The measures are those of [`crate::evaluate`].

use std::fs;
use std::path::Path;

use crate::classify::Tagging;
use crate::comment::{Comment, Status};
use crate::error::{Error, Result};
use crate::evaluate::counts::Counts;
use crate::evaluate::gold;
use crate::normalise::normalise;
use crate::rule::source::nearest;
use crate::rule::{CategoryId, Rulebook};

/// Which options of a closed question mean which categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    option: String,
    /// The option as it is looked for: normalised, without blanks.
    folded: String,
    categories: Vec<CategoryId>,
}

impl Mapping {
    /// Reads a CSV file in UTF-8 with the columns 選択肢 and カテゴリ; the latter holds ids or names joined by `;`.
    ///
    /// # Errors
    /// When the file can't be read, lacks a column, is empty, names an option twice or a category that isn't there.
    pub fn read(path: &Path, rulebook: &Rulebook) -> Result<Mapping> {
        let bytes = fs::read(path).map_err(|source| Error::read(path, source))?;
        Mapping::parse(&bytes, &path.display().to_string(), rulebook)
    }

    fn parse(bytes: &[u8], name: &str, rulebook: &Rulebook) -> Result<Mapping> {
        let refuse = |line: Option<u64>, problem: String, hint: &str| Error::Input {
            input: name.to_owned(),
            line,
            problem,
            hint: hint.to_owned(),
        };
        const SHAPE: &str = "1 行目を「選択肢,カテゴリ」とし、2 行目から選択肢と、対応するカテゴリ（id か名前。いくつもあれば「;」で区切る）を書いてください";
        let broken = |error: csv::Error| {
            let line = error.position().map(csv::Position::line);
            refuse(line, "CSV として読めません".to_owned(), "UTF-8 の CSV で保存し直してください")
        };
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
        let headers = reader.headers().map_err(broken)?.clone();
        let column = |wanted: &str| {
            let found = headers.iter().position(|header| header.trim() == wanted);
            found.ok_or_else(|| refuse(Some(1), format!("列「{wanted}」がありません"), SHAPE))
        };
        let (option, category) = (column("選択肢")?, column("カテゴリ")?);
        let mut items: Vec<Item> = Vec::new();
        for row in reader.records() {
            let row = row.map_err(broken)?;
            let line = row.position().map(csv::Position::line);
            let option = row[option].trim().to_owned();
            let folded = fold(&option);
            if folded.is_empty() {
                return Err(refuse(line, "選択肢が空です".to_owned(), SHAPE));
            }
            if items.iter().any(|item| item.folded == folded) {
                let hint = "1 つの選択肢は 1 行にまとめ、カテゴリを「;」で区切ってください";
                return Err(refuse(line, format!("選択肢「{option}」が 2 回あります"), hint));
            }
            let mut categories = Vec::new();
            for label in gold::split(&row[category]) {
                categories.push(rulebook.find_labelled(label).ok_or_else(|| {
                    let known: Vec<&str> =
                        rulebook.categories().iter().flat_map(|c| [&*c.id, &*c.name]).collect();
                    let hint = nearest(label, &known).map_or_else(
                        || "カテゴリの id か名前を書いてください".to_owned(),
                        |nearest| format!("「{nearest}」の書き間違いではありませんか"),
                    );
                    refuse(line, format!("「{label}」というカテゴリはありません"), &hint)
                })?);
            }
            items.push(Item { option, folded, categories });
        }
        if items.is_empty() {
            return Err(refuse(None, "選択肢が 1 つもありません".to_owned(), SHAPE));
        }
        Ok(Mapping { items })
    }

    /// Which options `cell` names, by item. Longer options are looked for first, for one may be part of another; what
    /// they are separated by doesn't matter.
    fn chosen(&self, cell: &str) -> Vec<bool> {
        let mut rest = fold(cell);
        let mut chosen = vec![false; self.items.len()];
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(self.items[at].folded.len()));
        for at in order {
            let option = &*self.items[at].folded;
            if let Some(place) = rest.find(option) {
                chosen[at] = true;
                // Something stays, so that the parts around don't join to another option.
                rest.replace_range(place..place + option.len(), "\u{0}");
            }
        }
        chosen
    }
}

fn fold(text: &str) -> String {
    normalise(text).text().chars().filter(|c| !c.is_whitespace()).collect()
}

/// The comparison, gathered comment by comment.
#[derive(Debug, Clone)]
pub struct Closed {
    column: String,
    mapping: Mapping,
    counts: Vec<Counts>,
    disagreements: Vec<Disagreement>,
    /// Rows that answer in free text but not the closed question.
    unanswered: u64,
    row: Option<Row>,
}

/// The comments of the row that is being read.
#[derive(Debug, Clone)]
struct Row {
    comments: Vec<Comment>,
    categories: Vec<CategoryId>,
}

/// A row in which ticking and writing differ on one option.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// Index of the option.
    pub option: usize,
    /// Whether it was ticked; if not, it was written about.
    pub is_ticked: bool,
    /// The row's answers that say something.
    pub comments: Vec<Comment>,
}

impl Closed {
    /// Nothing compared yet. `column` must be an attribute of the input.
    pub fn new(column: String, mapping: Mapping) -> Self {
        let counts = vec![Counts::default(); mapping.items.len()];
        Closed { column, mapping, counts, disagreements: Vec::new(), unanswered: 0, row: None }
    }

    /// Adds the next comment of the input.
    pub fn add(&mut self, comment: &Comment, tagging: &Tagging) {
        let is_new = self.row.as_ref().is_none_or(|row| {
            row.comments[0].row().number != comment.row().number
                || comment.schema().texts.first() == Some(&comment.text_column())
        });
        if is_new {
            self.end_row();
            self.row = Some(Row { comments: Vec::new(), categories: Vec::new() });
        }
        let row = self.row.as_mut().expect("just begun");
        row.comments.push(comment.clone());
        row.categories.extend(tagging.tags.iter().map(|tag| tag.category));
    }

    /// Ends the input.
    pub fn end(&mut self) {
        self.end_row();
    }

    fn end_row(&mut self) {
        let Some(Row { mut comments, categories }) = self.row.take() else { return };
        let cell = comments[0].cell(&self.column).unwrap_or_default().to_owned();
        comments.retain(|comment| comment.status() == Status::Answered);
        if comments.is_empty() {
            return;
        }
        if cell.trim().is_empty() {
            self.unanswered += 1;
            return;
        }
        for (option, is_ticked) in self.mapping.chosen(&cell).into_iter().enumerate() {
            let is_written = self.mapping.items[option].categories.iter().any(|id| categories.contains(id));
            self.counts[option].record(is_written, is_ticked);
            if is_ticked != is_written {
                self.disagreements.push(Disagreement { option, is_ticked, comments: comments.clone() });
            }
        }
    }

    /// The closed question's column.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// Rows left out because the closed question is unanswered.
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// Each option with its categories and its counts: `tp` ticked and written, `fn_` ticked only, `fp` written only.
    pub fn options(&self) -> impl Iterator<Item = (&str, &[CategoryId], &Counts)> {
        let items = self.mapping.items.iter().zip(&self.counts);
        items.map(|(item, counts)| (&*item.option, &*item.categories, counts))
    }

    /// The rows that differ, in input order.
    pub fn disagreements(&self) -> &[Disagreement] {
        &self.disagreements
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, rulebook, tagging, wide};

    fn mapping(table: &str) -> Result<Mapping> {
        Mapping::parse(table.as_bytes(), "対応.csv", &rulebook())
    }

    #[test]
    fn the_longest_option_is_found_first_whatever_separates_them() {
        let mapping =
            mapping("\u{feff}選択肢,カテゴリ\n顔認証,face-auth\n顔認証、暗証番号,time-lag\n●,●表記\n")
                .unwrap();
        for (cell, expected) in [
            ("顔認証;●", [true, false, true]),
            ("顔認証、暗証番号", [false, true, false]),
            ("顔認証、暗証番号, 顔 認 証", [true, true, false]),
            ("その他", [false, false, false]),
        ] {
            assert_eq!(mapping.chosen(cell), expected, "{cell}");
        }
    }

    #[test]
    fn mistakes_in_the_mapping_are_named_with_their_line() {
        for (table, words) in [
            ("選択肢,分類\nあ,face-auth\n", "列「カテゴリ」がありません"),
            ("選択肢,カテゴリ\nあ,face-auth\nい,face-aut\n", "の 3 行目: 「face-aut」"),
            ("選択肢,カテゴリ\nあ,\nア,\nあ ,\n", "の 4 行目: 選択肢「あ」が 2 回"),
            ("選択肢,カテゴリ\n", "選択肢が 1 つもありません"),
        ] {
            let message = mapping(table).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }

    #[test]
    fn a_row_counts_once_with_all_its_answers() {
        // The attribute of these rows is called タイムラグ and says 愛知県.
        let mapping = mapping("選択肢,カテゴリ\n愛知県,●表記\n岐阜県,face-auth\n三重県,time-lag\n").unwrap();
        let mut closed = Closed::new("タイムラグ".to_owned(), mapping);
        for (row, texts, tags) in [
            (1, ["遅い", "●"], [&[][..], &[1][..]]),
            (2, ["顔認証", "遅い"], [&[0], &[]]),
            (3, ["", ""], [&[], &[]]),
        ] {
            for (comment, tags) in wide(row, texts).iter().zip(tags) {
                let text = comment.text();
                let tags: Vec<(usize, &[&str])> =
                    tags.iter().map(|&at| (at, std::slice::from_ref(&text))).collect();
                closed.add(comment, &tagging(text, &tags));
            }
        }
        closed.end();
        let counts: Vec<(u64, u64, u64, u64)> =
            closed.options().map(|(.., c)| (c.comments, c.tp, c.fp, c.fn_)).collect();
        assert_eq!(counts, [(2, 1, 0, 1), (2, 0, 1, 0), (2, 0, 0, 0)]);
        assert_eq!(closed.options().next().unwrap().1, [category(1)]);
        let differ: Vec<_> =
            closed.disagreements().iter().map(|d| (d.option, d.is_ticked, d.comments.len())).collect();
        assert_eq!(differ, [(0, true, 2), (1, false, 2)]);
    }
}
