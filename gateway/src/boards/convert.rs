//! Between a board's TOML and the JSON that pages speak. A date is its text there; infinities and what is no number are null.
//! Pure.

use serde_json::{Map, Number, Value as Json};
use toml_edit::{Array, InlineTable, Item, Table, Value};

/// Keys in the order in which people write them; what is not listed follows by its name. Pages send them in any order.
const ORDER: [&str; 28] = [
    "id", "type", "title", "at", "from", "where", "value", "op", "of", "window", "bucket", "per", "scale",
    "split", "by", "top", "text", "note", "columns", "sort", "ok", "bad", "unit", "decimals", "min", "max",
    "rows", "stale",
];

/// A board as JSON.
///
/// # Errors
/// What is no TOML of it, with the line.
pub fn to_json(text: &str) -> Result<Map<String, Json>, String> {
    let document = text.parse::<toml_edit::DocumentMut>().map_err(|error| error.to_string())?;
    Ok(json_of_table(document.as_table()))
}

fn json_of_table(table: &Table) -> Map<String, Json> {
    table.iter().filter_map(|(key, item)| Some((key.to_owned(), json_of_item(item)?))).collect()
}

fn json_of_item(item: &Item) -> Option<Json> {
    Some(match item {
        Item::None => return None,
        Item::Value(value) => json_of(value),
        Item::Table(table) => Json::Object(json_of_table(table)),
        Item::ArrayOfTables(tables) => {
            tables.iter().map(|table| Json::Object(json_of_table(table))).collect()
        }
    })
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::String(text) => Json::String(text.value().clone()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Float(number) => Number::from_f64(*number.value()).map_or(Json::Null, Json::Number),
        Value::Boolean(is) => Json::Bool(*is.value()),
        Value::Datetime(date) => Json::String(date.value().to_string()),
        Value::Array(items) => items.iter().map(json_of).collect(),
        Value::InlineTable(table) => {
            Json::Object(table.iter().map(|(key, value)| (key.to_owned(), json_of(value))).collect())
        }
    }
}

/// A value as one would write it; none for null, and for whole numbers that TOML has no room for.
pub(super) fn to_toml(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(is) => Value::from(*is),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::from(whole),
            (None, Some(float)) if !number.is_u64() => Value::from(float),
            _ => return None,
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().map(to_toml).collect::<Option<Array>>()?),
        Json::Object(object) => {
            let mut table = InlineTable::new();
            for (key, json) in ordered(object).filter(|(_, json)| !json.is_null()) {
                table.insert(key, to_toml(json)?);
            }
            Value::InlineTable(table)
        }
    })
}

/// The members in the order in which people write them.
pub(super) fn ordered(object: &Map<String, Json>) -> impl Iterator<Item = (&String, &Json)> {
    let place = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    let mut members: Vec<_> = object.iter().collect();
    members.sort_by_key(|(key, _)| place(key));
    members.into_iter()
}

/// Whether they say the same: `1` and `1.0` do, for pages know one kind of number.
pub(super) fn is_same(item: &Item, json: &Json) -> bool {
    json_of_item(item).is_some_and(|found| is_equal(&found, json))
}

pub(super) fn is_same_value(value: &Value, json: &Json) -> bool {
    is_equal(&json_of(value), json)
}

fn is_equal(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one == other,
            _ => one.as_f64() == other.as_f64(),
        },
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| is_equal(one, other)))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_read_can_be_written_and_says_the_same() {
        let text = "a = 1.0\nb = [1, 'x', { c = true }]\nd = 2026-11-26\n[e]\nf.g = \"\"\n[[w]]\n[[w]]\nid = '__proto__'\n";
        let json = to_json(text).unwrap();
        assert_eq!(json["d"], "2026-11-26");
        assert_eq!(json["w"], json!([{}, { "id": "__proto__" }]));
        let document: toml_edit::DocumentMut = text.parse().unwrap();
        for (key, item) in document.iter() {
            assert!(is_same(item, &json[key]), "{key}");
            assert!(to_toml(&json[key]).is_some(), "{key}");
        }
        assert!(is_same(&document["a"], &json!(1)));
        assert!(!is_same(&document["a"], &json!("1")));
        assert!(to_toml(&json!([null])).is_none() && to_toml(&json!(u64::MAX)).is_none());
        assert!(to_json("a = ").unwrap_err().contains("line 1"));
    }
}
