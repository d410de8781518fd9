//! How a stream's task notices that something is missing, and reads it from the log: whatever is not the next offset is
//! never guessed at.

use tokio::time::timeout;

use super::epoch::Relation;
use super::members::Group;
use super::stream::{BROKER_DEADLINE, Fetched, StreamTask, too_slow};
use super::window::Item;
use crate::broker::{BATCH_EVENTS_MAX, Entry, Page};
use crate::telemetry;
use crate::wire::{GapReason, ServerMessage};

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
            Fetched::Repair(from, read.unwrap_or_else(|_| Err(too_slow())))
        });
    }

    pub(super) fn take_repair(&mut self, from: u64, page: &Page) {
        match self.relation(&page.head) {
            Relation::Same => {}
            Relation::Newer => self.turn_over(&page.head),
            Relation::Older | Relation::Unrelated => {
                self.check_again();
                return;
            }
        }
        if from > self.head.top + 1 {
            // A turn-over has taken us back meanwhile: what lies before the page is not lost.
            return self.repair();
        }
        let begins = page.entries.first().map_or(page.head.first, |entry| entry.offset);
        if begins > self.head.top + 1 {
            self.skip_to(begins - 1);
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
    fn release_held(&mut self, batch: &mut Vec<Item>) {
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

    /// What comes next is no longer retained: goes on after this offset, and tells all who are live. Who rests is told
    /// when it goes on, as the window begins later by then.
    fn skip_to(&mut self, after: u64) {
        let gap = self.gap(GapReason::Retention, self.head.top + 1, Some(after), after);
        self.head.top = after;
        self.window.clear();
        telemetry::gap(gap.reason.as_str());
        let message = ServerMessage::gap(self.name.as_str(), None, &gap).to_json();
        for member in self.members.groups().flat_map(Group::members) {
            self.say(&member.outlet, member.framing, &message);
        }
        self.skip_latest_to(after);
        self.gauge.set(&self.head);
    }
}
