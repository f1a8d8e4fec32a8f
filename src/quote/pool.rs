//! The candidates of a whole run, in memory that doesn't grow with it.
//!
//! Candidates that say the same in the same words are one [`Group`] as they come. All candidates are counted, as documents
//! for the inverse document frequency; per category (and subgroup) only a sample of groups is kept, and centrality is
//! measured within it. Which ones are kept depends on the input alone: those with the smallest hash, which is a random
//! sample of fixed size without a random number (a bottom-k sketch: Cohen and Kaplan, Summarizing data using bottom-k
//! sketches, PODC 2007). The hash is one that near-identical excerpts mostly share, so that they are kept or dropped
//! together and their numbers stay right. Excerpts no one would print go first.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::classify::Tagging;
use crate::comment::Comment;
use crate::places;
use crate::quote::bag::{self, Bag};
use crate::quote::candidate::Candidate;
use crate::quote::likeness::Likeness;
use crate::quote::rarity::Rarity;
use crate::quote::reading::Certainty;
use crate::quote::selection::Tracker;
use crate::quote::{By, Options};
use crate::rule::{CategoryId, Rulebook};

/// Groups kept per category: enough for any choice of a few, little enough to stay flat in memory.
const LIMIT: usize = 2000;

/// Groups kept per category and subgroup.
const SUBGROUP_LIMIT: usize = 500;

/// Subgroups at most; more is a mistaken column, and all that come later are left out.
const SUBGROUPS: usize = 200;

/// Words counted. Words first met after that many are rare, or a run's worth of noise, and are left out of all
/// comparison. Bounds memory to some 20 MB (100 bytes a word) where every answer is full of new words.
const WORD_LIMIT: usize = 200_000;

/// Excerpts outside this length, in characters, are kept only while there is room: a name of a topic, or a page.
const USABLE_CHARS: std::ops::RangeInclusive<usize> = 8..=240;

/// Ids remembered per group; more than that nobody lists.
const IDS: usize = 10_000;

/// Candidates gathered over a run, category by category.
#[derive(Debug)]
pub struct Pool {
    pub(super) options: Options,
    pub(super) tracker: Tracker,
    pub(super) rarity: Rarity,
    pub(super) words: Words,
    pub(super) fields: BTreeMap<FieldKey, Field>,
    /// Names of the categories.
    pub(super) names: Vec<String>,
    /// Names of the subgroups, by number: in order of arrival, or categories in the order of the rulebook.
    pub(super) subgroups: Vec<String>,
    /// The categories, with how often, of the comments whose choice is asked about.
    pub(super) asked: Vec<CategoryId>,
    arrived: u64,
}

/// What a pool has no use for.
#[derive(Debug)]
#[expect(dead_code, reason = "there is nothing to do with it but to drop it")]
pub struct Spent(Bag, Option<Candidate>);

/// A category and the number of a subgroup (0 where there are none).
pub(super) type FieldKey = (CategoryId, usize);

/// The words of all candidates.
#[derive(Debug, Default)]
pub(super) struct Words {
    numbers: FxHashMap<Arc<str>, u32>,
    /// Each word with the number of candidates it occurs in; words are numbered in order of arrival.
    counted: Vec<(Arc<str>, u32)>,
    /// The list of words last met, and their numbers.
    latest: (Arc<str>, Vec<Option<u32>>),
}

/// The candidates among which the quotes of a category (and subgroup) are chosen.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// How many there were, kept or not.
    pub(super) added: usize,
    /// Boxed, so that keys lie close together.
    kept: BTreeMap<Key, Box<Group>>,
}

/// Smaller keys are kept longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    is_unusable: bool,
    /// Mostly equal for near-identical excerpts.
    lot: u64,
    /// Equal for excerpts of the same words.
    likeness: u64,
}

/// Candidates of the same words.
#[derive(Debug)]
pub(super) struct Group {
    /// The best of them.
    pub(super) candidate: Candidate,
    /// Number and count of each word of the candidate, by number.
    pub(super) terms: Box<[(u32, u32)]>,
    /// How many there are.
    pub(super) count: usize,
    /// Ids of the respondents, in input order; the first [`IDS`].
    pub(super) ids: Vec<Box<str>>,
    /// Where they come from, without repetitions.
    pub(super) places: Vec<String>,
    /// Number of the first's arrival: tells input order.
    arrival: u64,
}

impl Pool {
    /// An empty pool for the categories of `rulebook`.
    pub fn new(rulebook: &Rulebook, options: Options) -> Self {
        let subgroups = match &options.by {
            Some(By::Categories(categories)) => {
                categories.iter().map(|&category| rulebook.category(category).name.clone()).collect()
            }
            _ => Vec::new(),
        };
        Pool {
            tracker: Tracker::new(&options.selection, rulebook),
            rarity: Rarity::new(&options.spread),
            options,
            words: Words::default(),
            fields: BTreeMap::new(),
            names: rulebook.category_ids().map(|id| rulebook.category(id).name.clone()).collect(),
            subgroups,
            asked: Vec::new(),
            arrived: 0,
        }
    }

