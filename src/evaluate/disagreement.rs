//! Every decision on which both sides differ, for people to settle: is the rule wrong, or the gold?

use super::pairs::{Paired, Pairs};
use crate::classify::Tag;
use crate::explain::near_miss::NearMiss;
use crate::rule::CategoryId;

/// One comment and one category that only one side gave it.
#[derive(Debug, Clone, Copy)]
pub struct Disagreement<'p> {
    /// The comment.
    pub pair: &'p Paired,
    /// The category.
    pub category: CategoryId,
    /// Which side has it, and what is known about why.
    pub kind: Kind<'p>,
}

/// Which side has the category.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'p> {
    /// Only the prediction: a false positive. With its evidence; a second person gives none.
    PredictionOnly(Option<&'p Tag>),
    /// Only the gold: a false negative. With the closest rule; none where the prediction is a second person's.
    GoldOnly(Option<&'p NearMiss>),
}

impl Pairs {
    /// All disagreements: comments in order, of each the categories in the order of the rulebook.
    pub fn disagreements(&self) -> impl Iterator<Item = Disagreement<'_>> {
        self.pairs.iter().flat_map(|pair| {
            let false_positives = pair.predicted.iter().filter(|&category| !pair.gold.contains(category));
            let false_negatives = pair.gold.iter().filter(|&category| !pair.predicted.contains(category));
            let mut found: Vec<Disagreement<'_>> = false_positives
                .map(|category| (category, Kind::PredictionOnly(pair.tagging.get(category))))
                .chain(false_negatives.map(|category| (category, Kind::GoldOnly(near_miss(pair, category)))))
                .map(|(category, kind)| Disagreement { pair, category, kind })
                .collect();
            found.sort_by_key(|disagreement| disagreement.category);
            found
        })
    }
}

fn near_miss(pair: &Paired, category: CategoryId) -> Option<&NearMiss> {
    pair.near_misses.iter().find(|(missed, _)| *missed == category).map(|(_, near_miss)| near_miss)
}

#[cfg(test)]
mod tests {
    use crate::evaluate::disagreement::Kind;
    use crate::evaluate::tests::pairs;

    #[test]
    fn disagreements_stand_in_the_order_of_comments_and_categories() {
        let pairs = pairs(&["AB BC", "A A", "C B"]);
        let seen: Vec<(String, usize, bool)> = pairs
            .disagreements()
            .map(|found| {
                let is_gold = matches!(found.kind, Kind::GoldOnly(_));
                (found.pair.comment.id().into_owned(), found.category.index(), is_gold)
            })
            .collect();
        let expected = [("0", 0, true), ("0", 2, false), ("2", 1, false), ("2", 2, true)];
        assert_eq!(seen, expected.map(|(id, category, is_gold)| (id.to_owned(), category, is_gold)));
    }
}
