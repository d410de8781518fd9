//! The broker `redis://`: many nodes, one log a stream in Redis. What these files agree on:
//!
//! ```text
//! append, check ──► appends.rs ──► append.lua ──► XADD, SPUBLISH          (a connection)
//! listen       ◄── pubsub.rs  ◄── message.rs ◄── hc1:{stream}:live        (a connection)
//! read, get, … ──► this file  ──► read.lua   ──► reply.rs                 (a connection)
//! ```
//! A connection is made when it is first needed and again when it is lost: Redis may be away at the start too.

mod appends;
mod channel;
mod line;
mod message;
mod pubsub;
mod records;
mod remedy;
mod reply;
mod script;
mod survey;
pub mod url;
mod watch;
mod wire;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use redis::{Cmd, Value};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::appends::{Answered, Appender, Request};
use self::line::Line;
use self::pubsub::PubSub;
use self::remedy::{Remedy, describe, remedy};
use self::script::{Keys, READ, Script};
use self::survey::Warnings;
use self::url::RedisUrl;
use crate::broker::channel::Channel;
use crate::broker::listeners::too_many_streams;
use crate::broker::records::Records;
use crate::broker::rules::{Rules, fresh_epoch};
use crate::broker::{Append, Appended, BATCH_EVENTS_MAX, Broker, BrokerError, Listener, Page};
use crate::outbound;
use crate::position::Head;
use crate::topic::{StreamName, Topic};

/// Largest body that is pushed; larger ones are read from the log by each node that wants them.
const CARRY: usize = 64 * 1024;
/// Bodies of about this size come in one answer; an answer has to be here within its deadline.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Offsets asked for at once.
const GET_OFFSETS: usize = 32;
/// How long what waits may take when the node ends.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);
/// A script's numbers are exact up to here; no offset gets that far.
const OFFSET_MAX: u64 = 1 << 53;

