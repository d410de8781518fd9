//! How one subscription gets from where it begins to live: begin, read, read, …, attach. Nothing is buffered and nothing
//! falls between, because the stream's task answers "nothing follows" and "you are live" in one step.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use bytes::BytesMut;

use super::registry::Sessions;
use crate::broker::BATCH_EVENTS_MAX;
use crate::close::Close;
use crate::hub::HubError;
use crate::hub::command::Step;
use crate::hub::epoch::Judged;
use crate::hub::handle::StreamHandle;
use crate::hub::ticket::Ticket;
use crate::hub::window::Item;
use crate::position::Position;
use crate::telemetry;
use crate::wire::{self, ErrorCode, Gap, Mode, ServerMessage, Since, Text};

/// Why a subscription did not come about.
#[derive(Debug)]
pub struct Refused {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<HubError> for Refused {
    fn from(error: HubError) -> Self {
        Self::new(ErrorCode::Unavailable, error.to_string())
    }
}

/// How catching up ended: live on a stream, or refused.
pub struct Followed {
    pub(super) ticket: Ticket,
    pub(super) ended: Result<(StreamHandle, Mode), Refused>,
}

/// The mode that a client wants by now, which may change while the subscription is on its way; and how far it has come, for
/// operators who ask.
#[derive(Debug, Clone)]
pub(super) struct Wanted(Arc<Way>);

#[derive(Debug)]
struct Way {
    mode: AtomicU32,
    /// All up to here is sent; [`NOWHERE`] before it has begun.
    reached: AtomicU64,
}

const NOWHERE: u64 = u64::MAX;

impl Wanted {
    pub(super) fn new(mode: Mode) -> Self {
        let wanted = Self(Arc::new(Way { mode: AtomicU32::new(0), reached: AtomicU64::new(NOWHERE) }));
        wanted.set(mode);
        wanted
    }

    pub(super) fn set(&self, mode: Mode) {
        let number = match mode {
            Mode::All => 0,
            Mode::LatestMs(every_ms) => every_ms,
        };
        self.0.mode.store(number, Ordering::Relaxed);
    }

    fn reach(&self, offset: u64) {
        self.0.reached.store(offset, Ordering::Relaxed);
    }

    pub(super) fn reached(&self) -> Option<u64> {
        Some(self.0.reached.load(Ordering::Relaxed)).filter(|offset| *offset != NOWHERE)
    }

    pub(super) fn get(&self) -> Mode {
        match self.0.mode.load(Ordering::Relaxed) {
            0 => Mode::All,
            every_ms => Mode::LatestMs(every_ms),
        }
    }
}

/// One subscription on its way.
pub(super) struct Following {
    pub(super) sessions: Arc<Sessions>,
    pub(super) ticket: Ticket,
    pub(super) mode: Wanted,
}

/// Where a subscription begins.
struct Beginning {
    at: Position,
    gap: Option<Gap>,
    /// Offsets of a snapshot to send first.
    snapshot: Vec<u64>,
    /// Where it goes on after the snapshot; `at` where there is none.
    then: Position,
}

impl Beginning {
    fn at(at: Position) -> Self {
        Self { at, gap: None, snapshot: Vec::new(), then: at }
    }
}

impl Following {
    pub(super) async fn run(self, since: Since) -> Followed {
        let ended = self.follow(since).await;
        Followed { ticket: self.ticket, ended }
    }

    /// Changes the mode of a subscription that is live.
    pub(super) async fn turn(self, stream: StreamHandle) -> Followed {
        let mode = self.mode.get();
        let ended = match stream.turn(self.ticket.clone(), mode).await {
            Step::Live => Ok((stream, mode)),
            Step::Page { gap, upto, .. } => {
                if let Some(gap) = &gap {
                    telemetry::gap(gap.reason.as_str());
                    self.tell(&stream, gap);
                }
                self.catch_up(stream, upto).await
            }
            Step::Beyond | Step::Unavailable => {
                let message = "the stream does not know this subscription any more; subscribe again";
                Err(Refused::new(ErrorCode::Unavailable, message))
            }
        };
        Followed { ticket: self.ticket, ended }
    }

