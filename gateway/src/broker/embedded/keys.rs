//! The dedupe keys of the streams that are written to, in memory: on disk they stand in the order of their ends alone.
//! Whether a key lives is asked for each event, and a table to look it up in costs a page of the file for each.

use std::collections::HashMap;

use redb::{Error, ReadableTable};

use crate::broker::DedupeKey;
use crate::broker::embedded::tables::EndsTable;
use crate::topic::StreamName;

/// Keys held of all streams together; beyond, streams that are not being written to are forgotten and read again.
const HELD_MAX: usize = 1_000_000;

/// When each key of a stream ends.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<DedupeKey, u64>);

impl Keys {
    /// A key may stand there twice, once for each time that it came; the later end counts.
    pub(super) fn read(ends: &EndsTable<'_>) -> Result<Self, Error> {
        let mut keys = Self::default();
        for row in ends.iter()? {
            let (end, _) = row?;
            let (end_ms, key) = end.value();
            keys.bring(DedupeKey(*key), end_ms);
        }
        Ok(keys)
    }

    pub(super) fn lives(&self, key: &DedupeKey, now_ms: u64) -> bool {
        self.0.get(key).is_some_and(|&end_ms| now_ms < end_ms)
    }

    pub(super) fn bring(&mut self, key: DedupeKey, end_ms: u64) {
        self.0.insert(key, end_ms);
    }

    /// This end of it is cleared away; one that came again has a later end.
    pub(super) fn clear(&mut self, key: &DedupeKey, end_ms: u64) {
        if self.0.get(key) == Some(&end_ms) {
            self.0.remove(key);
        }
    }
}

/// The keys of streams as they are in the store. A transaction takes what it needs and gives it back once it is committed;
/// what it does not give back is read again.
#[derive(Debug, Default)]
pub(super) struct HeldKeys(HashMap<StreamName, Keys>);

impl HeldKeys {
    pub(super) fn take(&mut self, stream: &StreamName) -> Option<Keys> {
        self.0.remove(stream)
    }

    pub(super) fn give_back(&mut self, stream: StreamName, keys: Keys) {
        let held: usize = self.0.values().map(|keys| keys.0.len()).sum();
        if held + keys.0.len() > HELD_MAX {
            self.0.clear();
        }
        self.0.insert(stream, keys);
    }
}
