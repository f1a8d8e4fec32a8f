//! A rule file as values and remarks, for writing it in another form.
//!
//! Remarks (`# …`) belong to what they stand beside, or else to what follows them. Blank lines and the order of keys are
//! not kept; everything else is.

use std::collections::BTreeMap;

use super::draft::{Category, File, Table, Value};
use crate::rule::source::{CategorySource, Located, RuleFile};

/// The content of a rule file. Line breaks become LF.
pub fn from_rules(rules: &RuleFile) -> File {
    let text = &rules.file.text;
    let header = |values: &[&Located]| {
        let first = values.iter().map(|value| value.range.start).min().unwrap_or(0);
        text[..first].rfind("[[").unwrap_or(first)
    };
    let mut tables: Vec<(usize, Found<'_>)> = Vec::new();
    tables.extend(rules.categories.iter().map(|found| (found.header.start, Found::Category(found))));
    for variant in &rules.variants {
        let values: Vec<&Located> = std::iter::once(&variant.name).chain(&variant.forms).collect();
        tables.push((header(&values), Found::Variant(&variant.name, &variant.forms)));
    }
    for part in &rules.parts {
        tables.push((header(&[&part.name, &part.rule]), Found::Part(&part.name, &part.rule)));
    }
    for case in &rules.cases {
        let values: Vec<&Located> = std::iter::once(&case.text).chain(&case.expect).collect();
        tables.push((header(&values), Found::Case(&case.text, &case.expect, case.exact)));
    }
    tables.sort_by_key(|(at, _)| *at);

    // An `allow` belongs to the table it stands in.
    let mut allowed: Vec<Vec<&Located>> = vec![Vec::new(); tables.len() + 1];
    for id in rules.allow.iter().flat_map(|allow| &allow.ids) {
        allowed[tables.partition_point(|&(at, _)| at <= id.range.start)].push(id);
    }
    let mut items: Vec<(usize, usize)> = tables.iter().map(|&(at, _)| (at, at)).collect();
    items.extend(rules.not.iter().map(|value| (value.range.start, value.range.end)));
    for (_, found) in &tables {
        items.extend(found.values().map(|value| (value.range.start, value.range.end)));
    }
    items.extend(allowed.iter().flatten().map(|id| (id.range.start, id.range.end)));
    items.sort_unstable();
    let mut remarks = Remarks::of(text, &items);

    // A group that all of the file shares is the file's.
    let mut groups = rules.categories.iter().map(|category| &*category.group);
    let first = groups.next().unwrap_or_default();
    let group = if groups.all(|group| group == first) { first } else { "" };
    let not = remarks.values(&rules.not);
    let mut group_value = Value::from(group);
    let allow = allowed[0].iter().map(|id| remarks.joined(id, &mut group_value.remark).text).collect();
    let tables = tables
        .iter()
        .zip(&allowed[1..])
        .map(|((at, found), allowed)| found.table(*at, group, allowed, &mut remarks))
        .collect();
    File { remark: String::new(), group: group_value, not, allow, tables, end: remarks.end }
}

/// A table as read.
enum Found<'f> {
    Category(&'f CategorySource),
    Variant(&'f Located, &'f [Located]),
    Part(&'f Located, &'f Located),
    Case(&'f Located, &'f [Located], bool),
}

impl Found<'_> {
    fn values(&self) -> impl Iterator<Item = &Located> {
        let values: Vec<&Located> = match self {
            Found::Category(found) => [&found.id, &found.name]
                .into_iter()
                .chain(
                    [&found.any, &found.rules, &found.not, &found.ok, &found.ng, &found.todo_ok]
                        .into_iter()
                        .flatten(),
                )
                .collect(),
            Found::Variant(name, forms) => std::iter::once(*name).chain(*forms).collect(),
            Found::Part(name, rule) => vec![name, rule],
            Found::Case(text, expect, _) => std::iter::once(*text).chain(*expect).collect(),
        };
        values.into_iter()
    }

    fn table(&self, at: usize, group: &str, allowed: &[&Located], remarks: &mut Remarks) -> Table {
        // What has no cell of its own in a table belongs to the whole.
        let mut remark = remarks.take(at);
        let mut bare = |value: &Located, remarks: &mut Remarks| remarks.joined(value, &mut remark);
        let allow = |bare: &mut dyn FnMut(&Located, &mut Remarks) -> Value, remarks: &mut Remarks| {
            allowed.iter().map(|id| bare(id, remarks).text).collect()
        };
        match self {
            Found::Category(found) => {
                let (id, name) = (bare(&found.id, remarks), bare(&found.name, remarks));
                let own_group = if found.group == group { "" } else { &found.group };
                Table::Category(Box::new(Category {
                    id,
                    name,
                    group: Value::from(own_group),
                    desc: Value::from(&*found.desc.replace("\r\n", "\n")),
                    any: remarks.values(&found.any),
                    rules: remarks.values(&found.rules),
                    not: remarks.values(&found.not),
                    ok: remarks.values(&found.ok),
                    ng: remarks.values(&found.ng),
                    todo_ok: remarks.values(&found.todo_ok),
                    allow: allow(&mut bare, remarks),
                    remark,
                }))
            }
            Found::Variant(name, forms) => {
                let (name, allow) = (bare(name, remarks), allow(&mut bare, remarks));
                Table::Variant { name, forms: remarks.values(forms), allow, remark }
            }
            Found::Part(name, rule) => {
                let (name, rule) = (bare(name, remarks), bare(rule, remarks));
                Table::Part { name, rule, allow: allow(&mut bare, remarks), remark }
            }
            Found::Case(text, expect, exact) => {
                let text = bare(text, remarks);
                let expect = expect.iter().map(|id| bare(id, remarks)).collect();
                Table::Case { text, expect, exact: *exact, allow: allow(&mut bare, remarks), remark }
            }
        }
    }
}

