//! survey.toml: how the answers of one survey are read, written down once so that everybody reads them the same way.
//!
//! `jirei init` writes a first version as a guess with comments; people correct it. What is not in the file is recognised as
//! without it, and options on the command line come before it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::comment::Status;
use crate::error::{Error, Result};

use crate::read::{Delimiter, Encoding, Options, Reader, comments_of};
use crate::roles::Roles;

/// The name under which the file is found in the current folder.
pub const FILE_NAME: &str = "survey.toml";

/// How a survey is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Survey {
    /// The files and folders with the answers, seen from the folder of the file.
    pub input: Vec<PathBuf>,
    /// [`Options::encoding`], by name.
    pub encoding: Option<String>,
    /// [`Options::delimiter`], by name.
    pub delimiter: Option<String>,
    /// [`Options::sheet`].
    pub sheet: Option<String>,
    /// [`Options::header_row`].
    pub header_row: Option<std::num::NonZero<u64>>,
    /// [`crate::read::Columns::id`].
    pub id: Option<String>,
    /// [`crate::read::Columns::texts`].
    pub text: Vec<String>,
    /// [`crate::read::Columns::question`].
    pub question: Option<String>,
    /// [`Options::attributes`].
    pub attributes: Option<Vec<String>>,
    /// The column of survey waves. It is one of `attributes`, named there or not.
    pub wave: Option<String>,
    /// [`Options::closed`].
    pub closed: Vec<String>,
    /// [`Options::nothing`].
    pub nothing: Vec<String>,
    /// Whether ids may come again: not [`Options::unique_ids`].
    pub allow_duplicate_ids: bool,
}

impl Survey {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it can't be read, and when it isn't what this version understands; the message names the line.
    pub fn read(path: &Path) -> Result<Survey> {
        let text = fs::read_to_string(path).map_err(|source| Error::read(path, source))?;
        let refuse = |line, problem: String| {
            Error::Input {
            input: path.display().to_string(),
            line,
            problem,
            hint: "書ける項目: input encoding delimiter sheet header-row id text question attributes wave closed nothing allow-duplicate-ids。`jirei init 入力` でひな形を作れます".to_owned(),
        }
        };
        let mut survey: Survey = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() as u64 + 1);
            refuse(line, in_japanese(error.message()))
        })?;
        survey.encoding().map_err(|problem| refuse(None, problem))?;
        survey.delimiter().map_err(|problem| refuse(None, problem))?;
        if let (Some(wave), Some(attributes)) = (&survey.wave, &mut survey.attributes)
            && !attributes.contains(wave)
        {
            attributes.push(wave.clone());
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        for input in &mut survey.input {
            *input = folder.join(&*input);
        }
        Ok(survey)
    }

    /// The encoding named.
    pub fn encoding(&self) -> std::result::Result<Option<Encoding>, String> {
        self.encoding
            .as_deref()
            .map(|name| name.parse().map_err(|problem| format!("encoding の「{name}」は{problem}")))
            .transpose()
    }

    /// The delimiter named.
    pub fn delimiter(&self) -> std::result::Result<Option<Delimiter>, String> {
        let all = [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon];
        let find = |name: &str| {
            let found = all.into_iter().find(|delimiter| delimiter.name() == name);
            found
                .ok_or_else(|| format!("delimiter の「{name}」は comma、tab、semicolon のどれでもありません"))
        };
        self.delimiter.as_deref().map(find).transpose()
    }
}

fn in_japanese(message: &str) -> String {
    match message.split('`').nth(1) {
        Some(key) if message.starts_with("unknown field") => format!("項目「{key}」は知りません"),
        _ if message.starts_with("invalid type") => format!("値の種類が違います（{message}）"),
        _ => format!("TOML の書き方になっていません（{message}）"),
    }
}

/// Answers looked at for words that may mean 特になし.
const LOOKED_AT: usize = 20_000;

/// Characters up to which an answer that comes again may be one of those words.
const SHORT: usize = 12;

/// Times a short answer must come to be suggested.
const OFTEN: usize = 3;

