//! What the parts of a run cost, over the answers of `corpus/sample.csv`: normalising, tokenizing, tagging, writing
//! JSONL, and compiling the shipped rules. `benches/compare.sh` measures whole runs.
//!
//! Every benchmark checks that its work came to something, so that none gets fast by doing nothing.

use std::sync::LazyLock;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use jirei::comment::{Comment, Status};
use jirei::export::jsonl;
use jirei::matcher::Worker;
use jirei::normalise::{normalise, normalise_into};
use jirei::read::{Columns, Reader, comments_of};
use jirei::rule::{self, Rulebook};
use jirei::text::Normalised;
use jirei::tokenize::Tokenizer;

fn main() {
    divan::main();
}

static TOKENIZER: LazyLock<Tokenizer> =
    LazyLock::new(|| Tokenizer::embedded().expect("the embedded data is tested"));

static RULEBOOK: LazyLock<Rulebook> = LazyLock::new(|| {
    rule::compile(&rule::shipped::sources(), &TOKENIZER).rulebook.expect("the shipped rules are tested")
});

/// The answers that say something.
static COMMENTS: LazyLock<Vec<Comment>> = LazyLock::new(|| {
    let sample: &[u8] = include_bytes!("../corpus/sample.csv");
    let mut reader = Reader::from_reader("sample.csv", Box::new(sample), &Columns::default())
        .expect("the sample is tested");
    let schema = std::sync::Arc::clone(reader.schema());
    let mut comments = Vec::new();
    while let Some(row) = reader.next_row().expect("the sample is tested") {
        comments.extend(comments_of(&schema, row).filter(|comment| comment.status() == Status::Answered));
    }
    assert!(comments.len() > 400);
    comments
});

/// Counts answers and bytes of original text.
fn counted<'a, 'b>(bencher: Bencher<'a, 'b>) -> Bencher<'a, 'b> {
    let bytes: usize = COMMENTS.iter().map(|comment| comment.text().len()).sum();
    bencher.counter(ItemsCount::new(COMMENTS.len())).counter(BytesCount::new(bytes))
}

#[divan::bench]
fn normalising(bencher: Bencher<'_, '_>) {
    let mut buffer = Normalised::default();
    counted(bencher).bench_local(|| {
        let mut bytes = 0;
        for comment in COMMENTS.iter() {
            normalise_into(black_box(comment.text()), &mut buffer);
            bytes += buffer.text().len();
        }
        assert!(bytes > 10_000);
    });
}

#[divan::bench]
fn tokenizing(bencher: Bencher<'_, '_>) {
    let texts: Vec<Normalised> = COMMENTS.iter().map(|comment| normalise(comment.text())).collect();
    let (mut worker, mut tokens) = (TOKENIZER.worker(), Vec::new());
    counted(bencher).bench_local(|| {
        let mut count = 0;
        for text in &texts {
            worker.tokenize(black_box(text.text()), &mut tokens);
            count += tokens.len();
        }
        assert!(count > 5_000);
    });
}

#[divan::bench]
fn tagging(bencher: Bencher<'_, '_>) {
    let mut worker = Worker::new(&RULEBOOK, &TOKENIZER);
    counted(bencher).bench_local(|| {
        let tags: usize = COMMENTS.iter().map(|comment| worker.tag(black_box(comment)).tags.len()).sum();
        assert!(tags > COMMENTS.len());
    });
}

#[divan::bench]
fn writing_jsonl(bencher: Bencher<'_, '_>) {
    let mut worker = Worker::new(&RULEBOOK, &TOKENIZER);
    let tagged: Vec<_> = COMMENTS.iter().map(|comment| (comment, worker.tag(comment))).collect();
    let mut out = Vec::new();
    counted(bencher).bench_local(|| {
        out.clear();
        for (comment, tagging) in &tagged {
            jsonl::write_comment(&mut out, black_box(comment), tagging, &RULEBOOK);
        }
        assert!(out.len() > 100_000);
    });
}

#[divan::bench]
fn compiling_the_shipped_rules(bencher: Bencher<'_, '_>) {
    let sources = rule::shipped::sources();
    bencher.bench_local(|| {
        let compiled = rule::compile(black_box(&sources), &TOKENIZER);
        assert!(compiled.rulebook.is_some_and(|rulebook| rulebook.rule_count() > 300));
    });
}

#[divan::bench]
fn loading_the_dictionary(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| {
        assert!(!Tokenizer::embedded().expect("the embedded data is tested").words().is_empty());
    });
}
