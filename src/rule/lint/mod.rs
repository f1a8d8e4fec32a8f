//! Finds what is legal in a rule file but hardly meant. What the compiler sees on its way (mixed operators, inflected
//! terms) it reports itself; here is what takes a look at conditions (`condition`), at the terms of a list together
//! (`terms`), and at categories, definitions and files as a whole (`category`, `definition`).

mod category;
mod condition;
mod definition;
mod terms;
mod words;

use super::expr::{Expr, Node};
use super::source::{Located, RuleFile};
use crate::diagnostic::Diagnostic;
use crate::tokenize::Tokenizer;
use words::Words;

/// Looks through all files. `tokenizer` must be the one the texts will be tokenized with.
pub fn lint(files: &[RuleFile], tokenizer: &Tokenizer) -> Vec<Diagnostic> {
    let mut linter = Linter { words: Words::new(files, tokenizer), diagnostics: Vec::new() };
    for file in files {
        linter.file(file);
        let shared: Vec<Condition<'_>> = file.not.iter().filter_map(Condition::read).collect();
        shared.iter().for_each(|condition| linter.condition(condition));
        for category in &file.categories {
            linter.category(category);
            let [any, rules, not] = [&category.any, &category.rules, &category.not]
                .map(|terms| terms.iter().filter_map(Condition::read).collect::<Vec<_>>());
            for condition in any.iter().chain(&rules).chain(&not) {
                linter.condition(condition);
            }
            linter.enough(&any, &rules, not.iter().chain(&shared));
        }
        for part in &file.parts {
            if let Some(condition) = Condition::read(&part.rule) {
                linter.condition(&condition);
            }
        }
    }
    linter.definitions(files);
    linter.diagnostics
}

struct Linter {
    words: Words,
    diagnostics: Vec<Diagnostic>,
}

/// A condition as read. One that can't be read is the compiler's business.
struct Condition<'f> {
    at: &'f Located,
    expr: &'f Expr,
}

impl<'f> Condition<'f> {
    fn read(at: &'f Located) -> Option<Self> {
        Some(Condition { at, expr: &at.condition().ok()?.expr })
    }

    /// A part as written.
    fn text(&self, part: &Expr) -> &'f str {
        &self.at.text[part.range.clone()]
    }
}

/// Calls `visit` for the condition and every part of it, the whole before its parts.
fn walk<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e Expr)) {
    visit(expr);
    for part in parts_of(expr) {
        walk(part, visit);
    }
}

fn parts_of(part: &Expr) -> &[Expr] {
    match &part.node {
        Node::Or(parts) | Node::And(parts) | Node::Adjacent(parts) | Node::Near { operands: parts, .. } => {
            parts
        }
        Node::Not(inner) | Node::Compare(inner, ..) | Node::Polarity(inner, _) | Node::Pos(inner, _) => {
            std::slice::from_ref(&**inner)
        }
        _ => &[],
    }
}
