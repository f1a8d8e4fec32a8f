//! `jirei tokens`: how a text is normalised and segmented, which is what a rule's words must match.

use std::io::Write;

use jirei::matcher::Analyser;

use crate::args::DictionaryArgs;
use crate::exit::{Outcome, Status};
use crate::output::Output;
use crate::setup;
use crate::table::{self, Side};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei tokens '顔認証ができない'\n  jirei tokens 'オン資の端末' --user-dictionary 語.csv"
)]
pub struct TokensArgs {
    /// 区切る文
    #[arg(value_name = "文")]
    pub text: String,

    #[command(flatten)]
    pub dictionary: DictionaryArgs,
}

pub fn run(args: &TokensArgs, _output: &Output) -> Outcome {
    let tokenizer = setup::tokenizer(&args.dictionary)?;
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
    table::write(
        &mut out,
        ["表記", "原形", "品詞", "活用形", "読み"].map(|header| (header, Side::Left)),
        &rows,
    )?;
    Ok(Status::Done)
}
