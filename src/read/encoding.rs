//! Which encoding a text is in: said by the user, by a byte order mark, or by the bytes themselves.
//!
//! A wrong guess turns every answer into nonsense that may go unnoticed, so there is none: bytes decide only if they are
//! valid in one encoding and not, or not sensibly, in another. Everything else is refused and `--encoding` asked for.

use std::fmt;
use std::str::FromStr;

use encoding_rs::{DecoderResult, EUC_JP, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

/// An encoding that Japanese texts come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// Shift_JIS with the extensions of Windows: ① ㈱ 髙 﨑 ～.
    Cp932,
    /// EUC-JP with the same extensions.
    EucJp,
    /// UTF-16, low byte first: Excel's "Unicode text".
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// JIS, as in mail.
    Iso2022Jp,
}

impl Encoding {
    /// All of them, in the order they are listed to users.
    pub const ALL: [Encoding; 6] = [
        Encoding::Utf8,
        Encoding::Cp932,
        Encoding::EucJp,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
        Encoding::Iso2022Jp,
    ];

    /// The name on the command line, in `survey.toml` and in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Cp932 => "cp932",
            Encoding::EucJp => "euc-jp",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Iso2022Jp => "iso-2022-jp",
        }
    }

    pub(super) fn rules(self) -> &'static encoding_rs::Encoding {
        match self {
            Encoding::Utf8 => UTF_8,
            Encoding::Cp932 => SHIFT_JIS,
            Encoding::EucJp => EUC_JP,
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
            Encoding::Iso2022Jp => ISO_2022_JP,
        }
    }

    /// Whether `bytes` are its byte order mark.
    pub(super) fn is_mark(self, bytes: &[u8]) -> bool {
        !bytes.is_empty() && bytes == self.mark()
    }

    /// The byte order mark, of those that have one.
    fn mark(self) -> &'static [u8] {
        match self {
            Encoding::Utf8 => b"\xEF\xBB\xBF",
            Encoding::Utf16Le => b"\xFF\xFE",
            Encoding::Utf16Be => b"\xFE\xFF",
            _ => b"",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Cp932 => "Shift_JIS・CP932",
            Encoding::EucJp => "EUC-JP",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
            Encoding::Iso2022Jp => "JIS・ISO-2022-JP",
        })
    }
}

impl FromStr for Encoding {
    type Err = String;

    /// By [`Encoding::name`] and the other names people use.
    fn from_str(name: &str) -> Result<Encoding, String> {
        let known = match name.to_ascii_lowercase().replace('_', "-").as_str() {
            "utf8" => Encoding::Utf8,
            "sjis" | "shift-jis" | "shiftjis" | "ms932" | "windows-31j" => Encoding::Cp932,
            "euc" | "eucjp" | "eucjp-ms" | "cp51932" => Encoding::EucJp,
            "utf-16" | "utf16" | "unicode" | "utf16le" => Encoding::Utf16Le,
            "utf16be" => Encoding::Utf16Be,
            "jis" => Encoding::Iso2022Jp,
            name => *Encoding::ALL
                .iter()
                .find(|encoding| encoding.name() == name)
                .ok_or_else(|| format!("知らない文字コードです。使えるのは {}", names()))?,
        };
        Ok(known)
    }
}

/// The names of all encodings, for messages.
pub(super) fn names() -> String {
    Encoding::ALL.map(Encoding::name).join("・")
}

/// How an encoding is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// A byte order mark of this many bytes.
    Mark(usize),
    /// The bytes make sense in no other encoding.
    Bytes,
    /// There is nothing but ASCII so far: any encoding would do.
    NoEvidence,
}

/// Share of the bytes outside ASCII that stand in kana and kanji of UTF-8, above which a text is UTF-8 with damage. In
/// CP932 a text of nothing but 区分 reaches three quarters.
const MOSTLY_INTACT: f64 = 0.8;

/// Errors per character outside ASCII up to which CP932 and EUC-JP count as damaged rather than as something else.
const SLIGHTLY_DAMAGED: f64 = 0.02;

/// Full-width kana that don't come about by accident.
const SURELY_KANA: usize = 5;

