//! Counts of a run: comments and respondents per category, and the accounting that must balance.
//!
//! [`Tally::add`] is called once per comment, in input order, by the one thread that puts the workers' batches in
//! order. Nothing here looks at texts; shares and labels are made by [`crate::export::summary`].

use std::hash::{DefaultHasher, Hash, Hasher};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::classify::Tagging;
use crate::comment::{Comment, Status};
use crate::rule::{CategoryId, Rulebook};

/// How many rows and comments went which way.
///
/// `comments = answered + nothing + empty` and `answered = tagged + untagged`, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounting {
    /// Data rows of the input that were read.
    pub rows: u64,
    /// Free-text answers, said or unsaid: rows × answer columns.
    pub comments: u64,
    /// Comments that say something.
    pub answered: u64,
    /// Comments that say there is nothing to say (特になし).
    pub nothing: u64,
    /// Comments that are empty or blank.
    pub empty: u64,
    /// Answered comments with at least one category.
    pub tagged: u64,
    /// Answered comments without any.
    pub untagged: u64,
    /// Rows left out because they are broken; not among [`Accounting::rows`].
    #[serde(default)]
    pub rejected: u64,
    /// Rows in which characters that are no text were replaced.
    #[serde(default)]
    pub replaced: u64,
}

/// The counts of a run so far.
///
/// Who counts as one respondent depends on the table:
/// - in a long table (with a question column) and an id column, everybody with the same id, wherever the rows stand
///   and whichever input they come from. Only this needs memory that grows: 10 to 20 bytes per respondent and
///   count the respondent appears in;
/// - in any other table, one row: its comments come one after the other, so remembering the last row is enough, and
///   memory stays flat. The same id in two rows is two respondents there.
#[derive(Debug)]
pub struct Tally {
    rows: u64,
    /// Row number of the comment added last, to see where a new row begins.
    last_row: Option<u64>,
    totals: Totals,
    categories: Vec<Count>,
}

/// The counts that belong to no single category.
#[derive(Debug, Default)]
pub struct Totals {
    /// All comments.
    pub all: Count,
    /// Comments that say something.
    pub answered: Count,
    /// Comments that say there is nothing to say (特になし).
    pub nothing: Count,
    /// Comments that are empty or blank.
    pub empty: Count,
    /// Answered comments with at least one category.
    pub tagged: Count,
    /// Answered comments without any.
    pub untagged: Count,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(rulebook: &Rulebook) -> Self {
        let categories = rulebook.categories().iter().map(|_| Count::default()).collect();
        Tally { rows: 0, last_row: None, totals: Totals::default(), categories }
    }

    /// Counts the next comment of the input. Only an answered comment may have tags.
    pub fn add(&mut self, comment: &Comment, tagging: &Tagging) {
        let respondent = self.respondent(comment);
        let totals = &mut self.totals;
        totals.all.add(respondent);
        let status = comment.status();
        debug_assert!(status == Status::Answered || tagging.is_empty(), "tags on `{}`", comment.text());
        match status {
            Status::Answered => self.add_answered(respondent, tagging),
            Status::Nothing => totals.nothing.add(respondent),
            Status::Empty => totals.empty.add(respondent),
        }
    }

    fn add_answered(&mut self, respondent: Respondent, tagging: &Tagging) {
        let totals = &mut self.totals;
        totals.answered.add(respondent);
        let share = if tagging.is_empty() { &mut totals.untagged } else { &mut totals.tagged };
        share.add(respondent);
        for tag in &tagging.tags {
            self.categories[tag.category.index()].add(respondent);
        }
    }

    /// Who wrote `comment`; a new row is counted on the way.
    fn respondent(&mut self, comment: &Comment) -> Respondent {
        let schema = comment.schema();
        // The column is looked at, too: two inputs of one row each both have a row 1.
        let is_new_row = self.last_row != Some(comment.row().number)
            || schema.texts.first() == Some(&comment.text_column());
        if is_new_row {
            self.rows += 1;
            self.last_row = Some(comment.row().number);
        }
        if schema.question.is_some() && schema.id.is_some() {
            // Unseeded: the same ids give the same hashes in every run. Of a million ids, two share a hash with a
            // probability of 1 in 37 million.
            let mut hasher = DefaultHasher::new();
            comment.id().hash(&mut hasher);
            Respondent::Id(hasher.finish())
        } else {
            Respondent::Row(self.rows)
        }
    }

