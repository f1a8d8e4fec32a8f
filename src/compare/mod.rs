//! What a change of the rules does to a corpus: per category the comments gained and lost, each with the rule
//! responsible and with what the other rulebook lacked; with gold labels, whether each change is right.
//!
//! Categories are the same if their ids are. [`gold`] reads the labels; tables and files are made by
//! [`crate::export::comparison`].

pub mod gold;

use rustc_hash::FxHashMap;

use crate::classify::{Evidence, Tag, Tagging};
use crate::comment::Comment;
use crate::diagnostic::Site;
use crate::evaluate::counts::Counts;
use crate::explain::near_miss::{self, NearMiss, one_line};
use crate::matcher::Worker;
use crate::matcher::program::{Op, Trace};
use crate::rule::{Category, CategoryId, Rulebook};
use crate::span::{Orig, Span};
use crate::tokenize::Tokenizer;

pub use gold::Gold;

/// A rulebook and what it says about every comment.
#[derive(Debug, Clone, Copy)]
pub struct Side<'s> {
    /// The rulebook.
    pub rulebook: &'s Rulebook,
    /// The tokenizer it was compiled with.
    pub tokenizer: &'s Tokenizer,
    /// Its verdicts, one per comment.
    pub taggings: &'s [Tagging],
}

/// The difference between two rulebooks on one corpus.
#[derive(Debug)]
pub struct Comparison<'c> {
    /// Every category of either: those of the new rulebook in its order, then those that only the old one has.
    pub categories: Vec<CategoryChanges<'c>>,
    /// How many comments were compared.
    pub comments: usize,
    /// How many of them have other categories than before.
    pub changed_comments: usize,
    /// Whether there are gold labels.
    pub has_gold: bool,
}

/// What happened to one category.
#[derive(Debug)]
pub struct CategoryChanges<'c> {
    /// The category, as the new rulebook has it if it does.
    pub category: Category,
    /// Which rulebooks have it.
    pub presence: Presence,
    /// How many comments have it in both.
    pub unchanged: usize,
    /// The comments that have it now and had not, in input order.
    pub gained: Vec<Change<'c>>,
    /// The comments that had it, in input order.
    pub lost: Vec<Change<'c>>,
    /// Agreement with the gold labels before and after, where there are any.
    pub agreement: Option<(Counts, Counts)>,
}

/// Which of the two rulebooks have a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Both.
    Both,
    /// Only the new one.
    Added,
    /// Only the old one.
    Removed,
}

/// One comment that gained or lost a category.
#[derive(Debug)]
pub struct Change<'c> {
    /// The comment.
    pub comment: &'c Comment,
    /// Why the one rulebook gives the category: at least one place.
    pub reasons: Vec<Reason>,
    /// What keeps the other from giving it; `None` if it hasn't the category.
    pub obstacle: Option<NearMiss>,
    /// Whether the gold labels want the change; `None` without labels.
    pub is_right: Option<bool>,
}

/// A place that gives a category, with the rule responsible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The place, in bytes of the comment's original text.
    pub span: Span<Orig>,
    /// The rule's label: `face-auth/2`, or `face-auth/any`.
    pub rule: String,
    /// Its condition as written; of a list of alternatives the one that holds.
    pub condition: String,
    /// Where that is written.
    pub site: Option<Site>,
}

impl CategoryChanges<'_> {
    /// Whether any comment gained or lost it.
    pub fn is_changed(&self) -> bool {
        !self.gained.is_empty() || !self.lost.is_empty()
    }

    /// How many comments had it.
    pub fn before(&self) -> usize {
        self.unchanged + self.lost.len()
    }

    /// How many comments have it.
    pub fn after(&self) -> usize {
        self.unchanged + self.gained.len()
    }

    /// How many changes agree with the gold labels, and how many don't.
    pub fn right_and_wrong(&self) -> (usize, usize) {
        let all = || self.gained.iter().chain(&self.lost);
        let count = |wanted| all().filter(|change| change.is_right == Some(wanted)).count();
        (count(true), count(false))
    }
}

impl Comparison<'_> {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changed_comments == 0
    }

    /// Agreement with the gold labels before and after, over all categories that the labels could name.
    pub fn agreement(&self) -> Option<(Counts, Counts)> {
        let both = || self.categories.iter().filter_map(|changes| changes.agreement.as_ref());
        self.has_gold.then(|| {
            (Counts::sum(both().map(|(before, _)| before)), Counts::sum(both().map(|(_, after)| after)))
        })
    }
}

