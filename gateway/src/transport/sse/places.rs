//! A session's lines as server-sent events (WHATWG HTML, §9.2). Each event's `id:` is where every pattern stands, in the order
//! of the query, so that any node can go on from it. Pure: lines in, text out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::{BufMut, BytesMut};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::position::Position;
use crate::topic::Pattern;

/// Where each pattern stands; a subscription's id is its index.
#[derive(Debug)]
pub(super) struct Places(Vec<Place>);

#[derive(Debug)]
struct Place {
    stream: String,
    /// None until it has begun.
    position: Option<Position>,
    is_live: bool,
}

/// What of a message moves a place.
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    stream: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    position: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    positions: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(borrow, default)]
    events: Vec<Item<'a>>,
    #[serde(borrow, default)]
    code: Option<Code<'a>>,
    #[serde(default)]
    retry_ms: Option<u32>,
}

/// Of an error or a close.
#[derive(Deserialize)]
#[serde(untagged)]
enum Code<'a> {
    Word(#[serde(borrow)] Cow<'a, str>),
    Number(IgnoredAny),
}

#[derive(Deserialize)]
struct Item<'a> {
    offset: u64,
    #[serde(borrow)]
    topic: Cow<'a, str>,
    #[serde(rename = "event")]
    _event: IgnoredAny,
}

/// Whether more may follow a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    GoesOn,
    /// The session, or one of its subscriptions, is over: a one-way client can but come back.
    Ends,
}

impl Places {
    pub(super) fn new(patterns: &[Pattern]) -> Self {
        let place =
            |it: &Pattern| Place { stream: it.stream().as_str().to_owned(), position: None, is_live: false };
        Self(patterns.iter().map(place).collect())
    }

    /// Appends a line as an event. Nobody else's lines come here: each is a message of ours.
    pub(super) fn put(&mut self, line: &[u8], out: &mut BytesMut) -> Then {
        let Ok(said) = serde_json::from_slice::<Said<'_>>(line) else { return Then::Ends };
        let is_moved = self.take(&said);
        if said.r#type != "events" {
            put_field(out, "event", said.r#type.as_bytes());
        }
        put_field(out, "data", line);
        if let Some(id) = is_moved.then(|| self.id()) {
            put_field(out, "id", id.as_bytes());
        }
        // A browser reads no message's fields: its own wait is told in the form of the transport.
        if let Some(wait) = said.retry_ms {
            put_field(out, "retry", wait.to_string().as_bytes());
        }
        out.put_u8(b'\n');
        let is_of_one = said.id.is_some();
        match &*said.r#type {
            "close" | "unsubscribed" => Then::Ends,
            "error" if is_of_one => Then::Ends,
            _ => Then::GoesOn,
        }
    }

    /// Moves places as a client would; whether any did.
    fn take(&mut self, said: &Said<'_>) -> bool {
        let index = said.id.as_ref().and_then(|id| id.parse::<usize>().ok());
        match &*said.r#type {
            "subscribed" | "live" | "gap" => {
                let Some(position) = said.position.as_ref().and_then(|it| it.parse().ok()) else {
                    return false;
                };
                let becomes_live = said.r#type == "live";
                self.each(index, said.stream.as_deref(), |place| {
                    place.position = Some(position);
                    place.is_live |= becomes_live;
                })
            }
            // Else a browser would bring the same place again and again: told once, it begins anew.
            "error" if matches!(&said.code, Some(Code::Word(word)) if word == "bad_position") => {
                index.is_some() && self.each(index, None, |place| place.position = None)
            }
            "events" => said.events.last().is_some_and(|last| {
                let stream = last.topic.split('/').next();
                self.each(index, stream, |place| {
                    if let Some(position) = &mut place.position {
                        position.offset = position.offset.max(last.offset);
                    }
                })
            }),
            "positions" => said.positions.iter().fold(false, |is_moved, (stream, position)| {
                let Ok(vouched) = position.parse::<Position>() else { return is_moved };
                let moved = self.each(None, Some(stream), |place| match &mut place.position {
                    Some(position) if position.epoch == vouched.epoch => {
                        position.offset = position.offset.max(vouched.offset);
                    }
                    _ => {}
                });
                is_moved | moved
            }),
            _ => false,
        }
    }

    /// Those whom a message is for: one by its id, else all that are live on the stream. Whether there were any.
    fn each(&mut self, index: Option<usize>, stream: Option<&str>, mut act: impl FnMut(&mut Place)) -> bool {
        let mut were = false;
        for (at, place) in self.0.iter_mut().enumerate() {
            let is_meant = match index {
                Some(index) => index == at,
                None => place.is_live && stream == Some(&place.stream),
            };
            if is_meant {
                act(place);
                were = true;
            }
        }
        were
    }

    /// Positions joined by commas; one that has not begun is empty.
    fn id(&self) -> String {
        let text = |place: &Place| place.position.map(|it| it.to_string()).unwrap_or_default();
        self.0.iter().map(text).collect::<Vec<_>>().join(",")
    }
}

