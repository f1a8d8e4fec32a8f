//! Which stretches of a text look like a word of the rules and are none: 暗唱番号 beside 暗証番号, ひも付け beside 紐付け.
//!
//! A stretch of up to three words is compared with every word of the rules. It looks like one if it
//! - differs in the long vowel mark only (リーダ, リーダー),
//! - is read the same and is all kana, stands for an all-kana word, or shares a kanji with it (紐づけ, ひも付け; of what
//!   inflects the base form: 行なった, 行う),
//! - differs in one character (暗称番号).

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::comment::{Comment, Status};
use crate::matcher::Analyser;
use crate::matcher::program::{Op, Trace};
use crate::normalise::{is_kanji, is_katakana, normalise};
use crate::rule::{CategoryId, Rulebook};
use crate::token::{Class, Tokens};
use crate::tokenize::Tokenizer;

/// Words of a spelling at most.
const LONGEST: usize = 3;

/// Characters of a reading at least: shorter ones are read like too many others.
const LEAST_READING: usize = 3;

/// Characters of words compared by one edit at least: of shorter ones, one is too large a part.
const LEAST_EDITED: usize = 4;

/// The reason of a spelling that may be another word, rather than the same one written otherwise.
pub(super) const EDIT: &str = "1 字違い";

/// The words of the rules, by what a spelling may have in common with them.
pub(super) struct Known {
    /// All spellings that the rules find as words.
    all: FxHashSet<String>,
    words: Vec<String>,
    by_reading: FxHashMap<String, Vec<usize>>,
    /// By what is left without the long vowel mark.
    by_short: FxHashMap<String, Vec<usize>>,
    /// By what is left when one character is taken out.
    by_deletion: FxHashMap<String, Vec<usize>>,
}

/// What a comment has.
#[derive(Default)]
pub(super) struct Looks {
    /// Words of the rules.
    pub(super) words: Vec<String>,
    /// A word of the rules, a spelling that looks like it, and in what.
    pub(super) alike: Vec<(String, String, &'static str)>,
}

impl Known {
    pub(super) fn new(wanted: &[CategoryId], rulebook: &Rulebook, tokenizer: &Tokenizer) -> Self {
        let program = &rulebook.program;
        let mut words = BTreeSet::new();
        for &category in wanted {
            for (_, trace) in rulebook.rules_of(category) {
                collect(trace, rulebook, &mut words);
            }
        }
        let all = program.lemmas.keys().chain(program.surfaces.keys()).map(ToString::to_string);
        let mut known = Known {
            all: all.collect(),
            words: words.into_iter().collect(),
            by_reading: FxHashMap::default(),
            by_short: FxHashMap::default(),
            by_deletion: FxHashMap::default(),
        };
        let mut analyser = Analyser::new(tokenizer);
        for (at, word) in known.words.iter().enumerate() {
            let normalised = normalise(word).text().to_owned();
            analyser.analyse(&normalised);
            let tokens = analyser.tokens();
            if let Some(reading) = reading(tokens, 0, tokens.len()) {
                known.by_reading.entry(reading).or_default().push(at);
            }
            known.by_short.entry(normalised.replace('ー', "")).or_default().push(at);
            for form in deletions(&normalised) {
                known.by_deletion.entry(form).or_default().push(at);
            }
        }
        known
    }

    pub(super) fn look(&self, comment: &Comment, analyser: &mut Analyser, bases: &mut BaseForms) -> Looks {
        let mut looks = Looks::default();
        if comment.status() != Status::Answered {
            return looks;
        }
        analyser.analyse(comment.text());
        let tokens = analyser.tokens();
        for start in 0..tokens.len() {
            for end in start + 1..=(start + LONGEST).min(tokens.len()) {
                if !is_part(tokens, end - 1) || (end > start + 1 && has_gap(tokens, end - 1)) {
                    break;
                }
                let span = tokens.tokens[start].span.cover(tokens.tokens[end - 1].span);
                let form = &tokens.text[span.range()];
                if self.all.contains(form) {
                    looks.words.push(form.to_owned());
                    continue;
                }
                // Conjugated forms of a word that is known by its base form.
                if end == start + 1 && self.all.contains(&*tokens.lexeme(start).base) {
                    looks.words.push(tokens.lexeme(start).base.to_string());
                    continue;
                }
                let last = tokens.lexeme(end - 1);
                if last.is_inflected() {
                    // Words are looked for, and read, by the form that a dictionary has.
                    let before = &form[..form.len() - tokens.surface(end - 1).len()];
                    let base = format!("{before}{}", last.base);
                    let of_base = bases.reading(&base);
                    // Nouns made of verbs are cut as verbs where they are written in kana: といあわせ.
                    if let Some((word, reason)) = self.read_alike(form, reading(tokens, start, end)) {
                        looks.alike.push((word.to_owned(), form.to_owned(), reason));
                    } else if !self.all.contains(&base)
                        && let Some((word, reason)) = self.read_alike(&base, of_base)
                    {
                        looks.alike.push((word.to_owned(), base, reason));
                    }
                } else if let Some((word, reason)) = self.like(form, reading(tokens, start, end)) {
                    looks.alike.push((word.to_owned(), form.to_owned(), reason));
                }
            }
        }
        looks.words.sort_unstable();
        looks.words.dedup();
        looks.alike.sort_unstable();
        looks.alike.dedup();
        looks
    }

