//! What is cut out of an answer, and how it reads. Tags whose evidence is near one another quote the same cut.

use serde::{Deserialize, Serialize};

use crate::quote::identify::Flag;
use crate::quote::likeness::Likeness;
use crate::span::{Orig, Span};

/// What is cut out of an answer: it says nothing of the category that it is to stand for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Cut {
    /// The parts, in bytes of the comment's text, from front to back.
    pub(super) excerpts: Vec<Span<Orig>>,
    pub(super) form: Form,
    pub(super) likeness: Likeness,
    /// Identifying details in the excerpts, by position.
    pub(super) flags: Vec<Flag>,
}

/// How an excerpt reads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Form {
    /// Characters of the original, without the … between slices.
    pub(super) chars: usize,
    /// Whether it ends in a finite predicate (困った。) or a noun of action or quality (再起動。不便).
    pub(super) is_complete: bool,
    /// Whether it opens with a word that leans on what went before: その, これ, 上記.
    pub(super) is_leaning: bool,
    /// Whether it begins or ends within a sentence, and so is printed with a `…` there.
    pub(super) is_cut: bool,
    /// Whether every bracket has its partner.
    pub(super) is_balanced: bool,
    /// Share of debris, from 0 to 1.
    pub(super) noise: f64,
    /// From 0 to 1.
    pub(super) concreteness: f64,
}
