//! The candidates of a comment as bytes, to be remembered from run to run: all but the comment itself and the numbers of
//! categories. They depend on its text and on the places of evidence of each tag, on nothing else.

use serde::{Deserialize, Serialize};

use crate::classify::Tagging;
use crate::comment::Comment;
use crate::quote::candidate::{Bag, Candidate, Form, Source, others_in};
use crate::quote::identify::Flag;
use crate::quote::likeness::Likeness;
use crate::quote::reading::Certainty;
use crate::span::{Orig, Span};

/// Candidates of one comment, which mostly quote the same and have most words in common.
#[derive(Serialize, Deserialize)]
struct Remembered<'a> {
    /// The words of all bags, sorted, one a line.
    #[serde(borrow)]
    words: &'a str,
    cuts: Vec<Cut>,
    /// For each candidate: the number of its tag, that of its cut, how often each word is in its bag, how much evidence there
    /// is, and how sure the surest.
    tags: Vec<(usize, usize, Vec<u32>, usize, Certainty)>,
}

/// What is cut out.
#[derive(PartialEq, Serialize, Deserialize)]
struct Cut {
    excerpts: Vec<Span<Orig>>,
    form: Form,
    likeness: Likeness,
    flags: Vec<Flag>,
}

/// `candidates`, which are those of one comment with `tagging`, as bytes.
pub(crate) fn remembered(candidates: &[Candidate], tagging: &Tagging) -> Vec<u8> {
    let bags: Vec<Vec<(&str, u32)>> = candidates.iter().map(|it| it.bag.counts().collect()).collect();
    let mut words: Vec<&str> = bags.iter().flatten().map(|&(word, _)| word).collect();
    words.sort_unstable();
    words.dedup();
    let mut cuts: Vec<Cut> = Vec::new();
    let mut tags = Vec::with_capacity(candidates.len());
    for (candidate, bag) in candidates.iter().zip(&bags) {
        let Candidate { category, source, form, evidence, certainty, likeness, flags, .. } = candidate;
        let Some(tag) = tagging.tags.iter().position(|tag| tag.category == *category) else { continue };
        let cut = Cut {
            excerpts: source.excerpts.clone(),
            form: *form,
            likeness: likeness.clone(),
            flags: flags.clone(),
        };
        let at = cuts.iter().position(|other| *other == cut).unwrap_or_else(|| {
            cuts.push(cut);
            cuts.len() - 1
        });
        let mut bag = bag.iter().peekable();
        let count = |word: &&str| bag.next_if(|(other, _)| other == word).map_or(0, |&(_, count)| count);
        tags.push((tag, at, words.iter().map(count).collect(), *evidence, *certainty));
    }
    let words = words.join("\n");
    postcard::to_stdvec(&Remembered { words: &words, cuts, tags }).expect("plain data, into memory")
}

/// The candidates of `comment` with `tagging` that `bytes` are. `None` if they can't be.
pub(crate) fn recalled(bytes: &[u8], comment: &Comment, tagging: &Tagging) -> Option<Vec<Candidate>> {
    let Remembered { words, cuts, tags } = postcard::from_bytes(bytes).ok()?;
    let words: Vec<&str> = words.split('\n').filter(|word| !word.is_empty()).collect();
    let spans = cuts
        .iter()
        .flat_map(|cut| cut.excerpts.iter().copied().chain(cut.flags.iter().filter_map(|flag| flag.span)));
    if spans.into_iter().any(|span| comment.text().get(span.range()).is_none()) {
        return None;
    }
    let categories: Box<[_]> = tagging.tags.iter().map(|tag| tag.category).collect();
    let candidate = |(tag, cut, counts, evidence, certainty): (usize, usize, Vec<u32>, usize, Certainty)| {
        let Cut { excerpts, form, likeness, flags } = cuts.get(cut)?;
        let counted = words.iter().zip(&counts);
        let words = counted.flat_map(|(&word, &count)| std::iter::repeat_n(word, count as usize));
        let category = tagging.tags.get(tag)?.category;
        Some(Candidate {
            category,
            others: others_in(excerpts, tagging, category),
            source: Source { comment: comment.clone(), excerpts: excerpts.clone() },
            bag: Bag::of_sorted(words),
            form: *form,
            evidence,
            certainty,
            likeness: likeness.clone(),
            flags: flags.clone(),
            categories: categories.clone(),
        })
    };
    tags.into_iter().map(candidate).collect()
}
