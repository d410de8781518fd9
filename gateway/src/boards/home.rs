//! The board that a node shows before anyone has written one: of each stream that its sources feed how much, how fast, what and
//! the newest; for operators how each source does. It is TOML as a person would write it, so that whoever saves it can go on from there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use crate::auth::Grants;
use crate::ingest::source::Source;
use crate::topic::Pattern;

/// The name that a page asks for when its address names none.
pub const NAME: &str = "home";
/// Streams that are shown; a board has 64 widgets at most, and nobody reads more than this at once.
const STREAMS_MAX: usize = 8;

const HEAD: &str = "# Made of the sources that are configured. Saved, it is yours: from then on it changes only when you change it.
title = \"Live\"
range = \"15m\"
";

/// Streams and the names of the sources that feed each.
type Streams<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// What this viewer may see, as far as the sources feed it.
pub fn of_sources(sources: &[Arc<Source>], grants: &Grants) -> String {
    let mut streams = Streams::new();
    for source in sources {
        streams.entry(source.stream().as_str()).or_default().insert(source.name());
    }
    let is_granted =
        |stream: &str| Pattern::parse(&format!("{stream}/**")).is_ok_and(|pattern| grants.covers(&pattern));
    let granted: Streams<'_> =
        streams.iter().filter(|(stream, _)| is_granted(stream)).map(|(s, n)| (*s, n.clone())).collect();
    // A part of a stream may be granted: then each widget says which grant is missing, which is more than an empty page does.
    let shown = if granted.is_empty() { streams } else { granted };
    board(&shown, grants.is_operator())
}

fn board(streams: &Streams<'_>, is_operator: bool) -> String {
    let mut text = HEAD.to_owned();
    let (mut row, count) = (0, streams.len());
    for stream in streams.keys().take(STREAMS_MAX) {
        // One stream has the page to itself; several are bands that can be compared.
        row = if count == 1 { alone(&mut text, stream) } else { band(&mut text, stream, row) };
    }
    if is_operator && count > 0 {
        sources(&mut text, streams.values().map(BTreeSet::len).sum(), row);
    }
    text
}

/// A band of four: how much, how fast, what, the newest. Answers the row below.
fn band(text: &mut String, stream: &str, row: usize) -> usize {
    count(text, stream, [0, row, 2, 4]);
    pace(text, stream, [2, row, 4, 4]);
    types(text, stream, [6, row, 3, 4]);
    feed(text, stream, [9, row, 3, 4]);
    row + 4
}

fn alone(text: &mut String, stream: &str) -> usize {
    count(text, stream, [0, 0, 3, 4]);
    pace(text, stream, [3, 0, 9, 4]);
    types(text, stream, [0, 4, 5, 6]);
    feed(text, stream, [5, 4, 7, 6]);
    10
}

fn count(text: &mut String, stream: &str, at: [usize; 4]) {
    widget(text, stream, "number", "events", at, "value = { op = \"count\" }\nspark = true\n");
}

fn pace(text: &mut String, stream: &str, at: [usize; 4]) {
    let keys =
        "value = { op = \"count\", bucket = \"10s\", per = \"1m\" }\nsplit = { by = \"/type\", top = 5 }\n";
    widget(text, stream, "line", "per minute", at, keys);
}

fn types(text: &mut String, stream: &str, at: [usize; 4]) {
    let keys = "value = { op = \"count\" }\nsplit = { by = \"/type\", top = 6 }\n";
    widget(text, stream, "bar", "top types", at, keys);
}

fn feed(text: &mut String, stream: &str, at: [usize; 4]) {
    widget(text, stream, "feed", "newest", at, "text = \"{/type}\"\nnote = \"{/id}\"\nrows = 50\n");
}

/// The same for each stream: `github-top-types`, "github: top types".
fn widget(text: &mut String, stream: &str, kind: &str, what: &str, at: [usize; 4], keys: &str) {
    let id = format!("{stream}-{}", what.replace(' ', "-"));
    write_widget(text, &id, kind, &format!("{stream}: {what}"), at, &format!("{stream}/**"), keys);
}

/// How each source does, by the newest of its deliveries: the operator's alone to see.
fn sources(text: &mut String, count: usize, row: usize) {
    let keys = "by = \"/data/source\"\ntext = \"{/data/outcome}\"
ok = [[\"/data/outcome\", \"in\", [\"accepted\", \"duplicate\", \"filtered\", \"handshake\"]]]
bad = [[\"/data/outcome\", \"in\", [\"refused\", \"unavailable\"]]]\n";
    let height = count.div_ceil(4).clamp(3, 6);
    write_widget(text, "sources", "status", "Sources", [0, row, 12, height], "hookcast/delivery/*/*", keys);
}

/// A stream's name is letters, digits, `.`, `_` and `-`: nothing in it ends a string.
fn write_widget(
    text: &mut String,
    id: &str,
    kind: &str,
    title: &str,
    at: [usize; 4],
    from: &str,
    keys: &str,
) {
    let written = write!(
        text,
        "\n[[widget]]\nid = \"{id}\"\ntype = \"{kind}\"\ntitle = \"{title}\"\nat = {at:?}\nfrom = \"{from}\"\n{keys}"
    );
    written.expect("a string takes every text");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::convert::to_json;
    use crate::boards::shape::Wanted;
    use serde_json::{Value, json};

    fn read(text: &str) -> Vec<Value> {
        let board = to_json(text).unwrap();
        let wanted = Wanted::read(
            json!({ "widget": board.get("widget").unwrap_or(&json!([])) }).to_string().as_bytes(),
        );
        wanted.unwrap().widgets.into_iter().map(Value::Object).collect()
    }

    #[test]
    fn a_band_for_each_stream_the_sources_for_operators_and_nothing_overlaps() {
        for count in [0, 1, 2, 8, 30] {
            let names: Vec<String> = (0..count).map(|number| format!("s-{number}")).collect();
            let streams: Streams<'_> =
                names.iter().map(|name| (name.as_str(), BTreeSet::from([name.as_str()]))).collect();
            let viewer = read(&board(&streams, false));
            assert_eq!(viewer.len(), count.min(STREAMS_MAX) * 4);
            assert!(viewer.iter().all(|widget| widget["from"].as_str().unwrap().starts_with("s-")));
            let widgets = read(&board(&streams, true));
            assert_eq!(widgets.len(), viewer.len() + usize::from(count > 0));
            let mut taken = BTreeSet::new();
            for widget in &widgets {
                let at: Vec<u64> =
                    widget["at"].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).collect();
                for cell in (at[0]..at[0] + at[2]).flat_map(|x| (at[1]..at[1] + at[3]).map(move |y| (x, y))) {
                    assert!(taken.insert(cell), "{widget}");
                }
            }
        }
    }
}