    /// Takes note of a comment, with or without categories. All comments must come, in input order.
    pub fn meet(&mut self, comment: &Comment, tagging: &Tagging) {
        self.rarity.count(comment);
        self.tracker.meet(comment, tagging);
        if self.options.ask.as_deref() == Some(&*comment.id()) {
            self.asked.extend(tagging.tags.iter().map(|tag| tag.category));
        }
    }

    /// Adds a candidate. Candidates must come in input order: it breaks ties and numbers the words. Gives what it has no use
    /// for, to be dropped where it was made.
    pub fn add(&mut self, mut candidate: Candidate) -> Spent {
        let bag = std::mem::take(&mut candidate.bag);
        let terms = self.words.count(&bag);
        self.arrived += 1;
        self.register(&candidate);
        let subgroups = self.subgroups_of(&candidate);
        let limit = if self.options.by.is_some() { SUBGROUP_LIMIT } else { LIMIT };
        let Some((&last, others)) = subgroups.split_last() else { return Spent(bag, Some(candidate)) };
        for &subgroup in others {
            let field = self.fields.entry((candidate.category, subgroup)).or_default();
            field.add(candidate.clone(), terms.clone(), self.options.place.as_deref(), self.arrived, limit);
        }
        let field = self.fields.entry((candidate.category, last)).or_default();
        Spent(bag, field.add(candidate, terms, self.options.place.as_deref(), self.arrived, limit))
    }

    /// Gives the candidate's value of the attribute that makes subgroups a number.
    fn register(&mut self, candidate: &Candidate) {
        if let Some(By::Attribute(name)) = &self.options.by
            && let Some(value) = value(candidate, name)
            && self.subgroups.len() < SUBGROUPS
            && !self.subgroups.iter().any(|subgroup| subgroup == value)
        {
            self.subgroups.push(value.to_owned());
        }
    }

    /// The numbers of the subgroups the candidate belongs to.
    fn subgroups_of(&self, candidate: &Candidate) -> Cow<'static, [usize]> {
        match &self.options.by {
            None => Cow::Borrowed(&[0]),
            Some(By::Categories(categories)) => {
                (0..categories.len()).filter(|&at| candidate.categories.contains(&categories[at])).collect()
            }
            Some(By::Attribute(name)) => {
                let value = value(candidate, name);
                self.subgroups
                    .iter()
                    .position(|subgroup| Some(subgroup.as_str()) == value)
                    .into_iter()
                    .collect()
            }
        }
    }

    /// Whether the candidate belongs to the subgroup of that number.
    pub(super) fn belongs(&self, candidate: &Candidate, subgroup: usize) -> bool {
        self.subgroups_of(candidate).contains(&subgroup)
    }

    /// The inverse document frequency of every word, over the candidates of all categories: ln(1 + N/df), which
    /// unlike ln(N/df) leaves a word its weight where every candidate has it, as in a run of one candidate.
    pub(super) fn inverse_frequencies(&self) -> Vec<f64> {
        let all = self.arrived as f64;
        self.words.counted.iter().map(|&(_, frequency)| (all / f64::from(frequency)).ln_1p()).collect()
    }
}

impl Field {
    /// Adds a candidate, and gives the one that is kept no more.
    fn add(
        &mut self,
        mut candidate: Candidate,
        terms: Box<[(u32, u32)]>,
        place: Option<&str>,
        arrival: u64,
        limit: usize,
    ) -> Option<Candidate> {
        self.added += 1;
        let is_unusable =
            !USABLE_CHARS.contains(&candidate.cut.form.chars) || !candidate.cut.form.is_balanced;
        let Likeness { key: likeness, lot, .. } = candidate.cut.likeness;
        let key = Key { is_unusable, lot, likeness };
        if self.kept.len() >= limit && self.kept.last_key_value().is_some_and(|(last, _)| key > *last) {
            // It would be the first to go.
            return Some(candidate);
        }
        let comment = candidate.comment.clone();
        let mut spent = None;
        let group = match self.kept.entry(key) {
            std::collections::btree_map::Entry::Occupied(entry) => {
                let group = entry.into_mut();
                if rank(&candidate) > rank(&group.candidate) {
                    std::mem::swap(&mut group.candidate, &mut candidate);
                    group.terms = terms;
                }
                spent = Some(candidate);
                group
            }
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(Box::new(Group {
                candidate,
                terms,
                count: 0,
                ids: Vec::new(),
                places: Vec::new(),
                arrival,
            })),
        };
        group.count += 1;
        if group.ids.len() < IDS {
            group.ids.push(comment.id().into());
        }
        let cell = place.and_then(|name| comment.attribute(name)).unwrap_or_default();
        for place in places::of(cell) {
            if !group.places.iter().any(|known| known == place) {
                group.places.push(place.to_owned());
            }
        }
        if self.kept.len() > limit {
            spent = self.kept.pop_last().map(|(_, group)| group.candidate);
        }
        spent
    }

    /// The groups kept, in input order.
    pub(super) fn in_input_order(&self) -> Vec<&Group> {
        let mut kept: Vec<&Group> = self.kept.values().map(|group| &**group).collect();
        kept.sort_unstable_by_key(|group| group.arrival);
        kept
    }
}

