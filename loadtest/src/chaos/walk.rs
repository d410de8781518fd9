//! One subscriber's way through the log, made from its transcript alone: which offsets of which epoch it passed, which of
//! them came, which were told as lost, and how each epoch was left. Pure.
//!
//! ```text
//!  epoch k3f9            start ▕▔▔▔▔got▔▔▔▔▏told▕▔▔got▔▔▏ next        what lies at or after `next` was lost with
//!                                                           ╲        the epoch, and told if `left` says so
//!  epoch p0aa                                          start ▕▔▔▔▔▔▔▔▏ next
//! ```

use std::collections::{BTreeSet, HashMap};

use super::runs::Runs;
use super::transcript::{Epoch, Gap, Line, Place, Transcript};

/// An event may come again around an `epoch` gap: among so many events that follow it, the SDK drops those whose ids it has
/// seen among the last so many. The checker does the same, and what the SDK would let through is twice.
const IDS_REMEMBERED: usize = 4_096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// This is where the transcript ends.
    Not,
    /// With a told `epoch` gap: whatever had not come may be lost.
    Told,
    /// Without a word: nothing may be lost, offsets go on.
    Silently,
}

#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) epoch: Epoch,
    /// The first offset that this subscriber is owed here.
    pub(crate) start: u32,
    /// The first offset that was neither sent nor told.
    pub(crate) next: u32,
    pub(crate) got: Runs,
    pub(crate) told: Runs,
    /// What a heartbeat vouched for although it had not come: no later gap mends that.
    pub(crate) lied: Runs,
    /// The first offset that no heartbeat has spoken of.
    vouched: u32,
    pub(crate) left: Left,
    pub(crate) left_ms: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) spans: Vec<Span>,
    /// By sequence number, which of all receipts was its last.
    received: HashMap<u32, u64>,
    /// The receipts of the ids that the SDK would still know.
    recent: BTreeSet<u64>,
    /// Events that may still be the second of their kind since the last `epoch` gap.
    suspects: usize,
    pub(crate) lines_of_events: u64,
    /// Came again around a told `epoch` gap, and was known by its id.
    pub(crate) repeated: u64,
    pub(crate) twice: Vec<u32>,
    pub(crate) disordered: Vec<Place>,
    /// Heartbeats that spoke of an epoch which had been left.
    pub(crate) late: Vec<Place>,
    pub(crate) gaps: u64,
    /// A new epoch was named just now, without a word yet on what was lost.
    is_turning: bool,
}

impl Walk {
    pub(crate) fn of(transcript: &Transcript) -> Self {
        let mut walk = Self::default();
        for (at, line) in &transcript.lines {
            match line {
                Line::Event { offset, seq } => walk.take(*offset, *seq),
                Line::Begins(place) => walk.begin(*at, *place),
                Line::Vouched(place) => walk.vouch(*at, *place),
                Line::Gap(gap) => walk.tell(*at, gap),
                Line::Away => {}
            }
        }
        walk
    }

    pub(crate) fn has(&self, seq: u32) -> bool {
        self.received.contains_key(&seq)
    }

    fn take(&mut self, offset: u32, seq: u32) {
        self.lines_of_events += 1;
        self.is_turning = false;
        let Some(span) = self.spans.last_mut() else {
            // An event before any `subscribed` has no place at all.
            return self.disordered.push(Place { epoch: "?".parse().expect("a short name"), offset });
        };
        let is_late = offset < span.next;
        let is_known = self.received.contains_key(&seq);
        if is_late && !(is_known && span.got.contains(offset)) {
            self.disordered.push(Place { epoch: span.epoch, offset });
        }
        span.got.add(offset, offset);
        span.next = span.next.max(offset + 1);
        let came_before = self.received.insert(seq, self.lines_of_events);
        let is_remembered = came_before.is_some_and(|number| self.recent.remove(&number));
        self.recent.insert(self.lines_of_events);
        if self.recent.len() > IDS_REMEMBERED {
            self.recent.pop_first();
        }
        if came_before.is_some() {
            if !is_late && self.suspects > 0 && is_remembered {
                self.repeated += 1;
            } else {
                self.twice.push(seq);
            }
        }
        self.suspects = self.suspects.saturating_sub(1);
    }

    fn begin(&mut self, at: u32, place: Place) {
        let after = place.offset + 1;
        match self.spans.last_mut() {
            None => self.enter(place.epoch, after, after),
            Some(span) if span.epoch == place.epoch => span.next = span.next.max(after),
            Some(span) => {
                let start = span.next.min(after);
                self.leave(at, Left::Silently);
                self.enter(place.epoch, start, after);
                self.is_turning = true;
            }
        }
    }

    fn vouch(&mut self, at: u32, place: Place) {
        if self.spans.iter().rev().skip(1).any(|span| span.epoch == place.epoch)
            && self.spans.last().is_some_and(|span| span.epoch != place.epoch)
        {
            return self.late.push(place);
        }
        self.is_turning = false;
        let Some(next) = self.spans.last().map(|span| span.next) else { return };
        if self.spans.last().is_some_and(|span| span.epoch != place.epoch) {
            self.leave(at, Left::Silently);
            self.enter(place.epoch, next, next);
        }
        let Some(span) = self.spans.last_mut() else { return };
        // What was skipped before counts as well: a heartbeat speaks of all up to its offset.
        for hole in span.got.holes_beside(&span.told, span.vouched, place.offset) {
            span.lied.add(hole, hole);
        }
        span.vouched = span.vouched.max(place.offset + 1);
        span.next = span.next.max(place.offset + 1);
    }

    fn tell(&mut self, at: u32, gap: &Gap) {
        self.gaps += 1;
        if gap.is_epoch {
            self.suspects = IDS_REMEMBERED;
        }
        let Some(span) = self.spans.last() else { return };
        if span.epoch != gap.on.epoch {
            self.leave(at, if gap.is_epoch { Left::Told } else { Left::Silently });
            self.enter(gap.on.epoch, gap.on.offset + 1, gap.on.offset + 1);
            return;
        }
        if gap.is_epoch && self.is_turning {
            let before = self.spans.len() - 2;
            (self.spans[before].left, self.spans[before].left_ms) = (Left::Told, at);
        }
        let Some(span) = self.spans.last_mut() else { return };
        let low = gap.from.unwrap_or(span.next);
        let high = gap.to.unwrap_or(gap.on.offset);
        span.told.add(low, high);
        if gap.is_epoch && self.is_turning {
            // `from` counts in the epoch before; here all that was skipped is told.
            span.told.add(span.start, gap.on.offset);
        }
        span.next = span.next.max(high + 1).max(gap.on.offset + 1);
    }

    fn leave(&mut self, at: u32, how: Left) {
        if let Some(span) = self.spans.last_mut() {
            (span.left, span.left_ms) = (how, at);
        }
    }

    fn enter(&mut self, epoch: Epoch, start: u32, next: u32) {
        if self.spans.iter().any(|span| span.epoch == epoch) {
            // History runs one way.
            self.disordered.push(Place { epoch, offset: start });
        }
        let (got, told, lied) = (Runs::default(), Runs::default(), Runs::default());
        let (left, left_ms, vouched) = (Left::Not, 0, start);
        self.spans.push(Span { epoch, start, next, got, told, lied, vouched, left, left_ms });
    }
}
