//! `jirei check`: compiles and lints the rules and runs the examples they carry.

use std::io::Write;

use jirei::diagnostic::{Severity, exchange};
use jirei::rule::check::check;

use crate::args::RuleArgs;
use crate::exit::{Outcome, Status};
use crate::output::Output;
use crate::setup;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
    Sarif,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei check --rules rules/\n  jirei check --rules rules/ --format sarif > check.sarif\n番号の意味は `jirei explain W101` のように見られます"
)]
pub struct CheckArgs {
    /// 見つかったものの形式（text か json か sarif）。json と sarif は標準出力に書く
    #[arg(
        long,
        value_enum,
        value_name = "形式",
        default_value = "text",
        hide_possible_values = true,
        help_heading = "出力"
    )]
    pub format: Format,

    #[command(flatten)]
    pub rules: RuleArgs,
}

pub fn run(args: &CheckArgs, output: &Output) -> Outcome {
    let tokenizer = setup::tokenizer(&args.rules.dictionary)?;
    let mut checked = check(&setup::sources(&args.rules)?, &tokenizer);
    checked.settle(false);
    let found = &checked.diagnostics;
    let json = |text: serde_json::Result<String>| -> std::io::Result<()> {
        writeln!(std::io::stdout(), "{}", text.map_err(std::io::Error::from)?)
    };
    match args.format {
        Format::Text => found.iter().for_each(|diagnostic| output.diagnostic(diagnostic)),
        Format::Json => json(exchange::json(found))?,
        Format::Sarif => json(exchange::sarif(found, env!("CARGO_PKG_VERSION")))?,
    }
    let count = |severity| found.iter().filter(|found| found.kind.severity() == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let size = checked.rulebook.as_ref().map_or(String::new(), |rulebook| {
        format!("{} カテゴリ、{} ルール。", rulebook.categories().len(), rulebook.rule_count())
    });
    output.say(&format!(
        "{size}例 {} 件が合格、未対応（todo_ok）{} 件。エラー {errors} 件、警告 {warnings} 件",
        checked.passed, checked.open
    ));
    Ok(match (errors, warnings) {
        (0, 0) => Status::Done,
        (0, _) => Status::Findings,
        _ if checked.rulebook.is_none() => Status::Failed,
        _ => Status::Findings,
    })
}
