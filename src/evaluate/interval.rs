//! How far a figure can be trusted: 95 % intervals.
//!
//! - Precision and recall are shares of independent comments: the score interval of E. B. Wilson, "Probable inference,
//!   the law of succession, and statistical inference", *Journal of the American Statistical Association* 22 (1927)
//!   209–212. Unlike p ± 1.96·s it stays inside 0 to 1 and says something at 5 of 5.
//! - F1 and the averages are no such shares: the percentile bootstrap of B. Efron, "Bootstrap methods: another look at
//!   the jackknife", *Annals of Statistics* 7 (1979) 1–26. *Comments* are drawn with replacement, so that the labels of
//!   one comment stay together.
//!
//! The bootstrap is seeded: the same pairs give the same interval, at any number of threads and on every machine.

/// The standard normal quantile of 0.975: 95 % lie within ± this many standard deviations.
const Z: f64 = 1.959_963_984_540_054;

/// A range that holds the true value in 95 of 100 samples like this one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Wilson's interval for `part` of `whole`; `None` without a whole.
///
/// With p̂ = part/whole, n = whole and z = 1.96: (p̂ + z²/2n ± z·√(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n).
///
/// ```
/// let interval = jirei::evaluate::interval::wilson(5, 5).unwrap();
/// assert!((interval.low - 0.5655).abs() < 1e-4 && interval.high == 1.0);
/// ```
pub fn wilson(part: u64, whole: u64) -> Option<Interval> {
    debug_assert!(part <= whole);
    if whole == 0 {
        return None;
    }
    let n = whole as f64;
    let p = part as f64 / n;
    let z2 = Z * Z;
    let centre = p + z2 / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    // At none and at all the formula gives exactly 0 and 1; rounding must not move the end off them.
    Some(Interval {
        low: if part == 0 { 0.0 } else { ((centre - half) / scale).max(0.0) },
        high: if part == whole { 1.0 } else { ((centre + half) / scale).min(1.0) },
    })
}

/// The middle 95 % of `samples`, by linear interpolation between order statistics (type 7 of Hyndman & Fan 1996, as in
/// R and NumPy); `None` without samples. Reorders them.
pub(crate) fn percentiles(samples: &mut [f64]) -> Option<Interval> {
    samples.sort_unstable_by(f64::total_cmp);
    let last = samples.len().checked_sub(1)?;
    let at = |share: f64| {
        let place = share * last as f64;
        // Truncation is the point: the order statistic below.
        let below = place as usize;
        let above = (below + 1).min(last);
        samples[below] + (place - below as f64) * (samples[above] - samples[below])
    };
    Some(Interval { low: at(0.025), high: at(0.975) })
}

/// SplitMix64: G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
///
/// Ten lines that will give the same numbers for ever; a crate's generator may change with its version, and with it
/// every published interval.
#[derive(Debug, Clone)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    /// A generator that starts from `seed`; any number will do.
    pub(crate) fn new(seed: u64) -> Self {
        SplitMix64(seed)
    }

    /// The next number, uniform over all of `u64`.
    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next index below `bound`, which must not be 0.
    ///
    /// The upper half of a 128-bit product, without rejection: indices differ in probability by less than
    /// `bound` / 2⁶⁴, far below what a thousand resamples could show.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let product = u128::from(self.next_u64()) * bound as u128;
        usize::try_from(product >> 64).expect("less than the bound")
    }
}

/// Draws `count` of `count` items with replacement, `resamples` times, and shows how often each was drawn.
pub(crate) fn resample(count: usize, resamples: usize, seed: u64, mut visit: impl FnMut(&[u32])) {
    let mut random = SplitMix64::new(seed);
    let mut drawn = vec![0; count];
    for _ in 0..resamples {
        drawn.fill(0);
        for _ in 0..count {
            drawn[random.below(count)] += 1;
        }
        visit(&drawn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_bounds_are_those_of_statsmodels() {
        // statsmodels 0.15: proportion_confint(part, whole, alpha=0.05, method='wilson').
        for (part, whole, low, high) in WILSON {
            let interval = wilson(part, whole).unwrap();
            assert!((interval.low - low).abs() < 1e-9, "{part}/{whole}: {interval:?}");
            assert!((interval.high - high).abs() < 1e-9, "{part}/{whole}: {interval:?}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    const WILSON: [(u64, u64, f64, f64); 8] = [
        (0, 1, 0.0, 0.793_450_685_623),
        (1, 1, 0.206_549_314_377, 1.0),
        (0, 10, 0.0, 0.277_532_799_863),
        (5, 5, 0.565_517_535_217, 1.0),
        (3, 7, 0.158_219_855_251, 0.749_541_635_472),
        (28, 33, 0.690_801_241_196, 0.933_495_427_184),
        (94, 100, 0.875_231_845_541, 0.972_213_876_037),
        (1, 250, 0.000_706_447_534, 0.022_305_785_565),
    ];

    #[test]
    fn percentiles_are_those_of_numpy() {
        // numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5], [2.5, 97.5]) = [1.0, 8.25].
        let mut samples = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0];
        assert_eq!(percentiles(&mut samples), Some(Interval { low: 1.0, high: 8.25 }));
        assert_eq!(percentiles(&mut [0.5]), Some(Interval { low: 0.5, high: 0.5 }));
        assert_eq!(percentiles(&mut []), None);
    }

    #[test]
    fn the_generator_gives_the_published_numbers() {
        // The first outputs of the reference implementation (prng.di.unimi.it/splitmix64.c) from seed 1234567.
        let mut random = SplitMix64::new(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
        ];
        assert_eq!([(); 4].map(|()| random.next_u64()), expected);
    }

    #[test]
    fn draws_are_complete_repeatable_and_even() {
        let mut totals = [0_u32; 7];
        let mut first = Vec::new();
        resample(7, 2_000, 1, |drawn| {
            assert_eq!(drawn.iter().sum::<u32>(), 7);
            first.push(drawn.to_vec());
            for (total, times) in totals.iter_mut().zip(drawn) {
                *total += times;
            }
        });
        // 2,000 expected each, with a standard deviation of 41: within five of them.
        assert!(totals.iter().all(|total| total.abs_diff(2_000) < 207), "{totals:?}");
        let mut again = Vec::new();
        resample(7, 2_000, 1, |drawn| again.push(drawn.to_vec()));
        assert_eq!(first, again);
    }
}
