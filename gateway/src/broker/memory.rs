//! The broker `memory:`: everything in this process, gone when it ends. For trying things out, tests and benchmarks.
//! An append runs on the task that asked: no thread, no queue, one short lock a stream.

mod keys;
mod log;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;

use crate::broker::listeners::{Listeners, too_many_streams};
use crate::broker::memory::log::Log;
use crate::broker::records::{MemoryRecords, Records};
use crate::broker::rules::{Rules, fresh_epoch};
use crate::broker::{Append, Appended, Broker, BrokerError, Listener, Page};
use crate::limits::{Limits, Retentions};
use crate::position::{Epoch, Head};
use crate::telemetry;
use crate::topic::{StreamName, Topic};

/// Logs by stream; each has its own lock, under which it is appended to and published, so that order holds.
#[derive(Debug)]
pub struct MemoryBroker {
    rules: Rules,
    /// One for all streams: this process is one history.
    epoch: Epoch,
    /// None once closed.
    logs: Mutex<Option<BTreeMap<StreamName, Arc<Mutex<Log>>>>>,
    records: MemoryRecords,
}

impl MemoryBroker {
    pub fn new(retentions: Retentions, limits: &Limits) -> Self {
        Self::with_rules(Rules::new(retentions, limits))
    }

    pub fn with_rules(rules: Rules) -> Self {
        Self {
            rules,
            epoch: fresh_epoch(),
            logs: Mutex::new(Some(BTreeMap::new())),
            records: MemoryRecords::default(),
        }
    }

    /// The stream's log, made now if this is the first that is heard of it.
    fn log(&self, stream: &StreamName) -> Result<Arc<Mutex<Log>>, BrokerError> {
        let mut logs = lock(&self.logs);
        let logs = logs.as_mut().ok_or_else(BrokerError::closed)?;
        if let Some(log) = logs.get(stream) {
            return Ok(log.clone());
        }
        if logs.len() >= self.rules.streams_max {
            return Err(too_many_streams(stream, self.rules.streams_max));
        }
        let log = Arc::new(Mutex::new(self.empty_log(stream)));
        logs.insert(stream.clone(), log.clone());
        Ok(log)
    }

    /// Looks at the stream's log, without making one.
    fn look<T>(&self, stream: &StreamName, look: impl FnOnce(&Log) -> T) -> Result<T, BrokerError> {
        let log = lock(&self.logs).as_ref().ok_or_else(BrokerError::closed)?.get(stream).cloned();
        Ok(match log {
            Some(log) => look(&lock(&log)),
            None => look(&self.empty_log(stream)),
        })
    }

    fn empty_log(&self, stream: &StreamName) -> Log {
        Log::new(self.epoch, self.rules.retentions.of(stream), self.rules.dedupe_keys_max)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing done under a broker's lock panics")
}

#[async_trait]
impl Broker for MemoryBroker {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn records(&self) -> &dyn Records {
        &self.records
    }

    fn turns_over_silently(&self) -> bool {
        false
    }

    async fn append(&self, append: Append) -> Result<Appended, BrokerError> {
        let log = self.log(&append.stream)?;
        let (appended, lost_early) = {
            let mut log = lock(&log);
            // The clock is read under the lock, or two senders could take their times in one order and the lock in another.
            let clock_ms = self.rules.clock.now_ms();
            log.append(append, clock_ms)
        };
        if lost_early > 0 {
            telemetry::dedupe_keys_lost_early(lost_early);
        }
        Ok(appended)
    }

    async fn check(&self, stream: &StreamName) -> Result<Head, BrokerError> {
        let log = self.log(stream)?;
        let mut log = lock(&log);
        let at_ms = log.tick(self.rules.clock.now_ms());
        log.trim(at_ms);
        Ok(log.head())
    }

    async fn read(&self, stream: &StreamName, from: u64, limit: usize) -> Result<Page, BrokerError> {
        self.look(stream, |log| log.read(from, limit))
    }

    async fn get(&self, stream: &StreamName, offsets: &[u64]) -> Result<Page, BrokerError> {
        self.look(stream, |log| log.get(offsets))
    }

    async fn seek(&self, stream: &StreamName, at_ms: u64) -> Result<(Head, u64), BrokerError> {
        self.look(stream, |log| (log.head(), log.seek(at_ms)))
    }

    async fn topics(&self, stream: &StreamName) -> Result<(Head, Vec<(Topic, u64)>), BrokerError> {
        self.look(stream, |log| (log.head(), log.topics()))
    }

    async fn now_ms(&self) -> Result<u64, BrokerError> {
        Ok(self.rules.clock.now_ms())
    }

    async fn listen(&self, stream: &StreamName) -> Result<Listener, BrokerError> {
        Ok(lock(&*self.log(stream)?).listeners.listen())
    }

    async fn close(&self) {
        let logs = lock(&self.logs).take().unwrap_or_default();
        for log in logs.into_values() {
            lock(&log).listeners = Listeners::default();
        }
    }
}
