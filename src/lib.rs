//! jirei (事例) reads Japanese free-text survey answers, tokenizes them with lindera, matches them against a rule
//! dictionary into categories, and exports the tagged corpus with representative quotes per category.
//!
//! The modules read in the order of the data: [`read`] → [`comment`] → [`normalise`] → [`tokenize`] → [`sentence`] →
//! [`matcher`] → [`classify`] → [`quote`] → [`export`]. [`rule`] makes the rulebook that the matcher runs;
//! [`pipeline`] runs all of it over a whole input; [`evaluate`] compares the result with what people decided; [`usage`] says
//! which parts of the rules a corpus and their examples use. The library never prints and never exits.

#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod cache;
pub mod classify;
pub mod comment;
pub mod compare;
pub mod concordance;
pub mod corpus;
pub mod coverage;
pub mod diagnostic;
pub mod document;
pub mod error;
pub mod evaluate;
pub mod exchange;
pub mod explain;
pub mod export;
pub mod keyness;
pub mod manifest;
pub mod matcher;
pub mod merge;
pub mod normalise;
mod offsets;
pub mod pipeline;
mod places;
pub mod publish;
pub mod quote;
pub mod read;
pub mod report;
pub mod roles;
pub mod rule;
pub mod sentence;
pub mod span;
pub mod statistics;
pub mod suggest;
pub mod survey;
pub mod tally;
pub mod text;
pub mod token;
pub mod tokenize;
pub mod usage;
pub mod user_words;
