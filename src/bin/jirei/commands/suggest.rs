//! `jirei suggest`: what could be added to the rules, with what it would do, and adding it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jirei::comment::Comment;
use jirei::diagnostic::{Diagnostic, SourceFile};
use jirei::export;
use jirei::rule::{Compiled, Rulebook, compile, example};
use jirei::suggest::accept::{Change, Refusal, apply};
use jirei::suggest::{Answers, Effect, Suggestion, effects, judged, spellings, terms};
use jirei::tokenize::Tokenizer;

use crate::args::{FormatArgs, TextOrCsv};
use crate::exit::{Failure, Outcome, Status};
use crate::output::Output;
use crate::setup;
use crate::study::{Study, StudyArgs};
use crate::table::{self, Side};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei suggest 正解.csv --labels labels --category 暗証番号 --rules rules/\n  jirei suggest 正解.csv --labels labels --category 暗証番号 --rules rules/ --accept 1,3 --into rules/30-devices.toml\n\n番号は、同じ入力・同じルール・同じ指定なら変わりません。ルールに加えると変わります。"
)]
pub struct SuggestArgs {
    #[command(flatten)]
    pub study: StudyArgs,

    #[command(flatten)]
    pub format: FormatArgs<TextOrCsv>,

    /// 条件の候補を、いくつまで見せるか
    #[arg(short = 'n', long, value_name = "数", default_value_t = 20, help_heading = "出力")]
    pub limit: usize,

    /// この番号の候補をルールに加える（例: 1,3）
    #[arg(
        long,
        value_name = "番号",
        value_delimiter = ',',
        requires = "into",
        help_heading = "ルールに加える"
    )]
    pub accept: Vec<usize>,

    /// 加える先のルールのファイル。`--rules` で渡したもののどれか
    #[arg(long, value_name = "ファイル", requires = "accept", help_heading = "ルールに加える")]
    pub into: Option<PathBuf>,
}

pub fn run(args: &SuggestArgs, output: &Output) -> Outcome {
    let inputs = args.study.open()?;
    let tokenizer = setup::tokenizer(&args.study.rules.dictionary)?;
    let sources = setup::sources(&args.study.rules)?;
    let into = args.into.as_deref().map(|path| target(path, args, &sources)).transpose()?;
    let rulebook = setup::usable(compile(&sources, &tokenizer), output)?;
    let wanted = args.study.categories(&rulebook)?;
    let study = args.study.read(inputs, &rulebook, output)?;
    let answers = Answers { comments: &study.comments, gold: study.gold.as_deref() };
    let mut suggestions = terms::suggest(answers, &wanted, &sources, &rulebook, &tokenizer);
    suggestions.truncate(args.limit);
    suggestions.extend(spellings::suggest(answers, &wanted, &sources, &rulebook, &tokenizer));
    if let Some(into) = into {
        let accepting = Accepting { into, sources: &sources, rulebook: &rulebook, tokenizer: &tokenizer };
        return accepting.accept(&args.accept, &suggestions, &study, output);
    }
    let mut bytes = Vec::new();
    match args.format.chosen {
        TextOrCsv::Csv => export::suggestions::write(&mut bytes, &suggestions, &study.comments, &rulebook),
        TextOrCsv::Text => write_text(&mut bytes, &suggestions, &study, &rulebook)?,
    }
    args.study.output.publish(&bytes)?;
    Ok(Status::Done)
}

/// Which of the sources `--into` means.
fn target(path: &Path, args: &SuggestArgs, sources: &[Arc<SourceFile>]) -> Result<usize, Failure> {
    if args.study.rules.rules.is_none() {
        return Err(Failure::Usage(
            "内蔵のルールには加えられません".to_owned(),
            "`jirei export rules フォルダー` で書き出し、`--rules フォルダー` を付けてください".to_owned(),
        ));
    }
    let place = |path: &Path| std::fs::canonicalize(path).ok();
    let wanted = place(path);
    let found =
        sources.iter().position(|source| wanted.is_some() && place(Path::new(&source.name)) == wanted);
    found.ok_or_else(|| {
        let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        Failure::Usage(
            format!("`{}` は `--rules` で渡したルールのファイルではありません", path.display()),
            format!("次のどれかを指定してください: {}", names.join(" ")),
        )
    })
}

