//! KH Coder's atoms as lexemes: what is glued together is one word to KH Coder, and is taken apart here.

use super::Place;
use super::parse::{Operand, Remark, Unit, remark};
use super::read::Atom;
use crate::rule::expr::Comparison;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme {
    Open,
    Close,
    Or,
    And,
    Not,
    /// `!`, which binds tighter than `not`.
    Bang,
    Compare(Comparison),
    Arithmetic(char),
    Number(u32),
    Length,
    Operand(Operand),
}

/// The lexemes of a condition.
///
/// # Errors
/// The first thing that has no counterpart here, or that KH Coder itself refuses.
pub(super) fn lex(atoms: &[Atom]) -> Result<Lexed, Remark> {
    let mut lexer = Lexed { differences: Vec::new(), lexemes: Vec::new() };
    let mut at = 0;
    while let Some(atom) = atoms.get(at) {
        at += 1;
        let (end, what) = match &*atom.text {
            text if opens_call(text).is_some() => (')', "near( ) の中に空白を入れられません"),
            text if text.starts_with('<') && text.chars().nth(1).is_some_and(|c| !"<>=".contains(c)) => {
                ('>', "<コード名> の中に空白を入れられません")
            }
            _ => {
                lexer.atom(atom)?;
                continue;
            }
        };
        // Blanks cut it into pieces.
        let mut joined = atom.clone();
        let mut is_closed = atom.text.contains(end);
        while !is_closed && let Some(next) = atoms.get(at) {
            is_closed = next.text.contains(end);
            joined.text += &next.text;
            at += 1;
        }
        if joined != *atom {
            lexer.differ(atom.place, format!("KH Coder では {what}。「{}」とみなしました", joined.text));
        }
        lexer.atom(&joined)?;
    }
    Ok(lexer)
}

/// A condition as lexemes.
pub(super) struct Lexed {
    pub(super) lexemes: Vec<(Lexeme, Place)>,
    /// What KH Coder reads in another way.
    pub(super) differences: Vec<Remark>,
}

/// Which of `near(` and `seq(` the text begins with.
fn opens_call(text: &str) -> Option<&'static str> {
    let opens = |name: &str| text.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
    ["near(", "seq("].into_iter().find(|name| opens(name))
}

impl Lexed {
    fn differ(&mut self, place: Place, text: String) {
        self.differences.push(remark(place, text));
    }

    /// One atom of KH Coder: usually one lexeme, several if signs are glued to it.
    fn atom(&mut self, atom: &Atom) -> Result<(), Remark> {
        let pieces = pieces(atom);
        if pieces.len() > 1 {
            let text = format!(
                "KH Coder では空白がないと「{}」全体が 1 つの語になり、見つかりません。記号を分けて取り込みました",
                atom.text
            );
            self.differ(atom.place, text);
        }
        for piece in &pieces {
            self.piece(piece)?;
        }
        Ok(())
    }

    fn piece(&mut self, Atom { text, place }: &Atom) -> Result<(), Remark> {
        let place = *place;
        let lower = text.to_lowercase();
        let is_quoted = text.len() >= 2 && text.starts_with(['\'', '"']) && text.ends_with(&text[..1]);
        if !is_quoted && let Some(lexemes) = operator(&lower) {
            self.lexemes.extend(lexemes.into_iter().map(|lexeme| (lexeme, place)));
            return Ok(());
        }
        let folded: String = lower.chars().map(half_width).collect();
        let looks_like = match &*folded {
            "or" | "または" | "|" | "||" => Some(Lexeme::Or),
            "and" | "かつ" | "&" | "&&" => Some(Lexeme::And),
            "not" | "でない" => Some(Lexeme::Not),
            "!" => Some(Lexeme::Bang),
            "(" => Some(Lexeme::Open),
            ")" => Some(Lexeme::Close),
            _ => None,
        };
        if !is_quoted && let Some(lexeme) = looks_like {
            self.differ(
                place,
                format!("KH Coder では「{text}」は演算子ではなく語です。演算子とみなしました"),
            );
            self.lexemes.push((lexeme, place));
            return Ok(());
        }
        if lower == "lc" {
            self.lexemes.push((Lexeme::Length, place));
            return Ok(());
        }
        if let Ok(number) = text.parse() {
            self.lexemes.push((Lexeme::Number(number), place));
            return Ok(());
        }
        let operand = self.operand(text, &lower, place)?;
        self.lexemes.push((Lexeme::Operand(operand), place));
        Ok(())
    }

