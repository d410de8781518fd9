//! Those who listen to a stream, and how a push reaches them without ever waiting. Knows no log.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::broker::{BrokerError, Entry, Listener, PUSHES_WAITING_MAX, Push};
use crate::position::Epoch;
use crate::topic::StreamName;

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

    fn are_gone(&self) -> bool {
        self.0.iter().all(|sender| sender.pushes.is_closed())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hands the entries to each listener that has room, and forgets listeners that are gone.
    pub(super) fn publish(&mut self, epoch: Epoch, entries: &Arc<[Entry]>) {
        self.0.retain_mut(|sender| sender.push(Push::Entries { epoch, entries: entries.clone() }));
    }
}

/// The listeners of every stream, for a broker whose writer and callers are apart.
#[derive(Debug)]
pub(super) struct StreamListeners {
    streams_max: usize,
    /// None once closed.
    streams: Mutex<Option<HashMap<StreamName, Listeners>>>,
}

impl StreamListeners {
    pub(super) fn new(streams_max: usize) -> Self {
        Self { streams_max, streams: Mutex::new(Some(HashMap::new())) }
    }

    pub(super) fn listen(&self, stream: &StreamName) -> Result<Listener, BrokerError> {
        let mut streams = self.lock();
        let streams = streams.as_mut().ok_or_else(BrokerError::closed)?;
        if !streams.contains_key(stream) && streams.len() >= self.streams_max {
            streams.retain(|_, listeners| !listeners.are_gone());
            if streams.len() >= self.streams_max {
                return Err(too_many_streams(stream, self.streams_max));
            }
        }
        Ok(streams.entry(stream.clone()).or_default().listen())
    }

    pub(super) fn publish(&self, stream: &StreamName, epoch: Epoch, entries: Vec<Entry>) {
        if let Some(listeners) = self.lock().as_mut().and_then(|streams| streams.get_mut(stream)) {
            listeners.publish(epoch, &entries.into());
        }
    }

    /// The log has grown by what is not pushed.
    pub(super) fn publish_grown(&self, stream: &StreamName, epoch: Epoch, top: u64) {
        self.push(stream, &Push::Grown { epoch, top });
    }

    /// Tells the listeners of one stream that something may have been missed.
    pub(super) fn publish_missed_of(&self, stream: &StreamName) {
        self.push(stream, &Push::Missed);
    }

    fn push(&self, stream: &StreamName, push: &Push) {
        if let Some(listeners) = self.lock().as_mut().and_then(|streams| streams.get_mut(stream)) {
            listeners.0.retain_mut(|sender| sender.push(push.clone()));
        }
    }

    /// The streams that someone listens to.
    pub(super) fn wanted(&self) -> Vec<StreamName> {
        let streams = self.lock();
        let wanted = streams.iter().flatten().filter(|(_, listeners)| !listeners.are_gone());
        wanted.map(|(stream, _)| stream.clone()).collect()
    }

    /// Forgets the streams that nobody listens to any more, and says which.
    pub(super) fn take_unwanted(&self) -> Vec<StreamName> {
        let mut unwanted = Vec::new();
        if let Some(streams) = self.lock().as_mut() {
            streams.retain(|stream, listeners| {
                let is_wanted = !listeners.are_gone();
                if !is_wanted {
                    unwanted.push(stream.clone());
                }
                is_wanted
            });
        }
        unwanted
    }

    /// Tells everyone that something may have been missed.
    pub(super) fn publish_missed(&self) {
        for listeners in self.lock().iter_mut().flat_map(HashMap::values_mut) {
            listeners.0.retain_mut(|sender| sender.push(Push::Missed));
        }
    }

    /// Every listener sees the end, and nobody new is taken.
    pub(super) fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<StreamName, Listeners>>> {
        self.streams.lock().expect("nothing done under the listeners' lock panics")
    }
}

/// The answer to whoever would be the first in one stream more than a broker may have.
pub(super) fn too_many_streams(stream: &StreamName, streams_max: usize) -> BrokerError {
    BrokerError::Unavailable(format!(
        "it keeps {streams_max} streams at most, and `{stream}` would be one more"
    ))
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
