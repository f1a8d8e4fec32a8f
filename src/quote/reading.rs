//! Whether a stretch of text reads alone: how it opens, how it ends, what disturbs it, and how concrete it is.
//!
//! All judgements are made on tokens, so that だが ends nothing and まただめ doesn't open with また.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::token::{Class, Lexeme, Tokens};

/// How a stretch of text opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// It needs nothing that went before.
    Free,
    /// It opens with so many tokens (また、 しかし、) that can be left off.
    Loose(usize),
    /// It leans on what went before: その, これ, 上記.
    Leaning,
}

/// Conjunctions, and adverbs that serve as such, that only say another point follows. Without them the point stands.
pub(crate) const LOOSE: &[&str] = &[
    "また",
    "さらに",
    "更に",
    "なお",
    "尚",
    "それから",
    "そして",
    "あと",
    "次に",
    "つぎに",
    "まず",
    "しかし",
    "ただし",
    "ただ",
    "でも",
    "その他",
    "そのほか",
    "他に",
    "ほかに",
    "加えて",
    "一方",
    "及び",
    "および",
    "又",
    "もちろん",
    "とにかく",
];

/// Words that, besides conjunctions, send the reader of an excerpt they open back to something not quoted.
const LEANING: &[&str] = &[
    "その",
    "この",
    "あの",
    "そんな",
    "こんな",
    "それ",
    "これ",
    "そこ",
    "ここ",
    "そう",
    "こう",
    "それで",
    "これら",
    "それら",
    "上記",
    "同様",
    "同じく",
    "同上",
    "前述",
    "先述",
    "前記",
    "当該",
    "後者",
    "前者",
    "同",
    "再度",
    "再び",
];

/// How the tokens at `range` open.
pub(super) fn opening(tokens: Tokens<'_>, range: Range<usize>) -> Opening {
    let Some(first) = range.clone().find(|&at| tokens.surface(at).contains(is_word_char)) else {
        return Opening::Free;
    };
    let lexeme = tokens.lexeme(first);
    let surface = tokens.surface(first);
    // その|他, その|ほか: one word to the reader.
    let is_other =
        surface == "その" && tokens.get(first + 1).is_some_and(|next| matches!(&*next.base, "他" | "ほか"));
    let len = if is_other { 2 } else { 1 };
    if is_other || LOOSE.contains(&surface) {
        let next = first + len;
        if next >= range.end {
            return Opening::Leaning;
        }
        return match tokens.surface(next) {
            "、" => Opening::Loose(next + 1 - range.start),
            // また|は|ない, 次に|来た: only a comma or a conjunction proper is a break.
            _ if lexeme.class == Class::Conjunction && !is_other => Opening::Loose(next - range.start),
            _ => Opening::Free,
        };
    }
    if lexeme.class == Class::Conjunction || LEANING.contains(&&*lexeme.base) || is_particle_start(lexeme) {
        return Opening::Leaning;
    }
    Opening::Free
}

/// A particle or auxiliary opens nothing: the cut fell behind a word it belongs to.
fn is_particle_start(lexeme: &Lexeme) -> bool {
    matches!(lexeme.class, Class::Particle | Class::Auxiliary) || lexeme.is_pos("名詞-接尾")
}

/// Whether the tokens at `range` end in a finite predicate (困った。) or a noun of action or quality (再起動。不便).
pub(super) fn is_complete(tokens: Tokens<'_>, range: Range<usize>) -> bool {
    range.rev().find_map(|at| closes(tokens, at)).unwrap_or(false)
}

/// Whether the token ends a statement; `None` for tokens that say nothing about it: 。, 」, ね.
fn closes(tokens: Tokens<'_>, at: usize) -> Option<bool> {
    let lexeme = tokens.lexeme(at);
    // By character, because the dictionary takes ASCII signs for nouns of action.
    if !tokens.surface(at).contains(is_word_char)
        || lexeme.is_pos("助詞-終助詞")
        || lexeme.is_pos("助詞-副助詞／並立助詞／終助詞")
    {
        return None;
    }
    Some(match lexeme.class {
        // べき(べし) has a form for nouns only and ends statements with it.
        Class::Verb | Class::Adjective | Class::Auxiliary => {
            lexeme.form.contains("基本形") || lexeme.form.starts_with("命令") || &*lexeme.base == "べし"
        }
        Class::Noun => lexeme.is_pos("名詞-サ変接続") || lexeme.is_pos("名詞-形容動詞語幹"),
        _ => false,
    })
}

/// Whether the token is a predicate that can end a sentence.
pub(super) fn is_finite(tokens: Tokens<'_>, at: usize) -> bool {
    let Some(lexeme) = tokens.get(at) else { return false };
    matches!(lexeme.class, Class::Verb | Class::Adjective | Class::Auxiliary)
        && lexeme.form.starts_with("基本形")
}

/// Letters, digits and the ● that is complained about.
pub(super) fn is_word_char(c: char) -> bool {
    // Kana and kanji first: the tables of Unicode are slow for them.
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '一'..='鿿') || c.is_alphanumeric() || c == '●'
}

