//! What a session asks of a stream's task, and what it is answered.

use tokio::sync::oneshot;

use super::outlet::SessionId;
use super::places::Places;
use super::ticket::Ticket;
use super::window::Item;
use crate::position::{Head, Position};
use crate::topic::Pattern;
use crate::wire::{Gap, Mode};

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
    /// How far those are who are behind.
    Places { reply: oneshot::Sender<Places> },
    /// What was left over is written: go on from the window.
    Resume { session: SessionId },
    /// One subscription that is live changes its mode.
    Turn(Turn),
    /// One subscription that is live, in either mode, ends.
    Leave { ticket: Ticket },
    /// The connection ends.
    Gone { session: SessionId },
}

/// Who wants to be live, and from where.
#[derive(Debug)]
pub struct Attach {
    pub ticket: Ticket,
    pub mode: Mode,
    pub after: Position,
    pub reply: oneshot::Sender<Step>,
}

/// Who is live and wants another mode. Answered with `Live`, or with where it is, from where it catches up.
#[derive(Debug)]
pub struct Turn {
    pub ticket: Ticket,
    pub to: Mode,
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
    /// `live` is written and the subscription hears what follows, in the mode that it asked for.
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
    /// The oldest offset retained.
    pub first: u64,
    /// The moment.
    pub position: Position,
}
