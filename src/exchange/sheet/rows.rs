//! Rule files from the rows of a table, as people fill it in: in any order, with cells left empty.

use super::super::Notice;
use super::super::draft::{Category, File, Table, Value};
use super::{HEADERS, Kind};
use crate::error::{Error, Result};
use crate::export::restored;
use crate::read::Reader;

/// What a table came to.
#[derive(Debug)]
pub struct Read {
    /// The files, each with its name, in the order of the table.
    pub files: Vec<(String, File)>,
    /// What can't be rules (lost), and what was filled in for the author.
    pub notices: Vec<Notice>,
}

/// Reads a table. `stem` names the file of rows that name none; `is_csv` says that cells may be guarded against being
/// taken for formulas.
///
/// # Errors
/// When the table can't be read or has not the columns it needs.
pub fn read(mut reader: Reader, name: &str, stem: &str, is_csv: bool) -> Result<Read> {
    let headers = reader.schema().headers.clone();
    let column = |wanted: &str| headers.iter().position(|header| header.trim() == wanted);
    let columns = HEADERS.map(column);
    let has = |header: &str| column(header).is_some();
    if !has("カテゴリ") || !(has("表現") || has("例")) {
        return Err(Error::MissingColumn {
            input: name.to_owned(),
            wanted: if has("カテゴリ") { "表現" } else { "カテゴリ" }.to_owned(),
            headers,
        });
    }
    let mut book = Book {
        files: Vec::new(),
        notices: Vec::new(),
        file: format!("{stem}.toml"),
        category: Key::default(),
        line: 1,
        item: String::new(),
    };
    for header in headers.iter().filter(|header| !HEADERS.contains(&header.trim())) {
        book.differ(format!("列「{header}」は使いません。残すなら「メモ」の列に書いてください"));
    }
    let mut number = 1;
    while let Some(row) = reader.next_row()? {
        number += 1;
        book.line = row.line().map_or(number, |line| usize::try_from(line).unwrap_or(number));
        let cell = |at: usize| {
            let cell = columns[at].map_or("", |column| &row.cells[column]);
            let cell = if is_csv { restored(cell) } else { cell };
            cell.replace("\r\n", "\n")
        };
        book.row([0, 1, 2, 3, 4, 5, 6, 7, 8].map(cell));
    }
    book.give_ids();
    Ok(Read { files: book.files, notices: book.notices })
}

/// How a row names its category.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Key {
    name: String,
    id: String,
}

struct Book {
    files: Vec<(String, File)>,
    notices: Vec<Notice>,
    /// What empty cells mean.
    file: String,
    category: Key,
    line: usize,
    item: String,
}

impl Book {
    fn notice(&mut self, is_lost: bool, text: String) {
        let (line, item) = (self.line, self.item.clone());
        self.notices.push(Notice { file: String::new(), line, column: 1, item, is_lost, text });
    }

    fn differ(&mut self, text: String) {
        self.notice(false, text);
    }

