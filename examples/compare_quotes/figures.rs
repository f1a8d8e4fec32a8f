//! What is measured of quotes.

use std::collections::{BTreeMap, BTreeSet};

use jirei::comment::Comment;
use jirei::matcher::{Analyser, Worker};
use jirei::rule::CategoryId;
use jirei::token::Class;

use crate::words::{Bag, cosine, vector, words};

/// Characters of a category's quotes within which its vocabulary must occur: what prints longer quotes covers more, so
/// all get the same room. Five quotes of three printed lines.
const ROOM: usize = 300;

/// Words of a category's vocabulary.
const VOCABULARY: usize = 30;

/// What is printed, and the comment it is of.
pub(crate) type Printed = (String, Comment);

/// What is measured of the quotes of a category.
#[derive(Default, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) redundancy: f64,
    pub(crate) coverage: f64,
    pub(crate) coverage_unlimited: f64,
    pub(crate) complete: f64,
    pub(crate) on_topic: f64,
    pub(crate) only: f64,
    pub(crate) kept: f64,
    pub(crate) chars: f64,
}

impl Figures {
    pub(crate) fn add(&mut self, other: Figures, share: f64) {
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
pub(crate) fn figures(
    quotes: &[Printed],
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

/// The words most typical of a category, each with its weight: how many of its comments have it, times idf.
pub(crate) fn vocabulary(
    counts: &BTreeMap<String, f64>,
    idf: &impl Fn(&str) -> f64,
) -> BTreeMap<String, f64> {
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
