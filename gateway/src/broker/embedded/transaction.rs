//! One transaction: what many appends do, on disk as a whole or not at all. Answers nobody and publishes nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::path::Path;
use std::time::{Duration, Instant};

use redb::{Error, WriteTransaction};

use crate::broker::embedded::journal::Journal;
use crate::broker::embedded::keys::HeldKeys;
use crate::broker::embedded::log::{Finished, Log};
use crate::broker::embedded::record::HeadRow;
use crate::broker::embedded::store::{Rows, Store, commit_journaled, commit_synced};
use crate::broker::listeners::too_many_streams;
use crate::broker::rules::Rules;
use crate::broker::{Append, Appended, BrokerError, Outcome};
use crate::position::{Epoch, Position};
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

/// What is trimmed need not be on disk to be true, and comes back with a crash; it does not after so long.
const TRIMMED_UNSYNCED_MAX: Duration = Duration::from_mins(1);

/// What the writer knows of an open store.
#[derive(Debug)]
pub(super) struct State {
    /// The heads as they were committed last.
    pub(super) rows: Rows,
    pub(super) keys: HeldKeys,
    pub(super) journal: Journal,
    /// Streams that were found unreadable, with the cause.
    pub(super) unreadable: HashMap<StreamName, String>,
    /// When the file itself was.
    pub(super) synced: Instant,
}

impl State {
    pub(super) fn new(rows: Rows, journal: Journal) -> Self {
        let (keys, unreadable) = (HeldKeys::default(), HashMap::new());
        Self { rows, keys, journal, unreadable, synced: Instant::now() }
    }
}

/// Does all appends but those to unreadable streams, and commits them.
pub(super) fn transact(
    store: &Store,
    state: &mut State,
    rules: &Rules,
    appends: &[Append],
) -> Result<(Answers, Vec<Finished>), Failure> {
    let low_on_room = room_below(store.dir(), rules.free_bytes_min);
    let (txn, epoch) = store.begin_write()?.ok_or(Error::DatabaseClosed)?;
    let State { rows, keys, journal, unreadable, synced } = state;
    let (outcomes, mut finished) = {
        let mut logs = Logs { txn: &txn, epoch, rows, keys, rules, open: HashMap::new() };
        let outcomes = appends.iter().map(|append| match (&low_on_room, unreadable.get(&append.stream)) {
            (_, Some(cause)) => Ok(Err(BrokerError::Corrupt(cause.clone()))),
            (Some(cause), None) if !append.events.is_empty() => {
                Ok(Err(BrokerError::Unavailable(cause.clone())))
            }
            _ => logs.append(append).map_err(|error| of_stream(error, &append.stream)),
        });
        let outcomes = outcomes.collect::<Result<Vec<_>, Failure>>()?;
        let finish = |(stream, log): (StreamName, Log<'_>)| {
            log.finish(&txn).map_err(|error| of_stream(error, &stream))
        };
        (outcomes, logs.open.into_iter().map(finish).collect::<Result<Vec<_>, Failure>>()?)
    };
    let is_due = low_on_room.is_some() || synced.elapsed() >= TRIMMED_UNSYNCED_MAX;
    if commit(txn, journal, &mut finished, is_due)? == Kept::InTheFile {
        *synced = Instant::now();
    }
    Ok((answers(appends, outcomes, &finished), finished))
}

fn of_stream(error: Error, stream: &StreamName) -> Failure {
    match error {
        Error::Corrupted(cause) => Failure::Stream(stream.clone(), cause),
        error => Failure::Store(error),
    }
}

/// Where a transaction is on disk, if it has to be.
#[derive(Debug, PartialEq, Eq)]
enum Kept {
    InTheJournal,
    InTheFile,
}

/// In the file itself if the journal has no room, or where something was trimmed and that `is_due` to stay so.
fn commit(
    txn: WriteTransaction,
    journal: &mut Journal,
    finished: &mut [Finished],
    is_due: bool,
) -> Result<Kept, Error> {
    if !finished.iter().any(|stream| stream.is_changed) {
        // Nothing but duplicates: what they repeat is on disk already.
        txn.abort()?;
        return Ok(Kept::InTheJournal);
    }
    let sections = finished.iter_mut().filter_map(|stream| Some(stream.section.take()?.encode()));
    let sections: Vec<Vec<u8>> = sections.flatten().collect();
    let is_sync_due = is_due && finished.iter().any(|stream| stream.is_trimmed);
    if !is_sync_due && (sections.is_empty() || journal.write(&sections)?) {
        commit_journaled(txn)?;
        return Ok(Kept::InTheJournal);
    }
    commit_synced(txn, journal)?;
    Ok(Kept::InTheFile)
}

/// Each append's outcomes, with its stream's position after them all.
fn answers(
    appends: &[Append],
    outcomes: Vec<Result<Vec<Outcome>, BrokerError>>,
    finished: &[Finished],
) -> Answers {
    let positions: HashMap<&StreamName, Position> =
        finished.iter().map(|stream| (&stream.stream, stream.row.head.position())).collect();
    let answer = |(append, outcomes): (&Append, Result<_, _>)| {
        outcomes.map(|outcomes| Appended { position: positions[&append.stream], outcomes })
    };
    appends.iter().zip(outcomes).map(answer).collect()
}

/// The streams that a transaction has touched.
struct Logs<'txn, 'a> {
    txn: &'txn WriteTransaction,
    epoch: Epoch,
    rows: &'a Rows,
    keys: &'a mut HeldKeys,
    rules: &'a Rules,
    open: HashMap<StreamName, Log<'txn>>,
}

impl Logs<'_, '_> {
    fn append(&mut self, append: &Append) -> Result<Result<Vec<Outcome>, BrokerError>, Error> {
        let row = self.rows.get(&append.stream);
        if row.is_none() && !self.open.contains_key(&append.stream) && self.is_full() {
            return Ok(Err(too_many_streams(&append.stream, self.rules.streams_max)));
        }
        let log = match self.open.entry(append.stream.clone()) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => {
                let row = row.cloned().ok_or_else(|| HeadRow::new(self.epoch));
                let keys = self.keys.take(&append.stream);
                slot.insert(Log::open(self.txn, &append.stream, row, keys, self.rules)?)
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
