//! manifest.json: what went in, what it was tagged with, what came out; enough to repeat a run and to check it later.
//!
//! No clock, no host, no user: the same run writes the same manifest. Which facts go in is the business of
//! `jirei tag`; [`crate::publish::Folder`] adds the outputs and renames the manifest last.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result, json_problem};
use crate::tally::Accounting;

/// The name of the manifest in its folder.
pub const FILE_NAME: &str = "manifest.json";

/// Version of the manifest and of every file it vouches for. Fields and columns may be added under the same version;
/// it is raised when one changes its meaning or goes.
pub const SCHEMA: &str = "jirei-manifest/1";

/// The record of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// This program.
    pub program: Program,
    /// The tokenizer.
    pub lindera: Lindera,
    /// The morphological dictionary.
    pub dictionary: Dictionary,
    /// The domain words added to it; `null` where there are none.
    pub user_dictionary: Option<UserDictionary>,
    /// The rulebook.
    pub rules: Rules,
    /// The files read, in the order given.
    pub inputs: Vec<FileDigest>,
    /// The options that bear on the result, by name.
    pub options: BTreeMap<String, String>,
    /// The command line that does the run again, without where it writes; empty in records before there was one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Where all rows and comments went.
    pub accounting: Accounting,
    /// The other files of the folder, in the order they were finished.
    pub outputs: Vec<FileDigest>,
}

/// The program that wrote a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// `jirei`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Program {
    /// This build.
    pub fn current() -> Self {
        Program { name: "jirei".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// The tokenizer of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lindera {
    /// Version of the lindera crate.
    pub version: String,
}

/// The morphological dictionary of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dictionary {
    /// Its name, or the path of its folder.
    pub name: String,
    /// Over its files.
    pub sha256: String,
}

/// The domain words of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDictionary {
    /// Number of words.
    pub entries: usize,
    /// Over its text.
    pub sha256: String,
}

/// The rulebook of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// 内蔵 for the shipped rules, else the path given.
    pub source: String,
    /// Over all files of the rulebook.
    pub sha256: String,
    /// Number of categories.
    pub categories: usize,
    /// Number of rules.
    pub rules: usize,
}

impl Manifest {
    /// The content of the file.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("all keys are strings");
        json.push(b'\n');
        json
    }

    /// Reads the manifest of the folder `dir`.
    ///
    /// # Errors
    /// [`Error::Read`] where there is none, [`Error::Manifest`] where it is not one of this version.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE_NAME);
        let json = fs::read(&path).map_err(|source| Error::read(&path, source))?;
        Self::parse(&json).map_err(|problem| Error::Manifest { path, problem })
    }

    fn parse(json: &[u8]) -> std::result::Result<Self, String> {
        // The version first: otherwise a manifest of the future is reported as one with missing fields.
        #[derive(Deserialize)]
        struct Version {
            schema: String,
        }
        let Version { schema } = serde_json::from_slice(json).map_err(|error| json_problem(&error))?;
        if schema != SCHEMA {
            return Err(format!("版が `{schema}` です。この jirei が読めるのは `{SCHEMA}` です"));
        }
        serde_json::from_slice(json).map_err(|error| json_problem(&error))
    }
}

/// A file as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// For an input as the user wrote it (`-` for stdin), for an output its name in the folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Over its content, as 64 hexadecimal digits in lower case.
    pub sha256: String,
}

impl FileDigest {
    /// Of the file at `path`, read in pieces.
    pub fn of_file(path: &Path) -> Result<Self> {
        File::open(path)
            .and_then(|file| Self::of_reader(path.display().to_string(), file))
            .map_err(|source| Error::read(path, source))
    }

    /// Of everything `reader` still has to give.
    pub fn of_reader(path: impl Into<String>, mut reader: impl Read) -> io::Result<Self> {
        let mut digest = Digesting::default();
        io::copy(&mut reader, &mut digest)?;
        Ok(digest.finish(path))
    }

    fn has_content_of(&self, other: &FileDigest) -> bool {
        self.bytes == other.bytes && self.sha256 == other.sha256
    }
}

