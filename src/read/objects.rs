//! Rows of JSON: JSON Lines, or one array of objects. One object is one row, its keys are the columns.
//!
//! Columns are the keys of the first objects, in order of appearance; a key that is missing is an empty cell. Numbers are
//! taken as they are written, so that long ids keep their digits. `tagged.jsonl` of an earlier run is recognised and gives
//! the columns it was made from.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{BufRead, BufReader};
use std::path::Path;

use csv::StringRecord;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::decode::Text;
use super::open::{SAMPLE_BYTES, SAMPLE_ROWS};
use super::repair::{Repairs, repaired_cell};
use super::source::LONGEST_ROW;
use super::{Next, at_line, refuse};
use crate::error::{Error, Result};

const ONE_OBJECT_PER_ROW: &str =
    "1 行に 1 つの JSON オブジェクト（JSON Lines）か、オブジェクトの配列にしてください";

/// The fields that only `tagged.jsonl` has together.
const OWN: [&str; 3] = ["status", "attributes", "categories"];

/// The fields of `tagged.jsonl` that are columns.
const OWN_COLUMNS: [&str; 3] = ["id", "question", "text"];

/// The rows of a JSON text, a header made of the keys first.
pub(super) struct Objects {
    name: String,
    input: BufReader<Text>,
    line: u64,
    place: Place,
    columns: Vec<String>,
    /// Index of each column.
    places: HashMap<String, usize>,
    /// Objects read ahead to learn the keys.
    ahead: VecDeque<(u64, Fields)>,
    is_header_given: bool,
    is_own: bool,
}

/// Where between two objects the input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    InArray,
    InLines,
    AfterArray,
}

/// The fields of an object: keys and values as text.
type Fields = Vec<(String, String)>;

impl Objects {
    /// Reads the first objects of `text` to learn the columns.
    pub(super) fn new(name: &str, text: Text, repairs: &mut Repairs) -> Result<Objects> {
        let mut objects = Objects {
            name: name.to_owned(),
            input: BufReader::with_capacity(64 << 10, text),
            line: 1,
            place: Place::Start,
            columns: Vec::new(),
            places: HashMap::new(),
            ahead: VecDeque::new(),
            is_header_given: false,
            is_own: false,
        };
        let mut bytes = 0;
        while objects.ahead.len() < SAMPLE_ROWS && bytes < SAMPLE_BYTES {
            let Some((line, object)) = objects.next_object()? else { break };
            bytes += object.len();
            let fields =
                objects.fields(line, &object, repairs).map_err(|problem| objects.refuse(line, problem))?;
            for (key, _) in &fields {
                if !objects.places.contains_key(key) {
                    objects.places.insert(key.clone(), objects.columns.len());
                    objects.columns.push(key.clone());
                }
            }
            objects.ahead.push_back((line, fields));
        }
        Ok(objects)
    }

    /// The refusal of a line for the header.
    pub(super) fn no_header(&self) -> Error {
        refuse(&self.name, None, "JSON には見出しの行がありません", "`--header-row` を外してください")
    }

    /// Whether the text is `tagged.jsonl` of an earlier run.
    pub(super) fn is_own(&self) -> bool {
        self.is_own
    }

    /// The header, then the rows, each with the line its object begins on.
    pub(super) fn next(&mut self, repairs: &mut Repairs) -> Result<Next> {
        if !self.is_header_given {
            self.is_header_given = true;
            let columns = StringRecord::from(self.columns.clone());
            return Ok(if columns.is_empty() { Next::End } else { Next::Row(columns) });
        }
        let (line, fields) = match self.ahead.pop_front() {
            Some(read) => read,
            None => {
                let Some((line, object)) = self.next_object()? else { return Ok(Next::End) };
                match self.fields(line, &object, repairs) {
                    Ok(fields) => (line, fields),
                    Err(problem) => return Ok(self.broken(line, problem, Vec::new())),
                }
            }
        };
        let mut cells = vec![""; self.columns.len()];
        for (key, value) in &fields {
            match self.places.get(key) {
                Some(&place) => cells[place] = value,
                None => {
                    let problem = format!("項目「{key}」は、はじめの {SAMPLE_ROWS} 件にない項目です");
                    let values = fields.into_iter().map(|(_, value)| value).collect();
                    return Ok(self.broken(line, problem, values));
                }
            }
        }
        let mut row = StringRecord::from(cells);
        row.set_position(at_line(Some(line)));
        Ok(Next::Row(row))
    }

