//! What the server's messages say, as far as a checker needs it. Events are scanned, not parsed: a subscriber sees a
//! million of them in a run, and the load must stay lighter than what it measures.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};
use memchr::memmem;
use serde::Deserialize;

/// A place in one history of a stream: `epoch:offset`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) epoch: String,
    pub(crate) offset: u64,
}

impl FromStr for Position {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (epoch, offset) = text.rsplit_once(':').with_context(|| format!("not a position: {text}"))?;
        let offset = offset.parse().with_context(|| format!("not a position: {text}"))?;
        Ok(Self { epoch: epoch.to_owned(), offset })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.offset)
    }
}

/// Every message but `events`.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Told {
    Subscribed {
        position: String,
    },
    Live {
        position: String,
    },
    Positions {
        /// By stream; one that is stale is left out.
        positions: BTreeMap<String, String>,
    },
    Gap {
        reason: String,
        from: Option<u64>,
        to: Option<u64>,
        position: String,
    },
    Unsubscribed {
        code: String,
    },
    Error {
        code: String,
        message: String,
    },
    #[serde(other)]
    Other,
}

pub(crate) fn parse(payload: &[u8]) -> Result<Told> {
    serde_json::from_slice(payload)
        .with_context(|| format!("not a message: {}", String::from_utf8_lossy(payload)))
}

/// The offset and sequence number of each event of an `events` message; `None` for any other message.
pub(crate) fn events(payload: &[u8]) -> Option<Events<'_>> {
    payload.strip_prefix(br#"{"type":"events""#).map(|rest| Events { rest })
}

/// How many events the items of a message say that they passed over.
pub(crate) fn passed_over(payload: &[u8]) -> u64 {
    let name = br#"{"skipped":"#;
    memmem::find_iter(payload, name).map(|at| number(&payload[at + name.len()..]).0).sum()
}

pub(crate) struct Events<'a> {
    rest: &'a [u8],
}

impl Iterator for Events<'_> {
    type Item = Result<(u64, u64)>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = memmem::find(self.rest, br#""offset":"#)?;
        let (offset, rest) = number(&self.rest[at + 9..]);
        let pair = memmem::find(rest, br#""seq":"#).map(|at| {
            let (seq, rest) = number(&rest[at + 6..]);
            self.rest = rest;
            (offset, seq)
        });
        if pair.is_none() {
            self.rest = &[];
        }
        Some(pair.context("an event without the sequence number that every body here carries"))
    }
}

/// The digits at the front of `bytes`, as a number, and what follows them.
pub(crate) fn number(bytes: &[u8]) -> (u64, &[u8]) {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let value = bytes[..digits].iter().fold(0_u64, |sum, byte| sum.wrapping_mul(10) + u64::from(byte - b'0'));
    (value, &bytes[digits..])
}

/// The offset in the answer to a delivery; `None` for a duplicate, which is told without one.
pub(crate) fn answered_offset(body: &[u8]) -> Result<Option<u64>> {
    let Some(at) = memmem::find(body, br#""position":""#) else { return Ok(None) };
    let rest = &body[at + 12..];
    let end = memchr::memchr(b'"', rest).context("an answer that ends within its position")?;
    let colon = memchr::memrchr(b':', &rest[..end]).context("an answer with a position without a colon")?;
    let (offset, after) = number(&rest[colon + 1..]);
    ensure!(after.first() == Some(&b'"'), "an answer with a position whose offset is no number");
    Ok(Some(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_a_page_is_found() {
        let page = br#"{"type":"events","id":"a","events":[{"offset":41,"topic":"load/e","event":{"time":"t","data":{"seq":7,"pad":"xx"}}},{"offset":42,"topic":"load/e","event":{"data":{"seq":9,"pad":"x"}}}]}"#;
        let got: Vec<_> = events(page).unwrap().map(Result::unwrap).collect();
        assert_eq!(got, [(41, 7), (42, 9)]);
    }

    #[test]
    fn what_was_passed_over_is_added_up() {
        let page = br#"{"type":"events","id":"a","events":[{"skipped":7,"offset":41,"event":{"data":{"seq":7}}},{"skipped":null,"offset":42},{"skipped":12,"offset":43}]}"#;
        assert_eq!(passed_over(page), 19);
    }

    #[test]
    fn an_event_that_is_not_ours_is_an_error_once() {
        let page = br#"{"type":"events","events":[{"offset":41,"topic":"load/e","event":{"data":{}}}]}"#;
        let got: Vec<_> = events(page).unwrap().collect();
        assert!(matches!(got.as_slice(), [Err(_)]));
    }

    #[test]
    fn other_messages_are_parsed() {
        assert!(events(br#"{"type":"live","id":"a","position":"k3f9:97"}"#).is_none());
        let live = Told::Live { position: "k3f9:97".into() };
        assert_eq!(parse(br#"{"type":"live","id":"a","position":"k3f9:97"}"#).unwrap(), live);
        let heartbeat = br#"{"type":"positions","positions":{"load":"k3f9:97"},"time":"t"}"#;
        let positions = BTreeMap::from([("load".to_owned(), "k3f9:97".to_owned())]);
        assert_eq!(parse(heartbeat).unwrap(), Told::Positions { positions });
        assert_eq!(parse(br#"{"type":"of_tomorrow","x":1}"#).unwrap(), Told::Other);
        let gap =
            br#"{"type":"gap","stream":"load","reason":"slow","from":17,"to":null,"position":"k3f9:30"}"#;
        let told = Told::Gap { reason: "slow".into(), from: Some(17), to: None, position: "k3f9:30".into() };
        assert_eq!(parse(gap).unwrap(), told);
        assert!(parse(b"nonsense").is_err());
    }

    #[test]
    fn an_answer_gives_the_offset_of_its_event() {
        let accepted = br#"{"id":"x","outcome":"accepted","position":"k3f9:97"}"#;
        assert_eq!(answered_offset(accepted).unwrap(), Some(97));
        assert_eq!(answered_offset(br#"{"id":"x","outcome":"duplicate"}"#).unwrap(), None);
        assert!(answered_offset(br#"{"position":"k3f9:"#).is_err());
        assert!(answered_offset(br#"{"position":"k3f9:x"}"#).is_err());
    }

    #[test]
    fn a_position_is_read_as_it_is_written() {
        let position: Position = "k3f9:97".parse().unwrap();
        assert_eq!(position, Position { epoch: "k3f9".into(), offset: 97 });
        assert_eq!(position.to_string(), "k3f9:97");
        assert!("k3f9".parse::<Position>().is_err());
    }
}
