//! The broker `file:`: a store of our own in one folder, for a gateway that is alone. What is answered is on disk.
//!
//! This file is what callers see; `embedded/writer.rs` is the one thread that writes, `reading.rs` what readers do.

mod ahead;
mod answers;
mod apply;
mod backlog;
mod journal;
mod keys;
mod log;
mod reading;
mod record;
mod records;
mod section;
mod store;
mod tables;
mod transaction;
mod writer;

use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use redb::Error;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

use crate::broker::embedded::answers::{Request, Waiter};
use crate::broker::embedded::backlog::Backlog;
use crate::broker::embedded::reading::Reading;
use crate::broker::embedded::records::FileRecords;
use crate::broker::embedded::store::Store;
use crate::broker::embedded::writer::Writer;
use crate::broker::listeners::StreamListeners;
use crate::broker::open_error::OpenError;
use crate::broker::records::Records;
use crate::broker::rules::Rules;
use crate::broker::{Append, Appended, Broker, BrokerError, Listener, Page};
use crate::limits::{Limits, Retentions};
use crate::position::Head;
use crate::topic::{StreamName, Topic};

/// Pages read at once; more wait. A page comes from memory or one disk, so more threads would only queue there.
const READERS_MAX: usize = 8;

/// The caller's side of the store: a bounded queue to the writer, and readers beside it.
#[derive(Debug)]
pub struct EmbeddedBroker {
    rules: Rules,
    store: Arc<Store>,
    backlog: Arc<Backlog>,
    listeners: Arc<StreamListeners>,
    /// None once closed.
    requests: Mutex<Option<SyncSender<Request>>>,
    /// Bytes that may still come to wait.
    room: Arc<Semaphore>,
    readers: Arc<Semaphore>,
    writer: Mutex<Option<JoinHandle<()>>>,
    records: FileRecords,
}

impl EmbeddedBroker {
    /// Opens the store in this folder, made if need be. May take a while after a crash: not for an async task.
    pub fn open(dir: &Path, retentions: Retentions, limits: &Limits) -> Result<Self, OpenError> {
        Self::open_with_rules(dir, Rules::new(retentions, limits))
    }

    /// The same with every bound and the clock given.
    pub fn open_with_rules(dir: &Path, rules: Rules) -> Result<Self, OpenError> {
        let store = Arc::new(Store::new(dir));
        let state = store.open(rules.journal_bytes)?;
        let backlog = Arc::new(Backlog::default());
        let listeners = Arc::new(StreamListeners::new(rules.streams_max));
        let (sender, requests) = sync_channel(rules.appends_waiting_max);
        let writer = Writer {
            store: store.clone(),
            listeners: listeners.clone(),
            rules: rules.clone(),
            state: Some(state),
            reopening: None,
            backlog: backlog.clone(),
            requests,
            waiting: Vec::new(),
            before: (0, Duration::ZERO),
            hurried: 0,
        };
        let thread = std::thread::Builder::new().name("hookcast-store".into());
        let writer = thread.spawn(move || writer.run()).map_err(|error| OpenError::Failed {
            path: dir.to_owned(),
            cause: format!("no thread to write with: {error}"),
        })?;
        Ok(Self {
            room: Arc::new(Semaphore::new(rules.append_bytes_waiting_max.min(Semaphore::MAX_PERMITS))),
            readers: Arc::new(Semaphore::new(READERS_MAX)),
            rules,
            store,
            backlog,
            listeners,
            requests: Mutex::new(Some(sender)),
            writer: Mutex::new(Some(writer)),
            records: FileRecords::new(dir),
        })
    }

    /// Puts a request in the writer's queue and waits for the answer. Dropped while it waits, it is done all the same.
    async fn request(&self, append: Append) -> Result<Appended, BrokerError> {
        // One that is larger than all the room may wait alone.
        let bytes = append.bytes().min(self.rules.append_bytes_waiting_max);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let room = self.room.clone().try_acquire_many_owned(bytes).map_err(|_| BrokerError::Full)?;
        let (answer, answered) = oneshot::channel();
        {
            let requests = lock(&self.requests);
            let requests = requests.as_ref().ok_or_else(BrokerError::closed)?;
            let waiter = Waiter { answer, room, runtime: Handle::current() };
            requests.try_send(Request { append, waiter }).map_err(|error| match error {
                TrySendError::Full(_) => BrokerError::Full,
                TrySendError::Disconnected(_) => writer_ended(),
            })?;
        }
        answered.await.unwrap_or_else(|_| Err(writer_ended()))
    }

