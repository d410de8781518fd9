//! What is heard of streams: one connection, one sharded channel a stream (SSUBSCRIBE), and a task that keeps both.
//! Pushes are handed on by the connection's own task, which never waits: a full listener misses, and is told so.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use redis::aio::{AsyncPushSender, SendError};
use redis::{PushInfo, PushKind, RedisResult, Value};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, timeout};

use super::line::{REPLY_DEADLINE, Wire, describe};
use super::message::Message;
use super::script::{Keys, stream_of_channel};
use super::url::RedisUrl;
use crate::broker::listeners::StreamListeners;
use crate::broker::{BrokerError, Listener};
use crate::position::{Epoch, Head};
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
}

/// What pub/sub has brought of a stream, against what the checks found.
#[derive(Debug, Default)]
struct Watch {
    epoch: Option<Epoch>,
    /// The newest offset that a push named, or that a check excused.
    pushed: u64,
    /// What the check before found.
    checked: u64,
    /// Checks running that found what no push had brought.
    misses: u8,
}

/// The caller's side; cheap to share.
#[derive(Debug)]
pub(super) struct PubSub {
    listeners: Arc<StreamListeners>,
    watches: Mutex<HashMap<StreamName, Watch>>,
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
    /// Whose listeners were told that they listen: these have to hear when something may have been missed.
    confirmed: HashSet<StreamName>,
}

impl PubSub {
    pub(super) fn new(url: Arc<RedisUrl>, streams_max: usize) -> (Arc<Self>, Keeper) {
        let (requests, waiting) = mpsc::channel(REQUESTS_WAITING_MAX);
        // A connection gives one notice when it ends and one for each subscription that Redis ends: as many as streams.
        let (notices, noticed) = mpsc::unbounded_channel();
        let shared = Arc::new(Self {
            listeners: Arc::new(StreamListeners::new(streams_max)),
            watches: Mutex::default(),
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
            confirmed: HashSet::new(),
        };
        (shared, keeper)
    }

    /// Answers once Redis has confirmed the subscription.
    pub(super) async fn listen(&self, stream: &StreamName) -> Result<Listener, BrokerError> {
        let listener = self.listeners.listen(stream)?;
        let (answer, confirmed) = oneshot::channel();
        let request = Request { stream: stream.clone(), answer };
        let ended = || BrokerError::Unavailable("it has been closed".into());
        self.requests.send(request).await.map_err(|_| ended())?;
        confirmed.await.map_err(|_| ended())?;
        Ok(listener)
    }

    /// A check found this head. What it found the time before must have been pushed by now; if that fails twice running,
    /// the connection brings nothing although it stands, and is made anew.
    pub(super) fn checked(&self, stream: &StreamName, head: &Head) {
        let mut watches = self.watches();
        let Some(watch) = watches.get_mut(stream) else { return };
        if watch.epoch != Some(head.epoch) {
            *watch = Watch { epoch: Some(head.epoch), pushed: head.top, checked: head.top, misses: 0 };
            return;
        }
        if watch.pushed < watch.checked {
            watch.pushed = watch.checked;
            watch.misses += 1;
        } else {
            watch.misses = 0;
        }
        watch.checked = head.top;
        if watch.misses >= 2 {
            watch.misses = 0;
            tracing::warn!(%stream, "pub/sub brings nothing; its connection is made anew");
            let number = self.connection.load(Ordering::Relaxed);
            let _ = self.notices.send(Notice::Lost(number));
        }
    }

    /// Every listener sees the end.
    pub(super) fn close(&self) {
        self.listeners.close();
    }

    fn watches(&self) -> MutexGuard<'_, HashMap<StreamName, Watch>> {
        self.watches.lock().expect("no holder of this lock panics: it counts")
    }

    fn hear(&self, channel: &[u8], payload: Vec<u8>) {
        let Some(stream) = stream_of_channel(channel) else { return };
        match Message::parse(&Bytes::from(payload)) {
            Some(Message::Entry { epoch, entry }) => {
                self.note_pushed(&stream, epoch, entry.offset);
                self.listeners.publish(&stream, epoch, vec![entry]);
            }
            Some(Message::Grown { epoch, top }) => {
                self.note_pushed(&stream, epoch, top);
                self.listeners.publish_grown(&stream, epoch, top);
            }
            // A later build wrote it: what it means is in the log.
            None => self.listeners.publish_missed_of(&stream),
        }
    }

