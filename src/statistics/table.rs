//! A table of results, before anybody decides what it looks like.
//!
//! `tables` makes them, [`crate::export::statistics`] and [`crate::export::xlsx`] write them.

/// A table of results.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it is, for programs: `frequencies`, `crosstab`, ….
    pub kind: &'static str,
    /// What it is, for people.
    pub title: String,
    /// What one must know to read it.
    pub notes: Vec<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with a cell per column.
    pub rows: Vec<Vec<Cell>>,
}

/// `share` in percent with one decimal, halves rounded up as in summary.csv.
pub(crate) fn percent(share: f64) -> String {
    // A share that is a half in decimals may be a hair below it in binary.
    let tenths = (share * 1000.0 + 0.5 + 1e-9).floor();
    format!("{:.1}", tenths / 10.0)
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name for programs: ASCII where it is fixed, with the attribute's value behind a `:` where it is one's.
    pub key: String,
    /// Its header.
    pub name: String,
}

impl Column {
    /// A column called `key` by programs and `name` by people.
    pub fn new(key: impl Into<String>, name: impl Into<String>) -> Self {
        Column { key: key.into(), name: name.into() }
    }
}

/// A cell of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number of comments or respondents.
    Count(u64),
    /// A share, 0 to 1; `None` where there is no whole.
    Share(Option<f64>),
    /// A figure; `None` where it is undefined.
    Figure(Option<f64>),
    /// A probability; `None` where nothing was tested.
    P(Option<f64>),
    /// The question was not asked.
    NotAsked,
}

impl Cell {
    /// `part` of `whole`.
    pub fn share(part: u64, whole: u64) -> Cell {
        Cell::Share((whole > 0).then(|| part as f64 / whole as f64))
    }

    /// The cell for people: shares in percent with one decimal, figures with three; nothing where it is undefined.
    pub fn shown(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Count(count) => count.to_string(),
            Cell::Share(Some(share)) => percent(*share),
            // −0.000 would be a figure that is below zero by rounding only.
            Cell::Figure(Some(figure)) if figure.abs() < 0.0005 => "0.000".to_owned(),
            Cell::Figure(Some(figure)) => format!("{figure:.3}"),
            Cell::P(Some(p)) if *p < 0.001 => "<0.001".to_owned(),
            Cell::P(Some(p)) => format!("{p:.3}"),
            Cell::Share(None) | Cell::Figure(None) | Cell::P(None) => String::new(),
            Cell::NotAsked => "－".to_owned(),
        }
    }

    /// Whether it stands to the left of its column.
    pub fn is_text(&self) -> bool {
        matches!(self, Cell::Text(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_rounded_for_people() {
        for (cell, shown) in [
            (Cell::share(1, 16), "6.3"),
            (Cell::share(1, 3), "33.3"),
            (Cell::share(0, 0), ""),
            (Cell::Figure(Some(-0.0001)), "0.000"),
            (Cell::P(Some(0.0004)), "<0.001"),
            (Cell::NotAsked, "－"),
        ] {
            assert_eq!(cell.shown(), shown, "{cell:?}");
        }
    }
}
