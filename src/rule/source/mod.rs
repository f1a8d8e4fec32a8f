//! The TOML container of the rules: which keys there are, and where in the file each value stands.
//!
//! Conditions are read on the way, by [`super::expr`]; [`mod@super::compile`] resolves what is in them. Everything wrong with a file is collected, nothing
//! stops at the first slip. Literal strings (`'…'`, `'''…'''`) are what the documentation teaches, because their content
//! stands in the file as it is; in `"…"` with escapes a slip can only be shown at the whole string.

pub mod keys;
mod nearest;
mod reader;
mod slips;

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use toml::de::DeTable;

use crate::diagnostic::{Diagnostic, Kind, Site, SourceFile};
use crate::error::{Error, Result};
use crate::rule::expr::{self, Parsed, Problem};
use keys::{CASE, CATEGORY, FILE, PART, VARIANT};
pub(crate) use nearest::nearest;
use reader::Reader;

/// A string in a rule file.
#[derive(Debug, Clone)]
pub struct Located {
    /// The string's content.
    pub text: String,
    /// The file.
    pub file: Arc<SourceFile>,
    /// The value with its quotes, in bytes of the file.
    pub range: Range<usize>,
    /// Where the content begins, in bytes of the file, if it stands there unescaped.
    content: Option<usize>,
    /// The content as a condition, once it has been asked for.
    condition: OnceLock<std::result::Result<Parsed, Problem>>,
}

impl Located {
    /// A file that is one condition and nothing else, as typed on a command line.
    pub(crate) fn whole(file: &Arc<SourceFile>) -> Self {
        Located::new(file.text.clone(), file, 0..file.text.len(), Some(0))
    }

    fn new(text: String, file: &Arc<SourceFile>, range: Range<usize>, content: Option<usize>) -> Self {
        Located { text, file: Arc::clone(file), range, content, condition: OnceLock::new() }
    }

    /// The content read as a condition, which is done once.
    ///
    /// # Errors
    /// The first thing that can't be read.
    pub fn condition(&self) -> std::result::Result<&Parsed, &Problem> {
        self.condition.get_or_init(|| expr::parse(&self.text)).as_ref()
    }

    /// Where a range of the content stands in the file.
    pub fn place(&self, range: &Range<usize>) -> Range<usize> {
        match self.content {
            Some(start) => start + range.start..start + range.end,
            None => self.range.clone(),
        }
    }

    /// The whole value's place.
    pub fn site(&self) -> Site {
        Site { file: Arc::clone(&self.file), range: self.range.clone() }
    }

    /// A diagnostic at the whole value.
    pub fn diagnostic(&self, kind: Kind, title: impl Into<String>) -> Diagnostic {
        Diagnostic::new(kind, &self.file, self.range.clone(), title)
    }

    /// A diagnostic at a range of the content.
    pub fn diagnostic_at(&self, kind: Kind, range: &Range<usize>, title: impl Into<String>) -> Diagnostic {
        Diagnostic::new(kind, &self.file, self.place(range), title)
    }
}

/// `[[category]]`.
#[derive(Debug, Clone)]
pub struct CategorySource {
    /// The header, for diagnostics about the category as a whole.
    pub header: Range<usize>,
    /// The header and all below it, in bytes of the file.
    pub block: Range<usize>,
    /// Stable ASCII id.
    pub id: Located,
    /// Japanese name.
    pub name: Located,
    /// The group, the file's if the category has none of its own.
    pub group: String,
    /// Definition.
    pub desc: String,
    /// Terms, each enough by itself.
    pub any: Vec<Located>,
    /// Conditions, each enough by itself.
    pub rules: Vec<Located>,
    /// Conditions that take evidence back within their sentence.
    pub not: Vec<Located>,
    /// Texts that must get the category.
    pub ok: Vec<Located>,
    /// Texts that must not.
    pub ng: Vec<Located>,
    /// Texts that should, but don't yet.
    pub todo_ok: Vec<Located>,
}

/// `[[variant]]`: spellings that count as one word.
#[derive(Debug, Clone)]
pub struct VariantSource {
    /// The word they count as.
    pub name: Located,
    /// The spellings.
    pub forms: Vec<Located>,
}

