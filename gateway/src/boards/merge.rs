//! Lays what a page sends over a board's text: only what differs is written anew, so that comments, spacing and the order of
//! keys stay as a person left them. Widgets are matched by their `id`. A key beside the widgets that the page does not name is
//! kept; a key of a widget that it does not name is taken away. Pure.

use serde_json::{Map, Value as Json};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::TEXT_BYTES_MAX;
use super::convert::{is_same, is_same_value, ordered, to_json, to_toml};
use super::shape::Wanted;

const WIDGETS: &str = "widget";

/// The new text; `base` may be empty.
///
/// # Errors
/// Why it cannot be laid over this text.
pub fn merge(base: &str, wanted: &Wanted) -> Result<String, String> {
    let mut document: DocumentMut =
        base.parse().map_err(|error| format!("the board's text is no TOML, mend it by hand: {error}"))?;
    let root = document.as_table_mut();
    for (key, json) in ordered(&wanted.keys) {
        put(root, key, json)?;
    }
    let mut old: Vec<(String, Option<Table>)> = widgets_of(root)
        .into_iter()
        .enumerate()
        .map(|(index, table)| (id_of(&table, index), Some(table)))
        .collect();
    let was: Vec<String> = old.iter().map(|(id, _)| id.clone()).collect();
    let mut tables = ArrayOfTables::new();
    for widget in &wanted.widgets {
        let id = widget.get("id").and_then(Json::as_str).unwrap_or_default();
        let found = old.iter_mut().find(|(known, table)| known == id && table.is_some());
        let mut table = found.and_then(|(_, table)| table.take()).unwrap_or_else(new_table);
        lay_over(&mut table, widget)?;
        tables.push(table);
    }
    let is: Vec<&str> = wanted.widgets.iter().filter_map(|widget| widget.get("id")?.as_str()).collect();
    root.insert(WIDGETS, Item::ArrayOfTables(tables));
    if is != was {
        number(root, &mut 1);
    }
    let text = document.to_string();
    if text.len() > TEXT_BYTES_MAX {
        return Err(format!(
            "a board's text has {TEXT_BYTES_MAX} bytes at most, but this has {}",
            text.len()
        ));
    }
    // What we write must be what was meant, whatever stood there before.
    let reads = to_json(&text)?;
    let count = reads.get(WIDGETS).and_then(Json::as_array).map_or(0, Vec::len);
    if count == wanted.widgets.len() {
        Ok(text)
    } else {
        Err("the widgets cannot be written into this text".into())
    }
}

/// `[[widget]]`, or a list of inline tables.
fn widgets_of(root: &mut Table) -> Vec<Table> {
    match root.get_mut(WIDGETS).map(std::mem::take) {
        Some(Item::ArrayOfTables(tables)) => tables.into_iter().collect(),
        Some(Item::Value(Value::Array(items))) => {
            items.into_iter().filter_map(|item| Some(inline_table(item)?.into_table())).collect()
        }
        _ => Vec::new(),
    }
}

fn inline_table(value: Value) -> Option<InlineTable> {
    match value {
        Value::InlineTable(table) => Some(table),
        _ => None,
    }
}

/// A widget without one goes by its place, as on the page.
fn id_of(table: &Table, index: usize) -> String {
    let id = table.get("id").and_then(Item::as_str);
    id.map_or_else(|| format!("widget-{}", index + 1), str::to_owned)
}

fn new_table() -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table
}

/// The table says what the object says.
fn lay_over(table: &mut Table, object: &Map<String, Json>) -> Result<(), String> {
    let gone: Vec<String> =
        table.iter().map(|(key, _)| key.to_owned()).filter(|key| !object.contains_key(key)).collect();
    for key in gone {
        table.remove(&key);
    }
    ordered(object).try_for_each(|(key, json)| put(table, key, json))
}

fn put(table: &mut Table, key: &str, json: &Json) -> Result<(), String> {
    if json.is_null() {
        table.remove(key);
        return Ok(());
    }
    if let Some(item) = table.get_mut(key).filter(|item| !item.is_none()) {
        return update(item, json).ok_or_else(|| cannot(key));
    }
    let value = to_toml(json).ok_or_else(|| cannot(key))?;
    table.insert(key, Item::Value(value));
    Ok(())
}

fn cannot(key: &str) -> String {
    format!("{key}: this cannot be written as TOML")
}

