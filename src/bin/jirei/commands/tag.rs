//! `jirei tag`: answers in, tagged corpus out, as one file or as the whole set in a folder.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jirei::comment::Schema;
use jirei::export;
use jirei::export::xlsx::{Clipped, Workbook};
use jirei::manifest::{self, Manifest};
use jirei::matcher::Worker;
use jirei::publish::{Draft, Folder, check_free, check_not_input};
use jirei::quote;
use jirei::quote::selection::Selection;
use jirei::report::{About, MOST_COMMENTS, Report};
use jirei::rule::Rulebook;
use jirei::tally::{Accounting, Tally};
use jirei::tokenize::Tokenizer;

use crate::args::{Format, TagArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::Inputs;
use crate::output::Output;
use crate::{record, setup};

pub fn run(args: &TagArgs, output: &Output) -> Outcome {
    let started = Instant::now();
    // First what fails fast: loading the dictionary takes a moment.
    let mut inputs = Inputs::open(&args.input)?;
    let tokenizer = setup::tokenizer(&args.rules.dictionary)?;
    let rulebook = setup::rulebook(&args.rules, &tokenizer, output)?;
    for finding in inputs.findings() {
        output.say(finding);
    }
    let identity = tokenizer.identity()?;
    output.detail(&format!(
        "辞書 {}（{}…）、ルール {} 本、{} カテゴリ（{}…）。ここまで {:.2} 秒",
        identity.name,
        &identity.sha256[..12],
        rulebook.rule_count(),
        rulebook.categories().len(),
        &rulebook.sha256()[..12],
        started.elapsed().as_secs_f64()
    ));
    let run = Run { args, tokenizer: &tokenizer, rulebook: &rulebook, output };
    let tally = match args.format {
        Some(Format::Csv) => run.one_file(TextFormat::Csv, &mut inputs)?,
        Some(Format::Jsonl) => run.one_file(TextFormat::Jsonl, &mut inputs)?,
        Some(Format::Xlsx) => run.workbook(&mut inputs)?,
        None => run.folder(&mut inputs)?,
    };
    inputs.report(output);
    for input in inputs.digests()? {
        let digest = input.sha256.get(..12).map(|start| format!("、{start}…")).unwrap_or_default();
        output.detail(&format!("入力 `{}` {} バイト{digest}", input.path, input.bytes));
    }
    summarise(&tally, &inputs.accounting(&tally), &rulebook, started, output);
    Ok(Status::Done)
}

/// The formats that workers serialise themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TextFormat {
    Csv,
    Jsonl,
}

struct Run<'r> {
    args: &'r TagArgs,
    tokenizer: &'r Tokenizer,
    rulebook: &'r Rulebook,
    output: &'r Output,
}

