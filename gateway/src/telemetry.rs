//! Every metric of the gateway, one function a fact, and how logs are written. No label takes its value from a payload.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use crate::hops::Hop;

use metrics::{
    Counter, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// What became of one event of a delivery, as a metric label and as the word in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryOutcome {
    Accepted,
    Duplicate,
    Filtered,
    Refused,
    Unavailable,
    Handshake,
}

impl DeliveryOutcome {
    /// In the order of their declaration.
    pub const ALL: [Self; 6] =
        [Self::Accepted, Self::Duplicate, Self::Filtered, Self::Refused, Self::Unavailable, Self::Handshake];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Filtered => "filtered",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Handshake => "handshake",
        }
    }
}

/// The figures of one configured source, looked up once: what is counted for each event must not cost a search.
pub struct SourceFigures {
    outcomes: [Counter; 6],
    events: Counter,
    took: Timed,
}

impl fmt::Debug for SourceFigures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SourceFigures").finish_non_exhaustive()
    }
}

impl SourceFigures {
    /// `source` is a configured name, never one that a sender made up.
    pub fn of(source: &str) -> Self {
        let outcome = |outcome: DeliveryOutcome| counter!("hookcast_deliveries_total", "source" => source.to_owned(), "outcome" => outcome.as_str());
        Self {
            outcomes: DeliveryOutcome::ALL.map(outcome),
            events: counter!("hookcast_events_total", "source" => source.to_owned()),
            took: Timed { histogram: histogram!("hookcast_delivery_seconds"), hop: Hop::Answer },
        }
    }

    /// A delivery (or handshake) was answered.
    pub fn delivery(&self, outcome: DeliveryOutcome, took: Duration) {
        self.outcomes[outcome as usize].increment(1);
        self.took.record(took);
    }

    /// Events entered the log.
    pub fn events_appended(&self, count: u64) {
        self.events.increment(count);
    }
}

/// What is exported as a histogram and shown to operators as a hop.
pub struct Timed {
    histogram: Histogram,
    hop: Hop,
}

impl fmt::Debug for Timed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Timed({})", self.hop.as_str())
    }
}

impl Timed {
    pub fn record(&self, took: Duration) {
        self.histogram.record(took.as_secs_f64());
        self.hop.took(took);
    }
}

/// How long the broker takes to answer an append.
pub fn append_seconds(broker: &'static str) -> Timed {
    Timed { histogram: histogram!("hookcast_append_seconds", "broker" => broker), hop: Hop::Append }
}

/// From receipt to the last write of a batch.
pub fn end_to_end_seconds() -> Timed {
    Timed { histogram: histogram!("hookcast_end_to_end_seconds"), hop: Hop::Deliver }
}

/// A delivery was judged, genuine or not.
pub fn judged(took: Duration) {
    Hop::Verify.took(took);
}

/// The broker answers, or does not.
pub fn broker_up(is_up: bool) {
    gauge!("hookcast_broker_up").set(if is_up { 1.0 } else { 0.0 });
}

/// Dedupe keys went before their time because a stream holds too many.
pub fn dedupe_keys_lost_early(count: u64) {
    counter!("hookcast_dedupe_keys_lost_early_total").increment(count);
}

/// An expression of a source's rules gave no value; the rule's key is configured, as the source's name is.
pub fn rule_failed(source: &str, rule: &str) {
    counter!("hookcast_rule_failures_total", "source" => source.to_owned(), "rule" => rule.to_owned())
        .increment(1);
}

/// Events were handed to the kernel, or left over for it: on `websocket` or `sse`, or as a page of history on `http`.
pub fn events_sent(transport: &'static str, count: u64) {
    events_sent_on(transport).increment(count);
}

/// The same, looked up once for many.
pub fn events_sent_on(transport: &'static str) -> Counter {
    counter!("hookcast_events_sent_total", "transport" => transport)
}

/// A subscriber, or all live ones of a stream, was told a gap.
pub fn gap(reason: &'static str) {
    counter!("hookcast_gaps_total", "reason" => reason).increment(1);
}

/// A stream read the log because a push was not the next event.
pub fn repair(outcome: &'static str) {
    counter!("hookcast_repairs_total", "outcome" => outcome).increment(1);
}

/// Events that the store had lost and this node had seen were appended again.
pub fn events_put_back(count: u64) {
    counter!("hookcast_events_put_back_total").increment(count);
}

/// Live cursors that left because their socket takes no more.
pub fn slow_sessions(change: i32) {
    gauge!("hookcast_slow_sessions").increment(f64::from(change));
}

