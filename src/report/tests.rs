use super::*;
use crate::classify::Tagging;
use crate::export::fixture::{long, plain, rulebook, span, tagging};
use crate::manifest::tests::manifest;

/// The page over `comments`, all tagged by hand where they hold a ●, the first of them quoted.
fn page(title: &str, comments: &[Comment]) -> String {
    let rulebook = rulebook();
    let mut report = Report::new(comments[0].schema(), Roles::of(comments[0].schema()));
    let mut tally = Tally::new(&rulebook);
    for comment in comments {
        let tags: &[(usize, &[&str])] = if comment.text().contains('●') { &[(1, &["●"])] } else { &[] };
        let tagging = tagging(comment.text(), tags);
        report.add(comment, &tagging);
        tally.add(comment, &tagging);
    }
    let quotes: Vec<Quote> =
        comments.iter().filter(|comment| comment.text().contains('●')).take(1).map(quote).collect();
    let about = About {
        title,
        rulebook: &rulebook,
        tally: &tally,
        quotes: &quotes,
        manifest: &manifest(),
        selection: &Selection::empty(),
    };
    String::from_utf8(report.page(&about).unwrap()).unwrap()
}

fn quote(comment: &Comment) -> Quote {
    crate::quote::fixture::quote(1, 1, comment, vec![span(comment.text(), "●")])
}

fn json(page: &str) -> &str {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    rest.split_once("</script>").unwrap().0
}

fn data(page: &str) -> serde_json::Value {
    serde_json::from_str(json(page)).unwrap()
}

#[test]
fn comments_are_data_in_utf16_units() {
    let data = data(&page("題", &[long("a", "問7", "東京都", "𠮷の●"), long("b", "問7", "愛知県", "遅い")]));
    let hash = crate::quote::selection::text_hash("𠮷の●");
    assert_eq!(data["comments"][0], serde_json::json!(["a", 0, "𠮷の●", hash, 1, [0], [[1, 3, 4]]]));
    assert_eq!(data["comments"][1][5], serde_json::json!([1]));
    assert_eq!(data["attributes"], serde_json::json!([["都道府県", ["東京都", "愛知県"]]]));
    assert_eq!(
        data["quotes"][0],
        serde_json::json!([1, 0, [3, 4], "このカテゴリの記述に多い言い方", [], 0, [], ["東京都"]])
    );
    assert_eq!(data["categories"][1], serde_json::json!(["black-circle", "●表記", "表示", "", 1, 1]));
}

#[test]
fn a_quote_leads_to_its_own_answer_where_inputs_number_their_rows_alike() {
    let data = data(&page("題", &[plain(1, "遅い"), plain(1, "●と出た")]));
    assert_eq!(data["quotes"][0][1], 1);
}

#[test]
fn the_page_knows_the_openers_that_the_program_leaves_off() {
    let script = include_str!("page/text.js");
    assert!(script.contains(&format!("({})", crate::quote::OPENERS.join("|"))));
}

#[test]
fn hostile_text_stays_inside_its_string() {
    let hostile = "</script><script>alert(1)</script><!-- <script> \u{2028} \" \\ &lt; \0 ●";
    let page = page(hostile, &[plain(1, hostile)]);
    assert_eq!(data(&page)["comments"][0][2], hostile);
    // Opened and closed: the data and the page's own script.
    assert_eq!((page.matches("<script").count(), page.matches("</script").count()), (2, 2));
    assert!(!json(&page).contains(['<', '\u{2028}']));
}

#[test]
fn what_says_nothing_is_shown_and_what_is_empty_is_only_counted() {
    let data = data(&page("題", &[plain(1, ""), plain(2, "特になし"), plain(3, "●")]));
    assert_eq!(data["comments"].as_array().unwrap().len(), 2);
    assert_eq!(data["comments"][0][4], 0);
    assert_eq!(data["totals"][0][0], 3);
}

#[test]
fn a_placeholder_in_a_text_is_a_text() {
    let page = page("{{data}}", &[plain(1, "{{script}}")]);
    assert!(page.contains("<title>{{data}}</title>"));
    assert_eq!(data(&page)["comments"][0][2], "{{script}}");
}

#[test]
fn the_script_never_makes_html_of_text() {
    for word in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "fetch("]
    {
        assert!(!SCRIPT.contains(word), "{word}");
    }
}

#[test]
fn too_many_comments_make_no_page() {
    let rulebook = rulebook();
    let comment = plain(1, "長い");
    let mut report = Report::new(comment.schema(), Roles::of(comment.schema()));
    for _ in 0..=MOST_COMMENTS {
        report.add(&comment, &Tagging::default());
    }
    let about = About {
        title: "題",
        rulebook: &rulebook,
        tally: &Tally::new(&rulebook),
        quotes: &[],
        manifest: &manifest(),
        selection: &Selection::empty(),
    };
    assert!(report.page(&about).is_none());
}
