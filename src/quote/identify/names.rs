//! Details that are proper nouns: persons, facilities, companies, places below prefecture.
//!
//! IPADIC tells proper nouns, and too many: a surname in a complaint about 髙 or 邉 is no person. So a name counts only in a
//! context: with さん or 先生, surname with given name, before 医院 or 株式会社, before 市 or 町.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Kind;
use crate::normalise::{is_hiragana, is_kanji, is_katakana};
use crate::places::prefecture;
use crate::span::{Norm, Span};
use crate::token::{Class, Lexeme, Tokens};

/// What follows a person's name.
const HONORIFICS: &[&str] = &[
    "さん",
    "様",
    "さま",
    "氏",
    "先生",
    "医師",
    "歯科医師",
    "院長",
    "副院長",
    "理事長",
    "ちゃん",
    "くん",
    "君",
    "殿",
    "看護師",
    "看護婦",
    "薬剤師",
    "社長",
    "会長",
    "部長",
    "課長",
    "係長",
    "主任",
    "師長",
    "婦長",
    "事務長",
    "議員",
    "教授",
];

/// Those that also follow what is no name (患者さん, 業者様): only after proper nouns and unknown words do they tell.
const POLITE: &[&str] = &["さん", "様", "さま", "氏", "先生", "ちゃん", "くん", "殿"];

/// Office holders are named in public.
const OFFICES: &[&str] = &["大臣", "首相", "総理", "知事", "大統領", "元", "前", "内閣", "政権"];

/// A name that follows one of these, or の or : after one, is that of a person.
const CUES: &[&str] = &[
    "担当",
    "担当者",
    "院長",
    "事務長",
    "理事長",
    "社長",
    "主任",
    "職員",
    "患者",
    "氏名",
    "名前",
    "患者名",
    "代表",
    "署名",
    "本名",
];

/// Surnames that are words as well; before さん and 様 they are names.
const SURNAMES: &[&str] = &[
    "林", "森", "原", "関", "谷", "南", "東", "西", "北", "泉", "堀", "岸", "辻", "峰", "畑", "平", "星",
    "柳", "桜", "桂", "菊", "榊", "島", "岡", "橋", "沢", "滝", "池", "浜", "土", "石", "水", "金", "大野",
    "上", "中", "下", "村", "宮", "旭",
];

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
const INCORPORATED: &[&str] = &["株式会社", "有限会社", "合同会社", "(株)", "(有)"];

/// Makers and vendors of card readers, receipt computers, networks and cards.
static VENDORS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"富士通|パナソニック|キヤノン|キャノン|アルメックス|日立|東芝|三菱電機|ソニー|ソフトバンク|ドコモ|楽天|オプティム|",
        r"メディコム|ダイナミクス|ユヤマ|モリタ製作所|ヨシダ製作所|ビーエムエル|マイクロソフト|グーグル|アップル社|オルカ|日医標準レセプト|",
        r"(?i:(?-u:\b)(?:NTT|NEC|KDDI|PHC|BML|ORCA|USEN|SONY|Canon|Panasonic|Microsoft|Google|au)(?-u:\b))|(?i:EM)システムズ",
    ))
    .expect("the pattern is valid")
});

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

/// 接尾辞 of municipalities.
const MUNICIPAL: &[&str] = &["市", "区", "町", "村", "郡"];

