//! Sources that are silent for longer than their `expect`: told once on `hookcast/source/{source}`, whichever node sees it,
//! and once when they are back.
//!
//! A source is silent as long as no event of it enters the log, as the screens see it: what is filtered or refused is no sign
//! of life. The log knows that across nodes and restarts. Where several sources share a stream, an event is whose `source` it
//! names; a CloudEvent may name another, so for these only the node that took them knows: give them a stream of their own.
//!
//! ```text
//! heard ── now - last > expect ──▶ silent    says source.silent, under a key made of the last event
//!   ▲                                 │
//!   └────────── a newer event ────────┘      says source.heard, under a key made of that key
//! ```

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::broker::{BATCH_EVENTS_MAX, Broker, BrokerError, DedupeKey, Entry};
use crate::event;
use crate::ingest::pulse::Pulse;
use crate::ingest::receive::Ingest;
use crate::ingest::source::Source;
use crate::jitter;
use crate::report::Reports;
use crate::telemetry;
use crate::topic::{StreamName, Topic};

/// Between two rounds, at the most and at the least; in between, a quarter of what the most impatient source expects.
const ROUND_LONGEST: Duration = Duration::from_secs(10);
const ROUND_SHORTEST: Duration = Duration::from_millis(250);
/// For all that a round asks the broker about one source; the next round asks again.
const DEADLINE: Duration = Duration::from_secs(10);
/// Entries of a shared stream that one round looks at for one source.
const LOOKED_MAX: u64 = 4_096;

/// What is known of each source that is expected to speak.
#[derive(Debug, Default)]
struct Watched {
    /// The key under which its silence was told.
    told: Option<DedupeKey>,
    /// Whether the newest report of the log was read, which may be of a process before this one.
    is_known: bool,
}

/// The last that the log has of a source.
enum Last {
    /// The event's own key, which no turn-over of an epoch changes, and when it was appended.
    Event(DedupeKey, u64),
    /// Nothing, or nothing any more.
    None,
    /// The log grew faster than it was looked at.
    Unknown,
}

/// Judges round after round until told to stop.
pub async fn run(broker: Arc<dyn Broker>, ingest: Arc<Ingest>, reports: Reports, stop: CancellationToken) {
    let began = SystemTime::now();
    let rounds = async {
        let mut watched: HashMap<String, Watched> = HashMap::new();
        loop {
            let all = ingest.pulses();
            watched.retain(|name, _| {
                let is_expected = all.iter().any(|(it, _)| it.name() == name && it.expect().is_some());
                if !is_expected {
                    telemetry::source_silent(name, false);
                }
                is_expected
            });
            let shortest = all.iter().filter_map(|(source, _)| source.expect()).min();
            let pause = shortest.unwrap_or(ROUND_LONGEST) / 4;
            sleep(pause.clamp(ROUND_SHORTEST, ROUND_LONGEST).mul_f64(0.8 + jitter::share() * 0.4)).await;
            for (source, pulse) in all.iter().filter(|(source, _)| source.expect().is_some()) {
                let is_alone = all.iter().filter(|(it, _)| it.stream() == source.stream()).count() == 1;
                let known = watched.entry(source.name().to_owned()).or_default();
                let round = Round { broker: &*broker, reports: &reports, source, pulse, is_alone, began };
                match timeout(DEADLINE, round.judge(known)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        tracing::debug!(source = source.name(), %error, "a silence cannot be judged now");
                    }
                    Err(_) => tracing::debug!(source = source.name(), "a silence cannot be judged in time"),
                }
            }
        }
    };
    stop.run_until_cancelled(rounds).await;
}

/// One source in one round.
struct Round<'a> {
    broker: &'a dyn Broker,
    reports: &'a Reports,
    source: &'a Source,
    pulse: &'a Pulse,
    /// Whether no other source has its stream.
    is_alone: bool,
    /// Since when this process could have heard anything.
    began: SystemTime,
}

