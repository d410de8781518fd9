//! The board that a node shows before anyone has written one: a row for each stream that its sources feed.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::ingest::source::Source;

/// The name that a page asks for when its address names none.
pub(super) const NAME: &str = "home";
/// Rows of widgets; a board has 64 widgets at most, and nobody reads more than this at once.
const ROWS_MAX: usize = 8;
/// Height of a row, in cells of the board's grid.
const ROW_CELLS: usize = 4;

/// Count, pace and newest events of each stream; one sentence where there is no source yet.
pub(super) fn of_sources(sources: &[Arc<Source>]) -> Map<String, Value> {
    let streams = sources.iter().map(|source| source.stream().as_str()).collect();
    board(&streams, sources.first().map(|source| source.name()))
}

fn board(streams: &BTreeSet<&str>, source: Option<&str>) -> Map<String, Value> {
    let rows = streams.iter().take(ROWS_MAX).enumerate();
    let widgets: Vec<Value> = rows.flat_map(|(row, stream)| widgets(stream, row * ROW_CELLS)).collect();
    let mut board = Map::new();
    board.insert("title".into(), "Live".into());
    board.insert("range".into(), "15m".into());
    board.insert("widget".into(), widgets.into());
    if let Some(name) = source {
        board.insert("try".into(), json!({ "source": name, "curl": format!("hookcast send {name}") }));
    }
    board
}

fn widgets(stream: &str, row: usize) -> [Value; 3] {
    let from = format!("{stream}/**");
    [
        json!({
            "id": format!("{stream}-count"), "type": "number", "title": format!("{stream}: events"),
            "at": [0, row, 3, ROW_CELLS], "from": from, "value": { "op": "count" },
        }),
        json!({
            "id": format!("{stream}-pace"), "type": "line", "title": format!("{stream}: per minute"),
            "at": [3, row, 5, ROW_CELLS], "from": from,
            "value": { "op": "count", "window": "15m", "bucket": "10s", "per": "1m" },
        }),
        json!({
            "id": format!("{stream}-feed"), "type": "feed", "title": format!("{stream}: newest"),
            "at": [8, row, 4, ROW_CELLS], "from": from, "text": "{/type}", "note": "{/id}",
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_for_each_stream_and_none_without_a_source() {
        let home = board(&BTreeSet::from(["github", "shop"]), Some("github"));
        let widgets = home["widget"].as_array().unwrap();
        assert_eq!(widgets.len(), 6);
        assert_eq!((&widgets[3]["from"], &widgets[3]["at"]), (&json!("shop/**"), &json!([0, 4, 3, 4])));
        assert_eq!(home["try"]["source"], "github");
        let empty = board(&BTreeSet::new(), None);
        assert!(empty["widget"].as_array().unwrap().is_empty() && !empty.contains_key("try"));
    }
}
