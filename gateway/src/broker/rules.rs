//! What every broker is opened with: how much is kept, how much may wait, and the clock. No broker's own code.

use crate::broker::clock::Clock;
use crate::limits::{DEDUPE_KEYS_MAX, Limits, Retentions};
use crate::position::Epoch;

/// Below this much room on the volume appends stop, so that what is kept can still be read, trimmed and copied away.
const FREE_BYTES_MIN: u64 = 256 * 1024 * 1024;

/// Two thousand single appends, or as many bytes, between two syncs of the whole store.
const JOURNAL_BYTES: usize = 8 * 1024 * 1024;

/// The bounds of one broker and the clock it goes by.
#[derive(Debug, Clone)]
pub struct Rules {
    pub retentions: Retentions,
    /// Streams; one more is refused as unavailable.
    pub streams_max: usize,
    /// Dedupe keys of a stream; those nearest to their end go first.
    pub dedupe_keys_max: u64,
    /// Appends that wait at once; more are refused as full.
    pub appends_waiting_max: usize,
    /// Bytes of appends that wait at once; more are refused as full.
    pub append_bytes_waiting_max: usize,
    /// Room on the volume below which appends are refused as unavailable.
    pub free_bytes_min: u64,
    /// Length of the embedded broker's journal, in bytes.
    pub journal_bytes: usize,
    pub clock: Clock,
}

impl Rules {
    pub fn new(retentions: Retentions, limits: &Limits) -> Self {
        Self {
            retentions,
            streams_max: limits.streams,
            dedupe_keys_max: DEDUPE_KEYS_MAX,
            appends_waiting_max: limits.appends_waiting,
            append_bytes_waiting_max: limits.append_bytes_waiting,
            free_bytes_min: FREE_BYTES_MIN,
            journal_bytes: JOURNAL_BYTES,
            clock: Clock::system(),
        }
    }
}

/// A name for a history that nobody has had before.
pub(super) fn fresh_epoch() -> Epoch {
    let mut random = [0; 8];
    getrandom::fill(&mut random).expect("the system gives random bytes once it is up");
    Epoch::from_random(random)
}
