//! What the shipped rules make of the sample corpus: not below the floors, and not otherwise than last time.
//!
//! `gold-floors.csv` holds the least F1 of each category on `corpus/gold.csv`, `snapshots/corpus.txt` the categories of
//! its first answers, so that a change of rules, dictionary or matcher shows which answers it reaches. `OVERWRITE=1
//! cargo test --test corpus` writes both; look at the difference before committing it. Floors may fall only for a
//! reason that the commit states.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use jirei::comment::Status;
use jirei::matcher::Worker;
use jirei::read::{Columns, Reader, comments_of};
use jirei::rule;
use jirei::tokenize::Tokenizer;

/// Categories by answer, which is id and question.
type Coding = BTreeMap<(String, String), BTreeSet<String>>;

/// Gold points that a floor leaves below what was reached when it was written.
const MARGIN: f64 = 0.04;

/// Answers in the snapshot.
const SNAPSHOT: usize = 100;

/// True positives, false positives, false negatives of one category.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    hits: usize,
    surplus: usize,
    missed: usize,
}

impl Counts {
    /// `None` where neither coding has the category.
    fn f1(self) -> Option<f64> {
        let all = 2 * self.hits + self.surplus + self.missed;
        (all > 0).then(|| 2.0 * self.hits as f64 / all as f64)
    }
}

/// Compares `found` with `gold`, which must have the same answers, for the categories `ids`.
fn score<'i>(found: &Coding, gold: &Coding, ids: &[&'i str]) -> BTreeMap<&'i str, Counts> {
    assert!(found.keys().eq(gold.keys()), "both codings speak of the same answers");
    let mut counts: BTreeMap<&str, Counts> = ids.iter().map(|id| (*id, Counts::default())).collect();
    for (found, gold) in found.values().zip(gold.values()) {
        for (id, counts) in &mut counts {
            match (found.contains(*id), gold.contains(*id)) {
                (true, true) => counts.hits += 1,
                (true, false) => counts.surplus += 1,
                (false, true) => counts.missed += 1,
                (false, false) => {}
            }
        }
    }
    counts
}

/// Mean over the categories that occur.
fn macro_f1(counts: &BTreeMap<&str, Counts>) -> f64 {
    let values: Vec<f64> = counts.values().filter_map(|counts| counts.f1()).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// The gold categories of a table with the columns id, question and labels, and its texts.
fn gold(path: &Path) -> (Coding, BTreeMap<(String, String), String>) {
    let (mut coding, mut texts) = (Coding::new(), BTreeMap::new());
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let column = |name| headers.iter().position(|header| header == name).unwrap();
    let (id, question, text, labels) = (column("id"), column("question"), column("text"), column("labels"));
    for row in reader.records() {
        let row = row.unwrap();
        let key = (row[id].to_owned(), row[question].to_owned());
        let categories =
            row[labels].split(';').filter(|label| !label.is_empty()).map(str::to_owned).collect();
        texts.insert(key.clone(), row[text].to_owned());
        assert!(coding.insert(key, categories).is_none(), "id and question name one answer");
    }
    (coding, texts)
}

/// What the shipped rules find in the answers of `corpus/sample.csv`, in input order.
fn tagged() -> Vec<((String, String), BTreeSet<String>, String)> {
    let tokenizer = Tokenizer::embedded().unwrap();
    let rulebook =
        rule::compile(&rule::shipped::sources(), &tokenizer).rulebook.expect("the shipped rules compile");
    let mut worker = Worker::new(&rulebook, &tokenizer);
    let path = common::root().join("corpus/sample.csv");
    let mut reader = Reader::open(&path, &Columns::default()).unwrap();
    let mut found = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        for comment in comments_of(reader.schema(), row) {
            if comment.status() == Status::Empty {
                continue;
            }
            let tagging = worker.tag(&comment);
            let categories =
                tagging.tags.iter().map(|tag| rulebook.category(tag.category).id.clone()).collect();
            let key = (comment.id().into_owned(), comment.question().to_owned());
            found.push((key, categories, comment.text().to_owned()));
        }
    }
    found
}

fn shipped_ids() -> Vec<String> {
    let tokenizer = Tokenizer::embedded().unwrap();
    let rulebook =
        rule::compile(&rule::shipped::sources(), &tokenizer).rulebook.expect("the shipped rules compile");
    rulebook.categories().iter().map(|category| category.id.clone()).collect()
}

