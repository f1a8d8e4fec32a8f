//! The TOML container of the rules: which keys there are, and where in the file each value stands.
//!
//! Conditions are left as text here; [`mod@super::compile`] reads them. Everything wrong with a file is collected, nothing
//! stops at the first slip. Literal strings (`'…'`, `'''…'''`) are what the documentation teaches, because their content
//! stands in the file as it is; in `"…"` with escapes a slip can only be shown at the whole string.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Kind, Site, SourceFile};
use crate::error::{Error, Result};

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
}

impl Located {
    /// A file that is one condition and nothing else, as typed on a command line.
    pub(crate) fn whole(file: &Arc<SourceFile>) -> Self {
        let range = 0..file.text.len();
        Located { text: file.text.clone(), file: Arc::clone(file), range, content: Some(0) }
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
}

/// `[[category]]`.
#[derive(Debug, Clone)]
pub struct CategorySource {
    /// The header, for diagnostics about the category as a whole.
    pub header: Range<usize>,
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

/// Reads one file, adding what is wrong with it to `diagnostics`.
pub fn parse(file: &Arc<SourceFile>, diagnostics: &mut Vec<Diagnostic>) -> RuleFile {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    report_toml(file, &errors, diagnostics);
    let mut reader = Reader { file, diagnostics };
    let mut rules = RuleFile {
        file: Arc::clone(file),
        not: Vec::new(),
        categories: Vec::new(),
        variants: Vec::new(),
        parts: Vec::new(),
        cases: Vec::new(),
        is_complete: errors.is_empty(),
    };
    if !errors.is_empty() {
        // What the parser could recover would be reported a second time as missing.
        return rules;
    }
    let mut top = reader.keys(
        table.get_ref(),
        &["group", "not", "category", "variant", "part", "case"],
        "ファイルの先頭",
    );
    rules.not = reader.list(top.take("not"));
    let group = reader.text(top.take("group")).map_or(String::new(), |group| group.text);
    for (header, table) in reader.tables(top.take("category"), "category") {
        rules.categories.extend(reader.category(header, table, &group));
    }
    for (header, table) in reader.tables(top.take("variant"), "variant") {
        let mut keys = reader.keys(table, &["name", "forms"], "[[variant]]");
        let name = reader.required(&mut keys, "name", "[[variant]]", &header);
        let forms = reader.list(keys.take("forms"));
        if let Some(name) = name {
            rules.variants.push(VariantSource { name, forms });
        }
    }
    for (header, table) in reader.tables(top.take("part"), "part") {
        let mut keys = reader.keys(table, &["name", "rule"], "[[part]]");
        let name = reader.required(&mut keys, "name", "[[part]]", &header);
        let rule = reader.required(&mut keys, "rule", "[[part]]", &header);
        if let (Some(name), Some(rule)) = (name, rule) {
            rules.parts.push(PartSource { name, rule });
        }
    }
    for (header, table) in reader.tables(top.take("case"), "case") {
        let mut keys = reader.keys(table, &["text", "expect", "exact"], "[[case]]");
        let text = reader.required(&mut keys, "text", "[[case]]", &header);
        let expect = reader.list(keys.take("expect"));
        let exact = reader.flag(keys.take("exact"));
        if let Some(text) = text {
            rules.cases.push(CaseSource { text, expect, exact });
        }
    }
    rules
}

/// The keys of one table that are known, to be taken one by one.
struct Keys<'d> {
    values: Vec<(&'d str, &'d Spanned<DeValue<'d>>)>,
}

impl<'d> Keys<'d> {
    fn take(&mut self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        let at = self.values.iter().position(|(name, _)| *name == key)?;
        Some(self.values.swap_remove(at).1)
    }
}

struct Reader<'r> {
    file: &'r Arc<SourceFile>,
    diagnostics: &'r mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn report(&mut self, kind: Kind, range: Range<usize>, title: String, mend: String) {
        self.diagnostics.push(Diagnostic::new(kind, self.file, range, title).mend(mend));
    }

