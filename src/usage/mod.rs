//! What a corpus shows about the rules: terms and conditions that nothing in it meets, and why; terms that too much of it
//! has; terms that others make superfluous; columns it doesn't have.
//!
//! `mod@count` runs the rules over the corpus once and counts; `Spellings` knows which words the corpus has and how
//! they are read. What to say about the counts is decided here: a warning where the author probably meant something else,
//! a note, one per category, where the corpus merely doesn't speak of it. [`mod@mutate`] asks the same of examples.

mod columns;
mod count;
pub mod mutate;
mod spelling;
mod variants;

use std::collections::{BTreeMap, BTreeSet};

use crate::comment::{Comment, Status};
use crate::diagnostic::{Diagnostic, Kind, Note, Site};
use crate::explain::tree;
use crate::matcher::Worker;
use crate::matcher::program::{Op, OpId, Trace};
use crate::normalise::normalise;
use crate::rule::source::RuleFile;
use crate::rule::{CategoryId, Rulebook};
use crate::tokenize::Tokenizer;
use count::{Counts, count, is_name};
use spelling::Spellings;

/// Share of the answers above which a single term matches too much.
const COMMON: f64 = 0.3;

/// Answers below which a share says nothing.
const FEWEST: usize = 20;

/// Longest answer quoted, in characters.
const LONGEST_ANSWER: usize = 120;

/// Longest condition quoted, in characters.
const LONGEST: usize = 40;

/// Everything that `comments` show about `rulebook`, which must be compiled from `files` with `tokenizer`.
pub fn check(
    rulebook: &Rulebook,
    files: &[RuleFile],
    comments: &[Comment],
    tokenizer: &Tokenizer,
) -> Vec<Diagnostic> {
    let answered: Vec<&Comment> =
        comments.iter().filter(|comment| comment.status() == Status::Answered).collect();
    let mut usage = Usage {
        rulebook,
        answered: &answered,
        counts: &count(rulebook, &answered, tokenizer),
        spellings: Spellings::of(&answered, tokenizer),
        worker: Worker::new(rulebook, tokenizer),
        absent: Vec::new(),
        named: BTreeMap::new(),
        seen: BTreeSet::new(),
        found: columns::check(rulebook, comments),
    };
    for category in rulebook.category_ids() {
        usage.category(category);
    }
    usage.found.extend(variants::check(files, &mut usage.spellings));
    // Parts are used by many categories and reported once.
    while let Some((name, part)) = usage.named.pop_first() {
        usage.look_at(part, &[], Part::default());
        usage.note_absent(&format!("部品 {name} "));
    }
    usage.found
}

/// What a part of a condition is there for.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    /// It is enough for the category by itself.
    is_unit: bool,
    /// It is one of several alternatives, and another is found.
    is_spare: bool,
}

struct Usage<'u> {
    rulebook: &'u Rulebook,
    answered: &'u [&'u Comment],
    counts: &'u Counts,
    spellings: Spellings,
    worker: Worker<'u>,
    /// What of the category at hand the corpus doesn't speak of.
    absent: Vec<(Site, String)>,
    /// The parts in use that have not been looked at, by name.
    named: BTreeMap<String, &'u Trace>,
    /// Places looked at.
    seen: BTreeSet<(String, usize, usize)>,
    found: Vec<Diagnostic>,
}

impl<'u> Usage<'u> {
    fn category(&mut self, category: CategoryId) {
        let rulebook = self.rulebook;
        let units = rulebook.units_of(category);
        let siblings: Vec<String> = units.iter().map(|unit| plain(&unit.text)).collect();
        for (at, unit) in units.iter().enumerate() {
            self.look_at(unit, &siblings, Part { is_unit: true, is_spare: false });
            self.condition(category, unit, at);
        }
        // Each of the exclusions is meant to take something back.
        for part in rulebook.exclusion_of(category).map_or(&[][..], |not| &not.parts) {
            self.look_at(part, &[], Part::default());
        }
        self.note_absent(&format!("「{}」", rulebook.category(category).name));
        self.superfluous(category, &units);
    }

    fn hits(&self, op: OpId) -> usize {
        self.counts.comments(op)
    }

    fn report(&mut self, kind: Kind, trace: &Trace, title: String) -> Option<&mut Diagnostic> {
        let site = trace.site.as_ref()?;
        self.found.push(Diagnostic::new(kind, &site.file, site.range.clone(), title));
        self.found.last_mut()
    }

