//! `jirei quotes`: the representative quotes of an input, or why an answer is or isn't among them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jirei::comment::Schema;
use jirei::export;
use jirei::matcher::Worker;
use jirei::quote::selection::Selection;
use jirei::quote::{By, Chosen, Flagged, Options, Pool, Weights};
use jirei::rule::{CategoryId, Rulebook};

use crate::args::{InputArgs, OutputArgs, RuleArgs, ThreadArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::{Inputs, Means};
use crate::output::Output;
use crate::setup;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Csv,
    Jsonl,
    Md,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "重み:\n  centrality    典型\n  readability   読みやすさ\n  concreteness  具体性\n  strength      根拠\n  lambda        点数と重なりの釣り合い\n  repeated      同じ属性\n  quota         属性の偏り\n\n例:\n  jirei quotes 回答.csv\n  jirei quotes 回答.csv --by 区分 -n 3 --format csv -o 引用.csv\n  jirei quotes 回答.csv --mask --selection selection.json --format jsonl -o 引用.jsonl\n  jirei quotes 回答.csv --why 012"
)]
pub struct QuotesArgs {
    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten)]
    pub rules: RuleArgs,

    /// カテゴリごとの引用の数
    #[arg(short = 'n', long = "quotes", value_name = "数", default_value_t = 5, help_heading = "選び方")]
    pub quotes: usize,

    /// この列の値（病院、調査時期など）か、このグループのカテゴリ（対象者など）ごとに選ぶ
    #[arg(long, value_name = "列", help_heading = "選び方")]
    pub by: Option<String>,

    /// 引用が偏らないようにする列。初めの列を地域とみなす。いくつでも指定できる（なければ見出しから判断）
    #[arg(long, value_name = "列", help_heading = "選び方")]
    pub spread: Vec<String>,

    /// 重みを変える（centrality=0.5 など）。いくつでも指定できる
    #[arg(long = "weight", value_name = "名前=値", value_parser = weight, help_heading = "選び方")]
    pub weights: Vec<(String, f64)>,

    /// 編集者の選択（selection.json）
    #[arg(long, value_name = "ファイル", help_heading = "選び方")]
    pub selection: Option<PathBuf>,

    /// 氏名や電話番号などを〔氏名〕のように伏せて、ほかの後に選ぶ
    #[arg(long, conflicts_with = "allow_flagged", help_heading = "選び方")]
    pub mask: bool,

    /// 氏名や電話番号などを含む回答も、ほかの後に、そのまま選ぶ
    #[arg(long, help_heading = "選び方")]
    pub allow_flagged: bool,

    #[command(flatten)]
    pub output: OutputArgs,

    /// 出力の形式
    #[arg(long, value_enum, value_name = "形式", default_value = "md", help_heading = "出力")]
    pub format: Format,

    /// 引用を書き出す代わりに、この番号の回答を選んだ・選ばなかった理由を見る
    #[arg(long, value_name = "番号", help_heading = "出力")]
    pub why: Option<String>,

    #[command(flatten)]
    pub threads: ThreadArgs,
}

fn weight(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("「名前=値」の形ではありません")?;
    let value: f64 = value.trim().parse().map_err(|_| "値が数ではありません")?;
    let name = name.trim();
    if !Weights::default().set(name, value) {
        return Err(format!("名前は {} のどれかです", Weights::NAMES.join("、")));
    }
    let is_share = name != "lambda" || value <= 1.0;
    if !value.is_finite() || value < 0.0 || !is_share {
        return Err("値は 0 以上の数です（lambda は 1 まで）".to_owned());
    }
    Ok((name.to_owned(), value))
}

pub fn run(args: &QuotesArgs, output: &Output) -> Outcome {
    let mut inputs = Inputs::open(&args.input)?;
    let selection = args.selection.as_deref().map_or_else(|| Ok(Selection::empty()), Selection::read)?;
    args.output.check(inputs.paths().iter().chain(&args.selection).chain(args.rules.paths()))?;
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.rules, output)?;
    for finding in inputs.findings() {
        output.say(finding);
    }
    let schema = inputs.schema();
    let options = options(args, selection, &schema, &rulebook)?;
    let spread = options.spread.clone();
    let mut pool = Pool::new(&rulebook, options);
    // Nothing records what was read.
    inputs.skip_digests();
    let means = Means { rulebook: &rulebook, tokenizer: &tokenizer, threads: args.threads.count(), output };
    inputs.each_quotable(
        means,
        |_| true,
        |comment, tagging, candidates| {
            pool.meet(&comment, &tagging);
            for candidate in candidates {
                pool.add(candidate);
            }
            Ok(())
        },
    )?;
    let chosen = pool.select(&mut Worker::new(&rulebook, &tokenizer));
    let mut bytes = Vec::new();
    match (&args.why, args.format) {
        (Some(id), _) => bytes = why(id, &chosen, &rulebook)?.into_bytes(),
        (None, Format::Csv) => export::quotes::write(&mut bytes, &chosen.quotes, &schema, &rulebook),
        (None, Format::Jsonl) => export::quotes::write_jsonl(&mut bytes, &chosen.quotes, &rulebook),
        (None, Format::Md) => {
            export::quotes::write_markdown(&mut bytes, &chosen.quotes, &spread, &rulebook);
        }
    }
    args.output.publish(&bytes)?;
    summarise(args, &chosen, output);
    Ok(Status::Done)
}

