//! The conformance suite of the broker's contract, run for each implementation, and what these tests share.
//! Tests of one implementation alone stand at the end and say so in their names.

mod appending;
mod epochs;
mod listening;
mod model;
mod reading;
mod records;
mod retention;

pub mod redis_server;

mod embedded_child;
mod embedded_crash;
mod embedded_trouble;
mod redis_cluster;
mod redis_epochs;
mod redis_rights;
mod redis_trouble;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookcast::broker::clock::{Clock, Hand};
use hookcast::broker::embedded::EmbeddedBroker;
use hookcast::broker::memory::MemoryBroker;
use hookcast::broker::redis::RedisBroker;
use hookcast::broker::redis::url::RedisUrl;
use hookcast::broker::rules::Rules;
use hookcast::broker::{Append, Appended, Broker, DedupeKey, Entry, NewEvent, Outcome};
use hookcast::limits::{Limits, Retention, Retentions};
use hookcast::position::Head;
use hookcast::topic::{StreamName, Topic};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use self::redis_server::RedisServer;

/// Where the hand of every test's clock starts.
const START_MS: u64 = 1_700_000_000_000;
/// Longer than any test moves time, unless keys ending is what it tests.
const LIFETIME: Duration = Duration::from_hours(72);

/// Every implementation that the suite holds to the contract.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Memory,
    Embedded,
    Redis,
}

/// Makes of each `async fn name(kind: Kind)` one test for each implementation.
macro_rules! conformance {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::broker::Kind::Memory).await; })*
        }
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::broker::Kind::Embedded).await; })*
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::broker::Kind::Redis).await; })*
        }
    };
}
use conformance;

/// A broker under test with the hand of its clock.
struct Bench {
    broker: Arc<dyn Broker>,
    hand: Hand,
    /// Where it keeps its store, if it keeps one; gone with the bench.
    dir: Option<TempDir>,
    /// The Redis it talks to, if it does; ends with the bench.
    _server: Option<RedisServer>,
}

impl Bench {
    fn open(kind: Kind) -> Self {
        Self::open_with(kind, |_| ())
    }

    /// With rules that differ from the default ones.
    fn open_with(kind: Kind, change: impl FnOnce(&mut Rules)) -> Self {
        let (clock, hand) = Clock::by_hand(START_MS);
        let mut rules = Rules { clock, ..Rules::new(Retentions::default(), &Limits::default()) };
        change(&mut rules);
        match kind {
            Kind::Memory => {
                let broker = Arc::new(MemoryBroker::with_rules(rules));
                Self { broker, hand, dir: None, _server: None }
            }
            Kind::Redis => {
                let server = RedisServer::start(&[]);
                let broker = RedisBroker::open(RedisUrl::parse(&server.url()).unwrap(), rules, 0);
                Self { broker: Arc::new(broker), hand, dir: None, _server: Some(server) }
            }
            Kind::Embedded => {
                let dir = folder();
                let broker = EmbeddedBroker::open_with_rules(dir.path(), rules).unwrap();
                Self { broker: Arc::new(broker), hand, dir: Some(dir), _server: None }
            }
        }
    }

    /// With this retention for the stream `s`.
    fn open_keeping(kind: Kind, retention: Retention) -> Self {
        Self::open_with(kind, |rules| {
            rules.retentions.0.insert(stream(), retention);
        })
    }

    async fn append(&self, events: Vec<NewEvent>) -> Appended {
        self.broker.append(append(events)).await.unwrap()
    }

    /// Appends one new event for each number, each alone.
    async fn append_each(&self, numbers: std::ops::Range<u64>) {
        for number in numbers {
            self.append(vec![event(number)]).await;
        }
    }

    /// The head as a reader finds it; unlike a check it makes and trims nothing.
    async fn head(&self) -> Head {
        self.broker.read(&stream(), 1, 1).await.unwrap().head
    }

    /// Everything that is retained, page by page.
    async fn all(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let from = entries.last().map_or(1, |entry| entry.offset + 1);
            let page = self.broker.read(&stream(), from, 256).await.unwrap();
            if page.entries.is_empty() {
                return entries;
            }
            entries.extend(page.entries);
        }
    }
}

/// The stream of most tests.
fn stream() -> StreamName {
    StreamName::parse("s").unwrap()
}

fn key(number: u64) -> DedupeKey {
    DedupeKey(Sha256::digest(number.to_be_bytes()).into())
}

/// An event that differs from every other number's in key and body, on one of ten topics.
fn event(number: u64) -> NewEvent {
    NewEvent {
        key: key(number),
        topic: Topic::from_values(&stream(), &[&format!("t{}", number % 10)]),
        body: Bytes::from(format!("{{\"n\":{number}}}")),
    }
}

fn event_of_bytes(number: u64, body_bytes: usize) -> NewEvent {
    NewEvent { body: Bytes::from(vec![b'x'; body_bytes]), ..event(number) }
}

fn append(events: Vec<NewEvent>) -> Append {
    Append { stream: stream(), events, dedupe: LIFETIME }
}

fn append_living(events: Vec<NewEvent>, dedupe: Duration) -> Append {
    Append { stream: stream(), events, dedupe }
}

/// The offsets of those that were accepted.
fn offsets(appended: &Appended) -> Vec<u64> {
    let accepted = |outcome: &Outcome| match outcome {
        Outcome::Accepted { offset } => Some(*offset),
        Outcome::Duplicate => None,
    };
    appended.outcomes.iter().filter_map(accepted).collect()
}

/// A folder of its own for a test, in memory where the machine has such a place: a hundred commits there cost what one
/// costs on a busy disk, and no test here could tell the two apart, since a killed process loses no written page.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}
