//! Counts of right and wrong decisions, and what is made of them: precision, recall, F1, and their averages.
//!
//! With tp, fp and fn the comments where both sides, only the prediction and only the gold have a category: precision
//! tp/(tp+fp), recall tp/(tp+fn), F1 2tp/(2tp+fp+fn), their harmonic mean (C. J. van Rijsbergen, *Information
//! Retrieval*, 2nd ed. 1979, ch. 7). The **micro** average takes the ratios of the counts summed over all categories: every
//! label weighs the same. The **macro** average is the mean of the categories' ratios: every category weighs the same.
//! What zero denominators mean is said in [`crate::evaluate`].

use std::collections::BTreeMap;

use super::interval::{Interval, percentiles, resample, wilson};
use super::pairs::{Paired, Pairs};
use crate::error::Result;
use crate::rule::Rulebook;

/// Decisions about one category, one group, or (for the micro average) all categories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Decisions made: one per comment; for the micro average, one per comment and category.
    pub comments: u64,
    /// True positives: both sides have the category.
    pub tp: u64,
    /// False positives: only the prediction has it.
    pub fp: u64,
    /// False negatives: only the gold has it.
    pub fn_: u64,
}

impl Counts {
    /// True negatives: neither side has the category.
    pub fn tn(&self) -> u64 {
        self.comments - self.tp - self.fp - self.fn_
    }

    /// How often the gold has the category.
    pub fn support(&self) -> u64 {
        self.tp + self.fn_
    }

    /// How often the prediction has it.
    pub fn predicted(&self) -> u64 {
        self.tp + self.fp
    }

    /// Share of the predictions that are right.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.tp, self.predicted())
    }

    /// Share of the gold that was found.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.tp, self.support())
    }

    /// Harmonic mean of both, by counts: 0 where nothing right was predicted, undefined only where there was nothing to
    /// find and nothing was.
    pub fn f1(&self) -> Option<f64> {
        ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn_)
    }

    fn add(&mut self, decision: Decision, times: u64) {
        match decision {
            Decision::Both => self.tp += times,
            Decision::PredictionOnly => self.fp += times,
            Decision::GoldOnly => self.fn_ += times,
        }
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The counts of a category, a group or the micro average, with intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The counts; figures are their methods.
    pub counts: Counts,
    /// Wilson's interval of the precision. None for the micro average, whose decisions hang together.
    pub precision: Option<Interval>,
    /// Wilson's interval of the recall. None for the micro average.
    pub recall: Option<Interval>,
    /// Bootstrap interval of F1, over the resamples in which F1 is defined.
    pub f1: Option<Interval>,
}

/// The mean of the categories that have enough gold comments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Macro {
    /// How many categories have at least `min_support` gold comments.
    pub categories: usize,
    /// How many of them have no precision, because they are never predicted.
    pub without_precision: usize,
    /// Mean precision of those that have one.
    pub precision: Option<f64>,
    /// Mean recall.
    pub recall: Option<f64>,
    /// Mean F1.
    pub f1: Option<f64>,
    /// Bootstrap interval of the mean F1. Resamples keep the set of categories; a category without F1 in a resample is
    /// left out of its mean.
    pub f1_interval: Option<Interval>,
}

/// Figures over all categories.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How many comments were compared.
    pub comments: u64,
    /// The micro average.
    pub micro: Score,
    /// The macro average.
    pub macro_: Macro,
    /// Comments whose two sets of categories are equal.
    pub exact: u64,
    /// Mean over the comments of 2|A∩B| / (|A|+|B|), the sets of both sides; 1 where both are empty (Godbole & Sarawagi
    /// 2004).
    pub example_f1: Option<f64>,
}

impl Summary {
    /// Share of the comments whose two sets of categories are equal.
    pub fn exact_ratio(&self) -> Option<f64> {
        ratio(self.exact, self.comments)
    }
}

/// Figures for each value of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct By {
    /// The column's header.
    pub column: String,
    /// The values, sorted by code point, each with its figures.
    pub values: Vec<(String, Summary)>,
}

/// Everything that is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Scores by category, as in [`Rulebook::categories`].
    pub categories: Vec<Score>,
    /// Scores by group, in order of appearance: a comment has a group if it has any of its categories.
    pub groups: Vec<(String, Score)>,
    /// Figures over all comments.
    pub all: Summary,
    /// Figures by a column's values, where asked for.
    pub by: Option<By>,
}

