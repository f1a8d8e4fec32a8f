//! The representative quotes as CSV, JSONL and Markdown, with the places they come from.
//!
//! What represents a category, and why, is decided by [`crate::quote`]; this file only lays it out.

use std::borrow::Cow;

use serde::Serialize;

use crate::comment::Schema;
use crate::document::markdown::escape;
use crate::export::table::{self, Rows};
use crate::quote::Quote;
use crate::quote::selection::text_hash;
use crate::rule::Rulebook;
use crate::span::{Orig, Span};

/// Appends a whole CSV file, quotes in the order given. `schema` says which attributes have a column.
pub fn write(out: &mut Vec<u8>, quotes: &[Quote], schema: &Schema, rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    let attributes: Vec<&str> =
        schema.attributes.iter().map(|&column| schema.headers[column].as_str()).collect();
    let has_subgroups = quotes.iter().any(|quote| quote.subgroup.is_some());
    for header in headers(&attributes, has_subgroups) {
        rows.cell(&header);
    }
    rows.end();
    for quote in quotes {
        rows.cell(&rulebook.category(quote.category).name);
        if has_subgroups {
            rows.cell(quote.subgroup.as_deref().unwrap_or_default());
        }
        rows.raw(quote.rank.to_string().as_bytes());
        rows.cell(&quote.text());
        rows.cell(&quote.comment.id());
        rows.cell(quote.comment.question());
        for attribute in &attributes {
            // By name: with several inputs, a comment's own schema may lack the column or have it elsewhere.
            rows.cell(quote.attribute(attribute));
        }
        rows.raw(quote.similar.to_string().as_bytes());
        rows.cell(&quote.places.join("・"));
        rows.cell(&quote.flag_labels().join("・"));
        rows.cell(&quote.reason);
        rows.end();
    }
}

const BEFORE_ATTRIBUTES: [&str; 5] = ["カテゴリ", "順位", "引用", "番号", "問"];
const AFTER_ATTRIBUTES: [&str; 4] = ["同様の件数", "地域", "注意", "選んだ理由"];

fn headers(attributes: &[&str], has_subgroups: bool) -> Vec<String> {
    let mut ours = BEFORE_ATTRIBUTES.to_vec();
    if has_subgroups {
        ours.insert(1, "内訳");
    }
    let before = ours.len();
    ours.extend(AFTER_ATTRIBUTES);
    let mut headers = table::distinct_from(attributes.iter().copied(), ours.into_iter());
    headers.splice(before..before, attributes.iter().map(|&name| name.to_owned()));
    headers
}

// The fields below are the schema of the JSONL, in the order of the file.

#[derive(Serialize)]
struct QuoteLine<'a> {
    category: &'a str,
    category_name: &'a str,
    subgroup: Option<&'a str>,
    rank: usize,
    id: Cow<'a, str>,
    question: &'a str,
    attributes: Attributes<'a>,
    quote: String,
    ranges: Vec<(usize, usize)>,
    hash: String,
    reason: &'a str,
    flags: Vec<FlagLine>,
    merged: &'a [String],
    similar: usize,
    places: &'a [String],
    score: f64,
    is_pinned: bool,
    is_masked: bool,
}

struct Attributes<'a>(&'a Quote);

impl Serialize for Attributes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.comment.attributes().map(|(name, _)| (name, self.0.attribute(name))))
    }
}

#[derive(Serialize)]
struct FlagLine {
    kind: &'static str,
    start: Option<usize>,
    end: Option<usize>,
}

/// Appends one line per quote, in the order given.
pub fn write_jsonl(out: &mut Vec<u8>, quotes: &[Quote], rulebook: &Rulebook) {
    for quote in quotes {
        let category = rulebook.category(quote.category);
        let text = quote.comment.text();
        let chars = |byte: usize| text[..byte].chars().count();
        let ends = |span: Span<Orig>| (chars(span.start()), chars(span.end()));
        let line = QuoteLine {
            category: &category.id,
            category_name: &category.name,
            subgroup: quote.subgroup.as_deref(),
            rank: quote.rank,
            id: quote.comment.id(),
            question: quote.comment.question(),
            attributes: Attributes(quote),
            quote: quote.text(),
            ranges: quote.excerpts.iter().map(|&part| ends(part)).collect(),
            hash: text_hash(text),
            reason: &quote.reason,
            flags: quote
                .flags
                .iter()
                .map(|flag| FlagLine {
                    kind: flag.kind.id(),
                    start: flag.span.map(|span| ends(span).0),
                    end: flag.span.map(|span| ends(span).1),
                })
                .collect(),
            merged: &quote.merged,
            similar: quote.similar,
            places: &quote.places,
            score: (quote.score * 1e4).round() / 1e4,
            is_pinned: quote.is_pinned,
            is_masked: quote.is_masked,
        };
        serde_json::to_writer(&mut *out, &line).expect("a Vec takes every byte, and all keys are strings");
        out.push(b'\n');
    }
}

