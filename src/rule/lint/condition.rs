//! One condition: parts that always or never hold, words that can't be found as they are written, habits of KH Coder.

use regex::Regex;

use super::{Condition, Linter, parts_of, walk};
use crate::diagnostic::Kind;
use crate::matcher::polarity::Polarity;
use crate::normalise::{is_hiragana, is_kanji, is_katakana, normalise};
use crate::rule::expr::{self, Comparison, Expr, Node, Value};
use crate::token::Class;

impl Linter {
    pub(super) fn condition(&mut self, condition: &Condition<'_>) {
        self.constant(condition, condition.expr);
        let mut parts = Vec::new();
        walk(condition.expr, &mut |part| parts.push(part));
        for part in parts {
            match &part.node {
                Node::Or(operands) => self.alternatives(condition, part, operands),
                Node::Word(word) => self.word(condition, part, word),
                Node::Literal(text) => self.look_alike(condition, part, text),
                Node::Regex(pattern) => self.regex(condition, part, pattern),
                Node::Column(_, values) => {
                    for value in values {
                        if let Value::Regex(pattern) = value {
                            self.regex(condition, part, pattern);
                        }
                    }
                }
                Node::Polarity(inner, Polarity::Denied) => self.denial(condition, inner),
                Node::Adjacent(operands) => self.adjacent(condition, part, operands, true),
                Node::Near { operands, ordered, distance: Some(0), .. } if operands.len() == 2 => {
                    self.adjacent(condition, part, operands, *ordered);
                }
                _ => {}
            }
        }
    }

    fn report(
        &mut self,
        condition: &Condition<'_>,
        part: &Expr,
        kind: Kind,
        title: String,
        mend: impl Into<String>,
    ) {
        self.diagnostics.push(condition.at.diagnostic_at(kind, &part.range, title).mend(mend));
    }

    /// Reports the smallest parts that hold always or never.
    fn constant(&mut self, condition: &Condition<'_>, part: &Expr) {
        let parts = parts_of(part);
        let value = truth(condition, part);
        if value.is_none() || parts.iter().any(|inner| truth(condition, inner).is_some()) {
            return parts.iter().for_each(|inner| self.constant(condition, inner));
        }
        let text = condition.text(part);
        match value {
            Some(true) => self.report(
                condition,
                part,
                Kind::AlwaysTrue,
                format!("「{text}」はいつも成り立ちます"),
                "数や演算子を直すか、この部分を消してください",
            ),
            _ => self.report(
                condition,
                part,
                Kind::AlwaysFalse,
                format!("「{text}」が成り立つことはありません"),
                "数や演算子を直すか、この部分を消してください",
            ),
        }
    }

    fn alternatives(&mut self, condition: &Condition<'_>, whole: &Expr, operands: &[Expr]) {
        if truth(condition, whole).is_some() {
            return;
        }
        let is_absence = |part: &&Expr| matches!(part.node, Node::Not(_));
        if let Some(absence) =
            operands.iter().find(is_absence).filter(|_| !operands.iter().all(|part| is_absence(&part)))
        {
            let title =
                format!("「または {}」は、その語のない回答すべてで成り立ちます", condition.text(absence));
            let mend = "「かつ でない …」の書き間違いでないかを確かめてください";
            self.report(condition, absence, Kind::NegatedAlternative, title, mend);
        }
        let mut seen: Vec<(String, &Expr)> = Vec::new();
        for operand in operands {
            let form = match &operand.node {
                Node::Word(word) => normalise(word).text().to_owned(),
                Node::Literal(text) => format!("「{}」", normalise(text).text()),
                Node::Name(name) => format!("{{{name}}}"),
                _ => continue,
            };
            match seen.iter().find(|(earlier, _)| *earlier == form) {
                Some((_, first)) => {
                    let title = format!("{} はこの並びにもうあります", condition.text(operand));
                    let first = condition.at.diagnostic_at(Kind::RepeatedTerm, &first.range, "").site();
                    self.diagnostics.push(
                        condition
                            .at
                            .diagnostic_at(Kind::RepeatedTerm, &operand.range, title)
                            .related(first, "はじめの")
                            .mend("片方を消してください"),
                    );
                }
                None => seen.push((form, operand)),
            }
        }
    }

