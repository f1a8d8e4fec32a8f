//! Remembers from run to run which evidence was found in which answer, so that only what has changed is tagged again.
//!
//! An answer is known by a digest of its text and of the cells that conditions ask for, a rule by a digest of all that
//! its evidence depends on (`digest`). For an answer met before, only rules that its last run didn't have are in
//! question, and only where they can hold in its text (`earlier`, `changed`); in all other answers the evidence of that run
//! stands.
//! The program and the dictionary are part of neither digest: where they change, everything is forgotten. Tags from the
//! cache are the ones that tagging would give, evidence included; answers that say the same are tagged once.
//!
//! Beside the tags, what takes long to make of them is remembered (`records`): excerpts that may be quoted, which depend on
//! text and evidence alone, and rows of the workbook, a few at a time.
//!
//! What is forgotten: answers that weren't among those of the last few runs over other answers (`MOST_RUNS`).

mod changed;
mod digest;
mod earlier;
mod file;
mod records;

use std::collections::hash_map::Entry;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use rustc_hash::{FxHashMap, FxHashSet};

use self::changed::{Form, Room};
use self::digest::{Digest, Rule};
use self::earlier::Run;
use self::file::{Found, Place, Stored, StoredRun};
use self::records::{Records, Window};
use crate::classify::{Evidence, Tag, Tagging};
use crate::comment::{Comment, Status};
use crate::error::{Error, Result};
use crate::export::xlsx::{self, Part, RowLayout};
use crate::manifest;
use crate::matcher::Worker;
use crate::quote::{self, Candidate, candidates_of};
use crate::rule::{CategoryId, RuleId, Rulebook};
use crate::span::Span;
use crate::tokenize::{LINDERA_VERSION, Tokenizer};

/// Runs of which answers are remembered, if no later run met them: as many as there may be inputs that take turns.
const MOST_RUNS: usize = 8;

/// Answers remembered besides those of the last run. About 40 bytes each in the file, 100 in memory.
const MOST_OTHERS: usize = 2_000_000;

/// Parts of the answers met, each with a lock of its own: far more than threads.
const SHARES: usize = 64;

/// The tags of earlier runs, for one rulebook.
pub struct Cache<'r> {
    dir: PathBuf,
    maker: String,
    /// The category of each rule, and what it is, by number.
    categories: Vec<CategoryId>,
    rules: Vec<Rule>,
    /// The columns that conditions ask for.
    columns: Vec<&'r str>,
    runs: Vec<Run<'r>>,
    /// The answers known, each with its run and where in it stands what was found there.
    known: FxHashMap<Digest, (usize, Range<usize>)>,
    forms: Mutex<FxHashSet<Form>>,
    /// The answers of this run.
    met: [Mutex<Met>; SHARES],
    /// How many of them had to be tagged.
    tagged: AtomicUsize,
    /// What was made of them, where quotes and a workbook are asked for.
    records: Option<Records>,
}

/// Answers of this run.
#[derive(Default)]
struct Met {
    /// Each with where its places stand.
    texts: FxHashMap<Digest, Range<usize>>,
    places: Vec<Place>,
}

/// What became of the file found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It is in use, or there was none.
    Well,
    /// It comes from another build of the program or another dictionary, and is written anew.
    OfAnother,
    /// It is no cache, or a damaged one, and is written anew.
    Damaged,
}

/// A cache that is being read, on threads of its own: rules and dictionary can be loaded meanwhile.
pub struct Reading {
    dir: PathBuf,
    found: JoinHandle<Result<Found>>,
    records: Option<JoinHandle<records::Found>>,
}

impl Reading {
    /// Begins with the cache in the folder `dir`, which is made if it isn't there. `has_records` says whether
    /// excerpts and rows are remembered, too.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub fn begin(dir: &Path, has_records: bool) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(|source| Error::write(dir, source))?;
        let (dir, of_tags, of_records) = (dir.to_owned(), dir.to_owned(), dir.to_owned());
        let found = std::thread::spawn(move || file::read(&of_tags));
        let records = has_records.then(|| std::thread::spawn(move || records::read(&of_records)));
        Ok(Reading { dir, found, records })
    }
}

