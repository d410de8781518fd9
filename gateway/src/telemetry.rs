//! Every metric of the gateway, one function a fact, and how logs are written. No label takes its value from a payload.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

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

/// A delivery (or handshake) was answered. `source` is a configured name, never one that a sender made up.
pub fn delivery(source: &str, outcome: DeliveryOutcome, took: Duration) {
    counter!("hookcast_deliveries_total", "source" => source.to_owned(), "outcome" => outcome.as_str())
        .increment(1);
    histogram!("hookcast_delivery_seconds").record(took.as_secs_f64());
}

/// Events of a source entered the log.
pub fn events_appended(source: &str, count: u64) {
    counter!("hookcast_events_total", "source" => source.to_owned()).increment(count);
}

/// The broker answered an append.
pub fn append(broker: &'static str, took: Duration) {
    histogram!("hookcast_append_seconds", "broker" => broker).record(took.as_secs_f64());
}

/// The broker answers, or does not.
pub fn broker_up(is_up: bool) {
    gauge!("hookcast_broker_up").set(if is_up { 1.0 } else { 0.0 });
}

/// Dedupe keys went before their time because a stream holds too many.
pub fn dedupe_keys_lost_early(count: u64) {
    counter!("hookcast_dedupe_keys_lost_early_total").increment(count);
}

/// Events were handed to the kernel, or left over for it, on WebSockets.
pub fn events_sent(count: u64) {
    counter!("hookcast_events_sent_total", "transport" => "websocket").increment(count);
}

/// A subscriber, or all live ones of a stream, was told a gap.
pub fn gap(reason: &'static str) {
    counter!("hookcast_gaps_total", "reason" => reason).increment(1);
}

/// A stream read the log because a push was not the next event.
pub fn repair(outcome: &'static str) {
    counter!("hookcast_repairs_total", "outcome" => outcome).increment(1);
}

/// Live cursors that left because their socket takes no more.
pub fn slow_sessions(change: i32) {
    gauge!("hookcast_slow_sessions").increment(f64::from(change));
}

/// A connection was upgraded, or ended.
pub fn sessions(change: i32) {
    gauge!("hookcast_sessions", "transport" => "websocket").increment(f64::from(change));
}

/// Subscriptions began, or ended.
pub fn subscriptions(change: i32) {
    gauge!("hookcast_subscriptions").increment(f64::from(change));
}

/// How far a stream's members are behind its log, as last checked.
pub fn stream_lag(stream: &str, events: u64) {
    gauge!("hookcast_stream_lag_events", "stream" => stream.to_owned()).set(events as f64);
}

/// From receipt to the last write of the batch.
pub fn end_to_end(took: Duration) {
    histogram!("hookcast_end_to_end_seconds").record(took.as_secs_f64());
}
