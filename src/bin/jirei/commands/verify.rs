//! `jirei verify`: compares a run's record with its files, and with the rules, dictionaries and program of today; on demand
//! with the run done again.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jirei::error::Error;
use jirei::manifest::{self, Finding, Manifest};
use jirei::rule;

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

/// Something compared: what is said of it, and what it means.
struct Compared {
    line: String,
    verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Same,
    /// There was nothing to compare.
    LeftOut,
    /// The record is contradicted.
    Different,
}

pub fn run(args: &VerifyArgs, output: &Output) -> Outcome {
    // Whoever points at the record means the folder.
    let is_record = args.folder.file_name().is_some_and(|name| name == manifest::FILE_NAME);
    let folder = match args.folder.parent() {
        Some(parent) if is_record && args.folder.is_file() => parent,
        _ => &args.folder,
    };
    let manifest = Manifest::read(folder)?;
    let mut compared: Vec<Compared> = manifest::verify(folder)?.iter().map(of_file).collect();
    let tag = command(&manifest);
    if let Some(tag) = &tag {
        compared.extend(makers(&manifest, tag)?);
    }
    show(&compared)?;
    if args.rerun {
        let again = rerun(&manifest, tag, folder)?;
        show(&again)?;
        compared.extend(again);
    }
    let count = |verdict| compared.iter().filter(|compared| compared.verdict == verdict).count();
    let (same, left_out, different) =
        (count(Verdict::Same), count(Verdict::LeftOut), count(Verdict::Different));
    let left_out = if left_out > 0 {
        format!("（ほかに {left_out} 件は照合していません）")
    } else {
        String::new()
    };
    if different == 0 {
        output.say(&format!("照合した {same} 件は、すべて記録どおりです{left_out}"));
        Ok(Status::Done)
    } else {
        output
            .say(&format!("照合した {} 件のうち {different} 件が記録と違います{left_out}", same + different));
        Ok(Status::Findings)
    }
}

fn show(compared: &[Compared]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    compared.iter().try_for_each(|compared| writeln!(out, "{}", compared.line))?;
    Ok(())
}

fn of_file(finding: &Finding) -> Compared {
    let verdict = match () {
        () if finding.is_failure() => Verdict::Different,
        () if finding.is_left_out() => Verdict::LeftOut,
        () => Verdict::Same,
    };
    Compared { line: finding.to_string(), verdict }
}

/// The run as recorded.
fn command(manifest: &Manifest) -> Option<TagArgs> {
    let words = std::iter::once("jirei".to_owned()).chain(manifest.command.iter().cloned());
    match args::recorded(words)? {
        Command::Tag(mut tag) => {
            tag.input.table.is_recorded = true;
            Some(tag)
        }
        _ => None,
    }
}

/// What made the results: the program, the dictionaries, the rules, as they are today.
fn makers(manifest: &Manifest, tag: &TagArgs) -> Result<Vec<Compared>, Failure> {
    let mut compared = Vec::new();
    let mut compare = |what: &str, recorded: &str, found: &str| {
        compared.push(if recorded == found {
            Compared { line: format!("{what}: 記録と一致"), verdict: Verdict::Same }
        } else {
            let line = format!("{what}: 記録と違います（記録 {recorded}、現在 {found}）");
            Compared { line, verdict: Verdict::Different }
        });
    };
    let program = |program: &manifest::Program, lindera: &str| {
        format!("{} {}、lindera {lindera}", program.name, program.version)
    };
    compare(
        "プログラム",
        &program(&manifest.program, &manifest.lindera.version),
        &program(&manifest::Program::current(), jirei::tokenize::LINDERA_VERSION),
    );
    let rules = setup::sources(&tag.rules)
        .map(|sources| rule::sha256(sources.iter().map(|source| &**source)))
        .map(|found| compare(&format!("ルール `{}`", manifest.rules.source), &manifest.rules.sha256, &found));
    let dictionaries = setup::tokenizer(&tag.rules.dictionary)
        .and_then(|tokenizer| record::dictionaries(&tokenizer))
        .map(|(dictionary, words)| {
            let shown = |words: &manifest::UserDictionary| format!("{} 語 {}", words.entries, words.sha256);
            compare("辞書", &manifest.dictionary.sha256, &dictionary.sha256);
            let recorded = manifest.user_dictionary.as_ref().map(shown).unwrap_or_default();
            compare("追加した語", &recorded, &shown(&words));
        });
    for (what, result) in [("ルール", rules), ("辞書", dictionaries)] {
        if let Err(failure) = result {
            compared.push(unusable(what, &failure));
        }
    }
    Ok(compared)
}

