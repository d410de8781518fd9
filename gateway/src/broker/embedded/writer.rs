//! The one thread that writes: it takes all that waits, commits it as one transaction, then answers, then publishes.
//!
//! ```text
//! append ─┐
//! append ─┼─ queue ─► gather ─► transaction ─► disk ─► answers ─► listeners
//! check ──┘                          └─ failed ─► answers Unavailable, the file is opened again in a new epoch
//! ```

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use redb::Error;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::broker::embedded::log::Change;
use crate::broker::embedded::store::{Rows, Store};
use crate::broker::embedded::transaction::{Answers, Failure, Unreadable, transact};
use crate::broker::listeners::StreamListeners;
use crate::broker::open_error::OpenError;
use crate::broker::rules::Rules;
use crate::broker::{Append, Appended, BATCH_EVENTS_MAX, BrokerError};
use crate::telemetry;

/// Bytes beyond which a transaction takes no further append: more would only make those that wait wait longer.
const TRANSACTION_BYTES: usize = 1024 * 1024;

/// Well below what a commit takes on any disk that keeps its word.
const STRAGGLERS_WAIT: Duration = Duration::from_micros(200);

/// An append that waits; without events it is a check.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) append: Append,
    /// What the append takes of the room for those that wait, until it is answered.
    pub(super) room: OwnedSemaphorePermit,
    pub(super) answer: oneshot::Sender<Result<Appended, BrokerError>>,
}

/// Owns the store's file: opens it again when it failed, closes it at the end.
pub(super) struct Writer {
    pub(super) store: Arc<Store>,
    pub(super) listeners: Arc<StreamListeners>,
    pub(super) rules: Rules,
    /// The heads as they are on disk; none while the store is not open.
    pub(super) rows: Option<Rows>,
    pub(super) requests: Receiver<Request>,
    /// How many appends the transaction before held.
    pub(super) batch_before: usize,
}

impl Writer {
    /// Runs until every sender is gone and all that waits is done.
    pub(super) fn run(mut self) {
        while let Ok(first) = self.requests.recv() {
            let batch = self.gather(first);
            self.batch_before = batch.len();
            self.write(batch);
        }
        self.store.close();
    }

    /// Takes what waits, up to one transaction's worth.
    ///
    /// Those who were answered together come back together, but not at once: without a moment's wait for them the first
    /// would have a transaction to itself, and all others wait for two. One sender alone is never waited for.
    fn gather(&self, first: Request) -> Vec<Request> {
        let (mut events, mut bytes) = (first.append.events.len(), first.append.bytes());
        let mut batch = vec![first];
        let deadline = Instant::now() + STRAGGLERS_WAIT;
        while events < BATCH_EVENTS_MAX && bytes < TRANSACTION_BYTES {
            let is_short = batch.len() < self.batch_before;
            let wait =
                if is_short { deadline.saturating_duration_since(Instant::now()) } else { Duration::ZERO };
            let Ok(next) = self.requests.recv_timeout(wait) else { break };
            events += next.append.events.len();
            bytes += next.append.bytes();
            batch.push(next);
        }
        batch
    }

    fn write(&mut self, batch: Vec<Request>) {
        let split = |Request { append, room, answer }| (append, Waiter { answer, _room: room });
        let (appends, waiters): (Vec<Append>, Vec<Waiter>) = batch.into_iter().map(split).unzip();
        if let Err(error) = self.reopen_if_failed() {
            return refuse(waiters, &error.to_string());
        }
        match self.transact(&appends) {
            Ok((answers, changes)) => {
                for (waiter, answer) in waiters.into_iter().zip(answers) {
                    // One who has left is not told; what it asked for is done all the same.
                    let _ = waiter.answer.send(answer);
                }
                self.publish(changes);
            }
            Err(error) => {
                tracing::error!(%error, "the store failed; it is opened again");
                telemetry::broker_up(false);
                refuse(waiters, &error.to_string());
                self.rows = None;
                // Tried now, so that readers need not wait for the next append; tried again with it if this fails.
                let _ = self.reopen_if_failed();
            }
        }
    }

    /// One transaction for all, or for all but those to streams that turn out to be unreadable.
    fn transact(&self, appends: &[Append]) -> Result<(Answers, Vec<Change>), Error> {
        let rows = self.rows.as_ref().expect("the store was just found open");
        let mut unreadable = Unreadable::new();
        loop {
            let attempt = AssertUnwindSafe(|| transact(&self.store, rows, &self.rules, appends, &unreadable));
            // redb says that it may panic on a file that something else has changed; that ends these appends and no others.
            match catch_unwind(attempt) {
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(Failure::Store(error))) => return Err(error),
                Ok(Err(Failure::Stream(stream, cause))) => {
                    tracing::error!(%stream, cause, "a stream of the store cannot be read");
                    unreadable.insert(stream, cause);
                }
                Err(_) => return Err(Error::Corrupted("its pages contradict each other".into())),
            }
        }
    }

    fn reopen_if_failed(&mut self) -> Result<(), OpenError> {
        if self.rows.is_some() {
            return Ok(());
        }
        match self.store.open() {
            Ok(rows) => {
                self.rows = Some(rows);
                telemetry::broker_up(true);
                // What failed may be in the log all the same, and no push ever said so.
                self.listeners.publish_missed();
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "the store could not be opened again");
                Err(error)
            }
        }
    }

    fn publish(&mut self, changes: Vec<Change>) {
        let rows = self.rows.as_mut().expect("the store is open: it has just committed");
        for Change { stream, row, accepted, lost_early } in changes {
            if !accepted.is_empty() {
                self.listeners.publish(&stream, row.head.epoch, accepted);
            }
            if lost_early > 0 {
                telemetry::dedupe_keys_lost_early(lost_early);
            }
            rows.insert(stream, row);
        }
    }
}

/// One who waits for an answer.
struct Waiter {
    answer: oneshot::Sender<Result<Appended, BrokerError>>,
    _room: OwnedSemaphorePermit,
}

fn refuse(waiters: Vec<Waiter>, cause: &str) {
    for waiter in waiters {
        let _ = waiter.answer.send(Err(BrokerError::Unavailable(cause.to_owned())));
    }
}
