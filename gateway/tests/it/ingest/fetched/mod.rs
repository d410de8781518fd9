//! Providers whose key is fetched: each against a server that stands in for its vendor, with the vendor's shapes and real
//! keys; and how often and for how much a vendor is asked.

mod asking;
mod ebay;
mod gateway;
mod paypal;
mod plaid;
mod pubsub;
mod sns;
mod vendor;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookcast::broker::DedupeKey;
use hookcast::ingest::fetched::fetch::Fetcher;
use hookcast::ingest::fetched::inquiry::{Halt, Inquiry};
use hookcast::ingest::fetched::store::Pace;
use hookcast::ingest::publish::{self, Batch};
use hookcast::ingest::source::Source;
use hookcast::ingest::verify::Reason;

use super::support::{delivery, source};

const PUBLIC_URL: &str = "https://live.example.com";

/// What became of a delivery.
#[derive(Debug)]
enum Fate {
    Published(Batch),
    Refused(Reason, String),
    /// Its key is not to be had: 503.
    Keyless,
}

/// A source and what it asks.
struct Case {
    source: Arc<Source>,
    inquiry: Inquiry,
}

/// Asks again at once, and does not wait long.
fn eager() -> Pace {
    Pace { cooldown: Duration::ZERO, asked_per_minute: 1_000, ..Pace::default() }
}

impl Case {
    fn new(toml: &str, pace: Pace) -> Self {
        let source = Arc::new(source(toml));
        let inquiry = Inquiry::new(source.clone(), pace, Arc::new(Fetcher::new(pace.deadline)));
        Self { source, inquiry }
    }

    async fn fate(&self, headers: &[(&str, &str)], body: &str, now: SystemTime) -> Fate {
        let mut delivery = delivery(&self.source, headers, body.to_owned(), now);
        match self.inquiry.keyed(&mut delivery, Some(PUBLIC_URL)).await {
            Ok(()) => {}
            Err(Halt::Refused(refusal)) => return Fate::Refused(refusal.reason, refusal.to_string()),
            Err(Halt::Keyless) => return Fate::Keyless,
        }
        match self.source.verify(delivery, Some(PUBLIC_URL)) {
            Ok(verified) => Fate::Published(publish::events(&self.source, &verified, 1_000).unwrap()),
            Err(refusal) => Fate::Refused(refusal.reason, refusal.to_string()),
        }
    }
}

impl Fate {
    #[track_caller]
    fn record(&self) -> serde_json::Value {
        match self {
            Self::Published(batch) => super::support::record(batch),
            other => panic!("{other:?}"),
        }
    }

    /// What its one event is told apart by.
    #[track_caller]
    fn key(&self) -> DedupeKey {
        match self {
            Self::Published(batch) => batch.events[0].new.as_ref().unwrap().key,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn is_refused(&self, expected: Reason, why: &str) {
        let Self::Refused(reason, told) = self else { panic!("{self:?}") };
        assert_eq!(*reason, expected, "{told}");
        assert!(told.contains(why), "`{told}` does not say `{why}`");
    }

    fn is_keyless(&self) -> bool {
        matches!(self, Self::Keyless)
    }
}
