//! The words of a corpus: where characters stand inside other words, and which words are read alike.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::comment::Comment;
use crate::matcher::Analyser;
use crate::normalise::{is_hiragana, is_kanji, is_katakana};
use crate::token::{Class, Tokens};
use crate::tokenize::Tokenizer;

/// Tokens of a word at most: 紐|付|け.
const TOKENS: usize = 3;

/// Shortest reading that is compared, in characters: short ones are shared by too many words.
const SHORTEST: usize = 3;

/// Answers analysed again at most to find a word that isn't among the words: a phrase, or part of another word.
const LOOKED_AT: usize = 100;

/// Spellings named at most.
const NAMED: usize = 3;

/// A word of the corpus that is read like another.
pub(super) struct Other {
    pub(super) word: String,
    /// In how many answers it stands.
    pub(super) count: usize,
    /// Whether both have a kanji in common: homophones of kana are many, とれる is 取れる and 撮れる.
    pub(super) shares_kanji: bool,
}

/// The words of a corpus.
pub(super) struct Spellings {
    analyser: Analyser,
    /// The normalised answers.
    texts: Vec<String>,
    /// All words.
    words: FxHashSet<String>,
    /// In how many answers each word stands, by reading.
    by_reading: FxHashMap<String, BTreeMap<String, usize>>,
}

/// Where a word's characters stand without being that word.
pub(super) struct Place {
    /// In how many answers.
    pub(super) count: usize,
    /// The first of them.
    pub(super) comment: usize,
    /// The tokens there, as `暗証番号|を`.
    pub(super) tokens: String,
}

impl Spellings {
    pub(super) fn of(answered: &[&Comment], tokenizer: &Tokenizer) -> Self {
        let mut analyser = Analyser::new(tokenizer);
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        let mut texts = Vec::with_capacity(answered.len());
        for comment in answered {
            analyser.analyse(comment.text());
            let tokens = analyser.tokens();
            texts.push(tokens.text.to_owned());
            let mut own: Vec<String> = (0..tokens.len()).flat_map(|at| words_at(tokens, at)).collect();
            own.sort_unstable();
            own.dedup();
            for word in own {
                *words.entry(word).or_default() += 1;
            }
        }
        let mut by_reading: FxHashMap<String, BTreeMap<String, usize>> = FxHashMap::default();
        let all = words.keys().cloned().collect();
        for (word, count) in words {
            if let Some(reading) = reading(&word, &mut analyser) {
                by_reading.entry(reading).or_default().insert(word, count);
            }
        }
        Spellings { analyser, texts, words: all, by_reading }
    }

    /// Whether any answer has the word as one: it begins and ends where tokens do, or is the base form of something.
    pub(super) fn has(&mut self, word: &str) -> bool {
        if self.words.contains(word) {
            return true;
        }
        let analyser = &mut self.analyser;
        self.texts.iter().filter(|text| text.contains(word)).take(LOOKED_AT).any(|text| {
            analyser.analyse(text);
            let tokens = analyser.tokens().tokens;
            text.match_indices(word).any(|(start, _)| {
                tokens.iter().any(|token| token.span.start() == start)
                    && tokens.iter().any(|token| token.span.end() == start + word.len())
            })
        })
    }

