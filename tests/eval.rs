//! `jirei eval` through the binary: its figures against a second, simpler computation, and what its options promise.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test has no API, and a panic is its way to fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// What a table says about a comment (its id and question): the set of its labels.
type Coded = BTreeMap<(String, String), BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn gold() -> PathBuf {
    root().join("corpus/gold.csv")
}

fn jirei<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jirei"))
        .arg("--quiet")
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn stdout(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn evaluation(arguments: &[&str]) -> Value {
    let gold = gold();
    let fixed = ["eval", gold.to_str().unwrap(), "--format", "json"];
    serde_json::from_str(&stdout(jirei(fixed.iter().chain(arguments)))).unwrap()
}

fn read_labels(path: &Path) -> Coded {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (id, question, labels) = (column("id"), column("question"), column("labels"));
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let set = row[labels].split(';').filter(|label| !label.is_empty()).map(str::to_owned).collect();
        ((row[id].to_owned(), row[question].to_owned()), set)
    });
    rows.collect()
}

/// The categories that `jirei tag` gives.
fn tagged(path: &Path) -> (String, Coded) {
    let lines = stdout(jirei(["tag", path.to_str().unwrap(), "--format", "jsonl", "-o", "-"]));
    let coded = lines.lines().map(|line| {
        let comment: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let categories =
            comment["categories"].as_array().unwrap().iter().map(|tag| text(&tag["id"])).collect();
        ((text(&comment["id"]), text(&comment["question"])), categories)
    });
    let coded = coded.collect();
    (lines, coded)
}

/// tp, fp, fn of one category, counted the long way.
fn count(gold: &Coded, predicted: &Coded, category: &str) -> [u64; 3] {
    let mut counts = [0; 3];
    for (comment, labels) in gold {
        match (labels.contains(category), predicted[comment].contains(category)) {
            (true, true) => counts[0] += 1,
            (false, true) => counts[1] += 1,
            (true, false) => counts[2] += 1,
            (false, false) => {}
        }
    }
    counts
}

fn f1([tp, fp, fn_]: [u64; 3]) -> f64 {
    2.0 * tp as f64 / (2 * tp + fp + fn_) as f64
}

fn assert_close(found: &Value, expected: f64, what: &str) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{what} is {found}"));
    assert!((found - expected).abs() < 1e-6, "{what}: {found}, expected {expected}");
}

#[test]
fn figures_on_the_gold_corpus_are_those_of_a_second_computation() {
    let gold = read_labels(&gold());
    let (_, predicted) = tagged(&self::gold());
    assert_eq!(gold.len(), predicted.len());
    let found = evaluation(&[]);

    let mut sums = [0; 3];
    let mut averaged = Vec::new();
    for category in found["categories"].as_array().unwrap() {
        let counts = count(&gold, &predicted, category["id"].as_str().unwrap());
        let shown = ["tp", "fp", "fn"].map(|key| category[key].as_u64().unwrap());
        assert_eq!(shown, counts, "{category}");
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
        if counts[0] + counts[2] >= 5 {
            averaged.push(f1(counts));
        }
    }
    let totals = &found["totals"];
    assert_eq!(totals["comments"], gold.len());
    assert_close(&totals["micro"]["f1"], f1(sums), "micro F1");
    assert_eq!(totals["macro"]["categories"], averaged.len());
    assert_close(&totals["macro"]["f1"], averaged.iter().sum::<f64>() / averaged.len() as f64, "macro F1");
    let exact = gold.iter().filter(|(comment, labels)| predicted[*comment] == **labels).count();
    assert_eq!(totals["exact"]["comments"], exact);
    let example_f1 = gold.iter().map(|(comment, labels)| {
        let other = &predicted[comment];
        let size = labels.len() + other.len();
        if size == 0 { 1.0 } else { 2.0 * labels.intersection(other).count() as f64 / size as f64 }
    });
    assert_close(&totals["example_f1"], example_f1.sum::<f64>() / gold.len() as f64, "example F1");
}

