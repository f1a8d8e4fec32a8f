//! One format, to a file or to stdout.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use jirei::export::csv::Separator;
use jirei::publish::{Draft, is_stdout};
use jirei::tally::Tally;

use super::results::{Results, TextFormat};
use super::{Format, REJECTED, Run, rejects};
use crate::exit::Failure;
use crate::inputs::Inputs;
use crate::interrupt;

impl Run<'_> {
    pub(super) fn one_file(&self, format: Format, inputs: &mut Inputs) -> Result<Tally, Failure> {
        let target = self.file(inputs)?;
        match format {
            Format::Csv => self.text(TextFormat::Table(Separator::Comma), &target, inputs),
            Format::Tsv => self.text(TextFormat::Table(Separator::Tab), &target, inputs),
            Format::Jsonl => self.text(TextFormat::Jsonl, &target, inputs),
            Format::Xlsx => self.workbook(&target, inputs),
            Format::Parquet => self.parquet(&target, inputs),
        }
    }

    /// Where it goes.
    fn file(&self, inputs: &Inputs) -> Result<PathBuf, Failure> {
        let target = self.args.output.clone().unwrap_or_else(|| PathBuf::from("-"));
        if !is_stdout(&target) && target.is_dir() {
            return Err(Failure::Usage(
                format!("`{}` はフォルダーです", target.display()),
                "`--format` を付けるときは `-o` にファイル名を、一式を書き出すときは `--format` を外してください".to_owned(),
            ));
        }
        if self.args.input.table.skip_bad_rows {
            if is_stdout(&target) {
                return Err(Failure::Usage(
                    "除いた行を書くファイルがありません".to_owned(),
                    "`--skip-bad-rows` を付けるときは `-o` にファイルかフォルダーを指定してください"
                        .to_owned(),
                ));
            }
            self.check_output(inputs, &rejects_beside(&target))?;
        }
        self.check_output(inputs, &target)?;
        Ok(target)
    }

    fn text(&self, format: TextFormat, target: &Path, inputs: &mut Inputs) -> Result<Tally, Failure> {
        // Nothing records what was read.
        inputs.skip_digests();
        let draft = Draft::create(target)?;
        let mut results = Results::new(self).with_text(format, draft, &inputs.schema())?;
        results.collect(inputs)?;
        self.saving_cache(|| {
            self.write_rejects_beside(target, inputs)?;
            results.texts.into_iter().try_for_each(|(_, draft)| draft.commit())?;
            Ok(results.tally)
        })
    }

    fn workbook(&self, target: &Path, inputs: &mut Inputs) -> Result<Tally, Failure> {
        refuse_screen(target, "ブック", "結果.xlsx")?;
        let mut draft = Draft::create(target)?;
        let mut results = Results::new(self).with_book(&inputs.schema())?;
        results.collect(inputs)?;
        self.saving_cache(|| {
            let manifest = self.manifest(inputs, &results.tally)?;
            let quotes = results.quotes();
            let clipped = results
                .take_book()
                .map(|book| book.finish(&results.tally, &quotes, &manifest, &mut draft))
                .transpose()
                .map_err(|error| error.at(target))?
                .unwrap_or_default();
            interrupt::check()?;
            self.write_rejects_beside(target, inputs)?;
            draft.commit()?;
            self.report_clipped(&clipped);
            Ok(results.tally)
        })
    }

    fn parquet(&self, target: &Path, inputs: &mut Inputs) -> Result<Tally, Failure> {
        refuse_screen(target, "Parquet", "結果.parquet")?;
        inputs.skip_digests();
        let mut results = Results::new(self).with_parquet(Draft::create(target)?, &inputs.schema())?;
        results.collect(inputs)?;
        self.saving_cache(|| {
            self.write_rejects_beside(target, inputs)?;
            if let Some(table) = results.parquet {
                table.finish().map_err(|error| error.at(target))?.commit()?;
            }
            Ok(results.tally)
        })
    }

    /// The rows left out, beside the file.
    fn write_rejects_beside(&self, target: &Path, inputs: &Inputs) -> Result<(), Failure> {
        if self.args.input.table.skip_bad_rows {
            let mut draft = Draft::create(&rejects_beside(target))?;
            draft.put(&rejects(inputs))?;
            draft.commit()?;
        }
        Ok(())
    }
}

/// Refuses to write what only programs can read to a terminal.
fn refuse_screen(target: &Path, what: &str, example: &str) -> Result<(), Failure> {
    if !is_stdout(target) || !std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::Usage(
        format!("{what}は画面に出せません"),
        format!("`-o {example}` のようにファイル名を指定してください"),
    ))
}

/// The file for the rows left out, beside the file `target`.
fn rejects_beside(target: &Path) -> PathBuf {
    target.with_extension(REJECTED)
}