    /// The word of the rules that `form` looks like, and in what.
    fn like(&self, form: &str, reading: Option<String>) -> Option<(&str, &'static str)> {
        let chars = form.chars().count();
        let word = |at: &usize| self.words[*at].as_str();
        if chars >= LEAST_READING
            && let Some(words) = self.by_short.get(&form.replace('ー', ""))
        {
            return words.first().map(|at| (word(at), "長音"));
        }
        if let Some(found) = self.read_alike(form, reading) {
            return Some(found);
        }
        if chars < LEAST_EDITED {
            return None;
        }
        // Nothing taken out, or one character on either side.
        let near = deletions(form).into_iter().chain([form.to_owned()]);
        let mut alike: Vec<usize> =
            near.filter_map(|left| self.by_deletion.get(&left)).flatten().copied().collect();
        alike.sort_unstable();
        alike
            .into_iter()
            .map(|at| self.words[at].as_str())
            .find(|word| is_one_edit(word, form))
            .map(|word| (word, EDIT))
    }

    /// The word of the rules that is read as `form` is, and may be the same.
    fn read_alike(&self, form: &str, reading: Option<String>) -> Option<(&str, &'static str)> {
        let reading = reading.filter(|reading| reading.chars().count() >= LEAST_READING)?;
        let is_kana = |text: &str| !text.contains(is_kanji);
        let shares = |word: &str| word.chars().any(|c| is_kanji(c) && form.contains(c));
        let mut words = self.by_reading.get(&reading)?.iter().map(|&at| self.words[at].as_str());
        words
            .find(|word| *word != form && (is_kana(form) || is_kana(word) || shares(word)))
            .map(|word| (word, "読みが同じ"))
    }
}

/// Reads base forms, each once: a token in the text has the reading of its own form.
pub(super) struct BaseForms {
    analyser: Analyser,
    readings: FxHashMap<String, Option<String>>,
}

impl BaseForms {
    pub(super) fn new(tokenizer: &Tokenizer) -> Self {
        BaseForms { analyser: Analyser::new(tokenizer), readings: FxHashMap::default() }
    }

    fn reading(&mut self, base: &str) -> Option<String> {
        if let Some(known) = self.readings.get(base) {
            return known.clone();
        }
        self.analyser.analyse(base);
        let tokens = self.analyser.tokens();
        let reading = reading(tokens, 0, tokens.len());
        self.readings.insert(base.to_owned(), reading.clone());
        reading
    }
}

/// The plain words of a condition.
fn collect(trace: &Trace, rulebook: &Rulebook, words: &mut BTreeSet<String>) {
    if !trace.parts.is_empty() {
        trace.parts.iter().for_each(|part| collect(part, rulebook, words));
        return;
    }
    let is_word = matches!(rulebook.program.operation(trace.op), None | Some(Op::Or(..)));
    let text = trace.text.trim_matches(['{', '}', '\'', '"']);
    if is_word && !text.starts_with('「') && text.chars().count() > 1 {
        words.insert(text.to_owned());
    }
}

fn is_part(tokens: Tokens<'_>, at: usize) -> bool {
    let lexeme = tokens.lexeme(at);
    matches!(lexeme.class, Class::Noun | Class::Verb | Class::Adjective | Class::Prefix)
        && !lexeme.is_pos("名詞-数")
        && tokens.surface(at).contains(char::is_alphanumeric)
}

fn has_gap(tokens: Tokens<'_>, at: usize) -> bool {
    tokens.tokens[at - 1].span.end() != tokens.tokens[at].span.start()
}

/// The reading of tokens, without long vowel marks and with ヅ as ズ; `None` if a word's is unknown.
fn reading(tokens: Tokens<'_>, start: usize, end: usize) -> Option<String> {
    let mut reading = String::new();
    for at in start..end {
        let known = &tokens.lexeme(at).reading;
        let surface = tokens.surface(at);
        let katakana = if known.is_empty() { to_katakana(surface) } else { known.to_string() };
        if !katakana.chars().all(is_katakana) {
            return None;
        }
        reading.extend(katakana.chars().filter(|&c| c != 'ー').map(|c| match c {
            'ヅ' => 'ズ',
            'ヂ' => 'ジ',
            c => c,
        }));
    }
    (!reading.is_empty()).then_some(reading)
}

fn to_katakana(text: &str) -> String {
    let shift = |c: char| match c {
        'ぁ'..='ゖ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
        c => c,
    };
    text.chars().map(shift).collect()
}

/// What is left of a word of some length when one character is taken out, and the word itself.
fn deletions(word: &str) -> BTreeSet<String> {
    let chars: Vec<char> = word.chars().collect();
    if chars.len() < LEAST_EDITED {
        return BTreeSet::new();
    }
    let without = |at: usize| chars[..at].iter().chain(&chars[at + 1..]).collect();
    (0..chars.len()).map(without).chain([word.to_owned()]).collect()
}

/// Whether one insertion, deletion or replacement makes one of the other.
fn is_one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    let common = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        0 => common < long.len() && short[common + 1..] == long[common + 1..],
        1 => short[common..] == long[common + 1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_is_one() {
        for (a, b, is) in [
            ("暗証番号", "暗唱番号", true),
            ("レセコン", "レセコ", true),
            ("レセコン", "レレセコン", true),
            ("レセコン", "レセコン", false),
            ("レセコン", "レコセン", false),
            ("レセコン", "レセ", false),
        ] {
            assert_eq!(is_one_edit(a, b), is, "{a} {b}");
            assert_eq!(is_one_edit(b, a), is, "{b} {a}");
        }
    }
}
