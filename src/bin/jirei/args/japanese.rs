//! What clap says by itself, in Japanese: the help texts and the complaints about a command line.

use std::error::Error;
use std::num::{IntErrorKind, ParseIntError};

use clap::Command as Definition;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The definition with the words that clap writes into help texts by itself put into Japanese.
pub fn localized(mut definition: Definition) -> Definition {
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
        let values = argument.get_possible_values();
        if !values.is_empty() && !argument.is_hide_possible_values_set() {
            let names: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
            notes.push(names.join("、"));
        }
        if !argument.is_hide_default_value_set() && argument.get_action().takes_values() {
            notes.extend(
                argument.get_default_values().iter().map(|value| format!("既定は {}", value.display())),
            );
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

/// clap's complaint in Japanese, and what to do. `command` is the one that was asked for, if it is known.
pub fn complaint(error: &clap::Error, command: Option<&str>) -> (String, String) {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("・"),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let help = match command {
        Some(command) => format!("使い方は `jirei {command} --help` で見られます"),
        None => "コマンドの一覧は `jirei --help` で見られます".to_owned(),
    };
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
                let reason = error.source().map(|source| format!("（{}）", reason(source)));
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

/// Why a value isn't accepted. Parsers of ours say so in Japanese; whole numbers are parsed by the standard library.
fn reason(source: &(dyn Error + 'static)) -> String {
    match source.downcast_ref::<ParseIntError>().map(ParseIntError::kind) {
        Some(IntErrorKind::PosOverflow) => "大きすぎます".to_owned(),
        Some(_) => "0 以上の整数ではありません".to_owned(),
        None => source.to_string(),
    }
}
