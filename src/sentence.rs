//! Sentences, clauses and paragraphs: the scopes that conditions are confined to and quotes are cut from.
//!
//! Survey answers punctuate as they please: full stops, line breaks, bullets, arrows, or nothing at all. A sentence
//! ends at 。 ! ? or a line break, and where an item opens (・ ① ◎ ○ ※ →); text without any of these is one sentence.
//! All decisions are made on the normalised text, whose bullets and blanks [`crate::normalise`] has put in order.

use crate::normalise::{is_hiragana, is_kanji, is_katakana};
use crate::span::{Norm, Span};
use crate::token::{Class, Tokens};

/// A unit of the text within which a condition must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// 節: up to a conjunction or a comma that follows a predicate.
    Clause,
    /// 文.
    Sentence,
    /// 段: a line.
    Paragraph,
    /// 全: the whole answer.
    Comment,
}

/// Which clause, sentence and paragraph each token stands in.
///
/// A buffer as well as a value: [`Scopes::fill`] reuses its allocations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// Number of the clause, sentence and paragraph of each token.
    units: Vec<[u32; 3]>,
    /// The sentences, in bytes of the normalised text; they don't overlap and leave out blanks at most.
    sentences: Vec<Span<Norm>>,
}

impl Scopes {
    /// Works out the scopes of `tokens`, replacing the content.
    pub fn fill(&mut self, tokens: Tokens<'_>) {
        split_sentences(tokens.text, &mut self.sentences);
        self.units.clear();
        let (mut clause, mut sentence, mut paragraph) = (0, 0, 0);
        for at in 0..tokens.len() {
            let span = tokens.tokens[at].span;
            let previous_end = at.checked_sub(1).map_or(0, |before| tokens.tokens[before].span.end());
            let gap = &tokens.text[previous_end.min(span.start())..span.start()];
            while (sentence as usize + 1) < self.sentences.len()
                && self.sentences[sentence as usize].end() <= span.start()
            {
                sentence += 1;
                clause += 1;
            }
            if !gap.is_empty() && gap.contains('\n') {
                paragraph += 1;
            }
            if at > 0 && (!gap.is_empty() || ends_clause(tokens, at - 1)) {
                clause += 1;
            }
            self.units.push([clause, sentence, paragraph]);
        }
    }

    /// The number of the unit of kind `scope` that the token at `at` stands in.
    pub fn unit(&self, scope: Scope, at: usize) -> u32 {
        let Some(units) = self.units.get(at) else { return 0 };
        match scope {
            Scope::Clause => units[0],
            Scope::Sentence => units[1],
            Scope::Paragraph => units[2],
            Scope::Comment => 0,
        }
    }

    /// The sentences of the text, in order.
    pub fn sentences(&self) -> &[Span<Norm>] {
        &self.sentences
    }
}

/// Whether a clause ends with the token at `at`.
fn ends_clause(tokens: Tokens<'_>, at: usize) -> bool {
    let lexeme = tokens.lexeme(at);
    match lexeme.class {
        // が・ので・から… after a predicate; て joins two verbs as often as two clauses and doesn't count by itself.
        Class::Particle => {
            lexeme.is_pos("助詞-接続助詞")
                && !matches!(&*lexeme.base, "て" | "で" | "ば" | "と")
                && tokens.get(at + 1).is_none_or(|next| next.class != Class::Symbol)
        }
        // A comma after a noun enumerates; after anything else it ends a clause.
        Class::Symbol => match tokens.surface(at) {
            "、" => at > 0 && tokens.lexeme(at - 1).class != Class::Noun,
            ")" => true,
            _ => false,
        },
        _ => false,
    }
}

/// Splits normalised text into sentences, replacing the content of `sentences`.
pub fn split_sentences(text: &str, sentences: &mut Vec<Span<Norm>>) {
    sentences.clear();
    let (mut start, mut at) = (0, 0);
    let mut previous = None;
    loop {
        let plain = plain_len(&text[at..]);
        if plain > 0 {
            at += plain;
            previous = text[..at].chars().next_back();
        }
        let mut chars = text[at..].chars();
        let Some(c) = chars.next() else { break };
        let next = chars.next();
        if opens_item(text, at, previous, c, next) {
            push_trimmed(text, start, at, sentences);
            start = at;
        }
        let mut end = at + c.len_utf8();
        if c == '\n' {
            push_trimmed(text, start, at, sentences);
            start = end;
        } else if is_end(previous, c, next) {
            // Closing brackets and further marks belong to the sentence they close: 。」 !! 。)
            let is_closing = |c: char| matches!(c, '」' | '』' | ')' | '"' | '。' | '!' | '?' | '…');
            end = text.len() - text[end..].trim_start_matches(is_closing).len();
            // 「…。」と言われた: a quotation inside its sentence.
            if !text[end..].starts_with(['と', 'っ', 'な', 'の', 'を', 'が', 'は', 'に'])
                || !text[..end].ends_with(['」', '』', ')', '"'])
            {
                push_trimmed(text, start, end, sentences);
                start = end;
            }
        }
        previous = text[..end].chars().next_back();
        at = end;
    }
    push_trimmed(text, start, text.len(), sentences);
}

