//! Sheets put together out of parts that were deflated where they were made, on several threads.
//!
//! A part is whole blocks of a deflate stream that refer to nothing before them, so that parts can stand behind one
//! another in one stream; their checksums combine likewise. The rest of the book is the writer's, copied as it is.

use std::io::{self, BufWriter, Read, Seek, Write};

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress};
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchive, ZipArchiveWriter};

/// Columns of 0 and 1 deflate well at any level: a higher one takes a third of the size off in three times the time.
const LEVEL: u32 = 3;

/// Bytes that a part of the usual size becomes.
const ROOM: usize = 8 << 10;

/// A part of a sheet's XML.
#[derive(Debug)]
pub(super) struct Packed {
    deflated: Vec<u8>,
    crc: Hasher,
}

/// A part in the making: what has been added is deflated already.
#[derive(Debug)]
pub(super) struct Packing {
    deflate: Compress,
    deflated: Vec<u8>,
    crc: Hasher,
}

impl Packed {
    /// A part that others follow.
    pub(super) fn of(xml: &[u8]) -> Self {
        let mut packing = Packing::new();
        packing.add(xml);
        packing.take()
    }

    /// The part as bytes, to be remembered from run to run.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let (crc, bytes) = (self.crc.clone().finalize(), self.crc.total_len());
        [&crc.to_le_bytes()[..], &bytes.to_le_bytes(), &self.deflated].concat()
    }

    /// The part that these bytes are.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (crc, bytes) = bytes.split_first_chunk()?;
        let (length, deflated) = bytes.split_first_chunk()?;
        let crc = Hasher::new_with_initial_len(u32::from_le_bytes(*crc), u64::from_le_bytes(*length));
        Some(Packed { deflated: deflated.to_vec(), crc })
    }
}

impl Packing {
    pub(super) fn new() -> Self {
        let deflate = Compress::new(Compression::new(LEVEL), false);
        Packing { deflate, deflated: Vec::new(), crc: Hasher::new() }
    }

    pub(super) fn add(&mut self, xml: &[u8]) {
        self.crc.update(xml);
        self.deflate(xml, FlushCompress::None);
    }

    /// Ends a part that others follow, and begins another.
    pub(super) fn take(&mut self) -> Packed {
        self.ended(FlushCompress::Full)
    }

    /// Ends the last part of a stream.
    fn end(mut self) -> Packed {
        self.ended(FlushCompress::Finish)
    }

    fn ended(&mut self, end: FlushCompress) -> Packed {
        self.deflate(&[], end);
        self.deflate.reset();
        Packed { deflated: std::mem::take(&mut self.deflated), crc: std::mem::take(&mut self.crc) }
    }

    fn deflate(&mut self, mut xml: &[u8], end: FlushCompress) {
        loop {
            // Once there is room left, all is out.
            if self.deflated.len() == self.deflated.capacity() {
                self.deflated.reserve(self.deflated.len().max(ROOM));
            }
            let before = self.deflate.total_in();
            let status = self.deflate.compress_vec(xml, &mut self.deflated, end);
            status.expect("deflating needs no dictionary");
            xml = &xml[usize::try_from(self.deflate.total_in() - before).expect("part of a slice")..];
            if xml.is_empty() && self.deflated.len() < self.deflated.capacity() {
                return;
            }
        }
    }
}

/// The rows of a sheet as they come, on the disk.
#[derive(Debug)]
pub(super) struct Spool {
    file: BufWriter<std::fs::File>,
    crc: Hasher,
    bytes: u64,
}

impl Spool {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Spool { file: BufWriter::new(tempfile::tempfile()?), crc: Hasher::new(), bytes: 0 })
    }

    pub(super) fn add(&mut self, part: &Packed) -> io::Result<()> {
        self.crc.combine(&part.crc);
        self.bytes += part.crc.total_len();
        self.file.write_all(&part.deflated)
    }

    /// Puts the rows between the two parts of the sheet around them.
    fn write(self, before: &[u8], after: &[u8], out: &mut impl Write) -> io::Result<DataDescriptorOutput> {
        let (head, mut tail) = (Packed::of(before), Packing::new());
        tail.add(after);
        let tail = tail.end();
        let mut crc = head.crc.clone();
        crc.combine(&self.crc);
        crc.combine(&tail.crc);
        let mut rows = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        rows.rewind()?;
        out.write_all(&head.deflated)?;
        io::copy(&mut rows, out)?;
        out.write_all(&tail.deflated)?;
        Ok(DataDescriptorOutput::new(crc.finalize(), (before.len() + after.len()) as u64 + self.bytes))
    }
}

/// A sheet of the book that lacks rows.
#[derive(Debug)]
pub(super) struct Filling {
    /// Its part of the book: `xl/worksheets/sheet1.xml`.
    pub(super) part: String,
    /// The row that stands in their place, as XML; may be empty.
    pub(super) specimen: String,
    pub(super) rows: Spool,
    /// The cells of the sheet with them: `A1:D10`.
    pub(super) range: String,
}

