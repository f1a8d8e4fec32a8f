//! How the program ends: 0 done, 1 done with findings, 2 could not run, 130 interrupted.

use std::process::ExitCode;

use crate::output::Output;

/// What shells expect after Ctrl-C: 128 and the signal's number.
pub const INTERRUPTED: u8 = 130;

/// The exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Done,
    /// The command ran and found something: a failing example, a changed file.
    Findings,
    /// The command could not run.
    Failed,
    /// The command was asked to end.
    Interrupted,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Done => ExitCode::SUCCESS,
            Status::Findings => ExitCode::from(1),
            Status::Failed => ExitCode::from(2),
            Status::Interrupted => ExitCode::from(INTERRUPTED),
        }
    }
}

/// Why a command could not run.
#[derive(Debug)]
pub enum Failure {
    /// The library says why.
    Library(jirei::error::Error),
    /// The arguments don't go together: what is wrong, and what to do.
    Usage(String, String),
    /// The rulebook has errors, which have been shown.
    Rules(usize),
    /// The run was asked to end.
    Interrupted,
}

impl From<jirei::error::Error> for Failure {
    fn from(error: jirei::error::Error) -> Self {
        Failure::Library(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(source: std::io::Error) -> Self {
        Failure::Library(jirei::error::Error::Output { source })
    }
}

impl Failure {
    /// What is wrong, and what to do.
    pub fn message(&self) -> (String, Option<String>) {
        match self {
            Failure::Library(error) => (error.to_string(), error.hint()),
            Failure::Usage(problem, mend) => (problem.clone(), Some(mend.clone())),
            Failure::Rules(count) => (
                format!("ルールに {count} 件のエラーがあるので実行できません"),
                Some("上の 直し方 に従って直してください".to_owned()),
            ),
            Failure::Interrupted => ("中断しました。書きかけのファイルは残していません".to_owned(), None),
        }
    }

    /// Says why on stderr.
    pub fn report(&self, output: &Output) -> Status {
        // The reader of a pipe went away (`jirei … | head`): Unix programs end quietly then.
        if matches!(self, Failure::Library(error) if error.is_broken_pipe()) {
            return Status::Done;
        }
        let (problem, mend) = self.message();
        output.error(&problem, mend.as_deref());
        if matches!(self, Failure::Interrupted) { Status::Interrupted } else { Status::Failed }
    }
}

pub type Outcome = Result<Status, Failure>;
