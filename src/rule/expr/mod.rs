//! The condition language: text to syntax tree.
//!
//! ```text
//! expr := and (OR and)*        OR  := or | '|' | または
//! and  := not (AND not)*       AND := and | '&' | かつ
//! not  := (NOT)* cmp           NOT := not | '!' | でない
//! cmp  := prim ((>=|<=|>|<|==) INT)?
//! prim := '(' expr ')' | call | atom
//! call := (near|近く|seq|順に|肯定|否定|回数|字数|列) '(' args ')' ('[' scope? INT? ']')?     scope := 節 | 文 | 段 | 全
//! atom := WORD ('+' WORD)* ('-->' POS)? | '「'…'」' | {表記ゆれ} | <カテゴリ> | /regex/
//! ```
//!
//! A forgiving superset of KH Coder's coding rules: blanks are optional, full-width operators, brackets and digits are
//! folded, `#` begins a remark that ends with the line. Words may be quoted (`'and'`, `"2025"`). Names are resolved
//! later, in [`mod@super::compile`]; ranges are bytes of the condition's text.

mod call;
mod lex;
mod parser;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::diagnostic::Kind;
use crate::matcher::polarity::Polarity;
use crate::sentence::Scope;

/// A node of the syntax tree with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it says.
    pub node: Node,
    /// Where it stands, in bytes of the condition.
    pub range: Range<usize>,
}

/// What a node says.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Any of these.
    Or(Vec<Expr>),
    /// All of these, anywhere in the comment.
    And(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// Comparison of a number of hits.
    Compare(Box<Expr>, Comparison, u32),
    /// `near` (or `seq`, if ordered) of the operands.
    Near {
        /// The operands; a `!operand` must *not* stand there.
        operands: Vec<Expr>,
        /// Whether they must come in this order.
        ordered: bool,
        /// The unit they share.
        scope: Scope,
        /// At most this many tokens between neighbours; none means anywhere in the unit.
        distance: Option<u16>,
    },
    /// Hits with this polarity.
    Polarity(Box<Expr>, Polarity),
    /// Number of characters of the answer.
    Length,
    /// A column with one of these values.
    Column(String, Vec<Value>),
    /// Adjacent tokens.
    Adjacent(Vec<Expr>),
    /// A word by its base form.
    Word(String),
    /// Hits whose last token has this part of speech.
    Pos(Box<Expr>, String),
    /// Any word of this part of speech.
    Any(String),
    /// Raw text, anywhere.
    Literal(String),
    /// A variant or a part.
    Name(String),
    /// Another category.
    Category(String),
    /// A regular expression over the normalised text.
    Regex(String),
}

/// What a column's cell must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Exactly this, after normalisation.
    Equal(String),
    /// Matched by this regular expression.
    Regex(String),
}

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the definitions")]
pub enum Comparison {
    AtLeast,
    AtMost,
    More,
    Less,
    Equal,
}

impl Comparison {
    /// Whether `found` compares to `wanted` this way.
    pub fn holds(self, found: u32, wanted: u32) -> bool {
        match self {
            Comparison::AtLeast => found >= wanted,
            Comparison::AtMost => found <= wanted,
            Comparison::More => found > wanted,
            Comparison::Less => found < wanted,
            Comparison::Equal => found == wanted,
        }
    }
}

/// Tokens allowed between neighbours of `near` and `seq` where nothing is written: KH Coder's default.
pub const DEFAULT_DISTANCE: u16 = 10;

/// Something wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind of diagnostic.
    pub kind: Kind,
    /// The place, in bytes of the condition.
    pub range: Range<usize>,
    /// What was found.
    pub title: String,
    /// How to mend it.
    pub mend: String,
}

/// A condition as read.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree.
    pub expr: Expr,
    /// What is legal but hardly meant.
    pub warnings: Vec<Problem>,
}

/// Reads a condition.
///
/// # Errors
/// The first thing that can't be read.
pub fn parse(source: &str) -> Result<Parsed, Problem> {
    parser::parse(source, lex::lex(source)?)
}

/// Something that KH Coder's coding rules write another way.
fn kh_coder(range: Range<usize>, what: &str, mend: &str) -> Problem {
    let title = format!("{what}は KH Coder の書き方です");
    Problem { kind: Kind::KhCoder, range, title, mend: mend.to_owned() }
}