/// `[[part]]`: a condition with a name, to be used by others as `{name}`.
#[derive(Debug, Clone)]
pub struct PartSource {
    /// The name.
    pub name: Located,
    /// The condition.
    pub rule: Located,
}

/// `[[case]]`: a text with all its categories.
#[derive(Debug, Clone)]
pub struct CaseSource {
    /// The text.
    pub text: Located,
    /// The categories expected.
    pub expect: Vec<Located>,
    /// Whether it must get no others.
    pub exact: bool,
}

/// `allow`: warnings that are meant.
#[derive(Debug, Clone)]
pub struct Allow {
    /// Where they are allowed, in bytes of the file: a table, or the whole file.
    pub block: Range<usize>,
    /// Their ids, which exist.
    pub ids: Vec<Located>,
}

/// One rule file.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The file as read.
    pub file: Arc<SourceFile>,
    /// Conditions that take evidence back within their sentence, for every category of the file.
    pub not: Vec<Located>,
    /// Its categories.
    pub categories: Vec<CategorySource>,
    /// Its variants.
    pub variants: Vec<VariantSource>,
    /// Its parts.
    pub parts: Vec<PartSource>,
    /// Its cases.
    pub cases: Vec<CaseSource>,
    /// The warnings it allows.
    pub allow: Vec<Allow>,
    /// Whether the file was TOML throughout; names it should define may be missing otherwise.
    pub is_complete: bool,
}

/// Reads the rule file `path`, or all `.toml` files of the folder `path` by name.
///
/// # Errors
/// If a file can't be read or the folder has no rule file.
pub fn load(path: &Path) -> Result<Vec<Arc<SourceFile>>> {
    let mut paths = Vec::new();
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|source| Error::read(path, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| Error::read(path, source))?.path();
            if entry.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
                paths.push(entry);
            }
        }
        paths.sort();
        if paths.is_empty() {
            return Err(Error::Input {
                input: path.display().to_string(),
                line: None,
                problem: "ルール（.toml）が 1 つもありません".to_owned(),
                hint: "`jirei export rules フォルダー` で内蔵のルールを書き出せます".to_owned(),
            });
        }
    } else {
        paths.push(path.to_owned());
    }
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|source| Error::read(path, source))?;
        Ok(Arc::new(SourceFile { name: path.display().to_string(), text: without_bom(text) }))
    };
    paths.iter().map(read).collect()
}

/// `text` without the mark that some editors put first.
pub(super) fn without_bom(text: String) -> String {
    text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text)
}

/// Rule files as read, which takes no tokenizer.
#[derive(Debug)]
pub struct RuleFiles {
    /// The files, in order.
    pub files: Vec<RuleFile>,
    /// What is wrong with them as TOML and with their keys.
    pub diagnostics: Vec<Diagnostic>,
}

impl RuleFiles {
    /// Reads rule files and the conditions in them.
    pub fn read(sources: &[Arc<SourceFile>]) -> Self {
        let mut diagnostics = Vec::new();
        let files: Vec<RuleFile> = sources.iter().map(|file| parse(file, &mut diagnostics)).collect();
        for condition in files.iter().flat_map(RuleFile::conditions) {
            // What is wrong with it is the compiler's to say.
            let _ = condition.condition();
        }
        RuleFiles { files, diagnostics }
    }
}

impl RuleFile {
    /// Every condition of the file.
    fn conditions(&self) -> impl Iterator<Item = &Located> {
        let of_categories =
            self.categories.iter().flat_map(|category| [&category.any, &category.rules, &category.not]);
        let of_parts = self.parts.iter().map(|part| &part.rule);
        of_categories.chain([&self.not]).flatten().chain(of_parts)
    }
}