/// Appends the details found.
pub(super) fn find(tokens: Tokens<'_>, found: &mut Vec<(Kind, Span<Norm>)>) {
    found.extend(
        VENDORS
            .find_iter(tokens.text)
            .filter(|at| is_word(tokens, at.range()))
            .map(|at| (Kind::Company, Span::new(at.start(), at.end()))),
    );
    let mut at = 0;
    while at < tokens.len() {
        let lexeme = tokens.lexeme(at);
        if lexeme.class != Class::Noun && lexeme.class != Class::Prefix {
            let is_opening = INCORPORATED
                .iter()
                .any(|name| tokens.text[tokens.tokens[at].span.start()..].starts_with(name));
            if !is_opening {
                at += 1;
                continue;
            }
        }
        let chain = at..chain_end(tokens, at);
        organisations(tokens, chain.clone(), found);
        for at in chain.clone() {
            person(tokens, at, found);
            place(tokens, at, found);
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

fn is_word(tokens: Tokens<'_>, range: Range<usize>) -> bool {
    let starts = tokens.tokens.partition_point(|token| token.span.start() < range.start);
    tokens.tokens.get(starts).is_some_and(|token| token.span.start() == range.start)
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

/// The name of a person that begins at `at`.
fn person(tokens: Tokens<'_>, at: usize, found: &mut Vec<(Kind, Span<Norm>)>) {
    let surface = |at: usize| if at < tokens.len() { tokens.surface(at) } else { "" };
    // Names of several tokens are seen from their first.
    if at > 0 && is_person(tokens.lexeme(at)) && is_person(tokens.lexeme(at - 1)) {
        return;
    }
    let end = (at..tokens.len())
        .take_while(|&next| is_person(tokens.lexeme(next)))
        .last()
        .map_or(at + 1, |last| last + 1);
    let next = surface(end);
    // The dictionary cuts long ones in two: 事務|長.
    let rest = tokens.tokens.get(end).map_or("", |token| &tokens.text[token.span.start()..]);
    let is_honoured =
        HONORIFICS.iter().any(|title| *title == next || title.chars().count() > 2 && rest.starts_with(title));
    if OFFICES.contains(&next) {
        return;
    }
    let lexeme = tokens.lexeme(at);
    let is_named = if is_person(lexeme) {
        let is_full = end - at >= 2
            && lexeme.is_pos("名詞-固有名詞-人名-姓")
            && tokens.lexeme(at + 1).is_pos("名詞-固有名詞-人名-名")
            && (at..end).map(|at| surface(at).chars().count()).sum::<usize>() >= 3;
        is_full || is_honoured || is_cued(tokens, at)
    } else {
        let word = surface(at);
        let is_katakana_name = lexeme.is_unknown
            && word.chars().count() >= 2
            && word.chars().all(|c| is_katakana(c) || c == 'ー');
        let is_kanji_name = lexeme.is_unknown && word.chars().count() <= 3 && word.chars().all(is_kanji);
        let is_telling = is_area(lexeme) && !REGIONS.contains(&word)
            || lexeme.is_pos("名詞-固有名詞-一般")
            || SURNAMES.contains(&word) && (at == 0 || tokens.lexeme(at - 1).class != Class::Noun)
            || is_katakana_name
            || is_kanji_name;
        is_telling && POLITE.contains(&next) || is_area(lexeme) && !REGIONS.contains(&word) && is_honoured
    };
    if is_named {
        found.push((Kind::Person, span(tokens, at..end)));
    }
}

/// Whether what stands before `at` announces a name: 担当の, 氏名:, 院長.
fn is_cued(tokens: Tokens<'_>, at: usize) -> bool {
    let cue = |at: usize| CUES.contains(&tokens.surface(at));
    match at {
        0 => false,
        1 => cue(0),
        _ => {
            let joint = tokens.surface(at - 1);
            cue(at - 1) && !matches!(joint, "氏名" | "名前" | "患者")
                || joint == ":" && cue(at - 2)
                || joint == "の"
                    && matches!(tokens.surface(at - 2), "担当" | "担当者" | "院長" | "事務長" | "職員")
        }
    }
}

/// The name of a place below prefecture that begins at `at`.
fn place(tokens: Tokens<'_>, at: usize, found: &mut Vec<(Kind, Span<Norm>)>) {
    let lexeme = tokens.lexeme(at);
    let before_suffix = at + 1 < tokens.len() && is_municipal(tokens, at + 1);
    let is_candidate = is_area(lexeme) || lexeme.is_pos("名詞-固有名詞") && before_suffix;
    if !is_candidate {
        return;
    }
    let word = tokens.surface(at);
    if REGIONS.contains(&word) {
        return;
    }
    if before_suffix {
        found.push((Kind::Place, span(tokens, at..at + 2)));
    } else if word.chars().count() >= 2
        && prefecture(word).is_none()
        && !(at + 1 < tokens.len()
            && matches!(tokens.surface(at + 1), "都" | "道" | "府" | "県" | "人" | "語"))
    {
        found.push((Kind::Place, span(tokens, at..at + 1)));
    }
}

fn is_municipal(tokens: Tokens<'_>, at: usize) -> bool {
    MUNICIPAL.contains(&tokens.surface(at))
        && tokens.tokens[at - 1].span.end() == tokens.tokens[at].span.start()
}

/// Facilities and companies named by the run of nouns.
fn organisations(tokens: Tokens<'_>, chain: Range<usize>, found: &mut Vec<(Kind, Span<Norm>)>) {
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
