//! `jirei explain`: why an answer gets the categories it gets, and which part of a condition holds where or fails.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jirei::comment::Comment;
use jirei::diagnostic;
use jirei::explain::tree::{Kind, Part};
use jirei::explain::{CategoryView, Explanation, Place, Wanted, explain};
use jirei::matcher::Worker;
use jirei::read::comments_of;
use jirei::rule::{CategoryId, Rulebook};

use crate::args::{FormatArgs, InputArgs, RuleArgs, TableArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::Inputs;
use crate::output::Output;
use crate::setup;
use crate::table::{self, Side};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei explain '顔認証ができない'\n  jirei explain 回答.csv --row A012 --category 顔認証失敗\n  jirei explain W101        警告やエラーの番号の意味を見る"
)]
pub struct ExplainArgs {
    /// 調べる文。`--row` を付けるときは回答の表（なければ survey.toml の input）。警告やエラーの番号も書ける
    #[arg(value_name = "文か入力", required_unless_present = "row")]
    pub text: Option<String>,

    /// 表の中の、この番号の回答を調べる
    #[arg(long, value_name = "番号", help_heading = "入力")]
    pub row: Option<String>,

    #[command(flatten)]
    pub table: TableArgs,

    #[command(flatten)]
    pub rules: RuleArgs,

    #[command(flatten)]
    pub format: FormatArgs<Format>,

    /// このカテゴリの条件を、付かないときも部分ごとに見せる（id か名前。いくつでも指定できる）
    #[arg(long = "category", value_name = "カテゴリ", help_heading = "出力")]
    pub categories: Vec<String>,
}

pub fn run(args: &ExplainArgs, output: &Output) -> Outcome {
    let text = args.text.as_deref().unwrap_or_default();
    if let Some(kind) = args.row.is_none().then(|| diagnostic::Kind::find(text)).flatten() {
        return super::manual::run(kind);
    }
    if args.row.is_none() && is_id(text) {
        return Err(Failure::Usage(
            format!("`{text}` という番号のエラーや警告はありません"),
            "`jirei check` のメッセージの [ ] の中の番号を、そのまま書いてください".to_owned(),
        ));
    }
    let comments = match &args.row {
        Some(row) => rows(args, row)?,
        None => vec![comment(args, text)?],
    };
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.rules, output)?;
    let categories = args
        .categories
        .iter()
        .map(|name| setup::category(&rulebook, name))
        .collect::<Result<Vec<CategoryId>, Failure>>()?;
    let wanted = if categories.is_empty() { Wanted::Telling } else { Wanted::These(&categories) };
    let mut worker = Worker::new(&rulebook, &tokenizer);
    let mut out = std::io::stdout().lock();
    for (at, comment) in comments.iter().enumerate() {
        let explanation = explain(comment, wanted, &mut worker, &rulebook);
        match args.format.chosen {
            Format::Json => {
                serde_json::to_writer(&mut out, &explanation).map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
            Format::Text => {
                if args.row.is_some() {
                    let gap = if at > 0 { "\n" } else { "" };
                    writeln!(out, "{gap}■ {}　{}", explanation.id, explanation.question)?;
                    writeln!(out, "{}", explanation.text)?;
                }
                let is_whole = !categories.is_empty();
                write_text(&mut out, &explanation, &rulebook, is_whole)?;
            }
        }
    }
    Ok(Status::Done)
}

