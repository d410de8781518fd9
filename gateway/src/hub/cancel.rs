//! How far a subscription is, where several tasks may be about to say something for it: what is said on its behalf and its
//! ending exclude each other.

use std::sync::{Arc, Mutex, MutexGuard};

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    #[default]
    CatchingUp,
    /// Its stream's task writes it what is accepted.
    Live,
    /// Its stream's task writes it the newest at each tick.
    Latest,
    Ended,
}

/// Ends a subscription: after [`Cancel::cancel`] has returned nothing more is said under its id, however many tasks still
/// know of it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Mutex<Stage>>);

impl Cancel {
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().expect("no holder of this lock panics: it writes to a socket that does not block")
    }

    /// Answers how it stood until now.
    pub fn cancel(&self) -> Stage {
        std::mem::replace(&mut *self.stage(), Stage::Ended)
    }

    pub fn is_cancelled(&self) -> bool {
        *self.stage() == Stage::Ended
    }

    /// Does this unless it is cancelled, and not while it is being cancelled. It must not wait for anything.
    pub fn unless<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let stage = self.stage();
        if *stage == Stage::Ended { None } else { Some(act()) }
    }

    /// As [`Cancel::unless`]; what is done answers how it stands from now on.
    pub fn advance(&self, act: impl FnOnce() -> Stage) {
        let mut stage = self.stage();
        if *stage != Stage::Ended {
            *stage = act();
        }
    }
}
