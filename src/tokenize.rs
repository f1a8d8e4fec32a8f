//! Tokenizing with lindera. The only file that names it.
//!
//! [`Tokenizer`] is shared and immutable; every thread has a [`Worker`] with lindera's reusable lattice and a memo
//! from dictionary word to [`Lexeme`], because reading a word's details (UTF-8 check, split, allocate) would cost as
//! much again as the segmentation (measured: +80 to +115 %).
//!
//! # What a user word costs
//!
//! lindera's three-column user words cost -10000 and always win: オン資 would split ユニオン資料. Here the price comes
//! from the dictionary: a word costs as much as the best path through its own characters without it, less a margin
//! (`MARGIN`), with the context of a common word of its kind. Shorter words are priced first, so that 保険証 being
//! known doesn't keep マイナ保険証 apart.

use std::path::{Path, PathBuf};

use lindera::dictionary::{Dictionary, DictionaryBuilder, UserDictionary};
use lindera::mode::Mode;
use lindera::segmenter::Segmenter;
use lindera::worker::SegmentWorker;
use lindera_dictionary::viterbi::LexType;
use rustc_hash::FxHashMap;

use crate::error::{Error, Result};
use crate::span::Span;
use crate::token::{Lexeme, LexemeId, Lexicon, Token};
use crate::user_words::{Kind, UserWord};

/// The version of lindera in use; pinned in Cargo.toml, because it decides the tokens.
pub const LINDERA_VERSION: &str = "6.2.0";

/// How much cheaper a user word is than its best split, in IPADIC's cost units. With 1000 レセコン|メーカー stays
/// split; with 3000 all words wanted are found and ユニオン資料 is left alone.
const MARGIN: i64 = 3000;

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

/// One lattice entry of a user word: a noun gives one, a verb one per conjugated form.
struct Entry {
    surface: String,
    left: u32,
    right: u32,
    /// The nine detail columns.
    details: Vec<String>,
}

/// Builds the user dictionary, each entry at the price its own characters suggest.
fn price(dictionary: &Dictionary, words: &[UserWord]) -> std::result::Result<Option<UserDictionary>, String> {
    let mut entries = Vec::new();
    for word in words {
        entries.append(&mut entries_of(dictionary, word)?);
    }
    if entries.is_empty() {
        return Ok(None);
    }
    // By length for pricing; by surface within a length only to be independent of the order of the files.
    entries.sort_by(|a, b| {
        (a.surface.chars().count(), &a.surface).cmp(&(b.surface.chars().count(), &b.surface))
    });
    let costs = &dictionary.connection_cost_matrix;
    let mut rows = String::new();
    let mut user = None;
    for same_length in entries.chunk_by(|a, b| a.surface.chars().count() == b.surface.chars().count()) {
        let mut worker = Segmenter::new(Mode::Normal, dictionary.clone(), user.take()).into_worker();
        for entry in same_length {
            let paths =
                worker.segment_nbest(&entry.surface, 1, false, None).map_err(|error| chain(&error))?;
            let best = paths.first().map_or(0, |(_, cost)| *cost);
            let context = costs.cost(0, entry.left) + costs.cost(entry.right, 0);
            let cost = (best - i64::from(context) - MARGIN).clamp(i64::from(i16::MIN), i64::from(i16::MAX));
            let details: Vec<String> = entry.details.iter().map(|field| quote(field)).collect();
            rows.push_str(&format!(
                "{},{},{},{cost},{}\n",
                quote(&entry.surface),
                entry.left,
                entry.right,
                details.join(",")
            ));
        }
        let builder = DictionaryBuilder::new((*dictionary.metadata).clone());
        user = Some(builder.build_user_dict_from_reader(rows.as_bytes()).map_err(|error| chain(&error))?);
    }
    Ok(user)
}

