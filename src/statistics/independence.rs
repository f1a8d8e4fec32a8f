//! Is a category as frequent with one value of an attribute as with another?
//!
//! The table tested has two rows (comments with the category, comments without) and a column per value.
//!
//! - Pearson's χ² without continuity correction, with k − 1 degrees of freedom. K. Pearson, *Philosophical Magazine* 50
//!   (1900) 157–175.
//! - Its distribution is approximate. It is used where no expected count is below 1 and at most a fifth are below 5: W. G.
//!   Cochran, "Some methods for strengthening the common χ² tests", *Biometrics* 10 (1954) 417–451.
//! - Elsewhere, with two values, Fisher's exact test, two-sided: the probability, given the margins, of all tables that
//!   are no more probable than the one found. R. A. Fisher, *Statistical Methods for Research Workers*, 1934.
//! - Elsewhere, with more values, the share of random tables with the same margins whose χ² is as great, the table itself
//!   counted in: (1 + b) / (1 + B). A. C. A. Hope, "A simplified Monte Carlo significance test procedure", *JRSS B* 30
//!   (1968) 582–598. Seeded: the same counts give the same p.
//! - Adjusted residuals, standard normal under independence: S. J. Haberman, "The analysis of residuals in
//!   cross-classified tables", *Biometrics* 29 (1973) 205–220. Beyond ±1.96 a cell stands out.
//! - Cramér's V = √(χ²/n), since the shorter side of the table is 2. H. Cramér, *Mathematical Methods of Statistics*, 1946.
//! - Many categories are tested: p values are adjusted so that, of those below q, a share of q at most is expected to be
//!   false alarms. Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", *JRSS B* 57 (1995) 289–300.

use statrs::distribution::{ChiSquared, ContinuousCDF, Discrete, Hypergeometric};

use crate::evaluate::interval::SplitMix64;

/// Random tables drawn where the approximation fails: the error of a p of 0.05 is then 0.002.
const TABLES: u32 = 9_999;

/// Where the random tables begin.
const SEED: u64 = 1;

/// Tables whose probability or χ² differs by less than this share are equal; what differs is rounding.
const TOLERANCE: f64 = 1e-7;

/// How a p value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// From the χ² distribution.
    ChiSquared,
    /// By Fisher's exact test.
    Fisher,
    /// From random tables.
    MonteCarlo,
}

impl Method {
    /// Its name in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::ChiSquared => "χ²",
            Method::Fisher => "Fisher",
            Method::MonteCarlo => "モンテカルロ",
        }
    }
}

/// The verdict on one category.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Pearson's χ².
    pub chi_squared: f64,
    /// Its degrees of freedom.
    pub degrees: usize,
    /// Probability of a table at least as uneven, were the category equally frequent everywhere.
    pub p: f64,
    /// How `p` was found.
    pub method: Method,
    /// Cramér's V, from 0 (no connection) to 1.
    pub v: f64,
    /// Adjusted residual of the category in each column.
    pub residuals: Vec<f64>,
}

/// Tests whether `counts[j]` of `totals[j]` comments is the same share in every column. `None` where nothing can be
/// compared: fewer than two columns with comments, or all comments or none have the category.
pub fn test(counts: &[u64], totals: &[u64]) -> Option<Test> {
    debug_assert!(counts.iter().zip(totals).all(|(count, total)| count <= total));
    let (with, all): (u64, u64) = (counts.iter().sum(), totals.iter().sum());
    let columns = totals.iter().filter(|&&total| total > 0).count();
    if columns < 2 || with == 0 || with == all {
        return None;
    }
    let chi_squared = chi_squared(counts, totals, with, all);
    let (n, share) = (all as f64, with as f64 / all as f64);
    let residual = |(&count, &total): (&u64, &u64)| {
        let expected = total as f64 * share;
        let spread = (expected * (1.0 - share) * (1.0 - total as f64 / n)).sqrt();
        if spread > 0.0 { (count as f64 - expected) / spread } else { 0.0 }
    };
    let (p, method) = if is_approximate(totals, share) {
        let distribution = ChiSquared::new((columns - 1) as f64).expect("there is a degree of freedom");
        (distribution.sf(chi_squared), Method::ChiSquared)
    } else if columns == 2 {
        let (count, total) = counts.iter().zip(totals).find(|(_, total)| **total > 0).expect("there are two");
        (fisher(*count, *total, with, all), Method::Fisher)
    } else {
        (monte_carlo(chi_squared, totals, with, all), Method::MonteCarlo)
    };
    Some(Test {
        chi_squared,
        degrees: columns - 1,
        p,
        method,
        v: (chi_squared / n).sqrt(),
        residuals: counts.iter().zip(totals).map(residual).collect(),
    })
}