impl<'r> Cache<'r> {
    /// Opens the cache that was read, and says what became of it. `tokenizer` must be the one that `rulebook` was compiled
    /// with.
    ///
    /// # Errors
    /// If its file can't be read, or the system gives no room for temporary files.
    pub fn open(reading: Reading, rulebook: &'r Rulebook, tokenizer: &Tokenizer) -> Result<(Self, Opened)> {
        let Reading { dir, found, records } = reading;
        let maker = maker(tokenizer)?;
        let records = records.map(|found| Records::open(&dir, joined(found), &maker)).transpose()?;
        let (records, opened_records) = records.unzip();
        let (stored, opened) = match joined(found)? {
            Found::Cache(stored) if stored.maker == maker => (stored, Opened::Well),
            Found::Cache(_) => (Stored::default(), Opened::OfAnother),
            Found::Damaged => (Stored::default(), Opened::Damaged),
            Found::Nothing => (Stored::default(), Opened::Well),
        };
        let (rules, ops) = digest::rules(rulebook);
        let mut categories: Vec<(RuleId, CategoryId)> =
            rulebook.program.rules.iter().map(|rule| (rule.id, rule.category)).collect();
        categories.sort_unstable();
        let mut cache = Cache {
            dir,
            maker,
            categories: categories.into_iter().map(|(_, category)| category).collect(),
            rules,
            columns: digest::columns(rulebook),
            runs: Vec::new(),
            known: FxHashMap::default(),
            forms: Mutex::default(),
            met: std::array::from_fn(|_| Mutex::default()),
            tagged: AtomicUsize::new(0),
            records,
        };
        for StoredRun { rules, texts, places } in stored.runs {
            let run = cache.runs.len();
            cache.runs.push(Run::new((rules, places), (&cache.rules, &ops), rulebook, &stored.forms));
            let mut end = 0_usize;
            cache.known.extend(texts.into_iter().map(|(text, places)| {
                let start = end;
                end = start.saturating_add(places);
                (text, (run, start..end))
            }));
        }
        cache.forms = Mutex::new(stored.forms.into_iter().collect());
        let opened = if opened == Opened::Well { opened_records.unwrap_or(opened) } else { opened };
        Ok((cache, opened))
    }

