//! Lines and arrays, whole and broken.

use super::*;
use crate::read::decode;

fn read(text: &str) -> Result<(Vec<Vec<String>>, Repairs)> {
    let text = decode::open("t", Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), None)?;
    let mut repairs = Repairs::default();
    let mut objects = Objects::new("t", text, &mut repairs)?;
    let mut rows = Vec::new();
    loop {
        match objects.next(&mut repairs)? {
            Next::Row(row) => rows.push(row.iter().map(str::to_owned).collect()),
            Next::Broken { line, problem, hint, .. } => return Err(refuse("t", line, problem, hint)),
            Next::End => return Ok((rows, repairs)),
        }
    }
}

#[test]
fn lines_and_arrays_are_the_same_table() {
    let expected = [["id", "問7", "件"], ["012", "●が\n出る", "12345678901234567890"], ["13", "", "1.50"]];
    for text in [
        "{\"id\":\"012\",\"問7\":\"●が\\n出る\",\"件\":12345678901234567890}\n{\"件\":1.50,\"id\":13}\n",
        "[{\"id\":\"012\",\"問7\":\"●が\\n出る\",\"件\":12345678901234567890},\n {\"id\":13,\n\"問7\":null,\"件\":1.50}]",
    ] {
        assert_eq!(read(text).unwrap().0, expected, "{text}");
    }
    let choices = read(r#"{"a":["はい","{\"x\"}"],"b":true,"c":{"d":1}}"#).unwrap().0;
    assert_eq!(choices[1], ["はい;{\"x\"}", "true", "{\"d\":1}"]);
    assert!(read("[]").unwrap().0.is_empty());
}

#[test]
fn half_a_surrogate_pair_is_replaced_and_reported() {
    let (rows, repairs) =
        read("{\"a\":\"x\"}\n{\"a\":\"\\ud83d\\ude00 \\ud83d! \\\\ud83d \\u0000\"}").unwrap();
    assert_eq!(rows[2][0], "😀 �! \\ud83d ␀");
    assert_eq!(repairs.first, [(Some(2), 2)]);
}

#[test]
fn what_is_no_table_is_refused_where_it_stands() {
    for (text, line, word) in [
        ("{\"a\":1}\n{\"a\":}\n", 2, "書き方"),
        ("{\"a\":1}\n\n{\"a\":\"", 3, "閉じられていません"),
        ("{\"a\":1}\n{\"a\":\"x\n{\"a\":2}\n", 2, "閉じられていません"),
        ("{\"a\":1}\n{\"a\":\"x\"\n{\"a\":2}\n", 2, "閉じられていません"),
        ("{\"a\":1}\nhello\n", 2, "オブジェクト"),
        ("[{\"a\":1},\n", 2, "「]」"),
        ("{\"a\":1}\n5\n", 2, "オブジェクト"),
        ("{\"a\":1}\n{\"a\":1,\"b\":2,\"a\":3}\n", 2, "「a」が 2 つ"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(&format!("{line} 行目")) && error.contains(word), "{text}: {error}");
    }
    let late = format!("{}{{\"b\":1}}", "{\"a\":1}\n".repeat(10_000));
    assert!(read(&late).unwrap_err().to_string().contains("10001 行目: 項目「b」"));
}

#[test]
fn a_broken_object_is_one_row_and_the_next_ones_are_whole() {
    let lines = "{\"a\":1}\n{\"a\":\"x\n{\"a\":2}\n{\"a\":\"y\"\n{\"a\":{\"b\":[{}]}}\nhello\n\u{feff}{\"a\":4}\n{\"a\":\"z";
    let text = decode::open("t", Box::new(std::io::Cursor::new(lines.as_bytes().to_vec())), None).unwrap();
    let mut repairs = Repairs::default();
    let mut objects = Objects::new("t", text, &mut repairs).unwrap();
    let mut seen = Vec::new();
    loop {
        match objects.next(&mut repairs).unwrap() {
            Next::Row(row) => seen.push(row[0].to_owned()),
            Next::Broken { line, cells, .. } => {
                seen.push(format!("{}: {}", line.unwrap(), cells.join("|")));
            }
            Next::End => break,
        }
    }
    let expected =
        ["a", "1", "2: {\"a\":\"x", "2", "4: {\"a\":\"y\"", "{\"b\":[{}]}", "6: hello", "4", "8: {\"a\":\"z"];
    assert_eq!(seen, expected);
}

#[test]
fn controls_that_stand_as_they_are_are_kept_so_that_they_show() {
    let (rows, repairs) = read("{\"a\":\"x\ty\u{1}\\\"\"}\n").unwrap();
    assert_eq!((rows[1][0].as_str(), repairs.first), ("x\ty␁\"", vec![(Some(1), 1)]));
}

#[test]
fn an_encoding_assumed_for_want_of_evidence_is_taken_back() {
    let long = "{\"a\":\"0123456789\"}\n".repeat(300_000);
    let bytes = [long.as_bytes(), b"{\"a\":\"\x82\xA0\"}\n"].concat();
    let text = decode::open("t", Box::new(std::io::Cursor::new(bytes)), None).unwrap();
    let mut repairs = Repairs::default();
    let mut objects = Objects::new("t", text, &mut repairs).unwrap();
    let error = loop {
        match objects.next(&mut repairs) {
            Ok(next) => assert!(!matches!(next, Next::End)),
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("300001 行目: 初めて出てきた日本語が UTF-8 ではありません"), "{error}");
}

#[test]
fn our_own_lines_give_back_the_table() {
    let line = r#"{"id":"1","question":"問7","text":"●","status":"answered","attributes":{"県":"東京都"},"categories":[{"id":"x"}]}"#;
    assert_eq!(read(line).unwrap().0, [["id", "question", "text", "県"], ["1", "問7", "●", "東京都"]]);
    let namesake = line.replace("県", "text");
    let expected = [["id", "question", "text", "text（属性）"], ["1", "問7", "●", "東京都"]];
    assert_eq!(read(&namesake).unwrap().0, expected);
}