fn quote(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// A common word of each kind, whose context ids a user word of that kind borrows. Several, because a small
/// dictionary need not have the first.
fn models(kind: Kind) -> (&'static [&'static str], &'static str) {
    match kind {
        Kind::Noun => (&["書類", "機械", "名前"], "名詞-一般"),
        Kind::ActionNoun => (&["確認", "失敗", "表示"], "名詞-サ変接続"),
        Kind::ProperNoun => (&["富士通", "日立"], "名詞-固有名詞"),
        Kind::AdjectivalNoun => (&["不便", "困難"], "名詞-形容動詞語幹"),
        Kind::IchidanVerb => (&["付け"], "動詞-自立"),
    }
}

/// The endings of a 一段 verb's forms after its stem, for looking the model's forms up.
const ICHIDAN_ENDINGS: [&str; 9] = ["", "る", "れ", "ろ", "よ", "りゃ", "ん", "らん", "りゃあ"];

fn entries_of(dictionary: &Dictionary, word: &UserWord) -> std::result::Result<Vec<Entry>, String> {
    let (models, pos) = models(word.kind);
    for model in models {
        let entries = match word.kind {
            Kind::IchidanVerb => {
                let stem = |text: &str| text.strip_suffix('る').unwrap_or(text).to_owned();
                let (surface, reading) = (stem(&word.surface), stem_of_reading(&word.reading));
                let form = |ending: &&str| {
                    entries_like(dictionary, &format!("{model}{ending}"), pos, |lexeme| {
                        &*lexeme.base == "付ける" && &*lexeme.conjugation == "一段"
                    })
                    .into_iter()
                    .map(|entry| {
                        with(
                            entry,
                            &format!("{surface}{ending}"),
                            &word.base,
                            &format!("{reading}{}", katakana(ending)),
                        )
                    })
                    .collect::<Vec<_>>()
                };
                ICHIDAN_ENDINGS.iter().flat_map(form).collect()
            }
            _ => entries_like(dictionary, model, pos, |_| true)
                .into_iter()
                .take(1)
                .map(|entry| with(entry, &word.surface, &word.base, &word.reading))
                .collect::<Vec<_>>(),
        };
        if !entries.is_empty() {
            return Ok(entries);
        }
    }
    Err(format!("「{}」の手本になる語（{}）がこの辞書にありません", word.surface, models.join("・")))
}

/// The entries of the dictionary with the surface `model`, the part of speech `pos`, and whatever `accept` asks.
fn entries_like(
    dictionary: &Dictionary,
    model: &str,
    pos: &str,
    accept: impl Fn(&Lexeme) -> bool,
) -> Vec<Entry> {
    let found = dictionary.prefix_dictionary.find_surface(model);
    let entries = found.into_iter().filter_map(|entry| {
        let id = entry.word_id().id() as usize;
        let lexeme = Lexeme::from_details(model, dictionary.word_details_iter(id), false);
        (lexeme.is_pos(pos) && accept(&lexeme)).then(|| Entry {
            surface: model.to_owned(),
            left: entry.left_id(),
            right: entry.right_id(),
            details: dictionary.word_details_iter(id).map(str::to_owned).collect(),
        })
    });
    entries.collect()
}

/// `entry` with another word's surface, base form and reading.
fn with(mut entry: Entry, surface: &str, base: &str, reading: &str) -> Entry {
    entry.surface = surface.to_owned();
    entry.details.resize(9, "*".to_owned());
    entry.details[6] = base.to_owned();
    let reading = if reading.is_empty() { "*" } else { reading };
    entry.details[7] = reading.to_owned();
    entry.details[8] = reading.to_owned();
    entry
}

fn stem_of_reading(reading: &str) -> &str {
    reading.strip_suffix('ル').unwrap_or(reading)
}

fn katakana(hiragana: &str) -> String {
    hiragana
        .chars()
        .map(|c| char::from_u32(c as u32 + 0x60).filter(|_| matches!(c, 'ぁ'..='ゖ')).unwrap_or(c))
        .collect()
}