    /// Begins a batch of comments on the thread of one worker.
    pub fn batch(&self) -> Batch<'_> {
        Batch {
            cache: self,
            room: Room::default(),
            seen: FxHashSet::default(),
            text: None,
            window: Window::default(),
        }
    }

    /// How many different answers were met so far, and how many of them had to be tagged.
    pub fn counts(&self) -> (usize, usize) {
        (self.met.iter().map(|share| locked(share).texts.len()).sum(), self.tagged.load(Ordering::Relaxed))
    }

    /// Writes what is known now, for the next run, once all comments have been tagged.
    ///
    /// # Errors
    /// If the disk doesn't take it; the cache of before is left then.
    pub fn save(&self) -> Result<()> {
        self.records.as_ref().map_or(Ok(()), Records::save)?;
        let met: Vec<_> = self.met.iter().map(locked).collect();
        let is_met = |text: &Digest| met[text.share(SHARES)].texts.contains_key(text);
        let texts = met.iter().flat_map(|share| share.entries()).collect();
        let mut runs = vec![stored(&self.rules, texts)];
        let mut others: Vec<Vec<(Digest, &[Place])>> = self.runs.iter().map(|_| Vec::new()).collect();
        for (&text, (run, at)) in self.known.iter().filter(|(text, _)| !is_met(text)) {
            others[*run].extend(self.runs[*run].found(at).map(|places| (text, places)));
        }
        let mut left = MOST_OTHERS;
        for (run, texts) in self.runs.iter().zip(others).rev() {
            // A run all of whose answers were met again has nothing more to say.
            if texts.is_empty() || runs.len() == MOST_RUNS {
                continue;
            }
            let Some(rest) = left.checked_sub(texts.len()) else { break };
            left = rest;
            runs.push(stored(&run.rules, texts));
        }
        runs.reverse();
        let mut forms: Vec<Form> = locked(&self.forms).iter().cloned().collect();
        forms.sort_unstable();
        file::write(&self.dir, &Stored { maker: self.maker.clone(), forms, runs })
    }

    /// What was found in the comment before, if that is what would be found now.
    fn recall(&self, digest: Digest, comment: &Comment, room: &mut Room) -> Option<Tagging> {
        let share = &self.met[digest.share(SHARES)];
        let met = locked(share);
        if let Some(at) = met.texts.get(&digest) {
            let places = &met.places[at.clone()];
            return self.tagging(places.iter().map(|&place| (RuleId(place.rule), place)), comment);
        }
        drop(met);
        let (run, at) = self.known.get(&digest)?;
        let tagging = self.tagging(self.runs[*run].standing(at, comment.text(), room)?, comment)?;
        self.keep(digest, &tagging, false);
        Some(tagging)
    }

    /// The tags that these places make. `None` if they can't be places of the comment.
    fn tagging(&self, places: impl Iterator<Item = (RuleId, Place)>, comment: &Comment) -> Option<Tagging> {
        let mut found: Vec<(CategoryId, Evidence)> = Vec::new();
        for (rule, Place { start, end, .. }) in places {
            let (start, end) = (start as usize, end as usize);
            comment.text().get(start..end).filter(|text| !text.is_empty())?;
            let category = *self.categories.get(rule.index())?;
            found.push((category, Evidence { span: Span::new(start, end), rule }));
        }
        found.sort_unstable();
        // Equal rules of an earlier run find the same.
        found.dedup();
        let of_category = |found: &[(CategoryId, Evidence)]| Tag {
            category: found[0].0,
            evidence: found.iter().map(|&(_, evidence)| evidence).collect(),
        };
        Some(Tagging { tags: found.chunk_by(|a, b| a.0 == b.0).map(of_category).collect() })
    }

    fn keep(&self, digest: Digest, tagging: &Tagging, is_tagged: bool) {
        let narrow = |n: usize| u32::try_from(n).expect("spans and rules are that narrow");
        let place = |evidence: &Evidence| Place {
            rule: narrow(evidence.rule.index()),
            start: narrow(evidence.span.start()),
            end: narrow(evidence.span.end()),
        };
        let mut met = locked(&self.met[digest.share(SHARES)]);
        let Met { texts, places } = &mut *met;
        // Two threads may come upon equal answers at the same time.
        if let Entry::Vacant(text) = texts.entry(digest) {
            let start = places.len();
            places.extend(tagging.tags.iter().flat_map(|tag| &tag.evidence).map(place));
            text.insert(start..places.len());
            self.tagged.fetch_add(usize::from(is_tagged), Ordering::Relaxed);
        }
    }
}

/// Comments that one thread tags one after the other.
pub struct Batch<'c> {
    cache: &'c Cache<'c>,
    room: Room,
    /// The words whose forms have been noted, by their numbers in the worker's lexicon.
    seen: FxHashSet<usize>,
    /// The digest of the text of the comment that was tagged last.
    text: Option<Digest>,
    window: Window,
}