/// How much of the tokens at `ranges` is debris of scanning and typing, from 0 to 1: lone kana and letters the
/// dictionary can make nothing of, and signs that no sentence needs. Each such token counts once, and so does each of
/// the `gaps`.
pub(super) fn noise(tokens: Tokens<'_>, ranges: &[Range<usize>], gaps: usize) -> f64 {
    let (mut all, mut odd) = (gaps, gaps);
    for at in ranges.iter().cloned().flatten() {
        all += 1;
        let (surface, lexeme) = (tokens.surface(at), tokens.lexeme(at));
        let mut chars = surface.chars();
        let is_single = chars.next().is_some() && chars.next().is_none();
        let is_debris = if surface.contains(is_word_char) {
            is_single
                && (lexeme.is_unknown
                    || lexeme.class == Class::Other
                    || surface.contains(|c: char| c.is_ascii_alphabetic()))
        } else {
            !surface.contains(|c: char| "、。「」『』()・!?…→%-~:/〜ー,.".contains(c))
        };
        odd += usize::from(is_debris);
    }
    if all == 0 { 0.0 } else { odd as f64 / all as f64 }
}

/// Blanks between two characters of Japanese (対 応): where a scanned line was broken. They count as debris.
pub(super) fn gaps(text: &str) -> usize {
    let is_japanese = |c: char| matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '一'..='鿿');
    let mut chars = text.chars();
    let (mut one, mut two) = (chars.next(), chars.next());
    let mut count = 0;
    for three in chars {
        count += usize::from(two == Some(' ') && one.is_some_and(is_japanese) && is_japanese(three));
        (one, two) = (two, Some(three));
    }
    count
}

/// How concrete the tokens at `ranges` are, from 0 to 1: a third each for figures and dates, for something that
/// happened (a past tense), and for what led to it or followed (ため, ので, 結局, …てもらった).
pub(super) fn concreteness(tokens: Tokens<'_>, ranges: &[Range<usize>]) -> f64 {
    let (mut has_figure, mut has_happened, mut has_outcome) = (false, false, false);
    for at in ranges.iter().cloned().flatten() {
        let lexeme = tokens.lexeme(at);
        let surface = tokens.surface(at);
        has_figure |=
            lexeme.is_pos("名詞-数") && surface != "何" || surface.contains(|c: char| c.is_ascii_digit());
        has_happened |= lexeme.class == Class::Auxiliary && &*lexeme.base == "た";
        has_outcome |= match lexeme.class {
            Class::Particle => {
                lexeme.is_pos("助詞-接続助詞") && matches!(&*lexeme.base, "ので" | "から" | "て" | "で")
            }
            Class::Noun => matches!(&*lexeme.base, "ため" | "為" | "結果" | "せい" | "おかげ"),
            Class::Adverb => matches!(surface, "結局" | "やむなく" | "やむを得ず" | "とうとう" | "仕方なく"),
            Class::Symbol => surface == "→",
            _ => false,
        };
    }
    f64::from(u8::from(has_figure) + u8::from(has_happened) + u8::from(has_outcome)) / 3.0
}

/// How sure the words around evidence make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Certainty {
    /// Said to be so.
    Firm,
    /// Supposed or feared: …たら, …かもしれない, …恐れがある.
    Hypothetical,
    /// Taken back behind the evidence: …ということはなかった.
    Denied,
}

/// The certainty of the evidence in the tokens at `evidence`, whose clause and the next reach to `end`.
pub(super) fn certainty(tokens: Tokens<'_>, evidence: Range<usize>, end: usize) -> Certainty {
    if evidence.is_empty() {
        return Certainty::Firm;
    }
    let (polarity, chain) = crate::matcher::polarity::polarity(tokens, evidence.clone());
    if polarity == crate::matcher::polarity::Polarity::Denied && chain > evidence.end {
        return Certainty::Denied;
    }
    let is_supposed = (evidence.end..end).any(|at| {
        let lexeme = tokens.lexeme(at);
        match lexeme.class {
            // しなければならない supposes nothing.
            Class::Auxiliary => {
                &*lexeme.form == "仮定形" && &*lexeme.base != "ない" || matches!(&*lexeme.base, "う" | "まい")
            }
            Class::Verb | Class::Adjective => &*lexeme.form == "仮定形",
            Class::Noun => matches!(&*lexeme.base, "恐れ" | "おそれ" | "可能性" | "懸念" | "もし"),
            Class::Particle => &*lexeme.base == "かも",
            _ => false,
        }
    });
    let opens_supposing = (0..evidence.start)
        .rev()
        .take(8)
        .any(|at| matches!(tokens.surface(at), "もし" | "仮に" | "万一" | "万が一"));
    if is_supposed || opens_supposing { Certainty::Hypothetical } else { Certainty::Firm }
}

#[cfg(test)]
mod tests {
    use super::gaps;

    #[test]
    fn blanks_within_words_are_debris() {
        for (text, count) in
            [("対 応を求め た", 2), ("10 割、2 人", 0), ("国が　決めた", 0), ("a b", 0), (" 前 ", 0)]
        {
            assert_eq!(gaps(text), count, "{text}");
        }
    }
}
