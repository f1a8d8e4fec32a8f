//! The tables that a command reads, and the run of the pipeline over all of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jirei::classify::Tagging;
use jirei::comment::{Comment, Schema};
use jirei::corpus::Corpus;
use jirei::manifest::FileDigest;
use jirei::matcher::Worker;
use jirei::pipeline;
use jirei::quote::{self, Candidate};
use jirei::read::{self, Columns, FILE_COLUMN, Options, Reader, Rejected, Repairs};
use jirei::roles::Roles;
use jirei::rule::Rulebook;
use jirei::survey::{self, Survey};
use jirei::tally::{Accounting, Tally};
use jirei::tokenize::Tokenizer;

use crate::args::{InputArgs, TableArgs};
use crate::exit::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::progress::Progress;

/// The inputs, opened: a mistake in any of them is known before anything is written.
pub struct Inputs {
    args: InputArgs,
    readers: Vec<Reader>,
    paths: Vec<PathBuf>,
    survey: Option<PathBuf>,
    wave: Option<String>,
    findings: Vec<String>,
    /// Bytes of all inputs, where known.
    bytes: Option<u64>,
}

impl Inputs {
    pub fn open(args: &InputArgs) -> Result<Self, Failure> {
        Self::open_with(args, None)
    }

    /// As [`Inputs::open`], where people gave categories in the column `labels`: it stays, also in a table of ours.
    pub fn open_with(args: &InputArgs, labels: Option<&str>) -> Result<Self, Failure> {
        let (args, survey, survey_path) = with_survey(args)?;
        let paths = files(&args.inputs)?;
        let names = if paths.len() > 1 { names(&paths) } else { Vec::new() };
        let TableArgs { id, texts, question, .. } = &args.table;
        let columns = Columns { id: id.clone(), texts: texts.clone(), question: question.clone() };
        let options = |nth: usize| Options {
            columns: columns.clone(),
            encoding: args.table.encoding,
            delimiter: args.table.delimiter.map(Into::into),
            sheet: args.table.sheet.clone(),
            header_row: args.table.header_row,
            file: names.get(nth).cloned(),
            attributes: survey.attributes.as_ref().map(|asked| {
                let file = names.first().map(|_| FILE_COLUMN.to_owned());
                asked.iter().cloned().chain(file).collect()
            }),
            closed: survey.closed.clone(),
            nothing: survey.nothing.clone(),
            skip_bad_rows: args.table.skip_bad_rows,
            undo_own: labels.is_none(),
            keep_own: labels.is_some(),
            unique_ids: !args.table.allow_duplicate_ids,
        };
        let open = |(nth, path): (usize, &PathBuf)| Reader::open(path, options(nth));
        let mut readers =
            paths.iter().enumerate().map(open).collect::<jirei::error::Result<Vec<Reader>>>()?;
        let (first, rest) = readers.split_first().expect("clap requires an input, and a folder has a file");
        for (reader, path) in rest.iter().zip(&paths[1..]) {
            if **reader.schema() != **first.schema() {
                return Err(Failure::Usage(
                    format!("`{}` の列が `{}` と違います", path.display(), paths[0].display()),
                    "列の名前と順序をそろえるか、別々に実行してください".to_owned(),
                ));
            }
        }
        let size = |path: &PathBuf| {
            std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|file| file.len())
        };
        let bytes = paths.iter().map(size).sum();
        let mut findings: Vec<String> =
            survey_path.iter().map(|path| format!("調査の設定: `{}`", path.display())).collect();
        findings.extend(args.inputs.iter().filter_map(|input| unread(input)));
        findings.extend_from_slice(first.findings());
        for (reader, path) in rest.iter().zip(&paths[1..]) {
            let others = reader.findings().iter().filter(|finding| !first.findings().contains(finding));
            findings.extend(others.map(|finding| format!("`{}` の{finding}", path.display())));
        }
        let schema = first.schema();
        if let Some(wave) = survey.wave.as_ref().filter(|wave| schema.attribute(wave).is_none()) {
            return Err(Failure::Usage(
                format!("調査の設定の wave の列「{wave}」が、属性の列にありません"),
                "列の名前を直すか、survey.toml の attributes に加えてください".to_owned(),
            ));
        }
        read::join(&mut readers)?;
        Ok(Inputs { args, readers, paths, survey: survey_path, wave: survey.wave, findings, bytes })
    }

    /// The options in force: those of the command line, else those of the survey.
    pub fn args(&self) -> &InputArgs {
        &self.args
    }

    /// The survey.toml in force.
    pub fn survey(&self) -> Option<&Path> {
        self.survey.as_deref()
    }

    /// The readers with their files, for commands that hold all answers in memory.
    pub fn into_readers(self) -> impl Iterator<Item = (Reader, PathBuf)> {
        self.readers.into_iter().zip(self.paths)
    }

    /// The files read, those of folders included.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(self.readers[0].schema())
    }

    /// What the attributes are about: as survey.toml says, else as their headers do.
    pub fn roles(&self) -> Roles {
        Roles::of(self.readers[0].schema()).with_wave(self.wave.as_deref())
    }

    /// How the inputs were understood, for the user to check: the first, and the others where they differ.
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// The rows left out, each with the file it stands in.
    pub fn rejected(&self) -> impl Iterator<Item = (&Path, &Rejected)> {
        let of_reader =
            |(reader, path)| Reader::rejected(reader).iter().map(move |row| (PathBuf::as_path(path), row));
        self.readers.iter().zip(&self.paths).flat_map(of_reader)
    }

    /// `tally`'s accounting with the rows that never became comments, and those that were mended.
    pub fn accounting(&self, tally: &Tally) -> Accounting {
        let replaced = self.readers.iter().map(|reader| reader.repairs().rows).sum();
        Accounting { rejected: self.rejected().count() as u64, replaced, ..tally.accounting() }
    }

    /// Says which rows were left out or mended; nothing if none.
    pub fn report(&self, output: &Output) {
        for (reader, path) in self.readers.iter().zip(&self.paths) {
            if let Some(line) = reader.totals().first() {
                let more = match reader.totals().len() {
                    1 => String::new(),
                    count => format!(" ほか計 {count} 行"),
                };
                output.warn(&format!(
                    "`{}` の {line} 行目{more}は、合計の行のようです。回答として数えました。回答でないなら、元の表から除いてください",
                    path.display()
                ));
            }
            let repairs = reader.repairs();
            if repairs.rows > 0 {
                let places = repairs.first.iter().map(|(line, chars)| match line {
                    Some(line) => format!("{line} 行目（{chars} 字）"),
                    None => format!("行番号不明（{chars} 字）"),
                });
                let places = places.collect::<Vec<_>>().join("、");
                let more = if repairs.first.len() < usize::try_from(repairs.rows).unwrap_or(usize::MAX) {
                    " ほか"
                } else {
                    ""
                };
                output.warn(&format!(
                    "`{}` の {} 行で、読めない文字 {} 字を「�」などに置き換えました: {places}{more}",
                    path.display(),
                    repairs.rows,
                    repairs.chars
                ));
            }
        }
        for (reader, path) in self.readers.iter().zip(&self.paths) {
            let Repairs { private_rows, first_private, .. } = reader.repairs();
            if *private_rows > 0 {
                let first = first_private.map(|line| format!("（最初は {line} 行目）")).unwrap_or_default();
                output.warn(&format!(
                    "`{}` の {private_rows} 行に外字があります{first}。そのまま残しましたが、ほかの環境では表示されません",
                    path.display()
                ));
            }
        }
        /// Rows named one by one.
        const NAMED: usize = 5;
        let count = self.rejected().count();
        for (path, row) in self.rejected().take(NAMED) {
            let line = row.line.map(|line| format!(" の {line} 行目")).unwrap_or_default();
            output.say(&format!("除いた行: `{}`{line}: {}", path.display(), row.reason));
        }
        if count > NAMED {
            output.say(&format!("除いた行: ほか {} 行", count - NAMED));
        }
    }

    /// Leaves off the digests, where no manifest records what was read.
    pub fn skip_digests(&mut self) {
        self.readers.iter_mut().for_each(Reader::skip_digest);
    }

    /// What the manifest records of them; complete once everything has been read.
    pub fn digests(&self) -> jirei::error::Result<Vec<FileDigest>> {
        let digest = |(reader, path): (&Reader, &PathBuf)| FileDigest {
            path: path.display().to_string(),
            bytes: reader.bytes_read(),
            sha256: reader.sha256().unwrap_or_default(),
        };
        let survey = self.survey.iter().map(|path| FileDigest::of_file(path));
        self.readers.iter().zip(&self.paths).map(digest).map(Ok).chain(survey).collect()
    }

    /// All comments, held in memory.
    pub fn corpus(&mut self) -> jirei::error::Result<Corpus> {
        self.skip_digests();
        let name = |path: &PathBuf| path.display().to_string();
        Corpus::read(self.paths.iter().map(name).zip(&mut self.readers))
    }

    /// Tags every comment and hands it on, in input order.
    pub fn each_tagged(
        &mut self,
        means: Means<'_>,
        mut take: impl FnMut(Comment, Tagging) -> jirei::error::Result<()>,
    ) -> Result<(), Failure> {
        self.over_all(
            means,
            |worker, _, comments| {
                comments.into_iter().map(|comment| (worker.tag(&comment), comment)).collect::<Vec<_>>()
            },
            |batch| batch.into_iter().try_for_each(|(tagging, comment)| take(comment, tagging)),
        )
    }

    /// Tags the comments that `wants` keeps and hands them on, in input order, with what could be quoted of them.
    pub fn each_quotable(
        &mut self,
        means: Means<'_>,
        wants: impl Fn(&Comment) -> bool + Sync,
        mut take: impl FnMut(Comment, Tagging, Vec<Candidate>) -> jirei::error::Result<()>,
    ) -> Result<(), Failure> {
        self.over_all(
            means,
            |worker, _, comments| {
                let mut batch = Vec::with_capacity(comments.len());
                for comment in comments.into_iter().filter(&wants) {
                    let tagging = worker.tag(&comment);
                    let mut candidates = Vec::new();
                    quote::candidates_of(&comment, &tagging, worker.analyser(), &mut candidates);
                    batch.push((comment, tagging, candidates));
                }
                batch
            },
            |batch| {
                let mut batch = batch.into_iter();
                batch.try_for_each(|(comment, tagging, candidates)| take(comment, tagging, candidates))
            },
        )
    }

    /// Runs the pipeline over every input in turn. `process` is told how many comments of all inputs came before.
    pub fn over_all<T: Send>(
        &mut self,
        Means { rulebook, tokenizer, threads, output }: Means<'_>,
        process: impl Fn(&mut Worker<'_>, u64, Vec<Comment>) -> T + Sync,
        mut deliver: impl FnMut(T) -> jirei::error::Result<()>,
    ) -> Result<(), Failure> {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads,
        };
        interrupt::listen();
        let mut shown = Progress::new(self.bytes, output.is_quiet());
        let (mut bytes_before, mut rows_before, mut comments_before) = (0, 0, 0);
        for reader in &mut self.readers {
            let (mut rows, mut made_of) = (0, 0);
            let process = |worker: &mut Worker<'_>, first: u64, comments: Vec<Comment>| {
                process(worker, comments_before + first, comments)
            };
            let ran = pipeline::run(reader, rulebook, tokenizer, threads, process, |made, progress| {
                (rows, made_of) = (progress.rows, progress.comments);
                shown.reach(bytes_before + progress.bytes, rows_before + rows);
                if interrupt::is_asked() {
                    return Err(jirei::error::Error::Output { source: io::ErrorKind::Interrupted.into() });
                }
                deliver(made)
            });
            interrupt::check()?;
            ran?;
            bytes_before += reader.bytes_read();
            rows_before += rows;
            comments_before += made_of;
        }
        shown.finish();
        Ok(())
    }
}

