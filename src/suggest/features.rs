//! What an answer has that a rule could ask for: words, words that are denied, and two of these near each other.

use std::collections::BTreeMap;

use crate::matcher::Analyser;
use crate::matcher::polarity::{Polarity, predicates};
use crate::rule::expr::{self, DEFAULT_DISTANCE, Node};
use crate::sentence::Scope;
use crate::token::{Class, Lexeme};

/// A condition that a rule could have, as written in a rule, at one place of a comment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    /// The condition.
    pub condition: String,
    sentence: u32,
    first: usize,
    end: usize,
}

/// The units of the comment that `analyser` analysed last, by position.
pub(super) fn units(analyser: &Analyser) -> Vec<Unit> {
    let tokens = analyser.tokens();
    let sentence = |at| analyser.scopes().unit(Scope::Sentence, at);
    let mut units = Vec::new();
    let mut add = |condition: String, first: usize, end: usize| {
        units.push(Unit { condition, sentence: sentence(first), first, end });
    };
    for at in 0..tokens.len() {
        let lexeme = tokens.lexeme(at);
        if lexeme.is_content() && is_wordlike(&lexeme.base) {
            add(word(&lexeme.base), at, at + 1);
        }
        // ● and the like stand for characters that could not be shown, and are found as they are.
        if SIGNS.contains(&tokens.surface(at)) {
            add(format!("「{}」", tokens.surface(at)), at, at + 1);
        }
        // Compounds: the dictionary knows their parts only (限度額|認定証).
        for end in at + 2..=(at + LONGEST_COMPOUND).min(tokens.len()) {
            let all = at..end;
            let is_compound = all.clone().all(|at| is_part_of_compound(tokens.lexeme(at)))
                && all.clone().any(|at| tokens.lexeme(at).is_content())
                && all
                    .clone()
                    .skip(1)
                    .all(|at| tokens.tokens[at - 1].span.end() == tokens.tokens[at].span.start());
            if !is_compound {
                break;
            }
            let span = tokens.tokens[at].span.cover(tokens.tokens[end - 1].span);
            add(word(&tokens.text[span.range()]), at, end);
        }
    }
    for found in predicates(tokens) {
        let lexeme = tokens.lexeme(found.token);
        let is_telling =
            lexeme.is_content() || matches!(&*lexeme.base, "できる" | "出来る" | "ある" | "いる");
        if found.polarity == Polarity::Denied && is_telling {
            add(format!("否定({})", word(&lexeme.base)), found.token, found.end);
        }
    }
    units.sort_by(|a, b| (a.first, a.end, &a.condition).cmp(&(b.first, b.end, &b.condition)));
    units
}

/// Signs that mean something in an answer.
const SIGNS: [&str; 5] = ["●", "○", "×", "■", "?"];

/// Whether a word has letters: IPADIC takes figures in circles and strings of signs for nouns.
fn is_wordlike(text: &str) -> bool {
    text.contains(char::is_alphabetic) && text.chars().all(|c| c.is_alphanumeric() || "-・ー".contains(c))
}

/// Tokens of a compound at most.
const LONGEST_COMPOUND: usize = 3;

fn is_part_of_compound(lexeme: &Lexeme) -> bool {
    lexeme.class == Class::Noun
        && is_wordlike(&lexeme.base)
        && !lexeme.is_pos("名詞-非自立")
        && !lexeme.is_pos("名詞-代名詞")
        && !lexeme.is_pos("名詞-数")
}

/// The pairs of `units` that `near` finds with its usual reach, each once.
pub(super) fn pairs(units: &[Unit]) -> BTreeMap<(&str, &str), ()> {
    let mut pairs = BTreeMap::new();
    for (at, left) in units.iter().enumerate() {
        for right in &units[at + 1..] {
            if right.sentence != left.sentence || right.first > left.end + usize::from(DEFAULT_DISTANCE) {
                break;
            }
            if right.first >= left.end && left.condition != right.condition {
                let (a, b) = (left.condition.as_str(), right.condition.as_str());
                pairs.insert(if a <= b { (a, b) } else { (b, a) }, ());
            }
        }
    }
    pairs
}

/// A word as a condition: as it is, or quoted where it would mean something else.
pub(super) fn word(text: &str) -> String {
    let is_plain = expr::parse(text)
        .is_ok_and(|parsed| parsed.warnings.is_empty() && parsed.expr.node == Node::Word(text.to_owned()));
    if is_plain { text.to_owned() } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenize::Tokenizer;

    #[test]
    fn words_compounds_denials_and_pairs() {
        let tokenizer = Tokenizer::embedded().unwrap();
        let mut analyser = Analyser::new(&tokenizer);
        analyser.analyse("音声案内が聞こえない。③「駐車場」が狭い、名前が●になる");
        let units = units(&analyser);
        let conditions: Vec<&str> = units.iter().map(|unit| unit.condition.as_str()).collect();
        for wanted in ["音声", "案内", "音声案内", "聞こえる", "否定(聞こえる)", "駐車場", "狭い", "「●」"]
        {
            assert!(conditions.contains(&wanted), "{wanted} in {conditions:?}");
        }
        assert!(!conditions.iter().any(|condition| condition.contains('③')), "{conditions:?}");
        let pairs = pairs(&units);
        assert!(pairs.contains_key(&("否定(聞こえる)", "音声")), "{pairs:?}");
        assert!(!pairs.keys().any(|(a, b)| *a == "狭い" && *b == "音声"), "not in one sentence");
    }

    #[test]
    fn words_are_quoted_where_they_would_mean_something_else() {
        for (text, written) in [
            ("顔認証", "顔認証"),
            ("wi-fi", "wi-fi"),
            ("and", "\"and\""),
            ("a+b", "\"a+b\""),
            ("10割", "10割"),
        ] {
            assert_eq!(word(text), written);
        }
    }
}
