//! How telling a word is of one set of comments against another: the log-likelihood ratio.
//!
//! G² of Dunning (1993), "Accurate methods for the statistics of surprise and coincidence", *Computational Linguistics*
//! 19(1), 61–74, for the table of comments with and without the word in either set:
//!
//! | | with the word | without |
//! |---|---|---|
//! | the set | a | b |
//! | the others | c | d |
//!
//! G² = 2 Σ O ln(O/E) over the four cells, E being what independence would give. Unlike χ² and mutual information it
//! doesn't overrate what occurs once. Asymptotically it is χ² distributed with one degree of freedom: 3.84 is the 5 %
//! point, 6.63 the 1 % point, 10.83 the 0.1 % point. Words are chosen by it, not tested: with thousands of words many
//! exceed 3.84 by chance.

/// In how many comments of each set a word occurs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Occurrence {
    /// Comments of the set with the word.
    pub inside: u64,
    /// Other comments with the word.
    pub outside: u64,
}

/// G² of a word, negative where it is rarer in the set than elsewhere. `set` and `others` are the numbers of comments,
/// at least as many as have the word.
pub fn log_likelihood(occurrence: Occurrence, set: u64, others: u64) -> f64 {
    let Occurrence { inside, outside } = occurrence;
    let total = (set + others) as f64;
    let with = (inside + outside) as f64;
    // A cell without comments adds nothing: x ln x is 0 at 0.
    let cell = |observed: u64, row: u64, column: f64| {
        if observed == 0 {
            0.0
        } else {
            observed as f64 * (observed as f64 * total / (row as f64 * column)).ln()
        }
    };
    let sum = cell(inside, set, with)
        + cell(set - inside, set, total - with)
        + cell(outside, others, with)
        + cell(others - outside, others, total - with);
    // Rounding may leave a trifle below 0 where both are equally frequent.
    let value = (2.0 * sum).max(0.0);
    let is_rarer = (inside as f64) * (others as f64) < (outside as f64) * (set as f64);
    if is_rarer { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_likelihood_of_worked_tables() {
        let value =
            |inside, outside, set, others| log_likelihood(Occurrence { inside, outside }, set, others);
        // By hand: 2 (10 ln(10·200/(100·12)) + 90 ln(90·200/(100·188)) + 2 ln(2·200/(100·12)) + 98 ln(98·200/(100·188)))
        assert!((value(10, 2, 100, 100) - 6.1626).abs() < 1e-3, "{}", value(10, 2, 100, 100));
        assert!((value(2, 10, 100, 100) + 6.1626).abs() < 1e-3);
        // All with the word on one side: every cell is observed twice as often as expected, or never.
        assert!((value(10, 0, 10, 10) - 2.0 * 20.0 * std::f64::consts::LN_2).abs() < 1e-9);
        // Independence, and sets without comments.
        assert_eq!(value(5, 5, 50, 50), 0.0);
        assert_eq!(value(0, 0, 3, 4), 0.0);
        assert_eq!(value(0, 0, 0, 0), 0.0);
        assert_eq!(value(2, 0, 2, 0), 0.0);
    }
}