    async fn follow(&self, since: Since) -> Result<(StreamHandle, Mode), Refused> {
        let stream = self.sessions.hub.open(&self.ticket.pattern.stream()).await?;
        let beginning = self.begin(&stream, since).await?;
        // The gap first: a client whose connection ends between the two comes back with the position of what it was told
        // last, and must not have moved past a gap that it never heard of.
        if let Some(gap) = &beginning.gap {
            self.tell(&stream, gap);
        }
        self.say(&ServerMessage::Subscribed { id: &self.ticket.id, position: Text(beginning.at) });
        if !beginning.snapshot.is_empty()
            && !self.send_newest(&stream, &beginning.snapshot, beginning.then.epoch).await?
        {
            let message = "the stream's history began anew meanwhile; subscribe again";
            return Err(Refused::new(ErrorCode::Unavailable, message));
        }
        self.catch_up(stream, beginning.then).await
    }

    /// Goes on until nothing follows, in whichever mode is wanted by then.
    async fn catch_up(
        &self,
        stream: StreamHandle,
        mut after: Position,
    ) -> Result<(StreamHandle, Mode), Refused> {
        loop {
            self.mode.reach(after.offset);
            self.ticket.outlet.clear().await;
            if self.ticket.cancel.is_cancelled() {
                return Err(Refused::new(ErrorCode::UnknownId, "unsubscribed"));
            }
            let mode = self.mode.get();
            if mode != Mode::All && after != stream.head().position() {
                after = self.pass_over(&stream, after).await?;
            }
            match stream.attach(self.ticket.clone(), mode, after).await {
                Step::Live => return Ok((stream, mode)),
                Step::Page { gap, items, upto } => {
                    if let Some(gap) = &gap {
                        self.tell(&stream, gap);
                    }
                    self.send_matching(&items).await;
                    // Whoever changes its mode counts as live meanwhile.
                    self.ticket.cursor.advance(upto.offset);
                    after = upto;
                }
                Step::Beyond => return Err(bad_position()),
                Step::Unavailable => {
                    return Err(Refused::new(
                        ErrorCode::Unavailable,
                        "the log cannot be read now; subscribe again later",
                    ));
                }
            }
        }
    }

    async fn begin(&self, stream: &StreamHandle, since: Since) -> Result<Beginning, Refused> {
        match since {
            Since::Now => Ok(Beginning::at(stream.head().position())),
            Since::Position(text) => self.begin_at(stream, &text).await,
            Since::Last(count) => self.begin_last(stream, count.min(self.sessions.limits.last)).await,
            Since::AgeMs(age_ms) => {
                let mut at = stream.younger_than(age_ms).await?;
                let head = stream.head();
                if at.epoch == head.epoch {
                    // What the log has and this node has not yet is on its way, and comes live.
                    at.offset = at.offset.min(head.top);
                }
                Ok(Beginning::at(at))
            }
            Since::Snapshot => self.begin_snapshot(stream).await,
        }
    }

    /// What this node does not know, an offset or an epoch, it judges by the log itself.
    async fn begin_at(&self, stream: &StreamHandle, text: &str) -> Result<Beginning, Refused> {
        let position: Position = text.parse().map_err(|_| bad_position())?;
        let judged = stream.judge(position).await;
        let (head, judged) =
            judged.ok_or_else(|| Refused::new(ErrorCode::Unavailable, "the broker does not answer now"))?;
        match judged {
            Judged::After(offset) => Ok(Beginning::at(Position { epoch: head.epoch, offset })),
            Judged::Beyond => Err(bad_position()),
            Judged::Gap(gap) => {
                telemetry::gap(gap.reason.as_str());
                let at = gap.position;
                Ok(Beginning { gap: Some(gap), ..Beginning::at(at) })
            }
        }
    }

