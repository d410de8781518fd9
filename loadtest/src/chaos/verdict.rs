//! The judgement: what was answered 2xx, against each subscriber's way through the log. Pure, and without a line in common
//! with the gateway.
//!
//! An event that a subscriber did not get has a fate at each place where it is known to lie: it was passed by (a hole), lay
//! in what a gap told, or came before the subscriber did. One hole is enough to call it untold; where nobody knows a
//! place, a told epoch gap must have been told after the event was sent and before anything was received that was
//! sent after its answer.

use std::collections::HashSet;

use serde::Serialize;

use super::ledger::{Event, Ledger};
use super::transcript::{Line, Place, Takes, Transcript};
use super::walk::{Left, Span, Walk};

/// Findings of each kind that are described in words: one cause makes thousands.
const FINDINGS_MAX: usize = 3;

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Untold,
    Twice,
    OutOfOrder,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    /// Events that were answered 2xx.
    pub(crate) events_in: u64,
    pub(crate) subscribers: u64,
    /// Events received, over all subscribers.
    pub(crate) delivered: u64,
    /// Not received, but told in a gap.
    pub(crate) told: u64,
    pub(crate) gaps: u64,
    pub(crate) epochs: u64,
    /// Came again around a told epoch gap, as is promised.
    pub(crate) repeated: u64,
    /// Lost without a word.
    pub(crate) untold: u64,
    pub(crate) twice: u64,
    pub(crate) out_of_order: u64,
    /// What is wrong, in words.
    pub(crate) findings: Vec<String>,
    #[serde(skip)]
    described: [usize; 3],
}

impl Verdict {
    pub(crate) fn of(ledger: &Ledger, transcripts: &[Transcript]) -> Self {
        let mut verdict = Self {
            events_in: ledger.answered().count() as u64,
            epochs: ledger.epochs() as u64,
            twice: ledger.numbered_twice.len() as u64,
            out_of_order: ledger.contradictions.len() as u64,
            ..Self::default()
        };
        for (seq, place) in &ledger.numbered_twice {
            verdict.find(
                Kind::Twice,
                format!("event {seq} lies twice in one epoch, the second time at {place}"),
            );
        }
        for (place, one, other) in &ledger.contradictions {
            verdict.find(
                Kind::OutOfOrder,
                format!("at {place} lies event {one} for some and {other} for others"),
            );
        }
        for transcript in transcripts {
            verdict.judge(ledger, transcript);
        }
        verdict
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.untold == 0 && self.twice == 0 && self.out_of_order == 0
    }

    fn find(&mut self, kind: Kind, what: String) {
        let described = &mut self.described[kind as usize];
        if *described < FINDINGS_MAX {
            *described += 1;
            self.findings.push(what);
        }
    }

    fn judge(&mut self, ledger: &Ledger, transcript: &Transcript) {
        let walk = Walk::of(transcript);
        self.subscribers += 1;
        self.delivered += walk.lines_of_events;
        self.gaps += walk.gaps;
        self.repeated += walk.repeated;
        self.twice += walk.twice.len() as u64;
        self.out_of_order += (walk.disordered.len() + walk.late.len()) as u64;
        let name = &transcript.name;
        if let Some(seq) = walk.twice.first() {
            let shown =
                transcript.around(|line| matches!(line, Line::Event { seq: other, .. } if other == seq));
            self.find(
                Kind::Twice,
                format!("{name}: {} twice, first event {seq}:\n{shown}", walk.twice.len()),
            );
        }
        if let Some(place) = walk.disordered.first() {
            let shown = transcript.around(|line| is_event_at(line, place.offset));
            self.find(
                Kind::OutOfOrder,
                format!("{name}: {} out of order, first {place}:\n{shown}", walk.disordered.len()),
            );
        }
        if let Some(place) = walk.late.first() {
            let shown = transcript.around(|line| *line == Line::Vouched(*place));
            let what = "heartbeats of an epoch that a gap had ended";
            self.find(
                Kind::OutOfOrder,
                format!("{name}: {} {what}, first {place}:\n{shown}", walk.late.len()),
            );
        }
        let case = Case { ledger, transcript, walk: &walk };
        let mut untold = HashSet::new();
        for (seq, event, answered_ms) in ledger.answered() {
            if !transcript.takes.matches(seq) || walk.has(seq) {
                continue;
            }
            match case.fate(event, answered_ms) {
                Fate::Told => self.told += 1,
                Fate::Hole | Fate::NeverReached => drop(untold.insert(seq)),
                Fate::Before => {}
            }
        }
        let unnamed = case.unnamed_holes(&untold);
        self.untold += untold.len() as u64 + unnamed.len() as u64;
        if let Some(seq) = untold.iter().min() {
            self.find(
                Kind::Untold,
                format!("{name}: {} untold, first event {seq}: {}", untold.len(), case.story(*seq)),
            );
        }
        if let Some(place) = unnamed.first() {
            let shown = transcript.around(|line| is_event_at(line, place.offset + 1));
            self.find(
                Kind::Untold,
                format!("{name}: {} offsets untold, first {place}:\n{shown}", unnamed.len()),
            );
        }
    }
}

fn is_event_at(line: &Line, at: u32) -> bool {
    matches!(line, Line::Event { offset, .. } if *offset == at)
}