/// Whether the text looks like the id of a diagnostic.
fn is_id(text: &str) -> bool {
    let Some(digits) = text.strip_prefix(['E', 'W', 'N']) else { return false };
    digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text given.
fn comment(args: &ExplainArgs, text: &str) -> Result<Comment, Failure> {
    if Path::new(text).is_file() {
        return Err(Failure::Usage(
            format!("`{text}` はファイルです"),
            "`--row 番号` で、どの回答を調べるかを指定してください".to_owned(),
        ));
    }
    args.table.refuse_without("--row")?;
    Ok(Comment::from_text(text))
}

/// The answers of the row asked for.
fn rows(args: &ExplainArgs, id: &str) -> Result<Vec<Comment>, Failure> {
    let inputs = args.text.iter().map(PathBuf::from).collect();
    let inputs = Inputs::open(&InputArgs { inputs, table: args.table.clone() })?;
    let (schema, paths) = (inputs.schema(), inputs.paths().to_vec());
    let mut found = Vec::new();
    for (mut reader, _) in inputs.into_readers() {
        reader.skip_digest();
        let schema = Arc::clone(reader.schema());
        while let Some(row) = reader.next_row()? {
            found.extend(comments_of(&schema, row).filter(|comment| comment.id() == id));
        }
    }
    if found.is_empty() {
        let column = match schema.id {
            Some(column) => format!("列「{}」の値", schema.headers[column]),
            None => "行の番号（見出しを除き、1 から）".to_owned(),
        };
        let names: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(Failure::Usage(
            format!("{} に番号「{id}」の回答はありません", names.join("、")),
            format!("番号は{column}です。ほかの列なら `--id` で指定してください"),
        ));
    }
    Ok(found)
}

fn write_text(
    out: &mut impl Write,
    explanation: &Explanation,
    rulebook: &Rulebook,
    is_whole: bool,
) -> std::io::Result<()> {
    if explanation.status != "answered" {
        return writeln!(out, "回答なし（空欄か「特になし」）として扱われます。カテゴリは付きません");
    }
    writeln!(out, "正規化: {}\n", explanation.normalised)?;
    write_tokens(out, explanation)?;
    writeln!(out)?;
    let (applying, lacking): (Vec<&CategoryView>, Vec<&CategoryView>) =
        explanation.categories.iter().partition(|view| view.applies);
    if applying.is_empty() && !is_whole {
        writeln!(out, "カテゴリ: なし")?;
    }
    for view in applying {
        writeln!(out, "○ {}（{}）{}", view.name, view.id, definition(view, rulebook))?;
        write_rules(out, view, is_whole)?;
    }
    if !lacking.is_empty() && !is_whole {
        writeln!(out, "\n惜しかったカテゴリ（`--category` で条件の全体を見られます）:")?;
    }
    for view in lacking {
        let definition = if is_whole { definition(view, rulebook) } else { String::new() };
        writeln!(out, "× {}（{}）{definition}", view.name, view.id)?;
        if let Some(miss) = &view.miss {
            let rule = miss.rule.as_ref().map_or(String::new(), |rule| format!("{rule}: "));
            writeln!(out, "  外れた所: {rule}{}", cut(&miss.obstacle))?;
        }
        if is_whole {
            write_rules(out, view, true)?;
        }
    }
    Ok(())
}

/// What counts, as a coder would say it.
fn definition(view: &CategoryView, rulebook: &Rulebook) -> String {
    let category = rulebook.find(&view.id).map(|id| rulebook.category(id));
    category
        .filter(|category| !category.desc.is_empty())
        .map_or(String::new(), |category| format!(" {}", category.desc))
}

fn write_tokens(out: &mut impl Write, explanation: &Explanation) -> std::io::Result<()> {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let rows: Vec<[String; 6]> = explanation
        .tokens
        .iter()
        .map(|token| {
            let predicate = token.predicate.as_ref().map_or(String::new(), |predicate| {
                format!("{}「{}」", if predicate.denied { "否定" } else { "肯定" }, predicate.text)
            });
            [
                format!("{}・{}", token.sentence, token.clause),
                token.surface.clone(),
                token.base.clone(),
                token.pos.clone(),
                or_dash(&token.form),
                predicate,
            ]
        })
        .collect();
    let columns = ["文・節", "表記", "原形", "品詞", "活用形", "述語"].map(|header| (header, Side::Left));
    table::write(out, columns, &rows)
}

/// The rules of a category: all of them that found anything, or only those that hold.
fn write_rules(out: &mut impl Write, view: &CategoryView, is_whole: bool) -> std::io::Result<()> {
    let mut silent = Vec::new();
    for rule in &view.rules {
        let evidence = view.evidence.iter().filter(|evidence| evidence.rule == rule.label);
        let evidence: Vec<&Place> = evidence.map(|evidence| &evidence.place).collect();
        if !rule.condition.is_touched() {
            silent.push(rule.label.as_str());
        } else if is_whole || rule.condition.holds {
            let shown = if evidence.is_empty() { rule.condition.places.iter().collect() } else { evidence };
            write_line(out, &rule.condition, Some(&rule.label), &shown, 1)?;
            write_parts(out, &rule.condition, 2)?;
        }
    }
    if let Some(not) = view.not.as_ref().filter(|not| not.holds) {
        write_line(out, not, Some("not"), &not.places.iter().collect::<Vec<_>>(), 1)?;
        write_parts(out, not, 2)?;
    }
    if is_whole && !silent.is_empty() {
        writeln!(out, "  × 1 語も見つからないルール: {}", silent.join(" "))?;
    }
    Ok(())
}

fn write_line(
    out: &mut impl Write,
    part: &Part,
    label: Option<&str>,
    places: &[&Place],
    depth: usize,
) -> std::io::Result<()> {
    let indent = "  ".repeat(depth);
    let mark = if part.holds { "○" } else { "×" };
    // A list has no condition of its own.
    let (label, condition) = match label {
        Some(label) if label.ends_with("/any") && part.condition == "any" => {
            (label.to_owned(), String::new())
        }
        Some(label) => (format!("{label}: "), cut(&part.condition)),
        None => (String::new(), cut(&part.condition)),
    };
    let places: Vec<String> = places.iter().map(|place| format!("「{}」", place.text)).collect();
    let places = if places.is_empty() { String::new() } else { format!(" → {}", places.join(" ")) };
    let reason = part.reason.as_ref().map_or(String::new(), |reason| format!(" … {reason}"));
    writeln!(out, "{indent}{mark} {label}{condition}{places}{reason}")
}

/// The parts of a condition that tell something; what a rule asks not to be there does only if it is.
fn write_parts(out: &mut impl Write, part: &Part, depth: usize) -> std::io::Result<()> {
    if part.kind == Kind::Not {
        return Ok(());
    }
    let (shown, hidden): (Vec<&Part>, Vec<&Part>) =
        part.parts.iter().partition(|inner| is_telling(inner, part));
    for inner in shown {
        let inner = plainest(inner);
        write_line(out, inner, None, &inner.places.iter().collect::<Vec<_>>(), depth)?;
        write_parts(out, inner, depth + 1)?;
    }
    if part.kind == Kind::Or && !part.holds && !hidden.is_empty() && hidden.len() < part.parts.len() {
        writeln!(out, "{}× ほかの {} 個は見つからない", "  ".repeat(depth), hidden.len())?;
    }
    Ok(())
}

fn is_telling(inner: &Part, whole: &Part) -> bool {
    match (whole.kind, inner.kind) {
        (_, Kind::Not) => !inner.holds,
        (Kind::Or, _) if whole.holds => inner.holds,
        (Kind::Or, _) => inner.is_touched() || inner.reason.is_some(),
        _ => true,
    }
}

/// Of a list of alternatives of which one holds, that one.
fn plainest(part: &Part) -> &Part {
    let mut holding = part.parts.iter().filter(|inner| inner.holds);
    match (part.kind == Kind::Or && part.holds, holding.next(), holding.next()) {
        (true, Some(only), None) if only.places == part.places => plainest(only),
        _ => part,
    }
}

/// Longest condition shown, in characters: its beginning says which it is.
const LONGEST: usize = 60;

fn cut(condition: &str) -> String {
    match condition.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &condition[..end]),
        None => condition.to_owned(),
    }
}
