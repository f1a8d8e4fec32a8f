//! `jirei coverage`: what each category, rule and term contributes to the tags of a corpus.

use std::io::Write;

use jirei::coverage::terms::Role;
use jirei::coverage::{CategoryCoverage, Counts, Coverage, measure};
use jirei::export;
use jirei::rule::Rulebook;

use crate::args::{FormatArgs, TextOrCsv};
use crate::exit::{Outcome, Status};
use crate::output::Output;
use crate::setup;
use crate::study::StudyArgs;
use crate::table::{self, Side};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei coverage 回答.csv --rules rules/\n  jirei coverage 正解.csv --labels labels --category 顔認証失敗 --terms\n  jirei coverage 回答.csv --format csv -o 語の働き.csv"
)]
pub struct CoverageArgs {
    #[command(flatten)]
    pub study: StudyArgs,

    #[command(flatten)]
    pub format: FormatArgs<TextOrCsv>,

    /// 語も 1 つずつ見せる（csv ではいつも出す）
    #[arg(long, help_heading = "出力")]
    pub terms: bool,
}

pub fn run(args: &CoverageArgs, output: &Output) -> Outcome {
    let inputs = args.study.open()?;
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.study.rules, output)?;
    let wanted = args.study.categories(&rulebook)?;
    let study = args.study.read(inputs, &rulebook, output)?;
    let mut coverage = measure(&study.comments, study.gold.as_deref(), &rulebook, &tokenizer);
    coverage.categories.retain(|own| wanted.contains(&own.category));
    let mut bytes = Vec::new();
    match args.format.chosen {
        TextOrCsv::Csv => export::coverage::write(&mut bytes, &coverage, &rulebook),
        TextOrCsv::Text => write_text(&mut bytes, &coverage, &rulebook, args.terms)?,
    }
    args.study.output.publish(&bytes)?;
    Ok(Status::Done)
}

fn write_text(
    out: &mut impl Write,
    coverage: &Coverage,
    rulebook: &Rulebook,
    has_terms: bool,
) -> std::io::Result<()> {
    let Coverage { answered, tagged, tags, .. } = *coverage;
    writeln!(
        out,
        "回答あり {answered} 件 ＝ カテゴリあり {tagged}（{}）＋ カテゴリなし {}。1 件に平均 {:.1} カテゴリ",
        percent(tagged, answered),
        answered - tagged,
        tags as f64 / answered.max(1) as f64
    )?;
    for own in &coverage.categories {
        write_category(out, own, coverage, rulebook)?;
        if has_terms {
            write_terms(out, own, coverage.has_gold)?;
        } else {
            write_term_counts(out, own)?;
        }
    }
    writeln!(
        out,
        "\n所は根拠の数、件は付けた記述、固有はそれだけで付いた記述、重複は同じカテゴリのほかのルールでも付く記述、取消は not に打ち消された記述"
    )
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1} %", part as f64 * 100.0 / whole.max(1) as f64)
}

/// Companions named; the rest are in the CSV.
const COMPANIONS: usize = 4;

fn write_category(
    out: &mut impl Write,
    own: &CategoryCoverage,
    coverage: &Coverage,
    rulebook: &Rulebook,
) -> std::io::Result<()> {
    let category = rulebook.category(own.category);
    let Counts { given, unique, right, .. } = own.counts;
    let gold =
        if coverage.has_gold { format!("、正 {right}、誤 {}", given - right) } else { String::new() };
    writeln!(
        out,
        "\n{}（{}） {given} 件 {}、うちこのカテゴリだけ {unique} 件{gold}",
        category.name,
        category.id,
        percent(given, coverage.answered)
    )?;
    let companions: Vec<String> = own
        .companions()
        .into_iter()
        .take(COMPANIONS)
        .map(|(at, count)| format!("{} {count}", rulebook.categories()[at].name))
        .collect();
    if !companions.is_empty() {
        writeln!(out, "ともに付く: {}", companions.join("、"))?;
    }
    let conditions: Vec<&str> = rulebook
        .rules_of(own.category)
        .map(|(_, trace)| if trace.text == "any" { "" } else { trace.text.as_str() })
        .collect();
    let rows: Vec<Vec<String>> = own
        .rules
        .iter()
        .zip(conditions)
        .map(|((rule, counts), condition)| {
            let mut row = vec![rulebook.rule_label(*rule).to_owned()];
            row.extend(
                [counts.places, counts.given, counts.unique, counts.overlap(), counts.taken_back()]
                    .map(|count| count.to_string()),
            );
            row.extend(gold_cells(counts, coverage.has_gold));
            row.push(cut(condition));
            row
        })
        .collect();
    write_table(out, "ルール", &["所", "件", "固有", "重複", "取消"], coverage.has_gold, "条件", &rows)
}

