//! `jirei tag` as its users meet it: nothing lost or changed on the way, the same bytes every time, and whole files or
//! none.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// Files of a folder, by name.
type Files = BTreeMap<String, Vec<u8>>;

fn files_in(dir: &Path) -> Files {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// A folder with `input.csv`: the sample corpus, its rows `times` times over, each time with ids of their own.
fn folder(times: usize) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let sample = common::root().join("corpus/sample.csv");
    if times == 1 {
        fs::copy(sample, dir.path().join("input.csv")).unwrap();
        return dir;
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(sample).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    let mut input = csv::Writer::from_path(dir.path().join("input.csv")).unwrap();
    input.write_record(&rows[0]).unwrap();
    for time in 0..times {
        for row in &rows[1..] {
            let id = format!("{}-{time}", &row[0]);
            input.write_record(std::iter::once(id.as_str()).chain(row.iter().skip(1))).unwrap();
        }
    }
    input.flush().unwrap();
    dir
}

/// The rows of a CSV file of ours, header first: byte order mark, CRLF and apostrophes checked and taken away.
fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).expect("CSV is UTF-8");
    let text = text.strip_prefix('\u{FEFF}').expect("CSV begins with a byte order mark");
    assert!(text.ends_with("\r\n"), "rows end in CRLF");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> =
        reader.records().collect::<Result<_, _>>().expect("rows are equally wide");
    // A line feed without its carriage return can only stand inside a cell.
    let inside: usize = rows.iter().flat_map(|row| row.iter()).map(lone_line_feeds).sum();
    assert_eq!(lone_line_feeds(text), inside, "rows end in CRLF");
    rows.iter().map(|row| row.iter().map(restored).collect()).collect()
}

fn lone_line_feeds(text: &str) -> usize {
    text.matches('\n').count() - text.matches("\r\n").count()
}

/// A cell without the apostrophe that keeps Excel from running it, as docs/output.md defines it.
fn restored(cell: &str) -> String {
    let guarded =
        cell.starts_with('\'') && cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    cell[usize::from(guarded)..].to_owned()
}

fn objects(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("JSON is UTF-8");
    assert!(text.ends_with('\n') && !text.contains('\r'), "lines end in LF");
    text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("it is a string")
}

/// Where the slices of `quote`, which are joined by …, stand in `text`.
fn is_excerpt(quote: &str, text: &str) -> bool {
    let mut rest = text;
    text.contains(quote)
        || quote.split('…').filter(|piece| !piece.is_empty()).all(|piece| match rest.find(piece) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        })
}