/// The caller's side: a bounded queue to the task that appends, and a connection to read by.
pub struct RedisBroker {
    url: Arc<RedisUrl>,
    rules: Rules,
    pages: Line,
    pubsub: Arc<PubSub>,
    /// None once closed.
    requests: Mutex<Option<mpsc::Sender<Request>>>,
    /// Bytes that may still come to wait.
    room: Arc<Semaphore>,
    /// Streams that this node has asked about.
    streams: Mutex<HashSet<StreamName>>,
    warnings: Warnings,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl RedisBroker {
    /// Begins to connect and answers at once.
    pub fn open(url: RedisUrl, rules: Rules, replicas_ack: u32) -> Self {
        outbound::install_tls();
        let url = Arc::new(url);
        let (sender, requests) = mpsc::channel(rules.appends_waiting_max.max(1));
        let (pubsub, keeper) = PubSub::new(url.clone(), rules.streams_max);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let appender = Appender {
            line: Line::new(url.clone()),
            rules: rules.clone(),
            replicas_ack,
            carry: CARRY,
            requests,
            pending: Vec::new(),
        };
        tasks.spawn(appender.run());
        tasks.spawn(stop.clone().run_until_cancelled_owned(keeper.run()));
        let warnings = Warnings::default();
        let survey = survey::run(url.clone(), replicas_ack, warnings.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(survey));
        tasks.close();
        Self {
            pages: Line::new(url.clone()),
            url,
            room: Arc::new(Semaphore::new(rules.append_bytes_waiting_max.min(Semaphore::MAX_PERMITS))),
            rules,
            pubsub,
            requests: Mutex::new(Some(sender)),
            streams: Mutex::default(),
            warnings,
            stop,
            tasks,
        }
    }

    /// Counts a stream in, or says that it is one too many.
    fn admit(&self, stream: &StreamName) -> Result<(), BrokerError> {
        let mut streams =
            self.streams.lock().expect("no holder of this lock panics: it reads and writes a set");
        if !streams.contains(stream) {
            if streams.len() >= self.rules.streams_max {
                return Err(too_many_streams(stream, self.rules.streams_max));
            }
            streams.insert(stream.clone());
        }
        Ok(())
    }

    /// Puts a request in the queue and waits for the answer. Dropped before it was sent, it is not done.
    async fn request(&self, append: Append) -> Result<Answered, BrokerError> {
        self.admit(&append.stream)?;
        // One that is larger than all the room may wait alone.
        let bytes = append.bytes().min(self.rules.append_bytes_waiting_max);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let room = self.room.clone().try_acquire_many_owned(bytes).map_err(|_| BrokerError::Full)?;
        let (answer, answered) = oneshot::channel();
        let sender = self.requests.lock().expect("no holder of this lock panics: it copies").clone();
        sender.ok_or_else(BrokerError::closed)?.try_send(Request { append, room, answer }).map_err(
            |error| match error {
                mpsc::error::TrySendError::Full(_) => BrokerError::Full,
                mpsc::error::TrySendError::Closed(_) => BrokerError::closed(),
            },
        )?;
        answered.await.unwrap_or_else(|_| Err(BrokerError::closed()))
    }

    /// Asks the read script; a stream that is not there yet is made by a check, unless it would be one too many.
    async fn ask(&self, stream: &StreamName, args: &[&str]) -> Result<(Head, Value), BrokerError> {
        for _ in 0..2 {
            if let Some(answer) = reply::read(self.call_read(stream, args).await?)? {
                return Ok(answer);
            }
            if self.admit(stream).is_err() {
                let head = Head { epoch: fresh_epoch(), top: 0, first: 1, past: Vec::new() };
                return Ok((head, Value::Nil));
            }
            self.check(stream).await?;
        }
        Err(BrokerError::Unavailable("the stream vanished while it was read".into()))
    }

    async fn call_read(&self, stream: &StreamName, args: &[&str]) -> Result<Value, BrokerError> {
        let keys = Keys::of(stream);
        let call = |by: fn(&Script, &[&str]) -> Cmd| {
            let mut call = by(&READ, &keys.for_read());
            call.arg(args);
            call
        };
        let mut command = call(Script::call);
        let mut cause = String::new();
        for _ in 0..3 {
            if self.stop.is_cancelled() {
                return Err(BrokerError::closed());
            }
            let (number, mut wire) = self.pages.wire().await?;
            let error = match wire.call(&command).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            cause = describe(&error);
            match remedy(&error) {
                Remedy::Teach => command = call(Script::teach),
                Remedy::Reconnect => self.pages.discard(number).await,
                Remedy::Wait | Remedy::Inform | Remedy::Refuse => break,
            }
        }
        Err(BrokerError::Unavailable(cause))
    }
}

/// Two answers as one of the later moment.
fn join(before: Page, mut later: Page) -> Page {
    let first = later.head.first;
    let mut entries: Vec<_> = before.entries.into_iter().filter(|entry| entry.offset >= first).collect();
    entries.append(&mut later.entries);
    Page { entries, ..later }
}

#[async_trait]
impl Broker for RedisBroker {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn records(&self) -> &dyn Records {
        self
    }

    fn channel(&self) -> Option<&dyn Channel> {
        Some(self)
    }

    fn warnings(&self) -> Vec<String> {
        self.warnings.lock().expect("no holder of this lock panics: it copies").clone()
    }

    /// Redis answers before its disk or its replicas have everything, so each turn-over may have lost what was answered.
    fn turns_over_silently(&self) -> bool {
        false
    }

    async fn append(&self, append: Append) -> Result<Appended, BrokerError> {
        let (head, outcomes) = self.request(append).await?;
        Ok(Appended { position: head.position(), outcomes })
    }

    async fn check(&self, stream: &StreamName) -> Result<Head, BrokerError> {
        let nothing = Append { stream: stream.clone(), events: Vec::new(), dedupe: Duration::ZERO };
        let (head, _) = self.request(nothing).await?;
        self.pubsub.checked(stream, &head);
        Ok(head)
    }