fn write_text(
    out: &mut impl Write,
    suggestions: &[Suggestion],
    study: &Study,
    rulebook: &Rulebook,
) -> std::io::Result<()> {
    if suggestions.is_empty() {
        return writeln!(out, "候補はありません");
    }
    let (conditions, spellings): (Vec<_>, Vec<_>) =
        (1..).zip(suggestions).partition(|(_, suggestion)| matches!(suggestion.change, Change::Any { .. }));
    let has_gold = study.gold.is_some();
    let mut figures = vec![("増える", Side::Right)];
    if has_gold {
        figures.extend([("正", Side::Right), ("誤", Side::Right)]);
    }
    if !conditions.is_empty() {
        let drawn = if has_gold {
            "人が付けてルールが見逃した回答"
        } else {
            "いま付いている回答"
        };
        writeln!(out, "any に加える条件の候補（{drawn}から。G² は対数尤度比）")?;
        let mut columns = vec![("番号", Side::Right), ("カテゴリ", Side::Left), ("条件", Side::Left)];
        columns.extend(&figures);
        columns.extend([("G²", Side::Right), ("増える例", Side::Left)]);
        let rows: Vec<Vec<String>> = conditions
            .iter()
            .map(|(number, suggestion)| {
                let Change::Any { condition, .. } = &suggestion.change else { return Vec::new() };
                let category = suggestion.category.map_or("", |id| rulebook.category(id).name.as_str());
                let mut row = vec![number.to_string(), category.to_owned(), condition.clone()];
                row.extend(gain_cells(&suggestion.gains));
                row.push(format!("{:.1}", suggestion.log_likelihood.unwrap_or(0.0)));
                row.push(example(&suggestion.gains, &study.comments));
                row
            })
            .collect();
        table::write_rows(out, &columns, &rows)?;
    }
    if !spellings.is_empty() {
        if !conditions.is_empty() {
            writeln!(out)?;
        }
        writeln!(out, "表記ゆれの候補（ルールの語に似ている、ルールにない書き方）")?;
        let mut columns = vec![
            ("番号", Side::Right),
            ("書き方", Side::Left),
            ("似た語", Side::Left),
            ("違い", Side::Left),
            ("出た件", Side::Right),
        ];
        columns.extend(&figures);
        columns.extend([("減る", Side::Right), ("増える例", Side::Left)]);
        let rows: Vec<Vec<String>> = spellings
            .iter()
            .map(|(number, suggestion)| {
                let Change::Variant { word, form } = &suggestion.change else { return Vec::new() };
                let mut row = vec![
                    number.to_string(),
                    form.clone(),
                    word.clone(),
                    suggestion.reason.to_owned(),
                    suggestion.found.to_string(),
                ];
                row.extend(gain_cells(&suggestion.gains));
                row.push(suggestion.losses.len().to_string());
                row.push(example(&suggestion.gains, &study.comments));
                row
            })
            .collect();
        table::write_rows(out, &columns, &rows)?;
    }
    writeln!(out, "\n加えるには、同じ指定に `--accept 番号 --into ルールのファイル` を付けます")
}

fn gain_cells(gains: &[Effect]) -> Vec<String> {
    let mut cells = vec![gains.len().to_string()];
    if let Some((right, wrong)) = judged(gains).filter(|_| gains.iter().all(|gain| gain.is_right.is_some())) {
        cells.extend([right.to_string(), wrong.to_string()]);
    }
    cells
}

/// Characters of an example.
const LONGEST: usize = 30;

/// The first comment that would gain, a right one if it can be told.
fn example(gains: &[Effect], comments: &[Comment]) -> String {
    let right = gains.iter().find(|gain| gain.is_right == Some(true));
    let Some(gain) = right.or(gains.first()) else { return String::new() };
    let comment = &comments[gain.comment];
    let text = comment.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let text = match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    };
    format!("{} {text}", comment.id())
}

/// Writing choices into a rule file.
struct Accepting<'a> {
    /// Which of the sources is written.
    into: usize,
    sources: &'a [Arc<SourceFile>],
    rulebook: &'a Rulebook,
    tokenizer: &'a Tokenizer,
}

