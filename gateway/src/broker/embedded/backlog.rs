//! How far the tables are behind what was answered: the journal has it first, and the tables get it many at a time. Whoever reads
//! waits until they have all that was answered before it asked.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::watch;

/// Counts the frames that were answered, and those of them that are in the tables.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    answered: AtomicU64,
    applied: watch::Sender<u64>,
    /// Somebody waits: the tables get the frames there are.
    is_wanted: AtomicBool,
}

impl Backlog {
    /// One more frame is about to be answered.
    pub(super) fn grow(&self) {
        self.answered.fetch_add(1, Ordering::SeqCst);
    }

    /// The tables have all that was answered, or never will: then readers find that out for themselves.
    pub(super) fn clear(&self) {
        self.is_wanted.store(false, Ordering::SeqCst);
        self.applied.send_replace(self.answered.load(Ordering::SeqCst));
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::SeqCst)
    }

    /// Waits for what has been answered until now. The writer looks up after each transaction, and soon when there is none.
    pub(super) async fn caught_up(&self) {
        let answered = self.answered.load(Ordering::SeqCst);
        if *self.applied.borrow() >= answered {
            return;
        }
        let mut applied = self.applied.subscribe();
        self.is_wanted.store(true, Ordering::SeqCst);
        applied.wait_for(|&applied| applied >= answered).await.expect("the sender is in this very backlog");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_reader_waits_for_what_was_answered_before_it_and_for_nothing_else() {
        let backlog = Arc::new(Backlog::default());
        backlog.caught_up().await;
        backlog.grow();
        let reader = tokio::spawn({
            let backlog = backlog.clone();
            async move { backlog.caught_up().await }
        });
        while !backlog.is_wanted() {
            assert!(!reader.is_finished());
            tokio::task::yield_now().await;
        }
        backlog.clear();
        backlog.grow();
        reader.await.unwrap();
        assert!(!backlog.is_wanted());
    }
}
