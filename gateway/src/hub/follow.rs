//! How a session catches up with a stream and becomes live: attach or read, resume, leave. The stream's task runs all of
//! this, so nothing is appended between "nothing follows" and "live".

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::command::{Attach, Newest, Read, Step};
use super::fanout::Frames;
use super::outlet::{Fanned, Outlet, SessionId};
use super::pages::{self, Asked, Cached};
use super::stream::{BROKER_DEADLINE, Fetched, Question, Resting, StreamTask, too_slow};
use super::window::Item;
use crate::broker::{BATCH_EVENTS_MAX, BrokerError, Page};
use crate::close::Close;
use crate::framing::Framing;
use crate::position::{Head, Position, Resumption};
use crate::telemetry;
use crate::topic::{Pattern, Topic};
use crate::wire::{Gap, GapReason, ServerMessage, Text};

/// Topics remembered with their newest offset; beyond it those no longer retained are forgotten first.
const TOPICS_PRUNED_AT: usize = 20_000;

impl StreamTask {
    /// Live at once when nothing follows, else what does.
    pub(super) fn attach(&mut self, attach: Attach) {
        match self.head.resume(attach.after) {
            Resumption::After(after) if after < self.head.top => self.answer(after, Question::Attach(attach)),
            Resumption::After(after) => self.enter(attach, after),
            Resumption::Lost { after } => {
                let gap = self.gap(GapReason::Epoch, attach.after.offset + 1, None, after);
                let _ =
                    attach.reply.send(Step::Page { upto: gap.position, gap: Some(gap), items: Vec::new() });
            }
            Resumption::Beyond => {
                self.ahead.push(attach);
                self.check();
            }
        }
    }

    pub(super) fn read(&mut self, read: Read) {
        self.answer(read.after, Question::Read(read));
    }

    fn enter(&mut self, attach: Attach, after: u64) {
        let Attach { outlet, framing, id, pattern, cancel, reply, .. } = attach;
        let session = outlet.session;
        if self.resting.contains_key(&session) {
            // One live cursor a connection and stream: while it rests, a newcomer does not pass it.
            let _ = reply.send(Step::Page { gap: None, items: Vec::new(), upto: self.head.position() });
            return;
        }
        let position = Text(Position { epoch: self.head.epoch, offset: after });
        // Whoever unsubscribed may have given the id to another pattern by now.
        cancel.unless(|| {
            self.say(&outlet, framing, &ServerMessage::Live { id: &id, position }.to_json());
            if reply.send(Step::Live).is_ok() {
                self.members.enter(outlet, framing, &pattern);
            }
        });
    }

    /// Answers what follows an offset from the window or the log.
    fn answer(&mut self, after: u64, question: Question) {
        if self.window.reaches(after) || after >= self.head.top {
            let items = take_page(self.window.after(after));
            let upto = items.last().map_or(after, |item| item.offset);
            self.reply(question, None, items, upto);
            return;
        }
        match self.pages.ask(after, question) {
            Asked::Known(page, question) => self.reply_from(&page, after, question),
            Asked::MustRead(number) => self.fetch(number),
            Asked::Waits => {}
        }
    }

    fn fetch(&mut self, number: u64) {
        let (broker, name) = (self.broker.clone(), self.name.clone());
        self.fetches.spawn(async move {
            let from = pages::first_offset(number);
            let read = timeout(BROKER_DEADLINE, broker.read(&name, from, BATCH_EVENTS_MAX)).await;
            Fetched::Page(number, read.unwrap_or_else(|_| Err(too_slow())))
        });
    }

