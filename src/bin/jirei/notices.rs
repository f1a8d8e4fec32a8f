//! What an import or export has to say, a line each: `file:line:column: …`.

use jirei::exchange::Notice;

use crate::output::Output;

/// What is lost, and what is not, in a word: between two programs.
pub const BETWEEN_PROGRAMS: [&str; 2] = ["移せません", "意味が変わります"];

/// The same, of a table that somebody filled in.
pub const OF_TABLE: [&str; 2] = ["誤り", "参考"];

/// Shows notices about `file`, or about the files they name themselves.
pub fn show(notices: &[Notice], [lost, different]: [&str; 2], file: &str, output: &Output) {
    for Notice { file: own, line, column, item, is_lost, text } in notices {
        let file = if own.is_empty() { file } else { own };
        let kind = if *is_lost { lost } else { different };
        let item = if item.is_empty() { String::new() } else { format!("（{item}）") };
        output.say(&format!("{file}:{line}:{column}: {kind}{item}: {text}"));
    }
}
