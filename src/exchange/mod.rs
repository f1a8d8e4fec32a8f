//! Rules from and for other programs: KH Coder's coding rules, and tables for those who write rules in Excel.
//!
//! [`draft`] writes rule files, [`mod@from_rules`] takes them apart with their remarks; [`khcoder`] and [`sheet`] read and write
//! the other forms. Nothing is dropped silently: what has
//! another meaning on the other side, or none, becomes a [`Notice`] with its place.

pub mod draft;
pub mod from_rules;
pub mod khcoder;
pub mod sheet;

/// Something that a person should know about what was carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The file it is about, as shown to the user; empty where there is only one.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// The code or category it is about; may be empty.
    pub item: String,
    /// Whether it is missing on the other side, as opposed to meaning something else.
    pub is_lost: bool,
    /// What, in Japanese.
    pub text: String,
}