    /// The count of a category.
    pub fn category(&self, id: CategoryId) -> &Count {
        &self.categories[id.index()]
    }

    /// The counts over all categories.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The accounting of what was counted; what never became a comment is known to the reader.
    pub fn accounting(&self) -> Accounting {
        let Totals { all, answered, nothing, empty, tagged, untagged } = &self.totals;
        Accounting {
            rows: self.rows,
            comments: all.comments,
            answered: answered.comments,
            nothing: nothing.comments,
            empty: empty.comments,
            tagged: tagged.comments,
            untagged: untagged.comments,
            ..Accounting::default()
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Respondent {
    /// Ordinal of the row in the run, from 1.
    Row(u64),
    /// Hash of the id.
    Id(u64),
}

/// A number of comments and of the respondents who wrote them.
#[derive(Debug, Default)]
pub struct Count {
    comments: u64,
    respondents: u64,
    /// Ordinal of the row counted last; 0 before the first.
    last_row: u64,
    ids: FxHashSet<u64>,
}

impl Count {
    /// Number of comments.
    pub fn comments(&self) -> u64 {
        self.comments
    }

    /// Number of distinct respondents, in the sense of [`Tally`].
    pub fn respondents(&self) -> u64 {
        self.respondents
    }

    fn add(&mut self, respondent: Respondent) {
        self.comments += 1;
        let is_new = match respondent {
            Respondent::Row(row) => std::mem::replace(&mut self.last_row, row) != row,
            Respondent::Id(id) => self.ids.insert(id),
        };
        self.respondents += u64::from(is_new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, long, plain, rulebook, tagging, wide};

    fn add(tally: &mut Tally, comment: &Comment) {
        let categories: &[(usize, &[&str])] =
            if comment.text().contains('●') { &[(1, &["●"])] } else { &[] };
        tally.add(comment, &tagging(comment.text(), categories));
    }

    fn tally(comments: &[Comment]) -> Tally {
        let mut tally = Tally::new(&rulebook());
        comments.iter().for_each(|comment| add(&mut tally, comment));
        tally
    }

    fn circles(tally: &Tally) -> (u64, u64) {
        let count = tally.category(category(1));
        (count.comments(), count.respondents())
    }

    #[test]
    fn every_comment_is_accounted_for_once() {
        let comments = [plain(1, "●"), plain(2, "遅い"), plain(3, "特になし"), plain(4, " "), plain(5, "●●")];
        let accounting = tally(&comments).accounting();
        let expected = Accounting {
            rows: 5,
            comments: 5,
            answered: 3,
            nothing: 1,
            empty: 1,
            tagged: 2,
            untagged: 1,
            ..Accounting::default()
        };
        assert_eq!(accounting, expected);
        assert_eq!(accounting.comments, accounting.answered + accounting.nothing + accounting.empty);
        assert_eq!(accounting.answered, accounting.tagged + accounting.untagged);
    }

    #[test]
    fn a_wide_row_is_one_respondent() {
        let comments = [wide(1, ["●", "●"]), wide(2, ["", "●"]), wide(3, ["遅い", ""])].concat();
        let tally = tally(&comments);
        assert_eq!(circles(&tally), (3, 2));
        assert_eq!((tally.accounting().rows, tally.accounting().comments), (3, 6));
        assert_eq!(tally.totals().answered.respondents(), 3);
    }

    #[test]
    fn a_row_is_counted_even_if_its_first_answer_is_left_out() {
        let [_, second] = wide(1, ["", "●"]);
        let [_, next] = wide(2, ["", "●"]);
        let tally = tally(&[second, next]);
        assert_eq!((circles(&tally), tally.accounting().rows), ((2, 2), 2));
    }

    #[test]
    fn rows_of_the_next_input_are_new_rows() {
        let tally = tally(&[plain(1, "●"), plain(1, "●")]);
        assert_eq!((circles(&tally), tally.accounting().rows), ((2, 2), 2));
    }

    #[test]
    fn a_long_table_sorted_by_question_counts_each_id_once() {
        let answers = [("a", "問7"), ("b", "問7"), ("a", "問13"), ("b", "問13"), ("c", "問13")];
        let tally = tally(&answers.map(|(id, question)| long(id, question, "東京都", "●")));
        assert_eq!(circles(&tally), (5, 3));
        assert_eq!(tally.totals().all.respondents(), 3);
    }
}
