//! Coding rules for KH Coder, from rule files: what it can say, with blanks around every sign, and a list of the rest.
//!
//! Of the alternatives of a category those that KH Coder can't say are left out one by one; they stand as remarks in
//! the file and in the notices. What KH Coder makes of a condition is `condition`'s business.

mod condition;

use std::collections::BTreeMap;
use std::ops::Range;

use self::condition::Said;
use crate::exchange::Notice;
use crate::matcher::Analyser;
use crate::normalise::normalise;
use crate::rule::expr::{self, Node};
use crate::rule::source::{CategorySource, Located, RuleFile};
use crate::tokenize::Tokenizer;

/// A coding rule file.
#[derive(Debug)]
pub struct Exported {
    /// Its text.
    pub text: String,
    /// How many categories are codes now, and how many could not be written at all.
    pub categories: (usize, usize),
    /// What is missing, and what means something else, with its place in the rule files.
    pub notices: Vec<Notice>,
}

/// Writes the categories of rule files that compile. Spelling variants and parts are written out where they are used.
pub fn export(files: &[RuleFile], tokenizer: &Tokenizer) -> Exported {
    let mut definitions = BTreeMap::new();
    let mut spellings = BTreeMap::new();
    for file in files {
        for variant in &file.variants {
            let forms: Vec<String> =
                std::iter::once(&variant.name).chain(&variant.forms).map(|form| form.text.clone()).collect();
            for form in &forms {
                spellings.insert(normalise(form).text().to_owned(), variant.name.text.clone());
            }
            definitions.insert(variant.name.text.clone(), Definition::Variant(forms));
        }
        for part in &file.parts {
            definitions.insert(part.name.text.clone(), Definition::Part(part.rule.text.clone()));
        }
    }
    let mut exporter = Exporter {
        analyser: Analyser::new(tokenizer),
        definitions,
        spellings,
        written: BTreeMap::new(),
        notices: Vec::new(),
        item: String::new(),
    };
    let (mut text, mut codes, mut lost) = (String::new(), 0, 0);
    for file in files {
        for category in &file.categories {
            exporter.item.clone_from(&category.name.text);
            if exporter.category(category, &file.not, &mut text) {
                codes += 1;
                exporter.written.insert(category.id.text.clone(), category.name.text.clone());
            } else {
                lost += 1;
            }
        }
    }
    Exported { text, categories: (codes, lost), notices: exporter.notices }
}

enum Definition {
    Variant(Vec<String>),
    Part(String),
}

struct Exporter {
    analyser: Analyser,
    definitions: BTreeMap<String, Definition>,
    /// The variant each normalised spelling belongs to.
    spellings: BTreeMap<String, String>,
    /// Names of the categories that are codes already, by id.
    written: BTreeMap<String, String>,
    notices: Vec<Notice>,
    item: String,
}

impl Exporter {
    fn notice(&mut self, at: &Located, range: &Range<usize>, is_lost: bool, text: String) {
        let start = at.place(range).start;
        let before = &at.file.text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        self.notices.push(Notice {
            file: at.file.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            item: self.item.clone(),
            is_lost,
            text,
        });
    }

    /// Appends the code; false if none of its conditions can be said.
    fn category(&mut self, category: &CategorySource, of_file: &[Located], out: &mut String) -> bool {
        let mut said = Vec::new();
        let mut left_out = Vec::new();
        for condition in category.any.iter().chain(&category.rules) {
            let Ok(parsed) = expr::parse(&condition.text) else { continue };
            let alternatives = match &parsed.expr.node {
                Node::Or(operands) => &operands[..],
                _ => std::slice::from_ref(&parsed.expr),
            };
            for alternative in alternatives {
                match self.say(alternative, condition) {
                    Ok(condition) => said.push(condition),
                    Err(reason) => {
                        let written = one_line(&condition.text[alternative.range.clone()]);
                        self.notice(condition, &alternative.range, true, format!("{reason}: {written}"));
                        left_out.push(format!("#  {written}（{reason}）\n"));
                    }
                }
            }
        }
        let exclusions: Vec<&Located> = category.not.iter().chain(of_file).collect();
        let mut denied = Vec::new();
        for &condition in &exclusions {
            let Ok(parsed) = expr::parse(&condition.text) else { continue };
            match self.say(&parsed.expr, condition) {
                Ok(condition) => denied.push(condition.part()),
                Err(reason) => {
                    let written = one_line(&condition.text);
                    self.notice(
                        condition,
                        &(0..condition.text.len()),
                        true,
                        format!("not の条件です。{reason}: {written}"),
                    );
                    left_out.push(format!("#  not {written}（{reason}）\n"));
                }
            }
        }
        if let (Some(&first), false) = (exclusions.first(), denied.is_empty()) {
            let text = "not は、同じ文の根拠だけを取り消します。KH Coder では、単位の全体から外します";
            self.notice(first, &(0..first.text.len()), false, text.to_owned());
        }
        if !left_out.is_empty() {
            out.push_str(&format!("#「{}」のうち、KH Coder では書けないもの\n", category.name.text));
            left_out.iter().for_each(|line| out.push_str(line));
        }
        if said.is_empty() {
            out.push('\n');
            return false;
        }
        out.push_str(&format!("＊{}\n", category.name.text));
        let said = match &said[..] {
            [only] => only.text(),
            several => several.iter().map(Said::part).collect::<Vec<_>>().join("\nor "),
        };
        if denied.is_empty() {
            out.push_str(&format!("{said}\n\n"));
        } else {
            out.push_str(&format!("( {said} )\nand not ( {} )\n\n", denied.join(" or ")));
        }
        true
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
