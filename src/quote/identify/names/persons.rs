//! Names of persons.

use super::{Kind, REGIONS, is_area, is_person, span};
use crate::normalise::{is_kanji, is_katakana};
use crate::span::{Norm, Span};
use crate::token::{Class, Tokens};

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

/// The name of a person that begins at `at`.
pub(super) fn at(tokens: Tokens<'_>, at: usize, found: &mut Vec<(Kind, Span<Norm>)>) {
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
