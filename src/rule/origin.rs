//! Where rules come from: the program itself, a file or folder, or a revision in git.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::{shipped, source};
use crate::diagnostic::SourceFile;
use crate::error::{Error, Result};

/// A place that rules can be read from, as written on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `shipped`: the rules built into the program.
    Shipped,
    /// A file or folder.
    Path(PathBuf),
    /// `git:REV` or `git:REV:PATH`: rules as they were committed.
    Revision {
        /// What git calls a revision: a commit, a tag, a branch, `HEAD~1`.
        revision: String,
        /// File or folder from the top of the repository; without one, the place of the rules compared with.
        path: Option<String>,
    },
}

impl Origin {
    /// Reads what was written: `shipped`, `git:…`, and everything else a path.
    pub fn parse(written: &Path) -> Origin {
        match written.to_str() {
            Some("shipped") => Origin::Shipped,
            Some(text) => match text.strip_prefix("git:") {
                Some(rest) => {
                    let (revision, path) = split(rest);
                    Origin::Revision { revision: revision.to_owned(), path: path.map(str::to_owned) }
                }
                None => Origin::Path(written.to_owned()),
            },
            None => Origin::Path(written.to_owned()),
        }
    }

    /// Reads the files. `other` is what the rules are compared with: a revision without a path is looked up there.
    ///
    /// # Errors
    /// If a file can't be read, git isn't there or doesn't know the revision, or no rule file is found.
    pub fn load(&self, other: &Origin) -> Result<Vec<Arc<SourceFile>>> {
        match self {
            Origin::Shipped => Ok(shipped::sources()),
            Origin::Path(path) => source::load(path),
            Origin::Revision { revision, path: Some(path) } => {
                let shown = format!("git:{revision}:{path}");
                Repository::open(Path::new("."), shown)?.load(revision, path)
            }
            Origin::Revision { revision, path: None } => {
                let Origin::Path(path) = other else {
                    return Err(refuse(
                        &format!("git:{revision}"),
                        "リポジトリの中のどのファイルかが分かりません",
                        "`git:版:rules` のように、ルールの場所も書いてください",
                    ));
                };
                let shown = format!("git:{revision}:{}", path.display());
                let (folder, name) = match path.parent() {
                    _ if path.is_dir() => (path.as_path(), String::new()),
                    Some(parent) if parent.as_os_str().is_empty() => (Path::new("."), name_of(path)),
                    Some(parent) => (parent, name_of(path)),
                    None => (path.as_path(), String::new()),
                };
                // `./` makes git look from the folder it runs in.
                Repository::open(folder, shown)?.load(revision, &format!("./{name}"))
            }
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Revision and path at the first colon outside of `@{…}`, which may hold a time of day.
fn split(text: &str) -> (&str, Option<&str>) {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ':' if depth <= 0 => return (&text[..at], Some(&text[at + 1..])),
            _ => {}
        }
    }
    (text, None)
}

/// Git, run in a folder. `shown` is how the rules are called in messages.
struct Repository<'f> {
    folder: &'f Path,
    shown: String,
}

impl<'f> Repository<'f> {
    fn open(folder: &'f Path, shown: String) -> Result<Self> {
        let repository = Repository { folder, shown };
        match repository.git(&["rev-parse", "--git-dir"])? {
            Some(_) => Ok(repository),
            None => Err(repository.refuse(
                "ここは git で管理されていません",
                "リポジトリの中で実行するか、比べるルールをフォルダーで指定してください",
            )),
        }
    }

