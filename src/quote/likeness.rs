//! Which excerpts say the same in other words: 顔認証ができない, 顔認証できません, 顔認証が出来なかった.
//!
//! An excerpt is the set of its base forms, without particles and endings; two excerpts are near-identical if their sets
//! have a resemblance (Jaccard) of [`RESEMBLANCE`] and more, both deny as often, up to an even number, and both name the
//! same figures. Sets that resemble one another so much have one of their rarest words in common, so that few pairs need
//! be compared (prefix filtering: Chaudhuri, Ganti and Kaushik, A primitive operator for similarity joins in data
//! cleaning, ICDE 2006; Bayardo, Ma and Srikant, Scaling up all pairs similarity search, WWW 2007).

use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};

use crate::token::{Class, Lexeme, Tokens};

/// Resemblance from which two excerpts count as one: one word in four may differ, so of three none.
const RESEMBLANCE: f64 = 0.75;

/// What an excerpt says, without how it says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Likeness {
    /// Hashes of its words, ascending and distinct.
    words: Box<[u64]>,
    /// Hash of its figures and of whether it denies.
    facts: u64,
    /// Equal for excerpts of the same words and facts.
    pub(super) key: u64,
    /// A number spread evenly over all excerpts, that near-identical ones mostly share: the least of the words' hashes,
    /// hashed once more, because the least of many is smaller than the least of few.
    pub(super) lot: u64,
}

impl Likeness {
    /// The likeness of the tokens at `ranges`.
    pub(super) fn of(tokens: Tokens<'_>, ranges: &[Range<usize>]) -> Self {
        let (mut words, mut figures, mut denials) = (Vec::new(), Vec::new(), 0usize);
        for at in ranges.iter().cloned().flatten() {
            let lexeme = tokens.lexeme(at);
            if lexeme.is_pos("名詞-数") {
                figures.push(hash(tokens.surface(at).chars()));
            } else if is_denial(lexeme) {
                denials += 1;
            } else if is_telling(lexeme) {
                words.push(hash(spelling(&lexeme.base).chars()));
            }
        }
        if words.is_empty() {
            // ？？？ and the like are alike only if equal.
            let surfaces = ranges.iter().cloned().flatten().flat_map(|at| tokens.surface(at).chars());
            words.push(hash(surfaces));
        }
        figures.sort_unstable();
        Self::new(words, figures.iter().fold(denials as u64 % 2, |facts, figure| mix(facts ^ figure)))
    }

    fn new(mut words: Vec<u64>, facts: u64) -> Self {
        words.sort_unstable();
        words.dedup();
        let key = words.iter().fold(mix(facts), |key, word| mix(key ^ word));
        let least = words.iter().map(|&word| mix(word)).min();
        Likeness { words: words.into(), facts, key, lot: mix(!least.unwrap_or_default()) }
    }

    /// The likeness of an excerpt of these words.
    #[cfg(test)]
    pub(super) fn of_words<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        Self::new(words.map(|word| hash(word.chars())).collect(), 0)
    }

    /// Whether both say the same.
    pub(super) fn resembles(&self, other: &Self) -> bool {
        if self.facts != other.facts {
            return false;
        }
        let (mut shared, mut others) = (0usize, other.words.iter().peekable());
        for word in &self.words {
            while others.next_if(|other| *other < word).is_some() {}
            shared += usize::from(others.next_if_eq(&word).is_some());
        }
        let all = self.words.len() + other.words.len() - shared;
        shared as f64 >= RESEMBLANCE * all as f64
    }

    /// The first words in an `order` for all sets: so many that, of two sets that resemble one another, both have their
    /// first common word among them. Were it a later one, too few words would be left to be common.
    fn leading(&self, order: impl Fn(u64) -> (u32, u64)) -> Vec<u64> {
        let mut words: Vec<u64> = self.words.to_vec();
        words.sort_unstable_by_key(|&word| order(word));
        let shared = (RESEMBLANCE * words.len() as f64).ceil() as usize;
        words.truncate(words.len() + 1 - shared);
        words
    }
}

/// Sorts excerpts into groups that say the same: for each, the position of the first of its group. A group holds what
/// resembles its first member, so that chains of small differences don't run on.
pub(super) fn groups(likenesses: &[&Likeness]) -> Vec<usize> {
    let mut frequencies: FxHashMap<u64, u32> = FxHashMap::default();
    for word in likenesses.iter().flat_map(|likeness| &likeness.words) {
        *frequencies.entry(*word).or_default() += 1;
    }
    // The rarest first, so that a word leads few sets.
    let order = |word: u64| (frequencies[&word], word);
    let mut led: FxHashMap<(u64, u64), Vec<usize>> = FxHashMap::default();
    let mut leaders = Vec::with_capacity(likenesses.len());
    for (at, likeness) in likenesses.iter().enumerate() {
        let leading = likeness.leading(order);
        let met = leading.iter().filter_map(|&word| led.get(&(word, likeness.facts))).flatten();
        let leader = met.copied().filter(|&leader| likenesses[leader].resembles(likeness)).min();
        if leader.is_none() {
            leading.into_iter().for_each(|word| led.entry((word, likeness.facts)).or_default().push(at));
        }
        leaders.push(leader.unwrap_or(at));
    }
    leaders
}

