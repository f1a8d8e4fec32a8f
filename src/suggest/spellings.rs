//! Spellings that look like a word of the rules and are none (`alike`), each with what adding it would do.
//!
//! A spelling that differs from the rules' word in one character must be no more frequent than that word (暗称番号), unless the
//! word never occurs: what is frequent is a word of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::accept::{Change, apply, has_variant};
use super::alike::{BaseForms, EDIT, Known, Looks};
use super::{Answers, Suggestion, effects};
use crate::classify::Tagging;
use crate::comment::Comment;
use crate::diagnostic::SourceFile;
use crate::matcher::{Analyser, Worker};
use crate::rule::{CategoryId, Rulebook, compile};
use crate::tokenize::Tokenizer;

/// Spellings that are compiled and run.
const SHORTLIST: usize = 20;

/// Suggests spellings for the words of the categories `wanted`, the most frequent first.
pub fn suggest(
    answers: Answers<'_>,
    wanted: &[CategoryId],
    sources: &[Arc<SourceFile>],
    rulebook: &Rulebook,
    tokenizer: &Tokenizer,
) -> Vec<Suggestion> {
    let known = Known::new(wanted, rulebook, tokenizer);
    let found: Vec<Looks> = answers
        .comments
        .par_iter()
        .map_init(
            || (Analyser::new(tokenizer), BaseForms::new(tokenizer)),
            |(analyser, bases), comment| known.look(comment, analyser, bases),
        )
        .collect();
    let mut words: BTreeMap<&str, u64> = BTreeMap::new();
    let mut spellings: BTreeMap<(&str, &str), (&'static str, u64)> = BTreeMap::new();
    for looks in &found {
        for word in &looks.words {
            *words.entry(word).or_default() += 1;
        }
        for (word, form, reason) in &looks.alike {
            spellings.entry((word, form)).or_insert((reason, 0)).1 += 1;
        }
    }
    let mut ranked: Vec<_> = spellings
        .into_iter()
        .filter(|&((word, _), (reason, count))| {
            // A word that never occurs may itself be the one that is misspelt.
            reason != EDIT || words.get(word).is_none_or(|&own| count <= own)
        })
        .collect();
    ranked.sort_by_key(|&(_, (reason, count))| (reason == EDIT, std::cmp::Reverse(count)));
    // A spelling may look like several words: the first is the one.
    let mut seen = BTreeSet::new();
    ranked.retain(|((_, form), _)| seen.insert(*form));
    ranked.truncate(SHORTLIST);
    let before = tag(answers.comments, rulebook, tokenizer);
    let mut suggestions: Vec<Suggestion> = ranked
        .into_par_iter()
        .filter_map(|((word, form), (reason, found))| {
            let change = Change::Variant { word: word.to_owned(), form: form.to_owned() };
            let rulebook = compile(&changed(sources, &change), tokenizer).rulebook?;
            let after = tag(answers.comments, &rulebook, tokenizer);
            let (gains, losses) = effects(&before, &after, answers.gold);
            Some(Suggestion { change, category: None, log_likelihood: None, reason, found, gains, losses })
        })
        .collect();
    // A spelling that changes nothing is found by other means already.
    suggestions.retain(|suggestion| !suggestion.gains.is_empty());
    suggestions
}

/// The sources with a spelling added: to the file that has the word's variant, or in a file of its own.
fn changed(sources: &[Arc<SourceFile>], change: &Change) -> Vec<Arc<SourceFile>> {
    let Change::Variant { word, .. } = change else { return sources.to_vec() };
    let mut sources = sources.to_vec();
    match sources.iter_mut().find(|source| has_variant(&source.text, word)) {
        Some(source) => {
            let text = apply(&source.text, change).unwrap_or_else(|_| source.text.clone());
            *source = Arc::new(SourceFile { name: source.name.clone(), text });
        }
        None => {
            let text = apply("", change).unwrap_or_default();
            sources.push(Arc::new(SourceFile { name: "表記ゆれ".to_owned(), text }));
        }
    }
    sources
}

fn tag(comments: &[Comment], rulebook: &Rulebook, tokenizer: &Tokenizer) -> Vec<Tagging> {
    comments.par_iter().map_init(|| Worker::new(rulebook, tokenizer), Worker::tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "
        [[variant]]
        name = '問い合わせ'
        forms = ['問いあわせ']

        [[category]]
        id = 'a'
        name = 'あ'
        any = ['プリンター', '問い合わせ', 'レセプト', '混む', '行う', '引っ越し', '障碍物']
    ";

    #[test]
    fn spellings_of_one_word_are_found_from_another() {
        let tokenizer = Tokenizer::embedded().unwrap();
        let source = Arc::new(SourceFile { name: "t.toml".to_owned(), text: RULES.to_owned() });
        let rulebook = compile(&[Arc::clone(&source)], &tokenizer).rulebook.unwrap();
        let texts = [
            "プリンタが動かない",
            "問合せが多い",
            "レセブトが返る",
            "レセプトが返る",
            "受付が混んだ",
            "番号を忘れた",
            "検査をおこなった",
            "手続きを行なった",
            "ひっこしをした",
            "障害物がある",
        ];
        let comments: Vec<Comment> = texts.iter().map(|text| Comment::from_text(text)).collect();
        let ids: Vec<CategoryId> = rulebook.category_ids().collect();
        let answers = Answers { comments: &comments, gold: None };
        let found = suggest(answers, &ids, &[source], &rulebook, &tokenizer);
        let said: BTreeSet<(&str, &str, &str)> = found
            .iter()
            .map(|suggestion| match &suggestion.change {
                Change::Variant { word, form } => (word.as_str(), form.as_str(), suggestion.reason),
                Change::Any { .. } => panic!("a spelling is no condition"),
            })
            .collect();
        let wanted = [
            ("プリンター", "プリンタ", "長音"),
            ("問い合わせ", "問合せ", "読みが同じ"),
            ("レセプト", "レセブト", EDIT),
            ("行う", "おこなう", "読みが同じ"),
            ("行う", "行なう", "読みが同じ"),
            ("引っ越し", "ひっこし", "読みが同じ"),
            ("障碍物", "障害物", "読みが同じ"),
        ];
        assert_eq!(said, BTreeSet::from(wanted));
        assert!(found.iter().all(|suggestion| suggestion.gains.len() == 1), "{found:?}");
    }
}
