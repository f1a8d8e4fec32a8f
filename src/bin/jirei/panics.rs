//! Panics of libraries that are no mistakes of the program: a full disk where temporary files lie, to which rust_xlsxwriter
//! writes the rows of a workbook, and a damaged book, whose word calamine takes.

use std::any::Any;
use std::panic::{set_hook, take_hook};

use crate::output::{Color, Output};

/// As [`crate::exit::Status::Failed`] says it.
const FAILED: i32 = 2;

/// From here on such a panic ends the program with a message; others are what they were.
pub fn explain() {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        let (problem, hint) = if is_about_space(panic.payload()) {
            let problem = format!("`{}` に空き容量がありません", std::env::temp_dir().display());
            (
                problem,
                "空きを作るか、環境変数 TMPDIR（Windows では TMP）で別のフォルダーを指定してください。`.jirei-` で始まるものが残っていれば消して構いません",
            )
        } else if panic.location().is_some_and(|place| place.file().contains("calamine")) {
            let problem = "入力のブックが壊れていて、読めません".to_owned();
            (problem, "Excel か LibreOffice で開いて、「Excel ブック（xlsx）」で保存し直してください")
        } else {
            return usual(panic);
        };
        Output::new(Color::Auto, false, false).error(&problem, Some(hint));
        std::process::exit(FAILED);
    }));
}

fn is_about_space(payload: &(dyn Any + Send)) -> bool {
    payload.downcast_ref::<String>().is_some_and(|said| said.contains("kind: StorageFull"))
}

#[cfg(test)]
mod tests {
    use super::is_about_space;

    #[test]
    fn only_a_full_disk_is_explained() {
        let said = |kind: std::io::ErrorKind| {
            let error = std::io::Error::from(kind);
            // As `expect` says it, for an error of the system.
            is_about_space(&format!(
                "Couldn't write: Os {{ code: 28, kind: {:?}, message: \"\" }}",
                error.kind()
            ))
        };
        assert!(said(std::io::ErrorKind::StorageFull));
        assert!(!said(std::io::ErrorKind::NotFound));
        assert!(!is_about_space(&"kind"));
    }
}
