//! The protocol `hookcast.v1`: what a client may say, what we say, and how an event's item looks. Pure: text in, text out.
//! The TypeScript twin is `dashboard/sdk/wire.ts`.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::event;
use crate::position::Position;
use crate::topic::Topic;

/// The WebSocket subprotocol of this protocol.
pub const SUBPROTOCOL: &str = "hookcast.v1";
/// A second subprotocol that carries a token; never echoed.
pub const TOKEN_SUBPROTOCOL: &str = "hookcast.token.";
/// Longest subscription id, in bytes.
pub const ID_BYTES_MAX: usize = 64;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientMessage {
    Auth {
        token: String,
    },
    Subscribe {
        id: String,
        pattern: String,
        since: Since,
        mode: Mode,
    },
    Unsubscribe {
        id: String,
    },
    Ping,
    /// A type of a later version: ignored.
    Unknown,
}

/// Where a subscription begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Since {
    #[default]
    Now,
    /// Not judged yet; may be malformed.
    Position(String),
    Last(u64),
    AgeMs(u64),
    Snapshot,
}

/// How live a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every event, as it comes.
    #[default]
    All,
    /// The newest event of each topic, every so many milliseconds.
    LatestMs(u32),
}

/// Why a text is no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadMessage {
    /// No JSON object with a `type`: the peer does not speak this protocol.
    NotOurs,
    /// One of our types, but its fields are wrong; the id, where one could be read, lets the client know which.
    Fields { id: Option<String>, message: String },
}

#[derive(Deserialize)]
struct Tag {
    r#type: String,
    #[serde(default)]
    id: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct AuthFields {
    token: String,
}

#[derive(Deserialize)]
struct SubscribeFields {
    id: String,
    pattern: String,
    #[serde(default)]
    since: SinceField,
    #[serde(default)]
    mode: Mode,
}

#[derive(Deserialize)]
struct UnsubscribeFields {
    id: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum SinceField {
    #[default]
    Now,
    Snapshot,
    Position(String),
    Last(u64),
    AgeMs(u64),
}

impl ClientMessage {
    /// # Errors
    /// [`BadMessage::NotOurs`] ends the connection (4500); [`BadMessage::Fields`] is answered with an `error`.
    pub fn parse(text: &str) -> Result<Self, BadMessage> {
        let tag: Tag = serde_json::from_str(text).map_err(|_| BadMessage::NotOurs)?;
        let id = tag.id.as_ref().and_then(|id| id.as_str()).map(str::to_owned);
        let wrong =
            |error: serde_json::Error| BadMessage::Fields { id: id.clone(), message: error.to_string() };
        let message = match tag.r#type.as_str() {
            "auth" => {
                let fields: AuthFields = serde_json::from_str(text).map_err(wrong)?;
                Self::Auth { token: fields.token }
            }
            "subscribe" => {
                let fields: SubscribeFields = serde_json::from_str(text).map_err(wrong)?;
                Self::Subscribe {
                    id: checked_id(fields.id)?,
                    pattern: fields.pattern,
                    since: fields.since.into(),
                    mode: fields.mode,
                }
            }
            "unsubscribe" => {
                let fields: UnsubscribeFields = serde_json::from_str(text).map_err(wrong)?;
                Self::Unsubscribe { id: checked_id(fields.id)? }
            }
            "ping" => Self::Ping,
            _ => Self::Unknown,
        };
        Ok(message)
    }
}

fn checked_id(id: String) -> Result<String, BadMessage> {
    if (1..=ID_BYTES_MAX).contains(&id.len()) {
        return Ok(id);
    }
    Err(BadMessage::Fields { id: None, message: format!("an id is 1 to {ID_BYTES_MAX} bytes") })
}

impl From<SinceField> for Since {
    fn from(field: SinceField) -> Self {
        match field {
            SinceField::Now => Self::Now,
            SinceField::Snapshot => Self::Snapshot,
            SinceField::Position(text) => Self::Position(text),
            SinceField::Last(count) => Self::Last(count),
            SinceField::AgeMs(ms) => Self::AgeMs(ms),
        }
    }
}

/// Codes of `error` and `unsubscribed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    BadMessage,
    BadPattern,
    BadPosition,
    Forbidden,
    IdTaken,
    UnknownId,
    TooMany,
    RateLimited,
    Unavailable,
    Unauthorized,
}

