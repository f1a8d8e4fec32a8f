//! What is wrong in a rule file: many findings per run, each with an id, a place and a way to mend it.
//!
//! This file says what a diagnostic *is*; the terminal's rendering is the program's business. Ids never change their
//! meaning. Messages are Japanese, for people who write rules and no programs.

use std::ops::Range;
use std::sync::Arc;

/// One rule file, as diagnostics point into it.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path, as shown to the user.
    pub name: String,
    /// Its content, without a byte order mark.
    pub text: String,
}

/// A place in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The place, in bytes of the file's text.
    pub range: Range<usize>,
}

impl Site {
    /// Line and column where it begins, both from 1; the column counts characters.
    pub fn line_column(&self) -> (usize, usize) {
        line_column(&self.file.text, self.range.start)
    }
}

/// Line and column of a byte of `text`, both from 1; the column counts characters.
pub(crate) fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rulebook can't be used.
    Error,
    /// The rulebook works, but probably not as meant.
    Warning,
    /// Something to know.
    Note,
}

impl Severity {
    /// The word used in front of messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "エラー",
            Severity::Warning => "警告",
            Severity::Note => "参考",
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident;)*) => {
        /// The kinds of diagnostics. Errors are numbered from E001, failing examples from E101, warnings from W101, notes
        /// from N101.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind, in the order of their definition.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)*];

            /// The stable id.
            pub fn id(self) -> &'static str {
                match self { $(Kind::$name => $id,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Kind::$name => Severity::$severity,)* }
            }
        }
    };
}

kinds! {
    /// The file is not TOML.
    Toml = "E001", Error;
    /// A key that means nothing here.
    UnknownKey = "E002", Error;
    /// A key that must be there isn't.
    MissingKey = "E003", Error;
    /// A value of the wrong type.
    WrongType = "E004", Error;
    /// Two categories, variants or parts with one id or name.
    Duplicate = "E005", Error;
    /// `{…}` names neither a variant nor a part.
    UnknownName = "E006", Error;
    /// `<…>` or `expect` names no category.
    UnknownCategory = "E007", Error;
    /// The condition can't be read.
    Syntax = "E008", Error;
    /// A bracket, quotation or regular expression without its end.
    Unclosed = "E009", Error;
    /// A part of speech that IPADIC doesn't have.
    UnknownPos = "E010", Error;
    /// A regular expression that can't be compiled.
    BadRegex = "E011", Error;
    /// Categories or parts that refer to themselves.
    Cycle = "E012", Error;
    /// A term with nothing in it after normalisation.
    EmptyTerm = "E013", Error;
    /// A category without anything that could match.
    NoCondition = "E014", Error;
    /// An id that isn't lower-case ASCII.
    BadId = "E015", Error;
    /// `ok` doesn't get the category.
    OkFails = "E101", Error;
    /// `ng` gets the category.
    NgFails = "E102", Error;
    /// A case gets other categories than expected.
    CaseFails = "E103", Error;
    /// A category without an `ng`.
    NoCounterexample = "W101", Warning;
    /// `and` and `or` without brackets.
    MixedOperators = "W102", Warning;
    /// A term of one character, which is found everywhere.
    ShortTerm = "W103", Warning;
    /// A term in an inflected form: only this form is found.
    InflectedTerm = "W104", Warning;
    /// The same term twice in one list.
    RepeatedTerm = "W105", Warning;
    /// An operator glued to a word.
    GluedOperator = "W106", Warning;
    /// A known gap that is closed.
    TodoPasses = "N101", Note;
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind, which decides id and severity.
    pub kind: Kind,
    /// What was found, in one line.
    pub title: String,
    /// The file.
    pub file: Arc<SourceFile>,
    /// The place, in bytes of the file's text.
    pub range: Range<usize>,
    /// A word or two beside the caret; may be empty.
    pub label: String,
    /// Another place that matters, with its label.
    pub related: Option<(Site, String)>,
    /// Further facts, a line each.
    pub notes: Vec<String>,
    /// How to mend it; may be empty.
    pub mend: String,
}

impl Diagnostic {
    /// A finding of `kind` at `range` of `file`.
    pub fn new(kind: Kind, file: &Arc<SourceFile>, range: Range<usize>, title: impl Into<String>) -> Self {
        Diagnostic {
            kind,
            title: title.into(),
            file: Arc::clone(file),
            range,
            label: String::new(),
            related: None,
            notes: Vec::new(),
            mend: String::new(),
        }
    }

    /// With a word beside the caret.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With another place that matters.
    pub fn related(mut self, site: Site, label: impl Into<String>) -> Self {
        self.related = Some((site, label.into()));
        self
    }

    /// With a further fact.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With a way to mend it.
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = mend.into();
        self
    }

    /// Whether the rulebook can't be used because of it.
    pub fn is_error(&self) -> bool {
        self.kind.severity() == Severity::Error
    }

    /// Line and column of the place, both from 1; the column counts characters.
    pub fn line_column(&self) -> (usize, usize) {
        line_column(&self.file.text, self.range.start)
    }
}

/// Puts findings in the order of files and places.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        (&a.file.name, a.range.start, a.kind, &a.title).cmp(&(&b.file.name, b.range.start, b.kind, &b.title))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_tell_the_severity() {
        let mut ids: Vec<&str> = Kind::ALL.iter().map(|kind| kind.id()).collect();
        for kind in Kind::ALL {
            let expected = match kind.severity() {
                Severity::Error => "E",
                Severity::Warning => "W",
                Severity::Note => "N",
            };
            assert!(kind.id().starts_with(expected));
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Kind::ALL.len());
    }

    #[test]
    fn columns_count_characters() {
        let file = Arc::new(SourceFile { name: "a.toml".into(), text: "一行\n名前 = 'あ'\n".into() });
        let at = file.text.find('あ').unwrap();
        let diagnostic = Diagnostic::new(Kind::Toml, &file, at..at + 3, "x");
        assert_eq!(diagnostic.line_column(), (2, 7));
    }
}
