//! One stream inside one write transaction: dedupe, numbers, indexes and trimming. Commits nothing and answers nobody.

use std::collections::HashMap;

use redb::{Error, ReadableTable, WriteTransaction};

use crate::broker::clock::millis;
use crate::broker::embedded::keys::Keys;
use crate::broker::embedded::record::{EntryFrame, HeadRow, entry_bytes};
use crate::broker::embedded::replay::Section;
use crate::broker::embedded::tables::{HEADS, StreamTables};
use crate::broker::rules::Rules;
use crate::broker::{Append, BATCH_EVENTS_MAX, DedupeKey, Entry, NewEvent, Outcome};
use crate::limits::Retention;
use crate::topic::StreamName;

/// Dead keys that one append clears away, so that a long pause does not fall on one sender.
const DEAD_CLEARED_MAX: usize = 512;

/// The stream's tables and its head as this transaction has changed them.
pub(super) struct Log<'txn> {
    stream: StreamName,
    tables: StreamTables<'txn>,
    row: HeadRow,
    /// Read when the first event asks for them: whoever only trims has no need of them.
    keys: Option<Keys>,
    retention: Retention,
    keys_max: u64,
    /// The time of the newest append: the clock's, unless that runs behind the newest entry.
    at_ms: u64,
    /// How many appends there were: so many times over one may clean up.
    appends: usize,
    section: Section,
    is_changed: bool,
    accepted: Vec<Entry>,
    lost_early: u64,
}

/// A stream after a transaction.
pub(super) struct Finished {
    pub(super) stream: StreamName,
    pub(super) row: HeadRow,
    pub(super) keys: Option<Keys>,
    pub(super) is_changed: bool,
    /// Whether anything was let go.
    pub(super) is_trimmed: bool,
    pub(super) accepted: Vec<Entry>,
    /// What the journal has to hold of it, if anything.
    pub(super) section: Option<Section>,
    /// Dedupe keys that went before their time.
    pub(super) lost_early: u64,
}

impl<'txn> Log<'txn> {
    /// A stream without a row of its own yet gets one.
    pub(super) fn open(
        txn: &'txn WriteTransaction,
        stream: &StreamName,
        row: Result<HeadRow, HeadRow>,
        keys: Option<Keys>,
        rules: &Rules,
    ) -> Result<Self, Error> {
        let is_changed = row.is_err();
        let row = row.unwrap_or_else(|new| new);
        Ok(Self {
            stream: stream.clone(),
            tables: StreamTables::open(txn, stream)?,
            keys,
            retention: rules.retentions.of(stream),
            keys_max: rules.dedupe_keys_max,
            at_ms: row.at_ms,
            appends: 0,
            section: Section::new(stream, row.head.epoch),
            row,
            is_changed,
            accepted: Vec::new(),
            lost_early: 0,
        })
    }

    /// Without events it only makes the next [`Self::finish`] trim.
    pub(super) fn append(&mut self, append: &Append, clock_ms: u64) -> Result<Vec<Outcome>, Error> {
        self.at_ms = self.row.at_ms.max(clock_ms);
        self.appends += 1;
        let end_ms = self.at_ms.saturating_add(millis(append.dedupe));
        append.events.iter().map(|event| self.take(event, end_ms)).collect()
    }

    fn take(&mut self, event: &NewEvent, end_ms: u64) -> Result<Outcome, Error> {
        let keys = match &mut self.keys {
            Some(keys) => keys,
            unread => unread.insert(Keys::read(&self.tables.ends)?),
        };
        if keys.lives(&event.key, self.at_ms, &self.tables.ends)? {
            return Ok(Outcome::Duplicate);
        }
        keys.bring(&event.key, end_ms);
        let NewEvent { key, topic, body } = event.clone();
        let entry = Entry { offset: self.row.head.top + 1, at_ms: self.at_ms, topic, key, body };
        let record = self.section.add(&entry, end_ms);
        put(&mut self.tables, &mut self.row, &entry, end_ms, record)?;
        self.is_changed = true;
        let offset = entry.offset;
        self.accepted.push(entry);
        Ok(Outcome::Accepted { offset })
    }

    /// Lets the oldest go while there is too much of anything, one batch of them an append at most.
    fn trim(&mut self) -> Result<(), Error> {
        let oldest_ms = self.at_ms.saturating_sub(millis(self.retention.age));
        for _ in 0..BATCH_EVENTS_MAX * self.appends {
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
    fn bound_keys(&mut self) -> Result<(), Error> {
        let mut dead_cleared = 0;
        loop {
            let next_to_end = self.tables.ends.first()?.map(|(end, _)| {
                let (end_ms, key) = end.value();
                (end_ms, DedupeKey(*key))
            });
            let Some((end_ms, key)) = next_to_end else { return Ok(()) };
            let is_dead = end_ms <= self.at_ms;
            if self.row.keys <= self.keys_max && !(is_dead && dead_cleared < DEAD_CLEARED_MAX * self.appends)
            {
                return Ok(());
            }
            self.tables.ends.remove((end_ms, &key.0))?;
            if let Some(keys) = &mut self.keys {
                keys.clear(&key, end_ms);
            }
            self.row.keys -= 1;
            self.is_changed = true;
            if is_dead {
                dead_cleared += 1;
            } else {
                self.lost_early += 1;
            }
        }
    }

    /// Trims, and writes what stands once a transaction however many events there were: the newest of each topic, and the head.
    pub(super) fn finish(mut self, txn: &WriteTransaction) -> Result<Finished, Error> {
        let newest: HashMap<&str, u64> =
            self.accepted.iter().map(|entry| (entry.topic.as_str(), entry.offset)).collect();
        for (topic, offset) in newest {
            self.tables.last.insert(topic, offset)?;
        }
        // A new stream, or new events; what is trimmed is trimmed again.
        let is_to_keep = std::mem::take(&mut self.is_changed);
        self.trim()?;
        self.bound_keys()?;
        let is_trimmed = self.is_changed;
        let is_changed = is_to_keep || is_trimmed;
        if is_changed {
            txn.open_table(HEADS)?.insert(self.stream.as_str(), self.row.encode().as_slice())?;
        }
        let Self { stream, row, keys, accepted, section, lost_early, .. } = self;
        let section = is_to_keep.then_some(section);
        Ok(Finished { stream, row, keys, is_changed, is_trimmed, accepted, section, lost_early })
    }
}

/// Puts an entry behind the newest, but for its topic's newest offset.
pub(super) fn put(
    tables: &mut StreamTables<'_>,
    row: &mut HeadRow,
    entry: &Entry,
    end_ms: u64,
    record: &[u8],
) -> Result<(), Error> {
    tables.log.insert(entry.offset, record)?;
    // The same key at the same end: it was given a life of no length, twice in a millisecond.
    if tables.ends.insert((end_ms, &entry.key.0), ())?.is_none() {
        row.keys += 1;
    }
    row.head.top = entry.offset;
    row.at_ms = entry.at_ms;
    row.bytes += entry_bytes(entry);
    Ok(())
}

/// Whether the oldest entry must go.
pub(super) fn is_over(row: &HeadRow, retention: &Retention, is_too_old: bool) -> bool {
    let kept = row.head.top + 1 - row.head.first;
    kept > retention.events || row.bytes > retention.bytes || is_too_old
}
