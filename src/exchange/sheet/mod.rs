//! Rules as a table, a value per row, for those who write them in Excel; and back without loss.
//!
//! | ファイル | カテゴリ | ID | グループ | 種類 | 表現 | 例 | 許可 | メモ |
//!
//! 種類 says what a row is (`Kind`). Rows of one category belong together wherever they stand; empty cells of ファイル and
//! カテゴリ mean those of the row above. `book` writes workbooks.

mod book;
mod rows;

pub use book::to_xlsx;
pub use rows::{Read, read};

use super::draft::{File, Table, Value};
use crate::export::table::{self, Rows};

/// The headers, in order.
pub const HEADERS: [&str; 9] =
    ["ファイル", "カテゴリ", "ID", "グループ", "種類", "表現", "例", "許可", "メモ"];

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A category itself; 表現 is its definition.
    Category,
    Any,
    Rule,
    Not,
    Ok,
    Ng,
    TodoOk,
    /// A spelling; カテゴリ is the word.
    Variant,
    /// A condition with a name, which stands in カテゴリ.
    Part,
    /// A text with its categories, whose ids stand in ID.
    Case,
    ExactCase,
    /// The group of a file.
    FileGroup,
    FileNot,
    FileAllow,
    /// Remarks: at the top of a file, between two tables, and at its end.
    Top,
    Remark,
    End,
}

impl Kind {
    const ALL: [(Kind, &'static str); 17] = [
        (Kind::Category, "カテゴリ"),
        (Kind::Any, "語"),
        (Kind::Rule, "条件"),
        (Kind::Not, "打ち消し"),
        (Kind::Ok, "付く例"),
        (Kind::Ng, "付かない例"),
        (Kind::TodoOk, "未対応の例"),
        (Kind::Variant, "表記ゆれ"),
        (Kind::Part, "部品"),
        (Kind::Case, "事例"),
        (Kind::ExactCase, "事例（完全一致）"),
        (Kind::FileGroup, "ファイルのグループ"),
        (Kind::FileNot, "ファイルの打ち消し"),
        (Kind::FileAllow, "ファイルの許可"),
        (Kind::Top, "ファイルの注釈"),
        (Kind::Remark, "注釈"),
        (Kind::End, "末尾の注釈"),
    ];

    fn name(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// A row, its cells in the order of [`HEADERS`].
type Row = [String; 9];

/// The rows of rule files, each with its name.
pub fn rows(files: &[(String, File)]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, file) in files {
        let mut writer = Writer { rows: &mut rows, file: name };
        writer.file(file);
    }
    rows
}

/// The table as CSV.
pub fn to_csv(rows: &[Row]) -> Vec<u8> {
    let mut out = table::BOM.to_vec();
    let mut cells = Rows::new(&mut out);
    for row in std::iter::once(&HEADERS.map(str::to_owned)).chain(rows) {
        row.iter().for_each(|cell| cells.cell(cell));
        cells.end();
    }
    drop(cells);
    out
}

struct Writer<'r> {
    rows: &'r mut Vec<Row>,
    file: &'r str,
}

impl Writer<'_> {
    fn push(&mut self, kind: Kind, cells: [&str; 6]) {
        self.push_allowing(kind, cells, &[]);
    }

    fn push_allowing(
        &mut self,
        kind: Kind,
        [category, id, group, expression, example, remark]: [&str; 6],
        allow: &[String],
    ) {
        let allow = allow.join(";");
        let cells = [self.file, category, id, group, kind.name(), expression, example, &allow, remark];
        self.rows.push(cells.map(str::to_owned));
    }

    fn file(&mut self, file: &File) {
        if !file.remark.is_empty() {
            self.push(Kind::Top, ["", "", "", "", "", &file.remark]);
        }
        if file.group != Value::default() {
            self.push(Kind::FileGroup, ["", "", &file.group.text, "", "", &file.group.remark]);
        }
        for not in &file.not {
            self.push(Kind::FileNot, ["", "", "", &not.text, "", &not.remark]);
        }
        if !file.allow.is_empty() {
            self.push_allowing(Kind::FileAllow, [""; 6], &file.allow);
        }
        for table in &file.tables {
            self.table(table);
        }
        if !file.end.is_empty() {
            self.push(Kind::End, ["", "", "", "", "", &file.end]);
        }
    }

