//! What the tests of this folder and of [`crate::tally`] share: three categories, three tables, and tags put on by
//! hand. The only place of these tests that knows how a rulebook is made.

use std::sync::Arc;

use csv::StringRecord;
use rustc_hash::FxHashMap;

use crate::classify::{Evidence, Tag, Tagging};
use crate::comment::{Comment, Row, Schema};
use crate::matcher::needs::Needs;
use crate::matcher::program::{Automaton, Program};
use crate::rule::{Category, CategoryId, RuleId, Rulebook};
use crate::span::{Orig, Span};

/// The code block that follows the line `### title` in the specification of the files.
pub(crate) fn specified(title: &str) -> &'static str {
    let specification = include_str!("../../docs/output.md");
    let (_, section) = specification.split_once(&format!("\n### {title}\n")).expect("the section is there");
    let (_, block) = section.split_once("\n```").expect("it has a block");
    let (_, content) = block.split_once('\n').expect("the block has lines");
    content.split_once("```").expect("the block ends").0
}

/// Three categories, one rule each: face-auth, black-circle, time-lag. It matches nothing: tags come from
/// [`tagging`].
pub(crate) fn rulebook() -> Rulebook {
    let category = |id: &str, name: &str, group: &str| Category {
        id: id.to_owned(),
        name: name.to_owned(),
        group: group.to_owned(),
        desc: String::new(),
    };
    let categories = vec![
        category("face-auth", "顔認証失敗", "認証・機器"),
        category("black-circle", "●表記", "表示"),
        category("time-lag", "タイムラグ", "登録"),
    ];
    let rule_labels = categories.iter().map(|category| format!("{}/1", category.id)).collect();
    Rulebook {
        categories,
        rule_labels,
        queries: Vec::new(),
        program: idle(),
        spellings: Vec::new(),
        sha256: String::new(),
    }
}

/// A program that looks for nothing.
fn idle() -> Program {
    Program {
        automaton: Automaton::new(std::iter::empty()).0,
        patterns: Vec::new(),
        lemmas: FxHashMap::default(),
        surfaces: FxHashMap::default(),
        atom_count: 0,
        ops: Vec::new(),
        regexes: Vec::new(),
        rules: Vec::new(),
        exclusions: Vec::new(),
        rules_of: Vec::new(),
        needs: Needs::default(),
    }
}

/// The category at `index`.
pub(crate) fn category(index: usize) -> CategoryId {
    rulebook().category_ids().nth(index).unwrap()
}

/// The only rule of the category at `index`.
fn rule(index: usize) -> RuleId {
    RuleId(u32::try_from(index).unwrap())
}

/// The first place where `part` stands in `text`.
pub(crate) fn span(text: &str, part: &str) -> Span<Orig> {
    let start = text.find(part).unwrap();
    Span::new(start, start + part.len())
}

/// Categories by index, each with the parts of `text` that are its evidence.
pub(crate) fn tagging(text: &str, categories: &[(usize, &[&str])]) -> Tagging {
    let tag = |&(index, parts): &(usize, &[&str])| {
        let mut evidence: Vec<Evidence> =
            parts.iter().map(|part| Evidence { span: span(text, part), rule: rule(index) }).collect();
        evidence.sort_unstable();
        Tag { category: category(index), evidence }
    };
    Tagging { tags: categories.iter().map(tag).collect() }
}

/// A comment of a table that has the answer's column only.
pub(crate) fn plain(row: u64, text: &str) -> Comment {
    let schema = schema(&["回答"], None, vec![0], None, vec![]);
    Comment::new(schema, cells(row, &[text]), 0)
}

/// A comment of a long table with the columns 番号, 問, 都道府県, 回答.
pub(crate) fn long(id: &str, question: &str, prefecture: &str, text: &str) -> Comment {
    let schema = schema(&["番号", "問", "都道府県", "回答"], Some(0), vec![3], Some(1), vec![2]);
    Comment::new(schema, cells(1, &[id, question, prefecture, text]), 3)
}

/// The two comments of a row of a wide table with the columns タイムラグ (an attribute), 問7, 問13.
pub(crate) fn wide(row: u64, texts: [&str; 2]) -> [Comment; 2] {
    let schema = schema(&["タイムラグ", "問7", "問13"], None, vec![1, 2], None, vec![0]);
    let row = cells(row, &["愛知県", texts[0], texts[1]]);
    [1, 2].map(|column| Comment::new(Arc::clone(&schema), Arc::clone(&row), column))
}

fn schema(
    headers: &[&str],
    id: Option<usize>,
    texts: Vec<usize>,
    question: Option<usize>,
    attributes: Vec<usize>,
) -> Arc<Schema> {
    let headers = headers.iter().map(|&header| header.to_owned()).collect();
    Arc::new(Schema { headers, id, texts, question, attributes, nothing: Vec::new() })
}

fn cells(number: u64, cells: &[&str]) -> Arc<Row> {
    Arc::new(Row { number, cells: StringRecord::from(cells) })
}
