//! What the matcher's verdict looks like from outside: the categories of a comment, each with its evidence.

use crate::rule::{CategoryId, RuleId};
use crate::span::{Orig, Span};

/// One place that satisfies a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The place, in bytes of the comment's original text; never empty.
    pub span: Span<Orig>,
    /// The rule satisfied there.
    pub rule: RuleId,
}

/// A category of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The category.
    pub category: CategoryId,
    /// Why: at least one place, ordered by position, without repetitions.
    pub evidence: Vec<Evidence>,
}

/// The categories of one comment, in the order of the rulebook. Empty is a proper answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tagging {
    /// The tags.
    pub tags: Vec<Tag>,
}

impl Tagging {
    /// Whether no category applies.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// The tag of `category`, where the comment has it.
    pub fn get(&self, category: CategoryId) -> Option<&Tag> {
        self.tags.iter().find(|tag| tag.category == category)
    }
}
