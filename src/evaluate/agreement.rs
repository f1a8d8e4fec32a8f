//! Agreement on the presence of a category, corrected for what chance alone would give.
//!
//! Both measures compare the share of comments on which the two sides agree, *pₒ*, with the share expected by chance,
//! *pₑ*: (pₒ − pₑ) / (1 − pₑ). They differ in what chance means:
//!
//! - **κ**: each side keeps its own frequency. With *p* and *q* the shares of comments that have the category on either
//!   side, pₑ = pq + (1−p)(1−q). J. Cohen, "A coefficient of agreement for nominal scales", *Educational and
//!   Psychological Measurement* 20 (1960) 37–46.
//! - **AC1**: with π = (p+q)/2, pₑ = 2π(1−π). K. L. Gwet, "Computing inter-rater reliability and its variance in the
//!   presence of high agreement", *British Journal of Mathematical and Statistical Psychology* 61 (2008) 29–48.
//!
//! κ falls with rarity: at the same pₒ a category of 5 in 500 comments has a much lower κ than one of 250. So κ is read
//! beside its two marginals (support and predicted), and beside AC1, which hardly depends on them.

use super::counts::Counts;

impl Counts {
    /// Share of comments on which both sides agree that the category applies or that it doesn't.
    pub fn observed_agreement(&self) -> Option<f64> {
        (self.comments > 0).then(|| (self.tp + self.tn()) as f64 / self.comments as f64)
    }

    /// Cohen's κ; `None` where agreement is certain by chance alone: both sides give the category to every comment, or
    /// both to none.
    ///
    /// ```
    /// use jirei::evaluate::counts::Counts;
    /// // pₒ = 0.6, p = q = 0.4: pₑ = 0.16 + 0.36 = 0.52.
    /// let counts = Counts { comments: 5, tp: 1, fp: 1, fn_: 1 };
    /// assert!((counts.kappa().unwrap() - 0.08 / 0.48).abs() < 1e-12);
    /// ```
    pub fn kappa(&self) -> Option<f64> {
        let (support, predicted) = (self.support(), self.predicted());
        let is_certain = support == predicted && (support == 0 || support == self.comments);
        if is_certain {
            return None;
        }
        let share = |count: u64| count as f64 / self.comments as f64;
        let (p, q) = (share(support), share(predicted));
        let expected = p * q + (1.0 - p) * (1.0 - q);
        Some((self.observed_agreement()? - expected) / (1.0 - expected))
    }

    /// Gwet's AC1; `None` only without comments.
    ///
    /// ```
    /// use jirei::evaluate::counts::Counts;
    /// // pₒ = 0.6, π = 0.4: pₑ = 2 · 0.4 · 0.6 = 0.48.
    /// let counts = Counts { comments: 5, tp: 1, fp: 1, fn_: 1 };
    /// assert!((counts.ac1().unwrap() - 0.12 / 0.52).abs() < 1e-12);
    /// ```
    pub fn ac1(&self) -> Option<f64> {
        let prevalence = (self.support() + self.predicted()) as f64 / (2 * self.comments) as f64;
        let expected = 2.0 * prevalence * (1.0 - prevalence);
        Some((self.observed_agreement()? - expected) / (1.0 - expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::tests::assert_close;

    #[test]
    fn kappa_is_that_of_scikit_learn() {
        // scikit-learn 1.9: cohen_kappa_score([1]*(tp+fn) + [0]*(n-tp-fn), [1]*tp + [0]*fn + [1]*fp + [0]*tn).
        for ((comments, tp, fp, fn_), expected) in KAPPAS {
            assert_close(Counts { comments, tp, fp, fn_ }.kappa(), expected);
        }
        for (comments, tp) in [(5, 0), (5, 5), (0, 0)] {
            assert_eq!(Counts { comments, tp, fp: 0, fn_: 0 }.kappa(), None);
        }
    }

    const KAPPAS: [((u64, u64, u64, u64), f64); 7] = [
        ((5, 1, 1, 1), 0.166_666_666_667),
        ((100, 35, 5, 10), 0.693_877_551_020),
        ((583, 30, 3, 1), 0.933_873_986_276),
        ((277, 5, 0, 7), 0.577_467_857_921),
        ((40, 0, 3, 4), -0.093_75),
        ((12, 9, 3, 0), 0.0),
        ((1000, 1, 0, 1), 0.666_221_628_838),
    ];

    #[test]
    fn ac1_is_what_its_formula_gives_by_hand() {
        // Gwet 2008, the case that κ is blamed for: 100 comments, 90 both without, 0 both with, 5 and 5 apart.
        // pₒ = 0.90, π = 0.05, pₑ = 2 · 0.05 · 0.95 = 0.095: (0.9 − 0.095) / 0.905 = 0.889503.
        let rare = Counts { comments: 100, tp: 0, fp: 5, fn_: 5 };
        assert_close(rare.ac1(), 0.805 / 0.905);
        assert!(rare.kappa().is_some_and(|kappa| kappa < 0.0));
        // pₒ = 0.85, π = (45+40)/200 = 0.425, pₑ = 2 · 0.425 · 0.575 = 0.48875: 0.36125 / 0.51125.
        assert_close(Counts { comments: 100, tp: 35, fp: 5, fn_: 10 }.ac1(), 0.36125 / 0.51125);
        assert_close(Counts { comments: 3, tp: 0, fp: 0, fn_: 0 }.ac1(), 1.0);
        assert_eq!(Counts::default().ac1(), None);
    }
}
