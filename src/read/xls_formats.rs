//! The number formats of the cells of an XLS sheet, which calamine doesn't hand out.
//!
//! Of the records ([`super::xls_stream`]) only those are read that lead from a cell with a number to its format: FORMAT and XF
//! among the globals, NUMBER, RK, MULRK and FORMULA in the sheet.

use std::collections::HashMap;

use super::xls_stream::word;

/// The format codes by row and column, from 0.
#[derive(Debug, Default)]
pub(super) struct XlsFormats {
    /// The code of each XF record.
    codes: Vec<Box<str>>,
    /// The XF record of each cell that holds a number.
    cells: HashMap<(u16, u16), u16>,
}

impl XlsFormats {
    /// Reads the sheet called `sheet` of the book whose records are `stream`. `None` if it can't be made out, as with books older
    /// than Excel 97.
    pub(super) fn read(stream: &[u8], sheet: &str) -> Option<XlsFormats> {
        let mut custom = HashMap::new();
        let mut of_xf = Vec::new();
        let mut start = None;
        for (kind, record) in substream(stream, 0) {
            match kind {
                // BoundSheet8: where the sheet begins, its state and its name.
                0x0085 if short_text(record.get(6..)?)? == sheet => {
                    start = usize::try_from(u32::from_le_bytes(*record.first_chunk()?)).ok();
                }
                0x041E => {
                    custom.insert(word(record, 0)?, long_text(record.get(2..)?)?);
                }
                0x00E0 => of_xf.push(word(record, 2)?),
                _ => {}
            }
        }
        let code = |format: &u16| match custom.get(format) {
            Some(code) => code.as_str().into(),
            None => built_in(*format).into(),
        };
        let mut formats = XlsFormats { codes: of_xf.iter().map(code).collect(), cells: HashMap::new() };
        for (kind, record) in substream(stream, start?) {
            match kind {
                0x0006 | 0x0203 | 0x027E => {
                    formats.cells.insert((word(record, 0)?, word(record, 2)?), word(record, 4)?);
                }
                // Neighbours in a row: row, first column, format and number of each, last column.
                0x00BD => {
                    let (row, first) = (word(record, 0)?, word(record, 2)?);
                    let cells = record.get(4..record.len().checked_sub(2)?)?.chunks_exact(6);
                    for (column, cell) in (first..).zip(cells) {
                        formats.cells.insert((row, column), word(cell, 0)?);
                    }
                }
                _ => {}
            }
        }
        Some(formats)
    }

    /// The format code of the number at `place`.
    pub(super) fn get(&self, (row, column): (u32, u32)) -> Option<&str> {
        let place = (u16::try_from(row).ok()?, u16::try_from(column).ok()?);
        self.codes.get(usize::from(*self.cells.get(&place)?)).map(|code| &**code)
    }
}

/// The records of the substream that begins at `start`, without those of the charts within.
fn substream(stream: &[u8], start: usize) -> impl Iterator<Item = (u16, &[u8])> {
    let (mut at, mut depth) = (start, 0_u32);
    std::iter::from_fn(move || {
        loop {
            let kind = word(stream, at)?;
            let end = at + 4 + usize::from(word(stream, at + 2)?);
            let record = stream.get(at + 4..end)?;
            at = end;
            match kind {
                0x0809 => depth += 1,
                0x000A if depth <= 1 => return None,
                0x000A => depth -= 1,
                _ if depth == 1 => return Some((kind, record)),
                _ => {}
            }
        }
    })
}

/// ShortXLUnicodeString: one byte of length.
fn short_text(bytes: &[u8]) -> Option<String> {
    text(usize::from(*bytes.first()?), bytes.get(1..)?)
}

/// XLUnicodeString: two bytes of length.
fn long_text(bytes: &[u8]) -> Option<String> {
    text(usize::from(word(bytes, 0)?), bytes.get(2..)?)
}

