//! One file per command: load what the options ask for, call the library, write what it says.

pub mod check;
pub mod completions;
pub mod coverage;
pub mod diff;
pub mod eval;
pub mod explain;
pub mod export;
pub mod import;
pub mod init;
pub mod kwic;
pub mod man;
pub mod manual;
pub mod merge;
pub mod new_category;
pub mod quotes;
pub mod report;
pub mod stats;
pub mod suggest;
pub mod tag;
pub mod tokens;
pub mod uncovered;
pub mod verify;
pub mod watch;