    fn broken(&self, line: u64, problem: String, cells: Vec<String>) -> Next {
        Next::Broken { line: Some(line), problem, hint: ONE_OBJECT_PER_ROW.to_owned(), cells }
    }

    fn refuse(&self, line: u64, problem: impl Into<String>) -> Error {
        refuse(&self.name, Some(line), problem, ONE_OBJECT_PER_ROW)
    }

    fn unreadable(&self, error: std::io::Error) -> Error {
        Error::read(Path::new(&self.name), error)
    }

    /// The bytes of the next object and the line it begins on.
    fn next_object(&mut self) -> Result<Option<(u64, Vec<u8>)>> {
        loop {
            let (byte, taken) = match self.input.fill_buf() {
                Ok([]) if matches!(self.place, Place::InArray) => {
                    return Err(self.refuse(self.line, "配列が「]」で閉じられていません"));
                }
                Ok([]) => return Ok(None),
                Ok(bytes) => {
                    let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                    self.line += bytes[..blank].iter().filter(|&&byte| byte == b'\n').count() as u64;
                    (bytes.get(blank).copied(), blank)
                }
                Err(error) => return Err(self.unreadable(error)),
            };
            self.input.consume(taken);
            self.place = match (byte, self.place) {
                (None, place) => place,
                (Some(b'{'), Place::Start | Place::InLines | Place::InArray) => {
                    if self.place == Place::Start {
                        self.place = Place::InLines;
                    }
                    return self.object().map(Some);
                }
                (Some(b'['), Place::Start) => self.take(Place::InArray),
                (Some(b','), Place::InArray) => self.take(Place::InArray),
                (Some(b']'), Place::InArray) => self.take(Place::AfterArray),
                (Some(_), _) => {
                    return Err(self.refuse(self.line, "JSON のオブジェクト「{ … }」がありません"));
                }
            };
        }
    }

    fn take(&mut self, next: Place) -> Place {
        self.input.consume(1);
        next
    }

    /// The object that begins here, to its closing bracket.
    fn object(&mut self) -> Result<(u64, Vec<u8>)> {
        let start = self.line;
        let mut object = Vec::new();
        let (mut depth, mut is_in_string, mut is_escaped) = (0_u32, false, false);
        loop {
            let bytes = match self.input.fill_buf() {
                Ok([]) => return Err(self.refuse(start, "このオブジェクトが「}」で閉じられていません")),
                Ok(bytes) => bytes,
                Err(error) => return Err(self.unreadable(error)),
            };
            let end = bytes.iter().position(|&byte| {
                match byte {
                    _ if is_escaped => is_escaped = false,
                    b'\\' if is_in_string => is_escaped = true,
                    b'"' => is_in_string = !is_in_string,
                    b'{' | b'[' if !is_in_string => depth += 1,
                    b'}' | b']' if !is_in_string => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth == 0
            });
            let taken = end.map_or(bytes.len(), |end| end + 1);
            object.extend_from_slice(&bytes[..taken]);
            self.line += bytes[..taken].iter().filter(|&&byte| byte == b'\n').count() as u64;
            self.input.consume(taken);
            if end.is_some() {
                return Ok((start, object));
            }
            if object.len() as u64 > LONGEST_ROW {
                let problem = format!("1 件が {} MB を超えています", LONGEST_ROW >> 20);
                return Err(self.refuse(start, problem));
            }
        }
    }

    /// The fields of `object`, as columns; the problem if it is no JSON.
    fn fields(
        &mut self,
        line: u64,
        object: &[u8],
        repairs: &mut Repairs,
    ) -> std::result::Result<Fields, String> {
        let (text, mut replaced) = match std::str::from_utf8(object) {
            Ok(text) => (text.to_owned(), 0),
            // Line breaks between fields are no controls; escapes are dealt with one by one below.
            Err(_) => {
                let lossy = String::from_utf8_lossy(object).into_owned();
                let count = lossy.matches(char::REPLACEMENT_CHARACTER).count() as u64;
                (lossy, count)
            }
        };
        let raw: RawFields<'_> =
            serde_json::from_str(&text).map_err(|_| "JSON の書き方になっていません".to_owned())?;
        if self.place != Place::AfterArray && self.columns.is_empty() && self.ahead.is_empty() {
            self.is_own = OWN.iter().all(|own| raw.0.iter().any(|(key, _)| key == own));
        }
        let mut fields = Vec::with_capacity(raw.0.len());
        for (key, value) in raw.0 {
            match key.as_str() {
                "attributes" if self.is_own => {
                    let attributes: RawFields<'_> = serde_json::from_str(value.get())
                        .map_err(|_| "attributes がオブジェクトではありません".to_owned())?;
                    for (key, value) in attributes.0 {
                        // An attribute that is called like a field of ours must not be taken for it.
                        let key =
                            if OWN_COLUMNS.contains(&&*key) { format!("{key}（属性）") } else { key };
                        fields.push((key, cell(value, &mut replaced)));
                    }
                }
                "status" | "categories" if self.is_own => {}
                _ => fields.push((key, cell(value, &mut replaced))),
            }
        }
        let mut keys = HashSet::with_capacity(fields.len());
        if let Some((twice, _)) = fields.iter().find(|(key, _)| !keys.insert(key)) {
            return Err(format!("項目「{twice}」が 2 つあります"));
        }
        if replaced > 0 {
            repairs.add(Some(line), replaced);
        }
        Ok(fields)
    }
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").field("name", &self.name).field("line", &self.line).finish_non_exhaustive()
    }
}

