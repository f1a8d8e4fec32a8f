//! `jirei report`: what editors work with, as a page or a document. One file per kind of result.

mod document;
pub mod page;

use std::path::PathBuf;

use jirei::comment::{Comment, Schema};

use crate::args::{InputArgs, ReplaceArgs, RuleArgs, ThreadArgs};
use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// Quotes per category where nobody says.
const QUOTES: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Html,
    Docx,
    Md,
    Xlsx,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei report 回答.csv -o report.html\n  jirei report 回答.csv -o 報告.docx\n  jirei report 回答.csv --selection selection.json --layout numbered -o 事例.docx\n  jirei report 回答.csv --layout single --category 10割負担 --where 区分=病院 -o 事例.docx\n  jirei report 回答.csv --layout waves --template 書式.dotx -o 推移.docx"
)]
pub struct ReportArgs {
    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten)]
    pub rules: RuleArgs,

    /// 出力先のファイル。「-」は標準出力
    #[arg(short, long, value_name = "ファイル", help_heading = "出力")]
    pub output: PathBuf,

    #[command(flatten)]
    pub replace: ReplaceArgs,

    /// 出力の形式。なければ出力先の名前から判断
    #[arg(long, value_enum, value_name = "形式", help_heading = "出力")]
    pub format: Option<Format>,

    /// 題
    #[arg(long, value_name = "題", help_heading = "出力")]
    pub title: Option<String>,

    /// 編集者の選択（selection.json）
    #[arg(long, value_name = "ファイル", help_heading = "出力")]
    pub selection: Option<PathBuf>,

    /// この値の回答だけを使う（区分=病院 など）。いくつでも指定できる
    #[arg(long = "where", value_name = "列=値", value_parser = limit, help_heading = "出力")]
    pub limits: Vec<(String, String)>,

    /// カテゴリごとの引用の数。なければ 5、文書に --selection を付けたときは選んだものだけ
    #[arg(short = 'n', long = "quotes", value_name = "数", help_heading = "出力")]
    pub quotes: Option<usize>,

    #[command(flatten)]
    pub threads: ThreadArgs,

    #[command(flatten)]
    pub document: document::DocumentArgs,
}

fn limit(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once(['=', '＝']).ok_or("「列=値」の形ではありません")?;
    Ok((column.trim().to_owned(), value.trim().to_owned()))
}

impl ReportArgs {
    /// Refuses limits by columns that aren't there.
    fn check_limits(&self, schema: &Schema) -> Result<(), Failure> {
        self.limits.iter().try_for_each(|(column, _)| check_column("--where", column, schema))
    }

    /// Whether the answer is within the limits.
    fn wants(&self, comment: &Comment) -> bool {
        self.limits
            .iter()
            .all(|(column, value)| comment.attribute(column).is_some_and(|cell| cell.trim() == value))
    }
}

fn check_column(option: &str, column: &str, schema: &Schema) -> Result<(), Failure> {
    match schema.attribute(column) {
        Some(_) => Ok(()),
        None => Err(Failure::Usage(format!("`{option}` の列「{column}」がありません"), listed(schema))),
    }
}

/// What can be named.
fn listed(schema: &Schema) -> String {
    let names = schema.attributes.iter().map(|&at| format!("「{}」", schema.headers[at]));
    format!("使えるのは{}です", names.collect::<String>())
}

pub fn run(args: &ReportArgs, output: &Output) -> Outcome {
    match format(args)? {
        Format::Html => page::run(args, output),
        format => document::run(args, format, output),
    }
}

/// The format asked for, or the one that the output's name ends in.
fn format(args: &ReportArgs) -> Result<Format, Failure> {
    let ending = args.output.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    let by_name = match ending.as_deref().and_then(|ending| ending.to_str()) {
        Some("html" | "htm") => Some(Format::Html),
        Some("docx") => Some(Format::Docx),
        Some("md") => Some(Format::Md),
        Some("xlsx") => Some(Format::Xlsx),
        _ => None,
    };
    args.format.or(by_name).ok_or_else(|| {
        Failure::Usage(
            format!("`{}` からは形式が分かりません", args.output.display()),
            "`-o 報告.docx` のように拡張子を付けるか、`--format` を指定してください".to_owned(),
        )
    })
}