/// The real answers are not part of the repository: where they and their scorer lie beside it, both must agree.
#[test]
fn figures_agree_with_the_independent_scorer() {
    let shared = root().join("../shared");
    let (corpus, scorer) = (shared.join("corpus/dev.csv"), shared.join("bin/score.py"));
    if !corpus.exists() || !scorer.exists() {
        eprintln!("skipped: {} or {} is not there", corpus.display(), scorer.display());
        return;
    }
    let (lines, _) = tagged(&corpus);
    let folder = tempfile::tempdir().unwrap();
    let predicted = folder.path().join("predicted.jsonl");
    std::fs::write(&predicted, lines).unwrap();
    let scored = match Command::new("python3").arg(&scorer).arg(&corpus).arg(&predicted).output() {
        Ok(output) => stdout(output),
        Err(error) => {
            eprintln!("skipped: python3 doesn't run: {error}");
            return;
        }
    };
    let found: Value =
        serde_json::from_str(&stdout(jirei(["eval", corpus.to_str().unwrap(), "--format", "json"]))).unwrap();
    let (totals, micro, average) = (&found["totals"], &found["totals"]["micro"], &found["totals"]["macro"]);
    // The scorer counts an undefined precision as 0 instead of leaving it out.
    let number = |value: &Value| value.as_f64().unwrap();
    let defined = number(&average["categories"]) - number(&average["without_precision"]);
    let precision = number(&average["precision"]) * defined / number(&average["categories"]);
    // Of a figure halfway between two, the scorer may print either.
    let line = |nudge: f64| {
        let three = |value: &Value| format!("{:.3}", value.as_f64().unwrap() + nudge);
        format!(
            "n={} missing=0 categories>=5: {} exact={} micro P={} R={} F={} macro P={} R={} F={}",
            totals["comments"],
            average["categories"],
            three(&totals["exact"]["ratio"]),
            three(&micro["precision"]),
            three(&micro["recall"]),
            three(&micro["f1"]),
            three(&precision.into()),
            three(&average["recall"]),
            three(&average["f1"]),
        )
    };
    let (least, most) = (line(-1e-9), line(1e-9));
    let scored: Vec<&str> = scored.split_whitespace().collect();
    assert_eq!(scored.len(), least.split_whitespace().count(), "{scored:?} instead of {least}");
    for ((scored, least), most) in scored.iter().zip(least.split_whitespace()).zip(most.split_whitespace()) {
        assert!([least, most].contains(scored), "{scored} instead of {least}");
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let gold = gold();
    let run =
        |threads| stdout(jirei(["eval", gold.to_str().unwrap(), "--format", "csv", "--threads", threads]));
    assert_eq!(run("1"), run("3"));
}

#[test]
fn disagreements_are_all_listed_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("不一致.csv");
    let baseline = root().join("tests/baseline/substring.toml");
    let found =
        evaluation(&["--rules", baseline.to_str().unwrap(), "--disagreements", list.to_str().unwrap()]);
    let micro = &found["totals"]["micro"];
    let bytes = std::fs::read(&list).unwrap();
    assert!(bytes.starts_with("\u{feff}番号,問,カテゴリ,ID,種類,本文,".as_bytes()));
    let mut counts = BTreeMap::from([("誤検出", 0), ("見逃し", 0)]);
    for row in csv::Reader::from_reader(&bytes["\u{feff}".len()..]).records() {
        let row = row.unwrap();
        *counts.get_mut(&row[4]).unwrap() += 1_u64;
        let is_explained = if &row[4] == "誤検出" {
            !row[6].is_empty() && !row[7].is_empty()
        } else {
            !row[9].is_empty()
        };
        assert!(is_explained, "{row:?}");
    }
    assert_eq!(
        (counts["誤検出"], counts["見逃し"]),
        (micro["fp"].as_u64().unwrap(), micro["fn"].as_u64().unwrap())
    );
}

#[test]
fn the_shipped_rules_beat_a_list_of_substrings() {
    let baseline = root().join("tests/baseline/substring.toml");
    let macro_f1 = |found: &Value| found["totals"]["macro"]["f1"].as_f64().unwrap();
    let substring = evaluation(&["--rules", baseline.to_str().unwrap()]);
    assert_eq!(substring["categories"].as_array().unwrap().len(), 39);
    assert!(macro_f1(&evaluation(&[])) > macro_f1(&substring) + 0.1);
}

