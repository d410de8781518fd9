//! How long each hop of an event takes, for the operators' screen: counts in buckets that grow by a fifth, whether metrics are exported or
//! not. Noting costs one addition; whoever reads compares with what was counted some minutes ago.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Four to each doubling, from a microsecond to half an hour.
const BUCKETS: usize = 4 * 31;
/// Between two countings that are kept.
const COUNT_EVERY: Duration = Duration::from_secs(15);
/// Countings that are kept: five minutes.
const COUNTINGS_MAX: usize = 20;

/// The hops that are timed, in the order of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// From a delivery that is read to its verdict.
    Verify,
    /// The broker's answer to an append.
    Append,
    /// From a delivery's first byte to its answer.
    Answer,
    /// From an event's time in the log to the last write of its batch on this node.
    Deliver,
}

impl Hop {
    pub const ALL: [Self; 4] = [Self::Verify, Self::Append, Self::Answer, Self::Deliver];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Append => "append",
            Self::Answer => "answer",
            Self::Deliver => "deliver",
        }
    }

    /// One took so long, in this process.
    pub fn took(self, time: Duration) {
        COUNTS[self as usize][bucket(time)].fetch_add(1, Ordering::Relaxed);
    }
}

/// Of the process, as its metrics are.
static COUNTS: [[AtomicU64; BUCKETS]; 4] = [const { [const { AtomicU64::new(0) }; BUCKETS] }; 4];

type Counting = [[u64; BUCKETS]; 4];

fn count() -> Box<Counting> {
    let mut counting = Box::new([[0; BUCKETS]; 4]);
    for (into, from) in counting.as_flattened_mut().iter_mut().zip(COUNTS.as_flattened()) {
        *into = from.load(Ordering::Relaxed);
    }
    counting
}

/// The place of the leading bit, and the two bits behind it.
fn bucket(time: Duration) -> usize {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
    let doublings = micros.ilog2();
    let quarter = if doublings >= 2 { micros >> (doublings - 2) } else { micros << (2 - doublings) } & 3;
    (doublings as usize * 4 + quarter as usize).min(BUCKETS - 1)
}

/// What no time of this bucket reaches, in milliseconds.
fn upto_ms(bucket: usize) -> f64 {
    let (doublings, quarter) = (bucket / 4, bucket % 4);
    (1_u64 << doublings) as f64 * (5 + quarter) as f64 / 4.0 / 1_000.0
}

/// What one hop took lately.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    pub hop: Hop,
    /// None where there was nothing to time.
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub count: u64,
}

/// What was counted in the last minutes, kept so that "lately" means something.
#[derive(Debug, Default)]
pub struct Lately(Mutex<VecDeque<(Instant, Box<Counting>)>>);

impl Lately {
    /// Counts now and then until dropped.
    pub async fn keep(&self) {
        let mut pace = tokio::time::interval(COUNT_EVERY);
        loop {
            pace.tick().await;
            let mut kept = self.kept();
            if kept.len() >= COUNTINGS_MAX {
                kept.pop_front();
            }
            kept.push_back((Instant::now(), count()));
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, VecDeque<(Instant, Box<Counting>)>> {
        self.0.lock().expect("no holder of this lock panics: it counts")
    }

    /// How long each hop took since the oldest counting that is kept.
    pub fn timings(&self) -> Vec<Timing> {
        let now = count();
        let kept = self.kept();
        let before = kept.front().map(|(_, counting)| counting);
        let since = |hop: Hop| {
            let mut counts = now[hop as usize];
            if let Some(before) = before {
                counts.iter_mut().zip(before[hop as usize]).for_each(|(count, before)| *count -= before);
            }
            counts
        };
        Hop::ALL.into_iter().map(|hop| timing(hop, &since(hop))).collect()
    }
}

fn timing(hop: Hop, counts: &[u64; BUCKETS]) -> Timing {
    let count: u64 = counts.iter().sum();
    let share = |hundredths: u64| {
        let wanted = (count * hundredths).div_ceil(100);
        let mut passed = 0;
        let reached = |found: &u64| {
            passed += found;
            passed >= wanted
        };
        (count > 0).then(|| counts.iter().position(reached).map(upto_ms)).flatten()
    };
    Timing { hop, p50_ms: share(50), p99_ms: share(99), count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_time_and_is_a_quarter_wide_at_most() {
        for micros in [1, 2, 3, 4, 5, 7, 8, 100, 999, 1_000, 12_345, 1_000_000, 59_000_000] {
            let bucket = bucket(Duration::from_micros(micros));
            let upto = upto_ms(bucket) * 1_000.0;
            assert!(upto > micros as f64 && upto <= micros as f64 * 1.25 + 1.0, "{micros}: {upto}");
        }
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::MAX), BUCKETS - 1);
    }

    #[test]
    fn half_are_faster_than_p50_and_one_in_a_hundred_slower_than_p99() {
        let mut counts = [0; BUCKETS];
        counts[bucket(Duration::from_millis(1))] = 98;
        counts[bucket(Duration::from_millis(50))] = 1;
        counts[bucket(Duration::from_secs(2))] = 1;
        let timing = timing(Hop::Append, &counts);
        assert_eq!(timing.count, 100);
        assert!((1.0..1.3).contains(&timing.p50_ms.unwrap()), "{timing:?}");
        assert!((50.0..64.0).contains(&timing.p99_ms.unwrap()), "{timing:?}");
        let nothing = super::timing(Hop::Verify, &[0; BUCKETS]);
        assert_eq!((nothing.p50_ms, nothing.p99_ms, nothing.count), (None, None, 0));
    }
}
