//! What the gateway says of itself: events like all others, on the reserved stream `hookcast`. Nobody waits for a report and
//! nothing depends on one: what finds no room, or a broker that is away, is counted and forgotten. Knows no subscriber.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::broker::{Append, BATCH_EVENTS_MAX, Broker, DedupeKey, NewEvent};
use crate::event::{self, Attributes, Data};
use crate::jitter;
use crate::telemetry;
use crate::topic::{StreamName, Topic};

/// Reports that wait to be appended; more are counted and forgotten.
pub const WAITING_MAX: usize = 1_024;
/// Longest wait for the broker; it costs only reports.
const APPEND_DEADLINE: Duration = Duration::from_secs(5);
/// No key comes twice, but for a broker that repeats an append after a timeout.
const DEDUPE: Duration = Duration::from_mins(10);
/// How long a report that several nodes may say is told once.
const DEDUPE_ONCE: Duration = Duration::from_hours(7 * 24);
/// Between two announcements of a node, before jitter.
const ANNOUNCE_EVERY: Duration = Duration::from_mins(1);

/// One process, by a name that no other has: 8 of `a-z0-9`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeId(Arc<str>);

impl NodeId {
    pub fn random() -> Self {
        Self(std::iter::repeat_with(|| fastrand::digit(36)).take(8).collect::<String>().into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that happened to the gateway.
#[derive(Debug)]
struct Report {
    event_type: &'static str,
    topic: Topic,
    at: SystemTime,
    data: String,
    /// Other nodes may say the same: under this key it is told once.
    once: Option<DedupeKey>,
}

/// Where to say what happened; cheap to clone.
#[derive(Debug, Clone)]
pub struct Reports {
    queue: mpsc::Sender<Report>,
}

/// Appends what was said; whoever runs the node runs it to its end.
#[derive(Debug)]
pub struct Writer {
    queue: mpsc::Receiver<Report>,
    broker: Arc<dyn Broker>,
    /// The CloudEvents source of all reports of this process.
    source: String,
    count: u64,
}

impl Reports {
    /// Both ends of the queue.
    pub fn new(node: &NodeId, broker: Arc<dyn Broker>) -> (Self, Writer) {
        let (sender, queue) = mpsc::channel(WAITING_MAX);
        let source = format!("/nodes/{}", node.as_str());
        (Self { queue: sender }, Writer { queue, broker, source, count: 0 })
    }

    /// Says it and goes on. `topic` are the segments behind `hookcast/`.
    pub fn say(&self, event_type: &'static str, topic: &[&str], data: &impl Serialize) {
        self.queue_up(event_type, topic, data, None);
    }

    /// As [`Reports::say`], what other nodes may say as well, and this one again: under one key it is told once.
    pub fn say_once(&self, event_type: &'static str, topic: &[&str], data: &impl Serialize, key: DedupeKey) {
        self.queue_up(event_type, topic, data, Some(key));
    }

    fn queue_up(
        &self,
        event_type: &'static str,
        topic: &[&str],
        data: &impl Serialize,
        once: Option<DedupeKey>,
    ) {
        let Ok(data) = serde_json::to_string(data) else { return telemetry::reports_lost(1) };
        let topic = Topic::from_values(&StreamName::reserved(), topic);
        if self.queue.try_send(Report { event_type, topic, at: SystemTime::now(), data, once }).is_err() {
            telemetry::reports_lost(1);
        }
    }
}

impl Writer {
    /// Until told to stop and all that was said before is appended or forgotten.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut reports = Vec::new();
        loop {
            // Cancel safe: what is not taken stays in the queue.
            let count = tokio::select! {
                count = self.queue.recv_many(&mut reports, BATCH_EVENTS_MAX) => count,
                () = stop.cancelled(), if !self.queue.is_closed() => {
                    self.queue.close();
                    continue;
                }
            };
            if count == 0 {
                return;
            }
            self.append(&mut reports).await;
        }
    }

    async fn append(&mut self, reports: &mut Vec<Report>) {
        let (once, each): (Vec<_>, Vec<_>) = reports.drain(..).partition(|report| report.once.is_some());
        for (reports, dedupe) in [(each, DEDUPE), (once, DEDUPE_ONCE)] {
            if !reports.is_empty() {
                let events = reports.iter().map(|report| self.event(report)).collect();
                self.append_all(events, dedupe).await;
            }
        }
    }

    async fn append_all(&self, events: Vec<NewEvent>, dedupe: Duration) {
        let count = events.len() as u64;
        let append = Append { stream: StreamName::reserved(), events, dedupe };
        if !matches!(timeout(APPEND_DEADLINE, self.broker.append(append)).await, Ok(Ok(_))) {
            tracing::debug!(count, "reports could not be appended");
            telemetry::reports_lost(count);
        }
    }

    fn event(&mut self, report: &Report) -> NewEvent {
        self.count += 1;
        let id = self.count.to_string();
        let time = event::rfc3339_ms(report.at);
        let attributes = Attributes {
            id: &id,
            source: &self.source,
            event_type: report.event_type,
            time: &time,
            content_type: Some("application/json"),
            others: &[],
        };
        let mut key = Sha256::new();
        key.update(self.source.as_bytes());
        key.update(b"#");
        key.update(id.as_bytes());
        NewEvent {
            key: report.once.unwrap_or_else(|| DedupeKey(key.finalize().into())),
            topic: report.topic.clone(),
            body: event::record(&attributes, Data::Json(&report.data)),
        }
    }
}

/// What a node is, for as long as it runs.
#[derive(Debug, Clone)]
pub struct About {
    pub id: NodeId,
    pub build: &'static str,
    /// The machine's or container's name.
    pub host: String,
    pub listen: SocketAddr,
}

/// What it does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Load {
    /// Subscriber connections.
    pub sessions: usize,
    /// Streams that are open and current.
    pub streams: usize,
}

/// The data of an announcement.
#[derive(Serialize)]
struct Announcement<'a> {
    id: &'a str,
    build: &'a str,
    host: &'a str,
    listen: SocketAddr,
    uptime_ms: u64,
    #[serde(flatten)]
    load: Load,
}

/// Announces a node on `hookcast/node/{id}`: `node.started`, each minute `node.running`, and `node.leaving` once `leaves` is
/// over. Whoever has not heard of a node for two minutes may take it for dead.
pub async fn announce(
    reports: Reports,
    about: About,
    load: impl Fn() -> Load,
    leaves: impl Future<Output = ()>,
) {
    let began = Instant::now();
    let say = |event_type: &'static str| {
        let announcement = Announcement {
            id: about.id.as_str(),
            build: about.build,
            host: &about.host,
            listen: about.listen,
            uptime_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            load: load(),
        };
        reports.say(event_type, &["node", about.id.as_str()], &announcement);
    };
    say("node.started");
    tokio::pin!(leaves);
    loop {
        tokio::select! {
            () = sleep(ANNOUNCE_EVERY.mul_f64(0.9 + jitter::share() * 0.2)) => say("node.running"),
            () = &mut leaves => break,
        }
    }
    say("node.leaving");
}
