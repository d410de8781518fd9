//! What the journal holds of a stream's part in a transaction, and how it is put into a store that has not got it. Only what
//! was answered: entries with the ends of their keys, and that a stream was made. What was trimmed is trimmed again.

use std::collections::HashMap;

use redb::{Error, WriteTransaction};

use crate::broker::Entry;
use crate::broker::embedded::log::put;
use crate::broker::embedded::record::{Fields, HeadRow, decode_entry, encode_entry};
use crate::broker::embedded::store::Rows;
use crate::broker::embedded::tables::StreamTables;
use crate::position::Epoch;
use crate::topic::StreamName;

/// `epoch, length of the name, name, length of the entries` and each entry's `end, offset, length, record`.
#[derive(Debug)]
pub(super) struct Section {
    head: Vec<u8>,
    entries: Vec<u8>,
}

impl Section {
    pub(super) fn new(stream: &StreamName, epoch: Epoch) -> Self {
        let mut head = epoch.as_str().as_bytes().to_vec();
        // A stream's name is 64 bytes at most.
        head.extend((stream.as_str().len() as u16).to_be_bytes());
        head.extend(stream.as_str().bytes());
        Self { head, entries: Vec::new() }
    }

    /// Adds an entry and gives its record.
    pub(super) fn add(&mut self, entry: &Entry, end_ms: u64) -> &[u8] {
        self.entries.extend(end_ms.to_be_bytes());
        self.entries.extend(entry.offset.to_be_bytes());
        let length_at = self.entries.len();
        self.entries.extend([0; 4]);
        let start = self.entries.len();
        encode_entry(entry, &mut self.entries);
        let length = (self.entries.len() - start) as u32;
        self.entries[length_at..start].copy_from_slice(&length.to_be_bytes());
        &self.entries[start..]
    }

    /// As it stands in a frame.
    pub(super) fn encode(mut self) -> [Vec<u8>; 2] {
        self.head.extend((self.entries.len() as u32).to_be_bytes());
        [self.head, self.entries]
    }
}

/// Puts a frame's sections into the store, but for what that holds already; rows change as the tables do.
pub(super) fn replay(txn: &WriteTransaction, rows: &mut Rows, frame: &[u8]) -> Result<(), Error> {
    let mut fields = Fields(frame);
    while !fields.0.is_empty() {
        let epoch = fields.epoch()?;
        let name_bytes = usize::from(u16::from_be_bytes(fields.take()?));
        let name = std::str::from_utf8(fields.run(name_bytes)?).map_err(|error| strange(&error))?;
        let stream = StreamName::parse(name).map_err(|error| strange(&error))?;
        let entries_bytes = u32::from_be_bytes(fields.take()?) as usize;
        let entries = Fields(fields.run(entries_bytes)?);
        let row = rows.entry(stream.clone()).or_insert_with(|| HeadRow::new(epoch));
        put_entries(&mut StreamTables::open(txn, &stream)?, row, entries)?;
    }
    Ok(())
}

fn put_entries(
    tables: &mut StreamTables<'_>,
    row: &mut HeadRow,
    mut fields: Fields<'_>,
) -> Result<(), Error> {
    let mut newest = HashMap::new();
    while !fields.0.is_empty() {
        let (end_ms, offset) = (fields.number()?, fields.number()?);
        let record_bytes = u32::from_be_bytes(fields.take()?) as usize;
        let record = fields.run(record_bytes)?;
        if offset <= row.head.top {
            continue;
        }
        if offset != row.head.top + 1 {
            return Err(strange(&format!("entry {offset} comes after {}", row.head.top)));
        }
        let entry = decode_entry(offset, record)?;
        put(tables, row, &entry, end_ms, record)?;
        newest.insert(entry.topic, offset);
    }
    for (topic, offset) in newest {
        tables.last.insert(topic.as_str(), offset)?;
    }
    Ok(())
}

fn strange(cause: &impl ToString) -> Error {
    Error::Corrupted(format!("its journal: {}", cause.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use redb::{Database, backends::InMemoryBackend};

    use crate::broker::DedupeKey;
    use crate::topic::Topic;

    fn stream() -> StreamName {
        StreamName::parse("s").unwrap()
    }

    fn frame(offsets: &[u64]) -> Vec<u8> {
        let mut section = Section::new(&stream(), Epoch::from_random([1; 8]));
        for &offset in offsets {
            let topic = Topic::from_values(&stream(), &["t"]);
            let key = DedupeKey([offset as u8; 32]);
            section.add(&Entry { offset, at_ms: 5, topic, key, body: Bytes::from_static(b"{}") }, 9);
        }
        section.encode().concat()
    }

    fn replayed(frames: &[&[u8]]) -> Result<HeadRow, Error> {
        let database = Database::builder().create_with_backend(InMemoryBackend::new())?;
        let (txn, mut rows) = (database.begin_write()?, Rows::new());
        frames.iter().try_for_each(|frame| replay(&txn, &mut rows, frame))?;
        Ok(rows.remove(&stream()).unwrap())
    }

    #[test]
    fn what_is_there_already_is_passed_over() {
        let row = replayed(&[&frame(&[1, 2]), &frame(&[1, 2, 3]), &frame(&[])]).unwrap();
        assert_eq!((row.head.top, row.keys, row.at_ms), (3, 3, 5));
        assert_eq!(row.head.epoch, Epoch::from_random([1; 8]), "of the time it was made in");
    }

    #[test]
    fn what_leaves_a_hole_or_is_cut_short_is_refused_and_never_a_panic() {
        assert!(replayed(&[&frame(&[1, 3])]).is_err());
        let whole = frame(&[1, 2]);
        for end in 1..whole.len() {
            assert!(replayed(&[&whole[..end]]).is_err(), "{end} of {} bytes", whole.len());
        }
    }
}