/// The SHA-256 of `bytes`, written as in [`FileDigest::sha256`].
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Takes the digest of what is written to it.
#[derive(Debug, Default)]
pub struct Digesting {
    bytes: u64,
    sha256: Sha256,
}

impl Digesting {
    /// The digest of all that was written, under the name `path`.
    pub fn finish(self, path: impl Into<String>) -> FileDigest {
        FileDigest { path: path.into(), bytes: self.bytes, sha256: hex(&self.sha256.finalize()) }
    }
}

impl Write for Digesting {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.sha256.update(buffer);
        self.bytes += buffer.len() as u64;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// In hexadecimal digits. By hand: every comment of a page has a hash, and formatting one takes longer than making it.
fn hex(digest: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)]).collect()
}

/// What became of one file since the manifest was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether the run read the file or wrote it.
    pub role: Role,
    /// The file as recorded.
    pub recorded: FileDigest,
    /// What is there now.
    pub state: State,
}

/// Which side of a run a file was on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Read by the run.
    Input,
    /// Written by the run.
    Output,
}

/// How a file compares with its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The same, byte for byte.
    Same,
    /// Not there.
    Missing,
    /// Another content.
    Changed {
        /// The file as it is now.
        found: FileDigest,
    },
    /// There, and it can't be read.
    Unreadable {
        /// Why, in Japanese.
        problem: String,
    },
}

/// Compares the files that the manifest of `dir` names with what is there now: first the outputs, in `dir`, then the
/// inputs, from the current folder.
///
/// # Errors
/// Those of [`Manifest::read`].
pub fn verify(dir: &Path) -> Result<Vec<Finding>> {
    let manifest = Manifest::read(dir)?;
    let outputs = manifest.outputs.into_iter().map(|file| (Role::Output, dir.join(&file.path), file));
    let inputs = manifest.inputs.into_iter().map(|file| (Role::Input, PathBuf::from(&file.path), file));
    Ok(outputs.chain(inputs).map(|(role, path, file)| compare(role, &path, file)).collect())
}

fn compare(role: Role, path: &Path, recorded: FileDigest) -> Finding {
    let state = match FileDigest::of_file(path) {
        Ok(found) if found.has_content_of(&recorded) => State::Same,
        Ok(found) => State::Changed { found },
        Err(Error::Read { source, .. })
            if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            State::Missing
        }
        Err(error) => State::Unreadable { problem: error.to_string() },
    };
    Finding { role, recorded, state }
}

impl Finding {
    /// Whether the folder can no longer be relied on. An input that was moved away is no failure: nothing contradicts
    /// its record.
    pub fn is_failure(&self) -> bool {
        match (self.role, &self.state) {
            (_, State::Same) | (Role::Input, State::Missing) => false,
            (Role::Output, State::Missing) | (_, State::Changed { .. } | State::Unreadable { .. }) => true,
        }
    }