/// None where it cannot be written.
fn update(item: &mut Item, json: &Json) -> Option<()> {
    if is_same(item, json) {
        return Some(());
    }
    match (item, json) {
        (Item::Table(table), Json::Object(object)) => lay_over(table, object).ok(),
        (Item::ArrayOfTables(tables), Json::Array(items)) if items.iter().all(Json::is_object) => {
            while tables.len() > items.len() {
                tables.remove(tables.len() - 1);
            }
            for (index, object) in items.iter().filter_map(Json::as_object).enumerate() {
                if index == tables.len() {
                    tables.push(new_table());
                }
                lay_over(tables.get_mut(index)?, object).ok()?;
            }
            Some(())
        }
        (Item::Value(value), json) => update_value(value, json),
        (item, json) => {
            *item = Item::Value(to_toml(json)?);
            Some(())
        }
    }
}

fn update_value(value: &mut Value, json: &Json) -> Option<()> {
    if is_same_value(value, json) {
        return Some(());
    }
    match (value, json) {
        (Value::InlineTable(table), Json::Object(object)) => {
            let before: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
            table.retain(|key, _| object.get(key).is_some_and(|json| !json.is_null()));
            for (key, json) in ordered(object).filter(|(_, json)| !json.is_null()) {
                match table.get_mut(key) {
                    Some(value) => update_value(value, json)?,
                    None => _ = table.insert(key, to_toml(json)?),
                }
            }
            if !table.iter().map(|(key, _)| key).eq(before.iter().map(String::as_str)) {
                table.fmt();
            }
            Some(())
        }
        (Value::Array(items), Json::Array(jsons)) => update_items(items, jsons),
        (value, json) => {
            let decor = value.decor().clone();
            *value = to_toml(json)?;
            *value.decor_mut() = decor;
            Some(())
        }
    }
}

fn update_items(items: &mut Array, jsons: &[Json]) -> Option<()> {
    while items.len() > jsons.len() {
        items.remove(items.len() - 1);
    }
    let kept = items.len();
    for (value, json) in items.iter_mut().zip(jsons) {
        update_value(value, json)?;
    }
    jsons.iter().skip(kept).try_for_each(|json| {
        let value = to_toml(json)?;
        push(items, value);
        Some(())
    })
}

/// Written as the one before: on a line of its own where that has one; a comment behind that one stays behind it.
fn push(items: &mut Array, mut value: Value) {
    let last =
        items.iter().last().map(|last| last.decor().prefix().and_then(|it| it.as_str()).unwrap_or_default());
    let trailing = items.trailing().as_str().unwrap_or_default().to_owned();
    match last.map(|prefix| (prefix.rfind('\n').map(|at| prefix[at..].to_owned()), trailing.rfind('\n'))) {
        Some((Some(line), Some(end))) => {
            value.decor_mut().set_prefix(format!("{}{line}", &trailing[..end]));
            items.set_trailing(&trailing[end..]);
        }
        Some(_) => value.decor_mut().set_prefix(" "),
        None => {}
    }
    items.push_formatted(value);
}

/// Tables are written in the order of their numbers: these follow the order in which they stand now.
fn number(table: &mut Table, next: &mut isize) {
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(table) => number_one(table, next),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(|table| number_one(table, next)),
            _ => {}
        }
    }
}

fn number_one(table: &mut Table, next: &mut isize) {
    table.set_position(Some(*next));
    *next += 1;
    number(table, next);
}