    fn note_pushed(&self, stream: &StreamName, epoch: Epoch, offset: u64) {
        if let Some(watch) = self.watches().get_mut(stream)
            && watch.epoch == Some(epoch)
        {
            watch.pushed = watch.pushed.max(offset);
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
                if let Some(stream) = stream_of_channel(&channel) {
                    let _ = self.shared.notices.send(Notice::Unsubscribed(self.number, stream));
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
        self.shared.watches().clear();
        for stream in self.shared.listeners.wanted() {
            self.subscribe(&mut wire, &stream).await?;
        }
        // Whatever was published since the connection before was lost.
        for stream in &self.confirmed {
            self.shared.listeners.publish_missed_of(stream);
        }
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(request) = self.requests.recv() => {
                    // One who has left has dropped its listener too: the sweep ends what nobody wants.
                    self.subscribe(&mut wire, &request.stream).await?;
                    self.confirmed.insert(request.stream);
                    let _ = request.answer.send(());
                }
                Some(notice) = self.notices.recv() => match notice {
                    Notice::Lost(lost) if lost == number => return Ok(()),
                    Notice::Unsubscribed(from, stream) if from == number => self.subscribe_again(&mut wire, stream).await?,
                    _ => {}
                },
                _ = sweep.tick() => self.unsubscribe_unwanted(&mut wire).await?,
                else => return Ok(()),
            }
        }
    }

    async fn subscribe(&mut self, wire: &mut Wire, stream: &StreamName) -> RedisResult<()> {
        if self.subscribed.contains(stream) {
            return Ok(());
        }
        within(wire.ssubscribe(&Keys::of(stream).live)).await?;
        self.subscribed.insert(stream.clone());
        self.shared.watches().insert(stream.clone(), Watch::default());
        Ok(())
    }

    /// Redis ends a subscription when its slot moves; the library forgets it, and what came meanwhile is in the log.
    async fn subscribe_again(&mut self, wire: &mut Wire, stream: StreamName) -> RedisResult<()> {
        if !self.subscribed.remove(&stream) {
            return Ok(());
        }
        tracing::info!(%stream, "Redis ended the subscription; it is made again");
        self.subscribe(wire, &stream).await?;
        self.shared.listeners.publish_missed_of(&stream);
        Ok(())
    }

    async fn unsubscribe_unwanted(&mut self, wire: &mut Wire) -> RedisResult<()> {
        for stream in self.shared.listeners.take_unwanted() {
            self.confirmed.remove(&stream);
            if self.subscribed.remove(&stream) {
                self.shared.watches().remove(&stream);
                within(wire.sunsubscribe(&Keys::of(&stream).live)).await?;
            }
        }
        Ok(())
    }
}

async fn within(call: impl Future<Output = RedisResult<()>>) -> RedisResult<()> {
    let silent = || std::io::Error::new(std::io::ErrorKind::TimedOut, "it does not answer");
    timeout(REPLY_DEADLINE, call).await.unwrap_or_else(|_| Err(silent().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(epoch: &str, top: u64) -> Head {
        Head { epoch: epoch.parse().unwrap(), top, first: 1, past: Vec::new() }
    }

    /// How often the connection was given up, after checks that found these tops while pushes named those.
    fn given_up(checks: &[(u64, Option<u64>)]) -> usize {
        let url = Arc::new(RedisUrl::parse("redis://localhost").unwrap());
        let (pubsub, mut keeper) = PubSub::new(url, 10);
        let stream = StreamName::parse("s").unwrap();
        pubsub.watches().insert(stream.clone(), Watch::default());
        for (top, pushed) in checks {
            if let Some(pushed) = pushed {
                pubsub.note_pushed(&stream, "abcd0123".parse().unwrap(), *pushed);
            }
            pubsub.checked(&stream, &head("abcd0123", *top));
        }
        std::iter::from_fn(|| keeper.notices.try_recv().ok()).count()
    }

    #[test]
    fn a_connection_that_brings_nothing_twice_running_is_given_up() {
        // The first check tells where pushes begin; what the second finds must be pushed by the third.
        assert_eq!(given_up(&[(5, None), (9, None), (12, None), (15, None)]), 1);
        assert_eq!(given_up(&[(5, None), (9, None), (12, None)]), 0, "once may be a push under way");
        assert_eq!(given_up(&[(5, None), (9, None), (12, None), (12, None), (12, None)]), 1);
    }

    #[test]
    fn a_connection_that_brings_what_there_is_stays() {
        assert_eq!(given_up(&[(5, None), (5, None), (5, None), (5, None)]), 0, "nothing to bring");
        assert_eq!(given_up(&[(5, None), (9, Some(9)), (12, Some(12)), (15, Some(14)), (15, Some(15))]), 0);
        assert_eq!(
            given_up(&[(5, None), (9, None), (9, None), (9, None), (9, None)]),
            0,
            "one push was lost"
        );
    }
}
