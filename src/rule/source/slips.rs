//! What the TOML parser stumbles over, told in Japanese: slips of a Japanese keyboard, quotes and lists left open, keys
//! given twice.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Kind, SourceFile};

/// Says in Japanese what the TOML parser says in English, once per line: later complaints about one line are mostly
/// consequences of the first. Slips of a Japanese keyboard are looked for here, because the parser stumbles over one
/// and misses the next.
pub(super) fn report(file: &Arc<SourceFile>, errors: &[toml::de::Error], diagnostics: &mut Vec<Diagnostic>) {
    if errors.is_empty() {
        return;
    }
    // A whole file of another kind: what it isn't needs saying once.
    if let Some(at) = khcoder_head(&file.text) {
        let (kind, title, mend) = STARRED;
        diagnostics.push(Diagnostic::new(kind, file, at, title).mend(mend));
        return;
    }
    let line_ends: Vec<usize> = file.text.match_indices('\n').map(|(at, _)| at).collect();
    let mut lines = BTreeSet::new();
    let mut report = |kind: Kind, range: Range<usize>, title: &str, mend: &str| {
        let line = line_ends.partition_point(|&end| end < range.start);
        if lines.insert(line) && lines.len() <= MOST_LINES {
            diagnostics.push(Diagnostic::new(kind, file, range, title).mend(mend));
        }
    };
    let (outside, unclosed) = outside_quotes(&file.text);
    for (at, c) in outside {
        let place = at..at + c.len_utf8();
        if let Some(mend) = full_width_slip(c) {
            report(Kind::FullWidthSign, place, "ここは半角で書く所です", mend);
        } else if let Some(name) = invisible(c, &file.text[at..]) {
            let title = format!("見えない文字（{name}）があります");
            report(Kind::InvisibleSign, place, &title, "この行を消して打ち直してください");
        }
    }
    if let Some(opening) = &unclosed {
        let quotes = &file.text[opening.clone()];
        let mend = format!("値の終わりに {quotes} を書いてください");
        report(Kind::UnclosedValue, opening.clone(), &format!("{quotes} が閉じられていません"), &mend);
    }
    for error in errors {
        let range = clamp(&file.text, error.span().unwrap_or(0..0));
        // What stands behind quotes left open was not read as it is meant.
        if unclosed.as_ref().is_none_or(|opening| range.start < opening.start) {
            let (kind, title, mend) =
                habit(&file.text, range.start).unwrap_or_else(|| in_japanese(error.message()));
            report(kind, range, title, mend);
        }
    }
    if let Some(last) = diagnostics.last_mut()
        && let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|&more| more > 0)
    {
        last.notes.push(format!("ほかに {more} 行が、ルールのファイルとして読めません").into());
    }
}

/// Lines of a file that are reported one by one. One with more is no rule file with slips, but something else.
const MOST_LINES: usize = 30;

/// The characters outside quotes and remarks with their places, and the opening of a `'''` or `"""` without end.
fn outside_quotes(text: &str) -> (Vec<(usize, char)>, Option<Range<usize>>) {
    let mut outside = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        at += match c {
            '\'' | '"' => {
                let three = if c == '"' { "\"\"\"" } else { "'''" };
                if rest.starts_with(three) {
                    match rest[3..].find(three) {
                        Some(end) => 3 + end + 3,
                        None => return (outside, Some(at..at + 3)),
                    }
                } else {
                    // Quotes of one kind end with their line at the latest.
                    let end = rest[1..].find([c, '\n']).map_or(rest.len(), |end| 1 + end);
                    end + usize::from(rest[end..].starts_with(c))
                }
            }
            '#' => rest.find('\n').unwrap_or(rest.len()),
            _ => {
                outside.push((at, c));
                c.len_utf8()
            }
        };
    }
    (outside, None)
}

/// The range inside the text, on character boundaries.
fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(range.start);
    start..floor(range.end).max(start)
}

