//! How a stream's task notices that something is missing, and reads it from the log: whatever is not the next offset is
//! never guessed at.

use tokio::time::timeout;

use super::members::Group;
use super::stream::{BROKER_DEADLINE, Fetched, StreamTask, too_slow};
use super::window::Item;
use crate::broker::{BATCH_EVENTS_MAX, BrokerError, Entry, Page};
use crate::position::{Head, Position, Resumption};
use crate::telemetry;
use crate::wire::{Gap, GapReason, ServerMessage};

/// Entries that may wait for the ones before them; more are dropped, and read from the log later.
const HELD_ENTRIES_MAX: usize = 1_024;
/// Bytes of such entries.
const HELD_BYTES_MAX: usize = 8 * 1024 * 1024;

impl StreamTask {
    pub(super) fn hold(&mut self, entry: &Entry) {
        if self.held.len() < HELD_ENTRIES_MAX && self.held_bytes < HELD_BYTES_MAX {
            self.held_bytes += entry.body.len();
            self.held.insert(entry.offset, entry.clone());
        }
        self.repair();
    }

    /// Reads the log from the next offset on, if nobody does already.
    pub(super) fn repair(&mut self) {
        if self.is_repairing {
            return;
        }
        self.is_repairing = true;
        let (broker, name, from) = (self.broker.clone(), self.name.clone(), self.head.top + 1);
        self.fetches.spawn(async move {
            let read = timeout(BROKER_DEADLINE, broker.read(&name, from, BATCH_EVENTS_MAX)).await;
            Fetched::Repair(read.unwrap_or_else(|_| Err(too_slow())))
        });
    }

    /// Compares with the log, if nobody does already.
    pub(super) fn check(&mut self) {
        if self.is_checking {
            return;
        }
        self.is_checking = true;
        let (broker, name) = (self.broker.clone(), self.name.clone());
        self.fetches.spawn(async move {
            let checked = timeout(BROKER_DEADLINE, broker.check(&name)).await;
            Fetched::Check(checked.unwrap_or_else(|_| Err(too_slow())))
        });
    }

    pub(super) fn take_repair(&mut self, page: &Page) {
        if page.head.epoch != self.head.epoch {
            self.turn_over(&page.head);
        }
        let begins = page.entries.first().map_or(page.head.first, |entry| entry.offset);
        if begins > self.head.top + 1 {
            self.skip_to(begins - 1, GapReason::Retention);
        }
        self.head.first = page.head.first;
        let mut batch = Vec::with_capacity(page.entries.len());
        self.sort_in(page.head.epoch, &page.entries, &mut batch);
        self.release_held(&mut batch);
        self.accept(batch);
        if self.head.top < page.head.top || !self.held.is_empty() {
            self.repair();
        } else {
            telemetry::repair("done");
        }
    }

    /// Takes what was held and is next by now; drops what is past.
    pub(super) fn release_held(&mut self, batch: &mut Vec<Item>) {
        while let Some(entry) = self.held.first_entry()
            && *entry.key() <= self.head.top + 1
        {
            let entry = entry.remove();
            self.held_bytes -= entry.body.len();
            if entry.offset == self.head.top + 1 {
                self.head.top = entry.offset;
                batch.push(Item::from(&entry));
            }
        }
    }

    pub(super) fn take_check(&mut self, checked: Result<Head, BrokerError>) {
        self.is_checking = false;
        telemetry::broker_up(checked.is_ok());
        let head = match checked {
            Ok(head) => Some(head),
            Err(error) => {
                tracing::warn!(stream = %self.name, %error, "the broker does not answer");
                None
            }
        };
        if let Some(head) = &head {
            if head.epoch != self.head.epoch {
                self.turn_over(head);
            }
            self.head.first = head.first;
            self.gauge.checked(&self.head);
            telemetry::stream_lag(self.name.as_str(), head.top.saturating_sub(self.head.top));
            if head.top > self.head.top {
                self.repair();
            }
            self.drop_beyond(head.top);
        }
        for reply in self.checks_asked.drain(..) {
            let _ = reply.send(head.clone());
        }
    }

    /// The store began another history: go on where ours ends in it, and tell what may be missing.
    pub(super) fn turn_over(&mut self, head: &Head) {
        let position = Position { epoch: self.head.epoch, offset: self.head.top };
        let (after, is_lost) = match head.resume(position) {
            Resumption::After(offset) => (offset, false),
            Resumption::Lost { after } => (after, true),
            Resumption::Beyond => (head.top, true),
        };
        tracing::warn!(stream = %self.name, epoch = %head.epoch, is_lost, "the store began a new epoch");
        self.head = Head { top: self.head.top, ..head.clone() };
        self.pages.clear();
        self.newest = None;
        self.held.clear();
        self.held_bytes = 0;
        if is_lost || !self.broker.turns_over_silently() {
            self.skip_to(after, GapReason::Epoch);
        }
    }

    /// Goes on after an offset that does not follow, and tells all who are live.
    pub(super) fn skip_to(&mut self, after: u64, reason: GapReason) {
        let from = Some(self.head.top + 1);
        let to = if reason == GapReason::Epoch { None } else { Some(after) };
        self.head.top = after;
        self.window.clear();
        for resting in self.resting.values_mut() {
            resting.cursor = resting.cursor.min(after);
        }
        telemetry::gap(reason.as_str());
        let gap = Gap { reason, from, to, position: self.head.position() };
        let message = ServerMessage::gap(self.name.as_str(), None, &gap).to_json();
        for member in self.members.groups().iter().flat_map(Group::members) {
            self.say(&member.outlet, member.framing, &message);
        }
        self.gauge.set(&self.head);
    }
}
