//! The checker: what was answered 2xx, against what each subscriber got. Pure: it knows numbers, not sockets.
//!
//! Every body carries a sequence number; the server gives it an offset. The `Ledger` holds which sequence number lies
//! at which offset, as the answers and all subscribers together say it. A `Follower` is one subscriber's place: the
//! next offset must come next, or lie in a gap that was told. It assumes that every event matches every subscriber.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use anyhow::{Result, ensure};
use serde::Serialize;

/// Beyond this an offset is taken for a fault of the server and not for a reason to allocate: 2^28 numbers are 1 GiB.
const OFFSET_MAX: u64 = 1 << 28;

/// Which sequence number lies at which offset. 0 is "none" in both lists: both kinds of number begin at 1.
#[derive(Default)]
pub(crate) struct Ledger {
    seq_at: Vec<u32>,
    offset_of: Vec<u32>,
    is_answered: Vec<bool>,
    top: u64,
    contradictions: u64,
    numbered_twice: u64,
}

impl Ledger {
    /// The event `seq` was answered 2xx; `offset` is what the answer said, if it said one.
    pub(crate) fn answer(&mut self, seq: u64, offset: Option<u64>) -> Result<()> {
        *slot(&mut self.is_answered, seq) = true;
        offset.map_or(Ok(()), |offset| self.place(offset, seq))
    }

    /// Somebody says that the event `seq` lies at `offset`.
    pub(crate) fn place(&mut self, offset: u64, seq: u64) -> Result<()> {
        ensure!((1..OFFSET_MAX).contains(&offset), "offset {offset}: not between 1 and {OFFSET_MAX}");
        ensure!((1..OFFSET_MAX).contains(&seq), "sequence number {seq}: nobody sent it");
        let at = slot(&mut self.seq_at, offset);
        if *at == seq as u32 {
            return Ok(());
        }
        if *at != 0 {
            self.contradictions += 1;
            return Ok(());
        }
        *at = seq as u32;
        self.top = self.top.max(offset);
        let of = slot(&mut self.offset_of, seq);
        if *of != 0 {
            self.numbered_twice += 1;
        }
        *of = offset as u32;
        Ok(())
    }

    /// The events of these offsets, as far as they are known.
    pub(crate) fn events(&self, offsets: RangeInclusive<u64>) -> impl Iterator<Item = u64> {
        offsets.filter_map(|offset| self.seq_at.get(offset as usize)).map(|seq| u64::from(*seq))
    }

    /// The highest offset that anyone has named.
    pub(crate) fn top(&self) -> u64 {
        self.top
    }

    fn answered(&self) -> u64 {
        self.is_answered.iter().filter(|answered| **answered).count() as u64
    }

    /// Answered 2xx, yet no offset is known: nobody ever saw it.
    fn vanished(&self) -> u64 {
        let is_placed = |seq: usize| self.offset_of.get(seq).is_some_and(|offset| *offset != 0);
        let answered = self.is_answered.iter().enumerate().filter(|(_, answered)| **answered);
        answered.filter(|(seq, _)| !is_placed(*seq)).count() as u64
    }
}

fn slot<T: Clone + Default>(list: &mut Vec<T>, index: u64) -> &mut T {
    let index = usize::try_from(index).expect("a 64-bit machine");
    if list.len() <= index {
        list.resize((index + 1).next_power_of_two(), T::default());
    }
    &mut list[index]
}

/// One subscriber's place in the stream.
#[derive(Default)]
pub(crate) struct Follower {
    next: u64,
    received: u64,
    told: u64,
    twice: u64,
    disordered: u64,
    skipped: Vec<RangeInclusive<u64>>,
}

impl Follower {
    /// A subscription whose events begin after `position`.
    pub(crate) fn after(position: u64) -> Self {
        Self { next: position + 1, ..Self::default() }
    }

    #[inline]
    pub(crate) fn take(&mut self, offset: u64) {
        self.received += 1;
        if offset == self.next {
            self.next += 1;
        } else if offset > self.next {
            self.skipped.push(self.next..=offset - 1);
            self.next = offset + 1;
        } else if self.strike(offset..=offset) == 1 {
            self.disordered += 1;
        } else {
            self.twice += 1;
        }
    }

