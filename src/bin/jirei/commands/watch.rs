//! `jirei watch`: on every save of the rules or the user dictionary, what `check` says and what `diff` says against the rules before.
//!
//! The answers are read once, and analysed once for every state of the user dictionary. Files are looked at ten times a second rather than subscribed to: that works
//! on every disk and with every way in which editors save.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use jirei::classify::Tagging;
use jirei::compare::{self, Gold, Side, compare};
use jirei::corpus::AnalysedCorpus;
use jirei::diagnostic::{Diagnostic, Severity};
use jirei::rule::check::{Looked, check};
use jirei::rule::{Rulebook, source};
use jirei::tokenize::Tokenizer;

use crate::args::{DictionaryArgs, InputArgs};
use crate::changes::{self, Layout};
use crate::exit::{Failure, Outcome};
use crate::inputs::Inputs;
use crate::output::Output;
use crate::screen::Screen;
use crate::setup;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei watch 回答.csv --rules rules/\n  jirei watch 正解.csv --rules rules/ --labels labels\n終わるには Ctrl+C を押します"
)]
pub struct WatchArgs {
    #[command(flatten)]
    pub input: InputArgs,

    /// 人が付けたカテゴリの列。あれば、変化が正しいかどうかも示す
    #[arg(long, value_name = "列", help_heading = "入力")]
    pub labels: Option<String>,

    /// 見張るルールのファイルかフォルダー
    #[arg(long, value_name = "場所", required = true, help_heading = "ルールと辞書")]
    pub rules: PathBuf,

    #[command(flatten)]
    pub dictionary: DictionaryArgs,

    /// カテゴリごとに見せる増・減それぞれの件数。0 は全部
    #[arg(long, value_name = "件数", default_value_t = 3, help_heading = "出力")]
    pub limit: usize,
}

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_millis(100);

pub fn run(args: &WatchArgs, output: &Output) -> Outcome {
    let mut inputs = Inputs::open_with(&args.input, args.labels.as_deref())?;
    for finding in inputs.findings() {
        output.say(finding);
    }
    let corpus = inputs.corpus()?;
    inputs.report(output);
    let names: Vec<String> = inputs.paths().iter().map(|path| path.display().to_string()).collect();
    let title = format!("{} ← {} {} 件", args.rules.display(), names.join("、"), corpus.comments.len());
    let tokenizer = Rc::new(setup::tokenizer(&args.dictionary)?);
    let corpus = corpus.analyse(&tokenizer);
    let screen = Screen::stdout();
    let mut bench = Bench { args, output, tokenizer, corpus: Some(corpus), first: None, last: None };
    let words = || fingerprints(args.dictionary.user_dictionaries.iter().cloned());
    let (mut seen, mut seen_words) = (Vec::new(), words());
    let mut problem = None;
    loop {
        let files = (fingerprints(rule_files(&args.rules)), words());
        if files.0 != seen || files.1 != seen_words {
            // Editors write in several steps: wait until nothing moves.
            sleep(INTERVAL / 2);
            if (fingerprints(rule_files(&args.rules)), words()) == files {
                seen = files.0;
                if files.1 != seen_words {
                    seen_words = files.1;
                    problem = bench.renew_words().err();
                }
                if let Some(problem) = &problem {
                    screen.show(&format!("{title}\n\n{}\n", shown(problem)))?;
                    continue;
                }
                let said = bench.turn(output.is_stdout_colored())?;
                screen.show(&format!("{title}\n{said}"))?;
            }
            continue;
        }
        sleep(INTERVAL);
    }
}

/// The rule file or folder, and the rule files in it.
fn rule_files(rules: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(rules).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_rule = |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    let mut paths: Vec<PathBuf> = entries.filter(is_rule).collect();
    paths.sort();
    paths.push(rules.to_owned());
    paths
}

/// What tells that a file was saved: its name, time and length.
type Fingerprint = (PathBuf, Option<SystemTime>, u64);

fn fingerprints(paths: impl IntoIterator<Item = PathBuf>) -> Vec<Fingerprint> {
    let fingerprint = |path: PathBuf| {
        let found = std::fs::metadata(&path).ok();
        let time = found.as_ref().and_then(|found| found.modified().ok());
        // The folder itself changes whenever an editor puts a file of its own there.
        let is_file = found.as_ref().is_some_and(std::fs::Metadata::is_file);
        (path, time.filter(|_| is_file), found.filter(|_| is_file).map_or(0, |found| found.len()))
    };
    paths.into_iter().map(fingerprint).collect()
}

/// An error as it is shown elsewhere on stderr.
fn shown(failure: &Failure) -> String {
    let (problem, mend) = failure.message();
    let mend = mend.map_or(String::new(), |mend| format!("\n  直し方: {mend}"));
    format!("エラー: {problem}{mend}")
}

