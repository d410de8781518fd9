//! The dedupe keys of one stream in memory, with their ends and their bound. Knows no log.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::broker::DedupeKey;

/// Dead keys that one append clears away, so that a long pause does not fall on one sender.
const DEAD_CLEARED_MAX: usize = 512;

/// Which keys live, and in which order they end.
///
/// Keys come with few different lifetimes (one a source) and time never runs backwards, so within a lifetime they end in
/// the order they came: a queue each is sorted for free.
#[derive(Debug, Default)]
pub(super) struct Keys {
    ends_ms: HashMap<DedupeKey, u64, Leading>,
    queues: BTreeMap<u64, VecDeque<(u64, DedupeKey)>>,
    queued: u64,
}

impl Keys {
    /// Takes a key, unless it lives already: then nothing is changed, and it says so.
    pub(super) fn take(&mut self, key: DedupeKey, now_ms: u64, lifetime_ms: u64) -> bool {
        // What has ended by now is as good as absent.
        let known_ms = self.ends_ms.entry(key).or_insert(now_ms);
        if now_ms < *known_ms {
            return false;
        }
        let end_ms = now_ms.saturating_add(lifetime_ms);
        *known_ms = end_ms;
        self.queues.entry(lifetime_ms).or_default().push_back((end_ms, key));
        self.queued += 1;
        true
    }

    /// Clears dead keys and, beyond the bound, those nearest to their end; says how many of these still lived.
    pub(super) fn bound(&mut self, now_ms: u64, keys_max: u64) -> u64 {
        let (mut dead_cleared, mut lost_early) = (0, 0);
        while let Some((end_ms, lifetime_ms)) = self.next_to_end() {
            let is_dead = end_ms <= now_ms;
            if self.queued <= keys_max && !(is_dead && dead_cleared < DEAD_CLEARED_MAX) {
                break;
            }
            self.clear_first_of(lifetime_ms);
            if is_dead {
                dead_cleared += 1;
            } else {
                lost_early += 1;
            }
        }
        lost_early
    }

    fn next_to_end(&self) -> Option<(u64, u64)> {
        let firsts = self.queues.iter().filter_map(|(&lifetime_ms, queue)| {
            let &(end_ms, _) = queue.front()?;
            Some((end_ms, lifetime_ms))
        });
        firsts.min()
    }

    fn clear_first_of(&mut self, lifetime_ms: u64) {
        let queue = self.queues.get_mut(&lifetime_ms).expect("its first was just seen");
        let (end_ms, key) = queue.pop_front().expect("its first was just seen");
        if queue.is_empty() {
            self.queues.remove(&lifetime_ms);
        }
        self.queued -= 1;
        // A dead key that came again has a later end, and a place of its own in a queue.
        if self.ends_ms.get(&key) == Some(&end_ms) {
            self.ends_ms.remove(&key);
        }
    }
}

/// Hashes by the first bytes of a key, which is a digest already. Whoever chooses what is digested can look for keys that begin
/// alike, so where a key comes to lie also depends on a number that is drawn for each stream.
#[derive(Debug)]
struct Leading {
    drawn: u64,
}

impl Default for Leading {
    fn default() -> Self {
        Self { drawn: RandomState::new().hash_one(()) }
    }
}

impl BuildHasher for Leading {
    type Hasher = LeadingHasher;

    fn build_hasher(&self) -> LeadingHasher {
        LeadingHasher(self.drawn)
    }
}

#[derive(Debug)]
struct LeadingHasher(u64);

impl Hasher for LeadingHasher {
    fn write(&mut self, bytes: &[u8]) {
        /// Odd, with ones and zeros in no order: the golden ratio's digits.
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let first = bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let product = u128::from(first ^ self.0) * u128::from(FACTOR);
        // Each half depends on bits that the other does not.
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }

    /// The length, which all keys have in common.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
