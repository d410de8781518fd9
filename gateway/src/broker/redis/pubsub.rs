//! What is heard of streams: one connection, one sharded channel a stream (SSUBSCRIBE), and a task that keeps both.
//! Pushes are handed on by the connection's own task, which never waits: a full listener misses, and is told so.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use redis::aio::{AsyncPushSender, SendError};
use redis::{PushInfo, PushKind, RedisResult, Value};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, timeout};

use super::channel::NODES;
use super::message::Message;
use super::remedy::{Remedy, describe, remedy};
use super::script::{Keys, stream_of_channel};
use super::url::RedisUrl;
use super::watch::Watches;
use super::wire::{REPLY_DEADLINE, Wire};
use crate::broker::listeners::StreamListeners;
use crate::broker::{BrokerError, Listener};
use crate::position::Head;
use crate::topic::StreamName;

/// How often channels without listeners are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Between two attempts to connect.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// Requests to listen that the task has not taken yet; further ones wait.
const REQUESTS_WAITING_MAX: usize = 256;

/// A stream that someone wants to hear.
#[derive(Debug)]
struct Request {
    stream: StreamName,
    answer: oneshot::Sender<()>,
}

/// What the connection's task, or a check, tells the task that keeps the connection.
#[derive(Debug)]
enum Notice {
    /// The connection of this number is gone, or brings nothing.
    Lost(u64),
    /// Redis ended a subscription; we may not have asked it to.
    Unsubscribed(u64, StreamName),
    /// Redis ended that of the nodes' channel, which we never ask for.
    Deafened(u64),
}

/// The caller's side; cheap to share.
#[derive(Debug)]
pub(super) struct PubSub {
    listeners: Arc<StreamListeners>,
    watches: Watches,
    /// Who hears the nodes' channel.
    nodes: Mutex<Option<mpsc::Sender<Bytes>>>,
    requests: mpsc::Sender<Request>,
    notices: mpsc::UnboundedSender<Notice>,
    connection: AtomicU64,
}

/// The task's side.
#[derive(Debug)]
pub(super) struct Keeper {
    url: Arc<RedisUrl>,
    shared: Arc<PubSub>,
    requests: mpsc::Receiver<Request>,
    notices: mpsc::UnboundedReceiver<Notice>,
    /// On the connection that is open.
    subscribed: HashSet<StreamName>,
    hears_nodes: bool,
    /// Whose listeners were told that they listen: these have to hear when something may have been missed.
    confirmed: HashSet<StreamName>,
    /// Not confirmed yet, because Redis would not; tried again with each sweep.
    waiting: Vec<Request>,
}

impl PubSub {
    pub(super) fn new(url: Arc<RedisUrl>, streams_max: usize) -> (Arc<Self>, Keeper) {
        let (requests, waiting) = mpsc::channel(REQUESTS_WAITING_MAX);
        // A connection gives one notice when it ends and one for each subscription that Redis ends: as many as streams.
        let (notices, noticed) = mpsc::unbounded_channel();
        let shared = Arc::new(Self {
            listeners: Arc::new(StreamListeners::new(streams_max)),
            watches: Watches::default(),
            nodes: Mutex::default(),
            requests,
            notices,
            connection: 0.into(),
        });
        let keeper = Keeper {
            url,
            shared: shared.clone(),
            requests: waiting,
            notices: noticed,
            subscribed: HashSet::new(),
            hears_nodes: false,
            confirmed: HashSet::new(),
            waiting: Vec::new(),
        };
        (shared, keeper)
    }

    /// Answers once Redis has confirmed the subscription.
    pub(super) async fn listen(&self, stream: &StreamName) -> Result<Listener, BrokerError> {
        let listener = self.listeners.listen(stream)?;
        let (answer, confirmed) = oneshot::channel();
        let request = Request { stream: stream.clone(), answer };
        self.requests.send(request).await.map_err(|_| BrokerError::closed())?;
        confirmed.await.map_err(|_| BrokerError::closed())?;
        Ok(listener)
    }

