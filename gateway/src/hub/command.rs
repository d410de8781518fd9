//! What a session asks of a stream's task, and what it is answered.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::cancel::Cancel;
use super::outlet::{Outlet, SessionId};
use super::window::Item;
use crate::framing::Framing;
use crate::position::{Head, Position};
use crate::topic::Pattern;
use crate::wire::Gap;

/// A request to a stream's task.
#[derive(Debug)]
pub enum Command {
    /// Become live if nothing follows this position, else read what does.
    Attach(Attach),
    /// Read what follows an offset, live or not.
    Read(Read),
    /// The log's head, fresh from the broker.
    Check { reply: oneshot::Sender<Option<Head>> },
    /// The newest offsets of matching topics.
    Newest { pattern: Pattern, reply: oneshot::Sender<Option<Newest>> },
    /// What was left over is written: go on from the window.
    Resume { session: SessionId },
    /// One live subscription ends.
    Leave { session: SessionId, pattern: Pattern },
    /// The connection ends.
    Gone { session: SessionId },
}

/// Who wants to be live, and from where.
#[derive(Debug)]
pub struct Attach {
    pub outlet: Arc<Outlet>,
    pub framing: Framing,
    pub id: Arc<str>,
    pub pattern: Pattern,
    pub after: Position,
    pub cancel: Cancel,
    pub reply: oneshot::Sender<Step>,
}

/// What to read.
#[derive(Debug)]
pub struct Read {
    pub after: u64,
    pub reply: oneshot::Sender<Step>,
}

/// One step of catching up.
#[derive(Debug)]
pub enum Step {
    /// `live` is written and the subscription hears what follows.
    Live,
    /// What follows the position, up to `upto`; first a gap, if there is one. May be empty.
    Page { gap: Option<Gap>, items: Vec<Item>, upto: Position },
    /// The position was never given out.
    Beyond,
    /// The broker does not answer.
    Unavailable,
}

/// The newest retained event of each matching topic at one moment.
#[derive(Debug)]
pub struct Newest {
    /// Rising.
    pub offsets: Vec<u64>,
    /// The moment.
    pub position: Position,
}
