//! A text on its way from its encoding to UTF-8.
//!
//! What is no character in the encoding comes out as [`MALFORMED`], a byte that is never part of UTF-8, so that whoever cuts
//! the rows can see where something was lost. It is replaced and reported in [`super::repair`].

use std::fmt;
use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult};

use super::encoding::{self, Encoding, Ground};
use super::{refuse, sniff};
use crate::error::{Error, Result};

/// Stands for what is no character. Not 0xFF, which marks the end of the input.
pub(super) const MALFORMED: u8 = 0xFE;

/// Bytes looked at before anything is decided: a header line of hundreds of long Japanese titles, and answers.
const HEAD: usize = 64 << 10;

/// Bytes outside ASCII that are enough to tell the encoding; a head without them is read on, up to [`LONGEST_HEAD`].
const ENOUGH: usize = 400;

/// Bytes read in search of a character outside ASCII.
const LONGEST_HEAD: usize = 4 << 20;

/// The beginning of an input, read to look at it.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    /// Whether there is no more.
    pub(super) is_all: bool,
}

impl Head {
    pub(super) fn read(input: &mut (dyn Read + Send)) -> io::Result<Head> {
        let mut bytes = Vec::new();
        loop {
            let wanted = bytes.len() + HEAD;
            input.take(HEAD as u64).read_to_end(&mut bytes)?;
            let is_all = bytes.len() < wanted;
            let high = bytes.iter().filter(|byte| !byte.is_ascii()).count();
            if is_all || high >= ENOUGH || bytes.len() >= LONGEST_HEAD {
                return Ok(Head { bytes, is_all });
            }
        }
    }
}

/// A text in UTF-8, whatever it was in, without byte order mark.
pub(super) struct Text {
    input: Box<dyn Read + Send>,
    /// None for UTF-8, which passes as it is.
    decoder: Option<Decoder>,
    /// Bytes of the input to be decoded.
    raw: Vec<u8>,
    /// What was decoded, and how much of it was handed out.
    ready: Vec<u8>,
    handed: usize,
    /// Whether the decoder has seen the end.
    at_end: bool,
    encoding: Encoding,
    ground: Option<Ground>,
}

impl Text {
    /// Decides on the encoding of `head`, which `rest` follows, unless the user did.
    pub(super) fn new(
        name: &str,
        head: Head,
        rest: Box<dyn Read + Send>,
        asked: Option<Encoding>,
    ) -> Result<Text> {
        let Head { bytes, is_all } = head;
        let is_json = sniff::is_json(&bytes);
        let detect = if is_json { encoding::detect_in_json } else { encoding::detect };
        let (encoding, ground) = match (asked, detect(&bytes, is_all)) {
            // Two kinds of UTF-16: the mark knows better which.
            (Some(Encoding::Utf16Le | Encoding::Utf16Be), Some((found, ground @ Ground::Mark(_)))) => {
                (found, Some(ground))
            }
            (Some(asked), Some((found, ground @ Ground::Mark(_)))) if asked == found => (found, Some(ground)),
            (Some(asked), _) => (asked, None),
            (None, Some((found, ground))) => (found, Some(ground)),
            (None, None) if bytes.contains(&0) => return Err(no_text(name)),
            (None, None) if is_json => return Err(undecided_json(name)),
            (None, None) => return Err(undecided(name)),
        };
        let mark = if let Some(Ground::Mark(length)) = ground { length } else { 0 };
        let decoder =
            (encoding != Encoding::Utf8).then(|| encoding.rules().new_decoder_without_bom_handling());
        // Programs that add a mark without looking leave two.
        let marks =
            bytes[mark..].chunks_exact(mark.max(1)).take_while(|bytes| mark > 0 && encoding.is_mark(bytes));
        let mark = mark + marks.count() * mark;
        let head = bytes[mark..].to_vec();
        let mut text = Text {
            input: rest,
            decoder,
            raw: Vec::new(),
            ready: Vec::new(),
            handed: 0,
            at_end: is_all,
            encoding,
            ground,
        };
        text.raw = head;
        text.decode(is_all);
        Ok(text)
    }

    /// The beginning of the text.
    pub(super) fn head(&self) -> &[u8] {
        &self.ready
    }

    /// How the text was understood, where it is worth a word.
    pub(super) fn finding(&self) -> Option<String> {
        let ground = match self.ground {
            None => "指定",
            Some(_) if self.encoding == Encoding::Utf8 => return None,
            Some(Ground::Mark(_)) => "先頭の印から判断",
            Some(_) => "内容から判断",
        };
        Some(format!("文字コード: {}（{ground}）", self.encoding))
    }

    /// Whether the encoding was assumed for want of anything but ASCII.
    pub(super) fn is_assumed(&self) -> bool {
        self.ground == Some(Ground::NoEvidence)
    }

