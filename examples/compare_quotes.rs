//! Compares the quotes that jirei chooses with what three baselines would: comments drawn at random, the longest ones,
//! and plain LexRank on whole comments. Usage: `compare_quotes INPUT.csv [ID TEXT QUESTION]`; prints a Markdown table.
//!
//! Only categories with more comments than quotes are compared: elsewhere there is nothing to choose. Figures are means
//! over categories.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use jirei::comment::Comment;
use jirei::matcher::{Analyser, Worker};
use jirei::quote::{self, Options, Pool};
use jirei::read::{Columns, Reader, comments_of};
use jirei::rule::{self, CategoryId};
use jirei::token::Class;
use jirei::tokenize::Tokenizer;

/// Quotes per category.
const QUOTES: usize = 5;

/// Characters of a category's quotes within which its vocabulary must occur: what prints longer quotes covers more, so
/// all get the same room, as in the evaluations of DUC. Five quotes of three printed lines.
const ROOM: usize = 300;

/// Words of a category's vocabulary.
const VOCABULARY: usize = 30;

/// Draws of the random baseline.
const DRAWS: u64 = 50;

/// LexRank's threshold for a tie between two comments, and its damping (Erkan and Radev, JAIR 22, 2004).
const THRESHOLD: f64 = 0.1;
const DAMPING: f64 = 0.85;

type Bag = BTreeMap<String, f64>;

struct Answer {
    comment: Comment,
    vector: Bag,
}

/// What is measured of the quotes of a category.
#[derive(Default, Clone, Copy)]
struct Figures {
    redundancy: f64,
    coverage: f64,
    coverage_unlimited: f64,
    complete: f64,
    on_topic: f64,
    only: f64,
    kept: f64,
    chars: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (path, names) =
        arguments.split_first().ok_or("usage: compare_quotes INPUT.csv [ID TEXT QUESTION]")?;
    let columns = Columns {
        id: names.first().cloned(),
        texts: names.get(1).cloned().into_iter().collect(),
        question: names.get(2).cloned(),
    };
    let tokenizer = Tokenizer::embedded()?;
    let rulebook =
        rule::compile(&rule::shipped::sources(), &tokenizer).rulebook.ok_or("the rules have errors")?;
    let mut worker = Worker::new(&rulebook, &tokenizer);
    let mut analyser = Analyser::new(&tokenizer);

    let mut reader = Reader::open(Path::new(path), &columns)?;
    let schema = std::sync::Arc::clone(reader.schema());
    let mut pool = Pool::new(&rulebook, Options { per_category: QUOTES, ..Options::for_columns(&schema) });
    let mut answers: Vec<Answer> = Vec::new();
    let mut members: BTreeMap<CategoryId, Vec<usize>> = BTreeMap::new();
    let mut vocabularies: BTreeMap<CategoryId, BTreeMap<String, f64>> = BTreeMap::new();
    let mut candidates = Vec::new();
    while let Some(row) = reader.next_row()? {
        for comment in comments_of(&schema, row) {
            let tagging = worker.tag(&comment);
            pool.meet(&comment, &tagging);
            quote::candidates_of(&comment, &tagging, worker.analyser(), &mut candidates);
            candidates.drain(..).for_each(|candidate| pool.add(candidate));
            for tag in &tagging.tags {
                members.entry(tag.category).or_default().push(answers.len());
                // What the category is about: the words of the sentences with its evidence.
                let parts = worker.analyser().scopes().sentences().iter().filter_map(|&sentence| {
                    let normalised = worker.analyser().normalised();
                    let place = normalised.map().to_original(sentence);
                    let is_hit = tag.evidence.iter().any(|evidence| evidence.span.overlaps(place));
                    is_hit.then(|| normalised.text()[sentence.range()].to_owned())
                });
                let words: BTreeSet<String> =
                    words(&mut analyser, &parts.collect::<String>()).into_iter().collect();
                for word in words {
                    *vocabularies.entry(tag.category).or_default().entry(word).or_default() += 1.0;
                }
            }
            if !tagging.is_empty() {
                answers.push(Answer { comment, vector: Bag::new() });
            }
        }
    }
    let mut frequencies: BTreeMap<String, f64> = BTreeMap::new();
    let bags: Vec<Vec<String>> =
        answers.iter().map(|answer| words(&mut analyser, answer.comment.text())).collect();
    for bag in &bags {
        for word in bag.iter().collect::<BTreeSet<_>>() {
            *frequencies.entry(word.clone()).or_default() += 1.0;
        }
    }
    let all = answers.len() as f64;
    let idf = |word: &str| (1.0 + all / frequencies.get(word).copied().unwrap_or(1.0)).ln();
    for (answer, bag) in answers.iter_mut().zip(&bags) {
        answer.vector = vector(bag, &idf);
    }

