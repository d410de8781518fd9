//! What a tick brings: the newest event of each topic between two offsets, drawn up once for all who want the same.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::ticket::Ticket;
use super::window::{Item, Window};
use crate::framing::Framing;
use crate::limits::Limits;
use crate::topic::Pattern;
use crate::wire;

/// One message, ready to write.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) bytes: Bytes,
    /// The last offset in it.
    pub(super) last: u64,
    /// The events in it.
    pub(super) count: u64,
}

/// The newest event of one topic.
#[derive(Debug)]
struct Newest {
    item: Item,
    /// The topic's events before it.
    passed_over: u64,
}

/// The frames of whoever asked last. The next who wants the same gets the same; who differs only in pattern or id shares at
/// least the walk through the window.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    span: Option<(u64, u64)>,
    newest: Vec<Newest>,
    wanted: Option<(Framing, Pattern, Arc<str>)>,
    frames: Vec<Frame>,
}

impl Sheet {
    pub(super) fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter()
    }

    /// Draws up what this subscription gets of what lies after the first offset, up to the second.
    pub(super) fn draw(&mut self, window: &Window, limits: &Limits, ticket: &Ticket, span: (u64, u64)) {
        if self.span != Some(span) {
            self.span = Some(span);
            self.newest = newest(window, span);
            self.wanted = None;
        }
        let is_same = |(framing, pattern, id): &(Framing, Pattern, Arc<str>)| {
            *framing == ticket.framing && *pattern == ticket.pattern && *id == ticket.id
        };
        if !self.wanted.as_ref().is_some_and(is_same) {
            self.wanted = Some((ticket.framing, ticket.pattern.clone(), ticket.id.clone()));
            self.frames = self.encode(limits, ticket);
        }
    }

    fn encode(&self, limits: &Limits, ticket: &Ticket) -> Vec<Frame> {
        let matches = |it: &&Newest| ticket.pattern.matches(it.item.topic.as_str());
        let matching: Vec<&Newest> = self.newest.iter().filter(matches).collect();
        let head = wire::catching_up_head(&ticket.id);
        let mut frames = Vec::new();
        let mut rest = matching.as_slice();
        while !rest.is_empty() {
            let length = limits.batch_length(rest.iter().map(|it| it.item.json.len()));
            let (batch, later) = rest.split_at(length);
            let skipped: Vec<String> =
                batch.iter().map(|it| wire::skipped_head(Some(it.passed_over))).collect();
            let items = skipped.iter().zip(batch.iter().map(|it| &it.item.json));
            let mut buffer = BytesMut::new();
            ticket.framing.put_text(&mut buffer, &wire::latest_parts(head.as_bytes(), items));
            let last = batch.last().map_or(0, |it| it.item.offset);
            frames.push(Frame { bytes: buffer.freeze(), last, count: batch.len() as u64 });
            rest = later;
        }
        frames
    }
}

/// In the order of their offsets.
fn newest(window: &Window, (after, upto): (u64, u64)) -> Vec<Newest> {
    let mut topics: HashMap<&str, (&Item, u64)> = HashMap::new();
    for item in window.after(after).take_while(|it| it.offset <= upto) {
        match topics.entry(item.topic.as_str()) {
            Entry::Occupied(mut known) => {
                let (newest, passed_over) = known.get_mut();
                (*newest, *passed_over) = (item, *passed_over + 1);
            }
            Entry::Vacant(vacant) => _ = vacant.insert((item, 0)),
        }
    }
    let mut newest: Vec<Newest> =
        topics.into_values().map(|(item, passed_over)| Newest { item: item.clone(), passed_over }).collect();
    newest.sort_unstable_by_key(|it| it.item.offset);
    newest
}
