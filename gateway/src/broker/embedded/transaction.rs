//! One transaction: what many appends do, in the journal as a whole or not at all. Answers nobody and publishes nothing, and
//! leaves the tables to `apply.rs`.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::path::Path;
use std::time::Instant;

use redb::Error;

use crate::broker::embedded::ahead::{Added, Ahead, Look};
use crate::broker::embedded::apply::{Pending, Sync, apply};
use crate::broker::embedded::journal::Journal;
use crate::broker::embedded::keys::{HeldKeys, KEYS_AHEAD_MAX};
use crate::broker::embedded::store::{Rows, Store, Unreadable};
use crate::broker::listeners::too_many_streams;
use crate::broker::rules::Rules;
use crate::broker::{Append, Appended, BrokerError, Entry, Outcome};
use crate::position::Epoch;
use crate::topic::StreamName;

/// What waits for the tables at most, so that putting it there holds up appends no longer than a sync of a slow disk does.
const PENDING_EVENTS_MAX: usize = 1_024;
const PENDING_BYTES_MAX: usize = 1024 * 1024;
/// Appends that may be done before, also if all of them repeat what is there: trimming waits with it.
const PENDING_APPENDS_MAX: usize = 1_024;
/// Dedupe keys beyond their bound, as a part of it, that may wait with them.
const KEYS_OVER_PART: u64 = 64;

/// What the writer knows of an open store.
#[derive(Debug)]
pub(super) struct State {
    epoch: Epoch,
    /// The heads as the tables have them.
    pub(super) rows: Rows,
    /// The streams of which the journal has more than the tables, or that wait to be trimmed.
    pub(super) ahead: HashMap<StreamName, Ahead>,
    pub(super) pending: Pending,
    pub(super) keys: HeldKeys,
    pub(super) journal: Journal,
    pub(super) unreadable: Unreadable,
    /// When the file itself was.
    pub(super) synced: Instant,
}

pub(super) type Answer = Result<Appended, BrokerError>;
/// What listeners of a stream hear.
pub(super) type Push = (StreamName, Epoch, Vec<Entry>);

/// What is to be told of a transaction, now that it is on disk.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// The answer to each append, in order.
    pub(super) answers: Vec<Answer>,
    pub(super) pushes: Vec<Push>,
}

impl State {
    pub(super) fn new(epoch: Epoch, rows: Rows, journal: Journal, unreadable: Unreadable) -> Self {
        Self {
            epoch,
            rows,
            ahead: HashMap::new(),
            pending: Pending::default(),
            keys: HeldKeys::default(),
            journal,
            unreadable,
            synced: Instant::now(),
        }
    }

    /// Does all appends but those to unreadable streams, and has them on disk. After an error nobody knows what is there: the
    /// store must be opened again.
    pub(super) fn transact(
        &mut self,
        store: &Store,
        rules: &Rules,
        appends: &[Append],
    ) -> Result<Done, Error> {
        let low_on_room = room_below(store.dir(), rules.free_bytes_min);
        let mut look = Look::new(store);
        let number = |append| self.number(append, low_on_room.as_ref(), rules, &mut look);
        let outcomes = appends.iter().map(number).collect::<Result<Vec<_>, Error>>()?;
        let (frame, mut pushes) = self.take_added();
        self.pending.appends += appends.len();
        let is_journaled = frame.is_empty() || self.journal.write(&frame)?;
        if !frame.is_empty() {
            self.pending.add(frame, pushes.iter().map(|(_, _, entries)| entries.len()).sum());
        }
        let mut answers = self.answers(appends, outcomes);
        // A check is answered once the stream is trimmed.
        let has_check = appends.iter().any(|append| append.events.is_empty());
        if !is_journaled || has_check {
            let sync = match (is_journaled, &low_on_room) {
                (false, _) => Sync::Now,
                (true, Some(_)) => Sync::IfTrimmed,
                (true, None) => Sync::WhenDue,
            };
            apply(store, self, rules, sync)?;
            for (append, answer) in appends.iter().zip(&mut answers) {
                if let Some(cause) = self.unreadable.get(&append.stream) {
                    *answer = Err(BrokerError::Corrupt(cause.clone()));
                }
            }
            pushes.retain(|(stream, ..)| !self.unreadable.contains_key(stream));
        }
        Ok(Done { answers, pushes })
    }

