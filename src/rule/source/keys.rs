//! The keys of rule files: what the reader knows, and what the JSON Schema tells editors.

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What its value is.
    pub value: Value,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it is for, in Japanese.
    pub what: &'static str,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// A string.
    Text,
    /// An id: lower-case ASCII letters, digits and `-`.
    Id,
    /// A list of strings; one string is a list of one.
    List,
    /// A list of ids of warnings.
    Warnings,
    /// `true` or `false`.
    Flag,
    /// Tables, each under its header.
    Tables(&'static [Key]),
}

const fn required(name: &'static str, value: Value, what: &'static str) -> Key {
    Key { name, value, is_required: true, what }
}

const fn optional(name: &'static str, value: Value, what: &'static str) -> Key {
    Key { name, value, is_required: false, what }
}

const ALLOW: Key = optional("allow", Value::Warnings, "わざとそうしている警告の番号。ここでは出なくなる");

/// The head of a file.
pub const FILE: &[Key] = &[
    optional("group", Value::Text, "このファイルのカテゴリ全部のグループ"),
    optional("not", Value::List, "成り立つと、同じ文の根拠を取り消す条件。このファイルのカテゴリ全部に効く"),
    ALLOW,
    optional("category", Value::Tables(CATEGORY), "カテゴリ"),
    optional("variant", Value::Tables(VARIANT), "表記ゆれ。いつでも 1 つの語とみなす書き方"),
    optional("part", Value::Tables(PART), "部品。{名前} で使う条件"),
    optional("case", Value::Tables(CASE), "1 つの文に付くカテゴリをまとめて確かめる例"),
];

/// `[[category]]`.
pub const CATEGORY: &[Key] = &[
    required(
        "id",
        Value::Id,
        "半角の英小文字・数字・「-」。結果のファイルにも出るので、一度決めたら変えない",
    ),
    required("name", Value::Text, "表に出る日本語の名前"),
    optional("group", Value::Text, "グループ。書かなければファイルの group"),
    optional("desc", Value::Text, "どういう回答に付けるかの説明"),
    optional("any", Value::List, "語の並び。どれか 1 つでこのカテゴリが付く"),
    optional("rule", Value::List, "条件。語を または・かつ・near( )・否定( ) などで組み合わせる"),
    optional("not", Value::List, "成り立つと、同じ文の根拠を取り消す語や条件"),
    optional("ok", Value::List, "このカテゴリが付く文"),
    optional("ng", Value::List, "このカテゴリが付かない文"),
    optional("todo_ok", Value::List, "付いてほしいが、まだ付かない文"),
    ALLOW,
];

/// `[[variant]]`.
pub const VARIANT: &[Key] = &[
    required("name", Value::Text, "代表の書き方"),
    optional("forms", Value::List, "同じ語とみなす書き方の並び"),
    ALLOW,
];

/// `[[part]]`.
pub const PART: &[Key] = &[
    required("name", Value::Text, "名前。条件の中で {名前} と書く"),
    required("rule", Value::Text, "条件"),
    ALLOW,
];

/// `[[case]]`.
pub const CASE: &[Key] = &[
    required("text", Value::Text, "文"),
    optional("expect", Value::List, "付くはずのカテゴリの id"),
    optional("exact", Value::Flag, "true なら、ほかのカテゴリが付いても失敗"),
    ALLOW,
];
