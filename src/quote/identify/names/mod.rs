//! Details that are proper nouns: persons, facilities, companies, places below prefecture.
//!
//! IPADIC tells proper nouns, and too many: a surname in a complaint about 髙 or 邉 is no person. So a name counts only in a
//! context: with さん or 先生, surname with given name, before 医院 or 株式会社, before 市 or 町.

mod organisations;
mod persons;
mod places;

use std::ops::Range;

use super::Kind;
use crate::normalise::{is_hiragana, is_kanji, is_katakana};
use crate::span::{Norm, Span};
use crate::token::{Class, Lexeme, Tokens};

/// Wider than a prefecture, or taken for places by the dictionary.
const REGIONS: &[&str] = &[
    "関東",
    "関西",
    "近畿",
    "東北",
    "九州",
    "四国",
    "中国",
    "中部",
    "北陸",
    "東海",
    "甲信越",
    "首都圏",
    "信越",
    "山陰",
    "山陽",
    "本州",
    "欧州",
    "欧米",
    "アジア",
    "アフリカ",
    "ヨーロッパ",
    "日本",
    "全国",
    "東日本",
    "西日本",
    "南米",
    "北米",
    "東南アジア",
    "永田町",
    "霞が関",
    "霞ヶ関",
    // 次|月 is a town to the dictionary.
    "次月",
];

/// Appends the details found.
pub(super) fn find(tokens: Tokens<'_>, found: &mut Vec<(Kind, Span<Norm>)>) {
    organisations::vendors(tokens, found);
    let mut at = 0;
    while at < tokens.len() {
        let lexeme = tokens.lexeme(at);
        if lexeme.class != Class::Noun && lexeme.class != Class::Prefix {
            let is_opening = organisations::INCORPORATED
                .iter()
                .any(|name| tokens.text[tokens.tokens[at].span.start()..].starts_with(name));
            if !is_opening {
                at += 1;
                continue;
            }
        }
        let chain = at..chain_end(tokens, at);
        organisations::of_chain(tokens, chain.clone(), found);
        for at in chain.clone() {
            persons::at(tokens, at, found);
            places::at(tokens, at, found);
        }
        at = chain.end.max(at + 1);
    }
}

/// The end of the run of nouns that begins at `at`, without gaps between them.
fn chain_end(tokens: Tokens<'_>, at: usize) -> usize {
    let is_inside = |&next: &usize| {
        let is_near = tokens.tokens[next - 1].span.end() == tokens.tokens[next].span.start();
        let class = tokens.lexeme(next).class;
        let is_bracket = matches!(tokens.surface(next), "(" | ")" | "株") && tokens.text.contains("(株)");
        is_near
            && (matches!(class, Class::Noun | Class::Prefix)
                && tokens.surface(next).chars().all(is_name_char)
                || is_bracket)
    };
    (at + 1..tokens.len()).take_while(is_inside).last().map_or(at + 1, |last| last + 1)
}

fn is_name_char(c: char) -> bool {
    is_kanji(c)
        || is_hiragana(c)
        || is_katakana(c)
        || matches!(c, 'ー' | '々' | 'ヶ' | 'ケ')
        || c.is_ascii_alphanumeric()
}

fn span(tokens: Tokens<'_>, range: Range<usize>) -> Span<Norm> {
    tokens.tokens[range.start].span.cover(tokens.tokens[range.end - 1].span)
}

fn is_person(lexeme: &Lexeme) -> bool {
    lexeme.is_pos("名詞-固有名詞-人名")
}

fn is_area(lexeme: &Lexeme) -> bool {
    lexeme.is_pos("名詞-固有名詞-地域-一般")
}
