//! The data of the page as JSON, short because it is written ten thousand times over: a comment is an array, values
//! of attributes are numbers, and offsets count UTF-16 units, which is what the page's script slices by.
//!
//! The format is between this file and `page/data.js`, which names the fields; nobody else reads it.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use regex::{Captures, Regex};
use rustc_hash::{FxHashMap, FxHasher};
use serde_json::{Value, json};

use super::{About, MOST_COMMENTS};
use crate::classify::Tagging;
use crate::comment::{Comment, Schema, Status};
use crate::manifest::sha256;
use crate::offsets::{Offsets, utf16_units};
use crate::quote::Quote;
use crate::quote::selection::text_hash;
use crate::roles::Roles;

/// The comments so far, serialised.
#[derive(Debug)]
pub(super) struct Corpus {
    questions: Values,
    attributes: Vec<(String, Values)>,
    roles: Roles,
    /// The comments' arrays, each with a comma behind it.
    rows: Vec<u8>,
    count: usize,
    /// Where a comment stands.
    places: FxHashMap<Answer, usize>,
}

/// What tells an answer from others: the number of its row and the column, and, because several inputs number their rows
/// alike, a hash of its id and text.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Answer(u64, usize, u64);

impl Answer {
    fn of(comment: &Comment) -> Self {
        let mut hasher = FxHasher::default();
        (comment.id(), comment.text()).hash(&mut hasher);
        Answer(comment.row().number, comment.text_column(), hasher.finish())
    }
}

/// The values of a column, numbered in order of appearance.
#[derive(Debug, Default)]
struct Values {
    values: Vec<String>,
    numbers: FxHashMap<String, u32>,
}

impl Values {
    fn number(&mut self, value: &str) -> u32 {
        if let Some(&number) = self.numbers.get(value) {
            return number;
        }
        let number = u32::try_from(self.values.len()).expect("one per comment at most");
        self.values.push(value.to_owned());
        self.numbers.insert(value.to_owned(), number);
        number
    }
}

impl Corpus {
    pub(super) fn new(schema: &Schema, roles: Roles) -> Self {
        let attributes =
            schema.attributes.iter().map(|&column| (schema.headers[column].clone(), Values::default()));
        Corpus {
            questions: Values::default(),
            attributes: attributes.collect(),
            roles,
            rows: Vec::new(),
            count: 0,
            places: FxHashMap::default(),
        }
    }

    pub(super) fn is_too_large(&self) -> bool {
        self.count > MOST_COMMENTS
    }

    pub(super) fn add(&mut self, comment: &Comment, tagging: &Tagging) {
        if comment.status() == Status::Empty || self.is_too_large() {
            return;
        }
        let place = self.count;
        self.count += 1;
        if self.is_too_large() {
            // There won't be a page.
            self.rows = Vec::new();
            self.places = FxHashMap::default();
            return;
        }
        let text = comment.text();
        let hash = text_hash(text);
        let question = self.questions.number(comment.question());
        let values = self.attributes.iter_mut().zip(comment.attributes());
        let values: Vec<u32> = values.map(|((_, known), (_, value))| known.number(value.trim())).collect();
        let evidence = tagging.tags.iter().flat_map(|tag| &tag.evidence);
        let offsets = Offsets::new(text, evidence.map(|evidence| evidence.span), utf16_units);
        let tags: Vec<Vec<usize>> = tagging
            .tags
            .iter()
            .map(|tag| {
                let places = tag.evidence.iter().flat_map(|evidence| offsets.of(evidence.span));
                std::iter::once(tag.category.index()).chain(places).collect()
            })
            .collect();
        let is_answered = u8::from(comment.status() == Status::Answered);
        let row = (comment.id(), question, text, hash, is_answered, values, tags);
        serde_json::to_writer(&mut self.rows, &row).expect("strings and numbers, into memory");
        self.rows.push(b',');
        self.places.entry(Answer::of(comment)).or_insert(place);
    }

    /// One JSON object, in parts that follow one another.
    pub(super) fn to_json(&self, about: &About<'_>) -> [Cow<'_, str>; 3] {
        let rows = self.rows.strip_suffix(b",").unwrap_or_default();
        let rows = std::str::from_utf8(rows).expect("JSON is UTF-8");
        let data = json!({
            "title": about.title,
            "store": store(about),
            "run": about.manifest,
            "totals": totals(about),
            "questions": self.questions.values,
            "attributes": self.attributes.iter().map(|(name, values)| (name, &values.values)).collect::<Vec<_>>(),
            "roles": { "place": self.roles.place, "kind": self.roles.kind, "wave": self.roles.wave },
            "categories": categories(about),
            "quotes": about.quotes.iter().filter_map(|quote| self.quote(quote)).collect::<Vec<_>>(),
            "selection": about.selection,
        });
        let mut head = data.to_string();
        // The comments are JSON already, and by far the most of it.
        head.pop();
        head.push_str(",\"comments\":[");
        [inert(&head).into_owned().into(), inert(rows), "]}".into()]
    }

    /// A quote: category, comment, its parts (from, to, from, to, …), the reason, kinds of identifying details, how many
    /// other answers it stands for, ids of their respondents, and where all of them come from. `None` if its comment
    /// isn't shown.
    fn quote(&self, quote: &Quote) -> Option<Value> {
        let comment = &quote.comment;
        let place = self.places.get(&Answer::of(comment))?;
        let offsets = Offsets::new(comment.text(), quote.excerpts.iter().copied(), utf16_units);
        let parts: Vec<usize> = quote.excerpts.iter().flat_map(|&part| offsets.of(part)).collect();
        Some(json!([
            quote.category.index(),
            place,
            parts,
            quote.reason,
            quote.flag_labels(),
            quote.similar,
            quote.merged,
            quote.places
        ]))
    }
}

/// JSON that an HTML parser can't mistake for the end of the script or for a comment. Outside strings there is no `<`.
fn inert(json: &str) -> Cow<'_, str> {
    static TELLING: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("[<\u{2028}\u{2029}]").expect("the expression is well-formed"));
    TELLING.replace_all(json, |found: &Captures<'_>| {
        found[0].chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<String>()
    })
}

/// Under which name the browser keeps an editor's decisions: the same as long as the answers are.
fn store(about: &About<'_>) -> String {
    let inputs: String = about.manifest.inputs.iter().map(|input| format!("{}\n", input.sha256)).collect();
    let mut key = sha256(inputs.as_bytes());
    key.truncate(16);
    key
}

fn totals(about: &About<'_>) -> Value {
    let totals = about.tally.totals();
    let counts =
        [&totals.all, &totals.answered, &totals.nothing, &totals.empty, &totals.tagged, &totals.untagged];
    json!(counts.map(|count| [count.comments(), count.respondents()]))
}

fn categories(about: &About<'_>) -> Value {
    let category = |id| {
        let category = about.rulebook.category(id);
        let count = about.tally.category(id);
        json!([
            category.id,
            category.name,
            category.group,
            category.desc,
            count.comments(),
            count.respondents()
        ])
    };
    about.rulebook.category_ids().map(category).collect()
}