/// What can't be compared: what was moved away contradicts nothing, what is there and can't be used does.
fn unusable(what: &str, failure: &Failure) -> Compared {
    match failure {
        Failure::Library(Error::Read { path, source }) if source.kind() == io::ErrorKind::NotFound => {
            let line = format!("{what} `{}`: 記録された場所にないため照合せず", path.display());
            Compared { line, verdict: Verdict::LeftOut }
        }
        _ => {
            let line = format!("{what}: 照合できません（{}）", failure.message().0);
            Compared { line, verdict: Verdict::Different }
        }
    }
}

/// The run, done again in a folder of its own, compared byte by byte.
fn rerun(manifest: &Manifest, tag: Option<TagArgs>, folder: &Path) -> Result<Vec<Compared>, Failure> {
    let impossible = |why: &str| Err(Failure::Usage("この実行はやり直せません".to_owned(), why.to_owned()));
    let Some(mut tag) = tag else {
        return impossible(
            "実行の仕方が記録されていません。今の jirei で `jirei tag` からやり直してください",
        );
    };
    if manifest.inputs.iter().any(|input| input.path == "-") {
        return impossible("入力が標準入力だったからです。`--rerun` を外せば、ファイルの照合だけをします");
    }
    let again = tempfile::tempdir()?;
    let made = again.path().join("again");
    // A record may come from anybody: it says what to read, not where to write.
    (tag.output, tag.cache, tag.format) = (Some(made.clone()), None, None);
    commands::tag::run(&tag, &Output::new(Color::Never, true, false))?;
    let remade = Manifest::read(&made)?;
    let mut compared = Vec::new();
    for recorded in &manifest.outputs {
        let found = remade.outputs.iter().find(|output| output.path == recorded.path);
        let (verdict, what) = match found {
            Some(found) if found == recorded => (Verdict::Same, "同じ結果".to_owned()),
            Some(_) => {
                let place = first_difference(&folder.join(&recorded.path), &made.join(&recorded.path));
                let place = place.map(|line| format!("（{line} 行目から）")).unwrap_or_default();
                (Verdict::Different, format!("違う結果になりました{place}"))
            }
            None => (Verdict::Different, "今度はできませんでした".to_owned()),
        };
        compared.push(Compared { line: format!("再実行 `{}`: {what}", recorded.path), verdict });
    }
    let more = remade.outputs.iter().filter(|output| manifest.outputs.iter().all(|o| o.path != output.path));
    compared.extend(more.map(|output| Compared {
        line: format!("再実行 `{}`: 記録にない結果ができました", output.path),
        verdict: Verdict::Different,
    }));
    let (verdict, what) = match manifest.accounting == remade.accounting {
        true => (Verdict::Same, "同じ"),
        false => (Verdict::Different, "違う件数になりました"),
    };
    compared.push(Compared { line: format!("再実行 件数の記録: {what}"), verdict });
    Ok(compared)
}

/// The first line in which two texts differ, from 1.
fn first_difference(one: &Path, other: &Path) -> Option<usize> {
    let [one, other] = [one, other].map(|path| fs::read(path).ok().filter(|bytes| !bytes.contains(&0)));
    let (one, other) = (one?, other?);
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    (same < one.len() || same < other.len()).then(|| one[..same].iter().filter(|&&b| b == b'\n').count() + 1)
}
