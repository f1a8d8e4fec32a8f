//! Reading what people decided: a long table of comments with a column of categories.
//!
//! A cell of that column holds ids or Japanese names of categories, joined by `;`. An empty cell is an answer, too: no
//! category applies. The column 確定 of a workbook of ours is another matter: it is filled in bit by bit, so that an
//! empty cell there means that nobody has decided yet. Everything else is read by [`crate::read`].

use std::path::Path;
use std::sync::Arc;

use crate::classify::Tagging;
use crate::comment::{Comment, Row, Schema};
use crate::error::{Error, Result};
use crate::export::xlsx::DECISION;
use crate::read::{Columns, Options, Reader, comments_of};
use crate::rule::source::nearest;
use crate::rule::{Category, CategoryId, Rulebook};

/// The first columns of the corrections that the page saves; attributes of any kind follow.
const CORRECTIONS: [&str; 5] = ["id", "question", "text", "labels", "変更前"];

/// The column that decisions are about.
pub(crate) const TAGGED: &str = "カテゴリ";

/// The categories of one comment: ordered as in the rulebook, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Labels(Vec<CategoryId>);

impl Labels {
    /// The labels in any order, with or without repetitions.
    pub fn new(mut categories: Vec<CategoryId>) -> Self {
        categories.sort_unstable();
        categories.dedup();
        Labels(categories)
    }

    /// Whether the category is among them.
    pub fn contains(&self, category: CategoryId) -> bool {
        self.0.binary_search(&category).is_ok()
    }

    /// The categories, in the order of the rulebook.
    pub fn iter(&self) -> impl Iterator<Item = CategoryId> + use<'_> {
        self.0.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no category applies.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many categories are in both.
    pub(crate) fn common_with(&self, other: &Labels) -> usize {
        self.iter().filter(|&category| other.contains(category)).count()
    }
}

impl From<&Tagging> for Labels {
    fn from(tagging: &Tagging) -> Self {
        Labels::new(tagging.tags.iter().map(|tag| tag.category).collect())
    }
}

/// A comment with the categories a person gave it.
#[derive(Debug, Clone)]
pub struct Coded {
    /// The comment.
    pub comment: Comment,
    /// Its categories.
    pub labels: Labels,
}

/// A table of coded comments. There is at least one, and all share one [`Schema`].
#[derive(Debug, Clone)]
pub struct Gold {
    /// The file's name, for messages.
    pub name: String,
    /// The comments in the order of the file; empty and 特になし answers are among them.
    pub comments: Vec<Coded>,
    /// How the file was understood, see [`Reader::findings`].
    pub findings: Vec<String>,
    /// Rows of a workbook of ours in which nobody has decided yet, and which are not among the comments.
    pub open: u64,
}

impl Gold {
    /// What the columns mean.
    pub fn schema(&self) -> &Schema {
        self.comments[0].comment.schema()
    }

    /// Reads the table at `path` (`-` is standard input), whose column `labels` holds categories of `rulebook`.
    ///
    /// # Errors
    /// When [`Reader`] refuses the table, when it is a wide one (one column of labels can't say which answer it is
    /// about), when there is no column `labels`, and when a label is no category: the message names line, column and
    /// the nearest category there is, and the hint all further lines.
    pub fn read(path: &Path, columns: &Columns, labels: &str, rulebook: &Rulebook) -> Result<Gold> {
        Gold::from_reader(open(path, columns)?, &path.display().to_string(), labels, rulebook)
    }

    /// As [`Gold::read`], from the column 確定 if there is one. Columns asked for that the table lacks are recognised instead: it
    /// need not be called as those of the answers are.
    ///
    /// # Errors
    /// As [`Gold::read`].
    pub fn decisions(path: &Path, columns: &Columns, labels: &str, rulebook: &Rulebook) -> Result<Gold> {
        let id_only = Columns { id: columns.id.clone(), ..Columns::default() };
        let reader = [columns, &id_only].into_iter().find_map(|columns| match open(path, columns) {
            Err(Error::MissingColumn { .. }) => None,
            opened => Some(opened),
        });
        let reader = reader.unwrap_or_else(|| open(path, &Columns::default()))?;
        let labels = if reader.column(DECISION).is_some() { DECISION } else { labels };
        Gold::from_reader(reader, &path.display().to_string(), labels, rulebook)
    }