/// What became of an event that did not come, at one place or altogether.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Told,
    Hole,
    NeverReached,
    /// It lies before this subscriber began.
    Before,
}

struct Case<'a> {
    ledger: &'a Ledger,
    transcript: &'a Transcript,
    walk: &'a Walk,
}

impl Case<'_> {
    fn fate(&self, event: &Event, answered_ms: u32) -> Fate {
        let fates: Vec<_> = event.places.iter().map(|place| self.fate_at(*place)).collect();
        let is_any = |fate| fates.contains(&fate);
        match () {
            () if fates.is_empty() => self.fate_by_time(event, answered_ms),
            () if is_any(Fate::Hole) => Fate::Hole,
            () if is_any(Fate::NeverReached) => Fate::NeverReached,
            () if is_any(Fate::Told) => Fate::Told,
            () => Fate::Before,
        }
    }

    fn fate_at(&self, place: Place) -> Fate {
        let spans = &self.walk.spans;
        if let Some(index) = spans.iter().rposition(|span| span.epoch == place.epoch) {
            return self.fate_in(index, place.offset);
        }
        // An epoch that this subscriber never was in: what counts is how it got past.
        let order = self.ledger.order(place.epoch);
        match spans.iter().rposition(|span| self.ledger.order(span.epoch) < order) {
            None => Fate::Before,
            Some(index) if index + 1 == spans.len() => Fate::NeverReached,
            Some(index) if spans[index].left == Left::Told => Fate::Told,
            Some(index) => self.fate_in(index + 1, place.offset),
        }
    }

    fn fate_in(&self, index: usize, offset: u32) -> Fate {
        let span = &self.walk.spans[index];
        if offset < span.start {
            // What survived a turn-over has kept its offset, so the epoch before knows it.
            return if index == 0 { Fate::Before } else { self.fate_in(index - 1, offset) };
        }
        if offset < span.next {
            // Where another event came instead, this one did not survive, and a later gap does not speak of it.
            let is_told =
                span.told.contains(offset) && !span.lied.contains(offset) && !span.got.contains(offset);
            return if is_told { Fate::Told } else { Fate::Hole };
        }
        match span.left {
            Left::Told => Fate::Told,
            Left::Silently => self.fate_in(index + 1, offset),
            Left::Not => Fate::NeverReached,
        }
    }

    /// Answered, yet nobody knows where it lay: Redis lost it before anybody saw it, or nobody may lose it.
    fn fate_by_time(&self, event: &Event, answered_ms: u32) -> Fate {
        let told_after = |from: u32| {
            let spans = self.walk.spans.iter();
            spans.filter(move |span| span.left == Left::Told && span.left_ms >= from).map(|span| span.left_ms)
        };
        let Some(told_ms) = told_after(event.sent_ms).min() else { return Fate::Hole };
        let lines = self.transcript.lines.iter().take_while(|(at, _)| *at < told_ms);
        let is_passed = lines.filter_map(|(_, line)| line.seq()).any(|seq| {
            self.ledger
                .events
                .get(&seq)
                .is_some_and(|other| other.answered_ms.is_some() && other.sent_ms > answered_ms)
        });
        if is_passed { Fate::Hole } else { Fate::Told }
    }

    /// Offsets that were passed by, and of which no answered event is known that counts already.
    fn unnamed_holes(&self, counted: &HashSet<u32>) -> Vec<Place> {
        if self.transcript.takes != Takes::All {
            return Vec::new();
        }
        let mut unnamed = Vec::new();
        for (index, span) in self.walk.spans.iter().enumerate() {
            // What survived from an earlier epoch may be known there alone.
            let is_counted = |offset: u32| {
                let places = self.walk.spans[..=index].iter().map(|span| Place { epoch: span.epoch, offset });
                places.filter_map(|place| self.ledger.seq_at(place)).any(|seq| counted.contains(&seq))
            };
            let skipped = span.got.holes_beside(&span.told, span.start, span.next.saturating_sub(1));
            let lied = span.lied.iter().filter(|offset| span.told.contains(*offset));
            let offsets = skipped.into_iter().chain(lied).filter(|offset| !is_counted(*offset));
            unnamed.extend(offsets.map(|offset| Place { epoch: span.epoch, offset }));
        }
        unnamed
    }

    fn story(&self, seq: u32) -> String {
        let Some(event) = self.ledger.events.get(&seq) else { return String::new() };
        let places: Vec<_> = event.places.iter().map(ToString::to_string).collect();
        let answered = event.answered_ms.unwrap_or_default();
        let offset = event.places.first().map_or(0, |place| place.offset);
        let near =
            |line: &Line| matches!(line, Line::Event { offset: other, .. } if other.abs_diff(offset) <= 2);
        let turn = |span: &Span| {
            let Span { epoch, start, next, left, left_ms, .. } = span;
            format!("    in {epoch} from {start} to before {next}, left {left:?} at {left_ms} ms")
        };
        let turns = self.walk.spans.iter().map(turn).collect::<Vec<_>>().join("\n");
        format!(
            "sent at {} ms, answered at {answered} ms, lies at [{}]\n{turns}\n{}",
            event.sent_ms,
            places.join(" "),
            self.transcript.around(near),
        )
    }
}
