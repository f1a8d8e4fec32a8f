//! tagged.csv, and the same as TSV: one row per comment, the input's columns first and untouched, ours after them.
//!
//! For spreadsheets and for joining back to the input. Which columns are ours is decided here, in [`columns`], for
//! every tagged table; how cells are written is up to the dialect in `table`.

use crate::classify::Tagging;
use crate::comment::{Comment, Schema, Status};
pub use crate::export::table::Separator;
use crate::export::table::{self, Rows};
use crate::rule::Rulebook;
use crate::span::{Orig, Span};

/// Appends the byte order mark and the header row.
pub fn write_header(out: &mut Vec<u8>, schema: &Schema, rulebook: &Rulebook, separator: Separator) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::separated(out, separator);
    for header in schema.headers.iter().chain(&columns(schema, rulebook)) {
        rows.cell(header);
    }
    rows.end();
}

/// Appends the row of `comment`, whose schema must be the one the header was written for.
pub fn write_comment(
    out: &mut Vec<u8>,
    comment: &Comment,
    tagging: &Tagging,
    rulebook: &Rulebook,
    separator: Separator,
) {
    write_row(Rows::separated(out, separator), comment, tagging, rulebook, &[]);
}

/// Writes the row of `comment`, with the cells `more` at the end.
pub(super) fn write_row(
    mut rows: Rows<'_>,
    comment: &Comment,
    tagging: &Tagging,
    rulebook: &Rulebook,
    more: &[&str],
) {
    for cell in &comment.row().cells {
        rows.cell(cell);
    }
    if comment.schema().is_wide() {
        rows.cell(comment.question());
        rows.cell(comment.text());
    }
    rows.raw(status_label(comment.status()).as_bytes());
    rows.cell(&category_names(tagging, rulebook));
    rows.cell(&evidence_texts(comment.text(), tagging));
    // Both lists are in rulebook order: one walk over the two.
    let mut tags = tagging.tags.iter().map(|tag| tag.category).peekable();
    for category in rulebook.category_ids() {
        rows.raw(if tags.next_if_eq(&category).is_some() { b"1" } else { b"0" });
    }
    more.iter().for_each(|cell| rows.cell(cell));
    rows.end();
}

/// The headers of our columns, in order: for wide tables 問 and 本文, then 状態, カテゴリ, 根拠, then one column per
/// category. They are distinct among themselves and from the headers of `schema`.
pub fn columns(schema: &Schema, rulebook: &Rulebook) -> Vec<String> {
    let of_comment: &[&str] = if schema.is_wide() { &["問", "本文"] } else { &[] };
    let of_tagging = ["状態", "カテゴリ", "根拠"];
    let of_categories = rulebook.categories().iter().map(|category| category.name.as_str());
    table::distinct_from(
        schema.headers.iter().map(String::as_str),
        of_comment.iter().copied().chain(of_tagging).chain(of_categories),
    )
}

/// What 状態 says.
pub(crate) fn status_label(status: Status) -> &'static str {
    match status {
        Status::Answered => "回答あり",
        Status::Empty => "空欄",
        Status::Nothing => "特になし",
    }
}

/// What カテゴリ says: the names in rulebook order.
pub(crate) fn category_names(tagging: &Tagging, rulebook: &Rulebook) -> String {
    let names: Vec<&str> =
        tagging.tags.iter().map(|tag| rulebook.category(tag.category).name.as_str()).collect();
    names.join(";")
}

/// What 根拠 says: the texts of the evidence.
pub(crate) fn evidence_texts(text: &str, tagging: &Tagging) -> String {
    let texts: Vec<&str> = places(tagging).into_iter().map(|place| &text[place.range()]).collect();
    texts.join(" / ")
}

/// Every place that is evidence, by position; a place that serves two categories once.
pub(super) fn places(tagging: &Tagging) -> Vec<Span<Orig>> {
    let evidence = tagging.tags.iter().flat_map(|tag| &tag.evidence);
    let mut places: Vec<Span<Orig>> = evidence.map(|evidence| evidence.span).collect();
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{long, rulebook, tagging, wide};

    fn file(comments: &[(Comment, Tagging)]) -> String {
        separated(comments, Separator::Comma)
    }

    fn separated(comments: &[(Comment, Tagging)], separator: Separator) -> String {
        let mut out = Vec::new();
        write_header(&mut out, comments[0].0.schema(), &rulebook(), separator);
        for (comment, tagging) in comments {
            write_comment(&mut out, comment, tagging, &rulebook(), separator);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_long_table_keeps_its_columns_and_gets_ours() {
        let answer = long("012", "問7", "東京都", "●が出て、顔認証もできず");
        let tags = tagging(answer.text(), &[(0, &["顔認証もできず"]), (1, &["●", "顔認証もできず"])]);
        let nothing = (long("013", "問7", "-", "特になし"), Tagging::default());
        assert_eq!(
            file(&[(answer, tags), nothing]),
            concat!(
                "\u{feff}番号,問,都道府県,回答,状態,カテゴリ,根拠,顔認証失敗,●表記,タイムラグ\r\n",
                "012,問7,東京都,●が出て、顔認証もできず,回答あり,顔認証失敗;●表記,● / 顔認証もできず,1,1,0\r\n",
                "013,問7,'-,特になし,特になし,,,0,0,0\r\n",
            )
        );
    }

    #[test]
    fn a_wide_table_says_which_question_each_row_is_about() {
        let [first, second] = wide(1, ["", "=●"]);
        let tags = tagging("=●", &[(1, &["=●"])]);
        assert_eq!(
            file(&[(first, Tagging::default()), (second, tags)]),
            concat!(
                "\u{feff}タイムラグ,問7,問13,問,本文,状態,カテゴリ,根拠,顔認証失敗,●表記,タイムラグ（jirei）\r\n",
                "愛知県,,'=●,問7,,空欄,,,0,0,0\r\n",
                "愛知県,,'=●,問13,'=●,回答あり,●表記,'=●,0,1,0\r\n",
            )
        );
    }

    #[test]
    fn a_tab_separates_as_a_comma_does() {
        let answer = (long("1", "問7", "東京,都", "一行目\n二\t行目"), Tagging::default());
        assert_eq!(
            separated(&[answer], Separator::Tab),
            concat!(
                "\u{feff}番号\t問\t都道府県\t回答\t状態\tカテゴリ\t根拠\t顔認証失敗\t●表記\tタイムラグ\r\n",
                "1\t問7\t東京,都\t\"一行目\n二\t行目\"\t回答あり\t\t\t0\t0\t0\r\n",
            )
        );
    }

    #[test]
    fn every_row_has_as_many_cells_as_the_header() {
        let comment = long("1", "問7", "\"東京\"", "一行目\r\n二行目,\"三\"");
        let written = file(&[(comment, Tagging::default())]);
        let mut reader = ::csv::Reader::from_reader(written.as_bytes());
        let width = reader.headers().unwrap().len();
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!((row.len(), &row[2], &row[3]), (width, "\"東京\"", "一行目\r\n二行目,\"三\""));
    }
}
