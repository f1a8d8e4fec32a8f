//! The answers that a selection names, found while an input goes by.

use rustc_hash::FxHashMap;

use super::{Entry, Selection, text_hash};
use crate::classify::Tagging;
use crate::comment::{Comment, Status};
use crate::rule::{CategoryId, Rulebook};
use crate::span::{Orig, Span};

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
    use super::super::Choice;
    use super::*;
    use crate::export::fixture::{category, long, rulebook, tagging};

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
