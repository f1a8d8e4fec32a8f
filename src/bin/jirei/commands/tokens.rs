//! `jirei tokens`: how a text is normalised and segmented, which is what a rule's words must match.

use std::io::Write;

use jirei::matcher::Analyser;
use unicode_width::UnicodeWidthStr;

use crate::args::TokensArgs;
use crate::exit::{Outcome, Status};
use crate::output::Output;
use crate::setup;

pub fn run(args: &TokensArgs, _output: &Output) -> Outcome {
    let tokenizer = setup::tokenizer(&args.rules)?;
    let mut analyser = Analyser::new(&tokenizer);
    analyser.analyse(&args.text);
    let tokens = analyser.tokens();
    let mut out = std::io::stdout().lock();
    if tokens.text != args.text {
        writeln!(out, "正規化: {}", tokens.text)?;
    }
    let rows: Vec<[&str; 5]> = (0..tokens.len())
        .map(|at| {
            let lexeme = tokens.lexeme(at);
            let form = if lexeme.form.is_empty() { "-" } else { &*lexeme.form };
            let reading = if lexeme.reading.is_empty() { "-" } else { &*lexeme.reading };
            [tokens.surface(at), &*lexeme.base, &*lexeme.pos, form, reading]
        })
        .collect();
    write_table(&mut out, ["表記", "原形", "品詞", "活用形", "読み"], &rows)?;
    Ok(Status::Done)
}

/// Columns aligned by display width: a kanji takes two cells of a terminal.
pub fn write_table<const N: usize>(out: &mut impl Write, headers: [&str; N], rows: &[[&str; N]]) -> std::io::Result<()> {
    let mut widths = headers.map(UnicodeWidthStr::width);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    for row in std::iter::once(&headers).chain(rows) {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}