    /// The newest of each topic came, up to this offset; they stand for so many events, those passed over among them. Answers
    /// whether that is as many as there were.
    pub(crate) fn take_newest(&mut self, last: u64, items: u64, passed_over: u64) -> bool {
        self.received += items;
        let expected = (last + 1).saturating_sub(self.next);
        match (items + passed_over).cmp(&expected) {
            Ordering::Less => self.skipped.push(self.next..=self.next + expected - items - passed_over - 1),
            Ordering::Greater => self.twice += items + passed_over - expected,
            Ordering::Equal => {}
        }
        self.next = self.next.max(last + 1);
        items + passed_over == expected
    }

    /// A gap was told: `from` and `to` as in the message, `on` the offset of the position where it goes on.
    pub(crate) fn tell(&mut self, from: Option<u64>, to: Option<u64>, on: u64) {
        let high = to.unwrap_or(on);
        let low = from.unwrap_or(self.next).min(high + 1);
        self.told += self.strike(low..=high);
        if low > self.next {
            self.skipped.push(self.next..=low - 1);
            self.next = low;
        }
        if high >= self.next {
            self.told += high + 1 - self.next;
            self.next = high + 1;
        }
    }

    /// The last offset that needs nothing more: received, or told as lost.
    pub(crate) fn position(&self) -> u64 {
        self.next - 1
    }

    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Takes what lies in `range` out of what was skipped, and says how much that was.
    fn strike(&mut self, range: RangeInclusive<u64>) -> u64 {
        if self.skipped.is_empty() {
            return 0;
        }
        let mut struck = 0;
        let before = std::mem::take(&mut self.skipped);
        for (low, high) in before.into_iter().map(RangeInclusive::into_inner) {
            let (from, to) = (low.max(*range.start()), high.min(*range.end()));
            if from > to {
                self.skipped.push(low..=high);
                continue;
            }
            struck += to - from + 1;
            let around = [(low, from - 1), (to + 1, high)];
            self.skipped.extend(around.into_iter().filter(|(a, b)| a <= b).map(|(a, b)| a..=b));
        }
        struck
    }

    fn untold(&self, top: u64) -> u64 {
        let skipped: u64 = self.skipped.iter().map(|range| range.end() - range.start() + 1).sum();
        skipped + (top + 1).saturating_sub(self.next)
    }
}

/// What the checker has to say about one server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    /// Events that were answered 2xx.
    pub(crate) events_in: u64,
    pub(crate) subscribers: u64,
    /// Events received, over all subscribers.
    pub(crate) events_out: u64,
    /// Lost, but told in a gap.
    pub(crate) told: u64,
    /// Lost without a word.
    pub(crate) untold: u64,
    pub(crate) twice: u64,
    pub(crate) out_of_order: u64,
}