/// The encoding of a text that begins with `head`; `is_all` if that is all of it. `None` if it can't be told.
pub(super) fn detect(head: &[u8], is_all: bool) -> Option<(Encoding, Ground)> {
    let marked = Encoding::ALL.into_iter().find(|e| !e.mark().is_empty() && head.starts_with(e.mark()));
    if let Some(encoding) = marked {
        return Some((encoding, Ground::Mark(encoding.mark().len())));
    }
    if let Some(encoding) = unmarked_utf16(head, is_all) {
        return Some((encoding, Ground::Bytes));
    }
    if head.is_ascii() {
        let is_jis = head.windows(2).any(|pair| pair == b"\x1b$");
        return Some(if is_jis {
            (Encoding::Iso2022Jp, Ground::Bytes)
        } else {
            (Encoding::Utf8, Ground::NoEvidence)
        });
    }
    let [utf8, cp932, euc] = [Encoding::Utf8, Encoding::Cp932, Encoding::EucJp]
        .map(|encoding| Reading::of(head, encoding, is_all));
    let encoding = if utf8.errors == 0 {
        // Two bytes of UTF-8, é or ±, are also two half-width katakana of CP932. Three bytes hardly ever make sense
        // elsewhere.
        if utf8.wide == 0 && cp932.errors == 0 { None } else { Some(Encoding::Utf8) }
    } else if cp932.errors == 0 && euc.errors == 0 {
        // Full-width kana of EUC-JP are pairs of half-width katakana in CP932. Half-width katakana in EUC-JP are kanji
        // that nobody uses, with hardly a kana between them.
        (euc.kana * 5 >= euc.chars && cp932.half_width * 2 >= cp932.chars).then_some(Encoding::EucJp)
    } else if cp932.errors == 0 {
        // Any accented letter of Latin-1 passes for half-width katakana.
        (cp932.half_width < cp932.chars).then_some(Encoding::Cp932)
    } else if euc.errors == 0 {
        // Without kana it might be Chinese.
        (euc.kana > 0).then_some(Encoding::EucJp)
    } else if utf8.wide_bytes as f64 > MOSTLY_INTACT * utf8.high_bytes as f64 {
        Some(Encoding::Utf8)
    } else {
        let (better, worse, encoding) = if cp932.errors <= euc.errors {
            (cp932, euc, Encoding::Cp932)
        } else {
            (euc, cp932, Encoding::EucJp)
        };
        let is_damaged = better.errors as f64 <= SLIGHTLY_DAMAGED * better.chars as f64;
        (is_damaged && worse.errors > 5 * better.errors && better.kana > 0).then_some(encoding)
    };
    encoding.map(|encoding| (encoding, Ground::Bytes))
}

/// [`detect`] for JSON, which is UTF-8 (RFC 8259, 8.1): some broken bytes of it may well be kanji or half-width katakana elsewhere.
/// So another encoding must show in its kana, and what fits no other is UTF-8 with damage.
pub(super) fn detect_in_json(head: &[u8], is_all: bool) -> Option<(Encoding, Ground)> {
    let detected = detect(head, is_all);
    match detected {
        Some((encoding @ (Encoding::Cp932 | Encoding::EucJp), _)) => {
            let reading = Reading::of(head, encoding, is_all);
            let is_sure =
                reading.errors == 0 && reading.kana >= SURELY_KANA && reading.kana * 5 >= reading.chars;
            detected.filter(|_| is_sure)
        }
        None if !head.contains(&0) => {
            let fits = |encoding| Reading::of(head, encoding, is_all).errors == 0;
            let is_other = !fits(Encoding::Utf8) && (fits(Encoding::Cp932) || fits(Encoding::EucJp));
            (!is_other).then_some((Encoding::Utf8, Ground::Bytes))
        }
        _ => detected,
    }
}

/// The whole text in `bytes`, without its byte order mark, and its encoding; `None` if that can't be told or something is
/// no character in it.
pub fn decode(bytes: &[u8]) -> Option<(String, Encoding)> {
    let (encoding, ground) = detect(bytes, true)?;
    let mark = if let Ground::Mark(length) = ground { length } else { 0 };
    let (text, has_errors) = encoding.rules().decode_without_bom_handling(&bytes[mark..]);
    (!has_errors).then(|| (text.into_owned(), encoding))
}