#[test]
fn nothing_is_lost_and_every_file_tells_the_same() {
    let dir = folder(1);
    let before = fs::read(dir.path().join("input.csv")).unwrap();
    common::jirei_ok(dir.path(), &["tag", "input.csv", "-o", "out/"]);
    assert_eq!(fs::read(dir.path().join("input.csv")).unwrap(), before, "the input stays as it was");
    let files = files_in(&dir.path().join("out"));
    assert!(files.keys().all(|name| !name.starts_with('.')), "no temporary file is left: {:?}", files.keys());

    // tagged.jsonl: one object per row and answer column, in order, texts verbatim, evidence where it says.
    let mut input = csv::Reader::from_reader(before.as_slice());
    let headers: Vec<String> = input.headers().unwrap().iter().map(str::to_owned).collect();
    let input: Vec<csv::StringRecord> = input.records().map(|row| row.unwrap()).collect();
    assert_eq!(headers, ["id", "調査時期", "都道府県", "区分", "問7", "問13"]);
    let comments: Vec<(&csv::StringRecord, usize)> =
        input.iter().flat_map(|row| [(row, 4), (row, 5)]).collect();
    let objects = objects(&files["tagged.jsonl"]);
    assert_eq!(objects.len(), comments.len());
    let mut status: BTreeMap<&str, usize> = BTreeMap::new();
    let mut tagged = 0;
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (object, (row, column)) in objects.iter().zip(&comments) {
        assert_eq!((text(&object["id"]), text(&object["question"])), (&row[0], headers[*column].as_str()));
        assert_eq!(text(&object["text"]), &row[*column]);
        for attribute in 1..4 {
            assert_eq!(text(&object["attributes"][&headers[attribute]]), &row[attribute]);
        }
        *status.entry(text(&object["status"])).or_default() += 1;
        let characters: Vec<char> = text(&object["text"]).chars().collect();
        let categories = object["categories"].as_array().unwrap();
        tagged += usize::from(!categories.is_empty());
        assert!(categories.is_empty() || object["status"] == "answered");
        for category in categories {
            *count.entry(text(&category["name"])).or_default() += 1;
            let evidence = category["evidence"].as_array().unwrap();
            assert!(!evidence.is_empty());
            let place =
                |evidence: &Value, end: &str| usize::try_from(evidence[end].as_u64().unwrap()).unwrap();
            for evidence in evidence {
                let (start, end) = (place(evidence, "start"), place(evidence, "end"));
                assert!(start < end);
                assert_eq!(characters[start..end].iter().collect::<String>(), text(&evidence["text"]));
                let id = text(&category["id"]);
                assert!(text(&evidence["rule"]).starts_with(&format!("{id}/")));
            }
            let places: Vec<_> =
                evidence.iter().map(|found| (place(found, "start"), place(found, "end"))).collect();
            assert!(places.is_sorted(), "evidence is ordered by position");
        }
    }

    // tagged.csv: the input's columns, then ours, saying what the objects say.
    let table = rows(&files["tagged.csv"]);
    let (header, table) = table.split_first().unwrap();
    assert_eq!(header[..6], headers);
    assert_eq!(header[6..11], ["問", "本文", "状態", "カテゴリ", "根拠"]);
    assert_eq!(table.len(), comments.len());
    for ((cells, (row, column)), object) in table.iter().zip(&comments).zip(&objects) {
        assert!(cells[..6].iter().eq(row.iter()), "the input's cells are written as read");
        assert_eq!((cells[6].as_str(), cells[7].as_str()), (headers[*column].as_str(), &row[*column]));
        let names: Vec<&str> =
            object["categories"].as_array().unwrap().iter().map(|found| text(&found["name"])).collect();
        assert_eq!(cells[9], names.join(";"));
        for (name, flag) in header[11..].iter().zip(&cells[11..]) {
            assert_eq!(flag, if names.contains(&name.as_str()) { "1" } else { "0" }, "{name}");
        }
    }

    // The accounts.
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let account = |name: &str| usize::try_from(manifest["accounting"][name].as_u64().unwrap()).unwrap();
    assert_eq!((account("rows"), account("comments")), (input.len(), comments.len()));
    assert_eq!(account("comments"), account("answered") + account("nothing") + account("empty"));
    assert_eq!(account("answered"), account("tagged") + account("untagged"));
    assert_eq!(account("tagged"), tagged);
    for name in ["answered", "nothing", "empty"] {
        assert_eq!(account(name), status.get(name).copied().unwrap_or_default(), "{name}");
    }
    assert!(account("nothing") > 0 && account("empty") > 0, "the sample has them all");

    // summary.csv.
    let summary = rows(&files["summary.csv"]);
    let categories: Vec<_> = summary[1..].iter().filter(|row| !row[2].is_empty()).collect();
    assert_eq!(categories.len(), header.len() - 11);
    for row in categories {
        assert_eq!(
            row[3].parse::<usize>().unwrap(),
            count.get(row[0].as_str()).copied().unwrap_or_default(),
            "{}",
            row[0]
        );
    }
    let total = |name: &str| summary.iter().find(|row| row[0] == name).unwrap()[3].parse::<usize>().unwrap();
    assert_eq!((total("全記述"), total("タグあり")), (account("comments"), tagged));

    // quotes.csv: excerpts of the answers they name, which have the category.
    let quotes = rows(&files["quotes.csv"]);
    let at = |name: &str| quotes[0].iter().position(|header| header == name).unwrap();
    let (category, rank, quote, id, question) =
        (at("カテゴリ"), at("順位"), at("引用"), at("番号"), at("問"));
    let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &quotes[1..] {
        let rank_wanted = ranks.entry(&row[category]).or_default();
        *rank_wanted += 1;
        assert_eq!(row[rank].parse::<usize>().unwrap(), *rank_wanted, "ranks count from 1");
        let source =
            objects.iter().find(|object| object["id"] == row[id] && object["question"] == row[question]);
        let source = source.expect("a quote names its answer");
        assert!(
            is_excerpt(&row[quote], text(&source["text"])),
            "{:?} is no excerpt of {}",
            row[quote],
            source["text"]
        );
        let categories = source["categories"].as_array().unwrap();
        assert!(categories.iter().any(|found| found["name"] == row[category]));
    }
    for (name, found) in &count {
        assert_eq!(ranks.get(name).copied().unwrap_or_default() > 0, *found > 0, "{name} has quotes");
        assert!(ranks[name] <= 5, "{name} has no more quotes than asked for");
    }
}

