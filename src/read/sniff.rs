//! What the first bytes say: the delimiter, the newline, or that the file is something else than UTF-8 CSV or TSV.
//!
//! Every refusal says how to save the file so that it can be read.

use super::refuse;
use crate::error::Error;

/// What people do in Excel to get a file that is read.
const SAVE_AS_CSV: &str = "Excel の「名前を付けて保存」で「CSV UTF-8（コンマ区切り）」を選んで保存し、そのファイルを指定してください";

/// Beginnings of files that are no text this program reads.
const FOREIGN: [(&[u8], &str); 5] = [
    // Four bytes, not two: `PK` may well be the first column of a CSV.
    (b"PK\x03\x04", "CSV ではなく、Excel ブック（xlsx）などの ZIP 形式のファイルです"),
    (b"\xD0\xCF\x11\xE0", "CSV ではなく、古い形式の Excel ブック（xls）などのファイルです"),
    (b"%PDF-", "CSV ではなく、PDF ファイルです"),
    (b"\xFF\xFE", "文字コードが UTF-8 ではなく、UTF-16 です"),
    (b"\xFE\xFF", "文字コードが UTF-8 ではなく、UTF-16 です"),
];

/// How the lines of a table are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// `,` or a tab.
    pub(super) delimiter: u8,
    /// What ends the header line: `\n`, `\r\n` or `\r`.
    pub(super) newline: &'static str,
}

/// The layout of the table that begins with `head`, judged by its header line.
pub(super) fn layout(name: &str, head: &[u8]) -> Result<Layout, Error> {
    if let Some((_, problem)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(refuse(name, None, *problem, SAVE_AS_CSV));
    }
    // JIS mail encoding is all ASCII, so it would pass for UTF-8.
    if head.windows(2).any(|pair| pair == b"\x1b$") {
        return Err(refuse(
            name,
            None,
            "文字コードが UTF-8 ではなく、JIS（ISO-2022-JP）のようです",
            SAVE_AS_CSV,
        ));
    }
    let blank = head.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let head = &head[blank..];
    let (mut commas, mut tabs, mut semicolons, mut quoted) = (0, 0, 0, false);
    let mut newline = "\n";
    for (at, byte) in head.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b',' => commas += 1,
            b'\t' => tabs += 1,
            b';' => semicolons += 1,
            b'\n' => break,
            b'\r' => {
                newline = if head.get(at + 1) == Some(&b'\n') { "\r\n" } else { "\r" };
                break;
            }
            _ => {}
        }
    }
    if commas == 0 && tabs == 0 && semicolons > 0 {
        return Err(refuse(name, None, "見出しの行が「;」で区切られています", SAVE_AS_CSV));
    }
    // More tabs than commas rather than no commas: a title such as 「問7 (a,b)」 doesn't make a TSV a CSV.
    Ok(Layout { delimiter: if tabs > commas { b'\t' } else { b',' }, newline })
}

/// Share of the bytes outside ASCII that stand in kana and kanji of UTF-8, above which a row is UTF-8 with damage. In
/// CP932 a row of nothing but 区分 reaches three quarters.
const MOSTLY_INTACT: f64 = 0.8;

/// Whether the bytes are built like CP932: ASCII, half-width katakana, and pairs of a lead and a trail byte.
fn may_be_cp932(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (0x00..=0x7F | 0xA1..=0xDF, _) => tail,
            (0x81..=0x9F | 0xE0..=0xFC, [0x40..=0x7E | 0x80..=0xFC, tail @ ..]) => tail,
            _ => return false,
        };
    }
    true
}