/// A field on a line of its own: JSON has no line breaks, and positions have none either.
fn put_field(out: &mut BytesMut, name: &str, value: &[u8]) {
    debug_assert!(!value.contains(&b'\n') && !value.contains(&b'\r'), "a field is one line");
    out.reserve(name.len() + value.len() + 3);
    out.put_slice(name.as_bytes());
    out.put_slice(b": ");
    out.put_slice(value);
    out.put_u8(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(patterns: &[&str]) -> Places {
        Places::new(&patterns.iter().map(|it| Pattern::parse(it).unwrap()).collect::<Vec<_>>())
    }

    fn put(places: &mut Places, line: &str) -> String {
        let mut out = BytesMut::new();
        assert_eq!(places.put(line.as_bytes(), &mut out), Then::GoesOn, "{line}");
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn events_have_no_name_and_every_pattern_s_place() {
        let mut all = places(&["a/**", "b/x", "a/y"]);
        let welcome = r#"{"type":"welcome","time":"…"}"#;
        assert_eq!(put(&mut all, welcome), format!("event: welcome\ndata: {welcome}\n\n"));
        let line = r#"{"type":"subscribed","id":"0","position":"k3f9a0zq:4"}"#;
        assert_eq!(put(&mut all, line), format!("event: subscribed\ndata: {line}\nid: k3f9a0zq:4,,\n\n"));
        put(&mut all, r#"{"type":"live","id":"0","position":"k3f9a0zq:4"}"#);
        put(&mut all, r#"{"type":"live","id":"1","position":"other000:1"}"#);
        put(&mut all, r#"{"type":"subscribed","id":"2","position":"k3f9a0zq:2"}"#);
        let live = r#"{"type":"events","events":[{"offset":5,"topic":"a/b","event":{"data":1}}]}"#;
        assert_eq!(
            put(&mut all, live),
            format!("data: {live}\nid: k3f9a0zq:5,other000:1,k3f9a0zq:2\n\n"),
            "one that catches up takes nothing"
        );
        let caught = r#"{"type":"events","id":"2","events":[{"offset":3,"topic":"a/y","event":{}},{"offset":4,"topic":"a/y","event":{}}]}"#;
        assert!(put(&mut all, caught).ends_with("id: k3f9a0zq:5,other000:1,k3f9a0zq:4\n\n"));
        put(&mut all, r#"{"type":"live","id":"2","position":"k3f9a0zq:5"}"#);
        let positions = r#"{"type":"positions","positions":{"a":"k3f9a0zq:9","b":"unknown0:7"},"time":"…"}"#;
        assert!(put(&mut all, positions).ends_with("id: k3f9a0zq:9,other000:1,k3f9a0zq:9\n\n"));
        let gap =
            r#"{"type":"gap","stream":"b","reason":"epoch","from":2,"to":null,"position":"unknown0:0"}"#;
        assert!(put(&mut all, gap).ends_with("id: k3f9a0zq:9,unknown0:0,k3f9a0zq:9\n\n"));
    }

    #[test]
    fn what_is_over_ends_it() {
        let mut all = places(&["a/**"]);
        let mut out = BytesMut::new();
        for (line, then) in [
            (r#"{"type":"error","code":"rate_limited","message":""}"#, Then::GoesOn),
            (r#"{"type":"error","id":"0","code":"unavailable","message":""}"#, Then::Ends),
            (r#"{"type":"unsubscribed","id":"0","code":"forbidden"}"#, Then::Ends),
            (r#"{"type":"close","code":4000,"name":"expired"}"#, Then::Ends),
        ] {
            assert_eq!(all.put(line.as_bytes(), &mut out), then, "{line}");
        }
    }

    #[test]
    fn a_place_that_was_never_given_is_told_once_and_forgotten() {
        let mut all = places(&["a/**", "b/*"]);
        let mut out = BytesMut::new();
        all.put(br#"{"type":"subscribed","id":"1","position":"k3f9a0zq:4"}"#, &mut out);
        out.clear();
        let line = r#"{"type":"error","id":"0","code":"bad_position","message":""}"#;
        assert_eq!(all.put(line.as_bytes(), &mut out), Then::Ends);
        assert_eq!(out, format!("event: error\ndata: {line}\nid: ,k3f9a0zq:4\n\n").as_bytes());
    }

    #[test]
    fn a_close_that_asks_for_a_wait_sets_the_browser_s() {
        let line = r#"{"type":"close","code":1001,"name":"leaving","retry_ms":700}"#;
        let mut out = BytesMut::new();
        places(&["a/**"]).put(line.as_bytes(), &mut out);
        assert_eq!(out, format!("event: close\ndata: {line}\nretry: 700\n\n").as_bytes());
    }
}
