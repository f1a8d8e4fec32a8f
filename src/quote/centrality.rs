//! How typical an excerpt is of its category: continuous LexRank over tf·idf vectors.
//!
//! An excerpt is a vector over its content words, tf·idf weighted with logarithmic tf and brought to unit length
//! (Salton and Buckley, Term-weighting approaches in automatic text retrieval, 1988, their `ltc`). LexRank (Erkan and
//! Radev, LexRank: graph-based lexical centrality as salience in text summarization, JAIR 22, 2004) lets every excerpt
//! recommend those it resembles, in proportion to the cosine; an excerpt is central if central ones recommend it. We use
//! their continuous form, without a threshold: the matrix of all cosines is X·Xᵀ, so that a step of the power method
//! multiplies by Xᵀ and by X, and the quadratic number of pairs never arises. An excerpt doesn't recommend itself, and
//! one that stands for n near-identical answers recommends n times.
//!
//! Sums run in the order of word numbers or of the input, so results are the same to the last bit in every run.

/// An excerpt as a vector of length 1, or 0 if it has no content word.
#[derive(Debug, Clone, Default)]
pub(super) struct Vector {
    /// Word number and weight, by number.
    pub(super) weights: Vec<(u32, f64)>,
}

impl Vector {
    /// `terms` are word numbers with counts, by number; `idf` is indexed by word number.
    pub(super) fn new(terms: &[(u32, u32)], idf: &[f64]) -> Self {
        let weigh = |&(word, count): &(u32, u32)| (word, (1.0 + f64::from(count).ln()) * idf[word as usize]);
        let mut weights: Vec<(u32, f64)> = terms.iter().map(weigh).collect();
        let length = weights.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        for (_, weight) in &mut weights {
            *weight /= length;
        }
        Vector { weights }
    }

    /// The cosine of the angle between two vectors: 0 for no word in common, 1 for the same words.
    pub(super) fn cosine(&self, other: &Vector) -> f64 {
        let (mut sum, mut others) = (0.0, other.weights.iter().peekable());
        for &(word, weight) in &self.weights {
            while others.next_if(|(other, _)| *other < word).is_some() {}
            if let Some((_, other)) = others.next_if(|(other, _)| *other == word) {
                sum += weight * other;
            }
        }
        sum
    }

    fn dot(&self, sums: &[f64]) -> f64 {
        self.weights.iter().map(|&(word, weight)| weight * sums[word as usize]).sum()
    }
}

/// LexRank's damping: the share of recommendation against an even start.
const DAMPING: f64 = 0.85;

/// Steps of the power method at most, and the change at which it has settled. Damping alone makes each step six
/// times closer in ten; the graph is dense and settles in about ten.
const STEPS: usize = 50;
const SETTLED: f64 = 1e-9;

/// Recommendations fainter than this are rounding.
const FAINT: f64 = 1e-9;

/// What a category's excerpts are about.
pub(super) struct Centrality {
    /// LexRank of each excerpt, the highest being 1; 0 if it shares no word with any other.
    pub(super) ranks: Vec<f64>,
    /// Sum of the vectors, each as often as it occurs, by word number.
    sums: Vec<f64>,
}

impl Centrality {
    /// The centrality of `vectors` over `words` words, where the vector at `i` stands for `counts[i]` answers.
    pub(super) fn of(vectors: &[Vector], counts: &[f64], words: usize) -> Self {
        let sum = |shares: &[f64]| {
            let mut sums = vec![0.0; words];
            for (vector, share) in vectors.iter().zip(shares) {
                for &(word, weight) in &vector.weights {
                    sums[word as usize] += share * weight;
                }
            }
            sums
        };
        let sums = sum(counts);
        // How much each recommends in all, without itself.
        let degrees: Vec<f64> = vectors.iter().map(|vector| (vector.dot(&sums) - 1.0).max(0.0)).collect();
        let start = 1.0 / counts.iter().sum::<f64>().max(1.0);
        let mut ranks = vec![start; vectors.len()];
        for _ in 0..STEPS {
            let given: Vec<f64> = ranks
                .iter()
                .zip(&degrees)
                .map(|(rank, &degree)| if degree > FAINT { rank / degree } else { 0.0 })
                .collect();
            let shares: Vec<f64> = given.iter().zip(counts).map(|(given, count)| given * count).collect();
            let received = sum(&shares);
            let mut change: f64 = 0.0;
            for (at, vector) in vectors.iter().enumerate() {
                let own = if degrees[at] > FAINT { given[at] } else { 0.0 };
                let rank = (1.0 - DAMPING) * start + DAMPING * (vector.dot(&received) - own).max(0.0);
                change = change.max((rank - ranks[at]).abs());
                ranks[at] = rank;
            }
            if change < SETTLED * start {
                break;
            }
        }
        let highest = ranks.iter().copied().fold(0.0, f64::max);
        for (rank, degree) in ranks.iter_mut().zip(&degrees) {
            *rank = if *degree > FAINT { *rank / highest } else { 0.0 };
        }
        Centrality { ranks, sums }
    }

