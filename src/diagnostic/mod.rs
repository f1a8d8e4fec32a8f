//! What is wrong in a rule file: many findings per run, each with an id, a place and a way to mend it.
//!
//! This file says what a diagnostic *is*; [`Kind`] which ones there are; [`exchange`] writes them as JSON and SARIF. The
//! terminal's rendering is the program's business. Ids never change their
//! meaning. Messages are Japanese, for people who write rules and no programs.

pub mod exchange;
mod kind;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use kind::{Kind, Severity};

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

/// File and line, as `rules/voice.toml:12`.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.name, self.line_column().0)
    }
}

/// Line and column of a byte of `text`, both from 1; the column counts characters.
pub(crate) fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// A further fact: a sentence, or a list that may be too long for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The sentence, or what the list is of; may be empty.
    pub head: String,
    /// What is listed.
    pub items: Vec<String>,
}

impl Note {
    /// What stands between the items of a list.
    pub const SEPARATOR: &str = "、";

    /// A list, with what it is of.
    pub fn list(head: impl Into<String>, items: Vec<String>) -> Self {
        Note { head: head.into(), items }
    }
}

impl<T: Into<String>> From<T> for Note {
    fn from(head: T) -> Self {
        Note { head: head.into(), items: Vec::new() }
    }
}

/// All of it on one line.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.head, self.items.join(Self::SEPARATOR))
    }
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
    pub notes: Vec<Note>,
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
    pub fn note(mut self, note: impl Into<Note>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With a way to mend it.
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = mend.into();
        self
    }

    /// Its place.
    pub fn site(&self) -> Site {
        Site { file: Arc::clone(&self.file), range: self.range.clone() }
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
    fn columns_count_characters() {
        let file = Arc::new(SourceFile { name: "a.toml".into(), text: "一行\n名前 = 'あ'\n".into() });
        let at = file.text.find('あ').unwrap();
        let diagnostic = Diagnostic::new(Kind::Toml, &file, at..at + 3, "x");
        assert_eq!(diagnostic.line_column(), (2, 7));
    }
}
