//! What could be added to the rules, ranked, with what each addition would do to the corpus at hand.
//!
//! - [`terms`]: conditions for a category. With gold labels they are drawn from the comments that the category misses,
//!   without from those that have it.
//! - [`spellings`]: spellings that look like a word of the rules and are none.
//! - [`accept`]: writing a choice into a rule file.
//!
//! A gain is a comment that would get a category, a loss one that would no longer have it. Neither is estimated: a
//! condition is run over the corpus as if it stood in the category's `any`, `not` included, and a spelling is written into
//! the rules, which are then compiled and run.

pub mod accept;
mod alike;
mod features;
pub mod spellings;
pub mod terms;

use crate::classify::Tagging;
use crate::comment::Comment;
use crate::evaluate::Labels;
use crate::rule::CategoryId;
use accept::Change;

/// The answers to draw suggestions from.
#[derive(Debug, Clone, Copy)]
pub struct Answers<'a> {
    /// The comments.
    pub comments: &'a [Comment],
    /// What people decided about each, if they did.
    pub gold: Option<&'a [Labels]>,
}

/// A comment whose categories would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// Its index among the comments.
    pub comment: usize,
    /// The category it would gain or lose.
    pub category: CategoryId,
    /// Whether gold wants the change; `None` without gold.
    pub is_right: Option<bool>,
}

/// Something that could be added to the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// What would be written.
    pub change: Change,
    /// The category it is for; a spelling serves every category that has the word.
    pub category: Option<CategoryId>,
    /// How telling a condition is of what it was drawn from, see [`crate::keyness`]; `None` for a spelling.
    pub log_likelihood: Option<f64>,
    /// What makes a spelling look like the word, in Japanese; empty for a condition.
    pub reason: &'static str,
    /// Comments in which it occurs.
    pub found: u64,
    /// Comments that would gain a category.
    pub gains: Vec<Effect>,
    /// Comments that would lose one.
    pub losses: Vec<Effect>,
}

/// How many of `effects` gold wants, and how many it doesn't; `None` without gold.
pub fn judged(effects: &[Effect]) -> Option<(usize, usize)> {
    let verdicts = effects.iter().map(|effect| effect.is_right).collect::<Option<Vec<bool>>>()?;
    let right = verdicts.iter().filter(|&&is_right| is_right).count();
    Some((right, verdicts.len() - right))
}

/// Gains and losses between two taggings of the same comments, by rulebooks with the same categories.
pub fn effects(before: &[Tagging], after: &[Tagging], gold: Option<&[Labels]>) -> (Vec<Effect>, Vec<Effect>) {
    let (mut gains, mut losses) = (Vec::new(), Vec::new());
    for (comment, (before, after)) in before.iter().zip(after).enumerate() {
        let effect = |category: CategoryId, wanted: bool| Effect {
            comment,
            category,
            is_right: gold.map(|gold| gold[comment].contains(category) == wanted),
        };
        let new = after.tags.iter().filter(|tag| before.get(tag.category).is_none());
        gains.extend(new.map(|tag| effect(tag.category, true)));
        let old = before.tags.iter().filter(|tag| after.get(tag.category).is_none());
        losses.extend(old.map(|tag| effect(tag.category, false)));
    }
    (gains, losses)
}

#[cfg(test)]
mod tests;