/// What it takes to tag.
#[derive(Clone, Copy)]
pub struct Means<'m> {
    pub rulebook: &'m Rulebook,
    pub tokenizer: &'m Tokenizer,
    /// 0: as many as there are.
    pub threads: usize,
    pub output: &'m Output,
}

/// `args` with what the survey says where the command line doesn't, the survey, and its file if there is one.
fn with_survey(args: &InputArgs) -> Result<(InputArgs, Survey, Option<PathBuf>), Failure> {
    let mut args = args.clone();
    let beside = || {
        let path = PathBuf::from(survey::FILE_NAME);
        (path.is_file() && !args.table.is_recorded).then_some(path)
    };
    let path = args.table.survey.clone().or_else(beside);
    let survey = path.as_deref().map(Survey::read).transpose()?.unwrap_or_default();
    if args.inputs.is_empty() {
        args.inputs.clone_from(&survey.input);
    }
    if args.inputs.is_empty() {
        return Err(Failure::Usage(
            "「<入力>...」の指定がありません".to_owned(),
            "回答の表を指定してください。`jirei init 回答.csv` で survey.toml を作れば、次からは省けます"
                .to_owned(),
        ));
    }
    // The names were checked when the file was read.
    args.table.encoding = args.table.encoding.or(survey.encoding().unwrap_or_default());
    args.table.delimiter = args.table.delimiter.or(survey.delimiter().unwrap_or_default().map(Into::into));
    args.table.sheet = args.table.sheet.or_else(|| survey.sheet.clone());
    args.table.header_row = args.table.header_row.or(survey.header_row.map(std::num::NonZero::get));
    args.table.id = args.table.id.or_else(|| survey.id.clone());
    args.table.question = args.table.question.or_else(|| survey.question.clone());
    if args.table.texts.is_empty() {
        args.table.texts.clone_from(&survey.text);
    }
    args.table.allow_duplicate_ids |= survey.allow_duplicate_ids;
    Ok((args, survey, path))
}

