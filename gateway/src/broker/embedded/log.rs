//! One stream inside one write transaction: entries, indexes and trimming. Commits nothing and answers nobody.

use std::collections::HashMap;

use redb::{Error, ReadableTable, WriteTransaction};

use crate::broker::clock::millis;
use crate::broker::embedded::keys::Keys;
use crate::broker::embedded::record::{EntryFrame, HeadRow};
use crate::broker::embedded::section::{EntryView, SectionView, strange};
use crate::broker::embedded::tables::{HEADS, StreamTables};
use crate::broker::{BATCH_EVENTS_MAX, DedupeKey};
use crate::limits::Retention;
use crate::topic::StreamName;

/// Appends that are counted when it is told how much may go at once.
const APPENDS_COUNTED_MAX: usize = BATCH_EVENTS_MAX;
/// Dead keys that one append clears away, so that a long pause does not fall on one sender.
const DEAD_CLEARED_MAX: usize = 512;

/// The stream's tables and its head as this transaction has changed them.
pub(super) struct Log<'txn, 'f> {
    stream: StreamName,
    tables: StreamTables<'txn>,
    row: HeadRow,
    /// Of each topic that came, written once however often it did.
    newest: HashMap<&'f str, u64>,
    is_changed: bool,
}

/// What may stay in a stream, and how much of the rest may go at once.
pub(super) struct Keeping<'a> {
    pub(super) retention: Retention,
    pub(super) keys_max: u64,
    /// The time by which age is told.
    pub(super) at_ms: u64,
    /// So many times over one may clean up.
    pub(super) appends: usize,
    /// What is cleared away in the tables is here too, if they are held.
    pub(super) keys: Option<&'a mut Keys>,
}

/// A stream after a transaction.
pub(super) struct Finished {
    pub(super) stream: StreamName,
    pub(super) row: HeadRow,
    /// Whether anything was let go.
    pub(super) is_trimmed: bool,
    /// Dedupe keys that went before their time.
    pub(super) lost_early: u64,
}

impl<'txn, 'f> Log<'txn, 'f> {
    /// A stream without a row of its own yet gets one.
    pub(super) fn open(
        txn: &'txn WriteTransaction,
        stream: &StreamName,
        row: Result<HeadRow, HeadRow>,
    ) -> Result<Self, Error> {
        let is_changed = row.is_err();
        let row = row.unwrap_or_else(|new| new);
        let tables = StreamTables::open(txn, stream)?;
        Ok(Self { stream: stream.clone(), tables, row, newest: HashMap::new(), is_changed })
    }

    /// Puts a section's entries behind the newest, but for those that are there already.
    pub(super) fn put(&mut self, mut section: SectionView<'f>) -> Result<(), Error> {
        while let Some(entry) = section.next_entry()? {
            let top = self.row.head.top;
            if entry.offset > top + 1 {
                return Err(strange(&format!("entry {} comes after {top}", entry.offset)));
            }
            if entry.offset == top + 1 {
                self.put_entry(&entry)?;
            }
        }
        Ok(())
    }

    fn put_entry(&mut self, &EntryView { end_ms, offset, record }: &EntryView<'f>) -> Result<(), Error> {
        let frame = EntryFrame::decode(record)?;
        self.tables.log.insert(offset, record)?;
        // The same key at the same end: it was given a life of no length, twice in a millisecond.
        if self.tables.ends.insert((end_ms, &frame.key.0), ())?.is_none() {
            self.row.keys += 1;
        }
        self.row.head.top = offset;
        self.row.at_ms = frame.at_ms;
        self.row.bytes += frame.bytes();
        self.newest.insert(frame.topic, offset);
        self.is_changed = true;
        Ok(())
    }

