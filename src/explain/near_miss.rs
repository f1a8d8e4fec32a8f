//! Why a category was missed: the rule that came closest, what of it was there, and the first thing that wasn't.
//!
//! Closeness of a condition, from 0 to 1, is the share of its operands that hold. An operand that doesn't hold counts by
//! its own closeness; an alternative (`or`) is as close as its closest part; a word under 肯定・否定, a part of speech or
//! a count that isn't as asked is half there. A `near` whose operands are all there but not together comes as close as
//! can be. Of equally close rules the first in the rulebook is named.

use crate::comment::{Comment, Status};
use crate::diagnostic::Site;
use crate::matcher::Worker;
use crate::matcher::program::{Op, Trace};
use crate::rule::{CategoryId, Rulebook};

/// How close the rules of a category came to a comment they don't match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// Label of the closest rule; `None` where no rule found anything.
    pub rule: Option<String>,
    /// Where that rule is written; nowhere for a whole list of terms.
    pub site: Option<Site>,
    /// The parts of it that held, as written in the rule, each with what it found in the text (empty for a condition
    /// without a place, like a column).
    pub held: Vec<HeldPart>,
    /// Why it doesn't match.
    pub obstacle: Obstacle,
}

/// A part of a condition that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPart {
    /// The part, as written in the rule.
    pub part: String,
    /// The first place it was found at, verbatim.
    pub found: String,
}

/// What kept a rule from matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The comment counts as unanswered: empty, 特になし, or nothing but invisible characters.
    Unanswered,
    /// No part of any rule was found.
    NothingFound,
    /// This part of the condition is the first that doesn't hold.
    Missing(String),
    /// Everything asked for is there, but too far apart, or in another order; the condition as written.
    Apart(String),
    /// Everything asked for is there, and something that must not be; the excluded part as written.
    Present(String),
    /// The condition holds, and the category's `not` takes it back because of these words.
    TakenBack(String),
}

impl Obstacle {
    /// The obstacle in Japanese, for a table.
    pub(crate) fn describe(&self) -> String {
        match self {
            Obstacle::Unanswered => "回答なし（空欄か「特になし」）として扱われる".to_owned(),
            Obstacle::NothingFound => "どのルールの語も見つからない".to_owned(),
            Obstacle::Missing(part) => part.clone(),
            Obstacle::Apart(condition) => format!("語はそろうが、範囲か順序が合わない: {condition}"),
            Obstacle::Present(part) => format!("あってはならない語がある: {part}"),
            Obstacle::TakenBack(words) => format!("not が打ち消した: {words}"),
        }
    }
}

/// How close `category` came to `comment`, which must be the one that `worker` tagged last, without that category.
pub fn find(
    category: CategoryId,
    comment: &Comment,
    worker: &mut Worker<'_>,
    rulebook: &Rulebook,
) -> NearMiss {
    closest(category, comment, worker, rulebook).1
}

/// As [`find`], with the closeness of that rule.
pub(crate) fn closest(
    category: CategoryId,
    comment: &Comment,
    worker: &mut Worker<'_>,
    rulebook: &Rulebook,
) -> (f64, NearMiss) {
    let nothing = |obstacle| (0.0, NearMiss { rule: None, site: None, held: Vec::new(), obstacle });
    // The worker has not looked at such a comment: what it knows is about an earlier one.
    if comment.status() != Status::Answered || worker.analyser().tokens().is_empty() {
        return nothing(Obstacle::Unanswered);
    }
    let mut search = Search { comment, worker, rulebook };
    let mut best: Option<(&str, &Trace, Closeness)> = None;
    for (label, trace) in rulebook.rules_of(category) {
        let found = search.closeness(trace);
        if found.share > best.as_ref().map_or(0.0, |(_, _, best)| best.share) {
            best = Some((label, trace, found));
        }
    }
    let Some((label, trace, closeness)) = best else { return nothing(Obstacle::NothingFound) };
    // A rule that holds without giving its category has been taken back.
    let obstacle = match closeness.obstacle {
        Some(obstacle) => obstacle,
        None => Obstacle::TakenBack(search.exclusion(category)),
    };
    (
        closeness.share,
        NearMiss { rule: Some(label.to_owned()), site: trace.site.clone(), held: closeness.held, obstacle },
    )
}