    /// Large entries take several answers. The page is of the moment of the last: what was trimmed meanwhile is left out.
    async fn read(&self, stream: &StreamName, from: u64, limit: usize) -> Result<Page, BrokerError> {
        let limit = limit.min(BATCH_EVENTS_MAX);
        let mut page: Option<Page> = None;
        loop {
            let entries = page.as_ref().map_or(&[][..], |page| &page.entries);
            let next = entries.last().map_or(from.min(OFFSET_MAX), |entry| entry.offset + 1);
            let left = limit - entries.len();
            let args = [next.to_string(), left.to_string(), PAGE_BYTES.to_string()];
            let (head, answer) = self.ask(stream, &["page", &args[0], &args[1], &args[2]]).await?;
            let more = Page { head, entries: reply::entries(answer)? };
            let joined = match page.take() {
                Some(before) if before.head.epoch == more.head.epoch => join(before, more),
                // The history changed between two answers: the first offsets may be others by now.
                Some(_) => continue,
                None => more,
            };
            let newest = joined.entries.last().map_or(joined.head.top, |entry| entry.offset);
            if joined.entries.len() >= limit || newest >= joined.head.top {
                return Ok(joined);
            }
            page = Some(joined);
        }
    }

    async fn get(&self, stream: &StreamName, offsets: &[u64]) -> Result<Page, BrokerError> {
        let offsets = offsets.iter().filter(|offset| (1..=OFFSET_MAX).contains(*offset));
        let offsets: Vec<String> = offsets.map(u64::to_string).collect();
        let mut page: Option<Page> = None;
        for some in offsets.chunks(GET_OFFSETS).chain(offsets.is_empty().then_some(&[][..])) {
            let args: Vec<&str> = std::iter::once("get").chain(some.iter().map(String::as_str)).collect();
            let (head, answer) = self.ask(stream, &args).await?;
            let more = Page { head, entries: reply::entries(answer)? };
            page = Some(match page {
                Some(before) if before.head.epoch == more.head.epoch => join(before, more),
                Some(_) => {
                    return Err(BrokerError::Unavailable("another epoch began while it was read".into()));
                }
                None => more,
            });
        }
        page.ok_or_else(BrokerError::closed)
    }

    async fn seek(&self, stream: &StreamName, at_ms: u64) -> Result<(Head, u64), BrokerError> {
        let (head, answer) = self.ask(stream, &["seek", &at_ms.min(OFFSET_MAX).to_string()]).await?;
        let nothing = head.top + 1;
        Ok((head, if answer == Value::Nil { nothing } else { reply::number(&answer)? }))
    }

    async fn topics(&self, stream: &StreamName) -> Result<(Head, Vec<(Topic, u64)>), BrokerError> {
        let (head, answer) = self.ask(stream, &["topics"]).await?;
        let first = head.first;
        let retained = reply::topics(answer)?.into_iter().filter(|(_, offset)| *offset >= first).collect();
        Ok((head, retained))
    }

    async fn now_ms(&self) -> Result<u64, BrokerError> {
        if let Some(now_ms) = self.rules.clock.hand_ms() {
            return Ok(now_ms);
        }
        let (number, mut wire) = self.pages.wire().await?;
        match wire.call_beside("hc1:", redis::cmd("TIME")).await {
            Ok(Value::Array(time)) if time.len() == 2 => {
                Ok(reply::number(&time[0])? * 1_000 + reply::number(&time[1])? / 1_000)
            }
            Ok(_) => Err(BrokerError::Unavailable("Redis tells no time".into())),
            Err(error) => {
                if remedy(&error) == Remedy::Reconnect {
                    self.pages.discard(number).await;
                }
                Err(BrokerError::Unavailable(describe(&error)))
            }
        }
    }

    async fn listen(&self, stream: &StreamName) -> Result<Listener, BrokerError> {
        self.pubsub.listen(stream).await
    }

    async fn close(&self) {
        drop(self.requests.lock().expect("no holder of this lock panics: it copies").take());
        self.stop.cancel();
        self.pubsub.close();
        if timeout(CLOSE_DEADLINE, self.tasks.wait()).await.is_err() {
            tracing::warn!("Redis did not take all that waited");
        }
    }
}

impl fmt::Debug for RedisBroker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RedisBroker({})", self.url)
    }
}
