//! `jirei report` as a Word document, Markdown or a workbook.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jirei::classify::Tagging;
use jirei::comment::{Comment, Schema, Status as Answer};
use jirei::document::docx::Template;
use jirei::document::layout::{Layout, Material, Methods, compose};
use jirei::document::{docx, markdown};
use jirei::export::xlsx;
use jirei::matcher::Worker;
use jirei::publish::Draft;
use jirei::quote::selection::Selection;
use jirei::quote::{self, By, Candidate, Chosen, Pool, Quote};
use jirei::rule::{CategoryId, Rulebook};
use jirei::statistics::closed::Mapping;
use jirei::statistics::{self, Crosstab, Survey, Table};
use jirei::tally::Tally;

use super::{Format, ReportArgs};
use crate::exit::{Failure, Outcome, Status};
use crate::inputs::{Inputs, Means};
use crate::output::Output;
use crate::{record, setup};

/// The group whose categories say who an answer is about.
const SUBJECTS: &str = "対象者";

#[derive(Debug, clap::Args)]
pub struct DocumentArgs {
    /// 文書の組み方。by-question 問ごと、themed カテゴリごと、numbered 通し番号の表、by-subject 対象者ごと、waves 調査時期の表、closed-vs-free 選択式の問との比較、single 少数のカテゴリの表
    #[arg(
        long,
        value_parser = layout(),
        value_name = "組み方",
        default_value = Layout::Themed.name(),
        hide_possible_values = true,
        help_heading = "文書（docx・md・xlsx）"
    )]
    pub layout: Layout,

    /// このカテゴリだけを載せる（id か名前）。いくつでも指定できる
    #[arg(long = "category", value_name = "カテゴリ", help_heading = "文書（docx・md・xlsx）")]
    pub categories: Vec<String>,

    /// numbered で、事例ではなくすべての回答を載せる
    #[arg(long, help_heading = "文書（docx・md・xlsx）")]
    pub all: bool,

    /// 調査時期の列。なければ見出しから判断
    #[arg(long, value_name = "列", help_heading = "文書（docx・md・xlsx）")]
    pub wave: Option<String>,

    /// closed-vs-free で比べる、選択式の問の列
    #[arg(long, value_name = "列", requires = "mapping", help_heading = "文書（docx・md・xlsx）")]
    pub closed: Option<String>,

    /// 選択肢とカテゴリの対応の CSV（列は「選択肢」と「カテゴリ」）
    #[arg(long, value_name = "CSV", requires = "closed", help_heading = "文書（docx・md・xlsx）")]
    pub mapping: Option<PathBuf>,

    /// この Word 文書（docx・dotx）のスタイル、用紙、ヘッダー、フッターを使う
    #[arg(long, value_name = "ファイル", help_heading = "文書（docx・md・xlsx）")]
    pub template: Option<PathBuf>,
}

/// Takes the names of the layouts.
fn layout() -> impl TypedValueParser<Value = Layout> {
    PossibleValuesParser::new(Layout::ALL.map(Layout::name))
        .try_map(|name| Layout::ALL.into_iter().find(|layout| layout.name() == name).ok_or("no layout"))
}