    /// The words that make the vector typical: those it shares with other vectors, by their part in the resemblance.
    pub(super) fn shared_words(&self, vector: &Vector, count: f64) -> Vec<u32> {
        // A word no other vector has sums up to exactly its own weight.
        let is_shared =
            |&&(word, weight): &&(u32, f64)| self.sums[word as usize] > count * weight + FAINT || count > 1.0;
        let part = |&(word, weight): &(u32, f64)| weight * self.sums[word as usize];
        let mut shared: Vec<&(u32, f64)> = vector.weights.iter().filter(is_shared).collect();
        shared.sort_by(|a, b| part(b).total_cmp(&part(a)));
        shared.into_iter().map(|&(word, _)| word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDF: [f64; 5] = [1.0, 1.0, 2.0, 2.0, 1.0];

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
    }

    #[test]
    fn cosines_are_those_of_the_weights() {
        let vector = |terms: &[(u32, u32)]| Vector::new(terms, &IDF);
        let (a, b) = (vector(&[(0, 1), (2, 1)]), vector(&[(1, 1), (2, 1)]));
        close(a.cosine(&a), 1.0);
        // (1, 0, 2)·(0, 1, 2) over √5·√5.
        close(a.cosine(&b), 4.0 / 5.0);
        close(a.cosine(&vector(&[(3, 1)])), 0.0);
        close(a.cosine(&vector(&[])), 0.0);
        // A word three times weighs 1 + ln 3 as much as once.
        let thrice = vector(&[(0, 3), (1, 1)]);
        close(thrice.weights[0].1 / thrice.weights[1].1, 1.0 + 3f64.ln());
    }

    #[test]
    fn ranks_are_those_of_the_full_matrix() {
        let terms: [&[(u32, u32)]; 5] =
            [&[(0, 1), (2, 1)], &[(1, 1), (2, 1)], &[(0, 2), (1, 1)], &[(3, 1)], &[]];
        let vectors: Vec<Vector> = terms.iter().map(|terms| Vector::new(terms, &IDF)).collect();
        // The second stands for two answers: the matrix has it twice.
        let copies = [0, 1, 1, 2, 3, 4];
        let n = copies.len();
        let weight =
            |a: usize, b: usize| if a == b { 0.0 } else { vectors[copies[a]].cosine(&vectors[copies[b]]) };
        let mut ranks = vec![1.0 / n as f64; n];
        for _ in 0..200 {
            let next = (0..n).map(|u| {
                let given = (0..n).map(|v| {
                    let degree: f64 = (0..n).map(|z| weight(z, v)).sum();
                    if degree > 0.0 { weight(u, v) / degree * ranks[v] } else { 0.0 }
                });
                0.15 / n as f64 + 0.85 * given.sum::<f64>()
            });
            ranks = next.collect();
        }
        let found = Centrality::of(&vectors, &[1.0, 2.0, 1.0, 1.0, 1.0], 5);
        for (found, copy) in found.ranks.iter().zip([0, 1, 3]) {
            close(*found, ranks[copy] / ranks[1]);
        }
        // Alone in every word, and without words.
        assert_eq!(found.ranks[3..], [0.0, 0.0]);
        assert_eq!(found.shared_words(&vectors[0], 1.0), [2, 0]);
        assert!(found.shared_words(&vectors[3], 1.0).is_empty());
        assert!(Centrality::of(&[], &[], 0).ranks.is_empty());
    }
}