/// How to evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Gold comments from which on a category counts in the macro average.
    pub min_support: u64,
    /// Resamples of the bootstrap: with 1000, an end of the interval moves by about 0.002 with the seed.
    pub resamples: usize,
    /// Seed of the bootstrap.
    pub seed: u64,
    /// Column for figures by value.
    pub by: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options { min_support: 5, resamples: 1000, seed: 1, by: None }
    }
}

/// Compares both sides of `pairs`, category by category of `rulebook`.
///
/// # Errors
/// When the gold file has no column [`Options::by`].
pub fn evaluate(pairs: &Pairs, rulebook: &Rulebook, options: &Options) -> Result<Evaluation> {
    let units = Units::new(rulebook);
    let all: Vec<&Paired> = pairs.pairs.iter().collect();
    let (scores, summary) = units.score(&all, options);
    let (categories, groups) = scores.split_at(units.categories);
    let by = options.by.as_ref().map(|column| by_value(pairs, &units, column, options)).transpose()?;
    Ok(Evaluation {
        categories: categories.to_vec(),
        groups: units.groups.into_iter().zip(groups.iter().copied()).collect(),
        all: summary,
        by,
    })
}

fn by_value(pairs: &Pairs, units: &Units, name: &str, options: &Options) -> Result<By> {
    let column = pairs.column("--by", name)?;
    let mut parts: BTreeMap<&str, Vec<&Paired>> = BTreeMap::new();
    for pair in &pairs.pairs {
        parts.entry(&pair.comment.row().cells[column]).or_default().push(pair);
    }
    let values =
        parts.into_iter().map(|(value, part)| (value.to_owned(), units.score(&part, options).1)).collect();
    Ok(By { column: name.to_owned(), values })
}

/// What both sides say about a category; nothing is recorded where neither has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Both,
    PredictionOnly,
    GoldOnly,
}

/// What is counted: each category, then each group.
struct Units {
    categories: usize,
    groups: Vec<String>,
    /// The unit of each category's group.
    group_of: Vec<Option<usize>>,
}

impl Units {
    fn new(rulebook: &Rulebook) -> Self {
        let mut groups: Vec<String> = Vec::new();
        let categories = rulebook.categories().len();
        let mut unit = |name: &str| {
            let known = groups.iter().position(|group| group == name);
            let at = known.unwrap_or_else(|| {
                groups.push(name.to_owned());
                groups.len() - 1
            });
            categories + at
        };
        let group_of = rulebook
            .categories()
            .iter()
            .map(|category| (!category.group.is_empty()).then(|| unit(&category.group)))
            .collect();
        Units { categories, groups, group_of }
    }

    fn score(&self, pairs: &[&Paired], options: &Options) -> (Vec<Score>, Summary) {
        let decisions: Vec<Vec<(usize, Decision)>> = pairs.iter().map(|pair| self.decisions(pair)).collect();
        let once = vec![1; pairs.len()];
        let counts = self.count(&decisions, &once);
        let is_in_macro: Vec<bool> =
            counts[..self.categories].iter().map(|counts| counts.support() >= options.min_support).collect();

        let mut samples = Samples::new(counts.len());
        resample(pairs.len(), options.resamples, options.seed, |drawn| {
            samples.add(&self.count(&decisions, drawn), &is_in_macro);
        });

        let micro = self.micro(&counts);
        let scores = counts.iter().zip(&mut samples.units).map(|(&counts, samples)| Score {
            counts,
            precision: wilson(counts.tp, counts.predicted()),
            recall: wilson(counts.tp, counts.support()),
            f1: percentiles(samples),
        });
        let scores: Vec<Score> = scores.collect();
        let in_macro =
            || counts.iter().zip(&is_in_macro).filter(|(_, is_in)| **is_in).map(|(counts, _)| counts);
        let summary = Summary {
            comments: pairs.len() as u64,
            micro: Score {
                counts: micro,
                precision: None,
                recall: None,
                f1: percentiles(&mut samples.micro),
            },
            macro_: Macro {
                categories: in_macro().count(),
                without_precision: in_macro().filter(|counts| counts.precision().is_none()).count(),
                precision: mean(in_macro().filter_map(Counts::precision)),
                recall: mean(in_macro().filter_map(Counts::recall)),
                f1: mean(in_macro().filter_map(Counts::f1)),
                f1_interval: percentiles(&mut samples.macro_),
            },
            exact: pairs.iter().filter(|pair| pair.gold == pair.predicted).count() as u64,
            example_f1: mean(pairs.iter().map(|pair| example_f1(pair))),
        };
        (scores, summary)
    }

