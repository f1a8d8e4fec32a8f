//! The command line, defined once: parsing, help, and its messages in Japanese.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Command as Definition, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use jirei::read::Encoding;

use crate::commands;
use crate::exit::{Failure, Status};
use crate::output::Color;

const TEMPLATE: &str = "{about-with-newline}\n使い方: {usage}\n\n{all-args}{after-help}";

/// アンケートの自由記述を、ルール辞書でカテゴリに分け、代表的な引用とともに書き出します
#[derive(Debug, Parser)]
#[command(name = "jirei", version, help_template = TEMPLATE, subcommand_help_heading = "コマンド", disable_help_subcommand = true)]
#[command(next_help_heading = "オプション", disable_help_flag = true, disable_version_flag = true)]
#[command(
    after_help = "例:\n  jirei tag 回答.csv -o 結果/\n  jirei check --rules rules/\n  jirei tokens '顔認証ができない'"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    /// 色を使うか
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "いつ",
        hide_possible_values = true
    )]
    pub color: Color,

    /// 進み具合とまとめを出さない
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// 読み込みや時間の詳しい経過も出す
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// この説明を出す
    #[arg(short, long, global = true, action = clap::ArgAction::Help)]
    help: Option<bool>,

    /// 版を出す
    #[arg(short = 'V', long, action = clap::ArgAction::Version)]
    version: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 回答にカテゴリを付けて書き出す
    #[command(help_template = TEMPLATE)]
    Tag(commands::tag::TagArgs),
    /// カテゴリごとに代表的な引用を選ぶ
    #[command(help_template = TEMPLATE)]
    Quotes(crate::commands::quotes::QuotesArgs),
    /// ルールを調べ、ルールの中の例を試す
    #[command(help_template = TEMPLATE)]
    Check(crate::commands::check::CheckArgs),
    /// 新しいカテゴリのひな形を書く
    #[command(help_template = TEMPLATE)]
    NewCategory(crate::commands::new_category::NewCategoryArgs),
    /// 文がどう区切られるかを見る
    #[command(help_template = TEMPLATE)]
    Tokens(TokensArgs),
    /// 文や回答になぜカテゴリが付く・付かないかを見る
    #[command(help_template = TEMPLATE)]
    Explain(crate::commands::explain::ExplainArgs),
    /// 語や条件やカテゴリの当たった所を、前後とともに並べる
    #[command(help_template = TEMPLATE)]
    Kwic(crate::commands::kwic::KwicArgs),
    /// どのカテゴリも付かない回答と、その目立つ語を見る
    #[command(help_template = TEMPLATE)]
    Uncovered(crate::commands::uncovered::UncoveredArgs),
    /// ルールに加えるとよい語や書き方を探し、加える
    #[command(help_template = TEMPLATE)]
    Suggest(crate::commands::suggest::SuggestArgs),
    /// ルールや語がどれだけ働いているかを数える
    #[command(help_template = TEMPLATE)]
    Coverage(crate::commands::coverage::CoverageArgs),
    /// 人が付けたカテゴリと比べて、精度を測る
    #[command(help_template = TEMPLATE)]
    Eval(EvalArgs),
    /// ルールを変えると、どの回答のカテゴリが変わるかを見る
    #[command(help_template = TEMPLATE)]
    Diff(commands::diff::DiffArgs),
    /// ルールを保存するたびに、調べて、変わった回答を見せる
    #[command(help_template = TEMPLATE)]
    Watch(commands::watch::WatchArgs),
    /// 件数、属性ごとの違い、カテゴリの組、選択式の問との一致を数える
    #[command(help_template = TEMPLATE)]
    Stats(crate::commands::stats::StatsArgs),
    /// 事例と件数を、HTML のページ、Word 文書、Markdown、Excel のブックにまとめる
    #[command(help_template = TEMPLATE)]
    Report(commands::report::ReportArgs),
    /// ルールを書き出す（内蔵のルールを編集用に、KH Coder 用に、Excel の表に、編集ソフト用の形式を）
    #[command(help_template = TEMPLATE)]
    Export(commands::export::ExportArgs),
    /// KH Coder のコーディング・ルールや、Excel の表からルールを取り込む
    #[command(help_template = TEMPLATE)]
    Import(commands::import::ImportArgs),
    /// 書き出したファイルが記録どおりかを確かめる
    #[command(help_template = TEMPLATE)]
    Verify(crate::commands::verify::VerifyArgs),
    /// 人の判断を、ルールの結果に重ねる
    #[command(help_template = TEMPLATE)]
    Merge(crate::commands::merge::MergeArgs),
    /// 調査の読み方を書く survey.toml のひな型を作る
    #[command(help_template = TEMPLATE)]
    Init(crate::commands::init::InitArgs),
    /// シェルの補完の設定を出す
    #[command(help_template = TEMPLATE)]
    Completions(crate::commands::completions::CompletionsArgs),
    /// man ページを書き出す
    #[command(help_template = TEMPLATE)]
    Man(crate::commands::man::ManArgs),
}

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

    /// セルの区切り。なければ見出しの行から判断する（comma、tab、semicolon）
    #[arg(long, value_enum, value_name = "区切り", hide_possible_values = true)]
    pub delimiter: Option<Delimiter>,

    /// Excel などのブックの、回答があるシート
    #[arg(long, value_name = "シート")]
    pub sheet: Option<String>,

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
        let TableArgs { survey, id, texts, question, encoding, delimiter, sheet, .. } = self;
        let given = [
            ("--survey", survey.is_some()),
            ("--id", id.is_some()),
            ("--text", !texts.is_empty()),
            ("--question", question.is_some()),
            ("--encoding", encoding.is_some()),
            ("--delimiter", delimiter.is_some()),
            ("--sheet", sheet.is_some()),
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

/// In which form results are written; `F` names the forms of the command, text among them.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "出力")]
pub struct FormatArgs<F: ValueEnum + Send + Sync + 'static> {
    /// 出力の形式
    #[arg(long = "format", value_enum, value_name = "形式", default_value = "text")]
    pub chosen: F,
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

/// Of every command that writes a file.
#[derive(Debug, Clone, Copy, Args)]
pub struct ReplaceArgs {
    /// すでにある出力を置き換える
    #[arg(long, help_heading = "出力")]
    pub force: bool,
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

#[derive(Debug, Args)]
pub struct TokensArgs {
    /// 区切る文
    #[arg(value_name = "文")]
    pub text: String,

    #[command(flatten)]
    pub dictionary: DictionaryArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EvalFormat {
    Text,
    Csv,
    Json,
}

#[derive(Debug, Args)]
#[command(
    after_help = "例:\n  jirei eval 正解.csv\n  jirei eval 正解.csv --rules rules/ --disagreements 不一致.csv --min-f1 0.9\n  jirei eval Aさん.csv Bさん.csv        2 人の付け方の一致を見る"
)]
pub struct EvalArgs {
    /// 人がカテゴリを付けた CSV（1 行に 1 つの記述）。2 つあれば、2 人の一致を測る
    #[arg(required = true, num_args = 1..=2, value_name = "正解", help_heading = "入力")]
    pub gold: Vec<PathBuf>,

    /// カテゴリの列。id か名前を「;」で区切ったもの
    #[arg(long, value_name = "列", default_value = "labels", help_heading = "入力")]
    pub labels: String,

    /// 回答者を表す列
    #[arg(long, value_name = "列", help_heading = "入力")]
    pub id: Option<String>,

    /// 回答の本文の列
    #[arg(long, value_name = "列", help_heading = "入力")]
    pub text: Option<String>,

    /// どの問への回答かを表す列
    #[arg(long, value_name = "列", help_heading = "入力")]
    pub question: Option<String>,

    #[command(flatten)]
    pub rules: RuleArgs,

    /// 出力の形式（text、csv、json）
    #[arg(
        long,
        value_enum,
        value_name = "形式",
        default_value = "text",
        hide_possible_values = true,
        help_heading = "出力"
    )]
    pub format: EvalFormat,

    /// マクロ平均に入れるカテゴリの、正解の件数の下限
    #[arg(long, value_name = "件数", default_value_t = 5, help_heading = "出力")]
    pub min_support: u64,

    /// この列の値（調査時期など）ごとの成績も出す
    #[arg(long, value_name = "列", help_heading = "出力")]
    pub by: Option<String>,

    /// この列の値を 1 つずつ伏せて測る。伏せた回答では、ほかの回答でも当たるルールだけを使う
    #[arg(long, value_name = "列", help_heading = "出力")]
    pub hold_out: Option<String>,

    /// 食い違いを 1 件ずつ、根拠や惜しかったルールとともに CSV に書き出す
    #[arg(long, value_name = "ファイル", help_heading = "出力")]
    pub disagreements: Option<PathBuf>,

    #[command(flatten)]
    pub replace: ReplaceArgs,

    /// マクロ F1 がこの値（0〜1）に届かなければ終了コードを 1 にする
    #[arg(long, value_name = "値", value_parser = share, help_heading = "出力")]
    pub min_f1: Option<f64>,

    /// 使うスレッドの数。0 は自動
    #[arg(short = 'j', long, value_name = "数", default_value_t = 0, help_heading = "出力")]
    pub threads: usize,
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "数ではありません".to_owned())?;
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err("0 から 1 の数ではありません".to_owned())
    }
}