pub fn run(args: &ReportArgs, format: Format, output: &Output) -> Outcome {
    let document = &args.document;
    let layout = document.layout;
    let mut inputs = Inputs::open(&args.input)?;
    let read =
        inputs.paths().iter().chain(&args.selection).chain(&document.mapping).chain(&document.template);
    args.replace.check(&args.output, read.chain(args.rules.paths()))?;
    let template = document.template.as_deref().map_or_else(|| Ok(Template::shipped()), Template::open)?;
    let selection = args.selection.as_deref().map_or_else(|| Ok(Selection::empty()), Selection::read)?;
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.rules, output)?;
    for finding in inputs.findings() {
        output.say(finding);
    }
    args.check_limits(&inputs.schema())?;
    let plan = Plan::new(args, layout, selection, &inputs, &rulebook)?;
    let mut gathered =
        Gathered::new(&plan, &inputs.schema(), &rulebook, &inputs.paths()[0].display().to_string())?;
    let mut draft = Draft::create(&args.output)?;
    let means = Means { rulebook: &rulebook, tokenizer: &tokenizer, threads: args.threads.count(), output };
    inputs.each_quotable(
        means,
        |comment| args.wants(comment),
        |comment, tagging, candidates| {
            gathered.add(&comment, &tagging, candidates, &plan, &rulebook);
            Ok(())
        },
    )?;
    gathered.survey.end();
    let options = record::options(&args.input, &[]);
    let manifest = record::manifest(&args.rules, &tokenizer, &rulebook, &inputs, options, &gathered.tally)?;
    let chosen = gathered.choose(&mut Worker::new(&rulebook, &tokenizer), &plan);
    let limits: Vec<String> =
        args.limits.iter().map(|(column, value)| format!("{column}＝{value}")).collect();
    let title = args.title.clone().unwrap_or_else(|| plan.title(&rulebook));
    let material = Material {
        title: &title,
        rulebook: &rulebook,
        categories: &plan.categories,
        place: plan.options.place.as_deref(),
        kind: plan.kind.as_deref(),
        tally: &gathered.tally,
        questions: &gathered.questions,
        quotes: &chosen.quotes,
        by_question: &chosen.by_question,
        answers: document.all.then_some(&gathered.answers),
        tables: &gathered.tables(layout),
        methods: Methods {
            manifest: &manifest,
            waves: gathered.waves.as_ref(),
            limits: &limits,
            withheld: chosen.withheld,
            is_selected: args.selection.is_some(),
            is_chosen_only: plan.is_chosen_only,
            has_quotes: !matches!(layout, Layout::Waves | Layout::ClosedVsFree) && !document.all,
        },
    };
    let report = compose(layout, &material);
    match format {
        Format::Html => unreachable!("the page is made elsewhere"),
        Format::Docx => draft.put(&docx::write(&report, &template))?,
        Format::Md => draft.put(markdown::write(&report).as_bytes())?,
        Format::Xlsx => xlsx::document::write(&report, &mut draft)?,
    }
    draft.commit()?;
    inputs.report(output);
    for line in &chosen.stale {
        output.say(line);
    }
    let count = manifest.accounting;
    output.say(&format!(
        "\n記述 {} 件 ＝ 回答あり {}（カテゴリあり {}）＋ 特になし {} ＋ 空欄 {}",
        count.comments, count.answered, count.tagged, count.nothing, count.empty
    ));
    Ok(Status::Done)
}

/// What is to be reported.
struct Plan {
    layout: Layout,
    categories: Vec<CategoryId>,
    names_categories: bool,
    options: quote::Options,
    kind: Option<String>,
    wave: Option<String>,
    closed: Option<(String, Mapping)>,
    wants_all: bool,
    is_chosen_only: bool,
}

impl Plan {
    fn new(
        args: &ReportArgs,
        layout: Layout,
        selection: Selection,
        inputs: &Inputs,
        rulebook: &Rulebook,
    ) -> Result<Self, Failure> {
        let document = &args.document;
        let (schema, roles) = (inputs.schema(), inputs.roles().with_wave(document.wave.as_deref()));
        if let Some(column) = &document.wave {
            super::check_column("--wave", column, &schema)?;
        }
        let wave = roles.wave;
        if layout == Layout::Waves && wave.is_none() {
            return Err(Failure::Usage(
                "調査時期の列が分かりません".to_owned(),
                format!("`--wave` で指定してください。{}", super::listed(&schema)),
            ));
        }
        let closed = match (&document.closed, &document.mapping) {
            (Some(column), Some(mapping)) => Some((column.clone(), Mapping::read(mapping, rulebook)?)),
            _ if layout == Layout::ClosedVsFree => {
                return Err(Failure::Usage(
                    "比べる選択式の問が分かりません".to_owned(),
                    "`--closed 問6 --mapping 対応.csv` のように指定してください".to_owned(),
                ));
            }
            _ => None,
        };
        let categories = match &document.categories[..] {
            [] => rulebook.category_ids().collect(),
            names => {
                names.iter().map(|name| setup::category(rulebook, name)).collect::<Result<Vec<_>, _>>()?
            }
        };
        let is_chosen_only = args.selection.is_some() && args.quotes.is_none();
        let mut options = quote::Options::for_columns(&schema);
        options.per_category = if is_chosen_only { 0 } else { args.quotes.unwrap_or(super::QUOTES) };
        options.selection = selection;
        if layout == Layout::BySubject {
            let of_subjects: Vec<CategoryId> =
                rulebook.category_ids().filter(|&id| rulebook.category(id).group == SUBJECTS).collect();
            if of_subjects.is_empty() {
                return Err(Failure::Usage(
                    format!("グループ「{SUBJECTS}」のカテゴリがルールにないので、対象者ごとに分けられません"),
                    "ほかの組み方を `--layout` で指定してください".to_owned(),
                ));
            }
            options.by = Some(By::Categories(of_subjects));
        }
        Ok(Plan {
            layout,
            categories,
            names_categories: !document.categories.is_empty(),
            options,
            kind: roles.kind,
            wave,
            closed,
            wants_all: document.all,
            is_chosen_only,
        })
    }

