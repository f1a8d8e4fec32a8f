//! The differences as one page that needs nothing beside it: for reading, printing and mailing.

use std::fmt::Write;

use super::{About, highlights, obstacle, rules, verdict};
use crate::compare::{CategoryChanges, Change, Comparison, Presence};
use crate::evaluate::counts::Counts;

const STYLE: &str = include_str!("style.css");

/// The page. Categories without a change are in the table only.
pub fn to_html(about: &About<'_>, comparison: &Comparison<'_>) -> String {
    let mut page = String::new();
    let [old, new, inputs] = [about.old, about.new, about.inputs].map(escaped);
    let (comments, changed) = (comparison.comments, comparison.changed_comments);
    page += "<!doctype html>\n<html lang=\"ja\">\n<meta charset=\"utf-8\">\n";
    page += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
    page += "<meta name=\"viewport\" content=\"width=device-width\">\n";
    push(&mut page, format_args!("<title>{old} → {new} の違い</title>\n<style>\n{STYLE}</style>\n"));
    push(
        &mut page,
        format_args!(
            "<h1>ルールの違い</h1>\n<p><b>旧</b> {old}　<b>新</b> {new}　<b>回答</b> {inputs}</p>\n"
        ),
    );
    push(&mut page, format_args!("<p>記述 {comments} 件のうち、カテゴリが変わったのは {changed} 件です。"));
    if let Some((before, after)) = comparison.agreement() {
        let (right, wrong) = comparison
            .categories
            .iter()
            .map(CategoryChanges::right_and_wrong)
            .fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        push(
            &mut page,
            format_args!(
                "正解に照らすと、正しい変化が {right}、誤った変化が {wrong}。マイクロ F1 は {} です。",
                f1_change(before, after)
            ),
        );
    }
    page += "</p>\n";
    table(&mut page, comparison);
    for changes in comparison.categories.iter().filter(|changes| changes.is_changed()) {
        section(&mut page, changes);
    }
    page += "</html>\n";
    page
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).expect("a String takes everything");
}

fn table(page: &mut String, comparison: &Comparison<'_>) {
    page.push_str("<table>\n<tr><th>カテゴリ<th>旧<th>新<th>増<th>減<th>変わらず");
    page.push_str(if comparison.has_gold { "<th>正<th>誤<th>F1\n" } else { "\n" });
    for changes in &comparison.categories {
        let name = escaped(&changes.category.name);
        let note = match changes.presence {
            Presence::Both => "",
            Presence::Added => "（新しい）",
            Presence::Removed => "（なくなった）",
        };
        let title = if changes.is_changed() {
            format!("<tr><td><a href=\"#{}\">{name}</a>{note}", escaped(&changes.category.id))
        } else {
            format!("<tr class=\"same\"><td>{name}{note}")
        };
        let (gained, lost) = (changes.gained.len(), changes.lost.len());
        push(
            page,
            format_args!(
                "{title}<td>{}<td>{}<td>{}<td>{}<td>{}",
                changes.before(),
                changes.after(),
                signed('+', gained),
                signed('−', lost),
                changes.unchanged
            ),
        );
        if let Some((before, after)) = changes.agreement {
            let (right, wrong) = changes.right_and_wrong();
            push(page, format_args!("<td>{right}<td>{wrong}<td>{}", f1_change(before, after)));
        }
        page.push('\n');
    }
    page.push_str("</table>\n");
}

fn signed(sign: char, count: usize) -> String {
    if count == 0 { String::new() } else { format!("{sign}{count}") }
}

fn f1_change(before: Counts, after: Counts) -> String {
    let shown = |counts: Counts| counts.f1().map_or("–".to_owned(), |f1| format!("{f1:.3}"));
    let (before, after) = (shown(before), shown(after));
    if before == after { after } else { format!("{before} → {after}") }
}

fn section(page: &mut String, changes: &CategoryChanges<'_>) {
    let (id, name) = (escaped(&changes.category.id), escaped(&changes.category.name));
    push(page, format_args!("<section id=\"{id}\">\n<h2>{name} <small>{id}</small></h2>\n"));
    for (title, class, list) in [("増えた", "gained", &changes.gained), ("減った", "lost", &changes.lost)]
    {
        if list.is_empty() {
            continue;
        }
        push(page, format_args!("<h3>{title} {} 件</h3>\n", list.len()));
        for change in list {
            article(page, class, change);
        }
    }
    page.push_str("</section>\n");
}

fn article(page: &mut String, class: &str, change: &Change<'_>) {
    let judged = match change.is_right {
        Some(true) => " right",
        Some(false) => " wrong",
        None => "",
    };
    push(page, format_args!("<article class=\"{class}{judged}\">\n<header>"));
    let (id, question) = (change.comment.id(), change.comment.question());
    push(page, format_args!("{} <span>{}</span>", escaped(&id), escaped(question)));
    if change.is_right.is_some() {
        push(page, format_args!(" <b>{}</b>", verdict(change.is_right)));
    }
    page.push_str("</header>\n<p>");
    let text = change.comment.text();
    let mut at = 0;
    for place in highlights(change) {
        let (before, inside) = (&text[at..place.start()], &text[place.range()]);
        push(page, format_args!("{}<mark>{}</mark>", escaped(before), escaped(inside)));
        at = place.end();
    }
    push(page, format_args!("{}</p>\n<ul>\n", escaped(&text[at..])));
    let (here, there) = if class == "gained" { ("新", "旧") } else { ("旧", "新") };
    for (rule, condition) in rules(change) {
        push(page, format_args!("<li>{here} {} <code>{}</code>\n", escaped(&rule), escaped(condition)));
    }
    if let Some(near_miss) = &change.obstacle {
        push(page, format_args!("<li>{there} {}\n", escaped(&obstacle(near_miss))));
    }
    page.push_str("</ul>\n</article>\n");
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_text_and_never_markup() {
        assert_eq!(escaped("<b>\"A&B\"</b>"), "&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;");
    }
}
