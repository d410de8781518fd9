//! What the journal holds of a stream's part in a transaction, written by who answers and read by who puts it into the tables:
//! at once or after a crash. Only what was answered: entries with the ends of their keys, and that a stream was made.

use redb::Error;

use crate::broker::Entry;
use crate::broker::embedded::record::{Fields, encode_entry};
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

    pub(super) fn add(&mut self, entry: &Entry, end_ms: u64) {
        self.entries.extend(end_ms.to_be_bytes());
        self.entries.extend(entry.offset.to_be_bytes());
        let length_at = self.entries.len();
        self.entries.extend([0; 4]);
        let start = self.entries.len();
        encode_entry(entry, &mut self.entries);
        let length = (self.entries.len() - start) as u32;
        self.entries[length_at..start].copy_from_slice(&length.to_be_bytes());
    }

    /// Behind what a frame holds already.
    pub(super) fn write(&self, frame: &mut Vec<u8>) {
        frame.extend(&self.head);
        frame.extend((self.entries.len() as u32).to_be_bytes());
        frame.extend(&self.entries);
    }
}

/// A section where it lies in a frame.
pub(super) struct SectionView<'f> {
    pub(super) stream: StreamName,
    pub(super) epoch: Epoch,
    entries: Fields<'f>,
}

/// An entry where it lies in a section.
pub(super) struct EntryView<'f> {
    /// When its dedupe key ends.
    pub(super) end_ms: u64,
    pub(super) offset: u64,
    pub(super) record: &'f [u8],
}

/// The next section of what is left of a frame.
pub(super) fn next_section<'f>(frame: &mut Fields<'f>) -> Result<Option<SectionView<'f>>, Error> {
    if frame.0.is_empty() {
        return Ok(None);
    }
    let epoch = frame.epoch()?;
    let name_bytes = usize::from(u16::from_be_bytes(frame.take()?));
    let name = std::str::from_utf8(frame.run(name_bytes)?).map_err(|error| strange(&error))?;
    let stream = StreamName::parse(name).map_err(|error| strange(&error))?;
    let entries_bytes = u32::from_be_bytes(frame.take()?) as usize;
    Ok(Some(SectionView { stream, epoch, entries: Fields(frame.run(entries_bytes)?) }))
}

impl<'f> SectionView<'f> {
    pub(super) fn next_entry(&mut self) -> Result<Option<EntryView<'f>>, Error> {
        if self.entries.0.is_empty() {
            return Ok(None);
        }
        let (end_ms, offset) = (self.entries.number()?, self.entries.number()?);
        let record_bytes = u32::from_be_bytes(self.entries.take()?) as usize;
        Ok(Some(EntryView { end_ms, offset, record: self.entries.run(record_bytes)? }))
    }
}

pub(super) fn strange(cause: &impl ToString) -> Error {
    Error::Corrupted(format!("its journal: {}", cause.to_string()))
}