    pub(super) fn take_page(&mut self, number: u64, page: Result<Page, BrokerError>) {
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!(stream = %self.name, %error, "a page could not be read");
                for question in self.pages.failed(number) {
                    let _ = question.into_reply().send(Step::Unavailable);
                }
                return;
            }
        };
        if page.head.epoch != self.head.epoch {
            self.turn_over(&page.head);
        }
        let page = Arc::new(Cached::new(number, &page));
        self.head.first = self.head.first.max(page.first);
        for question in self.pages.read(&page) {
            match question {
                // Its position is judged again: the epoch may have turned over meanwhile.
                Question::Attach(attach) => self.attach_from(&page, attach),
                Question::Read(read) => self.reply_from(&page, read.after, Question::Read(read)),
            }
        }
    }

    fn attach_from(&mut self, page: &Cached, attach: Attach) {
        match self.head.resume(attach.after) {
            Resumption::After(after) if after < self.head.top => {
                self.reply_from(page, after, Question::Attach(attach));
            }
            _ => self.attach(attach),
        }
    }

    fn reply_from(&self, page: &Cached, after: u64, question: Question) {
        let gap = (page.first > after + 1)
            .then(|| self.gap(GapReason::Retention, after + 1, Some(page.first - 1), page.first - 1));
        let after = gap.as_ref().map_or(after, |gap| gap.position.offset);
        let top = self.head.top;
        let items = take_page(page.items.iter().filter(|it| it.offset > after && it.offset <= top));
        let upto = items.last().map_or(after, |item| item.offset);
        self.reply(question, gap, items, upto);
    }

    fn reply(&self, question: Question, gap: Option<Gap>, items: Vec<Item>, upto: u64) {
        if let Some(gap) = &gap {
            telemetry::gap(gap.reason.as_str());
        }
        let upto = Position { epoch: self.head.epoch, offset: upto };
        let _ = question.into_reply().send(Step::Page { gap, items, upto });
    }

    fn gap(&self, reason: GapReason, from: u64, to: Option<u64>, after: u64) -> Gap {
        Gap { reason, from: Some(from), to, position: Position { epoch: self.head.epoch, offset: after } }
    }

    /// Serves those who wait for a position that is reached by now.
    pub(super) fn serve_ahead(&mut self) {
        if self.ahead.is_empty() {
            return;
        }
        for attach in std::mem::take(&mut self.ahead) {
            if matches!(self.head.resume(attach.after), Resumption::Beyond) {
                self.ahead.push(attach);
            } else {
                self.attach(attach);
            }
        }
    }

    /// Ends the wait of those whose position the log itself has not reached.
    pub(super) fn drop_beyond(&mut self, log_top: u64) {
        for attach in std::mem::take(&mut self.ahead) {
            if attach.after.epoch == self.head.epoch && attach.after.offset <= log_top {
                self.ahead.push(attach);
            } else {
                let _ = attach.reply.send(Step::Beyond);
            }
        }
    }

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
            match write(outlet, self.id, frames) {
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
        telemetry::events_sent(wanted.len() as u64);
        (Frames::encode(rested.follower.framing, wanted).all(), last)
    }

    pub(super) fn leave(&mut self, session: SessionId, pattern: &Pattern) {
        if self.members.is_live(session) {
            self.members.leave(session, pattern);
        } else if let Some(resting) = self.resting.get_mut(&session)
            && self.members.forget(&mut resting.follower, pattern)
        {
            telemetry::slow_sessions(-1);
            resting.follower.outlet.rejoin(self.id);
            self.resting.remove(&session);
        }
    }

    pub(super) fn forget(&mut self, session: SessionId) {
        if let Some(follower) = self.members.leave_live(session) {
            self.members.dissolve(&follower);
        }
        if let Some(resting) = self.resting.remove(&session) {
            telemetry::slow_sessions(-1);
            self.members.dissolve(&resting.follower);
        }
        self.ahead.retain(|attach| attach.outlet.session != session);
    }

    /// Writes a message of the stream's own; a peer that lets these pile up is stuck.
    pub(super) fn say(&self, outlet: &Outlet, framing: Framing, message: &str) {
        if outlet.send(&framing.text(message.as_bytes()), self.limits.reply_bytes).is_err() {
            outlet.request_close(Close::Stuck);
        }
    }

    pub(super) fn ask_newest(&mut self, pattern: Pattern, reply: oneshot::Sender<Option<Newest>>) {
        self.newest_asked.push((pattern, reply));
        if self.newest.is_some() {
            return self.tell_newest(self.head.top);
        }
        if self.newest_asked.len() == 1 {
            let (broker, name) = (self.broker.clone(), self.name.clone());
            self.fetches.spawn(async move {
                let topics = timeout(BROKER_DEADLINE, broker.topics(&name)).await;
                Fetched::Topics(topics.unwrap_or_else(|_| Err(too_slow())))
            });
        }
    }

    pub(super) fn take_topics(&mut self, topics: Result<(Head, Vec<(Topic, u64)>), BrokerError>) {
        match topics {
            Ok((head, topics)) => {
                let mut newest: HashMap<Topic, u64> = topics.into_iter().collect();
                for item in self.window.after(head.top.min(self.head.top)) {
                    newest.insert(item.topic.clone(), item.offset);
                }
                self.newest = Some(newest);
                self.tell_newest(head.top.max(self.head.top));
            }
            Err(error) => {
                tracing::warn!(stream = %self.name, %error, "the topics could not be read");
                for (_, reply) in self.newest_asked.drain(..) {
                    let _ = reply.send(None);
                }
            }
        }
    }

    fn tell_newest(&mut self, moment: u64) {
        let position = Position { epoch: self.head.epoch, offset: moment };
        let first = self.head.first;
        let Some(newest) = &mut self.newest else { return };
        if newest.len() > TOPICS_PRUNED_AT {
            newest.retain(|_, offset| *offset >= first);
        }
        for (pattern, reply) in self.newest_asked.drain(..) {
            let matching = newest.iter().filter(|(topic, _)| pattern.matches(topic.as_str()));
            let mut offsets: Vec<u64> =
                matching.map(|(_, offset)| *offset).filter(|it| *it >= first).collect();
            offsets.sort_unstable();
            let _ = reply.send(Some(Newest { offsets, position }));
        }
    }
}

impl Question {
    fn into_reply(self) -> oneshot::Sender<Step> {
        match self {
            Self::Attach(attach) => attach.reply,
            Self::Read(read) => read.reply,
        }
    }
}

fn take_page<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<Item> {
    items.take(BATCH_EVENTS_MAX).cloned().collect()
}

fn write(outlet: &Outlet, stream: super::outlet::StreamId, frames: Bytes) -> Fanned {
    if frames.is_empty() {
        return Fanned::Written;
    }
    let total = frames.len();
    let parts = [frames];
    outlet.fan(stream, &[std::io::IoSlice::new(&parts[0])], &parts, total)
}