fn chi_squared(counts: &[u64], totals: &[u64], with: u64, all: u64) -> f64 {
    let share = with as f64 / all as f64;
    let cell = |(&count, &total): (&u64, &u64)| {
        let expected = total as f64 * share;
        // Both rows of a column are off by the same number.
        let off = count as f64 - expected;
        if total > 0 { off * off / expected + off * off / (total as f64 - expected) } else { 0.0 }
    };
    counts.iter().zip(totals).map(cell).sum()
}

/// Cochran's condition on the expected counts.
fn is_approximate(totals: &[u64], share: f64) -> bool {
    let expected = totals
        .iter()
        .filter(|&&total| total > 0)
        .flat_map(|&total| [total as f64 * share, total as f64 * (1.0 - share)]);
    let (mut cells, mut small, mut tiny) = (0, 0, false);
    for expected in expected {
        cells += 1;
        small += usize::from(expected < 5.0);
        tiny |= expected < 1.0;
    }
    !tiny && small * 5 <= cells
}

fn fisher(count: u64, total: u64, with: u64, all: u64) -> f64 {
    let distribution = Hypergeometric::new(all, with, total).expect("a part is no more than the whole");
    // By logarithms: the coefficients of thousands of comments are beyond any number.
    let pmf = |count| distribution.ln_pmf(count).exp();
    let limit = pmf(count) * (1.0 + TOLERANCE);
    let possible = (total + with).saturating_sub(all)..=total.min(with);
    let p: f64 = possible.map(pmf).filter(|&p| p <= limit).sum();
    p.min(1.0)
}

fn monte_carlo(found: f64, totals: &[u64], with: u64, all: u64) -> f64 {
    let mut random = SplitMix64::new(SEED);
    let mut counts = vec![0; totals.len()];
    let limit = found * (1.0 - TOLERANCE);
    let mut as_great = 0;
    for _ in 0..TABLES {
        let (mut left, mut rest) = (with, all);
        for (count, &total) in counts.iter_mut().zip(totals) {
            *count = hypergeometric(&mut random, rest, left, total);
            left -= *count;
            rest -= total;
        }
        as_great += u32::from(chi_squared(&counts, totals, with, all) >= limit);
    }
    f64::from(1 + as_great) / f64::from(1 + TABLES)
}

/// How many of `draws` items drawn without replacement from `all` are among the `marked`: by inversion from the mode
/// outwards, which takes a few standard deviations of steps whatever the size of the counts.
fn hypergeometric(random: &mut SplitMix64, all: u64, marked: u64, draws: u64) -> u64 {
    let (low, high) = ((draws + marked).saturating_sub(all), draws.min(marked));
    if low == high {
        return low;
    }
    let mode = ((draws + 1) * (marked + 1) / (all + 2)).clamp(low, high);
    let at_mode =
        Hypergeometric::new(all, marked, draws).expect("a part is no more than the whole").ln_pmf(mode).exp();
    // 53 random bits, in [0, 1).
    let mut left = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 - at_mode;
    let (mut below, mut above) = (mode, mode);
    let (mut p_below, mut p_above) = (at_mode, at_mode);
    while left >= 0.0 && (below > low || above < high) {
        if above < high {
            let k = above as f64;
            p_above *= (marked as f64 - k) * (draws as f64 - k)
                / ((k + 1.0) * ((all - marked) as f64 - draws as f64 + k + 1.0));
            above += 1;
            left -= p_above;
            if left < 0.0 {
                return above;
            }
        }
        if below > low {
            let k = below as f64;
            p_below *= k * ((all - marked) as f64 - draws as f64 + k)
                / ((marked as f64 - k + 1.0) * (draws as f64 - k + 1.0));
            below -= 1;
            left -= p_below;
            if left < 0.0 {
                return below;
            }
        }
    }
    mode
}

