//! The tables that a command reads, and the run of the pipeline over all of them.

use std::path::PathBuf;
use std::sync::Arc;

use jirei::comment::{Comment, Schema};
use jirei::manifest::FileDigest;
use jirei::matcher::Worker;
use jirei::pipeline;
use jirei::read::{Columns, Reader};
use jirei::rule::Rulebook;
use jirei::tokenize::Tokenizer;

use crate::args::InputArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::progress;

/// The inputs, opened: a mistake in any of them is known before anything is written.
pub struct Inputs {
    readers: Vec<Reader>,
    paths: Vec<PathBuf>,
    /// Bytes of all inputs, where known.
    bytes: Option<u64>,
}

impl Inputs {
    pub fn open(args: &InputArgs) -> Result<Self, Failure> {
        let columns =
            Columns { id: args.id.clone(), texts: args.texts.clone(), question: args.question.clone() };
        let paths = args.inputs.clone();
        let readers = paths
            .iter()
            .map(|path| Reader::open(path, &columns))
            .collect::<jirei::error::Result<Vec<Reader>>>()?;
        let (first, rest) = readers.split_first().expect("clap requires an input");
        for (reader, path) in rest.iter().zip(&paths[1..]) {
            if **reader.schema() != **first.schema() {
                return Err(Failure::Usage(
                    format!("`{}` の列が `{}` と違います", path.display(), paths[0].display()),
                    "列の名前と順序をそろえるか、別々に実行してください".to_owned(),
                ));
            }
        }
        let size = |path: &PathBuf| {
            std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|file| file.len())
        };
        let bytes = paths.iter().map(size).sum();
        Ok(Inputs { readers, paths, bytes })
    }

    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(self.readers[0].schema())
    }

    /// How the first input was understood, for the user to check; the others have the same columns.
    pub fn findings(&self) -> &[String] {
        self.readers[0].findings()
    }

    /// Leaves off the digests, where no manifest records what was read.
    pub fn skip_digests(&mut self) {
        self.readers.iter_mut().for_each(Reader::skip_digest);
    }

    /// What the manifest records of them; complete once everything has been read.
    pub fn digests(&self) -> Vec<FileDigest> {
        let digest = |(reader, path): (&Reader, &PathBuf)| FileDigest {
            path: path.display().to_string(),
            bytes: reader.bytes_read(),
            sha256: reader.sha256().unwrap_or_default(),
        };
        self.readers.iter().zip(&self.paths).map(digest).collect()
    }

    /// Runs the pipeline over every input in turn, on `threads` threads (0: as many as there are).
    pub fn over_all<T: Send>(
        &mut self,
        rulebook: &Rulebook,
        tokenizer: &Tokenizer,
        threads: usize,
        output: &Output,
        process: impl Fn(&mut Worker<'_>, Vec<Comment>) -> T + Sync,
        mut deliver: impl FnMut(T) -> jirei::error::Result<()>,
    ) -> Result<(), Failure> {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads,
        };
        let bar = progress::bar(self.bytes, output.is_quiet());
        let mut before = 0;
        for reader in &mut self.readers {
            pipeline::run(reader, rulebook, tokenizer, threads, &process, |made, progress| {
                bar.set_position(before + progress.bytes);
                deliver(made)
            })?;
            before += reader.bytes_read();
        }
        bar.finish_and_clear();
        Ok(())
    }
}
