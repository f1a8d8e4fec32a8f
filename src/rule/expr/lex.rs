//! A condition as a row of lexemes: words, signs and what stands between quotes or brackets.

use std::ops::Range;

use super::{Comparison, Problem, kh_coder};
use crate::diagnostic::Kind;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme<'s> {
    Open,
    Close,
    OpenSquare,
    CloseSquare,
    Comma,
    Or,
    And,
    Not,
    Plus,
    Arrow,
    Compare(Comparison),
    /// An unquoted word; numbers and function names are words until the parser needs them.
    Word(&'s str),
    Quoted(String),
    Literal(String),
    Name(String),
    Category(String),
    Regex(String),
}

pub(super) type Placed<'s> = (Lexeme<'s>, Range<usize>);

/// Brackets that mean nothing here, and would only make a word that is never found.
const STRANGE_BRACKETS: [char; 12] = ['『', '』', '【', '】', '〈', '〉', '《', '》', '〔', '〕', '〖', '〗'];

/// The operator that also divides a word it stands in.
const OR: &str = "または";

/// Full-width signs of the language, folded to the ASCII ones.
pub(super) fn fold(c: char) -> char {
    match c {
        '　' => ' ',
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '、' => ',',
        _ => c,
    }
}

pub(super) fn lex(source: &str) -> Result<Vec<Placed<'_>>, Problem> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let start = at;
        let rest = &source[at..];
        let begins_with = |sign: &str| rest.chars().map(fold).take(sign.len()).eq(sign.chars());
        // Length in bytes of the first n characters, whatever their width.
        let width = |n: usize| rest.chars().take(n).map(char::len_utf8).sum::<usize>();
        let (lexeme, len) = match fold(c) {
            // Letters begin nothing else, and nearly all are letters.
            letter if letter.is_alphanumeric() => word(rest),
            blank if blank.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '#' => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            _ if begins_with("-->") => (Lexeme::Arrow, width(3)),
            _ if begins_with("=>")
                && rest[width(2)..].trim_start().starts_with(|c| fold(c).is_ascii_digit()) =>
            {
                return Err(Problem {
                    kind: Kind::Syntax,
                    range: start..start + width(2),
                    title: "「=>」という比べ方はありません".to_owned(),
                    mend: "「以上」なら「>=」、「以下」なら「<=」と書いてください".to_owned(),
                });
            }
            _ if begins_with("->") || begins_with("=>") => {
                return Err(kh_coder(
                    start..start + width(2),
                    "「->」「=>」（活用形・表層語の指定）",
                    "品詞は「語-->品詞」、書かれたとおりの文字は「…」と書きます",
                ));
            }
            _ if begins_with("<>") => {
                return Err(kh_coder(
                    start..start + width(2),
                    "「<>」（見出し・外部変数）",
                    "表の列は 列(名前, '値') と書きます",
                ));
            }
            '*' if is_line_start(source, start) => {
                return Err(kh_coder(
                    start..source[start..].find('\n').map_or(source.len(), |at| start + at),
                    "「*」で始まる行（コードの名前）",
                    "コードは 1 つずつ [[category]] にし、名前は name に書きます",
                ));
            }
            _ if begins_with(">=") => (Lexeme::Compare(Comparison::AtLeast), width(2)),
            _ if begins_with("<=") => (Lexeme::Compare(Comparison::AtMost), width(2)),
            _ if begins_with("==") => (Lexeme::Compare(Comparison::Equal), width(2)),
            '≧' | '≥' => (Lexeme::Compare(Comparison::AtLeast), width(1)),
            '≦' | '≤' => (Lexeme::Compare(Comparison::AtMost), width(1)),
            '(' => (Lexeme::Open, width(1)),
            ')' => (Lexeme::Close, width(1)),
            '[' => (Lexeme::OpenSquare, width(1)),
            ']' => (Lexeme::CloseSquare, width(1)),
            ',' => (Lexeme::Comma, width(1)),
            '|' => (Lexeme::Or, width(if begins_with("||") { 2 } else { 1 })),
            '&' => (Lexeme::And, width(if begins_with("&&") { 2 } else { 1 })),
            '!' => (Lexeme::Not, width(1)),
            '+' => (Lexeme::Plus, width(1)),
            '>' => (Lexeme::Compare(Comparison::More), width(1)),
            '<' => match category_name(rest) {
                Some((name, len)) => (Lexeme::Category(name), len),
                None => (Lexeme::Compare(Comparison::Less), width(1)),
            },
            '「' => closed(source, start, c, '」', Lexeme::Literal)?,
            '{' => closed(source, start, c, '}', |name| Lexeme::Name(name.trim().to_owned()))?,
            '\'' => closed(source, start, c, '\'', Lexeme::Quoted)?,
            '"' => closed(source, start, c, '"', Lexeme::Quoted)?,
            '“' => closed(source, start, c, '”', Lexeme::Quoted)?,
            '‘' => closed(source, start, c, '’', Lexeme::Quoted)?,
            c if STRANGE_BRACKETS.contains(&c) => {
                return Err(Problem {
                    kind: Kind::Syntax,
                    range: start..start + c.len_utf8(),
                    title: format!("「{c}」は条件では使えません"),
                    mend: "文字の並びは「…」、表記ゆれと部品は {…}、カテゴリは <…> と書きます。この括弧も探すなら「 」で囲んでください".to_owned(),
                });
            }
            '/' => regex(source, start, c)?,
            '=' => {
                return Err(Problem {
                    kind: Kind::Syntax,
                    range: start..start + c.len_utf8(),
                    title: "「=」は条件の中では使えません".to_owned(),
                    mend: "回数を比べるなら「==」「>=」、列の値なら 列(名前, '値') と書いてください"
                        .to_owned(),
                });
            }
            '」' | '}' => {
                return Err(Problem {
                    kind: Kind::Syntax,
                    range: start..start + c.len_utf8(),
                    title: format!("{c} に対応する始めの括弧がありません"),
                    mend: format!("始めの括弧を補うか、{c} を消してください"),
                });
            }
            _ => word(rest),
        };
        tokens.push((lexeme, start..start + len));
        at = start + len;
    }
    Ok(tokens)
}

