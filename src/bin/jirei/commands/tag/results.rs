//! What a run makes of the comments, as they come: text files, the workbook, the page, the candidates for quotes, counts.

use jirei::cache::Cache;
use jirei::classify::Tagging;
use jirei::comment::{Comment, Schema};
use jirei::export;
use jirei::export::csv::Separator;
use jirei::export::parquet::Table;
use jirei::export::xlsx::{Workbook, parts};
use jirei::matcher::Worker;
use jirei::publish::Draft;
use jirei::quote::{self, Quote};
use jirei::report::Report;
use jirei::rule::Rulebook;
use jirei::tally::Tally;

use super::Run;
use super::batch::{Batch, Spare};
use crate::exit::Failure;
use crate::inputs::{Inputs, Means};

/// A format that workers serialise themselves.
#[derive(Clone, Copy)]
pub enum TextFormat {
    Table(Separator),
    Jsonl,
}

impl TextFormat {
    fn write_header(self, out: &mut Vec<u8>, schema: &Schema, rulebook: &Rulebook) {
        match self {
            TextFormat::Table(separator) => export::csv::write_header(out, schema, rulebook, separator),
            TextFormat::Jsonl => {}
        }
    }

    fn write_comment(self, out: &mut Vec<u8>, comment: &Comment, tagging: &Tagging, rulebook: &Rulebook) {
        match self {
            TextFormat::Table(separator) => {
                export::csv::write_comment(out, comment, tagging, rulebook, separator);
            }
            TextFormat::Jsonl => export::jsonl::write_comment(out, comment, tagging, rulebook),
        }
    }
}

/// What is asked for beside the counts, and what has come of it so far.
pub struct Results<'r> {
    run: &'r Run<'r>,
    pub tally: Tally,
    pub texts: Vec<(TextFormat, Draft)>,
    pub parquet: Option<Table<'r, Draft>>,
    book: Option<Workbook<'r>>,
    pool: Option<quote::Pool>,
    pub report: Option<Report>,
}

impl<'r> Results<'r> {
    pub fn new(run: &'r Run<'r>) -> Self {
        let tally = Tally::new(run.rulebook);
        Results { run, tally, texts: Vec::new(), parquet: None, book: None, pool: None, report: None }
    }

    /// A text file in `draft`.
    pub fn with_text(
        mut self,
        format: TextFormat,
        mut draft: Draft,
        schema: &Schema,
    ) -> Result<Self, Failure> {
        let mut header = Vec::new();
        format.write_header(&mut header, schema, self.run.rulebook);
        draft.put(&header)?;
        self.texts.push((format, draft));
        Ok(self)
    }

    /// The Parquet table in `draft`.
    pub fn with_parquet(mut self, draft: Draft, schema: &Schema) -> Result<Self, Failure> {
        self.parquet = Some(Table::create(draft, schema, self.run.rulebook)?);
        Ok(self)
    }

    /// The workbook, and with it the quotes.
    pub fn with_book(mut self, schema: &Schema) -> Result<Self, Failure> {
        let options = quote::Options::for_columns(schema);
        let options = quote::Options { per_category: self.run.args.quotes, ..options };
        self.pool = Some(quote::Pool::new(self.run.rulebook, options));
        self.book = Some(Workbook::create(schema, self.run.rulebook)?);
        Ok(self)
    }

    /// The page.
    pub fn with_report(mut self, inputs: &Inputs) -> Self {
        self.report = Some(Report::new(&inputs.schema(), inputs.roles()));
        self
    }

    /// Tags all comments.
    pub fn collect(&mut self, inputs: &mut Inputs) -> Result<(), Failure> {
        let Results { run, tally, texts, parquet, book, pool, report } = self;
        let formats: Vec<TextFormat> = texts.iter().map(|(format, _)| *format).collect();
        let has_quotes = pool.is_some();
        let row_layout = book.as_ref().map(Workbook::row_layout);
        let spare = Spare::default();
        let (rulebook, tokenizer, output) = (run.rulebook, run.tokenizer, run.output);
        inputs.over_all(
            Means { rulebook, tokenizer, threads: run.args.threads.count(), output },
            |worker, first, comments| {
                let mut batch = spare.take(formats.len());
                let mut cached = run.cache.as_deref().map(Cache::batch);
                for comment in comments {
                    let (tagging, is_analysed) = match &mut cached {
                        Some(cached) => cached.tag(worker, &comment),
                        None => (worker.tag(&comment), true),
                    };
                    for (format, bytes) in formats.iter().zip(&mut batch.texts) {
                        format.write_comment(bytes, &comment, &tagging, run.rulebook);
                    }
                    match &mut cached {
                        _ if !has_quotes => {}
                        Some(cached) => {
                            let tagging = (&tagging, is_analysed);
                            cached.candidates(worker, &comment, tagging, &mut batch.candidates);
                        }
                        None => {
                            let analyser = worker.analyser();
                            quote::candidates_of(&comment, &tagging, analyser, &mut batch.candidates);
                        }
                    }
                    batch.tagged.push((comment, tagging));
                }
                if let Some(layout) = &row_layout {
                    let Batch { rows, tagged, room, .. } = &mut batch;
                    rows.extend(parts(first, tagged).map(|(first, part)| match &mut cached {
                        Some(cached) => cached.part(layout, first, part, room),
                        None => layout.part(first, part, room),
                    }));
                }
                batch
            },
            |mut batch| {
                for (comment, tagging) in &batch.tagged {
                    tally.add(comment, tagging);
                    if let Some(pool) = pool {
                        pool.meet(comment, tagging);
                    }
                    if let Some(table) = parquet {
                        table.add(comment, tagging)?;
                    }
                    if let Some(book) = book {
                        book.add(comment, tagging)?;
                    }
                    if let Some(report) = report {
                        report.add(comment, tagging);
                    }
                }
                if let Some(book) = book {
                    batch.rows.iter().try_for_each(|part| book.add_rows(part))?;
                }
                if let Some(pool) = pool {
                    let Batch { candidates, spent, .. } = &mut batch;
                    spent.extend(candidates.drain(..).map(|candidate| pool.add(candidate)));
                }
                for ((_, draft), bytes) in texts.iter_mut().zip(&batch.texts) {
                    draft.put(bytes)?;
                }
                // A thread with little else to do is as good for that as the one that made them (2 % of a run for JSONL).
                if pool.is_none() {
                    batch.tagged.clear();
                }
                spare.give(batch);
                Ok(())
            },
        )
    }

    /// The quotes chosen from what was collected.
    pub fn quotes(&mut self) -> Vec<Quote> {
        let mut worker = Worker::new(self.run.rulebook, self.run.tokenizer);
        let Some(pool) = self.pool.take() else { return Vec::new() };
        let quotes = pool.select(&mut worker).quotes;
        // The program is about to end, and gives its memory back faster whole than in a million pieces.
        std::mem::forget(pool);
        quotes
    }

    /// The workbook, if it is asked for, to be finished.
    pub fn take_book(&mut self) -> Option<Workbook<'r>> {
        self.book.take()
    }
}
