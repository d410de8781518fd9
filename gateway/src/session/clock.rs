//! What the clock asks of a session: signs of life, ends of tokens and of patience. tokio's timer is the one wheel; a
//! session has one entry in it.

use std::collections::BTreeMap;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;

use super::Session;
use crate::auth::{self, Identity};
use crate::close::Close;
use crate::hub::handle::StreamHandle;
use crate::position::Position;
use crate::wire::{ServerMessage, Text};

/// How writing what was left over went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Clear,
    Some,
    None,
}

impl Session {
    /// A byte came from the peer.
    pub fn heard(&mut self) {
        self.heard_at = Instant::now();
    }

    /// The peer took bytes, or everything.
    pub fn took(&mut self, has_progress: Progress) {
        if self.framing.is_one_way() && has_progress != Progress::None {
            self.heard();
        }
        self.blocked_since = match has_progress {
            Progress::Clear => None,
            Progress::Some => Some(Instant::now()),
            Progress::None => self.blocked_since.or_else(|| Some(Instant::now())),
        };
    }

    /// When [`Session::tick`] wants to be called next.
    pub fn wakes_at(&self) -> Instant {
        let limits = &self.sessions.limits;
        let mut at = self.heartbeat_at.min(self.heard_at + limits.silence);
        if self.identity.is_none() {
            at = at.min(self.started_at + limits.auth_deadline);
        }
        if let Some(since) = self.blocked_since {
            at = at.min(since + limits.stuck);
        }
        if let Some(expires) = self.identity.as_ref().and_then(|it| it.expires) {
            let left = Duration::from_secs(expires.saturating_sub(auth::now_seconds()));
            at = at.min(Instant::now() + left);
        }
        at
    }

    /// Does what the clock asks for.
    ///
    /// # Errors
    /// Ends the connection with this close.
    pub fn tick(&mut self) -> Result<(), Close> {
        let limits = &self.sessions.limits;
        let now = Instant::now();
        match &self.identity {
            None if now >= self.started_at + limits.auth_deadline => return Err(Close::AuthTimeout),
            Some(Identity { expires: Some(at), .. }) if auth::now_seconds() >= *at => {
                // What waits is not for whoever this token was given to, not any more.
                self.outlet.cut_if_blocked();
                return Err(Close::Expired);
            }
            _ => {}
        }
        if self.blocked_since.is_some_and(|since| now >= since + limits.stuck) {
            return Err(Close::Stuck);
        }
        if now >= self.heard_at + limits.silence {
            return Err(Close::Silent);
        }
        if now >= self.started_at + self.registration.age_max {
            return Err(Close::Restart);
        }
        if now >= self.heartbeat_at {
            self.heartbeat_at = now + limits.heartbeat;
            self.say_positions();
            self.outlet.send_if_current(&self.framing.ping(), || true);
        }
        Ok(())
    }

    /// Vouches for all that was sent. The positions are read first: what is sent meanwhile is only more. But for the gap of
    /// a new epoch: a position of the epoch before must not follow it, or the client would count from there.
    pub(super) fn say_positions(&self) {
        let live = self.live_streams().filter(|stream| !stream.is_stale());
        let vouched: Vec<(&StreamHandle, Position)> =
            live.filter_map(|stream| Some((stream, self.vouched(stream)?))).collect();
        let positions: BTreeMap<&str, _> =
            vouched.iter().map(|(stream, position)| (stream.name.as_str(), Text(*position))).collect();
        if self.identity.is_some() {
            let message = ServerMessage::Positions { positions, time: now_text() };
            // A subscription may have become live meanwhile that is behind what is said here.
            let is_still_so = || {
                let is_so =
                    |now: Position, said: &Position| now.epoch == said.epoch && now.offset >= said.offset;
                vouched.iter().all(|(stream, said)| self.vouched(stream).is_some_and(|now| is_so(now, said)))
            };
            self.outlet.send_if_current(&self.framing.text(message.to_json().as_bytes()), is_still_so);
        }
    }

    /// The lowest cursor of what is live on a stream. The stream's is read first: where the epoch turns over in between, it is
    /// another one when it is looked at again.
    fn vouched(&self, stream: &StreamHandle) -> Option<Position> {
        let vouched = stream.vouched()?;
        let cursors = self.subscriptions.iter().filter_map(|it| {
            let offset = it.ticket.cursor.get()?;
            (it.ticket.pattern.stream() == stream.name).then_some(offset)
        });
        Some(Position { offset: cursors.fold(vouched.offset, u64::min), ..vouched })
    }
}

pub(super) fn now_text() -> String {
    OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default()
}
