//! Rules from and for other programs: KH Coder's coding rules, and tables for those who write rules in Excel.
//!
//! [`draft`] writes rule files; [`khcoder`] reads and writes the other form. Nothing is dropped silently: what has
//! another meaning on the other side, or none, becomes a [`Notice`] with its place.

pub mod draft;
pub mod khcoder;

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
