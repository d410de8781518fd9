//! Puts what the journal holds into the tables, many transactions at once, and trims them: after a crash when the store is
//! opened, else while it runs. The same frames, the same code.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use redb::{Error, WriteTransaction};

use crate::broker::embedded::log::{Finished, Keeping, Log};
use crate::broker::embedded::record::{Fields, HeadRow};
use crate::broker::embedded::section::next_section;
use crate::broker::embedded::store::{Rows, Store, commit_journaled, commit_synced};
use crate::broker::embedded::transaction::State;
use crate::broker::rules::Rules;
use crate::position::Epoch;
use crate::telemetry;
use crate::topic::StreamName;

/// What is trimmed need not be on disk to be true, and comes back with a crash; it does not after so long.
const TRIMMED_UNSYNCED_MAX: Duration = Duration::from_mins(1);

/// Frames that are in the journal and not in the tables.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) frames: Vec<Vec<u8>>,
    pub(super) appends: usize,
    pub(super) events: usize,
    pub(super) bytes: usize,
}

impl Pending {
    pub(super) fn add(&mut self, frame: Vec<u8>, events: usize) {
        self.events += events;
        self.bytes += frame.len();
        self.frames.push(frame);
    }
}

/// Whether the file itself is synced with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sync {
    /// The last frame found no room in the journal.
    Now,
    /// The volume is short of room: what was let go is to be gone.
    IfTrimmed,
    /// Only to make true for good what was trimmed a while ago.
    WhenDue,
}

/// Puts all that is pending into the tables. What cannot be read of one stream keeps no other back: that stream is not trimmed any
/// more, and only if it still cannot be put there what was answered of it is left out.
pub(super) fn apply(store: &Store, state: &mut State, rules: &Rules, sync: Sync) -> Result<(), Error> {
    let mut left_out = HashSet::new();
    loop {
        let (txn, _) = store.begin_write()?.ok_or(Error::DatabaseClosed)?;
        match put_and_trim(&txn, state, rules, &left_out) {
            Ok(finished) => return commit(txn, state, finished, sync),
            Err(Failure::Store(error)) => return Err(error),
            Err(Failure::Stream(stream, cause)) => {
                txn.abort()?;
                if state.unreadable.contains_key(&stream) {
                    tracing::error!(%stream, cause, "events that were answered cannot be kept");
                    left_out.insert(stream);
                } else {
                    state.mark_unreadable(stream, cause);
                }
            }
        }
    }
}

/// Why nothing was applied.
pub(super) enum Failure {
    /// This stream cannot be read; the others can go on without it.
    Stream(StreamName, String),
    Store(Error),
}

impl Failure {
    fn of(stream: &StreamName, error: Error) -> Self {
        match error {
            Error::Corrupted(cause) => Self::Stream(stream.clone(), cause),
            error => Self::Store(error),
        }
    }
}

/// Streams that are not ahead any more were found unreadable: they are not trimmed.
fn put_and_trim(
    txn: &WriteTransaction,
    state: &mut State,
    rules: &Rules,
    left_out: &HashSet<StreamName>,
) -> Result<Vec<Finished>, Failure> {
    let State { rows, ahead, pending, .. } = state;
    let mut logs = Logs::new(txn, rows);
    for frame in &pending.frames {
        logs.put(frame, |stream| !left_out.contains(stream))?;
    }
    for stream in ahead.keys() {
        logs.open(stream, None)?;
    }
    logs.finish(|stream, log| {
        let keeping = ahead.get_mut(stream).map(|ahead| Keeping {
            retention: rules.retentions.of(stream),
            keys_max: rules.dedupe_keys_max,
            at_ms: ahead.at_ms(),
            appends: ahead.appends(),
            keys: ahead.keys_mut(),
        });
        log.finish(txn, keeping)
    })
}

