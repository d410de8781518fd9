//! A board as a page sends it, checked for its shape and its bounds. What a widget's own keys mean is the page's business: it
//! names a mistake beside the widget, and the others render. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::config::value::parse_duration;

/// What is read of one request.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
const WIDGETS_MAX: usize = 64;
const KEYS_MAX: usize = 64;
const TITLE_CHARACTERS_MAX: usize = 200;
const WORD_CHARACTERS_MAX: usize = 64;
/// Tables and lists within each other, the widget's own table counted.
const DEPTH_MAX: usize = 8;
const COLUMNS: u64 = 12;
const ROWS_MAX: u64 = 1_000;

/// What the gateway adds when a board is read: pages send it back, and it is no part of the board.
pub const ADDED: [&str; 5] = ["name", "from", "revision", "hides", "try"];

/// See the head of the file.
#[derive(Debug)]
pub struct Wanted {
    /// The keys beside the widgets; null takes one away.
    pub keys: Map<String, Value>,
    /// Each has an `id` that no other has.
    pub widgets: Vec<Map<String, Value>>,
}

impl Wanted {
    /// # Errors
    /// The first thing that is wrong, and what was expected.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let json: Value =
            serde_json::from_slice(body).map_err(|error| format!("this is no JSON: {error}"))?;
        let Value::Object(mut keys) = json else {
            return Err("expected a board: {\"title\",\"range\",\"widget\":[…]}".into());
        };
        for added in ADDED {
            keys.remove(added);
        }
        let widgets = match keys.remove("widget") {
            None => {
                return Err("widget: expected the list of all widgets; what is not in it is removed".into());
            }
            Some(Value::Array(widgets)) => widgets,
            Some(_) => return Err("widget: expected a list of tables".into()),
        };
        if widgets.len() > WIDGETS_MAX {
            return Err(format!(
                "widget: a board has {WIDGETS_MAX} widgets at most, but these are {}",
                widgets.len()
            ));
        }
        check_keys(&keys)?;
        if let Some(title) = keys.get("title") {
            is_line(title, TITLE_CHARACTERS_MAX).map_err(|expected| format!("title: {expected}"))?;
        }
        if let Some(range) = keys.get("range").filter(|range| !range.is_null()) {
            let text = range.as_str().ok_or("range: expected a duration such as \"15m\"")?;
            parse_duration(text).map_err(|why| format!("range: {why}"))?;
        }
        let mut ids = BTreeSet::new();
        let widgets = widgets.into_iter().enumerate().map(|(index, widget)| {
            let widget = read_widget(widget).map_err(|why| format!("widget {}: {why}", index + 1))?;
            let id = widget["id"].to_string();
            if ids.insert(id.clone()) {
                Ok(widget)
            } else {
                Err(format!("widget {}: there is another with the id {id}", index + 1))
            }
        });
        Ok(Self { keys, widgets: widgets.collect::<Result<_, String>>()? })
    }
}

fn read_widget(widget: Value) -> Result<Map<String, Value>, String> {
    let Value::Object(widget) = widget else { return Err("expected a table".into()) };
    for key in ["id", "type"] {
        let word = widget.get(key).ok_or_else(|| format!("{key}: expected a word, but there is none"))?;
        is_line(word, WORD_CHARACTERS_MAX).map_err(|expected| format!("{key}: {expected}"))?;
    }
    let id = &widget["id"];
    check_keys(&widget).map_err(|why| format!("id {id}: {why}"))?;
    match widget.get("at") {
        None | Some(Value::Null) => {}
        Some(at) if is_place(at) => {}
        Some(_) => {
            return Err(format!(
                "id {id}: at: expected [column, row, width, height] within {COLUMNS} columns and {ROWS_MAX} rows"
            ));
        }
    }
    Ok(widget)
}

fn is_place(at: &Value) -> bool {
    let numbers: Option<Vec<u64>> = at.as_array().and_then(|items| items.iter().map(whole).collect());
    matches!(numbers.as_deref(), Some(&[column, row, width, height])
        if width >= 1 && height >= 1 && column.saturating_add(width) <= COLUMNS && row.saturating_add(height) <= ROWS_MAX)
}

/// `4`, and `4.0` as a page may write it.
fn whole(number: &Value) -> Option<u64> {
    number.as_u64().or_else(|| {
        let float = number.as_f64()?;
        let is_whole = float.fract() == 0.0 && (0.0..=ROWS_MAX as f64).contains(&float);
        #[expect(clippy::cast_sign_loss, reason = "it was just compared with 0")]
        is_whole.then_some(float as u64)
    })
}