    /// As [`Gold::read`], from an open reader. `name` stands for it in messages.
    ///
    /// # Errors
    /// As [`Gold::read`].
    pub fn from_reader(mut reader: Reader, name: &str, labels: &str, rulebook: &Rulebook) -> Result<Gold> {
        let schema = Arc::clone(reader.schema());
        let wanted = reader.column(labels).map_or(labels, |column| &schema.headers[column]);
        let column = label_column(&schema, name, wanted)?;
        let mut comments = Vec::new();
        let mut unknown = Vec::new();
        // The categories that decisions are about; `None` where the column doesn't hold decisions.
        let tagged = if labels == DECISION { reader.column(TAGGED) } else { None };
        let mut open = 0_u64;
        while let Some(row) = reader.next_row()? {
            let cell = match tagged {
                None => &row.cells[column],
                Some(tagged) => match decided(&row.cells[column], &row.cells[tagged]) {
                    None => {
                        open += 1;
                        continue;
                    }
                    Some(labels) => labels,
                },
            };
            let labels = parse(cell, rulebook, |label| unknown.push(Unknown::new(&row, label)));
            comments
                .extend(comments_of(&schema, row).map(|comment| Coded { comment, labels: labels.clone() }));
        }
        if !unknown.is_empty() {
            return Err(unknown_labels(&unknown, name, labels, rulebook.categories()));
        }
        if comments.is_empty() {
            let problem = format!("列「{DECISION}」がどの行も空です");
            let hint = "○・なし・カテゴリ名のどれかを書き込んで保存してください".to_owned();
            return Err(Error::Input { input: name.to_owned(), line: None, problem, hint });
        }
        let mut findings = reader.findings().to_vec();
        if open > 0 {
            findings.push(format!(
                "「{DECISION}」が空の {open} 件は、まだ決めていないものとして除きました（{} 件を比べます）",
                comments.len()
            ));
        }
        Ok(Gold { name: name.to_owned(), comments, findings, open })
    }
}

/// Opens a table that people worked on.
fn open(path: &Path, columns: &Columns) -> Result<Reader> {
    let options = |columns: &Columns| Options { keep_own: true, ..Options::from(columns) };
    let reader = Reader::open(path, options(columns));
    let is_corrections =
        |reader: &Reader| reader.schema().headers.iter().take(CORRECTIONS.len()).eq(CORRECTIONS);
    match reader {
        // An attribute may look like an answer, too.
        Ok(reader) if columns.texts.is_empty() && columns.question.is_none() && is_corrections(&reader) => {
            let [id, question, text, ..] = CORRECTIONS.map(str::to_owned);
            let columns = Columns { id: Some(id), texts: vec![text], question: Some(question) };
            Reader::open(path, options(&columns))
        }
        reader => reader,
    }
}

/// The categories that a person decided on in a `cell` of the column 確定, where the rules' are `tagged`; `None` where nobody
/// decided yet.
pub(crate) fn decided<'c>(cell: &'c str, tagged: &'c str) -> Option<&'c str> {
    match cell.trim() {
        "" => None,
        "○" | "〇" | "◯" | "OK" | "ok" => Some(tagged),
        "なし" | "無し" | "ナシ" => Some(""),
        labels => Some(labels),
    }
}

