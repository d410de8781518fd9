//! Those who wait for an append, and how they are all told in one go.

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::broker::embedded::transaction::Answer;
use crate::broker::{Append, BrokerError};

/// An append that waits; without events it is a check.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) append: Append,
    pub(super) waiter: Waiter,
}

/// One who waits for an answer.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) answer: oneshot::Sender<Answer>,
    /// What the append takes of the room for those that wait, until it is answered.
    pub(super) room: OwnedSemaphorePermit,
    /// Where the task lives that waits.
    pub(super) runtime: Handle,
}

/// Answers that go out when they are dropped, wherever that is.
#[derive(Debug)]
pub(super) struct Answers(pub(super) Vec<(Waiter, Answer)>);

impl Answers {
    pub(super) fn refuse(waiters: Vec<Waiter>, cause: &impl ToString) -> Self {
        let refused = |waiter| (waiter, Err(BrokerError::Unavailable(cause.to_string())));
        Self(waiters.into_iter().map(refused).collect())
    }

    /// Gives them all from within the runtime, where waking a task is putting it in a queue. From the writer's thread each would
    /// wake the runtime's, and with one core the two would take turns answer by answer.
    pub(super) fn send(self) {
        if let [(first, _), _, ..] = self.0.as_slice() {
            let runtime = first.runtime.clone();
            // Waits for nothing; a runtime that has ended drops it, which is all that it does.
            runtime.spawn(async move { drop(self) });
        }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        for (waiter, answer) in self.0.drain(..) {
            // One who has left is not told; what it asked for is done all the same.
            let _ = waiter.answer.send(answer);
            drop(waiter.room);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;

    /// Answers to so many, all unavailable, and those who wait for them.
    fn answers(count: usize, runtime: &Handle) -> (Answers, Vec<oneshot::Receiver<Answer>>) {
        let room = Arc::new(Semaphore::new(count));
        let pairs = (0..count).map(|_| {
            let (answer, answered) = oneshot::channel();
            let room = room.clone().try_acquire_owned().unwrap();
            (Waiter { answer, room, runtime: runtime.clone() }, answered)
        });
        let (waiters, answered) = pairs.unzip();
        (Answers::refuse(waiters, &"gone"), answered)
    }

    #[tokio::test]
    async fn everyone_who_is_still_there_is_told() {
        for count in 1..4 {
            let (answers, mut answered) = answers(count, &Handle::current());
            drop(answered.remove(0));
            answers.send();
            for answered in answered {
                assert!(matches!(answered.await, Ok(Err(BrokerError::Unavailable(_)))));
            }
        }
    }

    #[test]
    fn a_runtime_that_has_ended_keeps_nobody_waiting() {
        let ended = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (answers, answered) = answers(3, ended.handle());
        drop(ended);
        answers.send();
        assert!(answered.into_iter().all(|answered| answered.blocking_recv().is_ok()));
    }
}