/// A connection was upgraded, or ended.
pub fn sessions(transport: &'static str, change: i32) {
    gauge!("hookcast_sessions", "transport" => transport).increment(f64::from(change));
}

/// Subscriptions began, or ended.
pub fn subscriptions(change: i32) {
    gauge!("hookcast_subscriptions").increment(f64::from(change));
}

/// How far a stream's members are behind its log, as last checked.
pub fn stream_lag(stream: &str, events: u64) {
    gauge!("hookcast_stream_lag_events", "stream" => stream.to_owned()).set(events as f64);
}

/// Reports on the reserved stream that found no room, or no broker.
pub fn reports_lost(count: u64) {
    counter!("hookcast_reports_lost_total").increment(count);
}

/// The configuration was read again: `reloaded`, or `refused`.
pub fn config_reload(outcome: &'static str) {
    counter!("hookcast_config_reloads_total", "outcome" => outcome).increment(1);
}

/// Deliveries beyond what is told of a source in a second's reports; looked up once, for under load these are most.
pub fn deliveries_untold() -> Counter {
    counter!("hookcast_deliveries_untold_total")
}

/// When a secret of a source last proved a delivery here, in seconds since 1970; 0 for never. Both names are configured.
pub fn secret_last_used(source: &str, label: &str, seconds: f64) {
    let labels = [("source", source.to_owned()), ("label", label.to_owned())];
    gauge!("hookcast_secret_last_used_seconds", &labels).set(seconds);
}

/// A source with `expect` has been silent for longer, or not.
pub fn source_silent(source: &str, is_silent: bool) {
    gauge!("hookcast_source_silent", "source" => source.to_owned()).set(if is_silent { 1.0 } else { 0.0 });
}

/// Buckets of every histogram, in seconds: from a loopback hop to a sender's last patience.
const SECONDS: [f64; 14] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0, 10.0];

/// Starts to count, once a process; later calls give the same handle. None where another recorder was set before.
pub fn prometheus() -> Option<PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new().set_buckets(&SECONDS).ok()?;
        let handle = builder.install_recorder().ok()?;
        describe();
        Some(handle)
    };
    HANDLE.get_or_init(install).clone()
}

fn describe() {
    describe_counter!("hookcast_deliveries_total", "Deliveries answered, by source and outcome");
    describe_histogram!(
        "hookcast_delivery_seconds",
        Unit::Seconds,
        "From a delivery's headers to its answer"
    );
    describe_histogram!("hookcast_append_seconds", Unit::Seconds, "The broker's answer to an append");
    describe_counter!("hookcast_events_total", "Events appended, by source");
    describe_counter!("hookcast_rule_failures_total", "Expressions that gave no value, by source and rule");
    describe_gauge!("hookcast_sessions", "Open subscriber connections, by transport");
    describe_gauge!("hookcast_subscriptions", "Open subscriptions");
    describe_counter!("hookcast_events_sent_total", "Events written to subscribers, by transport");
    describe_counter!("hookcast_gaps_total", "Gaps told, by reason");
    describe_counter!(
        "hookcast_repairs_total",
        "Reads of the log after a push that was not the next, by outcome"
    );
    describe_counter!(
        "hookcast_events_put_back_total",
        "Events that the store had lost and this node appended again"
    );
    describe_gauge!("hookcast_slow_sessions", "Live cursors whose socket takes no more at present");
    describe_gauge!("hookcast_broker_up", "1 while the broker answers");
    describe_gauge!(
        "hookcast_stream_lag_events",
        "Events in the log that this node has not accepted, by stream"
    );
    describe_histogram!(
        "hookcast_end_to_end_seconds",
        Unit::Seconds,
        "From receipt to the last write of the batch"
    );
    describe_counter!(
        "hookcast_reports_lost_total",
        "Reports of the gateway on itself that were not appended"
    );
    describe_gauge!(
        "hookcast_secret_last_used_seconds",
        Unit::Seconds,
        "When a secret last proved a delivery here, since 1970; 0 for never"
    );
    describe_gauge!("hookcast_source_silent", "1 while a source is silent for longer than it expects");
    describe_counter!(
        "hookcast_config_reloads_total",
        "Readings of a changed configuration, by outcome: reloaded or refused"
    );
    describe_counter!(
        "hookcast_deliveries_untold_total",
        "Deliveries that came too fast to be reported one by one"
    );
    describe_counter!("hookcast_dedupe_keys_lost_early_total", "Dedupe keys dropped before their time");
}