/// The column of labels, which must be one and about one answer per row.
pub(crate) fn label_column(schema: &Schema, name: &str, labels: &str) -> Result<usize> {
    let refuse =
        |problem: String, hint: String| Error::Input { input: name.to_owned(), line: None, problem, hint };
    let listed = || schema.headers.iter().map(|header| format!("「{header}」")).collect::<String>();
    if schema.is_wide() {
        let texts: String =
            schema.texts.iter().map(|&column| format!("「{}」", schema.headers[column])).collect();
        return Err(refuse(
            format!("本文の列が複数あり（{texts}）、「{labels}」がどの回答のものか分かりません"),
            "1 行に 1 つの回答を書いた縦長の表（番号・問・本文・カテゴリ）にするか、`--text` で本文の列を 1 つだけ指定してください".to_owned(),
        ));
    }
    match schema.headers.iter().position(|header| header == labels) {
        None => Err(refuse(
            format!("カテゴリの列「{labels}」がありません"),
            format!("`--labels` で指定してください。このファイルにある列: {}", listed()),
        )),
        Some(column) if !schema.attributes.contains(&column) => Err(refuse(
            format!("列「{labels}」は番号・問・本文のどれかとして使われています"),
            format!("`--labels` には別の列を指定してください。このファイルにある列: {}", listed()),
        )),
        Some(column) => Ok(column),
    }
}

/// A label that is no category, with where it stands.
pub(crate) struct Unknown {
    line: Option<u64>,
    row: u64,
    label: String,
}

impl Unknown {
    pub(crate) fn new(row: &Row, label: &str) -> Self {
        Unknown { line: row.line(), row: row.number, label: label.to_owned() }
    }

    fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{line} 行目「{}」", self.label),
            None => format!("{} 件目「{}」", self.row, self.label),
        }
    }
}

/// The labels in `cell`. Full-width `；` separates as well: it is what a Japanese keyboard gives.
pub(crate) fn split(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', '；']).map(str::trim).filter(|label| !label.is_empty())
}

fn parse(cell: &str, rulebook: &Rulebook, mut unknown: impl FnMut(&str)) -> Labels {
    let mut found = Vec::new();
    for label in split(cell) {
        match rulebook.find_labelled(label) {
            Some(category) => found.push(category),
            None => unknown(label),
        }
    }
    Labels::new(found)
}

/// Other places that are named beside the first.
const PLACES_SHOWN: usize = 10;

