//! Spellings of variants that the corpus has only inside other words. They count for nothing, and nobody notices, because
//! the variant's other spellings are found.

use super::spelling::Spellings;
use crate::diagnostic::{Diagnostic, Kind, Note};
use crate::normalise::normalise;
use crate::rule::source::{RuleFile, VariantSource};

/// A note for each variant of `files` that has such spellings.
pub(super) fn check(files: &[RuleFile], spellings: &mut Spellings) -> Vec<Diagnostic> {
    files.iter().flat_map(|file| &file.variants).filter_map(|variant| look_at(variant, spellings)).collect()
}

fn look_at(variant: &VariantSource, spellings: &mut Spellings) -> Option<Diagnostic> {
    let words: Vec<String> =
        variant.forms.iter().map(|form| normalise(&form.text).text().to_owned()).collect();
    let mut inside = Vec::new();
    let mut first = None;
    for (form, word) in variant.forms.iter().zip(&words).filter(|(form, _)| !form.text.starts_with('「')) {
        if spellings.has(word) {
            continue;
        }
        if let Some(place) = spellings.inside(word, &words) {
            inside.push(format!("{word}（「{}」の中に {} 件）", place.tokens.replace('|', ""), place.count));
            first.get_or_insert(form);
        }
    }
    let title = format!(
        "表記ゆれ「{}」の書き方のうち {} 個は、回答ではほかの語の一部としてだけ出てきます",
        variant.name.text,
        inside.len()
    );
    let mend = "その語のことなら、回答にある形も forms に加えてください。別の語なら、そのままでかまいません";
    Some(first?.diagnostic(Kind::AbsentTerms, title).note(Note::list("", inside)).mend(mend))
}
