//! `jirei merge`: what people decided laid over what the rules say, with who decided on every comment.

use std::path::{Path, PathBuf, absolute};

use jirei::evaluate::gold::Gold;
use jirei::export::merged::{self, Issue};
use jirei::merge::{Decisions, Fate, Verdict, overruled};
use jirei::publish::{Draft, is_stdout};
use jirei::read::Columns;
use jirei::rule::Rulebook;

use crate::args::{InputArgs, OutputArgs, RuleArgs, ThreadArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::{Inputs, Means};
use crate::output::Output;
use crate::{interrupt, setup};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "判定の列:\n  機械        人の判断がない。ルールの結果\n  人          人の判断。判定元はそのファイル\n  食い違い    人の判断が分かれている。ルールの結果のまま\n  本文変更    判断した後で本文が変わった。ルールの結果のまま\n\n例:\n  jirei merge 回答.csv --decisions 確定済み.xlsx -o 確定.csv\n  jirei merge 回答.csv --decisions Aさん.csv --decisions Bさん.csv --issues 要確認.csv -o 確定.csv"
)]
pub struct MergeArgs {
    #[command(flatten)]
    pub input: InputArgs,

    /// 人の判断。確定の列に書き込んだ tagged.xlsx か tagged.csv、report.html で保存した corrections.csv、またはカテゴリを付けた表。いくつでも指定できる
    #[arg(long, required = true, value_name = "ファイル", help_heading = "人の判断")]
    pub decisions: Vec<PathBuf>,

    /// 確定の列がない表で、カテゴリが書いてある列。空のセルは「どれでもない」
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
    check_outputs(args, &inputs)?;
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.rules, output)?;
    inputs.findings().iter().for_each(|finding| output.say(finding));
    let mut decisions = Decisions::default();
    for path in &args.decisions {
        decisions.add(read(path, args, &inputs, &rulebook, output)?);
    }
    inputs.skip_digests();
    let mut draft = Draft::create(args.output.target())?;
    let mut header = Vec::new();
    merged::write_header(&mut header, &inputs.schema(), &rulebook);
    draft.put(&header)?;
    let mut count = Count::default();
    let mut issues = Vec::new();
    let means = Means { rulebook: &rulebook, tokenizer: &tokenizer, threads: args.threads.count(), output };
    inputs.each_tagged(means, |comment, tagging| {
        let mut bytes = Vec::new();
        let mut write = |tagging, decided, by: &str| {
            merged::write_comment(&mut bytes, &comment, tagging, &rulebook, decided, by);
        };
        match decisions.on(&comment) {
            Verdict::People(files, labels) => {
                count.people += 1;
                write(&overruled(&tagging, labels), "人", &files.join(" / "));
            }
            Verdict::Rules => {
                count.rules += 1;
                write(&tagging, "機械", "");
            }
            Verdict::Conflict(all) => {
                count.conflicts += 1;
                write(&tagging, "食い違い", "");
                let named =
                    all.into_iter().map(|(file, labels)| (file.to_owned(), merged::names(labels, &rulebook)));
                issues.push(Issue {
                    id: comment.id().into_owned(),
                    question: comment.question().to_owned(),
                    problem: "人の判断が分かれている",
                    decisions: named.collect(),
                });
            }
            Verdict::Stale => {
                count.stale += 1;
                write(&tagging, "本文変更", "");
            }
        }
        draft.put(&bytes)
    })?;
    for (fate, problem) in
        [(Fate::Stale, "判断した後で本文が変わった"), (Fate::Unmet, "この番号と問の回答がない")]
    {
        issues.extend(decisions.with_fate(fate).map(|(file, decision)| Issue {
            id: decision.id.clone(),
            question: decision.question.clone(),
            problem,
            decisions: vec![(file.to_owned(), merged::names(&decision.labels, &rulebook))],
        }));
    }
    let mut drafts = vec![draft];
    if let Some(path) = &args.issues {
        let mut list = Draft::create(path)?;
        let mut bytes = Vec::new();
        merged::write_issues(&mut bytes, &issues);
        list.put(&bytes)?;
        drafts.push(list);
    }
    interrupt::check()?;
    Draft::commit_all(drafts)?;
    inputs.report(output);
    count.report(&decisions, output);
    report(&issues, args.issues.is_some(), output);
    Ok(if issues.is_empty() { Status::Done } else { Status::Findings })
}

/// Nothing that is read is written, nothing is written twice.
fn check_outputs(args: &MergeArgs, inputs: &Inputs) -> Result<(), Failure> {
    if args.decisions.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::Usage(
            "人の判断は標準入力から読めません".to_owned(),
            "`--decisions` にはファイル名を指定してください".to_owned(),
        ));
    }
    let read = || inputs.paths().iter().chain(&args.decisions).chain(args.rules.paths());
    args.output.check(read())?;
    let Some(issues) = &args.issues else { return Ok(()) };
    args.output.replace.check(issues, read())?;
    let is_result = match (absolute(issues), absolute(args.output.target())) {
        (Ok(issues), Ok(target)) => issues == target,
        _ => false,
    };
    if is_result || (is_stdout(issues) && args.output.is_stdout()) {
        return Err(Failure::Usage(
            format!("`--issues` の `{}` は、結果の出力先と同じです", issues.display()),
            "`--issues` には別のファイル名を指定してください".to_owned(),
        ));
    }
    Ok(())
}

/// The decisions in a file: those in its column 確定, if it has one.
fn read(
    path: &Path,
    args: &MergeArgs,
    inputs: &Inputs,
    rulebook: &Rulebook,
    output: &Output,
) -> Result<Gold, Failure> {
    let table = &inputs.args().table;
    let columns =
        Columns { id: table.id.clone(), texts: table.texts.clone(), question: table.question.clone() };
    let gold = Gold::decisions(path, &columns, &args.labels, rulebook)?;
    let open = if gold.open > 0 {
        format!("（ほかに、まだ空の {} 件）", gold.open)
    } else {
        String::new()
    };
    output.say(&format!("人の判断: `{}` {} 件{open}", path.display(), gold.comments.len()));
    if gold.schema().id.is_none() {
        output.warn(&format!(
            "`{}` に ID の列がないので、何行目かで突き合わせます。行を並べ替えたり除いたりした表の判断は合いません",
            path.display()
        ));
    }
    Ok(gold)
}

/// Comments by who decided.
#[derive(Default)]
struct Count {
    people: u64,
    rules: u64,
    conflicts: u64,
    stale: u64,
}

impl Count {
    /// Accounts for every comment, and for every decision.
    fn report(&self, decisions: &Decisions, output: &Output) {
        let Count { people, rules, conflicts, stale } = self;
        output.say(&format!(
            "\n記述 {} 件 ＝ 人 {people} ＋ 機械 {rules} ＋ 食い違い {conflicts} ＋ 本文変更 {stale}",
            people + rules + conflicts + stale
        ));
        output.say(&format!(
            "人の判断 {} 件 ＝ 使った {} ＋ 食い違い {} ＋ 本文変更 {} ＋ 回答がない {}",
            decisions.len(),
            decisions.count(Fate::Applied),
            decisions.count(Fate::Conflicting),
            decisions.count(Fate::Stale),
            decisions.count(Fate::Unmet)
        ));
    }
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
