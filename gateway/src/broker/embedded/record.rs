//! How heads and entries lie on disk. Every record begins with its schema number; what a later build wrote is refused,
//! never guessed at. Pure.

use bytes::Bytes;
use redb::Error;

use crate::broker::{DedupeKey, Entry};
use crate::position::{Epoch, Head, PAST_EPOCHS_MAX};
use crate::topic::Topic;

/// The schema of each record in the store.
const SCHEMA: u8 = 1;

/// What is known of a stream without reading its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeadRow {
    pub(super) head: Head,
    /// The newest entry's time: the next is never earlier.
    pub(super) at_ms: u64,
    /// What the retained entries count for.
    pub(super) bytes: u64,
    /// Ends of dedupe keys kept.
    pub(super) keys: u64,
}

impl HeadRow {
    pub(super) fn new(epoch: Epoch) -> Self {
        Self { head: Head { epoch, top: 0, first: 1, past: Vec::new() }, at_ms: 0, bytes: 0, keys: 0 }
    }

    /// Begins a new history where this one ends.
    pub(super) fn turn_over(&mut self, epoch: Epoch) {
        self.head.past.insert(0, (self.head.epoch, self.head.top));
        self.head.past.truncate(PAST_EPOCHS_MAX);
        self.head.epoch = epoch;
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut record = vec![SCHEMA];
        record.extend(self.head.epoch.as_str().bytes());
        for number in [self.head.top, self.head.first, self.at_ms, self.bytes, self.keys] {
            record.extend(number.to_be_bytes());
        }
        for (epoch, end) in &self.head.past {
            record.extend(epoch.as_str().bytes());
            record.extend(end.to_be_bytes());
        }
        record
    }

    pub(super) fn decode(record: &[u8]) -> Result<Self, Error> {
        let mut fields = Fields::open(record)?;
        let epoch = fields.epoch()?;
        let (top, first) = (fields.number()?, fields.number()?);
        let (at_ms, bytes, keys) = (fields.number()?, fields.number()?, fields.number()?);
        let mut past = Vec::new();
        while !fields.0.is_empty() {
            past.push((fields.epoch()?, fields.number()?));
        }
        Ok(Self { head: Head { epoch, top, first, past }, at_ms, bytes, keys })
    }
}

/// Writes an entry behind what `record` holds; its offset is the key it is kept under.
pub(super) fn encode_entry(entry: &Entry, record: &mut Vec<u8>) {
    record.push(SCHEMA);
    record.extend(entry.at_ms.to_be_bytes());
    record.extend(entry.key.0);
    // A topic is 512 bytes at most.
    record.extend((entry.topic.as_str().len() as u16).to_be_bytes());
    record.extend(entry.topic.as_str().bytes());
    record.extend(&entry.body);
}

pub(super) fn decode_entry(offset: u64, record: &[u8]) -> Result<Entry, Error> {
    let frame = EntryFrame::decode(record)?;
    let topic = Topic::parse(frame.topic).map_err(|error| Error::Corrupted(error.to_string()))?;
    Ok(Entry { offset, at_ms: frame.at_ms, topic, key: frame.key, body: Bytes::copy_from_slice(frame.body) })
}

/// An entry where it lies, with nothing copied: enough to trim or to search by time.
#[derive(Debug)]
pub(super) struct EntryFrame<'a> {
    pub(super) at_ms: u64,
    pub(super) key: DedupeKey,
    pub(super) topic: &'a str,
    pub(super) body: &'a [u8],
}

impl<'a> EntryFrame<'a> {
    pub(super) fn decode(record: &'a [u8]) -> Result<Self, Error> {
        let mut fields = Fields::open(record)?;
        let at_ms = fields.number()?;
        let key = DedupeKey(fields.take()?);
        let topic_bytes = usize::from(u16::from_be_bytes(fields.take()?));
        let topic = std::str::from_utf8(fields.run(topic_bytes)?)
            .map_err(|error| Error::Corrupted(format!("a topic is no text: {error}")))?;
        Ok(Self { at_ms, key, topic, body: fields.0 })
    }

    /// What an entry counts for in a stream's retention: topic, key and body.
    pub(super) fn bytes(&self) -> u64 {
        (self.topic.len() + self.key.0.len() + self.body.len()) as u64
    }
}

/// What is left of a record.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn open(record: &'a [u8]) -> Result<Self, Error> {
        match record.split_first() {
            Some((&SCHEMA, fields)) => Ok(Self(fields)),
            Some((schema, _)) => Err(Error::Corrupted(format!(
                "a record has schema {schema}, this build knows {SCHEMA}: a later build wrote it"
            ))),
            None => Err(too_short()),
        }
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (field, rest) = self.0.split_first_chunk::<N>().ok_or_else(too_short)?;
        self.0 = rest;
        Ok(*field)
    }

    pub(super) fn number(&mut self) -> Result<u64, Error> {
        Ok(u64::from_be_bytes(self.take()?))
    }

    /// So many bytes.
    pub(super) fn run(&mut self, bytes: usize) -> Result<&'a [u8], Error> {
        let (run, rest) = self.0.split_at_checked(bytes).ok_or_else(too_short)?;
        self.0 = rest;
        Ok(run)
    }

    pub(super) fn epoch(&mut self) -> Result<Epoch, Error> {
        let text = self.take::<8>()?;
        let epoch = std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok());
        epoch.ok_or_else(|| Error::Corrupted("a head's epoch is none".into()))
    }
}

fn too_short() -> Error {
    Error::Corrupted("a record is shorter than its fields".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::StreamName;

    fn entry() -> Entry {
        let topic = Topic::from_values(&StreamName::parse("s").unwrap(), &["t"]);
        Entry { offset: 7, at_ms: 9, topic, key: DedupeKey([3; 32]), body: Bytes::from_static(b"{}") }
    }

    fn row() -> HeadRow {
        let mut row = HeadRow::new(Epoch::from_random([1; 8]));
        row.head.top = 40;
        row.turn_over(Epoch::from_random([2; 8]));
        row
    }

    #[test]
    fn records_read_back() {
        let mut record = Vec::new();
        encode_entry(&entry(), &mut record);
        assert_eq!(decode_entry(7, &record).unwrap(), entry());
        assert_eq!(HeadRow::decode(&row().encode()).unwrap(), row());
    }

    #[test]
    fn a_record_cut_short_or_of_a_later_schema_is_refused() {
        let mut record = Vec::new();
        encode_entry(&entry(), &mut record);
        let head = row().encode();
        for end in 0..record.len() - entry().body.len() {
            assert!(decode_entry(7, &record[..end]).is_err(), "{end} bytes of an entry");
        }
        for end in (0..49).chain(50..65) {
            assert!(HeadRow::decode(&head[..end]).is_err(), "{end} bytes of a head");
        }
        record[0] = SCHEMA + 1;
        assert!(decode_entry(7, &record).unwrap_err().to_string().contains("later build"));
    }

    #[test]
    fn only_so_many_past_epochs_are_remembered() {
        let mut row = row();
        for number in 0..100 {
            row.turn_over(Epoch::from_random([number; 8]));
        }
        assert_eq!(row.head.past.len(), PAST_EPOCHS_MAX);
        assert_eq!(row.head.past[0].0, Epoch::from_random([98; 8]));
    }
}