    /// A check found this head: where pub/sub did not bring what it should have, its connection is made anew.
    pub(super) fn checked(&self, stream: &StreamName, head: &Head) {
        if self.watches.checked(stream, head) {
            tracing::warn!(%stream, "pub/sub brings nothing; its connection is made anew");
            let _ = self.notices.send(Notice::Lost(self.connection.load(Ordering::Relaxed)));
        }
    }

    /// Every listener sees the end.
    pub(super) fn close(&self) {
        self.listeners.close();
        self.nodes().take();
    }

    fn nodes(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Bytes>>> {
        self.nodes.lock().expect("no holder of this lock panics: it sends without waiting")
    }

    /// From now on this is who hears the nodes' channel.
    pub(super) fn hear_nodes(&self, listener: mpsc::Sender<Bytes>) {
        *self.nodes() = Some(listener);
    }

    fn hear(&self, channel: &[u8], payload: Vec<u8>) {
        if channel == NODES.as_bytes() {
            // One that finds no room is missed by whoever waits for it, and said again or told.
            let _ = self.nodes().as_ref().map(|listener| listener.try_send(payload.into()));
            return;
        }
        let Some(stream) = stream_of_channel(channel) else { return };
        match Message::parse(&Bytes::from(payload)) {
            Some(Message::Entry { epoch, entry }) => {
                self.watches.pushed(&stream, epoch, entry.offset);
                self.listeners.publish(&stream, epoch, vec![entry]);
            }
            Some(Message::Grown { epoch, top }) => {
                self.watches.pushed(&stream, epoch, top);
                self.listeners.publish_grown(&stream, epoch, top);
            }
            // A later build wrote it: what it means is in the log.
            None => self.listeners.publish_missed_of(&stream),
        }
    }
}

/// The ear of one connection.
struct Hearing {
    shared: Arc<PubSub>,
    number: u64,
}

impl AsyncPushSender for Hearing {
    fn send(&self, info: PushInfo) -> Result<(), SendError> {
        let mut data = info.data.into_iter();
        match (info.kind, data.next(), data.next()) {
            (PushKind::SMessage, Some(Value::BulkString(channel)), Some(Value::BulkString(payload))) => {
                self.shared.hear(&channel, payload);
            }
            (PushKind::SUnsubscribe, Some(Value::BulkString(channel)), _) => {
                let notice = if channel == NODES.as_bytes() {
                    Some(Notice::Deafened(self.number))
                } else {
                    stream_of_channel(&channel).map(|stream| Notice::Unsubscribed(self.number, stream))
                };
                if let Some(notice) = notice {
                    let _ = self.shared.notices.send(notice);
                }
            }
            (PushKind::Disconnection, ..) => {
                let _ = self.shared.notices.send(Notice::Lost(self.number));
            }
            _ => {}
        }
        Ok(())
    }
}

impl Keeper {
    /// Keeps a connection with every wanted subscription, until dropped.
    pub(super) async fn run(mut self) {
        let mut pause = PAUSE_MIN;
        for number in 1.. {
            self.shared.connection.store(number, Ordering::Relaxed);
            let began = Instant::now();
            match self.keep(number).await {
                Ok(()) => tracing::info!("the connection for pub/sub is made anew"),
                Err(error) => tracing::debug!(error = describe(&error), "pub/sub cannot be connected"),
            }
            if began.elapsed() > PAUSE_MAX * 2 {
                pause = PAUSE_MIN;
            }
            tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64())).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// One connection, from its opening to its loss.
    async fn keep(&mut self, number: u64) -> RedisResult<()> {
        let ear = Arc::new(Hearing { shared: self.shared.clone(), number });
        let mut wire = Wire::open(&self.url, Some(ear)).await?;
        self.subscribed.clear();
        self.hears_nodes = false;
        self.shared.watches.clear();
        self.subscribe_wanted(&mut wire).await?;
        self.hear_nodes(&mut wire).await;
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(request) = self.requests.recv() => {
                    self.waiting.push(request);
                    self.serve_waiting(&mut wire).await?;
                }
                Some(notice) = self.notices.recv() => match notice {
                    Notice::Lost(lost) if lost == number => return Ok(()),
                    // Redis ends a subscription when its slot moves, and the library forgets it.
                    Notice::Unsubscribed(from, stream) if from == number && self.subscribed.remove(&stream) => {
                        tracing::info!(%stream, "Redis ended the subscription; it is made again");
                        self.subscribe_wanted(&mut wire).await?;
                    }
                    Notice::Deafened(from) if from == number => self.hears_nodes = false,
                    _ => {}
                },
                _ = sweep.tick() => {
                    self.unsubscribe_unwanted(&mut wire).await?;
                    self.subscribe_wanted(&mut wire).await?;
                    self.serve_waiting(&mut wire).await?;
                    self.hear_nodes(&mut wire).await;
                }
                else => return Ok(()),
            }
        }
    }

    /// Confirms those whose stream can be subscribed to. One who has left has dropped its listener too: the sweep ends
    /// what nobody wants.
    async fn serve_waiting(&mut self, wire: &mut Wire) -> RedisResult<()> {
        for request in std::mem::take(&mut self.waiting) {
            if request.answer.is_closed() {
                continue;
            }
            if self.subscribe(wire, &request.stream).await? {
                self.confirmed.insert(request.stream);
                let _ = request.answer.send(());
            } else {
                self.waiting.push(request);
            }
        }
        Ok(())
    }

    /// Subscribes to what someone listens to and is not subscribed; those listeners may have missed something.
    async fn subscribe_wanted(&mut self, wire: &mut Wire) -> RedisResult<()> {
        for stream in self.shared.listeners.wanted() {
            let was_missing = !self.subscribed.contains(&stream);
            if was_missing && self.subscribe(wire, &stream).await? && self.confirmed.contains(&stream) {
                self.shared.listeners.publish_missed_of(&stream);
            }
        }
        Ok(())
    }

    /// Subscribes to the nodes' channel once someone listens; each sweep tries again. Events matter more: a connection that is at
    /// fault shows itself by them.
    async fn hear_nodes(&mut self, wire: &mut Wire) {
        if self.hears_nodes || self.shared.nodes().is_none() {
            return;
        }
        match within(wire.ssubscribe(NODES)).await {
            Ok(()) => self.hears_nodes = true,
            Err(error) => tracing::debug!(error = describe(&error), "other nodes cannot be heard"),
        }
    }

    /// Whether the stream is subscribed to now.
    ///
    /// # Errors
    /// When the connection itself is at fault. In a cluster it never is: one master that is away does not take the
    /// others' streams with it.
    async fn subscribe(&mut self, wire: &mut Wire, stream: &StreamName) -> RedisResult<bool> {
        if self.subscribed.contains(stream) {
            return Ok(true);
        }
        match within(wire.ssubscribe(&Keys::of(stream).live)).await {
            Ok(()) => {
                self.subscribed.insert(stream.clone());
                self.shared.watches.begin(stream);
                Ok(true)
            }
            Err(error) if remedy(&error) == Remedy::Reconnect && !self.url.is_cluster() => Err(error),
            Err(error) => {
                tracing::warn!(%stream, error = describe(&error), "cannot be subscribed to; it is tried again");
                Ok(false)
            }
        }
    }

    async fn unsubscribe_unwanted(&mut self, wire: &mut Wire) -> RedisResult<()> {
        for stream in self.shared.listeners.take_unwanted() {
            self.confirmed.remove(&stream);
            self.shared.watches.end(&stream);
            if self.subscribed.remove(&stream)
                && let Err(error) = within(wire.sunsubscribe(&Keys::of(&stream).live)).await
                && !self.url.is_cluster()
            {
                return Err(error);
            }
        }
        Ok(())
    }
}

async fn within(call: impl Future<Output = RedisResult<()>>) -> RedisResult<()> {
    let silent = || std::io::Error::new(std::io::ErrorKind::TimedOut, "it does not answer");
    timeout(REPLY_DEADLINE, call).await.unwrap_or_else(|_| Err(silent().into()))
}