#[test]
fn bytes_do_not_depend_on_threads_or_repetition() {
    // Several batches, so that threads can overtake each other.
    let dir = folder(3);
    let run = |threads: &str, out: &str| {
        common::jirei_ok(dir.path(), &["tag", "input.csv", "-q", "-j", threads, "--force", "-o", out]);
        files_in(&dir.path().join(out))
    };
    let once = run("1", "one");
    let names: Vec<&str> = once.keys().map(String::as_str).collect();
    for name in [
        "manifest.json",
        "quotes.csv",
        "report.html",
        "summary.csv",
        "tagged.csv",
        "tagged.jsonl",
        "tagged.xlsx",
    ] {
        assert!(names.contains(&name), "{name} is missing");
    }
    for (threads, out) in [("2", "two"), ("3", "three"), ("0", "one")] {
        let other = run(threads, out);
        assert!(names.iter().eq(other.keys()), "-j {threads}");
        for (name, bytes) in &once {
            assert!(*bytes == other[name], "{name} differs with -j {threads} (-o {out})");
        }
    }
}

#[test]
fn one_format_has_the_bytes_of_the_whole_set() {
    let dir = folder(1);
    common::jirei_ok(dir.path(), &["tag", "input.csv", "-q", "-o", "out"]);
    for (format, name) in [("csv", "tagged.csv"), ("jsonl", "tagged.jsonl"), ("xlsx", "tagged.xlsx")] {
        let whole = fs::read(dir.path().join("out").join(name)).unwrap();
        let stdout = common::jirei_ok(dir.path(), &["tag", "input.csv", "--format", format]).stdout;
        assert!(stdout == whole, "{name} on stdout");
        common::jirei_ok(
            dir.path(),
            &["tag", "input.csv", "-q", "--format", format, "--force", "-o", "file"],
        );
        assert!(fs::read(dir.path().join("file")).unwrap() == whole, "{name} in a file");
    }
}

#[test]
fn tables_of_ours_are_read_back_as_what_they_were_made_from() {
    let dir = folder(1);
    for format in ["csv", "tsv"] {
        let table = format!("tagged.{format}");
        common::jirei_ok(dir.path(), &["tag", "input.csv", "-q", "--format", format, "-o", &table]);
        let again = common::jirei_ok(dir.path(), &["tag", &table, "-q", "--format", format]).stdout;
        assert!(again == fs::read(dir.path().join(&table)).unwrap(), "{format}");
    }
}

#[test]
fn the_whole_set_with_a_cache_is_the_set_without() {
    let dir = folder(2);
    let set = |rules: &str, out: &str, more: &[&str]| {
        let args = [&["tag", "input.csv", "-q", "--rules", rules, "-o", out], more].concat();
        common::jirei_ok(dir.path(), &args);
        files_in(&dir.path().join(out))
    };
    common::jirei_ok(dir.path(), &["export", "rules", "rules"]);
    let before = set("rules", "before", &[]);
    for (threads, out) in [("1", "empty"), ("2", "filled")] {
        assert!(set("rules", out, &["--cache", "cache", "-j", threads]) == before, "{out}");
    }
    let file = dir.path().join("rules/30-devices.toml");
    let rules = fs::read_to_string(&file).unwrap().replacen("any = [", "any = ['受付', ", 1);
    fs::write(&file, rules).unwrap();
    let changed = set("rules", "changed", &[]);
    assert!(changed["tagged.csv"] != before["tagged.csv"]);
    assert!(set("rules", "cached", &["--cache", "cache"]) == changed);
    let parquet = |more: &[&str]| {
        let args = [&["tag", "input.csv", "-q", "--rules", "rules", "--format", "parquet"], more].concat();
        common::jirei_ok(dir.path(), &args).stdout
    };
    let file = parquet(&["-j", "1"]);
    assert!(file.starts_with(b"PAR1"));
    assert!(file == parquet(&["-j", "2", "--cache", "cache"]));
}

