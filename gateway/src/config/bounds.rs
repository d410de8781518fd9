//! The keys of `[limits]`: one row a bound of [`Limits`], with how it is written and read. Pure.

use std::time::Duration;

use super::keys::Kind;
use crate::limits::Limits;

/// One bound. Its value passes through here as milliseconds, bytes or a count, by its kind.
pub(super) struct Bound {
    pub name: &'static str,
    pub kind: Kind,
    pub about: &'static str,
    pub get: fn(&Limits) -> u64,
    pub set: fn(&mut Limits, u64),
}

macro_rules! bounds {
    ($($name:ident $kind:ident $about:literal)*) => {
        &[$(Bound {
            name: stringify!($name),
            kind: Kind::$kind,
            about: $about,
            get: |limits| Number::to_number(limits.$name),
            set: |limits, number| limits.$name = Number::of_number(number),
        }),*]
    };
}

/// Every field of [`Limits`]; a test holds that none is missing.
pub(super) const BOUNDS: &[Bound] = bounds! {
    body_bytes Size "Largest body of a delivery; larger is 413."
    events_per_delivery Count "Most events in one delivery; more is 413."
    header_deadline Duration "For a request's headers; longer and the connection is closed."
    header_bytes Size "Largest request head; larger is 431."
    body_deadline Duration "For a delivery's body; longer is 408."
    finish_deadline Duration "For requests under way when this node ends; longer and they are cut off."
    appends_waiting Count "Deliveries that may wait for the broker; more are 503."
    append_bytes_waiting Size "Bytes that may wait for the broker; more are 503."
    connections Count "Connections of this node; more wait unaccepted."
    connections_per_address Count "Connections of one address, loopback and proxies not counted; one more is 429, over WebSocket close code 4004."
    connections_per_subject Count "Sessions of one token subject (sub), if it has one; one more is close code 4004."
    unauthenticated Count "Sessions that have not authenticated; one more ends the oldest."
    auth_deadline Duration "To authenticate; longer is close code 4001."
    token_bytes Size "Largest token."
    subscriptions Count "Subscriptions of a session; more are too_many."
    message_bytes Size "Largest message from a client; larger is close code 1009."
    messages_per_second Count "Messages that a session may send in the long run; more are rate_limited."
    messages_burst Count "Messages that a session may send at once."
    heartbeat Duration "Between two heartbeats of a session."
    silence Duration "Without a byte from the peer: close code 4003."
    stuck Duration "Without a byte taken by the peer: close code 4002."
    reply_bytes Size "A session's own replies that may wait on a blocked socket; more is 4002."
    window_bytes Size "Newest events of a stream kept ready to write; the oldest go first."
    window_events Count "Events in a stream's window; the oldest go first."
    batch_events Count "Events framed and written in one step."
    batch_bytes Size "Bytes framed and written in one step."
    last Count "Most events that a client may ask back for by number."
    snapshot Count "Most events of a snapshot; the rest is told as a gap."
    latest_min Duration "Shortest interval of a subscription that takes the newest of each topic; a shorter one is bad_message."
    latest_max Duration "Longest such interval; a longer one is bad_message."
    streams Count "Streams that this node may have open."
    check_every Duration "Between two checks that no event of a stream was missed."
    stale Duration "A stream unchecked for so long is left out of heartbeats."
    linger Duration "A stream that nobody follows for so long is closed on this node."
};

/// Counts, bytes and durations as one number.
trait Number {
    fn to_number(self) -> u64;
    fn of_number(number: u64) -> Self;
}

impl Number for u64 {
    fn to_number(self) -> u64 {
        self
    }
    fn of_number(number: u64) -> Self {
        number
    }
}

impl Number for u32 {
    fn to_number(self) -> u64 {
        self.into()
    }
    fn of_number(number: u64) -> Self {
        Self::try_from(number).unwrap_or(Self::MAX)
    }
}

impl Number for usize {
    fn to_number(self) -> u64 {
        self as u64
    }
    fn of_number(number: u64) -> Self {
        Self::try_from(number).unwrap_or(Self::MAX)
    }
}

impl Number for Duration {
    fn to_number(self) -> u64 {
        u64::try_from(self.as_millis()).unwrap_or(u64::MAX)
    }
    fn of_number(number: u64) -> Self {
        Self::from_millis(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_its_row() {
        let printed = format!("{:?}", Limits::default());
        let fields = printed.matches(": ").count();
        assert_eq!(BOUNDS.len(), fields, "{printed}");
    }

    #[test]
    fn rows_read_back_what_they_write() {
        let mut limits = Limits::default();
        for bound in BOUNDS {
            (bound.set)(&mut limits, 7_000);
            assert_eq!((bound.get)(&limits), 7_000, "{}", bound.name);
        }
    }
}