    fn word(&mut self, condition: &Condition<'_>, part: &Expr, word: &str) {
        let written = condition.text(part);
        if written.starts_with('\'')
            && matches!(expr::parse(word), Ok(parsed) if matches!(&parsed.expr.node, Node::Word(same) if same == word))
        {
            let title = format!("{written} は、引用符のない「{word}」と同じ語として探されます");
            let mend = format!("文字の並びを探すなら「{word}」と鉤括弧で囲み、語なら引用符を外してください");
            self.report(condition, part, Kind::QuotedWord, title, mend);
        }
        if let Some(joint) = word.find(['・', '／']) {
            let (left, right) = word.split_at(joint);
            let right = &right[right.chars().next().map_or(0, char::len_utf8)..];
            let is_list = [left, right].iter().all(|side| side.chars().count() >= 2);
            if is_list && self.words.pieces(normalise(word).text()).len() > 1 {
                let title = format!("「{word}」は全体で 1 つの語です");
                let mend = format!(
                    "どちらかを探すなら「{left}」と「{right}」に分けてください。このとおりに続く文字を探すなら「{word}」と鉤括弧ごと書きます"
                );
                self.report(condition, part, Kind::ListInTerm, title, mend);
            }
        }
        if !written.starts_with(['\'', '"']) {
            self.wildcard(condition, part, word);
        }
        self.look_alike(condition, part, word);
    }

    /// Signs that stand for anything elsewhere.
    fn wildcard(&mut self, condition: &Condition<'_>, part: &Expr, word: &str) {
        const AT_EDGES: [char; 5] = ['〜', '～', '…', '?', '？'];
        let is_star = |c: char| matches!(c, '*' | '＊');
        let bare = word.trim_matches(|c: char| is_star(c) || c == '.' || AT_EDGES.contains(&c));
        let sign = match word.find(is_star) {
            Some(at) => &word[at..],
            None if bare.len() < word.trim_matches('.').len() && !bare.is_empty() => {
                word.strip_prefix(bare).unwrap_or(word)
            }
            None => return,
        };
        let sign: String = sign.chars().take(1).collect();
        let title =
            format!("「{word}」の「{sign}」は、その字のとおりに探されます（何かの代わりにはなりません）");
        let pieces: Vec<&str> =
            bare.split(|c: char| is_star(c) || c == '.').filter(|piece| !piece.is_empty()).collect();
        let mend = match &pieces[..] {
            [] => "探す語を書いてください".to_owned(),
            [only] => format!("{only} と書いてください。語の途中までなら「{only}」と鉤括弧で囲みます"),
            several => format!("間に何か入ってよいなら near({}) と書いてください", several.join(", ")),
        };
        self.report(condition, part, Kind::Wildcard, title, mend);
    }

    fn look_alike(&mut self, condition: &Condition<'_>, part: &Expr, text: &str) {
        let text = normalise(text).text().to_owned();
        if let Some((found, meant)) = look_alike(&text).or_else(|| self.first_look_alike(&text)) {
            let (kind, other) = (script(found), script(meant));
            let title = format!("「{text}」の「{found}」は{kind}です（{other}の「{meant}」に似ています）");
            let mend = format!("{other}の「{meant}」で打ち直してください");
            self.report(condition, part, Kind::LookAlike, title, mend);
        }
    }

    /// The first character of a term that is no word with it, and one with its look-alike: 工ラー, but not 口コミ.
    fn first_look_alike(&mut self, text: &str) -> Option<(char, char)> {
        let first = text.chars().next()?;
        let &(_, meant) = LOOK_ALIKES.iter().find(|(other, _)| *other == first)?;
        let rest = &text[first.len_utf8()..];
        let has_kana = rest.chars().take(2).filter(|&c| is_katakana(c)).count() == 2;
        let mut is_word = |text: &str| matches!(&*self.words.pieces(text), [first, ..] if first.is_known && first.end > meant.len_utf8());
        (has_kana && !is_word(text) && is_word(&format!("{meant}{rest}"))).then_some((first, meant))
    }

