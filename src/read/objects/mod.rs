//! Rows of JSON: JSON Lines, or one array of objects. One object is one row, its keys are the columns.
//!
//! Columns are the keys of the first objects, in order of appearance; a key that is missing is an empty cell. Numbers are
//! taken as they are written, so that long ids keep their digits. `tagged.jsonl` of an earlier run is recognised and gives
//! the columns it was made from.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::decode::{self, Text};
use super::json_values::{RawFields, cell, with_escaped_controls};
use super::open::SAMPLE_BYTES;
use super::repair::{Repairs, repaired_cell};
use super::source::LONGEST_ROW;
use super::{Next, at_line, refuse};
use crate::error::{Error, Result};
use csv::StringRecord;

const ONE_OBJECT_PER_ROW: &str =
    "1 行に 1 つの JSON オブジェクト（JSON Lines）か、オブジェクトの配列にしてください";

/// Objects looked at to learn the columns; fewer where they take more than [`SAMPLE_BYTES`].
const LOOKED_AT: usize = 10_000;

/// What a text may begin with, and texts that were put together.
const MARK: &[u8] = "\u{feff}".as_bytes();

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
    ahead: VecDeque<(u64, std::result::Result<Fields, Misread>)>,
    /// How many they were.
    looked_at: usize,
    is_header_given: bool,
    is_own: bool,
    /// Whether nothing has yet confirmed that the text is UTF-8.
    is_assumed: bool,
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

/// An object that is none.
#[derive(Debug)]
struct Misread {
    problem: &'static str,
    /// What stands there.
    text: String,
}

impl Objects {
    /// Reads the first objects of `text` to learn the columns.
    pub(super) fn new(name: &str, text: Text, repairs: &mut Repairs) -> Result<Objects> {
        let mut objects = Objects {
            name: name.to_owned(),
            is_assumed: text.is_assumed(),
            input: BufReader::with_capacity(64 << 10, text),
            line: 1,
            place: Place::Start,
            columns: Vec::new(),
            places: HashMap::new(),
            ahead: VecDeque::new(),
            looked_at: 0,
            is_header_given: false,
            is_own: false,
        };
        let mut bytes = 0;
        while objects.ahead.len() < LOOKED_AT && bytes < SAMPLE_BYTES {
            let Some((line, object)) = objects.next_object()? else { break };
            bytes += object.len();
            let read = objects.fields(line, &object, repairs);
            for (key, _) in read.iter().flatten() {
                if !objects.places.contains_key(key) {
                    objects.places.insert(key.clone(), objects.columns.len());
                    objects.columns.push(key.clone());
                }
            }
            objects.ahead.push_back((line, read));
        }
        objects.looked_at = objects.ahead.len();
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
        let (line, read) = match self.ahead.pop_front() {
            Some(read) => read,
            None => {
                let Some((line, object)) = self.next_object()? else { return Ok(Next::End) };
                (line, self.fields(line, &object, repairs))
            }
        };
        let fields = match read {
            Ok(fields) => fields,
            Err(Misread { problem, text }) => {
                let hint = ONE_OBJECT_PER_ROW.to_owned();
                let problem = problem.to_owned();
                return Ok(Next::Broken { line: Some(line), problem, hint, cells: vec![text] });
            }
        };
        let mut keys = HashSet::with_capacity(fields.len());
        if let Some((twice, _)) = fields.iter().find(|(key, _)| !keys.insert(key)) {
            let problem = format!("項目「{twice}」が 2 つあります");
            let hint = "同じ名前の項目を 1 つにしてください".to_owned();
            let cells = fields.into_iter().map(|(_, value)| value).collect();
            return Ok(Next::Broken { line: Some(line), problem, hint, cells });
        }
        let mut cells = vec![""; self.columns.len()];
        for (key, value) in &fields {
            match self.places.get(key) {
                Some(&place) => cells[place] = value,
                None => {
                    let problem = format!("項目「{key}」は、はじめの {} 件にない項目です", self.looked_at);
                    let hint = format!(
                        "はじめの {} 件のどれかに、この項目を書いてください（値は null で構いません）",
                        self.looked_at
                    );
                    let cells = fields.into_iter().map(|(_, value)| value).collect();
                    return Ok(Next::Broken { line: Some(line), problem, hint, cells });
                }
            }
        }
        let mut row = StringRecord::from(cells);
        row.set_position(at_line(Some(line)));
        Ok(Next::Row(row))
    }

    fn refuse(&self, line: u64, problem: impl Into<String>) -> Error {
        refuse(&self.name, Some(line), problem, ONE_OBJECT_PER_ROW)
    }

    fn unreadable(&self, error: std::io::Error) -> Error {
        Error::read(Path::new(&self.name), error)
    }

