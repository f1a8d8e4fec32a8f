//! What a worker makes of a batch of comments, and the memory for it.

use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

use jirei::classify::Tagging;
use jirei::comment::Comment;
use jirei::export::xlsx::{Part, Room};
use jirei::quote;

/// What a worker makes of a batch.
pub struct Batch {
    maker: ThreadId,
    /// For each text file what it gets.
    pub texts: Vec<Vec<u8>>,
    pub rows: Vec<Part>,
    /// To write them in.
    pub room: Room,
    pub candidates: Vec<quote::Candidate>,
    pub spent: Vec<quote::Spent>,
    pub tagged: Vec<(Comment, Tagging)>,
}

impl Batch {
    /// An empty one for so many text files.
    fn new(texts: usize) -> Self {
        Batch {
            maker: thread::current().id(),
            texts: vec![Vec::new(); texts],
            rows: Vec::new(),
            room: Room::default(),
            candidates: Vec::new(),
            spent: Vec::new(),
            tagged: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.texts.iter_mut().for_each(Vec::clear);
        self.rows.clear();
        self.candidates.clear();
        self.spent.clear();
        self.tagged.clear();
    }
}

/// Batches that were delivered, for further ones: the system gives large buffers page by page. What is in them goes back
/// to the thread that made it, because threads that give one another's memory back wait for one another (4 % of a folder's
/// time, 11 % with a cache).
#[derive(Default)]
pub struct Spare(Mutex<Vec<Batch>>);

impl Spare {
    /// An empty batch for so many text files, on the thread that is to fill it.
    pub fn take(&self, texts: usize) -> Batch {
        let maker = thread::current().id();
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those of threads that have ended are anybody's.
        let at = spare.iter().position(|batch| batch.maker == maker).or(spare.len().checked_sub(1));
        let taken = at.map(|at| spare.swap_remove(at));
        drop(spare);
        let mut batch = taken.unwrap_or_else(|| Batch::new(texts));
        batch.clear();
        batch.maker = maker;
        batch
    }

    pub fn give(&self, batch: Batch) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
    }
}