/// Compares what two rulebooks say about `comments`. `gold` has an entry per comment.
pub fn compare<'c>(
    comments: &'c [Comment],
    old: Side<'_>,
    new: Side<'_>,
    gold: Option<&Gold>,
) -> Comparison<'c> {
    let pairs = pairs(old.rulebook, new.rulebook);
    let mut categories: Vec<CategoryChanges<'c>> = pairs.iter().map(|pair| pair.empty(old, new)).collect();
    let [mut of_old, mut of_new] = [old, new].map(Witness::new);
    let mut changed_comments = 0;
    for (at, comment) in comments.iter().enumerate() {
        let (before, after) = (&old.taggings[at], &new.taggings[at]);
        let mut is_changed = false;
        for (pair, changes) in pairs.iter().zip(&mut categories) {
            let is_gold = gold.and_then(|gold| gold.gives(at, &changes.category.id));
            let had = pair.old.and_then(|id| before.get(id));
            let has = pair.new.and_then(|id| after.get(id));
            if let Some(is_gold) = is_gold {
                let (was, is) = changes.agreement.get_or_insert_default();
                was.record(had.is_some(), is_gold);
                is.record(has.is_some(), is_gold);
            }
            match (had, has) {
                (Some(_), Some(_)) => changes.unchanged += 1,
                (None, Some(tag)) => changes.gained.push(Change {
                    comment,
                    reasons: of_new.reasons(at, comment, tag),
                    obstacle: of_old.obstacle(at, comment, pair.old),
                    is_right: is_gold,
                }),
                (Some(tag), None) => changes.lost.push(Change {
                    comment,
                    reasons: of_old.reasons(at, comment, tag),
                    obstacle: of_new.obstacle(at, comment, pair.new),
                    is_right: is_gold.map(|is_gold| !is_gold),
                }),
                (None, None) => {}
            }
            is_changed |= had.is_some() != has.is_some();
        }
        changed_comments += usize::from(is_changed);
    }
    Comparison { categories, comments: comments.len(), changed_comments, has_gold: gold.is_some() }
}

/// How many comments have other categories in `new` than in `old`.
pub fn changed_comments(old: Side<'_>, new: Side<'_>) -> usize {
    let pairs = pairs(old.rulebook, new.rulebook);
    let is_changed = |(before, after): &(&Tagging, &Tagging)| {
        let has = |tagging: &Tagging, id: Option<CategoryId>| id.is_some_and(|id| tagging.get(id).is_some());
        pairs.iter().any(|pair| has(before, pair.old) != has(after, pair.new))
    };
    old.taggings.iter().zip(new.taggings).filter(is_changed).count()
}

/// One category in both rulebooks; at least one of them has it.
struct Pair {
    old: Option<CategoryId>,
    new: Option<CategoryId>,
}

/// The categories of both, in the order of [`Comparison::categories`].
fn pairs(old: &Rulebook, new: &Rulebook) -> Vec<Pair> {
    let by_id: FxHashMap<&str, CategoryId> =
        old.category_ids().map(|id| (old.category(id).id.as_str(), id)).collect();
    let kept = new
        .category_ids()
        .map(|id| Pair { old: by_id.get(new.category(id).id.as_str()).copied(), new: Some(id) });
    let removed = old.category_ids().filter(|&id| new.find(&old.category(id).id).is_none());
    kept.chain(removed.map(|id| Pair { old: Some(id), new: None })).collect()
}

impl Pair {
    fn empty<'c>(&self, old: Side<'_>, new: Side<'_>) -> CategoryChanges<'c> {
        let (category, presence) = match (self.old, self.new) {
            (Some(_), Some(id)) => (new.rulebook.category(id), Presence::Both),
            (None, Some(id)) => (new.rulebook.category(id), Presence::Added),
            (Some(id), None) => (old.rulebook.category(id), Presence::Removed),
            (None, None) => unreachable!("a pair is made from a category"),
        };
        CategoryChanges {
            category: category.clone(),
            presence,
            unchanged: 0,
            gained: Vec::new(),
            lost: Vec::new(),
            agreement: None,
        }
    }
}

/// Says why a side decides as it does. Comments are analysed again for it, but only those that changed.
struct Witness<'s> {
    rulebook: &'s Rulebook,
    worker: Worker<'s>,
    /// Number of the comment that the worker tagged last.
    at: Option<usize>,
}

impl<'s> Witness<'s> {
    fn new(side: Side<'s>) -> Self {
        Witness { rulebook: side.rulebook, worker: Worker::new(side.rulebook, side.tokenizer), at: None }
    }

    /// Turns the worker to a comment.
    fn ask(&mut self, at: usize, comment: &Comment) {
        if self.at.replace(at) != Some(at) {
            self.worker.tag(comment);
        }
    }

    fn reasons(&mut self, at: usize, comment: &Comment, tag: &Tag) -> Vec<Reason> {
        self.ask(at, comment);
        let rulebook = self.rulebook;
        let reason = |evidence: &Evidence| {
            let rule = rulebook.rule_label(evidence.rule);
            let trace = rulebook.rules_of(tag.category).find(|(label, _)| *label == rule);
            let part = trace.map(|(_, trace)| match &trace.parts[..] {
                // A list of one term is that term.
                [term] if rule.ends_with("/any") => term,
                _ => self.responsible(comment, trace, evidence.span),
            });
            Reason {
                span: evidence.span,
                rule: rule.to_owned(),
                condition: part.map(|part| one_line(&part.text)).unwrap_or_default(),
                site: part.and_then(|part| part.site.clone()),
            }
        };
        tag.evidence.iter().map(reason).collect()
    }

