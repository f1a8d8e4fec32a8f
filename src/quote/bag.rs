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
    /// The bags of the candidates of a comment: their words, in any order, each with a count.
    pub(super) fn of_all(candidates: &mut [Vec<(&str, u32)>]) -> Vec<Self> {
        let mut all: Vec<&str> = Vec::new();
        for words in candidates.iter_mut() {
            for (word, _) in words.iter_mut() {
                // The dictionary glues signs it doesn't know to one another (●() and takes ASCII ones for nouns of action.
                *word = word.trim_matches(|c| !reading::is_word_char(c));
            }
            words.retain(|(word, _)| !word.is_empty());
            words.sort_unstable();
            all.extend(words.iter().map(|&(word, _)| word));
        }
        all.sort_unstable();
        all.dedup();
        let joined: Arc<str> = all.join("\n").into();
        let bag = |words: &Vec<(&str, u32)>| {
            let mut words = words.iter().peekable();
            let count = |&word: &&str| {
                let same = std::iter::from_fn(|| words.next_if(|&&(other, _)| other == word));
                same.fold(0, |sum: u32, &(_, count)| sum.saturating_add(count))
            };
            Bag { words: Arc::clone(&joined), counts: all.iter().map(count).collect() }
        };
        candidates.iter().map(bag).collect()
    }

    /// The bag of an excerpt alone.
    pub(super) fn of(words: Vec<(&str, u32)>) -> Self {
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
        let bags = Bag::of_all(&mut [
            vec![("止まる", 2), ("朝", 1), ("(", 1), ("止まる", 1)],
            vec![],
            vec![("●違う(", 1), ("朝", 1)],
        ]);
        let counts = |at: usize| bags[at].counts().collect::<Vec<_>>();
        assert_eq!(counts(0), [("●違う", 0), ("朝", 1), ("止まる", 3)]);
        assert_eq!(counts(1), [("●違う", 0), ("朝", 0), ("止まる", 0)]);
        assert_eq!(counts(2), [("●違う", 1), ("朝", 1), ("止まる", 0)]);
        assert!(bags.iter().all(|bag| Arc::ptr_eq(&bag.words, &bags[0].words)));
        assert_eq!(Bag::of(vec![("()", 1)]).counts().count(), 0);
    }
}
