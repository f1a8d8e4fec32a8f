//! What the candidates of a field are to one another, whatever other fields quote: how typical each is, and which of
//! them say the same.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::quote::centrality::{Centrality, Vector};
use crate::quote::likeness::{self, Likeness};
use crate::quote::pool::{Field, FieldKey, Group, Pool};

/// The candidates kept, in input order, and what has been worked out of them.
pub(in crate::quote) struct Standing<'p> {
    pub(super) groups: Vec<&'p Group>,
    pub(super) vectors: Vec<Vector>,
    pub(in crate::quote) centrality: Centrality,
    /// For each, the position of the first of those that say the same.
    pub(super) leaders: Vec<usize>,
    /// Centrality of the one in the middle, by centrality.
    pub(in crate::quote) median: f64,
}

impl<'p> Standing<'p> {
    /// Those of the fields `keys`, worked out on rayon's threads.
    pub(super) fn of_all(pool: &'p Pool, keys: &[FieldKey], idf: &[f64]) -> BTreeMap<FieldKey, Self> {
        keys.par_iter().map(|&key| (key, Self::of(pool, key, idf))).collect()
    }

    fn of(pool: &'p Pool, key: FieldKey, idf: &[f64]) -> Self {
        let groups = pool.fields.get(&key).map(Field::in_input_order).unwrap_or_default();
        let vectors: Vec<Vector> = groups.iter().map(|group| Vector::new(&group.terms, idf)).collect();
        let counts: Vec<f64> = groups.iter().map(|group| group.count as f64).collect();
        let centrality = Centrality::of(&vectors, &counts, idf.len());
        let mut sorted = centrality.ranks.clone();
        sorted.sort_by(f64::total_cmp);
        let likenesses: Vec<&Likeness> = groups.iter().map(|group| &group.candidate.cut.likeness).collect();
        Standing {
            median: sorted.get(sorted.len() / 2).copied().unwrap_or(0.0),
            leaders: likeness::groups(&likenesses),
            groups,
            vectors,
            centrality,
        }
    }
}