impl Run<'_> {
    /// Everything that is read must not be written, nor what is there already unless asked for.
    fn check_output(&self, inputs: &Inputs, output: &Path) -> Result<(), Failure> {
        let rules = &self.args.rules;
        let survey = inputs.survey().map(Path::to_owned);
        let read = inputs
            .paths()
            .iter()
            .chain(&survey)
            .chain(&rules.rules)
            .chain(&rules.dictionary.user_dictionaries);
        let read: Vec<&Path> = read.map(PathBuf::as_path).collect();
        check_not_input(output, &read)?;
        if !self.args.force {
            check_free(output)?;
        }
        Ok(())
    }

    /// Where a single file goes.
    fn file(&self, inputs: &Inputs) -> Result<PathBuf, Failure> {
        let target = self.args.output.clone().unwrap_or_else(|| PathBuf::from("-"));
        if target.is_dir() {
            return Err(Failure::Usage(
                format!("`{}` はフォルダーです", target.display()),
                "`--format` を付けるときは `-o` にファイル名を、一式を書き出すときは `--format` を外してください".to_owned(),
            ));
        }
        if self.args.input.skip_bad_rows {
            if target.as_os_str() == "-" {
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

    /// CSV or JSON Lines to a file or to stdout.
    fn one_file(&self, format: TextFormat, inputs: &mut Inputs) -> Result<Tally, Failure> {
        let target = self.file(inputs)?;
        // Nothing records what was read.
        inputs.skip_digests();
        let mut draft = Draft::create(&target)?;
        let mut tally = Tally::new(self.rulebook);
        if format == TextFormat::Csv {
            let mut header = Vec::new();
            export::csv::write_header(&mut header, &inputs.schema(), self.rulebook);
            draft.put(&header)?;
        }
        inputs.over_all(
            self.rulebook,
            self.tokenizer,
            self.args.threads,
            self.output,
            |worker, comments| {
                let mut bytes = Vec::new();
                let mut tagged = Vec::with_capacity(comments.len());
                for comment in comments {
                    let tagging = worker.tag(&comment);
                    match format {
                        TextFormat::Csv => {
                            export::csv::write_comment(&mut bytes, &comment, &tagging, self.rulebook);
                        }
                        TextFormat::Jsonl => {
                            export::jsonl::write_comment(&mut bytes, &comment, &tagging, self.rulebook);
                        }
                    }
                    tagged.push((comment, tagging));
                }
                (bytes, tagged)
            },
            |(bytes, tagged)| {
                for (comment, tagging) in &tagged {
                    tally.add(comment, tagging);
                }
                draft.put(&bytes)
            },
        )?;
        self.write_rejects_beside(&target, inputs)?;
        draft.commit()?;
        Ok(tally)
    }

    /// The workbook to a file or to stdout.
    fn workbook(&self, inputs: &mut Inputs) -> Result<Tally, Failure> {
        let target = self.file(inputs)?;
        if target == Path::new("-") && std::io::stdout().is_terminal() {
            return Err(Failure::Usage(
                "ブックは画面に出せません".to_owned(),
                "`-o 結果.xlsx` のようにファイル名を指定してください".to_owned(),
            ));
        }
        let mut draft = Draft::create(&target)?;
        let mut book = Workbook::create(&inputs.schema(), self.rulebook)?;
        let mut tally = Tally::new(self.rulebook);
        let mut pool = self.pool(&inputs.schema());
        inputs.over_all(
            self.rulebook,
            self.tokenizer,
            self.args.threads,
            self.output,
            |worker, comments| {
                let mut batch = Batch::default();
                for comment in comments {
                    let tagging = worker.tag(&comment);
                    quote::candidates_of(&comment, &tagging, worker.analyser(), &mut batch.candidates);
                    batch.tagged.push((comment, tagging));
                }
                batch
            },
            |batch| {
                for (comment, tagging) in &batch.tagged {
                    tally.add(comment, tagging);
                    pool.meet(comment, tagging);
                    book.add(comment, tagging)?;
                }
                batch.candidates.into_iter().for_each(|candidate| pool.add(candidate));
                Ok(())
            },
        )?;
        let clipped =
            book.finish(&tally, &self.quotes(&pool), &self.manifest(inputs, &tally)?, &mut draft)?;
        self.write_rejects_beside(&target, inputs)?;
        draft.commit()?;
        self.report_clipped(&clipped);
        Ok(tally)
    }

    fn pool(&self, schema: &Schema) -> quote::Pool {
        let options = quote::Options::for_columns(schema);
        quote::Pool::new(self.rulebook, quote::Options { per_category: self.args.quotes, ..options })
    }

    fn quotes(&self, pool: &quote::Pool) -> Vec<quote::Quote> {
        pool.select(&mut Worker::new(self.rulebook, self.tokenizer)).quotes
    }

    fn manifest(&self, inputs: &Inputs, tally: &Tally) -> Result<Manifest, Failure> {
        let options = record::options(inputs.args(), &[("quotes", self.args.quotes.to_string())]);
        let mut manifest =
            record::manifest(&self.args.rules, self.tokenizer, self.rulebook, inputs, options, tally)?;
        manifest.command = record::command(inputs, &self.args.rules, self.args.quotes);
        Ok(manifest)
    }

    fn report_clipped(&self, clipped: &Clipped) {
        if let Some(first) = &clipped.first {
            self.output.say(&format!(
                "Excel のセルに入らない長さの本文が {} 件あり、ブックでは途中で切りました（最初は番号 {first}）。全文は CSV と JSON Lines にあります",
                clipped.texts
            ));
        }
    }

    /// The rows left out, beside a single file.
    fn write_rejects_beside(&self, target: &Path, inputs: &Inputs) -> Result<(), Failure> {
        if self.args.input.skip_bad_rows {
            let mut draft = Draft::create(&rejects_beside(target))?;
            draft.put(&rejects(inputs))?;
            draft.commit()?;
        }
        Ok(())
    }

    /// The whole set into a folder.
    fn folder(&self, inputs: &mut Inputs) -> Result<Tally, Failure> {
        let Some(target) = &self.args.output else {
            return Err(Failure::Usage(
                "出力先がありません".to_owned(),
                "`-o 結果/` のようにフォルダーを指定するか、`--format jsonl -o -` で標準出力に出してください"
                    .to_owned(),
            ));
        };
        if target.as_os_str() == "-" || target.is_file() {
            return Err(Failure::Usage(
                format!("一式は `{}` には書き出せません", target.display()),
                "`-o` にフォルダーを指定するか、`--format csv` か `--format jsonl` を付けてください"
                    .to_owned(),
            ));
        }
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
        let (mut csv, mut jsonl) = (folder.draft("tagged.csv")?, folder.draft("tagged.jsonl")?);
        let mut header = Vec::new();
        export::csv::write_header(&mut header, &schema, self.rulebook);
        csv.put(&header)?;
        let mut book = Workbook::create(&schema, self.rulebook)?;
        let mut report = Report::new(&schema);
        let mut tally = Tally::new(self.rulebook);
        let mut pool = self.pool(&schema);
        inputs.over_all(
            self.rulebook,
            self.tokenizer,
            self.args.threads,
            self.output,
            |worker, comments| {
                let mut batch = Batch::default();
                for comment in comments {
                    let tagging = worker.tag(&comment);
                    export::csv::write_comment(&mut batch.csv, &comment, &tagging, self.rulebook);
                    export::jsonl::write_comment(&mut batch.jsonl, &comment, &tagging, self.rulebook);
                    if !tagging.is_empty() {
                        quote::candidates_of(&comment, &tagging, worker.analyser(), &mut batch.candidates);
                    }
                    batch.tagged.push((comment, tagging));
                }
                batch
            },
            |batch| {
                for (comment, tagging) in &batch.tagged {
                    tally.add(comment, tagging);
                    pool.meet(comment, tagging);
                    book.add(comment, tagging)?;
                    report.add(comment, tagging);
                }
                for candidate in batch.candidates {
                    pool.add(candidate);
                }
                csv.put(&batch.csv)?;
                jsonl.put(&batch.jsonl)
            },
        )?;
        let quotes = self.quotes(&pool);
        let manifest = self.manifest(inputs, &tally)?;
        let mut xlsx = folder.draft("tagged.xlsx")?;
        let clipped = book.finish(&tally, &quotes, &manifest, &mut xlsx)?;
        let page = report.page(&About {
            title: &super::report::page::title(inputs.paths()),
            rulebook: self.rulebook,
            tally: &tally,
            quotes: &quotes,
            manifest: &manifest,
            selection: &Selection::empty(),
        });
        let (mut summary_bytes, mut quote_bytes) = (Vec::new(), Vec::new());
        export::summary::write(&mut summary_bytes, &tally, self.rulebook);
        export::quotes::write(&mut quote_bytes, &quotes, &schema, self.rulebook);
        let (mut summary, mut quotes) = (folder.draft("summary.csv")?, folder.draft("quotes.csv")?);
        summary.put(&summary_bytes)?;
        quotes.put(&quote_bytes)?;
        for draft in [csv, jsonl, xlsx, quotes, summary] {
            folder.seal(draft)?;
        }
        match page {
            Some(page) => {
                let mut draft = folder.draft(REPORT)?;
                draft.put(&page)?;
                folder.seal(draft)?;
            }
            None => self.output.say(&format!("記述が {MOST_COMMENTS} 件を超えるので、{REPORT} は作りません")),
        }
        if self.args.input.skip_bad_rows {
            let mut draft = folder.draft(REJECTED)?;
            draft.put(&rejects(inputs))?;
            folder.seal(draft)?;
        }
        folder.commit_all(manifest)?;
        self.report_clipped(&clipped);
        Ok(tally)
    }
}

/// The page of the set.
const REPORT: &str = "report.html";

/// The file of the set that holds the rows left out.
const REJECTED: &str = "rejected.csv";

/// The same, beside the file `target`.
fn rejects_beside(target: &Path) -> PathBuf {
    target.with_extension(REJECTED)
}

/// Its content.
fn rejects(inputs: &Inputs) -> Vec<u8> {
    let mut bytes = Vec::new();
    let rows = inputs.rejected().map(|(path, row)| (path.display().to_string(), row));
    export::rejected::write(&mut bytes, rows, &inputs.schema().headers);
    bytes
}

/// What a worker makes of a batch for the whole set.
#[derive(Default)]
struct Batch {
    csv: Vec<u8>,
    jsonl: Vec<u8>,
    candidates: Vec<quote::Candidate>,
    tagged: Vec<(jirei::comment::Comment, jirei::classify::Tagging)>,
}

/// Categories without a comment are named in the closing words up to this many.
const NAMED_ABSENT: usize = 8;

/// The closing words: every row accounted for, then the categories.
fn summarise(tally: &Tally, count: &Accounting, rulebook: &Rulebook, started: Instant, output: &Output) {
    let rows = match count.rejected {
        0 => format!("{} 行", count.rows),
        rejected => {
            format!("{} 行 ＝ 読んだ行 {} ＋ 除いた行 {rejected}", count.rows + rejected, count.rows)
        }
    };
    output.say(&format!(
        "\n入力 {rows} → 記述 {} 件 ＝ 回答あり {} ＋ 特になし {} ＋ 空欄 {}",
        count.comments, count.answered, count.nothing, count.empty
    ));
    output.say(&format!(
        "回答あり {} 件 ＝ カテゴリあり {} ＋ カテゴリなし {}\n",
        count.answered, count.tagged, count.untagged
    ));
    let mut categories: Vec<_> =
        rulebook.category_ids().map(|id| (tally.category(id).comments(), rulebook.category(id))).collect();
    let absent: Vec<&str> = categories
        .iter()
        .filter(|(comments, _)| *comments == 0)
        .map(|(_, category)| category.name.as_str())
        .collect();
    categories.retain(|(comments, _)| *comments > 0);
    // Most frequent first; equals stay in the order of the rulebook.
    categories.sort_by_key(|(comments, _)| std::cmp::Reverse(*comments));
    let width = categories.first().map_or(0, |(comments, _)| comments.to_string().len());
    for (comments, category) in &categories {
        let share = 100.0 * *comments as f64 / count.answered.max(1) as f64;
        output.say(&format!("  {comments:>width$} 件 {share:>5.1} %  {}", category.name));
    }
    match absent.len() {
        0 => {}
        // A small input lacks most categories; their names would bury the rest.
        1..=NAMED_ABSENT => output.say(&format!("  0 件: {}", absent.join("・"))),
        many => output.say(&format!("  0 件のカテゴリが {many} 個あります")),
    }
    output.say(&format!("\n{:.1} 秒", started.elapsed().as_secs_f64()));
}
