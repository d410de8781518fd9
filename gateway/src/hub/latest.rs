//! Subscriptions that hear the newest event of each topic at every tick: each is a cursor into the window and nothing else.
//!
//! ```text
//!   cursor            top                at a tick
//!     │ a b a c a b a │        a: newest, 3 passed over · b: newest, 1 · c: newest, 0
//!     └───────────────┴──────▶ the cursor is now at the top
//! ```
//! Ticks are aligned to the interval, so that whoever wants the same is served from the same frames. A socket that takes no
//! more gets no tick: its cursor stays, and the next one passes over more.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::cancel::Stage;
use super::command::{Attach, Step, Turn};
use super::digest::Sheet;
use super::outlet::{Outlet, SessionId};
use super::stream::StreamTask;
use super::ticket::{Number, Ticket};
use crate::position::Position;
use crate::telemetry;
use crate::wire::{Gap, GapReason, Mode, ServerMessage};

/// However short an operator lets the intervals be.
const EVERY_MS_MIN: u32 = 10;

/// How far a reader is. The three are the same, unless its socket was full in the middle of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Marks {
    /// All that matches up to here is sent or was passed over.
    pub(super) from: u64,
    /// Of the tick that was cut short, what is sent.
    pub(super) sent: u64,
    /// Where that tick ends; it is finished before the next one begins, or what was passed over could not be counted.
    pub(super) upto: u64,
}

impl Marks {
    fn at(offset: u64) -> Self {
        Self { from: offset, sent: offset, upto: offset }
    }

    fn is_cut_short(self) -> bool {
        self.upto > self.from
    }
}

/// One subscription.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) ticket: Ticket,
    pub(super) marks: Marks,
}

impl Reader {
    /// Its cursor is public before anything is said of it: a heartbeat vouches for no more.
    fn mark(&mut self, marks: Marks) {
        self.marks = marks;
        self.ticket.cursor.set(marks.from);
    }

    /// Writes the rest of a tick; false when the socket takes no more, or nobody wants it.
    fn take(&mut self, sheet: &Sheet, upto: u64) -> bool {
        let begun = self.marks.sent;
        for frame in sheet.frames().filter(|it| it.last > begun) {
            let outlet = &self.ticket.outlet;
            if self.ticket.cancel.unless(|| outlet.send_if_clear(&frame.bytes)) != Some(true) {
                if self.marks.sent > self.marks.from {
                    self.marks.upto = upto;
                }
                return false;
            }
            telemetry::events_sent(self.ticket.framing.transport(), frame.count);
            self.marks.sent = frame.last;
        }
        self.mark(Marks::at(upto));
        true
    }
}

/// Those with the same interval.
#[derive(Debug)]
struct Group {
    tick_at: Instant,
    readers: HashMap<(SessionId, Number), Reader>,
}

/// All of a stream's; as many as the node's sessions and their subscriptions allow.
#[derive(Debug)]
pub(super) struct Latest {
    began_at: Instant,
    groups: BTreeMap<u32, Group>,
    ticks: BTreeSet<(Instant, u32)>,
    intervals: HashMap<SessionId, Vec<(Number, u32)>>,
}

impl Default for Latest {
    fn default() -> Self {
        Self {
            began_at: Instant::now(),
            groups: BTreeMap::new(),
            ticks: BTreeSet::new(),
            intervals: HashMap::new(),
        }
    }
}

impl Latest {
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// When the next tick is; none while nobody waits for one.
    pub(super) fn tick_at(&self) -> Option<Instant> {
        self.ticks.first().map(|(at, _)| *at)
    }

    pub(super) fn outlets(&self) -> impl Iterator<Item = &Arc<Outlet>> {
        self.groups.values().flat_map(|group| group.readers.values()).map(|reader| &reader.ticket.outlet)
    }

    fn readers_mut(&mut self) -> impl Iterator<Item = &mut Reader> {
        self.groups.values_mut().flat_map(|group| group.readers.values_mut())
    }

    /// The next multiple of the interval, counted from one beginning for all.
    fn next_tick(&self, every_ms: u32) -> Instant {
        let passed = self.began_at.elapsed().as_millis() as u64 / u64::from(every_ms);
        self.began_at + Duration::from_millis((passed + 1) * u64::from(every_ms))
    }