impl Accepting<'_> {
    fn accept(
        &self,
        numbers: &[usize],
        suggestions: &[Suggestion],
        study: &Study,
        output: &Output,
    ) -> Outcome {
        let name = &self.sources[self.into].name;
        let mut text = std::fs::read_to_string(name)?;
        let mut changes = Vec::new();
        for &number in numbers {
            let Some(suggestion) = number.checked_sub(1).and_then(|at| suggestions.get(at)) else {
                return Err(Failure::Usage(
                    format!("番号 {number} の候補はありません"),
                    "`--accept` を外して実行し、番号を確かめてください".to_owned(),
                ));
            };
            text = apply(&text, &suggestion.change)
                .map_err(|refusal| self.refused(refusal, &suggestion.change))?;
            changes.push(&suggestion.change);
        }
        let mut sources = self.sources.to_vec();
        let kept = text.strip_prefix('\u{FEFF}').unwrap_or(&text).to_owned();
        sources[self.into] = Arc::new(SourceFile { name: name.clone(), text: kept });
        let compiled = compile(&sources, self.tokenizer);
        let broken = self.broken(&compiled);
        let Some(rulebook) = compiled.rulebook.as_ref().filter(|_| broken.is_empty()) else {
            let errors = compiled.diagnostics.iter().filter(|found| found.is_error());
            errors.chain(&broken).for_each(|found| output.diagnostic(found));
            output.error(
                &format!("加えるとルールか例が壊れるので、`{name}` は書きかえませんでした"),
                Some("上の例を見て、ほかの候補を選ぶか、条件を手で狭めて書いてください"),
            );
            return Ok(Status::Findings);
        };
        setup::publish(Path::new(name), text.as_bytes())?;
        let mut out = std::io::stdout().lock();
        for change in changes {
            match change {
                Change::Any { category, condition } => {
                    writeln!(out, "`{name}` の「{category}」の any に {condition} を加えました")?;
                }
                Change::Variant { word, form } => {
                    writeln!(out, "`{name}` の表記ゆれ「{word}」に {form} を加えました")?;
                }
            }
        }
        let [before, after] = [self.rulebook, rulebook].map(|rulebook| study.tag(rulebook, self.tokenizer));
        let (gains, losses) = effects(&before, &after, study.gold.as_deref());
        for (name, effects) in [("増えた", &gains), ("減った", &losses)] {
            let verdict = judged(effects)
                .filter(|_| study.gold.is_some() && !effects.is_empty())
                .map_or(String::new(), |(right, wrong)| format!("（正 {right}、誤 {wrong}）"));
            writeln!(out, "{name}タグ {} 個{verdict}", effects.len())?;
        }
        let count = example::run(rulebook, &compiled.files, self.tokenizer).passed;
        writeln!(out, "ルールの例 {count} 件が合格")?;
        Ok(Status::Done)
    }

    /// Examples that fail with the change and didn't without.
    fn broken(&self, compiled: &Compiled) -> Vec<Diagnostic> {
        let Some(rulebook) = &compiled.rulebook else { return Vec::new() };
        let failing = |rulebook: &Rulebook, compiled: &Compiled| {
            let mut found = example::run(rulebook, &compiled.files, self.tokenizer).diagnostics;
            found.retain(Diagnostic::is_error);
            found
        };
        let text = |found: &Diagnostic| found.file.text[found.range.clone()].to_owned();
        let before = compile(self.sources, self.tokenizer);
        let known: Vec<_> =
            failing(self.rulebook, &before).iter().map(|found| (found.title.clone(), text(found))).collect();
        let mut failing = failing(rulebook, compiled);
        failing.retain(|found| !known.contains(&(found.title.clone(), text(found))));
        failing
    }

    fn refused(&self, refusal: Refusal, change: &Change) -> Failure {
        let name = &self.sources[self.into].name;
        let (problem, mend) = match refusal {
            Refusal::NotToml => {
                (format!("`{name}` は TOML として読めません"), "`jirei check` で直してください".to_owned())
            }
            Refusal::Inline => (
                format!("`{name}` は `category = [ … ]` の形で書かれているので、書き加えられません"),
                "[[category]] や [[variant]] の形に書き直してください".to_owned(),
            ),
            Refusal::NoCategory(category) => {
                let home = self.sources.iter().find(|source| apply(&source.text, change).is_ok());
                let mend = home.map_or_else(
                    || "カテゴリのあるファイルを `--into` に指定してください".to_owned(),
                    |home| format!("`--into {}` と指定してください", home.name),
                );
                (format!("`{name}` にカテゴリ「{category}」はありません"), mend)
            }
        };
        Failure::Usage(problem, mend)
    }
}
