//! Options that several commands share, in groups.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jirei::publish::{check_free, check_not_input, is_stdout};
use jirei::read::Encoding;

use crate::exit::Failure;
use crate::setup;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "入力")]
pub struct InputArgs {
    /// 回答の表（CSV・TSV・Excel・JSON など）か、そのフォルダー。「-」は標準入力。なければ survey.toml の input
    #[arg(value_name = "入力")]
    pub inputs: Vec<PathBuf>,

    #[command(flatten)]
    pub table: TableArgs,
}

/// How tables of answers are read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "入力")]
pub struct TableArgs {
    /// この調査の読み方を書いたファイル。なければ今のフォルダーの survey.toml
    #[arg(long, value_name = "ファイル")]
    pub survey: Option<PathBuf>,

    /// Whether these are all there was: a survey.toml that isn't named is another's.
    #[arg(skip)]
    pub is_recorded: bool,

    /// 回答者を表す列
    #[arg(long, value_name = "列")]
    pub id: Option<String>,

    /// 回答の本文の列。いくつでも指定できる（問7 と 問13 は 2 つの記述になる）
    #[arg(long = "text", value_name = "列")]
    pub texts: Vec<String>,

    /// 縦長の表で、どの問への回答かを表す列
    #[arg(long, value_name = "列")]
    pub question: Option<String>,

    /// 文字コード。なければ内容から判断する（utf-8、cp932、euc-jp、utf-16le、utf-16be、iso-2022-jp）
    #[arg(long, value_name = "文字コード")]
    pub encoding: Option<Encoding>,

    /// セルの区切り。なければ見出しの行から判断する
    #[arg(long, value_enum, value_name = "区切り")]
    pub delimiter: Option<Delimiter>,

    /// Excel などのブックの、回答があるシート
    #[arg(long, value_name = "シート")]
    pub sheet: Option<String>,

    /// 見出しの行の番号。上に題などがある表に（2 段の見出しなら下の段）
    #[arg(long, value_name = "行", value_parser = clap::value_parser!(u64).range(1..))]
    pub header_row: Option<u64>,

    /// 読めない行を除いて続ける。tag は除いた行を rejected.csv に書く
    #[arg(long)]
    pub skip_bad_rows: bool,

    /// 同じ ID の行が複数あっても続ける
    #[arg(long)]
    pub allow_duplicate_ids: bool,
}

