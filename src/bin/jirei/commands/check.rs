//! `jirei check`: compiles and lints the rules and runs the examples they carry.

use jirei::diagnostic::{self, Severity};
use jirei::rule::{example, lint};

use crate::args::CheckArgs;
use crate::exit::{Outcome, Status};
use crate::output::Output;
use crate::setup;

pub fn run(args: &CheckArgs, output: &Output) -> Outcome {
    let tokenizer = setup::tokenizer(&args.rules.dictionary)?;
    let mut compiled = setup::compile(&args.rules, &tokenizer)?;
    compiled.diagnostics.extend(lint::lint(&compiled.files));
    let mut examples = example::Outcome::default();
    if let Some(rulebook) = &compiled.rulebook {
        examples = example::run(rulebook, &compiled.files, &tokenizer);
        compiled.diagnostics.append(&mut examples.diagnostics);
    }
    diagnostic::sort(&mut compiled.diagnostics);
    for diagnostic in &compiled.diagnostics {
        output.diagnostic(diagnostic);
    }
    let count =
        |severity| compiled.diagnostics.iter().filter(|found| found.kind.severity() == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let size = compiled.rulebook.as_ref().map_or(String::new(), |rulebook| {
        format!("{} カテゴリ、{} ルール。", rulebook.categories().len(), rulebook.rule_count())
    });
    output.say(&format!(
        "{size}例 {} 件が合格、未対応（todo_ok）{} 件。エラー {errors} 件、警告 {warnings} 件",
        examples.passed, examples.open
    ));
    Ok(match (errors, warnings) {
        (0, 0) => Status::Done,
        (0, _) => Status::Findings,
        _ if compiled.rulebook.is_none() => Status::Failed,
        _ => Status::Findings,
    })
}
