//! Rule files as text: made from values by us, in the form that the documentation teaches.

use std::fmt::Write;

/// A value with the remark that stands above it; the remark may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Value {
    /// The value.
    pub text: String,
    /// Its remark, without `#`; may have several lines.
    pub remark: String,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value { text: text.to_owned(), remark: String::new() }
    }
}

/// A rule file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// Remark at its top.
    pub remark: String,
    /// The group of its categories that name none.
    pub group: Value,
    /// What takes evidence back in all its categories.
    pub not: Vec<Value>,
    /// The warnings it allows.
    pub allow: Vec<String>,
    /// Its tables, in order.
    pub tables: Vec<Table>,
    /// Remark at its end.
    pub end: String,
}

/// A table of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Table {
    /// `[[category]]`.
    Category(Box<Category>),
    /// `[[variant]]`: its name and its spellings.
    Variant {
        /// Remark above the header.
        remark: String,
        /// The word.
        name: Value,
        /// Its spellings.
        forms: Vec<Value>,
        /// The warnings it allows.
        allow: Vec<String>,
    },
    /// `[[part]]`.
    Part {
        /// Remark above the header.
        remark: String,
        /// Its name.
        name: Value,
        /// Its condition.
        rule: Value,
        /// The warnings it allows.
        allow: Vec<String>,
    },
    /// `[[case]]`.
    Case {
        /// Remark above the header.
        remark: String,
        /// The text.
        text: Value,
        /// The ids expected.
        expect: Vec<Value>,
        /// Whether no others may come.
        exact: bool,
        /// The warnings it allows.
        allow: Vec<String>,
    },
    /// Nothing but a remark.
    Remark(String),
}

/// `[[category]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Category {
    /// Remark above the header.
    pub remark: String,
    /// Its id.
    pub id: Value,
    /// Its name.
    pub name: Value,
    /// Its group, if it isn't the file's.
    pub group: Value,
    /// Its definition; may be empty.
    pub desc: Value,
    /// Terms.
    pub any: Vec<Value>,
    /// Conditions.
    pub rules: Vec<Value>,
    /// Exclusions.
    pub not: Vec<Value>,
    /// Examples.
    pub ok: Vec<Value>,
    /// Counterexamples.
    pub ng: Vec<Value>,
    /// Known gaps.
    pub todo_ok: Vec<Value>,
    /// The warnings it allows.
    pub allow: Vec<String>,
}

/// A list that is longer than this, in characters, is written a value per line.
const LINE: usize = 100;

/// Writes a rule file.
pub fn write(file: &File) -> String {
    let mut out = Writer(String::new());
    out.remark(&file.remark);
    if !file.remark.is_empty() {
        out.0.push('\n');
    }
    out.optional("group", &file.group);
    out.list("not", &file.not);
    out.allow(&file.allow);
    for table in &file.tables {
        if !out.0.is_empty() && !out.0.ends_with("\n\n") {
            out.0.push('\n');
        }
        out.table(table);
    }
    if !file.end.is_empty() {
        out.0.push('\n');
        out.remark(&file.end);
    }
    out.0
}

struct Writer(String);

