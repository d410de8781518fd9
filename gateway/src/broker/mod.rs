//! The contract between the gateway and whatever keeps and publishes its events. Implementations live beside this file;
//! nothing here or below knows sessions.

pub mod channel;
pub mod clock;
pub mod connect;
pub mod embedded;
pub mod memory;
pub mod open_error;
pub mod records;
pub mod redis;
pub mod rules;

mod listeners;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use self::channel::Channel;
use self::records::Records;
use crate::position::{Epoch, Head, Position};
use crate::topic::{StreamName, Topic};

/// Most events of one append and of one page.
pub const BATCH_EVENTS_MAX: usize = 256;

/// What makes a second delivery of the same event harmless: 32 bytes of a digest, or as good as random.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DedupeKey(pub [u8; 32]);

impl fmt::Debug for DedupeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

/// A trusted event on its way into the log.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub key: DedupeKey,
    pub topic: Topic,
    /// The event's JSON, as it will stand on the wire.
    pub body: Bytes,
}

/// Up to [`BATCH_EVENTS_MAX`] events for one stream, appended all or none.
#[derive(Debug, Clone)]
pub struct Append {
    pub stream: StreamName,
    pub events: Vec<NewEvent>,
    /// How long a dedupe key of this delivery lives.
    pub dedupe: Duration,
}

impl Append {
    /// What it takes of the room for those that wait.
    fn bytes(&self) -> usize {
        self.events.iter().map(|event| event.body.len() + event.topic.as_str().len()).sum()
    }
}

/// What became of one event of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Accepted { offset: u64 },
    Duplicate,
}

/// The answer to an append: one outcome for each of its events, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The stream's newest, with this append and those that were done together with it.
    pub position: Position,
    pub outcomes: Vec<Outcome>,
}

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub offset: u64,
    /// Milliseconds since 1970 by the broker's clock; never less than the entry's before.
    pub at_ms: u64,
    pub topic: Topic,
    pub key: DedupeKey,
    pub body: Bytes,
}

/// Some entries in rising order, with the head of the very same moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub head: Head,
    pub entries: Vec<Entry>,
}

/// What a listener hears.
#[derive(Debug, Clone)]
pub enum Push {
    /// Entries appended together, in order. Shared by all who listen.
    Entries { epoch: Epoch, entries: Arc<[Entry]> },
    /// The log has grown up to this offset by entries that were too large to be pushed: read on.
    Grown { epoch: Epoch, top: u64 },
    /// Something was or may have been missed: `check` and read on.
    Missed,
}

/// Pushes that a listener has not taken yet, at most; a push that finds the queue full is dropped, and the next one that
/// fits is [`Push::Missed`].
pub const PUSHES_WAITING_MAX: usize = 1_024;

/// A listener's end; dropping it ends the listening.
#[derive(Debug)]
pub struct Listener {
    pub pushes: mpsc::Receiver<Push>,
}

/// Why the broker did not do what it was asked.
#[derive(Debug, Clone)]
pub enum BrokerError {
    /// Not reachable, or out of room. Nothing is known to have been appended; a repeat is harmless.
    Unavailable(String),
    /// More waits than its bound allows: come back later.
    Full,
    /// The store holds what this build cannot read.
    Corrupt(String),
}

impl BrokerError {
    /// The answer to every call after [`Broker::close`].
    fn closed() -> Self {
        Self::Unavailable("it has been closed".into())
    }
}

impl fmt::Display for BrokerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(cause) => write!(formatter, "the broker is unavailable: {cause}"),
            Self::Full => formatter.write_str("too many appends are waiting for the broker"),
            Self::Corrupt(cause) => write!(formatter, "the store cannot be read: {cause}"),
        }
    }
}

impl std::error::Error for BrokerError {}

/// One ordered log a stream, with live push. The conformance suite holds every implementation to these sentences:
///
/// 1. **Order.** Offsets of a stream rise by one from 1, without holes, whoever appends; `at_ms` never runs backwards.
/// 2. **Atomicity.** An append is numbered as one run, all or none, and is durable (as far as this broker is) before
///    the answer; nobody hears or reads it before that.
/// 3. **Dedupe.** An event whose key lives in this stream is answered [`Outcome::Duplicate`] and not appended, also when the
///    first is in the same append. A key lives for the `dedupe` of the append that brought it, within a count.
/// 4. **Retention.** After an append no more is kept than the stream's count and bytes (topic, key and body) allow, and
///    nothing older than its age; an append or `check` trims 256 entries at most, so a long backlog goes step by step.
///    Offsets trimmed are never given out again, and `first` says where what is kept begins.
/// 5. **Epochs.** A head's epoch is one history. When the store may have forgotten what it once answered, the epoch turns over
///    and `past` says where each earlier one ends in what survived.
/// 6. **Reading.** A page starts at `max(from, first)`, is gapless, ends early only at `limit` or the top, and its head is
///    of the same moment as its entries. `get` leaves out offsets that are gone.
/// 7. **Listening.** After `listen` has answered, each later append of the stream is pushed in order, or [`Push::Missed`] is.
///    A slow listener never delays an append.
///
/// All calls may be made at once from many tasks. A stream that nobody has appended to is empty, not an error.
#[async_trait]
pub trait Broker: Send + Sync + fmt::Debug + 'static {
    /// The name in metrics: `memory`, `embedded`, `redis`.
    fn name(&self) -> &'static str;

    /// What is kept beside the logs.
    fn records(&self) -> &dyn Records;

    /// Where the nodes of this broker talk to each other; none where there can be only one.
    fn channel(&self) -> Option<&dyn Channel> {
        None
    }

    /// Weaknesses of the store that the operator should know of, each with its mend, as far as they were looked for.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether every turn-over of an epoch is known to have lost nothing that was answered, so that it need not be told.
    fn turns_over_silently(&self) -> bool;

    /// Dedupes, numbers, stores and publishes, as one step.
    async fn append(&self, append: Append) -> Result<Appended, BrokerError>;

    /// The stream's head now; trims what is over its retention.
    async fn check(&self, stream: &StreamName) -> Result<Head, BrokerError>;

    /// Entries from an offset on, at most `limit`, which is at most [`BATCH_EVENTS_MAX`].
    async fn read(&self, stream: &StreamName, from: u64, limit: usize) -> Result<Page, BrokerError>;

    /// These entries, as far as they are retained; `offsets` rise, and are at most [`BATCH_EVENTS_MAX`].
    async fn get(&self, stream: &StreamName, offsets: &[u64]) -> Result<Page, BrokerError>;

    /// The first retained offset whose `at_ms` is at or after this time; `top + 1` when there is none. O(log n).
    async fn seek(&self, stream: &StreamName, at_ms: u64) -> Result<(Head, u64), BrokerError>;

    /// The newest retained offset of each topic, in no order.
    async fn topics(&self, stream: &StreamName) -> Result<(Head, Vec<(Topic, u64)>), BrokerError>;

    /// The broker's clock, in milliseconds since 1970.
    async fn now_ms(&self) -> Result<u64, BrokerError>;

    /// Starts to hear what is appended from here on.
    async fn listen(&self, stream: &StreamName) -> Result<Listener, BrokerError>;

    /// Stops taking appends, finishes those that wait, and lets go of the store. Later calls are `Unavailable`.
    async fn close(&self);
}
