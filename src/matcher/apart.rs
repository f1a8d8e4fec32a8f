//! Why the operands of `near` or `順に` are all there, but not together.

use super::hit::Hit;
use crate::sentence::{Scope, Scopes};

/// What keeps operands that are all there from standing together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// They stand in different clauses, sentences or lines.
    Elsewhere(Scope),
    /// They stand in one unit, but this many tokens lie between two of them, and fewer may.
    Distance {
        /// Tokens between.
        found: usize,
        /// As many may lie between.
        most: u16,
    },
    /// They stand in another order, or overlap.
    Order,
}

impl Apart {
    /// The reason in Japanese, for a table.
    pub fn describe(&self) -> String {
        match self {
            Apart::Elsewhere(Scope::Clause) => "別の節にある".to_owned(),
            Apart::Elsewhere(Scope::Sentence) => "別の文にある".to_owned(),
            Apart::Elsewhere(_) => "別の行にある".to_owned(),
            Apart::Distance { found, most } => format!("間が {found} 語（{most} まで）"),
            Apart::Order => "順序が違うか、重なっている".to_owned(),
        }
    }
}

/// What is in the way between hits of operands, each of which has some, ordered by position, that don't stand together
/// within `scope` and `distance`. Looks at the group that comes closest: nothing but the order in its way, else one
/// unit, else the fewest tokens between.
pub(crate) fn apart(operands: &[Vec<Hit>], scope: Scope, distance: Option<u16>, scopes: &Scopes) -> Apart {
    let mut best: Option<(u8, usize, Apart)> = None;
    let anchors = operands.first().map_or(&[][..], Vec::as_slice);
    for anchor in anchors {
        let mut group = vec![*anchor];
        for hits in &operands[1..] {
            group.extend(hits.iter().min_by_key(|hit| between(**hit, *anchor)));
        }
        group.sort_unstable();
        let widest = group.windows(2).map(|pair| between(pair[0], pair[1])).max().unwrap_or(0);
        let unit = |hit: &Hit| scopes.unit(scope, hit.first as usize);
        let found = if group.windows(2).any(|pair| unit(&pair[0]) != unit(&pair[1])) {
            (2, Apart::Elsewhere(scope))
        } else {
            match distance {
                Some(most) if widest > usize::from(most) => (1, Apart::Distance { found: widest, most }),
                _ => (0, Apart::Order),
            }
        };
        if best.is_none_or(|(rank, least, _)| (found.0, widest) < (rank, least)) {
            best = Some((found.0, widest, found.1));
        }
    }
    best.map_or(Apart::Order, |(_, _, apart)| apart)
}

/// Tokens between two hits; none if they touch or overlap.
fn between(a: Hit, b: Hit) -> usize {
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    b.first.saturating_sub(a.end) as usize
}
