//! The candidates of a whole run, in memory that doesn't grow with it.
//!
//! All candidates are counted, as documents for the inverse document frequency; per category only a sample is kept,
//! and typicality is measured within it. Which ones are kept depends on the input alone: those with the smallest
//! hash of row and column, which is a random sample of fixed size without a random number (a bottom-k sketch: Cohen
//! and Kaplan, Summarizing data using bottom-k sketches, PODC 2007). Excerpts no one would print go first.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::quote::candidate::{Bag, Candidate, Source};
use crate::rule::Rulebook;

/// Words counted. Words first met after that many are rare, or a run's worth of noise, and are left out of all
/// comparison. Bounds memory to some 20 MB (100 bytes a word) where every answer is full of new words.
const WORD_LIMIT: usize = 200_000;

/// Excerpts outside this length, in characters, are kept only while there is room: a name of a topic, or a page.
const USABLE_CHARS: std::ops::RangeInclusive<usize> = 8..=240;

/// Candidates gathered over a run, category by category.
#[derive(Debug)]
pub struct Pool {
    limit: usize,
    arrived: u64,
    pub(super) words: Words,
    pub(super) categories: Vec<Category>,
}

/// The words of all candidates.
#[derive(Debug, Default)]
pub(super) struct Words {
    numbers: FxHashMap<Arc<str>, u32>,
    /// Each word with the number of candidates it occurs in; words are numbered in order of arrival.
    counted: Vec<(Arc<str>, u32)>,
}

/// The candidates of one category.
#[derive(Debug, Default)]
pub(super) struct Category {
    /// How many there were, kept or not.
    pub(super) added: usize,
    kept: BTreeMap<Key, Kept>,
}

/// Smaller keys are kept longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    is_unusable: bool,
    hash: u64,
    /// Number of arrival: decides between equal hashes, and tells input order.
    arrival: u64,
}

/// A candidate, its words numbered.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) candidate: Candidate,
    /// Number and count of each word, by number.
    pub(super) terms: Box<[(u32, u32)]>,
}

impl Pool {
    /// An empty pool for the categories of `rulebook`, keeping up to `limit` candidates of each.
    pub fn new(rulebook: &Rulebook, limit: usize) -> Self {
        let categories = rulebook.categories().iter().map(|_| Category::default()).collect();
        Pool { limit, arrived: 0, words: Words::default(), categories }
    }

    /// Adds a candidate. Candidates must come in input order: it breaks ties and numbers the words.
    pub fn add(&mut self, mut candidate: Candidate) {
        let terms = self.words.count(&std::mem::take(&mut candidate.bag));
        let is_unusable = !USABLE_CHARS.contains(&candidate.form.chars) || !candidate.form.is_balanced;
        let key = Key { is_unusable, hash: hash(&candidate.source), arrival: self.arrived };
        self.arrived += 1;
        let category = &mut self.categories[candidate.category.index()];
        category.added += 1;
        category.kept.insert(key, Kept { candidate, terms });
        if category.kept.len() > self.limit {
            category.kept.pop_last();
        }
    }

    /// The inverse document frequency of every word, over the candidates of all categories: ln(1 + N/df), which
    /// unlike ln(N/df) leaves a word its weight where every candidate has it, as in a run of one candidate.
    pub(super) fn inverse_frequencies(&self) -> Vec<f64> {
        let all = self.arrived as f64;
        self.words.counted.iter().map(|&(_, frequency)| (all / f64::from(frequency)).ln_1p()).collect()
    }
}

impl Category {
    /// The candidates kept, in input order.
    pub(super) fn in_input_order(&self) -> Vec<&Kept> {
        let mut kept: Vec<(&Key, &Kept)> = self.kept.iter().collect();
        kept.sort_unstable_by_key(|(key, _)| key.arrival);
        kept.into_iter().map(|(_, kept)| kept).collect()
    }
}

impl Words {
    /// Counts a candidate with these words, and gives their numbers and counts by number.
    fn count(&mut self, bag: &Bag) -> Box<[(u32, u32)]> {
        let mut terms = Vec::new();
        for (word, count) in bag.counts() {
            let number = match self.numbers.get(word) {
                Some(&number) => number,
                None if self.counted.len() == WORD_LIMIT => continue,
                None => {
                    let number = u32::try_from(self.counted.len()).expect("the limit is smaller");
                    let word: Arc<str> = word.into();
                    self.numbers.insert(Arc::clone(&word), number);
                    self.counted.push((word, 0));
                    number
                }
            };
            self.counted[number as usize].1 += 1;
            terms.push((number, count));
        }
        terms.sort_unstable();
        terms.into()
    }

    pub(super) fn word(&self, number: u32) -> &str {
        &self.counted[number as usize].0
    }
}

/// A hash of the answer's place in its input: SplitMix64's output function (Steele, Lea and Flood, OOPSLA 2014),
/// fixed for good because it decides which candidates are kept.
fn hash(source: &Source) -> u64 {
    let place = source.comment.row().number ^ ((source.comment.text_column() as u64) << 48);
    let mut z = place.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{plain, rulebook};
    use crate::quote::candidate::fixture::candidate;

    fn rows(pool: &Pool, category: usize) -> Vec<u64> {
        let kept = pool.categories[category].in_input_order();
        kept.iter().map(|kept| kept.candidate.source.comment.row().number).collect()
    }

    #[test]
    fn a_category_keeps_a_sample_from_everywhere_and_counts_all() {
        let mut pool = Pool::new(&rulebook(), 50);
        for row in 1..=1000 {
            pool.add(candidate(1, &plain(row, "顔認証ができない"), "顔認証"));
        }
        let rows = rows(&pool, 1);
        assert_eq!((pool.categories[1].added, rows.len()), (1000, 50));
        assert!(rows.is_sorted());
        // 25 expected in either half; 12 is nearly four standard deviations off.
        assert!((13..=37).contains(&rows.iter().filter(|&&row| row <= 500).count()), "{rows:?}");
        // ln(1 + 1000/1000): documents are counted over everything added.
        assert_eq!(pool.inverse_frequencies(), [2f64.ln()]);
    }

    #[test]
    fn unusable_excerpts_give_way() {
        let mut pool = Pool::new(&rulebook(), 10);
        for row in 1..=40 {
            let mut candidate = candidate(0, &plain(row, "顔認証"), "顔認証");
            candidate.form.chars = if row % 4 == 0 { 30 } else { 3 };
            pool.add(candidate);
        }
        assert_eq!(rows(&pool, 0), [4, 8, 12, 16, 20, 24, 28, 32, 36, 40]);
    }
}
