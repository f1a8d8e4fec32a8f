//! The rule files' format as a JSON Schema (2020-12), for editors that complete and check TOML: made of the same tables as
//! the reader.

use serde_json::{Map, Value as Json, json};

use super::source::keys::{FILE, Key, Value};
use crate::diagnostic::{Kind, Severity};

/// The schema, indented, with a line break at the end.
pub fn schema() -> String {
    let mut schema = table(FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("jirei のルール");
    format!("{schema:#}\n")
}

fn table(keys: &[Key]) -> Json {
    let mut properties = Map::new();
    for key in keys {
        let mut property = value(key.value);
        property["description"] = json!(key.what);
        properties.insert(key.name.to_owned(), property);
    }
    let required: Vec<&str> = keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn value(value: Value) -> Json {
    // One string is a list of one.
    let list = |item: Json| json!({ "anyOf": [item, { "type": "array", "items": item }] });
    match value {
        Value::Text => json!({ "type": "string" }),
        Value::Id => json!({ "type": "string", "pattern": "^[a-z][a-z0-9-]*$" }),
        Value::List => list(json!({ "type": "string" })),
        Value::Flag => json!({ "type": "boolean" }),
        Value::Tables(keys) => json!({ "type": "array", "items": table(keys) }),
        Value::Warnings => {
            let kinds = Kind::ALL.iter().filter(|kind| kind.severity() != Severity::Error);
            let ids: Vec<&str> = kinds.map(|kind| kind.id()).collect();
            list(json!({ "type": "string", "enum": ids }))
        }
    }
}
