//! Rows of the same id in several inputs: two waves that both count from 1, or one answer delivered twice.

use std::hash::{DefaultHasher, Hash, Hasher};

use csv::{Position, StringRecord};
use rustc_hash::FxHashMap;

use super::Reader;
use crate::comment::Schema;

/// The hash of a row's id, in a long table with its question.
pub(super) type IdHash = u64;

/// A row that has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// The line it begins in; 0 where lines are not known.
    line: u32,
    /// The hash of its answers. Narrow: it only counts for rows of the same id.
    answers: u32,
}

impl Seen {
    pub(super) fn new(cells: &StringRecord, schema: &Schema) -> Self {
        // Unseeded: the same answers give the same hashes in every run.
        let mut hasher = DefaultHasher::new();
        schema.texts.iter().for_each(|&column| cells[column].hash(&mut hasher));
        let line = cells.position().map(Position::line).and_then(|line| u32::try_from(line).ok());
        Seen { line: line.unwrap_or_default(), answers: (hasher.finish() >> 32) as u32 }
    }
}

/// Rows whose ids stand in an earlier input, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// How many.
    pub rows: usize,
    /// How many of them have the same answers there.
    pub same: usize,
    /// Index of an input and line of the first such row, and of the row with its id in an earlier input.
    pub first: [(usize, u32); 2],
}

/// The overlap of inputs that have been read to their ends, if they have ids that must be unique and share some.
pub fn overlap(readers: &[Reader]) -> Option<Overlap> {
    let mut earlier: FxHashMap<IdHash, (usize, Seen)> = FxHashMap::default();
    let mut found: Option<Overlap> = None;
    for (at, reader) in readers.iter().enumerate() {
        let shared = reader.ids.iter().filter_map(|(id, seen)| Some((seen, earlier.get(id)?)));
        shared.for_each(|(seen, &(before, first))| {
            let places = [(at, seen.line), (before, first.line)];
            let found = found.get_or_insert(Overlap { rows: 0, same: 0, first: places });
            found.rows += 1;
            found.same += usize::from(seen.answers == first.answers);
            found.first = found.first.min(places);
        });
        if at + 1 < readers.len() {
            reader.ids.iter().for_each(|(&id, &seen)| {
                earlier.entry(id).or_insert((at, seen));
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Options;

    #[test]
    fn rows_of_one_id_are_found_in_any_later_input() {
        let read = |table: &str, unique_ids| {
            let options = Options { unique_ids, ..Options::default() };
            let input = Box::new(std::io::Cursor::new(table.as_bytes().to_vec()));
            let mut reader = Reader::from_reader("t", input, &options).unwrap();
            while reader.next_row().unwrap().is_some() {}
            reader
        };
        let found = |tables: &[&str], unique_ids| {
            overlap(&tables.iter().map(|table| read(table, unique_ids)).collect::<Vec<_>>())
        };
        let [a, b, c] = [
            "id,問,text\n1,問7,遅い\n2,問7,混む\n",
            "id,問,text\n1,問13,遅い\n3,問7,混む\n,問7,x\n",
            "id,問,text\n,問7,x\n2,問7,混む\n3,問7,別\n",
        ];
        assert_eq!(found(&[a, b], true), None);
        assert_eq!(found(&[a, b, c], true), Some(Overlap { rows: 2, same: 1, first: [(2, 3), (0, 3)] }));
        assert_eq!(found(&[a, b, c], false), None);
        assert_eq!(found(&[a, a], true), Some(Overlap { rows: 2, same: 2, first: [(1, 2), (0, 2)] }));
    }
}
