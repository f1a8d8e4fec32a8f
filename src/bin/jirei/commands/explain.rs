//! `jirei explain`: why a text gets the categories it gets, and, for one category, which part of its conditions holds
//! where.

use std::io::Write;

use jirei::comment::{Comment, Status as Answer};
use jirei::matcher::Worker;
use jirei::matcher::program::Trace;
use jirei::rule::{CategoryId, Rulebook};

use crate::args::ExplainArgs;
use crate::exit::{Failure, Outcome, Status};
use crate::output::Output;
use crate::setup;

/// Parts of a condition are shown this deep; deeper ones are lists of words.
const DEPTH: usize = 6;

pub fn run(args: &ExplainArgs, output: &Output) -> Outcome {
    let tokenizer = setup::tokenizer(&args.rules.dictionary)?;
    let rulebook = setup::rulebook(&args.rules, &tokenizer, output)?;
    let wanted = args.category.as_deref().map(|name| find(&rulebook, name)).transpose()?;
    let comment = Comment::from_text(&args.text);
    let mut worker = Worker::new(&rulebook, &tokenizer);
    let tagging = worker.tag(&comment);
    let mut out = std::io::stdout().lock();
    if comment.status() != Answer::Answered {
        writeln!(out, "回答なし（空欄か「特になし」）として扱われます。カテゴリは付きません")?;
        return Ok(Status::Done);
    }
    let tokens = worker.analyser().tokens();
    writeln!(out, "正規化: {}", tokens.text)?;
    let surfaces: Vec<&str> = (0..tokens.len()).map(|at| tokens.surface(at)).collect();
    writeln!(out, "区切り: {}", surfaces.join("|"))?;
    let sentences = worker.analyser().scopes().sentences();
    if sentences.len() > 1 {
        let texts: Vec<&str> = sentences.iter().map(|span| &tokens.text[span.range()]).collect();
        writeln!(out, "文: {}", texts.join(" ／ "))?;
    }
    writeln!(out)?;
    if tagging.is_empty() {
        writeln!(out, "カテゴリ: なし")?;
    }
    for tag in &tagging.tags {
        let category = rulebook.category(tag.category);
        writeln!(out, "{}（{}）", category.name, category.id)?;
        for evidence in &tag.evidence {
            writeln!(
                out,
                "  「{}」 {}",
                &args.text[evidence.span.range()],
                rulebook.rule_label(evidence.rule)
            )?;
        }
    }
    if let Some(wanted) = wanted {
        writeln!(out, "\n{} の条件:", rulebook.category(wanted).name)?;
        let rules: Vec<(String, Trace)> =
            rulebook.rules_of(wanted).map(|(label, trace)| (label.to_owned(), trace.clone())).collect();
        for (label, trace) in &rules {
            show(&mut out, &mut worker, &comment, label, trace, 0)?;
        }
        if let Some(exclusion) = rulebook.exclusion_of(wanted) {
            let (holds, places) = worker.probe(exclusion, &comment);
            writeln!(out, "{} not{}", if holds { "○" } else { "×" }, quoted(&args.text, &places))?;
        }
    }
    Ok(Status::Done)
}

fn find(rulebook: &Rulebook, name: &str) -> Result<CategoryId, Failure> {
    let by_name = || rulebook.category_ids().find(|&id| rulebook.category(id).name == name);
    rulebook.find(name).or_else(by_name).ok_or_else(|| {
        let known: Vec<&str> = rulebook.categories().iter().map(|category| category.id.as_str()).collect();
        Failure::Usage(
            format!("カテゴリ「{name}」はありません"),
            format!("次のどれかを指定してください: {}", known.join(" ")),
        )
    })
}

/// One part of a condition: whether it holds, where, and its own parts.
fn show(
    out: &mut impl Write,
    worker: &mut Worker<'_>,
    comment: &Comment,
    name: &str,
    trace: &Trace,
    depth: usize,
) -> std::io::Result<()> {
    let (holds, places) = worker.probe(trace.op, comment);
    let mark = if holds { "○" } else { "×" };
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    writeln!(out, "{}{mark} {name}{}", "  ".repeat(depth), quoted(comment.text(), &places))?;
    if depth < DEPTH {
        for part in &trace.parts {
            // A list of words that are all absent says nothing: the line above has said so.
            let is_silent = !holds && part.parts.is_empty() && trace.parts.len() > 8;
            if !is_silent {
                show(out, worker, comment, &part.text, part, depth + 1)?;
            }
        }
    }
    Ok(())
}

fn quoted(text: &str, places: &[jirei::span::Span<jirei::span::Orig>]) -> String {
    let texts: Vec<String> = places.iter().map(|span| format!("「{}」", &text[span.range()])).collect();
    if texts.is_empty() { String::new() } else { format!(" → {}", texts.join(" ")) }
}