/// Length in bytes of the kana and kanji that `text` begins with: nine characters in ten, and none of them decides
/// anything. By bytes, because decoding them took half of the time of splitting.
fn plain_len(text: &str) -> usize {
    let plain = text.as_bytes().chunks_exact(3).take_while(|bytes| match bytes[0] {
        // U+4000 to U+9FFF.
        0xE4..=0xE9 => true,
        // U+3040 to U+30FF, kana, but for ・.
        0xE3 => matches!(bytes[1], 0x81..=0x83) && bytes[1..] != [0x83, 0xBB],
        _ => false,
    });
    3 * plain.count()
}

fn push_trimmed(text: &str, start: usize, end: usize, sentences: &mut Vec<Span<Norm>>) {
    let slice = &text[start..end];
    let trimmed = slice.trim_start();
    let start = start + slice.len() - trimmed.len();
    let trimmed = trimmed.trim_end();
    if !trimmed.is_empty() {
        sentences.push(Span::new(start, start + trimmed.len()));
    }
}

/// Whether `c` ends a sentence.
fn is_end(previous: Option<char>, c: char, next: Option<char>) -> bool {
    match c {
        '。' | '!' => true,
        // A question mark may stand for a character that could not be shown: 氏名が?になる, ●や?で.
        '?' => {
            !matches!(previous, None | Some('「' | '『' | '(' | '・' | '●' | 'や' | '、'))
                && !matches!(
                    next,
                    Some(
                        'に' | 'で'
                            | 'が'
                            | 'と'
                            | 'や'
                            | 'を'
                            | 'の'
                            | 'も'
                            | 'は'
                            | '」'
                            | '』'
                            | '●'
                            | '、'
                    )
                )
        }
        _ => false,
    }
}

/// Whether an item opens at the character `c` at byte `at`.
fn opens_item(text: &str, at: usize, previous: Option<char>, c: char, next: Option<char>) -> bool {
    let Some(previous) = previous else { return false };
    // What may stand before an item of a run-on list: the end of a predicate or of a bracket.
    let after_predicate = || {
        matches!(previous, '」' | ')' | '。' | '!' | ' ' | '\n')
            || (is_hiragana(previous) && "いたるすんずだうくしめねよきりむつぶぐ".contains(previous))
    };
    match c {
        '①'..='⑳' | '⑴'..='⒇' | '❶'..='❿' | '※' | '◎' | '■' | '◆' | '□' | '◇' | '★' | '☆' => {
            !matches!(previous, '「' | '(' | '『')
        }
        // Between nouns ・ joins a pair and → tells a change (2割→3割); after a predicate both open the next note. In
        // a list that began with ・ an item may end in a noun.
        '・' => after_predicate() || (text.starts_with('・') && is_list_noun(text, at)),
        '→' => after_predicate(),
        '○' => {
            after_predicate()
                && next.is_some_and(|next| next != '○' && !matches!(next, '市' | '県' | '区' | '町' | 'や'))
        }
        _ => false,
    }
}

/// Whether the ・ at `at` follows an item that ends in a noun: the item is long enough to be a note of its own.
fn is_list_noun(text: &str, at: usize) -> bool {
    let item = text[..at].rsplit('・').next().unwrap_or("");
    let is_note = item.chars().any(is_hiragana) && item.chars().count() >= 8;
    is_note && item.chars().next_back().is_some_and(|c| is_kanji(c) || is_katakana(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::normalise;

    fn split(text: &str) -> Vec<String> {
        let normalised = normalise(text);
        let mut sentences = Vec::new();
        split_sentences(normalised.text(), &mut sentences);
        sentences.iter().map(|span| normalised.text()[span.range()].to_owned()).collect()
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        for (text, expected) in [
            ("顔認証ができない", vec!["顔認証ができない"]),
            ("顔認証ができない。番号も忘れた", vec!["顔認証ができない。", "番号も忘れた"]),
            ("困る！！改善を", vec!["困る!!", "改善を"]),
            ("一行目\n二行目", vec!["一行目", "二行目"]),
            ("・顔認証ができない・番号を忘れる", vec!["・顔認証ができない", "・番号を忘れる"]),
            ("①画面が止まる②再起動が要る", vec!["①画面が止まる", "②再起動が要る"]),
            ("無効と出る→会社に電話した", vec!["無効と出る", "→会社に電話した"]),
            ("受付が混む→診察が遅れる", vec!["受付が混む", "→診察が遅れる"]),
            ("2割→3割に変わった", vec!["2割→3割に変わった"]),
            ("国保→社保の切替", vec!["国保→社保の切替"]),
            ("氏名・住所が違う", vec!["氏名・住所が違う"]),
            ("「まだか。」と言われた", vec!["「まだか。」と言われた"]),
            ("（初診の方。）困った", vec!["(初診の方。)", "困った"]),
            ("氏名が？になる", vec!["氏名が?になる"]),
            ("いつ直るのか？教えて", vec!["いつ直るのか?", "教えて"]),
            ("○○市の方が多い", vec!["○○市の方が多い"]),
            ("●止まる ●遅い", vec!["・止まる", "・遅い"]),
            ("", vec![]),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn sentences_are_ordered_and_lose_blanks_only(text in "[ぁ-ん一-亜ア-ン。!?\n・①→○※「」() a-z]{0,60}") {
            let mut sentences = Vec::new();
            split_sentences(&text, &mut sentences);
            let mut at = 0;
            for span in &sentences {
                proptest::prop_assert!(text[at..span.start()].trim().is_empty());
                proptest::prop_assert!(!text[span.range()].trim().is_empty());
                at = span.end();
            }
            proptest::prop_assert!(text[at..].trim().is_empty());
        }
    }
}
