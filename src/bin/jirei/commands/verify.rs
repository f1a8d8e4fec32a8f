//! `jirei verify`: compares a run's record with its files, and with the rules, dictionaries and program of today; on demand
//! with the run done again.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jirei::error::Error;
use jirei::manifest::{self, FileDigest, Manifest};

use crate::args::Command;
use crate::commands::tag::TagArgs;
use crate::exit::{Failure, Outcome, Status};
use crate::output::{Color, Output};
use crate::{args, commands, record, setup};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei verify 結果/\n  jirei verify 結果/ --rerun     同じ入力とルールでやり直し、結果をバイト単位で比べる"
)]
pub struct VerifyArgs {
    /// `jirei tag … -o` で作ったフォルダー
    #[arg(value_name = "フォルダー")]
    pub folder: PathBuf,

    /// 記録のとおりにもう一度実行して、結果を比べる。フォルダーの中身は変えない
    #[arg(long)]
    pub rerun: bool,
}

/// Something compared: what is said of it, and whether it contradicts the record.
struct Compared {
    line: String,
    is_failure: bool,
}

pub fn run(args: &VerifyArgs, output: &Output) -> Outcome {
    let manifest = Manifest::read(&args.folder)?;
    let mut compared: Vec<Compared> = manifest::verify(&args.folder)?
        .iter()
        .map(|finding| Compared { line: finding.to_string(), is_failure: finding.is_failure() })
        .collect();
    if let Some(tag) = command(&manifest) {
        compared.extend(makers(&manifest, &tag)?);
        if args.rerun {
            compared.extend(rerun(&manifest, tag, &args.folder)?);
        }
    } else if args.rerun {
        return Err(Failure::Usage(
            "この実行はやり直せません".to_owned(),
            "実行の仕方が記録されていません。今の jirei で `jirei tag` からやり直してください".to_owned(),
        ));
    }
    let mut out = io::stdout().lock();
    for compared in &compared {
        writeln!(out, "{}", compared.line)?;
    }
    let failures = compared.iter().filter(|compared| compared.is_failure).count();
    if failures == 0 {
        output.say("すべて記録どおりです");
        Ok(Status::Done)
    } else {
        output.say(&format!("{failures} 件が記録と違います"));
        Ok(Status::Findings)
    }
}

/// The run as recorded.
fn command(manifest: &Manifest) -> Option<TagArgs> {
    let words = std::iter::once("jirei".to_owned()).chain(manifest.command.iter().cloned());
    match args::recorded(words)? {
        Command::Tag(tag) => Some(tag),
        _ => None,
    }
}

/// What made the results: the program, the dictionaries, the rules, as they are today.
fn makers(manifest: &Manifest, tag: &TagArgs) -> Result<Vec<Compared>, Failure> {
    let mut compared = Vec::new();
    let mut compare = |what: &str, recorded: String, found: String| {
        let is_failure = recorded != found;
        let verdict = match is_failure {
            false => "記録と一致".to_owned(),
            true => format!("記録と違います（記録 {recorded}、現在 {found}）"),
        };
        compared.push(Compared { line: format!("{what}: {verdict}"), is_failure });
    };
    let program = |program: &manifest::Program, lindera: &str| {
        format!("{} {}、lindera {lindera}", program.name, program.version)
    };
    compare(
        "プログラム",
        program(&manifest.program, &manifest.lindera.version),
        program(&manifest::Program::current(), jirei::tokenize::LINDERA_VERSION),
    );
    let tokenizer = match setup::tokenizer(&tag.rules.dictionary) {
        Err(Failure::Library(Error::Read { path, .. })) => return Ok(with(compared, missing(&path))),
        tokenizer => tokenizer?,
    };
    let (dictionary, words) = record::dictionaries(&tokenizer)?;
    let shown = |words: &manifest::UserDictionary| format!("{} 語 {}", words.entries, words.sha256);
    compare("辞書", manifest.dictionary.sha256.clone(), dictionary.sha256);
    compare("追加した語", manifest.user_dictionary.as_ref().map(shown).unwrap_or_default(), shown(&words));
    let what = format!("ルール `{}`", manifest.rules.source);
    match setup::compile(&tag.rules, &tokenizer) {
        Err(Failure::Library(Error::Read { path, .. })) => compared = with(compared, missing(&path)),
        compiled => {
            let found = compiled?.rulebook.map(|rulebook| rulebook.sha256().to_owned());
            compare(
                &what,
                manifest.rules.sha256.clone(),
                found.unwrap_or_else(|| "エラーがあって使えません".to_owned()),
            );
        }
    }
    Ok(compared)
}

fn with(mut compared: Vec<Compared>, another: Compared) -> Vec<Compared> {
    compared.push(another);
    compared
}

/// What was moved away contradicts nothing.
fn missing(path: &Path) -> Compared {
    let line = format!("`{}`: 記録された場所にないため照合せず", path.display());
    Compared { line, is_failure: false }
}

/// The run, done again in a folder of its own, compared byte by byte.
fn rerun(manifest: &Manifest, mut tag: TagArgs, folder: &Path) -> Result<Vec<Compared>, Failure> {
    if manifest.inputs.iter().any(|input| input.path == "-") {
        return Err(Failure::Usage(
            "この実行はやり直せません".to_owned(),
            "入力が標準入力だったからです。`--rerun` を外せば、ファイルの照合だけをします".to_owned(),
        ));
    }
    let again = tempfile::tempdir()?;
    let made = again.path().join("again");
    tag.output = Some(made.clone());
    commands::tag::run(&tag, &Output::new(Color::Never, true, false))?;
    let mut compared = Vec::new();
    for recorded in &manifest.outputs {
        let found = FileDigest::of_file(&made.join(&recorded.path))?;
        let is_failure = (found.bytes, &found.sha256) != (recorded.bytes, &recorded.sha256);
        let verdict = match is_failure {
            false => "同じ結果".to_owned(),
            true => {
                let place = first_difference(&folder.join(&recorded.path), &made.join(&recorded.path));
                format!(
                    "違う結果になりました{}",
                    place.map(|line| format!("（{line} 行目から）")).unwrap_or_default()
                )
            }
        };
        compared.push(Compared { line: format!("再実行 `{}`: {verdict}", recorded.path), is_failure });
    }
    Ok(compared)
}

/// The first line in which two texts differ, from 1.
fn first_difference(one: &Path, other: &Path) -> Option<usize> {
    let [one, other] = [one, other].map(|path| fs::read(path).ok().filter(|bytes| !bytes.contains(&0)));
    let (one, other) = (one?, other?);
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    (same < one.len() || same < other.len()).then(|| one[..same].iter().filter(|&&b| b == b'\n').count() + 1)
}