    /// Reads all that was answered before, on a thread where waiting for the disk holds up nobody.
    async fn read_with<T: Send + 'static>(
        &self,
        stream: &StreamName,
        read: impl FnOnce(&Reading<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, BrokerError> {
        self.backlog.caught_up().await;
        let permit = self.readers.clone().acquire_owned().await;
        let permit = permit.expect("nothing closes the semaphore of readers");
        let (store, stream) = (self.store.clone(), stream.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let (txn, epoch) = store.begin_read()?.ok_or(Error::DatabaseClosed)?;
            read(&Reading::open(&txn, &stream, epoch)?)
        });
        match reading.await {
            Ok(read) => read.map_err(|error| broker_error(&error)),
            // redb says that it may panic on a file that something else has changed.
            Err(error) if error.is_panic() => {
                Err(BrokerError::Corrupt("its pages contradict each other".into()))
            }
            Err(_) => Err(BrokerError::closed()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing done under a broker's lock panics")
}

fn writer_ended() -> BrokerError {
    BrokerError::Unavailable("its writer failed".into())
}

fn broker_error(error: &Error) -> BrokerError {
    match error {
        Error::Corrupted(cause) => BrokerError::Corrupt(cause.clone()),
        error => BrokerError::Unavailable(error.to_string()),
    }
}

#[async_trait]
impl Broker for EmbeddedBroker {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn records(&self) -> &dyn Records {
        &self.records
    }

    fn turns_over_silently(&self) -> bool {
        true
    }

    async fn append(&self, append: Append) -> Result<Appended, BrokerError> {
        self.request(append).await
    }

    async fn check(&self, stream: &StreamName) -> Result<Head, BrokerError> {
        // Most checks find nothing to do: those cost a look and no commit.
        let (retention, clock_ms) = (self.rules.retentions.of(stream), self.rules.clock.now_ms());
        let settled = self.read_with(stream, move |reading| reading.head_if_settled(&retention, clock_ms));
        if let Some(head) = settled.await? {
            return Ok(head);
        }
        let nothing = Append { stream: stream.clone(), events: Vec::new(), dedupe: Duration::ZERO };
        self.request(nothing).await?;
        self.read_with(stream, |reading| Ok(reading.head())).await
    }

    async fn read(&self, stream: &StreamName, from: u64, limit: usize) -> Result<Page, BrokerError> {
        self.read_with(stream, move |reading| reading.page(from, limit)).await
    }

    async fn get(&self, stream: &StreamName, offsets: &[u64]) -> Result<Page, BrokerError> {
        let offsets = offsets.to_vec();
        self.read_with(stream, move |reading| reading.get(&offsets)).await
    }

    async fn seek(&self, stream: &StreamName, at_ms: u64) -> Result<(Head, u64), BrokerError> {
        self.read_with(stream, move |reading| reading.seek(at_ms)).await
    }

    async fn topics(&self, stream: &StreamName) -> Result<(Head, Vec<(Topic, u64)>), BrokerError> {
        let topics = |reading: &Reading<'_>| reading.topics();
        self.read_with(stream, topics).await
    }

    async fn now_ms(&self) -> Result<u64, BrokerError> {
        Ok(self.rules.clock.now_ms())
    }

    async fn listen(&self, stream: &StreamName) -> Result<Listener, BrokerError> {
        self.listeners.listen(stream)
    }

    async fn close(&self) {
        lock(&self.requests).take();
        let writer = lock(&self.writer).take();
        if let Some(writer) = writer {
            // The writer finishes what waits and closes the file; a panic of its has been answered as such already.
            let _ = tokio::task::spawn_blocking(move || writer.join()).await;
        }
        self.listeners.close();
    }
}

impl Drop for EmbeddedBroker {
    /// Whoever opens the folder next must find its lock free: waits for what the writer has in hand.
    fn drop(&mut self) {
        lock(&self.requests).take();
        if let Some(writer) = lock(&self.writer).take() {
            let _ = writer.join();
        }
    }
}
