//! The dedupe keys of the streams that are appended to, in memory: on disk they stand in the order of their ends alone. Whether a
//! key lives is asked for each event, and a table to look it up in costs a page of the file for each.

use std::collections::HashMap;

use redb::{Error, ReadableTable};

use crate::broker::DedupeKey;
use crate::broker::embedded::tables::EndKey;
use crate::topic::StreamName;

/// Keys held of all streams together, of about 30 bytes each; beyond, those of the streams that were appended to longest ago go, and
/// are read again when they are needed.
const HELD_MAX: usize = 4_000_000;
/// Keys of the streams that are ahead of the tables; beyond, those catch up, so that the others can be let go.
pub(super) const KEYS_AHEAD_MAX: usize = HELD_MAX / 2;

/// When the keys of a stream end, by the first 8 bytes of a key: what is found is looked up in full.
#[derive(Debug, Default)]
pub(super) struct Keys {
    ends_ms: HashMap<u64, u64>,
    /// Those that the tables have not got yet.
    fresh: HashMap<u64, DedupeKey>,
}

impl Keys {
    /// A key may stand there twice, once for each time that it came; the later end counts.
    pub(super) fn read(ends: &impl ReadableTable<EndKey, ()>) -> Result<Self, Error> {
        let mut keys = Self::default();
        for row in ends.iter()? {
            let (end, _) = row?;
            let (end_ms, key) = end.value();
            keys.ends_ms.insert(short(&DedupeKey(*key)), end_ms);
        }
        Ok(keys)
    }

    /// `is_kept` says whether the tables have the key with this end.
    pub(super) fn lives(
        &self,
        key: &DedupeKey,
        now_ms: u64,
        is_kept: impl FnOnce(u64) -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        match self.ends_ms.get(&short(key)) {
            Some(&end_ms) if now_ms < end_ms => {
                Ok(self.fresh.get(&short(key)) == Some(key) || is_kept(end_ms)?)
            }
            _ => Ok(false),
        }
    }

    pub(super) fn bring(&mut self, key: &DedupeKey, end_ms: u64) {
        self.ends_ms.insert(short(key), end_ms);
        self.fresh.insert(short(key), *key);
    }

    /// The tables have them all.
    pub(super) fn settle(&mut self) {
        self.fresh = HashMap::new();
    }

    pub(super) fn count(&self) -> usize {
        self.ends_ms.len()
    }

    pub(super) fn fresh_count(&self) -> u64 {
        self.fresh.len() as u64
    }

    /// This end of it is cleared away; one that came again has a later end.
    pub(super) fn clear(&mut self, key: &DedupeKey, end_ms: u64) {
        if self.ends_ms.get(&short(key)) == Some(&end_ms) {
            self.ends_ms.remove(&short(key));
        }
    }
}

/// Keys are digests: no two that live begin alike, but for whoever computes for years to have their own event taken twice.
fn short(key: &DedupeKey) -> u64 {
    u64::from_be_bytes(*key.0.first_chunk().expect("a key has 32 bytes"))
}

/// The keys of streams as they are in the store. Whoever appends takes them, and gives them back once
/// the tables have what it brought.
#[derive(Debug, Default)]
pub(super) struct HeldKeys {
    /// With the number of the transaction that gave them back.
    of_streams: HashMap<StreamName, (u64, Keys)>,
    transactions: u64,
}

impl HeldKeys {
    pub(super) fn take(&mut self, stream: &StreamName) -> Option<Keys> {
        self.of_streams.remove(stream).map(|(_, keys)| keys)
    }

    /// All of one transaction.
    pub(super) fn give_back(&mut self, keys: impl Iterator<Item = (StreamName, Keys)>) {
        self.transactions += 1;
        let number = self.transactions;
        self.of_streams.extend(keys.map(|(stream, keys)| (stream, (number, keys))));
        self.bound(HELD_MAX);
    }

    fn bound(&mut self, held_max: usize) {
        let mut held: usize = self.of_streams.values().map(|(_, keys)| keys.count()).sum();
        while held > held_max {
            let others = self.of_streams.iter().filter(|(_, (number, _))| *number < self.transactions);
            let Some((oldest, _)) = others.min_by_key(|(_, (number, _))| *number) else { return };
            let oldest = oldest.clone();
            held -= self.of_streams.remove(&oldest).map_or(0, |(_, keys)| keys.count());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(name: &str) -> StreamName {
        StreamName::parse(name).unwrap()
    }

    fn keys(count: u64) -> Keys {
        Keys { ends_ms: (0..count).map(|key| (key, 1)).collect(), fresh: HashMap::new() }
    }

    #[test]
    fn beyond_the_bound_the_stream_of_longest_ago_goes_and_none_of_this_transaction() {
        let mut held = HeldKeys::default();
        for name in ["a", "b", "c"] {
            held.give_back([(stream(name), keys(10))].into_iter());
        }
        let again = held.take(&stream("a")).unwrap();
        held.give_back([(stream("a"), again)].into_iter());
        held.bound(20);
        let mut names: Vec<_> = held.of_streams.keys().map(StreamName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "c"]);
        held.give_back([(stream("d"), keys(10)), (stream("e"), keys(20))].into_iter());
        held.bound(20);
        assert!(held.take(&stream("a")).is_none() && held.take(&stream("c")).is_none());
        assert!(held.take(&stream("d")).is_some() && held.take(&stream("e")).is_some());
    }
}