    /// What a report is called where nobody says.
    fn title(&self, rulebook: &Rulebook) -> String {
        match self.layout {
            Layout::Waves => "カテゴリの推移".to_owned(),
            Layout::ClosedVsFree => "選択式の問と自由記述".to_owned(),
            _ if self.names_categories => {
                let names = self.categories.iter().map(|&id| &*rulebook.category(id).name);
                format!("{}の具体的事例", names.collect::<Vec<_>>().join("・"))
            }
            _ => "自由記述の事例".to_owned(),
        }
    }
}

/// What is gathered over a run.
struct Gathered<'r> {
    tally: Tally,
    questions: Crosstab,
    waves: Option<Crosstab>,
    survey: Survey<'r>,
    pool: Pool,
    /// One for each question, where quotes are listed by question.
    by_question: Vec<(String, Pool)>,
    /// The answers themselves, where all are listed.
    answers: Vec<Comment>,
}

/// The quotes picked.
struct Picked {
    quotes: Vec<Quote>,
    by_question: Vec<(String, Vec<Quote>)>,
    stale: Vec<String>,
    withheld: usize,
}

impl<'r> Gathered<'r> {
    fn new(plan: &Plan, schema: &Schema, rulebook: &'r Rulebook, name: &str) -> Result<Self, Failure> {
        let options = statistics::Options {
            by: plan.wave.iter().filter(|_| plan.layout == Layout::Waves).cloned().collect(),
            each_question: true,
            closed: plan.closed.clone().filter(|_| plan.layout == Layout::ClosedVsFree),
        };
        let by = |name: &String| Crosstab::new(statistics::By::Attribute(name.clone()), rulebook);
        Ok(Gathered {
            tally: Tally::new(rulebook),
            questions: Crosstab::new(statistics::By::Question, rulebook),
            waves: plan.wave.as_ref().map(by),
            survey: Survey::new(schema, rulebook, options, name)?,
            pool: Pool::new(rulebook, plan.options.clone()),
            by_question: Vec::new(),
            answers: Vec::new(),
        })
    }

    fn add(
        &mut self,
        comment: &Comment,
        tagging: &Tagging,
        candidates: Vec<Candidate>,
        plan: &Plan,
        rulebook: &Rulebook,
    ) {
        self.tally.add(comment, tagging);
        self.questions.add(comment, tagging);
        if let Some(waves) = &mut self.waves {
            waves.add(comment, tagging);
        }
        self.survey.add(comment, tagging);
        if plan.wants_all && comment.status() == Answer::Answered {
            self.answers.push(comment.clone());
        }
        let pool = if plan.layout == Layout::ByQuestion {
            let question = comment.question();
            let at = self.by_question.iter().position(|(name, _)| name == question).unwrap_or_else(|| {
                self.by_question.push((question.to_owned(), Pool::new(rulebook, plan.options.clone())));
                self.by_question.len() - 1
            });
            &mut self.by_question[at].1
        } else {
            &mut self.pool
        };
        pool.meet(comment, tagging);
        for candidate in candidates {
            pool.add(candidate);
        }
    }

    fn choose(&self, worker: &mut Worker<'_>, plan: &Plan) -> Picked {
        if plan.layout != Layout::ByQuestion {
            let Chosen { quotes, withheld, stale, .. } = self.pool.select(worker);
            return Picked { quotes, by_question: Vec::new(), stale, withheld };
        }
        let mut picked =
            Picked { quotes: Vec::new(), by_question: Vec::new(), stale: Vec::new(), withheld: 0 };
        let mut stale: Option<Vec<String>> = None;
        for (question, pool) in &self.by_question {
            let chosen = pool.select(worker);
            picked.withheld += chosen.withheld;
            picked.by_question.push((question.clone(), chosen.quotes));
            // An entry that fits one question is out of place in all others.
            stale = Some(match stale {
                None => chosen.stale,
                Some(before) => before.into_iter().filter(|line| chosen.stale.contains(line)).collect(),
            });
        }
        picked.stale = stale.unwrap_or_default();
        picked
    }

    fn tables(&self, layout: Layout) -> Vec<Table> {
        match layout {
            Layout::Waves | Layout::ClosedVsFree => self.survey.tables(),
            _ => Vec::new(),
        }
    }
}