/// What to write instead of a full-width sign that a Japanese keyboard puts where TOML wants ASCII.
fn full_width_slip(c: char) -> Option<&'static str> {
    Some(match c {
        '＝' => "半角の「=」に直してください",
        '“' | '”' | '‘' | '’' | '＂' | '＇' => "半角の「\'」に直してください",
        '、' | '，' => "半角の「,」に直してください",
        '［' | '］' => "半角の「[」「]」に直してください",
        '\u{3000}' => "全角の空白を消すか、半角の空白に直してください",
        '＃' => "半角の「#」に直してください",
        '「' | '『' => "値は半角の「\'」で囲んでください（例: name = \'顔認証失敗\'）",
        _ => return None,
    })
}

/// What an invisible character outside values is called. `rest` begins with it.
fn invisible(c: char, rest: &str) -> Option<&'static str> {
    Some(match c {
        '\u{A0}' | '\u{202F}' => "改行しない空白",
        '\u{200B}'..='\u{200F}' | '\u{2060}' => "幅のない空白",
        '\u{FEFF}' => "ファイルの途中の BOM",
        '\r' if !rest.starts_with("\r\n") => "CR だけの改行",
        _ => return None,
    })
}

/// Begin the names of KH Coder's codes.
const STARS: [char; 2] = ['*', '＊'];

const STARRED: (Kind, &str, &str) = (
    Kind::KhCoder,
    "「＊」で始まる行（コードの名前）は KH Coder の書き方です",
    "KH Coder のファイルなら `jirei import khcoder ファイル` で取り込めます。ここに書くなら [[category]] と name = '…' です",
);

/// The first line, remarks aside, of a file that is KH Coder's: a starred name, and no table of ours anywhere.
fn khcoder_head(text: &str) -> Option<Range<usize>> {
    let mut lines = text.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some((*at - line.len(), line.trim()))
    });
    let (at, first) = lines.find(|(_, line)| !line.is_empty() && !line.starts_with('#'))?;
    (first.starts_with(STARS) && !text.contains("[[")).then_some(at..at + first.len())
}

/// What a line is that is no TOML, but something else that people write.
fn habit(text: &str, at: usize) -> Option<(Kind, &'static str, &'static str)> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next()?.trim();
    if line.starts_with(STARS) {
        Some(STARRED)
    } else if line.starts_with("[[") && !line.contains("]]") {
        Some((
            Kind::UnclosedValue,
            "見出しの「]]」がありません",
            "[[category]] のように「]]」で閉じてください",
        ))
    } else if text[at..].trim_start().starts_with("//") {
        Some((Kind::Toml, "注釈の始まりは「//」ではありません", "注釈は「#」で始めてください"))
    } else {
        None
    }
}

/// The parser's messages in Japanese, by what they speak of.
fn in_japanese(message: &str) -> (Kind, &'static str, &'static str) {
    let has = |word: &str| message.contains(word);
    if has("duplicate key") {
        (
            Kind::DuplicateKey,
            "同じキーが 2 度書かれています",
            "片方を消すか、1 つの [ ] にまとめてください。新しいカテゴリなら、前に [[category]] の行が要ります",
        )
    } else if has("array") {
        (
            Kind::UnclosedValue,
            "並びの「,」か、並びを閉じる「]」がありません",
            "要素の間に「,」を、終わりに「]」を書いてください。前の行の閉じ忘れのこともあります",
        )
    } else if has("unclosed")
        || has("closing")
        || (has("expected `'") && has("literal"))
        || has("missing") && has("quote")
    {
        (
            Kind::UnclosedValue,
            "引用符や括弧が閉じられていません",
            "同じ種類の引用符（'）や「]」で閉じてください",
        )
    } else {
        let (title, mend) = other(message);
        (Kind::Toml, title, mend)
    }
}

