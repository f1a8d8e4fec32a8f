use proptest::prelude::*;

use super::*;
use crate::matcher::Analyser;
use crate::rule::RuleId;
use crate::tokenize::Tokenizer;

thread_local! {
    static ANALYSER: std::cell::RefCell<Analyser> =
        std::cell::RefCell::new(Analyser::new(&Tokenizer::embedded().unwrap()));
}

fn cut_among(text: &str, evidence: &[Span<Orig>], others: &[Span<Orig>]) -> Vec<Span<Orig>> {
    let evidence_at = |spans: &[Span<Orig>]| {
        spans.iter().map(|&span| Evidence { span, rule: RuleId(0) }).collect::<Vec<_>>()
    };
    ANALYSER.with_borrow_mut(|analyser| {
        analyser.analyse(text);
        Answer::new(text, analyser.normalised(), analyser.tokens(), analyser.scopes())
            .excerpt(&evidence_at(evidence), &evidence_at(others))
            .iter()
            .map(|slice| slice.orig)
            .collect()
    })
}

fn cut(text: &str, evidence: &[Span<Orig>]) -> Vec<Span<Orig>> {
    cut_among(text, evidence, &[])
}

fn every(text: &str, part: &str) -> Vec<Span<Orig>> {
    text.match_indices(part).map(|(at, part)| Span::new(at, at + part.len())).collect()
}

#[test]
fn excerpts_hold_the_sentences_with_evidence() {
    // Two sentences of 45 characters each: no answer that contains both is quoted whole.
    let off = "受付の職員を一人増やして毎日の案内に当たっていますが、それでも昼前には列が外まで続きます。";
    for (text, part, expected) in [
        ("顔認証ができない。困った。".to_owned(), "顔認証", vec!["顔認証ができない。困った。"]),
        ("、顔認証ができない".to_owned(), "顔認証", vec!["、顔認証ができない"]),
        (
            format!("{off}顔認証が何度やっても通りません。{off}"),
            "顔認証",
            vec!["顔認証が何度やっても通りません。"],
        ),
        (
            format!("顔認証が何度も失敗します。{off}{off}朝は顔認証が遅いと言われます。"),
            "顔認証",
            vec!["顔認証が何度も失敗します。", "朝は顔認証が遅いと言われます。"],
        ),
        // What opens it is left off, or what it leans on is taken along.
        (
            format!("{off}{off}また、顔認証が何度やっても通りません。"),
            "顔認証",
            vec!["顔認証が何度やっても通りません。"],
        ),
        (
            format!("{off}{off}機械が古い。そのため顔認証が通りません。"),
            "顔認証",
            vec!["機械が古い。そのため顔認証が通りません。"],
        ),
        // A long sentence is cut at its clauses.
        (
            format!(
                "{}が、顔認証が何度やっても通らないので暗証番号を入れてもらっています。",
                off.trim_end_matches("ます。").repeat(2)
            ),
            "顔認証",
            vec!["顔認証が何度やっても通らないので暗証番号を入れてもらっています。"],
        ),
        // A remark on the sentence before: left off, or not without it.
        (
            format!("{off}{off}何度も試しました。(顔認証が通らないこともありました)"),
            "顔認証",
            vec!["何度も試しました。(顔認証が通らないこともありました)"],
        ),
        (
            format!("{off}{off}(夜も同じです) 顔認証が何度やっても通らないことがありました。"),
            "顔認証",
            vec!["顔認証が何度やっても通らないことがありました。"],
        ),
        // Too short alone.
        (format!("{off}顔認証エラー。番号も忘れた。{off}"), "顔認証", vec!["顔認証エラー。番号も忘れた。"]),
        (format!("{off}{off}番号も忘れた。顔認証エラー。"), "顔認証", vec!["番号も忘れた。顔認証エラー。"]),
        // The next item is another matter.
        ("・顔認証が通る ・番号を忘れる".to_owned(), "顔認証", vec!["顔認証が通る"]),
        ("①画面が止まる\n②　顔認証が通らない \n③遅い".to_owned(), "顔認証", vec!["顔認証が通らない"]),
        ("画面が止まる\n顔認証が通らない\n番号も忘れる".to_owned(), "顔認証", vec!["顔認証が通らない"]),
        ("● 顔認証が通らない".to_owned(), "顔認証", vec!["顔認証が通らない"]),
        ("●が名前に出る".to_owned(), "●", vec!["●が名前に出る"]),
        ("○○市の方は顔認証が通らない".to_owned(), "顔認証", vec!["○○市の方は顔認証が通らない"]),
        (
            format!("{off}「顔認証ができない。もう嫌だ」と帰る人もいました。{off}"),
            "顔認証",
            vec!["「顔認証ができない。もう嫌だ」と帰る人もいました。"],
        ),
    ] {
        let slices: Vec<&str> =
            cut(&text, &every(&text, part)).iter().map(|span| &text[span.range()]).collect();
        assert_eq!(slices, expected, "{text}");
    }
}