    let chosen = pool.select(&mut worker).quotes;
    let mut totals: BTreeMap<&str, Figures> = BTreeMap::new();
    let mut categories = 0.0;
    for (&category, members) in members.iter().filter(|(_, members)| members.len() > QUOTES) {
        categories += 1.0;
        let vocabulary = vocabulary(&vocabularies[&category], &idf);
        let mut measure = |name: &'static str, share: f64, quotes: &[(String, Comment)]| {
            let figures = figures(quotes, category, &vocabulary, &idf, &mut worker, &mut analyser);
            totals.entry(name).or_default().add(figures, share);
        };
        let whole = |at: usize| (answers[at].comment.text().to_owned(), answers[at].comment.clone());
        let own = chosen.iter().filter(|quote| quote.category == category);
        measure("jirei", 1.0, &own.map(|quote| (quote.text(), quote.comment.clone())).collect::<Vec<_>>());
        for draw in 0..DRAWS {
            let mut drawn = members.clone();
            let key = |at: &usize| mix(*at as u64 ^ (draw << 32));
            drawn.sort_by_key(key);
            let quotes: Vec<_> = drawn.into_iter().take(QUOTES).map(whole).collect();
            measure("random", 1.0 / DRAWS as f64, &quotes);
        }
        let mut longest = members.clone();
        longest.sort_by_key(|&at| std::cmp::Reverse(answers[at].comment.text().chars().count()));
        measure("longest", 1.0, &longest.into_iter().take(QUOTES).map(whole).collect::<Vec<_>>());
        let central = lexrank(members, &answers);
        measure("LexRank", 1.0, &central.into_iter().take(QUOTES).map(whole).collect::<Vec<_>>());
    }

    println!("{} comments, {categories} categories with more than {QUOTES}.\n", answers.len());
    println!(
        "| quotes | redundancy ↓ | coverage ↑ | complete predicate ↑ | on topic ↑ | no other category ↑ | keeps its category | characters | coverage without limit |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for name in ["jirei", "random", "longest", "LexRank"] {
        let f = totals[name];
        let mean = |sum: f64| sum / categories;
        println!(
            "| {name} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.0} | {:.3} |",
            mean(f.redundancy),
            mean(f.coverage),
            mean(f.complete),
            mean(f.on_topic),
            mean(f.only),
            mean(f.kept),
            mean(f.chars),
            mean(f.coverage_unlimited)
        );
    }
    Ok(())
}

impl Figures {
    fn add(&mut self, other: Figures, share: f64) {
        self.redundancy += share * other.redundancy;
        self.coverage += share * other.coverage;
        self.coverage_unlimited += share * other.coverage_unlimited;
        self.complete += share * other.complete;
        self.on_topic += share * other.on_topic;
        self.only += share * other.only;
        self.kept += share * other.kept;
        self.chars += share * other.chars;
    }
}

/// - redundancy: mean cosine between two quotes, tf·idf over base forms;
/// - coverage: weighted share of the vocabulary within the first [`ROOM`] characters of the quotes;
/// - complete: share of quotes whose last word is a finite predicate;
/// - on topic: share of characters in sentences that have the category when tagged alone;
/// - only: share of quotes that have the category, and no other, when tagged alone;
/// - kept: share of quotes that have the category when tagged alone.
fn figures(
    quotes: &[(String, Comment)],
    category: CategoryId,
    vocabulary: &BTreeMap<String, f64>,
    idf: &impl Fn(&str) -> f64,
    worker: &mut Worker<'_>,
    analyser: &mut Analyser,
) -> Figures {
    let count = quotes.len() as f64;
    let vectors: Vec<Bag> = quotes.iter().map(|(text, _)| vector(&words(analyser, text), idf)).collect();
    let pairs: Vec<f64> = (0..vectors.len())
        .flat_map(|a| (0..a).map(move |b| (a, b)))
        .map(|(a, b)| cosine(&vectors[a], &vectors[b]))
        .collect();
    let texts: Vec<&str> = quotes.iter().map(|(text, _)| text.as_str()).collect();
    let printed = texts.join("\n");
    let room: String = printed.chars().take(ROOM).collect();
    let (mut about, mut all) = (0usize, 0usize);
    let (mut complete, mut only, mut kept) = (0.0, 0.0, 0.0);
    for (text, comment) in quotes {
        complete += f64::from(u8::from(is_complete(analyser, text)));
        let tagging = worker.tag(&comment.with_text(text));
        let is_kept = tagging.get(category).is_some();
        kept += f64::from(u8::from(is_kept));
        only += f64::from(u8::from(is_kept && tagging.tags.len() == 1));
        let mut has_category = |text: &str| worker.tag(&comment.with_text(text)).get(category).is_some();
        analyser.analyse(text);
        for &sentence in analyser.scopes().sentences() {
            let place = analyser.normalised().map().to_original(sentence);
            let sentence = &text[place.range()];
            let chars = sentence.chars().count();
            all += chars;
            about += if has_category(sentence) { chars } else { 0 };
        }
    }
    Figures {
        redundancy: pairs.iter().sum::<f64>() / pairs.len().max(1) as f64,
        coverage: covered(vocabulary, &words(analyser, &room)),
        coverage_unlimited: covered(vocabulary, &words(analyser, &printed)),
        complete: complete / count,
        on_topic: about as f64 / all as f64,
        only: only / count,
        kept: kept / count,
        chars: printed.chars().count() as f64 / count,
    }
}

