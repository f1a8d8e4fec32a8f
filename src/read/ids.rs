//! Ids that come again. Within an input that is a broken row; in several it is one answer delivered twice, or two waves
//! that both count from 1, which only a person can tell.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use csv::{Position, StringRecord};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Reader, refuse};
use crate::comment::Schema;
use crate::error::Error;

/// Ids named where they stand in several inputs.
const NAMED: usize = 3;

/// The ids of one input so far.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// The hashes of the ids, in a long table with their questions.
    seen: FxHashSet<u64>,
    /// Where ids are compared instead, if the run has several inputs.
    across: Option<Across>,
}

/// The ids of all inputs of a run, and which of the inputs is looking at them.
#[derive(Debug, Clone)]
struct Across {
    shared: Arc<Mutex<Shared>>,
    input: u32,
}

/// The ids of the inputs that are read in one run.
#[derive(Debug, Default)]
struct Shared {
    /// The names of the inputs.
    inputs: Vec<String>,
    /// The rows so far by the hash of their id, in a long table with its question.
    seen: FxHashMap<u64, Seen>,
    /// Rows whose id an earlier input has.
    count: usize,
    /// How many of them have the same answers there.
    same: usize,
    /// The first of them: their ids, and where they are.
    first: Vec<(String, [Place; 2])>,
}

/// An input, by number, and a line of it; 0 where lines are not known.
type Place = (u32, u32);

/// A row that has been read.
#[derive(Debug, Clone, Copy)]
struct Seen {
    place: Place,
    /// The hash of its answers. Narrow: it only counts for rows of the same id.
    answers: u32,
}

/// Makes `readers` one run's inputs: an id that two of them have is an error, unless their options allow it. They are read
/// through for that, so that the error comes before any result. Where one can't be read twice (standard input, a pipe), the
/// error comes at the end of the last one, and they must be read in this order.
///
/// # Errors
/// The error above, and those of [`Reader::next_row`].
pub fn join(readers: &mut [Reader]) -> Result<(), Error> {
    if readers.len() < 2 || !readers.iter().all(Reader::wants_unique_ids) {
        return Ok(());
    }
    let inputs = readers.iter().map(|reader| reader.name.clone()).collect();
    let shared = Arc::new(Mutex::new(Shared { inputs, ..Shared::default() }));
    let across =
        |input| Ids { across: Some(Across { shared: Arc::clone(&shared), input }), ..Ids::default() };
    let is_known_before = readers.iter().all(Reader::is_readable_twice);
    for (reader, input) in readers.iter_mut().zip(0..) {
        if is_known_before {
            reader.rehearse(across(input))?;
        } else {
            reader.ids = across(input);
        }
    }
    Ok(())
}

impl Ids {
    /// Takes note of a row. Says whether an earlier one of the same input has its id.
    pub(super) fn repeats(&mut self, id: &str, cells: &StringRecord, schema: &Schema) -> bool {
        // Unseeded: the same ids give the same hashes in every run. Of a million ids, two share a hash with a
        // probability of 1 in 36 million.
        let mut hasher = DefaultHasher::new();
        (id, schema.question.map(|column| &cells[column])).hash(&mut hasher);
        let key = hasher.finish();
        match &self.across {
            Some(across) => across.repeats(key, id, cells, schema),
            None => !self.seen.insert(key),
        }
    }

    /// The error, if this is the last input and shares ids with earlier ones.
    pub(super) fn end(&self) -> Result<(), Error> {
        self.across.as_ref().map_or(Ok(()), Across::end)
    }
}

impl Across {
    /// [`Ids::repeats`], `key` being the hash of the id.
    fn repeats(&self, key: u64, id: &str, cells: &StringRecord, schema: &Schema) -> bool {
        let mut hasher = DefaultHasher::new();
        schema.texts.iter().for_each(|&column| cells[column].hash(&mut hasher));
        let line = cells.position().map(Position::line).and_then(|line| u32::try_from(line).ok());
        let place = (self.input, line.unwrap_or_default());
        let row = Seen { place, answers: (hasher.finish() >> 32) as u32 };
        let mut ids = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(&earlier) = ids.seen.get(&key) else {
            ids.seen.insert(key, row);
            return false;
        };
        if earlier.place.0 == self.input {
            return true;
        }
        ids.count += 1;
        ids.same += usize::from(earlier.answers == row.answers);
        if ids.first.len() < NAMED {
            ids.first.push((id.to_owned(), [earlier.place, place]));
        }
        // From here on a row of this input has the id.
        ids.seen.insert(key, row);
        false
    }