/// UTF-16 without its mark: every comma, digit and line end has a zero byte on the same side.
fn unmarked_utf16(head: &[u8], is_all: bool) -> Option<Encoding> {
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // U+3000 and the like have theirs on the other side.
    let (encoding, main, other) =
        if odd >= even { (Encoding::Utf16Le, odd, even) } else { (Encoding::Utf16Be, even, odd) };
    let is_likely = main >= 2 && main * 50 >= head.len() && main >= 9 * other;
    // A text in ASCII with a zero byte here and there is no UTF-16.
    let is_dense = main * 5 >= head.len() * 2 || std::str::from_utf8(head).is_err();
    (is_likely && is_dense && Reading::of(head, encoding, is_all).errors == 0).then_some(encoding)
}

/// What a text looks like in one encoding.
#[derive(Debug, Default)]
struct Reading {
    /// Sequences that are no character.
    errors: usize,
    /// Characters outside ASCII.
    chars: usize,
    /// Of these, full-width kana.
    kana: usize,
    /// Of these, half-width katakana.
    half_width: usize,
    /// Of these, such as take three bytes or more in UTF-8.
    wide: usize,
    /// Bytes that kana, kanji and full-width forms take in UTF-8.
    wide_bytes: usize,
    /// Bytes outside ASCII.
    high_bytes: usize,
}

