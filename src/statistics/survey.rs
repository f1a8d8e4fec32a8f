//! Everything that `jirei stats` counts, gathered comment by comment in input order.

use crate::classify::Tagging;
use crate::comment::{Comment, Schema};
use crate::error::{Error, Result};
use crate::rule::Rulebook;
use crate::tally::Tally;

use super::closed::{Closed, Mapping};
use super::crosstab::{By, Crosstab};
use super::pairs::Pairs;

/// What to count beside frequencies and pairs.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Attributes to cross the categories by; 問 or the question column means the question.
    pub by: Vec<String>,
    /// Whether each question gets cross tables of its own.
    pub each_question: bool,
    /// A closed question and what its options mean.
    pub closed: Option<(String, Mapping)>,
}

/// The counts of a survey.
#[derive(Debug)]
pub struct Survey<'r> {
    pub(super) rulebook: &'r Rulebook,
    pub(super) tally: Tally,
    pub(super) pairs: Pairs,
    pub(super) crossed: Vec<Crossed>,
    pub(super) closed: Option<Closed>,
    each_question: bool,
}

/// One attribute: over all answers, and question by question.
#[derive(Debug)]
pub(super) struct Crossed {
    pub(super) all: Crosstab,
    /// In order of appearance.
    pub(super) questions: Vec<(String, Crosstab)>,
}

impl<'r> Survey<'r> {
    /// Nothing counted yet. `name` stands for the input in messages.
    ///
    /// # Errors
    /// When the input has no such column, or it is no attribute.
    pub fn new(schema: &Schema, rulebook: &'r Rulebook, options: Options, name: &str) -> Result<Self> {
        let known = |column: &str| {
            let at = schema.headers.iter().position(|header| header == column);
            // Also what survey.toml doesn't list as an attribute, such as closed questions.
            let is_taken =
                |at| schema.texts.contains(&at) || [schema.id, schema.question].contains(&Some(at));
            if at.is_some_and(|at| !is_taken(at)) {
                return Ok(());
            }
            if at.is_some() {
                return Err(Error::Input {
                    input: name.to_owned(),
                    line: None,
                    problem: format!("列「{column}」は番号・問・本文のどれかとして読まれています"),
                    hint: "本文の列を `--text`、番号の列を `--id` で指定すると、ほかの列は属性になります"
                        .to_owned(),
                });
            }
            let headers = schema.attributes.iter().map(|&at| schema.headers[at].clone()).collect();
            Err(Error::MissingColumn { input: name.to_owned(), wanted: column.to_owned(), headers })
        };
        let mut crossed = Vec::new();
        for column in options.by {
            let is_question =
                column == "問" || schema.question.is_some_and(|at| schema.headers[at] == column);
            let by = if is_question && schema.attribute(&column).is_none() {
                By::Question
            } else {
                known(&column)?;
                By::Attribute(column)
            };
            crossed.push(Crossed { all: Crosstab::new(by, rulebook), questions: Vec::new() });
        }
        let closed = match options.closed {
            Some((column, mapping)) => {
                known(&column)?;
                Some(Closed::new(column, mapping))
            }
            None => None,
        };
        let (tally, pairs) = (Tally::new(rulebook), Pairs::new(rulebook));
        Ok(Survey { rulebook, tally, pairs, crossed, closed, each_question: options.each_question })
    }

    /// Counts the next comment of the input.
    pub fn add(&mut self, comment: &Comment, tagging: &Tagging) {
        self.tally.add(comment, tagging);
        self.pairs.add(comment, tagging);
        for Crossed { all, questions } in &mut self.crossed {
            all.add(comment, tagging);
            if self.each_question && *all.by() != By::Question {
                let question = comment.question();
                let at = questions.iter().position(|(name, _)| name == question).unwrap_or_else(|| {
                    questions.push((question.to_owned(), Crosstab::new(all.by().clone(), self.rulebook)));
                    questions.len() - 1
                });
                questions[at].1.add(comment, tagging);
            }
        }
        if let Some(closed) = &mut self.closed {
            closed.add(comment, tagging);
        }
    }

    /// Ends the input.
    pub fn end(&mut self) {
        if let Some(closed) = &mut self.closed {
            closed.end();
        }
    }

    /// The counts of comments and respondents.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The first cross table asked for.
    pub fn first_crosstab(&self) -> Option<&Crosstab> {
        self.crossed.first().map(|crossed| &crossed.all)
    }
}
