//! The terms of a category that are enough by themselves, looked at together.

use std::ops::Range;

use super::{Condition, Linter};
use crate::diagnostic::{Kind, Site};
use crate::normalise::normalise;
use crate::rule::expr::{Expr, Node};
use crate::rule::source::Located;

/// A word or literal, found by itself.
struct Term<'f> {
    at: &'f Located,
    range: Range<usize>,
    is_literal: bool,
    /// Normalised.
    text: String,
}

impl<'f> Term<'f> {
    fn new(condition: &Condition<'f>, expr: &Expr) -> Option<Self> {
        let (text, is_literal) = match &expr.node {
            Node::Word(word) => (word, false),
            Node::Literal(text) => (text, true),
            _ => return None,
        };
        let text = normalise(text).text().to_owned();
        let range = expr.range.clone();
        (!text.is_empty()).then_some(Term { at: condition.at, range, is_literal, text })
    }

    fn shown(&self) -> &'f str {
        self.at.text[self.range.clone()].trim_start_matches('「').trim_end_matches('」')
    }

    fn site(&self) -> Site {
        Site { file: self.at.file.clone(), range: self.at.place(&self.range) }
    }
}

/// The terms among the alternatives of a condition.
fn alternatives<'f>(condition: &Condition<'f>) -> Vec<Term<'f>> {
    match &condition.expr.node {
        Node::Or(operands) => operands.iter().filter_map(|part| Term::new(condition, part)).collect(),
        _ => Term::new(condition, condition.expr).into_iter().collect(),
    }
}

impl Linter {
    /// Compares the terms of one category that are enough by themselves with each other and with those that take them
    /// back.
    pub(super) fn enough<'c, 'f: 'c>(
        &mut self,
        any: &[Condition<'f>],
        rules: &[Condition<'f>],
        not: impl Iterator<Item = &'c Condition<'f>>,
    ) {
        let terms: Vec<Term<'f>> = any.iter().chain(rules).flat_map(alternatives).collect();
        let exclusions: Vec<Term<'f>> = not.flat_map(alternatives).collect();
        for (at, term) in terms.iter().enumerate() {
            if let Some(exclusion) = exclusions.iter().find(|other| self.implies(term, other)) {
                let title =
                    format!("「{}」は not の「{}」が必ず打ち消します", term.shown(), exclusion.shown());
                self.diagnostics.push(
                    term.at
                        .diagnostic_at(Kind::SelfExcluded, &term.range, title)
                        .related(exclusion.site(), "打ち消すもの")
                        .mend("この語を消すか、not の条件を狭めてください"),
                );
                continue;
            }
            let swallowing = terms.iter().enumerate().find(|&(other_at, other)| {
                // Of two that say the same, the list of one kind reports the second.
                let is_same = term.text == other.text && term.is_literal == other.is_literal;
                other_at != at && !is_same && self.implies(term, other)
            });
            if let Some((_, other)) = swallowing {
                let (word, shorter) = (term.shown(), other.shown());
                let title = match word == shorter {
                    true => format!("「{word}」は、そのままの文字の「{shorter}」だけで足ります"),
                    false => format!("「{word}」は「{shorter}」に含まれています"),
                };
                self.diagnostics.push(
                    term.at
                        .diagnostic_at(Kind::SwallowedTerm, &term.range, title)
                        .related(other.site(), "これだけで足りる")
                        .mend("この語を消してください。長いほうだけを探すなら、短いほうを消します"),
                );
            }
        }
    }

    /// Whether `other` is found wherever `term` is.
    fn implies(&mut self, term: &Term<'_>, other: &Term<'_>) -> bool {
        if term.text == other.text && term.is_literal == other.is_literal {
            return true;
        }
        if term.is_literal {
            return other.is_literal && term.text.contains(&other.text);
        }
        // In other spellings, the other needn't be.
        if self.words.variants.contains_key(&term.text) {
            return false;
        }
        let pieces = self.words.pieces(&term.text);
        let Some(last) = pieces.last() else { return false };
        // What stays as written, whatever the form of the last token; a noun may count as another word.
        let is_renamed = pieces.len() == 1 && *last.base != *term.text;
        let beginning = pieces.len().checked_sub(2).map_or(0, |before| pieces[before].end);
        let fixed = if last.is_inflected || is_renamed { beginning } else { term.text.len() };
        if other.is_literal {
            return term.text[..fixed].contains(&other.text);
        }
        let starts: Vec<usize> = term.text[..fixed].match_indices(&*other.text).map(|(at, _)| at).collect();
        let is_inside = starts.into_iter().any(|start| {
            self.words.is_boundary(&term.text, start)
                && self.words.is_boundary(&term.text, start + other.text.len())
        });
        is_inside || (pieces.len() > 1 && pieces.iter().any(|piece| *piece.base == *other.text))
    }
}
