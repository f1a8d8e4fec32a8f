//! The layouts that print quotes.

use std::collections::BTreeSet;

use super::Material;
use crate::comment::Comment;
use crate::document::{Block, Column, Table};
use crate::quote::Quote;
use crate::rule::CategoryId;
use crate::statistics::table::percent;

/// Headings of groups, categories below.
pub(super) fn themed(material: &Material<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut group = None;
    for (category, quotes) in by_category(material, material.quotes) {
        let info = material.rulebook.category(category);
        if group != Some(&info.group) && !info.group.is_empty() {
            blocks.push(Block::Heading(1, info.group.clone()));
        }
        group = Some(&info.group);
        blocks.push(Block::Heading(if info.group.is_empty() { 1 } else { 2 }, info.name.clone()));
        blocks.push(Block::Paragraph(statement(material, category, &quotes)));
        if !quotes.is_empty() {
            blocks.push(Block::Table(table(material, &quotes, false)));
        }
    }
    blocks
}

/// Headings of questions, categories below, a list of quotes each.
pub(super) fn by_question(material: &Material<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (question, quotes) in material.by_question {
        let Some(column) = material.questions.column(question) else { continue };
        let sections: Vec<_> = by_category(material, quotes)
            .into_iter()
            .filter(|(category, _)| column.count(*category) > 0)
            .collect();
        if sections.is_empty() {
            continue;
        }
        blocks.push(Block::Heading(1, question.clone()));
        blocks.push(Block::Paragraph(format!(
            "回答のあった記述 {} 件のうち、カテゴリの付いたもの {} 件。",
            column.answered, column.tagged
        )));
        for (category, quotes) in sections {
            let count = column.count(category);
            let name = &material.rulebook.category(category).name;
            let share = percent(count as f64 / column.answered.max(1) as f64);
            blocks.push(Block::Heading(2, format!("{name}（{count} 件、{share} %）")));
            blocks.extend(quotes.iter().map(|quote| Block::Item(with_places(quote, material))));
        }
    }
    blocks
}

/// One numbered table. Answers quoted for several categories stand once.
pub(super) fn numbered(material: &Material<'_>) -> Vec<Block> {
    let rows: Vec<Vec<String>> = match material.answers {
        Some(answers) => answers.iter().map(|answer| answer_row(material, answer)).collect(),
        None => {
            let mut seen = BTreeSet::new();
            let chosen = by_category(material, material.quotes).into_iter().flat_map(|(_, quotes)| quotes);
            let fresh = chosen.filter(|quote| seen.insert((quote.comment.id().into_owned(), quote.text())));
            fresh.map(|quote| quote_row(material, quote, true)).collect()
        }
    };
    if rows.is_empty() {
        return Vec::new();
    }
    let rows: Vec<Vec<String>> = (1..)
        .zip(rows)
        .map(|(number, row)| std::iter::once(number.to_string()).chain(row).collect())
        .collect();
    let mut columns = vec![Column::number("No.", 10)];
    columns.extend(quote_columns(material, true));
    let what = if material.answers.is_some() { "回答" } else { "事例" };
    vec![Block::Paragraph(format!("{what} {} 件。", rows.len())), Block::Table(Table { columns, rows })]
}

/// Headings of the people concerned, categories below.
pub(super) fn by_subject(material: &Material<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut subjects: Vec<&str> = Vec::new();
    for quote in material.quotes {
        if let Some(subject) = &quote.subgroup
            && !subjects.contains(&&**subject)
        {
            subjects.push(subject);
        }
    }
    // In the order of the rulebook, in which their categories stand.
    subjects.sort_by_key(|subject| {
        material.rulebook.categories().iter().position(|category| category.name == **subject)
    });
    for subject in subjects {
        let id = material.rulebook.category_ids().find(|&id| material.rulebook.category(id).name == subject);
        blocks.push(Block::Heading(1, format!("{subject}の事例")));
        if let Some(id) = id {
            blocks.push(Block::Paragraph(statement(material, id, &[])));
        }
        let quotes: Vec<Quote> = material
            .quotes
            .iter()
            .filter(|quote| quote.subgroup.as_deref() == Some(subject) && Some(quote.category) != id)
            .cloned()
            .collect();
        for (category, quotes) in by_category(material, &quotes) {
            if !quotes.is_empty() {
                blocks.push(Block::Heading(2, material.rulebook.category(category).name.clone()));
                blocks.push(Block::Table(table(material, &quotes, false)));
            }
        }
    }
    blocks
}

