//! `jirei new-category`: a commented skeleton of a category, printed or put at the end of a rule file.

use std::path::{Path, PathBuf};

use jirei::diagnostic::SourceFile;
use jirei::error::Error;
use jirei::rule::skeleton::Skeleton;
use jirei::rule::source;

use crate::exit::{Failure, Outcome, Status};
use crate::output::Output;
use crate::setup;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei new-category voice --name 音声案内\n  jirei new-category voice --name 音声案内 --any 音声案内 --any 音量 --ok '音量を変えたい' --ng '声が小さい' --into rules/80-voice.toml"
)]
pub struct NewCategoryArgs {
    /// 半角の英小文字・数字・「-」の id
    #[arg(value_name = "ID", help_heading = "カテゴリ")]
    pub id: String,

    /// 表に出る日本語の名前
    #[arg(long, value_name = "名前", help_heading = "カテゴリ")]
    pub name: String,

    /// 語。いくつでも指定できる
    #[arg(long, value_name = "語", help_heading = "カテゴリ")]
    pub any: Vec<String>,

    /// 当たってほしい文。いくつでも指定できる
    #[arg(long, value_name = "文", help_heading = "カテゴリ")]
    pub ok: Vec<String>,

    /// 当たってはいけない文。いくつでも指定できる
    #[arg(long, value_name = "文", help_heading = "カテゴリ")]
    pub ng: Vec<String>,

    /// 終わりに書き加えるルールのファイル（まだなければ作る）。なければ標準出力
    #[arg(long, value_name = "ファイル", help_heading = "出力")]
    pub into: Option<PathBuf>,
}

pub fn run(args: &NewCategoryArgs, output: &Output) -> Outcome {
    let is_id = args.id.starts_with(|c: char| c.is_ascii_lowercase())
        && args.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_id {
        return Err(Failure::Usage(
            format!("id「{}」に使えない文字があります", args.id),
            "半角の英小文字・数字・「-」だけで、英字から始めてください（例: face-auth）".to_owned(),
        ));
    }
    let skeleton = Skeleton {
        id: args.id.clone(),
        name: args.name.clone(),
        any: args.any.clone(),
        ok: args.ok.clone(),
        ng: args.ng.clone(),
    };
    let Some(path) = &args.into else {
        setup::publish(Path::new("-"), skeleton.to_toml().as_bytes())?;
        return Ok(Status::Done);
    };
    let before = if path.exists() {
        std::fs::read_to_string(path).map_err(|source| Error::read(path, source))?
    } else {
        String::new()
    };
    let file = std::sync::Arc::new(SourceFile {
        name: path.display().to_string(),
        text: before.trim_start_matches('\u{FEFF}').to_owned(),
    });
    let mut diagnostics = Vec::new();
    let rules = source::parse(&file, &mut diagnostics);
    if !rules.is_complete {
        diagnostics.iter().for_each(|diagnostic| output.diagnostic(diagnostic));
        return Err(Failure::Rules(diagnostics.len()));
    }
    if let Some(known) =
        rules.categories.iter().find(|known| known.id.text == args.id || known.name.text == args.name)
    {
        return Err(Failure::Usage(
            format!("`{}` には「{}」（{}）がもうあります", path.display(), known.name.text, known.id.text),
            "別の id と名前にするか、そのカテゴリを直してください".to_owned(),
        ));
    }
    let gap = match before.trim_end() {
        "" => "",
        _ if before.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let ends = if before.contains("\r\n") { "\r\n" } else { "\n" };
    let added = format!("{gap}{}", skeleton.to_toml()).replace('\n', ends);
    setup::publish(path, format!("{before}{added}").as_bytes())?;
    output.say(&format!(
        "`{}` に「{}」を加えました。`jirei check --rules {}` で試せます",
        path.display(),
        args.name,
        path.display()
    ));
    Ok(Status::Done)
}
