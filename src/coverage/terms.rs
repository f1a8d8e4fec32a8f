//! The terms of a category: the words, variants, literals and patterns of its conditions.

use crate::matcher::program::{Op, OpId, Program, Trace};
use crate::rule::{CategoryId, RuleId, Rulebook};

/// What a term is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It helps a rule to hold.
    Supports,
    /// It keeps a rule from holding (`!語`, `でない`), or takes its evidence back (`not`).
    Blocks,
}

/// A term of a category. Wherever the same word stands in its conditions, it is one term.
#[derive(Debug, Clone)]
pub struct Term {
    /// As written where it first stands.
    pub text: String,
    /// What it is there for.
    pub role: Role,
    /// The rules it stands in; none for a term of `not`.
    pub rules: Vec<RuleId>,
    /// Its hits.
    pub(super) op: OpId,
    /// What must find nothing for the term to find nothing.
    pub(super) sources: Vec<OpId>,
}

/// The terms of `category`, in the order in which they first stand in its rules.
pub(super) fn terms_of(category: CategoryId, rulebook: &Rulebook) -> Vec<Term> {
    let mut terms = Vec::new();
    let program = &rulebook.program;
    for rule in &program.rules[program.rules_of[category.index()].clone()] {
        collect(&rule.trace, Role::Supports, Some(rule.id), program, &mut terms);
    }
    if let Some(exclusion) = rulebook.exclusion_of(category) {
        collect(exclusion, Role::Blocks, None, program, &mut terms);
    }
    terms
}

fn collect(trace: &Trace, role: Role, rule: Option<RuleId>, program: &Program, terms: &mut Vec<Term>) {
    let op = program.operation(trace.op);
    if !trace.parts.is_empty() {
        let role = match (op, role) {
            (Some(Op::Not(_)), Role::Supports) => Role::Blocks,
            (Some(Op::Not(_)), Role::Blocks) => Role::Supports,
            _ => role,
        };
        for part in &trace.parts {
            collect(part, role, rule, program, terms);
        }
        return;
    }
    let sources = match op {
        None | Some(Op::Regex(_)) => vec![trace.op],
        // A word with several ways to be found. Conditions that list it may have taken it apart.
        Some(Op::Or(atoms, others)) => {
            atoms.iter().map(OpId::of_atom).chain(others.iter().copied()).chain([trace.op]).collect()
        }
        // A column, a length, a category.
        Some(_) => return,
    };
    match terms.iter_mut().find(|term| term.op == trace.op && term.role == role) {
        Some(term) => term.rules.extend(rule.filter(|rule| !term.rules.contains(rule))),
        None => terms.push(Term {
            text: trace.text.split_whitespace().collect::<Vec<_>>().join(" "),
            role,
            rules: rule.into_iter().collect(),
            op: trace.op,
            sources,
        }),
    }
}
