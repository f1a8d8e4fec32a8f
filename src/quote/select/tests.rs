use std::sync::Arc;

use csv::StringRecord;

use super::*;
use crate::classify::Tagging;
use crate::comment::{Comment, Row, Schema};
use crate::export::fixture::{long, plain, rulebook, wide};
use crate::quote::candidate::fixture::candidate;
use crate::quote::reading::Certainty;
use crate::quote::selection::{Choice, Entry as Decided, Selection};
use crate::quote::{Flag, Flagged, Kind, Options, Weights};
use crate::tokenize::Tokenizer;

fn pick_as(candidates: impl IntoIterator<Item = Candidate>, options: Options) -> Chosen {
    let tokenizer = Tokenizer::embedded().unwrap();
    let rulebook = rulebook();
    let spread = ["都道府県", "区分"].map(str::to_owned).into();
    let mut pool = Pool::new(&rulebook, Options { place: Some("都道府県".to_owned()), spread, ..options });
    for candidate in candidates {
        pool.meet(&candidate.comment, &Tagging::default());
        pool.add(candidate);
    }
    pool.select(&mut Worker::new(&rulebook, &tokenizer))
}

fn with_id(row: u64, id: &str) -> Comment {
    let headers = ["番号", "回答"].map(str::to_owned).into();
    let schema = Schema {
        headers,
        id: Some(0),
        texts: vec![1],
        question: None,
        attributes: Vec::new(),
        nothing: Vec::new(),
    };
    let cells = StringRecord::from(vec![id, &format!("顔認証{row}")]);
    Comment::new(Arc::new(schema), Arc::new(Row { number: row, cells }), 1)
}

fn texts(quotes: &[Quote]) -> Vec<String> {
    quotes.iter().map(Quote::text).collect()
}

fn pick(candidates: impl IntoIterator<Item = Candidate>, per_category: usize) -> Vec<Quote> {
    pick_as(candidates, Options { per_category, ..Options::default() }).quotes
}