/// Rules that could be used, and what they said.
struct State {
    tokenizer: Rc<Tokenizer>,
    rulebook: Rulebook,
    taggings: Vec<Tagging>,
}

impl State {
    fn side(&self) -> Side<'_> {
        Side { rulebook: &self.rulebook, tokenizer: &self.tokenizer, taggings: &self.taggings }
    }
}

struct Bench<'b> {
    args: &'b WatchArgs,
    output: &'b Output,
    tokenizer: Rc<Tokenizer>,
    /// `None` only while it is analysed anew.
    corpus: Option<AnalysedCorpus>,
    /// The first good state, and the last.
    first: Option<Rc<State>>,
    last: Option<Rc<State>>,
}

const ANALYSED: &str = "it is put back once analysed";

impl Bench<'_> {
    /// Reads the user dictionaries again, and cuts the answers with them.
    fn renew_words(&mut self) -> Result<(), Failure> {
        self.tokenizer = Rc::new(setup::tokenizer(&self.args.dictionary)?);
        let corpus = self.corpus.take().expect(ANALYSED).into_corpus();
        self.corpus = Some(corpus.analyse(&self.tokenizer));
        Ok(())
    }

    /// Checks the rules as they are now and compares them with the last good ones; what there is to show.
    fn turn(&mut self, is_colored: bool) -> Result<String, Failure> {
        let started = Instant::now();
        let sources = match source::load(&self.args.rules) {
            Ok(sources) => sources,
            Err(error) => return Ok(format!("\n{}\n", shown(&error.into()))),
        };
        let mut checked = check(&sources, &self.tokenizer);
        checked.settle(Looked { at_examples: checked.rulebook.is_some(), ..Looked::default() });
        let found = &checked.diagnostics;
        let mut below = self.findings(found);
        match checked.rulebook {
            Some(rulebook) => {
                let taggings = self.corpus.as_mut().expect(ANALYSED).tag(&rulebook);
                let now = Rc::new(State { tokenizer: Rc::clone(&self.tokenizer), rulebook, taggings });
                below += &self.differences(&now, is_colored)?;
                self.first.get_or_insert_with(|| Rc::clone(&now));
                self.last = Some(now);
            }
            None if self.last.is_some() => below += "エラーが直ったら、その前のルールと比べます\n",
            None => {}
        }
        let count = |severity| found.iter().filter(|found| found.kind.severity() == severity).count();
        Ok(format!(
            "エラー {} 件、警告 {} 件。例 {} 件が合格、未対応 {} 件　{:.2} 秒\n\n{below}",
            count(Severity::Error),
            count(Severity::Warning),
            checked.passed,
            checked.open,
            started.elapsed().as_secs_f64()
        ))
    }

    /// The first error in full, of the others the titles: what changed shall stay in sight.
    fn findings(&self, diagnostics: &[Diagnostic]) -> String {
        /// Findings shown by title.
        const TITLES: usize = 5;
        let (mut errors, others): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            diagnostics.iter().partition(|found| found.is_error());
        let mut said = String::new();
        if !errors.is_empty() {
            said += &format!("{}\n\n", self.output.render(errors.remove(0)));
        }
        let rest: Vec<&Diagnostic> = errors.into_iter().chain(others).collect();
        for found in rest.iter().take(TITLES) {
            let (line, column) = found.line_column();
            let (severity, id) = (found.kind.severity().as_str(), found.kind.id());
            said += &format!("{severity}[{id}] {}:{line}:{column}: {}\n", found.file.name, found.title);
        }
        if rest.len() > TITLES {
            said += &format!("ほかに {} 件\n", rest.len() - TITLES);
        }
        if !rest.is_empty() {
            said.push('\n');
        }
        said
    }

    fn differences(&self, now: &State, is_colored: bool) -> Result<String, Failure> {
        let (Some(first), Some(last)) = (&self.first, &self.last) else {
            return Ok("ここから見張ります。ルールを保存すると、変わった記述が出ます\n".to_owned());
        };
        let corpus = self.corpus.as_ref().expect(ANALYSED);
        let gold = self
            .args
            .labels
            .as_ref()
            .map(|labels| Gold::read(corpus.corpus(), labels, &last.rulebook, &now.rulebook));
        let gold = match gold.transpose() {
            Ok(gold) => gold,
            // A category may have another name for the moment.
            Err(error) => return Ok(format!("{}\n", shown(&error.into()))),
        };
        let found = compare(corpus.comments(), last.side(), now.side(), gold.as_ref());
        let mut said = Vec::new();
        let since = compare::changed_comments(first.side(), now.side());
        writeln!(said, "見張り始めてから: {since} 件の記述でカテゴリが変わっています")?;
        writeln!(said, "前の保存から: ")?;
        changes::write(&mut said, &found, &Layout { limit: self.args.limit, is_colored })?;
        Ok(String::from_utf8(said).expect("it is written as text"))
    }
}