/// Whether the word counts: what names a thing, a deed or a quality.
fn is_telling(lexeme: &Lexeme) -> bool {
    match lexeme.class {
        Class::Noun => {
            !lexeme.is_pos("名詞-非自立")
                && !lexeme.is_pos("名詞-接尾")
                && lexeme.base.contains(|c: char| c.is_alphanumeric() || c == '●')
        }
        Class::Verb => {
            lexeme.is_pos("動詞-自立") && !matches!(&*lexeme.base, "する" | "ある" | "なる" | "いる")
        }
        Class::Adjective => lexeme.is_pos("形容詞-自立"),
        Class::Symbol => &*lexeme.base == "●",
        _ => false,
    }
}

fn is_denial(lexeme: &Lexeme) -> bool {
    matches!(lexeme.class, Class::Auxiliary | Class::Adjective | Class::Noun)
        && matches!(&*lexeme.base, "ない" | "無い" | "ぬ" | "ん" | "なし" | "無し")
        && !lexeme.is_pos("名詞-非自立")
}

/// Spellings that the dictionary takes for different words.
fn spelling(base: &str) -> &str {
    match base {
        "出来る" => "できる",
        "分かる" | "解る" | "判る" => "わかる",
        "言う" => "いう",
        "頂く" => "いただく",
        "掛かる" => "かかる",
        "繋がる" => "つながる",
        "方" => "人",
        _ => base,
    }
}

fn hash(chars: impl Iterator<Item = char>) -> u64 {
    let mut hasher = FxHasher::default();
    chars.for_each(|c| hasher.write_u32(c.into()));
    mix(hasher.finish())
}

/// SplitMix64's output function (Steele, Lea and Flood, OOPSLA 2014): spreads any number over all bits.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::Analyser;
    use crate::tokenize::Tokenizer;

    fn likenesses(texts: &[&str]) -> Vec<Likeness> {
        let mut analyser = Analyser::new(&Tokenizer::embedded().unwrap());
        let mut of = |text: &&str| {
            analyser.analyse(text);
            let tokens = analyser.tokens();
            Likeness::of(tokens, std::slice::from_ref(&(0..tokens.len())))
        };
        texts.iter().map(&mut of).collect()
    }

    #[test]
    fn spellings_of_one_answer_are_one_group() {
        let texts = [
            "顔認証ができない",
            "顔 認 証 が、出来ない。",
            "・顔認証できません",
            "顔認証ができなかった",
            "顔認証ができず",
            "顔認証ができた",
            "暗証番号ができない",
            "負担割合が2割なのに3割と出る",
            "負担割合が1割なのに3割と出る",
            "負担割合が2割なのに3割と表示される",
            "？？",
            "！！",
        ];
        let likenesses = likenesses(&texts);
        let found = groups(&likenesses.iter().collect::<Vec<_>>());
        assert_eq!(found, [0, 0, 0, 0, 0, 5, 6, 7, 8, 9, 10, 11]);
    }

    #[test]
    fn longer_answers_may_differ_in_a_word_or_two() {
        let likenesses = likenesses(&[
            "高齢の患者さんが暗証番号を忘れて顔認証も通らず受付に時間がかかった",
            "高齢の患者様が暗証番号を忘れ、顔認証も通らず、受付の時間がかかりました。",
            "高齢の患者さんが保険証を忘れて受付に時間がかかった",
        ]);
        assert!(likenesses[0].resembles(&likenesses[1]));
        assert!(!likenesses[0].resembles(&likenesses[2]));
        assert_eq!(likenesses[0].lot, likenesses[1].lot);
    }

    #[test]
    fn many_answers_are_grouped_by_what_they_resemble() {
        let words = ["受付", "画面", "番号", "患者", "機械", "回線", "電話", "会社", "氏名", "住所"];
        let texts: Vec<String> = (0..1000)
            .map(|n| format!("{}と{}と{}が止まる", words[n % 10], words[n / 10 % 10], words[n / 100 % 10]))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let likenesses = likenesses(&texts);
        let likenesses: Vec<&Likeness> = likenesses.iter().collect();
        let found = groups(&likenesses);
        for (at, &leader) in found.iter().enumerate() {
            let expected =
                (0..at).find(|&first| found[first] == first && likenesses[first].resembles(likenesses[at]));
            assert_eq!(leader, expected.unwrap_or(at), "{}", texts[at]);
        }
    }
}
