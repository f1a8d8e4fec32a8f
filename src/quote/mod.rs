//! Representative quotes: for every category, the few excerpts an editor can print.
//!
//! [`candidates_of`] cuts one excerpt per tag out of a comment, on the thread that tagged it (`excerpt.rs` decides
//! where to cut). A [`Pool`] gathers the candidates in input order and keeps a bounded sample of them, and
//! [`Pool::select`] picks: typical of the category, readable alone, different from one another, spread over places.
//! Which quotes are finally printed is the editor's decision; every quote therefore says why it was picked.

mod candidate;
mod excerpt;
mod pool;
mod score;
mod select;
pub mod selection;

pub use candidate::{Candidate, candidates_of};
pub use pool::Pool;
pub use select::{Options, Weights};

use crate::comment::Comment;
use crate::rule::CategoryId;
use crate::span::{Orig, Span};

/// A verbatim excerpt that represents a category.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The category represented.
    pub category: CategoryId,
    /// Place among the quotes of its category, from 1.
    pub rank: usize,
    /// The comment it is taken from.
    pub comment: Comment,
    /// The parts quoted, in bytes of the comment's text: at least one, ordered, none empty, no two overlapping.
    pub excerpts: Vec<Span<Orig>>,
    /// Why it was picked, in Japanese.
    pub reason: String,
}

impl Quote {
    /// The parts quoted, character by character as the respondent wrote them, with `…` wherever something between
    /// two of them is left out. What precedes the first and follows the last part goes unmarked: survey reports print
    /// excerpts like whole answers, and whoever needs the rest finds the comment by its id.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut end = None;
        for span in &self.excerpts {
            if end.is_some_and(|end| end < span.start()) {
                text.push('…');
            }
            text.push_str(&self.comment.text()[span.range()]);
            end = Some(span.end());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, plain, span};

    #[test]
    fn only_what_is_left_out_between_parts_is_marked() {
        let comment = plain(1, "はい。顔認証ができない。また、暑い。番号も忘れる。以上");
        let text = |parts: &[&str]| {
            let excerpts = parts.iter().map(|part| span(comment.text(), part)).collect();
            Quote {
                category: category(0),
                rank: 1,
                comment: comment.clone(),
                excerpts,
                reason: String::new(),
            }
            .text()
        };
        assert_eq!(text(&["顔認証ができない。", "番号も忘れる。"]), "顔認証ができない。…番号も忘れる。");
        assert_eq!(text(&["顔認証ができない。", "また、暑い。"]), "顔認証ができない。また、暑い。");
    }
}
