//! `jirei init`: a first survey.toml for a table, with comments; asks nothing.

use std::path::PathBuf;

use jirei::read::{Encoding, Options};
use jirei::survey;

use crate::args::ReplaceArgs;
use crate::exit::{Outcome, Status};
use crate::inputs::files;
use crate::output::Output;
use crate::setup;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei init 回答.xlsx\n  jirei tag -o 結果/          survey.toml のとおりに読む"
)]
pub struct InitArgs {
    /// 回答の表か、そのフォルダー（名前の順で最初の表から見分ける）
    #[arg(value_name = "入力", help_heading = "入力")]
    pub input: PathBuf,

    /// 文字コード。なければ内容から判断する
    #[arg(long, value_name = "文字コード", help_heading = "入力")]
    pub encoding: Option<Encoding>,

    /// Excel などのブックの、回答があるシート
    #[arg(long, value_name = "シート", help_heading = "入力")]
    pub sheet: Option<String>,

    /// 見出しの行の番号。上に題などがある表に
    #[arg(long, value_name = "行", value_parser = clap::value_parser!(u64).range(1..), help_heading = "入力")]
    pub header_row: Option<u64>,

    /// 書き出すファイル
    #[arg(short, long, value_name = "ファイル", default_value = survey::FILE_NAME, help_heading = "出力")]
    pub output: PathBuf,

    #[command(flatten)]
    pub replace: ReplaceArgs,
}

pub fn run(args: &InitArgs, output: &Output) -> Outcome {
    args.replace.check(&args.output, [&args.input])?;
    let options = Options {
        encoding: args.encoding,
        sheet: args.sheet.clone(),
        header_row: args.header_row,
        ..Options::default()
    };
    let is_beside = args.output.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    let shown = if is_beside { args.input.clone() } else { std::path::absolute(&args.input)? };
    // Of a folder the first table stands for all.
    let first = files(std::slice::from_ref(&args.input))?.swap_remove(0);
    let text = survey::guess(&first, &shown, &options)?;
    setup::publish(&args.output, text.as_bytes())?;
    output.say(&format!(
        "`{}` を書き出しました。中を確かめて直してください。同じフォルダーで `jirei tag -o 結果/` とすれば使われます",
        args.output.display()
    ));
    Ok(Status::Done)
}
