//! Builds the IPADIC dictionary that `src/lib.rs` embeds.
//!
//! `ipadic-src.tar.zst` is checked against `SHA256SUMS`, unpacked into cargo's output directory and handed to
//! lindera's own dictionary builder, which knows the source formats and their EUC-JP encoding (`metadata.json`).
//! Nothing is downloaded. How the archive was made is written in `README.md`.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use lindera_dictionary::builder::DictionaryBuilder;
use lindera_dictionary::dictionary::metadata::Metadata;
use ruzstd::decoding::StreamingDecoder;
use sha2::{Digest, Sha256};

const ARCHIVE: &str = "ipadic-src.tar.zst";
const CHECKSUMS: &str = "SHA256SUMS";
const METADATA: &str = "metadata.json";

fn main() {
    for input in [ARCHIVE, CHECKSUMS, METADATA] {
        println!("cargo::rerun-if-changed={input}");
    }
    if let Err(error) = build() {
        println!("cargo::error={error:#}");
    }
}

fn build() -> Result<()> {
    let out = PathBuf::from(std::env::var("OUT_DIR").context("cargo did not set OUT_DIR")?);
    let source = out.join("source");
    let dictionary = out.join("ipadic");
    // An interrupted run may have left files behind, and the digest below covers whatever is there.
    for directory in [&source, &dictionary] {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        fs::create_dir(directory)?;
    }

    let archive = fs::read(ARCHIVE).with_context(|| format!("cannot read {ARCHIVE}"))?;
    verify(&archive)?;
    unpack(&archive, &source).with_context(|| format!("cannot unpack {ARCHIVE}"))?;

    let metadata = Metadata::load(&fs::read(METADATA).with_context(|| format!("cannot read {METADATA}"))?)?;
    DictionaryBuilder::new(metadata)
        .build_dictionary(&source, &dictionary)
        .context("cannot build the dictionary")?;
    fs::remove_dir_all(&source)?;

    println!("cargo::rustc-env=JIREI_IPADIC_SHA256={}", digest_of_files(&dictionary)?);
    // The name is fixed by `lindera_dictionary::embedded_dictionary!`.
    println!("cargo::rustc-env=LINDERA_WORKDIR={}", out.display());
    Ok(())
}

/// Refuses an archive that is not the one recorded, e.g. a Git LFS pointer or a half-finished download.
fn verify(archive: &[u8]) -> Result<()> {
    let checksums = fs::read_to_string(CHECKSUMS).with_context(|| format!("cannot read {CHECKSUMS}"))?;
    let expected = checksums
        .lines()
        .filter_map(|line| line.split_once("  "))
        .find_map(|(digest, name)| (name == ARCHIVE).then_some(digest))
        .with_context(|| format!("{CHECKSUMS} has no line for {ARCHIVE}"))?;
    let found = hex(&Sha256::digest(archive));
    ensure!(
        found == expected,
        "{ARCHIVE} ({} bytes) is not the recorded archive: its SHA-256 is {found}, {CHECKSUMS} expects {expected}; \
         restore the file from version control, or see README.md if the dictionary is meant to change",
        archive.len()
    );
    Ok(())
}

/// Length in bytes of a tar header, and the unit that contents are padded to.
const TAR_BLOCK: usize = 512;

/// Writes the files of a zstd-compressed ustar archive into `directory`.
///
/// Reads only what the recipe in `README.md` writes, regular files without folders, and refuses anything else.
/// That is little enough not to add the `tar` crate and its platform layers to the build.
fn unpack(archive: &[u8], directory: &Path) -> Result<()> {
    let mut tar = Vec::new();
    StreamingDecoder::new(archive)?.read_to_end(&mut tar)?;

    let mut rest = tar.as_slice();
    while let Some((header, body)) = rest.split_at_checked(TAR_BLOCK) {
        if header.iter().all(|&byte| byte == 0) {
            return Ok(());
        }
        // Field offsets of the POSIX ustar header; numbers are octal text.
        let name = text(&header[..100])?;
        let size = usize::from_str_radix(text(&header[124..136])?, 8).context("bad size field")?;
        ensure!(header[156] == b'0' && !name.contains(['/', '\\']), "`{name}` is not a plain file");

        let contents = body.get(..size).with_context(|| format!("`{name}` is cut short"))?;
        fs::write(directory.join(name), contents).with_context(|| format!("cannot write `{name}`"))?;
        rest = body.get(size.next_multiple_of(TAR_BLOCK)..).unwrap_or_default();
    }
    bail!("the end-of-archive block is missing");
}

/// The text of a tar header field, without its NUL padding.
fn text(field: &[u8]) -> Result<&str> {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    Ok(std::str::from_utf8(&field[..end])?)
}

/// One SHA-256 over all files in `directory`: that of the listing `sha256sum *` prints in it under `LC_ALL=C`.
fn digest_of_files(directory: &Path) -> Result<String> {
    let mut names = fs::read_dir(directory)?
        .map(|entry| {
            entry?.file_name().into_string().ok().context("a built file has a name that is not UTF-8")
        })
        .collect::<Result<Vec<_>>>()?;
    names.sort_unstable();

    let mut listing = Sha256::new();
    for name in names {
        let digest = hex(&Sha256::digest(fs::read(directory.join(&name))?));
        listing.update(format!("{digest}  {name}\n"));
    }
    Ok(hex(&listing.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
