//! `jirei export`: the built-in rules as files to be edited, or rules for KH Coder.

use std::path::{Path, PathBuf};

use jirei::error::Error;
use jirei::exchange::from_rules::from_rules;
use jirei::exchange::{khcoder, sheet};
use jirei::publish::{Draft, is_stdout};
use jirei::rule::source::RuleFile;
use jirei::rule::{schema, shipped};
use jirei::tokenize::Tokenizer;

use crate::args::{ReplaceArgs, RuleArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::output::Output;
use crate::{notices, setup};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei export rules my-rules/\n  jirei export khcoder コーディング.txt --rules my-rules/\n  jirei export xlsx ルール.xlsx --rules my-rules/"
)]
pub struct ExportArgs {
    /// 何を書き出すか。rules は内蔵のルールのファイル一式、schema は編集ソフトの補完に使う JSON Schema。khcoder（KH Coder のコーディング・ルール）、xlsx、csv（表）は `--rules` のルール
    #[arg(value_enum, value_name = "種類", hide_possible_values = true)]
    pub what: Exported,

    /// 書き出すフォルダー（rules）かファイル（ほか）。ファイルは「-」で標準出力
    #[arg(value_name = "出力先")]
    pub target: PathBuf,

    #[command(flatten)]
    pub rules: RuleArgs,

    #[command(flatten)]
    pub replace: ReplaceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Exported {
    /// ルールのファイル一式
    Rules,
    /// KH Coder のコーディング・ルール
    Khcoder,
    /// ルールのファイルの形式（JSON Schema）。編集ソフトの補完に使う
    Schema,
    /// Excel で書くための表
    Xlsx,
    /// CSV の表
    Csv,
}

pub fn run(args: &ExportArgs, output: &Output) -> Outcome {
    match args.what {
        Exported::Rules => rules(&args.target, args, output),
        Exported::Khcoder => khcoder(args, output),
        Exported::Schema => {
            args.replace.check(&args.target, args.rules.paths())?;
            setup::publish(&args.target, schema::schema().as_bytes())?;
            Ok(Status::Done)
        }
        Exported::Xlsx | Exported::Csv => table(args, output),
    }
}

fn table(args: &ExportArgs, output: &Output) -> Outcome {
    args.replace.check(&args.target, args.rules.paths())?;
    let tokenizer = setup::tokenizer(&args.rules.dictionary)?;
    let files = sound_files(args, &tokenizer, output)?;
    let name = |file: &RuleFile| {
        let name = Path::new(&file.file.name).file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let files: Vec<_> = files.iter().map(|file| (name(file), from_rules(file))).collect();
    let rows = sheet::rows(&files);
    let bytes = if args.what == Exported::Xlsx { sheet::to_xlsx(&rows)? } else { sheet::to_csv(&rows) };
    setup::publish(&args.target, &bytes)?;
    output.say(&format!(
        "{} ファイルのルールを {} 行に書き出しました。`jirei import` で戻せます",
        files.len(),
        rows.len()
    ));
    Ok(Status::Done)
}

fn rules(folder: &Path, args: &ExportArgs, output: &Output) -> Outcome {
    if args.rules.rules.is_some() {
        return Err(Failure::Usage(
            "`export rules` は内蔵のルールを書き出します".to_owned(),
            "`--rules` を外してください".to_owned(),
        ));
    }
    if is_stdout(folder) {
        return Err(Failure::Usage(
            "`export rules` は標準出力に書き出せません".to_owned(),
            "何枚ものファイルになるので、フォルダーを指定してください".to_owned(),
        ));
    }
    std::fs::create_dir_all(folder).map_err(|source| Error::write(folder, source))?;
    // Somebody's edited rules must not be lost: all or nothing.
    for (name, _) in shipped::FILES {
        args.replace.check(&folder.join(name), [])?;
    }
    let mut drafts = Vec::new();
    for (name, text) in shipped::FILES {
        let mut draft = Draft::create(&folder.join(name))?;
        draft.put(text.as_bytes())?;
        drafts.push(draft);
    }
    Draft::commit_all(drafts)?;
    output.say(&format!(
        "{} 個のファイルを `{}` に書き出しました。`--rules {}` で使えます",
        shipped::FILES.len(),
        folder.display(),
        folder.display()
    ));
    Ok(Status::Done)
}

fn khcoder(args: &ExportArgs, output: &Output) -> Outcome {
    args.replace.check(&args.target, args.rules.paths())?;
    let tokenizer = setup::tokenizer(&args.rules.dictionary)?;
    let files = sound_files(args, &tokenizer, output)?;
    let exported = khcoder::export::export(&files, &tokenizer);
    // With its mark, so that KH Coder needn't guess the encoding.
    setup::publish(&args.target, format!("\u{feff}{}", exported.text).as_bytes())?;
    notices::show(&exported.notices, notices::BETWEEN_PROGRAMS, "", output);
    let (codes, lost) = exported.categories;
    let missing = exported.notices.iter().filter(|notice| notice.is_lost).count();
    output.say(&format!(
        "{} カテゴリのうち {codes} を書き出しました。意味の変わる所 {}、書けない所 {missing}",
        codes + lost,
        exported.notices.len() - missing
    ));
    Ok(if missing == 0 { Status::Done } else { Status::Findings })
}

/// The rule files asked for. Those with errors would be written in part, and names that refer to each other have no end.
fn sound_files(args: &ExportArgs, tokenizer: &Tokenizer, output: &Output) -> Result<Vec<RuleFile>, Failure> {
    let mut compiled = setup::compile(&args.rules, tokenizer)?;
    let files = std::mem::take(&mut compiled.files);
    setup::usable(compiled, output)?;
    Ok(files)
}