#[test]
fn manifests_vouch_for_every_byte() {
    let dir = folder(1);
    common::jirei_ok(dir.path(), &["tag", "input.csv", "-q", "-o", "out"]);
    let verify = || common::jirei(dir.path(), &["verify", "out"]).status.code();
    assert_eq!(verify(), Some(0));
    let manifest: Value =
        serde_json::from_slice(&fs::read(dir.path().join("out/manifest.json")).unwrap()).unwrap();
    let recorded: Vec<&str> =
        manifest["outputs"].as_array().unwrap().iter().map(|file| text(&file["path"])).collect();
    let mut written: Vec<String> = files_in(&dir.path().join("out")).into_keys().collect();
    written.retain(|name| name != "manifest.json");
    let mut sorted = recorded.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, written, "every file is recorded");
    for path in recorded.iter().map(|name| format!("out/{name}")).chain(["input.csv".to_owned()]) {
        let path = dir.path().join(path);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(verify(), Some(1), "{} was changed", path.display());
        bytes[middle] ^= 1;
        fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(verify(), Some(0));
    fs::remove_file(dir.path().join("out/quotes.csv")).unwrap();
    assert_eq!(verify(), Some(1), "a missing output is a failure");
    assert_eq!(common::jirei(dir.path(), &["verify", "."]).status.code(), Some(2), "no manifest, no verdict");
}

