//! Facilities, companies and vendors.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Kind, REGIONS, is_area, is_person, span};
use crate::normalise::{is_hiragana, is_katakana};
use crate::span::{Norm, Span};
use crate::token::Tokens;

/// What a facility's name ends in.
const FACILITIES: &[&str] = &[
    "クリニック",
    "医院",
    "病院",
    "診療所",
    "歯科",
    "薬局",
    "内科",
    "外科",
    "眼科",
    "皮膚科",
    "小児科",
    "耳鼻科",
    "耳鼻咽喉科",
    "咽喉科",
    "産婦人科",
    "婦人科",
    "整形外科",
    "整形",
    "泌尿器科",
    "脳外科",
    "神経科",
    "心療内科",
    "精神科",
    "胃腸科",
    "産院",
    "整骨院",
    "接骨院",
    "鍼灸院",
    "治療院",
    "保育園",
    "幼稚園",
    "小学校",
    "中学校",
    "高校",
    "ホーム",
    "デンタル",
    "療養所",
    "メディカル",
];

/// Words that name a facility though they are no proper nouns.
const BLOSSOMS: &[&str] = &[
    "さくら",
    "ひまわり",
    "あおば",
    "みどり",
    "すみれ",
    "つくし",
    "わかば",
    "たんぽぽ",
    "のぞみ",
    "きぼう",
    "あおぞら",
    "けやき",
    "もみじ",
    "こころ",
    "ひかり",
    "すこやか",
    "やすらぎ",
    "しあわせ",
    "にじ",
    "ほほえみ",
    "中央",
    "若葉",
    "青葉",
    "希望",
    "桜",
    "緑",
    "太陽",
    "あさひ",
    "あすか",
    "さつき",
    "なのはな",
    "ふれあい",
    "はなみずき",
    "くすのき",
    "ポプラ",
    "スマイル",
    "ハート",
    "アップル",
];

/// What a company's name ends in.
const COMPANIES: &[&str] = &[
    "商会",
    "商事",
    "電機",
    "電器",
    "製作所",
    "工業",
    "産業",
    "システムズ",
    "システム",
    "ソフト",
    "銀行",
    "生命",
    "薬品",
    "通信",
    "電気",
    "メディカルシステム",
];

/// 株式会社 and what else stands before or behind a company's name.
pub(super) const INCORPORATED: &[&str] = &["株式会社", "有限会社", "合同会社", "(株)", "(有)"];

/// Makers and vendors of card readers, receipt computers, networks and cards.
static VENDORS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"富士通|パナソニック|キヤノン|キャノン|アルメックス|日立|東芝|三菱電機|ソニー|ソフトバンク|ドコモ|楽天|オプティム|",
        r"メディコム|ダイナミクス|ユヤマ|モリタ製作所|ヨシダ製作所|ビーエムエル|マイクロソフト|グーグル|アップル社|オルカ|日医標準レセプト|",
        r"(?i:(?-u:\b)(?:NTT|NEC|KDDI|PHC|BML|ORCA|USEN|SONY|Canon|Panasonic|Microsoft|Google|au)(?-u:\b))|(?i:EM)システムズ",
    ))
    .expect("the pattern is valid")
});

/// Appends the vendors named.
pub(super) fn vendors(tokens: Tokens<'_>, found: &mut Vec<(Kind, Span<Norm>)>) {
    found.extend(
        VENDORS
            .find_iter(tokens.text)
            .filter(|at| is_word(tokens, at.range()))
            .map(|at| (Kind::Company, Span::new(at.start(), at.end()))),
    );
}

fn is_word(tokens: Tokens<'_>, range: Range<usize>) -> bool {
    let starts = tokens.tokens.partition_point(|token| token.span.start() < range.start);
    tokens.tokens.get(starts).is_some_and(|token| token.span.start() == range.start)
}

/// Facilities and companies named by the run of nouns.
pub(super) fn of_chain(tokens: Tokens<'_>, chain: Range<usize>, found: &mut Vec<(Kind, Span<Norm>)>) {
    let names = |at: usize| {
        let lexeme = tokens.lexeme(at);
        let word = tokens.surface(at);
        let is_foreign = lexeme.is_unknown
            && word.chars().count() >= 2
            && word.chars().all(|c| is_katakana(c) || is_hiragana(c) || c == 'ー');
        (lexeme.is_pos("名詞-固有名詞")
            && !lexeme.is_pos("名詞-固有名詞-地域-国")
            && !REGIONS.contains(&word))
            || is_foreign
            || BLOSSOMS.contains(&word)
    };
    let is_inner = |at: usize| matches!(tokens.surface(at), "内" | "近隣" | "某" | "他");
    let text = &tokens.text[span(tokens, chain.clone()).range()];
    if let Some(incorporated) = INCORPORATED.iter().find(|name| text.contains(**name))
        && text.len() > incorporated.len()
    {
        found.push((Kind::Company, span(tokens, chain.clone())));
        return;
    }
    if text.starts_with("医療法人") && chain.len() > 2 || text.starts_with("医療法人") && text.ends_with('会')
    {
        found.push((Kind::Facility, span(tokens, chain)));
        return;
    }
    // The last token that a facility's name may end in, with a name before it.
    let is_facility = |&at: &usize| {
        let word = tokens.surface(at);
        FACILITIES.contains(&word)
            || word.chars().count() > 2 && FACILITIES.iter().any(|name| word.ends_with(name))
            || word == "センター"
                && at > chain.start
                && matches!(tokens.surface(at - 1), "医療" | "メディカル" | "保健" | "健診")
            || word == "ステーション"
                && at > chain.start
                && matches!(tokens.surface(at - 1), "看護" | "訪問看護")
    };
    if let Some(last) = chain.clone().rev().find(is_facility) {
        let first = (chain.start..last).find(|&at| names(at));
        let is_whole_name = {
            let lexeme = tokens.lexeme(last);
            lexeme.is_pos("名詞-固有名詞-組織")
        };
        if let Some(first) = first.or(is_whole_name.then_some(last))
            && !(chain.start..last).any(is_inner)
        {
            found.push((Kind::Facility, span(tokens, first..last + 1)));
            return;
        }
    }
    let last = chain.end - 1;
    if COMPANIES.contains(&tokens.surface(last)) {
        let first = (chain.start..last).find(|&at| {
            let lexeme = tokens.lexeme(at);
            is_person(lexeme)
                || is_area(lexeme) && !REGIONS.contains(&tokens.surface(at))
                || BLOSSOMS.contains(&tokens.surface(at))
        });
        if let Some(first) = first {
            found.push((Kind::Company, span(tokens, first..chain.end)));
        }
    }
}
