//! Combinations of attributes that few respondents share: 離島の県 and 病院 may name the hospital.
//!
//! Counted are the attributes that are printed beside a quote. Fewer than [`FEW`] respondents are few (the k of
//! k-anonymity: Sweeney, k-anonymity: a model for protecting privacy, IJUFKS 2002); where most combinations are rare, as
//! in a small survey, rarity tells nothing and nothing is flagged.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::comment::{Comment, Status};

/// Respondents who must share a combination.
const FEW: usize = 3;

/// Respondents below which a survey is too small to call anything rare.
const SMALL: usize = 500;

/// Share of respondents with rare combinations above which rarity is the rule.
const MANY: f64 = 0.1;

/// Combinations counted at most. Bounds memory where an attribute is a free text.
const COMBINATIONS: usize = 100_000;

/// How many respondents share which attributes.
#[derive(Debug)]
pub(super) struct Rarity {
    names: Vec<String>,
    /// By hash of the values: the first respondents, as hashes of their ids, as many as must share it.
    seen: FxHashMap<u64, Vec<u64>>,
    respondents: usize,
}

impl Rarity {
    /// Counts combinations of the attributes called `names`.
    pub(super) fn new(names: &[String]) -> Self {
        Rarity { names: names.to_vec(), seen: FxHashMap::default(), respondents: 0 }
    }

    /// Counts the respondent of `comment`.
    pub(super) fn count(&mut self, comment: &Comment) {
        if comment.status() == Status::Empty {
            return;
        }
        let Some(key) = self.key(comment) else { return };
        if !self.seen.contains_key(&key) && self.seen.len() == COMBINATIONS {
            return;
        }
        let mut hasher = FxHasher::default();
        comment.id().hash(&mut hasher);
        let respondent = hasher.finish();
        let seen = self.seen.entry(key).or_default();
        if seen.len() < FEW && !seen.contains(&respondent) {
            seen.push(respondent);
        }
        self.respondents += 1;
    }

    /// Whether few share the attributes of `comment`, and many don't.
    pub(super) fn is_rare(&self, comment: &Comment) -> bool {
        let Some(key) = self.key(comment) else { return false };
        let is_telling = self.respondents >= SMALL && self.seen.len() < COMBINATIONS;
        is_telling && self.is_few(self.seen.get(&key)) && {
            let rare: usize = self.seen.values().filter(|seen| self.is_few(Some(seen))).map(Vec::len).sum();
            (rare as f64) < MANY * self.respondents as f64
        }
    }

    fn is_few(&self, seen: Option<&Vec<u64>>) -> bool {
        seen.is_some_and(|seen| seen.len() < FEW)
    }

    /// A hash of the values, if there are two and more.
    fn key(&self, comment: &Comment) -> Option<u64> {
        let mut hasher = FxHasher::default();
        let mut given = 0;
        for name in &self.names {
            let value = comment.attribute(name).map_or("", str::trim);
            given += usize::from(!value.is_empty());
            value.hash(&mut hasher);
        }
        (given >= 2).then(|| hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use csv::StringRecord;

    use super::*;
    use crate::comment::{Row, Schema};

    fn comment(row: u64, place: &str, kind: &str) -> Comment {
        let headers = ["都道府県", "区分", "回答"].map(str::to_owned).into();
        let schema = Schema {
            headers,
            id: None,
            texts: vec![2],
            question: None,
            attributes: vec![0, 1],
            nothing: Vec::new(),
        };
        let cells = StringRecord::from(vec![place, kind, "遅い"]);
        Comment::new(Arc::new(schema), Arc::new(Row { number: row, cells }), 2)
    }

    #[test]
    fn what_few_share_is_rare_where_most_share_theirs() {
        let names = ["都道府県", "区分"].map(str::to_owned);
        let mut rarity = Rarity::new(&names);
        for row in 0..600 {
            rarity.count(&comment(row, if row % 2 == 0 { "東京都" } else { "愛知県" }, "病院"));
        }
        // One respondent with three answers is one.
        (0..3).for_each(|_| rarity.count(&comment(700, "鳥取県", "病院")));
        assert!(rarity.is_rare(&comment(700, "鳥取県", "病院")));
        assert!(!rarity.is_rare(&comment(1, "愛知県", "病院")));
        assert!(!rarity.is_rare(&comment(701, "", "病院")));
        let mut small = Rarity::new(&names);
        small.count(&comment(1, "鳥取県", "病院"));
        assert!(!small.is_rare(&comment(1, "鳥取県", "病院")));
    }
}