/// The remarks of a file, by the start of what they belong to.
struct Remarks {
    of: BTreeMap<usize, String>,
    /// Those behind everything.
    end: String,
}

impl Remarks {
    /// Finds the remarks in `text`, whose `items` are ordered ranges.
    fn of(text: &str, items: &[(usize, usize)]) -> Self {
        let mut remarks = Remarks { of: BTreeMap::new(), end: String::new() };
        for (at, remark) in find(text) {
            let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
            let next = items.partition_point(|&(start, _)| start < at);
            let beside = items[..next].last().filter(|&&(start, end)| end > start && end > line);
            let remark = remark.strip_prefix(' ').unwrap_or(remark).trim_end();
            match beside.or_else(|| items.get(next)) {
                Some((start, _)) => join(remarks.of.entry(*start).or_default(), remark),
                None => join(&mut remarks.end, remark),
            }
        }
        remarks
    }

    fn take(&mut self, start: usize) -> String {
        self.of.remove(&start).unwrap_or_default()
    }

    fn value(&mut self, value: &Located) -> Value {
        Value { text: value.text.replace("\r\n", "\n"), remark: self.take(value.range.start) }
    }

    /// The value alone; its remark goes to `whole`.
    fn joined(&mut self, value: &Located, whole: &mut String) -> Value {
        let Value { text, remark } = self.value(value);
        join(whole, &remark);
        Value { text, remark: String::new() }
    }

    fn values(&mut self, values: &[Located]) -> Vec<Value> {
        values.iter().map(|value| self.value(value)).collect()
    }
}

fn join(remarks: &mut String, remark: &str) {
    if !remarks.is_empty() && !remark.is_empty() {
        remarks.push('\n');
    }
    remarks.push_str(remark);
}

/// The remarks of a TOML text with their places, without their `#`.
fn find(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let line_end = rest.find('\n').unwrap_or(rest.len());
        at += match c {
            '#' => {
                found.push((at, rest[1..line_end].trim_end_matches('\r')));
                line_end
            }
            '\'' | '"' => {
                let three = if c == '"' { "\"\"\"" } else { "'''" };
                if let Some(inside) = rest.strip_prefix(three) {
                    let mut end = inside.find(three).map_or(rest.len(), |end| 3 + end + 3);
                    // Up to two quotes more may stand right before the closing ones.
                    while rest[end..].starts_with(c) {
                        end += 1;
                    }
                    end
                } else {
                    string_end(rest, c)
                }
            }
            _ => c.len_utf8(),
        };
    }
    found
}

/// The length of the string on one line that `rest` begins with.
fn string_end(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if is_escaped => is_escaped = false,
            '\\' if quote == '"' => is_escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}
