//! The concordance (KWIC): every place where a condition holds, with what stands before and after it.
//!
//! A line is made where the tokens are, on a worker's thread, and outlives them: it keeps the base forms around its
//! place, by which lines are sorted.

use crate::classify::Tagging;
use crate::comment::{Comment, Status};
use crate::matcher::Worker;
use crate::matcher::program::OpId;
use crate::span::{Orig, Span};
use crate::token::Tokens;

/// Words on either side that decide the order of lines. Beyond them lines read differently anyway.
const CONTEXT: usize = 8;

/// One place where the condition holds.
#[derive(Debug, Clone)]
pub struct KwicLine {
    /// The comment it stands in.
    pub comment: Comment,
    /// The place, in bytes of the original text.
    pub node: Span<Orig>,
    /// The categories of the comment.
    pub tagging: Tagging,
    /// Base forms before the place, the nearest first.
    before: Vec<Box<str>>,
    /// Base forms of the place itself.
    inside: Vec<Box<str>>,
    /// Base forms after the place, the nearest first.
    after: Vec<Box<str>>,
}

impl KwicLine {
    /// What stands before the place, verbatim.
    pub fn left(&self) -> &str {
        &self.comment.text()[..self.node.start()]
    }

    /// What stands at the place, verbatim.
    pub fn center(&self) -> &str {
        &self.comment.text()[self.node.range()]
    }

    /// What stands after the place, verbatim.
    pub fn right(&self) -> &str {
        &self.comment.text()[self.node.end()..]
    }
}

/// The order of lines. Words are compared by their base forms, the nearest to the place first; what is equal stays in
/// the order of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As in the input.
    Input,
    /// By the words before the place.
    Left,
    /// By the words of the place, then by those after it.
    Center,
    /// By the words after the place.
    Right,
}

/// Appends the lines of `comment`: where `op`, an operation of the worker's rulebook, holds in it.
pub fn lines_of(comment: &Comment, op: OpId, worker: &mut Worker<'_>, lines: &mut Vec<KwicLine>) {
    let tagging = worker.tag(comment);
    if comment.status() != Status::Answered || worker.analyser().tokens().is_empty() {
        return;
    }
    for hit in worker.places(op, comment) {
        let tokens = worker.analyser().tokens();
        let (first, end) = (hit.first as usize, hit.end as usize);
        lines.push(KwicLine {
            comment: comment.clone(),
            node: worker.analyser().normalised().map().to_original(hit.span),
            tagging: tagging.clone(),
            before: bases(tokens, (0..first).rev()),
            inside: bases(tokens, first..end),
            after: bases(tokens, end..tokens.len()),
        });
    }
}

fn bases(tokens: Tokens<'_>, at: impl Iterator<Item = usize>) -> Vec<Box<str>> {
    at.take(CONTEXT).map(|at| tokens.lexeme(at).base.clone()).collect()
}

/// Orders lines that are in the order of the input.
pub fn sort(lines: &mut [KwicLine], order: Order) {
    match order {
        Order::Input => {}
        Order::Left => lines.sort_by(|a, b| a.before.cmp(&b.before)),
        Order::Center => lines.sort_by(|a, b| (&a.inside, &a.after).cmp(&(&b.inside, &b.after))),
        Order::Right => lines.sort_by(|a, b| a.after.cmp(&b.after)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::rule::{RuleFiles, compile_read};
    use crate::tokenize::Tokenizer;

    const RULES: &str = "
        [[variant]]
        name = '混む'
        forms = ['混雑', '込む']

        [[category]]
        id = 'wait'
        name = '待ち時間'
        any = ['待つ']
        not = ['練習']
    ";

    /// Left, centre and right of each line, `|` between.
    fn kwic(pattern: &str, texts: &[&str], order: Order) -> Vec<String> {
        let tokenizer = Tokenizer::embedded().unwrap();
        let file =
            |name: &str, text: &str| Arc::new(SourceFile { name: name.to_owned(), text: text.to_owned() });
        let compiled =
            compile_read(RuleFiles::read(&[file("r.toml", RULES)]), &[file("条件", pattern)], &tokenizer);
        let rulebook = compiled.rulebook.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
        let op = rulebook.queries()[0].op;
        let mut worker = Worker::new(&rulebook, &tokenizer);
        let mut lines = Vec::new();
        for text in texts {
            lines_of(&Comment::from_text(text), op, &mut worker, &mut lines);
        }
        sort(&mut lines, order);
        lines.iter().map(|line| format!("{}|{}|{}", line.left(), line.center(), line.right())).collect()
    }

    #[test]
    fn words_conditions_and_categories_are_patterns() {
        let texts =
            ["受付で待った。会計でも待つ", "顔 認 証 ができない", "練習で待つ", "込んでいる", "特になし"];
        for (pattern, expected) in [
            ("待つ", vec!["受付で|待っ|た。会計でも待つ", "受付で待った。会計でも|待つ|", "練習で|待つ|"]),
            ("near(顔認証, 否定(できる))", vec!["|顔 認 証 ができない|"]),
            // What `not` takes back is no place of the category.
            ("<wait>", vec!["受付で|待っ|た。会計でも待つ", "受付で待った。会計でも|待つ|"]),
            ("{混む}", vec!["|込ん|でいる"]),
            ("でない 待つ かつ 字数() >= 6", vec!["|顔 認 証 ができない|"]),
            ("あり得ない語", vec![]),
        ] {
            assert_eq!(kwic(pattern, &texts, Order::Input), expected, "{pattern}");
        }
    }

    #[test]
    fn lines_are_sorted_by_the_base_forms_beside_the_place() {
        let texts = ["会計を待つ人", "受付で待っている", "会計を待った", "会計の人を待つ"];
        let left = kwic("待つ", &texts, Order::Left);
        assert_eq!(left, ["受付で|待っ|ている", "会計の人を|待つ|", "会計を|待つ|人", "会計を|待っ|た"]);
        let right = kwic("待つ", &texts, Order::Right);
        assert_eq!(right, ["会計の人を|待つ|", "会計を|待っ|た", "受付で|待っ|ている", "会計を|待つ|人"]);
        assert_eq!(kwic("会計 | 受付", &texts, Order::Center)[0], "|会計|の人を待つ");
    }

    #[test]
    fn a_query_that_cannot_be_read_is_reported_at_its_place() {
        let tokenizer = Tokenizer::embedded().unwrap();
        for (pattern, place, word) in [
            ("near(顔認証, 失敗", "(", "閉じ"),
            ("<待ち時間>", "<待ち時間>", "<wait>"),
            ("{混}", "{混}", "ありません"),
        ] {
            let file = |name: &str, text: &str| {
                Arc::new(SourceFile { name: name.to_owned(), text: text.to_owned() })
            };
            let compiled =
                compile_read(RuleFiles::read(&[file("r.toml", RULES)]), &[file("条件", pattern)], &tokenizer);
            assert!(compiled.rulebook.is_none());
            let error = &compiled.diagnostics[0];
            assert_eq!((&*error.file.name, &pattern[error.range.clone()]), ("条件", place));
            assert!(error.title.contains(word) || error.mend.contains(word), "{error:?}");
        }
    }
}
