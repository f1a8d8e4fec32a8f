//! The quotes of the sample corpus: every category has some, and all of them can be printed as they are.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jirei::matcher::{Analyser, Worker};
use jirei::quote::{self, Options, Pool, Quote};
use jirei::read::{Columns, Reader, comments_of};
use jirei::rule::{self, CategoryId, Rulebook};
use jirei::tokenize::Tokenizer;

/// The quotes of the sample, and the categories that its comments have.
fn chosen(rulebook: &Rulebook, tokenizer: &Tokenizer) -> (Vec<Quote>, BTreeSet<CategoryId>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/sample.csv");
    let mut reader = Reader::open(&path, &Columns::default()).unwrap();
    let schema = Arc::clone(reader.schema());
    let mut pool = Pool::new(rulebook, Options::for_columns(&schema));
    let mut worker = Worker::new(rulebook, tokenizer);
    let (mut candidates, mut categories) = (Vec::new(), BTreeSet::new());
    while let Some(row) = reader.next_row().unwrap() {
        for comment in comments_of(&schema, row) {
            let tagging = worker.tag(&comment);
            categories.extend(tagging.tags.iter().map(|tag| tag.category));
            pool.meet(&comment, &tagging);
            quote::candidates_of(&comment, &tagging, worker.analyser(), &mut candidates);
            for candidate in candidates.drain(..) {
                pool.add(candidate);
            }
        }
    }
    (pool.select(&mut worker).quotes, categories)
}

/// Whether every bracket of the text has its partner.
fn is_balanced(text: &str) -> bool {
    [('「', '」'), ('『', '』'), ('（', '）'), ('【', '】')]
        .iter()
        .all(|&(open, close)| text.matches(open).count() == text.matches(close).count())
}

/// The resemblance (Jaccard) of two texts as sets of pairs of characters.
fn resemblance(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        chars.windows(2).map(|pair| (pair[0], pair[1])).collect::<BTreeSet<_>>()
    };
    let (one, other) = (pairs(one), pairs(other));
    let shared = one.intersection(&other).count();
    shared as f64 / (one.len() + other.len() - shared).max(1) as f64
}

#[test]
fn every_category_has_quotes_that_can_be_printed() {
    let tokenizer = Tokenizer::embedded().unwrap();
    let rulebook = rule::compile(&rule::shipped::sources(), &tokenizer).rulebook.unwrap();
    let (quotes, categories) = chosen(&rulebook, &tokenizer);
    let quoted: BTreeSet<CategoryId> = quotes.iter().map(|quote| quote.category).collect();
    assert_eq!(quoted, categories);
    // All categories have enough comments: none needs one that another quotes.
    let answers: BTreeSet<(u64, &str)> =
        quotes.iter().map(|quote| (quote.comment.row().number, quote.comment.question())).collect();
    assert_eq!(answers.len(), quotes.len(), "an answer is quoted twice");
    let mut worker = Worker::new(&rulebook, &tokenizer);
    let mut analyser = Analyser::new(&tokenizer);
    for quote in &quotes {
        let (comment, printed) = (&quote.comment, quote.text());
        assert!(is_balanced(&printed) || !is_balanced(comment.text()), "brackets: {printed}");
        assert!(
            worker.tag(&comment.with_text(&printed)).get(quote.category).is_some(),
            "category: {printed}"
        );
        assert!(quote.is_masked || quote.flags.is_empty(), "details: {printed}");
        // No cut within a word.
        analyser.analyse(comment.text());
        let map = analyser.normalised().map();
        for token in analyser.tokens().tokens {
            let word = map.to_original(token.span);
            for part in &quote.excerpts {
                assert!(
                    !part.overlaps(word) || part.contains(word),
                    "{} cut in {printed}",
                    &comment.text()[word.range()]
                );
            }
        }
        for other in quotes.iter().filter(|other| other.category == quote.category && other.rank < quote.rank)
        {
            assert!(resemblance(&printed, &other.text()) < 0.5, "twice: {printed} / {}", other.text());
            assert_ne!(quote.comment.id(), other.comment.id());
        }
    }
}

#[test]
fn the_same_answers_give_the_same_quotes() {
    let tokenizer = Tokenizer::embedded().unwrap();
    let rulebook = rule::compile(&rule::shipped::sources(), &tokenizer).rulebook.unwrap();
    let shown = || {
        let (quotes, _) = chosen(&rulebook, &tokenizer);
        quotes
            .iter()
            .map(|quote| (quote.text(), quote.reason.clone(), quote.score.to_bits()))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(), shown());
}