impl Batch<'_> {
    /// The categories of `comment`, as `worker` would give them, and whether it had to: only then has its analyser
    /// analysed the comment. It must be the same worker for the whole batch.
    pub fn tag(&mut self, worker: &mut Worker<'_>, comment: &Comment) -> (Tagging, bool) {
        if comment.status() != Status::Answered {
            return (Tagging::default(), false);
        }
        let text = digest::text(comment);
        self.text = Some(text);
        let digest = digest::comment(text, comment, &self.cache.columns);
        if let Some(tagging) = self.cache.recall(digest, comment, &mut self.room) {
            return (tagging, false);
        }
        if worker.analyser().is_full() {
            // The numbers will mean other words.
            self.seen.clear();
        }
        let tagging = worker.tag(comment);
        let tokens = worker.analyser().tokens();
        for at in 0..tokens.len() {
            let (surface, base) = (tokens.surface(at), &tokens.lexeme(at).base);
            if **base != *surface && self.seen.insert(tokens.tokens[at].lexeme.index()) {
                locked(&self.cache.forms).insert((surface.into(), base.clone()));
            }
        }
        self.cache.keep(digest, &tagging, true);
        (tagging, true)
    }

    /// Appends the candidates for quotes of `comment`, as [`candidates_of`] would give them. `tagging` is what
    /// [`Batch::tag`] has just given, and `is_analysed` whether `worker` had to tag for it.
    pub fn candidates(
        &mut self,
        worker: &mut Worker<'_>,
        comment: &Comment,
        (tagging, is_analysed): (&Tagging, bool),
        out: &mut Vec<Candidate>,
    ) {
        if tagging.is_empty() {
            return;
        }
        let text = self.text.unwrap_or_else(|| digest::text(comment));
        let known = self.cache.records.as_ref().map(|known| (known, digest::candidates(text, tagging)));
        let record = known.as_ref().and_then(|(known, key)| known.get(*key, &mut self.window));
        if record.and_then(|record| quote::recalled(record, comment, tagging, out)).is_some() {
            return;
        }
        if !is_analysed {
            worker.analyse(comment);
        }
        let from = out.len();
        candidates_of(comment, tagging, worker.analyser(), out);
        if let Some((known, key)) = known {
            known.put(key, &quote::remembered(&out[from..], tagging));
        }
    }

    /// A part of the rows of the workbook, as `layout` would give it ([`RowLayout::part`]).
    pub fn part(
        &mut self,
        layout: &RowLayout<'_>,
        first: u64,
        comments: &[(Comment, Tagging)],
        room: &mut xlsx::Room,
    ) -> Part {
        let Some(known) = &self.cache.records else { return layout.part(first, comments, room) };
        let key = digest::rows(layout.looks(), first, comments);
        let record = known.get(key, &mut self.window);
        record.and_then(|record| Part::recalled(record, first, comments.len())).unwrap_or_else(|| {
            let part = layout.part(first, comments, room);
            if let Some(record) = part.remembered() {
                known.put(key, &record);
            }
            part
        })
    }
}

impl Met {
    fn entries(&self) -> impl Iterator<Item = (Digest, &[Place])> {
        self.texts.iter().map(|(&text, at)| (text, &self.places[at.clone()]))
    }
}

/// What a thread came to.
fn joined<T>(thread: JoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What may change evidence besides text and rules.
fn maker(tokenizer: &Tokenizer) -> Result<String> {
    let identity = tokenizer.identity()?;
    let words = manifest::sha256(format!("{:?}", tokenizer.words()).as_bytes());
    let version = env!("CARGO_PKG_VERSION");
    Ok(format!("jirei {version} {}, lindera {LINDERA_VERSION}, {} {words}", build(), identity.sha256))
}

/// Tells builds of one version apart, while the program is being worked on.
fn build() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let changed = |file: &std::fs::Metadata| file.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok();
    file.map(|file| format!("{} {:?}", file.len(), changed(&file))).unwrap_or_default()
}

/// A run of these rules, and these texts with their places, for the file.
fn stored(rules: &[Rule], mut texts: Vec<(Digest, &[Place])>) -> StoredRun {
    texts.sort_unstable_by_key(|&(text, _)| text);
    StoredRun {
        rules: rules.to_vec(),
        places: texts.iter().flat_map(|(_, places)| places.iter().copied()).collect(),
        texts: texts.into_iter().map(|(text, places)| (text, places.len())).collect(),
    }
}

/// What `mutex` guards. A thread that panicked while it had it left single entries, each of them whole.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
