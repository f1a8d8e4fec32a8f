//! How the rules would do on answers that nobody had seen when writing them, as far as the answers at hand can tell.
//!
//! Rules tuned on an answer find that answer. So each value of a column (a survey wave, say) is held out in turn: on its
//! answers, a rule counts only if it also gives evidence among the *other* values' answers. What was written for one
//! wave alone is out; what also carries elsewhere stays. This is leave-one-group-out cross-validation (Hastie,
//! Tibshirani, Friedman, *The Elements of Statistical Learning*, 2nd ed. 2009, section 7.10) with selecting rules in the
//! place of training.
//!
//! It errs on both sides: a rule that was foreseen and simply had its first chance in the held-out part is left out, too;
//! and the wording and the exclusions of a rule that stays may have been widened for the held-out part. Only new
//! answers tell for certain.

use std::collections::{BTreeMap, BTreeSet};

use super::gold::Labels;
use super::pairs::Pairs;
use crate::error::Result;
use crate::rule::RuleId;

impl Pairs {
    /// Takes back every prediction that rests on rules without evidence outside the comment's own value of `column`.
    /// Nothing else changes; near misses stay those of the whole rulebook. Does nothing to a second person's decisions.
    ///
    /// # Errors
    /// When the gold file has no such column.
    pub fn hold_out(&mut self, column: &str) -> Result<()> {
        let name = column;
        let column = self.column("--hold-out", name)?;
        self.held_out = Some(name.to_owned());
        let mut values_of: BTreeMap<RuleId, BTreeSet<String>> = BTreeMap::new();
        for pair in &self.pairs {
            for evidence in pair.tagging.tags.iter().flat_map(|tag| &tag.evidence) {
                values_of
                    .entry(evidence.rule)
                    .or_default()
                    .insert(pair.comment.row().cells[column].to_owned());
            }
        }
        for pair in &mut self.pairs {
            let own = &pair.comment.row().cells[column];
            let is_known = |rule: RuleId| values_of[&rule].iter().any(|value| value != own);
            for tag in &mut pair.tagging.tags {
                tag.evidence.retain(|evidence| is_known(evidence.rule));
            }
            let before = pair.tagging.tags.len();
            pair.tagging.tags.retain(|tag| !tag.evidence.is_empty());
            if pair.tagging.tags.len() < before {
                pair.predicted = Labels::from(&pair.tagging);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::evaluate::gold::Labels;
    use crate::evaluate::pairs::{Paired, Pairs, Predictor};
    use crate::export::fixture::{category, long, tagging};

    /// One comment per prefecture and list of categories that the rules give it.
    fn pairs(comments: &[(&str, &[usize])]) -> Pairs {
        let pair = |&(prefecture, categories): &(&str, &[usize])| {
            let evidence: Vec<(usize, &[&str])> = categories.iter().map(|&at| (at, &["あ"][..])).collect();
            let tagging = tagging("あ", &evidence);
            Paired {
                comment: long("1", "問7", prefecture, "あ"),
                gold: Labels::default(),
                predicted: Labels::from(&tagging),
                tagging,
                near_misses: Vec::new(),
            }
        };
        let pairs = comments.iter().map(pair).collect();
        Pairs { pairs, predictor: Predictor::Rules, held_out: None, only_first: 0, only_second: 0 }
    }

    #[test]
    fn a_rule_counts_where_it_also_holds_in_another_part() {
        let mut pairs =
            pairs(&[("愛知県", &[0, 1]), ("愛知県", &[1, 2]), ("東京都", &[0]), ("東京都", &[2])]);
        pairs.hold_out("都道府県").unwrap();
        let left: Vec<Labels> = pairs.pairs.iter().map(|pair| pair.predicted.clone()).collect();
        let expected: [&[usize]; 4] = [&[0], &[2], &[0], &[2]];
        let expected = expected.map(|at| Labels::new(at.iter().map(|&at| category(at)).collect()));
        assert_eq!(left, expected);
        assert_eq!(pairs.held_out.as_deref(), Some("都道府県"));
        assert!(pairs.pairs.iter().all(|pair| Labels::from(&pair.tagging) == pair.predicted));
    }

    #[test]
    fn a_column_that_is_not_there_is_reported() {
        let missing = pairs(&[("愛知県", &[0])]).hold_out("wave").unwrap_err().to_string();
        assert!(missing.contains("列「wave」がありません"), "{missing}");
    }
}