    /// Looks for parts that nothing meets, from the whole to its parts. `siblings` are the other parts of the list it is of.
    fn look_at(&mut self, trace: &'u Trace, siblings: &[String], role: Part) {
        if let Some(site) = &trace.site
            && !self.seen.insert((site.file.name.clone(), site.range.start, site.range.end))
        {
            return;
        }
        if is_name(trace) {
            self.named.insert(trace.text.clone(), &trace.parts[0]);
            return;
        }
        if trace.parts.is_empty() {
            if self.hits(trace.op) == 0 {
                self.term(trace, siblings, role);
            }
            return;
        }
        let siblings: Vec<String> = trace.parts.iter().map(|part| plain(&part.text)).collect();
        let is_or = matches!(self.rulebook.program.operation(trace.op), Some(Op::Or(..)));
        let is_spare = role.is_spare || (is_or && self.hits(trace.op) > 0);
        for part in &trace.parts {
            self.look_at(part, &siblings, Part { is_unit: false, is_spare });
        }
        let is_list = matches!(self.rulebook.program.operation(trace.op), Some(Op::Or(..) | Op::Not(_)));
        let is_there = trace.parts.iter().all(|part| self.hits(part.op) > 0);
        // Of a condition that is enough by itself, the reason is said as well.
        let is_explained =
            role.is_unit && self.counts.closest(trace.op).is_some_and(|closest| closest.is_whole);
        if self.hits(trace.op) == 0 && !is_list && is_there && !is_explained {
            self.absent(trace, "");
        }
    }

    /// Notes that the corpus doesn't speak of it, with what it has instead.
    fn absent(&mut self, trace: &Trace, hint: &str) {
        let Some(site) = trace.site.clone() else { return };
        let hint = if hint.is_empty() { String::new() } else { format!("（{hint}）") };
        self.absent.push((site, format!("{}{hint}", cut(&trace.text))));
    }

    /// A term that is never found.
    fn term(&mut self, trace: &Trace, siblings: &[String], role: Part) {
        let is_word = match self.rulebook.program.operation(trace.op) {
            Some(Op::Column(_) | Op::Category(_) | Op::Length(..)) => return,
            Some(Op::Regex(_)) => false,
            _ => !trace.text.starts_with('「'),
        };
        let word = normalise(&trace.text.replace(['\'', '"'], "")).text().to_owned();
        if is_word && let Some(place) = self.spellings.inside(&word, siblings) {
            if role.is_spare {
                self.absent(
                    trace,
                    &format!("「{}」の中に {} 件", place.tokens.replace('|', ""), place.count),
                );
                return;
            }
            let id = self.answered[place.comment].id();
            let note = format!("区切り: {}（{id}）", place.tokens);
            let title = format!(
                "「{word}」は文字としては {} 件の回答にありますが、語としては当たりません",
                place.count
            );
            let meant = match place.tokens.contains('|') {
                false => format!("「{}」のことなら {0} と", place.tokens),
                true => "区切りに合う語で".to_owned(),
            };
            let mend = format!("{meant}、文字の並びでよければ「{word}」と鉤括弧ごと書いてください");
            if let Some(found) = self.report(Kind::UnfoundTerm, trace, title) {
                found.notes.push(note.into());
                found.mend = mend;
            }
            return;
        }
        let mut others = if is_word { self.spellings.same_reading(&word) } else { Vec::new() };
        others.retain(|other| {
            !siblings.iter().any(|sibling| !sibling.is_empty() && other.word.contains(sibling.as_str()))
        });
        let is_same = others.iter().any(|other| other.shares_kanji);
        let others: Vec<String> =
            others.iter().map(|other| format!("「{}」{} 件", other.word, other.count)).collect();
        if !is_same || role.is_spare {
            let hint = if others.is_empty() {
                String::new()
            } else {
                format!("同じ読みの{}", others.join("・"))
            };
            self.absent(trace, &hint);
            return;
        }
        let title = format!("「{word}」は回答に出てきませんが、同じ読みの別の書き方があります");
        if let Some(found) = self.report(Kind::UnfoundTerm, trace, title) {
            found.notes.push(Note::list("回答での書き方: ", others));
            found.mend = "いつでも同じ語なら [[variant]] に、ここだけなら並びに加えてください".to_owned();
        }
    }

