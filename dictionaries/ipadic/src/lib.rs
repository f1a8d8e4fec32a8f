//! The IPADIC morphological dictionary inside the program: nothing to install, nothing to read at start-up.
//!
//! `build.rs` compiles the vendored sources; [`load`] hands out views of the result, which lies in the binary's
//! read-only data. This crate knows nothing about tokenization: lindera's `Segmenter` takes the [`Dictionary`].
//!
//! It is a package of its own so that a change to the program rebuilds neither the dictionary nor the object
//! file it is embedded in.
//!
//! ```
//! let dictionary = jirei_ipadic::load()?;
//! let entry = dictionary.prefix_dictionary.find_surface("表示")[0];
//! let fields: Vec<_> = dictionary.word_details_iter(entry.word_id().id() as usize).collect();
//! assert_eq!(fields[..2], ["名詞", "サ変接続"]); // a noun that takes する
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![deny(missing_docs)]

use lindera_dictionary::LinderaResult;
use lindera_dictionary::dictionary::Dictionary;

/// The Debian source package the dictionary was built from, name and version.
pub const SOURCE: &str = "mecab-ipadic 2.7.0-20070801+main-3";

/// SHA-256 of the embedded dictionary, 64 lower-case hexadecimal digits.
///
/// Word ids and segmentation are comparable only between programs that agree on this value. It is the digest
/// of the listing that `sha256sum *` prints, under `LC_ALL=C`, in a folder with the built files.
pub const DICTIONARY_SHA256: &str = env!("JIREI_IPADIC_SHA256");

/// The copyright notice and licence of IPADIC, which every copy of the dictionary has to carry: also every
/// program that embeds it.
pub const LICENSE: &str = include_str!("../LICENSE-IPADIC");

/// Opens the embedded dictionary.
///
/// Trie, entries and connection costs are used in place, so this takes under a millisecond and no memory to
/// speak of; cloning the result costs five reference counts.
///
/// # Errors
///
/// Only if the embedded bytes were written by another version of lindera's builder than the one linked, which
/// the exact version requirements of this package rule out.
pub fn load() -> LinderaResult<Dictionary> {
    embedded::load()
}

/// The statics and the loader that lindera's macro generates, which come without documentation.
#[allow(missing_docs)]
mod embedded {
    lindera_dictionary::embedded_dictionary!("/ipadic", IpadicLoader);
}