    /// The rule files at `path` of `revision`, by name.
    fn load(&self, revision: &str, path: &str) -> Result<Vec<Arc<SourceFile>>> {
        let is_known = !revision.is_empty()
            && !revision.starts_with('-')
            && self.git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])?.is_some();
        if !is_known {
            return Err(self.refuse(
                &format!("「{revision}」という版は git にありません"),
                "`git log --oneline` で版を確かめてください",
            ));
        }
        let object = format!("{revision}:{path}");
        let kind = self.git(&["cat-file", "-t", &object])?;
        let names = match kind.as_deref().map(<[u8]>::trim_ascii) {
            Some(b"blob") => return Ok(vec![self.file(&object, self.shown.clone())?]),
            Some(b"tree") => {
                self.git(&["ls-tree", "-z", "--full-tree", "--name-only", &object])?.unwrap_or_default()
            }
            _ => {
                return Err(self.refuse(
                    "その版には、この場所にルールがありません",
                    "場所はリポジトリのいちばん上から書きます（例: git:HEAD~1:rules）",
                ));
            }
        };
        let names = String::from_utf8_lossy(&names);
        let mut names: Vec<&str> =
            names.split('\0').filter(|name| name.to_ascii_lowercase().ends_with(".toml")).collect();
        names.sort_unstable();
        if names.is_empty() {
            return Err(self.refuse(
                "その版のフォルダーには、ルール（.toml）が 1 つもありません",
                "`git ls-tree` で中身を確かめてください",
            ));
        }
        let (object, shown) = (object.trim_end_matches('/'), self.shown.trim_end_matches('/'));
        names.iter().map(|name| self.file(&format!("{object}/{name}"), format!("{shown}/{name}"))).collect()
    }

    fn file(&self, object: &str, name: String) -> Result<Arc<SourceFile>> {
        let bytes = self.git(&["cat-file", "blob", object])?.unwrap_or_default();
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Arc::new(SourceFile { name, text: source::without_bom(text) })),
            Err(_) => Err(refuse(
                &name,
                "文字コードが UTF-8 ではありません",
                "UTF-8 で保存し直した版を指定してください",
            )),
        }
    }

    /// What git prints; `None` if it says no.
    fn git(&self, arguments: &[&str]) -> Result<Option<Vec<u8>>> {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.folder).args(arguments).stdin(Stdio::null());
        match command.output() {
            Ok(output) => Ok(output.status.success().then_some(output.stdout)),
            Err(_) => Err(self.refuse(
                "git を実行できません",
                "git を入れるか、比べるルールをフォルダーで指定してください",
            )),
        }
    }

    fn refuse(&self, problem: &str, hint: &str) -> Error {
        refuse(&self.shown, problem, hint)
    }
}

fn refuse(input: &str, problem: &str, hint: &str) -> Error {
    Error::Input { input: input.to_owned(), line: None, problem: problem.to_owned(), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let done = Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    #[test]
    fn what_is_written_says_where_rules_are() {
        let revision = |revision: &str, path: Option<&str>| Origin::Revision {
            revision: revision.to_owned(),
            path: path.map(str::to_owned),
        };
        for (written, expected) in [
            ("shipped", Origin::Shipped),
            ("./shipped", Origin::Path("./shipped".into())),
            ("rules/", Origin::Path("rules/".into())),
            ("git:HEAD~1", revision("HEAD~1", None)),
            ("git:v1.0:rules/20.toml", revision("v1.0", Some("rules/20.toml"))),
            ("git:HEAD@{12:00}:rules", revision("HEAD@{12:00}", Some("rules"))),
        ] {
            assert_eq!(Origin::parse(Path::new(written)), expected, "{written}");
        }
    }

    #[test]
    fn a_revision_is_read_as_it_was_committed() {
        let folder = tempfile::tempdir().unwrap();
        let rules = folder.path().join("辞書");
        std::fs::create_dir(&rules).unwrap();
        git(folder.path(), &["init", "--quiet"]);
        for (name, text) in [("b.toml", "# 二\n"), ("a.toml", "# 一\n"), ("memo.txt", "")] {
            std::fs::write(rules.join(name), text).unwrap();
        }
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["commit", "--quiet", "--message", "first"]);
        std::fs::write(rules.join("a.toml"), "# 三\n").unwrap();

        let head = Origin::parse(Path::new("git:HEAD"));
        let texts = |other: &Path| {
            let files = head.load(&Origin::Path(other.to_owned())).unwrap();
            files.iter().map(|file| file.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(texts(&rules), ["# 一\n", "# 二\n"]);
        assert_eq!(texts(&rules.join("b.toml")), ["# 二\n"]);
        let complaint = |written: &str, other: &Path| {
            Origin::parse(Path::new(written)).load(&Origin::Path(other.to_owned())).unwrap_err().to_string()
        };
        assert!(complaint("git:HEAD~1", &rules).contains("「HEAD~1」という版は git にありません"));
        assert!(complaint("git:--help", &rules).contains("「--help」という版は git にありません"));
        assert!(complaint("git:HEAD", &rules.join("c.toml")).contains("この場所にルールがありません"));
        let problem = head.load(&Origin::Shipped).unwrap_err().to_string();
        assert!(problem.contains("どのファイルかが分かりません"), "{problem}");
    }
}
