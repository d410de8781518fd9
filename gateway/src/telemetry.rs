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