/// Appends a Markdown document as survey reports print it: a heading per category (and subgroup), a numbered list of
/// quotes, each with its places, and with the attributes called `attributes` where it stands for itself.
pub fn write_markdown(out: &mut Vec<u8>, quotes: &[Quote], attributes: &[String], rulebook: &Rulebook) {
    let mut document = String::new();
    let mut previous: Option<&Quote> = None;
    for quote in quotes {
        if previous.is_none_or(|previous| previous.category != quote.category) {
            let gap = if document.is_empty() { "" } else { "\n" };
            document.push_str(&format!("{gap}## {}\n\n", escape(&rulebook.category(quote.category).name)));
        }
        let is_new = previous.is_none_or(|previous| {
            (previous.category, &previous.subgroup) != (quote.category, &quote.subgroup)
        });
        if let Some(subgroup) = quote.subgroup.as_deref().filter(|_| is_new) {
            let gap = if document.ends_with("\n\n") { "" } else { "\n" };
            document.push_str(&format!("{gap}### {}\n\n", escape(subgroup)));
        }
        let origin = if quote.places.len() > 1 {
            quote.places.clone()
        } else {
            let values = attributes.iter().map(|name| quote.attribute(name).trim().to_owned());
            values.filter(|value| !value.is_empty()).collect()
        };
        document.push_str(&format!("{}. {}", quote.rank, escape(&quote.text())));
        if !origin.is_empty() {
            document.push_str(&format!("（{}）", escape(&origin.join("・"))));
        }
        document.push('\n');
        previous = Some(quote);
    }
    out.extend_from_slice(document.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{long, plain, rulebook, span};
    use crate::quote::fixture::quote;
    use crate::quote::{Flag, Kind};

    fn quotes() -> (Vec<Quote>, Schema) {
        let comment = long("012", "問7", "東京都", "顔認証できず。山田さんは困った。\n再起動した");
        let parts = vec![span(comment.text(), "顔認証できず。山田さんは困った。")];
        let mut first = quote(0, 1, &comment, parts);
        first.flags = vec![Flag { kind: Kind::Person, span: Some(span(comment.text(), "山田")) }];
        first.is_masked = true;
        first.merged = vec!["013".to_owned(), "020".to_owned()];
        first.similar = 2;
        first.places = vec!["東京都".to_owned(), "愛知県".to_owned()];
        let elsewhere = plain(5, "-●\n*2*");
        let second = quote(1, 2, &elsewhere, vec![span(elsewhere.text(), "-●\n*2*")]);
        (vec![first, second], comment.schema().clone())
    }

    #[test]
    fn quotes_carry_their_row_and_their_reason() {
        let (quotes, schema) = quotes();
        let mut out = Vec::new();
        write(&mut out, &quotes, &schema, &rulebook());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                "\u{feff}カテゴリ,順位,引用,番号,問,都道府県,同様の件数,地域,注意,選んだ理由\r\n",
                "顔認証失敗,1,顔認証できず。〔氏名〕さんは困った。,012,問7,東京都,2,東京都・愛知県,氏名,このカテゴリの記述に多い言い方\r\n",
                "●表記,2,\"'-●\n*2*\",5,回答,,0,,,このカテゴリの記述に多い言い方\r\n",
            )
        );
    }

    #[test]
    fn markdown_is_what_reports_print() {
        let (mut quotes, _) = quotes();
        let attributes = ["都道府県".to_owned()];
        let mut out = Vec::new();
        write_markdown(&mut out, &quotes, &attributes, &rulebook());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "## 顔認証失敗\n\n1. 顔認証できず。〔氏名〕さんは困った。（東京都・愛知県）\n\n## ●表記\n\n2. -●<br>\\*2\\*\n"
        );
        quotes[0].places.truncate(1);
        quotes.truncate(1);
        quotes[0].subgroup = Some("病院".to_owned());
        let mut out = Vec::new();
        write_markdown(&mut out, &quotes, &attributes, &rulebook());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "## 顔認証失敗\n\n### 病院\n\n1. 顔認証できず。〔氏名〕さんは困った。（東京都）\n"
        );
    }

    #[test]
    fn attributes_keep_their_names() {
        assert_eq!(
            headers(&["問", "区分"], true),
            [
                "カテゴリ",
                "内訳",
                "順位",
                "引用",
                "番号",
                "問（jirei）",
                "問",
                "区分",
                "同様の件数",
                "地域",
                "注意",
                "選んだ理由"
            ]
        );
    }
}
