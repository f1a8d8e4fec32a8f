use super::*;
use crate::export::fixture::{category, long, rulebook, span, tagging};
use crate::manifest;
use crate::statistics::{By, Options, Survey};

struct Case {
    rulebook: Rulebook,
    tally: Tally,
    questions: Crosstab,
    quotes: Vec<Quote>,
    tables: Vec<Table>,
}

fn quote(category: CategoryId, comment: &Comment, places: &[&str], subgroup: Option<&str>) -> Quote {
    Quote {
        category,
        subgroup: subgroup.map(str::to_owned),
        rank: 1,
        comment: comment.clone(),
        excerpts: vec![span(comment.text(), comment.text())],
        reason: String::new(),
        flags: Vec::new(),
        is_masked: false,
        is_pinned: false,
        merged: Vec::new(),
        similar: places.len().saturating_sub(1),
        places: places.iter().map(|&place| place.to_owned()).collect(),
        score: 1.0,
    }
}

fn case() -> Case {
    let rulebook = rulebook();
    let comments = [
        long("1", "問7", "愛知県", "顔認証ができない。"),
        long("2", "問7", "岐阜県", "顔認証ができない"),
        long("3", "問13", "東京都", "●が出る"),
    ];
    let mut tally = Tally::new(&rulebook);
    let mut questions = Crosstab::new(By::Question, &rulebook);
    let options = Options { by: vec!["都道府県".to_owned()], ..Options::default() };
    let mut survey = Survey::new(comments[0].schema(), &rulebook, options, "t.csv").unwrap();
    for comment in &comments {
        let tags: &[(usize, &[&str])] =
            if comment.id() == "3" { &[(1, &["●"])] } else { &[(0, &["顔認証"])] };
        let tagging = tagging(comment.text(), tags);
        tally.add(comment, &tagging);
        questions.add(comment, &tagging);
        survey.add(comment, &tagging);
    }
    survey.end();
    let quotes = vec![
        quote(category(0), &comments[0], &["岐阜県", "愛知県"], Some("●表記")),
        quote(category(1), &comments[2], &["東京都"], None),
    ];
    let tables = survey.tables();
    Case { rulebook, tally, questions, quotes, tables }
}

fn text(layout: Layout) -> String {
    let case = case();
    let categories: Vec<CategoryId> = case.rulebook.category_ids().collect();
    let manifest = manifest::tests::manifest();
    let by_question = vec![
        ("問7".to_owned(), vec![case.quotes[0].clone()]),
        ("問13".to_owned(), vec![case.quotes[1].clone()]),
    ];
    let material = Material {
        title: "題",
        rulebook: &case.rulebook,
        categories: &categories,
        place: Some("都道府県"),
        kind: None,
        tally: &case.tally,
        questions: &case.questions,
        quotes: &case.quotes,
        by_question: &by_question,
        answers: None,
        tables: &case.tables,
        methods: Methods {
            manifest: &manifest,
            waves: None,
            limits: &["区分＝病院".to_owned()],
            withheld: 2,
            is_selected: false,
            is_chosen_only: false,
            has_quotes: true,
        },
    };
    crate::document::markdown::write(&compose(layout, &material))
}

#[track_caller]
fn assert_has(layout: Layout, parts: &[&str]) {
    let text = text(layout);
    for part in parts {
        assert!(text.contains(part), "{part} is missing from\n{text}");
    }
}

#[test]
fn by_question_lists_quotes_once_with_all_their_places() {
    assert_has(
        Layout::ByQuestion,
        &[
            "## 問7\n\n回答のあった記述 2 件のうち、カテゴリの付いたもの 2 件。\n\n### 顔認証失敗（2 件、100.0 %）\n\n- 顔認証ができない。（岐阜県・愛知県）\n",
            "## 問13\n",
            "- ●が出る（東京都）\n",
        ],
    );
    assert!(!text(Layout::ByQuestion).contains("### ●表記（0 件"));
}

#[test]
fn themed_says_how_many_before_each_table() {
    assert_has(
        Layout::Themed,
        &[
            "## 認証・機器\n\n### 顔認証失敗\n\n「顔認証失敗」に当たる記述は 2 件で、回答のあった記述 3 件の 66.7 %（回答者 2 人）。そのうち 1 件を示す。\n",
            "| 都道府県 | 事例 |\n| --- | --- |\n| 愛知県など | 顔認証ができない。（岐阜県・愛知県） |\n",
            "| 東京都 | ●が出る |\n",
            "## 集計の方法\n\n- 対象を「区分＝病院」の回答に限った。\n- 記述 1 件",
            "照合値 ba7816bf8f01）",
            "恐れのある記述 2 種は",
        ],
    );
}

#[test]
fn numbered_counts_through() {
    assert_has(
        Layout::Numbered,
        &[
            "| No. | 都道府県 | 事例 | 問 |\n| ---: | --- | --- | --- |\n| 1 | 愛知県など |",
            "| 2 | 東京都 | ●が出る | 問13 |\n",
        ],
    );
}

#[test]
fn by_subject_groups_by_the_people_concerned() {
    assert_has(
        Layout::BySubject,
        &["## ●表記の事例\n\n「●表記」に当たる記述は 1 件", "### 顔認証失敗\n\n| 都道府県 |"],
    );
}

#[test]
fn figures_leave_out_ids_and_what_never_occurs() {
    assert_has(Layout::Waves, &["## 都道府県別\n", "| 顔認証失敗 | 0 | 0.0 | 1 | 100.0 | 1 | 100.0 |"]);
    assert!(!text(Layout::Waves).contains("タイムラグ"));
    assert!(text(Layout::ClosedVsFree).contains("当てはまる記述はありませんでした。"));
}

#[test]
fn single_needs_no_heading_for_one_category() {
    assert_has(Layout::Single, &["## 顔認証失敗\n", "| 都道府県 | 事例 | 問 |"]);
}
