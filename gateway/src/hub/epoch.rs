//! Which history a head tells of, how a position is judged, and what a stream's task does when the store has begun another
//! history: tell it, go on where ours ends in it, and append again what was lost (`put_back`).

use super::members::Group;
use super::stream::StreamTask;
use crate::broker::{Entry, NewEvent};
use crate::position::{Epoch, Head, Position, Resumption};
use crate::telemetry;
use crate::wire::{Gap, GapReason, ServerMessage};

/// How another head stands to ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Same,
    /// Its history goes on from ours.
    Newer,
    /// Ours goes on from its: it was read before ours began.
    Older,
    /// Neither knows the other: the store came back empty, or after too many epochs.
    Unrelated,
}

/// What becomes of a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// Nothing is missing up to here: go on after this offset.
    After(u64),
    /// This must be told; it goes on after the gap's position.
    Gap(Gap),
    /// Never given out, as far as this head knows.
    Beyond,
}

/// Whether a head can say where this epoch ends.
pub(super) fn knows(head: &Head, epoch: Epoch) -> bool {
    end_of(head, epoch).is_some()
}

fn end_of(head: &Head, epoch: Epoch) -> Option<u64> {
    if head.epoch == epoch {
        return Some(head.top);
    }
    head.past.iter().find(|(past, _)| *past == epoch).map(|(_, end)| *end)
}

/// Judges a position. Where turn-overs may have lost what was answered, passing from one epoch into the next is told, even
/// to whoever had seen nothing of the end of the earlier one.
pub(super) fn judge(head: &Head, position: Position, is_silent: bool) -> Judged {
    let gap = |from: u64, after: u64| {
        let position = Position { epoch: head.epoch, offset: after };
        Judged::Gap(Gap { reason: GapReason::Epoch, from: Some(from), to: None, position })
    };
    match head.resume(position) {
        Resumption::Beyond => Judged::Beyond,
        Resumption::Lost { after } => gap(position.offset + 1, after),
        Resumption::After(offset) if position.epoch == head.epoch || is_silent => Judged::After(offset),
        Resumption::After(offset) => gap(end_of(head, position.epoch).unwrap_or(offset) + 1, offset),
    }
}

impl StreamTask {
    pub(super) fn judge(&self, position: Position) -> Judged {
        judge(&self.head, position, self.broker.turns_over_silently())
    }

    pub(super) fn relation(&self, head: &Head) -> Relation {
        if head.epoch == self.head.epoch {
            Relation::Same
        } else if knows(head, self.head.epoch) {
            Relation::Newer
        } else if knows(&self.head, head.epoch) {
            Relation::Older
        } else {
            Relation::Unrelated
        }
    }

    /// The store began another history: go on where ours ends in it, and tell what may be missing.
    pub(super) fn turn_over(&mut self, head: &Head) {
        let ours = self.head.position();
        let (after, is_lost) = match head.resume(ours) {
            Resumption::After(offset) => (offset, false),
            Resumption::Lost { after } => (after, true),
            Resumption::Beyond => (head.top, true),
        };
        tracing::warn!(stream = %self.name, epoch = %head.epoch, is_lost, "the store began a new epoch");
        let end = end_of(head, ours.epoch);
        self.checks.turned_over();
        self.head = Head { top: ours.offset, ..head.clone() };
        self.pages.clear();
        self.newest = None;
        let lost = self.window.split_off(end.unwrap_or(0));
        let held = std::mem::take(&mut self.held);
        self.held_bytes = 0;
        if !self.broker.turns_over_silently() {
            self.lost.add(lost.iter().map(NewEvent::from));
            self.lost.add(beyond(end, held.values()));
        }
        if is_lost || !self.broker.turns_over_silently() {
            self.head.top = after;
            self.gauge.turn();
            self.tell_turn_over(ours.offset, end);
        }
        self.gauge.set(&self.head);
        self.serve_ahead();
        self.put_back();
    }

    /// Entries of another epoch than ours were pushed. One that we do not know must be looked at; of one that is over, what
    /// did not survive is put back: nobody else may have heard it.
    pub(super) fn take_foreign(&mut self, epoch: Epoch, entries: &[Entry]) {
        match end_of(&self.head, epoch) {
            None => _ = self.check_again(),
            Some(end) if !self.broker.turns_over_silently() => {
                self.lost.add(beyond(Some(end), entries.iter()));
                self.put_back();
            }
            Some(_) => {}
        }
    }

    /// Tells all followers that what came after `top` in the epoch before may be missing, and takes them back to what
    /// survived of it: `end`, or nothing.
    fn tell_turn_over(&mut self, top: u64, end: Option<u64>) {
        telemetry::gap(GapReason::Epoch.as_str());
        let message = self.turn_over_message(None, top, end, self.head.top);
        for member in self.members.groups().flat_map(Group::members) {
            self.say(&member.outlet, member.framing, &message);
        }
        let mut resting = std::mem::take(&mut self.resting);
        for rested in resting.values_mut() {
            let after = end.map_or(self.head.top, |end| end.min(rested.cursor));
            let message = self.turn_over_message(None, rested.cursor, end, after);
            self.say(&rested.follower.outlet, rested.follower.framing, &message);
            rested.cursor = after;
        }
        self.resting = resting;
        self.take_latest_back(end);
    }

    /// With an id for one subscription, else for whoever is live.
    pub(super) fn turn_over_message(
        &self,
        id: Option<&str>,
        seen: u64,
        end: Option<u64>,
        after: u64,
    ) -> String {
        let position = Position { epoch: self.head.epoch, offset: after };
        let from = Some(end.unwrap_or(0).max(seen) + 1);
        let gap = Gap { reason: GapReason::Epoch, from, to: None, position };
        ServerMessage::gap(self.name.as_str(), id, &gap).to_json()
    }
}

/// Entries that are not in what survived of their epoch.
fn beyond<'a>(end: Option<u64>, entries: impl Iterator<Item = &'a Entry>) -> impl Iterator<Item = NewEvent> {
    let end = end.unwrap_or(0);
    entries.filter(move |it| it.offset > end).map(|it| NewEvent {
        key: it.key,
        topic: it.topic.clone(),
        body: it.body.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_into_the_next_epoch_is_told_where_it_may_have_lost_something() {
        let epoch = |text: &str| text.parse().unwrap();
        let head = Head { epoch: epoch("new00000"), top: 90, first: 11, past: vec![(epoch("old00000"), 40)] };
        let at = |name: &str, offset, is_silent| {
            let position = Position { epoch: epoch(name), offset };
            match judge(&head, position, is_silent) {
                Judged::Gap(gap) => (gap.from, Some(gap.position.offset)),
                Judged::After(offset) => (None, Some(offset)),
                Judged::Beyond => (None, None),
            }
        };
        assert_eq!(at("new00000", 90, false), (None, Some(90)));
        assert_eq!(at("new00000", 91, false), (None, None));
        assert_eq!(at("old00000", 30, true), (None, Some(30)));
        assert_eq!(at("old00000", 30, false), (Some(41), Some(30)));
        assert_eq!(at("old00000", 50, true), (Some(51), Some(40)));
        assert_eq!(at("gone0000", 12, false), (Some(13), Some(10)));
    }
}