impl TableArgs {
    /// Refuses options of a table where there is none: `asked` is the option that would ask for one.
    pub fn refuse_without(&self, asked: &str) -> Result<(), Failure> {
        let TableArgs { survey, id, texts, question, encoding, delimiter, sheet, header_row, .. } = self;
        let given = [
            ("--survey", survey.is_some()),
            ("--id", id.is_some()),
            ("--text", !texts.is_empty()),
            ("--question", question.is_some()),
            ("--encoding", encoding.is_some()),
            ("--delimiter", delimiter.is_some()),
            ("--sheet", sheet.is_some()),
            ("--header-row", header_row.is_some()),
            ("--skip-bad-rows", self.skip_bad_rows),
            ("--allow-duplicate-ids", self.allow_duplicate_ids),
        ];
        match given.iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => Err(Failure::Usage(
                format!("`{option}` は回答の表の読み方の指定ですが、表がありません"),
                format!("`{asked}` と合わせて指定してください"),
            )),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Delimiter {
    Comma,
    Tab,
    Semicolon,
}

impl From<Delimiter> for jirei::read::Delimiter {
    fn from(delimiter: Delimiter) -> Self {
        match delimiter {
            Delimiter::Comma => jirei::read::Delimiter::Comma,
            Delimiter::Tab => jirei::read::Delimiter::Tab,
            Delimiter::Semicolon => jirei::read::Delimiter::Semicolon,
        }
    }
}

impl From<jirei::read::Delimiter> for Delimiter {
    fn from(delimiter: jirei::read::Delimiter) -> Self {
        match delimiter {
            jirei::read::Delimiter::Comma => Delimiter::Comma,
            jirei::read::Delimiter::Tab => Delimiter::Tab,
            jirei::read::Delimiter::Semicolon => Delimiter::Semicolon,
        }
    }
}

/// The one file that a command writes.
#[derive(Debug, Args)]
#[command(next_help_heading = "出力")]
pub struct OutputArgs {
    /// 出力先のファイル。なければ標準出力
    #[arg(short, long, value_name = "ファイル")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub replace: ReplaceArgs,
}

impl OutputArgs {
    /// The file, or `-` for stdout.
    pub fn target(&self) -> &Path {
        self.output.as_deref().unwrap_or(Path::new("-"))
    }

    /// Whether results go to stdout.
    pub fn is_stdout(&self) -> bool {
        is_stdout(self.target())
    }

    /// Refuses a folder, and what [`ReplaceArgs::check`] refuses.
    pub fn check<'p>(&self, read: impl IntoIterator<Item = &'p PathBuf>) -> Result<(), Failure> {
        if !self.is_stdout() && self.target().is_dir() {
            return Err(Failure::Usage(
                format!("`{}` はフォルダーです", self.target().display()),
                "`-o` にファイル名を指定してください".to_owned(),
            ));
        }
        self.replace.check(self.target(), read)
    }

    /// Writes the whole result.
    pub fn publish(&self, bytes: &[u8]) -> Result<(), Failure> {
        setup::publish(self.target(), bytes)
    }
}

/// In which form results are written; `F` names the forms of the command, text among them.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "出力")]
pub struct FormatArgs<F: ValueEnum + Send + Sync + 'static> {
    /// 出力の形式
    #[arg(long = "format", value_enum, value_name = "形式", default_value = "text")]
    pub chosen: F,
}

/// The forms of what is read on a terminal or in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrCsv {
    Text,
    Csv,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "ルールと辞書")]
pub struct RuleArgs {
    /// ルールのファイルかフォルダー。なければ内蔵のルール
    #[arg(long, value_name = "場所")]
    pub rules: Option<PathBuf>,

    #[command(flatten)]
    pub dictionary: DictionaryArgs,
}

impl RuleArgs {
    /// The files and folders that are read.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.rules.iter().chain(&self.dictionary.user_dictionaries)
    }
}

/// Of every command that shares its work out.
#[derive(Debug, Clone, Copy, Args)]
pub struct ThreadArgs {
    /// 使うスレッドの数。0 は自動
    #[arg(short = 'j', long = "threads", value_name = "数", default_value_t = 0, help_heading = "出力")]
    wanted: usize,
}

impl ThreadArgs {
    /// How many threads; 0 is as many as the machine has.
    pub fn count(self) -> usize {
        /// More than the cores of any machine this runs on; each costs memory and a moment to begin.
        const MOST: usize = 256;
        self.wanted.min(MOST)
    }
}

/// Of every command that writes a file.
#[derive(Debug, Clone, Copy, Args)]
pub struct ReplaceArgs {
    /// すでにある出力を置き換える
    #[arg(long, help_heading = "出力")]
    pub force: bool,
}

impl ReplaceArgs {
    /// Refuses a `target` that is among the files `read` in the same run, and one that is there already, unless it may be
    /// replaced.
    pub fn check<'p>(
        self,
        target: &Path,
        read: impl IntoIterator<Item = &'p PathBuf>,
    ) -> Result<(), Failure> {
        let read: Vec<&Path> = read.into_iter().map(PathBuf::as_path).collect();
        check_not_input(target, &read)?;
        if !self.force {
            check_free(target)?;
        }
        Ok(())
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "ルールと辞書")]
pub struct DictionaryArgs {
    /// lindera の形式の辞書フォルダー。なければ内蔵の IPADIC
    #[arg(long, value_name = "フォルダー")]
    pub dictionary: Option<PathBuf>,

    /// 追加する語の CSV（表記,原形,品詞,読み）。いくつでも指定できる
    #[arg(long = "user-dictionary", value_name = "CSV")]
    pub user_dictionaries: Vec<PathBuf>,
}
