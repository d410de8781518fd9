//! How a catching up that nobody wants any more is ended while a stream's task may be about to answer it.

use std::sync::{Arc, Mutex, MutexGuard};

/// Ends a catching up. What is said on its behalf and the ending exclude each other: after [`Cancel::cancel`] has returned
/// nothing more is said, however many tasks still know of it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Mutex<bool>>);

impl Cancel {
    fn is_cancelled_now(&self) -> MutexGuard<'_, bool> {
        self.0.lock().expect("no holder of this lock panics: it writes to a socket that does not block")
    }

    pub fn cancel(&self) {
        *self.is_cancelled_now() = true;
    }

    pub fn is_cancelled(&self) -> bool {
        *self.is_cancelled_now()
    }

    /// Does this unless it is cancelled, and not while it is being cancelled. It must not wait for anything.
    pub fn unless<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let is_cancelled = self.is_cancelled_now();
        if *is_cancelled { None } else { Some(act()) }
    }
}
