//! From rule files to a rulebook: conditions are read, names resolved, terms normalised and tokenized, and everything
//! lowered to one program in which equal parts are shared.
//!
//! `names` knows what names stand for, `lower` turns conditions into operations, `program` keeps the pieces; here
//! they are put together.

mod lower;
mod names;
mod pos;
mod program;

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::expr::Expr;
use super::source::{CategorySource, Located, RuleFile, RuleFiles};
use super::{Category, CategoryId, RuleId, Rulebook};
use crate::diagnostic::{self, Diagnostic, Kind, Site, SourceFile};
use crate::matcher::needs::Needs;
use crate::matcher::program::{AtomId, Automaton, Op, OpId, Pattern, Program, RegexId, Rule, Trace};
use crate::token::Token;
use crate::tokenize::{Tokenizer, Worker};
use lower::Slip;
pub(crate) use names::suggestion;

/// What compiling came to.
#[derive(Debug)]
pub struct Compiled {
    /// The rulebook, unless there were errors.
    pub rulebook: Option<Rulebook>,
    /// The files as read, with their examples.
    pub files: Vec<RuleFile>,
    /// Everything found, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles rule files. `tokenizer` must be the one the texts will be tokenized with.
pub fn compile(sources: &[Arc<SourceFile>], tokenizer: &Tokenizer) -> Compiled {
    compile_read(RuleFiles::read(sources), &[], tokenizer)
}

/// As [`compile`], of rule files that have been read, and with conditions that are asked about without being rules: each
/// of `queries` is one, and may use every name that the rules define. They become [`Rulebook::queries`], in order.
pub fn compile_read(rules: RuleFiles, queries: &[Arc<SourceFile>], tokenizer: &Tokenizer) -> Compiled {
    let RuleFiles { files, diagnostics } = rules;
    let mut compiler = Compiler::new(&files, tokenizer, diagnostics);
    let queries: Vec<Located> = queries.iter().map(Located::whole).collect();
    let rulebook = compiler.rulebook(&files, &queries);
    let mut diagnostics = compiler.diagnostics;
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    diagnostic::sort(&mut diagnostics);
    // A condition shared by many categories is lowered for each of them.
    diagnostics.dedup();
    Compiled { rulebook: rulebook.filter(|_| !failed), files, diagnostics }
}

/// A name, and what `{name}` stands for.
struct Definition<'f> {
    name: &'f Located,
    meaning: Meaning<'f>,
}

#[derive(Clone, Copy)]
enum Meaning<'f> {
    Variant(&'f [Located]),
    Part(&'f Located),
}

struct Compiler<'f> {
    tokenizer: Worker,
    diagnostics: Vec<Diagnostic>,
    definitions: BTreeMap<String, Definition<'f>>,
    /// The variant each spelling belongs to, and where it says so.
    spellings: FxHashMap<String, (String, &'f Located)>,
    /// Parts as compiled, and the parts being compiled, to find circles.
    parts: BTreeMap<String, Option<Trace>>,
    under_way: Vec<String>,
    categories: Vec<Category>,
    sources: Vec<&'f CategorySource>,
    ids: BTreeMap<String, CategoryId>,
    /// Whether every file was read to its end: otherwise unknown names are not reported.
    is_complete: bool,
    atoms: FxHashMap<String, AtomId>,
    /// What words have become and what is odd about them, as they are written, and terms as segmented: most stand in
    /// many conditions.
    words: FxHashMap<String, OpId>,
    slips: FxHashMap<String, Slip>,
    segmented: FxHashMap<String, Rc<[Token]>>,
    /// The spellings, each with what it means.
    patterns: Vec<(String, Vec<Pattern>)>,
    pattern_ids: FxHashMap<String, usize>,
    lemmas: FxHashMap<Box<str>, Vec<AtomId>>,
    surfaces: FxHashMap<Box<str>, Vec<AtomId>>,
    ops: Vec<Op>,
    op_ids: FxHashMap<Op, OpId>,
    /// The regular expressions, and everywhere they stand.
    regexes: Vec<String>,
    regex_sites: Vec<(RegexId, Site)>,
    regex_ids: FxHashMap<String, RegexId>,
    /// Literals of which at least one occurs in every match of a regular expression, where there are any.
    needles: FxHashMap<RegexId, Vec<AtomId>>,
}

/// Where the condition being lowered stands, and which categories it refers to.
struct Context<'c> {
    at: &'c Located,
    refers: Vec<CategoryId>,
}