    /// Where the characters of a word stand, if they do anywhere and it is no accident: a single character is part of many
    /// words, a few hiragana are parts of everything, and what a sibling finds needs no other word.
    pub(super) fn inside(&mut self, word: &str, siblings: &[String]) -> Option<Place> {
        let length = word.chars().count();
        if length < 2 || (length < 4 && word.chars().all(is_hiragana)) {
            return None;
        }
        let mut having = self.texts.iter().enumerate().filter(|(_, text)| text.contains(word));
        let (comment, text) = having.next()?;
        let count = 1 + having.count();
        let start = text.find(word)?;
        let end = start + word.len();
        self.analyser.analyse(text);
        let tokens = self.analyser.tokens();
        let touched = tokens.touching(&(start..end));
        // Part of another verb, as 付ける is of 片付ける: that one is not meant.
        let is_part_of_verb = touched.clone().any(|at| {
            let span = tokens.tokens[at].span;
            (span.start() < start || span.end() > end)
                && matches!(tokens.lexeme(at).class, Class::Verb | Class::Adjective)
        });
        if is_part_of_verb {
            return None;
        }
        let whole: String = touched.map(|at| tokens.surface(at)).collect();
        let finds =
            |sibling: &String| *sibling != word && !sibling.is_empty() && whole.contains(sibling.as_str());
        (!siblings.iter().any(finds)).then(|| Place {
            count,
            comment,
            tokens: tokens.cut_around(&(start..end)),
        })
    }

    /// Words that are read like `word` and may be the same word, the most frequent first, each with the number of answers.
    pub(super) fn same_reading(&mut self, word: &str) -> Vec<Other> {
        let Some(reading) = reading(word, &mut self.analyser) else { return Vec::new() };
        let Some(words) = self.by_reading.get(&reading) else { return Vec::new() };
        let mut found: Vec<Other> = words
            .iter()
            .filter(|(other, _)| *other != word && may_be_same(word, other))
            .map(|(other, &count)| Other {
                word: other.clone(),
                count,
                shares_kanji: other.chars().any(|c| is_kanji(c) && word.contains(c)),
            })
            .collect();
        found.sort_by(|a, b| b.count.cmp(&a.count).then(a.word.cmp(&b.word)));
        found.truncate(NAMED);
        found
    }
}

/// The words that begin with the token at `at`, the last token in its base form.
fn words_at(tokens: Tokens<'_>, at: usize) -> Vec<String> {
    let is_word =
        |at: usize| !matches!(tokens.lexeme(at).class, Class::Particle | Class::Auxiliary | Class::Symbol);
    let mut words = Vec::new();
    let mut beginning = String::new();
    for end in at..(at + TOKENS).min(tokens.len()) {
        let follows = end == at || tokens.tokens[end - 1].span.end() == tokens.tokens[end].span.start();
        if !is_word(end) || !follows {
            break;
        }
        words.push(format!("{beginning}{}", tokens.lexeme(end).base));
        beginning.push_str(tokens.surface(end));
    }
    words
}

/// A word's reading in katakana, without long vowels; none where the dictionary doesn't know one, or it is too short.
fn reading(word: &str, analyser: &mut Analyser) -> Option<String> {
    analyser.analyse(word);
    let tokens = analyser.tokens();
    let mut reading = String::new();
    for at in 0..tokens.len() {
        match &*tokens.lexeme(at).reading {
            "" => reading.push_str(kana(tokens.surface(at))?),
            known => reading.push_str(known),
        }
    }
    reading.retain(|c| c != 'ー');
    (reading.chars().count() >= SHORTEST).then_some(reading)
}

/// The word itself, if it is katakana.
fn kana(word: &str) -> Option<&str> {
    word.chars().all(is_katakana).then_some(word)
}

/// Whether two words that are read alike may be one: the kanji of one are among those of the other, in order. 機械 and
/// 機会 are two words; 紐付け, ひも付け and ひもづけ are one.
fn may_be_same(a: &str, b: &str) -> bool {
    let kanji = |word: &str| word.chars().filter(|&c| is_kanji(c)).collect::<Vec<char>>();
    let is_within = |short: &[char], long: &[char]| {
        let mut rest = long.iter();
        short.iter().all(|c| rest.any(|other| other == c))
    };
    let (first, second) = (kanji(a), kanji(b));
    // A word of the other kana alone is a name or an abbreviation.
    let has_kana = |word: &str| word.chars().any(|c| is_hiragana(c) || is_katakana(c));
    (is_within(&first, &second) || is_within(&second, &first)) && (has_kana(a) || has_kana(b))
}
