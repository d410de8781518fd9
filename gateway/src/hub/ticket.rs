//! A subscription as a stream's task knows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::cancel::Cancel;
use super::outlet::Outlet;
use crate::framing::Framing;
use crate::topic::Pattern;

/// Names a subscription within its session, however often its id is used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(pub u64);

/// Who subscribed to what, and over which connection; cheap to clone.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub outlet: Arc<Outlet>,
    pub framing: Framing,
    pub number: Number,
    pub id: Arc<str>,
    pub pattern: Pattern,
    pub cancel: Cancel,
    pub cursor: Cursor,
}

/// How far a subscription is that is behind the stream's live members and yet counts as live: no heartbeat vouches for
/// more. Written by whoever serves it, before it says anything of it.
#[derive(Debug, Clone)]
pub struct Cursor(Arc<AtomicU64>);

/// It is where the live members are, or does not count.
const NOWHERE: u64 = u64::MAX;

impl Default for Cursor {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(NOWHERE)))
    }
}

impl Cursor {
    pub fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::SeqCst)).filter(|offset| *offset != NOWHERE)
    }

    pub(super) fn set(&self, offset: u64) {
        self.0.store(offset, Ordering::SeqCst);
    }

    /// Moves a cursor that counts.
    pub fn advance(&self, offset: u64) {
        if self.get().is_some() {
            self.set(offset);
        }
    }

    /// From now on it is where the live members are.
    pub(super) fn clear(&self) {
        self.set(NOWHERE);
    }
}
