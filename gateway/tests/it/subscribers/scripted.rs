//! A broker that does what a test says: answers late, drops pushes, fails, loses its newest events and begins a new epoch.
//! It keeps everything else that it has; its epochs are told, as Redis's are.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hookcast::broker::records::{MemoryRecords, Records};
use hookcast::broker::{
    Append, Appended, BATCH_EVENTS_MAX, Broker, BrokerError, Entry, Listener, NewEvent, Outcome,
    PUSHES_WAITING_MAX, Page, Push,
};
use hookcast::position::{Epoch, Head, PAST_EPOCHS_MAX};
use hookcast::topic::{RESERVED_STREAM, StreamName, Topic};
use tokio::sync::{mpsc, watch};

use super::node::PATIENCE;

/// What may be answered late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    Check,
    Read,
    Topics,
    Append,
    Listen,
}

#[derive(Debug)]
pub struct ScriptedBroker {
    logs: Mutex<HashMap<StreamName, Log>>,
    script: Mutex<Script>,
    held: watch::Sender<HashSet<Call>>,
    begun: watch::Sender<HashMap<Call, usize>>,
    epochs: AtomicU64,
    records: MemoryRecords,
}

#[derive(Debug, Default)]
struct Script {
    drops_pushes: bool,
    fails: HashSet<Call>,
}

/// All that was appended and not lost.
#[derive(Debug)]
struct Log {
    epoch: Epoch,
    past: Vec<(Epoch, u64)>,
    entries: Vec<Entry>,
    listeners: Vec<mpsc::Sender<Push>>,
}

impl ScriptedBroker {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            logs: Mutex::default(),
            script: Mutex::default(),
            held: watch::Sender::default(),
            begun: watch::Sender::default(),
            epochs: AtomicU64::new(0),
            records: MemoryRecords::default(),
        })
    }

    fn fresh_epoch(&self) -> Epoch {
        format!("e{:07}", self.epochs.fetch_add(1, Ordering::Relaxed)).parse().unwrap()
    }

    /// How many epochs there have been.
    pub fn epochs(&self) -> u64 {
        self.epochs.load(Ordering::Relaxed)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    fn with<T>(&self, stream: &StreamName, act: impl FnOnce(&mut Log) -> T) -> T {
        let mut logs = self.logs.lock().unwrap();
        act(logs.entry(stream.clone()).or_insert_with(|| Log {
            epoch: self.fresh_epoch(),
            past: Vec::new(),
            entries: Vec::new(),
            listeners: Vec::new(),
        }))
    }

    /// Keeps back every answer to such calls, those under way too. What it says is decided when the call comes.
    pub fn hold(&self, call: Call) {
        self.held.send_modify(|held| _ = held.insert(call));
    }

    pub fn release(&self, call: Call) {
        self.held.send_modify(|held| _ = held.remove(&call));
    }

    pub fn fail(&self, call: Call) {
        self.script().fails.insert(call);
    }

    pub fn mend(&self, call: Call) {
        self.script().fails.remove(&call);
    }

    /// How many such calls have come.
    pub fn calls(&self, call: Call) -> usize {
        self.begun.borrow().get(&call).copied().unwrap_or(0)
    }

    /// Until this many such calls have come.
    pub async fn until_calls(&self, call: Call, count: usize) {
        let mut begun = self.begun.subscribe();
        let reached = begun.wait_for(|begun| begun.get(&call).is_some_and(|it| *it >= count));
        let reached = tokio::time::timeout(PATIENCE, reached).await;
        drop(reached.unwrap_or_else(|_| panic!("{count} of {call:?} in time")).unwrap());
    }

    pub fn drop_pushes(&self, does_drop: bool) {
        self.script().drops_pushes = does_drop;
    }

    /// Loses the newest events and begins a new epoch.
    pub fn turn_over(&self, stream: &StreamName, lost: usize) {
        let fresh = self.fresh_epoch();
        self.with(stream, |log| {
            log.entries.truncate(log.entries.len().saturating_sub(lost));
            let top = log.entries.len() as u64;
            log.past.iter_mut().for_each(|(_, end)| *end = top.min(*end));
            log.past.insert(0, (log.epoch, top));
            log.past.truncate(PAST_EPOCHS_MAX);
            log.epoch = fresh;
        });
    }

    /// Comes back empty, and knows of no epoch before.
    pub fn forget_all(&self, stream: &StreamName) {
        let fresh = self.fresh_epoch();
        self.with(stream, |log| {
            log.entries.clear();
            log.past.clear();
            log.epoch = fresh;
        });
    }

    /// Ends the listening of everyone.
    pub fn end_listening(&self, stream: &StreamName) {
        self.with(stream, |log| log.listeners.clear());
    }

    /// How many listen.
    pub fn listeners(&self, stream: &StreamName) -> usize {
        self.with(stream, |log| log.listeners.iter().filter(|it| !it.is_closed()).count())
    }

    pub fn entries(&self, stream: &StreamName) -> Vec<Entry> {
        self.with(stream, |log| log.entries.clone())
    }

    pub fn head(&self, stream: &StreamName) -> Head {
        self.with(stream, |log| log.head())
    }

    /// The node's own stream is served as well as can be: what it reports of itself is not what is tested here.
    async fn answer<T>(&self, call: Call, stream: &StreamName, answer: T) -> Result<T, BrokerError> {
        if stream.as_str() == RESERVED_STREAM {
            return Ok(answer);
        }
        self.begun.send_modify(|begun| *begun.entry(call).or_default() += 1);
        let mut held = self.held.subscribe();
        let released = held.wait_for(|held| !held.contains(&call)).await;
        drop(released.map_err(|_| BrokerError::Unavailable("the test is over".into()))?);
        if self.script().fails.contains(&call) {
            return Err(BrokerError::Unavailable("as the test says".into()));
        }
        Ok(answer)
    }

    /// Pushes as listeners hear them: one that finds no room is made up for by `Missed`.
    fn publish(&self, log: &Log, entries: &Arc<[Entry]>) {
        if self.script().drops_pushes {
            return;
        }
        for listener in &log.listeners {
            let _ = listener.try_send(Push::Entries { epoch: log.epoch, entries: entries.clone() });
        }
    }
}

