//! The editor's desk: one HTML page that holds a tagged corpus and everything needed to read, choose and correct it.
//!
//! A [`Report`] takes the comments of a run in input order and makes the page at the end. The page is built from the
//! files in `page/`; what answers say goes into it as data only (`data`), and a content security policy admits
//! exactly the page's own script and style, by their hashes (`policy`). The script puts text into the page as text
//! nodes and never as HTML. The page depends on the run alone: no clock, no random key.

mod data;
mod policy;

use crate::classify::Tagging;
use crate::comment::{Comment, Schema};
use crate::manifest::Manifest;
use crate::quote::Quote;
use crate::quote::selection::Selection;
use crate::roles::Roles;
use crate::rule::Rulebook;
use crate::tally::Tally;

/// Comments beyond which there is no page: browsers take seconds to open it, and mail won't carry it.
pub const MOST_COMMENTS: usize = 100_000;

/// The page around script, style and data.
const PAGE: &str = include_str!("page/page.html");

const STYLE: &str = concat!(
    include_str!("page/base.css"),
    include_str!("page/overview.css"),
    include_str!("page/reading.css"),
    include_str!("page/basket.css"),
    include_str!("page/print.css"),
);

/// In the order of what needs what; all share one scope.
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("page/data.js"),
    include_str!("page/text.js"),
    include_str!("page/dom.js"),
    include_str!("page/address.js"),
    include_str!("page/filter.js"),
    include_str!("page/desk.js"),
    include_str!("page/files.js"),
    include_str!("page/overview.js"),
    include_str!("page/card.js"),
    include_str!("page/reading.js"),
    include_str!("page/basket.js"),
    include_str!("page/correction.js"),
    include_str!("page/keys.js"),
    include_str!("page/main.js"),
    "})();\n",
);

/// A report in the making.
#[derive(Debug)]
pub struct Report {
    corpus: data::Corpus,
}

/// What the page says about the run it shows.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Heading of the page.
    pub title: &'a str,
    /// The categories.
    pub rulebook: &'a Rulebook,
    /// Their counts.
    pub tally: &'a Tally,
    /// The representative quotes, by category and rank.
    pub quotes: &'a [Quote],
    /// Inputs, rules and options, and the accounting.
    pub manifest: &'a Manifest,
    /// What an editor has decided before.
    pub selection: &'a Selection,
}

impl Report {
    /// Nothing in it yet.
    pub fn new(schema: &Schema, roles: Roles) -> Self {
        Report { corpus: data::Corpus::new(schema, roles) }
    }

    /// Whether there are more than [`MOST_COMMENTS`] comments to show.
    pub fn is_too_large(&self) -> bool {
        self.corpus.is_too_large()
    }

    /// Adds the next comment of the input. Empty ones are counted by the tally and not shown.
    pub fn add(&mut self, comment: &Comment, tagging: &Tagging) {
        self.corpus.add(comment, tagging);
    }

    /// The page, or `None` if there are more than [`MOST_COMMENTS`] comments to show.
    pub fn page(&self, about: &About<'_>) -> Option<Vec<u8>> {
        if self.is_too_large() {
            return None;
        }
        Some(assemble(about.title, &self.corpus.to_json(about)))
    }
}

/// Puts the parts into their places in the page, `data` being JSON in pieces. Texts may hold anything, also the names of
/// places: each is put in once, from the front.
fn assemble(title: &str, data: &[impl AsRef<str>]) -> Vec<u8> {
    let title = escaped(title);
    let policy = policy::policy(SCRIPT, STYLE);
    let data: Vec<&str> = data.iter().map(AsRef::as_ref).collect();
    let parts: [(&str, &[&str]); 5] = [
        ("{{policy}}", &[&policy]),
        ("{{title}}", &[&title]),
        ("{{style}}", &[STYLE]),
        ("{{data}}", &data),
        ("{{script}}", &[SCRIPT]),
    ];
    let length = parts.iter().flat_map(|(_, part)| *part).map(|piece| piece.len()).sum::<usize>();
    let mut page = Vec::with_capacity(PAGE.len() + length);
    let mut rest = PAGE;
    for (place, part) in parts {
        let (before, after) = rest.split_once(place).expect("the page names its parts in this order");
        page.extend_from_slice(before.as_bytes());
        part.iter().for_each(|piece| page.extend_from_slice(piece.as_bytes()));
        rest = after;
    }
    page.extend_from_slice(rest.as_bytes());
    page
}

/// For text between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
