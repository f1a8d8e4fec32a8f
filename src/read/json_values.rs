//! What stands in a JSON object: its fields, their values as the text of cells, and what is mended on the way.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::repair::repaired_cell;

/// An object's fields in their order, values as they are written.
pub(super) struct RawFields<'t>(pub(super) Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for RawFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = RawFields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<Self::Value, M::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(RawFields(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// A value as the text of a cell: strings without quotes, null as nothing, a list of values joined by `;` as forms write
/// multiple choices, everything else as it is written.
pub(super) fn cell(value: &RawValue, replaced: &mut u64) -> String {
    let written = value.get();
    match written.as_bytes().first() {
        Some(b'"') => string(written, replaced),
        Some(b'n') => String::new(),
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(written) {
            Ok(values) if values.iter().all(|value| !value.get().starts_with(['[', '{'])) => {
                let cells: Vec<String> = values.into_iter().map(|value| cell(value, replaced)).collect();
                cells.join(";")
            }
            _ => written.to_owned(),
        },
        _ => written.to_owned(),
    }
}

/// The text of a string literal.
fn string(literal: &str, replaced: &mut u64) -> String {
    let text = match serde_json::from_str::<String>(literal) {
        Ok(text) => text,
        // The one thing that a literal accepted before can have wrong is half of a surrogate pair.
        Err(_) => {
            let (mended, count) = without_lone_surrogates(literal);
            *replaced += count;
            serde_json::from_str(&mended).unwrap_or(mended)
        }
    };
    let (text, count) = repaired_cell(text.as_bytes());
    *replaced += count;
    text
}

/// `literal` with `\uFFFD` for every escape that is half of a pair, and their number.
fn without_lone_surrogates(literal: &str) -> (String, u64) {
    let unit = |at: usize| {
        let escape = literal.get(at..at + 6).filter(|escape| escape.starts_with("\\u"))?;
        u32::from_str_radix(&escape[2..], 16).ok()
    };
    let (mut out, mut count, mut at) = (String::with_capacity(literal.len()), 0, 0);
    while let Some(step) = literal[at..].find('\\') {
        out.push_str(&literal[at..at + step]);
        at += step;
        let taken = match (unit(at), unit(at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str("\\uFFFD");
                count += 1;
                at += 6;
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 2,
        };
        let end = (at + taken).min(literal.len());
        out.push_str(&literal[at..end]);
        at = end;
    }
    out.push_str(&literal[at..]);
    (out, count)
}

/// `object` with escapes for the control characters that stand in its strings as they are, which JSON doesn't allow.
pub(super) fn with_escaped_controls(object: &str) -> String {
    let (mut is_in_string, mut is_escaped) = (false, false);
    let mut out = String::with_capacity(object.len() + 16);
    for c in object.chars() {
        if is_in_string && c < ' ' {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_in_string,
            '"' => is_in_string = !is_in_string,
            _ => {}
        }
    }
    out
}