#[test]
fn categories_reach_their_floors_on_the_gold_corpus() {
    let (gold, texts) = gold(&common::root().join("corpus/gold.csv"));
    let found = tagged();
    for (key, _, text) in &found {
        assert_eq!(texts.get(key), Some(text), "gold.csv holds every answer of sample.csv: {key:?}");
    }
    let found: Coding = found.into_iter().map(|(key, categories, _)| (key, categories)).collect();
    let ids = shipped_ids();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let unknown: Vec<&String> = gold.values().flatten().filter(|id| !ids.contains(&id.as_str())).collect();
    assert!(unknown.is_empty(), "gold.csv has categories that the rules don't: {unknown:?}");
    let counts = score(&found, &gold, &ids);

    let path = common::root().join("tests/gold-floors.csv");
    let round = |value: f64| ((value - MARGIN).max(0.0) * 100.0).floor() / 100.0;
    if common::overwrites() {
        let mut table = "category,floor\n".to_owned();
        for id in &ids {
            let floor = counts[id].f1().map_or(0.0, round);
            writeln!(table, "{id},{floor:.2}").unwrap();
        }
        writeln!(table, "(macro),{:.2}", round(macro_f1(&counts))).unwrap();
        std::fs::write(&path, table).unwrap();
    }
    let mut floors: BTreeMap<String, f64> = csv::Reader::from_path(&path)
        .expect("tests/gold-floors.csv is there")
        .records()
        .map(|row| row.unwrap())
        .map(|row| (row[0].to_owned(), row[1].parse().unwrap()))
        .collect();
    let mut problems = Vec::new();
    let mut hold = |id: &str, value: Option<f64>, counts: &str| match (floors.remove(id), value) {
        (None, _) => problems.push(format!("{id} has no floor")),
        (Some(floor), Some(f1)) if f1 < floor => {
            problems.push(format!("{id}: F1 {f1:.3} < {floor:.2} {counts}"));
        }
        _ => {}
    };
    for (id, counts) in &counts {
        let Counts { hits, surplus, missed } = counts;
        hold(id, counts.f1(), &format!("({hits} right, {surplus} too many, {missed} missed)"));
    }
    hold("(macro)", Some(macro_f1(&counts)), "");
    problems.extend(floors.keys().map(|id| format!("{id} has a floor but is no category")));
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn taggings_are_those_of_the_snapshot() {
    let mut text = String::new();
    let ids = shipped_ids();
    for ((id, question), categories, _) in tagged().iter().take(SNAPSHOT) {
        let in_order: Vec<&str> =
            ids.iter().map(String::as_str).filter(|id| categories.contains(*id)).collect();
        writeln!(text, "{id} {question} {}", in_order.join(" ")).unwrap();
    }
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if let Err(difference) = common::compare(&common::root().join("tests/snapshots/corpus.txt"), &text) {
        panic!("{difference}");
    }
}

/// Published answers that may not be distributed with the program; whoever has them runs this too.
#[test]
fn published_answers_are_coded_well() {
    let path = common::root().join("../shared/corpus/dev.csv");
    if !path.is_file() {
        eprintln!("skipped: ../shared/corpus/dev.csv is not there");
        return;
    }
    let (gold, _) = gold(&path);
    let path = path.to_str().expect("the path is UTF-8");
    let columns = ["--id", "id", "--question", "question", "--text", "text"];
    let output = common::jirei_ok(
        common::root(),
        &[&["tag", path, "--quiet", "--format", "jsonl", "-o", "-"], &columns[..]].concat(),
    );
    let objects: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(objects.len(), 277);

    let mut found = Coding::new();
    let mut rows = csv::Reader::from_path(path).unwrap();
    let headers = rows.headers().unwrap().clone();
    let column = |name| headers.iter().position(|header| header == name).unwrap();
    for (object, row) in objects.iter().zip(rows.records().map(|row| row.unwrap())) {
        for name in ["id", "question", "text"] {
            // The answers are not for logs.
            assert!(object[name] == row[column(name)], "{name} of {} differs", &row[column("id")]);
        }
        let categories = object["categories"].as_array().unwrap();
        let categories =
            categories.iter().map(|category| category["id"].as_str().unwrap().to_owned()).collect();
        found.insert((row[column("id")].to_owned(), row[column("question")].to_owned()), categories);
    }
    let ids = shipped_ids();
    let counts = score(&found, &gold, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let f1 = macro_f1(&counts);
    assert!(f1 >= 0.70, "macro F1 is {f1:.3}");
}
