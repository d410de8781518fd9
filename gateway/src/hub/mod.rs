//! From the log to the sockets: one task a stream, its window and its live members. Knows no HTTP and no Redis.

pub mod asked;
mod bar;
pub mod cancel;
mod checks;
pub mod command;
mod digest;
pub mod epoch;
mod fanout;
mod follow;
mod gauge;
pub mod handle;
mod index;
pub mod io;
mod latest;
mod members;
mod newest;
pub mod outlet;
mod pages;
pub mod places;
mod put_back;
mod repair;
mod rest;
mod stream;
mod streams;
mod tending;
pub mod ticket;
pub mod window;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::command::Command;
use self::gauge::Gauge;
use self::handle::StreamHandle;
use self::outlet::{SessionId, StreamId};
use self::stream::StreamTask;
use self::streams::Streams;
use crate::broker::{Broker, BrokerError};
use crate::jitter;
use crate::limits::Limits;
use crate::topic::StreamName;

/// Longest wait for a stream to be opened.
const OPEN_DEADLINE: Duration = Duration::from_secs(10);
/// Requests that a stream's task has not taken yet; further ones wait.
const COMMANDS_WAITING_MAX: usize = 1_024;
/// Between two attempts to open a stream that is to be kept open; jittered to 0.5–1.5 of it.
const KEEP_RETRY: Duration = Duration::from_secs(1);

/// Why a stream could not be opened or asked.
#[derive(Debug)]
pub enum HubError {
    /// The broker does not answer, or says no.
    Unavailable(String),
    /// The node has as many streams open as it may.
    TooMany,
}

impl fmt::Display for HubError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(cause) => write!(formatter, "the stream cannot be read now: {cause}"),
            Self::TooMany => formatter.write_str("this node has as many streams open as it may"),
        }
    }
}

impl std::error::Error for HubError {}

impl From<BrokerError> for HubError {
    fn from(error: BrokerError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// All open streams of a node; there are [`Limits::streams`] at most. One that nobody follows is closed after
/// [`Limits::linger`].
#[derive(Debug)]
pub struct Hub {
    broker: Arc<dyn Broker>,
    limits: Arc<Limits>,
    streams: Arc<Streams>,
    opening: tokio::sync::Mutex<()>,
    next_id: AtomicU64,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl Hub {
    pub fn new(broker: Arc<dyn Broker>, limits: Arc<Limits>) -> Self {
        Self {
            broker,
            limits,
            streams: Arc::default(),
            opening: tokio::sync::Mutex::default(),
            next_id: AtomicU64::new(1),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// The stream's handle; the first to ask opens it.
    ///
    /// # Errors
    /// When the broker does not answer in 10 s, or the node has too many streams open.
    pub async fn open(&self, name: &StreamName) -> Result<StreamHandle, HubError> {
        if let Some(handle) = self.streams.get(name) {
            return Ok(handle);
        }
        timeout(OPEN_DEADLINE, self.open_first(name))
            .await
            .unwrap_or_else(|_| Err(HubError::Unavailable("it did not answer within 10 s".into())))
    }

    /// Opens a stream and never closes it while the node runs. Returns at once: opening is tried until it works.
    pub fn keep_open(self: &Arc<Self>, name: StreamName) {
        self.streams.keep(name.clone());
        let hub = self.clone();
        let closing = self.closing.clone();
        let opening = async move {
            while let Err(error) = hub.open(&name).await {
                tracing::warn!(stream = %name, %error, "a stream that is kept open cannot be opened; tried again soon");
                tokio::time::sleep(KEEP_RETRY.mul_f64(0.5 + jitter::share())).await;
            }
        };
        self.tasks.spawn(async move { closing.run_until_cancelled(opening).await });
    }

    /// The stream's handle if it is open here, without opening it.
    pub fn opened(&self, name: &StreamName) -> Option<StreamHandle> {
        self.streams.get(name)
    }

    /// Whether a stream is open and was lately compared with the log.
    pub fn is_current(&self, name: &StreamName) -> bool {
        self.streams.get(name).is_some_and(|handle| !handle.is_stale())
    }

    /// One at a time, so that a stream has one task. Dropped half-way, it leaves nothing behind.
    async fn open_first(&self, name: &StreamName) -> Result<StreamHandle, HubError> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(handle) = self.streams.get(name) {
            return Ok(handle);
        }
        self.streams.has_room(self.limits.streams)?;
        // Listening comes first: what is appended from here on is pushed, what came before is in the head.
        let listener = self.broker.listen(name).await?;
        let head = self.broker.check(name).await?;
        let (commands, requests) = mpsc::channel(COMMANDS_WAITING_MAX);
        let gauge = Arc::new(Gauge::new(head.clone(), self.limits.stale));
        let id = StreamId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let task =
            StreamTask::new(id, name.clone(), self.broker.clone(), self.limits.clone(), head, gauge.clone());
        let streams = Arc::downgrade(&self.streams);
        let handle = StreamHandle {
            id,
            name: name.clone(),
            commands,
            gauge,
            broker: self.broker.clone(),
            tasks: self.tasks.clone(),
        };
        self.streams.insert(&handle)?;
        self.tasks.spawn(task.run(listener, requests, streams));
        Ok(handle)
    }

    /// Asks a stream to go on with a connection whose socket takes writes again.
    pub fn resume(&self, session: SessionId, stream: StreamId) {
        if let Some(handle) = self.streams.by_id(stream) {
            handle.post(Command::Resume { session });
        }
    }

    /// Forgets a connection on these streams, as far as they are open.
    pub fn gone(&self, session: SessionId, streams: &[StreamName]) {
        for stream in streams.iter().filter_map(|name| self.streams.get(name)) {
            stream.post(Command::Gone { session });
        }
    }

    /// Lets go of every stream and waits for the tasks; sessions must be gone by now.
    pub async fn close(&self) {
        self.closing.cancel();
        self.streams.close();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
