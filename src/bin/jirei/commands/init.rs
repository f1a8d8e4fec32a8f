//! `jirei init`: a first survey.toml for a table, with comments; asks nothing.

use std::path::PathBuf;

use jirei::publish::{Draft, check_free, check_not_input};
use jirei::read::{Encoding, Options};
use jirei::survey;

use crate::exit::{Outcome, Status};
use crate::output::Output;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei init 回答.xlsx\n  jirei tag -o 結果/          survey.toml のとおりに読む"
)]
pub struct InitArgs {
    /// 回答の表
    #[arg(value_name = "入力", help_heading = "入力")]
    pub input: PathBuf,

    /// 文字コード。なければ内容から判断する
    #[arg(long, value_name = "文字コード", help_heading = "入力")]
    pub encoding: Option<Encoding>,

    /// Excel などのブックの、回答があるシート
    #[arg(long, value_name = "シート", help_heading = "入力")]
    pub sheet: Option<String>,

    /// 書き出すファイル
    #[arg(short, long, value_name = "ファイル", default_value = survey::FILE_NAME, help_heading = "出力")]
    pub output: PathBuf,

    /// 前のファイルを置き換える
    #[arg(long, help_heading = "出力")]
    pub force: bool,
}

pub fn run(args: &InitArgs, output: &Output) -> Outcome {
    check_not_input(&args.output, &[&args.input])?;
    if !args.force {
        check_free(&args.output)?;
    }
    let options = Options { encoding: args.encoding, sheet: args.sheet.clone(), ..Options::default() };
    let is_beside = args.output.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    let shown = if is_beside { args.input.clone() } else { std::path::absolute(&args.input)? };
    let text = survey::guess(&args.input, &shown, &options)?;
    let mut draft = Draft::create(&args.output)?;
    draft.put(text.as_bytes())?;
    draft.commit()?;
    output.say(&format!(
        "`{}` を書き出しました。中を確かめて直してください。同じフォルダーで `jirei tag -o 結果/` とすれば使われます",
        args.output.display()
    ));
    Ok(Status::Done)
}