/// Writes `book` to `out`, with rows filled in.
pub(super) fn fill(book: &[u8], fillings: Vec<Filling>, out: &mut impl Write) -> io::Result<()> {
    let mut fillings: Vec<Option<Filling>> = fillings.into_iter().map(Some).collect();
    let archive = ZipArchive::from_slice(book).map_err(io::Error::other)?;
    let mut written = ZipArchiveWriter::new(out);
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(io::Error::other)? {
        let name = std::str::from_utf8(entry.file_path().as_ref()).map_err(io::Error::other)?.to_owned();
        let data = archive.get_entry(entry.wayfinder()).map_err(io::Error::other)?.data();
        let method = entry.compression_method();
        let filling = fillings.iter_mut().find(|filling| filling.as_ref().is_some_and(|it| it.part == name));
        let (mut part, _) = written
            .new_file(name.as_str())
            .compression_method(if filling.is_some() { CompressionMethod::DEFLATE } else { method })
            // A date must be given; this is the first there is.
            .last_modified(UtcDateTime::from_unix(315_532_800))
            .start()
            .map_err(io::Error::other)?;
        let described = match filling.and_then(Option::take) {
            Some(filling) => {
                let sheet = inflated(data, method)?;
                let (before, after) = around_rows(&sheet, &filling).ok_or_else(|| {
                    io::Error::other(format!("the rows of {name} have no place in the workbook"))
                })?;
                filling.rows.write(before.as_bytes(), after.as_bytes(), &mut part)?
            }
            None => {
                part.write_all(data)?;
                DataDescriptorOutput::new(entry.crc32(), entry.uncompressed_size_hint())
            }
        };
        part.finish(described).map_err(io::Error::other)?;
    }
    written.finish().map_err(io::Error::other)?;
    if fillings.iter().any(Option::is_some) {
        return Err(io::Error::other("a sheet is missing from the workbook"));
    }
    Ok(())
}

/// The XML of a part of a book.
fn inflated(data: &[u8], method: CompressionMethod) -> io::Result<String> {
    if method == CompressionMethod::STORE {
        return String::from_utf8(data.to_vec()).map_err(io::Error::other);
    }
    let mut xml = String::new();
    flate2::read::DeflateDecoder::new(data).read_to_string(&mut xml)?;
    Ok(xml)
}

/// What stands before and behind the rows to come, with the range of cells put right.
fn around_rows(sheet: &str, filling: &Filling) -> Option<(String, String)> {
    let (before, after) = sheet.split_once("</sheetData>")?;
    let before = before.strip_suffix(&filling.specimen)?;
    let (start, rest) = before.split_once("<dimension ref=\"")?;
    let (_, rest) = rest.split_once('"')?;
    let before = format!("{start}<dimension ref=\"{}\"{rest}", filling.range);
    Some((before, format!("</sheetData>{after}")))
}

/// The XML of the first sheet of `book`.
pub(super) fn first_sheet(book: &[u8]) -> io::Result<String> {
    let archive = ZipArchive::from_slice(book).map_err(io::Error::other)?;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(io::Error::other)? {
        if entry.file_path().as_ref() == b"xl/worksheets/sheet1.xml" {
            let data = archive.get_entry(entry.wayfinder()).map_err(io::Error::other)?.data();
            return inflated(data, entry.compression_method());
        }
    }
    Err(io::Error::other("the workbook has no sheet"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_behind_one_another_are_one_stream() {
        let mut xml: Vec<String> =
            (0..5).map(|n| format!("<row>{}</row>", "答え０１".repeat(n * 1000))).collect();
        // One that hardly gets smaller, and so outgrows the room for a usual part.
        let mixed = (1..100_000u32).map(|n| n.wrapping_mul(2_654_435_761).rotate_left(n % 32));
        xml.push(mixed.map(|n| format!("{n:x}")).collect());
        let mut spool = Spool::new().unwrap();
        let mut packing = Packing::new();
        for part in &xml {
            packing.add(part.as_bytes());
            let bytes = packing.take().to_bytes();
            // What has been packed before leaves no trace.
            assert!(bytes == Packed::of(part.as_bytes()).to_bytes());
            spool.add(&Packed::of_bytes(&bytes).unwrap()).unwrap();
        }
        assert!(Packed::of_bytes(b"short").is_none());
        let mut stream = Vec::new();
        let described = spool.write(b"<before>", b"<after>", &mut stream).unwrap();
        let whole = format!("<before>{}<after>", xml.concat());
        assert_eq!(inflated(&stream, CompressionMethod::DEFLATE).unwrap(), whole);
        assert_eq!(described.uncompressed_size(), whole.len() as u64);
        assert_eq!(described.crc(), crc32fast::hash(whole.as_bytes()));
    }
}
