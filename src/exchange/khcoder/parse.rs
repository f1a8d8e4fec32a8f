//! Conditions of KH Coder: atoms to a tree, as they were meant, with every place where KH Coder reads them differently.
//!
//! KH Coder pastes the atoms into a condition of MySQL, whose precedence holds: `!`, then `+ -`, comparisons, `not`,
//! `and`, `or`. What is glued together is one word to KH Coder, and never found; here it is taken apart, and said so.

use super::Place;
use super::lex::{Lexed, Lexeme, lex};
use super::read::Atom;
use crate::rule::expr::Comparison;

/// What an atom or several of them mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Not(Box<Expr>),
    /// The number of hits, compared.
    Count(Box<Expr>, Comparison, u32),
    /// The number of characters, compared.
    Length(Comparison, u32),
    Operand(Operand, Place),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Word(String),
    /// `'…'`: raw text.
    Text(String),
    /// `a+b`.
    Phrase(Vec<String>),
    Near {
        words: Vec<String>,
        is_ordered: bool,
        unit: Unit,
        distance: Option<u32>,
    },
    /// A word with conditions on the token.
    Token {
        word: String,
        pos: Option<String>,
        surface: Option<String>,
    },
    Column {
        name: String,
        value: String,
    },
    /// `<name>`, with its star.
    Code(String),
}

/// Where `near` and `seq` look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// What was chosen in the window.
    Whole,
    Sentence,
    Paragraph,
}

/// Something KH Coder reads in another way than we do, or that we can't read: then the code is not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    pub place: Place,
    pub text: String,
}

pub(super) struct Parsed {
    pub expr: Expr,
    pub differences: Vec<Remark>,
}

/// Reads a condition.
///
/// # Errors
/// The first thing that has no counterpart here, or that KH Coder itself refuses.
pub(super) fn parse(atoms: &[Atom]) -> Result<Parsed, Remark> {
    let Lexed { lexemes, differences } = lex(atoms)?;
    let end = atoms.last().map_or(Place { line: 1, column: 1 }, |atom| atom.place);
    let mut parser = Parser { lexemes, at: 0, end, differences, depth: 0 };
    let expr = parser.or()?;
    match parser.lexemes.get(parser.at) {
        None => Ok(Parsed { expr, differences: parser.differences }),
        Some((Lexeme::Close, place)) => Err(remark(*place, "対応する「(」のない「)」です")),
        Some((_, place)) => {
            Err(remark(*place, "2 つの語の間に and か or がありません（KH Coder でもエラーです）"))
        }
    }
}

pub(super) fn remark(place: Place, text: impl Into<String>) -> Remark {
    Remark { place, text: text.into() }
}

struct Parser {
    lexemes: Vec<(Lexeme, Place)>,
    at: usize,
    end: Place,
    differences: Vec<Remark>,
    depth: usize,
}

/// Brackets deeper than this are refused rather than recursed into.
const MAX_DEPTH: usize = 64;

/// A side of a comparison.
enum Term {
    Expr(Expr),
    Length,
    Number(u32),
}

impl Parser {
    fn take(&mut self, wanted: &Lexeme) -> bool {
        let found = self.lexemes.get(self.at).is_some_and(|(lexeme, _)| lexeme == wanted);
        self.at += usize::from(found);
        found
    }

    fn place(&self) -> Place {
        self.lexemes.get(self.at).map_or(self.end, |(_, place)| *place)
    }

