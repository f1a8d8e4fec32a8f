//! A table that has been opened, handed out row by row.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use csv::{Position, StringRecord};

use super::bytes::Meter;
use super::ids::Ids;
use super::own::Own;
use super::{Next, Options, READ_AS_IT_IS, Rejected, Repairs, Rows, refuse};
use crate::comment::{Comment, Row, Schema};
use crate::error::Result;

/// Rows that may be left out as broken. A file with more is not what it was taken for.
const MOST_REJECTED: usize = 10_000;

/// A table of answers, read row by row.
///
/// Every row has exactly as many cells as the schema has headers, and at least one row exists: both are checked, so
/// that whoever reads needn't. After an error the reader is spent.
#[derive(Debug)]
pub struct Reader {
    pub(super) name: String,
    pub(super) rows: Rows,
    pub(super) meter: Meter,
    pub(super) options: Options,
    pub(super) schema: Arc<Schema>,
    pub(super) findings: Vec<String>,
    pub(super) closed: Vec<String>,
    /// How many of the columns have a header; those behind are blank.
    pub(super) named: usize,
    /// Rows read ahead to recognise the columns, still to be handed out.
    pub(super) sample: VecDeque<Next>,
    /// How the rows are made back into those of the input, if this program wrote them.
    pub(super) own: Option<Own>,
    /// Data rows so far, those left out included.
    pub(super) count: u64,
    pub(super) repairs: Repairs,
    pub(super) rejected: Vec<Rejected>,
    /// The lines of rows that look like sums of others.
    pub(super) totals: Vec<u64>,
    /// The ids so far, if they must be unique.
    pub(super) ids: Ids,
    /// The file, if it can be opened again.
    pub(super) path: Option<PathBuf>,
}

impl Reader {
    /// What the columns mean.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// How the file was understood, one Japanese line per finding, for the user to check.
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// The column called `name`: of a table of ours kept as it is ([`Options::keep_own`]) first the one that was added to the
    /// input, of any other the one with this header.
    pub fn column(&self, name: &str) -> Option<usize> {
        let headers = &self.schema.headers;
        let added = self.own.as_ref().and_then(|own| own.added(headers, name));
        added.or_else(|| headers.iter().position(|header| header == name))
    }

    /// The columns of closed questions: those the user named, and those that look like answers by name but not by content.
    pub fn closed(&self) -> &[String] {
        &self.closed
    }

    /// The next row, or `None` at the end of the input.
    ///
    /// # Errors
    /// When the input can't be read on or the row is broken; the message names its line.
    pub fn next_row(&mut self) -> Result<Option<Row>> {
        loop {
            let next = match self.sample.pop_front() {
                Some(next) => next,
                None => self.rows.next(&mut self.repairs)?,
            };
            let (line, problem, hint, cells) = match next {
                Next::End => {
                    return match self.own.as_ref().map_or(Ok(()), Own::end) {
                        Ok(()) => self.ids.end().map(|()| None),
                        Err(problem) => Err(refuse(&self.name, None, problem, READ_AS_IT_IS)),
                    };
                }
                Next::Row(cells) if has_more(&cells, self.named) => {
                    self.count += 1;
                    let problem = format!("見出しのない {} 列目に中身があります", self.named + 1);
                    let hint = "列に見出しを付けるか、はみ出したセルを直してください".to_owned();
                    let line = cells.position().map(Position::line);
                    (line, problem, hint, cells.iter().map(str::to_owned).collect())
                }
                Next::Row(mut cells) => {
                    if cells.len() > self.named {
                        cells.truncate(self.named);
                    }
                    if let Some(own) = &mut self.own {
                        let line = cells.position().map(Position::line);
                        match own.restore(&cells) {
                            Ok(Some(whole)) => cells = whole,
                            Ok(None) => continue,
                            Err(problem) => return Err(refuse(&self.name, line, problem, READ_AS_IT_IS)),
                        }
                    }
                    self.count += 1;
                    if self.is_total(&cells) {
                        self.totals.extend(cells.position().map(Position::line));
                    }
                    if let Some(file) = &self.options.file {
                        cells.push_field(file);
                    }
                    self.repairs.look_for_private(cells.position().map(Position::line), cells.as_slice());
                    let Some((problem, hint)) = self.repeated_id(&cells) else {
                        let number = self.own.as_ref().map_or(self.count, |own| own.number(self.count));
                        return Ok(Some(Row { number, cells }));
                    };
                    let line = cells.position().map(Position::line);
                    (line, problem, hint, cells.iter().map(str::to_owned).collect())
                }
                Next::Broken { line, problem, hint, cells } => {
                    self.count += 1;
                    (line, problem, hint, cells)
                }
            };
            if !self.options.skip_bad_rows {
                return Err(refuse(&self.name, line, problem, hint));
            }
            if self.rejected.len() == MOST_REJECTED {
                let problem = format!("読めない行が {MOST_REJECTED} 行を超えました（{problem}）");
                return Err(refuse(&self.name, line, problem, "文字コードと区切りの指定を確かめてください"));
            }
            self.rejected.push(Rejected { line, reason: problem, cells });
        }
    }

