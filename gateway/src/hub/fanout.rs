//! One batch of events to every live member: framed once, matched once a group, one non-blocking write a member.

use std::io::IoSlice;

use bytes::{Bytes, BytesMut};

use super::members::{Group, Matched, Members};
use super::outlet::{Fanned, SessionId, StreamId};
use super::window::Item;
use crate::framing::Framing;
use crate::telemetry;
use crate::wire;

/// A member that left the live ones, and the last offset that is in, or behind, what is left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub session: SessionId,
    /// None: the connection is gone.
    pub cursor: Option<u64>,
}

/// Writes items to all who want them; answers who could not take them. `before` is the offset before the first item.
pub fn fan_out(stream: StreamId, members: &Members, items: &[Item], before: u64) -> Vec<Left> {
    let Some(last) = items.last().map(|item| item.offset) else { return Vec::new() };
    let matched: Vec<Matched> = items.iter().map(|item| members.matched(item.topic.as_str())).collect();
    let mut left = Vec::new();
    let mut framed: Option<(Framing, Frames)> = None;
    for group in members.groups() {
        let frames = match &framed {
            Some((framing, frames)) if *framing == group.framing => frames,
            _ => &framed.insert((group.framing, Frames::encode(group.framing, items))).1,
        };
        let (parts, count) = frames.wanted(&matched, group);
        write_group(stream, group, &parts, count, (before, last), &mut left);
    }
    left
}

/// Writes the same parts to each member of a group.
fn write_group(
    stream: StreamId,
    group: &Group,
    parts: &[Bytes],
    count: u64,
    (before, last): (u64, u64),
    left: &mut Vec<Left>,
) {
    if parts.is_empty() {
        return;
    }
    let slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
    let total = parts.iter().map(Bytes::len).sum();
    for member in group.members() {
        let session = member.outlet.session;
        match member.outlet.fan(stream, &slices, parts, total) {
            Fanned::Written => {}
            Fanned::LeftOver => left.push(Left { session, cursor: Some(last) }),
            Fanned::Refused => left.push(Left { session, cursor: Some(before) }),
            Fanned::Broken => left.push(Left { session, cursor: None }),
        }
    }
    telemetry::events_sent(group.members().len() as u64 * count);
}

/// Items framed one after the other in one buffer.
pub struct Frames {
    buffer: Bytes,
    /// Where each item's frame ends.
    ends: Vec<usize>,
}

impl Frames {
    pub fn encode<'a>(framing: Framing, items: impl IntoIterator<Item = &'a Item>) -> Self {
        let items = items.into_iter();
        let mut buffer = BytesMut::new();
        let mut ends = Vec::with_capacity(items.size_hint().0);
        for item in items {
            framing.put_text(&mut buffer, &[wire::LIVE_EVENTS_HEAD, &item.json, wire::EVENTS_TAIL]);
            ends.push(buffer.len());
        }
        Self { buffer: buffer.freeze(), ends }
    }

    /// All frames, as one part.
    pub fn all(self) -> Bytes {
        self.buffer
    }

    /// The frames that a group wants, neighbours joined, and how many they are.
    fn wanted(&self, matched: &[Matched], group: &Group) -> (Vec<Bytes>, u64) {
        let mut parts = Vec::new();
        let (mut run, mut start, mut count) = (None, 0, 0);
        for (end, matched) in self.ends.iter().zip(matched) {
            if matched.wanted_by(group) {
                run.get_or_insert(start);
                count += 1;
            } else if let Some(begin) = run.take() {
                parts.push(self.buffer.slice(begin..start));
            }
            start = *end;
        }
        if let Some(begin) = run {
            parts.push(self.buffer.slice(begin..start));
        }
        (parts, count)
    }
}
