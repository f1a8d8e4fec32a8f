//! A condition as a tree: of every part whether it holds, where, and if not, why.

use serde::Serialize;

use super::Place;
use crate::comment::Comment;
use crate::matcher::Worker;
use crate::matcher::apart::apart;
use crate::matcher::hit::Hit;
use crate::matcher::polarity::{Polarity, polarity};
use crate::matcher::program::{Op, OpId, Trace};
use crate::normalise::normalise;
use crate::rule::Rulebook;
use crate::sentence::Scope;

/// How the parts of a condition belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A word, a literal, a column: without parts.
    Term,
    /// One of the parts is enough.
    Or,
    /// All parts are needed, and maybe more: their order, their distance, their polarity.
    And,
    /// The part must not hold.
    Not,
}

/// A part of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// As written in the rule, on one line.
    pub condition: String,
    /// How its parts belong together.
    pub kind: Kind,
    /// Whether it holds.
    pub holds: bool,
    /// Where it holds; nowhere in particular for a column or a length.
    pub places: Vec<Place>,
    /// Why it doesn't hold, in Japanese, where that isn't plain from its parts.
    pub reason: Option<String>,
    /// Its parts.
    pub parts: Vec<Part>,
}

impl Part {
    /// Whether anything of it was found.
    pub fn is_touched(&self) -> bool {
        match self.kind {
            Kind::Not => !self.holds,
            _ => self.holds || self.parts.iter().any(Part::is_touched),
        }
    }
}

/// Makes trees about the comment that `worker` tagged last.
pub(super) struct Trees<'t, 'w> {
    pub(super) comment: &'t Comment,
    pub(super) worker: &'t mut Worker<'w>,
    pub(super) rulebook: &'t Rulebook,
}

/// Why a condition doesn't hold in the comment that `worker` tagged last: the reason of the whole, else of its first part
/// that fails.
pub(crate) fn first_reason(
    trace: &Trace,
    comment: &Comment,
    worker: &mut Worker<'_>,
    rulebook: &Rulebook,
) -> Option<String> {
    fn first(part: &Part) -> Option<String> {
        if part.holds {
            return None;
        }
        let own = part.reason.as_ref().map(|reason| format!("{}（{}）", reason, part.condition));
        own.or_else(|| part.parts.iter().find_map(first))
    }
    let whole = Trees { comment, worker, rulebook }.part(trace);
    // Of the whole, which condition it is needn't be said.
    if whole.holds { None } else { whole.reason.clone().or_else(|| first(&whole)) }
}

/// Places quoted in a reason.
const QUOTED: usize = 3;

impl Trees<'_, '_> {
    /// The tree of a condition.
    pub(super) fn part(&mut self, trace: &Trace) -> Part {
        // A name for one part is that part under another name.
        let mut inner = trace;
        while let [only] = &inner.parts[..]
            && only.op == inner.op
        {
            inner = only;
        }
        // A list of one is that one; the name of a part says more than what it stands for.
        let named = if trace.text.starts_with('{') { trace } else { inner };
        let (holds, places) = self.worker.probe(trace.op, self.comment);
        let reason = if holds { None } else { self.reason(inner) };
        Part {
            condition: named.text.split_whitespace().collect::<Vec<_>>().join(" "),
            kind: self.kind(inner),
            holds,
            places: places.iter().map(|&span| Place::new(self.comment.text(), span)).collect(),
            reason,
            parts: inner.parts.iter().map(|part| self.part(part)).collect(),
        }
    }

    fn kind(&self, trace: &Trace) -> Kind {
        match self.rulebook.program.operation(trace.op) {
            _ if trace.parts.is_empty() => Kind::Term,
            Some(Op::Or(..)) => Kind::Or,
            Some(Op::Not(_)) => Kind::Not,
            _ => Kind::And,
        }
    }

