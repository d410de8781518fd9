//! The run's clock, and bells that end its parts: whoever waits for a while can be told that it is over.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Milliseconds since the run began, for whoever writes something down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    began: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { began: Instant::now() }
    }

    pub(crate) fn now_ms(&self) -> u32 {
        self.began.elapsed().as_millis() as u32
    }
}

/// Rings once.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    has_rung: Mutex<bool>,
    waiting: Condvar,
}

impl Bell {
    pub(crate) fn ring(&self) {
        *self.has_rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.waiting.notify_all();
    }

    pub(crate) fn has_rung(&self) -> bool {
        *self.has_rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long, or until it rings; says whether it has rung.
    pub(crate) fn pause(&self, length: Duration) -> bool {
        let rung = self.has_rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.waiting.wait_timeout_while(rung, length, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Asks again and again until `is_so`, it rings or the time is over; says whether it is so.
    pub(crate) fn wait_until(&self, length: Duration, mut is_so: impl FnMut() -> bool) -> bool {
        const STEP: Duration = Duration::from_millis(20);
        let until = Instant::now() + length;
        loop {
            if is_so() {
                return true;
            }
            if Instant::now() > until || self.pause(STEP) {
                return false;
            }
        }
    }
}
