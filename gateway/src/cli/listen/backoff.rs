//! How long to stay away: full jitter, so that clients that were lost together do not come back together. Pure.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LAST: Duration = Duration::from_secs(20);
/// A connection that lived shorter was no recovery.
const STABLE_AFTER: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// A connection lived this long.
    pub(super) fn lived(&mut self, duration: Duration) {
        if duration >= STABLE_AFTER {
            self.attempts = 0;
        }
    }

    /// The next wait; `random` is in 0..1.
    pub(super) fn next(&mut self, random: f64) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.attempts.min(10)).min(LAST);
        self.attempts += 1;
        ceiling.mul_f64(random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_bound_and_begin_anew_after_a_stable_connection() {
        let mut backoff = Backoff::default();
        let ceilings: Vec<_> = (0..8).map(|_| backoff.next(1.0).as_millis()).collect();
        assert_eq!(ceilings, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
        backoff.lived(Duration::from_secs(9));
        assert_eq!(backoff.next(1.0), LAST);
        backoff.lived(STABLE_AFTER);
        assert_eq!(backoff.next(0.5), Duration::from_millis(250));
    }
}
