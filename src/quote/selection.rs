//! `selection.json`: what an editor has decided about the quotes, kept apart from rules and answers.
//!
//! A selection names answers by the respondent's id, the question and a hash of the text, so it outlives a change of
//! rules, a new order of rows and answers added later. What it no longer fits (an answer that is gone, or reads
//! differently now) is reported by [`Tracker::stale`] and never dropped silently. `docs/output.md` specifies the file;
//! `quotes` and `report` read and write it, and so may a person.

use std::path::Path;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::classify::Tagging;
use crate::comment::{Comment, Status};
use crate::error::{Error, Result};
use crate::manifest::sha256;
use crate::rule::{CategoryId, Rulebook};
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
        let selection: Selection = serde_json::from_slice(bytes).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Data => "項目の名前か値の種類が違います",
                serde_json::error::Category::Eof => "途中で終わっています",
                _ => "JSON の書き方に誤りがあります",
            };
            format!("{} 行 {} 列: {what}（{error}）", error.line(), error.column())
        })?;
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

/// A pinned answer, found.
#[derive(Debug, Clone)]
pub struct Pin {
    /// The answer.
    pub comment: Comment,
    /// The parts to print as the editor cut them; none where the program cuts.
    pub parts: Vec<Span<Orig>>,
    /// Whether the rules give the answer the category (still).
    pub has_category: bool,
}

/// Finds the answers that a selection names while an input goes by.
#[derive(Debug)]
pub struct Tracker {
    decisions: Vec<Decision>,
    by_id: FxHashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Decision {
    name: String,
    /// `None` where the rulebook has no such category.
    category: Option<CategoryId>,
    is_pin: bool,
    entry: Entry,
    state: State,
}

#[derive(Debug)]
enum State {
    Missing,
    /// The respondent's answer is there and reads differently.
    Changed,
    /// A range reaches beyond the text.
    Outside,
    Found(Pin),
}

impl Tracker {
    /// A tracker of what `selection` decides about the categories of `rulebook`.
    pub fn new(selection: &Selection, rulebook: &Rulebook) -> Self {
        let mut decisions = Vec::new();
        for choice in &selection.categories {
            let category = rulebook.find_labelled(&choice.category);
            let entries =
                choice.pins.iter().map(|pin| (true, pin)).chain(choice.bans.iter().map(|ban| (false, ban)));
            decisions.extend(entries.map(|(is_pin, entry)| Decision {
                name: choice.category.clone(),
                category,
                is_pin,
                entry: entry.clone(),
                state: State::Missing,
            }));
        }
        let mut by_id: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (at, decision) in decisions.iter().enumerate() {
            by_id.entry(decision.entry.id.clone()).or_default().push(at);
        }
        Tracker { decisions, by_id }
    }

    /// Compares a comment with the entries. Comments must come in input order: of several that fit, the first that
    /// has the category counts.
    pub fn meet(&mut self, comment: &Comment, tagging: &Tagging) {
        let Some(decisions) = self.by_id.get(&*comment.id()) else { return };
        for &at in decisions {
            let decision = &mut self.decisions[at];
            let entry = &decision.entry;
            let is_asked = match &entry.question {
                Some(question) => question == comment.question(),
                None => comment.status() == Status::Answered,
            };
            let has_category = decision.category.is_some_and(|category| tagging.get(category).is_some());
            let is_better = match &decision.state {
                State::Found(pin) => has_category && !pin.has_category,
                _ => true,
            };
            if !is_asked || !is_better {
                continue;
            }
            if entry.hash.as_ref().is_some_and(|hash| *hash != text_hash(comment.text())) {
                if matches!(decision.state, State::Missing) {
                    decision.state = State::Changed;
                }
                continue;
            }
            decision.state = match entry.parts(comment.text()) {
                Some(parts) => State::Found(Pin { comment: comment.clone(), parts, has_category }),
                None => State::Outside,
            };
        }
    }

    /// The pins of `category` that were found, in their order.
    pub fn pins(&self, category: CategoryId) -> impl Iterator<Item = &Pin> {
        self.of(category, true)
    }

    /// The categories with pins that were found.
    pub fn pinned_categories(&self) -> impl Iterator<Item = CategoryId> {
        let found = |decision: &&Decision| decision.is_pin && matches!(decision.state, State::Found(_));
        self.decisions.iter().filter(found).filter_map(|decision| decision.category)
    }