    /// Sorts known keys from unknown ones, which are reported.
    fn keys<'d>(&mut self, table: &'d DeTable<'d>, known: &[&str], place: &str) -> Keys<'d> {
        let mut values = Vec::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                values.push((name, value));
            } else {
                let nearest = nearest(name, known);
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

    fn tables<'d>(
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

    fn text(&mut self, value: Option<&Spanned<DeValue<'_>>>) -> Option<Located> {
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
        Some(Located { text: text.to_string(), file: Arc::clone(self.file), range, content })
    }

    fn required(
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
    fn list(&mut self, value: Option<&Spanned<DeValue<'_>>>) -> Vec<Located> {
        let Some(value) = value else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.text(Some(item))).collect(),
            _ => self.text(Some(value)).into_iter().collect(),
        }
    }

    fn flag(&mut self, value: Option<&Spanned<DeValue<'_>>>) -> bool {
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

    fn category(&mut self, header: Range<usize>, table: &DeTable<'_>, group: &str) -> Option<CategorySource> {
        const KNOWN: [&str; 10] =
            ["id", "name", "group", "desc", "any", "rule", "not", "ok", "ng", "todo_ok"];
        let mut keys = self.keys(table, &KNOWN, "[[category]]");
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
        Some(CategorySource { header, id: id?, name: name?, group, desc, any, rules, not, ok, ng, todo_ok })
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

/// The known word that differs from `word` in at most two characters.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let mut best = None;
    for &candidate in known {
        let distance = edit_distance(word, candidate);
        if distance <= 2
            && distance < candidate.chars().count()
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters (Wagner & Fischer 1974, one row at a time).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

/// Says in Japanese what the TOML parser says in English, once per line: later complaints about one line are mostly
/// consequences of the first. Slips of a Japanese keyboard are looked for here, because the parser stumbles over one
/// and misses the next.
fn report_toml(file: &Arc<SourceFile>, errors: &[toml::de::Error], diagnostics: &mut Vec<Diagnostic>) {
    if errors.is_empty() {
        return;
    }
    let line_of = |at: usize| file.text[..at].matches('\n').count();
    let mut lines = Vec::new();
    let mut report = |range: Range<usize>, title: &str, mend: &str| {
        let line = line_of(range.start);
        if !lines.contains(&line) {
            lines.push(line);
            diagnostics.push(Diagnostic::new(Kind::Toml, file, range, title).mend(mend));
        }
    };
    let (outside, unclosed) = outside_quotes(&file.text);
    for (at, c) in outside {
        if let Some(mend) = full_width_slip(c) {
            report(at..at + c.len_utf8(), "ここは半角で書く所です", mend);
        }
    }
    if let Some(opening) = &unclosed {
        let quotes = &file.text[opening.clone()];
        let mend = format!("値の終わりに {quotes} を書いてください");
        report(opening.clone(), &format!("{quotes} が閉じられていません"), &mend);
    }
    for error in errors {
        let range = clamp(&file.text, error.span().unwrap_or(0..0));
        // What stands behind quotes left open was not read as it is meant.
        if unclosed.as_ref().is_none_or(|opening| range.start < opening.start) {
            let (title, mend) = in_japanese(error.message());
            report(range, title, mend);
        }
    }
}

/// The characters outside quotes and remarks with their places, and the opening of a `'''` or `"""` without end.
fn outside_quotes(text: &str) -> (Vec<(usize, char)>, Option<Range<usize>>) {
    let mut outside = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let line_end = rest.find('\n').unwrap_or(rest.len());
        at += match c {
            '\'' | '"' => {
                let three = if c == '"' { "\"\"\"" } else { "'''" };
                if rest.starts_with(three) {
                    match rest[3..].find(three) {
                        Some(end) => 3 + end + 3,
                        None => return (outside, Some(at..at + 3)),
                    }
                } else {
                    // Quotes of one kind end with their line at the latest.
                    rest[1..line_end.max(1)].find(c).map_or(line_end.max(1), |end| 1 + end + 1)
                }
            }
            '#' => line_end,
            _ => {
                outside.push((at, c));
                c.len_utf8()
            }
        };
    }
    (outside, None)
}

/// The range inside the text, on character boundaries.
fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(range.start);
    start..floor(range.end).max(start)
}

/// What to write instead of a full-width sign that a Japanese keyboard puts where TOML wants ASCII.
fn full_width_slip(c: char) -> Option<&'static str> {
    Some(match c {
        '＝' => "半角の「=」に直してください",
        '“' | '”' | '‘' | '’' | '＂' | '＇' => "半角の「\'」に直してください",
        '、' | '，' => "半角の「,」に直してください",
        '［' | '］' => "半角の「[」「]」に直してください",
        '\u{3000}' => "全角の空白を消すか、半角の空白に直してください",
        '＃' => "半角の「#」に直してください",
        '「' | '『' => "値は半角の「\'」で囲んでください（例: name = \'顔認証失敗\'）",
        _ => return None,
    })
}

/// The parser's messages in Japanese, by what they speak of.
fn in_japanese(message: &str) -> (&'static str, &'static str) {
    let has = |word: &str| message.contains(word);
    if has("duplicate key") {
        ("同じキーが 2 度書かれています", "片方を消すか、1 つの [ ] にまとめてください")
    } else if has("array") {
        (
            "並びの「,」か、並びを閉じる「]」がありません",
            "要素の間に「,」を、終わりに「]」を書いてください。前の行の閉じ忘れのこともあります",
        )
    } else if has("unclosed")
        || has("closing")
        || (has("expected `'") && has("literal"))
        || has("missing") && has("quote")
    {
        ("引用符や括弧が閉じられていません", "同じ種類の引用符（'）や「]」で閉じてください")
    } else if has("unquoted key") || has("invalid key") {
        (
            "キーに使えない文字です",
            "キーは半角英字（id, name, any など）です。日本語は値にだけ書き、' で囲んでください",
        )
    } else if has("`=`") || has("key with no value") {
        ("「=」がありません", "「キー = '値'」の形に直してください")
    } else if ["value", "boolean", "integer", "float", "date"].into_iter().any(has) {
        ("値が読めません", "文字列は ' で囲んでください（例: name = '顔認証失敗'）")
    } else if has("newline") {
        (
            "1 行に 2 つのことが書かれているか、行が途中で終わっています",
            "「キー = '値'」を 1 行に 1 つ書いてください。長い条件は ''' と ''' で囲みます",
        )
    } else {
        ("TOML として読めません", "「キー = '値'」か [[category]] のような見出しかを確かめてください")
    }
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
    fn slips_of_the_keyboard_are_found_where_they_are() {
        for (text, line, column, said) in [
            ("[[category]]\nid ＝ 'a'\n", 2, 4, "半角"),
            ("any = ['a'、'b']\n", 1, 11, "半角"),
            ("name = “a”\n", 1, 8, "半角"),
            ("name = 「a」\n", 1, 8, "半角"),
            ("　id = 'a'\n", 1, 1, "半角"),
            ("id = 'a\n", 1, 8, "閉じ"),
            ("カテゴリ = 'a'\n", 1, 1, "キー"),
            ("id = 'a'\nid = 'b'\n", 2, 1, "2 度"),
            ("id = face\n", 1, 6, "値"),
        ] {
            let (_, diagnostics) = parsed(text);
            assert_eq!(diagnostics.len(), 1, "{text}: {diagnostics:?}");
            assert_eq!(diagnostics[0].line_column(), (line, column), "{text}");
            let all = format!("{} {}", diagnostics[0].title, diagnostics[0].mend);
            assert!(all.contains(said), "{text}: {all}");
        }
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

    #[test]
    fn every_slip_of_the_keyboard_is_shown_though_the_parser_stumbles_over_the_first() {
        let (_, diagnostics) =
            parsed("id ＝ 'a'\nname = “b”\n# 「注」、\nrule = '''\na、「b」\n'''\nany = ［'a'］\n");
        let places: Vec<_> = diagnostics.iter().map(Diagnostic::line_column).collect();
        assert_eq!(places, [(1, 4), (2, 8), (7, 7)], "{diagnostics:?}");
    }

    #[test]
    fn long_quotes_left_open_are_shown_where_they_open() {
        let (_, diagnostics) = parsed("id = 'a'\nrule = '''\n顔認証\n[[case]]\ntext ＝ 'b'\n");
        let places: Vec<_> = diagnostics.iter().map(Diagnostic::line_column).collect();
        assert_eq!(places, [(2, 8)], "{diagnostics:?}");
    }
}