#[test]
fn values_of_a_column_add_up() {
    let found = evaluation(&["--by", "question"]);
    let values = found["by"]["values"].as_array().unwrap();
    let sum = |key: &str| values.iter().map(|value| value[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(found["totals"]["comments"], sum("comments"));
    let names: Vec<&str> = values.iter().map(|value| value["value"].as_str().unwrap()).collect();
    assert_eq!(names, ["問13", "問7"]);
    let output = jirei(["eval", gold().to_str().unwrap(), "--by", "wave"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("列「wave」がありません"));
}

#[test]
fn falling_short_of_the_floor_is_a_finding() {
    let gold = gold();
    let run = |floor: &str| jirei(["eval", gold.to_str().unwrap(), "--min-f1", floor]);
    assert_eq!(run("0.1").status.code(), Some(0));
    let short = run("1");
    assert_eq!(short.status.code(), Some(1));
    assert!(
        stderr(&short).contains("下限 1.000 に") && stderr(&short).contains("届きません"),
        "{}",
        stderr(&short)
    );
    assert!(!short.stdout.is_empty(), "the figures are shown all the same");
    assert_eq!(run("90").status.code(), Some(2));
    let none = jirei(["eval", gold.to_str().unwrap(), "--min-f1", "0.1", "--min-support", "9999"]);
    assert_eq!(none.status.code(), Some(1), "no average is no proof");
}

#[test]
fn a_second_file_is_a_second_coder() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, table: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, table).unwrap();
        path
    };
    let first = write(
        "a.csv",
        "id,question,text,labels\n1,問7,あ,pin\n1,問13,い,pin;elderly\n2,問7,う,\n3,問7,え,pin\n",
    );
    let second =
        write("b.csv", "id,question,text,labels\n2,問7,う,\n1,問13,い,暗証番号\n1,問7,あ,暗証番号;高齢者\n");
    let list = folder.path().join("list.csv");
    let output = stdout(jirei([
        "eval".as_ref(),
        first.as_os_str(),
        second.as_os_str(),
        "--format=json".as_ref(),
        "--disagreements".as_ref(),
        list.as_os_str(),
    ]));
    let found: Value = serde_json::from_str(&output).unwrap();
    assert_eq!((&found["gold"]["unmatched"], &found["prediction"]["unmatched"]), (&1.into(), &0.into()));
    assert_eq!(found["prediction"]["kind"], "coder");
    let category = |id: &str| {
        let categories = found["categories"].as_array().unwrap();
        categories.iter().find(|category| category["id"] == id).unwrap().clone()
    };
    assert_close(&category("pin")["kappa"], 1.0, "κ of pin");
    // 1 of 3 agrees; p = q = 1/3: pₑ = 5/9, κ = (1/3 − 5/9) / (4/9) = −0.5; π = 1/3: pₑ = 4/9, AC1 = −0.2.
    assert_close(&category("elderly")["kappa"], -0.5, "κ of elderly");
    assert_close(&category("elderly")["ac1"], -0.2, "AC1 of elderly");
    let list = std::fs::read_to_string(list).unwrap();
    assert!(list.contains("1 人目だけ,い") && list.contains("2 人目だけ,あ"), "{list}");
    let text = stdout(jirei(["eval".as_ref(), first.as_os_str(), second.as_os_str()]));
    assert!(text.starts_with("カテゴリ") && text.contains("1 人目") && text.contains("-0.50"), "{text}");
}

#[test]
fn a_label_that_is_no_category_ends_the_run_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gold.csv");
    std::fs::write(&path, "番号,本文,確定\n1,あ,顔認証失敗\n2,い,顔認証失敗;暗証番号号\n").unwrap();
    let output = jirei(["eval", path.to_str().unwrap(), "--labels", "確定"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("の 3 行目: 列「確定」の「暗証番号号」というカテゴリはありません"), "{said}");
    assert!(said.contains("「暗証番号」の書き間違いではありませんか"), "{said}");
}

#[test]
fn the_gold_file_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gold.csv");
    std::fs::write(&path, "id,text,labels\n1,あ,\n").unwrap();
    let output = jirei(["eval", path.to_str().unwrap(), "--disagreements", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("入力と同じファイルです"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "id,text,labels\n1,あ,\n");
}
