//! How well the rules, or a second person, reproduce the categories that a person gave.
//!
//! In the order of the data: [`gold`] reads what people decided, [`pairs`] sets a prediction beside it (what the rules
//! say, or a second coder), [`Pairs::hold_out`] asks what would be left on unseen answers, [`counts`] has right and wrong
//! decisions, [`score`] averages them, [`interval`] says how far the figures can be trusted, `agreement` corrects for chance,
//! and [`disagreement`] lists every comment on which the two sides differ. Tables and files are made by
//! [`crate::export::evaluation`], [`crate::export::disagreements`] and the program.
//!
//! # A worked matrix
//!
//! Five comments, two categories A and B:
//!
//! | comment | gold | predicted | of A | of B | equal | example F1 |
//! |---|---|---|---|---|---|---|
//! | 1 | A    | A    | tp | tn | yes | 1 |
//! | 2 | A, B | A    | tp | fn | no  | 2·1 / (2+1) = 0.667 |
//! | 3 | none | B    | tn | fp | no  | 0 |
//! | 4 | B    | B    | tn | tp | yes | 1 |
//! | 5 | none | none | tn | tn | yes | 1 (both empty) |
//!
//! | figure | A | B | micro | macro |
//! |---|---|---|---|---|
//! | tp, fp, fn | 2, 0, 0 | 1, 1, 1 | 3, 1, 1 | |
//! | precision tp / (tp+fp) | 1 | 0.5 | 0.75 | 0.75 |
//! | recall tp / (tp+fn) | 1 | 0.5 | 0.75 | 0.75 |
//! | F1 2tp / (2tp+fp+fn) | 1 | 0.5 | 0.75 | 0.75 |
//! | κ | 1 | (0.6−0.52) / (1−0.52) = 0.167 | | |
//! | AC1 | 1 | (0.6−0.48) / (1−0.48) = 0.231 | | |
//!
//! Exact matches: 3 of 5. Mean example F1: (1 + 0.667 + 0 + 1 + 1) / 5 = 0.733. the tests compute this table.
//!
//! # Zero denominators
//!
//! A ratio whose denominator is zero is `None`: undefined, printed `–`, left out of averages. F1 is defined by
//! counts, 2tp / (2tp+fp+fn), and so undefined only for a category that neither side uses; a category that is never
//! predicted has F1 0. Macro F1 and macro recall run over the categories with at least `min_support` gold comments,
//! where both are always defined (for `min_support` ≥ 1): they equal those of tools that count 0/0 as 0. **Macro
//! precision can differ from such tools**: categories without a prediction have no precision, are left out, and are
//! counted in [`score::Macro::without_precision`]; as long as that count is 0 there is no difference.

mod agreement;
pub mod counts;
pub mod disagreement;
pub mod gold;
mod hold_out;
pub mod interval;
pub mod pairs;
pub mod score;
#[cfg(test)]
pub(crate) mod tests;

pub use gold::{Gold, Labels};
pub use pairs::{Paired, Pairs};
pub use score::{Evaluation, Options, evaluate};
