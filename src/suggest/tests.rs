use std::sync::Arc;

use super::*;
use crate::diagnostic::SourceFile;
use crate::matcher::Worker;
use crate::rule::{Rulebook, compile};
use crate::tokenize::Tokenizer;

const RULES: &str = "
    [[category]]
    id = 'voice'
    name = '音声'
    any = ['音声案内']
    not = ['練習']

    [[category]]
    id = 'wait'
    name = '待ち時間'
    any = ['待つ']
";

fn source() -> Arc<SourceFile> {
    Arc::new(SourceFile { name: "t.toml".to_owned(), text: RULES.to_owned() })
}

fn conditions(suggestions: &[Suggestion]) -> Vec<&str> {
    let conditions = suggestions.iter().map(|suggestion| match &suggestion.change {
        Change::Any { condition, .. } => condition.as_str(),
        Change::Variant { .. } => panic!("only conditions are suggested here"),
    });
    conditions.collect()
}

/// Comments with whether they are about the voice.
const ANSWERS: [(&str, bool); 12] = [
    ("音声案内が速い", true),
    ("音量が小さい", true),
    ("音量の調整ができない", true),
    ("音量を上げたい", true),
    ("機械の声が聞こえない", true),
    ("受付の声で機械が聞こえないと言われた", true),
    ("練習で音量を上げた", false),
    ("画面が小さい", false),
    ("受付の声が大きい", false),
    ("機械が聞き取る", false),
    ("待つのがつらい", false),
    ("特になし", false),
];

fn suggested(with_gold: bool) -> (Vec<Suggestion>, Vec<Comment>, Rulebook, Tokenizer) {
    let tokenizer = Tokenizer::embedded().unwrap();
    let rulebook = compile(&[source()], &tokenizer).rulebook.unwrap();
    let voice = rulebook.find("voice").unwrap();
    let comments: Vec<Comment> = ANSWERS.iter().map(|(text, _)| Comment::from_text(text)).collect();
    let gold: Vec<Labels> =
        ANSWERS.iter().map(|(_, is)| Labels::new(if *is { vec![voice] } else { Vec::new() })).collect();
    let answers = Answers { comments: &comments, gold: with_gold.then_some(&gold[..]) };
    let found = terms::suggest(answers, &[voice], &[source()], &rulebook, &tokenizer);
    (found, comments, rulebook, tokenizer)
}

#[test]
fn conditions_are_drawn_from_what_a_category_misses() {
    let (found, ..) = suggested(true);
    let conditions = conditions(&found);
    assert_eq!(conditions[0], "音量", "{conditions:?}");
    // 練習 takes the fourth comment with 音量 back: it is no gain.
    assert_eq!((found[0].found, judged(&found[0].gains)), (3, Some((3, 0))));
    assert!(conditions.contains(&"否定(聞こえる)"), "{conditions:?}");
    // It adds the same comments as the denial alone.
    assert!(
        !conditions.iter().any(|condition| condition.starts_with("near(否定(聞こえる)")),
        "{conditions:?}"
    );
    // 小さい is as often wrong as right.
    assert!(!conditions.contains(&"小さい"), "{conditions:?}");
}

#[test]
fn a_projected_gain_is_what_accepting_brings() {
    let (found, comments, rulebook, tokenizer) = suggested(true);
    let tag = |rulebook: &Rulebook| -> Vec<Tagging> {
        let mut worker = Worker::new(rulebook, &tokenizer);
        comments.iter().map(|comment| worker.tag(comment)).collect()
    };
    let before = tag(&rulebook);
    assert!(!found.is_empty());
    for suggestion in &found {
        let text = accept::apply(RULES, &suggestion.change).unwrap();
        let file = Arc::new(SourceFile { name: "t.toml".to_owned(), text });
        let after = tag(&compile(&[file], &tokenizer).rulebook.unwrap());
        let (gains, losses) = effects(&before, &after, None);
        let of = |effects: &[Effect]| effects.iter().map(|effect| effect.comment).collect::<Vec<_>>();
        assert_eq!((of(&gains), of(&losses)), (of(&suggestion.gains), Vec::new()), "{:?}", suggestion.change);
    }
}

#[test]
fn without_gold_conditions_are_drawn_from_what_a_category_has() {
    // The only comment tagged has 速い; nothing else has, so that there is nothing to gain.
    let (found, ..) = suggested(false);
    assert!(found.iter().all(|suggestion| judged(&suggestion.gains).is_none()));
    assert!(conditions(&found).iter().all(|condition| *condition != "速い"));
}