fn value<'c>(candidate: &'c Candidate, attribute: &str) -> Option<&'c str> {
    candidate.comment.attribute(attribute).map(str::trim).filter(|value| !value.is_empty())
}

/// Which of two candidates of the same words is printed: the greater, or else the first.
fn rank(candidate: &Candidate) -> impl Ord {
    let form = &candidate.cut.form;
    (
        candidate.cut.flags.is_empty(),
        candidate.certainty == Certainty::Firm,
        form.is_balanced,
        form.is_complete,
        !form.is_leaning,
        candidate.evidence,
    )
}

impl Words {
    /// Counts a candidate with these words, and gives their numbers and counts by number.
    fn count(&mut self, bag: &Bag) -> Box<[(u32, u32)]> {
        // The candidates of a comment come one after the other and share their list.
        if !Arc::ptr_eq(&self.latest.0, &bag.words) {
            let mut numbers = std::mem::take(&mut self.latest.1);
            numbers.clear();
            numbers.extend(bag::words(&bag.words).map(|word| self.number(word)));
            self.latest = (Arc::clone(&bag.words), numbers);
        }
        let counts = self.latest.1.iter().zip(&bag.counts);
        let mut terms: Box<[(u32, u32)]> = counts
            .filter(|(_, count)| **count > 0)
            .filter_map(|(number, &count)| Some(((*number)?, count)))
            .collect();
        for &(number, _) in &terms {
            self.counted[number as usize].1 += 1;
        }
        terms.sort_unstable();
        terms
    }

    /// The number of a word, a new one if it is met for the first time; `None` if there are no more.
    fn number(&mut self, word: &str) -> Option<u32> {
        if let Some(&number) = self.numbers.get(word) {
            return Some(number);
        }
        if self.counted.len() == WORD_LIMIT {
            return None;
        }
        let number = u32::try_from(self.counted.len()).expect("the limit is smaller");
        let word: Arc<str> = word.into();
        self.numbers.insert(Arc::clone(&word), number);
        self.counted.push((word, 0));
        Some(number)
    }

    /// Numbers and counts of the words that have been counted.
    pub(super) fn known(&self, bag: &Bag) -> Vec<(u32, u32)> {
        let mut terms: Vec<(u32, u32)> = bag
            .counts()
            .filter(|(_, count)| *count > 0)
            .filter_map(|(word, count)| Some((*self.numbers.get(word)?, count)))
            .collect();
        terms.sort_unstable();
        terms
    }

    pub(super) fn word(&self, number: u32) -> &str {
        &self.counted[number as usize].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, long, plain, rulebook};
    use crate::quote::candidate::fixture::candidate;

    fn pool() -> Pool {
        Pool::new(&rulebook(), Options { place: Some("都道府県".to_owned()), ..Options::default() })
    }

    fn rows(pool: &Pool, index: usize) -> Vec<u64> {
        let kept = pool.fields[&(category(index), 0)].in_input_order();
        kept.iter().map(|group| group.candidate.comment.row().number).collect()
    }

    #[test]
    fn a_category_keeps_a_sample_from_everywhere_and_counts_all() {
        let mut pool = pool();
        for row in 1..=4000 {
            pool.add(candidate(1, &plain(row, &format!("顔認証{row}")), "顔認証"));
        }
        let rows = rows(&pool, 1);
        assert_eq!((pool.fields[&(category(1), 0)].added, rows.len()), (4000, LIMIT));
        assert!(rows.is_sorted());
        // 1000 expected in either half; 100 is more than four standard deviations off.
        assert!((900..=1100).contains(&rows.iter().filter(|&&row| row <= 2000).count()));
        // ln(1 + 4000/4000): documents are counted over everything added.
        assert_eq!(pool.inverse_frequencies()[0], 2f64.ln());
    }

    #[test]
    fn answers_of_the_same_words_are_one_group() {
        let mut pool = pool();
        for (id, place) in [("1", "東京都"), ("2", "愛知県"), ("3", "東京都"), ("4", " ")] {
            let mut candidate = candidate(0, &long(id, "問7", place, "顔認証"), "顔認証");
            candidate.cut_mut().form.is_complete = id != "1";
            pool.add(candidate);
        }
        let groups = pool.fields[&(category(0), 0)].in_input_order();
        assert_eq!(groups.len(), 1);
        assert_eq!((groups[0].count, groups[0].ids.len()), (4, 4));
        assert_eq!(groups[0].places, ["東京都", "愛知県"]);
        assert_eq!(groups[0].candidate.comment.id(), "2");
    }

    #[test]
    fn unusable_excerpts_give_way() {
        let mut pool = pool();
        for row in 1..=4000 {
            let mut candidate = candidate(0, &plain(row, &format!("顔認証{row}")), "顔認証");
            candidate.cut_mut().form.chars = if row % 4 == 0 { 30 } else { 3 };
            pool.add(candidate);
        }
        let usable = rows(&pool, 0).iter().filter(|&&row| row % 4 == 0).count();
        assert_eq!(usable, 1000);
    }
}
