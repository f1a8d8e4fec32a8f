//! Finds what is legal in a rule file but hardly meant. What the compiler sees on its way (mixed operators, inflected or
//! very short terms) it reports itself; here is what takes a look at a category as a whole.

use super::source::{CategorySource, Located, RuleFile};
use crate::diagnostic::{Diagnostic, Kind};
use crate::normalise::normalise;

/// Looks through all files.
pub fn lint(files: &[RuleFile]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for file in files {
        for category in &file.categories {
            lint_category(category, &mut diagnostics);
        }
        for variant in &file.variants {
            repeated(&variant.forms, &mut diagnostics);
        }
    }
    diagnostics
}

fn lint_category(category: &CategorySource, diagnostics: &mut Vec<Diagnostic>) {
    if category.ng.is_empty() {
        diagnostics.push(
            Diagnostic::new(
                Kind::NoCounterexample,
                &category.id.file,
                category.id.range.clone(),
                format!("「{}」に ng（当たってはいけない例）がありません", category.name.text),
            )
            .mend("同じ語が出てくるのにこのカテゴリではない文を ng = ['…'] に 1 つ書いてください"),
        );
    }
    for term in &category.any {
        let mut chars = term.text.chars();
        if let (Some(only), None) = (chars.next(), chars.next())
            && only.is_alphanumeric()
        {
            diagnostics.push(
                term.diagnostic(
                    Kind::ShortTerm,
                    format!("1 文字の語「{only}」だけでは関係のない文にも当たります"),
                )
                .mend("near( ) でほかの語と組み合わせてください"),
            );
        }
    }
    repeated(&category.any, diagnostics);
    repeated(&category.not, diagnostics);
}

/// Reports terms that come to the same after normalisation.
fn repeated(terms: &[Located], diagnostics: &mut Vec<Diagnostic>) {
    let forms: Vec<String> = terms.iter().map(|term| normalise(&term.text).text().to_owned()).collect();
    for (at, term) in terms.iter().enumerate().filter(|(at, _)| !forms[*at].trim().is_empty()) {
        if let Some(first) = forms[..at].iter().position(|form| *form == forms[at]) {
            diagnostics.push(
                term.diagnostic(
                    Kind::RepeatedTerm,
                    format!("「{}」は上の「{}」と同じです", term.text, terms[first].text),
                )
                .related(terms[first].site(), "はじめの")
                .mend("片方を消してください。全角・半角や空白の違いはそろえてから比べます"),
            );
        }
    }
}
