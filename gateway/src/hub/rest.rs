//! Followers whose socket takes no more: written from the window alone until they are live again, told what fell out of it.
//! And how a follower goes for good.

use bytes::Bytes;

use super::command::Attach;
use super::fanout;
use super::outlet::{Fanned, Outlet, SessionId, StreamId};
use super::stream::{Question, Resting, StreamTask};
use super::ticket::Ticket;
use crate::close::Close;
use crate::framing::Framing;
use crate::telemetry;
use crate::wire::{GapReason, ServerMessage};

impl StreamTask {
    /// Writes a rested follower what it missed, from the window alone, until it is live or its socket is full again.
    pub(super) fn resume(&mut self, session: SessionId) {
        let Some(mut rested) = self.resting.remove(&session) else { return };
        while rested.cursor < self.head.top {
            if !self.window.reaches(rested.cursor) {
                self.tell_slow(&mut rested);
                continue;
            }
            let (frames, last) = self.missed(&rested);
            let outlet = &rested.follower.outlet;
            match write(outlet, self.id, &frames) {
                Fanned::Written => rested.cursor = last,
                Fanned::LeftOver => {
                    rested.cursor = last;
                    self.resting.insert(session, rested);
                    return;
                }
                Fanned::Refused => {
                    self.resting.insert(session, rested);
                    return;
                }
                Fanned::Broken => {
                    telemetry::slow_sessions(-1);
                    self.members.dissolve(&rested.follower);
                    return;
                }
            }
        }
        telemetry::slow_sessions(-1);
        rested.follower.outlet.rejoin(self.id);
        self.members.enter_again(rested.follower);
    }

    /// What follows is out of the window: tell it, and go on where the window begins.
    fn tell_slow(&self, rested: &mut Resting) {
        let after = self.window.first().map_or(self.head.top, |first| first - 1);
        let gap = self.gap(GapReason::Slow, rested.cursor + 1, Some(after), after);
        telemetry::gap(gap.reason.as_str());
        let message = ServerMessage::gap(self.name.as_str(), None, &gap).to_json();
        self.say(&rested.follower.outlet, rested.follower.framing, &message);
        rested.cursor = after;
    }

    /// One batch of what a rested follower wants, framed, and the last offset looked at.
    fn missed(&self, rested: &Resting) -> (Bytes, u64) {
        let mut bytes = 0;
        let mut last = rested.cursor;
        let mut wanted = Vec::new();
        for item in self.window.after(rested.cursor) {
            if wanted.len() >= self.limits.batch_events || bytes >= self.limits.batch_bytes {
                break;
            }
            last = item.offset;
            if self.members.wants(&rested.follower, item.topic.as_str()) {
                bytes += item.json.len();
                wanted.push(item);
            }
        }
        telemetry::events_sent(rested.follower.framing.transport(), wanted.len() as u64);
        (fanout::frame(rested.follower.framing, &self.limits, wanted), last)
    }

    /// Ends a subscription; from here on nothing of it is written, so its connection's bar is lifted.
    pub(super) fn leave(&mut self, ticket: &Ticket) {
        self.part(ticket);
        self.latest.leave(ticket);
        ticket.outlet.unbar(ticket.number);
    }

    /// Takes a subscription out of the live ones, or of those that rest; answers how far it was.
    pub(super) fn part(&mut self, ticket: &Ticket) -> Option<u64> {
        let (session, number) = (ticket.outlet.session, ticket.number);
        if self.members.holds(session, number) {
            self.members.leave(session, number);
            return Some(self.head.top);
        }
        let resting = self.resting.get_mut(&session).filter(|it| it.follower.holds(number))?;
        let cursor = resting.cursor;
        if self.members.forget(&mut resting.follower, number) {
            telemetry::slow_sessions(-1);
            resting.follower.outlet.rejoin(self.id);
            self.resting.remove(&session);
        }
        Some(cursor)
    }

    /// How far it is, if it is live, or would be if its connection took writes.
    pub(super) fn member_cursor(&self, ticket: &Ticket) -> Option<u64> {
        let (session, number) = (ticket.outlet.session, ticket.number);
        let resting = self.resting.get(&session).filter(|it| it.follower.holds(number));
        let live = || self.members.holds(session, number).then_some(self.head.top);
        resting.map(|it| it.cursor).or_else(live)
    }

    pub(super) fn forget(&mut self, session: SessionId) {
        if let Some(follower) = self.members.leave_live(session) {
            self.members.dissolve(&follower);
        }
        if let Some(resting) = self.resting.remove(&session) {
            telemetry::slow_sessions(-1);
            self.members.dissolve(&resting.follower);
        }
        self.latest.forget(session);
        let is_its = |it: &Question| matches!(it, Question::Attach(Attach { ticket, .. }) if ticket.outlet.session == session);
        self.ahead.retain(|waiting| !is_its(&waiting.question));
    }

    /// Writes a message of the stream's own; a peer that lets these pile up is stuck.
    pub(super) fn say(&self, outlet: &Outlet, framing: Framing, message: &str) {
        if outlet.send(&framing.text(message.as_bytes()), self.limits.reply_bytes).is_err() {
            outlet.request_close(Close::Stuck);
        }
    }
}

fn write(outlet: &Outlet, stream: StreamId, frames: &Bytes) -> Fanned {
    if frames.is_empty() {
        return Fanned::Written;
    }
    outlet.fan(stream, frames)
}
