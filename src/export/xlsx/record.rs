//! 実行情報: what was read, with what, and where every row went.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::{Clipped, Page, Sheet, Style};
use crate::manifest::Manifest;

pub(super) fn write(
    sheet: &mut Worksheet,
    manifest: &Manifest,
    clipped: &Clipped,
    style: &Style,
) -> Result<(), XlsxError> {
    let page = Page { widths: &[26.0, 90.0], is_landscape: true };
    let mut sheet = Sheet::new(sheet, style, &page)?;
    sheet.title("実行情報")?;
    for (name, value) in lines(manifest, clipped) {
        sheet.text(0, &name)?;
        sheet.text(1, &value)?;
        sheet.next()?;
    }
    Ok(())
}

fn lines(manifest: &Manifest, clipped: &Clipped) -> Vec<(String, String)> {
    let Manifest {
        program, lindera, dictionary, user_dictionary, rules, inputs, options, accounting, ..
    } = manifest;
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| lines.push((name.to_owned(), value));
    line("プログラム", format!("{} {}", program.name, program.version));
    line("ルール", format!("{}（{} カテゴリ、{} ルール）", rules.source, rules.categories, rules.rules));
    line("ルールの照合値 (SHA-256)", rules.sha256.clone());
    line("形態素解析", format!("lindera {}", lindera.version));
    line("辞書", dictionary.name.clone());
    line("辞書の照合値 (SHA-256)", dictionary.sha256.clone());
    if let Some(words) = user_dictionary {
        line("追加した語", format!("{} 語（SHA-256 {}）", words.entries, words.sha256));
    }
    for input in inputs {
        line("入力", format!("{}（{} バイト、SHA-256 {}）", input.path, input.bytes, input.sha256));
    }
    for (name, value) in options {
        line(&format!("指定 --{name}"), value.clone());
    }
    line("入力の行", accounting.rows.to_string());
    line(
        "記述",
        format!(
            "{} ＝ 回答あり {} ＋ 特になし {} ＋ 空欄 {}",
            accounting.comments, accounting.answered, accounting.nothing, accounting.empty
        ),
    );
    line(
        "回答あり",
        format!(
            "{} ＝ カテゴリあり {} ＋ カテゴリなし {}",
            accounting.answered, accounting.tagged, accounting.untagged
        ),
    );
    if let Some(first) = &clipped.first {
        line(
            "途中で切った本文",
            format!(
                "{} 件（最初は番号 {first}）。1 つのセルには 32,767 字までしか入らない。全文は CSV か JSON Lines で書き出せる",
                clipped.texts
            ),
        );
    }
    lines
}