/// A table per category, without headings where there is only one.
pub(super) fn single(material: &Material<'_>) -> Vec<Block> {
    let sections = by_category(material, material.quotes);
    let is_one = sections.len() == 1;
    let mut blocks = Vec::new();
    for (category, quotes) in sections {
        if !is_one {
            blocks.push(Block::Heading(1, material.rulebook.category(category).name.clone()));
        }
        blocks.push(Block::Paragraph(statement(material, category, &quotes)));
        if !quotes.is_empty() {
            blocks.push(Block::Table(table(material, &quotes, true)));
        }
    }
    blocks
}

/// The categories to report that occur or are quoted, each with its quotes in order.
fn by_category<'m>(material: &Material<'m>, quotes: &'m [Quote]) -> Vec<(CategoryId, Vec<&'m Quote>)> {
    let sections = material.categories.iter().map(|&category| {
        let quotes: Vec<&Quote> = quotes.iter().filter(|quote| quote.category == category).collect();
        (category, quotes)
    });
    sections
        .filter(|(category, quotes)| {
            !quotes.is_empty()
                || (material.tally.category(*category).comments() > 0 && !material.methods.is_chosen_only)
        })
        .collect()
}

/// How many comments a category has, and what follows.
fn statement(material: &Material<'_>, category: CategoryId, quotes: &[&Quote]) -> String {
    let (name, count) = (&material.rulebook.category(category).name, material.tally.category(category));
    let answered = material.tally.totals().answered.comments();
    let share = percent(count.comments() as f64 / answered.max(1) as f64);
    let mut text = format!(
        "「{name}」に当たる記述は {} 件で、回答のあった記述 {answered} 件の {share} %（回答者 {} 人）。",
        count.comments(),
        count.respondents()
    );
    if !quotes.is_empty() && (quotes.len() as u64) < count.comments() {
        text += &format!("そのうち {} 件を示す。", quotes.len());
    }
    text
}

fn table<Q: std::borrow::Borrow<Quote>>(material: &Material<'_>, quotes: &[Q], has_question: bool) -> Table {
    Table {
        columns: quote_columns(material, has_question),
        rows: quotes.iter().map(|quote| quote_row(material, quote.borrow(), has_question)).collect(),
    }
}

/// Place, kind, quote, question: those there are.
fn quote_columns(material: &Material<'_>, has_question: bool) -> Vec<Column> {
    let mut columns = Vec::new();
    // In Japanese, whatever the file calls it.
    let called =
        |name: &str, usual: &'static str| if name.is_ascii() { usual.to_owned() } else { name.to_owned() };
    if let Some(place) = material.place {
        columns.push(Column::text(&called(place, "都道府県"), 15));
    }
    if let Some(kind) = material.kind {
        columns.push(Column::text(&called(kind, "区分"), 16));
    }
    columns.push(Column::text("事例", 69));
    if has_question {
        columns.push(Column::text("問", 12));
    }
    columns
}

fn quote_row(material: &Material<'_>, quote: &Quote, has_question: bool) -> Vec<String> {
    let mut row = Vec::new();
    if let Some(place) = material.place {
        let own = quote.attribute(place);
        row.push(if quote.places.len() > 1 { format!("{own}など") } else { own.to_owned() });
    }
    if let Some(kind) = material.kind {
        row.push(quote.attribute(kind).to_owned());
    }
    let text = quote.text();
    row.push(if quote.places.len() > 1 { with_places(quote, material) } else { text });
    if has_question {
        row.push(quote.comment.question().to_owned());
    }
    row
}

fn answer_row(material: &Material<'_>, answer: &Comment) -> Vec<String> {
    let attributes = material.place.into_iter().chain(material.kind);
    let mut row: Vec<String> =
        attributes.map(|name| answer.attribute(name).unwrap_or_default().to_owned()).collect();
    row.extend([answer.text().to_owned(), answer.question().to_owned()]);
    row
}

/// `顔認証ができない。（愛知県・岐阜県・神奈川県）`
fn with_places(quote: &Quote, material: &Material<'_>) -> String {
    let own = material.place.map(|place| quote.attribute(place)).unwrap_or_default();
    let places = match quote.places.len() {
        0 | 1 => own.to_owned(),
        _ => quote.places.join("・"),
    };
    let text = quote.text();
    if places.trim().is_empty() { text } else { format!("{}（{places}）", text.trim_end()) }
}
