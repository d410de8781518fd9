//! How often something may be said in a second: the first so many are, the others are counted. One word and no lock, for the
//! hot path.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::time::unix_ms;

/// More of one kind in a second are only counted, or a flood would fill the disk and the reserved stream.
pub const A_SECOND_MAX: u64 = 20;

#[derive(Debug, Default)]
pub struct Throttle {
    /// The second in the upper bits, how many were let through in it in the lower ones.
    word: AtomicU64,
    left_out: AtomicU64,
}

impl Throttle {
    /// Lets one through and tells how many were left out since the last; none when this second has had its share.
    pub fn enter(&self, now: SystemTime) -> Option<u64> {
        let second = second(now);
        let next = |word: u64| {
            let count = count(word, second);
            (count < A_SECOND_MAX).then(|| (second << 16) | (count + 1))
        };
        if self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok() {
            return Some(self.left_out.swap(0, Ordering::Relaxed));
        }
        self.left_out.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// Whether one would be let through now; changes nothing.
    pub fn is_open(&self, now: SystemTime) -> bool {
        count(self.word.load(Ordering::Relaxed), second(now)) < A_SECOND_MAX
    }
}

fn second(now: SystemTime) -> u64 {
    unix_ms(now).unsigned_abs() / 1_000
}

fn count(word: u64, second: u64) -> u64 {
    if word >> 16 == second { word & 0xFFFF } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn each_second_has_its_share_and_the_next_tells_of_the_rest() {
        let throttle = Throttle::default();
        let at = |ms: u64| UNIX_EPOCH + Duration::from_secs(1_000_000) + Duration::from_millis(ms);
        let entered = (0..50).filter(|ms| throttle.enter(at(*ms)).is_some()).count();
        assert_eq!(entered, 20);
        assert!(!throttle.is_open(at(999)) && throttle.is_open(at(1_000)));
        assert_eq!(throttle.enter(at(1_000)), Some(30));
        assert_eq!(throttle.enter(at(1_001)), Some(0));
    }
}
