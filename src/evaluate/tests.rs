//! Figures against worked examples and other implementations.

use super::counts::Counts;
use super::gold::Labels;
use super::interval::Interval;
use super::pairs::{Paired, Pairs, Predictor};
use super::score::{Evaluation, Macro, Options, Summary, evaluate};
use crate::classify::Tagging;
use crate::export::fixture::{category, long, rulebook};

pub(crate) fn assert_close(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{found:?}, expected {expected}");
}

/// Pairs from lines like `AB A`: the gold categories, then the predicted ones (`-`: none).
pub(crate) fn pairs(lines: &[&str]) -> Pairs {
    let labels = |letters: &str| {
        Labels::new(letters.bytes().filter(|&b| b != b'-').map(|b| category(usize::from(b - b'A'))).collect())
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
    Pairs { pairs, predictor: Predictor::Rules, held_out: None, only_first: 0, only_second: 0 }
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
    "A A", "A A", "AB A", "B B", "B AB", "C C", "C -", "- -", "ABC ABC", "AC C", "- B", "A A", "B B", "BC B",
    "- -", "A AC", "AB AB", "C C", "- A", "B C", "A A", "AB B", "- -", "AC AC",
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
    for (interval, [low, high]) in
        [(found.all.micro.f1, MICRO), (found.all.macro_.f1_interval, MACRO), (found.categories[2].f1, OF_C)]
    {
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
        .map(|(value, summary)| (value.as_str(), summary.comments, summary.exact, summary.micro.counts.f1()))
        .collect();
    assert_eq!(seen, [("愛知県", 2, 1, Some(0.0)), ("東京都", 2, 2, Some(1.0))]);
    let missing = Options { by: Some("wave".to_owned()), ..Options::default() };
    let error = evaluate(&pairs(&["A A"]), &rulebook(), &missing).unwrap_err();
    assert!(error.hint().unwrap().contains("「都道府県」"), "{error}");
}
