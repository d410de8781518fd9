//! All subscribers gone at one moment, and back at another: what follows the restart of a proxy or a lost network.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{STALL, Subscriber, Swarm};

/// Dialled before the answers of the others are looked at, so that neither side waits for the other's turn.
const DIALLED_AT_ONCE: usize = 64;

impl Swarm {
    /// Every subscriber lets go of its socket; each keeps its place in the stream.
    pub(crate) fn go_away(&mut self) {
        self.subscribers.iter_mut().for_each(Subscriber::leave);
    }

    /// Every subscriber dials at once and resumes. Returns how long it took until the last one had, or was told, everything.
    pub(crate) fn come_back(&mut self) -> Result<Duration> {
        let began = Instant::now();
        for index in 0..self.subscribers.len() {
            self.dial(index)?;
            if index % DIALLED_AT_ONCE == DIALLED_AT_ONCE - 1 {
                self.turn(Some(Duration::ZERO))?;
            }
        }
        let (mut missing, mut last) = (usize::MAX, began);
        loop {
            let left =
                self.subscribers.iter().filter(|subscriber| !subscriber.is_back(self.ledger.top())).count();
            if left == 0 {
                return Ok(began.elapsed());
            }
            if left < missing {
                (missing, last) = (left, Instant::now());
            }
            ensure!(last.elapsed() < STALL, "{left} subscribers did not come back in {STALL:?}");
            // Most turns bring many; the count above is what takes time, so it is not taken after each.
            for _ in 0..8 {
                self.turn(Some(Duration::from_millis(1)))?;
            }
        }
    }
}
