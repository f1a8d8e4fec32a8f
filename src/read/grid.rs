//! The cells of a sheet, each by its place, so that a stray cell in the last column or row costs no more than another.
//!
//! A rectangle around them would: calamine's own has up to 17 thousand million cells.

use std::collections::BTreeMap;

use calamine::Data;

/// Rows and columns a sheet can have. What lies beyond is damage.
const ROWS: u32 = 1 << 20;
const COLUMNS: u32 = 1 << 14;

/// Places between the first cell and the last at most: as many rows as there can be, with 128 columns.
const MOST_PLACES: usize = 1 << 27;

/// The cells that say something, and what surrounds them.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// By row, in the order of their columns.
    rows: BTreeMap<u32, Vec<Entry>>,
    /// The first row and column and the last ones with a cell that isn't blank.
    edges: Option<Edges>,
}

/// First and last, both of them part of the grid.
#[derive(Debug, Clone, Copy)]
struct Edges {
    rows: (u32, u32),
    columns: (u32, u32),
}

/// A cell in its row.
#[derive(Debug)]
struct Entry {
    column: u32,
    /// What its style is called in the book.
    style: usize,
    value: Data,
}

impl Grid {
    /// Puts a cell in its place. `None` if no sheet has such a place.
    pub(super) fn put(&mut self, (row, column): (u32, u32), value: Data, style: usize) -> Option<()> {
        if row >= ROWS || column >= COLUMNS {
            return None;
        }
        let is_blank = match &value {
            Data::Empty => return Some(()),
            Data::String(text) => text.trim().is_empty(),
            _ => false,
        };
        if !is_blank {
            let within = |(first, last): (u32, u32), at: u32| (first.min(at), last.max(at));
            self.edges = Some(match self.edges {
                Some(Edges { rows, columns }) => {
                    Edges { rows: within(rows, row), columns: within(columns, column) }
                }
                None => Edges { rows: (row, row), columns: (column, column) },
            });
        }
        let cells = self.rows.entry(row).or_default();
        let at = match cells.last() {
            Some(last) if last.column >= column => cells.partition_point(|cell| cell.column < column),
            _ => cells.len(),
        };
        cells.insert(at, Entry { column, style, value });
        Some(())
    }

    /// Whether so few cells stand so far apart that going through all places between them would take forever.
    pub(super) fn is_scattered(&self) -> bool {
        self.edges.is_some_and(|Edges { columns, .. }| {
            self.height().saturating_mul((columns.1 - columns.0) as usize + 1) > MOST_PLACES
        })
    }

    /// The row that the first cell stands in.
    pub(super) fn top(&self) -> u32 {
        self.edges.map_or(0, |edges| edges.rows.0)
    }

    /// How many rows there are from the first with a cell to the last.
    pub(super) fn height(&self) -> usize {
        self.edges.map_or(0, |edges| (edges.rows.1 - edges.rows.0) as usize + 1)
    }

    /// The cells of a row, from the first column with a cell to the last: where they stand, and value and style of those that
    /// hold something.
    pub(super) fn row(&self, row: u32) -> impl Iterator<Item = ((u32, u32), Option<(&Data, usize)>)> {
        let (first, last) = self.edges.map_or((1, 0), |edges| edges.columns);
        let cells = self.rows.get(&row).map_or(&[][..], Vec::as_slice);
        let mut cells = cells.iter().filter(move |cell| cell.column >= first).peekable();
        (first..=last).map(move |column| {
            let found = cells.next_if(|cell| cell.column == column);
            ((row, column), found.map(|cell| (&cell.value, cell.style)))
        })
    }

    /// All values.
    pub(super) fn values(&self) -> impl Iterator<Item = &Data> {
        self.rows.values().flatten().map(|cell| &cell.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_columns_in_which_anything_stands_and_far_cells_cost_nothing() {
        let text = |text: &str| Data::String(text.to_owned());
        let mut grid = Grid::default();
        for (place, value) in [
            ((3, 2), text("b")),
            ((3, 1), text("a")),
            ((5, 1), Data::Int(1)),
            ((5, 2), Data::Empty),
            // Blanks that somebody typed by mistake.
            ((0, 0), text(" ")),
            ((4, 16_383), text("　")),
            ((1_048_575, 0), text(" ")),
        ] {
            grid.put(place, value, 7).unwrap();
        }
        assert_eq!((grid.top(), grid.height()), (3, 3));
        let row =
            |row| grid.row(row).map(|(_, cell)| cell.map(|(value, _)| value.to_string())).collect::<Vec<_>>();
        assert_eq!(row(3), [Some("a".to_owned()), Some("b".to_owned())]);
        assert_eq!(row(4), [None, None]);
        assert_eq!(row(5), [Some("1".to_owned()), None]);
        assert_eq!(Grid::default().row(0).count(), 0);
        assert!(!grid.is_scattered());
        grid.put((1_048_575, 16_383), Data::Int(1), 0).unwrap();
        assert!(grid.is_scattered());
        assert_eq!(grid.put((1 << 20, 0), Data::Int(1), 0), None);
        assert_eq!(grid.put((0, 1 << 14), Data::Int(1), 0), None);
    }
}
