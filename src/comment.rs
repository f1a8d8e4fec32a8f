//! A comment: one free-text answer, the unit of coding, with the survey row it stands in.
//!
//! Rows are shared, not copied: a wide survey row with 問7 and 問13 filled gives two comments that point at the
//! same [`Row`]. Which column means what is the business of [`Schema`], made once per input by [`crate::read`].

use std::borrow::Cow;
use std::sync::{Arc, LazyLock, OnceLock};

use csv::StringRecord;
use regex::Regex;

use crate::normalise::{is_hiragana, is_kanji, normalise};

/// What each column of an input means.
///
/// All indices are positions in [`Schema::headers`] and in every [`Row::cells`] of the same input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The header cells, as written in the input.
    pub headers: Vec<String>,
    /// The column that identifies the respondent; without one the row number does.
    pub id: Option<usize>,
    /// The columns that hold answers, at least one. More than one makes the table *wide*.
    pub texts: Vec<usize>,
    /// The column that names the question of a long table (one answer per row).
    pub question: Option<usize>,
    /// The other columns that describe the respondent, in input order.
    pub attributes: Vec<usize>,
    /// Answers that mean 特になし in this survey, besides those that do everywhere; normalised by [`bare`].
    pub nothing: Vec<String>,
}

impl Schema {
    /// Whether one row holds the answers to several questions.
    pub fn is_wide(&self) -> bool {
        self.texts.len() > 1
    }

    /// The index of the attribute column called `name`.
    pub fn attribute(&self, name: &str) -> Option<usize> {
        self.attributes.iter().copied().find(|&column| self.headers[column] == name)
    }
}

/// One data row of the input, exactly as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number of the data row, counted from 1 without the header.
    pub number: u64,
    /// The cells in input order; as many as the schema has headers.
    pub cells: StringRecord,
}

impl Row {
    /// The line of the file on which the row begins, from 1 and with the header; `None` where lines are not known.
    pub fn line(&self) -> Option<u64> {
        self.cells.position().map(csv::Position::line)
    }
}

/// Whether a comment says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// There is something to code.
    Answered,
    /// The cell is empty or holds blanks only.
    Empty,
    /// The respondent wrote that there is nothing to report: 特になし, ありません, －.
    Nothing,
}

impl Status {
    /// The name used in exported files.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Answered => "answered",
            Status::Empty => "empty",
            Status::Nothing => "nothing",
        }
    }
}

/// One free-text answer.
#[derive(Debug, Clone)]
pub struct Comment {
    schema: Arc<Schema>,
    row: Arc<Row>,
    text_column: usize,
    /// Worked out when first asked for; matching, every writer and the tally ask.
    status: OnceLock<Status>,
}

impl Comment {
    /// The answer in column `text_column` of `row`.
    pub fn new(schema: Arc<Schema>, row: Arc<Row>, text_column: usize) -> Self {
        debug_assert!(schema.texts.contains(&text_column));
        Comment { schema, row, text_column, status: OnceLock::new() }
    }

