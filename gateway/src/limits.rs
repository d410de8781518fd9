//! Every bound of the gateway, with its unit, its default and what happens when it is reached. Pure.

use std::time::Duration;

use crate::topic::{RESERVED_STREAM, StreamName};

/// Bounds that an operator may change under `[limits]`; the key is the field's name.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest body of a delivery, in bytes; larger is 413.
    pub body_bytes: usize,
    /// Most events in one delivery; more is 413.
    pub events_per_delivery: usize,
    /// From the first byte of a request to the end of its headers; longer and the connection is closed.
    pub header_deadline: Duration,
    /// Largest request head, in bytes; larger is 431.
    pub header_bytes: usize,
    /// From the end of the headers to the end of the body; longer is 408.
    pub body_deadline: Duration,
    /// Once the node has stopped accepting: for requests under way to end; longer and they are cut off.
    pub finish_deadline: Duration,
    /// Deliveries that may wait for the broker at once; more are 503.
    pub appends_waiting: usize,
    /// Bytes of bodies that may wait for the broker at once; more are 503.
    pub append_bytes_waiting: usize,
    /// Connections of a node; more wait unaccepted.
    pub connections: usize,
    /// Connections of one address; one more is told so and closed. Loopback and proxies are not counted.
    pub connections_per_address: usize,
    /// Sessions of one token subject (`sub`); one more is close code 4004. A token without a subject is not counted.
    pub connections_per_subject: usize,
    /// Sessions that have not authenticated; one more ends the oldest.
    pub unauthenticated: usize,
    /// Time to authenticate; longer is close code 4001.
    pub auth_deadline: Duration,
    /// Largest token, in bytes.
    pub token_bytes: usize,
    /// Subscriptions of a session; more are `too_many`.
    pub subscriptions: usize,
    /// Largest message from a client, in bytes; larger is close code 1009.
    pub message_bytes: usize,
    /// Messages a second that a session may send in the long run; more are `rate_limited`.
    pub messages_per_second: u32,
    /// Messages that a session may send at once.
    pub messages_burst: u32,
    /// Between two heartbeats of a session.
    pub heartbeat: Duration,
    /// Without a byte from the peer for this long: close code 4003.
    pub silence: Duration,
    /// Without a byte taken by the peer for this long: close code 4002.
    pub stuck: Duration,
    /// Messages of the session's own that may wait on a blocked socket, in bytes; more is close code 4002.
    pub reply_bytes: usize,
    /// Newest events of a stream that a node keeps ready to write, in bytes; the oldest go first.
    pub window_bytes: usize,
    /// Events kept in a stream's window; the oldest go first.
    pub window_events: usize,
    /// Events framed and written in one step.
    pub batch_events: usize,
    /// Bytes framed and written in one step.
    pub batch_bytes: usize,
    /// Most events that `{"last":n}` may ask for.
    pub last: u64,
    /// Most events of a snapshot; the rest is told as a gap `limit`.
    pub snapshot: usize,
    /// Shortest interval of a subscription that takes the newest of each topic; a shorter one is `bad_message`.
    pub latest_min: Duration,
    /// Longest such interval; a longer one is `bad_message`.
    pub latest_max: Duration,
    /// Streams that a node may have open.
    pub streams: usize,
    /// Between two checks that what was pushed is all there is; jittered by a fifth each way.
    pub check_every: Duration,
    /// Unchecked for this long, a stream is stale: nobody vouches for it, and its sessions are told.
    pub stale: Duration,
    /// A stream that nobody follows for this long is closed.
    pub linger: Duration,
}

impl Limits {
    /// How many of the events of these lengths go into one message: at least one, and no more than its bounds allow.
    pub fn batch_length(&self, lengths: impl Iterator<Item = usize>) -> usize {
        let mut bytes = 0;
        let fitting = lengths.take(self.batch_events).take_while(|length| {
            bytes += length;
            bytes <= self.batch_bytes
        });
        fitting.count().max(1)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            events_per_delivery: 1_000,
            header_deadline: Duration::from_secs(10),
            header_bytes: 16 * 1024,
            body_deadline: Duration::from_secs(10),
            finish_deadline: Duration::from_secs(15),
            appends_waiting: 1_024,
            append_bytes_waiting: 64 * 1024 * 1024,
            connections: 20_000,
            connections_per_address: 100,
            connections_per_subject: 20,
            unauthenticated: 1_000,
            auth_deadline: Duration::from_secs(10),
            token_bytes: 8 * 1024,
            subscriptions: 100,
            message_bytes: 16 * 1024,
            messages_per_second: 20,
            messages_burst: 200,
            heartbeat: Duration::from_secs(25),
            silence: Duration::from_secs(60),
            stuck: Duration::from_secs(30),
            reply_bytes: 64 * 1024,
            window_bytes: 16 * 1024 * 1024,
            window_events: 4_096,
            batch_events: 64,
            batch_bytes: 256 * 1024,
            last: 10_000,
            snapshot: 1_000,
            latest_min: Duration::from_millis(50),
            latest_max: Duration::from_mins(1),
            streams: 256,
            check_every: Duration::from_secs(5),
            stale: Duration::from_secs(15),
            linger: Duration::from_secs(60),
        }
    }
}

/// How much of a stream is kept; whichever bound is reached first lets the oldest go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    pub events: u64,
    pub bytes: u64,
    pub age: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self { events: 10_000, bytes: 64 * 1024 * 1024, age: Duration::from_hours(7 * 24) }
    }
}

impl Retention {
    /// Of the stream on which the gateway speaks of itself: a day is enough to see what went wrong.
    pub fn of_reserved() -> Self {
        Self { events: 10_000, bytes: 16 * 1024 * 1024, age: Duration::from_hours(24) }
    }
}

/// How many dedupe keys a stream keeps; the oldest go first, which is counted as early loss when they still lived.
pub const DEDUPE_KEYS_MAX: u64 = 200_000;

/// Retention of each stream: the operator's where one is given, else the default.
#[derive(Debug, Clone, Default)]
pub struct Retentions(pub std::collections::HashMap<StreamName, Retention>);

impl Retentions {
    pub fn of(&self, stream: &StreamName) -> Retention {
        let default = || {
            if stream.as_str() == RESERVED_STREAM { Retention::of_reserved() } else { Retention::default() }
        };
        self.0.get(stream).copied().unwrap_or_else(default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_keeps_what_its_operator_says_and_the_gateways_own_a_day() {
        let (shop, reserved) = (StreamName::parse("shop").unwrap(), StreamName::reserved());
        let of_shop = Retention { events: 7, ..Retention::default() };
        let retentions = Retentions([(shop.clone(), of_shop)].into());
        assert_eq!(retentions.of(&shop).events, 7);
        assert_eq!(retentions.of(&StreamName::parse("other").unwrap()), Retention::default());
        assert_eq!(retentions.of(&reserved).age, Duration::from_hours(24));
    }
}