/// Why events may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    Retention,
    Slow,
    Epoch,
    Limit,
}

impl GapReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Slow => "slow",
            Self::Epoch => "epoch",
            Self::Limit => "limit",
        }
    }
}

/// What is, or may be, missing: `from`–`to` bounds it, none is unknown; it goes on after `position`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub reason: GapReason,
    pub from: Option<u64>,
    pub to: Option<u64>,
    pub position: Position,
}

/// What we say, but for events: [`Events`] splices those.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage<'a> {
    Welcome {
        #[serde(skip_serializing_if = "Option::is_none")]
        expires: Option<String>,
        heartbeat_ms: u64,
        build: &'a str,
        time: String,
    },
    Subscribed {
        id: &'a str,
        position: Text<Position>,
    },
    Live {
        id: &'a str,
        position: Text<Position>,
    },
    Gap {
        stream: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        reason: GapReason,
        from: Option<u64>,
        to: Option<u64>,
        position: Text<Position>,
    },
    Positions {
        positions: BTreeMap<&'a str, Text<Position>>,
        time: String,
    },
    Unsubscribed {
        id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<ErrorCode>,
    },
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        code: ErrorCode,
        message: &'a str,
    },
    Pong,
}

impl ServerMessage<'_> {
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("these types have string keys and finite numbers only")
    }

    /// The message of a gap; without an id it is meant for whoever is live on the stream.
    pub fn gap<'a>(stream: &'a str, id: Option<&'a str>, gap: &Gap) -> ServerMessage<'a> {
        let position = Text(gap.position);
        ServerMessage::Gap { stream, id, reason: gap.reason, from: gap.from, to: gap.to, position }
    }
}

/// Serializes as its `Display` text.
#[derive(Debug, Clone, Copy)]
pub struct Text<T>(pub T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// An event's item, encoded once when it enters the node: `{"offset":…,"topic":…,"event":…}`.
pub fn encode_item(offset: u64, topic: &Topic, event: &[u8]) -> Bytes {
    // Names and punctuation take 31 bytes: where nothing is escaped no room is left over.
    let digits = offset.checked_ilog10().unwrap_or_default() as usize + 1;
    let mut item = Vec::with_capacity(31 + digits + topic.as_str().len() + event.len());
    write!(item, "{{\"offset\":{offset},\"topic\":").expect("memory takes whatever is written");
    event::text(&mut item, topic.as_str());
    item.extend_from_slice(b",\"event\":");
    item.extend_from_slice(event);
    item.push(b'}');
    item.into()
}

/// What closes an `events` message.
pub const EVENTS_TAIL: &[u8] = b"]}";
/// Opens a live `events` message, for every live subscription that matches.
pub const LIVE_EVENTS_HEAD: &[u8] = b"{\"type\":\"events\",\"events\":[";

/// Opens an `events` message of catch-up, for one subscription alone.
pub fn catching_up_head(id: &str) -> String {
    let id = serde_json::to_string(id).expect("a string is JSON");
    format!("{{\"type\":\"events\",\"id\":{id},\"events\":[")
}

/// Opens an item that says how many of its topic were passed over before it; the item's own bytes follow, but for the first.
pub fn skipped_head(skipped: Option<u64>) -> String {
    skipped.map_or_else(|| "{\"skipped\":null,".into(), |count| format!("{{\"skipped\":{count},"))
}

/// As [`events_parts`], of a subscription that takes the newest: each item with the head that [`skipped_head`] gives.
pub fn latest_parts<'a>(
    head: &'a [u8],
    items: impl Iterator<Item = (&'a String, &'a Bytes)>,
) -> Vec<&'a [u8]> {
    joined(head, items.map(|(skipped, item)| [skipped.as_bytes(), &item[1..]]))
}

/// What an `events` message is made of: a head, items joined by commas, the tail.
pub fn events_parts<'a>(head: &'a [u8], items: impl Iterator<Item = &'a Bytes>) -> Vec<&'a [u8]> {
    joined(head, items.map(|item| [&item[..]]))
}

