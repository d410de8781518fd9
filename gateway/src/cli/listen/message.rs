//! What a gateway says, as its terminal client reads it (DESIGN's wire; unknown types and fields are ignored). Pure.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::position::Position;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Message {
    Welcome {
        heartbeat_ms: u64,
    },
    Subscribed {
        id: String,
        position: Place,
    },
    Live {
        id: String,
        position: Place,
    },
    Gap(Gap),
    Positions {
        positions: BTreeMap<String, Place>,
    },
    Unsubscribed {
        id: String,
        code: Option<String>,
    },
    Error {
        id: Option<String>,
        code: String,
        message: String,
    },
    #[serde(other)]
    Other,
}

/// A position on the wire.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Place(pub(super) Position);

impl TryFrom<String> for Place {
    type Error = crate::position::BadPosition;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Gap {
    pub(super) stream: String,
    pub(super) id: Option<String>,
    pub(super) reason: String,
    pub(super) from: Option<u64>,
    pub(super) to: Option<u64>,
    pub(super) position: Place,
}

/// An `events` message; its items stay as they came.
#[derive(Debug, Deserialize)]
pub(super) struct Events {
    pub(super) id: Option<String>,
    pub(super) events: Vec<Box<RawValue>>,
}

/// One item of `events`.
#[derive(Debug, Deserialize)]
pub(in crate::cli) struct Item<'a> {
    pub(in crate::cli) offset: u64,
    #[serde(borrow)]
    pub(in crate::cli) topic: std::borrow::Cow<'a, str>,
    /// With `--latest`: how many of this topic were passed over; none, or null, where nobody counted.
    #[serde(default)]
    pub(in crate::cli) skipped: Option<u64>,
    #[serde(borrow)]
    pub(in crate::cli) event: Event<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::cli) struct Event<'a> {
    #[serde(default)]
    pub(in crate::cli) id: String,
    #[serde(default)]
    pub(in crate::cli) r#type: String,
    #[serde(default)]
    pub(in crate::cli) time: String,
    #[serde(borrow)]
    pub(in crate::cli) data: Option<&'a RawValue>,
}

#[derive(Debug)]
pub(super) enum Heard {
    Message(Message),
    Events(Events),
}

impl Heard {
    /// # Errors
    /// When the text is no message of this protocol.
    pub(super) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Tag<'a> {
            #[serde(borrow)]
            r#type: std::borrow::Cow<'a, str>,
        }
        // Raw items cannot be read through a tagged enum, which buffers what it reads.
        let tag: Tag<'_> = serde_json::from_str(text)?;
        if tag.r#type == "events" {
            serde_json::from_str(text).map(Self::Events)
        } else {
            serde_json::from_str(text).map(Self::Message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_reads() {
        let gap = r#"{"type":"gap","stream":"s","reason":"slow","from":17,"to":null,"position":"k3f9a0zq:30","later":1}"#;
        let Ok(Heard::Message(Message::Gap(gap))) = Heard::parse(gap) else { panic!("{gap}") };
        assert_eq!((gap.from, gap.to, gap.position.0.offset), (Some(17), None, 30));
        assert!(matches!(Heard::parse(r#"{"type":"later","x":1}"#), Ok(Heard::Message(Message::Other))));
        let events = r#"{"type":"events","events":[{"offset":4,"topic":"a/b","event":{"type":"x","data":{"n":1e400}}}]}"#;
        let Ok(Heard::Events(events)) = Heard::parse(events) else { panic!("{events}") };
        let item: Item<'_> = serde_json::from_str(events.events[0].get()).unwrap();
        assert_eq!(item.event.data.unwrap().get(), r#"{"n":1e400}"#);
        assert!(Heard::parse("[]").is_err());
    }
}