    /// Writes what stands once a transaction however many events there were: the newest of each topic, and the head. Lets go
    /// of what is too much where it is told what may stay.
    pub(super) fn finish(
        mut self,
        txn: &WriteTransaction,
        keeping: Option<Keeping<'_>>,
    ) -> Result<Finished, Error> {
        for (topic, offset) in std::mem::take(&mut self.newest) {
            self.tables.last.insert(topic, offset)?;
        }
        let (mut is_trimmed, mut lost_early) = (false, 0);
        if let Some(mut keeping) = keeping {
            let before = (self.row.head.first, self.row.keys);
            self.trim(&keeping)?;
            lost_early = self.bound_keys(&mut keeping)?;
            is_trimmed = before != (self.row.head.first, self.row.keys);
        }
        if self.is_changed || is_trimmed {
            txn.open_table(HEADS)?.insert(self.stream.as_str(), self.row.encode().as_slice())?;
        }
        Ok(Finished { stream: self.stream, row: self.row, is_trimmed, lost_early })
    }

    /// Lets the oldest go while there is too much of anything, one batch of them an append at most.
    fn trim(&mut self, keeping: &Keeping<'_>) -> Result<(), Error> {
        let oldest_ms = keeping.at_ms.saturating_sub(millis(keeping.retention.age));
        let appends = keeping.appends.min(APPENDS_COUNTED_MAX);
        let start = self.row.head.first;
        let missing = |offset: u64| Error::Corrupted(format!("entry {offset} is missing"));
        if start <= self.row.head.top && self.tables.log.get(start)?.is_none() {
            return Err(missing(start));
        }
        let mut gone: HashMap<String, u64> = HashMap::new();
        for entry in self.tables.log.range(start..)?.take(BATCH_EVENTS_MAX * appends) {
            let (offset, record) = entry?;
            let (offset, frame) = (offset.value(), EntryFrame::decode(record.value())?);
            if offset != self.row.head.first {
                return Err(missing(self.row.head.first));
            }
            if !is_over(&self.row, &keeping.retention, frame.at_ms < oldest_ms) {
                break;
            }
            match gone.get_mut(frame.topic) {
                Some(newest) => *newest = offset,
                None => drop(gone.insert(frame.topic.to_owned(), offset)),
            }
            self.row.bytes -= frame.bytes();
            self.row.head.first = offset + 1;
        }
        if self.row.head.first > start {
            self.tables.log.retain_in(start..self.row.head.first, |_, _| false)?;
        }
        for (topic, newest) in gone {
            let is_last = self.tables.last.get(topic.as_str())?.is_some_and(|last| last.value() == newest);
            if is_last {
                self.tables.last.remove(topic.as_str())?;
            }
        }
        Ok(())
    }

    /// Clears dead keys and, beyond the bound, those nearest to their end; says how many of these still lived.
    fn bound_keys(&mut self, keeping: &mut Keeping<'_>) -> Result<u64, Error> {
        let dead_max = DEAD_CLEARED_MAX * keeping.appends.min(APPENDS_COUNTED_MAX);
        let (mut dead_cleared, mut lost_early, mut kept) = (0, 0, self.row.keys);
        let mut next = None;
        for end in self.tables.ends.iter()? {
            let (end, _) = end?;
            let (end_ms, key) = end.value();
            let is_dead = end_ms <= keeping.at_ms;
            if kept <= keeping.keys_max && !(is_dead && dead_cleared < dead_max) {
                next = Some((end_ms, *key));
                break;
            }
            if let Some(keys) = &mut keeping.keys {
                keys.clear(&DedupeKey(*key), end_ms);
            }
            kept -= 1;
            if is_dead {
                dead_cleared += 1;
            } else {
                lost_early += 1;
            }
        }
        if kept < self.row.keys {
            match &next {
                Some((end_ms, key)) => self.tables.ends.retain_in(..(*end_ms, key), |_, ()| false)?,
                None => self.tables.ends.retain(|_, ()| false)?,
            }
            self.row.keys = kept;
        }
        Ok(lost_early)
    }
}

/// Whether the oldest entry must go.
pub(super) fn is_over(row: &HeadRow, retention: &Retention, is_too_old: bool) -> bool {
    let kept = row.head.top + 1 - row.head.first;
    kept > retention.events || row.bytes > retention.bytes || is_too_old
}