/// Benjamini and Hochberg's adjusted p values, in the order given; what wasn't tested stays `None` and doesn't count.
pub fn adjusted(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut tested: Vec<(usize, f64)> = p.iter().enumerate().filter_map(|(at, &p)| Some((at, p?))).collect();
    tested.sort_by(|a, b| b.1.total_cmp(&a.1));
    let all = tested.len() as f64;
    let mut adjusted = vec![None; p.len()];
    let mut least = 1.0_f64;
    for (above, (at, p)) in tested.into_iter().enumerate() {
        least = least.min(p * all / (all - above as f64));
        adjusted[at] = Some(least);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} is not {b}");
    }

    /// SciPy 1.17.1: `chi2_contingency([counts, rest], correction=False)`, `fisher_exact`; the residuals by the formula
    /// in NumPy; the exact p of the Monte Carlo case by enumerating its 21 tables.
    #[test]
    fn figures_are_those_of_scipy() {
        let found = test(&[30, 45, 25], &[100, 200, 100]).unwrap();
        close(found.chi_squared, 2.0, 1e-12);
        close(found.p, 0.367_879_441_171_442_45, 1e-12);
        close(found.v, 0.070_710_678_118_654_77, 1e-12);
        assert_eq!((found.degrees, found.method), (2, Method::ChiSquared));
        for (residual, expected) in found.residuals.iter().zip([4.0 / 3.0, -1.154_700_538_379_251_5, 0.0]) {
            close(*residual, expected, 1e-12);
        }

        let found = test(&[12, 5], &[41, 59]).unwrap();
        close(found.chi_squared, 7.412_643_058_189_523, 1e-12);
        close(found.p, 0.006_476_710_493_849_858, 1e-12);
        assert_eq!(found.method, Method::ChiSquared);
        close(fisher(12, 41, 17, 100), 0.012_979_219_027_054_114, 1e-9);
        close(fisher(4010, 10_000, 7_800, 20_000), 0.001_498_065_149_757_86, 1e-6);

        let found = test(&[3, 1], &[4, 10]).unwrap();
        close(found.p, 0.040_959_040_959_040_96, 1e-9);
        close(found.v, 0.65, 1e-12);
        assert_eq!(found.method, Method::Fisher);

        let found = test(&[0, 4, 1], &[12, 13, 21]).unwrap();
        close(found.chi_squared, 7.585_705_351_559_009, 1e-12);
        assert_eq!(found.method, Method::MonteCarlo);
        close(found.p, 0.031_007_751_937_984_5, 0.004);
    }

    #[test]
    fn the_tail_of_chi_squared_is_that_of_scipy() {
        // scipy.stats.chi2.sf
        for (x, degrees, p) in [
            (0.5, 1.0, 0.479_500_122_186_953_37),
            (3.84, 1.0, 0.050_043_521_248_705_19),
            (10.0, 4.0, 0.040_427_681_994_512_79),
            (40.0, 10.0, 1.694_474_393_006_737e-5),
            (200.0, 46.0, 4.228_358_144_775_422e-21),
        ] {
            let found = ChiSquared::new(degrees).unwrap().sf(x);
            assert!((found / p - 1.0).abs() < 1e-9, "{found} is not {p}");
        }
    }

    #[test]
    fn adjusted_p_values_are_those_of_statsmodels() {
        // statsmodels.stats.multitest.multipletests(p, method="fdr_bh")
        let p = [0.01, 0.04, 0.03, 0.005, 0.2, 0.8].map(Some);
        let expected = [0.03, 0.06, 0.06, 0.03, 0.24, 0.8];
        for (adjusted, expected) in adjusted(&p).iter().zip(expected) {
            close(adjusted.unwrap(), expected, 1e-12);
        }
        assert_eq!(adjusted(&[None, Some(0.5), None]), [None, Some(0.5), None]);
    }

    #[test]
    fn nothing_is_tested_without_a_comparison() {
        assert_eq!(test(&[0, 0], &[5, 5]), None);
        assert_eq!(test(&[5, 5], &[5, 5]), None);
        assert_eq!(test(&[3, 0], &[5, 0]), None);
        // A column without comments takes no part.
        let (without, with) =
            (test(&[30, 45], &[100, 200]).unwrap(), test(&[30, 0, 45], &[100, 0, 200]).unwrap());
        assert_eq!((without.p, without.degrees), (with.p, with.degrees));
    }

    #[test]
    fn random_counts_have_the_mean_and_the_spread_of_their_distribution() {
        let mut random = SplitMix64::new(7);
        for (all, marked, draws) in [(50_u64, 20, 10), (100_000, 40_000, 30_000), (20, 19, 10)] {
            let counts: Vec<f64> =
                (0..20_000).map(|_| hypergeometric(&mut random, all, marked, draws) as f64).collect();
            let mean = counts.iter().sum::<f64>() / 20_000.0;
            let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / 20_000.0;
            let (n, m, d) = (all as f64, marked as f64, draws as f64);
            let expected = d * m / n * (1.0 - m / n) * (n - d) / (n - 1.0);
            close(mean, d * m / n, 0.01);
            close(variance, expected, 0.05);
        }
    }
}
