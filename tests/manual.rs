//! The manual of diagnostics: its examples are run, and docs/diagnostics.md is made of it.
//!
//! `OVERWRITE=1 cargo test --test manual` writes the document.

mod common;

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use jirei::diagnostic::{Diagnostic, Kind, Severity, SourceFile};
use jirei::read::{Columns, Reader, comments_of};
use jirei::rule::check::{Looked, check};
use jirei::tokenize::Tokenizer;
use jirei::usage;
use jirei::usage::mutate::mutate;

static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::embedded().expect("it is built in"));

/// What is found in a rule file of the page of `kind`: with the page's corpus if it has one, with mutants if it is about
/// them.
fn found_in(kind: Kind, rules: &str) -> Vec<Diagnostic> {
    let file = Arc::new(SourceFile { name: "rules.toml".to_owned(), text: rules.to_owned() });
    let mut checked = check(&[file], &TOKENIZER);
    if let (Some(rulebook), [csv]) = (&checked.rulebook, &kind.examples("csv")[..]) {
        let input = Box::new(csv.as_bytes());
        let mut reader =
            Reader::from_reader("corpus.csv", input, &Columns::default()).expect("it is a table");
        let schema = Arc::clone(reader.schema());
        let mut comments = Vec::new();
        while let Some(row) = reader.next_row().expect("it is a table") {
            comments.extend(comments_of(&schema, row));
        }
        checked.diagnostics.extend(usage::check(rulebook, &checked.files, &comments, &TOKENIZER));
    }
    if let Some(rulebook) = checked.rulebook.take_if(|_| kind == Kind::UntestedParts) {
        checked.diagnostics.extend(mutate(rulebook, &checked.files, &TOKENIZER).diagnostics);
    }
    checked.settle(Looked { at_examples: true, ..Looked::default() });
    checked.diagnostics
}

fn listed(found: &[Diagnostic]) -> String {
    found.iter().map(|found| format!("{} {}\n", found.kind.id(), found.title)).collect()
}

#[test]
fn examples_have_what_they_are_examples_of_and_the_mend_mends_it() {
    let mut problems = String::new();
    for &kind in Kind::ALL {
        let [wrong, mended] = kind.examples("toml")[..] else { panic!("{} has two examples", kind.id()) };
        let found = found_in(kind, wrong);
        if !found.iter().any(|found| found.kind == kind) {
            let _ = writeln!(problems, "{} is not found in its example:\n{}", kind.id(), listed(&found));
        }
        if found.iter().any(|found| {
            !matches!(found.kind, Kind::OkFails | Kind::NgFails)
                && found.kind != kind
                && kind.severity() != Severity::Error
        }) {
            let _ =
                writeln!(problems, "{} is not all there is in its example:\n{}", kind.id(), listed(&found));
        }
        let found = found_in(kind, mended);
        if !found.is_empty() {
            let _ = writeln!(problems, "{} is not mended:\n{}", kind.id(), listed(&found));
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}

#[test]
fn the_document_is_what_the_program_says() {
    let mut document = "\
# 診断の一覧

> **In English.** Every kind of message of `jirei check`: what it means, a rule file that has it, what is said about it, and the
> file mended. This page is generated; `jirei explain W101` prints the same text.

`jirei check` が示すエラー（E…）、警告（W…）、参考（N…）の意味です。`jirei explain W101` でも同じ説明を読めます。番号の意味は変わりません。
この文書は、プログラムの説明文から作っています。

- **エラー** E001〜: このルールでは実行できません。E101〜: ルールの中の例が外れています（`tag` は動きます）。
- **警告** W101〜: 動きますが、思ったとおりでないかもしれません。W301〜: `check --corpus` で、回答と照らして分かるものです。
- **参考** N…: 知らせるだけで、終了コードは変わりません。

わざとそうしている警告は、その場所で消せます。`[[category]]`・`[[variant]]`・`[[part]]`・`[[case]]` の中に書けばその中だけ、
ファイルの先頭に書けばファイル全体に効きます。何も消さない `allow` には警告（W114）が出ます。

```toml
[[category]]
id    = 'face'
name  = '顔'
any   = ['顔']
allow = ['W103']
ok    = ['顔を撮り直した']
ng    = ['受付が混む']
```

| 番号 | 意味 |
|---|---|
"
    .to_owned();
    for kind in Kind::ALL {
        let id = kind.id();
        let anchor = id.to_lowercase();
        let _ = writeln!(document, "| [{id}](#{anchor}) | {} |", kind.title().replace('|', "\\|"));
    }
    for &kind in Kind::ALL {
        let (before, after) = kind.page().split_once("直した後:").expect("every page has both examples");
        let _ = write!(
            document,
            "\n## {}\n\n**{}**: {}\n\n{before}",
            kind.id(),
            kind.severity().as_str(),
            kind.title()
        );
        let mut said = String::new();
        for found in found_in(kind, kind.examples("toml")[0]).iter().filter(|found| found.kind == kind) {
            let (line, column) = found.line_column();
            let _ = writeln!(said, "{line} 行 {column} 字目: {}", found.title);
            for note in &found.notes {
                let _ = writeln!(said, "  参考: {note}");
            }
            let _ = writeln!(said, "  直し方: {}", found.mend);
        }
        let _ = write!(document, "```text\n{said}```\n\n直した後:{after}");
    }
    let path = common::root().join("docs/diagnostics.md");
    if let Err(problem) = common::compare(&path, &document) {
        panic!("{problem}");
    }
}
