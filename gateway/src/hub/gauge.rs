//! What a stream's task lets others see without asking it: how far its live members have been written to.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::position::Head;

/// Unchecked for this long, a stream is stale: nobody vouches for it.
const STALE_AFTER: Duration = Duration::from_secs(15);

/// The head as live members know it. Written after each batch, read by new subscriptions and heartbeats.
#[derive(Debug)]
pub struct Gauge(Mutex<Reading>);

#[derive(Debug)]
struct Reading {
    head: Head,
    checked_at: Instant,
}

impl Gauge {
    pub fn new(head: Head) -> Self {
        Self(Mutex::new(Reading { head, checked_at: Instant::now() }))
    }

    fn reading(&self) -> std::sync::MutexGuard<'_, Reading> {
        self.0.lock().expect("no holder of this lock panics: it copies")
    }

    /// All up to this head's top is written, or left over, to every live member.
    pub fn set(&self, head: &Head) {
        let mut reading = self.reading();
        reading.head.top = head.top;
        if reading.head.epoch != head.epoch || reading.head.first != head.first {
            reading.head = head.clone();
        }
    }

    /// The broker has just confirmed the head.
    pub fn checked(&self, head: &Head) {
        let mut reading = self.reading();
        reading.head = head.clone();
        reading.checked_at = Instant::now();
    }

    pub fn head(&self) -> Head {
        self.reading().head.clone()
    }

    pub fn is_stale(&self) -> bool {
        self.reading().checked_at.elapsed() > STALE_AFTER
    }
}
