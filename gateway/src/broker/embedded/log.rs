//! One stream inside one write transaction: dedupe, numbers, indexes and trimming. Commits nothing and answers nobody.

use redb::{Error, ReadableTable, WriteTransaction};

use crate::broker::clock::millis;
use crate::broker::embedded::record::{EntryFrame, HeadRow, encode_entry, entry_bytes};
use crate::broker::embedded::tables::{HEADS, StreamTables};
use crate::broker::rules::Rules;
use crate::broker::{Append, Appended, BATCH_EVENTS_MAX, DedupeKey, Entry, NewEvent, Outcome};
use crate::limits::Retention;
use crate::topic::StreamName;

/// Dead keys that one append clears away, so that a long pause does not fall on one sender.
const DEAD_CLEARED_MAX: usize = 512;

/// The stream's tables and its head as this transaction has changed them.
pub(super) struct Log<'txn> {
    stream: StreamName,
    tables: StreamTables<'txn>,
    row: HeadRow,
    retention: Retention,
    keys_max: u64,
    record: Vec<u8>,
    is_changed: bool,
    accepted: Vec<Entry>,
    lost_early: u64,
}

/// What a transaction did to a stream.
pub(super) struct Change {
    pub(super) stream: StreamName,
    pub(super) row: HeadRow,
    pub(super) accepted: Vec<Entry>,
    /// Dedupe keys that went before their time.
    pub(super) lost_early: u64,
}

impl<'txn> Log<'txn> {
    /// A stream without a row of its own yet gets one.
    pub(super) fn open(
        txn: &'txn WriteTransaction,
        stream: &StreamName,
        row: Result<HeadRow, HeadRow>,
        rules: &Rules,
    ) -> Result<Self, Error> {
        Ok(Self {
            stream: stream.clone(),
            tables: StreamTables::open(txn, stream)?,
            is_changed: row.is_err(),
            row: row.unwrap_or_else(|new| new),
            retention: rules.retentions.of(stream),
            keys_max: rules.dedupe_keys_max,
            record: Vec::new(),
            accepted: Vec::new(),
            lost_early: 0,
        })
    }

    /// Without events it only trims.
    pub(super) fn append(&mut self, append: Append, clock_ms: u64) -> Result<Appended, Error> {
        let at_ms = self.row.at_ms.max(clock_ms);
        let end_ms = at_ms.saturating_add(millis(append.dedupe));
        let mut outcomes = Vec::with_capacity(append.events.len());
        for event in append.events {
            outcomes.push(self.take(event, at_ms, end_ms)?);
        }
        self.trim(at_ms)?;
        self.bound_keys(at_ms)?;
        Ok(Appended { head: self.row.head.clone(), outcomes })
    }

    fn take(&mut self, event: NewEvent, at_ms: u64, end_ms: u64) -> Result<Outcome, Error> {
        let NewEvent { key, topic, body } = event;
        if !self.bring_key(&key, at_ms, end_ms)? {
            return Ok(Outcome::Duplicate);
        }
        let offset = self.row.head.top + 1;
        let entry = Entry { offset, at_ms, topic, key, body };
        self.record.clear();
        encode_entry(&entry, &mut self.record);
        self.tables.log.insert(offset, self.record.as_slice())?;
        self.tables.last.insert(entry.topic.as_str(), offset)?;
        self.row.head.top = offset;
        self.row.at_ms = at_ms;
        self.row.bytes += entry_bytes(&entry);
        self.accepted.push(entry);
        self.is_changed = true;
        Ok(Outcome::Accepted { offset })
    }

    /// Whether the key is new; one that lives stays as it is.
    fn bring_key(&mut self, key: &DedupeKey, at_ms: u64, end_ms: u64) -> Result<bool, Error> {
        let earlier_end_ms = self.tables.keys.get(&key.0)?.map(|end| end.value());
        match earlier_end_ms {
            Some(earlier_end_ms) if at_ms < earlier_end_ms => return Ok(false),
            Some(earlier_end_ms) => {
                self.tables.ends.remove((earlier_end_ms, &key.0))?;
            }
            None => self.row.keys += 1,
        }
        self.tables.keys.insert(&key.0, end_ms)?;
        self.tables.ends.insert((end_ms, &key.0), ())?;
        Ok(true)
    }

    /// Lets the oldest go while there is too much of anything, one batch of them at most.
    fn trim(&mut self, at_ms: u64) -> Result<(), Error> {
        let oldest_ms = at_ms.saturating_sub(millis(self.retention.age));
        for _ in 0..BATCH_EVENTS_MAX {
            let (first, top) = (self.row.head.first, self.row.head.top);
            if first > top {
                return Ok(());
            }
            let record = self.tables.log.get(first)?;
            let record = record.ok_or_else(|| Error::Corrupted(format!("entry {first} is missing")))?;
            let frame = EntryFrame::decode(record.value())?;
            if !is_over(&self.row, &self.retention, frame.at_ms < oldest_ms) {
                return Ok(());
            }
            let is_last = self.tables.last.get(frame.topic)?.is_some_and(|last| last.value() == first);
            if is_last {
                self.tables.last.remove(frame.topic)?;
            }
            self.row.bytes -= frame.bytes();
            drop(record);
            self.tables.log.remove(first)?;
            self.row.head.first = first + 1;
            self.is_changed = true;
        }
        Ok(())
    }

    /// Clears dead keys and, beyond the bound, those nearest to their end.
    fn bound_keys(&mut self, at_ms: u64) -> Result<(), Error> {
        let mut dead_cleared = 0;
        loop {
            let next_to_end = self.tables.ends.first()?.map(|(end, _)| {
                let (end_ms, key) = end.value();
                (end_ms, *key)
            });
            let Some((end_ms, key)) = next_to_end else { return Ok(()) };
            let is_dead = end_ms <= at_ms;
            if self.row.keys <= self.keys_max && !(is_dead && dead_cleared < DEAD_CLEARED_MAX) {
                return Ok(());
            }
            self.tables.ends.remove((end_ms, &key))?;
            self.tables.keys.remove(&key)?;
            self.row.keys -= 1;
            self.is_changed = true;
            if is_dead {
                dead_cleared += 1;
            } else {
                self.lost_early += 1;
            }
        }
    }

    /// Writes the head; none when the transaction has changed nothing of this stream.
    pub(super) fn finish(self, txn: &WriteTransaction) -> Result<Option<Change>, Error> {
        if !self.is_changed {
            return Ok(None);
        }
        txn.open_table(HEADS)?.insert(self.stream.as_str(), self.row.encode().as_slice())?;
        let Self { stream, row, accepted, lost_early, .. } = self;
        Ok(Some(Change { stream, row, accepted, lost_early }))
    }
}

/// Whether the oldest entry must go.
pub(super) fn is_over(row: &HeadRow, retention: &Retention, is_too_old: bool) -> bool {
    let kept = row.head.top + 1 - row.head.first;
    kept > retention.events || row.bytes > retention.bytes || is_too_old
}
