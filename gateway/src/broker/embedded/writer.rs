//! The one thread that writes: it takes all that waits, commits it as one transaction, then answers, then publishes.
//!
//! ```text
//! append ─┐
//! append ─┼─ queue ─► gather ─► transaction ─► journal ─► answers ─► listeners
//! check ──┘                          └─ failed ─► answers Unavailable, the file is opened again in a new epoch
//! ```

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use redb::Error;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::broker::embedded::log::Finished;
use crate::broker::embedded::store::{Store, commit_whole};
use crate::broker::embedded::transaction::{Answers, Failure, State, transact};
use crate::broker::listeners::StreamListeners;
use crate::broker::open_error::OpenError;
use crate::broker::rules::Rules;
use crate::broker::{Append, Appended, BATCH_EVENTS_MAX, BrokerError};
use crate::telemetry;

/// Bytes beyond which a transaction takes no further append: more would only make those that wait wait longer.
const TRANSACTION_BYTES: usize = 1024 * 1024;

/// How long those who were just answered are waited for: a part of what a transaction takes, which is theirs to gain.
const STRAGGLERS_WAIT_MIN: Duration = Duration::from_micros(200);
const STRAGGLERS_WAIT_MAX: Duration = Duration::from_millis(2);
const STRAGGLERS_WAIT_PART: u32 = 4;
/// Senders that do not wait for their answers do not come back either: how often it is tried with them.
const HURRIED: u32 = 15;

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
    /// None while the store is not open.
    pub(super) state: Option<State>,
    pub(super) requests: Receiver<Request>,
    /// Appends that came while the transaction before was under way.
    pub(super) waiting: Vec<Request>,
    /// How many appends that transaction held, and how long it took.
    pub(super) before: (usize, Duration),
    /// Transactions to go before anybody is waited for again: nobody came when it was tried last.
    pub(super) hurried: u32,
}

impl Writer {
    /// Runs until every sender is gone and all that waits is done.
    pub(super) fn run(mut self) {
        while let Some(batch) = self.gather() {
            let (appends, began) = (batch.len(), Instant::now());
            self.write(batch);
            self.before = (appends, began.elapsed());
        }
        if let Err(error) = self.sync() {
            tracing::warn!(%error, "the store's file was not synced: what opens it next reads the journal");
        }
        self.store.close();
    }

    /// Leaves a file that is whole without its journal.
    fn sync(&self) -> Result<(), Error> {
        match self.store.begin_write()? {
            Some((txn, _)) => commit_whole(txn),
            None => Ok(()),
        }
    }

    /// Takes what waits, up to one transaction's worth; none once every sender is gone.
    ///
    /// Those who were answered together come back together, but not at once: without a moment's wait for them they and those who
    /// came meanwhile would take turns, and each would have half of the transactions. One sender alone is never waited for.
    fn gather(&mut self) -> Option<Vec<Request>> {
        let (answered, took) = self.before;
        let expected = answered + self.waiting.len();
        if self.waiting.is_empty() {
            self.waiting.push(self.requests.recv().ok()?);
        }
        self.drain(|_| Duration::ZERO);
        let here = self.waiting.len();
        if self.hurried > 0 {
            self.hurried -= 1;
        } else if here < expected {
            let patience = (took / STRAGGLERS_WAIT_PART).clamp(STRAGGLERS_WAIT_MIN, STRAGGLERS_WAIT_MAX);
            let deadline = Instant::now() + patience;
            self.drain(|waiting| {
                let is_short = waiting < expected;
                if is_short { deadline.saturating_duration_since(Instant::now()) } else { Duration::ZERO }
            });
            if self.waiting.len() == here {
                self.hurried = HURRIED;
            }
        }
        Some(std::mem::take(&mut self.waiting))
    }

    /// Takes what comes, and waits for the next for as long as `patience` has, given how many there are.
    fn drain(&mut self, patience: impl Fn(usize) -> Duration) {
        let mut events: usize = self.waiting.iter().map(|request| request.append.events.len()).sum();
        let mut bytes: usize = self.waiting.iter().map(|request| request.append.bytes()).sum();
        while self.waiting.len().max(events) < BATCH_EVENTS_MAX && bytes < TRANSACTION_BYTES {
            let Ok(next) = self.requests.recv_timeout(patience(self.waiting.len())) else { break };
            events += next.append.events.len();
            bytes += next.append.bytes();
            self.waiting.push(next);
        }
    }

    fn write(&mut self, batch: Vec<Request>) {
        let split = |Request { append, room, answer }| (append, Waiter { answer, _room: room });
        let (appends, waiters): (Vec<Append>, Vec<Waiter>) = batch.into_iter().map(split).unzip();
        if let Err(error) = self.reopen_if_failed() {
            return refuse(waiters, &error.to_string());
        }
        match self.transact(&appends) {
            Ok((answers, finished)) => {
                // Who came meanwhile is none of those who are answered now.
                self.drain(|_| Duration::ZERO);
                for (waiter, answer) in waiters.into_iter().zip(answers) {
                    // One who has left is not told; what it asked for is done all the same.
                    let _ = waiter.answer.send(answer);
                }
                self.publish(finished);
            }
            Err(error) => {
                tracing::error!(%error, "the store failed; it is opened again");
                telemetry::broker_up(false);
                refuse(waiters, &error.to_string());
                self.state = None;
                // Tried now, so that readers need not wait for the next append; tried again with it if this fails.
                let _ = self.reopen_if_failed();
            }
        }
    }

    /// One transaction for all, or for all but those to streams that turn out to be unreadable.
    fn transact(&mut self, appends: &[Append]) -> Result<(Answers, Vec<Finished>), Error> {
        let state = self.state.as_mut().expect("the store was just found open");
        loop {
            let attempt = AssertUnwindSafe(|| transact(&self.store, state, &self.rules, appends));
            // redb says that it may panic on a file that something else has changed; that ends these appends and no others.
            match catch_unwind(attempt) {
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(Failure::Store(error))) => return Err(error),
                Ok(Err(Failure::Stream(stream, cause))) => {
                    tracing::error!(%stream, cause, "a stream of the store cannot be read");
                    state.unreadable.insert(stream, cause);
                }
                Err(_) => return Err(Error::Corrupted("its pages contradict each other".into())),
            }
        }
    }

    fn reopen_if_failed(&mut self) -> Result<(), OpenError> {
        if self.state.is_some() {
            return Ok(());
        }
        match self.store.open(self.rules.journal_bytes) {
            Ok((rows, journal)) => {
                self.state = Some(State::new(rows, journal));
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

    fn publish(&mut self, finished: Vec<Finished>) {
        let state = self.state.as_mut().expect("the store is open: it has just committed");
        let mut given_back = Vec::with_capacity(finished.len());
        for Finished { stream, row, keys, is_changed, accepted, lost_early, .. } in finished {
            if !accepted.is_empty() {
                self.listeners.publish(&stream, row.head.epoch, accepted);
            }
            if lost_early > 0 {
                telemetry::dedupe_keys_lost_early(lost_early);
            }
            given_back.extend(keys.map(|keys| (stream.clone(), keys)));
            if is_changed {
                state.rows.insert(stream, row);
            }
        }
        state.keys.give_back(given_back.into_iter());
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
