//! Everything that can be said about rules without a corpus: what compiling and linting find, and the examples run.

use std::sync::Arc;

use super::example::{self, Outcome};
use super::source::RuleFile;
use super::{Rulebook, allow, compile, lint};
use crate::diagnostic::{self, Diagnostic, Kind, SourceFile};
use crate::tokenize::Tokenizer;

/// What a check came to. Findings can be added before [`Checked::settle`].
#[derive(Debug)]
pub struct Checked {
    /// The rulebook, unless there were errors.
    pub rulebook: Option<Rulebook>,
    /// The files as read.
    pub files: Vec<RuleFile>,
    /// Examples and cases that hold.
    pub passed: usize,
    /// Known gaps that are still open.
    pub open: usize,
    /// Everything found.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles and lints rule files and runs their examples. `tokenizer` must be the one the texts will be tokenized with.
pub fn check(sources: &[Arc<SourceFile>], tokenizer: &Tokenizer) -> Checked {
    let compiled = compile(sources, tokenizer);
    let mut diagnostics = compiled.diagnostics;
    diagnostics.extend(lint::lint(&compiled.files, tokenizer));
    let mut examples = Outcome::default();
    if let Some(rulebook) = &compiled.rulebook {
        examples = example::run(rulebook, &compiled.files, tokenizer);
        diagnostics.append(&mut examples.diagnostics);
    }
    Checked {
        rulebook: compiled.rulebook,
        files: compiled.files,
        passed: examples.passed,
        open: examples.open,
        diagnostics,
    }
}

/// What was looked at, and so could have been found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Looked {
    /// The examples: the rules could be compiled.
    pub at_examples: bool,
    /// Mutants.
    pub at_mutants: bool,
}

impl Checked {
    /// Takes out what the files allow and puts the rest in order.
    pub fn settle(&mut self, looked: Looked) {
        let found = std::mem::take(&mut self.diagnostics);
        self.diagnostics = allow::apply(&self.files, found, |kind| match kind {
            // What one corpus has, the next one may not.
            _ if kind.is_of_corpus() => false,
            Kind::UntestedParts => looked.at_mutants,
            Kind::TodoPasses => looked.at_examples,
            _ => true,
        });
        diagnostic::sort(&mut self.diagnostics);
    }
}
