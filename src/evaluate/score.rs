//! All comments counted: a score per category and group, their averages, and intervals for all of them.
//!
//! The **micro** average takes the ratios of the counts summed over all categories: every label weighs the same. The **macro**
//! average is the mean of the categories' ratios: every category weighs the same.

use std::collections::BTreeMap;

use super::counts::{Counts, Decision, ratio};
use super::interval::{Interval, percentiles, resample, wilson};
use super::pairs::{Paired, Pairs};
use crate::error::Result;
use crate::rule::Rulebook;

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
                counts: Counts::sum(&counts[..self.categories]),
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
        self.micro.extend(Counts::sum(&counts[..is_in_macro.len()]).f1());
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
