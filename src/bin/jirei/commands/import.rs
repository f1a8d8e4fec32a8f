//! `jirei import`: rules from KH Coder's coding rules or from a table, written as rule files.

use std::path::{Path, PathBuf};

use jirei::error::Error;
use jirei::exchange::{draft, khcoder};
use jirei::publish::check_not_input;
use jirei::read::encoding;

use crate::args::DictionaryArgs;
use crate::exit::{Failure, Outcome, Status};
use crate::notices;
use crate::output::Output;
use crate::setup;

#[derive(Debug, clap::Args)]
#[command(after_help = "例:\n  jirei import khcoder コーディング.txt -o rules/50-khcoder.toml")]
pub struct ImportArgs {
    /// 何から取り込むか
    #[arg(value_enum, value_name = "種類")]
    pub what: Imported,

    /// 取り込むファイル
    #[arg(value_name = "ファイル")]
    pub input: PathBuf,

    /// 書き出すルールのファイル。「-」は標準出力
    #[arg(short, long, value_name = "出力先", default_value = "-")]
    pub output: PathBuf,

    /// もうあるファイルに上書きする
    #[arg(long)]
    pub overwrite: bool,

    #[command(flatten)]
    pub dictionary: DictionaryArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Imported {
    /// KH Coder のコーディング・ルール
    Khcoder,
}

pub fn run(args: &ImportArgs, output: &Output) -> Outcome {
    match args.what {
        Imported::Khcoder => khcoder(args, output),
    }
}

fn khcoder(args: &ImportArgs, output: &Output) -> Outcome {
    check_target(&args.output, args)?;
    let bytes = std::fs::read(&args.input).map_err(|source| Error::read(&args.input, source))?;
    let Some((text, encoding)) = encoding::decode(&bytes) else {
        return Err(Error::Input {
            input: args.input.display().to_string(),
            line: None,
            problem: "文字コードが分かりません".to_owned(),
            hint: "テキストエディターで開き、UTF-8 で保存し直してください".to_owned(),
        }
        .into());
    };
    output.say(&format!("文字コード: {encoding}"));
    let tokenizer = setup::tokenizer(&args.dictionary)?;
    let imported = khcoder::import(&text, &tokenizer);
    let (codes, lost) = imported.codes;
    if codes + lost == 0 {
        output.error(
            &format!("`{}` にコードが 1 つもありません", args.input.display()),
            Some("コード名の行は「＊」で始めます"),
        );
        return Ok(Status::Findings);
    }
    setup::publish(Some(&args.output), draft::write(&imported.file).as_bytes())?;
    output.say("どのコードにも共通する違い:");
    for line in khcoder::GENERAL {
        output.say(&format!("  {line}"));
    }
    notices::show(&imported.notices, &args.input.display().to_string(), output);
    let missing = imported.notices.iter().filter(|notice| notice.is_lost).count();
    let different = imported.notices.len() - missing;
    output.say(&format!(
        "{} コードのうち {codes} を取り込みました。意味の変わる所 {different}、取り込めない所 {missing}。id（code-1 など）は、ふさわしい名前に変えてください",
        codes + lost
    ));
    Ok(if missing == 0 { Status::Done } else { Status::Findings })
}

/// Somebody's rules must not be lost.
fn check_target(target: &Path, args: &ImportArgs) -> Result<(), Failure> {
    check_not_input(target, &[args.input.as_path()])?;
    if target.is_file() && !args.overwrite {
        return Err(Failure::Usage(
            format!("`{}` がもうあります", target.display()),
            "別の名前にするか、上書きしてよければ `--overwrite` を付けてください".to_owned(),
        ));
    }
    Ok(())
}
