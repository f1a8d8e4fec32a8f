//! The records of an XLS book, looked through before calamine reads them: it trusts every length and place in them, and a
//! file that was cut off on its way would end the program.
//!
//! An XLS file is a compound file with a stream of records, two bytes of kind and two of length each: [MS-XLS], Excel Binary
//! File Format, 2.4 Records.

use std::io::{Cursor, Read as _, Write as _};

/// What a compound file begins with.
const MARK: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Bytes of a book at most. The rows of an XLS sheet are 65,536.
const MOST_BYTES: u64 = 1 << 30;

/// How the stream is called, and was before Excel 97.
const NAMES: [&str; 2] = ["Workbook", "Book"];

/// Rows and columns of a sheet.
const ROWS: u32 = 1 << 16;
const COLUMNS: u16 = 1 << 8;

/// The records of a book.
#[derive(Debug)]
pub(super) struct XlsStream {
    name: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// Whether `bytes` are a compound file.
pub(super) fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK)
}

impl XlsStream {
    /// The records of the book `bytes`. `None` if there are none, or they lead out of the stream.
    pub(super) fn read(bytes: &[u8]) -> Option<XlsStream> {
        let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
        let name = NAMES.into_iter().find(|name| file.is_stream(name))?;
        let mut stream = Vec::new();
        file.open_stream(name).ok()?.take(MOST_BYTES).read_to_end(&mut stream).ok()?;
        is_sound(&stream).then_some(XlsStream { name, bytes: stream })
    }

    /// A compound file with nothing but the records.
    pub(super) fn file(&self) -> Option<Vec<u8>> {
        // Of version 4 calamine finds small streams only.
        let mut file =
            cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).ok()?;
        file.create_stream(self.name).ok()?.write_all(&self.bytes).ok()?;
        file.flush().ok()?;
        Some(file.into_inner().into_inner())
    }
}

/// Whether the records of `stream` keep within it and their cells within a sheet.
fn is_sound(stream: &[u8]) -> bool {
    let mut at = 0;
    // What follows the last record is padding.
    while let (Some(kind), Some(length)) = (word(stream, at), word(stream, at + 2)) {
        if kind == 0 && length == 0 {
            return true;
        }
        // FilePass: what follows is encrypted, which calamine says.
        if kind == 0x002F {
            return true;
        }
        let Some(record) = stream.get(at + 4..at + 4 + usize::from(length)) else { return false };
        let long = |at| Some(u32::from(word(record, at)?) | u32::from(word(record, at + 2)?) << 16);
        let is_sound = match kind {
            // BoundSheet8: where the sheet begins.
            0x0085 => long(0).is_some_and(|start| (start as usize) < stream.len()),
            // Dimensions: the first row and the one after the last, likewise columns; narrower before Excel 97.
            0x0200 if record.len() == 10 => is_range(word(record, 4), word(record, 6)),
            0x0200 => {
                matches!((long(0), long(4)), (Some(first), Some(end)) if first <= end && end <= ROWS)
                    && is_range(word(record, 8), word(record, 10))
            }
            // Cells: Formula, Number, Label, BoolErr, RK, RString, MulRk, MulBlank, LabelSst.
            0x0006 | 0x0203..=0x0205 | 0x027E | 0x00D6 | 0x00BD | 0x00BE | 0x00FD => {
                word(record, 2).is_some_and(|column| column < COLUMNS)
            }
            // MergeCells: their number, four words each.
            0x00E5 => word(record, 0).is_some_and(|count| record.len() >= 2 + 8 * usize::from(count)),
            // Continue and Font, XF and Format are read as far as they go; Index and the like not at all.
            _ => true,
        };
        if !is_sound {
            return false;
        }
        at += 4 + usize::from(length);
    }
    true
}

fn is_range(first: Option<u16>, end: Option<u16>) -> bool {
    matches!((first, end), (Some(first), Some(end)) if first <= end && end <= COLUMNS)
}

/// The word at `at`.
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, words: &[u16]) -> Vec<u8> {
        let length = u16::try_from(2 * words.len()).unwrap();
        [kind, length].iter().chain(words).flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn places_beyond_the_stream_or_the_sheet_are_damage() {
        for (kind, words, is_fine) in [
            (0x0085, &[8, 0, 0][..], true),
            (0x0085, &[8, 9, 0], false),
            (0x0200, &[0, 0, 40, 0, 0, 5, 0], true),
            (0x0200, &[0, 0, 0, 1, 0, 256, 0], true),
            (0x0200, &[0, 0, 1, 1, 0, 5, 0], false),
            (0x0200, &[41, 0, 40, 0, 0, 5, 0], false),
            (0x0200, &[0, 0, 40, 0, 0, 257, 0], false),
            (0x0200, &[0, 40, 0, 5, 0], true),
            (0x0203, &[65_535, 255, 0, 0, 0, 0, 0], true),
            (0x0203, &[0, 256, 0, 0, 0, 0, 0], false),
            (0x00FD, &[0], false),
            (0x00E5, &[1, 0, 1, 0, 0], true),
            (0x00E5, &[2, 0, 1, 0, 0], false),
        ] {
            assert_eq!(is_sound(&record(kind, words)), is_fine, "{kind:#x} {words:?}");
        }
        let whole = record(0x0031, &[1, 2]);
        assert!(is_sound(&[whole.as_slice(), &[0; 60]].concat()));
        let encrypted = [record(0x002F, &[1]), record(0x0203, &[0, 999])].concat();
        assert!(is_sound(&encrypted));
        assert!(!is_sound(&whole[..6]));
    }

    #[test]
    fn calamine_reads_the_file_made_of_the_records_however_long_they_are() {
        let ends = [record(0x0809, &[0x0600, 5, 0, 0, 0, 0, 0, 0]), record(0x000A, &[])];
        for padding in [0, 5_000, 9_000_000] {
            let dummy = record(0x0FFF, &[0; 2_000]).repeat(padding / 4_000);
            let bytes = [ends[0].as_slice(), &dummy, &ends[1]].concat();
            let file = XlsStream { name: "Workbook", bytes }.file().unwrap();
            let book = <calamine::Xls<_> as calamine::Reader<_>>::new(Cursor::new(file));
            assert!(book.is_ok(), "{padding}: {:?}", book.err());
        }
    }

    #[test]
    fn the_records_come_back_in_a_file_of_their_own() {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream("Workbook").unwrap().write_all(&record(0x0031, &[1, 2])).unwrap();
        file.create_stream("Other").unwrap().write_all(&[7; 5_000]).unwrap();
        let bytes = file.into_inner().into_inner();
        let stream = XlsStream::read(&bytes).unwrap();
        assert_eq!(XlsStream::read(&stream.file().unwrap()).unwrap().bytes, stream.bytes);
        assert!(XlsStream::read(&bytes[..600]).is_none());
        assert!(XlsStream::read(b"PK").is_none());
    }
}