    fn enter(&mut self, reader: Reader, every_ms: u32) {
        let every_ms = every_ms.max(EVERY_MS_MIN);
        let (session, number) = (reader.ticket.outlet.session, reader.ticket.number);
        let tick_at = self.next_tick(every_ms);
        let group = self.groups.entry(every_ms).or_insert_with(|| {
            self.ticks.insert((tick_at, every_ms));
            Group { tick_at, readers: HashMap::new() }
        });
        reader.ticket.cursor.set(reader.marks.from);
        group.readers.insert((session, number), reader);
        self.intervals.entry(session).or_default().push((number, every_ms));
    }

    /// Ends one subscription, if it is one of these.
    pub(super) fn leave(&mut self, ticket: &Ticket) -> Option<Reader> {
        let (session, number) = (ticket.outlet.session, ticket.number);
        let held = self.intervals.get_mut(&session)?;
        let (_, every_ms) = held.swap_remove(held.iter().position(|(it, _)| *it == number)?);
        if held.is_empty() {
            self.intervals.remove(&session);
        }
        self.remove(every_ms, session, number)
    }

    /// Ends all of a connection's.
    pub(super) fn forget(&mut self, session: SessionId) {
        for (number, every_ms) in self.intervals.remove(&session).unwrap_or_default() {
            self.remove(every_ms, session, number);
        }
    }

    fn remove(&mut self, every_ms: u32, session: SessionId, number: Number) -> Option<Reader> {
        let group = self.groups.get_mut(&every_ms)?;
        let reader = group.readers.remove(&(session, number));
        if group.readers.is_empty() {
            self.ticks.remove(&(group.tick_at, every_ms));
            self.groups.remove(&every_ms);
        }
        reader
    }

    /// The intervals whose tick is due; their next one is set.
    fn take_due(&mut self) -> Vec<u32> {
        let now = Instant::now();
        let mut due = Vec::new();
        while let Some((_, every_ms)) = self.ticks.first().copied().filter(|(at, _)| *at <= now) {
            self.ticks.pop_first();
            let tick_at = self.next_tick(every_ms);
            if let Some(group) = self.groups.get_mut(&every_ms) {
                group.tick_at = tick_at;
                self.ticks.insert((tick_at, every_ms));
                due.push(every_ms);
            }
        }
        due
    }
}

impl StreamTask {
    /// Enters where the window still holds all that follows; else the session reads the newest first.
    pub(super) fn attach_latest(&mut self, attach: Attach, after: u64, every_ms: u32) {
        let Attach { ticket, reply, after: asked, .. } = attach;
        let is_held = asked.epoch == self.head.epoch && self.window.reaches(after);
        if after < self.head.top && !is_held {
            let upto = Position { epoch: self.head.epoch, offset: after };
            let _ = reply.send(Step::Page { gap: None, items: Vec::new(), upto });
            return;
        }
        ticket.cancel.clone().advance(|| {
            self.begin_latest(ticket, Marks::at(after), every_ms);
            let _ = reply.send(Step::Live);
            Stage::Latest
        });
    }

    fn begin_latest(&mut self, ticket: Ticket, marks: Marks, every_ms: u32) {
        // The cursor first: no heartbeat after `live` may vouch for more.
        ticket.cursor.set(marks.from);
        self.say_live(&ticket, marks.from);
        self.latest.enter(Reader { ticket, marks }, every_ms);
    }

    /// Changes the mode of a subscription in one step, so that nothing is lost or comes twice: `live` says from where on
    /// the new mode holds. Back to all events it catches up from where it was.
    pub(super) fn turn(&mut self, turn: Turn) {
        let Turn { ticket, to, reply } = turn;
        ticket.cancel.clone().advance(|| {
            let (step, stage) = match to {
                Mode::LatestMs(every_ms) => self.turn_to_latest(ticket, every_ms),
                Mode::All => self.turn_to_all(&ticket),
            };
            let _ = reply.send(step);
            stage
        });
    }

    fn turn_to_latest(&mut self, ticket: Ticket, every_ms: u32) -> (Step, Stage) {
        let marks = match self.latest.leave(&ticket) {
            Some(reader) => Some(reader.marks),
            None => self.part(&ticket).map(Marks::at),
        };
        let Some(marks) = marks else { return (Step::Unavailable, Stage::CatchingUp) };
        self.begin_latest(ticket, marks, every_ms);
        (Step::Live, Stage::Latest)
    }

