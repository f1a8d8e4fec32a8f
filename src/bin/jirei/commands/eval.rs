//! `jirei eval`: precision, recall and F1 of the rules against what a person decided, or the agreement of two people.

use std::io::Write;
use std::path::{Path, PathBuf};

use jirei::evaluate::counts::Counts;
use jirei::evaluate::interval::{Interval, wilson};
use jirei::evaluate::pairs::Predictor;
use jirei::evaluate::score::{Options, Score, Summary};
use jirei::evaluate::{Evaluation, Gold, Pairs, evaluate};
use jirei::export::disagreements;
use jirei::export::evaluation::{self, About, Prediction};
use jirei::publish::{Draft, is_stdout};
use jirei::read::Columns;
use jirei::rule::Rulebook;

use crate::args::{FormatArgs, ReplaceArgs, RuleArgs, ThreadArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::output::Output;
use crate::setup;
use crate::table::{self, Side};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Csv,
    Json,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei eval 正解.csv\n  jirei eval 正解.csv --rules rules/ --disagreements 不一致.csv --min-f1 0.9\n  jirei eval Aさん.csv Bさん.csv        2 人の付け方の一致を見る"
)]
pub struct EvalArgs {
    /// 人がカテゴリを付けた CSV（1 行に 1 つの記述）。2 つあれば、2 人の一致を測る
    #[arg(required = true, num_args = 1..=2, value_name = "正解", help_heading = "入力")]
    pub gold: Vec<PathBuf>,

    /// カテゴリの列。id か名前を「;」で区切ったもの
    #[arg(long, value_name = "列", default_value = "labels", help_heading = "入力")]
    pub labels: String,

    /// 回答者を表す列
    #[arg(long, value_name = "列", help_heading = "入力")]
    pub id: Option<String>,

    /// 回答の本文の列
    #[arg(long, value_name = "列", help_heading = "入力")]
    pub text: Option<String>,

    /// どの問への回答かを表す列
    #[arg(long, value_name = "列", help_heading = "入力")]
    pub question: Option<String>,

    #[command(flatten)]
    pub rules: RuleArgs,

    #[command(flatten)]
    pub format: FormatArgs<Format>,

    /// マクロ平均に入れるカテゴリの、正解の件数の下限
    #[arg(long, value_name = "件数", default_value_t = 5, help_heading = "出力")]
    pub min_support: u64,

    /// この列の値（調査時期など）ごとの成績も出す
    #[arg(long, value_name = "列", help_heading = "出力")]
    pub by: Option<String>,

    /// この列の値を 1 つずつ伏せて測る。伏せた回答では、ほかの回答でも当たるルールだけを使う
    #[arg(long, value_name = "列", help_heading = "出力")]
    pub hold_out: Option<String>,

    /// 食い違いを 1 件ずつ、根拠や惜しかったルールとともに CSV に書き出す
    #[arg(long, value_name = "ファイル", help_heading = "出力")]
    pub disagreements: Option<PathBuf>,

    #[command(flatten)]
    pub replace: ReplaceArgs,

    /// マクロ F1 がこの値（0〜1）に届かなければ終了コードを 1 にする
    #[arg(long, value_name = "値", value_parser = share, help_heading = "出力")]
    pub min_f1: Option<f64>,

    #[command(flatten)]
    pub threads: ThreadArgs,
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "数ではありません".to_owned())?;
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err("0 から 1 の数ではありません".to_owned())
    }
}

pub fn run(args: &EvalArgs, output: &Output) -> Outcome {
    let draft = args.disagreements.as_deref().map(|target| start(target, args)).transpose()?;
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.rules, output)?;
    let mut golds =
        args.gold.iter().map(|path| read(path, args, &rulebook, output)).collect::<Result<Vec<_>, _>>()?;
    let mut pairs = match golds.pop() {
        Some(second) if !golds.is_empty() => {
            let pairs = Pairs::join(golds.remove(0), second)?;
            report_unmatched(&pairs, output);
            pairs
        }
        only => Pairs::tag(only.expect("clap requires a file"), &rulebook, &tokenizer, args.threads.count())?,
    };
    if let Some(column) = &args.hold_out {
        hold_out(&mut pairs, column, output)?;
    }
    let options = Options { min_support: args.min_support, by: args.by.clone(), ..Options::default() };
    let evaluation = evaluate(&pairs, &rulebook, &options)?;

    let mut bytes = Vec::new();
    match args.format.chosen {
        Format::Text => write_text(&mut bytes, &evaluation, &pairs, &rulebook, args.min_support)?,
        Format::Csv => evaluation::write_csv(&mut bytes, &evaluation, &rulebook),
        Format::Json => {
            bytes = evaluation::to_json(&about(args, &rulebook), &pairs, &evaluation, &options, &rulebook);
        }
    }
    let mut out = std::io::stdout().lock();
    out.write_all(&bytes)?;
    out.flush()?;
    if let Some(mut draft) = draft {
        let mut bytes = Vec::new();
        disagreements::write(&mut bytes, &pairs, &rulebook);
        draft.put(&bytes)?;
        draft.commit()?;
    }
    Ok(verdict(&evaluation, args.min_f1, output))
}

