//! `jirei import`: rules from KH Coder's coding rules or from a table, written as rule files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jirei::diagnostic::SourceFile;
use jirei::error::Error;
use jirei::exchange::{draft, khcoder, sheet};
use jirei::read::{Columns, Reader, encoding};
use jirei::rule;

use crate::args::{DictionaryArgs, ReplaceArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::notices;
use crate::output::Output;
use crate::setup;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei import khcoder コーディング.txt -o rules/50-khcoder.toml\n  jirei import xlsx ルール.xlsx -o rules/ --force"
)]
pub struct ImportArgs {
    /// 何から取り込むか（khcoder は KH Coder のコーディング・ルール、xlsx と csv は表）
    #[arg(value_enum, value_name = "種類", hide_possible_values = true)]
    pub what: Imported,

    /// 取り込むファイル
    #[arg(value_name = "ファイル")]
    pub input: PathBuf,

    #[command(flatten)]
    pub dictionary: DictionaryArgs,

    /// 出力先のルールのファイル。表からなら、ファイルごとに分けて入れるフォルダーでもよい。なければ標準出力
    #[arg(
        short,
        long,
        value_name = "出力先",
        default_value = "-",
        hide_default_value = true,
        help_heading = "出力"
    )]
    pub output: PathBuf,

    #[command(flatten)]
    pub replace: ReplaceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Imported {
    /// KH Coder のコーディング・ルール
    Khcoder,
    /// Excel で書いた表
    Xlsx,
    /// CSV の表
    Csv,
}

pub fn run(args: &ImportArgs, output: &Output) -> Outcome {
    match args.what {
        Imported::Khcoder => khcoder(args, output),
        Imported::Xlsx | Imported::Csv => table(args, output),
    }
}

fn table(args: &ImportArgs, output: &Output) -> Outcome {
    let columns = Columns { texts: vec!["表現".to_owned()], ..Columns::default() };
    let name = args.input.display().to_string();
    let reader = Reader::open(&args.input, &columns).map_err(unlike_rules)?;
    let stem = args.input.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let is_book = args.input.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    let read = sheet::read(reader, &name, &stem, !is_book).map_err(unlike_rules)?;
    notices::show(&read.notices, notices::OF_TABLE, &name, output);
    let missing = read.notices.iter().filter(|notice| notice.is_lost).count();
    if missing > 0 {
        // Half of somebody's rules would be taken for all of them.
        return Err(Failure::Usage(
            format!("表に {missing} か所の誤りがあるので、何も書き出しませんでした"),
            "上に出た行を直して、もう一度取り込んでください".to_owned(),
        ));
    }
    let sources: Vec<(PathBuf, String)> = match &read.files[..] {
        // One file, or all of it to stdout.
        [(_, file)] if !args.output.is_dir() && !ends_with_separator(&args.output) => {
            vec![(args.output.clone(), draft::write(file))]
        }
        files if args.output.as_os_str() == "-" => {
            let all: Vec<String> =
                files.iter().map(|(name, file)| format!("# {name}\n\n{}", draft::write(file))).collect();
            vec![(args.output.clone(), all.join("\n"))]
        }
        files => {
            if args.output.is_file() {
                return Err(Failure::Usage(
                    format!(
                        "表には {} ファイル分のルールがあり、`{}` には書けません",
                        files.len(),
                        args.output.display()
                    ),
                    "`-o` にフォルダーを指定してください".to_owned(),
                ));
            }
            files.iter().map(|(name, file)| (args.output.join(name), draft::write(file))).collect()
        }
    };
    for (path, _) in &sources {
        args.replace.check(path, [&args.input])?;
    }
    if let Some(folder) = sources.first().and_then(|(path, _)| path.parent()).filter(|_| sources.len() > 1) {
        std::fs::create_dir_all(folder).map_err(|source| Error::write(folder, source))?;
    } else if ends_with_separator(&args.output) {
        std::fs::create_dir_all(&args.output).map_err(|source| Error::write(&args.output, source))?;
    }
    for (path, text) in &sources {
        setup::publish(path, text.as_bytes())?;
    }
    let tokenizer = setup::tokenizer(&args.dictionary)?;
    let file = |(path, text): &(PathBuf, String)| {
        Arc::new(SourceFile { name: path.display().to_string(), text: text.clone() })
    };
    let compiled = rule::compile(&sources.iter().map(file).collect::<Vec<_>>(), &tokenizer);
    let errors = compiled.diagnostics.iter().filter(|found| found.is_error());
    errors.clone().for_each(|error| output.diagnostic(error));
    let count = errors.count();
    let categories = compiled.files.iter().map(|file| file.categories.len()).sum::<usize>();
    output.say(&format!(
        "{} ファイル、{categories} カテゴリを取り込みました。ルールのエラー {count} 件",
        sources.len()
    ));
    Ok(if count == 0 { Status::Done } else { Status::Findings })
}

/// A table that has other columns says so in terms of rules, not of answers.
fn unlike_rules(error: Error) -> Failure {
    match error {
        Error::MissingColumn { input, wanted, .. } => Failure::Usage(
            format!("`{input}` に列「{wanted}」がありません"),
            "ルールの表には カテゴリ・種類・表現・例 の列が要ります。`jirei export xlsx ルール.xlsx` で見本を書き出せます".to_owned(),
        ),
        other => other.into(),
    }
}

/// Whether a folder is meant that need not be there yet.
fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
}

fn khcoder(args: &ImportArgs, output: &Output) -> Outcome {
    args.replace.check(&args.output, [&args.input])?;
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
    setup::publish(&args.output, draft::write(&imported.file).as_bytes())?;
    output.say("どのコードにも共通する違い:");
    for line in khcoder::GENERAL {
        output.say(&format!("  {line}"));
    }
    notices::show(&imported.notices, notices::BETWEEN_PROGRAMS, &args.input.display().to_string(), output);
    let missing = imported.notices.iter().filter(|notice| notice.is_lost).count();
    let different = imported.notices.len() - missing;
    output.say(&format!(
        "{} コードのうち {codes} を取り込みました。意味の変わる所 {different}、取り込めない所 {missing}。id（code-1 など）は、ふさわしい名前に変えてください",
        codes + lost
    ));
    Ok(if missing == 0 { Status::Done } else { Status::Findings })
}