    fn turn_to_all(&mut self, ticket: &Ticket) -> (Step, Stage) {
        let Some(Reader { marks, .. }) = self.latest.leave(ticket) else {
            // Asked for the newest and back for all before the first was obeyed: confirmed all the same.
            return self.member_cursor(ticket).map_or((Step::Unavailable, Stage::CatchingUp), |cursor| {
                self.say_live(ticket, cursor);
                (Step::Live, Stage::Live)
            });
        };
        // In the middle of a tick some topics are further than others: it goes on after the furthest, and is told.
        let gap = marks.is_cut_short().then(|| self.latest_gap(GapReason::Slow, marks, marks.sent));
        let upto = Position { epoch: self.head.epoch, offset: marks.sent };
        (Step::Page { gap, items: Vec::new(), upto }, Stage::CatchingUp)
    }

    /// Writes what is new to whoever's tick it is.
    pub(super) fn tick(&mut self) {
        for every_ms in self.latest.take_due() {
            let Some(group) = self.latest.groups.get_mut(&every_ms) else { continue };
            let mut readers = std::mem::take(&mut group.readers);
            self.serve(&mut readers);
            if let Some(group) = self.latest.groups.get_mut(&every_ms) {
                group.readers = readers;
            }
        }
    }

    fn serve(&self, readers: &mut HashMap<(SessionId, Number), Reader>) {
        let top = self.head.top;
        // A connection whose live cursor rests is behind there too, and is told in order when it goes on.
        let is_free = |it: &Reader| {
            !it.ticket.outlet.is_blocked() && !self.resting.contains_key(&it.ticket.outlet.session)
        };
        let behind = readers.values_mut().filter(|it| it.marks.from < top && is_free(it));
        let mut behind: Vec<&mut Reader> = behind.collect();
        for reader in &mut behind {
            if !self.window.reaches(reader.marks.from) {
                self.tell_latest_slow(reader);
            }
        }
        // Equals next to each other, so that one sheet serves them all.
        behind.sort_unstable_by(|a, b| {
            let wants = |it: &Reader| (it.marks, it.ticket.framing);
            let texts = |it: &Reader| (it.ticket.pattern.clone(), it.ticket.id.clone());
            wants(a).cmp(&wants(b)).then_with(|| texts(a).cmp(&texts(b)))
        });
        let mut sheet = Sheet::default();
        for reader in behind {
            while reader.marks.from < top {
                let upto = if reader.marks.is_cut_short() { reader.marks.upto } else { top };
                sheet.draw(&self.window, &self.limits, &reader.ticket, (reader.marks.from, upto));
                if !reader.take(&sheet, upto) {
                    break;
                }
            }
        }
    }

    /// What follows is out of the window: tell it, and go on where the window begins.
    fn tell_latest_slow(&self, reader: &mut Reader) {
        let after = self.window.first().map_or(self.head.top, |first| first - 1);
        self.tell_latest(reader, GapReason::Slow, after);
    }

    fn tell_latest(&self, reader: &mut Reader, reason: GapReason, after: u64) {
        let gap = self.latest_gap(reason, reader.marks, after);
        telemetry::gap(reason.as_str());
        let Marks { sent, upto, .. } = reader.marks;
        let is_past = after >= upto;
        reader.mark(if is_past {
            Marks::at(after)
        } else {
            Marks { from: after, sent: sent.max(after), upto }
        });
        let message = ServerMessage::gap(self.name.as_str(), Some(&reader.ticket.id), &gap).to_json();
        let ticket = &reader.ticket;
        ticket.cancel.unless(|| self.say(&ticket.outlet, ticket.framing, &message));
    }

    fn latest_gap(&self, reason: GapReason, marks: Marks, after: u64) -> Gap {
        self.gap(reason, marks.from + 1, Some(after), after.max(marks.sent))
    }

    /// What comes next is no longer retained: whoever takes the newest goes on after this offset too.
    pub(super) fn skip_latest_to(&mut self, after: u64) {
        let mut latest = std::mem::take(&mut self.latest);
        for reader in latest.readers_mut() {
            self.tell_latest(reader, GapReason::Retention, after);
        }
        self.latest = latest;
    }

    /// The epoch has turned over: whoever takes the newest goes back to what survived of it, as those do who rest.
    pub(super) fn take_latest_back(&mut self, end: Option<u64>) {
        let mut latest = std::mem::take(&mut self.latest);
        for reader in latest.readers_mut() {
            let after = end.map_or(self.head.top, |end| end.min(reader.marks.from));
            let ticket = &reader.ticket;
            let message = self.turn_over_message(Some(&ticket.id), reader.marks.sent, end, after);
            ticket.cancel.unless(|| self.say(&ticket.outlet, ticket.framing, &message));
            reader.mark(Marks::at(after));
        }
        self.latest = latest;
    }
}
