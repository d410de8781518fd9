//! Comparing with the log: every few seconds, and whenever something was heard that this node cannot judge. One check at a
//! time; who asks is answered by one that began after asking.

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::epoch::Relation;
use super::stream::{BROKER_DEADLINE, Fetched, StreamTask, too_slow};
use crate::broker::BrokerError;
use crate::position::Head;
use crate::telemetry;

/// Checks are numbered as they begin.
#[derive(Debug, Default)]
pub(super) struct Checks {
    begun: u64,
    is_under_way: bool,
    /// Something was heard that the check under way may not know of.
    must_begin_again: bool,
    begun_at_turn_over: u64,
    /// Who wants to know the log's head, and the first check that may answer; one a session at most.
    asked: Vec<(u64, oneshot::Sender<Option<Head>>)>,
}

impl Checks {
    /// An answer of an earlier epoch to a check that has begun by now is late, not wrong.
    pub(super) fn turned_over(&mut self) {
        self.begun_at_turn_over = self.begun;
    }
}

impl StreamTask {
    pub(super) fn ask_head(&mut self, reply: oneshot::Sender<Option<Head>>) {
        let check = self.check_again();
        self.checks.asked.push((check, reply));
    }

    /// Compares with the log, if nobody does already.
    pub(super) fn check(&mut self) {
        if self.checks.is_under_way {
            return;
        }
        self.checks.is_under_way = true;
        self.checks.begun += 1;
        let (broker, name) = (self.broker.clone(), self.name.clone());
        self.fetches.spawn(async move {
            let checked = timeout(BROKER_DEADLINE, broker.check(&name)).await;
            Fetched::Check(checked.unwrap_or_else(|_| Err(too_slow())))
        });
    }

    /// Compares with the log from now on: an answer that is on its way already says nothing about what was heard since.
    /// Answers the number of the check that will.
    pub(super) fn check_again(&mut self) -> u64 {
        if self.checks.is_under_way {
            self.checks.must_begin_again = true;
            return self.checks.begun + 1;
        }
        self.check();
        self.checks.begun
    }

    pub(super) fn take_check(&mut self, checked: Result<Head, BrokerError>) {
        let check = self.checks.begun;
        self.checks.is_under_way = false;
        telemetry::broker_up(checked.is_ok());
        match checked {
            Ok(head) if self.relation(&head) == Relation::Older => self.distrust(&head, check),
            Ok(head) => self.take_head(&head, check),
            Err(error) => {
                tracing::warn!(stream = %self.name, %error, "the broker does not answer");
                self.answer_checks(check, None);
            }
        }
        if std::mem::take(&mut self.checks.must_begin_again) {
            self.check();
        }
    }

    /// A head that our own history goes on from. If it was asked for before we turned over it is just late; else the store
    /// has gone back, and until it is itself again nobody vouches for the stream, which turns stale.
    fn distrust(&mut self, head: &Head, check: u64) {
        if check <= self.checks.begun_at_turn_over {
            self.checks.must_begin_again = true;
        } else {
            tracing::error!(stream = %self.name, theirs = %head.epoch, ours = %self.head.epoch, "the store answers from an epoch that is over");
            self.answer_checks(check, None);
        }
    }

    fn take_head(&mut self, head: &Head, check: u64) {
        if head.epoch != self.head.epoch {
            self.turn_over(head);
        }
        self.head.first = head.first;
        self.gauge.checked(&self.head);
        self.is_vouched_for();
        telemetry::stream_lag(self.name.as_str(), head.top.saturating_sub(self.head.top));
        if head.top > self.head.top {
            self.repair();
        }
        self.settle(check, head.top);
        self.answer_checks(check, Some(head));
        self.tell_newest();
    }

    /// Answers who asked for a check before this one began.
    fn answer_checks(&mut self, check: u64, head: Option<&Head>) {
        for (number, reply) in std::mem::take(&mut self.checks.asked) {
            if number <= check {
                let _ = reply.send(head.cloned());
            } else {
                self.checks.asked.push((number, reply));
            }
        }
    }
}
