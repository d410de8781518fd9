//! How a session catches up with a stream and becomes live: attach or read, resume, leave. The stream's task runs all of
//! this, so nothing is appended between "nothing follows" and "live".

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::cancel::Stage;
use super::command::{Attach, Read, Step};
use super::epoch::{Judged, Relation, knows};
use super::pages::{self, Asked, Cached};
use super::stream::{BROKER_DEADLINE, Fetched, Question, StreamTask, Waiting, too_slow};
use super::ticket::Ticket;
use super::window::Item;
use crate::broker::{BATCH_EVENTS_MAX, BrokerError, Page};
use crate::position::Position;
use crate::telemetry;
use crate::wire::{Gap, GapReason, Mode, ServerMessage, Text};

impl StreamTask {
    /// Live at once when nothing follows, else what does. What this node cannot judge waits for a check that begins now:
    /// another node may have heard of an epoch or an offset first.
    pub(super) fn attach(&mut self, attach: Attach) {
        match self.judge(attach.after) {
            Judged::After(after) => match attach.mode {
                Mode::LatestMs(every_ms) => self.attach_latest(attach, after, every_ms),
                Mode::All if after < self.head.top => self.answer(after, Question::Attach(attach)),
                Mode::All => self.enter(attach, after),
            },
            Judged::Gap(gap) if knows(&self.head, attach.after.epoch) => tell(attach, gap),
            Judged::Gap(_) | Judged::Beyond => self.wait(Question::Attach(attach)),
        }
    }

    /// Lets a question wait for a check that begins after it was asked.
    fn wait(&mut self, question: Question) {
        let check = self.check_again();
        self.ahead.push(Waiting { question, check });
    }

    pub(super) fn read(&mut self, read: Read) {
        self.answer(read.after, Question::Read(read));
    }

    fn enter(&mut self, attach: Attach, after: u64) {
        let Attach { ticket, reply, .. } = attach;
        if self.resting.contains_key(&ticket.outlet.session) {
            // One live cursor a connection and stream: while it rests, a newcomer does not pass it.
            let _ = reply.send(Step::Page { gap: None, items: Vec::new(), upto: self.head.position() });
            return;
        }
        // Whoever unsubscribed may have given the id to another pattern by now.
        ticket.cancel.advance(|| {
            self.say_live(&ticket, after);
            if reply.send(Step::Live).is_ok() {
                self.members.enter(&ticket);
            }
            ticket.cursor.clear();
            Stage::Live
        });
    }

    pub(super) fn say_live(&self, ticket: &Ticket, after: u64) {
        let position = Text(Position { epoch: self.head.epoch, offset: after });
        let message = ServerMessage::Live { id: &ticket.id, position }.to_json();
        self.say(&ticket.outlet, ticket.framing, &message);
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
        match self.relation(&page.head) {
            Relation::Same => {}
            Relation::Newer => self.turn_over(&page.head),
            // Read before our epoch began, or of a history that only a check can vouch for.
            Relation::Older | Relation::Unrelated => {
                for question in self.pages.failed(number) {
                    self.wait(question);
                }
                return;
            }
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
        match self.judge(attach.after) {
            Judged::After(after) if after < self.head.top => {
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

    pub(super) fn gap(&self, reason: GapReason, from: u64, to: Option<u64>, after: u64) -> Gap {
        Gap { reason, from: Some(from), to, position: Position { epoch: self.head.epoch, offset: after } }
    }

    /// Serves those who wait for a position that can be judged by now.
    pub(super) fn serve_ahead(&mut self) {
        if self.ahead.is_empty() {
            return;
        }
        for waiting in std::mem::take(&mut self.ahead) {
            match waiting.question {
                Question::Attach(attach) if self.can_judge(attach.after) => self.attach(attach),
                question => self.ahead.push(Waiting { question, ..waiting }),
            }
        }
    }

    fn can_judge(&self, position: Position) -> bool {
        knows(&self.head, position.epoch) && self.judge(position) != Judged::Beyond
    }

    /// Answers those who waited for this check or an earlier one; `log_top` is what it found.
    pub(super) fn settle(&mut self, check: u64, log_top: u64) {
        for waiting in std::mem::take(&mut self.ahead) {
            if waiting.check > check {
                self.ahead.push(waiting);
                continue;
            }
            match waiting.question {
                Question::Read(read) => self.read(read),
                Question::Attach(attach) => match self.judge(attach.after) {
                    Judged::After(_) => self.attach(attach),
                    Judged::Gap(gap) => tell(attach, gap),
                    // On its way to us: accepted soon.
                    Judged::Beyond if attach.after.offset <= log_top => {
                        self.ahead.push(Waiting { question: Question::Attach(attach), ..waiting });
                    }
                    Judged::Beyond => _ = attach.reply.send(Step::Beyond),
                },
            }
        }
    }
}

/// Answers a gap, after which the session asks again.
fn tell(attach: Attach, gap: Gap) {
    telemetry::gap(gap.reason.as_str());
    let _ = attach.reply.send(Step::Page { upto: gap.position, gap: Some(gap), items: Vec::new() });
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