/// Reads one file, adding what is wrong with it to `diagnostics`.
pub fn parse(file: &Arc<SourceFile>, diagnostics: &mut Vec<Diagnostic>) -> RuleFile {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    slips::report(file, &errors, diagnostics);
    let mut reader = Reader { file, diagnostics };
    let mut rules = RuleFile {
        file: Arc::clone(file),
        not: Vec::new(),
        categories: Vec::new(),
        variants: Vec::new(),
        parts: Vec::new(),
        cases: Vec::new(),
        allow: Vec::new(),
        is_complete: errors.is_empty(),
    };
    if !errors.is_empty() {
        // What the parser could recover would be reported a second time as missing.
        return rules;
    }
    let mut top = reader.keys(table.get_ref(), FILE, "ファイルの先頭");
    rules.allow.extend(reader.allow(top.take("allow"), 0..file.text.len()));
    rules.not = reader.list(top.take("not"));
    let group = reader.text(top.take("group")).map_or(String::new(), |group| group.text);
    let [categories, variants, parts, cases] =
        ["category", "variant", "part", "case"].map(|name| reader.tables(top.take(name), name));
    // A table ends where the next one begins, whatever its name.
    let mut starts: Vec<usize> = [&categories, &variants, &parts, &cases]
        .into_iter()
        .flatten()
        .map(|(header, _)| header.start)
        .collect();
    starts.sort_unstable();
    let block = |header: &Range<usize>| {
        let end = starts.iter().copied().find(|&start| start > header.start);
        header.start..end.unwrap_or(file.text.len())
    };
    for (header, table) in categories {
        let block = block(&header);
        let mut keys = reader.keys(table, CATEGORY, "[[category]]");
        rules.allow.extend(reader.allow(keys.take("allow"), block.clone()));
        rules.categories.extend(reader.category(header, block, keys, &group));
    }
    for (header, table) in variants {
        let mut keys = reader.keys(table, VARIANT, "[[variant]]");
        rules.allow.extend(reader.allow(keys.take("allow"), block(&header)));
        let name = reader.required(&mut keys, "name", "[[variant]]", &header);
        let forms = reader.list(keys.take("forms"));
        if let Some(name) = name {
            rules.variants.push(VariantSource { name, forms });
        }
    }
    for (header, table) in parts {
        let mut keys = reader.keys(table, PART, "[[part]]");
        rules.allow.extend(reader.allow(keys.take("allow"), block(&header)));
        let name = reader.required(&mut keys, "name", "[[part]]", &header);
        let rule = reader.required(&mut keys, "rule", "[[part]]", &header);
        if let (Some(name), Some(rule)) = (name, rule) {
            rules.parts.push(PartSource { name, rule });
        }
    }
    for (header, table) in cases {
        let mut keys = reader.keys(table, CASE, "[[case]]");
        rules.allow.extend(reader.allow(keys.take("allow"), block(&header)));
        let text = reader.required(&mut keys, "text", "[[case]]", &header);
        let expect = reader.list(keys.take("expect"));
        let exact = reader.flag(keys.take("exact"));
        if let Some(text) = text {
            rules.cases.push(CaseSource { text, expect, exact });
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (RuleFile, Vec<Diagnostic>) {
        let file = Arc::new(SourceFile { name: "r.toml".into(), text: text.into() });
        let mut diagnostics = Vec::new();
        let rules = parse(&file, &mut diagnostics);
        (rules, diagnostics)
    }

    #[test]
    fn ranges_point_at_the_content_of_strings() {
        let text = "group = 'G'\r\n[[category]]\r\nid = 'a'\r\nname = '''\r\nあ'''\r\nany = ['顔認証', \"\\u3042\"]\r\n";
        let (rules, diagnostics) = parsed(text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let category = &rules.categories[0];
        assert_eq!(category.group, "G");
        assert_eq!(&text[category.name.place(&(0..3))], "あ");
        assert_eq!(&text[category.any[0].place(&(3..9))], "認証");
        // An escape can't be pointed into.
        assert_eq!(&text[category.any[1].place(&(0..3))], "\"\\u3042\"");
    }

    #[test]
    fn several_slips_are_reported_together() {
        let (_, diagnostics) = parsed("[[category]]\nid ＝ 'a'\nname = 'b'\nany = ['a'、'b']\n");
        assert_eq!(diagnostics.len(), 2, "{diagnostics:?}");
        let (_, diagnostics) = parsed("[[category]]\nid = 'a'\nnaem = 'b'\nany = 3\n[category2]\n");
        let kinds: Vec<Kind> = diagnostics.iter().map(|d| d.kind).collect();
        assert!(
            kinds.contains(&Kind::UnknownKey)
                && kinds.contains(&Kind::MissingKey)
                && kinds.contains(&Kind::WrongType)
        );
        assert!(diagnostics.iter().any(|d| d.mend.contains("「name」")));
    }
}
