//! Appends again what this node has seen and the store has lost, under the same dedupe keys: however many nodes do it, and
//! whatever the senders send again, each event is in the log once.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::timeout;

use super::stream::{BROKER_DEADLINE, Fetched, StreamTask, too_slow};
use super::window::Item;
use crate::broker::{Append, Appended, BATCH_EVENTS_MAX, BrokerError, NewEvent, Outcome};
use crate::jitter;
use crate::telemetry;

/// Events that are put back after one turn-over, the newest. A client drops what it has seen among its last 4,096: room for
/// those of several nodes, which are not all the same, and for what is new and comes between.
const EVENTS_MAX: usize = 1_024;
/// Bytes of them; the oldest are given up first.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes of one append, unless its only event is larger.
const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// As long as the sources' own keys usually live.
const DEDUPE: Duration = Duration::from_hours(72);
/// After so many failures in a row what is left is given up: the log has moved on, and the gap was told.
const ATTEMPTS_MAX: u32 = 6;

/// What waits to be appended again.
#[derive(Debug, Default)]
pub(super) struct Lost {
    events: VecDeque<NewEvent>,
    bytes: usize,
    is_under_way: bool,
    failures: u32,
    accepted: u64,
    duplicates: u64,
}

impl Lost {
    /// Takes events in their order, and a fresh start for what waits already.
    pub(super) fn add(&mut self, events: impl Iterator<Item = NewEvent>) {
        self.failures = 0;
        for event in events {
            self.bytes += event.body.len();
            self.events.push_back(event);
            while self.events.len() > EVENTS_MAX || self.bytes > BYTES_MAX {
                self.take_first();
            }
        }
    }

    /// Nothing waits, and nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && !self.is_under_way
    }

    fn take_first(&mut self) -> Option<NewEvent> {
        let event = self.events.pop_front()?;
        self.bytes -= event.body.len();
        Some(event)
    }

    fn take_batch(&mut self) -> Vec<NewEvent> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH_EVENTS_MAX && bytes < BATCH_BYTES_MAX {
            let Some(event) = self.take_first() else { break };
            bytes += event.body.len();
            batch.push(event);
        }
        batch
    }

    /// Puts a batch that was not appended before what waits.
    fn return_batch(&mut self, batch: Vec<NewEvent>) {
        for event in batch.into_iter().rev() {
            self.bytes += event.body.len();
            self.events.push_front(event);
        }
    }

    fn pause(&self) -> Duration {
        match self.failures {
            0 => Duration::ZERO,
            failures => Duration::from_millis(500 << failures).mul_f64(0.5 + jitter::share()),
        }
    }
}

impl From<&Item> for NewEvent {
    fn from(item: &Item) -> Self {
        Self { key: item.key, topic: item.topic.clone(), body: item.body() }
    }
}

impl StreamTask {
    /// Appends the next batch of what was lost, if there is any and none is on its way.
    pub(super) fn put_back(&mut self) {
        if self.lost.is_under_way || self.lost.events.is_empty() {
            return;
        }
        self.lost.is_under_way = true;
        let events = self.lost.take_batch();
        let (broker, stream, pause) = (self.broker.clone(), self.name.clone(), self.lost.pause());
        self.fetches.spawn(async move {
            tokio::time::sleep(pause).await;
            let append = Append { stream, events: events.clone(), dedupe: DEDUPE };
            let appended = timeout(BROKER_DEADLINE, broker.append(append)).await;
            Fetched::PutBack(events, appended.unwrap_or_else(|_| Err(too_slow())))
        });
    }

    pub(super) fn take_put_back(&mut self, events: Vec<NewEvent>, appended: Result<Appended, BrokerError>) {
        let lost = &mut self.lost;
        lost.is_under_way = false;
        match appended {
            Ok(appended) => {
                let is_accepted = |it: &&Outcome| matches!(it, Outcome::Accepted { .. });
                let accepted = appended.outcomes.iter().filter(is_accepted).count() as u64;
                telemetry::events_put_back(accepted);
                lost.failures = 0;
                lost.accepted += accepted;
                lost.duplicates += events.len() as u64 - accepted;
            }
            Err(error) => {
                tracing::warn!(stream = %self.name, %error, "events that the store had lost could not be put back");
                lost.return_batch(events);
                lost.failures += 1;
                if lost.failures >= ATTEMPTS_MAX {
                    tracing::error!(stream = %self.name, events = lost.events.len(), "given up: these events are lost");
                    lost.events.clear();
                    lost.bytes = 0;
                }
            }
        }
        if lost.events.is_empty() && lost.accepted + lost.duplicates > 0 {
            let (accepted, duplicates) =
                (std::mem::take(&mut lost.accepted), std::mem::take(&mut lost.duplicates));
            tracing::info!(stream = %self.name, accepted, duplicates, "events that the store had lost were put back");
        }
        self.put_back();
    }
}
