//! Those who listen to one stream, and how a push reaches them without ever waiting. Knows no log.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::broker::{Entry, Listener, PUSHES_WAITING_MAX, Push};
use crate::position::Epoch;

/// The sending ends of a stream's listeners. Their owner publishes under one lock, so all hear the same order.
#[derive(Debug, Default)]
pub(super) struct Listeners(Vec<Sender>);

#[derive(Debug)]
struct Sender {
    pushes: mpsc::Sender<Push>,
    /// A push found the queue full; the next that fits is [`Push::Missed`].
    has_missed: bool,
}

impl Listeners {
    pub(super) fn listen(&mut self) -> Listener {
        // A stream that nobody appends to would otherwise gather listeners that are long gone.
        self.0.retain(|sender| !sender.pushes.is_closed());
        let (sender, pushes) = mpsc::channel(PUSHES_WAITING_MAX);
        self.0.push(Sender { pushes: sender, has_missed: false });
        Listener { pushes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hands the entries to each listener that has room, and forgets listeners that are gone.
    pub(super) fn publish(&mut self, epoch: Epoch, entries: &Arc<[Entry]>) {
        self.0.retain_mut(|sender| sender.push(Push::Entries { epoch, entries: entries.clone() }));
    }
}

impl Sender {
    /// Whether the listener is still there.
    fn push(&mut self, push: Push) -> bool {
        let push = if self.has_missed { Push::Missed } else { push };
        match self.pushes.try_send(push) {
            Ok(()) => {
                self.has_missed = false;
                true
            }
            Err(TrySendError::Full(_)) => {
                self.has_missed = true;
                true
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }
}
