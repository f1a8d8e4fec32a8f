//! quotes.csv: the representative quotes of every category, with the places they come from.
//!
//! What represents a category, and why, is decided by [`crate::quote`]; this file only lays it out.

use crate::comment::Schema;
use crate::export::table::{self, Rows};
use crate::quote::Quote;
use crate::rule::Rulebook;

/// Appends the whole file, quotes in the order given. `schema` says which attributes have a column.
pub fn write(out: &mut Vec<u8>, quotes: &[Quote], schema: &Schema, rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    let attributes: Vec<&str> =
        schema.attributes.iter().map(|&column| schema.headers[column].as_str()).collect();
    for header in headers(&attributes) {
        rows.cell(&header);
    }
    rows.end();
    for quote in quotes {
        rows.cell(&rulebook.category(quote.category).name);
        rows.raw(quote.rank.to_string().as_bytes());
        rows.cell(&quote.text());
        rows.cell(&quote.comment.id());
        rows.cell(quote.comment.question());
        for attribute in &attributes {
            // By name: with several inputs, a comment's own schema may lack the column or have it elsewhere.
            rows.cell(quote.comment.attribute(attribute).unwrap_or_default());
        }
        rows.cell(&quote.reason);
        rows.end();
    }
}

fn headers(attributes: &[&str]) -> Vec<String> {
    let ours = ["カテゴリ", "順位", "引用", "番号", "問", "選んだ理由"];
    let mut headers = table::distinct_from(attributes.iter().copied(), ours.into_iter());
    let before_reason = headers.len() - 1;
    headers.splice(before_reason..before_reason, attributes.iter().map(|&name| name.to_owned()));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, long, plain, rulebook, span};

    #[test]
    fn quotes_carry_their_row_and_their_reason() {
        let comment = long("012", "問7", "東京都", "顔認証できず。困った。\n再起動した");
        let excerpts = vec![span(comment.text(), "顔認証できず。")];
        let schema = comment.schema().clone();
        let elsewhere = plain(5, "-●");
        let quotes = [
            Quote { category: category(0), rank: 1, comment, excerpts, reason: "典型的".to_owned() },
            Quote {
                category: category(1),
                rank: 2,
                excerpts: vec![span(elsewhere.text(), "-●")],
                comment: elsewhere,
                reason: "短く、読みやすい".to_owned(),
            },
        ];
        let mut out = Vec::new();
        write(&mut out, &quotes, &schema, &rulebook());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                "\u{feff}カテゴリ,順位,引用,番号,問,都道府県,選んだ理由\r\n",
                "顔認証失敗,1,顔認証できず。,012,問7,東京都,典型的\r\n",
                "●表記,2,'-●,5,回答,,短く、読みやすい\r\n",
            )
        );
    }

    #[test]
    fn attributes_keep_their_names() {
        assert_eq!(
            headers(&["問", "区分"]),
            ["カテゴリ", "順位", "引用", "番号", "問（jirei）", "問", "区分", "選んだ理由"]
        );
    }
}
