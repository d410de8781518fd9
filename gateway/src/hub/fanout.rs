//! One batch of events to every live member: matched once a group, framed once for all who want the same of it, one
//! non-blocking write a member.
//!
//! What goes out in one write goes out as one message: a browser pays some 40 µs for each, whatever is in it, and a page that
//! hears ten thousand events a second has no time for anything else.

use bytes::{Bytes, BytesMut};

use super::members::{Group, Members};
use super::outlet::{Fanned, SessionId, StreamId};
use super::window::Item;
use crate::framing::Framing;
use crate::limits::Limits;
use crate::wire;

/// A member that left the live ones, and the last offset that is in, or behind, what is left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub session: SessionId,
    /// None: the connection is gone.
    pub cursor: Option<u64>,
}

/// Writes items to all who want them; answers who could not take them. `before` is the offset before the first item.
pub fn fan_out(
    stream: StreamId,
    members: &Members,
    items: &[Item],
    before: u64,
    limits: &Limits,
) -> Vec<Left> {
    let Some(last) = items.last().map(|item| item.offset) else { return Vec::new() };
    let mut left = Vec::new();
    // There are as many framings as transports.
    let mut whole: Vec<(Framing, Bytes)> = Vec::new();
    let wanted = members.wanted(items.iter().map(|item| item.topic.as_str()));
    for of_group in wanted.chunk_by(|(one, _), (other, _)| one == other) {
        let group = members.group(of_group[0].0);
        let framing = group.framing;
        let messages = if of_group.len() < items.len() {
            frame(framing, limits, of_group.iter().map(|(_, index)| &items[*index]))
        } else if let Some((_, known)) = whole.iter().find(|(known, _)| *known == framing) {
            known.clone()
        } else {
            let messages = frame(framing, limits, items);
            whole.push((framing, messages.clone()));
            messages
        };
        write_group(stream, group, &messages, of_group.len() as u64, (before, last), &mut left);
    }
    left
}

/// Writes the same messages to each member of a group.
fn write_group(
    stream: StreamId,
    group: &Group,
    messages: &Bytes,
    count: u64,
    (before, last): (u64, u64),
    left: &mut Vec<Left>,
) {
    for member in group.members() {
        let session = member.outlet.session;
        match member.outlet.fan(stream, messages) {
            Fanned::Written => {}
            Fanned::LeftOver => left.push(Left { session, cursor: Some(last) }),
            Fanned::Refused => left.push(Left { session, cursor: Some(before) }),
            Fanned::Broken => left.push(Left { session, cursor: None }),
        }
    }
    group.sent.increment(group.members().len() as u64 * count);
}

/// Items in live messages, as many in each as its bounds allow, one message after the other.
pub fn frame<'a>(framing: Framing, limits: &Limits, items: impl IntoIterator<Item = &'a Item>) -> Bytes {
    let items: Vec<&Bytes> = items.into_iter().map(|item| &item.json).collect();
    let mut messages = BytesMut::new();
    let mut rest = items.as_slice();
    while !rest.is_empty() {
        let (fitting, others) = rest.split_at(limits.batch_length(rest.iter().map(|json| json.len())));
        framing.put_text(&mut messages, &wire::events_parts(wire::LIVE_EVENTS_HEAD, fitting.iter().copied()));
        rest = others;
    }
    messages.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{DedupeKey, Entry};
    use crate::topic::Topic;

    #[test]
    fn a_message_holds_what_its_bounds_allow_and_none_is_lost() {
        let topic = Topic::parse("a/b").unwrap();
        let item = |offset: u64, length: usize| {
            let body = Bytes::from(format!("\"{}\"", "x".repeat(length)));
            Item::from(&Entry { offset, at_ms: 0, topic: topic.clone(), key: DedupeKey([0; 32]), body })
        };
        let items: Vec<Item> =
            [5, 5, 5, 900, 5, 5].into_iter().zip(1..).map(|(length, offset)| item(offset, length)).collect();
        let limits = Limits { batch_events: 2, batch_bytes: 500, ..Limits::default() };
        let lines = frame(Framing::Lines, &limits, &items);
        let offsets: Vec<Vec<u64>> = std::str::from_utf8(&lines)
            .unwrap()
            .lines()
            .map(|line| {
                let message: serde_json::Value = serde_json::from_str(line).unwrap();
                message["events"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|it| it["offset"].as_u64().unwrap())
                    .collect()
            })
            .collect();
        assert_eq!(offsets, [vec![1, 2], vec![3], vec![4], vec![5, 6]]);
        assert!(frame(Framing::Lines, &limits, []).is_empty());
    }
}
