//! `jirei stats`: how often, where, and together with what the categories occur.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jirei::export;
use jirei::publish::Draft;
use jirei::statistics::closed::Mapping;
use jirei::statistics::table::{Cell, Table};
use jirei::statistics::{Options, Survey, chart};

use crate::args::{FormatArgs, InputArgs, OutputArgs, RuleArgs, ThreadArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::{Inputs, Means};
use crate::output::Output;
use crate::setup;
use crate::table::{self, Side};

/// A table with more columns is left to the files: no terminal is that wide.
const MOST_COLUMNS: usize = 26;

/// Pairs shown on a terminal; files have them all.
const PAIRS: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Csv,
    Xlsx,
    Md,
    Json,
}

#[derive(Debug, Args)]
#[command(
    after_help = "例:\n  jirei stats 回答.csv --by 都道府県 --by 区分\n  jirei stats 回答.csv --by 調査時期 --each-question --format xlsx -o 集計.xlsx\n  jirei stats 回答.csv --closed 問6 --mapping 対応.csv"
)]
pub struct StatsArgs {
    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten)]
    pub rules: RuleArgs,

    /// この列の値（都道府県、調査時期など）ごとに分けて、違いを検定する。いくつでも指定できる。「問」は問ごと、「wave」は調査時期の列
    #[arg(long = "by", value_name = "列", help_heading = "集計")]
    pub by: Vec<String>,

    /// --by の表を問ごとにも作る。その問のない列は「－」になる
    #[arg(long, requires = "by", help_heading = "集計")]
    pub each_question: bool,

    /// 選択式の問の列。自由記述に付いたカテゴリと比べる
    #[arg(long, value_name = "列", requires = "mapping", help_heading = "集計")]
    pub closed: Option<String>,

    /// 選択肢とカテゴリの対応の CSV（列は「選択肢」と「カテゴリ」）
    #[arg(long, value_name = "CSV", requires = "closed", help_heading = "集計")]
    pub mapping: Option<PathBuf>,

    #[command(flatten)]
    pub output: OutputArgs,

    #[command(flatten)]
    pub format: FormatArgs<Format>,

    /// 図を SVG で書き出す。--by があれば最初の列の値ごとの割合、なければ件数の棒
    #[arg(long, value_name = "ファイル", help_heading = "出力")]
    pub chart: Option<PathBuf>,

    #[command(flatten)]
    pub threads: ThreadArgs,
}

pub fn run(args: &StatsArgs, output: &Output) -> Outcome {
    let is_screen = args.output.is_stdout() && std::io::stdout().is_terminal();
    if args.format.chosen == Format::Xlsx && is_screen {
        return Err(Failure::Usage(
            "ブックは画面に出せません".to_owned(),
            "`-o 集計.xlsx` のようにファイル名を指定してください".to_owned(),
        ));
    }
    let mut inputs = Inputs::open(&args.input)?;
    let read = || inputs.paths().iter().chain(&args.mapping).chain(args.rules.paths());
    args.output.check(read())?;
    if let Some(chart) = &args.chart {
        args.output.replace.check(chart, read())?;
    }
    inputs.skip_digests();
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.rules, output)?;
    for finding in inputs.findings() {
        output.say(finding);
    }
    let closed = match args.closed.as_ref().zip(args.mapping.as_ref()) {
        Some((column, mapping)) => Some((column.clone(), Mapping::read(mapping, &rulebook)?)),
        None => None,
    };
    let by = args.by.iter().map(|column| match inputs.roles().wave {
        // Whatever the survey calls it.
        Some(wave) if column == "wave" => wave,
        _ => column.clone(),
    });
    let options = Options { by: by.collect(), each_question: args.each_question, closed };
    let name = inputs.paths()[0].display().to_string();
    let mut survey = Survey::new(&inputs.schema(), &rulebook, options, &name)?;
    // Both begun before anything slow: a folder that isn't there is reported at once.
    let mut draft = Draft::create(args.output.target())?;
    let mut picture = args.chart.as_deref().map(Draft::create).transpose()?;
    let means = Means { rulebook: &rulebook, tokenizer: &tokenizer, threads: args.threads.count(), output };
    inputs.each_tagged(means, |comment, tagging| {
        survey.add(&comment, &tagging);
        Ok(())
    })?;
    survey.end();
    let tables = survey.tables();
    match args.format.chosen {
        Format::Text => write_text(&mut draft, &tables)?,
        Format::Csv => {
            let mut bytes = Vec::new();
            export::statistics::write_csv(&mut bytes, &tables);
            draft.put(&bytes)?;
        }
        Format::Md => draft.put(export::statistics::to_markdown(&tables).as_bytes())?,
        Format::Json => {
            draft.put(&export::statistics::to_json(&tables, &survey.tally().accounting()))?;
        }
        Format::Xlsx => export::xlsx::statistics::write(&tables, &mut draft)?,
    }
    draft.commit()?;
    if let Some(picture) = &mut picture {
        let svg = match survey.first_crosstab() {
            Some(crosstab) => chart::map(crosstab, &rulebook),
            None => chart::bars(survey.tally(), &rulebook),
        };
        picture.put(svg.as_bytes())?;
    }
    if let Some(picture) = picture {
        picture.commit()?;
    }
    Ok(Status::Done)
}

fn write_text(out: &mut impl Write, tables: &[Table]) -> std::io::Result<()> {
    // The residuals of note stand beside the tests.
    for (at, table) in tables.iter().filter(|table| table.kind != "residuals").enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "■ {}", table.title)?;
        for note in &table.notes {
            writeln!(out, "  {note}")?;
        }
        if table.columns.len() > MOST_COLUMNS {
            writeln!(out, "  表は広いので省く。--format xlsx か csv で見られる")?;
            continue;
        }
        // People know categories by their names.
        let shown: Vec<usize> =
            (0..table.columns.len()).filter(|&at| !table.columns[at].name.starts_with("ID")).collect();
        let columns: Vec<(&str, Side)> = shown
            .iter()
            .map(|&at| {
                let is_text = table.rows.iter().any(|row| row[at].is_text());
                (&*table.columns[at].name, if is_text { Side::Left } else { Side::Right })
            })
            .collect();
        let limit = if table.kind == "pairs" { PAIRS } else { usize::MAX };
        let rows: Vec<Vec<String>> = table
            .rows
            .iter()
            .take(limit)
            .map(|row| shown.iter().map(|&at| one_line(&row[at])).collect())
            .collect();
        table::write_rows(out, &columns, &rows)?;
        if table.rows.len() > limit {
            writeln!(out, "  ほかに {} 組。--format xlsx か csv で見られる", table.rows.len() - limit)?;
        }
    }
    Ok(())
}

fn one_line(cell: &Cell) -> String {
    cell.shown().split_whitespace().collect::<Vec<_>>().join(" ")
}
