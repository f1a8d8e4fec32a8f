//! What no category of a choice touches: the comments, and the words that tell them from the others.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::classify::Tagging;
use crate::comment::{Comment, Status};
use crate::keyness::{Occurrence, log_likelihood};
use crate::matcher::Worker;
use crate::rule::{CategoryId, Rulebook};
use crate::tokenize::Tokenizer;

/// A word that is more frequent in uncovered comments than in the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyword {
    /// Its base form.
    pub word: String,
    /// In how many uncovered and covered comments it occurs.
    pub occurrence: Occurrence,
    /// How telling it is, see [`crate::keyness`].
    pub log_likelihood: f64,
}

/// An uncovered comment.
#[derive(Debug, Clone)]
pub struct UncoveredComment {
    /// Its index among the comments looked at.
    pub index: usize,
    /// The categories it has that were not asked about.
    pub tagging: Tagging,
    /// Its keywords, as indices into [`Uncovered::keywords`], the most telling first.
    pub keywords: Vec<usize>,
}

/// What no category of the choice touches.
#[derive(Debug, Clone)]
pub struct Uncovered {
    /// Answered comments.
    pub answered: u64,
    /// The uncovered ones, in input order.
    pub comments: Vec<UncoveredComment>,
    /// Words, the most telling first; equally telling ones by their characters.
    pub keywords: Vec<Keyword>,
}

/// A word of fewer uncovered comments than this is no keyword: anything occurs once.
const LEAST_COMMENTS: u64 = 2;

/// Finds the answered ones of `comments` that have none of the categories `wanted`, on rayon's threads.
pub fn find(
    comments: &[Comment],
    wanted: &[CategoryId],
    rulebook: &Rulebook,
    tokenizer: &Tokenizer,
) -> Uncovered {
    let read: Vec<Option<(Tagging, Vec<Box<str>>)>> = comments
        .par_iter()
        .map_init(
            || Worker::new(rulebook, tokenizer),
            |worker, comment| {
                let tagging = worker.tag(comment);
                (comment.status() == Status::Answered).then(|| (tagging, content_words(worker)))
            },
        )
        .collect();
    let is_covered = |tagging: &Tagging| wanted.iter().any(|&category| tagging.get(category).is_some());
    let mut words: BTreeMap<&str, Occurrence> = BTreeMap::new();
    let (mut inside, mut outside) = (0, 0);
    for (tagging, found) in read.iter().flatten() {
        let covered = is_covered(tagging);
        *(if covered { &mut outside } else { &mut inside }) += 1;
        for word in found {
            let occurrence = words.entry(word).or_default();
            *(if covered { &mut occurrence.outside } else { &mut occurrence.inside }) += 1;
        }
    }
    let mut keywords: Vec<Keyword> = words
        .into_iter()
        .filter(|(_, occurrence)| occurrence.inside >= LEAST_COMMENTS)
        .map(|(word, occurrence)| Keyword {
            word: word.to_owned(),
            occurrence,
            log_likelihood: log_likelihood(occurrence, inside, outside),
        })
        .filter(|keyword| keyword.log_likelihood > 0.0)
        .collect();
    // Stable: words come in the order of their characters.
    keywords.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood));
    let rank: BTreeMap<&str, usize> =
        keywords.iter().enumerate().map(|(at, keyword)| (keyword.word.as_str(), at)).collect();
    let uncovered = read.iter().enumerate().filter_map(|(index, read)| {
        let (tagging, words) = read.as_ref().filter(|(tagging, _)| !is_covered(tagging))?;
        let mut keywords: Vec<usize> = words.iter().filter_map(|word| rank.get(&**word).copied()).collect();
        keywords.sort_unstable();
        Some(UncoveredComment { index, tagging: tagging.clone(), keywords })
    });
    let comments = uncovered.collect();
    Uncovered { answered: inside + outside, comments, keywords }
}

/// Base forms of the content words of the comment tagged last, each once.
fn content_words(worker: &Worker<'_>) -> Vec<Box<str>> {
    let tokens = worker.analyser().tokens();
    let mut words: Vec<Box<str>> = (0..tokens.len())
        .map(|at| tokens.lexeme(at))
        .filter(|lexeme| lexeme.is_content())
        .map(|lexeme| lexeme.base.clone())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::rule::compile;

    #[test]
    fn uncovered_comments_come_with_what_tells_them_from_the_others() {
        let rules = "
            [[category]]
            id = 'wait'
            name = '待ち時間'
            any = ['待つ']

            [[category]]
            id = 'old'
            name = '高齢者'
            any = ['高齢']
        ";
        let tokenizer = Tokenizer::embedded().unwrap();
        let file = Arc::new(SourceFile { name: "t.toml".to_owned(), text: rules.to_owned() });
        let rulebook = compile(&[file], &tokenizer).rulebook.unwrap();
        let ids: Vec<CategoryId> = rulebook.category_ids().collect();
        let texts = [
            "受付で待つ",
            "会計で待つ",
            "高齢で音声が聞こえない",
            "音声が小さい",
            "特になし",
            "受付で音声を待つ",
            "駐車場が狭い",
        ];
        let comments: Vec<Comment> = texts.iter().map(|text| Comment::from_text(text)).collect();
        let found = find(&comments, &ids[..1], &rulebook, &tokenizer);
        let indices: Vec<usize> = found.comments.iter().map(|comment| comment.index).collect();
        assert_eq!((found.answered, indices), (6, vec![2, 3, 6]));
        // 待つ is for the covered ones; 駐車場 occurs once.
        let keywords: Vec<&str> = found.keywords.iter().map(|keyword| keyword.word.as_str()).collect();
        assert_eq!(keywords, ["音声"]);
        assert_eq!(found.keywords[0].occurrence, Occurrence { inside: 2, outside: 1 });
        assert_eq!((&found.comments[0].keywords[..], found.comments[2].keywords.len()), (&[0][..], 0));
        assert_eq!(found.comments[0].tagging.tags.len(), 1, "高齢者 was not asked about");
        let all = find(&comments, &ids, &rulebook, &tokenizer);
        assert_eq!(all.comments.len(), 2);
    }
}