    fn table(&mut self, table: &Table) {
        match table {
            Table::Category(category) => {
                let (name, id) = (&*category.name.text, &*category.id.text);
                let (group, desc) = (&*category.group.text, &*category.desc.text);
                self.push_allowing(
                    Kind::Category,
                    [name, id, group, desc, "", &category.remark],
                    &category.allow,
                );
                for (kind, values) in
                    [(Kind::Any, &category.any), (Kind::Rule, &category.rules), (Kind::Not, &category.not)]
                {
                    for value in values {
                        self.push(kind, [name, id, "", &value.text, "", &value.remark]);
                    }
                }
                for (kind, values) in
                    [(Kind::Ok, &category.ok), (Kind::Ng, &category.ng), (Kind::TodoOk, &category.todo_ok)]
                {
                    for value in values {
                        self.push(kind, [name, id, "", "", &value.text, &value.remark]);
                    }
                }
            }
            Table::Variant { remark, name, forms, allow } => {
                // The word itself has a row for the remark of the whole.
                self.push_allowing(Kind::Variant, [&name.text, "", "", "", "", remark], allow);
                for form in forms {
                    self.push(Kind::Variant, [&name.text, "", "", &form.text, "", &form.remark]);
                }
            }
            Table::Part { remark, name, rule, allow } => {
                self.push_allowing(Kind::Part, [&name.text, "", "", &rule.text, "", remark], allow);
            }
            Table::Case { remark, text, expect, exact, allow } => {
                let ids: Vec<&str> = expect.iter().map(|id| &*id.text).collect();
                let kind = if *exact { Kind::ExactCase } else { Kind::Case };
                self.push_allowing(kind, ["", &ids.join(";"), "", "", &text.text, remark], allow);
            }
            Table::Remark(remark) => self.push(Kind::Remark, ["", "", "", "", "", remark]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::exchange::draft;
    use crate::exchange::from_rules::from_rules;
    use crate::read::{Columns, Reader};
    use crate::rule::{shipped, source};

    fn parsed(name: &str, text: &str) -> (String, File) {
        let file = Arc::new(SourceFile { name: name.to_owned(), text: text.to_owned() });
        let mut diagnostics = Vec::new();
        let rules = source::parse(&file, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        (name.to_owned(), from_rules(&rules))
    }

    fn table(bytes: Vec<u8>, is_csv: bool) -> Read {
        let columns = Columns { texts: vec!["表現".to_owned()], ..Columns::default() };
        let reader = Reader::from_reader("t", Box::new(Cursor::new(bytes)), &columns).unwrap();
        read(reader, "t", "t", is_csv).unwrap()
    }

    const AWKWARD: &str = "\
# 先頭の注釈
group = 'G'
not = ['訓練'] # 訓練の話は除く
allow = ['W103']

# 表記
[[variant]]
name = '混む'
forms = [
    '込む', # 送り仮名
    # 漢語
    '混雑',
]
allow = 'W105'

[[part]]
name = '場所'
rule = '''
受付 | 待合室 # 中の注釈
'''

# 甲の注釈
[[category]]
# id の注釈
id = 'a'
name = '甲'
desc = '定義 \"引用\"'
allow = ['W101', 'W104']
any = ['=SUM', '-->', '「+」', \"'引用'\", '''列(問, '問7')''']
rule = ['''
near(a,
  b)
''', '+c']
ok = [\"二行の\\n文\", ' 前後に空白 ']

[[category]]
id = 'b'
name = '乙'
group = 'H'
any = 'x'

[[case]]
text = '文'
expect = ['a', 'b']
exact = true

[[case]]
text = '何も付かない'
expect = []
# 終わり
";

    #[test]
    fn rules_come_back_from_a_table_as_they_were() {
        let mut files: Vec<(String, File)> =
            shipped::FILES.iter().map(|(name, text)| parsed(name, text)).collect();
        files.push(parsed("awkward.toml", AWKWARD));
        let rows = rows(&files);
        for (read, form) in
            [(table(to_csv(&rows), true), "CSV"), (table(to_xlsx(&rows).unwrap(), false), "XLSX")]
        {
            assert_eq!(read.notices, [], "{form}");
            for (found, expected) in read.files.iter().zip(&files) {
                assert_eq!(found, expected, "{form}");
                // And so do files written of them.
                assert_eq!(parsed(&found.0, &draft::write(&found.1)), *expected, "{form}");
            }
            assert_eq!(read.files.len(), files.len());
        }
    }

    #[test]
    fn remarks_stay_with_what_they_are_about() {
        let (_, file) = parsed("a.toml", AWKWARD);
        assert_eq!(file.not[0].remark, "先頭の注釈\n訓練の話は除く");
        let Table::Variant { remark, forms, .. } = &file.tables[0] else { panic!("{:?}", file.tables[0]) };
        assert_eq!((&**remark, &*forms[0].remark, &*forms[1].remark), ("表記", "送り仮名", "漢語"));
        let Table::Category(category) = &file.tables[2] else { panic!("{:?}", file.tables[2]) };
        assert_eq!((&*category.remark, &*file.end), ("甲の注釈\nid の注釈", "終わり"));
    }

    #[test]
    fn a_table_is_read_as_people_fill_it_in() {
        let text = "\
カテゴリ,種類,表現,例,担当
混雑,,行列,受付に行列ができた,甲
,,混む,,
,付かない例,,道が空く,
音,語,異音,,乙
混雑,ok,,駐車場が混む,
";
        let read = table(text.as_bytes().to_vec(), true);
        let (name, file) = &read.files[0];
        assert_eq!(
            (&**name, &*draft::write(file)),
            (
                "t.toml",
                "\
[[category]]
id = 'code-1'
name = '混雑'
any = ['行列', '混む']
ok = ['受付に行列ができた', '駐車場が混む']
ng = ['道が空く']

[[category]]
id = 'code-2'
name = '音'
any = ['異音']
"
            )
        );
        let said: Vec<&str> = read.notices.iter().map(|notice| &*notice.text).collect();
        assert!(said[0].contains("列「担当」") && said[1].contains("「code-1」"), "{said:?}");
    }

    #[test]
    fn what_is_no_rule_is_named_with_its_line() {
        let text = "\
ファイル,カテゴリ,種類,表現,例
,,語,行列,
,混雑,語,,
,混雑,条件文,行列,
../悪い,混雑,語,行列,
,混雑,付く例,,
,,部品,行列,
";
        let read = table(text.as_bytes().to_vec(), true);
        let said: Vec<String> = read
            .notices
            .iter()
            .filter(|notice| notice.is_lost)
            .map(|notice| format!("{} {}", notice.line, notice.text))
            .collect();
        let expected = [
            "2 カテゴリの名前",
            "3 「語」の表現が空",
            "4 種類「条件文」",
            "5 ファイル「../悪い」",
            "6 「付く例」の例が空",
            "7 部品には",
        ];
        assert_eq!(said.len(), expected.len(), "{said:?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with(expected), "{said}");
        }
    }
}
