//! Which categories come together in one comment.
//!
//! With *a* and *b* comments of two categories, *c* with both, and *n* answered comments:
//!
//! - Jaccard's coefficient c / (a + b − c), from 0 (never together) to 1 (never apart). P. Jaccard, "The distribution of
//!   the flora in the alpine zone", *New Phytologist* 11 (1912) 37–50.
//! - lift c·n / (a·b): how many times as often as if they had nothing to do with each other. S. Brin, R. Motwani, J. D.
//!   Ullman and S. Tsur, "Dynamic itemset counting and implication rules for market basket data", SIGMOD 1997 (there
//!   called interest). Of rare categories it is large by accident; so the pairs are ordered by Jaccard.

use crate::classify::Tagging;
use crate::comment::{Comment, Status};
use crate::rule::{CategoryId, Rulebook};

/// Counts of pairs, gathered comment by comment.
#[derive(Debug, Clone)]
pub struct Pairs {
    categories: Vec<CategoryId>,
    answered: u64,
    /// Square: comments with both; on the diagonal, comments with the category.
    both: Vec<u64>,
}

/// Two categories that occur together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The categories, in the order of the rulebook.
    pub categories: [CategoryId; 2],
    /// Comments with either of them.
    pub each: [u64; 2],
    /// Comments with both.
    pub both: u64,
    /// Jaccard's coefficient.
    pub jaccard: f64,
    /// Lift.
    pub lift: f64,
}

impl Pairs {
    /// Nothing counted yet.
    pub fn new(rulebook: &Rulebook) -> Self {
        let categories: Vec<CategoryId> = rulebook.category_ids().collect();
        let both = vec![0; categories.len() * categories.len()];
        Pairs { categories, answered: 0, both }
    }

    /// Counts a comment; one that says nothing is left out.
    pub fn add(&mut self, comment: &Comment, tagging: &Tagging) {
        if comment.status() != Status::Answered {
            return;
        }
        self.answered += 1;
        for (nth, first) in tagging.tags.iter().enumerate() {
            for second in &tagging.tags[nth..] {
                self.both[first.category.index() * self.categories.len() + second.category.index()] += 1;
            }
        }
    }

    /// All pairs that occur, the closest first, equals in the order of the rulebook.
    pub fn pairs(&self) -> Vec<Pair> {
        let count = |a: CategoryId, b: CategoryId| self.both[a.index() * self.categories.len() + b.index()];
        let mut pairs = Vec::new();
        for (nth, &first) in self.categories.iter().enumerate() {
            for &second in &self.categories[nth + 1..] {
                let (a, b, both) = (count(first, first), count(second, second), count(first, second));
                if both > 0 {
                    pairs.push(Pair {
                        categories: [first, second],
                        each: [a, b],
                        both,
                        jaccard: both as f64 / (a + b - both) as f64,
                        lift: both as f64 * self.answered as f64 / (a as f64 * b as f64),
                    });
                }
            }
        }
        pairs.sort_by(|a, b| b.jaccard.total_cmp(&a.jaccard));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, plain, rulebook, tagging};

    #[test]
    fn jaccard_and_lift_by_hand() {
        let mut pairs = Pairs::new(&rulebook());
        for (row, tags) in [(1, &[0, 1][..]), (2, &[0, 1, 2]), (3, &[0]), (4, &[2]), (5, &[])] {
            let tags: Vec<(usize, &[&str])> = tags.iter().map(|&at| (at, &["●"][..])).collect();
            pairs.add(&plain(row, "●"), &tagging("●", &tags));
        }
        pairs.add(&plain(6, "特になし"), &Tagging::default());
        let found = pairs.pairs();
        // a = 3, b = 2, c = 2 of n = 5: 2/3, and 2·5/(3·2).
        let first = Pair {
            categories: [category(0), category(1)],
            each: [3, 2],
            both: 2,
            jaccard: 2.0 / 3.0,
            lift: 10.0 / 6.0,
        };
        assert_eq!((found.len(), found[0]), (3, first));
        assert_eq!(found[1].categories, [category(1), category(2)]);
        assert_eq!(found[2].jaccard, 0.25);
    }
}
