//! Where to begin, as a person types it: `now`, `snapshot`, `last:20`, `age:15m` or a position. Pure.

use serde_json::{Value, json};

use crate::config::value::parse_duration;
use crate::position::Position;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    Now,
    Snapshot,
    Last(u64),
    AgeMs(u64),
    Position(Position),
}

impl Since {
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = "expected now, snapshot, last:20, age:15m or a position such as k3f9a0zq:41";
        if let Some(count) = text.strip_prefix("last:") {
            return count.parse().map(Self::Last).map_err(|_| format!("{expected}: `{count}` is no number"));
        }
        if let Some(age) = text.strip_prefix("age:") {
            let age = parse_duration(age)?;
            return Ok(Self::AgeMs(u64::try_from(age.as_millis()).unwrap_or(u64::MAX)));
        }
        match text {
            "now" => Ok(Self::Now),
            "snapshot" => Ok(Self::Snapshot),
            position => position.parse().map(Self::Position).map_err(|_| expected.to_owned()),
        }
    }

    /// As the wire has it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Now => "now".into(),
            Self::Snapshot => "snapshot".into(),
            Self::Last(count) => json!({ "last": count }),
            Self::AgeMs(age_ms) => json!({ "age_ms": age_ms }),
            Self::Position(position) => json!({ "position": position.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_becomes_its_own_on_the_wire() {
        for (text, expected) in [
            ("now", json!("now")),
            ("snapshot", json!("snapshot")),
            ("last:20", json!({ "last": 20 })),
            ("age:15m", json!({ "age_ms": 900_000 })),
            ("k3f9a0zq:41", json!({ "position": "k3f9a0zq:41" })),
        ] {
            assert_eq!(Since::parse(text).unwrap().to_json(), expected, "{text}");
        }
        for text in ["", "later", "last:", "last:-1", "age:15", "k3f9:x"] {
            assert!(Since::parse(text).is_err(), "{text}");
        }
    }
}
