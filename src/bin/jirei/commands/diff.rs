//! `jirei diff`: what a change of the rules does to a corpus, comment by comment.

use std::path::PathBuf;

use jirei::compare::{Gold, Side, compare};
use jirei::export::comparison::{self, About};
use jirei::rule;
use jirei::rule::origin::Origin;

use crate::args::{DictionaryArgs, FormatArgs, InputArgs, OutputArgs, ThreadArgs};
use crate::changes::{self, Layout};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::Inputs;
use crate::output::Output;
use crate::setup;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Csv,
    Json,
    Html,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "旧・新には、ルールのファイルかフォルダー、shipped（内蔵のルール）、git:版（比べる相手と同じ場所の、その版）、git:版:場所 のどれかを書きます。\n\n例:\n  jirei diff shipped rules/ 回答.csv\n  jirei diff git:HEAD rules/ 回答.csv\n  jirei diff 前のルール/ rules/ 正解.csv --labels labels --format html -o 違い.html"
)]
pub struct DiffArgs {
    /// 変える前のルール
    #[arg(value_name = "旧", help_heading = "入力")]
    pub old: PathBuf,

    /// 変えた後のルール
    #[arg(value_name = "新", help_heading = "入力")]
    pub new: PathBuf,

    #[command(flatten)]
    pub input: InputArgs,

    /// 人が付けたカテゴリの列（id か名前を「;」で区切ったもの）。あれば、変化が正しいかどうかも示す
    #[arg(long, value_name = "列", help_heading = "入力")]
    pub labels: Option<String>,

    #[command(flatten)]
    pub dictionary: DictionaryArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    #[command(flatten)]
    pub format: FormatArgs<Format>,

    /// text で、カテゴリごとに見せる増・減それぞれの件数。0 は全部
    #[arg(long, value_name = "件数", default_value_t = 10, help_heading = "出力")]
    pub limit: usize,

    /// 変化があれば終了コードを 1 にする
    #[arg(long, help_heading = "出力")]
    pub exit_code: bool,

    #[command(flatten)]
    pub threads: ThreadArgs,
}

pub fn run(args: &DiffArgs, output: &Output) -> Outcome {
    let mut inputs = Inputs::open_with(&args.input, args.labels.as_deref())?;
    let rules = [&args.old, &args.new].into_iter().chain(&args.dictionary.user_dictionaries);
    args.output.check(inputs.paths().iter().chain(rules))?;
    let (old, new) = (Origin::parse(&args.old), Origin::parse(&args.new));
    let (old_files, new_files) = (old.load(&new)?, new.load(&old)?);
    for finding in inputs.findings() {
        output.say(finding);
    }
    let corpus = inputs.corpus()?;
    inputs.report(output);
    let tokenizer = setup::tokenizer(&args.dictionary)?;
    let compile = |files: &[_]| setup::usable(rule::compile(files, &tokenizer), output);
    let (old, new) = (compile(&old_files)?, compile(&new_files)?);
    let gold = args.labels.as_deref().map(|labels| Gold::read(&corpus, labels, &old, &new)).transpose()?;

    // The number of threads must not show in the result: only the analysis and the tagging are shared out.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads.count())
        .build()
        .map_err(|error| Failure::from(std::io::Error::other(error)))?;
    let mut corpus = pool.install(|| corpus.analyse(&tokenizer));
    let [before, after] = [&old, &new].map(|rulebook| pool.install(|| corpus.tag(rulebook)));
    let found = compare(
        corpus.comments(),
        Side { rulebook: &old, tokenizer: &tokenizer, taggings: &before },
        Side { rulebook: &new, tokenizer: &tokenizer, taggings: &after },
        gold.as_ref(),
    );

    let [old, new] = [&args.old, &args.new].map(|path| path.display().to_string());
    let inputs: Vec<String> = inputs.paths().iter().map(|path| path.display().to_string()).collect();
    let about = About { old: &old, new: &new, inputs: &inputs.join("、") };
    let mut bytes = Vec::new();
    match args.format.chosen {
        Format::Text => {
            let is_colored = args.output.is_stdout() && output.is_stdout_colored();
            changes::write(&mut bytes, &found, &Layout { limit: args.limit, is_colored })?;
        }
        Format::Csv => comparison::write_csv(&mut bytes, &found),
        Format::Json => bytes = comparison::to_json(&about, &found),
        Format::Html => bytes = comparison::to_html(&about, &found).into_bytes(),
    }
    args.output.publish(&bytes)?;
    Ok(if args.exit_code && !found.is_empty() { Status::Findings } else { Status::Done })
}
