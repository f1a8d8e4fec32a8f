//! Conditions: read, and each part of the tree lowered to an operation.

use std::ops::Range;

use super::pos::PARTS_OF_SPEECH;
use super::program::add;
use super::{Compiler, Context, suggestion};
use crate::diagnostic::{Diagnostic, Kind};
use crate::matcher::polarity::Polarity;
use crate::matcher::program::{Column, Op, OpId, Trace};
use crate::normalise::normalise;
use crate::rule::CategoryId;
use crate::rule::expr::{Comparison, Expr, Node, Problem, Value};
use crate::rule::source::Located;
use crate::token::{Class, Lexeme};

/// What is odd about a term by itself, wherever it stands.
pub(super) enum Slip {
    None,
    /// Nothing is left of it.
    Empty,
    /// A form of a word, found in this form only.
    Inflected {
        base: Box<str>,
        form: Box<str>,
    },
}

impl<'f> Compiler<'f> {
    /// Reads and lowers the condition in `at`; what is wrong with it is reported.
    pub(super) fn condition(&mut self, at: &Located, refers: &mut Vec<CategoryId>) -> Option<Trace> {
        if at.text.trim().is_empty() {
            self.diagnostics.push(
                at.diagnostic(Kind::EmptyTerm, "値が空です")
                    .mend("探す語か条件を書くか、この値を消してください"),
            );
            return None;
        }
        let shown = |problem: &Problem| {
            at.diagnostic_at(problem.kind, &problem.range, &*problem.title).mend(&*problem.mend)
        };
        let parsed = match at.condition() {
            Ok(parsed) => parsed,
            Err(problem) => {
                self.diagnostics.push(shown(problem));
                return None;
            }
        };
        self.diagnostics.extend(parsed.warnings.iter().map(shown));
        let mut context = Context { at, refers: Vec::new() };
        let trace = self.lower(&parsed.expr, &mut context);
        refers.append(&mut context.refers);
        trace
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
                return Some(context.trace(expr, op, parts));
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
                    return Some(context.trace(expr, op, parts));
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
            Node::Any(pos) => {
                let pos = pos.replace("→", "-");
                self.check_pos(&pos, expr, context);
                Op::Any(pos.into())
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
                        Value::Regex(pattern) => patterns.push(self.regex(pattern, expr, context)),
                    }
                }
                let (name, values, patterns) = (name.as_str().into(), equal.into(), patterns.into());
                Op::Column(Box::new(Column { name, values, patterns }))
            }
            Node::Word(word) => {
                self.check_term(context.at, &expr.range, word);
                if let Some(&op) = self.words.get(word) {
                    return Some(context.trace(expr, op, Vec::new()));
                }
                let spelling = normalise(word).text().to_owned();
                let trace = match self.spellings.get(&spelling).map(|(variant, _)| variant.clone()) {
                    Some(variant) => self.name(&variant, expr, context),
                    None => self.word(&[spelling], word).map(|op| context.trace(expr, op, Vec::new())),
                };
                if let Some(trace) = trace.as_ref().filter(|trace| trace.parts.is_empty()) {
                    self.words.insert(word.clone(), trace.op);
                }
                return trace;
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
                return Some(context.trace(expr, OpId::of_atom(atom), Vec::new()));
            }
            Node::Regex(pattern) => {
                let regex = self.regex(pattern, expr, context);
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
                    // KH Coder's references begin with a star.
                    let name = id.trim_start_matches(['*', '＊']);
                    let is_meant =
                        |category: &&crate::rule::Category| category.name == name || category.id == name;
                    let mend = match self.categories.iter().find(is_meant) {
                        Some(category) => format!("id で <{}> と書いてください", category.id),
                        None => suggestion(id, &known, "カテゴリの id を確かめてください"),
                    };
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
        Some(context.trace(expr, op, parts))
    }

    pub(super) fn report(
        &mut self,
        kind: Kind,
        expr: &Expr,
        context: &Context<'_>,
        title: String,
        mend: &str,
    ) {
        let range = context.at.place(&expr.range);
        self.diagnostics.push(Diagnostic::new(kind, &context.at.file, range, title).mend(mend));
    }

    pub(super) fn check_term(&mut self, at: &Located, range: &Range<usize>, word: &str) {
        if !self.slips.contains_key(word) {
            let slip = self.slip(word);
            self.slips.insert(word.to_owned(), slip);
        }
        let diagnostic = match self.slips.get(word) {
            Some(Slip::Empty) => {
                at.diagnostic_at(Kind::EmptyTerm, range, "語が空です").mend("探す語を書いてください")
            }
            Some(Slip::Inflected { base, form }) if !at.text.contains(&**base) => {
                let title = format!("「{word}」は「{base}」の活用形（{form}）で、この形だけが見つかります");
                at.diagnostic_at(Kind::InflectedTerm, range, title).mend(format!(
                    "どの活用形も探すなら {base} と、この文字だけなら 「{word}」 と鉤括弧ごと書いてください"
                ))
            }
            _ => return,
        };
        self.diagnostics.push(diagnostic);
    }

    fn slip(&mut self, word: &str) -> Slip {
        let normalised = normalise(word).text().to_owned();
        if normalised.is_empty() {
            return Slip::Empty;
        }
        match &*self.segment(&normalised) {
            &[only] if !self.spellings.contains_key(&normalised) => {
                let Lexeme { class, base, form, .. } = self.lexeme(only);
                if matches!(class, Class::Verb | Class::Adjective) && **base != *normalised {
                    Slip::Inflected { base: base.clone(), form: form.clone() }
                } else {
                    Slip::None
                }
            }
            _ => Slip::None,
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
}

/// Whether the condition names ある among its words.
fn mentions_existence(expr: &Expr) -> bool {
    match &expr.node {
        Node::Word(word) => matches!(word.as_str(), "ある" | "有る"),
        Node::Or(operands) => operands.iter().any(mentions_existence),
        _ => false,
    }
}
