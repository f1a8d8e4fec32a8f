//! Tokenizing with lindera. The only module that names it; `price` adds the user's words to its dictionary.
//!
//! [`Tokenizer`] is shared and immutable; every thread has a [`Worker`] with lindera's reusable lattice and a memo
//! from dictionary word to [`Lexeme`], because reading a word's details (UTF-8 check, split, allocate) would cost as
//! much again as the segmentation (measured: +80 to +115 %).

mod price;

use std::path::{Path, PathBuf};

use lindera::dictionary::Dictionary;
use lindera::mode::Mode;
use lindera::segmenter::Segmenter;
use lindera::worker::SegmentWorker;
use lindera_dictionary::viterbi::LexType;
use rustc_hash::FxHashMap;

use crate::error::{Error, Result};
use crate::span::Span;
use crate::token::{Lexeme, LexemeId, Lexicon, Token};
use crate::user_words::{Kind, UserWord};
use price::price;

/// The version of lindera in use; pinned in Cargo.toml, because it decides the tokens.
pub const LINDERA_VERSION: &str = "6.2.0";

/// Lexemes a worker keeps before it starts afresh: bounds memory on inputs with millions of different figures. Twice
/// the size that any real corpus reached.
const LEXICON_LIMIT: usize = 200_000;

/// Which morphological dictionary to use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Source {
    /// The IPADIC built into the program.
    #[default]
    Embedded,
    /// A folder with a dictionary built by lindera.
    Folder(PathBuf),
}

/// What a run's manifest says about the dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name and version.
    pub name: String,
    /// SHA-256 over its files, in hexadecimal.
    pub sha256: String,
}

/// Turns normalised text into tokens. Shared between threads; see [`Worker`].
pub struct Tokenizer {
    segmenter: Segmenter,
    source: Source,
    words: Vec<UserWord>,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer").field("source", &self.source).field("words", &self.words.len()).finish()
    }
}

impl Tokenizer {
    /// A tokenizer over the dictionary `source` and the user words `words`.
    ///
    /// # Errors
    /// If the dictionary can't be loaded, or lacks a word from which the context of a kind of user word could be taken.
    pub fn new(source: Source, mut words: Vec<UserWord>) -> Result<Self> {
        let dictionary = load(&source)?;
        // Later entries override earlier ones, so that a user can change a shipped word.
        words.reverse();
        let mut seen = rustc_hash::FxHashSet::default();
        words.retain(|word| seen.insert((word.surface.clone(), word.kind == Kind::IchidanVerb)));
        words.reverse();
        let user = price(&dictionary, &words).map_err(|problem| match &source {
            Source::Embedded => failure("内蔵 IPADIC", problem),
            Source::Folder(path) => failure(&path.display().to_string(), problem),
        })?;
        Ok(Tokenizer { segmenter: Segmenter::new(Mode::Normal, dictionary, user), source, words })
    }

    /// The embedded dictionary with the shipped user words: what the program uses unless told otherwise.
    ///
    /// # Errors
    /// Never in practice: the embedded data is tested.
    pub fn embedded() -> Result<Self> {
        Tokenizer::new(Source::Embedded, crate::user_words::shipped())
    }

    /// The tokenizer for one thread.
    pub fn worker(&self) -> Worker {
        let dictionary = &self.segmenter.dictionary;
        let users = self.segmenter.user_dictionary.as_ref().map_or(0, |user| user.dict.word_count());
        Worker {
            segment: self.segmenter.new_worker(),
            system: vec![UNSEEN; dictionary.prefix_dictionary.word_count()],
            user: vec![UNSEEN; users],
            unknown: FxHashMap::default(),
            lexicon: Lexicon::default(),
            generation: 0,
        }
    }

    /// Name and checksum of the dictionary.
    ///
    /// # Errors
    /// If the files of a dictionary folder can't be read again.
    pub fn identity(&self) -> Result<Identity> {
        match &self.source {
            Source::Embedded => Ok(Identity {
                name: jirei_ipadic::SOURCE.to_owned(),
                sha256: jirei_ipadic::DICTIONARY_SHA256.to_owned(),
            }),
            Source::Folder(folder) => {
                Ok(Identity { name: folder.display().to_string(), sha256: hash_folder(folder)? })
            }
        }
    }

    /// The user words in force.
    pub fn words(&self) -> &[UserWord] {
        &self.words
    }
}

/// Marks a dictionary word that this worker has not met.
const UNSEEN: u32 = u32::MAX;