    /// Reads back until as many match as were asked for.
    async fn begin_last(&self, stream: &StreamHandle, count: u64) -> Result<Beginning, Refused> {
        let head = stream.head();
        let (mut found, mut end) = (0, head.top);
        let page = BATCH_EVENTS_MAX as u64;
        while found < count && end > 0 {
            let start = (end - 1) / page * page;
            let Step::Page { gap, items, .. } = stream.read(start).await else {
                return Err(Refused::new(
                    ErrorCode::Unavailable,
                    "the log cannot be read now; subscribe again later",
                ));
            };
            let matching = items.iter().rev().filter(|it| it.offset <= end && self.matches(it));
            for item in matching.take((count - found) as usize) {
                found += 1;
                if found == count {
                    return Ok(Beginning::at(Position { epoch: head.epoch, offset: item.offset - 1 }));
                }
            }
            if let Some(gap) = gap {
                // What lies before is no longer retained, so there are no more to find.
                return Ok(Beginning::at(Position {
                    epoch: head.epoch,
                    offset: gap.position.offset.min(head.top),
                }));
            }
            end = start;
        }
        Ok(Beginning::at(Position { epoch: head.epoch, offset: if count == 0 { head.top } else { end } }))
    }

    async fn begin_snapshot(&self, stream: &StreamHandle) -> Result<Beginning, Refused> {
        let mut newest = self.newest(stream).await?;
        let then = newest.position;
        let cut = self.cut(&mut newest);
        let first = newest.offsets.first().map_or(then.offset, |first| first - 1);
        let at = Position { epoch: then.epoch, offset: first };
        let gap = cut.map(|gap| Gap { position: at, ..gap });
        Ok(Beginning { at, gap, snapshot: newest.offsets, then })
    }

    fn matches(&self, item: &Item) -> bool {
        self.ticket.pattern.matches(item.topic.as_str())
    }

    /// Sends what matches under the subscription's id, a batch a message, each once the socket has room.
    pub(super) async fn send_matching(&self, items: &[Item]) {
        let matching: Vec<&Item> = items.iter().filter(|it| self.matches(it)).collect();
        let head = wire::catching_up_head(&self.ticket.id);
        let skipped = wire::skipped_head(None);
        let mut rest = matching.as_slice();
        while !rest.is_empty() {
            let length = self.sessions.limits.batch_length(rest.iter().map(|item| item.json.len()));
            let (batch, later) = rest.split_at(length);
            let mut frame = BytesMut::new();
            let items = batch.iter().map(|item| &item.json);
            let parts = match self.mode.get() {
                Mode::All => wire::events_parts(head.as_bytes(), items),
                Mode::LatestMs(_) => wire::latest_parts(head.as_bytes(), items.map(|it| (&skipped, it))),
            };
            self.ticket.framing.put_text(&mut frame, &parts);
            let frame = frame.freeze();
            // A stream's task may fill the socket between our waiting and our writing: then we wait again.
            loop {
                self.ticket.outlet.clear().await;
                match self.ticket.cancel.unless(|| self.ticket.outlet.send_if_clear(&frame)) {
                    None => return,
                    Some(true) => break,
                    Some(false) => {}
                }
            }
            telemetry::events_sent(self.ticket.framing.transport(), batch.len() as u64);
            rest = later;
        }
    }

    pub(super) fn tell(&self, stream: &StreamHandle, gap: &Gap) {
        self.say(&ServerMessage::gap(stream.name.as_str(), Some(&self.ticket.id), gap));
    }

    fn say(&self, message: &ServerMessage<'_>) {
        let frame = self.ticket.framing.text(message.to_json().as_bytes());
        let limit = self.sessions.limits.reply_bytes;
        let sent = self.ticket.cancel.unless(|| self.ticket.outlet.send(&frame, limit));
        if matches!(sent, Some(Err(_))) {
            self.ticket.outlet.request_close(Close::Stuck);
        }
    }
}

fn bad_position() -> Refused {
    Refused::new(ErrorCode::BadPosition, "this is no position that this stream ever gave")
}
