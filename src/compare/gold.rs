//! The categories that people gave, beside the comments of a corpus.

use crate::corpus::Corpus;
use crate::error::Result;
use crate::evaluate::gold::{self, Unknown};
use crate::export::xlsx::DECISION;
use crate::rule::{Category, Rulebook};

/// The ids of the categories that people gave each comment of a corpus; `None` where nobody decided.
#[derive(Debug, Default)]
pub struct Gold(Vec<Option<Vec<String>>>);

impl Gold {
    /// Reads the column `labels` of every input. Labels are ids or names of categories of either rulebook, joined by `;`.
    ///
    /// # Errors
    /// As [`gold::Gold::read`].
    pub fn read(corpus: &Corpus, labels: &str, old: &Rulebook, new: &Rulebook) -> Result<Gold> {
        let find = |label: &str| {
            let of = |rulebook: &Rulebook| {
                rulebook.find_labelled(label).map(|id| rulebook.category(id).id.clone())
            };
            of(new).or_else(|| of(old))
        };
        let mut all = Vec::with_capacity(corpus.comments.len());
        let mut rest = &corpus.comments[..];
        for (name, count) in &corpus.inputs {
            let (comments, others) = rest.split_at(*count);
            rest = others;
            let Some(first) = comments.first() else { continue };
            let column = gold::label_column(first.schema(), name, labels)?;
            let tagged = if labels == DECISION { first.schema().attribute(gold::TAGGED) } else { None };
            let mut unknown = Vec::new();
            for comment in comments {
                let cells = &comment.row().cells;
                let cell = match tagged {
                    Some(tagged) => gold::decided(&cells[column], &cells[tagged]),
                    None => Some(&cells[column]),
                };
                let Some(cell) = cell else {
                    all.push(None);
                    continue;
                };
                let mut ids = Vec::new();
                for label in gold::split(cell) {
                    match find(label) {
                        Some(id) => ids.push(id),
                        None => unknown.push(Unknown::new(comment.row(), label)),
                    }
                }
                all.push(Some(ids));
            }
            if !unknown.is_empty() {
                let old = old.categories().iter().filter(|category| new.find(&category.id).is_none());
                let known: Vec<Category> = new.categories().iter().chain(old).cloned().collect();
                return Err(gold::unknown_labels(&unknown, name, labels, &known));
            }
        }
        Ok(Gold(all))
    }

    /// Whether the comment at `at` was given the category `id`; `None` where nobody decided.
    pub fn gives(&self, at: usize, id: &str) -> Option<bool> {
        let ids = self.0.get(at)?.as_ref()?;
        Some(ids.iter().any(|given| given == id))
    }
}
