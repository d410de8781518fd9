//! `hookcast config --schema`: the table of keys as JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::bounds::BOUNDS;
use super::document::default_value;
use super::keys::{KEYS, Key, Kind};
use super::value::{write_duration, write_size};
use crate::limits::Limits;

/// The schema (draft 2020-12).
pub fn schema() -> Value {
    let mut root = object();
    for key in KEYS {
        insert(&mut root, key);
    }
    let defaults = Limits::default();
    for bound in BOUNDS {
        let mut entry = of_kind(bound.kind);
        let number = (bound.get)(&defaults);
        entry["default"] = match bound.kind {
            Kind::Duration => write_duration(number).trim_matches('"').into(),
            Kind::Size => write_size(number).trim_matches('"').into(),
            _ => number.into(),
        };
        entry["description"] = bound.about.into();
        properties(section(properties(&mut root), "limits")).insert(bound.name.into(), entry);
    }
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    root["title"] = "hookcast.toml".into();
    root
}

fn object() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn properties(schema: &mut Value) -> &mut Map<String, Value> {
    schema["properties"].as_object_mut().expect("every object of this schema has properties")
}

fn section<'a>(properties: &'a mut Map<String, Value>, name: &str) -> &'a mut Value {
    properties.entry(name).or_insert_with(object)
}

fn insert(root: &mut Value, key: &Key) {
    let mut entry = of_kind(key.kind);
    entry["description"] = key.about.into();
    if let Some(default) = key.default {
        entry["default"] = serde_json::to_value(default_value(default)).expect("a default is plain TOML");
    }
    let (section_name, name) = (key.section(), key.name());
    if let Some(array) = section_name.strip_suffix("[]") {
        let (parent, array) = match array.split_once('.') {
            Some((parent, array)) => (section(properties(root), parent), array),
            None => (root, array),
        };
        let list = properties(parent).entry(array).or_insert_with(|| json!({}));
        if list.get("items").is_none() {
            // `auth.issuer` is a name, or a list of tables.
            let alone = (list.get("type").is_some()).then(|| list.take());
            *list = json!({ "type": "array", "items": object() });
            if let Some(mut alone) = alone {
                list["description"] = alone["description"].take();
                list["type"] = json!([alone["type"].take(), "array"]);
            }
        }
        properties(&mut list["items"]).insert(name.into(), entry);
    } else if let Some(named) = section_name.strip_suffix(".*") {
        let table = properties(root)
            .entry(named)
            .or_insert_with(|| json!({ "type": "object", "additionalProperties": object() }));
        properties(&mut table["additionalProperties"]).insert(name.into(), entry);
    } else if name == "*" {
        properties(root)
            .insert(section_name.into(), json!({ "type": "object", "additionalProperties": entry }));
    } else {
        properties(section(properties(root), section_name)).insert(name.into(), entry);
    }
}

fn of_kind(kind: Kind) -> Value {
    match kind {
        Kind::Text | Kind::Address | Kind::Path => json!({ "type": "string" }),
        Kind::Duration => json!({ "type": "string", "pattern": "^[0-9]+ *(ms|s|m|h|d)$" }),
        Kind::Size => json!({ "anyOf": [
            { "type": "string", "pattern": "^[0-9]+ *(B|KiB|MiB|GiB)$" }, { "type": "integer", "minimum": 1 }
        ] }),
        Kind::Count => json!({ "type": "integer", "minimum": 1 }),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Matches => json!({ "anyOf": [
            { "type": "array", "minItems": 1, "items": of_match() }, of_match()
        ] }),
        Kind::TextTable => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Words(words) => json!({ "enum": words }),
        Kind::Tables => json!({ "type": "array", "items": { "type": "object" } }),
        Kind::Table => json!({ "type": "object" }),
        Kind::Secrets => json!({ "type": "array", "items": of_kind(Kind::Secret) }),
        Kind::LabelledSecrets => json!({ "type": "array", "items": of_secret(true) }),
        Kind::Secret => of_secret(false),
    }
}

fn of_secret(has_label: bool) -> Value {
    let place = |name: &str| {
        let mut properties = json!({ name: { "type": "string", "minLength": 1 } });
        if has_label {
            properties["label"] = json!({ "type": "string", "minLength": 1, "maxLength": 64 });
        }
        json!({ "type": "object", "required": [name], "properties": properties, "additionalProperties": false })
    };
    json!({ "anyOf": [{ "type": "string", "minLength": 1 }, place("env"), place("file"), place("value")] })
}

/// One table of `accept` or `drop`: any path, and what is asked of the value there.
fn of_match() -> Value {
    let scalar = json!({ "type": ["string", "number", "boolean"] });
    let words = json!({ "type": "object", "minProperties": 1, "additionalProperties": false, "properties": {
        "exists": { "type": "boolean" }, "prefix": { "type": "string" }, "suffix": { "type": "string" }, "not": {},
        "gt": { "type": "number" }, "gte": { "type": "number" }, "lt": { "type": "number" }, "lte": { "type": "number" }
    } });
    let one = json!({ "anyOf": [scalar, words] });
    let test = json!({ "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] });
    json!({ "type": "object", "minProperties": 1, "additionalProperties": test })
}
