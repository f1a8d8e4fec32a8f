//! The JSON Schema of rule files: docs/rules.schema.json is the one that is made, the shipped rules conform to it, and
//! what the reader refuses it refuses.
//!
//! `OVERWRITE=1 cargo test --test schema` writes the document.

mod common;

use jirei::rule::{schema, shipped};
use serde_json::Value;

#[test]
fn the_document_is_what_is_made() {
    let path = common::root().join("docs/rules.schema.json");
    if let Err(problem) = common::compare(&path, &schema::schema()) {
        panic!("{problem}");
    }
}

#[test]
fn shipped_rules_conform() {
    let schema: Value = serde_json::from_str(&schema::schema()).expect("it is JSON");
    for (name, text) in shipped::FILES {
        let rules: Value = toml::from_str(text).expect("it is TOML");
        assert_eq!(refusal(&rules, &schema), None, "{name}");
    }
}

#[test]
fn what_the_reader_refuses_does_not_conform() {
    let schema: Value = serde_json::from_str(&schema::schema()).expect("it is JSON");
    for (text, refused) in [
        ("[[category]]\nid = 'a'\nname = 'b'\nany = 'c'\nallow = ['W103']", None),
        ("[[category]]\nid = 'a'\nnaem = 'b'", Some("name is missing")),
        ("[[category]]\nid = 'a'\nname = 'b'\nrules = 'c'", Some("rules is not known")),
        ("[[category]]\nid = 'A b'\nname = 'b'", Some("\"A b\" does not match")),
        ("[[category]]\nid = 'a'\nname = 3", Some("3 is no string")),
        ("[[category]]\nid = 'a'\nname = 'b'\nany = [3]", Some("[3] is none of these")),
        ("allow = ['E101']", Some("[\"E101\"] is none of these")),
        ("[category]\nid = 'a'", Some("{\"id\":\"a\"} is no array")),
        ("[[case]]\ntext = 'a'\nexact = 'true'", Some("\"true\" is no boolean")),
    ] {
        let rules: Value = toml::from_str(text).expect("it is TOML");
        assert_eq!(refusal(&rules, &schema).as_deref(), refused, "{text}");
    }
}

/// Why `value` doesn't conform to `schema`, which uses the few keywords known here.
fn refusal(value: &Value, schema: &Value) -> Option<String> {
    let strings = |key: &str| schema[key].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(alternatives) = schema["anyOf"].as_array() {
        let is_refused = alternatives.iter().all(|schema| refusal(value, schema).is_some());
        return is_refused.then(|| format!("{value} is none of these"));
    }
    let is_of_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        other => panic!("{other:?} is not known here"),
    };
    if !is_of_type {
        return Some(format!("{value} is no {}", schema["type"].as_str().expect("it has just been one")));
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        let regex = regex::Regex::new(pattern).expect("the pattern is sound");
        if !regex.is_match(value.as_str()?) {
            return Some(format!("{value} does not match"));
        }
    }
    if schema.get("enum").is_some() && !strings("enum").any(|allowed| value.as_str() == Some(allowed)) {
        return Some(format!("{value} is not allowed"));
    }
    if let Some(items) = value.as_array() {
        return items.iter().find_map(|item| refusal(item, &schema["items"]));
    }
    let table = value.as_object()?;
    if let Some(missing) = strings("required").find(|key| !table.contains_key(*key)) {
        return Some(format!("{missing} is missing"));
    }
    table.iter().find_map(|(key, value)| match schema["properties"].get(key) {
        Some(schema) => refusal(value, schema),
        None => Some(format!("{key} is not known")),
    })
}
