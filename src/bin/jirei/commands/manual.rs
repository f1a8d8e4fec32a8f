//! `jirei explain ID`: what a diagnostic means, with an example and the example mended.

use std::io::Write;

use jirei::diagnostic::Kind;

use crate::exit::{Outcome, Status};

pub fn run(kind: Kind) -> Outcome {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}[{}]: {}\n", kind.severity().as_str(), kind.id(), kind.title())?;
    // Fenced blocks are indented instead: the page is read on a terminal.
    let mut is_inside = false;
    for line in kind.page().lines() {
        if line.starts_with("```") {
            is_inside = !is_inside;
        } else if is_inside && !line.is_empty() {
            writeln!(out, "    {line}")?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(Status::Done)
}