fn is_line_start(source: &str, at: usize) -> bool {
    source[..at].rsplit('\n').next().is_none_or(|before| before.trim().is_empty())
}

/// `<id>` as opposed to a comparison: a name right behind the bracket, and the closing bracket in sight.
fn category_name(rest: &str) -> Option<(String, usize)> {
    let mut chars = rest.char_indices().skip(1);
    let mut name = String::new();
    for (at, c) in &mut chars {
        if fold(c) == '>' {
            return (!name.is_empty()).then(|| (name.trim().to_owned(), at + c.len_utf8()));
        }
        if fold(c).is_whitespace()
            || "()|&,".contains(fold(c))
            || (name.is_empty() && fold(c).is_ascii_digit())
        {
            return None;
        }
        name.push(c);
    }
    None
}

/// A lexeme between an opening sign at `start` and `end`, which stands for itself when doubled.
fn closed(
    source: &str,
    start: usize,
    open: char,
    end: char,
    make: impl Fn(String) -> Lexeme<'static>,
) -> Result<(Lexeme<'static>, usize), Problem> {
    let mut content = String::new();
    let mut chars = source[start + open.len_utf8()..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = c == end || (end.is_ascii() && end != '\'' && end != '"' && fold(c) == end);
        if ends {
            let doubled = open == end && chars.peek().is_some_and(|&(_, next)| next == end);
            if !doubled {
                return Ok((make(content), open.len_utf8() + at + c.len_utf8()));
            }
            chars.next();
        }
        content.push(c);
    }
    let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
    Err(Problem {
        kind: Kind::Unclosed,
        range: start..line_end,
        title: format!("{open} に対応する {end} がありません"),
        mend: format!("終わりに {end} を書いてください"),
    })
}

/// `/…/`, where `\/` is a slash.
fn regex(source: &str, start: usize, open: char) -> Result<(Lexeme<'static>, usize), Problem> {
    let body = &source[start + open.len_utf8()..];
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '/' if !escaped => {
                let pattern = body[..at].replace("\\/", "/");
                return Ok((Lexeme::Regex(pattern), open.len_utf8() + at + 1));
            }
            _ => escaped = false,
        }
    }
    Err(Problem {
        kind: Kind::Unclosed,
        range: start..source[start..].find('\n').map_or(source.len(), |at| start + at),
        title: "正規表現の終わりの / がありません".to_owned(),
        mend:
            "終わりに / を書いてください（正規表現の中の / は \\/）。「どちらか」なら「または」でつなぎます"
                .to_owned(),
    })
}

/// A run of characters that means nothing else, with または inside it taken as the operator.
fn word(rest: &str) -> (Lexeme<'_>, usize) {
    let end = rest
        .char_indices()
        .find(|&(at, c)| {
            at > 0
                && !c.is_alphanumeric()
                && (fold(c).is_whitespace()
                    || "()[]{},|&!+<>=#'\"/「」≧≦≥≤“”‘’".contains(fold(c))
                    || STRANGE_BRACKETS.contains(&c)
                    || ["-->", "->"]
                        .iter()
                        .any(|arrow| rest[at..].chars().map(fold).take(arrow.len()).eq(arrow.chars())))
        })
        .map_or(rest.len(), |(at, _)| at);
    let text = &rest[..end];
    let (text, end) = match text.as_bytes().windows(OR.len()).position(|bytes| bytes == OR.as_bytes()) {
        Some(0) => (OR, OR.len()),
        Some(at) => (&text[..at], at),
        None => (text, end),
    };
    let is = |operator: &str| text.eq_ignore_ascii_case(operator);
    let lexeme = if is("or") || is(OR) {
        Lexeme::Or
    } else if is("and") || is("かつ") {
        Lexeme::And
    } else if is("not") || is("でない") {
        Lexeme::Not
    } else {
        Lexeme::Word(text)
    };
    (lexeme, end)
}
