use std::sync::{Arc, LazyLock};

use super::*;
use crate::diagnostic::SourceFile;
use crate::rule::check::check;

static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::embedded().expect("it is built in"));

/// A file with one category, whose one rule is `condition`, and what can be changed in it.
fn planned(condition: &str) -> (Rulebook, String, Vec<Candidate>) {
    let text = format!("[[category]]\nid = 'x'\nname = 'X'\nrule = '{condition}'\n");
    let file = Arc::new(SourceFile { name: "x.toml".to_owned(), text: text.clone() });
    let checked = check(&[file], &TOKENIZER);
    let mut rulebook = checked.rulebook.unwrap_or_else(|| panic!("{condition} is sound"));
    let category = rulebook.category_ids().next().expect("there is one");
    let plan = candidates(&mut rulebook, category, &checked.files[0].categories[0]);
    (rulebook, text, plan)
}

#[test]
fn parts_are_left_out_and_denied_where_that_means_something() {
    for (condition, expected) in [
        ("混む", "混む/混む → でない 混む"),
        (
            "near(受付, !職員, 混む)",
            "near(受付, !職員, 混む)/near(受付, !職員, 混む) → でない near(受付, !職員, 混む)/受付/受付 → でない 受付/\
             !職員/!職員 → 職員/混む/混む → でない 混む",
        ),
        // A denied alternative has no place to be near to.
        (
            "near(受付, 混む | 遅い)",
            "near(受付, 混む | 遅い)/near(受付, 混む | 遅い) → でない near(受付, 混む | 遅い)/\
          受付/受付 → でない 受付/混む | 遅い/混む | 遅い → でない (混む | 遅い)/混む/遅い",
        ),
        (
            "受付 かつ 否定(動く)",
            "受付 かつ 否定(動く)/受付 かつ 否定(動く) → でない (受付 かつ 否定(動く))/\
          受付/受付 → でない 受付/否定(動く)/否定(動く) → 肯定(動く)/否定(動く) → 動く",
        ),
        ("否定(ある)", "否定(ある)/否定(ある) → 肯定(ある)/否定(ある) → ある"),
        ("読み取り+エラー", "読み取り+エラー/読み取り+エラー → でない 読み取り+エラー/読み取り/エラー"),
    ] {
        let (_, _, plan) = planned(condition);
        let found: Vec<String> = plan
            .iter()
            .map(|candidate| match &candidate.change {
                Change::LeftOut(part) => part.clone(),
                Change::Bared(part, left) | Change::Denied(part, left) => format!("{part} → {left}"),
            })
            .collect();
        assert_eq!(found.join("/"), expected, "{condition}");
    }
}

#[test]
fn a_denied_part_decides_as_the_rule_written_so() {
    let texts = [
        "受付が混む",
        "受付が混まない",
        "受付で職員が待つ",
        "受付が混むが職員がいない",
        "画面が動かない",
        "画面が動く。受付は混む",
        "会計が遅い",
        "読み取りエラーが出た",
    ];
    let mut denied = 0;
    for condition in [
        "near(受付, 混む, !職員)",
        "near(受付 | 会計, 混む | 遅い)",
        "受付 かつ 否定(混む)",
        "受付 かつ でない 職員",
        "順に(受付, 職員, 待つ)[文]",
        "near(画面, 否定(動く))",
        "否定(ある | 動く)",
        "(受付 | 画面) かつ でない (混む かつ 職員)",
    ] {
        let (rulebook, text, plan) = planned(condition);
        let mut worker = Worker::new(&rulebook, &TOKENIZER);
        for candidate in &plan {
            let Change::Denied(_, became) = &candidate.change else { continue };
            let mut written = text.clone();
            written.replace_range(candidate.site.range.clone(), &format!("({became})"));
            let file = Arc::new(SourceFile { name: "x.toml".to_owned(), text: written.clone() });
            let rewritten =
                check(&[file], &TOKENIZER).rulebook.unwrap_or_else(|| panic!("{written} is sound"));
            let mut other = Worker::new(&rewritten, &TOKENIZER);
            for text in texts {
                let comment = Comment::from_text(text);
                worker.tag(&comment);
                let gives = worker.decides(&candidate.conditions, candidate.exclusion, &comment);
                assert_eq!(gives, !other.tag(&comment).tags.is_empty(), "{written} of {text}");
            }
            denied += 1;
        }
    }
    assert!(denied > 20, "{denied}");
}
