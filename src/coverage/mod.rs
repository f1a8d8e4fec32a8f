//! Rule coverage: what each category, rule and term contributes to the tags of a corpus.
//!
//! All figures count answered comments. For a category, M is the set of comments that have it; for one of its rules, the
//! comments that the rule gives evidence for; for one of its terms, those in which the term stands inside the evidence of
//! a rule it belongs to.
//!
//! | figure | category | rule | term |
//! |---|---|---|---|
//! | places | its evidence | its evidence | where it stands, in any comment |
//! | matched | \|M\| | comments in which its condition holds | comments in which it stands |
//! | given | \|M\| | \|M\| | \|M\| |
//! | unique | comments with no other category | comments in which no other rule of the category gives evidence | comments that would lose the category without the term |
//! | overlap | given − unique | given − unique | given − unique |
//! | taken back | – | matched − given: `not` took all its evidence | – |
//!
//! A term that *blocks* (in `not`, after `!` or `でない`) gives nothing; its unique comments are those that would gain the
//! category without it. "Without the term" is not estimated: the category is decided again with the term finding nothing,
//! and all other categories as they are. Terms are counted per category, for that is where a word can be struck out.
//!
//! Snorkel's analysis of labelling functions (Ratner et al. 2017) has coverage, overlaps and conflicts for rules that
//! vote for one label each. Here a comment has any number of categories, so that rules of different categories neither
//! overlap nor conflict: they go together, which is counted per pair of categories.
//!
//! # A worked matrix
//!
//! Five answered comments; category A has the rules `any` = \[x, y\] and 1 = `near(x, z)` and `not` = \[w\], category B has
//! the rule `any` = \[z\]:
//!
//! | comment | A/any | A/1 | A | B |
//! |---|---|---|---|---|
//! | 1: x      | x    |     | yes |     |
//! | 2: x y    | x, y |     | yes |     |
//! | 3: x z    | x    | x z | yes | yes |
//! | 4: y w    | taken back | | no  |     |
//! | 5: z      |      |     | no  | yes |
//!
//! | | places | matched | given | unique | overlap | taken back |
//! |---|---|---|---|---|---|---|
//! | A        | 5 | 3 | 3 | 2 (1, 2) | 1 | |
//! | A/any    | 4 | 4 | 3 | 2 (1, 2) | 1 | 1 |
//! | A/1      | 1 | 1 | 1 | 0        | 1 | 0 |
//! | x        | 3 | 3 | 3 | 2 (1, 3) | 1 | |
//! | y        | 2 | 2 | 1 | 0 (2 has x) | 1 | |
//! | z in A   | 2 | 2 | 1 | 0 (3 has A/any) | 1 | |
//! | w (blocks) | 1 | 1 | | 1 (4)  | | |
//! | B        | 2 | 2 | 2 | 1 (5)    | 1 | |
//!
//! A and B go together in one comment. The tests compute this table, and compare the figures for a larger corpus with
//! those of rulebooks from which the rule or term has really been struck out.

pub mod terms;
pub mod uncovered;

use rayon::prelude::*;

use crate::comment::{Comment, Status};
use crate::evaluate::Labels;
use crate::matcher::Worker;
use crate::rule::{CategoryId, RuleId, Rulebook};
use crate::tokenize::Tokenizer;
use terms::{Role, Term, terms_of};

/// The figures of a category, a rule or a term, see the [module](self).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Places found.
    pub places: u64,
    /// Comments matched.
    pub matched: u64,
    /// Comments given the category.
    pub given: u64,
    /// Comments that hang on it alone; for a term that blocks, comments kept out by it alone.
    pub unique: u64,
    /// Of those given, how many have the category by gold; 0 without gold.
    pub right: u64,
}

impl Counts {
    /// Comments given that would be given without it.
    pub fn overlap(&self) -> u64 {
        self.given - self.unique.min(self.given)
    }

    /// Comments matched but not given.
    pub fn taken_back(&self) -> u64 {
        self.matched - self.given
    }

    fn add(&mut self, other: &Counts) {
        self.places += other.places;
        self.matched += other.matched;
        self.given += other.given;
        self.unique += other.unique;
        self.right += other.right;
    }
}

/// A category's part of the coverage.
#[derive(Debug, Clone)]
pub struct CategoryCoverage {
    /// The category.
    pub category: CategoryId,
    /// Its figures.
    pub counts: Counts,
    /// Its rules.
    pub rules: Vec<(RuleId, Counts)>,
    /// Its terms.
    pub terms: Vec<(Term, Counts)>,
    /// For each category of the rulebook, in how many comments both stand; its own entry is `counts.given`.
    pub together: Vec<u64>,
}

impl CategoryCoverage {
    /// The other categories that go together with this one, those with the most comments first.
    pub fn companions(&self) -> Vec<(usize, u64)> {
        let others = self.together.iter().copied().enumerate();
        let mut found: Vec<(usize, u64)> =
            others.filter(|&(at, count)| count > 0 && at != self.category.index()).collect();
        found.sort_by_key(|&(at, count)| (std::cmp::Reverse(count), at));
        found
    }
}

