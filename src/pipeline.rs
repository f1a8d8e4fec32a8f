//! Runs a whole input: one thread reads, workers tag and serialise, the caller receives the batches in input order.
//!
//! Memory stays flat however long the input is: only a fixed number of batches (`BATCHES_PER_THREAD` per worker) is
//! under way, and the next is read when one has been delivered. The bytes delivered don't depend on the number of
//! threads.

use std::collections::BTreeMap;
use std::sync::{Mutex, mpsc};

use crate::comment::Comment;
use crate::error::{Error, Result};
use crate::matcher::Worker;
use crate::read::{Reader, comments_of};
use crate::rule::Rulebook;
use crate::tokenize::Tokenizer;

/// Text per batch, in bytes: large enough that handing over costs nothing (8 KiB: -6 %), small enough to keep every
/// thread busy on small inputs.
const BATCH_BYTES: usize = 64 << 10;

/// Comments per batch at most, for inputs with many empty answers.
const BATCH_COMMENTS: usize = 4096;

/// Batches under way per worker: one in work, others waiting on either side.
const BATCHES_PER_THREAD: usize = 4;

/// How far the run has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Bytes of the input read so far; of a book, the part of its bytes that its rows so far make up.
    pub bytes: u64,
    /// Rows of the input read so far.
    pub rows: u64,
    /// Comments made of them.
    pub comments: u64,
}

/// Tags everything `reader` gives. `process` runs on `threads` worker threads, each with its own [`Worker`], and makes
/// something of a batch of comments, told how many came before them; `deliver` receives the results on the calling thread, in input order.
///
/// # Errors
/// The first error of the reader or of `deliver`.
pub fn run<T: Send>(
    reader: &mut Reader,
    rulebook: &Rulebook,
    tokenizer: &Tokenizer,
    threads: usize,
    process: impl Fn(&mut Worker<'_>, u64, Vec<Comment>) -> T + Sync,
    mut deliver: impl FnMut(T, Progress) -> Result<()>,
) -> Result<()> {
    let threads = threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Error::Output { source: std::io::Error::other(error) })?;
    let under_way = threads * BATCHES_PER_THREAD;
    // A ticket is a batch's right to be under way; the caller gives it back on delivery.
    let (give_ticket, take_ticket) = mpsc::sync_channel(under_way);
    for _ in 0..under_way {
        give_ticket.send(()).expect("the receiver is alive");
    }
    let (send_batch, batches) = mpsc::sync_channel::<Batch>(under_way);
    let (send_result, results) = mpsc::sync_channel::<(u64, T, Progress)>(under_way);
    let batches = Mutex::new(batches);
    let process = &process;
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || read_batches(reader, &take_ticket, &send_batch));
        scope.spawn(move || {
            pool.broadcast(|_| {
                let mut worker = Worker::new(rulebook, tokenizer);
                let send_result = send_result.clone();
                loop {
                    let next = batches.lock().map_or(None, |batches| batches.recv().ok());
                    let Some(batch) = next else { break };
                    let made = process(&mut worker, batch.first, batch.comments);
                    if send_result.send((batch.number, made, batch.progress)).is_err() {
                        break;
                    }
                }
            });
        });
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        let mut delivered = Ok(());
        'receive: for (number, made, progress) in results {
            waiting.insert(number, (made, progress));
            while let Some((made, progress)) = waiting.remove(&next) {
                delivered = deliver(made, progress);
                if delivered.is_err() {
                    break 'receive;
                }
                next += 1;
                // The reader may be done and gone.
                let _ = give_ticket.send(());
            }
        }
        // On an early end the reader learns from the tickets, the workers from the results, that nobody waits.
        drop(give_ticket);
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        delivered.and(read)
    })
}

struct Batch {
    number: u64,
    /// How many comments came before.
    first: u64,
    comments: Vec<Comment>,
    progress: Progress,
}

fn read_batches(
    reader: &mut Reader,
    tickets: &mpsc::Receiver<()>,
    batches: &mpsc::SyncSender<Batch>,
) -> Result<()> {
    let schema = std::sync::Arc::clone(reader.schema());
    let (mut number, mut first) = (0, 0);
    let mut comments = Vec::new();
    let mut bytes = 0;
    loop {
        let row = reader.next_row()?;
        let is_last = row.is_none();
        if let Some(row) = row {
            bytes += row.cells.as_slice().len();
            comments.extend(comments_of(&schema, row));
        }
        if (is_last && !comments.is_empty()) || bytes >= BATCH_BYTES || comments.len() >= BATCH_COMMENTS {
            let after = first + comments.len() as u64;
            let batch = Batch {
                number,
                first,
                comments: std::mem::take(&mut comments),
                progress: Progress { bytes: reader.position(), rows: reader.rows_read(), comments: after },
            };
            if tickets.recv().is_err() || batches.send(batch).is_err() {
                return Ok(());
            }
            number += 1;
            first = after;
            bytes = 0;
        }
        if is_last {
            return Ok(());
        }
    }
}