    /// Whether there was nothing to compare.
    pub fn is_left_out(&self) -> bool {
        self.role == Role::Input && self.state == State::Missing
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::Input => "入力",
            Role::Output => "出力",
        };
        let path = &self.recorded.path;
        match &self.state {
            State::Same => write!(f, "{role} `{path}`: 記録と一致"),
            State::Missing if self.is_left_out() => {
                write!(f, "{role} `{path}`: 記録された場所にないため照合せず")
            }
            State::Missing => write!(f, "{role} `{path}`: ありません"),
            State::Unreadable { problem } => write!(f, "{role} `{path}`: 照合できません（{problem}）"),
            State::Changed { found } => {
                let FileDigest { bytes, sha256, .. } = &self.recorded;
                write!(f, "{role} `{path}`: 記録と違います")?;
                write!(f, "（記録 {bytes} バイト {sha256}、現在 {} バイト {}）", found.bytes, found.sha256)
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    pub(crate) fn manifest() -> Manifest {
        let file = |path: &str| FileDigest { path: path.to_owned(), bytes: 3, sha256: ABC.to_owned() };
        Manifest {
            schema: SCHEMA.to_owned(),
            program: Program { name: "jirei".to_owned(), version: "0.1.0".to_owned() },
            lindera: Lindera { version: "6.2.0".to_owned() },
            dictionary: Dictionary { name: "ipadic".to_owned(), sha256: ABC.to_owned() },
            user_dictionary: Some(UserDictionary { entries: 2, sha256: ABC.to_owned() }),
            rules: Rules { source: "内蔵".to_owned(), sha256: ABC.to_owned(), categories: 3, rules: 5 },
            inputs: vec![file("no/such/answers.csv")],
            options: BTreeMap::from([
                ("text".to_owned(), "回答".to_owned()),
                ("id".to_owned(), "番号".to_owned()),
            ]),
            command: Vec::new(),
            accounting: Accounting { rows: 1, comments: 1, answered: 1, tagged: 1, ..Accounting::default() },
            outputs: vec![file("a.csv"), file("b.csv"), file("c.csv")],
        }
    }

    #[test]
    fn a_digest_is_of_all_pieces_written() {
        let mut digest = Digesting::default();
        digest.write_all(b"a").unwrap();
        digest.write_all(b"bc").unwrap();
        assert_eq!(digest.finish("a.csv"), manifest().outputs[0]);
        assert_eq!(sha256(b"abc"), ABC);
    }

    #[test]
    fn keys_keep_their_order_and_options_are_sorted() {
        let json = String::from_utf8(manifest().to_json()).unwrap();
        let keys = [
            "schema",
            "program",
            "lindera",
            "dictionary",
            "user_dictionary",
            "rules",
            "inputs",
            "options",
            "accounting",
            "outputs",
        ];
        let places: Vec<usize> =
            keys.iter().map(|key| json.find(&format!("\n  \"{key}\": ")).unwrap()).collect();
        assert!(places.is_sorted(), "{json}");
        assert!(json.contains("{\n    \"id\": \"番号\",\n    \"text\": \"回答\"\n  }"), "{json}");
        assert!(json.ends_with("}\n"));
    }

    #[test]
    fn verify_finds_what_changed_and_what_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE_NAME), manifest().to_json()).unwrap();
        fs::write(dir.path().join("a.csv"), "abc").unwrap();
        fs::write(dir.path().join("b.csv"), "abd").unwrap();
        let findings = verify(dir.path()).unwrap();
        let failures: Vec<(&str, bool)> =
            findings.iter().map(|finding| (finding.recorded.path.as_str(), finding.is_failure())).collect();
        assert_eq!(
            failures,
            [("a.csv", false), ("b.csv", true), ("c.csv", true), ("no/such/answers.csv", false)]
        );
        let messages: Vec<String> = findings.iter().map(Finding::to_string).collect();
        assert_eq!(messages[0], "出力 `a.csv`: 記録と一致");
        assert!(
            messages[1].contains(&format!("記録 3 バイト {ABC}、現在 3 バイト a52d159f")),
            "{}",
            messages[1]
        );
        assert_eq!(messages[2], "出力 `c.csv`: ありません");
        assert_eq!(messages[3], "入力 `no/such/answers.csv`: 記録された場所にないため照合せず");
    }

    #[test]
    fn what_cannot_be_read_does_not_hide_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE_NAME), manifest().to_json()).unwrap();
        fs::create_dir(dir.path().join("a.csv")).unwrap();
        fs::write(dir.path().join("b.csv"), "abd").unwrap();
        let findings = verify(dir.path()).unwrap();
        let failures: Vec<bool> = findings.iter().map(Finding::is_failure).collect();
        assert_eq!(failures, [true, true, true, false]);
        assert!(findings[0].to_string().ends_with("ファイルではなくフォルダーです）"), "{}", findings[0]);
    }

    #[test]
    fn a_manifest_of_another_version_is_refused_by_its_version() {
        let problem = Manifest::parse(br#"{"schema":"jirei-manifest/9"}"#).unwrap_err();
        assert!(problem.contains("jirei-manifest/9"), "{problem}");
        assert_eq!(Manifest::parse(&manifest().to_json()), Ok(manifest()));
    }
}