/// Endings of the files that are read out of a folder, before `.gz` or `.zst`.
const ENDINGS: [&str; 11] =
    ["csv", "tsv", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods", "jsonl", "ndjson", "json"];

/// What stands in a folder and is not read, for the user to check: other files, and folders within.
fn unread(folder: &Path) -> Option<String> {
    /// Names that are told.
    const NAMED: usize = 5;
    let entries = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let name = |path: PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let others = entries.filter(|path| !is_table(path)).filter_map(name);
    let mut others: Vec<String> = others.filter(|name| !name.starts_with(['.', '~'])).collect();
    others.sort();
    let named: String = others.iter().take(NAMED).map(|name| format!("「{name}」")).collect();
    let more = others.len().checked_sub(NAMED + 1).map(|more| format!("ほか {} つ", more + 1));
    let more = more.unwrap_or_default();
    (!others.is_empty()).then(|| format!("フォルダー `{}` で読まないもの: {named}{more}", folder.display()))
}

/// `inputs` with the files of the folders among them, by name.
pub fn files(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            files.push(input.clone());
            continue;
        }
        let entries = std::fs::read_dir(input)
            .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
            .map_err(|error| jirei::error::Error::read(input, error))?;
        let mut found: Vec<PathBuf> =
            entries.iter().map(std::fs::DirEntry::path).filter(|path| is_table(path)).collect();
        if found.is_empty() {
            return Err(Failure::Usage(
                format!("フォルダー `{}` に読める表がありません", input.display()),
                format!("名前が次のどれかで終わるファイルを読みます: {}", ENDINGS.join(" ")),
            ));
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

fn is_table(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    // Hidden files, and what Excel leaves beside a book that is open.
    if name.starts_with(['.', '~']) || !path.is_file() {
        return false;
    }
    let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// What to call the files in a column: their names if these tell them apart, else their paths.
fn names(paths: &[PathBuf]) -> Vec<String> {
    let short = paths.iter().map(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    let short: Option<Vec<String>> = short.collect();
    let is_distinct =
        |names: &Vec<String>| names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len();
    short.filter(is_distinct).unwrap_or_else(|| paths.iter().map(|path| path.display().to_string()).collect())
}