/// Parses the command line; help, version and mistakes are answered here.
pub fn parse() -> Result<Cli, ExitCode> {
    let mut definition = definition();
    let parsed = definition.try_get_matches_from_mut(std::env::args_os());
    parsed.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Fails only if nobody listens.
            let _ = error.print();
            Status::Done.into()
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let _ = error.print();
            Status::Failed.into()
        }
        _ => {
            let (problem, mend) = in_japanese(&error);
            crate::output::Output::new(Color::Auto, false, false).error(&problem, Some(&mend));
            Status::Failed.into()
        }
    })
}

/// The command of a recorded command line, if this version understands it.
pub fn recorded(words: impl Iterator<Item = String>) -> Option<Command> {
    let matches = definition().try_get_matches_from(words).ok()?;
    Cli::from_arg_matches(&matches).ok().map(|cli| cli.command)
}

/// The command line with the words that clap writes into help texts by itself put into Japanese.
pub fn definition() -> Definition {
    let mut definition = Cli::command();
    // Gives the commands their full names, which usages begin with.
    definition.build();
    localized(definition)
}

fn localized(mut definition: Definition) -> Definition {
    /// No command takes as many arguments that aren't options.
    const MOST_ARGUMENTS: usize = 10;
    let mut options = 0;
    let usage = definition.render_usage().to_string();
    let usage = usage
        .trim_start_matches("Usage: ")
        .replace("[OPTIONS]", "[オプション]")
        .replace("<COMMAND>", "コマンド");
    definition = definition.override_usage(usage).mut_args(|argument| {
        let mut notes = Vec::new();
        if !argument.is_hide_default_value_set() && argument.get_action().takes_values() {
            notes.extend(
                argument.get_default_values().iter().map(|value| format!("既定は {}", value.display())),
            );
        }
        let values = argument.get_possible_values();
        if !values.is_empty() && !argument.is_hide_possible_values_set() {
            let names: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
            notes.push(names.join("・"));
        }
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let notes = notes.join("。");
        let help = match help.strip_suffix('）') {
            _ if notes.is_empty() => help,
            // Into the brackets that are there.
            Some(open) => format!("{open}。{notes}）"),
            None => format!("{help}（{notes}）"),
        };
        let heading = match argument.get_help_heading() {
            Some(_) => None,
            None => Some(if argument.is_positional() { "引数" } else { "オプション" }),
        };
        // Arguments first, then options as defined; under headings of ours clap would mix them by name.
        options += usize::from(!argument.is_positional());
        let order = argument.get_index().unwrap_or(MOST_ARGUMENTS + options);
        let argument =
            argument.help(help).hide_default_value(true).hide_possible_values(true).display_order(order);
        if let Some(heading) = heading { argument.help_heading(heading) } else { argument }
    });
    for command in definition.get_subcommands_mut() {
        *command = localized(std::mem::take(command));
    }
    definition
}

