//! The yardstick of `benches/compare.sh`: nothing but tokenizing, with the dictionary and the user words that `jirei tag`
//! uses, over normalised texts that lie in memory already. Usage: `bare_lindera answers.csv THREADS`.
//!
//! Prints the seconds the threads took (start-up, reading and normalising are not counted), the texts and the tokens.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use jirei::normalise::normalise;
use jirei::tokenize::Tokenizer;

/// Texts a thread takes at a time.
const BATCH: usize = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(path), Some(threads)) = (args.next(), args.next()) else {
        return Err("usage: bare_lindera answers.csv THREADS".into());
    };
    let threads: usize = threads.parse()?;
    let mut reader = csv::Reader::from_path(path)?;
    let column = reader.headers()?.iter().position(|header| header == "text").ok_or("no column `text`")?;
    let mut texts = Vec::new();
    for row in reader.records() {
        texts.push(normalise(&row?[column]).text().to_owned());
    }
    let tokenizer = Tokenizer::embedded()?;
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let tokens: usize = std::thread::scope(|scope| {
        let tokenize = || {
            let mut worker = tokenizer.worker();
            let mut tokens = Vec::new();
            let mut found = 0;
            loop {
                let start = next.fetch_add(BATCH, Ordering::Relaxed);
                let Some(rest) = texts.get(start..).filter(|rest| !rest.is_empty()) else { return found };
                for text in &rest[..rest.len().min(BATCH)] {
                    worker.tokenize(text, &mut tokens);
                    found += tokens.len();
                }
            }
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(tokenize)).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or(0)).sum()
    });
    println!("{:.4} {} {tokens}", started.elapsed().as_secs_f64(), texts.len());
    Ok(())
}