impl Context<'_> {
    /// The trace of a part of the condition.
    fn trace(&self, expr: &Expr, op: OpId, parts: Vec<Trace>) -> Trace {
        let text = self.at.text[expr.range.clone()].to_owned();
        Trace { text, site: Some(self.site(expr)), op, parts }
    }

    /// Where a part of the condition stands.
    fn site(&self, expr: &Expr) -> Site {
        Site { file: Arc::clone(&self.at.file), range: self.at.place(&expr.range) }
    }
}

impl<'f> Compiler<'f> {
    fn new(files: &'f [RuleFile], tokenizer: &Tokenizer, diagnostics: Vec<Diagnostic>) -> Self {
        let mut compiler = Compiler {
            tokenizer: tokenizer.worker(),
            diagnostics,
            definitions: BTreeMap::new(),
            spellings: FxHashMap::default(),
            parts: BTreeMap::new(),
            under_way: Vec::new(),
            categories: Vec::new(),
            sources: Vec::new(),
            ids: BTreeMap::new(),
            is_complete: files.iter().all(|file| file.is_complete),
            atoms: FxHashMap::default(),
            words: FxHashMap::default(),
            slips: FxHashMap::default(),
            segmented: FxHashMap::default(),
            patterns: Vec::new(),
            pattern_ids: FxHashMap::default(),
            lemmas: FxHashMap::default(),
            surfaces: FxHashMap::default(),
            ops: Vec::new(),
            op_ids: FxHashMap::default(),
            regexes: Vec::new(),
            regex_sites: Vec::new(),
            regex_ids: FxHashMap::default(),
            needles: FxHashMap::default(),
        };
        for file in files {
            compiler.define(file);
        }
        compiler
    }