    /// Every category and group that either side has.
    fn decisions(&self, pair: &Paired) -> Vec<(usize, Decision)> {
        let mut units: BTreeMap<usize, (bool, bool)> = BTreeMap::new();
        let with_group = |category: usize| [Some(category), self.group_of[category]].into_iter().flatten();
        for unit in pair.gold.iter().flat_map(|category| with_group(category.index())) {
            units.entry(unit).or_default().0 = true;
        }
        for unit in pair.predicted.iter().flat_map(|category| with_group(category.index())) {
            units.entry(unit).or_default().1 = true;
        }
        let decision = |(unit, sides)| match sides {
            (true, true) => (unit, Decision::Both),
            (true, false) => (unit, Decision::GoldOnly),
            (false, _) => (unit, Decision::PredictionOnly),
        };
        units.into_iter().map(decision).collect()
    }

    /// Counts of each unit, every comment taken as often as `times` says.
    fn count(&self, decisions: &[Vec<(usize, Decision)>], times: &[u32]) -> Vec<Counts> {
        let comments = times.iter().map(|&times| u64::from(times)).sum();
        let mut counts = vec![Counts { comments, ..Counts::default() }; self.categories + self.groups.len()];
        for (decisions, &times) in decisions.iter().zip(times) {
            if times > 0 {
                for &(unit, decision) in decisions {
                    counts[unit].add(decision, u64::from(times));
                }
            }
        }
        counts
    }

    fn micro(&self, counts: &[Counts]) -> Counts {
        sum(&counts[..self.categories])
    }
}

fn sum(counts: &[Counts]) -> Counts {
    counts.iter().fold(Counts::default(), |sum, counts| Counts {
        comments: sum.comments + counts.comments,
        tp: sum.tp + counts.tp,
        fp: sum.fp + counts.fp,
        fn_: sum.fn_ + counts.fn_,
    })
}

/// F1 of every unit and of both averages in the resamples so far.
struct Samples {
    units: Vec<Vec<f64>>,
    micro: Vec<f64>,
    macro_: Vec<f64>,
}

impl Samples {
    fn new(units: usize) -> Self {
        Samples { units: vec![Vec::new(); units], micro: Vec::new(), macro_: Vec::new() }
    }

    /// `is_in_macro` has one flag per category; what follows them in `counts` are groups.
    fn add(&mut self, counts: &[Counts], is_in_macro: &[bool]) {
        for (samples, counts) in self.units.iter_mut().zip(counts) {
            samples.extend(counts.f1());
        }
        self.micro.extend(sum(&counts[..is_in_macro.len()]).f1());
        let in_macro = counts.iter().zip(is_in_macro).filter(|(_, is_in)| **is_in);
        self.macro_.extend(mean(in_macro.filter_map(|(counts, _)| counts.f1())));
    }
}