/// Base forms of the content words.
fn words(analyser: &mut Analyser, text: &str) -> Vec<String> {
    analyser.analyse(text);
    let tokens = analyser.tokens();
    let lexemes = (0..tokens.len()).map(|at| tokens.lexeme(at));
    lexemes.filter(|lexeme| lexeme.is_content()).map(|lexeme| lexeme.base.to_string()).collect()
}

fn vector(words: &[String], idf: &impl Fn(&str) -> f64) -> Bag {
    let mut bag = Bag::new();
    for word in words {
        *bag.entry(word.clone()).or_default() += 1.0;
    }
    for (word, weight) in &mut bag {
        *weight = (1.0 + weight.ln()) * idf(word);
    }
    let length = bag.values().map(|weight| weight * weight).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    bag.values_mut().for_each(|weight| *weight /= length);
    bag
}

fn cosine(a: &Bag, b: &Bag) -> f64 {
    a.iter().filter_map(|(word, weight)| Some(weight * b.get(word)?)).sum()
}

/// The words most typical of a category, each with its weight: how many of its comments have it, times idf.
fn vocabulary(counts: &BTreeMap<String, f64>, idf: &impl Fn(&str) -> f64) -> BTreeMap<String, f64> {
    let mut weighed: Vec<(String, f64)> = counts
        .iter()
        .filter(|(_, count)| **count > 1.0)
        .map(|(word, count)| (word.clone(), count * idf(word)))
        .collect();
    weighed.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    weighed.truncate(VOCABULARY);
    weighed.into_iter().collect()
}

fn covered(vocabulary: &BTreeMap<String, f64>, words: &[String]) -> f64 {
    let words: BTreeSet<&String> = words.iter().collect();
    let all: f64 = vocabulary.values().sum();
    let found: f64 =
        vocabulary.iter().filter(|(word, _)| words.contains(word)).map(|(_, weight)| weight).sum();
    if all > 0.0 { found / all } else { 1.0 }
}

/// Whether the last word is a finite verb, adjective or auxiliary, particles at the end of the sentence aside.
fn is_complete(analyser: &mut Analyser, text: &str) -> bool {
    analyser.analyse(text);
    let tokens = analyser.tokens();
    let last = (0..tokens.len()).rev().map(|at| tokens.lexeme(at)).find(|lexeme| {
        lexeme.class != Class::Symbol
            && !lexeme.is_pos("助詞-終助詞")
            && !lexeme.is_pos("助詞-副助詞／並立助詞／終助詞")
            && lexeme.base.contains(char::is_alphanumeric)
    });
    last.is_some_and(|lexeme| {
        matches!(lexeme.class, Class::Verb | Class::Adjective | Class::Auxiliary)
            && (lexeme.form.contains("基本形") || lexeme.form.starts_with("命令"))
    })
}

/// The comments by LexRank with a threshold, the most central first.
fn lexrank(members: &[usize], answers: &[Answer]) -> Vec<usize> {
    let n = members.len();
    let ties: Vec<Vec<usize>> = (0..n)
        .map(|a| {
            let is_tie = |&b: &usize| {
                a != b && cosine(&answers[members[a]].vector, &answers[members[b]].vector) >= THRESHOLD
            };
            (0..n).filter(is_tie).collect()
        })
        .collect();
    let mut ranks = vec![1.0 / n as f64; n];
    for _ in 0..100 {
        let next = (0..n).map(|a| {
            let given: f64 = ties[a].iter().map(|&b| ranks[b] / ties[b].len() as f64).sum();
            (1.0 - DAMPING) / n as f64 + DAMPING * given
        });
        ranks = next.collect();
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| ranks[b].total_cmp(&ranks[a]).then(a.cmp(&b)));
    order.into_iter().map(|at| members[at]).collect()
}

/// SplitMix64's output function: the same draws everywhere.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
