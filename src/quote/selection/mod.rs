//! `selection.json`: what an editor has decided about the quotes, kept apart from rules and answers.
//!
//! A selection names answers by the respondent's id, the question and a hash of the text, so it outlives a change of
//! rules, a new order of rows and answers added later. What it no longer fits (an answer that is gone, or reads
//! differently now) is reported by [`Tracker::stale`] and never dropped silently. `docs/output.md` specifies the file;
//! `quotes` and `report` read and write it, and so may a person. Here is what the file says; `tracker` finds the answers.

mod tracker;

pub use tracker::{Pin, Tracker};

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::comment::Comment;
use crate::error::{Error, Result, json_problem};
use crate::manifest::sha256;
use crate::span::{Orig, Span};

/// The version of the file.
pub const SCHEMA: &str = "jirei-selection/1";

/// Hexadecimal digits of a text's SHA-256 that are written: 64 bits tell any two answers of a survey apart.
const HASH_DIGITS: usize = 16;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// [`SCHEMA`].
    pub schema: String,
    /// Free text for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Decisions by category; a category that isn't there is left to the program.
    pub categories: Vec<Choice>,
}

/// The decisions about one category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Id or name of the category.
    pub category: String,
    /// Quotes to print, in this order and before all others.
    #[serde(default)]
    pub pins: Vec<Entry>,
    /// Answers not to quote in this category.
    #[serde(default)]
    pub bans: Vec<Entry>,
    /// Free text for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
}

/// One answer that is pinned or banned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The respondent's id, as in `tagged.jsonl`.
    pub id: String,
    /// The question, as in `tagged.jsonl`; may be left out where the respondent answered one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// [`text_hash`] of the answer; without it the text isn't compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// For pins: the parts to print, each from and to (exclusive) in characters of the original text, ordered and
    /// not overlapping. None: the program cuts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<(usize, usize)>,
    /// Free text for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
}

/// What identifies a text in a selection: the first 16 hexadecimal digits of the SHA-256 of its UTF-8 bytes.
pub fn text_hash(text: &str) -> String {
    let mut hash = sha256(text.as_bytes());
    hash.truncate(HASH_DIGITS);
    hash
}

impl Selection {
    /// A selection without decisions.
    pub fn empty() -> Self {
        Selection { schema: SCHEMA.to_owned(), notes: String::new(), categories: Vec::new() }
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// If it can't be read, is no selection of this version, or contradicts itself; the error names line and column
    /// or the entry.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        Self::parse(&bytes).map_err(|problem| Error::Selection { path: path.to_owned(), problem })
    }

    fn parse(bytes: &[u8]) -> std::result::Result<Self, String> {
        // Editors on Windows save a byte order mark.
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let selection: Selection = serde_json::from_slice(bytes).map_err(|error| json_problem(&error))?;
        selection.check()?;
        Ok(selection)
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.schema != SCHEMA {
            return Err(format!("`schema` は \"{}\" です。読めるのは \"{SCHEMA}\" です", self.schema));
        }
        for (at, choice) in self.categories.iter().enumerate() {
            let name = &choice.category;
            if self.categories[..at].iter().any(|other| other.category == *name) {
                return Err(format!("カテゴリ「{name}」が 2 回書かれています"));
            }
            for entry in &choice.pins {
                let ends = entry.ranges.iter().flat_map(|&(start, end)| [start, end]);
                let is_ordered = ends.clone().zip(ends.skip(1)).all(|(a, b)| a <= b);
                if !is_ordered || entry.ranges.iter().any(|&(start, end)| start == end) {
                    return Err(format!(
                        "カテゴリ「{name}」の id「{}」: `ranges` は [始め, 終わり] を前から順に、重ならないように書きます",
                        entry.id
                    ));
                }
                if choice.bans.iter().any(|ban| ban.id == entry.id && ban.question == entry.question) {
                    return Err(format!(
                        "カテゴリ「{name}」の id「{}」が `pins` と `bans` の両方にあります",
                        entry.id
                    ));
                }
            }
        }
        Ok(())
    }

    /// The file's content: indented JSON, ended by a line feed.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("strings and numbers only");
        json.push(b'\n');
        json
    }
}

impl Entry {
    /// The entry for `comment`, printed as `parts` (none: the program cuts).
    pub fn of(comment: &Comment, parts: &[Span<Orig>]) -> Self {
        let text = comment.text();
        let chars = |byte: usize| text[..byte].chars().count();
        Entry {
            id: comment.id().into_owned(),
            question: Some(comment.question().to_owned()),
            hash: Some(text_hash(text)),
            ranges: parts.iter().map(|part| (chars(part.start()), chars(part.end()))).collect(),
            notes: String::new(),
        }
    }

    /// The parts to print of `text`, in bytes; `None` if a range reaches beyond its end.
    pub fn parts(&self, text: &str) -> Option<Vec<Span<Orig>>> {
        let byte = |chars: usize| {
            let mut bounds = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            bounds.nth(chars)
        };
        self.ranges.iter().map(|&(start, end)| Some(Span::new(byte(start)?, byte(end)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{long, span, specified};

    #[test]
    fn the_example_of_the_specification_is_read_and_written() {
        let json = specified("selection.json");
        let selection = Selection::parse(json.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(selection.to_json()).unwrap(), json);
        // The example's hash is the one of the answer it speaks of.
        let comment = long("012", "問7", "東京都", "顔認証できず、名前も●でした。");
        let pin = &selection.categories[0].pins[0];
        assert_eq!(
            Entry {
                notes: pin.notes.clone(),
                ..Entry::of(&comment, &[span(comment.text(), "顔認証できず")])
            },
            *pin
        );
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (json, expected) in [
            ("{", "1 行 1 列: 途中で終わっています"),
            (
                "{\"schema\": \"jirei-selection/1\",\n \"categories\": [{\"pin\": []}]}",
                "2 行 22 列: 項目「pin」は知りません（書けるのは category・pins・bans・notes）",
            ),
            ("{\"schema\": \"x/2\", \"categories\": []}", "`schema` は \"x/2\" です"),
            (
                r#"{"schema":"jirei-selection/1","categories":[{"category":"a"},{"category":"a"}]}"#,
                "カテゴリ「a」が 2 回",
            ),
            (
                r#"{"schema":"jirei-selection/1","categories":[{"category":"a","pins":[{"id":"1","ranges":[[3,5],[4,6]]}]}]}"#,
                "カテゴリ「a」の id「1」: `ranges`",
            ),
            (
                r#"{"schema":"jirei-selection/1","categories":[{"category":"a","pins":[{"id":"1"}],"bans":[{"id":"1"}]}]}"#,
                "カテゴリ「a」の id「1」が `pins` と `bans` の両方",
            ),
        ] {
            let problem = Selection::parse(json.as_bytes()).unwrap_err();
            assert!(problem.starts_with(expected), "{problem}");
        }
        assert_eq!(
            Selection::parse("\u{feff}{\"schema\":\"jirei-selection/1\",\"categories\":[]}".as_bytes()),
            Ok(Selection::empty())
        );
    }
}