/// How close a part of a condition comes.
struct Closeness {
    /// From 0 (nothing found) to 1 (holds, or everything is there).
    share: f64,
    held: Vec<HeldPart>,
    /// What is in the way; `None` if the part holds.
    obstacle: Option<Obstacle>,
}

struct Search<'s, 'w> {
    comment: &'s Comment,
    worker: &'s mut Worker<'w>,
    rulebook: &'s Rulebook,
}

/// Share of a part whose word is there, but not as asked for.
const HALF: f64 = 0.5;

impl Search<'_, '_> {
    fn closeness(&mut self, trace: &Trace) -> Closeness {
        let (holds, places) = self.worker.probe(trace.op, self.comment);
        if holds {
            let found = places.first().map_or("", |span| &self.comment.text()[span.range()]);
            let held = vec![HeldPart { part: self.name_of(trace), found: found.to_owned() }];
            return Closeness { share: 1.0, held, obstacle: None };
        }
        let missing = || Some(Obstacle::Missing(one_line(&trace.text)));
        match (self.rulebook.program.operation(trace.op), &trace.parts[..]) {
            // A word has no parts: it is there or it isn't.
            (None, _) | (_, []) => Closeness { share: 0.0, held: Vec::new(), obstacle: missing() },
            // A name for its one part.
            (_, [part]) if part.op == trace.op => self.closeness(part),
            (Some(Op::Or(..)), parts) => {
                let mut best = Closeness { share: 0.0, held: Vec::new(), obstacle: missing() };
                for part in parts {
                    let found = self.closeness(part);
                    if found.share > best.share {
                        best = found;
                    }
                }
                best
            }
            (Some(Op::Near { .. } | Op::Adjacent(_) | Op::And(_)), parts) => self.together(trace, parts),
            (Some(Op::Polarity(..) | Op::Pos(..) | Op::Count(..)), [part]) => {
                let inner = self.closeness(part);
                Closeness { share: inner.share * HALF, held: inner.held, obstacle: missing() }
            }
            // A negation fails because of what it denies.
            (Some(Op::Not(_)), _) => Closeness {
                share: 0.0,
                held: Vec::new(),
                obstacle: Some(Obstacle::Present(one_line(&trace.text))),
            },
            _ => Closeness { share: 0.0, held: Vec::new(), obstacle: missing() },
        }
    }

    /// The part as written; of a list of alternatives only the one that holds.
    fn name_of(&mut self, trace: &Trace) -> String {
        let is_alias = matches!(&trace.parts[..], [part] if part.op == trace.op);
        if !is_alias && matches!(self.rulebook.program.operation(trace.op), Some(Op::Or(..))) {
            for part in &trace.parts {
                if self.worker.probe(part.op, self.comment).0 {
                    return self.name_of(part);
                }
            }
        }
        one_line(&trace.text)
    }

    fn together(&mut self, trace: &Trace, parts: &[Trace]) -> Closeness {
        let is_absence = |part: &Trace| matches!(self.rulebook.program.operation(part.op), Some(Op::Not(_)));
        let (absent, wanted): (Vec<&Trace>, Vec<&Trace>) = parts.iter().partition(|part| is_absence(part));
        let (mut share, mut held, mut obstacle) = (0.0, Vec::new(), None);
        for &part in &wanted {
            let mut found = self.closeness(part);
            share += found.share;
            held.append(&mut found.held);
            // Of a part that is there in part, what is missing in it says more than the whole.
            let is_there_in_part = found.share > 0.0;
            let missing =
                |inner| if is_there_in_part { inner } else { Obstacle::Missing(one_line(&part.text)) };
            obstacle = obstacle.or(found.obstacle.map(missing));
        }
        let spoiler = absent.iter().find(|part| !self.worker.probe(part.op, self.comment).0);
        let obstacle = obstacle.unwrap_or_else(|| match spoiler {
            Some(part) => Obstacle::Present(one_line(&part.text)),
            None => Obstacle::Apart(one_line(&trace.text)),
        });
        Closeness { share: share / wanted.len().max(1) as f64, held, obstacle: Some(obstacle) }
    }