impl Log {
    fn head(&self) -> Head {
        Head { epoch: self.epoch, top: self.entries.len() as u64, first: 1, past: self.past.clone() }
    }

    fn take(&mut self, event: NewEvent, at_ms: u64) -> Outcome {
        let NewEvent { key, topic, body } = event;
        if self.entries.iter().any(|it| it.key == key) {
            return Outcome::Duplicate;
        }
        let offset = self.entries.len() as u64 + 1;
        self.entries.push(Entry { offset, at_ms, topic, key, body });
        Outcome::Accepted { offset }
    }
}

fn clock_ms() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis() as u64
}

#[async_trait]
impl Broker for ScriptedBroker {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn records(&self) -> &dyn Records {
        &self.records
    }

    fn turns_over_silently(&self) -> bool {
        false
    }

    async fn append(&self, append: Append) -> Result<Appended, BrokerError> {
        self.answer(Call::Append, &append.stream, ()).await?;
        let at_ms = clock_ms();
        Ok(self.with(&append.stream, |log| {
            let before = log.entries.len();
            let outcomes = append.events.into_iter().map(|event| log.take(event, at_ms)).collect();
            let entries = log.entries[before..].to_vec();
            if !entries.is_empty() {
                self.publish(log, &entries.into());
            }
            Appended { position: log.head().position(), outcomes }
        }))
    }

    async fn check(&self, stream: &StreamName) -> Result<Head, BrokerError> {
        let head = self.head(stream);
        self.answer(Call::Check, stream, head).await
    }

    async fn read(&self, stream: &StreamName, from: u64, limit: usize) -> Result<Page, BrokerError> {
        let page = self.with(stream, |log| {
            let skipped = (from.max(1) - 1) as usize;
            let entries = log.entries.iter().skip(skipped).take(limit.min(BATCH_EVENTS_MAX)).cloned();
            Page { head: log.head(), entries: entries.collect() }
        });
        self.answer(Call::Read, stream, page).await
    }

    async fn get(&self, stream: &StreamName, offsets: &[u64]) -> Result<Page, BrokerError> {
        let find = |log: &Log, offset: u64| log.entries.get(offset as usize - 1).cloned();
        Ok(self.with(stream, |log| {
            let entries = offsets.iter().filter_map(|offset| find(log, *offset)).collect();
            Page { head: log.head(), entries }
        }))
    }

    async fn seek(&self, stream: &StreamName, at_ms: u64) -> Result<(Head, u64), BrokerError> {
        Ok(self.with(stream, |log| {
            (log.head(), 1 + log.entries.partition_point(|entry| entry.at_ms < at_ms) as u64)
        }))
    }

    async fn topics(&self, stream: &StreamName) -> Result<(Head, Vec<(Topic, u64)>), BrokerError> {
        let answer = self.with(stream, |log| {
            let newest: HashMap<_, _> = log.entries.iter().map(|it| (it.topic.clone(), it.offset)).collect();
            (log.head(), newest.into_iter().collect())
        });
        self.answer(Call::Topics, stream, answer).await
    }

    async fn now_ms(&self) -> Result<u64, BrokerError> {
        Ok(clock_ms())
    }

    async fn listen(&self, stream: &StreamName) -> Result<Listener, BrokerError> {
        self.answer(Call::Listen, stream, ()).await?;
        let (sender, pushes) = mpsc::channel(PUSHES_WAITING_MAX);
        self.with(stream, |log| log.listeners.push(sender));
        Ok(Listener { pushes })
    }

    async fn close(&self) {
        self.logs.lock().unwrap().clear();
    }
}