    /// Lowers all rules and puts the rulebook together.
    fn rulebook(&mut self, files: &'f [RuleFile], queries: &[Located]) -> Option<Rulebook> {
        let mut rules = Vec::new();
        let mut rule_labels = Vec::new();
        let mut exclusions = vec![None::<Trace>; self.categories.len()];
        let mut refers: Vec<Vec<CategoryId>> = vec![Vec::new(); self.categories.len()];
        for name in self.definitions.keys().cloned().collect::<Vec<_>>() {
            self.check_definition(&name);
        }
        let all = files.iter().flat_map(|file| file.categories.iter().map(move |category| (file, category)));
        for (number, (file, category)) in all.enumerate().take(self.categories.len()) {
            let id = CategoryId(u16::try_from(number).ok()?);
            if category.any.is_empty() && category.rules.is_empty() {
                self.diagnostics.push(
                    Diagnostic::new(
                        Kind::NoCondition,
                        &category.id.file,
                        category.header.clone(),
                        format!("「{}」に any も rule もありません", category.name.text),
                    )
                    .mend("any = ['語', …] か rule = '''条件''' を書いてください"),
                );
            }
            let mut add = |trace: Trace, label: String| {
                let rule = RuleId(u32::try_from(rule_labels.len()).expect("rules are fewer than bytes"));
                rule_labels.push(label);
                rules.push(Rule { category: id, id: rule, condition: trace.op, trace });
            };
            let refers = &mut refers[number];
            let terms: Vec<Trace> =
                category.any.iter().filter_map(|term| self.condition(term, refers)).collect();
            if !terms.is_empty() {
                let op = self.any(&terms.iter().map(|term| term.op).collect::<Vec<_>>());
                add(
                    Trace { text: "any".to_owned(), site: None, op, parts: terms },
                    format!("{}/any", category.id.text),
                );
            }
            let mut count = 0;
            for rule in &category.rules {
                let Some(trace) = self.condition(rule, refers) else { continue };
                // Alternatives are rules of their own, so that evidence says which one it was.
                let alternatives = match self.op_at(trace.op) {
                    Some(Op::Or(..)) if trace.parts.len() > 1 => trace.parts,
                    _ => vec![trace],
                };
                for alternative in alternatives {
                    count += 1;
                    add(alternative, format!("{}/{count}", category.id.text));
                }
            }
            let not: Vec<Trace> = category
                .not
                .iter()
                .chain(&file.not)
                .filter_map(|term| self.condition(term, refers))
                .collect();
            if !not.is_empty() {
                let op = self.any(&not.iter().map(|term| term.op).collect::<Vec<_>>());
                exclusions[number] = Some(Trace { text: "not".to_owned(), site: None, op, parts: not });
            }
        }
        // All categories are decided before a query is: it may refer to any.
        let queries = queries.iter().filter_map(|query| self.condition(query, &mut Vec::new())).collect();
        let regexes = self.build_regexes();
        let rank = self.rank(files, &refers)?;
        rules.sort_by_key(|rule: &Rule| (rank[rule.category.index()], rule.id));
        let mut rules_of = vec![0..0; self.categories.len()];
        for (at, rule) in rules.iter().enumerate() {
            let range: &mut Range<usize> = &mut rules_of[rule.category.index()];
            *range = if range.start == range.end { at..at + 1 } else { range.start..at + 1 };
        }
        // Terms may be empty where there are errors.
        self.patterns.retain(|(spelling, _)| !spelling.is_empty());
        let spellings =
            self.patterns.iter().map(|(spelling, patterns)| (spelling.as_str(), patterns.clone()));
        let (needs, (automaton, patterns)) = rayon::join(
            || Needs::find(&self.ops, &rules, &rules_of, &self.needles, self.atoms.len()),
            || Automaton::new(spellings),
        );
        let program = Program {
            automaton,
            patterns,
            lemmas: std::mem::take(&mut self.lemmas),
            surfaces: std::mem::take(&mut self.surfaces),
            atom_count: self.atoms.len(),
            ops: std::mem::take(&mut self.ops),
            regexes,
            rules,
            exclusions,
            rules_of,
            needs,
        };
        Some(Rulebook {
            categories: std::mem::take(&mut self.categories),
            rule_labels,
            queries,
            program,
            spellings: std::mem::take(&mut self.patterns),
            sha256: sha256(files.iter().map(|file| &*file.file)),
        })
    }

    /// The order in which categories can be decided: each after those it refers to. `None` if they refer in a circle.
    fn rank(&mut self, files: &[RuleFile], refers: &[Vec<CategoryId>]) -> Option<Vec<usize>> {
        let mut rank = vec![None; refers.len()];
        let mut next = 0;
        // Every round decides all categories whose references are decided; rulebooks are small.
        loop {
            let ready: Vec<usize> = (0..refers.len())
                .filter(|&at| {
                    rank[at].is_none()
                        && refers[at].iter().all(|id| rank[id.index()].is_some_and(|r| r < next))
                })
                .collect();
            if ready.is_empty() {
                break;
            }
            let round = next;
            for at in ready {
                rank[at] = Some(round);
                next = next.max(round + 1);
            }
        }
        let circle: Vec<usize> = (0..rank.len()).filter(|&at| rank[at].is_none()).collect();
        let categories: Vec<&CategorySource> = files.iter().flat_map(|file| &file.categories).collect();
        for &at in &circle {
            let id = &categories[at].id;
            self.diagnostics.push(
                id.diagnostic(Kind::Cycle, format!("「{}」の条件が <…> で自分自身に戻っています", id.text))
                    .mend("どちらか一方から <…> を外し、共通の条件は [[part]] にしてください"),
            );
        }
        // Rules of one category stay together: rounds are ordered, then categories within.
        let rounds: Option<Vec<usize>> = rank.into_iter().collect();
        rounds.map(|rounds| rounds.iter().enumerate().map(|(at, round)| round * refers.len() + at).collect())
    }
}

/// SHA-256 over names (without folders) and contents, as [`Rulebook::sha256`] has it.
pub fn sha256<'f>(files: impl IntoIterator<Item = &'f SourceFile>) -> String {
    let mut hash = Sha256::new();
    for source in files {
        let name = source.name.rsplit(['/', '\\']).next().unwrap_or(&source.name);
        for part in [name, &source.text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
