//! What `jirei check` says about rule files that are wrong: one golden pair or more for every kind of diagnostic.
//!
//! `diagnostics/ID-what.toml` is the rule file, `.csv` beside it the corpus if it takes one, `.stderr` what the program says. `OVERWRITE=1 cargo test
//! --test diagnostics` writes the latter; read them before committing: the caret must stand under what the title
//! speaks of (in a terminal font with full-width characters two cells wide), and the mend must mend it.

mod common;

use std::collections::BTreeSet;

use jirei::diagnostic::{Kind, Severity};

#[test]
fn rule_files_that_are_wrong_are_explained() {
    let dir = common::root().join("tests/diagnostics");
    let files = common::files(&dir, "toml");
    let check = |path: &std::path::PathBuf| {
        let name = path.file_name().expect("it is a file").to_str().expect("names are ASCII").to_owned();
        let mut args = vec!["check", "--color", "never", "--rules", &name];
        // What it takes to find it.
        let corpus = name.replace(".toml", ".csv");
        if dir.join(&corpus).is_file() {
            args.extend(["--corpus", &corpus]);
        }
        if name.starts_with(Kind::UntestedParts.id()) {
            args.push("--mutate");
        }
        let output = common::jirei(&dir, &args);
        let said = String::from_utf8(output.stderr).expect("messages are UTF-8");
        let said =
            format!("{said}exit status: {}\n", output.status.code().expect("the program ends by itself"));
        (name, common::compare(&path.with_extension("stderr"), &said), said)
    };
    // The program takes its time to load the dictionary; the files don't depend on each other.
    let half = files.len() / 2;
    let run = |files: &[std::path::PathBuf]| files.iter().map(check).collect::<Vec<_>>();
    let checked = std::thread::scope(|scope| {
        let first = scope.spawn(|| run(&files[..half]));
        let second = run(&files[half..]);
        let mut all = first.join().expect("no check panics");
        all.extend(second);
        all
    });

    let mut problems: Vec<String> =
        checked.iter().filter_map(|(_, compared, _)| compared.clone().err()).collect();
    let mut covered = BTreeSet::new();
    for (name, _, said) in &checked {
        let id = &name[..4];
        match Kind::ALL.iter().find(|kind| kind.id() == id) {
            Some(kind) => {
                covered.insert(*kind);
                if !said.contains(&format!("{}[{id}]", kind.severity().as_str())) {
                    problems.push(format!("{name} does not lead to {id}"));
                }
                let status = if kind.severity() == Severity::Note { "0" } else { "[12]" };
                let ends = ["exit status: 1\n", "exit status: 2\n"].iter().any(|end| said.ends_with(end));
                if (kind.severity() == Severity::Note) == ends {
                    problems.push(format!("{name} must end with exit status {status}"));
                }
            }
            None => problems.push(format!("{name} does not begin with the id of a diagnostic")),
        }
    }
    for kind in Kind::ALL.iter().filter(|kind| !covered.contains(kind)) {
        problems.push(format!("{} ({kind:?}) has no golden pair in tests/diagnostics", kind.id()));
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn every_golden_file_belongs_to_a_rule_file() {
    let dir = common::root().join("tests/diagnostics");
    for path in common::files(&dir, "stderr") {
        assert!(path.with_extension("toml").is_file(), "{} is left over", path.display());
    }
}
