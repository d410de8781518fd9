//! From the log to the sockets: one task a stream, its window and its live members. Knows no HTTP and no Redis.

pub mod command;
mod fanout;
mod follow;
mod gauge;
mod members;
pub mod outlet;
mod pages;
mod repair;
mod stream;
pub mod window;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use self::command::{Attach, Command, Newest, Read, Step};
use self::gauge::Gauge;
use self::outlet::{SessionId, StreamId};
use self::stream::StreamTask;
use crate::broker::{Broker, BrokerError, Page};
use crate::limits::Limits;
use crate::position::Head;
use crate::topic::{Pattern, StreamName};

/// Longest wait for a stream to be opened.
const OPEN_DEADLINE: Duration = Duration::from_secs(10);
/// Requests that a stream's task has not taken yet; further ones wait.
const COMMANDS_WAITING_MAX: usize = 1_024;

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

/// All open streams of a node. A stream stays open once it was asked for; there are [`Limits::streams`] at most.
#[derive(Debug)]
pub struct Hub {
    broker: Arc<dyn Broker>,
    limits: Arc<Limits>,
    streams: Mutex<HashMap<StreamName, StreamHandle>>,
    opening: tokio::sync::Mutex<()>,
    next_id: AtomicU64,
    tasks: TaskTracker,
}

/// A way to ask one stream's task; cheap to clone.
#[derive(Debug, Clone)]
pub struct StreamHandle {
    pub id: StreamId,
    pub name: StreamName,
    commands: mpsc::Sender<Command>,
    gauge: Arc<Gauge>,
    broker: Arc<dyn Broker>,
    tasks: TaskTracker,
}

impl Hub {
    pub fn new(broker: Arc<dyn Broker>, limits: Arc<Limits>) -> Self {
        Self {
            broker,
            limits,
            streams: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            next_id: AtomicU64::new(1),
            tasks: TaskTracker::new(),
        }
    }

    fn open_streams(&self) -> std::sync::MutexGuard<'_, HashMap<StreamName, StreamHandle>> {
        self.streams.lock().expect("no holder of this lock panics: it reads and writes a map")
    }

    /// The stream's handle; the first to ask opens it.
    ///
    /// # Errors
    /// When the broker does not answer in 10 s, or the node has too many streams open.
    pub async fn open(&self, name: &StreamName) -> Result<StreamHandle, HubError> {
        let known = self.open_streams().get(name).cloned();
        if let Some(handle) = known {
            return Ok(handle);
        }
        timeout(OPEN_DEADLINE, self.open_first(name))
            .await
            .unwrap_or_else(|_| Err(HubError::Unavailable("it did not answer within 10 s".into())))
    }

    /// One at a time, so that a stream has one task. Dropped half-way, it leaves nothing behind.
    async fn open_first(&self, name: &StreamName) -> Result<StreamHandle, HubError> {
        let _one_at_a_time = self.opening.lock().await;
        {
            let streams = self.open_streams();
            if let Some(handle) = streams.get(name) {
                return Ok(handle.clone());
            }
            if streams.len() >= self.limits.streams {
                return Err(HubError::TooMany);
            }
        }
        // Listening comes first: what is appended from here on is pushed, what came before is in the head.
        let listener = self.broker.listen(name).await?;
        let head = self.broker.check(name).await?;
        let (commands, requests) = mpsc::channel(COMMANDS_WAITING_MAX);
        let gauge = Arc::new(Gauge::new(head.clone()));
        let id = StreamId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let task =
            StreamTask::new(id, name.clone(), self.broker.clone(), self.limits.clone(), head, gauge.clone());
        self.tasks.spawn(task.run(listener, requests));
        let handle = StreamHandle {
            id,
            name: name.clone(),
            commands,
            gauge,
            broker: self.broker.clone(),
            tasks: self.tasks.clone(),
        };
        self.open_streams().insert(name.clone(), handle.clone());
        Ok(handle)
    }

    /// Asks a stream to go on with a connection whose socket takes writes again.
    pub fn resume(&self, session: SessionId, stream: StreamId) {
        let handle = self.open_streams().values().find(|handle| handle.id == stream).cloned();
        if let Some(handle) = handle {
            handle.post(Command::Resume { session });
        }
    }

    /// Forgets a connection on these streams, as far as they are open.
    pub fn gone(&self, session: SessionId, streams: &[StreamName]) {
        let open = self.open_streams();
        for stream in streams.iter().filter_map(|name| open.get(name)) {
            stream.gone(session);
        }
    }

    /// Lets go of every stream and waits for the tasks; sessions must be gone by now.
    pub async fn close(&self) {
        self.open_streams().clear();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl StreamHandle {
    /// The head as live members know it.
    pub fn head(&self) -> Head {
        self.gauge.head()
    }

    /// Nobody has been able to vouch for the stream for a while.
    pub fn is_stale(&self) -> bool {
        self.gauge.is_stale()
    }

    /// The log's own head, fresh; none when the broker does not answer.
    pub async fn check(&self) -> Option<Head> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Check { reply }).await.ok()?;
        answer.await.ok().flatten()
    }

    /// Asks to become live; the answer comes by the request's channel.
    pub async fn attach(&self, attach: Attach) {
        let _ = self.commands.send(Command::Attach(attach)).await;
    }

    /// Reads what follows an offset.
    pub async fn read(&self, after: u64) -> Step {
        let (reply, answer) = oneshot::channel();
        let _ = self.commands.send(Command::Read(Read { after, reply })).await;
        answer.await.unwrap_or(Step::Unavailable)
    }

    /// The newest event's offset of each topic that matches.
    pub async fn newest(&self, pattern: Pattern) -> Option<Newest> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Newest { pattern, reply }).await.ok()?;
        answer.await.ok().flatten()
    }

    /// Entries by offset, as far as they are retained.
    pub async fn get(&self, offsets: &[u64]) -> Result<Page, HubError> {
        Ok(timeout(stream::BROKER_DEADLINE, self.broker.get(&self.name, offsets))
            .await
            .map_err(|_| HubError::Unavailable("it did not answer within 10 s".into()))??)
    }

    /// The offset after which everything is younger than this, by the broker's clock.
    pub async fn younger_than(&self, age_ms: u64) -> Result<u64, HubError> {
        let sought = async {
            let now_ms = self.broker.now_ms().await?;
            let (_, offset) = self.broker.seek(&self.name, now_ms.saturating_sub(age_ms)).await?;
            Ok::<_, BrokerError>(offset - 1)
        };
        Ok(timeout(stream::BROKER_DEADLINE, sought)
            .await
            .map_err(|_| HubError::Unavailable("it did not answer within 10 s".into()))??)
    }

    /// Ends one live subscription.
    pub fn leave(&self, session: SessionId, pattern: Pattern) {
        self.post(Command::Leave { session, pattern });
    }

    /// Forgets a connection.
    pub fn gone(&self, session: SessionId) {
        self.post(Command::Gone { session });
    }

    /// Delivers a command that must not be lost. Where the queue is full a task waits for room: one a session at most,
    /// as each of these ends something that the session had begun.
    fn post(&self, command: Command) {
        if let Err(mpsc::error::TrySendError::Full(command)) = self.commands.try_send(command) {
            let commands = self.commands.clone();
            self.tasks.spawn(async move { commands.send(command).await });
        }
    }
}
