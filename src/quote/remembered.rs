//! The candidates of a comment as bytes, to be remembered from run to run: all but the comment itself and the numbers of
//! categories. They depend on its text and on the places of evidence of each tag, on nothing else.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::classify::Tagging;
use crate::comment::Comment;
use crate::quote::bag::Bag;
use crate::quote::candidate::{Candidate, others_in};
use crate::quote::cut::Cut;
use crate::quote::reading::Certainty;

/// Candidates of one comment, which mostly quote the same and have their words in common.
#[derive(Serialize, Deserialize)]
struct Remembered<'a> {
    /// The words of all bags.
    #[serde(borrow)]
    words: &'a str,
    cuts: Vec<Arc<Cut>>,
    tags: Vec<Tag>,
}

/// A candidate, by its tag and its cut.
#[derive(Serialize, Deserialize)]
struct Tag {
    tag: usize,
    cut: usize,
    counts: Box<[u32]>,
    evidence: usize,
    certainty: Certainty,
}

/// `candidates`, which are those of one comment with `tagging`, as bytes.
pub(crate) fn remembered(candidates: &[Candidate], tagging: &Tagging) -> Vec<u8> {
    let words = candidates.first().map_or("", |candidate| &*candidate.bag.words);
    let mut remembered = Remembered { words, cuts: Vec::new(), tags: Vec::with_capacity(candidates.len()) };
    for Candidate { category, cut, bag, evidence, certainty, .. } in candidates {
        let Some(tag) = tagging.tags.iter().position(|tag| tag.category == *category) else { continue };
        let cuts = &mut remembered.cuts;
        let at = cuts.iter().position(|other| Arc::ptr_eq(other, cut)).unwrap_or_else(|| {
            cuts.push(Arc::clone(cut));
            cuts.len() - 1
        });
        let (counts, evidence, certainty) = (bag.counts.clone(), *evidence, *certainty);
        remembered.tags.push(Tag { tag, cut: at, counts, evidence, certainty });
    }
    postcard::to_stdvec(&remembered).expect("plain data, into memory")
}

/// Appends the candidates of `comment` with `tagging` that `bytes` are. `None` if they can't be.
pub(crate) fn recalled(
    bytes: &[u8],
    comment: &Comment,
    tagging: &Tagging,
    out: &mut Vec<Candidate>,
) -> Option<()> {
    let Remembered { words: list, cuts, tags } = postcard::from_bytes(bytes).ok()?;
    let details = |cut: &Arc<Cut>| cut.flags.iter().filter_map(|flag| flag.span).collect::<Vec<_>>();
    let spans = cuts.iter().flat_map(|cut| cut.excerpts.iter().copied().chain(details(cut)));
    let is_fit = |tag: &Tag| tag.cut < cuts.len() && tag.tag < tagging.tags.len();
    if spans.into_iter().any(|span| comment.text().get(span.range()).is_none()) || !tags.iter().all(is_fit) {
        return None;
    }
    let list: Arc<str> = list.into();
    let categories: Arc<[_]> = tagging.tags.iter().map(|tag| tag.category).collect();
    out.extend(tags.into_iter().map(|Tag { tag, cut, counts, evidence, certainty }| {
        let (category, cut) = (categories[tag], &cuts[cut]);
        Candidate {
            category,
            comment: comment.clone(),
            others: others_in(&cut.excerpts, tagging, category),
            cut: Arc::clone(cut),
            bag: Bag { words: Arc::clone(&list), counts },
            evidence,
            certainty,
            categories: Arc::clone(&categories),
        }
    }));
    Some(())
}
