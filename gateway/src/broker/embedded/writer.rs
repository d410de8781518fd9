//! The one thread that writes: it takes all that waits, commits it as one transaction, then answers, then publishes.
//!
//! ```text
//! append ─┐
//! append ─┼─ queue ─► gather ─► transaction ─► journal ─► answers ─► listeners ─► (many at a time) tables
//! check ──┘                          └─ failed ─► answers Unavailable, the file is opened again in a new epoch
//! ```

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use redb::Error;

use crate::broker::embedded::answers::{Answers, Request, Waiter};
use crate::broker::embedded::apply::{Sync, apply};
use crate::broker::embedded::backlog::Backlog;
use crate::broker::embedded::store::{Store, commit_whole};
use crate::broker::embedded::transaction::{Done, State};
use crate::broker::listeners::StreamListeners;
use crate::broker::open_error::OpenError;
use crate::broker::rules::Rules;
use crate::broker::{Append, BATCH_EVENTS_MAX};
use crate::telemetry;

/// Bytes beyond which a transaction takes no further append: more would only make those that wait wait longer.
const TRANSACTION_BYTES: usize = 1024 * 1024;

/// How long those who were just answered are waited for: a part of what a transaction takes, which is theirs to gain. Where it
/// takes less than this, a timer costs more than it brings.
const SLOW: Duration = Duration::from_millis(1);
const STRAGGLERS_WAIT_MAX: Duration = Duration::from_millis(2);
const STRAGGLERS_WAIT_PART: u32 = 4;
/// Senders that do not wait for their answers do not come back either: how often it is tried with them.
const HURRIED: u32 = 15;

/// Between two attempts to open a store that failed: each reads the journal and keeps readers out meanwhile.
const REOPEN_PAUSE_MIN: Duration = Duration::from_millis(50);
const REOPEN_PAUSE_MAX: Duration = Duration::from_secs(2);

/// When nobody has come for so long, the tables get what is pending.
const IDLE: Duration = Duration::from_millis(1);

/// Owns the store's file: opens it again when it failed, closes it at the end.
pub(super) struct Writer {
    pub(super) store: Arc<Store>,
    pub(super) backlog: Arc<Backlog>,
    pub(super) listeners: Arc<StreamListeners>,
    pub(super) rules: Rules,
    /// None while the store is not open.
    pub(super) state: Option<State>,
    /// When and after what pause it is opened again, if that has failed.
    pub(super) reopening: Option<Reopening>,
    pub(super) requests: Receiver<Request>,
    /// Appends that came while the transaction before was under way.
    pub(super) waiting: Vec<Request>,
    /// How many appends that transaction held, and how long it took.
    pub(super) before: (usize, Duration),
    /// Transactions to go before anybody is waited for again: nobody came when it was tried last.
    pub(super) hurried: u32,
}

/// A store that could not be opened again: whoever comes before it is time is told why.
#[derive(Debug)]
pub(super) struct Reopening {
    at: Instant,
    pause: Duration,
    cause: OpenError,
}

impl Writer {
    /// Runs until every sender is gone and all that waits is done.
    pub(super) fn run(mut self) {
        while let Some(batch) = self.gather() {
            if self.backlog.is_wanted() {
                self.apply();
            }
            let (appends, began) = (batch.len(), Instant::now());
            self.write(batch);
            self.before = (appends, began.elapsed());
            if self.is_apply_due() {
                self.apply();
            }
        }
        self.apply();
        if let Err(error) = whole(|| self.sync()) {
            tracing::warn!(%error, "the store's file was not synced: what opens it next reads the journal");
        }
        self.store.close();
    }

    /// Leaves a file that is whole without its journal.
    fn sync(&self) -> Result<(), Error> {
        match self.store.begin_write()? {
            Some((txn, _)) if self.state.is_some() => commit_whole(txn),
            _ => Ok(()),
        }
    }

    fn is_apply_due(&self) -> bool {
        let keys_max = self.rules.dedupe_keys_max;
        self.backlog.is_wanted() || self.state.as_ref().is_some_and(|state| state.is_apply_due(keys_max))
    }

    /// Brings the tables up to what was answered.
    fn apply(&mut self) {
        if let Some(state) = &mut self.state {
            let (store, rules) = (&self.store, &self.rules);
            if let Err(error) = whole(|| apply(store, state, rules, Sync::WhenDue)) {
                self.fail(&error);
            }
        }
        self.backlog.clear();
    }

