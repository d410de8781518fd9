//! How many deliveries of a source came to this node since it began, by what became of them, and its beats: accepted and
//! refused in each of the last 60 minutes. Pure.

use std::time::SystemTime;

use crate::telemetry::DeliveryOutcome;

use super::time::unix_ms;

/// Minutes of beats.
const MINUTES: usize = 60;

/// See the head of the file.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    /// In the order of [`DeliveryOutcome::ALL`].
    counts: [u64; DeliveryOutcome::ALL.len()],
    /// Accepted and refused, a ring by the minute.
    beats: [[u32; 2]; MINUTES],
    /// The newest minute of the ring, since 1970.
    minute: i64,
}

impl Default for Tally {
    fn default() -> Self {
        Self { counts: [0; DeliveryOutcome::ALL.len()], beats: [[0; 2]; MINUTES], minute: 0 }
    }
}

impl Tally {
    pub(super) fn count(&mut self, outcome: DeliveryOutcome, at: SystemTime) {
        if let Some(count) = DeliveryOutcome::ALL.iter().zip(&mut self.counts).find(|(it, _)| **it == outcome)
        {
            *count.1 += 1;
        }
        let kind = match outcome {
            DeliveryOutcome::Accepted => 0,
            DeliveryOutcome::Refused => 1,
            _ => return,
        };
        // A clock that is set back counts into the newest minute.
        self.turn(minute_of(at));
        let beat = &mut self.beats[place(self.minute)][kind];
        *beat = beat.saturating_add(1);
    }

    /// Each outcome and how many there were.
    pub fn counts(&self) -> impl Iterator<Item = (DeliveryOutcome, u64)> {
        DeliveryOutcome::ALL.into_iter().zip(self.counts)
    }

    /// Accepted and refused of each minute, the oldest first; the last is the minute of `now`.
    pub fn beats(mut self, now: SystemTime) -> [[u32; 2]; MINUTES] {
        self.turn(minute_of(now));
        let mut beats = self.beats;
        beats.rotate_left((place(self.minute) + 1) % MINUTES);
        beats
    }

    /// Minutes in which nothing came are empty.
    fn turn(&mut self, minute: i64) {
        let passed = minute - self.minute;
        if let Ok(passed) = usize::try_from(passed) {
            let newest = place(minute);
            for back in 0..passed.min(MINUTES) {
                self.beats[(newest + MINUTES - back) % MINUTES] = [0; 2];
            }
        }
        self.minute = self.minute.max(minute);
    }
}

fn minute_of(at: SystemTime) -> i64 {
    unix_ms(at) / 60_000
}

fn place(minute: i64) -> usize {
    // No clock of ours shows a time before 1970.
    usize::try_from(minute).map_or(0, |minute| minute % MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn beats_are_of_the_last_hour_and_counts_of_all_time() {
        let at = |minute: u64| UNIX_EPOCH + Duration::from_secs(1_000_000 * 60 + minute * 60 + 59);
        let mut tally = Tally::default();
        for (outcome, minute) in [
            (DeliveryOutcome::Accepted, 0),
            (DeliveryOutcome::Refused, 0),
            (DeliveryOutcome::Accepted, 58),
            (DeliveryOutcome::Duplicate, 59),
            (DeliveryOutcome::Accepted, 59),
            (DeliveryOutcome::Accepted, 57),
        ] {
            tally.count(outcome, at(minute));
        }
        let beats = tally.beats(at(59));
        assert_eq!((beats[0], beats[58], beats[59]), ([1, 1], [1, 0], [2, 0]), "set back is now");
        let beats = tally.beats(at(61));
        assert_eq!((beats[0], beats[56], beats[57], beats[59]), ([0, 0], [1, 0], [2, 0], [0, 0]));
        assert_eq!(tally.beats(at(1_000)), [[0; 2]; 60]);
        let counts: Vec<u64> = tally.counts().map(|(_, count)| count).collect();
        assert_eq!(counts, [4, 1, 0, 1, 0, 0]);
    }
}