/// Says which labels are no category, of which there is at least one.
pub(crate) fn unknown_labels(
    unknown: &[Unknown],
    name: &str,
    column: &str,
    categories: &[Category],
) -> Error {
    let (first, others) = unknown.split_first().expect("called only where there is one");
    let known: Vec<&str> =
        categories.iter().flat_map(|category| [category.id.as_str(), category.name.as_str()]).collect();
    let mut hint = match nearest(&first.label, &known) {
        Some(nearest) => format!("「{nearest}」の書き間違いではありませんか"),
        None => {
            let ids: Vec<&str> = categories.iter().map(|category| category.id.as_str()).collect();
            format!("次の id か、その日本語の名前を「;」で区切って書いてください: {}", ids.join(" "))
        }
    };
    if !others.is_empty() {
        let places: Vec<String> = others.iter().take(PLACES_SHOWN).map(Unknown::place).collect();
        let more = if others.len() > PLACES_SHOWN { " など" } else { "" };
        hint += &format!("。ほかに {} か所: {}{more}", others.len(), places.join("、"));
    }
    let problem = match first.line {
        Some(_) => format!("列「{column}」の「{}」というカテゴリはありません", first.label),
        None => format!("{} 件目の列「{column}」の「{}」というカテゴリはありません", first.row, first.label),
    };
    Error::Input { input: name.to_owned(), line: first.line, problem, hint }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, rulebook};

    fn read(table: &str) -> Result<Gold> {
        let input = std::io::Cursor::new(table.to_owned().into_bytes());
        let reader = Reader::from_reader("gold.csv", Box::new(input), &Columns::default())?;
        Gold::from_reader(reader, "gold.csv", "labels", &rulebook())
    }

    #[test]
    fn decisions_are_taken_where_somebody_decided() {
        let table = "\
            番号,問7,問13,問,本文,状態,カテゴリ,確定\n\
            1,あ,い,問7,あ,回答あり,●表記,○\n\
            1,あ,い,問13,い,回答あり,●表記,\n\
            2,う,え,問7,う,回答あり,●表記,なし\n\
            2,う,え,問13,え,回答あり,●表記,time-lag;●表記\n";
        let input = || Box::new(std::io::Cursor::new(table.to_owned().into_bytes()));
        let reader = Reader::from_reader("book", input(), &Columns::default()).unwrap();
        let gold = Gold::from_reader(reader, "book", DECISION, &rulebook()).unwrap();
        let of = |indices: &[usize]| Labels::new(indices.iter().map(|&at| category(at)).collect());
        let coded: Vec<_> =
            gold.comments.iter().map(|coded| (coded.comment.question(), coded.labels.clone())).collect();
        assert_eq!(coded, [("問7", of(&[1])), ("問7", of(&[])), ("問13", of(&[1, 2]))]);
        assert!(gold.findings.last().unwrap().contains("空の 1 件"), "{:?}", gold.findings);
        let undecided =
            table.lines().take(1).chain(table.lines().skip(2).take(1)).collect::<Vec<_>>().join("\n");
        let reader =
            Reader::from_reader("book", Box::new(std::io::Cursor::new(undecided)), &Columns::default())
                .unwrap();
        let error = Gold::from_reader(reader, "book", DECISION, &rulebook()).unwrap_err();
        assert!(error.to_string().contains("どの行も空です"), "{error}");
    }

    fn complaint(table: &str) -> String {
        let error = read(table).expect_err("the table must be refused");
        format!("{error}／{}", error.hint().unwrap_or_default())
    }

    #[test]
    fn ids_and_names_are_categories_and_an_empty_cell_is_none() {
        let table =
            "id,text,labels\n1,あ, time-lag ;face-auth;face-auth\n2,い,●表記；タイムラグ\n3,う,\n4,,;\n";
        let labels: Vec<Labels> =
            read(table).unwrap().comments.into_iter().map(|coded| coded.labels).collect();
        let of = |indices: &[usize]| Labels::new(indices.iter().map(|&at| category(at)).collect());
        assert_eq!(labels, [of(&[0, 2]), of(&[1, 2]), of(&[]), of(&[])]);
    }

    #[test]
    fn unknown_labels_are_named_with_line_column_and_the_nearest_category() {
        let table =
            "id,text,labels\r\n\r\n1,\"二\r\n行\",face-auth\r\n2,い,face-aut\r\n3,う,black-circle;顔認証\r\n";
        assert_eq!(
            complaint(table),
            "`gold.csv` の 5 行目: 列「labels」の「face-aut」というカテゴリはありません／\
             「face-auth」の書き間違いではありませんか。ほかに 1 か所: 6 行目「顔認証」"
        );
        let far = complaint("id,text,labels\n1,あ,unknown\n");
        assert!(far.contains("face-auth black-circle time-lag"), "{far}");
        let many = complaint(&format!("id,text,labels\n{}", "1,あ,x\n".repeat(20)));
        assert!(many.contains("ほかに 19 か所: 3 行目「x」") && many.ends_with("など"), "{many}");
    }

    #[test]
    fn tables_whose_labels_have_no_clear_owner_are_refused() {
        let wide = complaint("id,問7_自由記述,問13_自由記述,labels\n1,あ,い,face-auth\n");
        assert!(wide.contains("縦長の表"), "{wide}");
        let missing = complaint("id,text,codes\n1,あ,face-auth\n");
        assert!(missing.contains("列「labels」がありません") && missing.contains("「codes」"), "{missing}");
        let table = std::io::Cursor::new("id,text\n1,あ\n");
        let reader = Reader::from_reader("t", Box::new(table), &Columns::default()).unwrap();
        let taken = Gold::from_reader(reader, "t", "text", &rulebook()).unwrap_err().to_string();
        assert!(taken.contains("列「text」は番号・問・本文のどれかとして使われています"), "{taken}");
    }
}
