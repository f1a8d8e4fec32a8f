//! The machine-readable results of `jirei eval`: one CSV or one JSON document, specified in `docs/output.md`.
//!
//! What is counted is decided by [`crate::evaluate`]. Numbers are rounded to six decimals: more than any of them is
//! worth, and few enough that every machine writes the same.

use serde::Serialize;

use crate::evaluate::Pairs;
use crate::evaluate::interval::{Interval, wilson};
use crate::evaluate::score::{Evaluation, Macro, Options, Score, Summary};
use crate::export::table::{self, Rows};
use crate::rule::Rulebook;

/// Version of both formats.
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

const HEADERS: [&str; 27] = [
    "level",
    "by",
    "value",
    "id",
    "name",
    "group",
    "comments",
    "support",
    "predicted",
    "tp",
    "fp",
    "fn",
    "precision",
    "precision_low",
    "precision_high",
    "recall",
    "recall_low",
    "recall_high",
    "f1",
    "f1_low",
    "f1_high",
    "kappa",
    "ac1",
    "categories",
    "exact",
    "exact_ratio",
    "example_f1",
];

/// Appends the CSV file: a row per category and group, the two averages, and the averages for each value of the column
/// asked for.
pub fn write_csv(out: &mut Vec<u8>, evaluation: &Evaluation, rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    for header in HEADERS {
        rows.cell(header);
    }
    rows.end();
    for (category, score) in rulebook.categories().iter().zip(&evaluation.categories) {
        for cell in ["category", "", "", &category.id, &category.name, &category.group] {
            rows.cell(cell);
        }
        score_cells(&mut rows, score, score.counts.comments);
        empty(&mut rows, 4);
        rows.end();
    }
    for (name, score) in &evaluation.groups {
        for cell in ["group", "", "", "", name, name] {
            rows.cell(cell);
        }
        score_cells(&mut rows, score, score.counts.comments);
        empty(&mut rows, 4);
        rows.end();
    }
    summary_rows(&mut rows, ["", ""], &evaluation.all);
    if let Some(by) = &evaluation.by {
        for (value, summary) in &by.values {
            summary_rows(&mut rows, [&by.column, value], summary);
        }
    }
}

fn summary_rows(rows: &mut Rows<'_>, part: [&str; 2], summary: &Summary) {
    for level in ["micro", "macro"] {
        rows.cell(level);
        part.iter().for_each(|cell| rows.cell(cell));
        empty(rows, 3);
        if level == "micro" {
            score_cells(rows, &summary.micro, summary.comments);
            empty(rows, 1);
            rows.number(summary.exact);
            number(rows, summary.exact_ratio());
            number(rows, summary.example_f1);
        } else {
            let average = &summary.macro_;
            rows.number(summary.comments);
            empty(rows, 5);
            ratio_cells(rows, average.precision, None);
            ratio_cells(rows, average.recall, None);
            ratio_cells(rows, average.f1, average.f1_interval);
            empty(rows, 2);
            rows.number(average.categories as u64);
            empty(rows, 3);
        }
        rows.end();
    }
}

/// From `comments` to `ac1`.
fn score_cells(rows: &mut Rows<'_>, score: &Score, comments: u64) {
    let counts = &score.counts;
    for count in [comments, counts.support(), counts.predicted(), counts.tp, counts.fp, counts.fn_] {
        rows.number(count);
    }
    ratio_cells(rows, counts.precision(), score.precision);
    ratio_cells(rows, counts.recall(), score.recall);
    ratio_cells(rows, counts.f1(), score.f1);
    number(rows, counts.kappa());
    number(rows, counts.ac1());
}

fn ratio_cells(rows: &mut Rows<'_>, value: Option<f64>, interval: Option<Interval>) {
    number(rows, value);
    number(rows, interval.map(|interval| interval.low));
    number(rows, interval.map(|interval| interval.high));
}

/// A number, or an empty cell where it is undefined. A minus sign needs no guard: what follows is a number to Excel, too.
fn number(rows: &mut Rows<'_>, value: Option<f64>) {
    rows.raw(value.map(|value| rounded(value).to_string()).unwrap_or_default().as_bytes());
}

fn empty(rows: &mut Rows<'_>, cells: usize) {
    for _ in 0..cells {
        rows.raw(b"");
    }
}

fn rounded(value: f64) -> f64 {
    // Adding zero makes -0 a 0.
    (value * 1e6).round() / 1e6 + 0.0
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::evaluate;
    use crate::evaluate::tests::pairs;
    use crate::export::fixture::rulebook;

    const SPECIFICATION: &str = include_str!("../../docs/output.md");

    /// The code block that follows the line `### title` in the specification.
    fn example(title: &str) -> &'static str {
        let (_, section) = SPECIFICATION.split_once(&format!("\n### {title}\n")).unwrap();
        let (_, block) = section.split_once("\n```").unwrap();
        let (_, content) = block.split_once('\n').unwrap();
        content.split_once("```").unwrap().0
    }

    #[test]
    fn the_examples_of_the_specification_are_what_is_written() {
        // The worked matrix of `crate::evaluate`.
        let pairs = pairs(&["A A", "AB A", "- B", "B B", "- -"]);
        let rulebook = rulebook();
        let options = Options { min_support: 1, by: Some("都道府県".to_owned()), ..Options::default() };
        let evaluation = evaluate(&pairs, &rulebook, &options).unwrap();
        let mut csv = Vec::new();
        write_csv(&mut csv, &evaluation, &rulebook);
        let shown = String::from_utf8(csv).unwrap().trim_start_matches('\u{feff}').replace("\r\n", "\n");
        assert_eq!(shown, example("eval --format csv"));
        let width = shown.lines().next().unwrap().split(',').count();
        assert!(shown.lines().all(|line| line.split(',').count() == width));

        let options = Options { by: None, ..options };
        let evaluation = evaluate(&pairs, &rulebook, &options).unwrap();
        let about = About {
            gold: "gold.csv",
            labels: "labels",
            prediction: Prediction::Rules { source: "my-rules", sha256: "6c621d1a…" },
        };
        let json = String::from_utf8(to_json(&about, &pairs, &evaluation, &options, &rulebook)).unwrap();
        assert_eq!(json, example("eval --format json"));
    }

    #[test]
    fn numbers_are_rounded_and_never_minus_zero() {
        assert_eq!(
            [2.0 / 3.0, -0.000_000_1, 1.0].map(|value| rounded(value).to_string()),
            ["0.666667", "0", "1"]
        );
    }
}
