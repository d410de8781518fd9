//! Which streams a node has open, and which of them it must not close. One short lock; knows no broker.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use super::HubError;
use super::handle::StreamHandle;
use super::outlet::StreamId;
use crate::topic::StreamName;

/// The open streams of a node, at most as many as it may have.
#[derive(Debug, Default)]
pub(super) struct Streams(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    open: HashMap<StreamName, StreamHandle>,
    kept: HashSet<StreamName>,
    is_closed: bool,
}

impl Streams {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no holder of this lock panics: it reads and writes maps")
    }

    pub(super) fn get(&self, name: &StreamName) -> Option<StreamHandle> {
        self.state().open.get(name).cloned()
    }

    pub(super) fn by_id(&self, id: StreamId) -> Option<StreamHandle> {
        self.state().open.values().find(|handle| handle.id == id).cloned()
    }

    /// Whether one more may be opened.
    pub(super) fn has_room(&self, streams_max: usize) -> Result<(), HubError> {
        if self.state().open.len() >= streams_max { Err(HubError::TooMany) } else { Ok(()) }
    }

    /// Makes a stream known, unless all have been closed meanwhile.
    pub(super) fn insert(&self, handle: &StreamHandle) -> Result<(), HubError> {
        let mut state = self.state();
        if state.is_closed {
            return Err(HubError::Unavailable("this node is ending".into()));
        }
        state.open.insert(handle.name.clone(), handle.clone());
        Ok(())
    }

    /// Forgets a stream for which nobody but us holds a handle and nobody has asked anything, unless it is kept: true when
    /// its task may end. Handles are given out under this lock, or by whoever holds one, so nobody can be on the way to it.
    pub(super) fn close_unused(&self, id: StreamId) -> bool {
        let mut state = self.state();
        let Some(name) = state.open.values().find(|handle| handle.id == id).map(|it| it.name.clone()) else {
            return true;
        };
        let is_unused = state.open.get(&name).is_some_and(StreamHandle::is_unused);
        let may_close = is_unused && !state.kept.contains(&name);
        if may_close {
            state.open.remove(&name);
        }
        may_close
    }

    /// Never closes this stream while the node runs.
    pub(super) fn keep(&self, name: StreamName) {
        self.state().kept.insert(name);
    }

    /// Lets go of all of them, and of whoever would come later.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.open.clear();
    }
}