fn options(
    args: &QuotesArgs,
    selection: Selection,
    schema: &Schema,
    rulebook: &Rulebook,
) -> Result<Options, Failure> {
    let mut options = Options::for_columns(schema);
    options.per_category = args.quotes;
    options.selection = selection;
    options.ask.clone_from(&args.why);
    options.flagged = match (args.mask, args.allow_flagged) {
        (true, _) => Flagged::Mask,
        (_, true) => Flagged::Allow,
        _ => Flagged::LeaveOut,
    };
    for (name, value) in &args.weights {
        options.weights.set(name, *value);
    }
    let columns = || schema.attributes.iter().map(|&column| schema.headers[column].as_str());
    if let Some(missing) = args.spread.iter().find(|name| schema.attribute(name).is_none()) {
        return Err(Failure::Usage(
            format!("`--spread` の列「{missing}」がありません"),
            format!("使えるのは{}です", quoted(columns())),
        ));
    }
    if !args.spread.is_empty() {
        options.place = args.spread.first().cloned();
        options.spread.clone_from(&args.spread);
    }
    options.by = args.by.as_ref().map(|name| by(name, schema, rulebook)).transpose()?;
    Ok(options)
}

/// A column of that name, or else a group of categories.
fn by(name: &str, schema: &Schema, rulebook: &Rulebook) -> Result<By, Failure> {
    if schema.attribute(name).is_some() {
        return Ok(By::Attribute(name.to_owned()));
    }
    let group: Vec<CategoryId> =
        rulebook.category_ids().filter(|&id| rulebook.category(id).group == name).collect();
    if group.is_empty() {
        let columns = schema.attributes.iter().map(|&column| schema.headers[column].as_str());
        let groups: BTreeSet<&str> =
            rulebook.categories().iter().map(|category| category.group.as_str()).collect();
        return Err(Failure::Usage(
            format!("`--by` の「{name}」は、列にもカテゴリのグループにもありません"),
            format!("使えるのは列{}か、グループ{}です", quoted(columns), quoted(groups.into_iter())),
        ));
    }
    Ok(By::Categories(group))
}

fn quoted<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.filter(|name| !name.is_empty()).map(|name| format!("「{name}」")).collect()
}

/// What became of the answers of the respondent `id`, category by category.
fn why(id: &str, chosen: &Chosen, rulebook: &Rulebook) -> Result<String, Failure> {
    if chosen.answers.is_empty() {
        return Err(Failure::Usage(
            format!("番号「{id}」の回答に、引用の候補はありません"),
            "番号は入力の ID の列（なければ行の番号）です。カテゴリが付いているかは `jirei tag … --format jsonl` で確かめられます"
                .to_owned(),
        ));
    }
    let mut text = String::new();
    for answer in &chosen.answers {
        let subgroup = answer.subgroup.as_ref().map(|name| format!("（{name}）")).unwrap_or_default();
        text.push_str(&format!("{}{subgroup}: {}。\n", rulebook.category(answer.category).name, answer.text));
    }
    Ok(text)
}

/// The closing words.
fn summarise(args: &QuotesArgs, chosen: &Chosen, output: &Output) {
    for stale in &chosen.stale {
        output.warn(&format!("選択ファイルの{stale}"));
    }
    if args.why.is_some() {
        return;
    }
    let categories: BTreeSet<CategoryId> = chosen.quotes.iter().map(|quote| quote.category).collect();
    output.say(&format!("\n{} 個のカテゴリに {} 件の引用", categories.len(), chosen.quotes.len()));
    let masked = chosen.quotes.iter().filter(|quote| quote.is_masked).count();
    let open = chosen.quotes.iter().filter(|quote| !quote.flags.is_empty() && !quote.is_masked).count();
    if chosen.withheld > 0 {
        output.say(&format!(
            "氏名や施設名などを含む候補を {} 件外しました（`--mask` で伏せて、`--allow-flagged` でそのまま入ります）",
            chosen.withheld
        ));
    }
    if masked > 0 {
        output.say(&format!("{masked} 件は氏名や施設名などを〔 〕で伏せています"));
    }
    if open > 0 {
        output.warn(&format!("{open} 件は氏名や施設名などを含んでいます。印刷の前に確かめてください"));
    }
}