/// A first version of the file for the table at `path`: what is recognised, as settings with comments. Asks nothing. `shown`
/// is the path as seen from the file's folder.
///
/// # Errors
/// Those of [`Reader::open`] and [`Reader::next_row`].
pub fn guess(path: &Path, shown: &Path, options: &Options) -> Result<String> {
    let mut reader = Reader::open(path, options)?;
    let schema = std::sync::Arc::clone(reader.schema());
    let findings = reader.findings().to_vec();
    let closed: Vec<String> = reader.closed().to_vec();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    let mut looked_at = 0;
    let (mut ids, mut twice) = (std::collections::BTreeSet::new(), None);
    while let Some(row) = reader.next_row()? {
        if let Some(id) = schema.id.map(|column| row.cells[column].to_owned()).filter(|id| !id.is_empty()) {
            let question = schema.question.map(|column| row.cells[column].to_owned());
            if !ids.insert((id.clone(), question)) && twice.is_none() {
                twice = Some((id, row.line()));
            }
        }
        for comment in comments_of(&schema, row) {
            let text = comment.text().trim();
            if comment.status() == Status::Answered && text.chars().count() <= SHORT {
                *counts.entry(text.to_owned()).or_default() += 1;
            }
            looked_at += 1;
        }
        if looked_at >= LOOKED_AT {
            break;
        }
    }
    let name = |column: usize| schema.headers[column].as_str();
    let names = |columns: &[usize]| columns.iter().map(|&column| name(column)).collect::<Vec<_>>();
    let mut out = String::new();
    let mut line = |text: &str| {
        let _ = writeln!(out, "{text}");
    };
    line(
        "# この調査の回答の読み方。このファイルのあるフォルダーで `jirei tag -o 結果/` とすれば、この読み方になります。",
    );
    line("# コマンドのオプションで指定したことは、ここに書いたことより優先します。「#」の後は説明です。");
    line("");
    for finding in &findings {
        // Names of columns may have line breaks.
        line(&format!("# {}", finding.replace(['\r', '\n'], " ")));
    }
    line("");
    line("# 回答の表。いくつでも、フォルダーでも");
    line(&format!("input = [{}]", literal(&shown.display().to_string())));
    line("");
    line("# 文字コード（utf-8、cp932、euc-jp、utf-16le、utf-16be、iso-2022-jp）。書かなければ内容から判断");
    line(&setting("encoding", options.encoding.map(Encoding::name)));
    if let Some(sheet) = &options.sheet {
        line(&format!("sheet = {}", literal(sheet)));
    }
    line("# 見出しの行。書かなければ最初の行");
    match options.header_row {
        Some(row) => line(&format!("header-row = {row}")),
        None => line("# header-row = 3"),
    }
    line("");
    line("# 回答者を表す列。書かなければ行の番号");
    line(&setting("id", schema.id.map(name)));
    line("# 同じ ID の回答があってもよいか。ファイル（調査の回）ごとに 1 から番号を振っていれば true");
    if let Some((id, place)) = &twice {
        let place = place.map(|line| format!("{line} 行目の ")).unwrap_or_default();
        line(&format!(
            "#   注意: 同じ ID の行があります（{place}{} など）。このままではエラーになります。それでよい表なら true に",
            literal(id)
        ));
    }
    line("# allow-duplicate-ids = true");
    line("# 本文の列。2 つ以上なら、1 行がその数の記述になる");
    line(&format!("text = {}", list(&names(&schema.texts))));
    line("# 縦長の表で、どの問への回答かを表す列");
    line(&setting("question", schema.question.map(name)));
    line("");
    line("# 属性として出力・集計する列。ほかの列も tagged.csv には残る");
    let attributes: Vec<&str> = names(&schema.attributes)
        .into_iter()
        .filter(|name| !closed.iter().any(|other| other == name))
        .collect();
    line(&format!("attributes = {}", list(&attributes)));
    line("# 調査時期の列。時期ごとの表に使う");
    line(&setting("wave", Roles::of(&schema).wave.as_deref()));
    line("# 選択式の問の列。本文にはしない");
    line(&format!("closed = {}", list(&closed.iter().map(String::as_str).collect::<Vec<_>>())));
    line("");
    line("# 「特になし」と同じに扱う回答（特になし、ありません、－ などは、書かなくてもそう扱う）");
    let mut often: Vec<(String, usize)> = counts.into_iter().filter(|(_, count)| *count >= OFTEN).collect();
    often.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (text, count) in often.iter().take(10) {
        line(&format!("#   よくある短い回答: {}（{count} 件）", literal(text)));
    }
    line("nothing = []");
    Ok(out)
}

/// `key = value`, as a comment where there is no value.
fn setting(key: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("{key} = {}", literal(value)),
        None => format!("# {key} = ''"),
    }
}

fn list(values: &[&str]) -> String {
    format!("[{}]", values.iter().map(|value| literal(value)).collect::<Vec<_>>().join(", "))
}

