//! The value of an expression as JSON. What is passed through whole from the body stays as it was spelt there.

use minijinja::value::{Value, ValueKind};

use super::body::Container;

/// How deep lists and maps that an expression made may nest.
const DEPTH_MAX: usize = 16;

/// Why a value has no place in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoJson {
    TooLong,
    TooDeep,
    /// An undefined value, a number that is none, or something that is no data.
    NoData,
}

impl NoJson {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "it makes more text than all fields of an event may have together",
            Self::TooDeep => "it makes lists in lists, deeper than fields may be",
            Self::NoData => "a part of the value is undefined or no number",
        }
    }
}

/// Appends the value; `json` grows to `bytes_max` at most.
pub fn write(value: &Value, json: &mut String, bytes_max: usize) -> Result<(), NoJson> {
    write_at(value, json, bytes_max, 0)
}

/// Appends text that is JSON already.
pub fn push(text: &str, json: &mut String, bytes_max: usize) -> Result<(), NoJson> {
    if json.len() + text.len() > bytes_max {
        return Err(NoJson::TooLong);
    }
    json.push_str(text);
    Ok(())
}

fn write_at(value: &Value, json: &mut String, bytes_max: usize, depth: usize) -> Result<(), NoJson> {
    if depth > DEPTH_MAX {
        return Err(NoJson::TooDeep);
    }
    if let Some(container) = value.downcast_object_ref::<Container>() {
        return push(container.value().raw(), json, bytes_max);
    }
    match value.kind() {
        ValueKind::None => push("null", json, bytes_max),
        ValueKind::Bool => push(if value.is_true() { "true" } else { "false" }, json, bytes_max),
        ValueKind::Number => write_number(value, json, bytes_max),
        ValueKind::String => write_text(value.as_str().ok_or(NoJson::NoData)?, json, bytes_max),
        ValueKind::Seq | ValueKind::Iterable => {
            push("[", json, bytes_max)?;
            let items = value.try_iter().map_err(|_| NoJson::NoData)?.checked();
            for (index, item) in items.enumerate() {
                if index > 0 {
                    push(",", json, bytes_max)?;
                }
                write_at(&item.map_err(|_| NoJson::NoData)?, json, bytes_max, depth + 1)?;
            }
            push("]", json, bytes_max)
        }
        ValueKind::Map => {
            push("{", json, bytes_max)?;
            let keys = value.try_iter().map_err(|_| NoJson::NoData)?.checked();
            for (index, key) in keys.enumerate() {
                let key = key.map_err(|_| NoJson::NoData)?;
                if index > 0 {
                    push(",", json, bytes_max)?;
                }
                write_text(&key.to_string(), json, bytes_max)?;
                push(":", json, bytes_max)?;
                let member = value.get_item(&key).map_err(|_| NoJson::NoData)?;
                write_at(&member, json, bytes_max, depth + 1)?;
            }
            push("}", json, bytes_max)
        }
        _ => Err(NoJson::NoData),
    }
}

fn write_number(value: &Value, json: &mut String, bytes_max: usize) -> Result<(), NoJson> {
    if value.is_integer() {
        return push(&value.to_string(), json, bytes_max);
    }
    let float = f64::try_from(value.clone()).map_err(|_| NoJson::NoData)?;
    let number = serde_json::Number::from_f64(float).ok_or(NoJson::NoData)?;
    push(&number.to_string(), json, bytes_max)
}

fn write_text(text: &str, json: &mut String, bytes_max: usize) -> Result<(), NoJson> {
    // Escapes only make it longer.
    if json.len() + text.len() > bytes_max {
        return Err(NoJson::TooLong);
    }
    push(&serde_json::Value::from(text).to_string(), json, bytes_max)
}
