//! What the first bytes say: a spreadsheet, a table of lines, JSON, or something that is not read at all.
//!
//! Every refusal says how to save the file so that it can be read.

use super::refuse;
use crate::error::Error;

/// What people do in Excel to get a file that is read.
const SAVE_AGAIN: &str = "Excel で開き、「名前を付けて保存」で「Excel ブック」か「CSV UTF-8（コンマ区切り）」を選んで保存し直してください";

/// Beginnings of spreadsheets: a ZIP file and an OLE file.
const BOOKS: [&[u8]; 2] = [
    // Four bytes, not two: `PK` may well be the first column of a CSV.
    b"PK\x03\x04",
    b"\xD0\xCF\x11\xE0",
];

/// Beginnings of files that are no tables.
const FOREIGN: [(&[u8], &str); 6] = [
    (b"%PDF-", "表ではなく、PDF ファイルです"),
    (b"\x89PNG", "表ではなく、画像ファイルです"),
    (b"\xFF\xD8\xFF", "表ではなく、画像ファイルです"),
    (b"{\\rtf", "表ではなく、リッチテキストの文書です"),
    (b"7z\xBC\xAF", "7z で圧縮されたファイルです"),
    (b"\xFF\xFE\0\0", "文字コードが UTF-32 です"),
];

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Book,
}

/// The kind of the file that begins with `head`, as it is on the disk.
pub(super) fn kind(name: &str, head: &[u8]) -> Result<Kind, Error> {
    if let Some((_, problem)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(refuse(name, None, *problem, SAVE_AGAIN));
    }
    Ok(if BOOKS.iter().any(|magic| head.starts_with(magic)) { Kind::Book } else { Kind::Text })
}

/// How the rows of a text are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Lines of cells.
    Lines(Layout),
    /// JSON Lines, or a JSON array of objects.
    Objects,
}

/// How the lines of a table are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Between two cells.
    pub(super) delimiter: Delimiter,
    /// What ends the header line: `\n`, `\r\n` or `\r`.
    pub(super) newline: &'static str,
}

/// What stands between two cells of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// A tab.
    Tab,
    /// `;`, where the comma is a decimal point.
    Semicolon,
}

impl Delimiter {
    /// The byte.
    pub fn byte(self) -> u8 {
        match self {
            Delimiter::Comma => b',',
            Delimiter::Tab => b'\t',
            Delimiter::Semicolon => b';',
        }
    }

    /// The name on the command line, in `survey.toml` and in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Delimiter::Comma => "comma",
            Delimiter::Tab => "tab",
            Delimiter::Semicolon => "semicolon",
        }
    }
}

/// `head` from a line on, counted from 1; all of it where it has fewer.
pub(super) fn from_line(head: &[u8], line: u64) -> &[u8] {
    let mut lines = Lines { rest: head };
    for _ in 1..line {
        lines.next();
    }
    if lines.rest.is_empty() { head } else { lines.rest }
}

/// The first bytes of `head` that can be seen.
fn visible(head: &[u8]) -> Vec<u8> {
    head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(9).collect()
}

/// Whether a text that begins with `head` is made of JSON objects; ASCII is enough to tell.
pub(super) fn is_json(head: &[u8]) -> bool {
    matches!(visible(head).as_slice(), [b'{', b'"' | b'}', ..] | [b'[', b'{' | b']', ..])
}

/// The shape of the text that begins with `head`, in UTF-8; `asked` is the delimiter the user gave.
pub(super) fn shape(name: &str, head: &[u8], asked: Option<Delimiter>) -> Result<Shape, Error> {
    if asked.is_none() && is_json(head) {
        return Ok(Shape::Objects);
    }
    // Web systems like to call a page a spreadsheet.
    let start = visible(head).to_ascii_lowercase();
    if [&b"<html"[..], b"<!doctype", b"<table", b"<?xml"].iter().any(|tag| start.starts_with(tag)) {
        return Err(refuse(name, None, "表ではなく、Web ページ（HTML・XML）です", SAVE_AGAIN));
    }
    layout(name, head, asked).map(Shape::Lines)
}