    fn row(&mut self, cells: [String; 9]) {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let [file, name, id, group, kind, expression, example, allow, remark] = cells;
        if !self.turn_to(file.trim()) {
            return;
        }
        let Some(kind) = self.kind(kind.trim(), &expression, &example) else { return };
        let key = Key { name: name.trim().to_owned(), id: id.trim().to_owned() };
        let value = |text: String, remark: String| Value { text, remark };
        let allow: Vec<String> =
            allow.split([';', '；']).map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
        let is_of_category = matches!(
            kind,
            Kind::Category | Kind::Any | Kind::Rule | Kind::Not | Kind::Ok | Kind::Ng | Kind::TodoOk
        );
        if is_of_category && key != Key::default() {
            self.category = key.clone();
        }
        self.item.clone_from(if is_of_category { &self.category.name } else { &key.name });
        match kind {
            Kind::Category => {
                let Some(category) = self.category() else { return };
                category.desc.text = expression;
                category.remark = remark;
                category.group.text = group.trim().to_owned();
                category.allow = allow;
            }
            Kind::Any | Kind::Rule | Kind::Not => {
                if expression.trim().is_empty() {
                    return self.notice(true, format!("「{}」の表現が空です", kind.name()));
                }
                let Some(category) = self.category() else { return };
                let list = match kind {
                    Kind::Any => &mut category.any,
                    Kind::Rule => &mut category.rules,
                    _ => &mut category.not,
                };
                list.push(value(expression, remark));
                if !example.trim().is_empty() {
                    category.ok.push(value(example, String::new()));
                }
            }
            Kind::Ok | Kind::Ng | Kind::TodoOk => {
                let text = match (expression.trim().is_empty(), example.trim().is_empty()) {
                    (_, true) if expression.trim().is_empty() => {
                        return self.notice(true, format!("「{}」の例が空です", kind.name()));
                    }
                    (true, _) => example,
                    (_, true) => expression,
                    _ => {
                        return self.notice(
                            true,
                            format!("「{}」の行では、表現と例の片方だけに書いてください", kind.name()),
                        );
                    }
                };
                let Some(category) = self.category() else { return };
                let list = match kind {
                    Kind::Ok => &mut category.ok,
                    Kind::Ng => &mut category.ng,
                    _ => &mut category.todo_ok,
                };
                list.push(value(text, remark));
            }
            Kind::Variant => self.variant(key.name, expression, allow, remark),
            Kind::Part => {
                if key.name.is_empty() || expression.trim().is_empty() {
                    return self
                        .notice(true, "部品には、カテゴリの列に名前、表現の列に条件が要ります".to_owned());
                }
                let name = Value::from(&*key.name);
                self.tables().push(Table::Part {
                    remark,
                    name,
                    rule: Value { text: expression, remark: String::new() },
                    allow,
                });
            }
            Kind::Case | Kind::ExactCase => {
                let text = if example.trim().is_empty() { expression } else { example };
                if text.trim().is_empty() {
                    return self.notice(true, "事例の文が空です（例の列に書きます）".to_owned());
                }
                let ids = if key.id.is_empty() { &key.name } else { &key.id };
                let expect = ids
                    .split([';', '；'])
                    .map(str::trim)
                    .filter(|id| !id.is_empty())
                    .map(Value::from)
                    .collect();
                let exact = kind == Kind::ExactCase;
                self.tables().push(Table::Case {
                    remark,
                    text: Value { text, remark: String::new() },
                    expect,
                    exact,
                    allow,
                });
            }
            Kind::FileGroup => self.current().group = value(group.trim().to_owned(), remark),
            Kind::FileNot => {
                let not = value(expression, remark);
                self.current().not.push(not);
            }
            Kind::FileAllow => self.current().allow = allow,
            Kind::Top => self.current().remark = remark,
            Kind::Remark => self.tables().push(Table::Remark(remark)),
            Kind::End => self.current().end = remark,
        }
    }

    /// Makes `file` the current one, if the cell names one.
    fn turn_to(&mut self, file: &str) -> bool {
        if !file.is_empty() {
            let name = if file.to_ascii_lowercase().ends_with(".toml") {
                file.to_owned()
            } else {
                format!("{file}.toml")
            };
            // It will be a file in a folder of the user's choice, and nowhere else.
            if name.contains(['/', '\\', ':', '\0']) || name.starts_with('.') {
                self.notice(
                    true,
                    format!("ファイル「{file}」は、フォルダーを付けずに名前だけを書いてください"),
                );
                return false;
            }
            if name != self.file {
                self.category = Key::default();
                self.file = name;
            }
        }
        if !self.files.iter().any(|(name, _)| *name == self.file) {
            self.files.push((self.file.clone(), File::default()));
        }
        true
    }