impl Verdict {
    pub(crate) fn of<'a>(ledger: &Ledger, followers: impl Iterator<Item = &'a Follower>) -> Self {
        let mut verdict = Self { events_in: ledger.answered(), ..Self::default() };
        for follower in followers {
            verdict.subscribers += 1;
            verdict.events_out += follower.received;
            verdict.told += follower.told;
            verdict.untold += follower.untold(ledger.top);
            verdict.twice += follower.twice;
            verdict.out_of_order += follower.disordered;
        }
        verdict.twice += ledger.numbered_twice;
        verdict.out_of_order += ledger.contradictions;
        if verdict.subscribers > 0 {
            verdict.untold += ledger.vanished();
        }
        verdict
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.untold == 0 && self.twice == 0 && self.out_of_order == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answered `1..=n`, and one subscriber who got `offsets` (event n lies at offset n).
    fn judged(answered: u64, offsets: &[u64]) -> Verdict {
        let (mut ledger, mut follower) = (Ledger::default(), Follower::after(0));
        for seq in 1..=answered {
            ledger.answer(seq, Some(seq)).unwrap();
        }
        for offset in offsets {
            ledger.place(*offset, *offset).unwrap();
            follower.take(*offset);
        }
        Verdict::of(&ledger, [&follower].into_iter())
    }

    #[test]
    fn all_in_order_is_clean() {
        let verdict = judged(3, &[1, 2, 3]);
        assert!(verdict.is_clean());
        assert_eq!((verdict.events_in, verdict.events_out), (3, 3));
    }

    #[test]
    fn lost_in_the_middle_or_at_the_end_is_untold() {
        assert_eq!(judged(5, &[1, 2, 5]).untold, 2);
        assert_eq!(judged(5, &[1, 2, 3]).untold, 2);
        assert_eq!(judged(5, &[]).untold, 5);
        assert!(!judged(5, &[1, 2, 5]).is_clean());
    }

    #[test]
    fn twice_is_twice() {
        let verdict = judged(3, &[1, 2, 2, 3, 1]);
        assert_eq!((verdict.twice, verdict.untold, verdict.out_of_order), (2, 0, 0));
        assert!(!verdict.is_clean());
    }

    #[test]
    fn out_of_order_is_not_lost() {
        let verdict = judged(4, &[1, 3, 4, 2]);
        assert_eq!((verdict.out_of_order, verdict.untold, verdict.twice), (1, 0, 0));
        assert!(!verdict.is_clean());
    }

    #[test]
    fn a_told_gap_is_told_whether_it_comes_before_or_after_the_jump() {
        for gap_first in [true, false] {
            let mut follower = Follower::after(10);
            follower.take(11);
            if gap_first {
                follower.tell(Some(12), Some(14), 14);
            }
            follower.take(15);
            if !gap_first {
                follower.tell(Some(12), Some(14), 14);
            }
            assert_eq!((follower.told, follower.untold(15), follower.twice), (3, 0, 0), "{gap_first}");
        }
    }

    #[test]
    fn a_gap_that_begins_too_late_leaves_the_rest_untold() {
        let mut follower = Follower::after(0);
        follower.tell(Some(3), Some(5), 5);
        assert_eq!((follower.told, follower.untold(5)), (3, 2));
    }

    #[test]
    fn what_was_passed_over_must_add_up() {
        let mut follower = Follower::after(10);
        assert!(follower.take_newest(20, 2, 8));
        assert!(!follower.take_newest(30, 2, 7));
        assert_eq!((follower.untold(30), follower.twice, follower.received()), (1, 0, 4));
        assert!(!follower.take_newest(40, 2, 9));
        assert_eq!((follower.untold(40), follower.twice), (1, 1));
    }

    #[test]
    fn unknown_bounds_reach_from_here_to_the_position() {
        let mut follower = Follower::after(4);
        follower.tell(None, None, 9);
        assert_eq!((follower.told, follower.position(), follower.untold(9)), (5, 9, 0));
        follower.tell(Some(10), None, 9);
        assert_eq!((follower.told, follower.position()), (5, 9), "nothing was lost");
    }

    #[test]
    fn an_event_that_was_numbered_twice_is_found() {
        let mut ledger = Ledger::default();
        ledger.answer(1, Some(1)).unwrap();
        ledger.place(2, 1).unwrap();
        assert_eq!(Verdict::of(&ledger, std::iter::empty()).twice, 1);
    }

    #[test]
    fn two_subscribers_who_saw_different_events_at_one_offset_are_found() {
        let mut ledger = Ledger::default();
        ledger.place(1, 1).unwrap();
        ledger.place(1, 2).unwrap();
        assert_eq!(Verdict::of(&ledger, std::iter::empty()).out_of_order, 1);
    }

    #[test]
    fn an_event_answered_as_duplicate_that_nobody_saw_is_lost() {
        let mut ledger = Ledger::default();
        ledger.answer(1, None).unwrap();
        let follower = Follower::after(0);
        assert_eq!(Verdict::of(&ledger, [&follower].into_iter()).untold, 1);
    }

    #[test]
    fn offsets_beyond_reason_are_an_error() {
        let mut ledger = Ledger::default();
        assert!(ledger.place(0, 1).is_err());
        assert!(ledger.place(OFFSET_MAX, 1).is_err());
        assert!(ledger.place(1, 0).is_err());
    }
}
