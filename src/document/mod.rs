//! Documents that people edit on: a report as headings, paragraphs and tables, and the files it is written to.
//!
//! [`layout`] decides what a report says, [`docx`] and [`markdown`] how it is written, and
//! [`crate::export::xlsx::document`] writes it as a workbook. What is exported for programs is in [`crate::export`].

pub mod docx;
pub mod layout;
pub mod markdown;

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// What stands above everything.
    pub title: String,
    /// The rest, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of level 1 to 3.
    Heading(u8, String),
    /// A paragraph.
    Paragraph(String),
    /// An item of a list.
    Item(String),
    /// Small print.
    Note(String),
    /// A table.
    Table(Table),
}

/// A table with a header row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell per column.
    pub rows: Vec<Vec<String>>,
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its header.
    pub name: String,
    /// Its share of the table's width, among the weights of all columns; more than 0.
    pub weight: u32,
    /// Whether its cells stand on the right, as numbers do.
    pub is_number: bool,
}

impl Column {
    /// A column of text.
    pub fn text(name: &str, weight: u32) -> Self {
        Column { name: name.to_owned(), weight, is_number: false }
    }

    /// A column of numbers.
    pub fn number(name: &str, weight: u32) -> Self {
        Column { name: name.to_owned(), weight, is_number: true }
    }
}
