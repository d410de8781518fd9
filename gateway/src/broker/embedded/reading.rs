//! What is read of one stream in one read transaction, all of the same moment. Writes nothing, waits for nobody.

use redb::{Error, ReadTransaction, ReadableTable};

use crate::broker::clock::millis;
use crate::broker::embedded::log::is_over;
use crate::broker::embedded::record::{EntryFrame, HeadRow, decode_entry};
use crate::broker::embedded::tables::{HEADS, read_last, read_log};
use crate::broker::{BATCH_EVENTS_MAX, Entry, Page};
use crate::limits::Retention;
use crate::position::{Epoch, Head};
use crate::topic::{StreamName, Topic};

/// A stream as one transaction sees it.
pub(super) struct Reading<'a> {
    txn: &'a ReadTransaction,
    stream: &'a StreamName,
    row: HeadRow,
    /// Whether the stream is in the store yet.
    is_kept: bool,
}

impl<'a> Reading<'a> {
    /// A stream that nobody has appended to shows an empty head in today's epoch.
    pub(super) fn open(
        txn: &'a ReadTransaction,
        stream: &'a StreamName,
        epoch: Epoch,
    ) -> Result<Self, Error> {
        let record = txn.open_table(HEADS)?.get(stream.as_str())?;
        let row = record.map(|record| HeadRow::decode(record.value())).transpose()?;
        let is_kept = row.is_some();
        Ok(Self { txn, stream, row: row.unwrap_or_else(|| HeadRow::new(epoch)), is_kept })
    }

    pub(super) fn head(&self) -> Head {
        self.row.head.clone()
    }

    /// The head, unless the writer has something to do first: to make the stream or to trim it.
    pub(super) fn head_if_settled(
        &self,
        retention: &Retention,
        clock_ms: u64,
    ) -> Result<Option<Head>, Error> {
        let oldest_ms = self.row.at_ms.max(clock_ms).saturating_sub(millis(retention.age));
        let is_empty = self.row.head.first > self.row.head.top;
        let is_settled = self.is_kept
            && (is_empty || !is_over(&self.row, retention, self.at_ms(self.row.head.first)? < oldest_ms));
        Ok(is_settled.then(|| self.head()))
    }

    pub(super) fn page(&self, from: u64, limit: usize) -> Result<Page, Error> {
        let Head { first, top, .. } = self.row.head;
        let start = from.max(first);
        let end = top.saturating_add(1).min(start.saturating_add(limit.min(BATCH_EVENTS_MAX) as u64));
        let mut entries = Vec::new();
        if let (true, Some(log)) = (start < end, read_log(self.txn, self.stream)?) {
            entries.reserve((end - start) as usize);
            for entry in log.range(start..end)? {
                let (offset, record) = entry?;
                entries.push(decode_entry(offset.value(), record.value())?);
            }
        }
        Ok(Page { head: self.head(), entries })
    }

    pub(super) fn get(&self, offsets: &[u64]) -> Result<Page, Error> {
        let mut entries: Vec<Entry> = Vec::new();
        if let Some(log) = read_log(self.txn, self.stream)? {
            for &offset in offsets {
                if let Some(record) = log.get(offset)? {
                    entries.push(decode_entry(offset, record.value())?);
                }
            }
        }
        Ok(Page { head: self.head(), entries })
    }

    /// Time never runs backwards along the offsets, so halving finds the first at or after a time.
    pub(super) fn seek(&self, at_ms: u64) -> Result<(Head, u64), Error> {
        let (mut low, mut high) = (self.row.head.first, self.row.head.top + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at_ms(middle)? < at_ms {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok((self.head(), low))
    }

    fn at_ms(&self, offset: u64) -> Result<u64, Error> {
        let missing = || Error::Corrupted(format!("entry {offset} of {} is missing", self.stream));
        let log = read_log(self.txn, self.stream)?.ok_or_else(missing)?;
        let record = log.get(offset)?.ok_or_else(missing)?;
        Ok(EntryFrame::decode(record.value())?.at_ms)
    }

    pub(super) fn topics(&self) -> Result<(Head, Vec<(Topic, u64)>), Error> {
        let mut topics = Vec::new();
        if let Some(last) = read_last(self.txn, self.stream)? {
            for topic in last.iter()? {
                let (topic, offset) = topic?;
                let topic =
                    Topic::parse(topic.value()).map_err(|error| Error::Corrupted(error.to_string()))?;
                topics.push((topic, offset.value()));
            }
        }
        Ok((self.head(), topics))
    }
}
