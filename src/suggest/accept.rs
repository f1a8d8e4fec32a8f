//! Writing a choice into a rule file, with its comments and layout as they were.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// One more condition in the `any` of a category.
    Any {
        /// The category's id.
        category: String,
        /// The condition.
        condition: String,
    },
    /// One more spelling of a word.
    Variant {
        /// The word: the name or a form of a `[[variant]]`, or else a word that gets one.
        word: String,
        /// The spelling.
        form: String,
    },
}

/// Why a change can't be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The file is no TOML.
    NotToml,
    /// The file hasn't got the category with this id.
    NoCategory(String),
    /// Its categories or variants are written as a value, `category = [{ … }]`, which has no place for another line.
    Inline,
}

/// `text`, the content of a rule file, with `change` made. Line ends and byte order mark are kept.
///
/// # Errors
/// See [`Refusal`].
pub fn apply(text: &str, change: &Change) -> Result<String, Refusal> {
    let (mark, body) = match text.strip_prefix('\u{FEFF}') {
        Some(body) => ("\u{FEFF}", body),
        None => ("", text),
    };
    let is_crlf = body.contains("\r\n");
    let mut document: DocumentMut = body.replace("\r\n", "\n").parse().map_err(|_| Refusal::NotToml)?;
    if ["category", "variant"].iter().any(|key| document.get(key).is_some_and(Item::is_value)) {
        return Err(Refusal::Inline);
    }
    match change {
        Change::Any { category, condition } => {
            let tables = document.get_mut("category").and_then(Item::as_array_of_tables_mut);
            let table = tables
                .into_iter()
                .flat_map(ArrayOfTables::iter_mut)
                .find(|table| table.get("id").and_then(Item::as_str) == Some(category))
                .ok_or_else(|| Refusal::NoCategory(category.clone()))?;
            push(table, "any", condition, &["id", "name", "group", "desc"]);
        }
        Change::Variant { word, form } => match variant_of(&mut document, word) {
            Some(table) => push(table, "forms", form, &["name"]),
            None => add_variant(&mut document, word, form),
        },
    }
    let written = document.to_string();
    let written = if is_crlf { written.replace('\n', "\r\n") } else { written };
    Ok(format!("{mark}{written}"))
}

/// Whether a `[[variant]]` of the rule file `text` has `word` as its name or among its forms.
pub(super) fn has_variant(text: &str, word: &str) -> bool {
    text.parse::<DocumentMut>().is_ok_and(|mut document| variant_of(&mut document, word).is_some())
}

/// The `[[variant]]` that has `word` as its name or among its forms.
fn variant_of<'d>(document: &'d mut DocumentMut, word: &str) -> Option<&'d mut Table> {
    let tables = document.get_mut("variant")?.as_array_of_tables_mut()?;
    tables.iter_mut().find(|table| {
        let has = |item: &Item| match item.as_array() {
            Some(forms) => forms.iter().any(|form| form.as_str() == Some(word)),
            None => item.as_str() == Some(word),
        };
        table.get("name").is_some_and(has) || table.get("forms").is_some_and(has)
    })
}

fn add_variant(document: &mut DocumentMut, word: &str, form: &str) {
    let mut table = Table::new();
    table.insert("name", Item::Value(literal(word)));
    let mut forms = Array::new();
    forms.push_formatted(literal(word).decorated("", ""));
    forms.push_formatted(literal(form).decorated(" ", ""));
    table.insert("forms", Item::Value(Value::Array(forms)));
    table.decor_mut().set_prefix("\n");
    let tables = document.entry("variant").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if let Some(tables) = tables.as_array_of_tables_mut() {
        tables.push(table);
    }
}

/// Adds `text` to the list at `key`, which is made, behind those of the keys `before` that are there, if need be.
fn push(table: &mut Table, key: &str, text: &str, before: &[&str]) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(Value::Array(array)) => append(array, text),
        Some(single) => {
            // One value needs no list; two do.
            let decor = single.decor().clone();
            let mut array = Array::new();
            array.push_formatted(std::mem::replace(single, Value::from(0)).decorated("", ""));
            array.push_formatted(literal(text).decorated(" ", ""));
            *single = Value::Array(array);
            *single.decor_mut() = decor;
        }
        None => {
            let mut array = Array::new();
            array.push_formatted(literal(text).decorated("", ""));
            let order: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
            let place = order.iter().rposition(|known| before.contains(&known.as_str()));
            let place = place.map_or(0, |last| last + 1);
            table.insert(key, Item::Value(Value::Array(array)));
            // Stable, and comments go with the keys they stand before.
            let rank = |name: &str| match order.iter().position(|known| known == name) {
                Some(at) => 2 * at + 1,
                None => 2 * place,
            };
            table.sort_values_by(|a, _, b, _| rank(a.get()).cmp(&rank(b.get())));
        }
    }
}

