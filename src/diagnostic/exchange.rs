//! Diagnostics for other programs: JSON, and SARIF 2.1.0 (OASIS standard), which code hosts and editors show in place.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Diagnostic, Kind, Severity, Site};

/// A diagnostic as JSON. Lines and columns count from 1; columns count characters; the end is exclusive.
#[derive(Debug, Serialize)]
struct View<'d> {
    id: &'static str,
    severity: &'static str,
    title: &'d str,
    file: &'d str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    excerpt: &'d str,
    related: Option<RelatedView<'d>>,
    notes: Vec<String>,
    mend: &'d str,
}

#[derive(Debug, Serialize)]
struct RelatedView<'d> {
    label: &'d str,
    file: &'d str,
    line: usize,
    column: usize,
}

fn severity(kind: Kind) -> &'static str {
    match kind.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// First and last line and column, from 1, the last exclusive.
fn region(site: &Site) -> [usize; 4] {
    let (line, column) = site.line_column();
    let (end_line, end_column) = super::line_column(&site.file.text, site.range.end);
    [line, column, end_line, end_column]
}

/// A JSON array with an object for each diagnostic, in their order.
pub fn json(diagnostics: &[Diagnostic]) -> String {
    let views: Vec<View<'_>> = diagnostics
        .iter()
        .map(|found| {
            let [line, column, end_line, end_column] = region(&found.site());
            View {
                id: found.kind.id(),
                severity: severity(found.kind),
                title: &found.title,
                file: &found.file.name,
                line,
                column,
                end_line,
                end_column,
                excerpt: found.file.text.get(found.range.clone()).unwrap_or_default(),
                related: found.related.as_ref().map(|(site, label)| {
                    let (line, column) = site.line_column();
                    RelatedView { label, file: &site.file.name, line, column }
                }),
                notes: found.notes.iter().map(ToString::to_string).collect(),
                mend: &found.mend,
            }
        })
        .collect();
    serde_json::to_string_pretty(&views).expect("all keys are strings")
}

/// A SARIF log of one run, with the manual of the kinds that were found.
pub fn sarif(diagnostics: &[Diagnostic], version: &str) -> String {
    let mut kinds: Vec<Kind> = diagnostics.iter().map(|found| found.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let rules: Vec<Value> = kinds
        .iter()
        .map(|kind| {
            json!({
                "id": kind.id(),
                "name": format!("{kind:?}"),
                "shortDescription": { "text": kind.title() },
                "help": { "text": kind.page(), "markdown": kind.page() },
                "defaultConfiguration": { "level": severity(*kind) },
            })
        })
        .collect();
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|found| {
            let mut message = found.title.clone();
            for note in &found.notes {
                message = format!("{message}\n{note}");
            }
            if !found.mend.is_empty() {
                message = format!("{message}\n直し方: {}", found.mend);
            }
            let mut result = json!({
                "ruleId": found.kind.id(),
                "ruleIndex": kinds.binary_search(&found.kind).unwrap_or_default(),
                "level": severity(found.kind),
                "message": { "text": message },
                "locations": [{ "physicalLocation": location(&found.site()) }],
            });
            if let Some((site, label)) = &found.related {
                result["relatedLocations"] =
                    json!([{ "message": { "text": label }, "physicalLocation": location(site) }]);
            }
            result
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "jirei", "version": version, "language": "ja", "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}")
}

fn location(site: &Site) -> Value {
    let [line, column, end_line, end_column] = region(site);
    json!({
        "artifactLocation": { "uri": uri(&site.file.name) },
        "region": {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": end_column,
            "snippet": { "text": site.file.text.get(site.range.clone()).unwrap_or_default() },
        },
    })
}

/// A file's name as a relative reference (RFC 3986): everything but letters, digits and a few signs escaped.
fn uri(name: &str) -> String {
    let mut out = String::new();
    for byte in name.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte.into());
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::SourceFile;

    fn found() -> Vec<Diagnostic> {
        let text = "any = ['顔', '顔']\n".to_owned();
        let file = Arc::new(SourceFile { name: "表 1.toml".to_owned(), text });
        let first = Site { file: Arc::clone(&file), range: 7..12 };
        let twice = Diagnostic::new(Kind::RepeatedTerm, &file, 14..19, "「顔」は同じです");
        vec![twice.related(first, "はじめの").mend("消してください")]
    }

    #[test]
    fn json_says_where_in_characters() {
        let written: Value = serde_json::from_str(&json(&found())).unwrap();
        let [only] = &written.as_array().unwrap()[..] else { panic!("one diagnostic") };
        assert_eq!((&only["id"], &only["severity"]), (&json!("W105"), &json!("warning")));
        let place = ["line", "column", "end_line", "end_column"].map(|key| only[key].as_u64().unwrap());
        assert_eq!(place, [1, 13, 1, 16]);
        assert_eq!((&only["excerpt"], &only["related"]["column"]), (&json!("'顔'"), &json!(8)));
    }

    #[test]
    fn sarif_has_what_the_standard_demands() {
        let log: Value = serde_json::from_str(&sarif(&found(), "1")).unwrap();
        let run = &log["runs"][0];
        let result = &run["results"][0];
        assert_eq!(log["version"], "2.1.0");
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "%E8%A1%A8%201.toml");
        assert_eq!(place["region"]["startColumn"], 13);
        assert!(result["message"]["text"].as_str().unwrap().contains("直し方"));
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "はじめの");
    }
}