    /// A comment that comes from no table: a text typed on the command line or standing in a test.
    pub fn from_text(text: &str) -> Self {
        static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
            Arc::new(Schema {
                headers: vec!["text".to_owned()],
                id: None,
                texts: vec![0],
                question: None,
                attributes: Vec::new(),
                nothing: Vec::new(),
            })
        });
        let row = Row { number: 1, cells: StringRecord::from(vec![text]) };
        Comment::new(Arc::clone(&SCHEMA), Arc::new(row), 0)
    }

    /// The respondent's id: the id cell, or the row number where the input has no id column.
    pub fn id(&self) -> Cow<'_, str> {
        match self.schema.id {
            Some(column) => Cow::Borrowed(&self.row.cells[column]),
            None => Cow::Owned(self.row.number.to_string()),
        }
    }

    /// The question answered: the question cell of a long table, the header of the answer's column otherwise.
    pub fn question(&self) -> &str {
        match self.schema.question {
            Some(column) => &self.row.cells[column],
            None => &self.schema.headers[self.text_column],
        }
    }

    /// The answer, verbatim.
    pub fn text(&self) -> &str {
        &self.row.cells[self.text_column]
    }

    /// The same comment with `text` for its answer.
    #[must_use]
    pub fn with_text(&self, text: &str) -> Self {
        let cell = |(column, cell)| if column == self.text_column { text } else { cell };
        let cells: StringRecord = self.row.cells.iter().enumerate().map(cell).collect();
        let row = Row { number: self.row.number, cells };
        Comment::new(Arc::clone(&self.schema), Arc::new(row), self.text_column)
    }

    /// Index of the answer's column.
    pub fn text_column(&self) -> usize {
        self.text_column
    }

    /// Header and cell of every attribute, in input order.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.schema
            .attributes
            .iter()
            .map(|&column| (self.schema.headers[column].as_str(), &self.row.cells[column]))
    }

    /// The cell of the attribute column called `name`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.schema.attribute(name).map(|column| &self.row.cells[column])
    }

    /// The cell of the column called `name`, whatever the column means.
    pub fn cell(&self, name: &str) -> Option<&str> {
        let column = self.schema.headers.iter().position(|header| header == name)?;
        self.row.cells.get(column)
    }

    /// The row the comment stands in.
    pub fn row(&self) -> &Row {
        &self.row
    }

    /// The meaning of the row's columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether the answer says anything.
    pub fn status(&self) -> Status {
        *self.status.get_or_init(|| match status_of(self.text()) {
            Status::Answered
                if !self.schema.nothing.is_empty() && self.schema.nothing.contains(&bare(self.text())) =>
            {
                Status::Nothing
            }
            status => status,
        })
    }
}

/// An answer as compared with [`Schema::nothing`]: without blanks and punctuation, in one way of typing.
pub fn bare(text: &str) -> String {
    let is_word = |c: &char| !c.is_whitespace() && !"。.．,!()「」・".contains(*c);
    normalise(text).text().chars().filter(is_word).collect()
}

/// Longest answer, in bytes of the original, that can still be a 特になし. The longest phrasing the pattern below
/// accepts has about 20 characters; the margin is for blanks and punctuation.
const LONGEST_NOTHING: usize = 120;

/// What a 特になし can begin with, of the characters that normalising leaves alone: those of the pattern below.
const OPENINGS: &str = "今い現当こ特別との所では困問意要記そなも無あご";

/// Whether `c` is a kana or kanji that normalising leaves alone. 卜 may stand for ト.
fn is_plain(c: char) -> bool {
    (is_hiragana(c) || is_kanji(c)) && c != '卜'
}

fn status_of(text: &str) -> Status {
    static NOTHING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"^(?:今|いま|現在|今回|当院|これといって|特別|特段|とりたてて|の|ところ|所|は|で|、|特に|とくに)*",
            r"(?:(?:トラブル|問題|困りごと|困ったこと|意見|要望|事例|記載事項|その他)(?:等|など)?)?(?:は|も)?",
            r"(?:特に|とくに)?",
            r"(?:な[しい]|無[しい]|無|ありません|ございません|ありませんでした|なかった|ありませんので)(?:です|でした)?$",
        ))
        .expect("the pattern is valid")
    });
    if text.trim().is_empty() {
        return Status::Empty;
    }
    // Four answers in five are settled by their length or first character.
    if text.len() > LONGEST_NOTHING || text.starts_with(|c| is_plain(c) && !OPENINGS.contains(c)) {
        return Status::Answered;
    }
    let words = bare(text);
    // A lone dash or slash is how paper forms say "nothing to write".
    let is_stroke = words.chars().all(|c| "-ー―—/×〃_~〜".contains(c));
    if is_stroke || NOTHING.is_match(&words) { Status::Nothing } else { Status::Answered }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_say_nothing_are_told_from_answers() {
        for text in [
            "特になし",
            "特になし。",
            " 特にありません ",
            "なし",
            "無し",
            "無",
            "今のところ特になし",
            "トラブルは特にない",
            "－",
            "特に、なし",
            "問題なし",
        ] {
            assert_eq!(status_of(text), Status::Nothing, "{text}");
        }
        for text in ["", "  ", "　\n"] {
            assert_eq!(status_of(text), Status::Empty, "{text:?}");
        }
        for text in ["該当資格なし", "顔認証ができない", "特になしと書く人が多い", "資格なし", "●", "？"]
        {
            assert_eq!(status_of(text), Status::Answered, "{text}");
        }
    }
}
