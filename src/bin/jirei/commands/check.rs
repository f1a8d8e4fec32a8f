//! `jirei check`: compiles and lints the rules and runs the examples they carry; on request, holds them against a corpus,
//! and shows what of them no example guards.

use std::cmp::Reverse;
use std::io::Write;
use std::ops::{Add, Range};
use std::path::PathBuf;
use std::sync::Arc;

use jirei::corpus::Corpus;
use jirei::diagnostic::{Diagnostic, Kind, Severity, SourceFile, exchange};
use jirei::rule::check::{Checked, Looked, check};
use jirei::usage;
use jirei::usage::mutate::{Score, Tried, mutate};

use crate::args::{FormatArgs, InputArgs, RuleArgs, TableArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::Inputs;
use crate::output::Output;
use crate::setup;
use crate::table::{self, Side};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
    Sarif,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei check --rules rules/\n  jirei check --rules rules/ --corpus 回答.csv\n  jirei check --rules rules/ --mutate --category 顔認証失敗\n  jirei check --rules rules/ --format sarif > check.sarif\n番号の意味は `jirei explain W101` のように見られます"
)]
pub struct CheckArgs {
    /// 回答と照らして、当たらない語とその訳、当たりすぎる語、要らない語、ない列も調べる
    #[arg(long, value_name = "入力", help_heading = "回答と例")]
    pub corpus: Vec<PathBuf>,

    /// 条件を 1 か所ずつ外したり逆にしたりして、どの例も気付かない所を調べる。カテゴリごとの点数を標準出力に書く
    #[arg(long, help_heading = "回答と例")]
    pub mutate: bool,

    #[command(flatten)]
    pub table: TableArgs,

    #[command(flatten)]
    pub rules: RuleArgs,

    #[command(flatten)]
    pub format: FormatArgs<Format>,

    /// エラーのほかは、このカテゴリに見つかったものだけ（id か名前。いくつでも指定できる）
    #[arg(long = "category", value_name = "カテゴリ", help_heading = "出力")]
    pub categories: Vec<String>,
}