    /// The classes of atoms, in KH Coder's order.
    fn operand(&mut self, text: &str, lower: &str, place: Place) -> Result<Operand, Remark> {
        if let Some(rest) = text.strip_prefix("<>") {
            if lower.starts_with("<>見出し") || lower.starts_with("<>heading") {
                return Err(remark(place, format!("見出し「{text}」に当たるものはありません")));
            }
            return match rest.split_once("-->") {
                Some((name, value)) => Ok(Operand::Column { name: name.to_owned(), value: unquoted(value) }),
                None => Err(remark(place, format!("外部変数の値そのもの「{text}」は条件に使えません"))),
            };
        }
        if lower == "lw" {
            return Err(remark(place, "語数 lw に当たるものはありません。文字数 lc なら取り込めます"));
        }
        if lower == "no." {
            return Err(remark(place, "通し番号 No. に当たるものはありません"));
        }
        if text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'') {
            let content = text[1..text.len() - 1].replace("''", "'");
            if content.trim().is_empty() {
                return Err(remark(place, "空の文字列はどの文にもあります"));
            }
            if content.contains(['%', '_']) {
                self.differ(place, format!("KH Coder では「{text}」の % と _ は任意の文字を表します。jirei では、その文字そのものです"));
            }
            return Ok(Operand::Text(content));
        }
        if text.len() >= 2 && text.starts_with('"') && text.ends_with('"') {
            return Ok(Operand::Word(unquoted(text)));
        }
        if let Some(at) = text.find("->").or_else(|| text.find("=>")).filter(|&at| at > 0) {
            return Ok(self.token(text, at, place));
        }
        if text.len() > 2 && text.starts_with('<') && text.ends_with('>') {
            return Ok(Operand::Code(text[1..text.len() - 1].to_owned()));
        }
        if let Some(call) = opens_call(text) {
            return self.near(text, call, place);
        }
        if text.contains('+') {
            let words: Vec<String> =
                text.split('+').filter(|word| !word.is_empty()).map(str::to_owned).collect();
            if words.len() > 1 {
                self.repeated(&words, place, "+ でつないだ");
                return Ok(Operand::Phrase(words));
            }
        }
        if text.starts_with('\'') || text.starts_with('"') {
            self.differ(place, format!("引用符が閉じられていません。KH Coder では「{text}」という語になり、見つかりません。引用符を外して取り込みました"));
            return Ok(Operand::Word(text.trim_matches(['\'', '"']).to_owned()));
        }
        Ok(Operand::Word(text.to_owned()))
    }

    /// `語-->品詞`, `語-->品詞->活用`, `語-->品詞=>表層`, `語->活用`, `語=>表層`; `at` is where the first arrow is.
    fn token(&mut self, text: &str, at: usize, place: Place) -> Operand {
        let (word, mut rest) = text.split_at(at);
        let (mut pos, mut surface) = (None, None);
        let word = word.trim_end_matches('-').to_owned();
        if let Some(tail) = text[word.len()..].strip_prefix("-->") {
            let end = tail.find("->").or_else(|| tail.find("=>")).unwrap_or(tail.len());
            pos = Some(tail[..end].to_owned());
            rest = &tail[end..];
        }
        if let Some(form) = rest.strip_prefix("->") {
            self.differ(place, format!("活用形「{form}」の指定は取り込めません。どの活用形にも当たります"));
        } else if let Some(written) = rest.strip_prefix("=>") {
            surface = Some(written.to_owned());
        }
        Operand::Token { word, pos, surface }
    }

    fn near(&mut self, text: &str, call: &str, place: Place) -> Result<Operand, Remark> {
        if !text.starts_with(call) {
            self.differ(place, "KH Coder では near・seq を小文字で書かないと 0 件です".to_owned());
        }
        let unreadable = || remark(place, format!("「{text}」が読めません"));
        let (inside, options) = text[call.len()..].split_once(')').ok_or_else(unreadable)?;
        let words: Vec<String> =
            inside.split('-').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if words.len() < 2 {
            return Err(remark(place, format!("「{text}」には語が 2 つ以上要ります")));
        }
        self.repeated(&words, place, call.trim_end_matches('('));
        let (mut unit, mut distance) = (Unit::Whole, Some(10));
        for option in options.split(['[', ']']).filter(|option| !option.is_empty()) {
            let digits = option.trim_start_matches(['b', 'd']);
            match &option[..option.len() - digits.len()] {
                "b" => unit = Unit::Sentence,
                "d" => unit = Unit::Paragraph,
                "" => {}
                _ => return Err(unreadable()),
            }
            if !digits.is_empty() {
                let number: u32 = digits.parse().map_err(|_| unreadable())?;
                distance = (number > 0).then_some(number);
            }
        }
        Ok(Operand::Near { words, is_ordered: call == "seq(", unit, distance })
    }

    fn repeated(&mut self, words: &[String], place: Place, what: &str) {
        if words.iter().enumerate().any(|(at, word)| words[..at].contains(word)) {
            self.differ(place, format!("{what} 並びに同じ語が 2 度あります。KH Coder では当たりません"));
        }
    }
}