    fn end(&self) -> Result<(), Error> {
        let ids = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, [_, (input, _)])) = ids.first.first() else { return Ok(()) };
        if self.input as usize + 1 < ids.inputs.len() {
            return Ok(());
        }
        let name = |input: u32| ids.inputs.get(input as usize).map_or("", String::as_str);
        let place = |(input, line): Place| match line {
            0 => format!("`{}`", name(input)),
            line => format!("`{}` の {line} 行目", name(input)),
        };
        let named = ids.first.iter();
        let named = named.map(|(id, [a, b])| format!("ID「{id}」（{}と{}）", place(*a), place(*b)));
        let named = named.collect::<Vec<_>>().join("、");
        let more = if ids.count > ids.first.len() { " ほか" } else { "" };
        let same = match ids.same {
            0 => "本文はどれも違います".to_owned(),
            same if same == ids.count => "本文も同じです".to_owned(),
            same => format!("うち {same} 行は本文も同じです"),
        };
        let problem =
            format!("ID が前のファイルと同じ行が {} 行あります（{same}）: {named}{more}", ids.count);
        let hint = "同じ回答を 2 度読んでいるなら、どちらかのファイルを外してください。ファイルごとに番号を振った別の回答なら `--allow-duplicate-ids` を付けてください（survey.toml に `allow-duplicate-ids = true` と書いておけます）";
        Err(refuse(name(*input), None, problem, hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Options;

    /// What becomes of the run over these tables.
    fn read(tables: &[&str], unique_ids: bool) -> Result<(), Error> {
        let options = Options { unique_ids, ..Options::default() };
        let open = |(nth, table): (usize, &&str)| {
            let input = Box::new(std::io::Cursor::new(table.as_bytes().to_vec()));
            Reader::from_reader(&format!("{nth}.csv"), input, &options)
        };
        let mut readers = tables.iter().enumerate().map(open).collect::<Result<Vec<_>, _>>()?;
        join(&mut readers)?;
        for reader in &mut readers {
            while reader.next_row()?.is_some() {}
        }
        Ok(())
    }

    #[test]
    fn rows_of_one_id_are_found_in_any_later_input() {
        let [a, b, c] = [
            "id,問,text\n1,問7,遅い\n2,問7,混む\n",
            "id,問,text\n1,問13,遅い\n3,問7,混む\n,問7,x\n",
            "id,問,text\n,問7,x\n2,問7,混む\n3,問7,別\n",
        ];
        assert!(read(&[a, b], true).is_ok());
        assert!(read(&[a, b, c], false).is_ok());
        let error = read(&[a, b, c], true).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`2.csv`: ID が前のファイルと同じ行が 2 行あります（うち 1 行は本文も同じです）: ID「2」（`0.csv` の 3 行目と`2.csv` の 3 行目）、ID「3」（`1.csv` の 3 行目と`2.csv` の 4 行目）"
        );
        assert!(error.hint().unwrap().contains("--allow-duplicate-ids"));
        let twice = read(&[a, a], true).unwrap_err().to_string();
        assert!(twice.contains("2 行あります（本文も同じです）"), "{twice}");
    }

    #[test]
    fn an_input_that_repeats_an_id_itself_is_refused_even_if_an_earlier_one_has_it() {
        let error = read(&["id,text\n1,遅い\n", "id,text\n1,混む\n1,別\n"], true).unwrap_err();
        assert_eq!(error.to_string(), "`1.csv` の 3 行目: ID「1」が、前の行にもあります");
    }

    #[test]
    fn files_are_compared_before_anything_of_them_is_handed_out() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, book) = (folder.path().join("a.csv"), folder.path().join("b.xlsx"));
        std::fs::write(&plain, "id,text\n1,遅い\n2,混む\n").unwrap();
        let mut made = rust_xlsxwriter::Workbook::new();
        let sheet = made.add_worksheet();
        for (row, cells) in (0..).zip([["id", "text"], ["2", "混む"], ["3", "別\u{1}"]]) {
            sheet.write_row(row, 0, cells).unwrap();
        }
        made.save(&book).unwrap();
        let open = |unique_ids| {
            [&plain, &book]
                .map(|path| Reader::open(path, Options { unique_ids, ..Options::default() }).unwrap())
        };
        let error = join(&mut open(true)).unwrap_err().to_string();
        assert!(error.contains("1 行あります（本文も同じです）: ID「2」"), "{error}");
        // What may be is read as if nobody had looked.
        std::fs::write(&plain, "id,text\n1,遅い\n").unwrap();
        let mut readers = open(true);
        join(&mut readers).unwrap();
        let mut rows = Vec::new();
        for reader in &mut readers {
            while let Some(row) = reader.next_row().unwrap() {
                rows.push((row.number, row.line(), row.cells[0].to_owned()));
            }
        }
        assert_eq!(rows, [(1, Some(2), "1".into()), (1, Some(2), "2".into()), (2, Some(3), "3".into())]);
        assert_eq!(readers[1].repairs().first, [(Some(3), 1)]);
        assert!(readers[0].sha256().is_some());
    }
}