    fn regex(&mut self, condition: &Condition<'_>, part: &Expr, pattern: &str) {
        if let Some(sign) = unnormalised(pattern) {
            let form = normalise(&sign.to_string()).text().to_owned();
            let title = format!("正規表現の「{sign}」は、決して当たりません");
            let mend = format!(
                "回答は半角の数字と英小文字、全角のカタカナにそろえてから探します。「{form}」と書いてください"
            );
            self.report(condition, part, Kind::UnnormalisedRegex, title, mend);
        }
        if Regex::new(pattern).is_ok_and(|regex| regex.is_match("")) {
            let title = format!("正規表現 /{pattern}/ は、何もない所にも当たります");
            let mend = "* を + にするなど、必ず出てくる文字を入れてください";
            self.report(condition, part, Kind::EmptyMatch, title, mend);
        }
    }

    /// Words inside 否定( ) that are denials themselves.
    fn denial(&mut self, condition: &Condition<'_>, inner: &Expr) {
        match &inner.node {
            Node::Or(operands) => operands.iter().for_each(|operand| self.denial(condition, operand)),
            Node::Word(word) => {
                let pieces = self.words.pieces(normalise(word).text());
                let [before @ .., last] = &*pieces else { return };
                let is_denial = matches!(last.class, Class::Auxiliary | Class::Adjective)
                    && matches!(&*last.base, "ない" | "ぬ" | "ん" | "まい");
                if let Some(verb) = before.last().filter(|_| is_denial) {
                    let title = format!(
                        "「{word}」は打ち消しの形なので、否定( ) では打ち消しの打ち消しだけが当たります"
                    );
                    let mend = format!("打ち消される語（「{}」など）を入れてください", verb.base);
                    self.report(condition, inner, Kind::DoubleDenial, title, mend);
                }
            }
            _ => {}
        }
    }

    /// Neighbours that become one word when nothing stands between them.
    fn adjacent(&mut self, condition: &Condition<'_>, whole: &Expr, operands: &[Expr], ordered: bool) {
        for pair in operands.windows(2) {
            let [Node::Word(first), Node::Word(second)] = [&pair[0].node, &pair[1].node] else { continue };
            let [first, second] = [first, second].map(|word| normalise(word).text().to_owned());
            let mut joins = |first: &str, second: &str| {
                let is_inflected = self.words.pieces(first).last().is_none_or(|last| last.is_inflected);
                !is_inflected && !self.words.is_boundary(&format!("{first}{second}"), first.len())
            };
            if joins(&first, &second) && (ordered || joins(&second, &first)) {
                let title =
                    format!("「{first}」と「{second}」は、続けて書くと 1 語に区切られるので当たりません");
                let mend = format!(
                    "「{first}{second}」と 1 語で書くか、間に語が入ってよいなら near( ) の距離を広げてください"
                );
                self.report(condition, whole, Kind::UnmeetableDistance, title, mend);
            }
        }
    }
}

/// Whether a part holds in every answer (`true`) or in none (`false`), where that is plain from how it is written.
fn truth(condition: &Condition<'_>, part: &Expr) -> Option<bool> {
    let plain = |part: &Expr| condition.text(part).split_whitespace().collect::<String>();
    // A part and its denial in one list.
    let is_contradicted = |parts: &[Expr]| {
        let denied = parts.iter().filter_map(|part| match &part.node {
            Node::Not(inner) => Some(plain(inner)),
            _ => None,
        });
        denied.into_iter().any(|denied| parts.iter().any(|part| plain(part) == denied))
    };
    match &part.node {
        Node::Compare(inner, comparison, number) => {
            // An answer has one character at least; there is no most.
            let least = u32::from(matches!(inner.node, Node::Length));
            match comparison {
                Comparison::AtLeast => (*number <= least).then_some(true),
                Comparison::More => (*number < least).then_some(true),
                Comparison::Less => (*number <= least).then_some(false),
                Comparison::AtMost | Comparison::Equal => (*number < least).then_some(false),
            }
        }
        Node::Not(inner) => truth(condition, inner).map(|value| !value),
        Node::And(parts) | Node::Near { operands: parts, .. } => {
            let values: Vec<Option<bool>> = parts.iter().map(|part| truth(condition, part)).collect();
            if values.contains(&Some(false)) || is_contradicted(parts) {
                return Some(false);
            }
            let is_and = matches!(part.node, Node::And(_));
            (is_and && values.iter().all(|value| *value == Some(true))).then_some(true)
        }
        Node::Or(parts) => {
            let values: Vec<Option<bool>> = parts.iter().map(|part| truth(condition, part)).collect();
            if values.contains(&Some(true)) || is_contradicted(parts) {
                return Some(true);
            }
            values.iter().all(|value| *value == Some(false)).then_some(false)
        }
        _ => None,
    }
}