fn commit(
    txn: WriteTransaction,
    state: &mut State,
    finished: Vec<Finished>,
    sync: Sync,
) -> Result<(), Error> {
    let is_trimmed = finished.iter().any(|stream| stream.is_trimmed);
    let is_sync_due = match sync {
        Sync::Now => true,
        Sync::IfTrimmed => is_trimmed,
        Sync::WhenDue => is_trimmed && state.synced.elapsed() >= TRIMMED_UNSYNCED_MAX,
    };
    if is_sync_due {
        commit_synced(txn, &mut state.journal)?;
        state.synced = Instant::now();
    } else if is_trimmed || !state.pending.frames.is_empty() {
        commit_journaled(txn)?;
    } else {
        txn.abort()?;
    }
    for Finished { stream, row, lost_early, .. } in finished {
        if lost_early > 0 {
            telemetry::dedupe_keys_lost_early(lost_early);
        }
        state.rows.insert(stream, row);
    }
    state.pending = Pending::default();
    state
        .keys
        .give_back(state.ahead.drain().filter_map(|(stream, ahead)| Some((stream, ahead.into_keys()?))));
    Ok(())
}

/// The streams that a transaction has touched.
pub(super) struct Logs<'txn, 'f> {
    txn: &'txn WriteTransaction,
    rows: &'txn Rows,
    open: HashMap<StreamName, Log<'txn, 'f>>,
}

impl<'txn, 'f> Logs<'txn, 'f> {
    pub(super) fn new(txn: &'txn WriteTransaction, rows: &'txn Rows) -> Self {
        Self { txn, rows, open: HashMap::new() }
    }

    /// Puts a frame's sections where they belong, but for what is there already.
    pub(super) fn put(
        &mut self,
        frame: &'f [u8],
        is_wanted: impl Fn(&StreamName) -> bool,
    ) -> Result<(), Failure> {
        let mut rest = Fields(frame);
        while let Some(section) = next_section(&mut rest).map_err(Failure::Store)? {
            let stream = section.stream.clone();
            if is_wanted(&stream)
                && let Some(log) = self.open(&stream, Some(section.epoch))?
            {
                log.put(section).map_err(|error| Failure::of(&stream, error))?;
            }
        }
        Ok(())
    }

    /// None where there is neither such a stream nor an epoch for it to begin in.
    fn open(
        &mut self,
        stream: &StreamName,
        epoch: Option<Epoch>,
    ) -> Result<Option<&mut Log<'txn, 'f>>, Failure> {
        let log = match self.open.entry(stream.clone()) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => {
                let row = match (self.rows.get(stream), epoch) {
                    (Some(row), _) => Ok(row.clone()),
                    (None, Some(epoch)) => Err(HeadRow::new(epoch)),
                    (None, None) => return Ok(None),
                };
                let log = Log::open(self.txn, stream, row).map_err(|error| Failure::of(stream, error))?;
                slot.insert(log)
            }
        };
        Ok(Some(log))
    }

    pub(super) fn finish(
        self,
        mut finish: impl FnMut(&StreamName, Log<'txn, 'f>) -> Result<Finished, Error>,
    ) -> Result<Vec<Finished>, Failure> {
        let finish = |(stream, log): (StreamName, Log<'txn, 'f>)| {
            finish(&stream, log).map_err(|error| Failure::of(&stream, error))
        };
        self.open.into_iter().map(finish).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use redb::{Database, backends::InMemoryBackend};

    use crate::broker::embedded::section::Section;
    use crate::broker::{DedupeKey, Entry};
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
        let mut frame = Vec::new();
        section.write(&mut frame);
        frame
    }

    /// The stream's row after these frames; none where they are refused.
    fn put(frames: &[&[u8]]) -> Option<HeadRow> {
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let (txn, rows) = (database.begin_write().unwrap(), Rows::new());
        let mut logs = Logs::new(&txn, &rows);
        frames.iter().try_for_each(|frame| logs.put(frame, |_| true)).ok()?;
        Some(logs.finish(|_, log| log.finish(&txn, None)).ok()?.remove(0).row)
    }

    #[test]
    fn what_is_there_already_is_passed_over() {
        let row = put(&[&frame(&[1, 2]), &frame(&[1, 2, 3]), &frame(&[])]).unwrap();
        assert_eq!((row.head.top, row.keys, row.at_ms), (3, 3, 5));
        assert_eq!(row.head.epoch, Epoch::from_random([1; 8]), "of the time it was made in");
    }

    #[test]
    fn what_leaves_a_hole_or_is_cut_short_is_refused_and_never_a_panic() {
        assert!(put(&[&frame(&[1, 3])]).is_none());
        let whole = frame(&[1, 2]);
        for end in 1..whole.len() {
            assert!(put(&[&whole[..end]]).is_none(), "{end} of {} bytes", whole.len());
        }
    }
}