/// The file of disagreements, begun before anything slow: a folder that isn't there is reported at once.
fn start(target: &Path, args: &EvalArgs) -> Result<Draft, Failure> {
    if is_stdout(target) {
        return Err(Failure::Usage(
            "`--disagreements` は標準出力に書き出せません".to_owned(),
            "標準出力には成績が出ます。ファイル名を指定してください".to_owned(),
        ));
    }
    args.replace.check(target, args.gold.iter().chain(args.rules.paths()))?;
    Ok(Draft::create(target)?)
}

fn read(path: &Path, args: &EvalArgs, rulebook: &Rulebook, output: &Output) -> Result<Gold, Failure> {
    let columns = Columns {
        id: args.id.clone(),
        texts: args.text.iter().cloned().collect(),
        question: args.question.clone(),
    };
    let gold = Gold::read(path, &columns, &args.labels, rulebook)?;
    for finding in &gold.findings {
        output.say(finding);
    }
    Ok(gold)
}

fn hold_out(pairs: &mut Pairs, column: &str, output: &Output) -> Result<(), Failure> {
    if pairs.predictor == Predictor::Coder {
        return Err(Failure::Usage(
            "`--hold-out` は 2 人の一致には使えません".to_owned(),
            "正解のファイルを 1 つだけ指定してください".to_owned(),
        ));
    }
    pairs.hold_out(column)?;
    output.say(&format!(
        "列「{column}」の値を 1 つずつ伏せて測りました。伏せた回答では、ほかの回答でも当たるルールだけを使っています"
    ));
    Ok(())
}

fn report_unmatched(pairs: &Pairs, output: &Output) {
    if pairs.only_first + pairs.only_second > 0 {
        output.say(&format!(
            "片方にしかない記述は比べていません: 1 人目だけ {} 件、2 人目だけ {} 件",
            pairs.only_first, pairs.only_second
        ));
    }
}

fn about<'a>(args: &'a EvalArgs, rulebook: &'a Rulebook) -> About<'a> {
    // A path that is no UTF-8 has no exact JSON form; everything else shows as it was given.
    let shown = |path: &'a PathBuf| path.to_str().unwrap_or("?");
    let prediction = match args.gold.get(1) {
        Some(second) => Prediction::Coder { path: shown(second) },
        None => Prediction::Rules {
            source: args.rules.rules.as_ref().map_or("内蔵", shown),
            sha256: rulebook.sha256(),
        },
    };
    About { gold: shown(&args.gold[0]), labels: &args.labels, prediction }
}

fn verdict(evaluation: &Evaluation, wanted: Option<f64>, output: &Output) -> Status {
    let Some(wanted) = wanted else { return Status::Done };
    let Some(found) = evaluation.all.macro_.f1 else {
        output.error(
            "マクロ平均に入るカテゴリがないので、`--min-f1` を確かめられません",
            Some("`--min-support` を小さくしてください"),
        );
        return Status::Findings;
    };
    if found >= wanted {
        return Status::Done;
    }
    // Three decimals and rounded up, so that a miss by a hair doesn't read as a miss by 0.
    let short = ((wanted - found) * 1000.0).ceil() / 1000.0;
    output.error(
        &format!("マクロ F1 は {found:.3} で、下限 {wanted:.3} に {short:.3} 届きません"),
        Some("`--disagreements 不一致.csv` で食い違いを 1 件ずつ見られます"),
    );
    Status::Findings
}

