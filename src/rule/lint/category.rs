//! A category as a whole: its examples, its name, the terms of its lists one by one.

use rustc_hash::FxHashMap;

use super::Linter;
use crate::comment::{Comment, Status};
use crate::diagnostic::Kind;
use crate::normalise::normalise;
use crate::rule::source::{CategorySource, Located};

impl Linter {
    pub(super) fn category(&mut self, category: &CategorySource) {
        let name = &category.name.text;
        if category.ng.is_empty() {
            self.diagnostics.push(
                category
                    .id
                    .diagnostic(
                        Kind::NoCounterexample,
                        format!("「{name}」に ng（当たってはいけない例）がありません"),
                    )
                    .mend("同じ語が出てくるのにこのカテゴリではない文を ng = ['…'] に 1 つ書いてください"),
            );
        }
        if category.ok.is_empty() {
            self.diagnostics.push(
                category
                    .id
                    .diagnostic(Kind::NoExample, format!("「{name}」に ok（当たってほしい例）がありません"))
                    .mend("このカテゴリが付くはずの文を ok = ['…'] に 1 つ書いてください"),
            );
        }
        if name.contains([';', '；']) || name.contains(char::is_control) || name.trim() != name {
            self.diagnostics.push(
                category
                    .name
                    .diagnostic(Kind::AwkwardName, "name に「;」・改行・前後の空白があります")
                    .mend("「;」は「・」などに変え、前後の空白は消してください"),
            );
        }
        for term in &category.any {
            let mut chars = term.text.chars();
            if let (Some(only), None) = (chars.next(), chars.next())
                && only.is_alphanumeric()
            {
                let title = format!("1 文字の語「{only}」だけでは関係のない文にも当たります");
                self.diagnostics.push(
                    term.diagnostic(Kind::ShortTerm, title).mend("near( ) でほかの語と組み合わせてください"),
                );
            }
        }
        self.repeated(&category.any);
        self.repeated(&category.not);
        self.examples(category);
    }

    /// Reports terms that come to the same after normalisation.
    pub(super) fn repeated(&mut self, terms: &[Located]) {
        for (term, first) in pairs(terms.iter()) {
            let title = format!("「{}」は上の「{}」と同じです", term.text, first.text);
            self.diagnostics.push(
                term.diagnostic(Kind::RepeatedTerm, title)
                    .related(first.site(), "はじめの")
                    .mend("片方を消してください。全角・半角や空白の違いはそろえてから比べます"),
            );
        }
    }

    fn examples(&mut self, category: &CategorySource) {
        let all = || category.ok.iter().chain(&category.ng).chain(&category.todo_ok);
        for (example, first) in pairs(all()) {
            self.diagnostics.push(
                example
                    .diagnostic(Kind::RepeatedExample, "同じ例が 2 度あります")
                    .related(first.site(), "はじめの")
                    .mend("片方を消してください。ok と ng の両方には書けません"),
            );
        }
        for example in all() {
            if Comment::from_text(&example.text).status() != Status::Answered {
                let title = format!("「{}」は回答なしとして扱われます", example.text);
                self.diagnostics.push(
                    example
                        .diagnostic(Kind::VacuousExample, title)
                        .mend("内容のある文に変えるか、消してください"),
                );
            }
        }
    }
}

/// Each value that equals an earlier one after normalisation, with the first such.
fn pairs<'f>(values: impl Iterator<Item = &'f Located>) -> Vec<(&'f Located, &'f Located)> {
    let mut first: FxHashMap<String, &Located> = FxHashMap::default();
    let mut found = Vec::new();
    for value in values {
        let form = normalise(&value.text).text().to_owned();
        if form.trim().is_empty() {
            continue;
        }
        match first.get(&form) {
            Some(earlier) => found.push((value, *earlier)),
            None => {
                first.insert(form, value);
            }
        }
    }
    found
}
