//! Representative quotes: for every category, the few excerpts an editor would have chosen and can print.
//!
//! [`candidates_of`] cuts one excerpt per tag out of a comment, on the thread that tagged it: `excerpt` decides where
//! to cut, `reading` how it reads, `identify` which details could tell who wrote it. A [`Pool`] gathers the candidates
//! in input order and keeps a bounded sample of them, and [`Pool::select`] picks: typical of the category
//! (`centrality`), readable and concrete (`score`), different from one another, spread over places (`select`), and
//! near-identical ones once (`likeness`). What an editor has decided ([`selection`]) goes first. Which quotes are finally
//! printed is the editor's decision; every quote therefore says why it was picked (`reason`).

mod bag;
mod brackets;
mod candidate;
mod centrality;
mod cut;
mod excerpt;
mod identify;
mod likeness;
mod pool;
mod rarity;
mod reading;
mod reason;
mod remembered;
mod score;
mod select;
pub mod selection;

pub use candidate::{Candidate, candidates_of};
pub use identify::{Flag, Kind};
pub use pool::{Pool, Spent};
#[cfg(test)]
pub(crate) use reading::LOOSE as OPENERS;
pub(crate) use remembered::{recalled, remembered};
pub use score::Weights;

use crate::comment::{Comment, Schema};
use crate::roles::Roles;
use crate::rule::CategoryId;
use crate::span::{Orig, Span};
use selection::Selection;

/// What to pick.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Quotes per category (and subgroup), at most.
    pub per_category: usize,
    /// Name of the attribute that says where an answer comes from; merged answers list its values.
    pub place: Option<String>,
    /// Names of the attributes over which quotes should spread. The reason quotes them in this order.
    pub spread: Vec<String>,
    /// Whether to pick quotes for subgroups, each for itself.
    pub by: Option<By>,
    /// What counts how much.
    pub weights: Weights,
    /// What to do with identifying details.
    pub flagged: Flagged,
    /// What an editor has decided.
    pub selection: Selection,
    /// Id of the respondent whose treatment is to be explained.
    pub ask: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            per_category: 5,
            place: None,
            spread: Vec::new(),
            by: None,
            weights: Weights::default(),
            flagged: Flagged::default(),
            selection: Selection::empty(),
            ask: None,
        }
    }
}

impl Options {
    /// The default for answers with these columns: place and kind of facility are recognised by their headers.
    pub fn for_columns(schema: &Schema) -> Self {
        let Roles { place, kind, .. } = Roles::of(schema);
        let spread = place.iter().cloned().chain(kind).collect();
        Options { place, spread, ..Options::default() }
    }
}

/// What makes subgroups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The values of the attribute of this name.
    Attribute(String),
    /// These categories; a comment may have several.
    Categories(Vec<CategoryId>),
}

/// What to do with excerpts that have identifying details.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Flagged {
    /// Leave them out. A category that has no other is quoted masked.
    #[default]
    LeaveOut,
    /// Pick them after all others, the details masked: 〔氏名〕.
    Mask,
    /// Pick them after all others, as they are.
    Allow,
}

/// A verbatim excerpt that represents a category.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The category represented.
    pub category: CategoryId,
    /// The subgroup it is picked for, where there are any.
    pub subgroup: Option<String>,
    /// Place among the quotes of its category (and subgroup), from 1.
    pub rank: usize,
    /// The comment it is taken from.
    pub comment: Comment,
    /// The parts quoted, in bytes of the comment's text: at least one, ordered, none empty, no two overlapping.
    pub excerpts: Vec<Span<Orig>>,
    /// Why it was picked, in Japanese.
    pub reason: String,
    /// Identifying details in the parts quoted.
    pub flags: Vec<Flag>,
    /// Whether the details are masked in print.
    pub is_masked: bool,
    /// Whether an editor pinned it.
    pub is_pinned: bool,
    /// Ids of the respondents whose near-identical answers it stands for, without its own, in no particular order of
    /// worth; of very many the first ones.
    pub merged: Vec<String>,
    /// How many other answers it stands for.
    pub similar: usize,
    /// Where it and the answers it stands for come from; prefectures from north to south.
    pub places: Vec<String>,
    /// Its score, from 0 to 1, before anything is held against it.
    pub score: f64,
}

/// The quotes picked, and what there is to say about it.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// The quotes: by category in the order of the rulebook, then by subgroup (values by code point, categories in
    /// their order), then by rank.
    pub quotes: Vec<Quote>,
    /// How many different excerpts were left out for identifying details.
    pub withheld: usize,
    /// Entries of the selection that no longer fit: a line each, in Japanese.
    pub stale: Vec<String>,
    /// What became of the answers asked about.
    pub answers: Vec<Answer>,
}

/// What became of an answer in a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The category.
    pub category: CategoryId,
    /// The subgroup, where there are any.
    pub subgroup: Option<String>,
    /// In Japanese.
    pub text: String,
}

