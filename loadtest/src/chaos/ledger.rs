//! What is known of each event: when it was sent and answered, and every place at which anybody says that it lies. Pure.

use std::collections::HashMap;

use super::transcript::{Epoch, Place, Transcript};

/// A sender's word on one 2xx.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) seq: u32,
    /// When this event was sent for the first time.
    pub(crate) sent_ms: u32,
    pub(crate) answered_ms: u32,
    /// A duplicate is answered without one.
    pub(crate) place: Option<Place>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Event {
    pub(crate) sent_ms: u32,
    /// The first 2xx; none where only subscribers saw it.
    pub(crate) answered_ms: Option<u32>,
    pub(crate) places: Vec<Place>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) events: HashMap<u32, Event>,
    seq_at: HashMap<Place, u32>,
    /// When anybody first named an epoch: histories follow each other, so this is their order.
    seen_ms: HashMap<Epoch, u32>,
    /// Two events at one place.
    pub(crate) contradictions: Vec<(Place, u32, u32)>,
    /// One event at two places of one epoch.
    pub(crate) numbered_twice: Vec<(u32, Place)>,
}

impl Ledger {
    pub(crate) fn of(answers: &[Answer], transcripts: &[Transcript]) -> Self {
        let mut ledger = Self::default();
        for answer in answers {
            let event = ledger.events.entry(answer.seq).or_default();
            let is_first = event.answered_ms.is_none_or(|first| answer.answered_ms < first);
            if is_first {
                (event.sent_ms, event.answered_ms) = (answer.sent_ms, Some(answer.answered_ms));
            }
            if let Some(place) = answer.place {
                ledger.see(place.epoch, answer.answered_ms);
                ledger.place(place, answer.seq);
            }
        }
        for transcript in transcripts {
            for (at, line) in &transcript.lines {
                if let Some(place) = line.place() {
                    ledger.see(place.epoch, *at);
                }
            }
            for (_, place, seq) in transcript.placed() {
                ledger.place(place, seq);
            }
        }
        ledger
    }

    fn see(&mut self, epoch: Epoch, at: u32) {
        let seen = self.seen_ms.entry(epoch).or_insert(at);
        *seen = at.min(*seen);
    }

    fn place(&mut self, place: Place, seq: u32) {
        match self.seq_at.insert(place, seq) {
            Some(other) if other == seq => return,
            Some(other) => self.contradictions.push((place, other, seq)),
            None => {}
        }
        let places = &mut self.events.entry(seq).or_default().places;
        if places.iter().any(|other| other.epoch == place.epoch && other.offset != place.offset) {
            self.numbered_twice.push((seq, place));
        }
        places.push(place);
    }

    pub(crate) fn seq_at(&self, place: Place) -> Option<u32> {
        self.seq_at.get(&place).copied()
    }

    /// Where an epoch stands among all that were seen.
    pub(crate) fn order(&self, epoch: Epoch) -> (u32, Epoch) {
        (self.seen_ms.get(&epoch).copied().unwrap_or(u32::MAX), epoch)
    }

    pub(crate) fn epochs(&self) -> usize {
        self.seen_ms.len()
    }

    pub(crate) fn answered(&self) -> impl Iterator<Item = (u32, &Event, u32)> {
        self.events.iter().filter_map(|(seq, event)| event.answered_ms.map(|at| (*seq, event, at)))
    }
}
