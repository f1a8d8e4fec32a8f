//! Categories by the values of an attribute: the counts, gathered comment by comment.

use rustc_hash::FxHashMap;

use crate::classify::Tagging;
use crate::comment::{Comment, Schema, Status};
use crate::places::PREFECTURES;
use crate::rule::{CategoryId, Rulebook};

/// Values of one attribute beyond which it is no classification but a text, a name or a number. Japan has 47
/// prefectures; answers from abroad, misspellings and blanks need some room.
const MOST_VALUES: usize = 100;

/// What the columns of a cross table stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The question answered.
    Question,
    /// The attribute column of this name.
    Attribute(String),
}

impl By {
    /// What to cross by, of everything that `schema` has: the question first, then the attributes in input order.
    pub fn all(schema: &Schema) -> Vec<By> {
        let attributes =
            schema.attributes.iter().map(|&column| By::Attribute(schema.headers[column].clone()));
        std::iter::once(By::Question).chain(attributes).collect()
    }

    /// Its name: 問, or the attribute's.
    pub fn name(&self) -> &str {
        match self {
            By::Question => "問",
            By::Attribute(name) => name,
        }
    }

    /// The value that `comment` has.
    pub fn value<'c>(&self, comment: &'c Comment) -> &'c str {
        match self {
            By::Question => comment.question().trim(),
            By::Attribute(name) => comment.cell(name).unwrap_or_default().trim(),
        }
    }
}

/// Counts of categories by the values of one attribute.
#[derive(Debug, Clone)]
pub struct Crosstab {
    by: By,
    categories: usize,
    index: FxHashMap<String, usize>,
    columns: Vec<Column>,
    has_overflown: bool,
}

/// The answered comments with one value. It is there if anybody with that value said anything, 特になし included: otherwise
/// the question was not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The value, without blanks around it; may be empty.
    pub value: String,
    /// Comments that say something.
    pub answered: u64,
    /// Those with at least one category.
    pub tagged: u64,
    categories: Vec<u64>,
}

impl Column {
    /// Comments with this category.
    pub fn count(&self, category: CategoryId) -> u64 {
        self.categories[category.index()]
    }
}

impl Crosstab {
    /// Nothing counted yet.
    pub fn new(by: By, rulebook: &Rulebook) -> Self {
        let categories = rulebook.categories().len();
        Crosstab { by, categories, index: FxHashMap::default(), columns: Vec::new(), has_overflown: false }
    }

    /// Counts a comment; one that says 特になし shows only that the question was asked.
    pub fn add(&mut self, comment: &Comment, tagging: &Tagging) {
        if comment.status() == Status::Empty || self.has_overflown {
            return;
        }
        let value = self.by.value(comment);
        let at = match self.index.get(value) {
            Some(&at) => at,
            None if self.columns.len() == MOST_VALUES => {
                self.has_overflown = true;
                return;
            }
            None => {
                let categories = vec![0; self.categories];
                self.columns.push(Column { value: value.to_owned(), answered: 0, tagged: 0, categories });
                self.index.insert(value.to_owned(), self.columns.len() - 1);
                self.columns.len() - 1
            }
        };
        if comment.status() != Status::Answered {
            return;
        }
        let column = &mut self.columns[at];
        column.answered += 1;
        column.tagged += u64::from(!tagging.is_empty());
        for tag in &tagging.tags {
            column.categories[tag.category.index()] += 1;
        }
    }

    /// What the columns stand for.
    pub fn by(&self) -> &By {
        &self.by
    }

    /// Whether the attribute has too many values for a table; then the counts are not complete.
    pub fn has_overflown(&self) -> bool {
        self.has_overflown
    }

    /// Whether the table is worth showing unasked: several values, and values that come back.
    pub fn is_classifying(&self) -> bool {
        let answered: u64 = self.columns.iter().map(|column| column.answered).sum();
        let values = self.columns.len() as u64;
        !self.has_overflown && values > 1 && values * 2 <= answered
    }

    /// The column of `value`; `None` where nobody with that value said anything.
    pub fn column(&self, value: &str) -> Option<&Column> {
        self.index.get(value).map(|&at| &self.columns[at])
    }

    /// The columns: prefectures from north to south as every report prints them, other values that begin with a
    /// digit (dates, waves) by code point, then the rest by frequency and first appearance; the blank value last.
    pub fn columns(&self) -> Vec<&Column> {
        let mut columns: Vec<&Column> = self.columns.iter().collect();
        columns.sort_by(|a, b| Rank::of(a).cmp(&Rank::of(b)));
        columns
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank<'c> {
    Prefecture(usize, &'c str),
    Dated(&'c str),
    Frequent(std::cmp::Reverse<u64>),
    Blank,
}

impl<'c> Rank<'c> {
    fn of(column: &'c Column) -> Self {
        let value = &*column.value;
        if value.is_empty() {
            return Rank::Blank;
        }
        if let Some(at) = PREFECTURES.iter().position(|name| value.starts_with(name)) {
            return Rank::Prefecture(at, value);
        }
        if value.starts_with(|first: char| first.is_ascii_digit()) {
            return Rank::Dated(value);
        }
        Rank::Frequent(std::cmp::Reverse(column.answered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, long, rulebook, tagging};

    fn count(by: By, answers: &[(&str, &str, &str)]) -> Crosstab {
        let mut crosstab = Crosstab::new(by, &rulebook());
        for (question, place, text) in answers {
            let comment = long("1", question, place, text);
            let tags: &[(usize, &[&str])] = if text.contains('●') { &[(1, &["●"])] } else { &[] };
            crosstab.add(&comment, &tagging(text, tags));
        }
        crosstab
    }

    fn counts(crosstab: &Crosstab) -> Vec<(&str, u64, u64, u64)> {
        let columns = crosstab.columns().into_iter();
        columns
            .map(|column| (&*column.value, column.answered, column.tagged, column.count(category(1))))
            .collect()
    }

    #[test]
    fn prefectures_stand_from_north_to_south_and_blanks_last() {
        let answers = [
            ("問7", "福岡", "●"),
            ("問7", " ", "遅い"),
            ("問7", "施設A", "遅い"),
            ("問7", "北海道", ""),
            ("問7", "東京都", "●と●"),
            ("問7", "東京都", "遅い"),
            ("問13", "2025-08", "遅い"),
        ];
        let crosstab = count(By::Attribute("都道府県".to_owned()), &answers);
        let expected =
            [("東京都", 2, 1, 1), ("福岡", 1, 1, 1), ("2025-08", 1, 0, 0), ("施設A", 1, 0, 0), ("", 1, 0, 0)];
        assert_eq!(counts(&crosstab), expected);
        assert_eq!(counts(&count(By::Question, &answers)), [("問7", 5, 2, 2), ("問13", 1, 0, 0)]);
    }

    #[test]
    fn an_attribute_whose_values_dont_come_back_classifies_nothing() {
        let texts: Vec<String> = (0..=MOST_VALUES).map(|at| format!("値{at}")).collect();
        let answers: Vec<(&str, &str, &str)> = texts.iter().map(|text| ("問7", &**text, "遅い")).collect();
        let by = || By::Attribute("都道府県".to_owned());
        let (few, many) = (count(by(), &answers[..2]), count(by(), &answers));
        assert!(!few.is_classifying() && !few.has_overflown());
        assert!(!many.is_classifying() && many.has_overflown());
        let twice = [&answers[..2], &answers[..2]].concat();
        assert!(count(by(), &twice).is_classifying());
    }
}
