//! The whole set made with `--cache` is the set made without, byte for byte.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs `jirei tag` in `dir`.
fn tag(dir: &Path, rules: &str, out: &str, more: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_jirei"))
        .current_dir(dir)
        .args(["tag", "answers.csv", "--rules", rules, "-o", out])
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(run.status.success(), "{said}");
    said
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn rules(more: &str) -> String {
    let category = |id: &str, name: &str, any: &str| {
        format!("[[category]]\nid = '{id}'\nname = '{name}'\nany = [{any}]\n")
    };
    category("face", "顔認証", &format!("'顔認証'{more}"))
        + &category("slow", "待ち時間", "'待つ', '遅い'")
        + &category("card", "カード", "'カード'")
}

#[test]
fn a_set_made_with_a_cache_is_the_set_made_without() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let parts = [
        "顔認証がうまくいかない。",
        "受付で30分待った。",
        "カードを忘れたので出直した。",
        "読み取りが遅い。",
        "山田さんに電話（03-1234-5678）で聞いた。",
        "とくに困ってはいない。",
    ];
    let mut table = "番号,都道府県,自由記述\n".to_owned();
    for n in 0..400_usize {
        let place = ["東京都", "愛知県", "大阪府"][n % 3];
        let text = [n % 6, n / 6 % 6, n / 36 % 6].map(|at| parts[at]).concat();
        writeln!(table, "{n},{place},{text}").unwrap();
    }
    fs::write(dir.join("answers.csv"), table).unwrap();
    fs::write(dir.join("old.toml"), rules("")).unwrap();
    fs::write(dir.join("new.toml"), rules(", '出直す'")).unwrap();
    let cached = |rules, out| tag(dir, rules, out, &["--cache", "cache"]);
    tag(dir, "old.toml", "old", &[]);
    tag(dir, "new.toml", "new", &[]);
    // The categories of a JSON run are known to the next folder, its excerpts aren't.
    tag(dir, "old.toml", "old.jsonl", &["--cache", "cache", "--format", "jsonl"]);
    for (rules, out, same) in
        [("old.toml", "cold", "old"), ("old.toml", "warm", "old"), ("new.toml", "changed", "new")]
    {
        cached(rules, out);
        assert!(files(&dir.join(out)) == files(&dir.join(same)), "{out}");
    }
    let said = cached("new.toml", "again");
    assert!(said.contains("付け直したのは 0 件"), "{said}");
    assert!(files(&dir.join("again")) == files(&dir.join("new")));
    // Excerpts that are damaged are cut again.
    let quotes = dir.join("cache/records.jirei-cache");
    let mut bytes = fs::read(&quotes).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle..middle + 2000].fill(0);
    fs::write(&quotes, &bytes).unwrap();
    cached("old.toml", "damaged");
    assert!(files(&dir.join("damaged")) == files(&dir.join("old")));
    fs::write(&quotes, &bytes[..middle]).unwrap();
    let said = cached("old.toml", "torn");
    assert!(said.contains("キャッシュが壊れている"), "{said}");
    assert!(files(&dir.join("torn")) == files(&dir.join("old")));
}