/// `text` as TOML writes it, on one line.
fn literal(text: &str) -> String {
    if text.contains('\'') || text.contains(char::is_control) {
        // The escapes of JSON are also those of a basic string.
        serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
    } else {
        format!("'{text}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_guess_is_read_back_as_what_was_recognised() {
        let folder = tempfile::tempdir().unwrap();
        // Every answer another, as answers are.
        let own = |n: u32| char::from_u32(0x4E00 + n * 7).expect("a kanji");
        let rows: String = (0..40_u32)
            .map(|n| {
                let (choice, place) =
                    (["はい", "いいえ"][n as usize % 2], ["東京都", "愛知県"][n as usize % 2]);
                format!("{n},{choice},{place},{}の件で顔認証が通らず困った\n", own(n))
            })
            .collect();
        let rows = format!(
            "番号,問1,都道府県,問7\n{rows}90,はい,東京都,別紙\n91,はい,東京都,別紙\n92,はい,東京都,別紙\n"
        );
        let table = file(folder.path(), "it's.csv", &rows);
        let text = guess(&table, &table, &Options::default()).unwrap();
        assert!(text.contains("よくある短い回答: '別紙'（3 件）"), "{text}");
        let path = file(folder.path(), FILE_NAME, &text);
        let survey = Survey::read(&path).unwrap();
        let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            survey,
            Survey {
                input: vec![table],
                id: Some("番号".into()),
                text: strings(&["問7"]),
                attributes: Some(strings(&["都道府県"])),
                closed: strings(&["問1"]),
                ..Survey::default()
            }
        );
    }

    #[test]
    fn line_breaks_in_headers_and_answers_stay_within_their_line() {
        let folder = tempfile::tempdir().unwrap();
        let header = "番号,\"問7\r\n自由記述\",\"it's\n区分\"";
        let rows: String = (0..3).map(|n| format!("{n},\"別紙\nの\"\"とおり\",病院\n")).collect();
        let table = file(folder.path(), "a.csv", &format!("{header}\n{rows}"));
        let text = guess(&table, &table, &Options::default()).unwrap();
        assert!(text.contains(r#"よくある短い回答: "別紙\nの\"とおり"（3 件）"#), "{text}");
        let survey = Survey::read(&file(folder.path(), FILE_NAME, &text)).unwrap();
        assert_eq!(survey.text, ["問7\r\n自由記述"]);
        assert_eq!(survey.attributes, Some(vec!["it's\n区分".to_owned()]));
    }

    #[test]
    fn ids_that_come_again_are_pointed_out() {
        let folder = tempfile::tempdir().unwrap();
        let guessed = |rows: &str| {
            let table = file(folder.path(), "a.csv", rows);
            guess(&table, &table, &Options::default()).unwrap()
        };
        let twice = guessed("番号,自由記述\n7,遅い\n,混む\n,混む\n7,遅い\n");
        assert!(twice.contains("#   注意: 同じ ID の行があります（5 行目の '7' など）"), "{twice}");
        for fine in ["番号,自由記述\n7,遅い\n8,遅い\n", "番号,問,text\n7,問1,遅い\n7,問2,遅い\n"]
        {
            assert!(!guessed(fine).contains("注意"), "{fine}");
        }
    }

    #[test]
    fn the_wave_is_an_attribute() {
        let folder = tempfile::tempdir().unwrap();
        let read = |text: &str| Survey::read(&file(folder.path(), "s.toml", text)).unwrap().attributes;
        let strings = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(read("wave = '回'\nattributes = ['県']\n"), strings(&["県", "回"]));
        assert_eq!(read("wave = '回'\nattributes = ['回']\n"), strings(&["回"]));
        assert_eq!(read("wave = '回'\n"), None);
    }

    #[test]
    fn slips_are_named_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        for (text, line, word) in [
            ("id = '番号'\ntexts = ['問7']\n", " の 2 行目", "項目「texts」は知りません"),
            ("text = '問7'\n", " の 1 行目", "値の種類が違います"),
            ("id = \n", " の 1 行目", "TOML"),
            ("encoding = 'latin1'\n", "", "latin1"),
            ("delimiter = ','\n", "", "semicolon"),
        ] {
            let error = Survey::read(&file(folder.path(), "s.toml", text)).unwrap_err().to_string();
            assert!(error.contains(line) && error.contains(word), "{text}: {error}");
        }
    }
}
