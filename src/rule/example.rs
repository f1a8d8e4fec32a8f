//! Runs the examples that rules carry: `ok` must get the category, `ng` must not, `todo_ok` should some day, and a
//! `[[case]]` must get what it expects.

use super::Rulebook;
use super::compile::suggestion;
use super::source::{Located, RuleFile};
use crate::classify::Tagging;
use crate::comment::{Comment, Status};
use crate::diagnostic::{Diagnostic, Kind};
use crate::explain::near_miss;
use crate::matcher::Worker;
use crate::tokenize::Tokenizer;

/// What running the examples came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Examples and cases that hold.
    pub passed: usize,
    /// Known gaps that are still open.
    pub open: usize,
    /// Examples and cases that fail, and known gaps that are closed.
    pub diagnostics: Vec<Diagnostic>,
}

/// Runs all examples of `files` against `rulebook`, which must be compiled from them.
pub fn run(rulebook: &Rulebook, files: &[RuleFile], tokenizer: &Tokenizer) -> Outcome {
    let mut runner =
        Runner { rulebook, worker: Worker::new(rulebook, tokenizer), outcome: Outcome::default() };
    for file in files {
        for category in &file.categories {
            let id = &category.id.text;
            for example in &category.ok {
                runner.wanted(id, example);
            }
            for example in &category.ng {
                runner.unwanted(id, example);
            }
            for example in &category.todo_ok {
                runner.known_gap(id, example);
            }
        }
        for case in &file.cases {
            runner.case(&case.text, &case.expect, case.exact);
        }
    }
    runner.outcome
}

struct Runner<'r> {
    rulebook: &'r Rulebook,
    worker: Worker<'r>,
    outcome: Outcome,
}

impl Runner<'_> {
    fn tag(&mut self, text: &str) -> (Comment, Tagging) {
        let comment = Comment::from_text(text);
        let tagging = self.worker.tag(&comment);
        (comment, tagging)
    }

    fn has(&self, tagging: &Tagging, id: &str) -> bool {
        tagging.tags.iter().any(|tag| self.rulebook.category(tag.category).id == id)
    }

    fn wanted(&mut self, id: &str, example: &Located) {
        let (comment, tagging) = self.tag(&example.text);
        if self.has(&tagging, id) {
            self.outcome.passed += 1;
            return;
        }
        let title = format!("ok の例に「{id}」が付きません");
        let mut diagnostic = example.diagnostic(Kind::OkFails, title);
        if comment.status() == Status::Answered {
            diagnostic = diagnostic.note(format!("区切り: {}", self.segmented()));
        }
        if let Some(category) = self.rulebook.find(id) {
            let miss = near_miss::find(category, &comment, &mut self.worker, self.rulebook);
            let rule = miss.rule.map_or(String::new(), |rule| format!("{rule} の "));
            diagnostic = diagnostic.note(format!("外れた所: {rule}{}", miss.obstacle.describe()));
        }
        let diagnostic = diagnostic
            .mend("`jirei explain` にこの文を渡すと、どこで外れたかが分かります。まだ直せなければ todo_ok に移してください");
        self.outcome.diagnostics.push(diagnostic);
    }

    fn unwanted(&mut self, id: &str, example: &Located) {
        let (comment, tagging) = self.tag(&example.text);
        if !self.has(&tagging, id) {
            self.outcome.passed += 1;
            return;
        }
        let evidence = self.evidence(&comment, &tagging, id);
        let diagnostic = example
            .diagnostic(Kind::NgFails, format!("ng の例に「{id}」が付いてしまいます"))
            .note(format!("当たった所: {evidence}"))
            .mend("条件を狭めるか、not に打ち消しの条件を加えてください");
        self.outcome.diagnostics.push(diagnostic);
    }

    fn known_gap(&mut self, id: &str, example: &Located) {
        let (_, tagging) = self.tag(&example.text);
        if self.has(&tagging, id) {
            let diagnostic = example
                .diagnostic(Kind::TodoPasses, format!("todo_ok の例に「{id}」が付くようになりました"))
                .mend("ok に移してください");
            self.outcome.diagnostics.push(diagnostic);
        } else {
            self.outcome.open += 1;
        }
    }

    fn case(&mut self, text: &Located, expect: &[Located], exact: bool) {
        let unknown: Vec<&Located> =
            expect.iter().filter(|id| self.rulebook.find(&id.text).is_none()).collect();
        if !unknown.is_empty() {
            let known: Vec<&str> =
                self.rulebook.categories().iter().map(|category| category.id.as_str()).collect();
            self.outcome.diagnostics.extend(unknown.into_iter().map(|id| {
                id.diagnostic(Kind::UnknownCategory, format!("「{}」というカテゴリはありません", id.text))
                    .mend(suggestion(&id.text, &known, "カテゴリの id を確かめてください"))
            }));
            return;
        }
        let (comment, tagging) = self.tag(&text.text);
        let missing: Vec<&str> =
            expect.iter().map(|id| id.text.as_str()).filter(|id| !self.has(&tagging, id)).collect();
        let found = tagging.tags.iter().map(|tag| self.rulebook.category(tag.category).id.as_str());
        let surplus: Vec<&str> =
            found.filter(|id| exact && !expect.iter().any(|wanted| wanted.text == *id)).collect();
        if missing.is_empty() && surplus.is_empty() {
            self.outcome.passed += 1;
            return;
        }
        let mut diagnostic = text
            .diagnostic(Kind::CaseFails, "case が期待どおりになりません")
            .mend("条件を直すか、期待が違っていれば expect を直してください");
        if !missing.is_empty() {
            diagnostic = diagnostic.note(format!("付くはずで付かない: {}", missing.join("・")));
        }
        for id in surplus {
            diagnostic =
                diagnostic.note(format!("余計に付く: {id}（{}）", self.evidence(&comment, &tagging, id)));
        }
        self.outcome.diagnostics.push(diagnostic);
    }

    /// What the category was found by: 「…」(rule).
    fn evidence(&self, comment: &Comment, tagging: &Tagging, id: &str) -> String {
        let tags = tagging.tags.iter().filter(|tag| self.rulebook.category(tag.category).id == id);
        let places = tags.flat_map(|tag| &tag.evidence).map(|evidence| {
            format!(
                "「{}」（{}）",
                &comment.text()[evidence.span.range()],
                self.rulebook.rule_label(evidence.rule)
            )
        });
        places.collect::<Vec<_>>().join(" ")
    }

    fn segmented(&self) -> String {
        let tokens = self.worker.analyser().tokens();
        (0..tokens.len()).map(|at| tokens.surface(at)).collect::<Vec<_>>().join("|")
    }
}