#[test]
fn sentences_about_other_categories_are_left_out() {
    let text = "顔認証が何度やっても通らない。保険証は残してほしい。";
    let slices = cut_among(text, &every(text, "顔認証"), &every(text, "保険証"));
    assert_eq!(slices, [Span::new(0, "顔認証が何度やっても通らない。".len())]);
    // Not even to fill up a short one.
    let text = "保険証は残してほしい。顔認証が通らない。";
    let slices = cut_among(text, &every(text, "顔認証"), &every(text, "保険証"));
    assert_eq!(slices, [Span::new("保険証は残してほしい。".len(), text.len())]);
}

#[test]
fn a_sentence_is_not_torn_apart() {
    // The rest takes along what it is about; a short one is quoted whole.
    let text = "番号が分からない方がいて窓口で毎回説明している、特に年配の方と外国の方";
    assert_eq!(cut_among(text, &every(text, "年配"), &every(text, "番号")), [Span::new(0, text.len())]);
    let text = "番号が分からない方がいる、特に夜間";
    assert_eq!(cut_among(text, &every(text, "番号"), &every(text, "夜間")), [Span::new(0, text.len())]);
}

#[test]
fn long_excerpts_keep_the_sentences_with_most_evidence() {
    let once = format!("顔認証{}。", "あ".repeat(60));
    let twice = format!("顔認証と顔認証{}。", "い".repeat(60));
    let text = format!("{once}{twice}{once}");
    let slices = cut(&text, &every(&text, "顔認証"));
    assert_eq!(slices, [Span::new(once.len(), once.len() + twice.len())]);
}

#[test]
fn a_mark_alone_is_not_stripped_to_nothing() {
    let text = format!("※\n{}", "あ".repeat(WINDOW_CHARS));
    assert_eq!(cut(&text, &[Span::new(0, text.len())]), [Span::new(0, "※".len())]);
}

proptest! {
    #[test]
    fn slices_are_verbatim_ordered_and_touch_evidence(
        text in "[ぁ-お一-亜ｱ-ｵﾞ●・①→○※「」（）。！1 　\n‼㈱]{1,200}",
        (start, len) in (0usize..200, 1usize..12),
    ) {
        let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let start = start % (bounds.len() - 1);
        let evidence = Span::new(bounds[start], bounds[(start + len).min(bounds.len() - 1)]);
        let slices = cut(&text, &[evidence]);
        let mut end = 0;
        for slice in &slices {
            prop_assert!(text.is_char_boundary(slice.start()) && text.is_char_boundary(slice.end()));
            prop_assert!(slice.start() >= end && slice.overlaps(evidence));
            let quoted = &text[slice.range()];
            prop_assert_eq!(quoted.trim(), quoted);
            end = slice.end();
        }
        // Blanks and invisible characters alone are no evidence a matcher could give.
        if !text[evidence.range()].trim().is_empty() {
            prop_assert!(!slices.is_empty());
        }
    }

    #[test]
    fn pairs_of_brackets_are_not_cut(parts in prop::collection::vec("[ぁ-お。]{1,30}(「[ぁ-お。]{1,40}」)?", 1..6)) {
        let text = parts.concat();
        for slice in cut(&text, &every(&text, "あ")) {
            prop_assert!(!Brackets::of(&text[slice.range()]).has_lonely, "{}", &text[slice.range()]);
        }
    }
}
