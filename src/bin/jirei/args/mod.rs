//! The command line, defined once. What a command takes stands in the command's own file, what several take in [`groups`].

mod groups;
mod japanese;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Command as Definition, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands;
use crate::exit::Status;
use crate::output::Color;

pub use groups::{
    DictionaryArgs, FormatArgs, InputArgs, OutputArgs, ReplaceArgs, RuleArgs, TableArgs, TextOrCsv,
    ThreadArgs,
};

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

    // Values with texts of their own, which completions show, would make all help long.
    /// 色を使うか（auto、always、never）
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

/// In the order of the work: answers, what comes of them, the rules seen, the rules changed, other programs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 回答にカテゴリを付けて書き出す
    #[command(help_template = TEMPLATE)]
    Tag(commands::tag::TagArgs),
    /// 調査の読み方を書く survey.toml のひな形を作る
    #[command(help_template = TEMPLATE)]
    Init(commands::init::InitArgs),
    /// 人の判断を、ルールの結果に重ねる
    #[command(help_template = TEMPLATE)]
    Merge(commands::merge::MergeArgs),
    /// 書き出したファイルが記録どおりかを確かめる
    #[command(help_template = TEMPLATE)]
    Verify(commands::verify::VerifyArgs),
    /// カテゴリごとに代表的な引用を選ぶ
    #[command(help_template = TEMPLATE)]
    Quotes(commands::quotes::QuotesArgs),
    /// 事例と件数を、HTML のページ、Word 文書、Markdown、Excel のブックにまとめる
    #[command(help_template = TEMPLATE)]
    Report(commands::report::ReportArgs),
    /// 件数、属性ごとの違い、カテゴリの組、選択式の問との一致を数える
    #[command(help_template = TEMPLATE)]
    Stats(commands::stats::StatsArgs),
    /// 文がどう区切られるかを見る
    #[command(help_template = TEMPLATE)]
    Tokens(commands::tokens::TokensArgs),
    /// 文や回答になぜカテゴリが付く・付かないかを見る
    #[command(help_template = TEMPLATE)]
    Explain(commands::explain::ExplainArgs),
    /// 語や条件やカテゴリの当たった所を、前後とともに並べる
    #[command(help_template = TEMPLATE)]
    Kwic(commands::kwic::KwicArgs),
    /// ルールや語がどれだけ働いているかを数える
    #[command(help_template = TEMPLATE)]
    Coverage(commands::coverage::CoverageArgs),
    /// どのカテゴリも付かない回答と、その目立つ語を見る
    #[command(help_template = TEMPLATE)]
    Uncovered(commands::uncovered::UncoveredArgs),
    /// 新しいカテゴリのひな形を書く
    #[command(help_template = TEMPLATE)]
    NewCategory(commands::new_category::NewCategoryArgs),
    /// ルールに加えるとよい語や書き方を探し、加える
    #[command(help_template = TEMPLATE)]
    Suggest(commands::suggest::SuggestArgs),
    /// ルールを調べ、ルールの中の例を試す
    #[command(help_template = TEMPLATE)]
    Check(commands::check::CheckArgs),
    /// ルールを保存するたびに、調べて、変わった回答を見せる
    #[command(help_template = TEMPLATE)]
    Watch(commands::watch::WatchArgs),
    /// ルールを変えると、どの回答のカテゴリが変わるかを見る
    #[command(help_template = TEMPLATE)]
    Diff(commands::diff::DiffArgs),
    /// 人が付けたカテゴリと比べて、精度を測る
    #[command(help_template = TEMPLATE)]
    Eval(commands::eval::EvalArgs),
    /// KH Coder のルールや、Excel・CSV の表からルールを取り込む
    #[command(help_template = TEMPLATE)]
    Import(commands::import::ImportArgs),
    /// ルールを、ファイル一式や、KH Coder・Excel・CSV の形で書き出す
    #[command(help_template = TEMPLATE)]
    Export(commands::export::ExportArgs),
    /// シェルの補完の設定を出す
    #[command(help_template = TEMPLATE)]
    Completions(commands::completions::CompletionsArgs),
    /// man ページを書き出す
    #[command(help_template = TEMPLATE)]
    Man(commands::man::ManArgs),
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
            let is_command = |word: &String| definition.find_subcommand(word).is_some();
            let command =
                std::env::args_os().filter_map(|word| word.into_string().ok()).skip(1).find(is_command);
            let (problem, mend) = japanese::complaint(&error, command.as_deref());
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
    japanese::localized(definition)
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
