//! What a report says: seven layouts, all taken from survey reports of the field.
//!
//! | layout | what it is |
//! |---|---|
//! | [`Layout::ByQuestion`] | quotes by question and category, as a list; near-identical ones once, with their places in brackets |
//! | [`Layout::Themed`] | a section per category: how many, then a table of place, kind and quote |
//! | [`Layout::Numbered`] | one numbered table of all quotes, or of all answers |
//! | [`Layout::BySubject`] | by the group of people concerned, then by category |
//! | [`Layout::Waves`] | categories by survey wave: N and %, － where a wave didn't ask |
//! | [`Layout::ClosedVsFree`] | a closed question beside the categories, and where they differ |
//! | [`Layout::Single`] | one table of quotes for few categories, or for one kind of facility |
//!
//! Every layout ends with how it was counted. Here nothing is counted or chosen: that is done before.

mod figures;
mod methods;
mod quotes;

pub use self::methods::Methods;

use super::{Block, Document};
use crate::comment::Comment;
use crate::quote::Quote;
use crate::rule::{CategoryId, Rulebook};
use crate::statistics::{Crosstab, Table};
use crate::tally::Tally;

/// How a report is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Lists of quotes by question and category.
    ByQuestion,
    /// Sections by category with tables.
    Themed,
    /// One numbered table.
    Numbered,
    /// Sections by the people concerned.
    BySubject,
    /// Categories by survey wave.
    Waves,
    /// A closed question beside the free text.
    ClosedVsFree,
    /// One table for few categories.
    Single,
}

impl Layout {
    /// All of them.
    pub const ALL: [Layout; 7] = [
        Layout::ByQuestion,
        Layout::Themed,
        Layout::Numbered,
        Layout::BySubject,
        Layout::Waves,
        Layout::ClosedVsFree,
        Layout::Single,
    ];

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Layout::ByQuestion => "by-question",
            Layout::Themed => "themed",
            Layout::Numbered => "numbered",
            Layout::BySubject => "by-subject",
            Layout::Waves => "waves",
            Layout::ClosedVsFree => "closed-vs-free",
            Layout::Single => "single",
        }
    }
}

/// What a report is made of.
#[derive(Debug)]
pub struct Material<'m> {
    /// What stands above everything.
    pub title: &'m str,
    /// The categories.
    pub rulebook: &'m Rulebook,
    /// Those to report, in order.
    pub categories: &'m [CategoryId],
    /// Attribute that says where an answer comes from.
    pub place: Option<&'m str>,
    /// Attribute that says what kind of facility wrote it.
    pub kind: Option<&'m str>,
    /// The counts.
    pub tally: &'m Tally,
    /// The counts by question.
    pub questions: &'m Crosstab,
    /// The quotes, by category; for [`Layout::BySubject`] with subgroups.
    pub quotes: &'m [Quote],
    /// For [`Layout::ByQuestion`]: the quotes of each question.
    pub by_question: &'m [(String, Vec<Quote>)],
    /// For [`Layout::Numbered`]: all answers instead of quotes.
    pub answers: Option<&'m [Comment]>,
    /// For [`Layout::Waves`] and [`Layout::ClosedVsFree`]: tables of results.
    pub tables: &'m [Table],
    /// How it was counted.
    pub methods: Methods<'m>,
}

/// The report.
pub fn compose(layout: Layout, material: &Material<'_>) -> Document {
    let mut blocks = match layout {
        Layout::ByQuestion => quotes::by_question(material),
        Layout::Themed => quotes::themed(material),
        Layout::Numbered => quotes::numbered(material),
        Layout::BySubject => quotes::by_subject(material),
        Layout::Single => quotes::single(material),
        Layout::Waves => figures::waves(material),
        Layout::ClosedVsFree => figures::closed(material),
    };
    if blocks.is_empty() {
        blocks.push(Block::Paragraph("当てはまる記述はありませんでした。".to_owned()));
    }
    blocks.extend(material.methods.blocks(material));
    Document { title: material.title.to_owned(), blocks }
}

#[cfg(test)]
mod tests;