fn layout(name: &str, head: &[u8], asked: Option<Delimiter>) -> Result<Layout, Error> {
    let blank = head.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let mut lines = Lines { rest: &head[blank..] };
    let (header, newline) = lines.next().unwrap_or_default();
    let newline = if newline.is_empty() { "\n" } else { newline };
    let count = |delimiter: Delimiter, line: &[u8]| unquoted(line).filter(|&b| b == delimiter.byte()).count();
    let [commas, tabs, semicolons] =
        [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon].map(|delimiter| count(delimiter, header));
    let delimiter = match asked {
        Some(delimiter) => delimiter,
        // A single column called 「意見;要望」, or several: every line must agree.
        None if commas == 0 && tabs == 0 && semicolons > 0 => {
            let mut others = lines.filter(|(_, newline)| !newline.is_empty()).peekable();
            let is_table = others.peek().is_some()
                && others.all(|(line, _)| line.is_empty() || count(Delimiter::Semicolon, line) == semicolons);
            if !is_table {
                let problem = "「;」で区切られた表なのか、1 列だけの表なのか判断できません";
                let hint = "`--delimiter semicolon` か `--delimiter comma` で指定してください";
                return Err(refuse(name, None, problem, hint));
            }
            Delimiter::Semicolon
        }
        // More tabs than commas rather than no commas: a title such as 「問7 (a,b)」 doesn't make a TSV a CSV.
        None if tabs > commas => Delimiter::Tab,
        None => Delimiter::Comma,
    };
    Ok(Layout { delimiter, newline })
}

/// The rows of a head as lines, with what ends each; the last may be cut off and then ends in nothing.
struct Lines<'h> {
    rest: &'h [u8],
}

impl<'h> Iterator for Lines<'h> {
    type Item = (&'h [u8], &'static str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut is_quoted = false;
        let end = self.rest.iter().position(|&byte| {
            is_quoted ^= byte == b'"';
            !is_quoted && matches!(byte, b'\n' | b'\r')
        });
        let (line, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let newline = match rest {
            [b'\r', b'\n', ..] => "\r\n",
            [b'\r', ..] => "\r",
            [b'\n', ..] => "\n",
            _ => "",
        };
        self.rest = &rest[newline.len()..];
        Some((line, newline))
    }
}

fn unquoted(line: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut is_quoted = false;
    line.iter().copied().filter(move |&byte| {
        is_quoted ^= byte == b'"';
        !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_line_tells_delimiter_and_newline() {
        use Delimiter::{Comma, Semicolon, Tab};
        let cases: [(&str, Delimiter, &str); 11] = [
            ("a,b\n1,2\n", Comma, "\n"),
            ("a,b\r\n1,2\n", Comma, "\r\n"),
            ("a,b\r1,2\r", Comma, "\r"),
            ("\r\n\r\na\tb\n", Tab, "\n"),
            ("a\t問7 (a,b)\tc\n", Tab, "\n"),
            ("a,b\tc,d\n", Comma, "\n"),
            ("\"a\r\n;\t\",b\n", Comma, "\n"),
            ("\"意見;要望\"\n", Comma, "\n"),
            ("text", Comma, "\n"),
            ("a;b\r\n1;2,5\r\n2;\"x;y\"\r\n3", Semicolon, "\r\n"),
            ("a;b\n\n1;2\n", Semicolon, "\n"),
        ];
        for (head, delimiter, newline) in cases {
            assert_eq!(
                layout("t", head.as_bytes(), None).unwrap(),
                Layout { delimiter, newline },
                "{head:?}"
            );
        }
        for unclear in ["意見;要望\n遅い\n", "意見;要望\n"] {
            let error = layout("t", unclear.as_bytes(), None).unwrap_err();
            assert!(error.hint().unwrap().contains("--delimiter"), "{unclear:?}");
            assert_eq!(layout("t", unclear.as_bytes(), Some(Comma)).unwrap().delimiter, Comma);
        }
    }

    #[test]
    fn json_is_recognised_by_its_first_brackets() {
        for head in ["{\"id\":1}\n", " \n[ {\"id\": 1}", "[]", "{}"] {
            assert_eq!(shape("t", head.as_bytes(), None).unwrap(), Shape::Objects, "{head:?}");
        }
        for head in ["[問7],id\n", "{a},b\n"] {
            assert!(matches!(shape("t", head.as_bytes(), None), Ok(Shape::Lines(_))), "{head:?}");
        }
    }

    #[test]
    fn other_formats_are_called_by_name_and_told_how_to_be_saved() {
        for (head, word) in [(&b"%PDF-1.7"[..], "PDF"), (b"\x89PNG\r\n", "画像")] {
            let error = kind("t", head).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
            assert_eq!(error.hint().as_deref(), Some(SAVE_AGAIN));
        }
        let page = shape("t", b"\n<HTML><body><table>", None).unwrap_err();
        assert!(page.to_string().contains("Web ページ"), "{page}");
        assert_eq!(kind("t", b"PK\x03\x04\x14\0").unwrap(), Kind::Book);
        assert_eq!(kind("t", b"\xD0\xCF\x11\xE0\xA1\xB1").unwrap(), Kind::Book);
        assert_eq!(kind("t", b"PK,text\n1,a\n").unwrap(), Kind::Text, "PK may be a column");
    }
}