pub fn run(args: &CheckArgs, output: &Output) -> Outcome {
    let corpus = corpus(args, output)?;
    let tokenizer = setup::tokenizer(&args.rules.dictionary)?;
    let mut checked = check(&setup::sources(&args.rules)?, &tokenizer);
    if let (Some(corpus), Some(rulebook)) = (corpus, &checked.rulebook) {
        checked.diagnostics.extend(usage::check(rulebook, &checked.files, &corpus.comments, &tokenizer));
    }
    let size = checked.rulebook.as_ref().map_or(String::new(), |rulebook| {
        format!("{} カテゴリ、{} ルール。", rulebook.categories().len(), rulebook.rule_count())
    });
    let could_compile = checked.rulebook.is_some();
    let blocks = blocks(args, &checked)?;
    let mut scores = Vec::new();
    if args.mutate
        && let Some(rulebook) = checked.rulebook.take()
    {
        let adequacy = mutate(rulebook, &checked.files, &tokenizer);
        checked.diagnostics.extend(adequacy.diagnostics);
        scores = adequacy.scores;
    }
    if let Some(blocks) = &blocks {
        let is_within = |found: &Diagnostic| {
            blocks.iter().any(|(file, block, _)| *file == found.file && block.contains(&found.range.start))
        };
        checked.diagnostics.retain(|found| found.is_error() || is_within(found));
        scores.retain(|score| blocks.iter().any(|(_, _, id)| *id == score.id));
    }
    checked.settle(Looked { at_examples: could_compile, at_mutants: args.mutate });
    let found = &checked.diagnostics;
    match args.format.chosen {
        Format::Text => show(found, output),
        Format::Json => writeln!(std::io::stdout(), "{}", exchange::json(found))?,
        Format::Sarif => {
            writeln!(std::io::stdout(), "{}", exchange::sarif(found, env!("CARGO_PKG_VERSION")))?;
        }
    }
    let count = |severity| found.iter().filter(|found| found.kind.severity() == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if args.format.chosen == Format::Text && !scores.is_empty() {
        write_scores(&scores)?;
    }
    output.say(&format!(
        "{size}例 {} 件が合格、未対応（todo_ok）{} 件。エラー {errors} 件、警告 {warnings} 件",
        checked.passed, checked.open
    ));
    Ok(match (errors, warnings) {
        (0, 0) => Status::Done,
        (0, _) => Status::Findings,
        _ if !could_compile => Status::Failed,
        _ => Status::Findings,
    })
}

/// Shows what was found, the gravest last, where it stays in sight. Of notes only some, unless asked for more.
fn show(found: &[Diagnostic], output: &Output) {
    /// Notes of one kind shown.
    const NOTES: usize = 10;
    let mut by_gravity: Vec<&Diagnostic> = found.iter().collect();
    by_gravity.sort_by_key(|found| Reverse(found.kind.severity()));
    for kind in Kind::ALL.iter().filter(|kind| kind.severity() == Severity::Note) {
        let (of_kind, others): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            by_gravity.into_iter().partition(|found| found.kind == *kind);
        by_gravity = others;
        let shown = if output.is_verbose() { of_kind.len() } else { NOTES };
        of_kind.iter().take(shown).for_each(|found| output.diagnostic(found));
        if of_kind.len() > shown {
            output.remark(&format!(
                "参考[{}]: ほかに {} 件（`-v` で全部、`--category` でカテゴリを選べます）",
                kind.id(),
                of_kind.len() - shown
            ));
        }
    }
    by_gravity.into_iter().for_each(|found| output.diagnostic(found));
}

/// A category's block in its file, with its id.
type Block = (Arc<SourceFile>, Range<usize>, String);

/// The blocks of the categories asked for, if any are.
fn blocks(args: &CheckArgs, checked: &Checked) -> Result<Option<Vec<Block>>, Failure> {
    if args.categories.is_empty() {
        return Ok(None);
    }
    let known = checked.files.iter().flat_map(|file| file.categories.iter().map(move |own| (file, own)));
    let mut blocks = Vec::new();
    for asked in &args.categories {
        let found = known.clone().find(|(_, own)| own.id.text == *asked || own.name.text == *asked);
        let Some((file, own)) = found else {
            let ids: Vec<&str> = known.map(|(_, own)| own.id.text.as_str()).collect();
            return Err(setup::no_category(asked, &ids));
        };
        blocks.push((Arc::clone(&file.file), own.block.clone(), own.id.text.clone()));
    }
    Ok(Some(blocks))
}

/// The answers to hold the rules against, if there are to be any.
fn corpus(args: &CheckArgs, output: &Output) -> Result<Option<Corpus>, Failure> {
    // A survey names its answers.
    if args.corpus.is_empty() && args.table.survey.is_none() {
        args.table.refuse_without("--corpus")?;
        return Ok(None);
    }
    let mut inputs = Inputs::open(&InputArgs { inputs: args.corpus.clone(), table: args.table.clone() })?;
    inputs.findings().iter().for_each(|finding| output.say(finding));
    let corpus = inputs.corpus()?;
    inputs.report(output);
    Ok(Some(corpus))
}

/// How many changes of each category's conditions its examples notice.
fn write_scores(scores: &[Score]) -> std::io::Result<()> {
    let row = |name: &str, left_out: Tried, denied: Tried| {
        let shown = |tried: Tried| format!("{}/{}", tried.noticed, tried.all);
        let both = left_out + denied;
        let percent = format!("{:.0} %", both.noticed as f64 * 100.0 / both.all as f64);
        [name.to_owned(), shown(left_out), shown(denied), percent]
    };
    let mut rows: Vec<[String; 4]> =
        scores.iter().map(|score| row(&score.name, score.left_out, score.denied)).collect();
    let sum = |part: fn(&Score) -> Tried| scores.iter().map(part).fold(Tried::default(), Tried::add);
    rows.push(row("全体", sum(|score| score.left_out), sum(|score| score.denied)));
    let columns = [
        ("カテゴリ", Side::Left),
        ("外す", Side::Right),
        ("逆にする", Side::Right),
        ("例が気付く割合", Side::Right),
    ];
    let mut out = std::io::stdout().lock();
    table::write(&mut out, columns, &rows)?;
    writeln!(out, "外す・逆にするは、例が気付いた数/変えた数\n")
}