impl Writer {
    fn remark(&mut self, remark: &str) {
        for line in remark.lines() {
            self.0.push_str(if line.is_empty() { "#" } else { "# " });
            // A control character would be no TOML.
            self.0.extend(line.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }));
            self.0.push('\n');
        }
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        self.0.write_fmt(text).expect("a String takes everything");
        self.0.push('\n');
    }

    fn table(&mut self, table: &Table) {
        match table {
            Table::Remark(remark) => self.remark(remark),
            Table::Category(category) => self.category(category),
            Table::Variant { remark, name, forms, allow } => {
                self.header("variant", remark);
                self.value("name", name);
                self.list("forms", forms);
                self.allow(allow);
            }
            Table::Part { remark, name, rule, allow } => {
                self.header("part", remark);
                self.value("name", name);
                self.value("rule", rule);
                self.allow(allow);
            }
            Table::Case { remark, text, expect, exact, allow } => {
                self.header("case", remark);
                self.value("text", text);
                if expect.is_empty() {
                    self.line(format_args!("expect = []"));
                }
                self.list("expect", expect);
                if *exact {
                    self.line(format_args!("exact = true"));
                }
                self.allow(allow);
            }
        }
    }

    fn header(&mut self, name: &str, remark: &str) {
        self.remark(remark);
        self.line(format_args!("[[{name}]]"));
    }

    fn category(&mut self, category: &Category) {
        self.header("category", &category.remark);
        self.value("id", &category.id);
        self.value("name", &category.name);
        self.optional("group", &category.group);
        self.optional("desc", &category.desc);
        self.list("any", &category.any);
        self.list("rule", &category.rules);
        self.list("not", &category.not);
        self.list("ok", &category.ok);
        self.list("ng", &category.ng);
        self.list("todo_ok", &category.todo_ok);
        self.allow(&category.allow);
    }

    fn allow(&mut self, ids: &[String]) {
        let ids: Vec<Value> = ids.iter().map(|id| Value::from(&**id)).collect();
        self.list("allow", &ids);
    }

    fn optional(&mut self, key: &str, value: &Value) {
        if *value != Value::default() {
            self.value(key, value);
        }
    }

    fn value(&mut self, key: &str, value: &Value) {
        self.remark(&value.remark);
        self.line(format_args!("{key} = {}", quoted(&value.text)));
    }

    /// A list; nothing for an empty one, and one condition of several lines without brackets.
    fn list(&mut self, key: &str, values: &[Value]) {
        let has_remarks = values.iter().any(|value| !value.remark.is_empty());
        match values {
            [] => return,
            [value] if value.text.contains('\n') || key == "rule" => return self.value(key, value),
            _ => {}
        }
        let quoted: Vec<String> = values.iter().map(|value| quoted(&value.text)).collect();
        let length: usize = quoted.iter().map(|text| text.chars().count() + 2).sum();
        if !has_remarks && length + key.len() <= LINE && !quoted.iter().any(|text| text.contains('\n')) {
            return self.line(format_args!("{key} = [{}]", quoted.join(", ")));
        }
        self.line(format_args!("{key} = ["));
        for (value, quoted) in values.iter().zip(&quoted) {
            for line in value.remark.lines() {
                self.0.push_str("    ");
                self.remark(line);
            }
            self.line(format_args!("    {quoted},"));
        }
        self.line(format_args!("]"));
    }
}

/// `text` as a TOML string: literal where that is possible, so that messages can point into it.
pub fn quoted(text: &str) -> String {
    let is_plain = !text.chars().any(|c| c.is_control() && c != '\t' && c != '\n');
    if is_plain && !text.contains(['\'', '\n']) {
        format!("'{text}'")
    } else if is_plain && !text.contains("'''") && !text.ends_with('\'') {
        let line_break = if text.contains('\n') { "\n" } else { "" };
        format!("'''{line_break}{text}'''")
    } else {
        let mut quoted = String::from("\"");
        for c in text.chars() {
            match c {
                '"' => quoted.push_str("\\\""),
                '\\' => quoted.push_str("\\\\"),
                '\n' => quoted.push_str("\\n"),
                '\t' => quoted.push_str("\\t"),
                c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", c as u32)),
                c => quoted.push(c),
            }
        }
        quoted + "\""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_back_as_it_was() {
        for text in [
            "",
            "語",
            "列(問, '問7')",
            "終わりは'",
            "三つ'''の",
            "一\n二\n",
            "\n先頭",
            "\"二重\"",
            "\\",
            "\t",
            "\r\n",
            "\u{7f}",
            "'",
            "''",
            "near(a,\n  'b')\n",
        ] {
            let toml = format!("key = {}\n", quoted(text));
            let table: toml::Table = toml.parse().unwrap_or_else(|error| panic!("{toml}: {error}"));
            assert_eq!(table["key"].as_str(), Some(text), "{toml}");
        }
    }
}