/// Problem and hint for a row whose cells are not all UTF-8.
pub(super) fn not_utf8<'r>(cells: impl IntoIterator<Item = &'r [u8]>) -> (String, String) {
    // Bytes of other encodings fall into kana and kanji of UTF-8, three bytes long, only by accident: 区分 in CP932 ends
    // in one. A damaged row is mostly intact; cell by cell, because the end of one and the beginning of the next make
    // such accidents common.
    let cells: Vec<&[u8]> = cells.into_iter().collect();
    let japanese = |text: &str| text.chars().filter(|&c| c >= '\u{3000}').map(char::len_utf8).sum::<usize>();
    let intact: usize =
        cells.iter().flat_map(|cell| cell.utf8_chunks()).map(|chunk| japanese(chunk.valid())).sum();
    let high = cells.concat().iter().filter(|byte| !byte.is_ascii()).count();
    let share = intact as f64 / high as f64;
    if share > MOSTLY_INTACT || (intact > 0 && !cells.iter().all(|cell| may_be_cp932(cell))) {
        let hint = "文字の途中で切れているか、別の文字コードの文字が混ざっています。この行を直してください";
        return ("UTF-8 として読めない文字があります".to_owned(), hint.to_owned());
    }
    // EUC-JP uses 8E and 8F only in this range; CP932 begins every kana and most kanji in it.
    let is_cp932 = cells.concat().iter().any(|byte| matches!(byte, 0x80..=0x8D | 0x90..=0xA0));
    let guess = if is_cp932 { "Shift_JIS（CP932）" } else { "EUC-JP など" };
    (format!("文字コードが UTF-8 ではなく、{guess}のようです"), SAVE_AS_CSV.to_owned())
}

/// Problem and hint for a row with NUL bytes.
pub(super) fn not_text() -> (String, String) {
    let problem = "文字ではないデータ（NUL）が含まれています。CSV ではないか、文字コードが UTF-16 です";
    (problem.to_owned(), SAVE_AS_CSV.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_line_tells_delimiter_and_newline() {
        let cases: [(&str, u8, &str); 9] = [
            ("a,b\n1,2\n", b',', "\n"),
            ("a,b\r\n1,2\n", b',', "\r\n"),
            ("a,b\r1,2\r", b',', "\r"),
            ("\r\n\r\na\tb\n", b'\t', "\n"),
            ("a\t問7 (a,b)\tc\n", b'\t', "\n"),
            ("a,b\tc,d\n", b',', "\n"),
            ("\"a\r\n;\t\",b\n", b',', "\n"),
            ("\"意見;要望\"\n", b',', "\n"),
            ("text", b',', "\n"),
        ];
        for (head, delimiter, newline) in cases {
            assert_eq!(layout("t", head.as_bytes()).unwrap(), Layout { delimiter, newline }, "{head:?}");
        }
    }

    #[test]
    fn other_formats_are_called_by_name_and_told_how_to_be_saved() {
        let cases: [(&[u8], &str); 7] = [
            (b"PK\x03\x04\x14\0", "xlsx"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1", "xls）"),
            (b"%PDF-1.7", "PDF"),
            (b"\xFF\xFEi\0d\0", "UTF-16"),
            (b"\xFE\xFF\0i\0d", "UTF-16"),
            (b"id,\x1b$BLd\x1b(B\n", "JIS"),
            (b"id;text\n", "「;」で区切られています"),
        ];
        for (head, word) in cases {
            let error = layout("t", head).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
            assert_eq!(error.hint().as_deref(), Some(SAVE_AS_CSV));
        }
        assert!(layout("t", b"PK,text\n1,a\n").is_ok(), "PK may be a column");
    }

    #[test]
    fn encodings_are_guessed_and_damage_is_told_from_them() {
        let cases: [(&[u8], &str); 6] = [
            (b"\x8e\xa9\x97R\x8bL\x8fq", "CP932"),
            (b"No\x82\xA0", "CP932"),
            // 区分: its last three bytes are a kanji of UTF-8.
            (b"\x8B\xE6\x95\xAA", "CP932"),
            (b"\xBC\xAB\xCD\xB3\xB5\xAD\xBD\xD2", "EUC-JP"),
            (b"\xC6\xB1\xB0\xD5", "EUC-JP"),
            ("自由記述".as_bytes().split_last().unwrap().1, "読めない文字"),
        ];
        for (bytes, word) in cases {
            assert!(not_utf8([bytes]).0.contains(word), "{bytes:x?}: {}", not_utf8([bytes]).0);
        }
    }

    #[test]
    fn neighbouring_cells_do_not_pass_for_damaged_utf8() {
        // 番号,自由記述 in EUC-JP: the last byte of 号 and the first two of 自 are a kanji of UTF-8.
        let cells: [&[u8]; 2] = [b"\xC8\xD6\xB9\xE6", b"\xBC\xAB\xCD\xB3\xB5\xAD\xBD\xD2"];
        assert!(not_utf8(cells).0.contains("EUC-JP"), "{}", not_utf8(cells).0);
    }
}