    /// Whether an id that comes again is an error.
    pub(super) fn wants_unique_ids(&self) -> bool {
        self.options.unique_ids && self.schema.id.is_some()
    }

    /// Whether [`Reader::rehearse`] can go through all rows.
    pub(super) fn is_readable_twice(&self) -> bool {
        self.path.is_some() || matches!(self.rows, Rows::Sheet(_))
    }

    /// Goes through all rows, their ids among `ids`, and leaves the reader as it was: at the first row. Nothing happens where
    /// the input can't be read twice.
    pub(super) fn rehearse(&mut self, ids: Ids) -> Result<()> {
        let place = match (&self.rows, &self.path) {
            // A book is in memory already.
            (Rows::Sheet(sheet), _) => sheet.place(),
            (_, Some(path)) => {
                let mut again = Reader::open(path, &self.options)?;
                again.skip_digest();
                again.ids = ids;
                return again.read_through();
            }
            (_, None) => return Ok(()),
        };
        let (sample, own, repairs) = (self.sample.clone(), self.own.clone(), self.repairs.clone());
        self.ids = ids;
        self.read_through()?;
        if let Rows::Sheet(sheet) = &mut self.rows {
            sheet.return_to(place);
        }
        (self.sample, self.own, self.repairs) = (sample, own, repairs);
        (self.count, self.ids) = (0, Ids::default());
        self.rejected.clear();
        self.totals.clear();
        Ok(())
    }

    fn read_through(&mut self) -> Result<()> {
        while self.next_row()?.is_some() {}
        Ok(())
    }

    /// Whether a row looks like a sum of others: it begins with 合計, and no answer says more than a number.
    fn is_total(&self, cells: &StringRecord) -> bool {
        let first = cells.iter().map(str::trim).find(|cell| !cell.is_empty());
        let is_number = |cell: &str| cell.chars().all(|c| c.is_numeric() || " 　,.，．%％件人名".contains(c));
        first.is_some_and(|first| ["合計", "総計", "小計", "計"].contains(&first))
            && self.schema.texts.iter().all(|&text| is_number(&cells[text]))
    }

    /// Problem and hint, if an earlier row had the id of this one.
    fn repeated_id(&mut self, cells: &StringRecord) -> Option<(String, String)> {
        let id = self.options.unique_ids.then_some(self.schema.id).flatten().map(|column| &cells[column])?;
        if id.is_empty() || !self.ids.repeats(id, cells, &self.schema) {
            return None;
        }
        let question = self.schema.question.map(|column| &cells[column]);
        let of = question.map(|question| format!("（{question}）")).unwrap_or_default();
        let problem = format!("ID「{id}」{of}が、前の行にもあります");
        let hint = "別の人の回答なら ID を直してください。同じ ID のままでよければ `--allow-duplicate-ids` を、この行を除くなら `--skip-bad-rows` を付けてください";
        Some((problem, hint.to_owned()))
    }

    /// Bytes taken from the input so far. Runs ahead of the rows handed out by what is buffered.
    pub fn bytes_read(&self) -> u64 {
        self.meter.bytes()
    }

    /// How many of the input's bytes the rows so far amount to, for a progress bar. A book is read before its first row.
    pub fn position(&self) -> u64 {
        match &self.rows {
            Rows::Sheet(sheet) => (self.meter.bytes() as f64 * sheet.share()) as u64,
            Rows::Lines(_) | Rows::Objects(_) => self.meter.bytes(),
        }
    }

    /// Data rows handed out or left out so far.
    pub fn rows_read(&self) -> u64 {
        self.count
    }

    /// Leaves off working out [`Reader::sha256`], which takes a tenth of the time of reading.
    pub fn skip_digest(&mut self) {
        self.meter.skip_digest();
    }

    /// SHA-256 of the whole input, in hexadecimal; `None` as long as a byte of it is unread. After
    /// [`Reader::next_row`] has returned `Ok(None)` it is always there, unless it was not wanted.
    pub fn sha256(&self) -> Option<String> {
        self.meter.sha256()
    }

    /// The rows read so far in which characters were replaced.
    pub fn repairs(&self) -> &Repairs {
        &self.repairs
    }

    /// The lines of the rows so far that look like sums of others, and not like answers.
    pub fn totals(&self) -> &[u64] {
        &self.totals
    }

    /// The rows left out so far.
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }
}

/// Whether a row has anything behind the columns with a header.
fn has_more(cells: &StringRecord, named: usize) -> bool {
    cells.iter().skip(named).any(|cell| !cell.trim().is_empty())
}

/// The answers of a row, one per text column, in the order of [`Schema::texts`].
pub fn comments_of(schema: &Arc<Schema>, row: Row) -> impl Iterator<Item = Comment> + use<> {
    let schema = Arc::clone(schema);
    let row = Arc::new(row);
    (0..schema.texts.len())
        .map(move |nth| Comment::new(Arc::clone(&schema), Arc::clone(&row), schema.texts[nth]))
}
