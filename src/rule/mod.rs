//! The rule language: from the files people write to an immutable [`Rulebook`].
//!
//! [`source`] reads the TOML container, [`expr`] the condition language inside it, [`mod@compile`] resolves names and makes
//! the rulebook that [`crate::matcher`] runs. [`lint`] finds what is legal but hardly meant; [`example`] runs the
//! examples that rules carry; [`mod@check`] does all of it, and [`allow`] leaves out what is meant. [`origin`] finds the files, in a folder or in git.

pub mod allow;
pub mod check;
pub mod compile;
pub mod example;
pub mod expr;
pub mod lint;
pub mod origin;
pub mod schema;
pub mod shipped;
pub mod skeleton;
pub mod source;

pub use compile::{Compiled, compile, compile_read, sha256};
pub use source::RuleFiles;

use crate::matcher::program::{Pattern, Program, Trace};

/// A category's position in its rulebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryId(pub(crate) u16);

impl CategoryId {
    /// Index into [`Rulebook::categories`] and into tables kept beside it.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A rule's position in its rulebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) u32);

impl RuleId {
    /// Index into tables kept beside the rulebook.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A code of the codebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Stable ASCII id.
    pub id: String,
    /// Japanese name.
    pub name: String,
    /// The group it belongs to; may be empty.
    pub group: String,
    /// Its definition; may be empty.
    pub desc: String,
}

/// All rules, compiled. Immutable and shared between threads.
#[derive(Debug)]
pub struct Rulebook {
    pub(crate) categories: Vec<Category>,
    /// Label of each rule: `face-auth/1`, or `face-auth/any` for the plain list of terms.
    pub(crate) rule_labels: Vec<String>,
    pub(crate) queries: Vec<Trace>,
    pub(crate) program: Program,
    /// The spellings that the program's automaton finds, each with what it means.
    pub(crate) spellings: Vec<(String, Vec<Pattern>)>,
    pub(crate) sha256: String,
}

impl Rulebook {
    /// The categories, in the order of the rule files.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The category with this id.
    pub fn category(&self, id: CategoryId) -> &Category {
        &self.categories[id.index()]
    }

    /// The ids of all categories, in order.
    pub fn category_ids(&self) -> impl Iterator<Item = CategoryId> + use<> {
        (0..self.categories.len())
            .map(|at| CategoryId(u16::try_from(at).expect("the compiler limits categories")))
    }

    /// The category whose ASCII id is `name`.
    pub fn find(&self, name: &str) -> Option<CategoryId> {
        self.category_ids().find(|&id| self.category(id).id == name)
    }

    /// The category that people call `label`: by its id or its Japanese name.
    pub fn find_labelled(&self, label: &str) -> Option<CategoryId> {
        self.find(label).or_else(|| self.category_ids().find(|&id| self.category(id).name == label))
    }

    /// How many rules there are.
    pub fn rule_count(&self) -> usize {
        self.rule_labels.len()
    }

    /// The label of a rule: its category's id and its number, or `any` for the plain list of terms.
    pub fn rule_label(&self, id: RuleId) -> &str {
        &self.rule_labels[id.index()]
    }

    /// Label and condition of each rule of a category.
    pub fn rules_of(&self, id: CategoryId) -> impl Iterator<Item = (&str, &Trace)> {
        let rules = &self.program.rules[self.program.rules_of[id.index()].clone()];
        rules.iter().map(|rule| (self.rule_label(rule.id), &rule.trace))
    }

    /// The terms and rules of a category each of which is enough for it.
    pub fn units_of(&self, id: CategoryId) -> Vec<&Trace> {
        let rules = self.rules_of(id).map(|(_, trace)| trace);
        // A list of terms has no place of its own.
        rules
            .flat_map(|rule| if rule.site.is_none() { rule.parts.iter().collect() } else { vec![rule] })
            .collect()
    }

    /// What takes a category's evidence back: its `not`, and that of its file.
    pub fn exclusion_of(&self, id: CategoryId) -> Option<&Trace> {
        self.program.exclusions[id.index()].as_ref()
    }

    /// The conditions that [`compile_read`] was asked about.
    pub fn queries(&self) -> &[Trace] {
        &self.queries
    }

    /// SHA-256 over names and contents of the rule files, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}