fn other(message: &str) -> (&'static str, &'static str) {
    let has = |word: &str| message.contains(word);
    if has("escape") {
        ("値の中の「\\」が読めません", "値を ' で囲んでください。' の中では「\\」もその字のままです")
    } else if has("unquoted key") || has("invalid key") {
        (
            "キーに使えない文字です",
            "キーは半角英字（id, name, any など）です。日本語は値にだけ書き、' で囲んでください",
        )
    } else if has("`=`") || has("key with no value") {
        ("「=」がありません", "「キー = '値'」の形に直してください")
    } else if ["value", "boolean", "integer", "float", "date"].into_iter().any(has) {
        ("値が読めません", "文字列は ' で囲んでください（例: name = '顔認証失敗'）")
    } else if has("newline") {
        (
            "1 行に 2 つのことが書かれているか、行が途中で終わっています",
            "「キー = '値'」を 1 行に 1 つ書いてください。長い条件は ''' と ''' で囲みます",
        )
    } else {
        ("TOML として読めません", "「キー = '値'」か [[category]] のような見出しかを確かめてください")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Diagnostic> {
        let file = Arc::new(SourceFile { name: "r.toml".into(), text: text.into() });
        let mut diagnostics = Vec::new();
        crate::rule::source::parse(&file, &mut diagnostics);
        diagnostics
    }

    #[test]
    fn slips_of_the_keyboard_are_found_where_they_are() {
        for (text, line, column, said) in [
            ("[[category]]\nid ＝ 'a'\n", 2, 4, "半角"),
            ("any = ['a'、'b']\n", 1, 11, "半角"),
            ("name = “a”\n", 1, 8, "半角"),
            ("name = 「a」\n", 1, 8, "半角"),
            ("　id = 'a'\n", 1, 1, "半角"),
            ("id = 'a\n", 1, 8, "閉じ"),
            ("カテゴリ = 'a'\n", 1, 1, "キー"),
            ("id = 'a'\nid = 'b'\n", 2, 1, "2 度"),
            ("id = face\n", 1, 6, "値"),
            ("id = \"a\\面\"\n", 1, 9, "' で囲んで"),
            ("＊音声\n音声 or 音量\n＊画面\n画面 and 暗い\n", 1, 1, "khcoder"),
            ("＊音声\n[[category]]\n", 1, 4, "khcoder"),
            ("[[category]\nid = 'a'\n", 1, 12, "見出し"),
            ("id = 'a' // 名前\n", 1, 10, "#"),
        ] {
            let diagnostics = found(text);
            assert_eq!(diagnostics.len(), 1, "{text}: {diagnostics:?}");
            assert_eq!(diagnostics[0].line_column(), (line, column), "{text}");
            let all = format!("{} {}", diagnostics[0].title, diagnostics[0].mend);
            assert!(all.contains(said), "{text}: {all}");
        }
    }

    #[test]
    fn every_slip_of_the_keyboard_is_shown_though_the_parser_stumbles_over_the_first() {
        let diagnostics =
            found("id ＝ 'a'\nname = “b”\n# 「注」、\nrule = '''\na、「b」\n'''\nany = ［'a'］\n");
        let places: Vec<_> = diagnostics.iter().map(Diagnostic::line_column).collect();
        assert_eq!(places, [(1, 4), (2, 8), (7, 7)], "{diagnostics:?}");
    }

    #[test]
    fn a_file_of_another_kind_is_not_reported_line_by_line() {
        let diagnostics = found(&"受付が混む、と言われた。\n".repeat(MOST_LINES + 7));
        assert_eq!(diagnostics.len(), MOST_LINES);
        let notes: Vec<String> = diagnostics[MOST_LINES - 1].notes.iter().map(ToString::to_string).collect();
        assert_eq!(notes, ["ほかに 7 行が、ルールのファイルとして読めません"]);
    }

    #[test]
    fn long_quotes_left_open_are_shown_where_they_open() {
        let diagnostics = found("id = 'a'\nrule = '''\n顔認証\n[[case]]\ntext ＝ 'b'\n");
        let places: Vec<_> = diagnostics.iter().map(Diagnostic::line_column).collect();
        assert_eq!(places, [(2, 8)], "{diagnostics:?}");
    }
}
