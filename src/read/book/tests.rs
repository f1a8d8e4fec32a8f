//! Books that the library for writing them makes, and damaged ones.

use super::*;

#[test]
fn dates_of_opendocument_look_like_those_of_excel() {
    for (iso, shown) in [
        ("2024-04-01", "2024/4/1"),
        ("2024-04-01T00:00:00", "2024/4/1"),
        ("2024-04-01T13:05:00", "2024/4/1 13:05"),
        ("来週", "来週"),
    ] {
        assert_eq!(iso_moment(iso), shown);
    }
    assert_eq!(iso_duration("PT09H05M00S"), "9:05:00");
}

#[test]
fn cells_merged_over_several_rows_are_pointed_out() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let (sheet, plain) = (book.add_worksheet(), rust_xlsxwriter::Format::new());
    for (row, cells) in
        (0..).zip([["題", ""], ["県", "意見"], ["", "遅い"], ["", "混む"], ["愛知県", "遅い"]])
    {
        sheet.write_row(row, 0, cells).unwrap();
    }
    sheet.merge_range(0, 0, 0, 1, "題", &plain).unwrap();
    sheet.merge_range(2, 0, 3, 0, "東京都", &plain).unwrap();
    let mut book = Book::open("t.xlsx", book.save_to_buffer().unwrap()).unwrap();
    let findings = book.sheet("Sheet1").unwrap().findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(
        findings[0].starts_with("縦に結合されたセル: 1 か所（最初は 3 行目から 4 行目まで）"),
        "{findings:?}"
    );
}

#[test]
fn formulas_without_a_result_are_pointed_out() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["番号", "意見"]).unwrap();
    sheet.write_formula(1, 1, rust_xlsxwriter::Formula::new("A1&\"x\"").set_result("番号x")).unwrap();
    sheet.write_formula(2, 1, rust_xlsxwriter::Formula::new("A1&\"y\"")).unwrap();
    sheet.write_number(2, 0, 1).unwrap();
    sheet.write_blank(3, 1, &rust_xlsxwriter::Format::new().set_bold()).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    // What the library writes for want of a result is taken away: openpyxl writes none.
    let bytes = changed(&bytes, "sheet1.xml", |part| part.replace("<v>0</v></c>", "</c>"));
    let findings = Book::open("t.xlsx", bytes).unwrap().sheet("Sheet1").unwrap().findings();
    assert!(
        matches!(findings.as_slice(), [only] if only.starts_with("計算結果のない数式: 1 か所（最初は 3 行目の 2 列目）")),
        "{findings:?}"
    );
}

/// The book with one of its parts changed.
fn changed(bytes: &[u8], part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    use std::io::Write as _;
    let mut book = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..book.len() {
        let mut file = book.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        if file.name().unwrap().ends_with(part) {
            content = change(String::from_utf8(content).unwrap()).into_bytes();
        }
        out.start_file(file.name().unwrap(), zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn a_stray_cell_in_the_last_corner_costs_nothing() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["番号", "意見"]).unwrap();
    sheet.write_row(1, 0, ["1", "遅い"]).unwrap();
    sheet.write(1_048_575, 16_383, " ").unwrap();
    let mut book = Book::open("t.xlsx", book.save_to_buffer().unwrap()).unwrap();
    let mut rows = book.sheet("Sheet1").unwrap();
    let mut repairs = Repairs::default();
    let mut read = Vec::new();
    while let Next::Row(row) = rows.next(&mut repairs) {
        read.push(row.iter().map(str::to_owned).collect::<Vec<_>>());
    }
    assert_eq!(read, [["番号", "意見"], ["1", "遅い"]]);
}

#[test]
fn what_is_no_book_is_refused_by_name() {
    for (rest, word) in [
        (&b" xl/worksheets/sheet1.xml and nothing more"[..], "ブックとして読めません"),
        (b" [Content_Types].xml word/document.xml", "Word"),
        (b" answers.csv", "ZIP ファイル"),
    ] {
        let error = Book::open("t.zip", [b"PK\x03\x04", rest].concat()).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_book_that_claims_too_many_texts_is_damaged() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write_row(0, 0, ["番号", "意見"]).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert!(Book::open("t.xlsx", bytes.clone()).is_ok());
    for count in ["4294967295", "9999999999999999999"] {
        let lying = format!("uniqueCount=\"{count}\"");
        let lying = changed(&bytes, "sharedStrings.xml", |part| part.replace("uniqueCount=\"2\"", &lying));
        let error = Book::open("t.xlsx", lying).unwrap_err();
        assert!(error.to_string().contains("壊れているか"), "{error}");
    }
}
