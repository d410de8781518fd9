//! A value that can be replaced while others use it: whoever has taken it keeps what it took. Pure.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

/// One value, in its newest form; clones see the same one.
pub struct Current<T>(Arc<watch::Sender<Arc<T>>>);

impl<T> Current<T> {
    pub fn new(value: T) -> Self {
        Self(Arc::new(watch::Sender::new(Arc::new(value))))
    }

    /// The value as it is now.
    pub fn get(&self) -> Arc<T> {
        self.0.borrow().clone()
    }

    /// From now on everybody gets this one.
    pub fn replace(&self, value: T) {
        self.0.send_replace(Arc::new(value));
    }

    /// Tells of every replacement from here on.
    pub fn follow(&self) -> watch::Receiver<Arc<T>> {
        self.0.subscribe()
    }
}

impl<T> Clone for Current<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Current<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Current").field(&*self.0.borrow()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_taken_it_keeps_it_and_all_others_get_the_new_one() {
        let (one, before) = {
            let one = Current::new(1);
            (one.clone(), one.get())
        };
        let followed = one.follow();
        one.clone().replace(2);
        assert_eq!((*before, *one.get(), followed.has_changed().unwrap()), (1, 2, true));
    }
}
