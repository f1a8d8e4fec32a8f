//! The cache on the disk: one file, whose first line says what it is and whose checksum says that it is whole.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::changed::Form;
use super::digest::{Digest, Rule};
use crate::error::{Error, Result};
use crate::publish::Draft;

/// The file's name in its folder.
pub(super) const NAME: &str = "tags.jirei-cache";

/// What it begins with. Raised when the content changes its meaning.
const MAGIC: &[u8] = b"jirei-cache/3\n";

/// Bytes of the checksum after it.
const CHECKSUM: usize = 32;

/// Everything a cache remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Stored {
    /// The program and the dictionary that it all comes from.
    pub(super) maker: String,
    /// The conjugated forms in all texts.
    pub(super) forms: Vec<Form>,
    /// The runs that texts were last met in, the latest last.
    pub(super) runs: Vec<StoredRun>,
}

/// The rules of a run, and the texts last met in it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredRun {
    pub(super) rules: Vec<Rule>,
    /// In order, each with how many places it has.
    pub(super) texts: Vec<(Digest, usize)>,
    /// Those of all texts, one after the other.
    pub(super) places: Vec<Place>,
}

/// One place of evidence: the rule's position among those of its run, and the place in bytes of the original text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) rule: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What is found in the folder: nothing yet, a cache, or a file that is none, or no longer.
pub(super) enum Found {
    Nothing,
    Cache(Stored),
    Damaged,
}

/// Reads the cache of the folder `dir`.
///
/// # Errors
/// If there is a file that can't be read.
pub(super) fn read(dir: &Path) -> Result<Found> {
    let path = dir.join(NAME);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(Error::read(&path, error)),
    };
    let content = bytes.strip_prefix(MAGIC).and_then(|rest| rest.split_at_checked(CHECKSUM));
    let whole = content.filter(|(checksum, content)| Sha256::digest(content)[..] == **checksum);
    let stored = whole.and_then(|(_, content)| postcard::from_bytes(content).ok());
    Ok(stored.map_or(Found::Damaged, Found::Cache))
}

/// Writes the cache of the folder `dir`, whole or not at all.
///
/// # Errors
/// If the disk doesn't take it.
pub(super) fn write(dir: &Path, stored: &Stored) -> Result<()> {
    let path = dir.join(NAME);
    let content = postcard::to_stdvec(stored)
        .map_err(|error| Error::write(&path, io::Error::other(error.to_string())))?;
    let mut draft = Draft::create(&path)?;
    for part in [MAGIC, &Sha256::digest(&content)[..], &content] {
        draft.put(part)?;
    }
    draft.commit()?;
    Ok(())
}
