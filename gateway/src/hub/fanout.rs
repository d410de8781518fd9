//! One batch of events to every live member: framed once, matched once a group, one non-blocking write a member.

use std::io::IoSlice;

use bytes::{Bytes, BytesMut};

use super::members::{Group, Members};
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
    let mut left = Vec::new();
    // There are as many framings as transports.
    let mut framed: Vec<(Framing, Frames)> = Vec::new();
    for (group, indices) in members.wanted(items.iter().map(|item| item.topic.as_str())) {
        let known = framed.iter().position(|(framing, _)| *framing == group.framing);
        let at = known.unwrap_or_else(|| {
            framed.push((group.framing, Frames::encode(group.framing, items)));
            framed.len() - 1
        });
        let parts = framed[at].1.some(&indices);
        write_group(stream, group, &parts, indices.len() as u64, (before, last), &mut left);
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

    /// These frames, neighbours joined.
    fn some(&self, indices: &[usize]) -> Vec<Bytes> {
        let neighbours = indices.chunk_by(|one, next| one + 1 == *next);
        let part = |run: &[usize]| {
            let start = run[0].checked_sub(1).map_or(0, |before| self.ends[before]);
            self.buffer.slice(start..self.ends[run[run.len() - 1]])
        };
        neighbours.map(part).collect()
    }
}