#[test]
fn verify_lists_everything_that_differs() {
    let dir = folder(1);
    let path = |name: &str| dir.path().join(name);
    common::jirei_ok(dir.path(), &["export", "rules", "rules", "-q"]);
    fs::write(path("words.csv"), "オン資くん,オン資くん,名詞,オンシクン\n").unwrap();
    let args = ["tag", "input.csv", "-q", "--rules", "rules", "--user-dictionary", "words.csv", "-o", "out"];
    common::jirei_ok(dir.path(), &args);
    let verify = |args: &[&str]| {
        let output = common::jirei(dir.path(), &[&["verify"], args].concat());
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    // A survey that came later is another's.
    fs::write(path("survey.toml"), "nothing = ['名前が●になる']\n").unwrap();
    let (status, said) = verify(&["out/manifest.json", "--rerun"]);
    assert!(status == Some(0) && said.contains("再実行 件数の記録: 同じ"), "{said}");
    fs::remove_file(path("out/tagged.csv")).unwrap();
    fs::create_dir(path("out/tagged.csv")).unwrap();
    fs::remove_file(path("out/summary.csv")).unwrap();
    let rule = path("rules/10-eligibility.toml");
    fs::write(&rule, fs::read_to_string(&rule).unwrap() + "x = [\n").unwrap();
    fs::write(path("words.csv"), "オン資,オン資,動詞だ,オンシ\n").unwrap();
    let (status, said) = verify(&["out"]);
    assert_eq!(status, Some(1), "{said}");
    for line in [
        "出力 `tagged.csv`: 照合できません（",
        "出力 `summary.csv`: ありません",
        "出力 `tagged.jsonl`: 記録と一致",
        "入力 `input.csv`: 記録と一致",
        "ルール `rules`: 記録と違います",
        "辞書: 照合できません（",
        "4 件が記録と違います",
    ] {
        assert!(said.contains(line), "{line} in\n{said}");
    }
    fs::remove_dir_all(path("rules")).unwrap();
    fs::remove_file(path("words.csv")).unwrap();
    let (status, said) = verify(&["out"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("2 件が記録と違います（ほかに 2 件は照合していません）"), "{said}");
    let (status, said) = verify(&["out", "--rerun"]);
    assert!(
        status == Some(2) && said.contains("出力 `summary.csv`: ありません"),
        "the list comes first\n{said}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_with_the_name_of_the_file() {
    let dir = folder(1);
    for format in ["csv", "jsonl", "xlsx", "parquet"] {
        let args = ["tag", "input.csv", "-q", "--format", format, "-o", "/dev/full"];
        let output = common::jirei(dir.path(), &args);
        let said = String::from_utf8(output.stderr).unwrap();
        let expected = "`/dev/full` に書けません: 空き容量がありません";
        assert!(output.status.code() == Some(2) && said.contains(expected), "{format}: {said}");
    }
}

#[test]
fn awkward_cells_survive() {
    let cells = [
        "=顔認証ができない",
        "'=x",
        "-",
        "+ 名前が●",
        "@顔認証エラー",
        "\t先頭がタブ",
        "'90年代のカード",
        "𠮷の字が\n\"●\"になる",
        "a\r\nb、c,d",
        "か\u{3099}んは\u{309A}る ｶﾞﾊﾟ",
        "　全角の空白　",
        "\u{200B}顔認証\u{FEFF}エラー",
        "🀄👨‍👩‍👧顔認証が通らない",
        "㍑㌔の●",
        "…",
        "特になし",
        "\r先頭が改行",
        "顔認証でき\nない",
    ];
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["=番号", "回答"]).unwrap();
    for (number, cell) in cells.iter().enumerate() {
        table.write_record([&format!("{number:03}"), *cell]).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("input.csv"), table.into_inner().unwrap()).unwrap();
    common::jirei_ok(dir.path(), &["tag", "input.csv", "-q", "--id", "=番号", "--text", "回答", "-o", "out"]);
    let files = files_in(&dir.path().join("out"));
    let objects = objects(&files["tagged.jsonl"]);
    let table = rows(&files["tagged.csv"]);
    assert_eq!(table[0][..2], ["=番号", "回答"]);
    assert_eq!((objects.len(), table.len() - 1), (cells.len(), cells.len()));
    for (number, cell) in cells.iter().enumerate() {
        assert_eq!(text(&objects[number]["text"]), *cell);
        assert_eq!(table[number + 1][..2], [format!("{number:03}"), (*cell).to_owned()]);
        let characters: Vec<char> = cell.chars().collect();
        for evidence in objects[number]["categories"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|found| found["evidence"].as_array().unwrap())
        {
            let end = |name: &str| usize::try_from(evidence[name].as_u64().unwrap()).unwrap();
            assert_eq!(
                characters[end("start")..end("end")].iter().collect::<String>(),
                text(&evidence["text"])
            );
        }
    }
    let raw = String::from_utf8(files["tagged.csv"].clone()).unwrap();
    let mut raw = csv::ReaderBuilder::new().has_headers(false).from_reader(raw.as_bytes());
    for row in raw.records() {
        let row = row.unwrap();
        assert!(
            row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])),
            "{row:?} runs in Excel"
        );
    }
}

#[test]
fn standard_input_and_several_inputs_are_read_in_order() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.csv"), "id,自由記述\n1,顔認証エラー\n").unwrap();
    fs::write(dir.path().join("b.csv"), "\u{FEFF}id,自由記述\r\n2,カード\r\n").unwrap();
    let tagged = common::jirei_ok(dir.path(), &["tag", "b.csv", "a.csv", "-q", "--format", "jsonl"]).stdout;
    let ids: Vec<String> = objects(&tagged).iter().map(|object| text(&object["id"]).to_owned()).collect();
    assert_eq!(ids, ["2", "1"]);
    let piped = Command::new(env!("CARGO_BIN_EXE_jirei"))
        .args(["tag", "-", "-q", "--format", "jsonl"])
        .stdin(fs::File::open(dir.path().join("a.csv")).unwrap())
        .output()
        .unwrap();
    assert!(piped.status.success());
    assert_eq!(objects(&piped.stdout)[0]["text"], "顔認証エラー");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let dir = folder(6);
    let mut child = Command::new(env!("CARGO_BIN_EXE_jirei"))
        .current_dir(dir.path())
        .args(["tag", "input.csv", "-q", "--format", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

/// Starts a run in `dir` and kills it after `wait`; returns whether it was still at work.
fn kill_after(wait: Duration, dir: &Path, args: &[&str]) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jirei"))
        .current_dir(dir)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(wait);
    let is_at_work = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    is_at_work
}

/// Files that aren't temporary.
fn published(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| !path.file_name().unwrap().to_str().unwrap().starts_with(".jirei-")).collect()
}