    fn or(&mut self) -> Result<Expr, Remark> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(remark(self.place(), "括弧の入れ子が深すぎます"));
        }
        let mut operands = vec![self.and()?];
        while self.take(&Lexeme::Or) {
            operands.push(self.and()?);
        }
        self.depth -= 1;
        Ok(if operands.len() == 1 { operands.remove(0) } else { Expr::Or(flat(operands)) })
    }

    fn and(&mut self) -> Result<Expr, Remark> {
        let mut operands = vec![self.not()?];
        while self.take(&Lexeme::And) {
            operands.push(self.not()?);
        }
        Ok(if operands.len() == 1 { operands.remove(0) } else { Expr::And(operands) })
    }

    fn not(&mut self) -> Result<Expr, Remark> {
        let mut negations = 0;
        while self.take(&Lexeme::Not) {
            negations += 1;
        }
        let inner = self.compare()?;
        Ok(if negations % 2 == 1 { Expr::Not(Box::new(inner)) } else { inner })
    }

    fn compare(&mut self) -> Result<Expr, Remark> {
        let place = self.place();
        let left = self.sum()?;
        let Some(&(Lexeme::Compare(comparison), at)) = self.lexemes.get(self.at) else {
            return match left {
                Term::Expr(expr) => Ok(expr),
                Term::Length => Err(remark(place, "lc の後に比べる数がありません")),
                Term::Number(number) => {
                    self.differences.push(remark(place, format!("KH Coder では {number} は数で、いつも成り立ちます。語とみなしました。数の語は \"{number}\" と書きます")));
                    Ok(Expr::Operand(Operand::Word(number.to_string()), place))
                }
            };
        };
        self.at += 1;
        let right = self.sum()?;
        let (term, comparison, number) = match (left, right) {
            (term, Term::Number(number)) => (term, comparison, number),
            (Term::Number(number), term) => (term, flipped(comparison), number),
            _ => return Err(remark(at, "語数どうしの比べ方は取り込めません。片方は数でなければなりません")),
        };
        match term {
            Term::Expr(expr) => {
                if matches!(expr, Expr::And(_) | Expr::Not(_)) {
                    self.differences.push(remark(
                        at,
                        "KH Coder では、かつ・でない の値は 0 か 1 です。jirei では当たった所の数を比べます",
                    ));
                }
                if matches!(expr, Expr::Operand(Operand::Text(_), _)) {
                    self.differences.push(remark(
                        at,
                        "KH Coder では、'…' の値はそれを含む文の数です。jirei では当たった所の数を比べます",
                    ));
                }
                Ok(Expr::Count(Box::new(expr), comparison, number))
            }
            Term::Length => Ok(Expr::Length(comparison, number)),
            Term::Number(_) => Err(remark(at, "数と数を比べています")),
        }
    }

    /// Operands joined by `+`, whose values are added: more than zero if any of them is.
    fn sum(&mut self) -> Result<Term, Remark> {
        let first = self.unary()?;
        let mut operands = match first {
            Term::Expr(expr) => vec![expr],
            other => return Ok(other),
        };
        while let Some(&(Lexeme::Arithmetic(sign), place)) = self.lexemes.get(self.at) {
            self.at += 1;
            match (sign, self.unary()?) {
                ('+', Term::Expr(expr)) => operands.push(expr),
                _ => {
                    return Err(remark(
                        place,
                        format!("計算「{sign}」は取り込めません。語と語の「+」なら取り込めます"),
                    ));
                }
            }
        }
        Ok(Term::Expr(if operands.len() == 1 { operands.remove(0) } else { Expr::Or(flat(operands)) }))
    }

    fn unary(&mut self) -> Result<Term, Remark> {
        let place = self.place();
        if self.take(&Lexeme::Bang) {
            return match self.unary()? {
                Term::Expr(Expr::Not(inner)) => Ok(Term::Expr(*inner)),
                Term::Expr(inner) => Ok(Term::Expr(Expr::Not(Box::new(inner)))),
                _ => Err(remark(place, "数は打ち消せません")),
            };
        }
        let Some((lexeme, _)) = self.lexemes.get(self.at).cloned() else {
            return Err(remark(place, "条件が途中で終わっています"));
        };
        self.at += 1;
        match lexeme {
            Lexeme::Open => {
                let inner = self.or()?;
                if self.take(&Lexeme::Close) {
                    Ok(Term::Expr(inner))
                } else if self.at < self.lexemes.len() {
                    Err(remark(
                        self.place(),
                        "2 つの語の間に and か or がありません（KH Coder でもエラーです）",
                    ))
                } else {
                    Err(remark(place, "「(」が閉じられていません"))
                }
            }
            Lexeme::Operand(operand) => Ok(Term::Expr(Expr::Operand(operand, place))),
            Lexeme::Number(number) => Ok(Term::Number(number)),
            Lexeme::Length => Ok(Term::Length),
            _ => Err(remark(place, "語があるはずの所に演算子があります（KH Coder でもエラーです）")),
        }
    }
}

/// `or` within `or` is one.
fn flat(operands: Vec<Expr>) -> Vec<Expr> {
    let inner = |operand| match operand {
        Expr::Or(operands) => operands,
        other => vec![other],
    };
    operands.into_iter().flat_map(inner).collect()
}

fn flipped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::AtLeast => Comparison::AtMost,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::More => Comparison::Less,
        Comparison::Less => Comparison::More,
        Comparison::Equal => Comparison::Equal,
    }
}