/// Whether a text says what a page sent, its widgets at least; for tests of every board that there is.
#[cfg(test)]
fn says(text: &str, wanted: &Wanted) -> bool {
    let found = to_json(text).expect("it was just written");
    let widgets = found.get(WIDGETS).and_then(Json::as_array).cloned().unwrap_or_default();
    widgets == wanted.widgets.iter().cloned().map(Json::Object).collect::<Vec<_>>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::built_in::BOARDS;
    use serde_json::json;

    const TEXT: &str = r#"# The board of the hall.
title = "Hall"  # two words at most
range = "15m"
mine = 1_000

# Counts what matters.
[[widget]]
id = "a"   # stable
type = "number"
at = [0, 0, 3, 3]  # top left
from = "shop/**"
value = { op = "sum",   of = "/data/amount" } # cents
where = [
  ["/data/test", "!=", true], # no rehearsals
]

# The second.
[[widget]]
id = "b"
type = "line"
[widget.value] # long form
op = "count"
window = "15m"
[[widget.levels]]
below = 1.0

[[widget]]
type = "clock"
# The end.
"#;

    fn sent(text: &str) -> Json {
        Json::Object(to_json(text).unwrap())
    }

    fn merged(base: &str, sent: &Json) -> String {
        let wanted = Wanted::read(sent.to_string().as_bytes()).unwrap_or_else(|why| panic!("{why}"));
        let text = merge(base, &wanted).unwrap_or_else(|why| panic!("{why}"));
        assert!(says(&text, &wanted), "{text}");
        text
    }

    fn hall() -> Json {
        let mut board = sent(TEXT);
        board["widget"][2]["id"] = json!("widget-3");
        board
    }

    #[test]
    fn what_did_not_change_stays_as_it_was_written() {
        for (_, text) in BOARDS {
            assert_eq!(merged(text, &sent(text)), *text);
        }
        let text = merged(TEXT, &hall());
        assert_eq!(text, TEXT.replace("type = \"clock\"\n", "type = \"clock\"\nid = \"widget-3\"\n"));
    }

    #[test]
    fn a_change_is_one_line_and_its_comment_stays() {
        let mut board = hall();
        board["title"] = json!("Lobby");
        board["widget"][0]["at"] = json!([3, 0, 3, 4]);
        board["widget"][0]["value"]["of"] = json!("/data/total");
        board["widget"][0]["where"] = json!([["/data/test", "!=", true], ["/type", "==", "x"]]);
        board["widget"][1]["value"]["window"] = json!("1h");
        board["widget"][1]["levels"] = json!([{ "below": 2 }, { "above": 9, "level": "alert" }]);
        let text = merged(TEXT, &board);
        for part in [
            "title = \"Lobby\"  # two words at most\n",
            "mine = 1_000\n\n# Counts what matters.\n",
            "id = \"a\"   # stable\n",
            "at = [3, 0, 3, 4]  # top left\n",
            "value = { op = \"sum\",   of = \"/data/total\" } # cents\n",
            "[\"/data/test\", \"!=\", true], # no rehearsals",
            "[\"/type\", \"==\", \"x\"]",
            "[widget.value] # long form\nop = \"count\"\nwindow = \"1h\"\n",
            "# The end.\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn widgets_move_with_their_comments_come_and_go() {
        let mut board = hall();
        let widgets = board["widget"].as_array_mut().unwrap();
        widgets.swap(0, 1);
        widgets.remove(2);
        widgets.insert(1, json!({ "type": "bar", "id": "new", "from": "shop/**", "at": [0, 4, 4, 4], "value": { "per": "1m", "op": "count" } }));
        let text = merged(TEXT, &board);
        let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}\n{text}"));
        assert!(place("# The second.\n[[widget]]\nid = \"b\"") < place("id = \"new\""));
        assert!(place("[[widget.levels]]") < place("id = \"new\""));
        assert!(place("id = \"new\"") < place("# Counts what matters.\n[[widget]]\nid = \"a\""));
        assert!(!text.contains("clock") && text.starts_with("# The board of the hall.\n"));
        let new = "\n[[widget]]\nid = \"new\"\ntype = \"bar\"\nat = [0, 4, 4, 4]\nfrom = \"shop/**\"\nvalue = { op = \"count\", per = \"1m\" }\n";
        assert!(text.contains(new), "{text}");
    }

    #[test]
    fn keys_go_and_a_board_can_begin_from_nothing() {
        let mut board = hall();
        board["range"] = Json::Null;
        board["widget"][0].as_object_mut().unwrap().remove("where");
        board["widget"][0]["value"] = json!("plain");
        let text = merged(TEXT, &board);
        assert!(!text.contains("range") && !text.contains("rehearsals") && text.contains("mine"), "{text}");
        let board = json!({ "title": "T\u{202e}\"", "widget": [{ "id": "</script>", "type": "text", "text": "a\nb\u{0}'''\"\"\"", "__proto__": { "x": [] } }] });
        merged("", &board);
        assert_eq!(merged("", &json!({ "title": "T", "widget": [] })), "title = \"T\"\n");
        assert!(
            merged("widget = [{ id = 'a', type = 't' }]", &json!({ "widget": [{ "id": "a", "type": "u" }] }))
                .contains("[[widget]]")
        );
        let wanted = Wanted::read(br#"{"widget":[]}"#).unwrap();
        assert!(merge("a = ", &wanted).unwrap_err().contains("no TOML"));
        let long = json!({ "widget": [{ "id": "a", "type": "text", "text": "x".repeat(TEXT_BYTES_MAX) }] });
        let wanted = Wanted::read(long.to_string().as_bytes()).unwrap();
        assert!(merge("", &wanted).unwrap_err().contains("bytes at most"));
    }
}
