//! The tables of a rule file: known keys and values of the right type, with their places.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::Key;
use super::nearest::nearest;
use super::{Allow, CategorySource, Located};
use crate::diagnostic::{Diagnostic, Kind, Severity, SourceFile};

/// The keys of one table that are known, to be taken one by one.
pub(super) struct Keys<'d> {
    values: Vec<(&'d str, &'d Spanned<DeValue<'d>>)>,
}

impl<'d> Keys<'d> {
    pub(super) fn take(&mut self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        let at = self.values.iter().position(|(name, _)| *name == key)?;
        Some(self.values.swap_remove(at).1)
    }
}

/// Reads the tables of one file, and reports what is wrong in them.
pub(super) struct Reader<'r> {
    pub(super) file: &'r Arc<SourceFile>,
    pub(super) diagnostics: &'r mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn report(&mut self, kind: Kind, range: Range<usize>, title: String, mend: String) {
        self.diagnostics.push(Diagnostic::new(kind, self.file, range, title).mend(mend));
    }

    /// Sorts known keys from unknown ones, which are reported.
    pub(super) fn keys<'d>(&mut self, table: &'d DeTable<'d>, known: &[Key], place: &str) -> Keys<'d> {
        let known: Vec<&str> = known.iter().map(|key| key.name).collect();
        let mut values = Vec::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                values.push((name, value));
            } else {
                let nearest = nearest(name, &known);
                let mend = match nearest {
                    Some(nearest) => format!("「{nearest}」の書き間違いではありませんか"),
                    None => format!("ここで使えるのは {} です", known.join("・")),
                };
                self.report(
                    Kind::UnknownKey,
                    key.span(),
                    format!("{place}に「{name}」というキーはありません"),
                    mend,
                );
            }
        }
        Keys { values }
    }

    pub(super) fn tables<'d>(
        &mut self,
        value: Option<&'d Spanned<DeValue<'d>>>,
        name: &str,
    ) -> Vec<(Range<usize>, &'d DeTable<'d>)> {
        let Some(value) = value else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.report(
                Kind::WrongType,
                value.span(),
                format!("「{name}」の見出しは [[{name}]] です"),
                format!("[{name}] ではなく [[{name}]] と、角括弧を 2 つずつ書いてください"),
            );
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => tables.push((item.span(), table)),
                _ => self.report(
                    Kind::WrongType,
                    item.span(),
                    format!("「{name}」の見出しは [[{name}]] です"),
                    format!("[[{name}]] と書き、その下にキーを並べてください"),
                ),
            }
        }
        tables
    }

    pub(super) fn text(&mut self, value: Option<&Spanned<DeValue<'_>>>) -> Option<Located> {
        let value = value?;
        let range = value.span();
        let DeValue::String(text) = value.get_ref() else {
            let mend = match value.get_ref() {
                DeValue::Array(_) => {
                    "並びにはできません。1 つの値にしてください（条件なら「または」でつなぎます）"
                }
                _ => "値を ' と ' で囲んでください",
            };
            self.report(Kind::WrongType, range, "ここには文字列が要ります".to_owned(), mend.to_owned());
            return None;
        };
        let content = content_start(&self.file.text, &range, text);
        Some(Located::new(text.to_string(), self.file, range, content))
    }

    pub(super) fn required(
        &mut self,
        keys: &mut Keys<'_>,
        key: &str,
        place: &str,
        header: &Range<usize>,
    ) -> Option<Located> {
        match keys.take(key) {
            Some(value) => self.text(Some(value)),
            None => {
                self.report(
                    Kind::MissingKey,
                    header.clone(),
                    format!("{place}に「{key}」がありません"),
                    format!("{key} = '…' の行を加えてください"),
                );
                None
            }
        }
    }

    /// A list of strings; one string is a list of one.
    pub(super) fn list(&mut self, value: Option<&Spanned<DeValue<'_>>>) -> Vec<Located> {
        let Some(value) = value else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.text(Some(item))).collect(),
            _ => self.text(Some(value)).into_iter().collect(),
        }
    }

    pub(super) fn flag(&mut self, value: Option<&Spanned<DeValue<'_>>>) -> bool {
        let Some(value) = value else { return false };
        match value.get_ref() {
            DeValue::Boolean(flag) => *flag,
            _ => {
                self.report(
                    Kind::WrongType,
                    value.span(),
                    "ここには true か false が要ります".to_owned(),
                    "引用符を付けずに true と書いてください".to_owned(),
                );
                false
            }
        }
    }

    /// The warnings that a table allows.
    pub(super) fn allow(
        &mut self,
        value: Option<&Spanned<DeValue<'_>>>,
        block: Range<usize>,
    ) -> Option<Allow> {
        let mut ids = self.list(value);
        ids.retain(|id| {
            let kind = Kind::find(&id.text);
            let problem = match kind.map(Kind::severity) {
                None => Some(format!("「{}」という番号の警告はありません", id.text)),
                Some(Severity::Error) => Some(format!("{} はエラーなので、allow では消せません", id.text)),
                Some(Severity::Warning | Severity::Note) => None,
            };
            if let Some(title) = &problem {
                let mend = "警告（W…）か参考（N…）の番号を、メッセージのとおりに書いてください";
                self.diagnostics.push(id.diagnostic(Kind::BadAllow, title).mend(mend));
            }
            problem.is_none()
        });
        (!ids.is_empty()).then_some(Allow { block, ids })
    }

    pub(super) fn category(
        &mut self,
        header: Range<usize>,
        block: Range<usize>,
        mut keys: Keys<'_>,
        group: &str,
    ) -> Option<CategorySource> {
        let id = self.required(&mut keys, "id", "[[category]]", &header);
        let name = self.required(&mut keys, "name", "[[category]]", &header);
        let text = |reader: &mut Self, key: &str, keys: &mut Keys<'_>| {
            reader.text(keys.take(key)).map(|found| found.text)
        };
        let own_group = text(self, "group", &mut keys);
        let desc = text(self, "desc", &mut keys).unwrap_or_default();
        let [any, rules, not, ok, ng, todo_ok] =
            ["any", "rule", "not", "ok", "ng", "todo_ok"].map(|key| self.list(keys.take(key)));
        let group = own_group.unwrap_or_else(|| group.to_owned());
        Some(CategorySource {
            header,
            block,
            id: id?,
            name: name?,
            group,
            desc,
            any,
            rules,
            not,
            ok,
            ng,
            todo_ok,
        })
    }
}

/// Where the content of a string begins in the file, if it stands there as it is.
fn content_start(source: &str, range: &Range<usize>, content: &str) -> Option<usize> {
    let raw = source.get(range.clone())?;
    let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
    let mut start = range.start + quotes;
    if quotes == 3 {
        // A line break right behind the opening quotes is not part of the content.
        let inside = &source[start..range.end];
        start += if inside.starts_with("\r\n") { 2 } else { usize::from(inside.starts_with('\n')) };
    }
    source[start..].starts_with(content).then_some(start)
}
