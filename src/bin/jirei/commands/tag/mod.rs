//! `jirei tag`: answers in, tagged corpus out, as one file or as the whole set in a folder.

mod batch;
mod folder;
mod one_file;
mod results;
mod summary;

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use clap::{Args, ValueEnum};
use jirei::cache::{Cache, Opened, Reading};
use jirei::export;
use jirei::manifest::Manifest;
use jirei::rule::Rulebook;
use jirei::tally::Tally;
use jirei::tokenize::Tokenizer;

use crate::args::{InputArgs, ReplaceArgs, RuleArgs, ThreadArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::Inputs;
use crate::output::Output;
use crate::{record, setup};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Tsv,
    Jsonl,
    Xlsx,
    Parquet,
}

#[derive(Debug, Args)]
#[command(
    after_help = "例:\n  jirei tag 回答.csv -o 結果/\n  jirei tag 回答.csv --id 番号 --text 問7 --text 問13 --format jsonl -o -"
)]
pub struct TagArgs {
    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten)]
    pub rules: RuleArgs,

    /// 出力先。一式を入れるフォルダーか、--format の 1 つの形式を書くファイル（なければ標準出力）
    #[arg(short, long, value_name = "出力先", help_heading = "出力")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub replace: ReplaceArgs,

    /// 1 つの形式だけを書き出す
    #[arg(long, value_enum, value_name = "形式", help_heading = "出力")]
    pub format: Option<Format>,

    /// 前の結果を覚えておくフォルダー。次からは、本文かルールが変わった回答だけを付け直す
    #[arg(long, value_name = "フォルダー", help_heading = "出力")]
    pub cache: Option<PathBuf>,

    /// カテゴリごとの引用の数
    #[arg(short = 'n', long = "quotes", value_name = "数", default_value_t = 5, help_heading = "出力")]
    pub quotes: usize,

    #[command(flatten)]
    pub threads: ThreadArgs,
}

pub fn run(args: &TagArgs, output: &Output) -> Outcome {
    let started = Instant::now();
    // The dictionary is loaded while a look is taken into the inputs, and the cache is read.
    let (read, loaded) = std::thread::scope(|scope| {
        let loaded = scope.spawn(|| setup::tokenizer_and_rulebook(&args.rules, output));
        let read = Inputs::open(&args.input).and_then(|inputs| Ok((inputs, read_cache(args)?)));
        (read, joined(loaded))
    });
    let (mut inputs, cache) = read?;
    let (tokenizer, rulebook) = loaded?;
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
    let cache = cache.map(|reading| open_cache(reading, &rulebook, &tokenizer, output)).transpose()?;
    // A hundred thousand small pieces of memory, given back one by one at the end of the program for nothing.
    let cache = cache.map(ManuallyDrop::new);
    let run = Run { args, tokenizer: &tokenizer, rulebook: &rulebook, cache, output };
    let tally = match args.format {
        Some(format) => run.one_file(format, &mut inputs)?,
        None => run.folder(&mut inputs)?,
    };
    inputs.report(output);
    for input in inputs.digests()? {
        let digest = input.sha256.get(..12).map(|start| format!("、{start}…")).unwrap_or_default();
        output.detail(&format!("入力 `{}` {} バイト{digest}", input.path, input.bytes));
    }
    summary::summarise(&tally, &inputs.accounting(&tally), &rulebook, started, output);
    Ok(Status::Done)
}

/// Begins to read the cache, if there is to be one.
fn read_cache(args: &TagArgs) -> Result<Option<Reading>, Failure> {
    let Some(dir) = args.cache.as_deref() else { return Ok(None) };
    if dir.exists() && !dir.is_dir() {
        return Err(Failure::Usage(
            format!("`{}` はファイルです", dir.display()),
            "`--cache` には、結果を覚えておくフォルダーを指定してください。なければ作ります".to_owned(),
        ));
    }
    let folder = args.output.as_deref().filter(|_| args.format.is_none());
    let place = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if folder.is_some_and(|folder| place(dir) == place(folder)) {
        // Which is replaced as a whole.
        return Err(Failure::Usage(
            format!("キャッシュのフォルダー `{}` が、出力先と同じです", dir.display()),
            "`--cache` には、出力先とは別のフォルダーを指定してください".to_owned(),
        ));
    }
    let has_book = matches!(args.format, None | Some(Format::Xlsx));
    Ok(Some(Reading::begin(dir, has_book)?))
}

/// Opens the cache and says what became of an earlier one.
fn open_cache<'r>(
    reading: Reading,
    rulebook: &'r Rulebook,
    tokenizer: &Tokenizer,
    output: &Output,
) -> Result<Cache<'r>, Failure> {
    let (cache, opened) = Cache::open(reading, rulebook, tokenizer)?;
    match opened {
        Opened::Well => {}
        Opened::OfAnother => {
            output.say("キャッシュは別の版の jirei か別の辞書のものなので、すべて付け直します");
        }
        Opened::Damaged => output.warn("キャッシュが壊れているので、すべて付け直します"),
    }
    Ok(cache)
}

struct Run<'r> {
    args: &'r TagArgs,
    tokenizer: &'r Tokenizer,
    rulebook: &'r Rulebook,
    cache: Option<ManuallyDrop<Cache<'r>>>,
    output: &'r Output,
}

impl Run<'_> {
    /// Everything that is read must not be written, nor what is there already unless asked for.
    fn check_output(&self, inputs: &Inputs, output: &Path) -> Result<(), Failure> {
        let survey = inputs.survey().map(Path::to_owned);
        let read = inputs.paths().iter().chain(&survey).chain(self.args.rules.paths());
        self.args.replace.check(output, read)
    }

    /// Does `rest`, and meanwhile has the cache saved. Without it the next run takes longer, and the results are the same.
    fn saving_cache<T>(&self, rest: impl FnOnce() -> T) -> T {
        let Some(cache) = &self.cache else { return rest() };
        let (made, saved) = std::thread::scope(|scope| {
            let saved = scope.spawn(|| cache.save());
            (rest(), joined(saved))
        });
        let (met, tagged) = cache.counts();
        self.output.say(&format!("キャッシュ: 違う文の回答 {met} 件のうち、付け直したのは {tagged} 件"));
        if let Err(error) = saved {
            self.output.warn(&format!("キャッシュを残せませんでした。結果に影響はありません（{error}）"));
        }
        made
    }

    fn manifest(&self, inputs: &Inputs, tally: &Tally) -> Result<Manifest, Failure> {
        let options = record::options(inputs.args(), &[("quotes", self.args.quotes.to_string())]);
        let mut manifest =
            record::manifest(&self.args.rules, self.tokenizer, self.rulebook, inputs, options, tally)?;
        manifest.command = record::command(inputs, &self.args.rules, self.args.quotes);
        Ok(manifest)
    }
}

/// What a thread came to.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The file that holds the rows left out.
const REJECTED: &str = "rejected.csv";

/// Its content.
fn rejects(inputs: &Inputs) -> Vec<u8> {
    let mut bytes = Vec::new();
    let rows = inputs.rejected().map(|(path, row)| (path.display().to_string(), row));
    export::rejected::write(&mut bytes, rows, &inputs.schema().headers);
    bytes
}
