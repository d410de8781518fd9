//! The one source of time for a broker, so that tests of age and lifetime move time instead of waiting for it.
//! Knows no stream: that time never runs backwards in a log is the log's own care.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells milliseconds since 1970. Cheap to clone; clones tell the same time.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Hand(Arc<AtomicU64>),
}

/// Moves a clock that was made by [`Clock::by_hand`].
#[derive(Debug, Clone)]
pub struct Hand(Arc<AtomicU64>);

impl Clock {
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until its hand is moved.
    pub fn by_hand(start_ms: u64) -> (Self, Hand) {
        let now_ms = Arc::new(AtomicU64::new(start_ms));
        (Self(Source::Hand(now_ms.clone())), Hand(now_ms))
    }

    /// What the hand shows; none for the system's clock. A broker with a clock of its own goes by the hand all the same.
    pub(super) fn hand_ms(&self) -> Option<u64> {
        match &self.0 {
            Source::System => None,
            Source::Hand(now_ms) => Some(now_ms.load(Ordering::SeqCst)),
        }
    }

    pub fn now_ms(&self) -> u64 {
        match &self.0 {
            Source::System => {
                // A clock before 1970 is as good as one at 1970: a log goes on from its newest entry's time.
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                millis(since)
            }
            Source::Hand(now_ms) => now_ms.load(Ordering::SeqCst),
        }
    }
}

impl Hand {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// Puts the clock anywhere, earlier too, as an operator or NTP might.
    pub fn set(&self, now_ms: u64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

/// A duration in whole milliseconds; what does not fit is for ever.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
