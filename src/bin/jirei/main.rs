//! The program: arguments in, one command run, an exit status out. What commands do is in [`commands`], one file each;
//! everything that can be had without a terminal is in the library.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a program has no API; the help texts are its documentation"
)]

mod args;
mod changes;
mod commands;
mod exit;
mod inputs;
mod interrupt;
mod notices;
mod output;
mod panics;
mod progress;
mod record;
mod screen;
mod setup;
mod study;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    panics::explain();
    let cli = match args::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let output = output::Output::new(cli.color, cli.quiet, cli.verbose);
    let done = match cli.command {
        args::Command::Tag(args) => commands::tag::run(&args, &output),
        args::Command::Quotes(args) => commands::quotes::run(&args, &output),
        args::Command::Check(args) => commands::check::run(&args, &output),
        args::Command::NewCategory(args) => commands::new_category::run(&args, &output),
        args::Command::Tokens(args) => commands::tokens::run(&args, &output),
        args::Command::Explain(args) => commands::explain::run(&args, &output),
        args::Command::Kwic(args) => commands::kwic::run(&args, &output),
        args::Command::Uncovered(args) => commands::uncovered::run(&args, &output),
        args::Command::Suggest(args) => commands::suggest::run(&args, &output),
        args::Command::Coverage(args) => commands::coverage::run(&args, &output),
        args::Command::Eval(args) => commands::eval::run(&args, &output),
        args::Command::Diff(args) => commands::diff::run(&args, &output),
        args::Command::Report(args) => commands::report::run(&args, &output),
        args::Command::Stats(args) => commands::stats::run(&args, &output),
        args::Command::Export(args) => commands::export::run(&args, &output),
        args::Command::Import(args) => commands::import::run(&args, &output),
        args::Command::Watch(args) => commands::watch::run(&args, &output),
        args::Command::Verify(args) => commands::verify::run(&args, &output),
        args::Command::Merge(args) => commands::merge::run(&args, &output),
        args::Command::Init(args) => commands::init::run(&args, &output),
        args::Command::Completions(args) => commands::completions::run(&args),
        args::Command::Man(args) => commands::man::run(&args, &output),
    };
    match done {
        Ok(status) => status.into(),
        Err(failure) => failure.report(&output).into(),
    }
}
