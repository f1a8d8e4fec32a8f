//! An earlier run: which of its rules there still are, what is new since then, and what of its evidence stands.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::changed::{Finder, Form, Room};
use super::digest::{Digest, Rule};
use super::file::Place;
use crate::matcher::program::OpId;
use crate::rule::{RuleId, Rulebook};

/// Rules that are new to an earlier run are few up to so many, or a quarter of all: beyond, asking costs more than it saves.
const FEW: usize = 16;

/// An earlier run.
pub(super) struct Run<'r> {
    pub(super) rules: Vec<Rule>,
    /// The places of all its answers.
    places: Vec<Place>,
    /// For each of its rules those of the rulebook that find the same where nothing new can hold.
    same: Vec<Vec<RuleId>>,
    new: New<'r>,
}

/// What an earlier run didn't have: rules, and operands of rules that are longer now.
enum New<'r> {
    None,
    Few(Finder<'r>),
    /// So many that nearly every text would be concerned.
    Many,
}

impl<'r> Run<'r> {
    /// A run of these rules, with the places found, before one with the rules `now`, by number; `ops` does what their
    /// operands do. `forms` are the conjugated forms in all its texts.
    pub(super) fn new(
        (rules, places): (Vec<Rule>, Vec<Place>),
        (now, ops): (&[Rule], &FxHashMap<Digest, OpId>),
        rulebook: &'r Rulebook,
        forms: &[Form],
    ) -> Self {
        let mut same: Vec<Vec<RuleId>> = vec![Vec::new(); rules.len()];
        let mut had: FxHashMap<Digest, Vec<usize>> = FxHashMap::default();
        for (at, rule) in rules.iter().enumerate() {
            had.entry(rule.whole).or_default().push(at);
        }
        let mut new: Vec<(&Rule, RuleId)> = Vec::new();
        for (rule, id) in now.iter().zip((0..).map(RuleId)) {
            match had.get(&rule.whole) {
                Some(equal) => equal.iter().for_each(|&at| same[at].push(id)),
                None => new.push((rule, id)),
            }
        }
        let new = match new.len() {
            0 => New::None,
            few if few > FEW.max(now.len() / 4) => New::Many,
            _ => {
                let operands = operands(&new, &rules, &mut same);
                let ops = operands.iter().map(|operand| ops[operand]).collect();
                New::Few(Finder::new(rulebook, ops, forms.iter()))
            }
        };
        Run { rules, places, same, new }
    }

    /// What was found in one of its answers, whose places are at `at`.
    pub(super) fn found(&self, at: &Range<usize>) -> Option<&[Place]> {
        self.places.get(at.clone())
    }

    /// The same by the rules of now. `None` if something new can hold in its `text`.
    pub(super) fn standing(
        &self,
        at: &Range<usize>,
        text: &str,
        room: &mut Room,
    ) -> Option<impl Iterator<Item = (RuleId, Place)>> {
        let is_concerned = match &self.new {
            New::None => false,
            New::Few(operations) => operations.can_hold(text, room),
            New::Many => true,
        };
        let places = self.found(at).filter(|_| !is_concerned)?;
        let same = |place: &Place| self.same.get(place.rule as usize).map_or(&[][..], Vec::as_slice);
        Some(places.iter().flat_map(move |place| same(place).iter().map(|&rule| (rule, *place))))
    }
}

/// The operands of the `new` rules that none of the earlier `rules` had. A list that is longer now finds what it found and
/// what its new operands find: it joins the rules that are the `same` as the earlier one.
fn operands(new: &[(&Rule, RuleId)], rules: &[Rule], same: &mut [Vec<RuleId>]) -> Vec<Digest> {
    let gone: Vec<usize> = (0..rules.len()).filter(|&at| same[at].is_empty()).collect();
    let mut operands: Vec<Digest> = Vec::new();
    for (rule, id) in new {
        let shorter = gone.iter().filter_map(|&at| Some((at, rule.beyond(&rules[at])?)));
        match shorter.min_by_key(|(_, more)| more.len()) {
            Some((at, more)) => {
                same[at].push(*id);
                operands.extend(more);
            }
            None => operands.extend(rule.operands()),
        }
    }
    operands.sort_unstable();
    operands.dedup();
    operands
}