    /// The part of `trace` that holds at `span`, going down alternatives only.
    fn responsible<'t>(&mut self, comment: &Comment, trace: &'t Trace, span: Span<Orig>) -> &'t Trace {
        if matches!(self.rulebook.program.operation(trace.op), Some(Op::Or(..))) {
            for part in &trace.parts {
                // A name for a list is its one part: the name says more.
                if part.op != trace.op && self.worker.probe(part.op, comment).1.contains(&span) {
                    return self.responsible(comment, part, span);
                }
            }
        }
        trace
    }

    fn obstacle(&mut self, at: usize, comment: &Comment, category: Option<CategoryId>) -> Option<NearMiss> {
        let category = category?;
        self.ask(at, comment);
        Some(near_miss::find(category, comment, &mut self.worker, self.rulebook))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::rule::compile;

    fn rulebook(tokenizer: &Tokenizer, text: &str) -> Rulebook {
        let file = SourceFile { name: "r.toml".to_owned(), text: text.to_owned() };
        compile(&[Arc::new(file)], tokenizer).rulebook.expect("the rules are sound")
    }

    const OLD: &str = "
        [[category]]
        id = 'pin'
        name = '暗証番号'
        any = ['暗証番号', 'パスワード']
        [[category]]
        id = 'noise'
        name = '音'
        any = ['異音']
    ";

    const NEW: &str = "
        [[category]]
        id = 'line'
        name = '回線'
        any = ['回線', '通信']
        [[category]]
        id = 'pin'
        name = '暗証番号の失念'
        rule = 'near(暗証番号, 忘れる | 否定(分かる)) または 三回+間違える'
    ";

    const TEXTS: [&str; 6] = [
        "暗証番号を忘れた",
        "暗証番号の入力が面倒",
        "三回間違えて使えなくなった",
        "通信が切れた。暗証番号も分からない",
        "",
        "異音がした",
    ];

    #[test]
    fn a_change_names_the_rule_that_made_it_and_what_the_other_side_lacked() {
        let tokenizer = Tokenizer::embedded().unwrap();
        let (old, new) = (rulebook(&tokenizer, OLD), rulebook(&tokenizer, NEW));
        let comments: Vec<Comment> = TEXTS.map(Comment::from_text).to_vec();
        let tag = |rulebook: &Rulebook| {
            let mut worker = Worker::new(rulebook, &tokenizer);
            comments.iter().map(|comment| worker.tag(comment)).collect::<Vec<_>>()
        };
        let (before, after) = (tag(&old), tag(&new));
        let (old, new) = (
            Side { rulebook: &old, tokenizer: &tokenizer, taggings: &before },
            Side { rulebook: &new, tokenizer: &tokenizer, taggings: &after },
        );
        let found = compare(&comments, old, new, None);
        let seen: Vec<_> = found
            .categories
            .iter()
            .map(|changes| {
                let show = |list: &[Change<'_>]| {
                    let one = |change: &Change<'_>| {
                        let reason = &change.reasons[0];
                        let part = &change.comment.text()[reason.span.range()];
                        let obstacle = change.obstacle.as_ref().map(|found| found.obstacle.describe());
                        format!(
                            "{part}|{}|{}|{}|{}",
                            reason.rule,
                            reason.site.as_ref().expect("terms are written somewhere"),
                            reason.condition,
                            obstacle.unwrap_or_default()
                        )
                    };
                    list.iter().map(one).collect::<Vec<_>>()
                };
                (
                    &*changes.category.name,
                    changes.presence,
                    changes.unchanged,
                    show(&changes.gained),
                    show(&changes.lost),
                )
            })
            .collect();
        let owned = |text: &str| vec![text.to_owned()];
        assert_eq!(
            seen,
            [
                ("回線", Presence::Added, 0, owned("通信|line/any|r.toml:5|通信|"), vec![]),
                (
                    "暗証番号の失念",
                    Presence::Both,
                    2,
                    owned("三回間違え|pin/2|r.toml:9|三回+間違える|どのルールの語も見つからない"),
                    owned("暗証番号|pin/any|r.toml:5|暗証番号|忘れる | 否定(分かる)"),
                ),
                ("音", Presence::Removed, 0, vec![], owned("異音|noise/any|r.toml:9|異音|")),
            ]
        );
        assert_eq!((found.comments, found.changed_comments), (6, 4));
        assert!(compare(&comments, new, new, None).is_empty());
    }
}