impl Quote {
    /// The parts quoted, character by character as the respondent wrote them but for what is masked, with `…`
    /// wherever something between two of them is left out, and at an end that breaks off within a sentence. Whole
    /// sentences before the first and after the last part go unmarked, and so does a また、 before the first: survey reports print excerpts like whole answers,
    /// and whoever needs the rest finds the comment by its id.
    pub fn text(&self) -> String {
        let flags = if self.is_masked { &self.flags[..] } else { &[] };
        let text = self.comment.text();
        printed(text, &self.excerpts, |part| identify::masked(text, part, flags))
    }

    /// The text of an attribute, masked where the combination of attributes is a detail.
    pub fn attribute(&self, name: &str) -> &str {
        let value = self.comment.attribute(name).unwrap_or_default();
        let is_telling = self.is_masked && self.flags.iter().any(|flag| flag.kind == Kind::Attributes);
        if is_telling && !value.trim().is_empty() { "〔非表示〕" } else { value }
    }

    /// What kinds of identifying details it has, in Japanese, each once.
    pub fn flag_labels(&self) -> Vec<&'static str> {
        let mut kinds: Vec<Kind> = self.flags.iter().map(|flag| flag.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().map(Kind::label).collect()
    }
}

/// The parts of an answer as they stand in it, joined by `…` where something is left out.
fn joined(text: &str, parts: &[Span<Orig>]) -> String {
    printed(text, parts, |part| text[part.range()].to_owned())
}

fn printed(text: &str, parts: &[Span<Orig>], print: impl Fn(Span<Orig>) -> String) -> String {
    let mut out = String::new();
    let mut end = None;
    for &part in parts {
        let is_cut = match end {
            None => begins_within(&text[..part.start()]),
            Some(end) => end < part.start(),
        };
        if is_cut {
            out.push('…');
        }
        out.push_str(&print(part));
        end = Some(part.end());
    }
    if parts.last().is_some_and(|&last| is_cut_behind(text, last)) {
        out.push('…');
    }
    out
}

/// Whether these parts begin or end within a sentence.
fn is_cut(text: &str, parts: &[Span<Orig>]) -> bool {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    begins_within(&text[..first.start()]) || is_cut_behind(text, *last)
}

/// Whether what follows `before` begins within a sentence. A また、 left off there says only that another point follows.
fn begins_within(before: &str) -> bool {
    let end = before.strip_suffix('、').unwrap_or(before);
    let is_opener = |word: &&str| end.strip_suffix(word).is_some_and(|rest| !breaks_off(rest));
    breaks_off(before) && !reading::LOOSE.iter().any(is_opener)
}

/// Whether the part ends within a sentence.
fn is_cut_behind(text: &str, part: Span<Orig>) -> bool {
    breaks_off(&text[part.range()]) && goes_on(&text[part.end()..])
}

/// Whether `text` ends within a sentence: in neither a full stop nor a line break, a bullet or a closing bracket.
fn breaks_off(text: &str) -> bool {
    let trimmed = text.trim_end_matches([' ', '　']);
    let is_end = |c: char| {
        "。．！!？?\n\r）」』)・→※◎○■◆□◇★☆●".contains(c) || matches!(c, '①'..='⑳' | '⑴'..='⒇' | '❶'..='❿')
    };
    !trimmed.is_empty() && trimmed.len() == text.len() && !trimmed.ends_with(is_end)
}

/// Whether a sentence goes on in `text`.
fn goes_on(text: &str) -> bool {
    let is_new = |c: char| {
        c.is_whitespace()
            || "。．！!？?・→※◎○■◆□◇★☆●".contains(c)
            || matches!(c, '①'..='⑳' | '⑴'..='⒇' | '❶'..='❿')
    };
    text.chars().next().is_some_and(|c| !is_new(c))
}

#[cfg(test)]
pub(crate) mod fixture {
    use super::*;

    /// A quote of `comment` without anything remarkable.
    pub(crate) fn quote(index: usize, rank: usize, comment: &Comment, excerpts: Vec<Span<Orig>>) -> Quote {
        Quote {
            category: crate::export::fixture::category(index),
            subgroup: None,
            rank,
            comment: comment.clone(),
            excerpts,
            reason: "このカテゴリの記述に多い言い方".to_owned(),
            flags: Vec::new(),
            is_masked: false,
            is_pinned: false,
            merged: Vec::new(),
            similar: 0,
            places: comment.attribute("都道府県").map(str::to_owned).into_iter().collect(),
            score: 0.5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{plain, span};

    #[test]
    fn only_what_is_left_out_between_parts_is_marked() {
        let comment = plain(1, "はい。顔認証ができない。また、暑い。番号も忘れる。以上");
        let text = |parts: &[&str]| {
            let excerpts = parts.iter().map(|part| span(comment.text(), part)).collect();
            fixture::quote(0, 1, &comment, excerpts).text()
        };
        assert_eq!(text(&["顔認証ができない。", "番号も忘れる。"]), "顔認証ができない。…番号も忘れる。");
        assert_eq!(text(&["顔認証ができない。", "また、暑い。"]), "顔認証ができない。また、暑い。");
        // Within a sentence at both ends, but for a conjunction.
        assert_eq!(text(&["暑い。"]), "暑い。");
        assert_eq!(text(&["ができない。"]), "…ができない。");
        assert_eq!(text(&["番号も"]), "番号も…");
    }
}