/// What the rules contribute to the tags of a corpus.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// Answered comments.
    pub answered: u64,
    /// Answered comments with a category.
    pub tagged: u64,
    /// Categories given, over all comments.
    pub tags: u64,
    /// Whether gold was there to compare with.
    pub has_gold: bool,
    /// All categories, in rulebook order.
    pub categories: Vec<CategoryCoverage>,
}

impl Coverage {
    fn empty(rulebook: &Rulebook, has_gold: bool) -> Self {
        let program = &rulebook.program;
        let category = |id: CategoryId| CategoryCoverage {
            category: id,
            counts: Counts::default(),
            rules: program.rules[program.rules_of[id.index()].clone()]
                .iter()
                .map(|rule| (rule.id, Counts::default()))
                .collect(),
            terms: terms_of(id, rulebook).into_iter().map(|term| (term, Counts::default())).collect(),
            together: vec![0; rulebook.categories().len()],
        };
        Coverage {
            answered: 0,
            tagged: 0,
            tags: 0,
            has_gold,
            categories: rulebook.category_ids().map(category).collect(),
        }
    }

    fn add(mut self, other: Coverage) -> Self {
        self.answered += other.answered;
        self.tagged += other.tagged;
        self.tags += other.tags;
        for (own, other) in self.categories.iter_mut().zip(other.categories) {
            own.counts.add(&other.counts);
            let rules = own.rules.iter_mut().zip(other.rules);
            rules.for_each(|((_, own), (_, other))| own.add(&other));
            let terms = own.terms.iter_mut().zip(other.terms);
            terms.for_each(|((_, own), (_, other))| own.add(&other));
            own.together.iter_mut().zip(other.together).for_each(|(own, other)| *own += other);
        }
        self
    }
}

/// Measures the coverage of `comments`, on rayon's threads. `gold`, where given, has the labels of each comment.
pub fn measure(
    comments: &[Comment],
    gold: Option<&[Labels]>,
    rulebook: &Rulebook,
    tokenizer: &Tokenizer,
) -> Coverage {
    let empty = Coverage::empty(rulebook, gold.is_some());
    let size = comments.len().div_ceil(rayon::current_num_threads()).max(1);
    let parts: Vec<Coverage> = comments
        .par_chunks(size)
        .enumerate()
        .map(|(nth, chunk)| {
            let gold = gold.map(|gold| &gold[nth * size..]);
            let mut worker = Worker::new(rulebook, tokenizer);
            let mut coverage = empty.clone();
            for (at, comment) in chunk.iter().enumerate() {
                count(comment, gold.map(|gold| &gold[at]), &mut worker, &mut coverage);
            }
            coverage
        })
        .collect();
    parts.into_iter().fold(empty, Coverage::add)
}

fn count(comment: &Comment, gold: Option<&Labels>, worker: &mut Worker<'_>, coverage: &mut Coverage) {
    let tagging = worker.tag(comment);
    if comment.status() != Status::Answered || worker.analyser().tokens().is_empty() {
        coverage.answered += u64::from(comment.status() == Status::Answered);
        return;
    }
    coverage.answered += 1;
    coverage.tagged += u64::from(!tagging.is_empty());
    coverage.tags += tagging.tags.len() as u64;
    for own in &mut coverage.categories {
        let tag = tagging.get(own.category);
        let evidence = tag.map_or(&[][..], |tag| &tag.evidence);
        let is_right = gold.is_some_and(|gold| gold.contains(own.category));
        if tag.is_some() {
            own.counts.places += evidence.len() as u64;
            own.counts.matched += 1;
            own.counts.given += 1;
            own.counts.unique += u64::from(tagging.tags.len() == 1);
            own.counts.right += u64::from(is_right);
            for other in &tagging.tags {
                own.together[other.category.index()] += 1;
            }
        }
        let is_only = |rule: RuleId| evidence.iter().all(|evidence| evidence.rule == rule);
        for (rule, counts) in &mut own.rules {
            let places = evidence.iter().filter(|evidence| evidence.rule == *rule).count() as u64;
            let is_given = places > 0;
            let holds = is_given || worker.rule_holds(*rule, own.category, comment);
            counts.places += places;
            counts.matched += u64::from(holds);
            counts.given += u64::from(is_given);
            counts.unique += u64::from(is_given && is_only(*rule));
            counts.right += u64::from(is_given && is_right);
        }
        for (term, counts) in &mut own.terms {
            let (_, places) = worker.probe(term.op, comment);
            if places.is_empty() {
                continue;
            }
            counts.places += places.len() as u64;
            counts.matched += 1;
            let is_inside = evidence.iter().any(|evidence| {
                term.rules.contains(&evidence.rule)
                    && places.iter().any(|&place| evidence.span.contains(place))
            });
            let matters = match term.role {
                Role::Supports => is_inside,
                Role::Blocks => tag.is_none(),
            };
            if matters {
                let applies = worker.applies_without(&term.sources, own.category, comment);
                counts.unique += u64::from(applies != tag.is_some());
            }
            if term.role == Role::Supports && is_inside {
                counts.given += 1;
                counts.right += u64::from(is_right);
            }
        }
    }
}

#[cfg(test)]
mod tests;
