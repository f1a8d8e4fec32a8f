//! `jirei uncovered`: the answers that no category touches, and the words that tell them from the others.

use std::io::Write;

use jirei::comment::Comment;
use jirei::coverage::uncovered::{Uncovered, find};
use jirei::export;
use jirei::rule::{CategoryId, Rulebook};

use crate::args::{FormatArgs, InputArgs, OutputArgs, RuleArgs, TextOrCsv};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::Inputs;
use crate::output::Output;
use crate::setup;
use crate::study::{self, Study};
use crate::table::{self, Side};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei uncovered 回答.csv\n  jirei uncovered 回答.csv --group 認証・機器 --format csv -o 未分類.csv"
)]
pub struct UncoveredArgs {
    #[command(flatten)]
    pub input: InputArgs,

    /// このグループのカテゴリが 1 つも付かない回答を出す。いくつでも指定できる
    #[arg(long = "group", value_name = "グループ", help_heading = "入力")]
    pub groups: Vec<String>,

    /// このカテゴリが付かない回答を出す（id か名前）。いくつでも指定できる
    #[arg(long = "category", value_name = "カテゴリ", help_heading = "入力")]
    pub categories: Vec<String>,

    #[command(flatten)]
    pub rules: RuleArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    #[command(flatten)]
    pub format: FormatArgs<TextOrCsv>,

    /// text で見せる語と回答の、それぞれの数。0 は全部
    #[arg(long, value_name = "数", default_value_t = 20, help_heading = "出力")]
    pub limit: usize,
}

pub fn run(args: &UncoveredArgs, output: &Output) -> Outcome {
    let inputs = Inputs::open(&args.input)?;
    args.output.check(inputs.paths().iter().chain(args.rules.paths()))?;
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.rules, output)?;
    let wanted = wanted(args, &rulebook)?;
    let Study { comments, .. } = study::read(inputs, None, &rulebook, output)?;
    let found = find(&comments, &wanted, &rulebook, &tokenizer);
    let mut bytes = Vec::new();
    match args.format.chosen {
        TextOrCsv::Csv => export::uncovered::write(&mut bytes, &found, &comments, &rulebook),
        TextOrCsv::Text => {
            let limit = if args.limit == 0 { usize::MAX } else { args.limit };
            write_text(&mut bytes, &found, &comments, limit)?;
        }
    }
    args.output.publish(&bytes)?;
    Ok(Status::Done)
}

/// The categories of the groups and names asked for; all, where none is.
fn wanted(args: &UncoveredArgs, rulebook: &Rulebook) -> Result<Vec<CategoryId>, Failure> {
    if args.groups.is_empty() && args.categories.is_empty() {
        return Ok(rulebook.category_ids().collect());
    }
    let mut wanted = Vec::new();
    for name in &args.categories {
        wanted.push(setup::category(rulebook, name)?);
    }
    for group in &args.groups {
        let members = rulebook.category_ids().filter(|&id| rulebook.category(id).group == *group);
        let before = wanted.len();
        wanted.extend(members);
        if wanted.len() == before {
            let mut known: Vec<&str> = Vec::new();
            for category in rulebook.categories() {
                if !category.group.is_empty() && !known.contains(&category.group.as_str()) {
                    known.push(&category.group);
                }
            }
            let mend = match &known[..] {
                [] => "このルールにはグループがありません。ルールのファイルの先頭に group = '…' と書くと使えます".to_owned(),
                known => format!("次のどれかを指定してください: {}", known.join(" ")),
            };
            return Err(Failure::Usage(format!("グループ「{group}」はありません"), mend));
        }
    }
    Ok(wanted)
}

/// Words shown beside a comment.
const WORDS: usize = 5;

fn write_text(
    out: &mut impl Write,
    found: &Uncovered,
    comments: &[Comment],
    limit: usize,
) -> std::io::Result<()> {
    let count = found.comments.len() as u64;
    writeln!(
        out,
        "回答あり {} 件のうち、カテゴリの付かないもの {count} 件（{:.1} %）",
        found.answered,
        count as f64 * 100.0 / found.answered.max(1) as f64
    )?;
    if !found.keywords.is_empty() {
        writeln!(out, "\n付かない回答に目立つ語（G² は対数尤度比）")?;
        let rows: Vec<[String; 4]> = found
            .keywords
            .iter()
            .take(limit)
            .map(|keyword| {
                let occurrence = keyword.occurrence;
                [
                    keyword.word.clone(),
                    occurrence.inside.to_string(),
                    occurrence.outside.to_string(),
                    format!("{:.1}", keyword.log_likelihood),
                ]
            })
            .collect();
        let columns =
            [("語", Side::Left), ("付かない", Side::Right), ("付いた", Side::Right), ("G²", Side::Right)];
        table::write(out, columns, &rows)?;
    }
    if count > 0 {
        writeln!(out)?;
    }
    for uncovered in found.comments.iter().take(limit) {
        let comment = &comments[uncovered.index];
        let words: Vec<&str> =
            uncovered.keywords.iter().take(WORDS).map(|&at| found.keywords[at].word.as_str()).collect();
        let words = if words.is_empty() { String::new() } else { format!("　〔{}〕", words.join("・")) };
        let text = comment.text().split_whitespace().collect::<Vec<_>>().join(" ");
        writeln!(out, "{} {}　{text}{words}", comment.id(), comment.question())?;
    }
    if found.comments.len() > limit {
        writeln!(out, "…ほか {} 件（`--limit 0` で全部）", found.comments.len() - limit)?;
    }
    Ok(())
}
