//! Statistics over a tagged corpus: how often, where, and together with what.
//!
//! The unit is the comment that says something: every share is of answered comments unless it says otherwise. A
//! comment may have several categories (複数回答), so counts of categories don't add up to the number of comments.

//!
//! [`Survey`] gathers the counts and makes [`Table`]s of them; [`independence`], [`pairs`] and [`closed`] say what their
//! figures mean and where the formulas are from, and so does `docs/stats.md`.

pub mod chart;
pub mod closed;
pub mod crosstab;
pub mod independence;
pub mod pairs;
mod survey;
pub mod table;
mod tables;

pub use crosstab::{By, Crosstab};
pub use survey::{Options, Survey};
pub use table::Table;
pub use tables::BLANK;
