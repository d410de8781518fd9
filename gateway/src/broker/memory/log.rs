//! One stream in memory: its entries, the indexes over them and those who listen. Knows no other stream and no lock.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::broker::clock::millis;
use crate::broker::listeners::Listeners;
use crate::broker::memory::keys::Keys;
use crate::broker::{Append, Appended, BATCH_EVENTS_MAX, Entry, NewEvent, Outcome, Page};
use crate::limits::Retention;
use crate::position::{Epoch, Head, Position};
use crate::topic::Topic;

/// Entries `first..=top`, without holes: an offset is an index away from `first`.
#[derive(Debug)]
pub(super) struct Log {
    epoch: Epoch,
    retention: Retention,
    keys_max: u64,
    top: u64,
    at_ms: u64,
    bytes: u64,
    entries: VecDeque<Entry>,
    last: HashMap<Topic, u64>,
    keys: Keys,
    pub(super) listeners: Listeners,
}

impl Log {
    pub(super) fn new(epoch: Epoch, retention: Retention, keys_max: u64) -> Self {
        Self {
            epoch,
            retention,
            keys_max,
            top: 0,
            at_ms: 0,
            bytes: 0,
            entries: VecDeque::new(),
            last: HashMap::new(),
            keys: Keys::default(),
            listeners: Listeners::default(),
        }
    }

    pub(super) fn head(&self) -> Head {
        Head { epoch: self.epoch, top: self.top, first: self.first(), past: Vec::new() }
    }

    fn first(&self) -> u64 {
        self.top + 1 - self.entries.len() as u64
    }

    /// The time of what happens now: the clock's, unless that runs behind the newest entry.
    pub(super) fn tick(&mut self, clock_ms: u64) -> u64 {
        self.at_ms = self.at_ms.max(clock_ms);
        self.at_ms
    }

    /// Dedupes, numbers, keeps and publishes; also says how many dedupe keys went before their time.
    pub(super) fn append(&mut self, append: Append, clock_ms: u64) -> (Appended, u64) {
        let at_ms = self.tick(clock_ms);
        let lifetime_ms = millis(append.dedupe);
        let kept_before = self.entries.len();
        let outcomes = append.events.into_iter().map(|event| self.take(event, at_ms, lifetime_ms)).collect();
        if self.entries.len() > kept_before && !self.listeners.is_empty() {
            let entries: Arc<[Entry]> = self.entries.range(kept_before..).cloned().collect();
            self.listeners.publish(self.epoch, &entries);
        }
        self.trim(at_ms);
        let lost_early = self.keys.bound(at_ms, self.keys_max);
        let position = Position { epoch: self.epoch, offset: self.top };
        (Appended { position, outcomes }, lost_early)
    }

    fn take(&mut self, event: NewEvent, at_ms: u64, lifetime_ms: u64) -> Outcome {
        if !self.keys.take(event.key, at_ms, lifetime_ms) {
            return Outcome::Duplicate;
        }
        self.top += 1;
        let NewEvent { key, topic, body } = event;
        let entry = Entry { offset: self.top, at_ms, topic, key, body };
        self.bytes += entry_bytes(&entry);
        match self.last.get_mut(&entry.topic) {
            Some(last) => *last = self.top,
            None => {
                self.last.insert(entry.topic.clone(), self.top);
            }
        }
        self.entries.push_back(entry);
        Outcome::Accepted { offset: self.top }
    }

    /// Lets the oldest go while there is too much of anything, one batch of them at most.
    pub(super) fn trim(&mut self, at_ms: u64) {
        let oldest_ms = at_ms.saturating_sub(millis(self.retention.age));
        for _ in 0..BATCH_EVENTS_MAX {
            let Some(entry) = self.entries.front() else { return };
            let is_over = self.entries.len() as u64 > self.retention.events
                || self.bytes > self.retention.bytes
                || entry.at_ms < oldest_ms;
            if !is_over {
                return;
            }
            self.bytes -= entry_bytes(entry);
            if self.last.get(&entry.topic) == Some(&entry.offset) {
                self.last.remove(&entry.topic);
            }
            self.entries.pop_front();
        }
    }

    pub(super) fn read(&self, from: u64, limit: usize) -> Page {
        let skipped = usize::try_from(from.saturating_sub(self.first())).unwrap_or(usize::MAX);
        let start = skipped.min(self.entries.len());
        let end = self.entries.len().min(start + limit.min(BATCH_EVENTS_MAX));
        Page { head: self.head(), entries: self.entries.range(start..end).cloned().collect() }
    }

    pub(super) fn get(&self, offsets: &[u64]) -> Page {
        let first = self.first();
        let find = |&offset: &u64| {
            let index = usize::try_from(offset.checked_sub(first)?).ok()?;
            self.entries.get(index).cloned()
        };
        Page { head: self.head(), entries: offsets.iter().filter_map(find).collect() }
    }

    pub(super) fn seek(&self, at_ms: u64) -> u64 {
        self.first() + self.entries.partition_point(|entry| entry.at_ms < at_ms) as u64
    }

    pub(super) fn topics(&self) -> Vec<(Topic, u64)> {
        self.last.iter().map(|(topic, &offset)| (topic.clone(), offset)).collect()
    }
}

/// What an entry counts for in a stream's retention.
fn entry_bytes(entry: &Entry) -> u64 {
    (entry.topic.as_str().len() + entry.key.0.len() + entry.body.len()) as u64
}