/// One thread's tokenizer: lindera's buffers and the words met so far.
pub struct Worker {
    segment: SegmentWorker,
    /// Lexeme of each system word by word id, or [`UNSEEN`].
    system: Vec<u32>,
    /// Lexeme of each user word by word id, or [`UNSEEN`].
    user: Vec<u32>,
    /// Lexemes of words outside the dictionary, by surface.
    unknown: FxHashMap<Box<str>, Vec<(u32, LexemeId)>>,
    lexicon: Lexicon,
    generation: u32,
}

impl Worker {
    /// Tokenizes `text`, which must be normalised, into `tokens`, whose content is replaced.
    ///
    /// Tokens are ordered, do not overlap, and leave out blanks only.
    pub fn tokenize(&mut self, text: &str, tokens: &mut Vec<Token>) {
        tokens.clear();
        if self.is_full() {
            self.forget();
        }
        // lindera 6.2 declares an error that no path of `segment` returns.
        let Ok(found) = self.segment.segment(text) else { return };
        for token in found {
            let id = token.word_id.id();
            let slot = match token.word_id.lex_type() {
                LexType::System => Some(&mut self.system[id as usize]),
                LexType::User => Some(&mut self.user[id as usize]),
                LexType::Unknown => None,
            };
            let lexicon = &mut self.lexicon;
            let lexeme = match slot {
                Some(&mut seen) if seen != UNSEEN => LexemeId(seen),
                Some(slot) => {
                    let user = token.user_dictionary.filter(|_| token.word_id.lex_type() == LexType::User);
                    let lexeme = match user {
                        Some(user) => {
                            Lexeme::from_details(&token.surface, user.word_details_iter(id as usize), false)
                        }
                        None => {
                            let details = token.dictionary.word_details_iter(id as usize);
                            Lexeme::from_details(&token.surface, details, false)
                        }
                    };
                    let lexeme = lexicon.add(lexeme);
                    *slot = lexeme.0;
                    lexeme
                }
                None => {
                    let known = self.unknown.get(&*token.surface).and_then(|readings| {
                        readings.iter().find(|(entry, _)| *entry == id).map(|&(_, lexeme)| lexeme)
                    });
                    known.unwrap_or_else(|| {
                        let details = token.dictionary.unknown_word_details_iter(id as usize);
                        let lexeme = lexicon.add(Lexeme::from_details(&token.surface, details, true));
                        self.unknown.entry(token.surface.as_ref().into()).or_default().push((id, lexeme));
                        lexeme
                    })
                }
            };
            // A full-width blank is a token of its own for lindera, but nothing to match.
            if !token.surface.chars().all(char::is_whitespace) {
                tokens.push(Token { span: Span::new(token.byte_start, token.byte_end), lexeme });
            }
        }
    }

    /// The words met so far; tokens refer to it.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Whether the next text begins a new lexicon.
    pub fn is_full(&self) -> bool {
        self.lexicon.len() > LEXICON_LIMIT
    }

    /// Changes whenever the lexicon starts afresh: tables kept beside it must then be dropped.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    fn forget(&mut self) {
        self.system.fill(UNSEEN);
        self.user.fill(UNSEEN);
        self.unknown.clear();
        self.lexicon.clear();
        self.generation += 1;
    }
}

fn load(source: &Source) -> Result<Dictionary> {
    match source {
        Source::Embedded => jirei_ipadic::load().map_err(|error| failure("内蔵 IPADIC", chain(&error))),
        Source::Folder(folder) => {
            if !folder.is_dir() {
                return Err(failure(&folder.display().to_string(), "フォルダーがありません".to_owned()));
            }
            if !folder.join("metadata.json").is_file() {
                let problem = "lindera の辞書ではありません（metadata.json がありません）";
                return Err(failure(&folder.display().to_string(), problem.to_owned()));
            }
            Dictionary::load_from_path(folder)
                .map_err(|error| failure(&folder.display().to_string(), chain(&error)))
        }
    }
}

fn failure(dictionary: &str, problem: String) -> Error {
    Error::Dictionary { dictionary: dictionary.to_owned(), line: None, problem }
}

/// lindera's own words, outermost first. Its debug form would print a backtrace.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

fn hash_folder(folder: &Path) -> Result<String> {
    let entries = std::fs::read_dir(folder).map_err(|source| Error::read(folder, source))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|path| path.is_file());
    files.sort();
    // The same digest as the embedded dictionary's: over a line per file, as `sha256sum` prints it.
    let mut lines = String::new();
    for file in files {
        let bytes = std::fs::read(&file).map_err(|source| Error::read(&file, source))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        lines.push_str(&format!("{}  {name}\n", crate::manifest::sha256(&bytes)));
    }
    Ok(crate::manifest::sha256(lines.as_bytes()))
}