    /// Gives an append's events their numbers, or says why there are none.
    fn number(
        &mut self,
        append: &Append,
        low_on_room: Option<&String>,
        rules: &Rules,
        look: &mut Look<'_>,
    ) -> Result<Result<Vec<Outcome>, BrokerError>, Error> {
        if let Some(cause) = self.unreadable.get(&append.stream) {
            return Ok(Err(BrokerError::Corrupt(cause.clone())));
        }
        if let (Some(cause), false) = (low_on_room, append.events.is_empty()) {
            return Ok(Err(BrokerError::Unavailable(cause.clone())));
        }
        let row = self.rows.get(&append.stream);
        if row.is_none() && !self.ahead.contains_key(&append.stream) && self.is_full(rules.streams_max) {
            return Ok(Err(too_many_streams(&append.stream, rules.streams_max)));
        }
        let numbered = match self.ahead.entry(append.stream.clone()) {
            Slot::Occupied(slot) => slot.into_mut().append(append, rules.clock.now_ms(), look),
            Slot::Vacant(slot) => {
                let keys = self.keys.take(&append.stream);
                Ahead::open(&append.stream, row.ok_or(self.epoch), keys, look)
                    .and_then(|ahead| slot.insert(ahead).append(append, rules.clock.now_ms(), look))
            }
        };
        match numbered {
            Ok(outcomes) => Ok(Ok(outcomes)),
            Err(Error::Corrupted(cause)) => {
                self.mark_unreadable(append.stream.clone(), cause.clone());
                Ok(Err(BrokerError::Corrupt(cause)))
            }
            Err(error) => Err(error),
        }
    }

    fn is_full(&self, streams_max: usize) -> bool {
        let new = self.ahead.keys().filter(|stream| !self.rows.contains_key(*stream)).count();
        self.rows.len() + new >= streams_max
    }

    pub(super) fn mark_unreadable(&mut self, stream: StreamName, cause: String) {
        tracing::error!(%stream, cause, "a stream of the store cannot be read");
        self.ahead.remove(&stream);
        self.unreadable.insert(stream, cause);
    }

    /// What the journal has to hold of this transaction, and what its listeners will hear.
    fn take_added(&mut self) -> (Vec<u8>, Vec<Push>) {
        let (mut frame, mut pushes) = (Vec::new(), Vec::new());
        for (stream, ahead) in &mut self.ahead {
            if let Some(Added { section, accepted }) = ahead.take_added() {
                section.write(&mut frame);
                if !accepted.is_empty() {
                    pushes.push((stream.clone(), ahead.position().epoch, accepted));
                }
            }
        }
        (frame, pushes)
    }

    /// Each append's outcomes, with its stream's position after them all.
    fn answers(&self, appends: &[Append], outcomes: Vec<Result<Vec<Outcome>, BrokerError>>) -> Vec<Answer> {
        let answer = |(append, outcomes): (&Append, Result<_, _>)| match self.ahead.get(&append.stream) {
            Some(ahead) => outcomes.map(|outcomes| Appended { position: ahead.position(), outcomes }),
            // Found unreadable by one that came after it.
            None => outcomes.and_then(|_| {
                Err(BrokerError::Corrupt(self.unreadable.get(&append.stream).cloned().unwrap_or_default()))
            }),
        };
        appends.iter().zip(outcomes).map(answer).collect()
    }

    /// Whether there is anything that the tables have not got.
    pub(super) fn is_ahead(&self) -> bool {
        !self.ahead.is_empty() || !self.pending.frames.is_empty()
    }

    /// Whether the tables should get what is pending before more comes.
    pub(super) fn is_apply_due(&self, keys_max: u64) -> bool {
        let keys_over = keys_max + keys_max / KEYS_OVER_PART;
        let held: usize = self.ahead.values().map(Ahead::keys_held).sum();
        self.pending.events >= PENDING_EVENTS_MAX
            || self.pending.bytes >= PENDING_BYTES_MAX
            || self.pending.appends >= PENDING_APPENDS_MAX
            || held > KEYS_AHEAD_MAX
            || self.ahead.values().any(|ahead| ahead.keys_count() > keys_over)
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
