//! `jirei merge`: what people decided laid over what the rules say, with who decided on every comment.

use std::path::{Path, PathBuf};

use jirei::evaluate::gold::Gold;
use jirei::export::merged::{self, Issue};
use jirei::export::xlsx::DECISION;
use jirei::merge::{Decisions, Verdict, overruled};
use jirei::publish::Draft;
use jirei::read::{Columns, Reader};
use jirei::rule::Rulebook;

use crate::args::{InputArgs, OutputArgs, RuleArgs, ThreadArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::{Inputs, Means};
use crate::output::Output;
use crate::setup;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "判定の列:\n  機械        人の判断がない。ルールの結果\n  人          人の判断。判定元はそのファイル\n  食い違い    人の判断が分かれている。ルールの結果のまま\n  本文変更    判断した後で本文が変わった。ルールの結果のまま\n\n例:\n  jirei merge 回答.csv --decisions 確定済み.xlsx -o 確定.csv\n  jirei merge 回答.csv --decisions Aさん.csv --decisions Bさん.csv --issues 要確認.csv -o 確定.csv"
)]
pub struct MergeArgs {
    #[command(flatten)]
    pub input: InputArgs,

    /// 人の判断。確定の列に書き込んだ tagged.xlsx か tagged.csv、またはカテゴリを付けた表。いくつでも指定できる
    #[arg(long, required = true, value_name = "ファイル", help_heading = "人の判断")]
    pub decisions: Vec<PathBuf>,

    /// 確定の列がない表で、カテゴリが書いてある列
    #[arg(long, value_name = "列", default_value = "labels", help_heading = "人の判断")]
    pub labels: String,

    #[command(flatten)]
    pub rules: RuleArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    /// 使えなかった判断の一覧を書く CSV
    #[arg(long, value_name = "ファイル", help_heading = "出力")]
    pub issues: Option<PathBuf>,

    #[command(flatten)]
    pub threads: ThreadArgs,
}

pub fn run(args: &MergeArgs, output: &Output) -> Outcome {
    let mut inputs = Inputs::open(&args.input)?;
    let read = || inputs.paths().iter().chain(&args.decisions).chain(args.rules.paths());
    args.output.check(read())?;
    if let Some(issues) = &args.issues {
        args.output.replace.check(issues, read())?;
    }
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.rules, output)?;
    inputs.findings().iter().for_each(|finding| output.say(finding));
    let mut decisions = Decisions::default();
    for path in &args.decisions {
        decisions.add(gold(path, &args.labels, &rulebook)?);
    }
    inputs.skip_digests();
    let mut draft = Draft::create(args.output.target())?;
    let mut header = Vec::new();
    merged::write_header(&mut header, &inputs.schema(), &rulebook);
    draft.put(&header)?;
    let (mut comments, mut by_people) = (0_u64, 0_u64);
    let mut issues = Vec::new();
    let means = Means { rulebook: &rulebook, tokenizer: &tokenizer, threads: args.threads.count(), output };
    inputs.each_tagged(means, |comment, tagging| {
        let mut bytes = Vec::new();
        let mut write = |tagging, decided, by: &str| {
            merged::write_comment(&mut bytes, &comment, tagging, &rulebook, decided, by);
        };
        let mut issue = |problem, decisions: Vec<(&str, _)>| {
            let named = decisions
                .into_iter()
                .map(|(file, labels)| (file.to_owned(), merged::names(labels, &rulebook)));
            issues.push(Issue {
                id: comment.id().into_owned(),
                question: comment.question().to_owned(),
                problem,
                decisions: named.collect(),
            });
        };
        match decisions.on(&comment) {
            Verdict::People(files, labels) => {
                by_people += 1;
                write(&overruled(&tagging, labels), "人", &files.join(" / "));
            }
            Verdict::Rules => write(&tagging, "機械", ""),
            Verdict::Conflict(all) => {
                write(&tagging, "食い違い", "");
                issue("人の判断が分かれている", all);
            }
            Verdict::Stale(all) => {
                write(&tagging, "本文変更", "");
                issue("判断した後で本文が変わった", all);
            }
        }
        comments += 1;
        draft.put(&bytes)
    })?;
    for (file, decision) in decisions.unmet() {
        issues.push(Issue {
            id: decision.id.clone(),
            question: decision.question.clone(),
            problem: "この番号と問の回答がない",
            decisions: vec![(file.to_owned(), merged::names(&decision.labels, &rulebook))],
        });
    }
    if let Some(path) = &args.issues {
        let mut list = Draft::create(path)?;
        let mut bytes = Vec::new();
        merged::write_issues(&mut bytes, &issues);
        list.put(&bytes)?;
        list.commit()?;
    }
    draft.commit()?;
    inputs.report(output);
    output.say(&format!(
        "\n記述 {} 件 ＝ 人の判断 {by_people} ＋ ルールのまま {}（人の判断は全部で {} 件）",
        comments,
        comments - by_people,
        decisions.len()
    ));
    report(&issues, args.issues.is_some(), output);
    Ok(if issues.is_empty() { Status::Done } else { Status::Findings })
}

/// The decisions in a file: those in its column 確定, if it has one.
fn gold(path: &Path, labels: &str, rulebook: &Rulebook) -> Result<Gold, Failure> {
    let columns = Columns::default();
    let has_decisions =
        Reader::open(path, &columns)?.schema().headers.iter().any(|header| header == DECISION);
    Ok(Gold::read(path, &columns, if has_decisions { DECISION } else { labels }, rulebook)?)
}

/// Issues named one by one.
const NAMED: usize = 5;

fn report(issues: &[Issue], is_listed: bool, output: &Output) {
    for issue in issues.iter().take(NAMED) {
        let decisions: Vec<String> =
            issue.decisions.iter().map(|(file, labels)| format!("{file}: {labels}")).collect();
        output.say(&format!(
            "使えなかった判断: {}（{}）{}。{}",
            issue.id,
            issue.question,
            issue.problem,
            decisions.join("、")
        ));
    }
    if issues.len() > NAMED {
        let where_to =
            if is_listed { "" } else { "。`--issues 要確認.csv` で全部を書き出せます" };
        output.say(&format!("使えなかった判断: ほか {} 件{where_to}", issues.len() - NAMED));
    }
}
