//! A way to ask one stream's task: what a session holds of the hub.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::HubError;
use super::command::{Attach, Command, Newest, Read, Step, Turn};
use super::epoch::{self, Judged};
use super::gauge::Gauge;
use super::outlet::StreamId;
use super::places::Places;
use super::stream::BROKER_DEADLINE;
use super::ticket::Ticket;
use crate::broker::{Broker, BrokerError, Page};
use crate::position::{Head, Position};
use crate::topic::{Pattern, StreamName};
use crate::wire::Mode;

/// A way to ask one stream's task; cheap to clone.
#[derive(Debug, Clone)]
pub struct StreamHandle {
    pub id: StreamId,
    pub name: StreamName,
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) gauge: Arc<Gauge>,
    pub(super) broker: Arc<dyn Broker>,
    pub(super) tasks: TaskTracker,
}

impl StreamHandle {
    /// The head as live members know it.
    pub fn head(&self) -> Head {
        self.gauge.head()
    }

    /// How far a heartbeat may vouch for live members.
    pub fn vouched(&self) -> Option<Position> {
        self.gauge.vouched()
    }

    /// Nobody has been able to vouch for the stream for a while.
    pub fn is_stale(&self) -> bool {
        self.gauge.is_stale()
    }

    /// There is no other handle, and the stream's task has done all that it was asked.
    pub(super) fn is_unused(&self) -> bool {
        self.commands.strong_count() == 1 && self.commands.capacity() == self.commands.max_capacity()
    }

    /// The log's own head, fresh; none when the broker does not answer.
    pub async fn check(&self) -> Option<Head> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Check { reply }).await.ok()?;
        answer.await.ok().flatten()
    }

    /// Judges a position by a head of this stream, which is answered too. What this node does not know, an offset or an epoch,
    /// it judges by the log itself; none when the broker does not answer.
    pub async fn judge(&self, position: Position) -> Option<(Head, Judged)> {
        let is_silent = self.broker.turns_over_silently();
        let head = self.head();
        let judged = epoch::judge(&head, position, is_silent);
        if matches!(judged, Judged::After(_)) {
            return Some((head, judged));
        }
        let head = self.check().await?;
        let judged = epoch::judge(&head, position, is_silent);
        Some((head, judged))
    }

    /// Asks to become live in this mode.
    pub async fn attach(&self, ticket: Ticket, mode: Mode, after: Position) -> Step {
        let (reply, answer) = oneshot::channel();
        let _ = self.commands.send(Command::Attach(Attach { ticket, mode, after, reply })).await;
        answer.await.unwrap_or(Step::Unavailable)
    }

    /// Changes the mode of a subscription that is live.
    pub async fn turn(&self, ticket: Ticket, to: Mode) -> Step {
        let (reply, answer) = oneshot::channel();
        let _ = self.commands.send(Command::Turn(Turn { ticket, to, reply })).await;
        answer.await.unwrap_or(Step::Unavailable)
    }

    /// Reads what follows an offset.
    pub async fn read(&self, after: u64) -> Step {
        let (reply, answer) = oneshot::channel();
        let _ = self.commands.send(Command::Read(Read { after, reply })).await;
        answer.await.unwrap_or(Step::Unavailable)
    }

    /// The newest event's offset of each topic that matches.
    pub async fn newest(&self, pattern: Pattern) -> Option<Newest> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Newest { pattern, reply }).await.ok()?;
        answer.await.ok().flatten()
    }

    /// How far those are who are behind; none when the stream ends.
    pub async fn places(&self) -> Option<Places> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Places { reply }).await.ok()?;
        answer.await.ok()
    }

    /// Entries by offset, as far as they are retained.
    pub async fn get(&self, offsets: &[u64]) -> Result<Page, HubError> {
        Ok(timeout(BROKER_DEADLINE, self.broker.get(&self.name, offsets))
            .await
            .map_err(|_| HubError::Unavailable("it did not answer within 10 s".into()))??)
    }

    /// The position after which everything is younger than this, by the broker's clock.
    pub async fn younger_than(&self, age_ms: u64) -> Result<Position, HubError> {
        let sought = async {
            let now_ms = self.broker.now_ms().await?;
            let (head, offset) = self.broker.seek(&self.name, now_ms.saturating_sub(age_ms)).await?;
            Ok::<_, BrokerError>(Position { epoch: head.epoch, offset: offset - 1 })
        };
        Ok(timeout(BROKER_DEADLINE, sought)
            .await
            .map_err(|_| HubError::Unavailable("it did not answer within 10 s".into()))??)
    }

    /// Ends one live subscription.
    pub fn leave(&self, ticket: Ticket) {
        self.post(Command::Leave { ticket });
    }

    /// Delivers a command that must not be lost. Where the queue is full a task waits for room: one a session at most,
    /// as each of these ends something that the session had begun.
    pub(super) fn post(&self, command: Command) {
        if let Err(mpsc::error::TrySendError::Full(command)) = self.commands.try_send(command) {
            let commands = self.commands.clone();
            self.tasks.spawn(async move { commands.send(command).await });
        }
    }
}
