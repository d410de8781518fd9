//! What a stream's task lets others see without asking it: how far its live members have been written to.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::position::Head;

/// The head as live members know it. Written after each batch, read by new subscriptions and heartbeats.
#[derive(Debug)]
pub struct Gauge {
    reading: Mutex<Reading>,
    stale_after: Duration,
}

#[derive(Debug)]
struct Reading {
    head: Head,
    checked_at: Instant,
}

impl Gauge {
    /// Unchecked for `stale_after`, a stream is stale: nobody vouches for it.
    pub fn new(head: Head, stale_after: Duration) -> Self {
        Self { reading: Mutex::new(Reading { head, checked_at: Instant::now() }), stale_after }
    }

    fn reading(&self) -> std::sync::MutexGuard<'_, Reading> {
        self.reading.lock().expect("no holder of this lock panics: it copies")
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
        self.stale_at() <= Instant::now()
    }

    /// When it will be stale, if no check comes before.
    pub fn stale_at(&self) -> Instant {
        self.reading().checked_at + self.stale_after
    }
}
