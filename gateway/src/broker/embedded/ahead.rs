//! A stream as its senders were answered, ahead of the tables: dedupe and numbers, in memory alone. Commits nothing.

use redb::{Error, ReadTransaction, ReadableTable};

use crate::broker::clock::millis;
use crate::broker::embedded::keys::Keys;
use crate::broker::embedded::record::{EntryFrame, HeadRow};
use crate::broker::embedded::section::Section;
use crate::broker::embedded::store::Store;
use crate::broker::embedded::tables::{read_ends, read_log};
use crate::broker::{Append, Entry, NewEvent, Outcome};
use crate::position::{Epoch, Position};
use crate::topic::StreamName;

/// What the tables say, asked only by those who need it: most appends do not.
pub(super) struct Look<'a> {
    store: &'a Store,
    txn: Option<ReadTransaction>,
}

impl<'a> Look<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store, txn: None }
    }

    fn txn(&mut self) -> Result<&ReadTransaction, Error> {
        match &mut self.txn {
            Some(txn) => Ok(txn),
            none => Ok(none.insert(self.store.begin_read()?.ok_or(Error::DatabaseClosed)?.0)),
        }
    }

    fn keys(&mut self, stream: &StreamName) -> Result<Keys, Error> {
        read_ends(self.txn()?, stream)?.map_or_else(|| Ok(Keys::default()), |ends| Keys::read(&ends))
    }

    /// Whether the tables have this key, with this end.
    fn has_key(&mut self, stream: &StreamName, key: &[u8; 32], end_ms: u64) -> Result<bool, Error> {
        let ends = read_ends(self.txn()?, stream)?;
        ends.map_or(Ok(false), |ends| Ok(ends.get((end_ms, key))?.is_some()))
    }
}

/// The stream's newest, its keys, and what this transaction adds.
#[derive(Debug)]
pub(super) struct Ahead {
    stream: StreamName,
    position: Position,
    /// The time of the newest append: the clock's, unless that runs behind the newest entry.
    at_ms: u64,
    /// Read when the first event asks for them: whoever only checks has no need of them.
    keys: Option<Keys>,
    /// How many keys the tables hold.
    keys_kept: u64,
    /// How many appends there were that the tables have not got: so many times over one may clean up.
    appends: usize,
    /// None while this transaction changes nothing.
    added: Option<Added>,
}

/// What one transaction adds to a stream.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) section: Section,
    pub(super) accepted: Vec<Entry>,
}

impl Ahead {
    /// As the tables have it; a stream that they have not got is made by whoever asks for it.
    pub(super) fn open(
        stream: &StreamName,
        row: Result<&HeadRow, Epoch>,
        keys: Option<Keys>,
        look: &mut Look<'_>,
    ) -> Result<Self, Error> {
        let new;
        let (row, is_new) = match row {
            Ok(row) => (row, false),
            Err(epoch) => {
                new = HeadRow::new(epoch);
                (&new, true)
            }
        };
        if keys.is_none() && !is_new {
            see_oldest(look.txn()?, stream, row)?;
        }
        let mut ahead = Self {
            stream: stream.clone(),
            position: row.head.position(),
            at_ms: row.at_ms,
            keys,
            keys_kept: row.keys,
            appends: 0,
            added: None,
        };
        if is_new {
            ahead.added();
        }
        Ok(ahead)
    }

    /// Without events it only makes the tables be trimmed.
    pub(super) fn append(
        &mut self,
        append: &Append,
        clock_ms: u64,
        look: &mut Look<'_>,
    ) -> Result<Vec<Outcome>, Error> {
        self.at_ms = self.at_ms.max(clock_ms);
        self.appends += 1;
        let end_ms = self.at_ms.saturating_add(millis(append.dedupe));
        append.events.iter().map(|event| self.take(event, end_ms, look)).collect()
    }

    fn take(&mut self, event: &NewEvent, end_ms: u64, look: &mut Look<'_>) -> Result<Outcome, Error> {
        let stream = &self.stream;
        let keys = match &mut self.keys {
            Some(keys) => keys,
            // The tables have all of this stream's: what they have not got, they were read for.
            unread => unread.insert(look.keys(stream)?),
        };
        let is_kept = |end_ms| look.has_key(stream, &event.key.0, end_ms);
        if keys.lives(&event.key, self.at_ms, is_kept)? {
            return Ok(Outcome::Duplicate);
        }
        keys.bring(&event.key, end_ms);
        self.position.offset += 1;
        let (offset, at_ms) = (self.position.offset, self.at_ms);
        let NewEvent { key, topic, body } = event.clone();
        let entry = Entry { offset, at_ms, topic, key, body };
        let added = self.added();
        added.section.add(&entry, end_ms);
        added.accepted.push(entry);
        Ok(Outcome::Accepted { offset })
    }

    fn added(&mut self) -> &mut Added {
        let (stream, epoch) = (&self.stream, self.position.epoch);
        let added = || Added { section: Section::new(stream, epoch), accepted: Vec::new() };
        self.added.get_or_insert_with(added)
    }

    /// What this transaction has added; the next adds anew.
    pub(super) fn take_added(&mut self) -> Option<Added> {
        self.added.take()
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn at_ms(&self) -> u64 {
        self.at_ms
    }

    pub(super) fn appends(&self) -> usize {
        self.appends
    }

    /// Keys of this stream, on disk or on their way there.
    pub(super) fn keys_count(&self) -> u64 {
        self.keys_kept + self.keys.as_ref().map_or(0, Keys::fresh_count)
    }

    /// Those in memory.
    pub(super) fn keys_held(&self) -> usize {
        self.keys.as_ref().map_or(0, Keys::count)
    }

    pub(super) fn keys_mut(&mut self) -> Option<&mut Keys> {
        self.keys.as_mut()
    }

    /// The tables have all that came.
    pub(super) fn into_keys(self) -> Option<Keys> {
        self.keys.map(|mut keys| {
            keys.settle();
            keys
        })
    }
}

/// A stream whose oldest entry cannot be read can never be trimmed: it is refused before anything is answered.
fn see_oldest(txn: &ReadTransaction, stream: &StreamName, row: &HeadRow) -> Result<(), Error> {
    if let (true, Some(log)) = (row.head.first <= row.head.top, read_log(txn, stream)?) {
        let oldest = log.get(row.head.first)?;
        oldest.map(|record| EntryFrame::decode(record.value()).map(drop)).transpose()?;
    }
    Ok(())
}
