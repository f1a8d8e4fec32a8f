//! What makes a quote good, and what counts how much: all weights stand here.

use crate::quote::candidate::Candidate;
use crate::quote::cut::Form;

/// What counts how much in picking. Scores, cosines and what the first four weigh lie between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Weight of centrality: typical of the category's comments.
    pub centrality: f64,
    /// Weight of readability: usable length, complete predicate, little noise, nothing missing.
    pub readability: f64,
    /// Weight of concreteness: figures, what happened, what followed.
    pub concreteness: f64,
    /// Weight of strength: places of evidence and answers in the same words, two being enough; less where the excerpt
    /// is about several other categories as well.
    pub strength: f64,
    /// λ: share of the score against the difference from quotes already picked.
    pub lambda: f64,
    /// Cost of an attribute value, for each quote of the category that has it already.
    pub repeated: f64,
    /// Cost of an attribute value that has its quota, half of the quotes.
    pub quota: f64,
}

impl Default for Weights {
    /// Readability weighs as much as centrality, since an editor can mend neither; figures and evidence decide between
    /// the rest. With λ = 0.4 a candidate that says the same as a picked one (cosine 1) falls behind any other, and
    /// quotes repeat each other clearly less than comments drawn at random (`docs/quotes.md`). A repeated place decides
    /// between candidates of about equal worth, a quota also between better and worse ones.
    fn default() -> Self {
        Weights {
            centrality: 0.35,
            readability: 0.35,
            concreteness: 0.15,
            strength: 0.15,
            lambda: 0.4,
            repeated: 0.04,
            quota: 0.2,
        }
    }
}

impl Weights {
    /// The names that [`Weights::set`] knows, in the order of the fields.
    pub const NAMES: [&str; 7] =
        ["centrality", "readability", "concreteness", "strength", "lambda", "repeated", "quota"];

    /// Sets the weight called `name`; whether there is one.
    pub fn set(&mut self, name: &str, value: f64) -> bool {
        let weight = match name {
            "centrality" => &mut self.centrality,
            "readability" => &mut self.readability,
            "concreteness" => &mut self.concreteness,
            "strength" => &mut self.strength,
            "lambda" => &mut self.lambda,
            "repeated" => &mut self.repeated,
            "quota" => &mut self.quota,
            _ => return false,
        };
        *weight = value;
        true
    }
}

/// How good a candidate is by itself, part by part, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Score {
    pub(super) centrality: f64,
    pub(super) readability: f64,
    pub(super) concreteness: f64,
    pub(super) strength: f64,
}

impl Score {
    /// The score of a candidate of this centrality, which stands for `count` answers.
    pub(super) fn of(candidate: &Candidate, centrality: f64, count: usize) -> Self {
        Score {
            centrality,
            readability: readability(&candidate.cut.form),
            concreteness: candidate.cut.form.concreteness,
            strength: (candidate.evidence + count - 1).min(ENOUGH) as f64
                / (ENOUGH * candidate.others.max(FELLOWS)) as f64,
        }
    }

    /// The weighted mean of the parts.
    pub(super) fn total(self, weights: &Weights) -> f64 {
        let parts = [
            (weights.centrality, self.centrality),
            (weights.readability, self.readability),
            (weights.concreteness, self.concreteness),
            (weights.strength, self.strength),
        ];
        let sum: f64 = parts.iter().map(|(weight, _)| weight).sum();
        parts.iter().map(|(weight, part)| weight * part).sum::<f64>() / sum.max(f64::MIN_POSITIVE)
    }
}

/// Places of evidence, and further answers in the same words, that are enough.
const ENOUGH: usize = 2;

/// Other categories that an excerpt may touch: who it concerns, or what came of it. More make a list of it.
const FELLOWS: usize = 1;

/// Excerpts of this many characters read well: a sentence or two. Of 277 answers printed in published survey reports,
/// 76 % are that long, 13 % shorter and 11 % longer.
const IDEAL_CHARS: std::ops::RangeInclusive<f64> = 20.0..=90.0;

/// What is left of the readability of an excerpt that breaks off: 顔認証ができないため.
const INCOMPLETE: f64 = 0.4;
/// … that opens with その or これ: a reader misses something, and an editor can't mend it.
const LEANING: f64 = 0.6;
/// … that begins or ends within a sentence.
const CUT: f64 = 0.8;
/// … with a bracket that has no partner.
const UNBALANCED: f64 = 0.3;
/// Share of debris at which nothing is left.
const NOISY: f64 = 0.25;

/// How well an excerpt reads alone, from 0 to 1. Half or twice the ideal length halves it.
fn readability(form: &Form) -> f64 {
    let chars = form.chars.max(1) as f64;
    let length = (chars / IDEAL_CHARS.start()).min(IDEAL_CHARS.end() / chars).min(1.0);
    let factor = |is_flawed: bool, factor: f64| if is_flawed { factor } else { 1.0 };
    length
        * factor(!form.is_complete, INCOMPLETE)
        * factor(form.is_leaning, LEANING)
        * factor(form.is_cut, CUT)
        * factor(!form.is_balanced, UNBALANCED)
        * (1.0 - form.noise / NOISY).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quote::candidate::fixture::FORM;

    #[test]
    fn every_flaw_costs_readability() {
        let good = FORM;
        assert_eq!(readability(&good), 1.0);
        assert_eq!(readability(&Form { chars: 10, ..good }), 0.5);
        assert_eq!(readability(&Form { chars: 180, ..good }), 0.5);
        assert_eq!(readability(&Form { is_complete: false, ..good }), INCOMPLETE);
        assert_eq!(readability(&Form { is_leaning: true, ..good }), LEANING);
        assert_eq!(readability(&Form { is_cut: true, ..good }), CUT);
        assert_eq!(readability(&Form { is_balanced: false, ..good }), UNBALANCED);
        assert_eq!(readability(&Form { noise: 0.5, ..good }), 0.0);
    }

    #[test]
    fn every_name_sets_its_weight() {
        let mut weights = Weights::default();
        for name in Weights::NAMES {
            assert!(weights.set(name, 9.0), "{name}");
        }
        assert_eq!([weights.centrality, weights.lambda, weights.quota], [9.0; 3]);
        assert!(!weights.set("typicality", 1.0));
    }
}