/// Pairs that look alike in most fonts: hiragana or kanji, and katakana.
const LOOK_ALIKES: [(char, char); 15] = [
    ('へ', 'ヘ'),
    ('べ', 'ベ'),
    ('ぺ', 'ペ'),
    ('り', 'リ'),
    ('一', 'ー'),
    ('力', 'カ'),
    ('口', 'ロ'),
    ('工', 'エ'),
    ('夕', 'タ'),
    ('卜', 'ト'),
    ('八', 'ハ'),
    ('二', 'ニ'),
    ('千', 'チ'),
    ('才', 'オ'),
    ('三', 'ミ'),
];

/// The first character of a normalised term that stands where only its look-alike makes sense, with that one.
fn look_alike(text: &str) -> Option<(char, char)> {
    let chars: Vec<char> = text.chars().collect();
    let is_kana = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|&c| is_katakana(c));
    let is_kanji =
        |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|&c| is_kanji(c) && c != '々');
    for (at, &c) in chars.iter().enumerate() {
        let (before, after) = (at.checked_sub(1), Some(at + 1));
        for (other, katakana) in LOOK_ALIKES {
            // In the midst of katakana, or at its end: へルプ, サーバ一.
            if c == other {
                let is_first = at == 0 && is_kana(after) && is_kana(Some(at + 2));
                let is_last = at + 1 == chars.len() && is_kana(before) && at >= 2 && is_kana(Some(at - 2));
                // 口コミ, 経営力, カード二枚 are words.
                let is_begun = is_first && is_hiragana(c);
                let is_ended = is_last && (is_hiragana(c) || matches!(c, '一' | '卜' | '夕'));
                if is_kana(before) && is_kana(after) || is_begun || is_ended {
                    return Some((c, katakana));
                }
            }
            // A single katakana between kanji: 入カ, 出ロ. ヶ月 is also written カ月.
            if c == katakana && c != 'ー' && !is_kana(before) && !is_kana(after) {
                let counts = chars.get(at + 1).is_some_and(|next| "所月国年条件店".contains(*next));
                if is_kanji(before) && !counts {
                    return Some((c, other));
                }
            }
        }
    }
    None
}

fn script(c: char) -> &'static str {
    match c {
        'ー' => "長音",
        _ if is_katakana(c) => "カタカナ",
        _ if is_hiragana(c) => "ひらがな",
        _ => "漢字",
    }
}

/// The first character of a pattern that no normalised text has.
fn unnormalised(pattern: &str) -> Option<char> {
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // \S, \p{Han} and the like.
            '\\' => {
                chars.next();
                if chars.peek() == Some(&'{') {
                    chars.find(|&c| c == '}');
                }
            }
            // (?P<name>…), (?i).
            '(' if chars.peek() == Some(&'?') => {
                chars.find(|&c| matches!(c, ':' | ')' | '>' | '=' | '!'));
            }
            'A'..='Z' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９' | '･'..='ﾟ' => return Some(c),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_told_from_words() {
        for (term, expected) in [
            ("へルプ", Some(('へ', 'ヘ'))),
            ("カー卜", Some(('卜', 'ト'))),
            ("サーバ一", Some(('一', 'ー'))),
            ("入カ", Some(('カ', '力'))),
            ("出ロ", Some(('ロ', '口'))),
            ("入力", None),
            ("3カ月", None),
            ("数カ所", None),
            ("ヘルプ", None),
            ("マイナへの切り替え", None),
            ("スタッフ一人", None),
            ("カード二枚", None),
            ("プリンター口", None),
            ("口コミ", None),
            ("区分ア", None),
        ] {
            assert_eq!(look_alike(normalise(term).text()), expected, "{term}");
        }
    }

    #[test]
    fn only_signs_that_are_searched_for_count() {
        for (pattern, expected) in [
            ("[0-9]+割", None),
            ("OK", Some('O')),
            (r"\S+\p{Han}", None),
            ("(?i)ok", None),
            ("(?P<N>[0-9])", None),
            ("[０-９]割", Some('０')),
            ("ｶｰﾄﾞ", Some('ｶ')),
        ] {
            assert_eq!(unnormalised(pattern), expected, "{pattern}");
        }
    }
}
