//! `jirei completions`: what a shell needs to complete commands and options, from the one definition of the command line.

use std::io::Write;

use clap_complete::Shell as Known;

use crate::args;
use crate::exit::{Outcome, Status};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei completions bash > ~/.local/share/bash-completion/completions/jirei\n  jirei completions fish > ~/.config/fish/completions/jirei.fish"
)]
pub struct CompletionsArgs {
    /// 設定を出すシェル
    #[arg(value_enum, value_name = "シェル")]
    pub shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

pub fn run(args: &CompletionsArgs) -> Outcome {
    let shell = match args.shell {
        Shell::Bash => Known::Bash,
        Shell::Zsh => Known::Zsh,
        Shell::Fish => Known::Fish,
        Shell::Powershell => Known::PowerShell,
    };
    // Made in memory: the generator panics where the reader of a pipe went away.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::definition(), "jirei", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Status::Done)
}