    /// The bytes of the next object and the line it begins on; among objects by the line, a line of something else is taken
    /// for one, too.
    fn next_object(&mut self) -> Result<Option<(u64, Vec<u8>)>> {
        loop {
            let (byte, taken) = match self.input.fill_buf() {
                Ok([]) if matches!(self.place, Place::InArray) => {
                    return Err(self.refuse(self.line, "配列が「]」で閉じられていません"));
                }
                Ok([]) => return Ok(None),
                Ok(bytes) if bytes.starts_with(MARK) => (None, MARK.len()),
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
                    return self.object(Object::default()).map(Some);
                }
                (Some(b'['), Place::Start) => self.take(Place::InArray),
                (Some(b','), Place::InArray) => self.take(Place::InArray),
                (Some(b']'), Place::InArray) => self.take(Place::AfterArray),
                // A mark that stands further on in what was read.
                (Some(0xEF), place) if self.input.buffer().starts_with(MARK) => place,
                (Some(_), Place::InLines) => return self.object(Object::of_other()).map(Some),
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

    /// What begins here, to where `object` ends.
    fn object(&mut self, mut object: Object) -> Result<(u64, Vec<u8>)> {
        let start = self.line;
        let mut taken = Vec::new();
        loop {
            let bytes = match self.input.fill_buf() {
                // The last line may be cut off.
                Ok([]) if self.place == Place::InLines => break,
                Ok([]) => return Err(self.refuse(start, "このオブジェクトが「}」で閉じられていません")),
                Ok(bytes) => bytes,
                Err(error) => return Err(self.unreadable(error)),
            };
            let end = object.end(bytes);
            let count = end.unwrap_or(bytes.len());
            taken.extend_from_slice(&bytes[..count]);
            self.line += bytes[..count].iter().filter(|&&byte| byte == b'\n').count() as u64;
            self.input.consume(count);
            if end.is_some() {
                break;
            }
            if taken.len() as u64 > LONGEST_ROW {
                let problem = format!("1 件が {} MB を超えています", LONGEST_ROW >> 20);
                return Err(self.refuse(start, problem));
            }
        }
        if self.is_assumed && !taken.is_ascii() {
            if std::str::from_utf8(&taken).is_err() {
                return Err(decode::assumed_wrongly(&self.name, Some(start)));
            }
            self.is_assumed = false;
        }
        Ok((start, taken))
    }

    /// The fields of `object`, as columns.
    fn fields(
        &mut self,
        line: u64,
        object: &[u8],
        repairs: &mut Repairs,
    ) -> std::result::Result<Fields, Misread> {
        let (text, mut replaced) = match std::str::from_utf8(object) {
            Ok(text) => (text.to_owned(), 0),
            // Line breaks between fields are no controls; escapes are dealt with one by one below.
            Err(_) => {
                let lossy = String::from_utf8_lossy(object).into_owned();
                let count = lossy.matches(char::REPLACEMENT_CHARACTER).count() as u64;
                (lossy, count)
            }
        };
        let mended;
        let raw: RawFields<'_> = match serde_json::from_str(&text) {
            Ok(raw) => raw,
            Err(_) => {
                mended = with_escaped_controls(&text);
                match serde_json::from_str(&mended) {
                    Ok(raw) => raw,
                    Err(_) => {
                        let problem = match (object.first(), object.last()) {
                            (Some(b'{'), Some(b'}')) => "JSON の書き方になっていません",
                            (Some(b'{'), _) => "このオブジェクトが「}」で閉じられていません",
                            _ => "JSON のオブジェクト「{ … }」がありません",
                        };
                        let text = repaired_cell(text.trim_end().as_bytes()).0;
                        return Err(Misread { problem, text });
                    }
                }
            }
        };
        if self.place != Place::AfterArray && self.columns.is_empty() && self.ahead.is_empty() {
            self.is_own = OWN.iter().all(|own| raw.0.iter().any(|(key, _)| key == own));
        }
        let mut fields = Vec::with_capacity(raw.0.len());
        for (key, value) in raw.0 {
            match key.as_str() {
                "attributes" if self.is_own => {
                    let Ok(attributes) = serde_json::from_str::<RawFields<'_>>(value.get()) else {
                        let problem = "attributes がオブジェクトではありません";
                        return Err(Misread { problem, text: value.get().to_owned() });
                    };
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
        if replaced > 0 {
            repairs.add(Some(line), replaced);
        }
        Ok(fields)
    }
}

/// How far into an object the bytes have come.
struct Object {
    /// Brackets that are open.
    depth: u32,
    is_in_string: bool,
    is_escaped: bool,
    /// The last byte that is neither blank nor in a string.
    last: u8,
    /// Whether it is none, and ends with its line.
    is_other: bool,
}

impl Default for Object {
    fn default() -> Object {
        Object { depth: 0, is_in_string: false, is_escaped: false, last: b'[', is_other: false }
    }
}

impl Object {
    fn of_other() -> Object {
        Object { is_other: true, ..Object::default() }
    }

    /// Goes on through `bytes`. Where the object ends in them, if it does: behind its closing bracket, or, broken as it is,
    /// before what can't belong to it: a line break in a string, or an object where there should be a comma.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.is_other {
            return bytes.iter().position(|&byte| byte == b'\n');
        }
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if self.is_in_string => return Some(at),
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.is_in_string => self.is_escaped = true,
                b'"' => {
                    self.is_in_string = !self.is_in_string;
                    self.last = byte;
                }
                _ if self.is_in_string || byte.is_ascii_whitespace() => {}
                b'{' if !b"[,:".contains(&self.last) => return Some(at),
                b'{' | b'[' => {
                    self.depth += 1;
                    self.last = byte;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.last = byte;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => self.last = byte,
            }
        }
        None
    }
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").field("name", &self.name).field("line", &self.line).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