    fn kind(&mut self, written: &str, expression: &str, example: &str) -> Option<Kind> {
        if written.is_empty() {
            // A bare word, or a bare example.
            return Some(match (expression.trim().is_empty(), example.trim().is_empty()) {
                (false, _) => Kind::Any,
                (true, false) => Kind::Ok,
                (true, true) => Kind::Category,
            });
        }
        let keys = [
            ("any", Kind::Any),
            ("rule", Kind::Rule),
            ("not", Kind::Not),
            ("ok", Kind::Ok),
            ("ng", Kind::Ng),
            ("todo_ok", Kind::TodoOk),
        ];
        let by_key = keys.iter().find(|(key, _)| *key == written).map(|(_, kind)| *kind);
        let found =
            by_key.or_else(|| Kind::ALL.iter().find(|(_, name)| same(name, written)).map(|(kind, _)| *kind));
        if found.is_none() {
            let known: Vec<&str> = Kind::ALL.iter().map(|(_, name)| *name).collect();
            self.notice(true, format!("種類「{written}」はありません。書けるのは {} です", known.join("・")));
        }
        found
    }

    fn current(&mut self) -> &mut File {
        let at = self.files.iter().position(|(name, _)| *name == self.file).expect("turned to before");
        &mut self.files[at].1
    }

    fn tables(&mut self) -> &mut Vec<Table> {
        &mut self.current().tables
    }

    /// The category of the row, made if it is new; `None` if the row names none.
    fn category(&mut self) -> Option<&mut Category> {
        let key = self.category.clone();
        if key == Key::default() {
            self.notice(true, "カテゴリの名前がありません".to_owned());
            return None;
        }
        let is_it = |category: &Category| match (&*key.id, &*category.id.text) {
            ("", _) | (_, "") => category.name.text == key.name,
            (wanted, id) => wanted == id,
        };
        let tables = self.tables();
        let found =
            tables.iter().position(|table| matches!(table, Table::Category(category) if is_it(category)));
        let at = found.unwrap_or_else(|| {
            tables.push(Table::Category(Box::default()));
            tables.len() - 1
        });
        let Table::Category(category) = &mut tables[at] else { return None };
        for (cell, of_row) in [(&mut category.id, &key.id), (&mut category.name, &key.name)] {
            if cell.text.is_empty() {
                cell.text.clone_from(of_row);
            }
        }
        Some(category)
    }

    fn variant(&mut self, name: String, form: String, allowed: Vec<String>, remark: String) {
        if name.is_empty() {
            return self.notice(true, "表記ゆれには、カテゴリの列に語が要ります".to_owned());
        }
        let tables = self.tables();
        let is_it = |table: &Table| matches!(table, Table::Variant { name: known, .. } if known.text == name);
        let at = tables.iter().position(is_it).unwrap_or_else(|| {
            tables.push(Table::Variant {
                remark: String::new(),
                name: Value::from(&*name),
                forms: Vec::new(),
                allow: Vec::new(),
            });
            tables.len() - 1
        });
        let Table::Variant { remark: whole, forms, allow, .. } = &mut tables[at] else { return };
        allow.extend(allowed);
        if form.is_empty() {
            *whole = remark;
        } else {
            forms.push(Value { text: form, remark });
        }
    }

    /// Categories without id get one.
    fn give_ids(&mut self) {
        let ids: Vec<String> = self
            .files
            .iter()
            .flat_map(|(_, file)| &file.tables)
            .filter_map(|table| match table {
                Table::Category(category) => Some(category.id.text.clone()),
                _ => None,
            })
            .collect();
        let mut fresh = (1..).map(|number| format!("code-{number}")).filter(|id| !ids.contains(id));
        let mut given = Vec::new();
        for table in self.files.iter_mut().flat_map(|(_, file)| &mut file.tables) {
            if let Table::Category(category) = table
                && category.id.text.is_empty()
            {
                category.id.text = fresh.next().expect("numbers don't end");
                given.push((category.name.text.clone(), category.id.text.clone()));
            }
        }
        for (name, id) in given {
            self.item = name;
            self.line = 1;
            self.differ(format!("ID がないので「{id}」としました。ふさわしい名前に変えてください"));
        }
    }
}

/// Equal but for the width of brackets.
fn same(name: &str, written: &str) -> bool {
    name == written.replace('(', "（").replace(')', "）")
}