/// Appends to a list in the way its last value is laid out. A remark behind that value stays there.
fn append(array: &mut Array, text: &str) {
    let Some(last) = array.iter_mut().last() else {
        array.push_formatted(literal(text).decorated("", ""));
        return;
    };
    let raw = |raw: Option<&toml_edit::RawString>| raw.and_then(|raw| raw.as_str()).unwrap_or("").to_owned();
    let prefix = raw(last.decor().prefix());
    let suffix = raw(last.decor().suffix());
    let indent = prefix.rsplit_once('\n').map(|(_, indent)| indent.to_owned());
    let Some(indent) = indent else {
        // On one line.
        array.push_formatted(literal(text).decorated(" ", &suffix));
        if let Some(before) = array.len().checked_sub(2).and_then(|at| array.get_mut(at)) {
            before.decor_mut().set_suffix("");
        }
        return;
    };
    last.decor_mut().set_suffix("");
    // What stands between the last value and the bracket: the end of its line, with a remark maybe, then other lines.
    let tail = format!("{suffix}{}", raw(Some(array.trailing())));
    let (line, rest) = tail.split_once('\n').unwrap_or((&tail, ""));
    let value = literal(text).decorated(format!("{line}\n{indent}"), "");
    array.push_formatted(value);
    array.set_trailing(format!("\n{rest}"));
}

/// A string as rule files have them: `'…'`, unless it holds what can't stand there.
fn literal(text: &str) -> Value {
    let written = format!("'{text}'");
    let is_literal = !text.contains(['\'', '\n', '\r']);
    match written.parse::<Value>() {
        Ok(value) if is_literal => value,
        _ => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(text: &str, condition: &str) -> String {
        let change = Change::Any { category: "a".to_owned(), condition: condition.to_owned() };
        apply(text, &change).unwrap()
    }

    #[test]
    fn lists_grow_in_the_way_they_are_laid_out() {
        for (before, after) in [
            ("any = ['い']  # 注", "any = ['い', '新']  # 注"),
            ("any = [ 'い', 'ろ' ]", "any = [ 'い', 'ろ', '新' ]"),
            ("any=[]", "any=['新']"),
            ("any = 'い'", "any = ['い', '新']"),
            ("any = [\n    'い',\n    'ろ',\n]", "any = [\n    'い',\n    'ろ',\n    '新',\n]"),
            ("any = [\n    'い',\n    'ろ'\n]", "any = [\n    'い',\n    'ろ',\n    '新'\n]"),
            (
                "any = [\n    'い',  # 一つ目\n    'ろ',  # 二つ目\n    # 以上\n]",
                "any = [\n    'い',  # 一つ目\n    'ろ',  # 二つ目\n    '新',\n    # 以上\n]",
            ),
        ] {
            let file = |any: &str| {
                format!(
                    "# 頭\ngroup = 'g'\n\n[[category]]\nid   = 'a' # id\nname = 'あ'\n{any}\n# 例\nok = ['い']\n\n[[category]]\nid = 'b'\n"
                )
            };
            assert_eq!(any(&file(before), "新"), file(after));
            let crlf = |any: &str| format!("\u{FEFF}{}", file(any).replace('\n', "\r\n"));
            assert_eq!(any(&crlf(before), "新"), crlf(after));
        }
    }

    #[test]
    fn a_category_without_a_list_gets_one_in_its_usual_place() {
        let before = "[[category]]\nid = 'a'\nname = 'あ'\n# 条件\nrule = '''\nい\n'''\nng = ['ろ']\n";
        let after = "[[category]]\nid = 'a'\nname = 'あ'\nany = ['near(は, 否定(に))']\n# 条件\nrule = '''\nい\n'''\nng = ['ろ']\n";
        assert_eq!(any(before, "near(は, 否定(に))"), after);
        assert_eq!(
            any("[[category]]\nid = 'a'\nany = ['い']\n", "it's"),
            "[[category]]\nid = 'a'\nany = ['い', \"it's\"]\n"
        );
    }

    #[test]
    fn spellings_join_their_variant_or_make_one() {
        let change = Change::Variant { word: "込む".to_owned(), form: "こむ".to_owned() };
        let known = "[[variant]]\nname = '混む'\nforms = ['込む']\n";
        assert_eq!(apply(known, &change).unwrap(), "[[variant]]\nname = '混む'\nforms = ['込む', 'こむ']\n");
        let unknown = "[[variant]]\nname = 'い'\nforms = ['ろ']\n\n[[category]]\nid = 'a'\n";
        let written = apply(unknown, &change).unwrap();
        assert!(written.contains("\n[[variant]]\nname = '込む'\nforms = ['込む', 'こむ']\n"), "{written}");
        assert!(written.starts_with(&unknown[..40]), "{written}");
        let empty = apply("", &change).unwrap();
        assert!(empty.contains("name = '込む'"), "{empty}");
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let change = Change::Any { category: "c".to_owned(), condition: "い".to_owned() };
        assert_eq!(apply("[[category]]\nid = 'a'\n", &change), Err(Refusal::NoCategory("c".to_owned())));
        let inline = "category = [{ id = 'c', name = 'い' }]\n";
        assert_eq!(apply(inline, &change), Err(Refusal::Inline));
        let spelling = Change::Variant { word: "混む".to_owned(), form: "込む".to_owned() };
        assert_eq!(apply("variant = [{ name = '混む' }]\n", &spelling), Err(Refusal::Inline));
        assert_eq!(apply("any ＝ ['い']", &change), Err(Refusal::NotToml));
    }
}
