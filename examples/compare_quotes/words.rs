//! Texts as weighted bags of words, and how alike two of them are.

use std::collections::BTreeMap;

use jirei::matcher::Analyser;

/// Words with their weights.
pub(crate) type Bag = BTreeMap<String, f64>;

/// Base forms of the content words.
pub(crate) fn words(analyser: &mut Analyser, text: &str) -> Vec<String> {
    analyser.analyse(text);
    let tokens = analyser.tokens();
    let lexemes = (0..tokens.len()).map(|at| tokens.lexeme(at));
    lexemes.filter(|lexeme| lexeme.is_content()).map(|lexeme| lexeme.base.to_string()).collect()
}

/// tf·idf, of length 1.
pub(crate) fn vector(words: &[String], idf: &impl Fn(&str) -> f64) -> Bag {
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

pub(crate) fn cosine(a: &Bag, b: &Bag) -> f64 {
    a.iter().filter_map(|(word, weight)| Some(weight * b.get(word)?)).sum()
}