    /// Moves `raw` to `ready`, decoded.
    fn decode(&mut self, is_last: bool) {
        self.ready.clear();
        self.handed = 0;
        let Some(decoder) = &mut self.decoder else {
            std::mem::swap(&mut self.ready, &mut self.raw);
            return;
        };
        let mut rest = self.raw.as_slice();
        loop {
            let wanted =
                decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(rest.len() * 3);
            let used = self.ready.len();
            self.ready.resize(used + wanted + 4, 0);
            let (result, taken, written) =
                decoder.decode_to_utf8_without_replacement(rest, &mut self.ready[used..], is_last);
            self.ready.truncate(used + written);
            rest = &rest[taken..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::Malformed(..) => self.ready.push(MALFORMED),
                DecoderResult::OutputFull => {}
            }
        }
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.handed == self.ready.len() && !self.at_end {
            if self.decoder.is_none() {
                // Nothing to do on the way.
                return self.input.read(buffer);
            }
            self.raw.resize(HEAD, 0);
            let count = self.input.read(&mut self.raw)?;
            self.raw.truncate(count);
            self.at_end = count == 0;
            self.decode(self.at_end);
        }
        let count = (&self.ready[self.handed..]).read(buffer)?;
        self.handed += count;
        if self.handed == self.ready.len() && self.decoder.is_none() {
            self.ready = Vec::new();
            self.handed = 0;
        }
        Ok(count)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("encoding", &self.encoding).finish_non_exhaustive()
    }
}

/// The refusal of a program, a picture, a document.
fn no_text(name: &str) -> Error {
    refuse(
        name,
        None,
        "文字の表ではありません（文字にならないバイトがあります）",
        "CSV、TSV、Excel のブック（.xlsx）、JSON のどれかを指定してください。Word や PDF の表は、Excel に写してから保存します",
    )
}

/// The refusal to guess.
fn undecided(name: &str) -> Error {
    let hint = format!(
        "`--encoding` で指定してください（{}）。Excel や日本語の Windows で作ったファイルなら、たいてい cp932 です",
        encoding::names()
    );
    refuse(name, None, "文字コードを判断できません（どれともとれるか、どれとも合いません）", hint)
}

/// [`undecided`] for JSON, which ought to be UTF-8.
fn undecided_json(name: &str) -> Error {
    let problem = "JSON ですが、UTF-8 として壊れているか、別の文字コードです";
    let hint = "UTF-8 の一部が壊れているだけなら `--encoding utf-8`（壊れた字は「�」になります）、別の文字コードで書かれているなら `--encoding cp932` などを付けてください";
    refuse(name, None, problem, hint)
}

/// The refusal of a text that was taken for UTF-8 for want of evidence.
pub(super) fn assumed_wrongly(name: &str, line: Option<u64>) -> Error {
    let Error::Input { hint, .. } = undecided(name) else { return undecided(name) };
    refuse(name, line, "初めて出てきた日本語が UTF-8 ではありません", hint)
}

/// As [`Text::new`], reading the head too.
#[cfg(test)]
pub(super) fn open(name: &str, mut input: Box<dyn Read + Send>, asked: Option<Encoding>) -> Result<Text> {
    let head = Head::read(&mut *input).map_err(|error| Error::read(std::path::Path::new(name), error))?;
    Text::new(name, head, input, asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], asked: Option<Encoding>) -> Vec<u8> {
        let mut text = open("t", Box::new(io::Cursor::new(bytes.to_vec())), asked).unwrap();
        let mut out = Vec::new();
        text.read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn long_texts_come_out_whole_in_every_encoding() {
        let table: String = (0..9_000).map(|n| format!("{n},顔認証が①度で通らない。髙﨑～㈱\n")).collect();
        let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
            [mark, &table.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
        };
        let (cp932, _, _) = Encoding::Cp932.rules().encode(&table);
        let (euc, _, _) = Encoding::EucJp.rules().encode(&table);
        for bytes in [
            table.clone().into_bytes(),
            ["\u{feff}", &table].concat().into_bytes(),
            cp932.into_owned(),
            euc.into_owned(),
            utf16(u16::to_le_bytes, b"\xFF\xFE"),
            utf16(u16::to_be_bytes, b"\xFE\xFF"),
            utf16(u16::to_le_bytes, b""),
        ] {
            assert!(decoded(&bytes, None) == table.as_bytes(), "{:x?}", &bytes[..8]);
        }
    }

    #[test]
    fn what_is_no_character_is_marked() {
        let cp932 = decoded(b"\x82\xA0\x82\x2C\xFF\n\x82", Some(Encoding::Cp932));
        assert_eq!(cp932, ["あ".as_bytes(), b"\xFE,\xFE\n\xFE"].concat());
        // A lone surrogate, and half a unit at the end.
        let utf16 = decoded(b"\xFF\xFEa\0\x3D\xD8b\0c", None);
        assert_eq!(utf16, b"a\xFEb\xFE");
    }

    #[test]
    fn the_user_decides_what_the_bytes_do_not() {
        let half_width = b"No,\xD2\xD3\n1,\xB6\xB0\xC4\xDE\n";
        let refused = open("t", Box::new(io::Cursor::new(half_width.to_vec())), None).unwrap_err();
        assert!(refused.hint().unwrap().contains("`--encoding`"));
        assert_eq!(decoded(half_width, Some(Encoding::Cp932)), "No,ﾒﾓ\n1,ｶｰﾄﾞ\n".as_bytes());
        assert_eq!(decoded(b"\xFE\xFF\0a", Some(Encoding::Utf16Le)), b"a");
    }

    #[test]
    fn a_first_answer_far_down_still_decides() {
        let table = format!("id,text\n{}", "1,ok\n".repeat(100_000));
        let (last, _, _) = Encoding::Cp932.rules().encode("2,顔認証ができない\n");
        let bytes = [table.as_bytes(), &last].concat();
        assert!(decoded(&bytes, None).ends_with("顔認証ができない\n".as_bytes()));
    }
}
