//! Tables in, rows out.

use std::io::{self, Read};
use std::path::Path;

use super::*;

fn open(bytes: impl AsRef<[u8]>, columns: &Columns) -> Result<Reader> {
    Reader::from_reader("t.csv", Box::new(io::Cursor::new(bytes.as_ref().to_vec())), columns)
}

fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<Vec<String>>> {
    let columns = Columns { texts: vec!["text".to_owned()], ..Columns::default() };
    let mut reader = open(bytes, &columns)?;
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        assert_eq!(row.number, rows.len() as u64 + 1);
        rows.push(row.cells.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

fn complaint(bytes: impl AsRef<[u8]>) -> String {
    let error = read(bytes).expect_err("the input must be refused");
    format!("{error}／{}", error.hint().unwrap_or_default())
}

#[test]
fn bom_crlf_quotes_and_line_breaks_are_understood_and_cells_stay_verbatim() {
    let expected = vec![vec!["1", "一行目\r\n「\"」二行目, "], vec!["2", " "], vec!["3", ""]];
    let crlf = "\u{feff}id,text\r\n1,\"一行目\r\n「\"\"」二行目, \"\r\n2, \r\n3,\r\n\r\n";
    assert_eq!(read(crlf).unwrap(), expected);
    assert_eq!(read(crlf.replace("\r\n\r\n", "")).unwrap(), expected, "no line break at the end");
    assert_eq!(read("\nid,text\r1,a\r\r2,b").unwrap(), [["1", "a"], ["2", "b"]]);
}

#[test]
fn rows_beyond_the_sample_follow_it_in_order() {
    let table: String = (0..1_000).map(|n| format!("{n},回答の本文その{n}\n")).collect();
    let mut reader = open(format!("id,自由記述\n{table}"), &Columns::default()).unwrap();
    for n in 0..1_000 {
        assert_eq!(&reader.next_row().unwrap().expect("1,000 rows").cells[0], n.to_string());
    }
    assert_eq!(reader.next_row().unwrap(), None);
    assert_eq!(reader.next_row().unwrap(), None);
}

#[test]
fn a_row_becomes_one_comment_per_text_column() {
    let columns = Columns { texts: vec!["問13".to_owned(), "問7".to_owned()], ..Columns::default() };
    let mut reader = open("No,県,問7,問13\n5,東京都,ア,イ\n", &columns).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    let comments: Vec<_> = comments_of(reader.schema(), row).collect();
    let seen: Vec<_> = comments.iter().map(|c| (c.id(), c.question(), c.text(), c.attribute("県"))).collect();
    assert_eq!(seen, [("5".into(), "問13", "イ", Some("東京都")), ("5".into(), "問7", "ア", Some("東京都"))]);
}

#[test]
fn the_hash_covers_every_byte_and_is_withheld_until_then() {
    let body = format!("\u{feff}id,text\n{}\n\n", "1,あ\n".repeat(40_000));
    let columns = Columns { texts: vec!["text".to_owned()], ..Columns::default() };
    let mut reader = open(&body, &columns).unwrap();
    assert_eq!(reader.sha256(), None);
    assert!((1..body.len() as u64).contains(&reader.bytes_read()));
    while reader.next_row().unwrap().is_some() {}
    assert_eq!(reader.bytes_read(), body.len() as u64);
    let abc = open("text\nabc", &columns).map(|mut reader| {
        while reader.next_row().unwrap().is_some() {}
        reader.sha256()
    });
    let expected = "ef4618f06886dccb6a5beddeafa9756d3728065cbd153165441298b539d0a9e7";
    assert_eq!(abc.unwrap().unwrap(), expected);
}

#[test]
fn tables_without_rows_are_refused() {
    for empty in ["", "\u{feff}", "\n\r\n"] {
        assert!(complaint(empty).contains("ファイルが空です"), "{empty:?}");
    }
    for header in ["id,text", "id,text\r\n", "\u{feff}id,text\n\n\n"] {
        assert!(complaint(header).contains("見出しの行だけ"), "{header:?}");
    }
}

#[test]
fn headers_must_tell_columns_apart() {
    let twice = complaint("id,text,x,text\n1,a,b,c\n");
    assert!(twice.contains("列「text」が 2 つあります（2 列目と 4 列目）"), "{twice}");
    let blank = complaint("id,text,　\n1,a,b\n");
    assert!(blank.contains("見出しの 3 列目が空です"), "{blank}");
}

#[test]
fn tabs_separate_when_the_header_says_so_and_it_is_reported() {
    let mut reader = open("id\ttext\n1\ta,b\n", &Columns::default()).unwrap();
    assert_eq!(reader.findings()[0], "区切り: タブ（見出しの行から判断）");
    assert_eq!(reader.next_row().unwrap().unwrap().cells, vec!["1", "a,b"]);
    let reader = open("id,text\n1,\"a\tb\"\n", &Columns::default()).unwrap();
    assert!(!reader.findings().concat().contains("タブ"));
}

#[test]
fn folders_and_missing_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let message = |path: &Path| Reader::open(path, &Columns::default()).unwrap_err().to_string();
    assert!(message(folder.path()).contains("フォルダーです"));
    assert!(message(&folder.path().join("無い.csv")).contains("無い.csv` を読めません"));
    let file = folder.path().join("a.csv");
    std::fs::write(&file, "id,text\n1,あ\n").unwrap();
    assert_eq!(Reader::open(&file, &Columns::default()).unwrap().schema().texts, [1]);
}

#[test]
fn an_input_that_breaks_off_is_a_read_error() {
    struct Broken(Vec<io::ErrorKind>);
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(self.0.pop().expect("one error ends the run").into())
        }
    }
    // Taken from the end: an interruption is no failure.
    let broken = Broken(vec![io::ErrorKind::PermissionDenied, io::ErrorKind::Interrupted]);
    let input = io::Cursor::new("text\nあ\n".repeat(20_000)).chain(broken);
    let columns = Columns { texts: vec!["text".to_owned()], ..Columns::default() };
    let mut reader = Reader::from_reader("x.csv", Box::new(input), &columns).unwrap();
    let error = loop {
        match reader.next_row() {
            Ok(row) => assert!(row.is_some(), "the end is not an end"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.to_string(), "`x.csv` を読めません: 許可がありません");
}

#[test]
fn broken_rows_are_left_out_and_kept_for_the_record_if_wanted() {
    let table = "id,text\n1,a\n2,b,c\n3\n4,d\n";
    let options = Options {
        skip_bad_rows: true,
        ..Options::from(&Columns { texts: vec!["text".into()], ..Columns::default() })
    };
    let mut reader =
        Reader::from_reader("t", Box::new(io::Cursor::new(table.as_bytes().to_vec())), &options).unwrap();
    let numbers: Vec<u64> = std::iter::from_fn(|| reader.next_row().unwrap()).map(|row| row.number).collect();
    assert_eq!(numbers, [1, 4]);
    let rejected: Vec<_> =
        reader.rejected().iter().map(|row| (row.line, row.cells.join("|"), row.reason.as_str())).collect();
    assert_eq!(
        rejected,
        [
            (Some(3), "2|b|c".into(), "セルが 3 個ありますが、見出しは 2 列です"),
            (Some(4), "3".into(), "セルが 1 個ありますが、見出しは 2 列です"),
        ]
    );
    assert!(complaint(table).contains("3 行目: セルが 3 個"));
}

#[test]
fn ids_are_unique_where_wanted_and_per_question_in_a_long_table() {
    let rows = |table: &str, skip_bad_rows| {
        let options = Options { unique_ids: true, skip_bad_rows, ..Options::default() };
        let input = Box::new(io::Cursor::new(table.as_bytes().to_vec()));
        let mut reader = Reader::from_reader("t", input, &options)?;
        let mut count = 0;
        while reader.next_row()?.is_some() {
            count += 1;
        }
        Ok::<_, Error>((count, reader.rejected().len()))
    };
    let wide = "id,text\n1,遅い\n,遅い\n,遅い\n1,遅い\n";
    let error = rows(wide, false).unwrap_err();
    assert_eq!(error.to_string(), "`t` の 5 行目: ID「1」が、前の行にもあります");
    assert!(error.hint().unwrap().contains("--allow-duplicate-ids"));
    assert_eq!(rows(wide, true).unwrap(), (3, 1));
    assert_eq!(rows("id,問,text\n1,問7,遅い\n1,問13,遅い\n", false).unwrap(), (2, 0));
    assert!(rows("id,問,text\n1,問7,遅い\n1,問7,遅い\n", false).is_err());
}

#[test]
fn the_file_is_a_column_if_there_is_something_to_say() {
    let options = Options { file: Some("a.csv".into()), ..Options::default() };
    let table = "ファイル,text\nx,遅い\n".as_bytes().to_vec();
    let mut reader = Reader::from_reader("t", Box::new(io::Cursor::new(table)), &options).unwrap();
    assert_eq!(reader.schema().headers, ["ファイル", "text", "ファイル（jirei）"]);
    assert_eq!(reader.schema().attributes, [0, 2]);
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!((&row.cells[2], row.line()), ("a.csv", Some(2)));
}

/// The headers, the rows, and the lines they begin on.
type Table = (Vec<String>, Vec<Vec<String>>, Vec<u64>);

/// The table at the header row, or what is said of it.
fn at_header(table: &str, header_row: Option<u64>) -> Result<Table> {
    let options = Options { header_row, ..Options::default() };
    let input = Box::new(io::Cursor::new(table.as_bytes().to_vec()));
    let mut reader = Reader::from_reader("t.csv", input, &options)?;
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    while let Some(row) = reader.next_row()? {
        lines.extend(row.line());
        rows.push(row.cells.iter().map(str::to_owned).collect());
    }
    Ok((reader.schema().headers.clone(), rows, lines))
}

#[test]
fn the_header_may_stand_below_a_title() {
    let wide = "令和6年度 調査,,\n,,\nＮｏ．,都道府県,ご意見\n1,東京都,遅い\n2,愛知県,混む\n";
    let narrow = "令和6年度 調査\n\nＮｏ．\t都道府県\tご意見\n1\t東京都\t遅い\n2\t愛知県\t混む\n";
    for table in [wide, narrow, &wide.replace('\n', "\r\n")] {
        let (headers, rows, lines) = at_header(table, Some(3)).unwrap();
        assert_eq!(headers, ["Ｎｏ．", "都道府県", "ご意見"]);
        assert_eq!(rows, [["1", "東京都", "遅い"], ["2", "愛知県", "混む"]]);
        assert_eq!(lines, [4, 5]);
    }
    let hint = |table: &str| at_header(table, None).unwrap_err().hint().unwrap();
    assert!(hint(wide).contains("`--header-row 3` でしょうか"), "{}", hint(wide));
    let ragged = "令和6年度 調査\nＮｏ．,都道府県,ご意見\n1,東京都,遅い\n";
    assert!(hint(ragged).contains("`--header-row 2` でしょうか"), "{}", hint(ragged));
    // A header that lacks a name is no title, and a cell too many no table below one.
    assert!(!hint("No,,ご意見\n1,東京都,遅い\n").contains("でしょうか"));
    assert!(!hint("No,ご意見\n1,遅い,x\n").contains("でしょうか"));
    let beyond = at_header(wide, Some(9)).unwrap_err().to_string();
    assert!(beyond.contains("9 行目まで、行がありません"), "{beyond}");
    let json = at_header("{\"text\":\"遅い\"}\n", Some(2)).unwrap_err().to_string();
    assert!(json.contains("JSON には見出しの行がありません"), "{json}");
}

#[test]
fn columns_at_the_right_edge_without_header_and_content_are_left_off() {
    let (headers, rows, _) = at_header("No,ご意見,,　\n1,遅い,,\n2,混む,, \n", None).unwrap();
    assert_eq!(headers, ["No", "ご意見"]);
    assert_eq!(rows, [["1", "遅い"], ["2", "混む"]]);
    // What has content needs a name: at once where it is near, else where it is met.
    let near = at_header("No,ご意見,\n1,遅い,\n2,混む,x\n", None).unwrap_err().to_string();
    assert!(near.contains("見出しの 3 列目が空です"), "{near}");
    let many: String = (0..500).map(|n| format!("{n},回答の本文その{n},\n")).collect();
    let far = format!("No,自由記述,\n{many}1000,混む,x\n");
    let far = at_header(&far, None).unwrap_err().to_string();
    assert_eq!(far, "`t.csv` の 502 行目: 見出しのない 3 列目に中身があります");
}

#[test]
fn sums_are_told_from_answers() {
    let totals = |table: &str| {
        let input = Box::new(io::Cursor::new(table.as_bytes().to_vec()));
        let mut reader = Reader::from_reader("t", input, Options::default()).unwrap();
        while reader.next_row().unwrap().is_some() {}
        reader.totals().to_vec()
    };
    assert_eq!(totals("No,県,ご意見\n1,合計,遅い\n合計,,１件\n"), [3]);
    assert_eq!(totals("No,県,ご意見\n1,東京都,遅い\n,合計,\n計,,2\n"), [3, 4]);
    assert_eq!(totals("No,県,ご意見\n合計,東京都,遅いと思う\n2,計,3\n"), [0; 0]);
}
