//! Details written in figures: telephone numbers, numbers of cards and insured persons, addresses, dates of birth.

use std::sync::LazyLock;

use regex::Regex;

use super::Kind;
use crate::span::{Norm, Span};
use crate::token::{Class, Tokens};

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

static MAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|(?:https?://|www\.)[A-Za-z0-9./?=&_%#~-]+")
});

/// Figures in groups, as long as a number of any kind.
static FIGURES: LazyLock<Regex> = LazyLock::new(|| pattern(r"\+?\d(?:[-ー‐−() ]{0,2}\d){5,18}"));

/// A number after the word for it may be shorter.
static NAMED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i:番号|記号|コード|ID)[はがを:「(=、 ]{0,3}(\d[\d-]{3,})"));

static POSTAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"〒 ?\d{3}[-ー]?\d{4}|\d{3}-\d{4}"));

static HOUSE: LazyLock<Regex> = LazyLock::new(|| {
    let block = r"(?:\d+|[一二三四五六七八九十]+)丁目(?:\d+(?:番地?|号|-\d+)*(?:\d+号?)?)?";
    pattern(&format!(r"{block}|\d+番地(?:の?\d+)?|\d+番\d+号|\d{{1,4}}-\d{{1,3}}-\d{{1,4}}"))
});

static BIRTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:生年月日[はがを:「(、 ]{0,3})?(?:明治|大正|昭和|平成|令和|(?i:[MTSHR])|(?:19|20)\d\d ?年?)\.? ?(?:\d{1,2}|元)?",
        r"(?:年|\.|/|-)? ?\d{1,2}(?:月|\.|/|-) ?\d{1,2}日?(?: ?生まれ| ?生)?",
    ))
});

/// What makes figures an amount and no number.
const UNITS: &str = "円件人名%点回枚台年割万千百億歳才";

/// Appends the details found.
pub(super) fn find(tokens: Tokens<'_>, found: &mut Vec<(Kind, Span<Norm>)>) {
    let text = tokens.text;
    if text.contains(['@', '/']) || text.contains("www") {
        found.extend(MAIL.find_iter(text).map(|at| (Kind::Mail, Span::new(at.start(), at.end()))));
    }
    if !text.contains(|c: char| c.is_ascii_digit()) && !text.contains("丁目") {
        return;
    }
    for at in BIRTH.find_iter(text) {
        // A date alone is when something happened.
        if at.as_str().starts_with("生年月日")
            || at.as_str().ends_with('生')
            || at.as_str().ends_with("生まれ")
        {
            found.push((Kind::Birth, Span::new(at.start(), at.end())));
        }
    }
    for at in FIGURES.find_iter(text) {
        let rest = &text[at.end()..];
        if rest.starts_with(|c| UNITS.contains(c))
            || text[..at.start()].ends_with(|c: char| c.is_ascii_digit() || c == ',' || c == '.')
        {
            continue;
        }
        found.extend(kind_of(at.as_str()).map(|kind| (kind, Span::new(at.start(), at.end()))));
    }
    for captures in NAMED.captures_iter(text) {
        if let Some(number) =
            captures.get(1).filter(|number| !text[number.end()..].starts_with(|c| UNITS.contains(c)))
        {
            found.push((Kind::Number, Span::new(number.start(), number.end())));
        }
    }
    let is_alone = |start: usize, end: usize| {
        let is_figure = |c: char| c.is_ascii_digit() || c == '-';
        !text[..start].ends_with(is_figure) && !text[end..].starts_with(is_figure)
    };
    for at in POSTAL.find_iter(text).filter(|at| is_alone(at.start(), at.end())) {
        found.push((Kind::Address, Span::new(at.start(), at.end())));
    }
    for at in HOUSE.find_iter(text).filter(|at| is_alone(at.start(), at.end())) {
        if !is_date(at.as_str()) {
            let start = start_of_address(tokens, at.start());
            // 1-2-3 alone may be anything.
            if start < at.start() || at.as_str().contains(['丁', '番']) {
                found.push((Kind::Address, Span::new(start, at.end())));
            }
        }
    }
}

/// What figures in groups are, by their number.
fn kind_of(figures: &str) -> Option<Kind> {
    let digits = figures.chars().filter(char::is_ascii_digit).count();
    let groups = figures.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).count();
    let is_phone = figures.starts_with("+81") && (11..=12).contains(&digits)
        || figures.starts_with('0') && (10..=11).contains(&digits) && groups <= 3;
    if is_phone {
        return Some(Kind::Phone);
    }
    // 7 and 8: insured persons and insurers, 12: My Number, 16: its card and others.
    let is_number = groups == 1 && (7..=16).contains(&digits) || groups > 1 && matches!(digits, 12 | 16);
    (is_number && !is_date(figures)).then_some(Kind::Number)
}

/// 2024-05-01, 20240501.
fn is_date(figures: &str) -> bool {
    let parts: Vec<u32> = match figures.len() {
        8 if figures.bytes().all(|b| b.is_ascii_digit()) => [&figures[..4], &figures[4..6], &figures[6..]]
            .iter()
            .filter_map(|part| part.parse().ok())
            .collect(),
        _ => figures.split(['-', 'ー', '/']).filter_map(|part| part.parse().ok()).collect(),
    };
    matches!(parts[..], [1900..=2100, 1..=12, 1..=31])
}

/// Where the address begins that ends in a house number at `at`: with the names of places before it.
fn start_of_address(tokens: Tokens<'_>, at: usize) -> usize {
    let end = tokens.tokens.partition_point(|token| token.span.start() < at);
    let is_place = |&at: &usize| {
        let lexeme = tokens.lexeme(at);
        lexeme.is_pos("名詞-固有名詞")
            || lexeme.is_pos("名詞-接尾-地域")
            || lexeme.class == Class::Noun && lexeme.is_unknown && !tokens.surface(at).is_ascii()
            || matches!(tokens.surface(at), "町" | "村" | "字" | "大字")
    };
    let is_near = |&at: &usize| {
        at + 1 == tokens.len() || tokens.tokens[at].span.end() <= tokens.tokens[at + 1].span.start()
    };
    (0..end)
        .rev()
        .take_while(|at| is_place(at) && is_near(at))
        .last()
        .map_or(at, |first| tokens.tokens[first].span.start().min(at))
}