/// An object's fields in their order, values as they are written.
struct RawFields<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for RawFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = RawFields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<Self::Value, M::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(RawFields(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// A value as the text of a cell: strings without quotes, null as nothing, a list of values joined by `;` as forms write
/// multiple choices, everything else as it is written.
fn cell(value: &RawValue, replaced: &mut u64) -> String {
    let written = value.get();
    match written.as_bytes().first() {
        Some(b'"') => string(written, replaced),
        Some(b'n') => String::new(),
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(written) {
            Ok(values) if values.iter().all(|value| !value.get().starts_with(['[', '{'])) => {
                let cells: Vec<String> = values.into_iter().map(|value| cell(value, replaced)).collect();
                cells.join(";")
            }
            _ => written.to_owned(),
        },
        _ => written.to_owned(),
    }
}

/// The text of a string literal.
fn string(literal: &str, replaced: &mut u64) -> String {
    let text = match serde_json::from_str::<String>(literal) {
        Ok(text) => text,
        // The one thing that a literal accepted before can have wrong is half of a surrogate pair.
        Err(_) => {
            let (mended, count) = without_lone_surrogates(literal);
            *replaced += count;
            serde_json::from_str(&mended).unwrap_or(mended)
        }
    };
    let (text, count) = repaired_cell(text.as_bytes());
    *replaced += count;
    text
}

/// `literal` with `\uFFFD` for every escape that is half of a pair, and their number.
fn without_lone_surrogates(literal: &str) -> (String, u64) {
    let unit = |at: usize| {
        let escape = literal.get(at..at + 6).filter(|escape| escape.starts_with("\\u"))?;
        u32::from_str_radix(&escape[2..], 16).ok()
    };
    let (mut out, mut count, mut at) = (String::with_capacity(literal.len()), 0, 0);
    while let Some(step) = literal[at..].find('\\') {
        out.push_str(&literal[at..at + step]);
        at += step;
        let taken = match (unit(at), unit(at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str("\\uFFFD");
                count += 1;
                at += 6;
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 2,
        };
        let end = (at + taken).min(literal.len());
        out.push_str(&literal[at..end]);
        at = end;
    }
    out.push_str(&literal[at..]);
    (out, count)
}

#[cfg(test)]
mod tests {
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
        let expected =
            [["id", "問7", "件"], ["012", "●が\n出る", "12345678901234567890"], ["13", "", "1.50"]];
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
            ("[{\"a\":1},\n", 2, "「]」"),
            ("{\"a\":1}\n5\n", 2, "オブジェクト"),
            ("{\"a\":1}\n{\"a\":1,\"b\":2,\"a\":3}\n", 2, "「a」が 2 つ"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(&format!("{line} 行目")) && error.contains(word), "{text}: {error}");
        }
        let late = format!("{}{{\"b\":1}}", "{\"a\":1}\n".repeat(300));
        assert!(read(&late).unwrap_err().to_string().contains("301 行目: 項目「b」"));
    }

    #[test]
    fn our_own_lines_give_back_the_table() {
        let line = r#"{"id":"1","question":"問7","text":"●","status":"answered","attributes":{"県":"東京都"},"categories":[{"id":"x"}]}"#;
        assert_eq!(read(line).unwrap().0, [["id", "question", "text", "県"], ["1", "問7", "●", "東京都"]]);
        let namesake = line.replace("県", "text");
        let expected = [["id", "question", "text", "text（属性）"], ["1", "問7", "●", "東京都"]];
        assert_eq!(read(&namesake).unwrap().0, expected);
    }
}
