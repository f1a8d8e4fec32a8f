//! From rule files to a rulebook: conditions are read, names resolved, terms normalised and tokenized, and everything
//! lowered to one program in which equal parts are shared.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use regex::Regex;
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::expr::{self, Comparison, Expr, Node, Value};
use super::source::{self, CategorySource, Located, RuleFile, nearest};
use super::{Category, CategoryId, RuleId, Rulebook};
use crate::diagnostic::{self, Diagnostic, Kind, SourceFile};
use crate::matcher::needs::Needs;
use crate::matcher::polarity::Polarity;
use crate::matcher::program::{
    AtomId, AtomSet, Automaton, Column, Op, OpId, Pattern, Program, RegexId, Rule, Trace,
};
use crate::normalise::normalise;
use crate::token::{Class, Lexeme, Token};
use crate::tokenize::{Tokenizer, Worker};

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
    let mut diagnostics = Vec::new();
    let files: Vec<RuleFile> = sources.iter().map(|file| source::parse(file, &mut diagnostics)).collect();
    let mut compiler = Compiler::new(&files, tokenizer, diagnostics);
    let rulebook = compiler.rulebook(&files, sources);
    let mut diagnostics = compiler.diagnostics;
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    diagnostic::sort(&mut diagnostics);
    // A condition shared by many categories is read for each of them.
    diagnostics.dedup();
    Compiled { rulebook: rulebook.filter(|_| !failed), files, diagnostics }
}

/// The first two levels of IPADIC's parts of speech, for checking `-->`.
const PARTS_OF_SPEECH: &[&str] = &[
    "名詞",
    "名詞-一般",
    "名詞-サ変接続",
    "名詞-形容動詞語幹",
    "名詞-ナイ形容詞語幹",
    "名詞-固有名詞",
    "名詞-数",
    "名詞-接尾",
    "名詞-代名詞",
    "名詞-非自立",
    "名詞-副詞可能",
    "名詞-動詞非自立的",
    "名詞-特殊",
    "名詞-引用文字列",
    "名詞-接続詞的",
    "動詞",
    "動詞-自立",
    "動詞-非自立",
    "動詞-接尾",
    "形容詞",
    "形容詞-自立",
    "形容詞-非自立",
    "形容詞-接尾",
    "副詞",
    "副詞-一般",
    "副詞-助詞類接続",
    "連体詞",
    "接続詞",
    "感動詞",
    "フィラー",
    "助動詞",
    "助詞",
    "助詞-格助詞",
    "助詞-係助詞",
    "助詞-接続助詞",
    "助詞-終助詞",
    "助詞-副助詞",
    "助詞-並立助詞",
    "助詞-連体化",
    "助詞-副詞化",
    "助詞-特殊",
    "助詞-副助詞／並立助詞／終助詞",
    "接頭詞",
    "接頭詞-名詞接続",
    "接頭詞-動詞接続",
    "接頭詞-数接続",
    "接頭詞-形容詞接続",
    "記号",
    "記号-一般",
    "記号-句点",
    "記号-読点",
    "記号-空白",
    "記号-括弧開",
    "記号-括弧閉",
    "記号-アルファベット",
    "その他",
    "その他-間投",
];

/// What `{name}` may stand for.
enum Definition<'f> {
    Variant(&'f [Located]),
    Part(&'f Located),
}

struct Compiler<'f> {
    tokenizer: Worker,
    diagnostics: Vec<Diagnostic>,
    definitions: BTreeMap<String, Definition<'f>>,
    /// The variant each spelling belongs to.
    spellings: FxHashMap<String, String>,
    /// Parts as compiled, and the parts being compiled, to find circles.
    parts: BTreeMap<String, Option<Trace>>,
    under_way: Vec<String>,
    categories: Vec<Category>,
    ids: BTreeMap<String, CategoryId>,
    /// Whether every file was read to its end: otherwise unknown names are not reported.
    is_complete: bool,
    atoms: FxHashMap<String, AtomId>,
    /// What words have become, and terms as segmented: most stand in many conditions.
    words: FxHashMap<AtomId, OpId>,
    segmented: FxHashMap<String, Rc<[Token]>>,
    /// The spellings, each with what it means.
    patterns: Vec<(String, Vec<Pattern>)>,
    pattern_ids: FxHashMap<String, usize>,
    lemmas: FxHashMap<Box<str>, Vec<AtomId>>,
    surfaces: FxHashMap<Box<str>, Vec<AtomId>>,
    ops: Vec<Op>,
    op_ids: FxHashMap<Op, OpId>,
    regexes: Vec<Regex>,
    regex_ids: FxHashMap<String, RegexId>,
    /// Literals of which at least one occurs in every match of a regular expression, where there are any.
    needles: FxHashMap<RegexId, Vec<AtomId>>,
}

