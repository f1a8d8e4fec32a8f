//! What else could be quoted: whole comments, drawn at random, the longest, or the first by plain LexRank.

use crate::words::{Bag, cosine};

/// LexRank's threshold for a tie between two comments, and its damping (Erkan and Radev, JAIR 22, 2004).
const THRESHOLD: f64 = 0.1;
const DAMPING: f64 = 0.85;

/// The comments in the order of the `draw`-th shuffle.
pub(crate) fn shuffled(members: &[usize], draw: u64) -> Vec<usize> {
    let mut drawn = members.to_vec();
    drawn.sort_by_key(|&at| mix(at as u64 ^ (draw << 32)));
    drawn
}

/// The comments, the most central first; `vectors` are those of all comments.
pub(crate) fn lexrank(members: &[usize], vectors: &[Bag]) -> Vec<usize> {
    let n = members.len();
    let ties: Vec<Vec<usize>> = (0..n)
        .map(|a| {
            let is_tie =
                |&b: &usize| a != b && cosine(&vectors[members[a]], &vectors[members[b]]) >= THRESHOLD;
            (0..n).filter(is_tie).collect()
        })
        .collect();
    let mut ranks = vec![1.0 / n as f64; n];
    for _ in 0..100 {
        let next = (0..n).map(|a| {
            let given: f64 = ties[a].iter().map(|&b| ranks[b] / ties[b].len() as f64).sum();
            (1.0 - DAMPING) / n as f64 + DAMPING * given
        });
        ranks = next.collect();
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| ranks[b].total_cmp(&ranks[a]).then(a.cmp(&b)));
    order.into_iter().map(|at| members[at]).collect()
}

/// SplitMix64's output function: the same draws everywhere.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
