//! Statistics over a tagged corpus: how often, where, and together with what.
//!
//! The unit is the comment that says something: every share is of answered comments unless it says otherwise. A
//! comment may have several categories (複数回答), so counts of categories don't add up to the number of comments.

pub mod crosstab;

pub use crosstab::{By, Crosstab};
