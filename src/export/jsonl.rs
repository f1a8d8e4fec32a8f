//! tagged.jsonl: one JSON object per comment, in input order, for programs that read on.
//!
//! Offsets leave the program here: evidence is kept in bytes and exported in Unicode scalar values, which is what
//! Python, pandas and SQL count in.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::classify::{Evidence, Tag, Tagging};
use crate::comment::Comment;
use crate::offsets::{Offsets, characters};
use crate::rule::Rulebook;

/// Appends the line of `comment`.
pub fn write_comment(out: &mut Vec<u8>, comment: &Comment, tagging: &Tagging, rulebook: &Rulebook) {
    let evidence = tagging.tags.iter().flat_map(|tag| &tag.evidence);
    let offsets = Offsets::new(comment.text(), evidence.map(|evidence| evidence.span), characters);
    let scope = Scope { text: comment.text(), offsets: &offsets, rulebook };
    let line = CommentLine {
        id: comment.id(),
        question: comment.question(),
        text: comment.text(),
        status: comment.status().as_str(),
        attributes: AttributeMap(comment),
        categories: CategoryList(&tagging.tags, scope),
    };
    serde_json::to_writer(&mut *out, &line).expect("a Vec takes every byte, and all keys are strings");
    out.push(b'\n');
}

// The fields below are the schema, in the order of the file. They borrow: nothing is collected per comment.

#[derive(Serialize)]
struct CommentLine<'a> {
    id: Cow<'a, str>,
    question: &'a str,
    text: &'a str,
    status: &'static str,
    attributes: AttributeMap<'a>,
    categories: CategoryList<'a>,
}

#[derive(Serialize)]
struct CategoryLine<'a> {
    id: &'a str,
    name: &'a str,
    evidence: EvidenceList<'a>,
}

#[derive(Serialize)]
struct EvidenceLine<'a> {
    rule: &'a str,
    start: usize,
    end: usize,
    text: &'a str,
}

/// What the inner lists need to know of the comment and its rulebook.
#[derive(Clone, Copy)]
struct Scope<'a> {
    text: &'a str,
    offsets: &'a Offsets,
    rulebook: &'a Rulebook,
}

struct AttributeMap<'a>(&'a Comment);

impl Serialize for AttributeMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.attributes())
    }
}

struct CategoryList<'a>(&'a [Tag], Scope<'a>);

impl Serialize for CategoryList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let CategoryList(tags, scope) = *self;
        serializer.collect_seq(tags.iter().map(|tag| {
            let category = scope.rulebook.category(tag.category);
            CategoryLine {
                id: &category.id,
                name: &category.name,
                evidence: EvidenceList(&tag.evidence, scope),
            }
        }))
    }
}

struct EvidenceList<'a>(&'a [Evidence], Scope<'a>);

impl Serialize for EvidenceList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let EvidenceList(evidence, scope) = *self;
        serializer.collect_seq(evidence.iter().map(|&Evidence { span, rule }| {
            let [start, end] = scope.offsets.of(span);
            EvidenceLine {
                rule: scope.rulebook.rule_label(rule),
                start,
                end,
                text: &scope.text[span.range()],
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{long, plain, rulebook, tagging};

    fn line(comment: &Comment, tagging: &Tagging) -> String {
        let mut out = b"before\n".to_vec();
        write_comment(&mut out, comment, tagging, &rulebook());
        String::from_utf8(out).unwrap().strip_prefix("before\n").unwrap().to_owned()
    }

    #[test]
    fn a_line_holds_the_whole_schema_in_order() {
        let comment = long("012", "問7", "東京都", "顔認証できず、\n\"●\"でした");
        let tagging = tagging(comment.text(), &[(0, &["顔認証できず"]), (1, &["●"])]);
        assert_eq!(
            line(&comment, &tagging),
            concat!(
                r#"{"id":"012","question":"問7","text":"顔認証できず、\n\"●\"でした","status":"answered","#,
                r#""attributes":{"都道府県":"東京都"},"categories":["#,
                r#"{"id":"face-auth","name":"顔認証失敗","evidence":["#,
                r#"{"rule":"face-auth/1","start":0,"end":6,"text":"顔認証できず"}]},"#,
                r#"{"id":"black-circle","name":"●表記","evidence":["#,
                r#"{"rule":"black-circle/1","start":9,"end":10,"text":"●"}]}]}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_comment_that_says_nothing_has_a_line() {
        assert!(
            line(&plain(1, ""), &Tagging::default())
                .contains(r#""status":"empty","attributes":{},"categories":[]}"#)
        );
        assert!(line(&plain(1, "特になし"), &Tagging::default()).contains(r#""status":"nothing""#));
    }

    #[test]
    fn without_an_id_column_the_row_number_is_the_id() {
        assert!(line(&plain(41, "遅い"), &Tagging::default()).starts_with(r#"{"id":"41","#));
    }

    #[test]
    fn offsets_count_scalar_values_however_evidence_overlaps() {
        // 𠮷 is four bytes and two UTF-16 units; か + combining dakuten is two scalar values.
        let text = "𠮷田さんか\u{3099}●で、𠮷も●";
        let tagging =
            tagging(text, &[(0, &["●で、𠮷も●", "も"]), (1, &["𠮷田さんか\u{3099}●", "か\u{3099}"])]);
        let line: serde_json::Value = serde_json::from_str(&line(&plain(1, text), &tagging)).unwrap();
        let scalars: Vec<char> = text.chars().collect();
        let mut seen = 0;
        for category in line["categories"].as_array().unwrap() {
            for evidence in category["evidence"].as_array().unwrap() {
                let offset = |key: &str| usize::try_from(evidence[key].as_u64().unwrap()).unwrap();
                let slice: String = scalars[offset("start")..offset("end")].iter().collect();
                assert_eq!(slice, evidence["text"].as_str().unwrap());
                seen += 1;
            }
        }
        assert_eq!(seen, 4);
    }
}
