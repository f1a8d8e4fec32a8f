//! The files of a run: `docs/output.md` specifies them, this folder writes them.
//!
//! The writers of CSV and JSON append to a `Vec<u8>` and so cannot fail: workers serialise their own batch, and whoever
//! puts the batches in order ([`crate::pipeline`]) hands the bytes to a [`crate::publish::Draft`]. The workbook
//! ([`xlsx`]) and Parquet ([`mod@parquet`]) are written on the thread that puts them in order.

pub mod comparison;
pub mod concordance;
pub mod coverage;
pub mod csv;
pub mod disagreements;
pub mod evaluation;
#[cfg(test)]
pub(crate) mod fixture;
pub mod jsonl;
pub mod merged;
pub mod parquet;
pub mod quotes;
pub mod rejected;
pub mod statistics;
pub mod suggestions;
pub mod summary;
pub(crate) mod table;
pub mod uncovered;
pub mod xlsx;

pub(crate) use table::restored;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Tagging;
    use crate::comment::Comment;
    use crate::manifest::{FileDigest, Manifest};
    use crate::quote::fixture::quote;
    use crate::tally::Tally;
    use fixture::{long, rulebook, span, specified, tagging};

    fn comments() -> Vec<(Comment, Tagging)> {
        let tagged = |comment: Comment, categories: &[(usize, &[&str])]| {
            let tagging = tagging(comment.text(), categories);
            (comment, tagging)
        };
        vec![
            tagged(
                long("012", "問7", "東京都", "顔認証できず、名前も●でした。"),
                &[(0, &["顔認証できず"]), (1, &["名前も●"])],
            ),
            tagged(long("013", "問7", "-", "特になし"), &[]),
            tagged(long("012", "問13", "東京都", "𠮷の字が\n\"●\"になる"), &[(1, &["●"])]),
            tagged(long("014", "問13", "愛知県", ""), &[]),
            tagged(long("015", "問13", "岐阜県", "=受付が混む"), &[]),
        ]
    }

    #[test]
    fn the_examples_of_the_specification_are_what_is_written() {
        let (rulebook, comments) = (rulebook(), comments());
        let schema = comments[0].0.schema();
        let mut tally = Tally::new(&rulebook);
        let [mut jsonl, mut csv, mut summary, mut quotes] = [const { Vec::new() }; 4];
        csv::write_header(&mut csv, schema, &rulebook, csv::Separator::Comma);
        for (comment, tagging) in &comments {
            jsonl::write_comment(&mut jsonl, comment, tagging, &rulebook);
            csv::write_comment(&mut csv, comment, tagging, &rulebook, csv::Separator::Comma);
            tally.add(comment, tagging);
        }
        let quoted = &comments[0].0;
        let quote = quote(0, 1, quoted, vec![span(quoted.text(), "顔認証できず、名前も●でした。")]);
        summary::write(&mut summary, &tally, &rulebook);
        let mut quote_lines = Vec::new();
        quotes::write_jsonl(&mut quote_lines, std::slice::from_ref(&quote), &rulebook);
        assert_eq!(String::from_utf8(quote_lines).unwrap(), specified("quotes.jsonl"));
        quotes::write(&mut quotes, &[quote], schema, &rulebook);

        let files =
            [("tagged.csv", csv), ("tagged.jsonl", jsonl), ("quotes.csv", quotes), ("summary.csv", summary)];
        for (name, written) in &files {
            // The specification shows neither the byte order mark nor the kind of line ends.
            let shown =
                std::str::from_utf8(written).unwrap().trim_start_matches('\u{feff}').replace("\r\n", "\n");
            assert_eq!(shown, specified(name), "{name}");
        }

        let manifest: Manifest = serde_json::from_str(specified("manifest.json")).unwrap();
        assert_eq!(String::from_utf8(manifest.to_json()).unwrap(), specified("manifest.json"));
        assert_eq!(manifest.accounting, tally.accounting());
        let outputs = files.map(|(name, written)| FileDigest::of_reader(name, written.as_slice()).unwrap());
        assert_eq!(manifest.outputs, outputs);
    }
}
