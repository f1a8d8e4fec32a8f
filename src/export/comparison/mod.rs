//! The results of `jirei diff` as files: CSV and JSON, specified in `docs/output.md`, and a page to read.

mod html;

use serde::Serialize;

use crate::compare::{CategoryChanges, Change, Comparison, Presence};
use crate::diagnostic::Site;
use crate::evaluate::counts::Counts;
use crate::explain::near_miss::{NearMiss, Obstacle};
use crate::export::table::{self, Rows};
use crate::span::{Orig, Span};

pub use html::to_html;

/// Version of the CSV and JSON formats.
pub const SCHEMA: &str = "jirei-diff/1";

/// What was compared, as the user named it.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The rules before.
    pub old: &'a str,
    /// The rules now.
    pub new: &'a str,
    /// The answers, joined by 、 where there are several inputs.
    pub inputs: &'a str,
}

const HEADERS: [&str; 12] = [
    "番号",
    "問",
    "カテゴリ",
    "ID",
    "変化",
    "判定",
    "本文",
    "根拠",
    "ルール",
    "条件",
    "もう一方の足りない所",
    "ルールの場所",
];

/// Between the pieces of one cell.
const SEPARATOR: &str = " / ";

/// Appends the CSV file: a row per comment and category gained or lost.
pub fn write_csv(out: &mut Vec<u8>, comparison: &Comparison<'_>) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    for header in HEADERS {
        rows.cell(header);
    }
    rows.end();
    for changes in &comparison.categories {
        let (gained, lost) = (changes.gained.iter(), changes.lost.iter());
        for (change, word) in gained.map(|change| (change, "増")).chain(lost.map(|change| (change, "減"))) {
            let text = change.comment.text();
            let joined = |pieces: Vec<&str>| pieces.join(SEPARATOR);
            let reasons = || change.reasons.iter();
            let places: Vec<String> = reasons().map(|reason| place(reason.site.as_ref())).collect();
            let cells = [
                &*change.comment.id(),
                change.comment.question(),
                &changes.category.name,
                &changes.category.id,
                word,
                verdict(change.is_right),
                text,
                &joined(reasons().map(|reason| &text[reason.span.range()]).collect()),
                &joined(reasons().map(|reason| &*reason.rule).collect()),
                &joined(reasons().map(|reason| &*reason.condition).collect()),
                &change.obstacle.as_ref().map(obstacle).unwrap_or_default(),
                &places.iter().map(String::as_str).collect::<Vec<_>>().join(SEPARATOR),
            ];
            cells.iter().for_each(|cell| rows.cell(cell));
            rows.end();
        }
    }
}

/// Whether a change is right, in a word; nothing without gold labels.
pub fn verdict(is_right: Option<bool>) -> &'static str {
    match is_right {
        Some(true) => "正",
        Some(false) => "誤",
        None => "",
    }
}

/// What kept the other rulebook from giving the category: rule and reason, in Japanese.
pub fn obstacle(near_miss: &NearMiss) -> String {
    let reason = match &near_miss.obstacle {
        Obstacle::Missing(part) => format!("「{part}」に当たらない"),
        other => other.describe(),
    };
    match &near_miss.rule {
        Some(rule) => format!("{}: {reason}", located(rule, near_miss.site.as_ref())),
        None => reason,
    }
}

/// The rules responsible for `change`, each with the place it is written at, and their conditions.
pub fn rules<'c>(change: &'c Change<'_>) -> Vec<(String, &'c str)> {
    let reasons = change.reasons.iter();
    let mut rules: Vec<(String, &str)> =
        reasons.map(|reason| (located(&reason.rule, reason.site.as_ref()), &*reason.condition)).collect();
    rules.dedup();
    rules
}

/// A rule with the place it is written at, as `pin/2（rules/pin.toml:9）`.
fn located(rule: &str, site: Option<&Site>) -> String {
    site.map_or(rule.to_owned(), |site| format!("{rule}（{site}）"))
}

/// File and line; empty where there is none.
fn place(site: Option<&Site>) -> String {
    site.map_or(String::new(), Site::to_string)
}