/// A flag that tells how wide characters are, and `length` characters.
fn text(length: usize, bytes: &[u8]) -> Option<String> {
    let (flags, bytes) = bytes.split_first()?;
    if flags & 1 == 0 {
        return Some(bytes.get(..length)?.iter().map(|&byte| char::from(byte)).collect());
    }
    let units = bytes.get(..2 * length)?.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// The code of a format that no FORMAT record describes, as a Japanese Excel shows it: [ECMA-376], Part 1, 18.8.30 numFmt.
fn built_in(format: u16) -> &'static str {
    match format {
        1 => "0",
        2 => "0.00",
        3 | 37 | 38 => "#,##0",
        4 | 39 | 40 => "#,##0.00",
        9 => "0%",
        10 => "0.00%",
        14 | 30 => "yyyy/m/d",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 => "h:mm",
        21 => "h:mm:ss",
        22 => "yyyy/m/d h:mm",
        27 | 36 | 50 | 57 => "[$-411]ge.m.d",
        28 | 29 | 51 | 54 | 58 => "[$-411]ggge\"年\"m\"月\"d\"日\"",
        31 => "yyyy\"年\"m\"月\"d\"日\"",
        32 => "h\"時\"mm\"分\"",
        33 => "h\"時\"mm\"分\"ss\"秒\"",
        34 | 52 | 55 => "yyyy\"年\"m\"月\"",
        35 | 53 | 56 => "m\"月\"d\"日\"",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
    }

    fn words(words: &[u16]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// The records of a book of the two sheets `A` and `回答`.
    fn book() -> Vec<u8> {
        let bof = record(0x0809, &[0; 16]);
        let end = record(0x000A, &[]);
        let xf = |format: u16| record(0x00E0, &[words(&[0, format]), vec![0; 16]].concat());
        let wide: Vec<u8> = words(&"回答".encode_utf16().collect::<Vec<u16>>());
        let sheet = |start: usize, name: &[u8]| {
            record(0x0085, &[&u32::try_from(start).unwrap().to_le_bytes()[..], &[0, 0], name].concat())
        };
        let names = |starts: [usize; 2]| {
            [sheet(starts[0], &[1, 0, b'A']), sheet(starts[1], &[&[2, 1], &wide[..]].concat())].concat()
        };
        let formats =
            [record(0x041E, &[words(&[164, 5]), b"\x0000000".to_vec()].concat()), xf(0), xf(164), xf(31)]
                .concat();
        let globals = |starts| [bof.clone(), formats.clone(), names(starts), end.clone()].concat();
        let first = [bof.clone(), record(0x0203, &words(&[0, 0, 2, 0, 0, 0, 0])), end.clone()].concat();
        let second = [
            bof.clone(),
            record(0x0203, &words(&[1, 0, 1, 0, 0, 0, 0])),
            // A chart, with records of its own.
            bof.clone(),
            record(0x0203, &words(&[1, 0, 2, 0, 0, 0, 0])),
            end.clone(),
            record(0x00BD, &words(&[2, 3, 1, 0, 0, 2, 0, 0, 4])),
            record(0x027E, &words(&[3, 0, 0, 0, 0])),
            end.clone(),
        ]
        .concat();
        let start = globals([0, 0]).len();
        [globals([start, start + first.len()]), first, second].concat()
    }

    #[test]
    fn numbers_have_the_format_of_their_cell() {
        let book = book();
        let formats = XlsFormats::read(&book, "回答").unwrap();
        for (place, code) in [
            ((1, 0), Some("00000")),
            ((2, 3), Some("00000")),
            ((2, 4), Some("yyyy\"年\"m\"月\"d\"日\"")),
            ((3, 0), Some("")),
            ((0, 0), None),
            ((2, 5), None),
            ((70_000, 0), None),
        ] {
            assert_eq!(formats.get(place), code, "{place:?}");
        }
        assert_eq!(XlsFormats::read(&book, "A").unwrap().get((0, 0)), Some("yyyy\"年\"m\"月\"d\"日\""));
    }

    #[test]
    fn what_is_damaged_has_no_formats() {
        let book = book();
        assert!(XlsFormats::read(&book, "ない").is_none());
        assert!(XlsFormats::read(&book[..60], "回答").is_none());
        // Neither a length nor a place that leads nowhere is followed.
        for at in (0..book.len()).step_by(5) {
            let mut damaged = book.clone();
            damaged[at] = 0xFF;
            let _ = XlsFormats::read(&damaged, "回答");
        }
    }
}