/// clap's complaint in Japanese.
fn in_japanese(error: &clap::Error) -> (String, String) {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("・"),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let help =
        "使い方は `jirei --help`、コマンドごとの説明は `jirei コマンド --help` で見られます".to_owned();
    let nearest = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand].map(context).concat();
    let mend = if nearest.is_empty() {
        help
    } else {
        format!("「{nearest}」の書き間違いではありませんか")
    };
    let problem = match error.kind() {
        ErrorKind::UnknownArgument => format!("オプション「{argument}」はありません"),
        ErrorKind::InvalidSubcommand => {
            format!("コマンド「{}」はありません", context(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("「{argument}」の指定がありません"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue);
            let known = context(ContextKind::ValidValue);
            if value.is_empty() {
                format!("「{argument}」に値がありません")
            } else if known.is_empty() {
                // What the parser of the value says, in Japanese already.
                let reason = std::error::Error::source(error).map(|source| format!("（{source}）"));
                format!("「{argument}」に「{value}」は指定できません{}", reason.unwrap_or_default())
            } else {
                format!("「{argument}」に「{value}」は指定できません（使えるのは {known}）")
            }
        }
        ErrorKind::TooManyValues => {
            format!("「{argument}」が多すぎます（「{}」は余分です）", context(ContextKind::InvalidValue))
        }
        ErrorKind::ArgumentConflict => format!("「{argument}」は 1 回だけ、ほかと重ねずに指定してください"),
        _ => "引数が読めません".to_owned(),
    };
    (problem, mend)
}

#[cfg(test)]
mod tests {
    use super::definition;

    #[test]
    fn the_definition_is_sound_and_every_option_is_explained() {
        let command = definition();
        command.clone().debug_assert();
        for command in std::iter::once(&command).chain(command.get_subcommands()) {
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(
                    !help.is_ascii(),
                    "{} {} has no Japanese help",
                    command.get_name(),
                    argument.get_id()
                );
            }
        }
    }

    #[test]
    fn help_has_no_english_words() {
        let mut command = definition();
        let mut helps = vec![command.render_long_help().to_string()];
        helps.extend(command.get_subcommands_mut().map(|command| command.render_long_help().to_string()));
        for help in helps {
            for word in
                ["OPTIONS", "COMMAND", "Usage", "Options", "Arguments", "Commands", "default", "possible"]
            {
                assert!(!help.contains(word), "{word} in:\n{help}");
            }
        }
    }
}
