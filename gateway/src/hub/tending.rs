//! What a stream's task does when nothing happens: says that nobody vouches for the stream any more, and ends when nobody
//! follows it.

use std::sync::Weak;
use std::time::Duration;

use tokio::time::Instant;

use super::members::Group;
use super::stream::StreamTask;
use super::streams::Streams;
use crate::telemetry;

/// However short an operator wants the waits to be.
const PAUSE_MIN: Duration = Duration::from_millis(1);

/// What is to come of the task.
pub(super) enum Tended {
    /// Nothing more until then.
    Until(Instant),
    /// Nobody can ask it anything any more.
    Ends,
}

impl StreamTask {
    /// Does what is due.
    pub(super) fn tend(&mut self, streams: &Weak<Streams>) -> Tended {
        let now = Instant::now();
        let mut stale_at = self.gauge.stale_at();
        if stale_at <= now {
            if !self.is_stale {
                self.is_stale = true;
                tracing::warn!(stream = %self.name, "the stream is stale: the broker has not answered for a while");
                self.ask_positions();
            }
            // The next check that is answered says so at once; the time counts from there.
            stale_at = now + self.limits.stale;
        }
        let mut unused_at = self.used_at + self.limits.linger;
        if unused_at <= now {
            if self.may_end(streams) {
                telemetry::stream_lag(self.name.as_str(), 0);
                tracing::debug!(stream = %self.name, "closed: nobody follows it");
                return Tended::Ends;
            }
            unused_at = now + self.limits.linger;
        }
        Tended::Until(stale_at.min(unused_at).max(now + PAUSE_MIN))
    }

    fn may_end(&self, streams: &Weak<Streams>) -> bool {
        let is_idle = self.members.count() == 0
            && self.resting.is_empty()
            && self.latest.is_empty()
            && self.lost.is_empty();
        is_idle && streams.upgrade().is_none_or(|streams| streams.close_unused(self.id))
    }

    /// The broker has answered: whoever was told that the stream is stale is told that it is not.
    pub(super) fn is_vouched_for(&mut self) {
        if std::mem::take(&mut self.is_stale) {
            tracing::info!(stream = %self.name, "the stream is current again");
            self.ask_positions();
        }
    }

    /// Lets each live member's session say at once how far it is.
    fn ask_positions(&self) {
        for member in self.members.groups().flat_map(Group::members) {
            member.outlet.ask_positions();
        }
        for outlet in self.latest.outlets() {
            outlet.ask_positions();
        }
    }
}
