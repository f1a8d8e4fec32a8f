//! The JSON document, which also says what was compared and how.

use serde::Serialize;

use super::rounded;
use crate::evaluate::Pairs;
use crate::evaluate::interval::{Interval, wilson};
use crate::evaluate::score::{Evaluation, Macro, Options, Score, Summary};
use crate::rule::Rulebook;

/// Its version, and that of the CSV file.
pub const SCHEMA: &str = "jirei-eval/1";

/// What was compared, for the JSON document.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The gold file as the user named it.
    pub gold: &'a str,
    /// Its column of categories.
    pub labels: &'a str,
    /// Whose opinion is set beside it.
    pub prediction: Prediction<'a>,
}

/// Whose opinion is set beside the gold.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Prediction<'a> {
    /// The rules'.
    Rules {
        /// Where they come from: a path, or 内蔵.
        source: &'a str,
        /// Their hash, see [`Rulebook::sha256`].
        sha256: &'a str,
    },
    /// A second person's.
    Coder {
        /// The second file as the user named it.
        path: &'a str,
    },
}

/// The JSON document: one line per field, and per element of the long lists, so that two results can be compared line by
/// line.
pub fn to_json(
    about: &About<'_>,
    pairs: &Pairs,
    evaluation: &Evaluation,
    options: &Options,
    rulebook: &Rulebook,
) -> Vec<u8> {
    let named = rulebook.categories().iter().zip(&evaluation.categories);
    let categories: Vec<_> = named
        .map(|(category, score)| CategoryObject {
            id: &category.id,
            name: &category.name,
            group: &category.group,
            score: ScoreObject::new(score, score.counts.comments),
        })
        .collect();
    let groups: Vec<_> = evaluation
        .groups
        .iter()
        .map(|(name, score)| GroupObject { name, score: ScoreObject::new(score, score.counts.comments) })
        .collect();
    let by = evaluation.by.as_ref().map(|by| ByObject {
        column: &by.column,
        values: by
            .values
            .iter()
            .map(|(value, summary)| ValueObject { value, totals: Totals::new(summary) })
            .collect(),
    });
    let fields = [
        ("schema", compact(&SCHEMA)),
        (
            "gold",
            compact(&GoldObject { path: about.gold, labels: about.labels, unmatched: pairs.only_first }),
        ),
        ("prediction", compact(&PredictionObject { whose: about.prediction, unmatched: pairs.only_second })),
        (
            "options",
            compact(&OptionsObject {
                min_support: options.min_support,
                resamples: options.resamples,
                seed: options.seed,
                by: options.by.as_deref(),
                hold_out: pairs.held_out.as_deref(),
            }),
        ),
        ("totals", compact(&Totals::new(&evaluation.all))),
        ("categories", line_by_line(&categories)),
        ("groups", line_by_line(&groups)),
        ("by", compact(&by)),
    ];
    let fields = fields.map(|(name, value)| format!("\"{name}\": {value}"));
    format!("{{\n{}\n}}\n", fields.join(",\n")).into_bytes()
}

fn compact(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a String takes every character, and all keys are strings")
}

fn line_by_line(values: &[impl Serialize]) -> String {
    let lines: Vec<String> = values.iter().map(compact).collect();
    format!("[\n{}\n]", lines.join(",\n"))
}

// The fields below are the schema, in the order of the document.

#[derive(Serialize)]
struct GoldObject<'a> {
    path: &'a str,
    labels: &'a str,
    unmatched: usize,
}

#[derive(Serialize)]
struct PredictionObject<'a> {
    #[serde(flatten)]
    whose: Prediction<'a>,
    unmatched: usize,
}

#[derive(Serialize)]
struct OptionsObject<'a> {
    min_support: u64,
    resamples: usize,
    seed: u64,
    by: Option<&'a str>,
    hold_out: Option<&'a str>,
}

#[derive(Serialize)]
struct CategoryObject<'a> {
    id: &'a str,
    name: &'a str,
    group: &'a str,
    #[serde(flatten)]
    score: ScoreObject,
}

#[derive(Serialize)]
struct GroupObject<'a> {
    name: &'a str,
    #[serde(flatten)]
    score: ScoreObject,
}

#[derive(Serialize)]
struct ByObject<'a> {
    column: &'a str,
    values: Vec<ValueObject<'a>>,
}

#[derive(Serialize)]
struct ValueObject<'a> {
    value: &'a str,
    #[serde(flatten)]
    totals: Totals,
}

#[derive(Serialize)]
struct Totals {
    comments: u64,
    micro: ScoreObject,
    #[serde(rename = "macro")]
    macro_: MacroObject,
    exact: ExactObject,
    example_f1: Option<f64>,
}

impl Totals {
    fn new(summary: &Summary) -> Self {
        let Macro { categories, without_precision, precision, recall, f1, f1_interval } = summary.macro_;
        Totals {
            comments: summary.comments,
            micro: ScoreObject::new(&summary.micro, summary.comments),
            macro_: MacroObject {
                categories,
                without_precision,
                precision: precision.map(rounded),
                recall: recall.map(rounded),
                f1: f1.map(rounded),
                f1_interval: f1_interval.map(ends),
            },
            exact: ExactObject {
                comments: summary.exact,
                ratio: summary.exact_ratio().map(rounded),
                interval: wilson(summary.exact, summary.comments).map(ends),
            },
            example_f1: summary.example_f1.map(rounded),
        }
    }
}

#[derive(Serialize)]
struct MacroObject {
    categories: usize,
    without_precision: usize,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    f1_interval: Option<[f64; 2]>,
}

#[derive(Serialize)]
struct ExactObject {
    comments: u64,
    ratio: Option<f64>,
    interval: Option<[f64; 2]>,
}

#[derive(Serialize)]
struct ScoreObject {
    comments: u64,
    support: u64,
    predicted: u64,
    tp: u64,
    fp: u64,
    #[serde(rename = "fn")]
    fn_: u64,
    precision: Option<f64>,
    precision_interval: Option<[f64; 2]>,
    recall: Option<f64>,
    recall_interval: Option<[f64; 2]>,
    f1: Option<f64>,
    f1_interval: Option<[f64; 2]>,
    kappa: Option<f64>,
    ac1: Option<f64>,
}

impl ScoreObject {
    fn new(score: &Score, comments: u64) -> Self {
        let counts = &score.counts;
        ScoreObject {
            comments,
            support: counts.support(),
            predicted: counts.predicted(),
            tp: counts.tp,
            fp: counts.fp,
            fn_: counts.fn_,
            precision: counts.precision().map(rounded),
            precision_interval: score.precision.map(ends),
            recall: counts.recall().map(rounded),
            recall_interval: score.recall.map(ends),
            f1: counts.f1().map(rounded),
            f1_interval: score.f1.map(ends),
            kappa: counts.kappa().map(rounded),
            ac1: counts.ac1().map(rounded),
        }
    }
}

fn ends(interval: Interval) -> [f64; 2] {
    [rounded(interval.low), rounded(interval.high)]
}