    /// Why a part that doesn't hold doesn't.
    fn reason(&mut self, trace: &Trace) -> Option<String> {
        let rulebook = self.rulebook;
        let Some(op) = rulebook.program.operation(trace.op) else { return self.inside_a_token(&trace.text) };
        match op {
            Op::Near { operands, absent, scope, distance, .. } => {
                self.apart(operands, absent, *scope, *distance)
            }
            Op::Adjacent(operands) if trace.parts.len() == operands.len() => {
                self.has_all(operands)?;
                Some("隣り合っていない".to_owned())
            }
            Op::Polarity(inner, _) => self.polarity(*inner),
            Op::Pos(inner, _) => self.part_of_speech(*inner),
            Op::Count(inner, ..) => {
                let (_, hits) = self.worker.hits(*inner, self.comment);
                (!hits.is_empty()).then(|| format!("当たった所は {} か所", hits.len()))
            }
            Op::Not(inner) => {
                let (_, hits) = self.worker.hits(*inner, self.comment);
                (!hits.is_empty()).then(|| format!("{}がある", self.quoted(&hits)))
            }
            Op::Length(..) => Some(format!("{} 字", self.comment.text().chars().count())),
            Op::Column(column) => Some(match self.comment.attribute(&column.name) {
                Some(cell) => format!("この回答では「{cell}」"),
                None if &*column.name == "問" => format!("この回答では「{}」", self.comment.question()),
                None => format!("列「{}」がない", column.name),
            }),
            Op::Category(id) => Some(format!("「{}」は付いていない", rulebook.category(*id).name)),
            Op::Any(pos) => Some(format!("{pos}がない")),
            // A word of several tokens: as written, or with its end inflected.
            Op::Or(..) if trace.parts.is_empty() => self.inside_a_token(&trace.text),
            Op::Or(..) | Op::And(_) | Op::Adjacent(_) | Op::Regex(_) => None,
        }
    }

    /// The hits of all operands, if each has some.
    fn has_all(&mut self, operands: &[OpId]) -> Option<Vec<Vec<Hit>>> {
        let hits = operands.iter().map(|&operand| self.worker.hits(operand, self.comment).1);
        hits.map(|hits| (!hits.is_empty()).then_some(hits)).collect()
    }

    fn apart(
        &mut self,
        operands: &[OpId],
        absent: &[OpId],
        scope: Scope,
        distance: Option<u16>,
    ) -> Option<String> {
        let hits = self.has_all(operands)?;
        let spoilers: Vec<Hit> =
            absent.iter().flat_map(|&operand| self.worker.hits(operand, self.comment).1).collect();
        let scopes = self.worker.analyser().scopes();
        let apart = apart(&hits, scope, distance, scopes);
        // Nothing but their order is in the way of the operands: if something must not be there, it is that.
        if apart == crate::matcher::apart::Apart::Order && !spoilers.is_empty() {
            return Some(format!("{}がある", self.quoted(&spoilers)));
        }
        Some(apart.describe())
    }

    fn polarity(&mut self, inner: OpId) -> Option<String> {
        let (_, hits) = self.worker.hits(inner, self.comment);
        let tokens = self.worker.analyser().tokens();
        let said = hits.iter().filter(|hit| hit.first < hit.end).take(QUOTED).map(|hit| {
            let (found, end) = polarity(tokens, hit.first as usize..hit.end as usize);
            let span = hit.span.cover(tokens.tokens[end - 1].span);
            let original = self.worker.analyser().normalised().map().to_original(span);
            let name = if found == Polarity::Denied { "否定" } else { "肯定" };
            format!("「{}」は{name}", &self.comment.text()[original.range()])
        });
        let said: Vec<String> = said.collect();
        (!said.is_empty()).then(|| said.join("、"))
    }

    fn part_of_speech(&mut self, inner: OpId) -> Option<String> {
        let (_, hits) = self.worker.hits(inner, self.comment);
        let hit = hits.first().filter(|hit| hit.first < hit.end)?;
        let tokens = self.worker.analyser().tokens();
        let last = hit.end as usize - 1;
        Some(format!("「{}」は{}", tokens.surface(last), tokens.lexeme(last).pos))
    }

    /// For a word that isn't found although its characters are there: the tokens they are part of.
    fn inside_a_token(&self, word: &str) -> Option<String> {
        let word = normalise(word.trim_matches(['\'', '"'])).text().to_owned();
        let tokens = self.worker.analyser().tokens();
        let start = tokens.text.find(&word).filter(|_| !word.is_empty())?;
        Some(format!("文字はあるが、区切りは「{}」", tokens.cut_around(&(start..start + word.len()))))
    }

    fn quoted(&self, hits: &[Hit]) -> String {
        let map = self.worker.analyser().normalised().map();
        let texts =
            hits.iter().take(QUOTED).map(|hit| &self.comment.text()[map.to_original(hit.span).range()]);
        texts.map(|text| format!("「{text}」")).collect()
    }
}