/// The places of `change` in its text, ordered and without overlaps, for highlighting.
pub fn highlights(change: &Change<'_>) -> Vec<Span<Orig>> {
    let mut places: Vec<Span<Orig>> = change.reasons.iter().map(|reason| reason.span).collect();
    places.sort_unstable();
    let mut joined: Vec<Span<Orig>> = Vec::new();
    for place in places {
        match joined.last_mut() {
            Some(last) if place.start() < last.end() => {
                *last = Span::new(last.start(), last.end().max(place.end()));
            }
            _ => joined.push(place),
        }
    }
    joined
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    old: &'a str,
    new: &'a str,
    inputs: &'a str,
    comments: usize,
    changed_comments: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    agreement: Option<Agreement>,
    categories: Vec<CategoryObject<'a>>,
}

#[derive(Serialize)]
struct CategoryObject<'a> {
    id: &'a str,
    name: &'a str,
    presence: &'static str,
    before: usize,
    after: usize,
    unchanged: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    agreement: Option<Agreement>,
    gained: Vec<ChangeObject<'a>>,
    lost: Vec<ChangeObject<'a>>,
}

#[derive(Serialize)]
struct Agreement {
    before: Figures,
    after: Figures,
}

#[derive(Serialize)]
struct Figures {
    tp: u64,
    fp: u64,
    #[serde(rename = "fn")]
    fn_: u64,
    f1: Option<f64>,
}

#[derive(Serialize)]
struct ChangeObject<'a> {
    id: std::borrow::Cow<'a, str>,
    question: &'a str,
    text: &'a str,
    evidence: Vec<EvidenceObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    obstacle: Option<ObstacleObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right: Option<bool>,
}

#[derive(Serialize)]
struct EvidenceObject<'a> {
    rule: &'a str,
    condition: &'a str,
    place: String,
    start: usize,
    end: usize,
    text: &'a str,
}

#[derive(Serialize)]
struct ObstacleObject<'a> {
    rule: Option<&'a str>,
    place: String,
    held: Vec<&'a str>,
    reason: String,
}

/// The JSON document, with a line break at its end. Offsets count Unicode scalar values.
pub fn to_json(about: &About<'_>, comparison: &Comparison<'_>) -> Vec<u8> {
    let document = Document {
        schema: SCHEMA,
        old: about.old,
        new: about.new,
        inputs: about.inputs,
        comments: comparison.comments,
        changed_comments: comparison.changed_comments,
        agreement: comparison.agreement().map(agreement_object),
        categories: comparison.categories.iter().map(category_object).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&document).expect("all keys are strings");
    bytes.push(b'\n');
    bytes
}

fn category_object<'a>(changes: &'a CategoryChanges<'_>) -> CategoryObject<'a> {
    CategoryObject {
        id: &changes.category.id,
        name: &changes.category.name,
        presence: match changes.presence {
            Presence::Both => "both",
            Presence::Added => "added",
            Presence::Removed => "removed",
        },
        before: changes.before(),
        after: changes.after(),
        unchanged: changes.unchanged,
        agreement: changes.agreement.map(agreement_object),
        gained: changes.gained.iter().map(change_object).collect(),
        lost: changes.lost.iter().map(change_object).collect(),
    }
}

fn agreement_object((before, after): (Counts, Counts)) -> Agreement {
    let figures = |counts: Counts| Figures {
        tp: counts.tp,
        fp: counts.fp,
        fn_: counts.fn_,
        // Six decimals, as in the results of `jirei eval`.
        f1: counts.f1().map(|f1| (f1 * 1e6).round() / 1e6),
    };
    Agreement { before: figures(before), after: figures(after) }
}

fn change_object<'a>(change: &'a Change<'_>) -> ChangeObject<'a> {
    let text = change.comment.text();
    let scalars = |at: usize| text[..at].chars().count();
    ChangeObject {
        id: change.comment.id(),
        question: change.comment.question(),
        text,
        evidence: change
            .reasons
            .iter()
            .map(|reason| EvidenceObject {
                rule: &reason.rule,
                condition: &reason.condition,
                place: place(reason.site.as_ref()),
                start: scalars(reason.span.start()),
                end: scalars(reason.span.end()),
                text: &text[reason.span.range()],
            })
            .collect(),
        obstacle: change.obstacle.as_ref().map(|near_miss| ObstacleObject {
            rule: near_miss.rule.as_deref(),
            place: place(near_miss.site.as_ref()),
            held: near_miss.held.iter().map(|held| &*held.part).collect(),
            reason: near_miss.obstacle.describe(),
        }),
        right: change.is_right,
    }
}