fn gold_cells(counts: &Counts, has_gold: bool) -> Vec<String> {
    if has_gold {
        vec![counts.right.to_string(), (counts.given - counts.right).to_string()]
    } else {
        Vec::new()
    }
}

/// A table that begins and ends with text and has figures between, those of gold where there is any.
fn write_table(
    out: &mut impl Write,
    first: &str,
    figures: &[&str],
    has_gold: bool,
    last: &str,
    rows: &[Vec<String>],
) -> std::io::Result<()> {
    let mut columns = vec![(first, Side::Left)];
    columns.extend(figures.iter().map(|&figure| (figure, Side::Right)));
    if has_gold {
        columns.extend([("正", Side::Right), ("誤", Side::Right)]);
    }
    columns.push((last, Side::Left));
    table::write_rows(out, &columns, rows)
}

/// Longest condition shown, in characters.
const LONGEST: usize = 48;

fn cut(condition: &str) -> String {
    let line = condition.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn write_term_counts(out: &mut impl Write, own: &CategoryCoverage) -> std::io::Result<()> {
    let count = |wanted: fn(&Counts) -> bool| {
        own.terms.iter().filter(|(term, counts)| term.role == Role::Supports && wanted(counts)).count()
    };
    writeln!(
        out,
        "語: 根拠になる {}、出るが根拠にならない {}、一度も出ない {}（`--terms` で一覧）",
        count(|counts| counts.given > 0),
        count(|counts| counts.given == 0 && counts.places > 0),
        count(|counts| counts.places == 0)
    )
}

fn write_terms(out: &mut impl Write, own: &CategoryCoverage, has_gold: bool) -> std::io::Result<()> {
    for (role, name) in [(Role::Supports, "語"), (Role::Blocks, "打ち消す語")] {
        let terms = own.terms.iter().filter(|(term, _)| term.role == role);
        let (found, absent): (Vec<_>, Vec<_>) = terms.partition(|(_, counts)| counts.places > 0);
        writeln!(out)?;
        if !found.is_empty() {
            // What blocks gives nothing, right or wrong.
            let gives = role == Role::Supports;
            let rows: Vec<Vec<String>> = found
                .iter()
                .map(|(term, counts)| {
                    let mut row = vec![cut(&term.text)];
                    row.extend([counts.places, counts.matched].map(|count| count.to_string()));
                    if gives {
                        row.push(counts.given.to_string());
                    }
                    row.push(counts.unique.to_string());
                    row.extend(gold_cells(counts, has_gold && gives));
                    row.push(String::new());
                    row
                })
                .collect();
            let figures: &[&str] = if gives {
                &["所", "出た件", "根拠の件", "固有"]
            } else {
                &["所", "出た件", "防いだ件"]
            };
            write_table(out, name, figures, has_gold && gives, "", &rows)?;
        }
        if !absent.is_empty() {
            let texts: Vec<String> = absent.iter().map(|(term, _)| cut(&term.text)).collect();
            writeln!(out, "一度も出ない{name}: {}", texts.join(" "))?;
        }
    }
    Ok(())
}