    /// Takes what waits, up to one transaction's worth; none once every sender is gone.
    ///
    /// Those who were answered together come back together, but not at once: without a moment's wait for them they and those who
    /// came meanwhile would take turns, and each would have half of the transactions. One sender alone is never waited for.
    fn gather(&mut self) -> Option<Vec<Request>> {
        let (answered, took) = self.before;
        let expected = answered + self.waiting.len();
        if self.waiting.is_empty() {
            let first = self.next()?;
            self.waiting.push(first);
        }
        // Lets those go first who are on their way: with one core they could not come otherwise.
        std::thread::yield_now();
        self.drain(|_| Duration::ZERO);
        let here = self.waiting.len();
        if self.hurried > 0 {
            self.hurried -= 1;
        } else if here < expected && took >= SLOW {
            let patience = (took / STRAGGLERS_WAIT_PART).min(STRAGGLERS_WAIT_MAX);
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

    /// Waits for whoever comes next. Once that takes a while the tables are brought up to date, or the store is opened again.
    fn next(&mut self) -> Option<Request> {
        loop {
            let patience = match (&self.state, &self.reopening) {
                (Some(state), _) if state.is_ahead() => IDLE,
                (None, Some(reopening)) => reopening.at.saturating_duration_since(Instant::now()),
                _ => return self.requests.recv().ok(),
            };
            match self.requests.recv_timeout(patience) {
                Ok(request) => return Some(request),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if self.state.is_some() => self.apply(),
                // The cause is kept for whoever comes next.
                Err(RecvTimeoutError::Timeout) => drop(self.reopen_if_due()),
            }
        }
    }

    /// Takes what comes, and waits for the next for as long as `patience` has, given how many there are.
    fn drain(&mut self, patience: impl Fn(usize) -> Duration) {
        let mut events: usize = self.waiting.iter().map(|request| request.append.events.len()).sum();
        let mut bytes: usize = self.waiting.iter().map(|request| request.append.bytes()).sum();
        while self.waiting.len().max(events) < BATCH_EVENTS_MAX && bytes < TRANSACTION_BYTES {
            let patience = patience(self.waiting.len());
            let next = if patience.is_zero() {
                self.requests.try_recv().ok()
            } else {
                self.requests.recv_timeout(patience).ok()
            };
            let Some(next) = next else { break };
            events += next.append.events.len();
            bytes += next.append.bytes();
            self.waiting.push(next);
        }
    }

    fn write(&mut self, batch: Vec<Request>) {
        let (appends, waiters): (Vec<Append>, Vec<Waiter>) =
            batch.into_iter().map(|request| (request.append, request.waiter)).unzip();
        if let Err(error) = self.reopen_if_due() {
            return Answers::refuse(waiters, &error).send();
        }
        let state = self.state.as_mut().expect("the store was just found open");
        match whole(|| state.transact(&self.store, &self.rules, &appends)) {
            Ok(Done { answers, pushes }) => {
                // Before anybody is answered: who reads then shall find it.
                if state.is_ahead() {
                    self.backlog.grow();
                } else {
                    self.backlog.clear();
                }
                // Who came meanwhile is none of those who are answered now.
                self.drain(|_| Duration::ZERO);
                Answers(waiters.into_iter().zip(answers).collect()).send();
                for (stream, epoch, entries) in pushes {
                    self.listeners.publish(&stream, epoch, entries);
                }
            }
            Err(error) => {
                Answers::refuse(waiters, &error).send();
                self.fail(&error);
            }
        }
    }

    /// Nobody knows what is on disk: the store is opened again.
    fn fail(&mut self, error: &Error) {
        tracing::error!(%error, "the store failed; it is opened again");
        telemetry::broker_up(false);
        self.state = None;
        self.reopen();
        self.backlog.clear();
    }

    fn reopen_if_due(&mut self) -> Result<(), String> {
        if self.state.is_none()
            && self.reopening.as_ref().is_none_or(|reopening| reopening.at <= Instant::now())
        {
            self.reopen();
        }
        match (&self.state, &self.reopening) {
            (None, Some(reopening)) => Err(reopening.cause.to_string()),
            _ => Ok(()),
        }
    }

    fn reopen(&mut self) {
        match self.store.open(self.rules.journal_bytes) {
            Ok(state) => {
                (self.state, self.reopening) = (Some(state), None);
                telemetry::broker_up(true);
                // What failed may be in the log all the same, and no push ever said so.
                self.listeners.publish_missed();
            }
            Err(cause) => {
                let before = self.reopening.take();
                let pause =
                    before.map_or(REOPEN_PAUSE_MIN, |before| (before.pause * 2).min(REOPEN_PAUSE_MAX));
                tracing::error!(error = %cause, again_in = ?pause, "the store could not be opened again");
                self.reopening = Some(Reopening { at: Instant::now() + pause, pause, cause });
            }
        }
    }
}

impl Drop for Writer {
    /// However it ends, nobody waits for it any more.
    fn drop(&mut self) {
        self.backlog.clear();
    }
}

/// redb says that it may panic on a file that something else has changed; that ends what was asked for and nothing else.
fn whole<T>(attempt: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(attempt))
        .unwrap_or_else(|_| Err(Error::Corrupted("its pages contradict each other".into())))
}