impl Reading {
    fn of(head: &[u8], encoding: Encoding, is_all: bool) -> Reading {
        let mut reading =
            Reading { high_bytes: head.iter().filter(|byte| !byte.is_ascii()).count(), ..Reading::default() };
        let mut decoder = encoding.rules().new_decoder_without_bom_handling();
        let mut text = String::with_capacity(head.len() * 3 + 16);
        let mut rest = head;
        loop {
            // The last character of a head that isn't all may be cut in two: that is no error.
            let (result, taken) = decoder.decode_to_string_without_replacement(rest, &mut text, is_all);
            rest = &rest[taken..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::Malformed(..) => reading.errors += 1,
                DecoderResult::OutputFull => text.reserve(rest.len() * 3 + 16),
            }
        }
        for c in text.chars().filter(|c| !c.is_ascii()) {
            reading.chars += 1;
            reading.kana += usize::from(matches!(c, 'ぁ'..='ヿ'));
            reading.half_width += usize::from(matches!(c, '｡'..='ﾟ'));
            let is_wide = c.len_utf8() > 2;
            reading.wide += usize::from(is_wide);
            reading.wide_bytes += if is_wide { c.len_utf8() } else { 0 };
        }
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(bytes: &[u8]) -> Option<Encoding> {
        detect(bytes, true).map(|(encoding, _)| encoding)
    }

    fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => {
                let (bytes, _, lost) = encoding.rules().encode(text);
                assert!(!lost, "{text} in {encoding}");
                bytes.into_owned()
            }
        }
    }

    #[test]
    fn every_encoding_is_told_from_the_others_by_ordinary_tables() {
        for text in [
            "番号,自由記述\n1,顔認証ができない。\n",
            "No\t意見\r\n1\t①㈱髙﨑～のカード\r\n",
            "区分\n医科\n名前が●になる\n",
            "id,text\n1,表示がおかしいです\n",
        ] {
            for encoding in Encoding::ALL {
                if encoding == Encoding::Iso2022Jp && text.contains('髙') {
                    continue;
                }
                let bytes = encoded(text, encoding);
                assert_eq!(detected(&bytes), Some(encoding), "{text:?} in {encoding}");
                // A head that ends in the middle of a character.
                let last = bytes.iter().rposition(|byte| !byte.is_ascii());
                if let Some(last) =
                    last.filter(|_| matches!(encoding, Encoding::Utf8 | Encoding::Cp932 | Encoding::EucJp))
                {
                    assert_eq!(
                        detect(&bytes[..last], false).map(|found| found.0),
                        Some(encoding),
                        "{text:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn marks_decide_and_ascii_decides_nothing() {
        for (bytes, expected) in [
            (&b"\xEF\xBB\xBFa\n"[..], (Encoding::Utf8, Ground::Mark(3))),
            (b"\xFF\xFEa\0", (Encoding::Utf16Le, Ground::Mark(2))),
            (b"\xFE\xFF\0a", (Encoding::Utf16Be, Ground::Mark(2))),
            (b"id,text\n1,ok\n", (Encoding::Utf8, Ground::NoEvidence)),
            (b"a,b\n1,\0\n", (Encoding::Utf8, Ground::NoEvidence)),
        ] {
            assert_eq!(detect(bytes, true), Some(expected), "{bytes:x?}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_guessed() {
        let cases = [
            // Half-width katakana, or kanji of EUC-JP.
            encoded("No,ﾒﾓ\n1,ｶｰﾄﾞﾘｰﾀﾞｰ\n", Encoding::Cp932),
            // é, or two half-width katakana.
            encoded("id,text\n1,café\n", Encoding::Utf8),
            // Kanji without kana: EUC-JP or GB 2312.
            b"id\n\xC6\xB1\xB0\xD5\n".to_vec(),
            // Latin-1.
            b"id,text\n1,caf\xE9 \xFC\n".to_vec(),
        ];
        for bytes in cases {
            assert_eq!(detected(&bytes), None, "{bytes:x?}");
        }
    }

    #[test]
    fn damage_is_told_from_another_encoding() {
        let answers = "番号,自由記述\n1,顔認証ができず、受付に時間がかかりました。\n".repeat(20);
        for encoding in [Encoding::Utf8, Encoding::Cp932, Encoding::EucJp] {
            let mut bytes = encoded(&answers, encoding);
            let place = bytes.iter().rposition(|byte| !byte.is_ascii()).unwrap();
            bytes.remove(place);
            assert_eq!(detected(&bytes), Some(encoding), "{encoding}");
        }
        let mixed = [encoded(&answers, Encoding::Cp932), encoded(&answers, Encoding::EucJp)].concat();
        assert_eq!(detected(&mixed), None);
    }

    #[test]
    fn json_is_utf8_unless_its_kana_say_otherwise() {
        let answer = "{\"id\":\"1\",\"text\":\"顔認証ができず困りました\"}\n";
        let broken = |bytes: &[u8]| [b"{\"id\":\"1\",\"text\":\"ok ", bytes, b"\"}\n"].concat();
        for (bytes, encoding) in [
            (encoded(answer, Encoding::Utf8), Some(Encoding::Utf8)),
            (encoded(answer, Encoding::Cp932), Some(Encoding::Cp932)),
            (encoded(answer, Encoding::EucJp), Some(Encoding::EucJp)),
            (encoded(answer, Encoding::Utf16Le), Some(Encoding::Utf16Le)),
            // The beginnings of kana and kanji in UTF-8, which are kanji in CP932.
            (broken(b"\xE3\x81"), None),
            (broken(b"\xE9\xA1 \xE8\xAA"), None),
            // é, which might be half-width katakana elsewhere.
            (broken("é".as_bytes()), Some(Encoding::Utf8)),
            // No character in any encoding.
            (broken(b"\xFF"), Some(Encoding::Utf8)),
        ] {
            let found = detect_in_json(&bytes, true).map(|(encoding, _)| encoding);
            assert_eq!(found, encoding, "{bytes:x?}");
        }
    }

    #[test]
    fn names_are_forgiving() {
        for (name, encoding) in [
            ("Shift_JIS", Encoding::Cp932),
            ("UTF-8", Encoding::Utf8),
            ("utf8", Encoding::Utf8),
            ("EUC-JP", Encoding::EucJp),
        ] {
            assert_eq!(name.parse(), Ok(encoding));
        }
        for encoding in Encoding::ALL {
            assert_eq!(encoding.name().parse(), Ok(encoding));
        }
        assert!("latin1".parse::<Encoding>().unwrap_err().contains("cp932"));
    }
}