/// 2|A∩B| / (|A|+|B|); 1 where both are empty: saying rightly that nothing applies is a full success.
fn example_f1(pair: &Paired) -> f64 {
    let labels = pair.gold.len() + pair.predicted.len();
    if labels == 0 { 1.0 } else { 2.0 * pair.gold.common_with(&pair.predicted) as f64 / labels as f64 }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_u64, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::classify::Tagging;
    use crate::evaluate::gold::Labels;
    use crate::evaluate::pairs::Predictor;
    use crate::export::fixture::{category, long, rulebook};

    pub(crate) fn assert_close(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{found:?}, expected {expected}");
    }

    /// Pairs from lines like `AB A`: the gold categories, then the predicted ones (`-`: none).
    pub(crate) fn pairs(lines: &[&str]) -> Pairs {
        let labels = |letters: &str| {
            Labels::new(
                letters.bytes().filter(|&b| b != b'-').map(|b| category(usize::from(b - b'A'))).collect(),
            )
        };
        let pair = |(number, line): (usize, &&str)| {
            let (gold, predicted) = line.split_once(' ').unwrap();
            Paired {
                comment: long(
                    &number.to_string(),
                    "問7",
                    if number % 2 == 0 { "東京都" } else { "愛知県" },
                    "あ",
                ),
                gold: labels(gold),
                predicted: labels(predicted),
                tagging: Tagging::default(),
                near_misses: Vec::new(),
            }
        };
        let pairs = lines.iter().enumerate().map(pair).collect();
        Pairs { pairs, predictor: Predictor::Rules, only_first: 0, only_second: 0 }
    }

    fn evaluated(lines: &[&str], min_support: u64) -> Evaluation {
        evaluate(&pairs(lines), &rulebook(), &Options { min_support, ..Options::default() }).unwrap()
    }

    #[test]
    fn the_worked_matrix_of_the_module_is_what_is_computed() {
        let found = evaluated(&["A A", "AB A", "- B", "B B", "- -"], 1);
        let [a, b, c] = [0, 1, 2].map(|at| found.categories[at].counts);
        assert_eq!(a, Counts { comments: 5, tp: 2, fp: 0, fn_: 0 });
        assert_eq!(b, Counts { comments: 5, tp: 1, fp: 1, fn_: 1 });
        assert_eq!((c.precision(), c.recall(), c.f1(), c.kappa()), (None, None, None, None));
        assert_eq!([a.f1(), b.f1()], [Some(1.0), Some(0.5)]);
        assert_close(b.kappa(), 0.08 / 0.48);
        assert_close(b.ac1(), 0.12 / 0.52);
        let Summary { micro, macro_, exact, example_f1, .. } = found.all;
        assert_eq!([micro.counts.precision(), micro.counts.recall(), micro.counts.f1()], [Some(0.75); 3]);
        assert_eq!(micro.counts.comments, 15);
        assert_eq!([macro_.precision, macro_.recall, macro_.f1], [Some(0.75); 3]);
        assert_eq!((macro_.categories, exact), (2, 3));
        assert_close(example_f1, 11.0 / 15.0);
    }

    #[test]
    fn zero_denominators_are_undefined_but_a_category_never_predicted_has_f1_zero() {
        // A is never predicted, B is right once, C is predicted without being there.
        let found = evaluated(&["A -", "A C", "B B", "- -"], 1);
        let [a, b, c] = [0, 1, 2].map(|at| found.categories[at]);
        assert_eq!((a.counts.precision(), a.counts.recall(), a.counts.f1()), (None, Some(0.0), Some(0.0)));
        assert_eq!((a.precision, b.precision.map(|interval| interval.high)), (None, Some(1.0)));
        assert_eq!((c.counts.precision(), c.counts.recall(), c.counts.f1()), (Some(0.0), None, Some(0.0)));
        let Macro { categories, without_precision, precision, recall, f1, .. } = found.all.macro_;
        assert_eq!((categories, without_precision), (2, 1));
        assert_eq!((precision, recall, f1), (Some(1.0), Some(0.5), Some(0.5)));
        // With nothing to average there is no average, and no interval.
        let none = evaluated(&["A -"], 5).all.macro_;
        assert_eq!((none.categories, none.precision, none.f1, none.f1_interval), (0, None, None, None));
    }

    /// The matrix of the reference values below.
    const MATRIX: [&str; 24] = [
        "A A", "A A", "AB A", "B B", "B AB", "C C", "C -", "- -", "ABC ABC", "AC C", "- B", "A A", "B B",
        "BC B", "- -", "A AC", "AB AB", "C C", "- A", "B C", "A A", "AB B", "- -", "AC AC",
    ];

    #[test]
    fn figures_are_those_of_scikit_learn() {
        // scikit-learn 1.9, with G and P the 24×3 indicator matrices of MATRIX:
        //   precision_recall_fscore_support(G, P), …(G, P, average='micro'), …(average='macro'),
        //   accuracy_score(G, P), f1_score(G, P, average='samples', zero_division=1).
        let found = evaluated(&MATRIX, 1);
        for (score, [precision, recall, f1]) in found.categories.iter().zip(SKLEARN_CATEGORIES) {
            assert_close(score.counts.precision(), precision);
            assert_close(score.counts.recall(), recall);
            assert_close(score.counts.f1(), f1);
        }
        let Summary { micro, macro_, .. } = found.all;
        for (found, expected) in [
            (micro.counts.precision(), SKLEARN_MICRO[0]),
            (micro.counts.recall(), SKLEARN_MICRO[1]),
            (micro.counts.f1(), SKLEARN_MICRO[2]),
            (macro_.precision, SKLEARN_MACRO[0]),
            (macro_.recall, SKLEARN_MACRO[1]),
            (macro_.f1, SKLEARN_MACRO[2]),
            (found.all.exact_ratio(), SKLEARN_EXACT),
            (found.all.example_f1, SKLEARN_SAMPLES),
        ] {
            assert_close(found, expected);
        }
    }

    const SKLEARN_CATEGORIES: [[f64; 3]; 3] = [
        [0.818_181_818_182, 0.818_181_818_182, 0.818_181_818_182],
        [0.875, 0.777_777_777_778, 0.823_529_411_765],
        [0.714_285_714_286, 0.714_285_714_286, 0.714_285_714_286],
    ];
    const SKLEARN_MICRO: [f64; 3] = [0.807_692_307_692, 0.777_777_777_778, 0.792_452_830_189];
    const SKLEARN_MACRO: [f64; 3] = [0.802_489_177_489, 0.770_081_770_082, 0.785_332_314_744];
    const SKLEARN_EXACT: f64 = 0.583_333_333_333;
    const SKLEARN_SAMPLES: f64 = 0.75;

    #[test]
    fn a_group_is_the_union_of_its_categories() {
        let mut rulebook = rulebook();
        rulebook.categories[0].group = "表示".to_owned();
        rulebook.categories[2].group = String::new();
        // A instead of B is right for the group of both.
        let found = evaluate(&pairs(&["A B", "AB A", "C A", "- -"]), &rulebook, &Options::default()).unwrap();
        let groups: Vec<_> = found.groups.iter().map(|(name, score)| (name.as_str(), score.counts)).collect();
        assert_eq!(groups, [("表示", Counts { comments: 4, tp: 2, fp: 1, fn_: 0 })]);
    }

    #[test]
    fn intervals_hold_the_figure_and_are_repeatable() {
        let (found, again) = (evaluated(&MATRIX, 1), evaluated(&MATRIX, 1));
        assert_eq!(found, again);
        for score in &found.categories {
            let (f1, interval) = (score.counts.f1().unwrap(), score.f1.unwrap());
            assert!(interval.low < f1 && f1 < interval.high, "{f1} {interval:?}");
        }
        // Without errors there is nothing to vary; where F1 is undefined there is no interval.
        let right = evaluated(&["A A", "A A", "- -"], 1);
        assert_eq!(right.categories[0].f1, Some(Interval { low: 1.0, high: 1.0 }));
        assert_eq!(right.categories[1].f1, None);
    }

    #[test]
    fn bootstrap_intervals_are_those_of_another_implementation() {
        // NumPy 2.4, on MATRIX: rows default_rng(1).integers(0, 24, (100000, 24)), F1 of each resample,
        // percentile(…, [2.5, 97.5]). scipy.stats.bootstrap(…, method='percentile') gives [0.667, 0.893] for the micro
        // average. Ends of an interval from 20,000 resamples differ from these by chance, in the third decimal.
        const MICRO: [f64; 2] = [0.666_667, 0.895_522];
        const MACRO: [f64; 2] = [0.621_795, 0.894_738];
        const OF_C: [f64; 2] = [0.333_333, 0.933_333];
        let options = Options { resamples: 20_000, min_support: 1, ..Options::default() };
        let found = evaluate(&pairs(&MATRIX), &rulebook(), &options).unwrap();
        for (interval, [low, high]) in [
            (found.all.micro.f1, MICRO),
            (found.all.macro_.f1_interval, MACRO),
            (found.categories[2].f1, OF_C),
        ] {
            let interval = interval.unwrap();
            assert!((interval.low - low).abs() < 0.01 && (interval.high - high).abs() < 0.01, "{interval:?}");
        }
    }

    #[test]
    fn values_of_a_column_are_evaluated_apart() {
        let options = Options { by: Some("都道府県".to_owned()), min_support: 1, ..Options::default() };
        let by = evaluate(&pairs(&["A A", "B -", "A A", "- -"]), &rulebook(), &options).unwrap().by.unwrap();
        let seen: Vec<_> = by
            .values
            .iter()
            .map(|(value, summary)| {
                (value.as_str(), summary.comments, summary.exact, summary.micro.counts.f1())
            })
            .collect();
        assert_eq!(seen, [("愛知県", 2, 1, Some(0.0)), ("東京都", 2, 2, Some(1.0))]);
        let missing = Options { by: Some("wave".to_owned()), ..Options::default() };
        let error = evaluate(&pairs(&["A A"]), &rulebook(), &missing).unwrap_err();
        assert!(error.hint().unwrap().contains("「都道府県」"), "{error}");
    }
}
