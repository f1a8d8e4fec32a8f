//! Compares the quotes that jirei chooses with what three baselines would: comments drawn at random, the longest ones,
//! and plain LexRank on whole comments. Usage: `compare_quotes INPUT.csv [ID TEXT QUESTION] [WEIGHT=VALUE]`; prints two Markdown
//! tables, for whole comments and for quotes of equal length.
//!
//! Only categories with more comments than quotes are compared: elsewhere there is nothing to choose. Figures are means
//! over categories.

mod baselines;
mod figures;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use jirei::comment::Comment;
use jirei::matcher::{Analyser, Worker};
use jirei::quote::{self, Options, Pool};
use jirei::read::{Columns, Reader, comments_of};
use jirei::rule::{self, CategoryId};
use jirei::tokenize::Tokenizer;

use self::figures::{Figures, Printed, figures, vocabulary};
use self::words::{Bag, vector, words};

/// Quotes per category.
const QUOTES: usize = 5;

/// Characters of a quote that the second table looks at: summaries are compared at equal length, and what is longer
/// is cut there (DUC 2004, <https://duc.nist.gov/duc2004/>). Two printed lines, to which 86 % of the answers keep that
/// survey reports have printed.
const LIMIT: usize = 80;

/// Draws of the random baseline.
const DRAWS: u64 = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (path, names) =
        arguments.split_first().ok_or("usage: compare_quotes INPUT.csv [ID TEXT QUESTION]")?;
    let (weights, names): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| name.contains('='));
    let columns = Columns {
        id: names.first().copied().cloned(),
        texts: names.get(1).copied().cloned().into_iter().collect(),
        question: names.get(2).copied().cloned(),
    };
    let tokenizer = Tokenizer::embedded()?;
    let rulebook =
        rule::compile(&rule::shipped::sources(), &tokenizer).rulebook.ok_or("the rules have errors")?;
    let mut worker = Worker::new(&rulebook, &tokenizer);
    let mut analyser = Analyser::new(&tokenizer);

    let mut reader = Reader::open(Path::new(path), &columns)?;
    let schema = std::sync::Arc::clone(reader.schema());
    let mut options = Options { per_category: QUOTES, ..Options::for_columns(&schema) };
    for (name, value) in weights.iter().filter_map(|weight| weight.split_once('=')) {
        if !options.weights.set(name, value.parse()?) {
            return Err(format!("no weight is called {name}").into());
        }
    }
    let mut pool = Pool::new(&rulebook, options);
    let mut comments: Vec<Comment> = Vec::new();
    let mut members: BTreeMap<CategoryId, Vec<usize>> = BTreeMap::new();
    let mut vocabularies: BTreeMap<CategoryId, Bag> = BTreeMap::new();
    let mut candidates = Vec::new();
    while let Some(row) = reader.next_row()? {
        for comment in comments_of(&schema, row) {
            let tagging = worker.tag(&comment);
            pool.meet(&comment, &tagging);
            quote::candidates_of(&comment, &tagging, worker.analyser(), &mut candidates);
            for candidate in candidates.drain(..) {
                pool.add(candidate);
            }
            for tag in &tagging.tags {
                members.entry(tag.category).or_default().push(comments.len());
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
                comments.push(comment);
            }
        }
    }
    let bags: Vec<Vec<String>> =
        comments.iter().map(|comment| words(&mut analyser, comment.text())).collect();
    let mut frequencies = Bag::new();
    for bag in &bags {
        for word in bag.iter().collect::<BTreeSet<_>>() {
            *frequencies.entry(word.clone()).or_default() += 1.0;
        }
    }
    let all = comments.len() as f64;
    let idf = |word: &str| (1.0 + all / frequencies.get(word).copied().unwrap_or(1.0)).ln();
    let vectors: Vec<Bag> = bags.iter().map(|bag| vector(bag, &idf)).collect();

    let chosen = pool.select(&mut worker).quotes;
    let (mut whole, mut equal) = (Table::new(), Table::new());
    let mut categories = 0.0;
    for (&category, members) in members.iter().filter(|(_, members)| members.len() > QUOTES) {
        categories += 1.0;
        let vocabulary = vocabulary(&vocabularies[&category], &idf);
        let mut measure = |name: &'static str, share: f64, quotes: &[Printed]| {
            for (table, quotes) in [(&mut whole, quotes), (&mut equal, &cut(quotes, LIMIT))] {
                let figures = figures(quotes, category, &vocabulary, &idf, &mut worker, &mut analyser);
                table.entry(name).or_default().add(figures, share);
            }
        };
        let own = chosen.iter().filter(|quote| quote.category == category);
        measure("jirei", 1.0, &own.map(|quote| (quote.text(), quote.comment.clone())).collect::<Vec<_>>());
        let mut compare = |name: &'static str, share: f64, order: &[usize]| {
            let first = order.iter().take(QUOTES).map(|&at| &comments[at]);
            let quotes = first.map(|comment| (comment.text().to_owned(), comment.clone()));
            measure(name, share, &quotes.collect::<Vec<_>>());
        };
        for draw in 0..DRAWS {
            compare("random", 1.0 / DRAWS as f64, &baselines::shuffled(members, draw));
        }
        let mut longest = members.clone();
        longest.sort_by_key(|&at| std::cmp::Reverse(comments[at].text().chars().count()));
        compare("longest", 1.0, &longest);
        compare("LexRank", 1.0, &baselines::lexrank(members, &vectors));
    }

    println!("{} comments, {categories} categories with more than {QUOTES}.\n", comments.len());
    println!("As selected:\n");
    print(&whole, categories);
    println!("\nEvery quote cut at {LIMIT} characters:\n");
    print(&equal, categories);
    Ok(())
}

/// The quotes, each cut at `limit` characters.
fn cut(quotes: &[Printed], limit: usize) -> Vec<Printed> {
    quotes.iter().map(|(text, comment)| (text.chars().take(limit).collect(), comment.clone())).collect()
}

/// The figures of each selector, summed over categories.
type Table = BTreeMap<&'static str, Figures>;

fn print(table: &Table, categories: f64) {
    println!(
        "| quotes | redundancy ↓ | coverage ↑ | complete predicate ↑ | on topic ↑ | no other category ↑ | keeps its category ↑ | characters | coverage without limit |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for name in ["jirei", "random", "longest", "LexRank"] {
        let f = table[name];
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
}