impl Round<'_> {
    async fn judge(&self, known: &mut Watched) -> Result<(), BrokerError> {
        let Some(expect) = self.source.expect() else { return Ok(()) };
        if !known.is_known {
            known.told = self.told_before().await?;
            known.is_known = true;
        }
        // What came in here needs no question.
        let since = |at: SystemTime| SystemTime::now().duration_since(at).unwrap_or_default();
        if self.pulse.heard().event.is_some_and(|at| since(at) <= expect) {
            self.heard(known);
            return Ok(());
        }
        let now_ms = self.broker.now_ms().await?;
        let (key, silent, at_ms) = match self.last(now_ms, expect).await? {
            Last::Event(key, at_ms) => {
                (key, Duration::from_millis(now_ms.saturating_sub(at_ms)), Some(at_ms))
            }
            // It never spoke, or so long ago that nothing is left: counted from when somebody began to listen, unless the
            // silence is told already.
            Last::None if known.told.is_none() && since(self.began) > expect => {
                (DedupeKey([0; 32]), since(self.began), None)
            }
            Last::None => {
                if known.told.is_some() {
                    self.still_silent();
                }
                return Ok(());
            }
            Last::Unknown => return Ok(()),
        };
        if silent <= expect {
            self.heard(known);
        } else {
            self.silent(known, expect, &key, silent, at_ms);
        }
        Ok(())
    }

    /// It was told, perhaps before this process began, and nothing says since when.
    fn still_silent(&self) {
        telemetry::source_silent(self.source.name(), true);
        self.pulse.judged(self.pulse.heard().silent_since.or(Some(self.began)));
    }

    fn silent(
        &self,
        known: &mut Watched,
        expect: Duration,
        last: &DedupeKey,
        silent: Duration,
        at_ms: Option<u64>,
    ) {
        let name = self.source.name();
        self.pulse.judged(SystemTime::now().checked_sub(silent));
        telemetry::source_silent(name, true);
        let key = self.key(b"silent", last);
        if known.told == Some(key) {
            return;
        }
        // It spoke, and fell silent again between two looks.
        if let Some(told) = known.told.replace(key) {
            self.say_heard(&told);
        }
        tracing::warn!(
            source = name,
            silent_s = silent.as_secs(),
            "no event of this source for longer than it expects"
        );
        let last = at_ms.map(|ms| event::rfc3339_ms(SystemTime::UNIX_EPOCH + Duration::from_millis(ms)));
        let data = json!({
            "source": name, "expect_ms": ms(expect), "silent_ms": ms(silent), "last": last, "key": hex::encode(key.0),
        });
        self.reports.say_once("source.silent", &["source", name], &data, key);
    }

    fn heard(&self, known: &mut Watched) {
        let name = self.source.name();
        self.pulse.judged(None);
        telemetry::source_silent(name, false);
        if let Some(told) = known.told.take() {
            tracing::info!(source = name, "this source is heard again");
            self.say_heard(&told);
        }
    }

    fn say_heard(&self, told: &DedupeKey) {
        let name = self.source.name();
        let data = json!({ "source": name });
        self.reports.say_once("source.heard", &["source", name], &data, self.key(b"heard", told));
    }

    fn key(&self, what: &[u8], of: &DedupeKey) -> DedupeKey {
        let mut key = Sha256::new();
        key.update(what);
        key.update(of.0);
        key.update(self.source.name().as_bytes());
        DedupeKey(key.finalize().into())
    }

    /// The key of the silence that the newest report tells, if it tells one: of a node before this one, or of another.
    async fn told_before(&self) -> Result<Option<DedupeKey>, BrokerError> {
        #[derive(Deserialize)]
        struct Told {
            #[serde(rename = "type")]
            event_type: String,
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            key: Option<String>,
        }
        let stream = StreamName::reserved();
        let topic = Topic::from_values(&stream, &["source", self.source.name()]);
        let (_, topics) = self.broker.topics(&stream).await?;
        let Some((_, offset)) = topics.into_iter().find(|(it, _)| *it == topic) else { return Ok(None) };
        let page = self.broker.get(&stream, &[offset]).await?;
        let told = page.entries.first().and_then(|entry| serde_json::from_slice::<Told>(&entry.body).ok());
        let key = told.filter(|told| told.event_type == "source.silent").and_then(|told| told.data.key);
        let key = key.and_then(|key| hex::decode(key).ok()).and_then(|key| key.try_into().ok());
        Ok(key.map(DedupeKey))
    }

    async fn last(&self, now_ms: u64, expect: Duration) -> Result<Last, BrokerError> {
        let stream = self.source.stream();
        let head = self.broker.check(stream).await?;
        if self.is_alone {
            let page = self.broker.get(stream, &[head.top]).await?;
            return Ok(page.entries.first().map_or(Last::None, |entry| Last::Event(entry.key, entry.at_ms)));
        }
        let (mut upto, lowest) =
            (head.top, head.top.saturating_sub(LOOKED_MAX).max(head.first.saturating_sub(1)));
        while upto > lowest {
            let from = upto.saturating_sub(BATCH_EVENTS_MAX as u64).max(lowest) + 1;
            let page = self.broker.read(stream, from, (upto - from + 1) as usize).await?;
            if let Some(entry) = page.entries.iter().rev().find(|entry| self.is_of_source(entry)) {
                return Ok(Last::Event(entry.key, entry.at_ms));
            }
            // Whatever lies further back is too old to matter.
            if page.entries.first().is_some_and(|entry| now_ms.saturating_sub(entry.at_ms) > ms(expect)) {
                break;
            }
            upto = from - 1;
        }
        Ok(if upto <= lowest && lowest >= head.first { Last::Unknown } else { Last::None })
    }

    fn is_of_source(&self, entry: &Entry) -> bool {
        #[derive(Deserialize)]
        struct Named {
            source: String,
        }
        let named = serde_json::from_slice::<Named>(&entry.body);
        named.is_ok_and(|named| named.source.strip_prefix("/hooks/") == Some(self.source.name()))
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
