//! Why a run can't continue.
//!
//! Messages are Japanese, say where and what to do, and end without a full stop. What is wrong in a *rule file* is
//! not an `Error` but a [`crate::diagnostic::Diagnostic`]: many per run, with positions.

use std::io;
use std::path::{Path, PathBuf};

use crate::publish::is_stdout;

/// A run that can't continue. [`Error::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be opened or read.
    #[error("`{}` を読めません: {}", path.display(), describe(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written or renamed.
    #[error("`{}` に書けません: {}", path.display(), describe(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An output names a file that is read in the same run.
    #[error("出力先 `{}` は入力と同じファイルです", path.display())]
    OutputIsInput {
        /// The file.
        path: PathBuf,
    },
    /// An output is there already.
    #[error("出力先 `{}` には、もう結果があります", path.display())]
    OutputExists {
        /// The file or folder.
        path: PathBuf,
    },
    /// The input is not a table this program understands.
    #[error("`{input}`{}: {problem}", line.map(|n| format!(" の {n} 行目")).unwrap_or_default())]
    Input {
        /// The input's path, or 標準入力.
        input: String,
        /// Line of the file, counted from 1, where it is known.
        line: Option<u64>,
        /// What was found and what was expected.
        problem: String,
        /// What to do about it.
        hint: String,
    },
    /// A column that was asked for is not there.
    #[error("`{input}`: 列「{wanted}」がありません")]
    MissingColumn {
        /// The input's path, or 標準入力.
        input: String,
        /// The column asked for.
        wanted: String,
        /// The columns that are there.
        headers: Vec<String>,
    },
    /// A morphological dictionary could not be loaded or a user dictionary is malformed.
    #[error("辞書 `{dictionary}`{}: {problem}", line.map(|n| format!(" の {n} 行目")).unwrap_or_default())]
    Dictionary {
        /// Folder or file of the dictionary.
        dictionary: String,
        /// Line of the file, counted from 1, where it is known.
        line: Option<u64>,
        /// What went wrong.
        problem: String,
    },
    /// A manifest could not be understood.
    #[error("`{}` は jirei の実行記録として読めません: {problem}", path.display())]
    Manifest {
        /// The manifest file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A selection of quotes could not be understood.
    #[error("`{}` は引用の選択として読めません: {problem}", path.display())]
    Selection {
        /// The selection file.
        path: PathBuf,
        /// What is wrong with it, and where.
        problem: String,
    },
    /// Results could not be delivered.
    #[error("出力できません: {}", describe(source))]
    Output {
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// A read error of `path`.
    pub fn read(path: &Path, source: io::Error) -> Self {
        Error::Read { path: path.to_owned(), source }
    }

    /// A write error of `path`.
    pub fn write(path: &Path, source: io::Error) -> Self {
        Error::Write { path: path.to_owned(), source }
    }

    /// The error with the name of the file that was being written, where it is known only there.
    #[must_use]
    pub fn at(self, path: &Path) -> Self {
        match self {
            Error::Output { source } if !is_stdout(path) => Error::write(path, source),
            other => other,
        }
    }

    /// What the user can do about it, in Japanese.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Read { source, .. } => Some(match source.kind() {
                io::ErrorKind::NotFound => "ファイル名とフォルダーを確かめてください".to_owned(),
                io::ErrorKind::PermissionDenied => {
                    "読み取りの許可がありません。ほかのソフトで開いていれば閉じてください".to_owned()
                }
                io::ErrorKind::InvalidData => "文字コードを UTF-8 にして保存し直してください".to_owned(),
                _ => "ファイルであること、壊れていないことを確かめてください".to_owned(),
            }),
            Error::Write { source, .. } => Some(match source.kind() {
                io::ErrorKind::IsADirectory => "ファイル名を指定してください".to_owned(),
                io::ErrorKind::NotADirectory => {
                    "途中の名前がフォルダーであることを確かめてください".to_owned()
                }
                io::ErrorKind::InvalidFilename => "別の名前を指定してください".to_owned(),
                _ => "書き込めるフォルダーと空き容量を確かめ、同じファイルを開いているソフトを閉じてください".to_owned(),
            }),
            Error::OutputExists { .. } => {
                Some("置き換えるなら `--force` を付け、残すなら別の名前を指定してください".to_owned())
            }
            Error::OutputIsInput { .. } => Some("入力は上書きしません。別の名前を指定してください".to_owned()),
            Error::Input { hint, .. } => Some(hint.clone()),
            Error::MissingColumn { headers, .. } => Some(format!(
                "この中の名前を書いてください: {}",
                headers.iter().map(|name| format!("「{name}」")).collect::<Vec<_>>().join(" ")
            )),
            Error::Dictionary { .. } => {
                Some("`--dictionary` には lindera の形式で作った辞書のフォルダーを、`--user-dictionary` には「表記,原形,品詞,読み」の CSV を指定してください".to_owned())
            }
            Error::Manifest { .. } => Some("`jirei tag … -o フォルダー` で作ったフォルダーを指定してください".to_owned()),
            Error::Selection { .. } => Some("書き方は docs/output.md の selection.json を見てください".to_owned()),
            Error::Output { .. } => None,
        }
    }

    /// Whether the reader of our output went away (`jirei … | head`), which is no failure of ours.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Error::Output { source } | Error::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The system's message, in Japanese where the kind is a common one.
fn describe(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::NotFound => "ファイルがありません".to_owned(),
        io::ErrorKind::PermissionDenied => "許可がありません".to_owned(),
        io::ErrorKind::IsADirectory => "ファイルではなくフォルダーです".to_owned(),
        io::ErrorKind::NotADirectory => "途中にフォルダーでないものがあります".to_owned(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
            "同じ名前のものがもうあります".to_owned()
        }
        io::ErrorKind::StorageFull => "空き容量がありません".to_owned(),
        io::ErrorKind::InvalidData => "文字コードが UTF-8 ではありません".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "書き込めないディスクです".to_owned(),
        io::ErrorKind::QuotaExceeded => "使える容量を超えました".to_owned(),
        io::ErrorKind::FileTooLarge => "1 つのファイルに書ける大きさを超えました".to_owned(),
        io::ErrorKind::InvalidFilename => "名前が長すぎるか、使えない文字があります".to_owned(),
        io::ErrorKind::ResourceBusy | io::ErrorKind::ExecutableFileBusy => {
            "ほかのプログラムが使っています".to_owned()
        }
        io::ErrorKind::TimedOut => "時間内に応答がありません".to_owned(),
        // The system says it in the language of the system.
        _ => source.to_string(),
    }
}

/// What is wrong with JSON that somebody wrote, and where.
pub(crate) fn json_problem(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let said = error.to_string();
    let mut names = said.split('`').skip(1).step_by(2);
    let name = names.next().unwrap_or_default();
    let what = match error.classify() {
        Category::Eof => "途中で終わっています".to_owned(),
        Category::Syntax | Category::Io => "JSON の書き方に誤りがあります".to_owned(),
        Category::Data if said.starts_with("unknown field") => {
            let known: Vec<&str> = names.collect();
            format!("項目「{name}」は知りません（書けるのは {}）", known.join("・"))
        }
        Category::Data if said.starts_with("missing field") => format!("項目「{name}」がありません"),
        Category::Data if said.starts_with("duplicate field") => format!("項目「{name}」が 2 つあります"),
        Category::Data => "値の種類が違います".to_owned(),
    };
    format!("{} 行 {} 列: {what}", error.line(), error.column())
}

/// The result of library calls that can end a run.
pub type Result<T> = std::result::Result<T, Error>;
