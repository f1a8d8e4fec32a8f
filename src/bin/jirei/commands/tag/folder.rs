//! The whole set, in a folder.

use std::path::Path;

use jirei::export;
use jirei::export::csv::Separator;
use jirei::export::xlsx::Clipped;
use jirei::manifest::{self, Manifest};
use jirei::publish::{Folder, is_stdout};
use jirei::quote::selection::Selection;
use jirei::report::{About, MOST_COMMENTS};
use jirei::tally::Tally;

use super::results::{Results, TextFormat};
use super::{REJECTED, Run, joined, rejects};
use crate::commands::report;
use crate::exit::Failure;
use crate::inputs::Inputs;
use crate::interrupt;

/// Adds a file with this content to the set.
fn add(folder: &mut Folder, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let mut draft = folder.draft(name)?;
    draft.put(bytes)?;
    Ok(folder.seal(draft)?)
}

/// The page of the set.
const REPORT: &str = "report.html";

impl Run<'_> {
    pub(super) fn folder(&self, inputs: &mut Inputs) -> Result<Tally, Failure> {
        let target = self.target()?;
        self.check_output(inputs, target)?;
        let mut folder = Folder::create(target)?;
        for name in [
            "tagged.csv",
            "tagged.jsonl",
            "tagged.xlsx",
            "summary.csv",
            "quotes.csv",
            REPORT,
            REJECTED,
            manifest::FILE_NAME,
        ] {
            self.check_output(inputs, &folder.path(name))?;
        }
        let schema = inputs.schema();
        let mut results = Results::new(self)
            .with_text(TextFormat::Table(Separator::Comma), folder.draft("tagged.csv")?, &schema)?
            .with_text(TextFormat::Jsonl, folder.draft("tagged.jsonl")?, &schema)?
            .with_book(&schema)?
            .with_report(inputs);
        results.collect(inputs)?;
        // The cache may lie in a folder within, and is complete before the set appears.
        let (tally, manifest, clipped) = self.saving_cache(|| self.complete(results, &mut folder, inputs))?;
        interrupt::check()?;
        folder.commit_all(manifest)?;
        self.report_clipped(&clipped);
        Ok(tally)
    }

    /// Makes the rest of the set of what was collected. Gives what doesn't stand in its files.
    fn complete(
        &self,
        mut results: Results<'_>,
        folder: &mut Folder,
        inputs: &Inputs,
    ) -> Result<(Tally, Manifest, Clipped), Failure> {
        let (mut book, mut page) = (folder.draft("tagged.xlsx")?, folder.draft(REPORT)?);
        let texts = std::mem::take(&mut results.texts);
        let (report, workbook) = (results.report.take(), results.take_book());
        let (quotes, manifest, clipped, has_page) = std::thread::scope(|scope| {
            // The texts go to the disk while the rest is being made.
            let sealed = scope.spawn(|| texts.into_iter().try_for_each(|(_, draft)| folder.seal(draft)));
            let quotes = results.quotes();
            let manifest = self.manifest(inputs, &results.tally)?;
            let about = About {
                title: &report::page::title(inputs.paths()),
                rulebook: self.rulebook,
                tally: &results.tally,
                quotes: &quotes,
                manifest: &manifest,
                selection: &Selection::empty(),
            };
            let (clipped, has_page) = std::thread::scope(|scope| {
                let has_page = scope.spawn(|| match report.and_then(|report| report.page(&about)) {
                    Some(bytes) => page.put(&bytes).map(|()| true),
                    None => Ok(false),
                });
                let clipped = workbook
                    .map(|workbook| workbook.finish(&results.tally, &quotes, &manifest, &mut book))
                    .transpose();
                (clipped, joined(has_page))
            });
            joined(sealed)?;
            Ok::<_, Failure>((quotes, manifest, clipped?.unwrap_or_default(), has_page?))
        })?;
        let tally = results.tally;
        folder.seal(book)?;
        let (mut quote_bytes, mut summary) = (Vec::new(), Vec::new());
        export::quotes::write(&mut quote_bytes, &quotes, &inputs.schema(), self.rulebook);
        export::summary::write(&mut summary, &tally, self.rulebook);
        add(folder, "quotes.csv", &quote_bytes)?;
        add(folder, "summary.csv", &summary)?;
        if has_page {
            folder.seal(page)?;
        } else {
            self.output.say(&format!(
                "記述が {MOST_COMMENTS} 件を超えるので、{REPORT} は作りません。`jirei report --where 列=値 -o {REPORT}` で、一部の回答のページを作れます"
            ));
        }
        if self.args.input.table.skip_bad_rows {
            add(folder, REJECTED, &rejects(inputs))?;
        }
        Ok((tally, manifest, clipped))
    }

    /// The folder asked for.
    fn target(&self) -> Result<&Path, Failure> {
        let Some(target) = &self.args.output else {
            return Err(Failure::Usage(
                "出力先がありません".to_owned(),
                "`-o 結果/` のようにフォルダーを指定するか、`--format jsonl -o -` で標準出力に出してください"
                    .to_owned(),
            ));
        };
        if is_stdout(target) || (target.exists() && !target.is_dir()) {
            return Err(Failure::Usage(
                format!("一式は `{}` には書き出せません", target.display()),
                "`-o` にフォルダーを指定するか、`--format csv` か `--format jsonl` を付けてください"
                    .to_owned(),
            ));
        }
        Ok(target)
    }

    pub(super) fn report_clipped(&self, clipped: &Clipped) {
        if let Some(first) = &clipped.first {
            self.output.say(&format!(
                "Excel のセルに入らない長さの本文が {} 件あり、ブックでは途中で切りました（最初は番号 {first}）。全文は CSV と JSON Lines にあります",
                clipped.texts
            ));
        }
    }
}