    /// The words that make the category's `not` hold.
    fn exclusion(&mut self, category: CategoryId) -> String {
        let Some(exclusion) = self.rulebook.exclusion_of(category) else { return String::new() };
        let (_, places) = self.worker.probe(exclusion.op, self.comment);
        places.iter().map(|span| format!("「{}」", &self.comment.text()[span.range()])).collect()
    }
}

/// Longest part shown, in characters: the beginning of a list of words says which list it is.
const LONGEST_PART: usize = 80;

/// A condition as one short line.
pub(crate) fn one_line(condition: &str) -> String {
    let line = condition.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_PART) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::rule::compile;
    use crate::tokenize::{Source, Tokenizer};

    const RULES: &str = "
        [[part]]
        name = '機器'
        rule = 'カメラ | 画面'

        [[category]]
        id = 'face-auth'
        name = '顔認証失敗'
        any = ['「顔認証エラー」']
        rule = '''
        near(顔認証, 否定(できる | 通る), !兄弟)[文4]
        または 順に(マスク, {機器}, エラー)[文]
        '''
        not = ['「練習で」']
    ";

    fn near_miss(text: &str) -> (String, String, String) {
        let tokenizer = Tokenizer::new(Source::Embedded, crate::user_words::shipped()).unwrap();
        let file = Arc::new(SourceFile { name: "t.toml".to_owned(), text: RULES.to_owned() });
        let rulebook = compile(&[file], &tokenizer).rulebook.expect("the rules are sound");
        let mut worker = Worker::new(&rulebook, &tokenizer);
        let comment = Comment::from_text(text);
        let tagging = worker.tag(&comment);
        assert!(tagging.is_empty(), "{text} is no miss");
        let category = rulebook.find("face-auth").unwrap();
        let NearMiss { rule, held, obstacle, .. } = find(category, &comment, &mut worker, &rulebook);
        let held: Vec<String> = held.iter().map(|held| format!("{}={}", held.part, held.found)).collect();
        (rule.unwrap_or_default(), held.join(" "), obstacle.describe())
    }

    #[test]
    fn the_closest_rule_and_its_first_missing_part_are_named() {
        let said =
            |rule: &str, held: &str, obstacle: &str| (rule.to_owned(), held.to_owned(), obstacle.to_owned());
        let denied = "near(顔認証, 否定(できる | 通る), !兄弟)[文4]";
        for (text, expected) in [
            ("顔認証で困った", said("face-auth/1", "顔認証=顔認証", "否定(できる | 通る)")),
            ("顔認証ができた", said("face-auth/1", "顔認証=顔認証 できる=でき", "否定(できる | 通る)")),
            (
                "顔認証を試した後で窓口のほうへ回られ、受付ができない",
                said(
                    "face-auth/1",
                    "顔認証=顔認証 否定(できる | 通る)=できない",
                    &format!("語はそろうが、範囲か順序が合わない: {denied}"),
                ),
            ),
            (
                "兄弟の顔認証ができない",
                said(
                    "face-auth/1",
                    "顔認証=顔認証 否定(できる | 通る)=できない",
                    "あってはならない語がある: !兄弟",
                ),
            ),
            ("マスクで画面が曇る", said("face-auth/2", "マスク=マスク {機器}=画面", "エラー")),
            ("カメラ", said("face-auth/2", "{機器}=カメラ", "マスク")),
            (
                "練習で顔認証ができない",
                said("face-auth/1", &format!("{denied}=顔認証ができない"), "not が打ち消した: 「練習で」"),
            ),
            ("受付が混む", said("", "", "どのルールの語も見つからない")),
            ("特になし", said("", "", "回答なし（空欄か「特になし」）として扱われる")),
        ] {
            assert_eq!(near_miss(text), expected, "{text}");
        }
    }

    #[test]
    fn long_conditions_are_cut_between_characters() {
        assert_eq!(one_line("near(顔認証,\n  失敗)"), "near(顔認証, 失敗)");
        let long = one_line(&"語 | ".repeat(50));
        assert!(long.chars().count() == LONGEST_PART + 1 && long.ends_with('…'));
    }
}
