//! How fast a client may speak: a bucket of messages, refilled by the clock. Pure but for the instant it is given.

use tokio::time::Instant;

/// Refusals after which a client that does not listen is closed.
const REFUSALS_MAX: u32 = 100;

/// One client's allowance.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: u32,
    burst: u32,
    left: u32,
    refilled_at: Option<Instant>,
    refused: u32,
}

/// What to do with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    TooFast,
    Abuse,
}

impl Rate {
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: per_second.max(1), burst, left: burst, refilled_at: None, refused: 0 }
    }

    pub(super) fn take(&mut self, now: Instant) -> Verdict {
        let since = now.saturating_duration_since(*self.refilled_at.get_or_insert(now));
        let refill = since.as_millis() * u128::from(self.per_second) / 1_000;
        if refill >= 1 {
            self.left = self.burst.min(self.left.saturating_add(u32::try_from(refill).unwrap_or(u32::MAX)));
            self.refilled_at = Some(now);
        }
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            return Verdict::Fine;
        }
        self.refused += 1;
        if self.refused >= REFUSALS_MAX { Verdict::Abuse } else { Verdict::TooFast }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_then_a_rate_then_the_end() {
        let start = Instant::now();
        let mut rate = Rate::new(20, 3);
        for expected in [Verdict::Fine, Verdict::Fine, Verdict::Fine, Verdict::TooFast] {
            assert_eq!(rate.take(start), expected);
        }
        assert_eq!(rate.take(start + Duration::from_millis(50)), Verdict::Fine);
        for _ in 0..98 {
            assert_eq!(rate.take(start + Duration::from_millis(50)), Verdict::TooFast);
        }
        assert_eq!(rate.take(start + Duration::from_millis(50)), Verdict::Abuse);
    }
}