#[test]
fn a_run_killed_in_the_middle_publishes_nothing() {
    // More than any of these runs gets through.
    let dir = folder(200);
    for wait in [20, 200, 400, 700, 1200] {
        assert!(kill_after(
            Duration::from_millis(wait),
            dir.path(),
            &["tag", "input.csv", "-q", "-o", "out"]
        ));
        assert_eq!(published(&dir.path().join("out")), Vec::<PathBuf>::new(), "killed after {wait} ms");
    }
    for format in ["csv", "jsonl"] {
        let args = ["tag", "input.csv", "-q", "--format", format, "-o", "file"];
        assert!(kill_after(Duration::from_millis(500), dir.path(), &args));
        assert!(!dir.path().join("file").exists(), "{format}");
    }
}

#[test]
fn a_run_killed_over_earlier_results_leaves_them_whole() {
    let dir = folder(200);
    let small = folder(1);
    fs::copy(small.path().join("input.csv"), dir.path().join("small.csv")).unwrap();
    common::jirei_ok(dir.path(), &["tag", "small.csv", "-q", "-o", "out"]);
    assert!(kill_after(
        Duration::from_millis(700),
        dir.path(),
        &["tag", "input.csv", "-q", "--force", "-o", "out"]
    ));
    common::jirei_ok(dir.path(), &["verify", "out"]);
}

#[test]
fn a_run_killed_at_any_moment_leaves_whole_files_only() {
    let dir = folder(1);
    let started = std::time::Instant::now();
    common::jirei_ok(dir.path(), &["tag", "input.csv", "-q", "-o", "whole"]);
    let duration = started.elapsed();
    let whole = files_in(&dir.path().join("whole"));
    // Around the end, where files are renamed one after the other.
    for percent in [60, 80, 90, 95, 100, 105, 110] {
        let out = format!("out{percent}");
        kill_after(duration * percent / 100, dir.path(), &["tag", "input.csv", "-q", "-o", &out]);
        let published = published(&dir.path().join(&out));
        assert!([0, whole.len()].contains(&published.len()), "killed at {percent} %: {published:?}");
        for path in published {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(fs::read(&path).unwrap() == whole[&name], "{name} is not whole, killed at {percent} %");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_run_asked_to_end_leaves_no_trace() {
    // More than any of these runs gets through.
    let dir = folder(200);
    let names =
        || -> Vec<_> { fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect() };
    for (signal, args) in [("-INT", &["-o", "out"][..]), ("-TERM", &["--format", "jsonl", "-o", "file"])] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_jirei"))
            .current_dir(dir.path())
            .args(["tag", "input.csv", "-q"])
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while names().len() == 1 {
            assert!(child.try_wait().unwrap().is_none(), "nothing temporary appeared");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(200));
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(130), "エラー: 中断しました。書きかけのファイルは残していません\n")
        );
        assert_eq!(names(), ["input.csv"], "{args:?}");
    }
}

#[test]
fn a_run_that_fails_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (1..=5_000).map(|id| format!("{id},顔認証ができない\n")).collect();
    fs::write(dir.path().join("input.csv"), format!("id,自由記述\n{rows}2\n")).unwrap();
    let output = common::jirei(dir.path(), &["tag", "input.csv", "-q", "-o", "out"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("5002 行目"));
    let output = common::jirei(dir.path(), &["tag", "input.csv", "-q", "--format", "csv", "-o", "file"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "only input.csv is there");
}
