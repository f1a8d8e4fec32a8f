//! Right and wrong decisions about a category, and the ratios of them: precision, recall and F1.
//!
//! With tp, fp and fn the comments where both sides, only the prediction and only the gold have a category: precision
//! tp/(tp+fp), recall tp/(tp+fn), F1 2tp/(2tp+fp+fn), their harmonic mean (C. J. van Rijsbergen, *Information
//! Retrieval*, 2nd ed. 1979, ch. 7). What zero denominators mean is said in [`crate::evaluate`]; agreement beyond chance is in
//! `agreement`.

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

    pub(super) fn add(&mut self, decision: Decision, times: u64) {
        match decision {
            Decision::Both => self.tp += times,
            Decision::PredictionOnly => self.fp += times,
            Decision::GoldOnly => self.fn_ += times,
        }
    }

    /// Records one more decision.
    pub(crate) fn record(&mut self, is_predicted: bool, is_gold: bool) {
        self.comments += 1;
        self.tp += u64::from(is_predicted && is_gold);
        self.fp += u64::from(is_predicted && !is_gold);
        self.fn_ += u64::from(!is_predicted && is_gold);
    }

    /// The counts of several categories taken together.
    pub(crate) fn sum<'c>(counts: impl IntoIterator<Item = &'c Counts>) -> Counts {
        counts.into_iter().fold(Counts::default(), |sum, counts| Counts {
            comments: sum.comments + counts.comments,
            tp: sum.tp + counts.tp,
            fp: sum.fp + counts.fp,
            fn_: sum.fn_ + counts.fn_,
        })
    }
}

/// `None` where the whole is zero.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// What both sides say about a category; nothing is recorded where neither has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Both,
    PredictionOnly,
    GoldOnly,
}
