//! What is made of answers, from run to run: a file of records behind one another and an index at its end.
//!
//! A record is known by a digest of all that it depends on. It may be of no use any more, and never be wrong. Records are
//! read one by one where they are wanted and written to the disk as they come, so that only the index is in memory. The
//! index has a checksum of each, and one of itself. Answers mostly come in the order of the run before, and so do their
//! records: they are read a window at a time.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::{Opened, locked};
use crate::error::{Error, Result};
use crate::publish::Draft;

/// The file's name in its folder.
pub(super) const NAME: &str = "records.jirei-cache";

/// What it begins with. Raised when the content changes its meaning.
const MAGIC: &[u8] = b"jirei-cached-records/1\n";

/// What it ends with: the length of the index, and its checksum.
const END: usize = 8 + 32;

/// Bytes of records that the last run didn't meet; beyond, the oldest are forgotten.
const MOST_OTHERS: u64 = 128 << 20;

/// Bytes read at a time: some fifty records, and little enough where the next one is elsewhere.
const WINDOW: usize = 16 << 10;

/// Where a record is, and its checksum.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Place {
    start: u64,
    bytes: u32,
    /// CRC-32.
    checksum: u32,
}

/// What the file holds, and who made it.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Index {
    maker: String,
    records: Vec<(Digest, Place)>,
}

/// The records of earlier runs, and those of this one.
pub(super) struct Records {
    path: PathBuf,
    maker: String,
    earlier: Option<File>,
    pub(super) known: FxHashMap<Digest, Known>,
    new: Mutex<New>,
}

/// A record of earlier runs.
pub(super) struct Known {
    place: Place,
    /// Whether this run has asked for it.
    is_met: AtomicBool,
}

/// What one thread has read of the file.
#[derive(Default)]
pub(super) struct Window {
    start: u64,
    bytes: Vec<u8>,
    /// A record from before the window, of an answer that was met earlier in the run.
    single: Vec<u8>,
}

/// What this run adds.
struct New {
    /// The records, on the disk.
    spool: BufWriter<File>,
    bytes: u64,
    places: FxHashMap<Digest, Place>,
}

/// What is found in the folder: nothing yet, the file with its index, or one that is no cache, or no longer.
pub(super) enum Found {
    Nothing,
    Whole(Index, File),
    Damaged,
}

/// Opens the file in the folder `dir`.
pub(super) fn read(dir: &Path) -> Found {
    let found = File::open(dir.join(NAME)).and_then(|mut file| Ok(Found::Whole(index(&mut file)?, file)));
    found.unwrap_or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Found::Nothing,
        _ => Found::Damaged,
    })
}

impl Records {
    /// Begins with what was `found` in the folder `dir`. What is damaged, or another maker's, counts as nothing.
    ///
    /// # Errors
    /// When the system gives no room for temporary files.
    pub(super) fn open(dir: &Path, found: Found, maker: &str) -> Result<(Self, Opened)> {
        let path = dir.join(NAME);
        let none = (Index::default(), None);
        let ((index, earlier), opened) = match found {
            Found::Whole(index, file) if index.maker == maker => ((index, Some(file)), Opened::Well),
            Found::Whole(..) => (none, Opened::OfAnother),
            Found::Nothing => (none, Opened::Well),
            Found::Damaged => (none, Opened::Damaged),
        };
        let spool = tempfile::tempfile().map_err(|source| Error::write(&path, source))?;
        let new = New { spool: BufWriter::new(spool), bytes: 0, places: FxHashMap::default() };
        let known = |(key, place)| (key, Known { place, is_met: AtomicBool::new(false) });
        let known = index.records.into_iter().map(known).collect();
        let records = Records { path, maker: maker.to_owned(), earlier, known, new: Mutex::new(new) };
        Ok((records, opened))
    }