fn is_line(text: &Value, characters_max: usize) -> Result<(), String> {
    let expected = || format!("expected 1 to {characters_max} characters on one line");
    let text = text.as_str().ok_or_else(expected)?;
    let is_plain = !text.trim().is_empty() && !text.contains(char::is_control);
    if is_plain && text.chars().count() <= characters_max { Ok(()) } else { Err(expected()) }
}

fn check_keys(table: &Map<String, Value>) -> Result<(), String> {
    if table.len() > KEYS_MAX {
        return Err(format!("a table has {KEYS_MAX} keys at most, but this has {}", table.len()));
    }
    for (key, value) in table {
        if key.is_empty() || key.chars().count() > WORD_CHARACTERS_MAX {
            return Err(format!("a key has 1 to {WORD_CHARACTERS_MAX} characters"));
        }
        check_value(value, DEPTH_MAX - 1).map_err(|why| format!("{key}: {why}"))?;
    }
    Ok(())
}

fn check_value(value: &Value, depth: usize) -> Result<(), String> {
    match value {
        Value::Array(_) | Value::Object(_) if depth == 0 => {
            Err(format!("tables and lists are {DEPTH_MAX} deep at most"))
        }
        Value::Array(items) => items.iter().try_for_each(|item| match item {
            Value::Null => Err("null has no place in a list".into()),
            item => check_value(item, depth - 1),
        }),
        Value::Object(members) => members.values().try_for_each(|member| check_value(member, depth - 1)),
        Value::Number(number) if number.is_u64() && number.as_i64().is_none() => {
            Err(format!("{number} is too large"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_board_of_any_other_shape_is_told_what_was_expected() {
        let widget = |key: &str, value: Value| {
            let mut widget = json!({ "id": "a", "type": "number" });
            widget[key] = value;
            json!({ "widget": [widget] })
        };
        let deep = (0..9).fold(json!(1), |inner, _| json!([inner]));
        let many: Vec<_> = (0..65).map(|id| json!({ "id": id.to_string(), "type": "t" })).collect();
        for (body, part) in [
            (json!([]), "expected a board"),
            (json!({}), "widget: expected the list"),
            (json!({ "widget": 1 }), "widget: expected a list"),
            (json!({ "widget": many }), "64 widgets at most"),
            (json!({ "widget": [1] }), "widget 1: expected a table"),
            (json!({ "widget": [{ "type": "t" }] }), "widget 1: id: expected a word"),
            (json!({ "widget": [{ "id": "a" }] }), "widget 1: type"),
            (
                json!({ "widget": [{ "id": "a", "type": "t" }, { "id": "a", "type": "t" }] }),
                "widget 2: there is another",
            ),
            (widget("id", json!("a\nb")), "widget 1: id"),
            (widget("id", json!("")), "widget 1: id"),
            (widget("at", json!([0, 0, 13, 1])), "within 12 columns"),
            (widget("at", json!([0, 0, 1])), "at: expected"),
            (widget("at", json!([0, -1, 1, 1])), "at: expected"),
            (widget("at", json!([0, 0, 0, 1])), "at: expected"),
            (widget("at", json!([0, 1e300, 1, 1])), "at: expected"),
            (widget("where", deep), "where: tables and lists"),
            (widget("where", json!([null])), "null has no place"),
            (widget("rows", json!(u64::MAX)), "too large"),
            (widget(&"k".repeat(65), json!(1)), "a key has"),
            (json!({ "widget": [], "title": "" }), "title"),
            (json!({ "widget": [], "range": "soon" }), "range"),
        ] {
            let why = Wanted::read(body.to_string().as_bytes()).unwrap_err();
            assert!(why.contains(part), "{part}: {why}");
        }
        assert!(Wanted::read(b"{").unwrap_err().contains("no JSON"));
    }

    #[test]
    fn what_the_gateway_added_is_no_part_of_a_board() {
        let body = json!({
            "name": "x", "from": "file", "revision": "0", "try": {}, "hides": [], "title": "T", "own": 1,
            "widget": [{ "id": "a", "type": "number", "at": [0.0, 0, 12, 4], "__proto__": { "x": 1 } }],
        });
        let wanted = Wanted::read(body.to_string().as_bytes()).unwrap();
        assert_eq!(wanted.keys.keys().collect::<Vec<_>>(), ["own", "title"]);
        assert_eq!(wanted.widgets.len(), 1);
    }
}
