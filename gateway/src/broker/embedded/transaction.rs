//! One transaction: what many appends do, on disk as a whole or not at all. Answers nobody and publishes nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::path::Path;

use redb::{Error, WriteTransaction};

use crate::broker::embedded::log::{Change, Log};
use crate::broker::embedded::record::HeadRow;
use crate::broker::embedded::store::{Rows, Store};
use crate::broker::listeners::too_many_streams;
use crate::broker::rules::Rules;
use crate::broker::{Append, Appended, BrokerError};
use crate::position::Epoch;
use crate::topic::StreamName;

/// The answer to each append, in order; to be given only once all are on disk.
pub(super) type Answers = Vec<Result<Appended, BrokerError>>;

/// Why nothing was committed.
pub(super) enum Failure {
    /// This stream cannot be read; the others can go on without it, and nothing is on disk.
    Stream(StreamName, String),
    /// The store failed, maybe in the commit itself, so that nobody knows what is on disk: it must be opened again.
    Store(Error),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

/// Streams that an attempt before this one found unreadable, with the cause.
pub(super) type Unreadable = HashMap<StreamName, String>;

/// Does all appends but those to unreadable streams, and commits them.
pub(super) fn transact(
    store: &Store,
    rows: &Rows,
    rules: &Rules,
    appends: &[Append],
    unreadable: &Unreadable,
) -> Result<(Answers, Vec<Change>), Failure> {
    let low_on_room = room_below(store.dir(), rules.free_bytes_min);
    let (txn, epoch) = store.begin_write()?.ok_or(Error::DatabaseClosed)?;
    let mut changes = Vec::new();
    let answers = {
        let mut logs = Logs { txn: &txn, epoch, rows, rules, open: HashMap::new() };
        let answers = appends.iter().map(|append| match (&low_on_room, unreadable.get(&append.stream)) {
            (_, Some(cause)) => Ok(Err(BrokerError::Corrupt(cause.clone()))),
            (Some(cause), None) if !append.events.is_empty() => {
                Ok(Err(BrokerError::Unavailable(cause.clone())))
            }
            _ => logs.append(append.clone()).map_err(|error| match error {
                Error::Corrupted(cause) => Failure::Stream(append.stream.clone(), cause),
                error => Failure::Store(error),
            }),
        });
        let answers = answers.collect::<Result<Answers, Failure>>()?;
        for log in logs.open.into_values() {
            changes.extend(log.finish(&txn)?);
        }
        answers
    };
    if changes.is_empty() {
        // Nothing but duplicates: what they repeat is on disk already.
        txn.abort()?;
    } else {
        txn.commit()?;
    }
    Ok((answers, changes))
}

/// The streams that a transaction has touched.
struct Logs<'txn, 'a> {
    txn: &'txn WriteTransaction,
    epoch: Epoch,
    rows: &'a Rows,
    rules: &'a Rules,
    open: HashMap<StreamName, Log<'txn>>,
}

impl Logs<'_, '_> {
    fn append(&mut self, append: Append) -> Result<Result<Appended, BrokerError>, Error> {
        let row = self.rows.get(&append.stream).cloned();
        if row.is_none() && !self.open.contains_key(&append.stream) && self.is_full() {
            return Ok(Err(too_many_streams(&append.stream, self.rules.streams_max)));
        }
        let log = match self.open.entry(append.stream.clone()) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => {
                let row = row.ok_or_else(|| HeadRow::new(self.epoch));
                slot.insert(Log::open(self.txn, &append.stream, row, self.rules)?)
            }
        };
        log.append(append, self.rules.clock.now_ms()).map(Ok)
    }

    fn is_full(&self) -> bool {
        let new = self.open.keys().filter(|stream| !self.rows.contains_key(*stream)).count();
        self.rows.len() + new >= self.rules.streams_max
    }
}

/// Says so when the volume has less room than it must keep.
fn room_below(dir: &Path, free_bytes_min: u64) -> Option<String> {
    const MEBIBYTE: u64 = 1024 * 1024;
    match rustix::fs::statvfs(dir) {
        Ok(volume) => {
            let free_bytes = volume.f_bavail.saturating_mul(volume.f_frsize);
            (free_bytes < free_bytes_min).then(|| {
                format!(
                    "the volume of {} has {} MiB free, and appends stop below {} MiB: make room there",
                    dir.display(),
                    free_bytes / MEBIBYTE,
                    free_bytes_min / MEBIBYTE
                )
            })
        }
        Err(error) => Some(format!("the volume of {} cannot be asked for its room: {error}", dir.display())),
    }
}
