//! What an excerpt is about: its words, as text, because the numbers of lexemes mean nothing outside their worker.
//!
//! The candidates of a comment have most of their words in common, and there are millions of candidates: they share one
//! list of words, and each says how often it has them.

use std::sync::Arc;

use crate::quote::reading;

/// Base forms of an excerpt's content words, each as often as it occurs and once more where it is evidence.
#[derive(Debug, Clone, Default)]
pub(super) struct Bag {
    /// The words of all candidates of the comment, sorted, one a line.
    pub(super) words: Arc<str>,
    /// How often each of them occurs.
    pub(super) counts: Box<[u32]>,
}

impl Bag {
    /// The bags of the candidates of a comment, whose words come in any order.
    pub(super) fn of_all(candidates: &mut [Vec<&str>]) -> Vec<Self> {
        let mut all: Vec<&str> = Vec::new();
        for words in candidates.iter_mut() {
            for word in words.iter_mut() {
                // The dictionary glues signs it doesn't know to one another (●() and takes ASCII ones for nouns of action.
                *word = word.trim_matches(|c| !reading::is_word_char(c));
            }
            words.sort_unstable();
            all.extend(words.iter().filter(|word| !word.is_empty()));
        }
        all.sort_unstable();
        all.dedup();
        let joined: Arc<str> = all.join("\n").into();
        let bag = |words: &Vec<&str>| {
            let mut words = words.iter().skip_while(|word| word.is_empty()).peekable();
            let count = |word: &&str| {
                let mut count = 0;
                while words.next_if_eq(&word).is_some() {
                    count += 1;
                }
                count
            };
            Bag { words: Arc::clone(&joined), counts: all.iter().map(count).collect() }
        };
        candidates.iter().map(bag).collect()
    }

    /// The bag of an excerpt alone.
    pub(super) fn of(words: Vec<&str>) -> Self {
        Self::of_all(&mut [words]).pop().unwrap_or_default()
    }

    /// Each word with how often it occurs, 0 where only others of the comment have it; sorted by word.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&str, u32)> {
        words(&self.words).zip(self.counts.iter().copied())
    }
}

/// The words of a list of one a line.
pub(super) fn words(list: &str) -> impl Iterator<Item = &str> {
    // Only the list of none has an empty line.
    list.split('\n').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bags_of_a_comment_share_their_words() {
        let bags = Bag::of_all(&mut [vec!["止まる", "朝", "(", "止まる"], vec![], vec!["●違う(", "朝"]]);
        let counts = |at: usize| bags[at].counts().collect::<Vec<_>>();
        assert_eq!(counts(0), [("●違う", 0), ("朝", 1), ("止まる", 2)]);
        assert_eq!(counts(1), [("●違う", 0), ("朝", 0), ("止まる", 0)]);
        assert_eq!(counts(2), [("●違う", 1), ("朝", 1), ("止まる", 0)]);
        assert!(bags.iter().all(|bag| Arc::ptr_eq(&bag.words, &bags[0].words)));
        assert_eq!(Bag::of(vec!["()"]).counts().count(), 0);
    }
}