fn write_text(
    out: &mut impl Write,
    evaluation: &Evaluation,
    pairs: &Pairs,
    rulebook: &Rulebook,
    min_support: u64,
) -> std::io::Result<()> {
    let names: [&str; 3] = match pairs.predictor {
        Predictor::Rules => ["件数", "予測", "適合率・再現率は正解に対するルールの成績"],
        Predictor::Coder => ["1 人目", "2 人目", "適合率・再現率は 1 人目を正解、2 人目を予測とみたもの"],
    };
    let columns = |first| {
        [
            (first, Side::Left),
            (names[0], Side::Right),
            (names[1], Side::Right),
            ("適合率 [95%]", Side::Left),
            ("再現率 [95%]", Side::Left),
            ("F1 [95%]", Side::Left),
            ("κ", Side::Right),
            ("AC1", Side::Right),
        ]
    };
    let named = rulebook.categories().iter().map(|category| category.name.as_str());
    let rows: Vec<_> =
        named.zip(&evaluation.categories).map(|(name, score)| score_row(name, score)).collect();
    table::write(out, columns("カテゴリ"), &rows)?;
    if !evaluation.groups.is_empty() {
        writeln!(out)?;
        let rows: Vec<_> = evaluation.groups.iter().map(|(name, score)| score_row(name, score)).collect();
        table::write(out, columns("グループ"), &rows)?;
    }
    writeln!(out)?;
    write_summary(out, &evaluation.all, evaluation.categories.len(), min_support)?;
    if let Some(by) = &evaluation.by {
        writeln!(out)?;
        let columns = [
            (by.column.as_str(), Side::Left),
            ("記述", Side::Right),
            ("マイクロ F1 [95%]", Side::Left),
            ("マクロ F1 [95%]", Side::Left),
            ("カテゴリ", Side::Right),
            ("完全一致", Side::Left),
            ("記述ごとの F1", Side::Right),
        ];
        let rows: Vec<_> = by.values.iter().map(|(value, summary)| value_row(value, summary)).collect();
        table::write(out, columns, &rows)?;
    }
    writeln!(out, "\n{}。[ ] は 95 % 信頼区間、– は分母が 0 で決まらないもの", names[2])
}

fn score_row(name: &str, score: &Score) -> [String; 8] {
    let counts = &score.counts;
    [
        name.to_owned(),
        counts.support().to_string(),
        counts.predicted().to_string(),
        with_interval(counts.precision(), score.precision),
        with_interval(counts.recall(), score.recall),
        with_interval(counts.f1(), score.f1),
        decimal(counts.kappa()),
        decimal(counts.ac1()),
    ]
}

fn write_summary(
    out: &mut impl Write,
    summary: &Summary,
    categories: usize,
    min_support: u64,
) -> std::io::Result<()> {
    let Summary { comments, micro, macro_, exact, example_f1 } = summary;
    let Counts { tp, fp, fn_, .. } = micro.counts;
    let ratios =
        |precision, recall, f1, interval| [decimal(precision), decimal(recall), with_interval(f1, interval)];
    let [p, r, f] = ratios(micro.counts.precision(), micro.counts.recall(), micro.counts.f1(), micro.f1);
    let [mp, mr, mf] = ratios(macro_.precision, macro_.recall, macro_.f1, macro_.f1_interval);
    let left_out = match macro_.without_precision {
        0 => String::new(),
        count => format!("。適合率は、予測のない {count} カテゴリを除く"),
    };
    let exact_share = with_interval(summary.exact_ratio(), wilson(*exact, *comments));
    let rows = [
        ["マイクロ平均".to_owned(), p, r, f, format!("一致 {tp}、誤検出 {fp}、見逃し {fn_}")],
        [
            "マクロ平均".to_owned(),
            mp,
            mr,
            mf,
            format!("{categories} カテゴリのうち {min_support} 件以上の {}{left_out}", macro_.categories),
        ],
    ];
    let columns = [
        ("", Side::Left),
        ("適合率", Side::Right),
        ("再現率", Side::Right),
        ("F1 [95%]", Side::Left),
        ("内訳", Side::Left),
    ];
    table::write(out, columns, &rows)?;
    writeln!(out, "\n記述 {comments} 件。カテゴリがすべて一致 {exact} 件 {exact_share}")?;
    writeln!(out, "記述ごとの F1 の平均 {}", decimal(*example_f1))?;
    let counts = micro.counts;
    writeln!(out, "すべての判定をまとめた κ {}、AC1 {}", decimal(counts.kappa()), decimal(counts.ac1()))
}

fn value_row(value: &str, summary: &Summary) -> [String; 7] {
    let value = if value.trim().is_empty() { "（空欄）" } else { value };
    [
        value.to_owned(),
        summary.comments.to_string(),
        with_interval(summary.micro.counts.f1(), summary.micro.f1),
        with_interval(summary.macro_.f1, summary.macro_.f1_interval),
        summary.macro_.categories.to_string(),
        with_interval(summary.exact_ratio(), wilson(summary.exact, summary.comments)),
        decimal(summary.example_f1),
    ]
}

fn decimal(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}

fn with_interval(value: Option<f64>, interval: Option<Interval>) -> String {
    match interval {
        Some(Interval { low, high }) => format!("{} [{low:.2}–{high:.2}]", decimal(value)),
        None => decimal(value),
    }
}
