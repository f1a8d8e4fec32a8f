//! Variants, parts, cases and files: what nothing uses or what says nothing.

use std::collections::BTreeSet;

use super::{Condition, Linter, walk};
use crate::diagnostic::{Diagnostic, Kind};
use crate::normalise::normalise;
use crate::rule::expr::Node;
use crate::rule::source::{Located, RuleFile};

impl Linter {
    /// What a file defines, taken one by one.
    pub(super) fn file(&mut self, file: &RuleFile) {
        let is_empty = file.categories.is_empty()
            && file.variants.is_empty()
            && file.parts.is_empty()
            && file.cases.is_empty()
            && file.is_complete;
        if is_empty {
            self.diagnostics.push(
                Diagnostic::new(Kind::EmptyFile, &file.file, 0..0, "このファイルには何も定義されていません")
                    .mend("[[category]] などを書くか、ファイルを消してください"),
            );
        }
        for variant in &file.variants {
            self.repeated(&variant.forms);
            let forms: BTreeSet<String> = variant
                .forms
                .iter()
                .chain([&variant.name])
                .map(|form| normalise(&form.text).text().to_owned())
                .collect();
            if forms.len() < 2 {
                let title = format!("表記ゆれ「{}」の書き方は 1 つだけです", variant.name.text);
                self.diagnostics.push(
                    variant
                        .name
                        .diagnostic(Kind::LoneSpelling, title)
                        .mend("ほかの書き方を forms に加えるか、この [[variant]] を消してください"),
                );
            }
        }
        for case in &file.cases {
            if case.expect.is_empty() && !case.exact {
                self.diagnostics
                    .push(case.text.diagnostic(Kind::EmptyCase, "この [[case]] は何も確かめません").mend(
                    "expect にカテゴリを書くか、何も付かないことを確かめるなら exact = true を加えてください",
                ));
            }
        }
    }

    /// Parts and variants that no condition uses. Files without categories are there for others to use.
    pub(super) fn definitions(&mut self, files: &[RuleFile]) {
        if files.iter().all(|file| file.categories.is_empty()) {
            return;
        }
        let in_categories = files.iter().flat_map(|file| {
            let lists =
                file.categories.iter().flat_map(|category| [&category.any, &category.rules, &category.not]);
            lists.flatten().chain(&file.not)
        });
        let in_parts = files.iter().flat_map(|file| &file.parts).map(|part| &part.rule);
        let mut used = BTreeSet::new();
        for at in in_categories.chain(in_parts) {
            let Some(condition) = Condition::read(at) else { continue };
            walk(condition.expr, &mut |part| match &part.node {
                Node::Name(name) => {
                    used.insert(name.clone());
                }
                Node::Word(word) => {
                    used.extend(self.words.variants.get(normalise(word).text()).cloned());
                }
                _ => {}
            });
        }
        let variants =
            files.iter().flat_map(|file| &file.variants).map(|variant| (&variant.name, "表記ゆれ"));
        let parts = files.iter().flat_map(|file| &file.parts).map(|part| (&part.name, "部品"));
        let unused: Vec<(&Located, &str)> =
            variants.chain(parts).filter(|(name, _)| !used.contains(&name.text)).collect();
        for (name, what) in unused {
            let title = format!("{what}「{}」はどの条件でも使われていません", name.text);
            self.diagnostics.push(
                name.diagnostic(Kind::UnusedDefinition, title)
                    .mend(format!("条件に {{{}}} と書くか、この定義を消してください", name.text)),
            );
        }
    }
}