#[test]
fn the_typical_comes_first_and_says_so() {
    let quotes = pick(
        [
            candidate(0, &long("1", "問7", "東京都", "停電した"), "停電"),
            candidate(0, &long("2", "問7", "愛知県", "顔認証エラー"), "顔認証 エラー"),
            candidate(0, &long("3", "問7", "東京都", "顔認証のエラーで再起動"), "顔認証 エラー 再起動"),
            candidate(0, &long("4", "問7", "東京都", "顔認証"), "顔認証"),
        ],
        4,
    );
    assert_eq!(texts(&quotes)[0], "顔認証エラー");
    assert_eq!(quotes[0].reason, "4 件中の典型（主題語: 顔認証・エラー）、30 字、愛知県");
    // It shares no word with any other.
    let blackout = quotes.iter().find(|quote| quote.text() == "停電した").unwrap();
    assert!(blackout.reason.starts_with("4 件中の一例、30 字、東京都"), "{}", blackout.reason);
    assert_eq!(quotes.iter().map(|quote| quote.rank).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn what_reads_badly_comes_later() {
    let mut short = candidate(0, &plain(1, "顔認証"), "顔認証 a1 a2");
    short.cut_mut().form.chars = 3;
    let mut leaning = candidate(0, &plain(2, "その顔認証"), "顔認証 b1 b2");
    leaning.cut_mut().form.is_leaning = true;
    let good = candidate(0, &plain(3, "顔認証ができない"), "顔認証 c1 c2");
    assert_eq!(texts(&pick([short, leaning, good], 3)), ["顔認証ができない", "その顔認証", "顔認証"]);
}

#[test]
fn a_different_quote_is_preferred_to_the_same_again() {
    let same =
        |row| candidate(0, &plain(row, &format!("顔認証エラー{row}")), &format!("顔認証 エラー {row}a"));
    let other = candidate(0, &plain(9, "顔認証のあと停止"), "顔認証 停止");
    let weights = Weights { lambda: 0.3, ..Weights::default() };
    let options = Options { weights, per_category: 2, ..Options::default() };
    let quotes = pick_as([same(1), same(2), same(3), other], options).quotes;
    assert_eq!(texts(&quotes), ["顔認証エラー1", "顔認証のあと停止"]);
    assert!(quotes[1].reason.ends_with("、ほかの引用と違う内容"), "{}", quotes[1].reason);
    assert!(!quotes[0].reason.contains("違う"), "{}", quotes[0].reason);
}

#[test]
fn quotes_spread_over_places() {
    let from = |id: &str, place| {
        candidate(
            0,
            &long(id, "問7", place, &format!("顔認証エラー{id}")),
            &format!("顔認証 エラー {id}a {id}b"),
        )
    };
    let quotes = pick([from("1", "東京都"), from("2", "東京都"), from("3", " "), from("4", "愛知県")], 3);
    assert_eq!(texts(&quotes), ["顔認証エラー1", "顔認証エラー3", "顔認証エラー4"]);
    assert!(quotes[2].reason.ends_with("、愛知県、属性の偏りを避けて選択"), "{}", quotes[2].reason);
}

#[test]
fn a_blank_place_is_not_a_place_repeated() {
    let from = |id: &str, place| {
        candidate(
            0,
            &long(id, "問7", place, &format!("顔認証エラー{id}")),
            &format!("顔認証 エラー {id}a {id}b"),
        )
    };
    let quotes = pick([from("1", ""), from("2", " "), from("3", "愛知県")], 2);
    assert_eq!(texts(&quotes), ["顔認証エラー1", "顔認証エラー2"]);
}

#[test]
fn evidence_decides_between_equals() {
    let mut strong = candidate(0, &plain(2, "顔認証と顔認証"), "顔認証");
    strong.evidence = 2;
    let weak = candidate(0, &plain(1, "顔認証のみ"), "顔認証");
    assert_eq!(texts(&pick([weak, strong], 1)), ["顔認証と顔認証"]);
}

#[test]
fn excerpts_without_content_words_are_ranked_by_readability() {
    let mut leaning = candidate(0, &plain(1, "それでできない"), "");
    leaning.cut_mut().form.is_leaning = true;
    let quotes = pick([leaning, candidate(0, &plain(2, "できない"), "")], 1);
    assert_eq!(texts(&quotes), ["できない"]);
    assert_eq!(quotes[0].reason, "2 件中の一例、30 字");
}

#[test]
fn nobody_and_nothing_is_quoted_twice_in_a_category() {
    let [q7, q13] = wide(1, ["顔認証が通らない", "顔認証が遅い"]);
    let comments = [q7, q13, plain(2, "顔認証が通らない"), plain(3, "顔認証が落ちた")];
    let quotes = pick(
        comments.iter().map(|comment| candidate(0, comment, &format!("顔認証 {0}a {0}b", comment.text()))),
        5,
    );
    assert_eq!(texts(&quotes), ["顔認証が通らない", "顔認証が落ちた"]);
    // Blank ids tell nobody from anybody: the row does. One id in two rows is one respondent.
    let from = |row: u64, id| candidate(0, &with_id(row, id), &format!("顔認証 {row}a {row}b"));
    assert_eq!(pick([from(1, ""), from(2, ""), from(3, "A1"), from(4, "A1")], 5).len(), 3);
}

#[test]
fn an_answer_quoted_elsewhere_gives_way_to_an_equal_one() {
    let (first, second) = (plain(1, "顔認証と●"), plain(2, "顔認証も●"));
    let candidates = [&first, &second]
        .into_iter()
        .flat_map(|comment| [candidate(0, comment, "顔認証"), candidate(1, comment, "●")]);
    let quotes = pick(candidates, 1);
    assert_eq!(texts(&quotes), ["顔認証と●", "顔認証も●"]);
    assert!(quotes[1].reason.ends_with("ほかのカテゴリで引用していない回答"), "{}", quotes[1].reason);
}

#[test]
fn near_identical_answers_are_one_quote_with_its_places() {
    let from = |id, place, text| candidate(0, &long(id, "問7", place, text), text);
    let quotes = pick(
        [
            from("1", "神奈川県", "顔認証ができない"),
            from("2", "愛知県", "顔認証ができない"),
            from("3", "岐阜県", "顔認証ができない"),
            from("4", "愛知県", "停電した"),
        ],
        5,
    );
    assert_eq!(quotes.len(), 2);
    assert_eq!((quotes[0].merged.clone(), quotes[0].similar), (vec!["2".to_owned(), "3".to_owned()], 2));
    assert_eq!(quotes[0].places, ["神奈川県", "岐阜県", "愛知県"]);
    assert!(quotes[1].merged.is_empty());
}

#[test]
fn details_are_left_out_masked_or_allowed() {
    let flag = |mut candidate: Candidate| {
        candidate.cut_mut().flags =
            vec![Flag { kind: Kind::Person, span: Some(crate::span::Span::new(0, 6)) }];
        candidate
    };
    let named = || flag(candidate(0, &plain(1, "山田さん顔認証"), "顔認証 エラー"));
    let clean = || candidate(0, &plain(2, "停電した"), "停電");
    let pick =
        |flagged, candidates: Vec<Candidate>| pick_as(candidates, Options { flagged, ..Options::default() });
    let chosen = pick(Flagged::LeaveOut, vec![named(), clean()]);
    assert_eq!((texts(&chosen.quotes), chosen.withheld), (vec!["停電した".to_owned()], 1));
    let chosen = pick(Flagged::Allow, vec![named(), clean()]);
    assert_eq!(texts(&chosen.quotes), ["停電した", "山田さん顔認証"]);
    let chosen = pick(Flagged::Mask, vec![named(), clean()]);
    assert_eq!(texts(&chosen.quotes), ["停電した", "〔氏名〕さん顔認証"]);
    // Nothing else to quote.
    let chosen = pick(Flagged::LeaveOut, vec![named()]);
    assert_eq!((texts(&chosen.quotes), chosen.withheld), (vec!["〔氏名〕さん顔認証".to_owned()], 0));
}

#[test]
fn the_editor_decides_first() {
    let answer =
        |row| candidate(0, &plain(row, &format!("顔認証その{row}")), &format!("顔認証 {row}a {row}b"));
    let entry = |id: &str, ranges: &[(usize, usize)]| Decided {
        id: id.to_owned(),
        ranges: ranges.to_vec(),
        ..Decided::default()
    };
    let choice = Choice {
        category: "face-auth".to_owned(),
        pins: vec![entry("4", &[]), entry("3", &[(0, 3)])],
        bans: vec![entry("1", &[])],
        ..Choice::default()
    };
    let selection = Selection { categories: vec![choice], ..Selection::empty() };
    let options = Options { selection, per_category: 3, ask: Some("1".to_owned()), ..Options::default() };
    let chosen = pick_as((1..=5).map(answer), options);
    assert_eq!(texts(&chosen.quotes), ["顔認証その4", "顔認証…", "顔認証その2"]);
    assert!(chosen.quotes[0].reason.starts_with("選択ファイルで指定、"));
    assert_eq!(chosen.answers[0].text, "選択ファイルで除外しています");
    // These rules give no category.
    assert_eq!(chosen.stale.len(), 2);
}

/// A candidate of category `index` out of the answer in row `row`, unlike any other; the better the sooner it is taken.
fn shared(index: usize, row: u64, is_better: bool) -> Candidate {
    let mut candidate =
        candidate(index, &plain(row, &format!("顔認証と●その{row}")), &format!("顔認証 {row}a {row}b"));
    candidate.evidence = if is_better { 2 } else { 1 };
    candidate
}

/// The rows quoted, category by category.
fn rows(quotes: &[Quote]) -> Vec<(usize, u64)> {
    let mut rows: Vec<_> =
        quotes.iter().map(|quote| (quote.category.index(), quote.comment.row().number)).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn an_answer_is_left_to_the_category_that_has_no_other() {
    let quotes = pick([shared(0, 1, true), shared(0, 2, false), shared(1, 1, false)], 1);
    assert_eq!(rows(&quotes), [(0, 2), (1, 1)]);
    assert!(quotes[0].reason.ends_with("、ほかのカテゴリで引用していない回答"), "{}", quotes[0].reason);
}

#[test]
fn a_category_makes_room_for_one_served_later() {
    // The first would take 1 and 2, and leave nothing but 4 to the second.
    let first = [shared(0, 1, true), shared(0, 2, true), shared(0, 3, false)];
    let second = [shared(1, 1, true), shared(1, 2, true), shared(1, 4, false)];
    let rows = rows(&pick(first.into_iter().chain(second), 2));
    let answers: std::collections::BTreeSet<u64> = rows.iter().map(|&(_, row)| row).collect();
    assert_eq!((rows.len(), answers.len()), (4, 4), "{rows:?}");
}

#[test]
fn an_answer_is_quoted_twice_where_the_others_are_last_resorts() {
    let mut doubtful = shared(1, 2, true);
    doubtful.certainty = Certainty::Hypothetical;
    let options = || Options { per_category: 1, ask: Some("2".to_owned()), ..Options::default() };
    let chosen = pick_as([shared(0, 1, true), shared(1, 1, false), doubtful], options());
    assert_eq!(rows(&chosen.quotes), [(0, 1), (1, 1)]);
    assert!(chosen.quotes[0].reason.ends_with("、「●表記」でも引用"), "{}", chosen.quotes[0].reason);
    assert!(chosen.quotes[1].reason.ends_with("、「顔認証失敗」でも引用"), "{}", chosen.quotes[1].reason);
    let why = &chosen.answers[0].text;
    assert!(why.starts_with("後回しにしたので、及びませんでした: 仮定や懸念の話です。点数"), "{why}");
    // What another category quotes is passed over, and says which.
    let chosen = pick_as([shared(0, 2, true), shared(1, 1, false), shared(1, 2, true)], options());
    assert_eq!(rows(&chosen.quotes), [(0, 2), (1, 1)]);
    assert!(chosen.answers[1].text.contains("「顔認証失敗」で引用しています"), "{:?}", chosen.answers);
}

#[test]
fn subgroups_are_served_each_for_itself() {
    let from = |id, place| {
        candidate(0, &long(id, "問7", place, &format!("顔認証{id}")), &format!("顔認証 {id}a {id}b"))
    };
    let options =
        Options { by: Some(By::Attribute("都道府県".to_owned())), per_category: 1, ..Options::default() };
    let chosen =
        pick_as([from("1", "東京都"), from("2", "愛知県"), from("3", ""), from("4", "東京都")], options);
    let shown: Vec<_> = chosen.quotes.iter().map(|quote| (quote.subgroup.as_deref(), quote.text())).collect();
    assert_eq!(shown, [(Some("愛知県"), "顔認証2".to_owned()), (Some("東京都"), "顔認証1".to_owned())]);
}

#[test]
fn every_answer_asked_about_gets_a_reason() {
    let ask = |id: &str, candidates: Vec<Candidate>, per_category| {
        let chosen =
            pick_as(candidates, Options { ask: Some(id.to_owned()), per_category, ..Options::default() });
        chosen.answers.into_iter().map(|answer| answer.text).collect::<Vec<_>>().join("|")
    };
    let all = || {
        vec![
            candidate(0, &plain(1, "顔認証エラー"), "顔認証 エラー"),
            candidate(0, &plain(2, "顔認証エラー"), "顔認証 エラー"),
            candidate(0, &plain(3, "停電"), "停電"),
        ]
    };
    assert!(ask("1", all(), 1).starts_with("1 番目に引用しました。3 件中の典型"));
    assert!(ask("2", all(), 1).starts_with("1 と同じ趣旨なので、代表の 1 にまとめました"));
    assert!(ask("3", all(), 1).starts_with("及びませんでした: 評価"));
    assert_eq!(ask("9", all(), 1), "");
}