    /// The record known by `key`, from an earlier run.
    pub(super) fn get<'w>(&self, key: Digest, window: &'w mut Window) -> Option<&'w [u8]> {
        let Known { place, is_met } = self.known.get(&key)?;
        let record = window.record(self.earlier.as_ref()?, place).ok()?;
        if crc32fast::hash(record) != place.checksum {
            return None;
        }
        is_met.store(true, Ordering::Relaxed);
        Some(record)
    }

    /// Remembers `record` by `key`. What the disk doesn't take is made anew in the next run.
    pub(super) fn put(&self, key: Digest, record: &[u8]) {
        let Ok(bytes) = u32::try_from(record.len()) else { return };
        let checksum = crc32fast::hash(record);
        let mut new = locked(&self.new);
        let start = new.bytes;
        if !new.places.contains_key(&key) && new.spool.write_all(record).is_ok() {
            new.bytes += u64::from(bytes);
            new.places.insert(key, Place { start, bytes, checksum });
        }
    }

    /// Writes the file anew, if there is something new.
    ///
    /// # Errors
    /// When the disk doesn't take it.
    pub(super) fn save(&self) -> Result<()> {
        self.write(&mut locked(&self.new)).map_err(|source| Error::write(&self.path, source))
    }

    /// The earlier records that stay, in the order of the file, so that those behind one another are copied in one go: all
    /// met, and of the others the latest, up to `most` bytes.
    pub(super) fn kept(&self, most: u64) -> Vec<(Digest, Place)> {
        let mut known: Vec<(&Digest, &Known)> = self.known.iter().collect();
        known.sort_unstable_by_key(|(_, known)| known.place.start);
        let is_met = |known: &Known| known.is_met.load(Ordering::Relaxed);
        let others = known.iter().filter(|(_, known)| !is_met(known));
        let mut excess =
            others.map(|(_, known)| u64::from(known.place.bytes)).sum::<u64>().saturating_sub(most);
        known.retain(|(_, known)| {
            let is_kept = is_met(known) || excess == 0;
            if !is_kept {
                excess = excess.saturating_sub(u64::from(known.place.bytes));
            }
            is_kept
        });
        known.into_iter().map(|(&key, known)| (key, known.place)).collect()
    }

    fn write(&self, new: &mut New) -> io::Result<()> {
        if new.places.is_empty() {
            return Ok(());
        }
        let mut kept = self.kept(MOST_OTHERS);
        // What couldn't be read has been made anew.
        kept.retain(|(key, _)| !new.places.contains_key(key));
        let mut draft = Draft::create(&self.path).map_err(io::Error::other)?;
        draft.write_all(MAGIC)?;
        let mut at = MAGIC.len() as u64;
        let mut records = Vec::with_capacity(kept.len() + new.places.len());
        for behind in kept.chunk_by(|(_, one), (_, next)| one.end() == next.start) {
            let (Some(earlier), [(_, first), ..]) = (&self.earlier, behind) else { continue };
            let moved = |&(key, place): &(Digest, Place)| {
                (key, Place { start: at + place.start - first.start, ..place })
            };
            records.extend(behind.iter().map(moved));
            let bytes: u64 = behind.iter().map(|(_, place)| u64::from(place.bytes)).sum();
            let mut earlier: &File = earlier;
            earlier.seek(SeekFrom::Start(first.start))?;
            at += io::copy(&mut earlier.take(bytes), &mut draft)?;
        }
        new.spool.flush()?;
        let spool = new.spool.get_mut();
        spool.rewind()?;
        io::copy(spool, &mut draft)?;
        records.extend(
            new.places.iter().map(|(&key, &place)| (key, Place { start: at + place.start, ..place })),
        );
        records.sort_unstable_by_key(|&(key, _)| key);
        let index = Index { maker: self.maker.clone(), records };
        let index = postcard::to_stdvec(&index).map_err(io::Error::other)?;
        draft.write_all(&index)?;
        draft.write_all(&(index.len() as u64).to_le_bytes())?;
        draft.write_all(&Sha256::digest(&index))?;
        draft.commit().map_err(io::Error::other)
    }
}

impl Window {
    /// The record at `place`. The window moves on to where it begins, and never back.
    fn record(&mut self, file: &File, place: &Place) -> io::Result<&[u8]> {
        let bytes = place.bytes as usize;
        if place.start < self.start {
            read_at(file, &mut self.single, place.start, bytes)?;
            return self.single.get(..bytes).ok_or_else(|| io::ErrorKind::UnexpectedEof.into());
        }
        if self.start + (self.bytes.len() as u64) < place.end() {
            self.start = place.start;
            read_at(file, &mut self.bytes, place.start, WINDOW.max(bytes))?;
        }
        // The first byte is in the window, or the difference is 0.
        let from = (place.start - self.start) as usize;
        self.bytes.get(from..from + bytes).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// Fills `buffer` with `bytes` bytes from `start` on, or what there is of them. Several threads may read a file at once.
fn read_at(file: &File, buffer: &mut Vec<u8>, start: u64, bytes: usize) -> io::Result<()> {
    #[cfg(not(windows))]
    use std::os::unix::fs::FileExt;
    #[cfg(windows)]
    use std::os::windows::fs::FileExt;
    buffer.resize(bytes, 0);
    let mut filled = 0;
    while filled < bytes {
        let (rest, at) = (&mut buffer[filled..], start + filled as u64);
        #[cfg(not(windows))]
        let read = file.read_at(rest, at);
        #[cfg(windows)]
        let read = file.seek_read(rest, at);
        match read {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(())
}

impl Place {
    fn end(&self) -> u64 {
        self.start + u64::from(self.bytes)
    }
}

/// The index of a whole file.
fn index(file: &mut File) -> io::Result<Index> {
    let damaged = || io::Error::other("no cache");
    let mut magic = [0; MAGIC.len()];
    file.read_exact(&mut magic)?;
    let end = file.seek(SeekFrom::End(-(END as i64)))?;
    let mut ending = [0; END];
    file.read_exact(&mut ending)?;
    let (length, checksum) = ending.split_first_chunk().ok_or_else(damaged)?;
    let length = u64::from_le_bytes(*length);
    let start = end.checked_sub(length).ok_or_else(damaged)?;
    if magic != MAGIC || start < MAGIC.len() as u64 {
        return Err(damaged());
    }
    file.seek(SeekFrom::Start(start))?;
    let mut index = Vec::new();
    file.take(length).read_to_end(&mut index)?;
    if Sha256::digest(&index)[..] != *checksum {
        return Err(damaged());
    }
    postcard::from_bytes(&index).map_err(io::Error::other)
}