/// The operators that KH Coder knows.
fn operator(lower: &str) -> Option<Vec<Lexeme>> {
    Some(match lower {
        "or" | "|" => vec![Lexeme::Or],
        "and" | "&" => vec![Lexeme::And],
        "not" => vec![Lexeme::Not],
        "!" => vec![Lexeme::Bang],
        "&!" => vec![Lexeme::And, Lexeme::Not],
        "|!" => vec![Lexeme::Or, Lexeme::Not],
        "(" => vec![Lexeme::Open],
        ")" => vec![Lexeme::Close],
        ">=" => vec![Lexeme::Compare(Comparison::AtLeast)],
        "<=" => vec![Lexeme::Compare(Comparison::AtMost)],
        ">" => vec![Lexeme::Compare(Comparison::More)],
        "<" => vec![Lexeme::Compare(Comparison::Less)],
        "=" | "==" => vec![Lexeme::Compare(Comparison::Equal)],
        "+" | "-" | "*" | "/" => lower.chars().map(Lexeme::Arithmetic).collect(),
        _ => return None,
    })
}

/// `"2025"` without its quotes.
fn unquoted(text: &str) -> String {
    let inside = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.map_or_else(|| text.to_owned(), |inside| inside.replace("\"\"", "\""))
}

fn half_width(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Takes apart an atom to which brackets or operators are glued.
fn pieces(atom: &Atom) -> Vec<Atom> {
    let whole = || vec![atom.clone()];
    let text = &*atom.text;
    let is_quoted = text.len() >= 2 && text.starts_with(['\'', '"']) && text.ends_with(&text[..1]);
    if is_quoted || text.starts_with("<>") || operator(text).is_some() {
        return whole();
    }
    let mut pieces: Vec<(usize, String)> = Vec::new();
    let mut word = String::new();
    // In characters, as places count.
    let mut at = 0;
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        if word.is_empty()
            && let Some(call) = opens_call(rest)
            && let Some(close) = rest.find(')')
        {
            // With its brackets, and the square ones behind.
            let mut end = close + 1;
            while rest[end..].starts_with('[')
                && let Some(length) = rest[end..].find(']')
            {
                end += length + 1;
            }
            let taken = &rest[..end];
            debug_assert!(taken.len() > call.len());
            pieces.push((at, taken.to_owned()));
            at += taken.chars().count();
            rest = &rest[end..];
            continue;
        }
        let c = half_width(sign);
        let is_sign = matches!(c, '(' | ')' | '|' | '&') || (c == '!' && word.is_empty());
        if is_sign {
            if !word.is_empty() {
                pieces.push((at - word.chars().count(), std::mem::take(&mut word)));
            }
            pieces.push((at, sign.to_string()));
        } else {
            word.push(sign);
        }
        at += 1;
        rest = &rest[sign.len_utf8()..];
    }
    if !word.is_empty() {
        let start = at - word.chars().count();
        match comparison(&word) {
            Some((left, sign, number)) => {
                let (signs, numbers) = (left.chars().count(), left.chars().count() + sign.chars().count());
                pieces.push((start, left.to_owned()));
                pieces.push((start + signs, sign.to_owned()));
                pieces.push((start + numbers, number.to_owned()));
            }
            None => pieces.push((start, word)),
        }
    }
    let place = |at: usize| Place { line: atom.place.line, column: atom.place.column + at };
    pieces.into_iter().map(|(at, text)| Atom { text, place: place(at) }).collect()
}

/// `word>=2` in three.
fn comparison(word: &str) -> Option<(&str, &str, &str)> {
    let number = &word[word.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
    let left = &word[..word.len() - number.len()];
    let sign = [">=", "<=", "==", ">", "<"].into_iter().find(|sign| left.ends_with(sign))?;
    let left = &left[..left.len() - sign.len()];
    // `語-->3` and `<名前>` are no comparisons.
    (!number.is_empty() && !left.is_empty() && !left.ends_with(['-', '='])).then_some((left, sign, number))
}
