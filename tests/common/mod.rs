//! What several of the test programs need: the built program, its results, and expectations kept in files.

#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The package's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program with `args`, run in the folder `dir`.
pub(crate) fn jirei(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jirei"))
        .current_dir(dir)
        .args(args)
        .output()
        .expect("the program starts")
}

/// As [`jirei`], for runs that must succeed.
pub(crate) fn jirei_ok(dir: &Path, args: &[&str]) -> Output {
    let output = jirei(dir, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "jirei {}: {}\n{said}", args.join(" "), output.status);
    output
}

/// Whether expectations are to be written instead of compared.
pub(crate) fn overwrites() -> bool {
    std::env::var_os("OVERWRITE").is_some_and(|value| !value.is_empty())
}

/// Compares `found` with the content of the file `expected`, or writes it there where `OVERWRITE` is set. What differs
/// is said by the first line that does; line ends don't count.
pub(crate) fn compare(expected: &Path, found: &str) -> Result<(), String> {
    if overwrites() {
        return fs::write(expected, found).map_err(|error| format!("{}: {error}", expected.display()));
    }
    let name = expected.strip_prefix(root()).unwrap_or(expected).display();
    let wanted =
        fs::read_to_string(expected).map_err(|error| format!("{name}: {error}; OVERWRITE=1 writes it"))?;
    let (wanted, found) = (wanted.replace("\r\n", "\n"), found.replace("\r\n", "\n"));
    if wanted == found {
        return Ok(());
    }
    let mut lines =
        (1..).zip(wanted.lines().map(Some).chain([None]).zip(found.lines().map(Some).chain([None])));
    let (number, (wanted, found)) =
        lines.find(|(_, (wanted, found))| wanted != found).unwrap_or((0, (Some("(end)"), Some("(end)"))));
    let show = |line: Option<&str>| line.map_or("(nothing)".to_owned(), str::to_owned);
    Err(format!(
        "{name}, line {number}\n  expected: {}\n  found:    {}\n  OVERWRITE=1 accepts what was found",
        show(wanted),
        show(found)
    ))
}

/// The files of `dir` whose names end in `.extension`, by name.
pub(crate) fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder is readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    paths
}