    /// A term or rule that is enough for the category: whether it gives it at all, and whether it gives it too often.
    fn condition(&mut self, category: CategoryId, unit: &Trace, at: usize) {
        let hits = self.hits(unit.op);
        let name = &self.rulebook.category(category).name;
        if hits == 0 {
            let Some(closest) = self.counts.closest(unit.op).filter(|closest| closest.is_whole) else {
                return;
            };
            let comment = self.answered[closest.comment];
            self.worker.tag(comment);
            let reason = tree::first_reason(unit, comment, &mut self.worker, self.rulebook);
            let title = format!("「{name}」のこの条件は、語はそろうのに 1 度も成り立ちません");
            let notes = [
                format!("惜しい回答（{}", quoted(comment)),
                format!("外れた訳: {}", reason.unwrap_or_else(|| "範囲か順序が合わない".to_owned())),
            ];
            if let Some(found) = self.report(Kind::UnmetCondition, unit, title) {
                found.notes.extend(notes.map(Note::from));
                found.mend = format!(
                    "外れた訳に合わせて、距離や範囲を広げるか、条件を直してください。`jirei explain 入力 --row {}` で詳しく見られます",
                    comment.id()
                );
            }
            return;
        }
        if self.counts.given(category).iter().all(|units| !units.contains(&at)) {
            let title = format!("「{name}」のこの条件は {hits} 件に当たりますが、すべて not が打ち消します");
            let first = self.counts.first(unit.op).map(|at| quoted(self.answered[at]));
            if let Some(found) = self.report(Kind::UnmetCondition, unit, title) {
                found.notes.extend(first.map(|first| Note::from(format!("打ち消された回答（{first}"))));
                found.mend = "この条件を消すか、not を狭めてください".to_owned();
            }
        }
        let all = self.answered.len();
        let share = hits as f64 / all as f64;
        if unit.parts.is_empty() && all >= FEWEST && share > COMMON {
            let title = format!(
                "「{}」だけで、{all} 件の回答のうち {hits} 件（{:.0} %）に「{name}」が付きます",
                cut(&unit.text),
                share * 100.0
            );
            if let Some(found) = self.report(Kind::CommonTerm, unit, title) {
                found.mend = "near( ) でほかの語と組み合わせて狭めてください".to_owned();
            }
        }
    }

    /// One note of everything that the corpus doesn't speak of.
    fn note_absent(&mut self, whose: &str) {
        let mut absent = std::mem::take(&mut self.absent);
        let Some((site, _)) = absent.first().cloned() else { return };
        let title = format!("{whose}に、回答に出てこない語や組み合わせが {} 個あります", absent.len());
        let mut found = Diagnostic::new(Kind::AbsentTerms, &site.file, site.range.clone(), title);
        // First what the corpus has in another form.
        absent.sort_by_key(|(_, text)| !text.ends_with('）'));
        found.notes.push(Note::list("", absent.into_iter().map(|(_, text)| text).collect()));
        found.mend =
            "書き間違いがないかを確かめてください。ほかの回答のためのものなら、そのままでかまいません"
                .to_owned();
        self.found.push(found);
    }

    /// One note of the terms and rules that could all be left out together without a comment losing the category.
    fn superfluous(&mut self, category: CategoryId, units: &[&Trace]) {
        let given = self.counts.given(category);
        let mut left: Vec<usize> = given.iter().map(Vec::len).collect();
        let mut order: Vec<(usize, usize)> = (0..units.len())
            .map(|at| (given.iter().filter(|comment| comment.contains(&at)).count(), at))
            .filter(|(count, _)| *count > 0)
            .collect();
        order.sort_unstable();
        let mut superfluous = Vec::new();
        for (count, at) in order {
            let comments: Vec<usize> =
                (0..given.len()).filter(|&comment| given[comment].contains(&at)).collect();
            if comments.iter().all(|&comment| left[comment] > 1) {
                comments.iter().for_each(|&comment| left[comment] -= 1);
                superfluous.push((at, count));
            }
        }
        superfluous.sort_unstable();
        let Some(&(first, _)) = superfluous.first() else { return };
        let title = format!(
            "「{}」の {} 個の語や条件は、ほかの語や条件も当たる回答にしか当たりません",
            self.rulebook.category(category).name,
            superfluous.len()
        );
        let listed: Vec<String> = superfluous
            .iter()
            .map(|&(at, count)| format!("{}（{count} 件）", cut(&units[at].text)))
            .collect();
        if let Some(found) = self.report(Kind::RedundantTerms, units[first], title) {
            found.notes.push(Note::list("", listed));
            found.mend = "全部を消しても、この表の結果は変わりません。ほかの回答のために残してもかまいません"
                .to_owned();
        }
    }
}

/// A term without its quotes, normalised.
fn plain(text: &str) -> String {
    normalise(text.trim_matches(['「', '」', '\'', '"'])).text().to_owned()
}

/// An answer with its place, to stand behind a （.
fn quoted(comment: &Comment) -> String {
    format!("{}　{}）: {}", comment.id(), comment.question(), cut_at(comment.text(), LONGEST_ANSWER))
}

/// A condition on one short line.
fn cut(text: &str) -> String {
    cut_at(text, LONGEST)
}

/// The text on one line, and no more than `longest` characters of it.
fn cut_at(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