    /// Whether `comment` is banned from `category`. A ban whose text has changed bans no longer.
    pub fn is_banned(&self, category: CategoryId, comment: &Comment) -> bool {
        self.of(category, false).any(|ban| {
            let (one, other) = (&ban.comment, comment);
            one.id() == other.id() && one.question() == other.question() && one.text() == other.text()
        })
    }

    fn of(&self, category: CategoryId, is_pin: bool) -> impl Iterator<Item = &Pin> {
        self.decisions.iter().filter_map(move |decision| match &decision.state {
            State::Found(pin) if decision.category == Some(category) && decision.is_pin == is_pin => {
                Some(pin)
            }
            _ => None,
        })
    }

    /// What the selection says and can't be done, or is done against the rules: one line each in Japanese, in the
    /// order of the file.
    pub fn stale(&self) -> Vec<String> {
        let line = |decision: &Decision| {
            let problem = match &decision.state {
                _ if decision.category.is_none() => "このカテゴリはルールにありません",
                State::Missing => "この回答は入力にありません",
                State::Changed => "回答の本文が選んだときと違います",
                State::Outside => "`ranges` が本文の長さを超えています",
                State::Found(pin) if decision.is_pin && !pin.has_category => {
                    "今のルールではこのカテゴリが付きません（引用はします）"
                }
                State::Found(_) => return None,
            };
            let list = if decision.is_pin { "pins" } else { "bans" };
            let question =
                decision.entry.question.as_ref().map(|name| format!("・{name}")).unwrap_or_default();
            Some(format!("「{}」の {list}、{}{question}: {problem}", decision.name, decision.entry.id))
        };
        self.decisions.iter().filter_map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, long, rulebook, span, specified, tagging};

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
                "2 行 22 列: 項目の名前",
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

    #[test]
    fn entries_find_their_answers_and_say_what_they_miss() {
        let entry = |id: &str, question: Option<&str>, hash: Option<&str>, ranges: &[(usize, usize)]| Entry {
            id: id.to_owned(),
            question: question.map(str::to_owned),
            hash: hash.map(str::to_owned),
            ranges: ranges.to_vec(),
            notes: String::new(),
        };
        let text = "顔認証できず、𠮷の名前も●";
        let pins = vec![
            entry("1", None, Some(&text_hash(text)), &[(7, 10)]),
            entry("2", None, Some("0000000000000000"), &[]),
            entry("3", None, None, &[]),
            entry("1", None, None, &[(7, 100)]),
            entry("4", Some("問13"), None, &[]),
        ];
        let bans = vec![entry("4", Some("問7"), None, &[])];
        let selection = Selection {
            categories: vec![
                Choice { category: "顔認証失敗".to_owned(), pins, bans, ..Choice::default() },
                Choice {
                    category: "gone".to_owned(),
                    bans: vec![entry("1", None, None, &[])],
                    ..Choice::default()
                },
            ],
            ..Selection::empty()
        };
        let mut tracker = Tracker::new(&selection, &rulebook());
        let answers = [
            long("1", "問7", "", text),
            long("2", "問7", "", "別"),
            long("4", "問7", "", "か"),
            long("4", "問13", "", "お"),
        ];
        for (at, answer) in answers.iter().enumerate() {
            let tags = if at == 0 { tagging(text, &[(0, &["顔認証"])]) } else { Tagging::default() };
            tracker.meet(answer, &tags);
        }
        let pins: Vec<&str> = tracker
            .pins(category(0))
            .map(|pin| pin.parts.first().map_or("（自動）", |part| &pin.comment.text()[part.range()]))
            .collect();
        assert_eq!(pins, ["𠮷の名", "（自動）"]);
        assert!(tracker.is_banned(category(0), &answers[2]) && !tracker.is_banned(category(0), &answers[3]));
        assert!(!tracker.is_banned(category(1), &answers[2]));
        assert_eq!(
            tracker.stale(),
            [
                "「顔認証失敗」の pins、2: 回答の本文が選んだときと違います",
                "「顔認証失敗」の pins、3: この回答は入力にありません",
                "「顔認証失敗」の pins、1: `ranges` が本文の長さを超えています",
                "「顔認証失敗」の pins、4・問13: 今のルールではこのカテゴリが付きません（引用はします）",
                "「gone」の bans、1: このカテゴリはルールにありません",
            ]
        );
    }
}