/// Where the condition being lowered stands, and which categories it refers to.
struct Context<'c> {
    at: &'c Located,
    refers: Vec<CategoryId>,
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
            ids: BTreeMap::new(),
            is_complete: files.iter().all(|file| file.is_complete),
            atoms: FxHashMap::default(),
            words: FxHashMap::default(),
            segmented: FxHashMap::default(),
            patterns: Vec::new(),
            pattern_ids: FxHashMap::default(),
            lemmas: FxHashMap::default(),
            surfaces: FxHashMap::default(),
            ops: Vec::new(),
            op_ids: FxHashMap::default(),
            regexes: Vec::new(),
            regex_ids: FxHashMap::default(),
            needles: FxHashMap::default(),
        };
        for file in files {
            compiler.define(file);
        }
        compiler
    }

    /// Records the names a file defines.
    fn define(&mut self, file: &'f RuleFile) {
        for variant in &file.variants {
            self.define_name(&variant.name, Definition::Variant(&variant.forms));
            for form in variant.forms.iter().chain([&variant.name]) {
                let spelling = normalise(&form.text).text().to_owned();
                match self.spellings.insert(spelling, variant.name.text.clone()) {
                    Some(other) if other != variant.name.text => self.diagnostics.push(
                        form.diagnostic(
                            Kind::Duplicate,
                            format!("表記「{}」は「{other}」にも入っています", form.text),
                        )
                        .mend("どちらか一方の表記ゆれにだけ入れてください"),
                    ),
                    _ => {}
                }
            }
        }
        for part in &file.parts {
            self.define_name(&part.name, Definition::Part(&part.rule));
        }
        for category in &file.categories {
            self.define_category(category);
        }
    }

    fn define_name(&mut self, name: &Located, definition: Definition<'f>) {
        if self.definitions.insert(name.text.clone(), definition).is_some() {
            self.diagnostics.push(
                name.diagnostic(
                    Kind::Duplicate,
                    format!("「{}」という表記ゆれか部品がもうあります", name.text),
                )
                .mend("別の名前にするか、1 つにまとめてください"),
            );
        }
    }

    fn define_category(&mut self, category: &CategorySource) {
        let id = &category.id.text;
        let is_ascii = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !is_ascii {
            self.diagnostics.push(
                category
                    .id
                    .diagnostic(Kind::BadId, format!("id「{id}」に使えない文字があります"))
                    .mend("半角の英小文字・数字・「-」だけで、英字から始めてください（例: face-auth）"),
            );
        }
        if self.ids.contains_key(id) {
            self.diagnostics.push(
                category
                    .id
                    .diagnostic(Kind::Duplicate, format!("id「{id}」のカテゴリがもうあります"))
                    .mend("別の id にしてください"),
            );
        }
        if self.categories.iter().any(|known| known.name == category.name.text) {
            let title = format!("「{}」という名前のカテゴリがもうあります", category.name.text);
            self.diagnostics
                .push(category.name.diagnostic(Kind::Duplicate, title).mend("別の名前にしてください"));
        }
        let Ok(number) = u16::try_from(self.categories.len()) else { return };
        self.ids.entry(id.clone()).or_insert(CategoryId(number));
        self.categories.push(Category {
            id: id.clone(),
            name: category.name.text.clone(),
            group: category.group.clone(),
            desc: category.desc.clone(),
        });
    }

    /// Lowers all rules and puts the rulebook together.
    fn rulebook(&mut self, files: &'f [RuleFile], sources: &[Arc<SourceFile>]) -> Option<Rulebook> {
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
                add(Trace { text: "any".to_owned(), op, parts: terms }, format!("{}/any", category.id.text));
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
                exclusions[number] = Some(Trace { text: "not".to_owned(), op, parts: not });
            }
        }
        let rank = self.rank(files, &refers)?;
        rules.sort_by_key(|rule: &Rule| (rank[rule.category.index()], rule.id));
        let mut rules_of = vec![0..0; self.categories.len()];
        for (at, rule) in rules.iter().enumerate() {
            let range: &mut Range<usize> = &mut rules_of[rule.category.index()];
            *range = if range.start == range.end { at..at + 1 } else { range.start..at + 1 };
        }
        let needs = Needs::find(&self.ops, &rules, &rules_of, &self.needles, self.atoms.len());
        // Terms may be empty where there are errors.
        self.patterns.retain(|(spelling, _)| !spelling.is_empty());
        let spellings =
            self.patterns.iter().map(|(spelling, patterns)| (spelling.as_str(), patterns.clone()));
        let (automaton, patterns) = Automaton::new(spellings);
        let program = Program {
            automaton,
            patterns,
            lemmas: std::mem::take(&mut self.lemmas),
            surfaces: std::mem::take(&mut self.surfaces),
            atom_count: self.atoms.len(),
            ops: std::mem::take(&mut self.ops),
            regexes: std::mem::take(&mut self.regexes),
            rules,
            exclusions,
            rules_of,
            needs,
        };
        Some(Rulebook {
            categories: std::mem::take(&mut self.categories),
            rule_labels,
            program,
            sha256: hash(sources),
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

    /// Reads and lowers the condition in `at`; what is wrong with it is reported.
    fn condition(&mut self, at: &Located, refers: &mut Vec<CategoryId>) -> Option<Trace> {
        if at.text.trim().is_empty() {
            self.diagnostics.push(
                at.diagnostic(Kind::EmptyTerm, "値が空です")
                    .mend("探す語か条件を書くか、この値を消してください"),
            );
            return None;
        }
        let parsed = match expr::parse(&at.text) {
            Ok(parsed) => parsed,
            Err(problem) => {
                let range = at.place(&problem.range);
                self.diagnostics
                    .push(Diagnostic::new(problem.kind, &at.file, range, problem.title).mend(problem.mend));
                return None;
            }
        };
        for warning in parsed.warnings {
            let range = at.place(&warning.range);
            self.diagnostics
                .push(Diagnostic::new(warning.kind, &at.file, range, warning.title).mend(warning.mend));
        }
        let mut context = Context { at, refers: Vec::new() };
        let trace = self.lower(&parsed.expr, &mut context);
        refers.append(&mut context.refers);
        trace
    }

    /// Lowers a definition that no rule may use, so that its slips are reported all the same.
    fn check_definition(&mut self, name: &str) {
        match self.definitions.get(name) {
            Some(Definition::Part(_)) => {
                self.part(name, None);
            }
            Some(Definition::Variant(forms)) => {
                for form in *forms {
                    self.check_term(form, &(0..form.text.len()), &form.text);
                }
            }
            None => {}
        }
    }

    fn lower(&mut self, expr: &Expr, context: &mut Context<'_>) -> Option<Trace> {
        let mut parts = Vec::new();
        let mut lower_all =
            |compiler: &mut Self, operands: &[Expr], context: &mut Context<'_>| -> Option<Box<[OpId]>> {
                let lowered: Vec<Option<Trace>> =
                    operands.iter().map(|operand| compiler.lower(operand, context)).collect();
                parts = lowered.into_iter().collect::<Option<Vec<Trace>>>()?;
                Some(parts.iter().map(|part| part.op).collect())
            };
        let op = match &expr.node {
            Node::Or(operands) => {
                let operands = lower_all(self, operands, context)?;
                let op = self.any(&operands);
                return Some(Trace { text: context.at.text[expr.range.clone()].to_owned(), op, parts });
            }
            Node::And(operands) => Op::And(lower_all(self, operands, context)?),
            Node::Adjacent(operands) => Op::Adjacent(lower_all(self, operands, context)?),
            Node::Not(inner) => Op::Not(lower_all(self, std::slice::from_ref(inner), context)?[0]),
            Node::Polarity(inner, polarity) => {
                let denied =
                    Op::Polarity(lower_all(self, std::slice::from_ref(inner), context)?[0], *polarity);
                if *polarity == Polarity::Denied && mentions_existence(inner) {
                    // The denial of ある is another word, ない.
                    let (absent, _) = self.atom("形ない".to_owned());
                    add(&mut self.lemmas, "ない", absent);
                    let absent = OpId::of_atom(absent);
                    let operands = [denied, Op::Pos(absent, "形容詞".into())].map(|op| self.op(op));
                    let op = self.any(&operands);
                    return Some(Trace { text: context.at.text[expr.range.clone()].to_owned(), op, parts });
                }
                denied
            }
            Node::Compare(inner, comparison, number) => match inner.node {
                Node::Length => Op::Length(*comparison, *number),
                _ => {
                    Op::Count(lower_all(self, std::slice::from_ref(inner), context)?[0], *comparison, *number)
                }
            },
            Node::Length => Op::Length(Comparison::AtLeast, 1),
            Node::Pos(inner, pos) => {
                let inner = lower_all(self, std::slice::from_ref(inner), context)?[0];
                let pos = pos.replace("→", "-");
                self.check_pos(&pos, expr, context);
                Op::Pos(inner, pos.into())
            }
            Node::Near { operands, ordered, scope, distance } => {
                let all = lower_all(self, operands, context)?;
                let is_absent = |at: &usize| matches!(operands[*at].node, Node::Not(_));
                let absent = (0..all.len()).filter(is_absent).map(|at| match self.op_at(all[at]) {
                    Some(Op::Not(inner)) => *inner,
                    _ => all[at],
                });
                Op::Near {
                    absent: absent.collect(),
                    operands: (0..all.len()).filter(|at| !is_absent(at)).map(|at| all[at]).collect(),
                    ordered: *ordered,
                    scope: *scope,
                    distance: *distance,
                }
            }
            Node::Column(name, values) => {
                let mut equal = Vec::new();
                let mut patterns = Vec::new();
                for value in values {
                    match value {
                        Value::Equal(text) => equal.push(normalise(text).text().into()),
                        Value::Regex(pattern) => patterns.push(self.regex(pattern, expr, context)?),
                    }
                }
                let (name, values, patterns) = (name.as_str().into(), equal.into(), patterns.into());
                Op::Column(Box::new(Column { name, values, patterns }))
            }
            Node::Word(word) => {
                self.check_term(context.at, &expr.range, word);
                let spelling = normalise(word).text().to_owned();
                match self.spellings.get(&spelling).cloned() {
                    Some(variant) => return self.name(&variant, expr, context),
                    None => return self.word(&[spelling], word).map(|op| leaf(expr, context, op)),
                }
            }
            Node::Literal(text) => {
                let text = normalise(text).text().to_owned();
                if text.is_empty() {
                    self.report(
                        Kind::EmptyTerm,
                        expr,
                        context,
                        "「」の中が空です".to_owned(),
                        "探す文字を書いてください",
                    );
                    return None;
                }
                let atom = self.literal(text);
                return Some(leaf(expr, context, OpId::of_atom(atom)));
            }
            Node::Regex(pattern) => {
                let regex = self.regex(pattern, expr, context)?;
                self.find_needles(regex, pattern);
                Op::Regex(regex)
            }
            Node::Name(name) => return self.name(name, expr, context),
            Node::Category(id) => match self.ids.get(id) {
                Some(&category) => {
                    context.refers.push(category);
                    Op::Category(category)
                }
                None => {
                    let known: Vec<&str> = self.ids.keys().map(String::as_str).collect();
                    let mend = suggestion(id, &known, "カテゴリの id を確かめてください");
                    if self.is_complete {
                        self.report(
                            Kind::UnknownCategory,
                            expr,
                            context,
                            format!("<{id}> というカテゴリはありません"),
                            &mend,
                        );
                    }
                    return None;
                }
            },
        };
        let op = self.op(op);
        Some(Trace { text: context.at.text[expr.range.clone()].to_owned(), op, parts })
    }

    fn report(&mut self, kind: Kind, expr: &Expr, context: &Context<'_>, title: String, mend: &str) {
        let range = context.at.place(&expr.range);
        self.diagnostics.push(Diagnostic::new(kind, &context.at.file, range, title).mend(mend));
    }

    /// `{name}`, or a word that is a spelling of a variant.
    fn name(&mut self, name: &str, expr: &Expr, context: &mut Context<'_>) -> Option<Trace> {
        match self.definitions.get(name) {
            Some(Definition::Variant(forms)) => {
                let mut spellings: Vec<String> =
                    forms.iter().map(|form| normalise(&form.text).text().to_owned()).collect();
                let own = normalise(name).text().to_owned();
                if !spellings.contains(&own) {
                    spellings.push(own);
                }
                spellings.retain(|spelling| !spelling.is_empty());
                self.word(&spellings, name).map(|op| leaf(expr, context, op))
            }
            Some(Definition::Part(_)) => {
                let part = self.part(name, Some((expr, &*context)))?;
                Some(Trace { text: format!("{{{name}}}"), op: part.op, parts: vec![part] })
            }
            None => {
                let known: Vec<&str> = self.definitions.keys().map(String::as_str).collect();
                let mend = suggestion(name, &known, "[[variant]] か [[part]] で定義してください");
                if self.is_complete {
                    self.report(
                        Kind::UnknownName,
                        expr,
                        context,
                        format!("{{{name}}} という表記ゆれや部品はありません"),
                        &mend,
                    );
                }
                None
            }
        }
    }

    fn part(&mut self, name: &str, used: Option<(&Expr, &Context<'_>)>) -> Option<Trace> {
        if let Some(part) = self.parts.get(name) {
            return part.clone();
        }
        if self.under_way.iter().any(|open| open == name) {
            if let Some((expr, context)) = used {
                self.report(
                    Kind::Cycle,
                    expr,
                    context,
                    format!("部品「{name}」が自分自身を使っています"),
                    "どちらかの {…} を外してください",
                );
            }
            return None;
        }
        let Some(&Definition::Part(rule)) = self.definitions.get(name) else { return None };
        self.under_way.push(name.to_owned());
        let mut refers = Vec::new();
        let part = self.condition(rule, &mut refers);
        self.under_way.pop();
        if !refers.is_empty() {
            self.diagnostics.push(
                rule.diagnostic(Kind::Cycle, format!("部品「{name}」の中では <カテゴリ> を使えません"))
                    .mend("<…> はカテゴリの rule に直接書いてください"),
            );
        }
        self.parts.insert(name.to_owned(), part.clone());
        part
    }

    /// A word in any of its spellings: found as it is written, by its base form, or, if it is several tokens of which
    /// the last inflects, in any form of that one.
    fn word(&mut self, spellings: &[String], name: &str) -> Option<OpId> {
        if spellings.is_empty() {
            return None;
        }
        let (atom, is_new) = self.atom(format!("語{name}\0{}", spellings.join("\0")));
        if !is_new {
            return self.words.get(&atom).copied();
        }
        let mut alternatives = vec![OpId::of_atom(atom)];
        for spelling in spellings {
            self.pattern(spelling.clone(), atom, true);
            add(&mut self.lemmas, spelling, atom);
            // A noun whose dictionary entry counts as another word (オン資) finds that word in all spellings.
            if let [only] = &*self.segment(spelling) {
                let lexeme = self.lexeme(*only);
                if lexeme.class == Class::Noun && *lexeme.base != **spelling {
                    let base = lexeme.base.clone();
                    add(&mut self.lemmas, &base, atom);
                }
            }
            if let Some(row) = self.inflected_row(spelling) {
                alternatives.push(row);
            }
        }
        alternatives.dedup();
        let op = self.any(&alternatives);
        self.words.insert(atom, op);
        Some(op)
    }

    /// For a term of several tokens that ends in a verb, an adjective or an auxiliary: its beginning as written,
    /// followed by any form of its end (読み取れない finds 読み取れなかった). Base forms of the beginning would confuse
    /// いらない with いない, which share theirs.
    fn inflected_row(&mut self, spelling: &str) -> Option<OpId> {
        let tokens = self.segment(spelling);
        let last = tokens.last().filter(|_| tokens.len() > 1)?;
        let lexeme = self.lexeme(*last);
        if !lexeme.is_inflected() {
            return None;
        }
        let base = lexeme.base.clone();
        let (beginning, end) = (&spelling[..last.span.start()], &base);
        let (first, is_new) = self.atom(format!("頭{beginning}"));
        if is_new {
            self.pattern(beginning.to_owned(), first, true);
        }
        let (second, _) = self.atom(format!("形{end}"));
        add(&mut self.lemmas, end, second);
        let row = [first, second].map(OpId::of_atom);
        Some(self.op(Op::Adjacent(row.into())))
    }

    fn segment(&mut self, normalised: &str) -> Rc<[Token]> {
        if let Some(tokens) = self.segmented.get(normalised) {
            return Rc::clone(tokens);
        }
        let mut tokens = Vec::new();
        self.tokenizer.tokenize(normalised, &mut tokens);
        let tokens: Rc<[Token]> = tokens.into();
        self.segmented.insert(normalised.to_owned(), Rc::clone(&tokens));
        tokens
    }

    fn lexeme(&self, token: Token) -> &Lexeme {
        &self.tokenizer.lexicon()[token.lexeme]
    }

    fn check_term(&mut self, at: &Located, range: &Range<usize>, word: &str) {
        let normalised = normalise(word).text().to_owned();
        let place = at.place(range);
        if normalised.is_empty() {
            self.diagnostics.push(
                Diagnostic::new(Kind::EmptyTerm, &at.file, place, "語が空です")
                    .mend("探す語を書いてください"),
            );
            return;
        }
        if let [only] = &*self.segment(&normalised)
            && let only = self.lexeme(*only)
            && matches!(only.class, Class::Verb | Class::Adjective)
            && *only.base != *normalised
            && !self.spellings.contains_key(&normalised)
            && !at.text.contains(&*only.base)
        {
            let title =
                format!("「{word}」は「{}」の活用形（{}）で、この形だけが見つかります", only.base, only.form);
            self.diagnostics.push(Diagnostic::new(Kind::InflectedTerm, &at.file, place, title).mend(
                format!(
                    "どの活用形も探すなら {} と、この文字だけなら 「{word}」 と鉤括弧ごと書いてください",
                    only.base
                ),
            ));
        }
    }

    fn check_pos(&mut self, pos: &str, expr: &Expr, context: &Context<'_>) {
        let head: String = pos.split('-').take(2).collect::<Vec<_>>().join("-");
        if !PARTS_OF_SPEECH.contains(&head.as_str()) {
            let mend = suggestion(
                pos,
                PARTS_OF_SPEECH,
                "IPADIC の品詞（名詞・動詞・形容詞・名詞-サ変接続 など）を書いてください",
            );
            self.report(Kind::UnknownPos, expr, context, format!("「{pos}」という品詞はありません"), &mend);
        }
    }

    /// The atom called `key`, and whether it is new.
    fn atom(&mut self, key: String) -> (AtomId, bool) {
        let next = AtomId(u32::try_from(self.atoms.len()).expect("atoms are fewer than bytes"));
        let atom = *self.atoms.entry(key).or_insert(next);
        (atom, atom == next)
    }

    /// The atom of a text that may stand anywhere.
    fn literal(&mut self, text: String) -> AtomId {
        let (atom, is_new) = self.atom(format!("「{text}"));
        if is_new {
            self.pattern(text, atom, false);
        }
        atom
    }

    fn pattern(&mut self, spelling: String, atom: AtomId, bounded: bool) {
        if bounded {
            add(&mut self.surfaces, &spelling, atom);
        }
        let next = self.patterns.len();
        let at = *self.pattern_ids.entry(spelling.clone()).or_insert(next);
        if at == next {
            self.patterns.push((spelling, Vec::new()));
        }
        self.patterns[at].1.push(Pattern { atom, bounded });
    }

    /// Any of `operands`; short lists among them are taken apart.
    fn any(&mut self, operands: &[OpId]) -> OpId {
        if let [only] = operands {
            return *only;
        }
        let (mut atoms, mut others) = (Vec::new(), Vec::new());
        for &operand in operands {
            if let Ok(atom) = operand.atom() {
                atoms.push(atom);
                continue;
            }
            match self.op_at(operand) {
                // A longer list of conditions is shared, so that it is evaluated once.
                Some(Op::Or(inner, rest)) if rest.len() <= 1 => {
                    atoms.extend(inner.iter());
                    others.extend_from_slice(rest);
                }
                _ => others.push(operand),
            }
        }
        self.op(Op::Or(AtomSet::new(atoms), others.into()))
    }

    fn op(&mut self, op: Op) -> OpId {
        if let Op::And(operands) = &op
            && operands.len() == 1
        {
            return operands[0];
        }
        let next = OpId::of_op(self.ops.len());
        let id = *self.op_ids.entry(op.clone()).or_insert(next);
        if id == next {
            self.ops.push(op);
        }
        id
    }

    /// What `op` does, unless it is an atom.
    fn op_at(&self, op: OpId) -> Option<&Op> {
        op.atom().err().map(|at| &self.ops[at])
    }

    fn regex(&mut self, pattern: &str, expr: &Expr, context: &Context<'_>) -> Option<RegexId> {
        if let Some(&id) = self.regex_ids.get(pattern) {
            return Some(id);
        }
        /// Enough for any hand-written pattern; keeps a slip such as .{1000}{1000} from taking the memory.
        const SIZE_LIMIT: usize = 1 << 20;
        match regex::RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build() {
            Ok(regex) => {
                let id = RegexId(u32::try_from(self.regexes.len()).expect("patterns are fewer than bytes"));
                self.regexes.push(regex);
                self.regex_ids.insert(pattern.to_owned(), id);
                Some(id)
            }
            Err(error) => {
                let (title, mend) = match error {
                    regex::Error::CompiledTooBig(_) => ("大きすぎます", "{ } の中の回数を減らしてください"),
                    _ => {
                        ("読めません", "( ) [ ] { } の組、* + ? の前の文字、\\ の後の文字を確かめてください")
                    }
                };
                self.report(Kind::BadRegex, expr, context, format!("正規表現 /{pattern}/ が{title}"), mend);
                None
            }
        }
    }

    /// Makes atoms of the literals that every match of a regular expression begins or ends with, so that the expression
    /// is only run over texts where one of them occurs (2 % of a run with seven expressions).
    fn find_needles(&mut self, regex: RegexId, pattern: &str) {
        if self.needles.contains_key(&regex) {
            return;
        }
        let Ok(hir) = regex_syntax::parse(pattern) else { return };
        let found = [ExtractKind::Prefix, ExtractKind::Suffix].map(|kind| {
            let literals = Extractor::new().kind(kind).extract(&hir);
            let texts =
                literals.literals()?.iter().map(|literal| std::str::from_utf8(literal.as_bytes()).ok());
            texts
                .map(|text| text.filter(|text| !text.is_empty()).map(str::to_owned))
                .collect::<Option<Vec<String>>>()
        });
        // The longer its shortest literal, the rarer they are.
        let best = found.into_iter().flatten().max_by_key(|texts| texts.iter().map(String::len).min());
        if let Some(texts) = best {
            let mut atoms: Vec<AtomId> = texts.into_iter().map(|text| self.literal(text)).collect();
            atoms.sort_unstable();
            atoms.dedup();
            self.needles.insert(regex, atoms);
        }
    }
}

/// Adds `atom` to the list at `key`, once.
fn add(lists: &mut FxHashMap<Box<str>, Vec<AtomId>>, key: &str, atom: AtomId) {
    let atoms = lists.entry(key.into()).or_default();
    if !atoms.contains(&atom) {
        atoms.push(atom);
    }
}

/// Whether the condition names ある among its words.
fn mentions_existence(expr: &Expr) -> bool {
    match &expr.node {
        Node::Word(word) => matches!(word.as_str(), "ある" | "有る"),
        Node::Or(operands) => operands.iter().any(mentions_existence),
        _ => false,
    }
}

fn leaf(expr: &Expr, context: &Context<'_>, op: OpId) -> Trace {
    Trace { text: context.at.text[expr.range.clone()].to_owned(), op, parts: Vec::new() }
}

pub(super) fn suggestion(word: &str, known: &[&str], otherwise: &str) -> String {
    match nearest(word, known) {
        Some(nearest) => format!("「{nearest}」の書き間違いではありませんか"),
        None => otherwise.to_owned(),
    }
}

/// SHA-256 over names (without folders) and contents.
fn hash(sources: &[Arc<SourceFile>]) -> String {
    let mut hash = Sha256::new();
    for source in sources {
        let name = source.name.rsplit(['/', '\\']).next().unwrap_or(&source.name);
        for part in [name, &source.text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