fn joined<'a>(head: &'a [u8], items: impl Iterator<Item: IntoIterator<Item = &'a [u8]>>) -> Vec<&'a [u8]> {
    let mut parts = Vec::with_capacity(4);
    parts.push(head);
    for (count, item) in items.enumerate() {
        parts.extend((count > 0).then_some(b",".as_slice()));
        parts.extend(item);
    }
    parts.push(EVENTS_TAIL);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscribe_reads_every_since() {
        for (text, expected) in [
            (r#""now""#, Since::Now),
            (r#""snapshot""#, Since::Snapshot),
            (r#"{"position":"k3f9a0zq:41"}"#, Since::Position("k3f9a0zq:41".into())),
            (r#"{"last":20}"#, Since::Last(20)),
            (r#"{"age_ms":900000}"#, Since::AgeMs(900_000)),
        ] {
            let message =
                format!(r#"{{"type":"subscribe","id":"a","pattern":"a/b","since":{text},"later":1}}"#);
            let Ok(ClientMessage::Subscribe { since, mode: Mode::All, .. }) = ClientMessage::parse(&message)
            else {
                panic!("{message}")
            };
            assert_eq!(since, expected);
        }
    }

    #[test]
    fn a_subscribe_reads_every_mode() {
        for (text, expected) in [(r#""all""#, Mode::All), (r#"{"latest_ms":200}"#, Mode::LatestMs(200))] {
            let message = format!(r#"{{"type":"subscribe","id":"a","pattern":"a/b","mode":{text}}}"#);
            let Ok(ClientMessage::Subscribe { mode, .. }) = ClientMessage::parse(&message) else {
                panic!("{message}")
            };
            assert_eq!(mode, expected);
        }
        for text in [r#""latest_ms""#, r#"{"latest_ms":-1}"#, r#"{"latest_ms":1e99}"#, "null", "{}"] {
            let message = format!(r#"{{"type":"subscribe","id":"a","pattern":"a/b","mode":{text}}}"#);
            assert!(matches!(ClientMessage::parse(&message), Err(BadMessage::Fields { .. })), "{message}");
        }
    }

    #[test]
    fn what_is_not_ours_differs_from_what_is_wrong() {
        for text in ["", "[]", "1", "{}", r#"{"type":1}"#, "\"ping\""] {
            assert_eq!(ClientMessage::parse(text), Err(BadMessage::NotOurs), "{text}");
        }
        let wrong = ClientMessage::parse(r#"{"type":"subscribe","id":"a"}"#);
        assert!(matches!(wrong, Err(BadMessage::Fields { id: Some(id), .. }) if id == "a"));
        assert_eq!(ClientMessage::parse(r#"{"type":"later"}"#), Ok(ClientMessage::Unknown));
    }

    #[test]
    fn messages_look_as_documented() {
        let position = "k3f9a0zq:97".parse().unwrap();
        let gap = Gap { reason: GapReason::Slow, from: Some(17), to: None, position };
        assert_eq!(
            ServerMessage::gap("github", None, &gap).to_json(),
            r#"{"type":"gap","stream":"github","reason":"slow","from":17,"to":null,"position":"k3f9a0zq:97"}"#
        );
        assert_eq!(ServerMessage::Pong.to_json(), r#"{"type":"pong"}"#);
        let topic = Topic::parse("github/acme/push").unwrap();
        let (item, skipped) = (encode_item(42, &topic, b"{}"), [skipped_head(Some(7)), skipped_head(None)]);
        assert_eq!(
            latest_parts(catching_up_head("a").as_bytes(), skipped.iter().map(|it| (it, &item))).concat(),
            br#"{"type":"events","id":"a","events":[{"skipped":7,"offset":42,"topic":"github/acme/push","event":{}},{"skipped":null,"offset":42,"topic":"github/acme/push","event":{}}]}"#
        );
        let items = [encode_item(42, &topic, b"{}"), encode_item(43, &topic, b"{}")];
        assert_eq!(
            events_parts(catching_up_head("a").as_bytes(), items.iter()).concat(),
            br#"{"type":"events","id":"a","events":[{"offset":42,"topic":"github/acme/push","event":{}},{"offset":43,"topic":"github/acme/push","event":{}}]}"#
        );
    }
}
