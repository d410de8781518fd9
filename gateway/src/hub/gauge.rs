//! What a stream's task lets others see without asking it: how far its live members have been written to.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::position::{Head, Position};

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
    /// The epoch is over, and not everybody has been told.
    is_turning: bool,
}

impl Gauge {
    /// Unchecked for `stale_after`, a stream is stale: nobody vouches for it.
    pub fn new(head: Head, stale_after: Duration) -> Self {
        Self {
            reading: Mutex::new(Reading { head, checked_at: Instant::now(), is_turning: false }),
            stale_after,
        }
    }

    fn reading(&self) -> std::sync::MutexGuard<'_, Reading> {
        self.reading.lock().expect("no holder of this lock panics: it copies")
    }

    /// From now on, until the next head is set, nobody vouches for the stream: a member may have been told of the next
    /// epoch or not.
    pub fn turn(&self) {
        self.reading().is_turning = true;
    }

    /// How far a heartbeat may vouch; none while the epoch turns over.
    pub fn vouched(&self) -> Option<Position> {
        let reading = self.reading();
        (!reading.is_turning).then(|| reading.head.position())
    }

    /// All up to this head's top is written, or left over, to every live member.
    pub fn set(&self, head: &Head) {
        let mut reading = self.reading();
        reading.is_turning = false;
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
