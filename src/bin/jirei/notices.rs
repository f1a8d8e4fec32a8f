//! What an import or export has to say, a line each: `file:line:column: …`.

use jirei::exchange::Notice;

use crate::output::Output;

/// Shows notices about `file`, or about the files they name themselves.
pub fn show(notices: &[Notice], file: &str, output: &Output) {
    for Notice { file: own, line, column, item, is_lost, text } in notices {
        let file = if own.is_empty() { file } else { own };
        let kind = if *is_lost { "移せません" } else { "意味が変わります" };
        let item = if item.is_empty() { String::new() } else { format!("（{item}）") };
        output.say(&format!("{file}:{line}:{column}: {kind}{item}: {text}"));
    }
}
