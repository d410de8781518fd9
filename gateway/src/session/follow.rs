//! How one subscription gets from where it begins to live: begin, read, read, …, attach. Nothing is buffered and nothing
//! falls between, because the stream's task answers "nothing follows" and "you are live" in one step.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::sync::oneshot;

use super::registry::Sessions;
use crate::broker::BATCH_EVENTS_MAX;
use crate::close::Close;
use crate::framing::Framing;
use crate::hub::HubError;
use crate::hub::cancel::Cancel;
use crate::hub::command::{Attach, Step};
use crate::hub::epoch::Judged;
use crate::hub::handle::StreamHandle;
use crate::hub::outlet::Outlet;
use crate::hub::window::Item;
use crate::position::Position;
use crate::telemetry;
use crate::topic::Pattern;
use crate::wire::{self, ErrorCode, Gap, GapReason, ServerMessage, Since, Text};

/// Why a subscription did not come about.
#[derive(Debug)]
pub struct Refused {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

impl Refused {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
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
    pub(super) id: Arc<str>,
    pub(super) pattern: Pattern,
    pub(super) cancel: Cancel,
    pub(super) ended: Result<StreamHandle, Refused>,
}

/// One subscription on its way.
pub(super) struct Following {
    pub(super) sessions: Arc<Sessions>,
    pub(super) outlet: Arc<Outlet>,
    pub(super) framing: Framing,
    pub(super) id: Arc<str>,
    pub(super) pattern: Pattern,
    pub(super) cancel: Cancel,
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
        Followed { id: self.id, pattern: self.pattern, cancel: self.cancel, ended }
    }

    async fn follow(&self, since: Since) -> Result<StreamHandle, Refused> {
        let stream = self.sessions.hub.open(&self.pattern.stream()).await?;
        let beginning = self.begin(&stream, since).await?;
        // The gap first: a client whose connection ends between the two comes back with the position of what it was told
        // last, and must not have moved past a gap that it never heard of.
        if let Some(gap) = &beginning.gap {
            self.tell(&stream, gap);
        }
        self.say(&ServerMessage::Subscribed { id: &self.id, position: Text(beginning.at) });
        for offsets in beginning.snapshot.chunks(BATCH_EVENTS_MAX) {
            let page = stream.get(offsets).await?;
            if page.head.epoch != beginning.then.epoch {
                let message = "the stream's history began anew meanwhile; subscribe again";
                return Err(Refused::new(ErrorCode::Unavailable, message));
            }
            self.send_matching(&page.entries.iter().map(Item::from).collect::<Vec<_>>()).await;
        }
        self.catch_up(stream, beginning.then).await
    }

    async fn catch_up(&self, stream: StreamHandle, mut after: Position) -> Result<StreamHandle, Refused> {
        loop {
            self.outlet.clear().await;
            if self.cancel.is_cancelled() {
                return Err(Refused::new(ErrorCode::UnknownId, "unsubscribed"));
            }
            let (reply, answer) = oneshot::channel();
            let attach = Attach {
                outlet: self.outlet.clone(),
                framing: self.framing,
                id: self.id.clone(),
                pattern: self.pattern.clone(),
                after,
                cancel: self.cancel.clone(),
                reply,
            };
            stream.attach(attach).await;
            match answer.await.unwrap_or(Step::Unavailable) {
                Step::Live => return Ok(stream),
                Step::Page { gap, items, upto } => {
                    if let Some(gap) = &gap {
                        self.tell(&stream, gap);
                    }
                    self.send_matching(&items).await;
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
        let mut head = stream.head();
        if !matches!(stream.judge(&head, position), Judged::After(_)) {
            let fresh = stream.check().await;
            head = fresh
                .ok_or_else(|| Refused::new(ErrorCode::Unavailable, "the broker does not answer now"))?;
        }
        match stream.judge(&head, position) {
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
        let newest = stream.newest(self.pattern.clone()).await;
        let newest =
            newest.ok_or_else(|| Refused::new(ErrorCode::Unavailable, "the topics cannot be read now"))?;
        let mut snapshot = newest.offsets;
        let epoch = newest.position.epoch;
        let cut = snapshot.len().saturating_sub(self.sessions.limits.snapshot);
        let left_out: Vec<u64> = snapshot.drain(..cut).collect();
        let first = snapshot.first().map_or(newest.position.offset, |first| first - 1);
        let at = Position { epoch, offset: first };
        let gap = left_out.first().zip(left_out.last()).map(|(from, to)| {
            telemetry::gap(GapReason::Limit.as_str());
            Gap { reason: GapReason::Limit, from: Some(*from), to: Some(*to), position: at }
        });
        Ok(Beginning { at, gap, snapshot, then: newest.position })
    }

    fn matches(&self, item: &Item) -> bool {
        self.pattern.matches(item.topic.as_str())
    }

    /// Sends what matches under the subscription's id, a batch a message, each once the socket has room.
    async fn send_matching(&self, items: &[Item]) {
        let matching: Vec<&Item> = items.iter().filter(|it| self.matches(it)).collect();
        let head = wire::catching_up_head(&self.id);
        let mut rest = matching.as_slice();
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(self.batch_length(rest));
            let mut frame = BytesMut::new();
            let items = batch.iter().map(|item| &item.json);
            self.framing.put_text(&mut frame, &wire::events_parts(head.as_bytes(), items));
            let frame = frame.freeze();
            // A stream's task may fill the socket between our waiting and our writing: then we wait again.
            loop {
                self.outlet.clear().await;
                match self.cancel.unless(|| self.outlet.send_if_clear(&frame)) {
                    None => return,
                    Some(true) => break,
                    Some(false) => {}
                }
            }
            telemetry::events_sent(batch.len() as u64);
            rest = later;
        }
    }

    /// How many of these go into one message: at least one, and no more than its bounds allow.
    fn batch_length(&self, items: &[&Item]) -> usize {
        let limits = &self.sessions.limits;
        let mut bytes = 0;
        let fitting = items.iter().take(limits.batch_events).take_while(|item| {
            bytes += item.json.len();
            bytes <= limits.batch_bytes
        });
        fitting.count().max(1)
    }

    fn tell(&self, stream: &StreamHandle, gap: &Gap) {
        self.say(&ServerMessage::gap(stream.name.as_str(), Some(&self.id), gap));
    }

    fn say(&self, message: &ServerMessage<'_>) {
        let frame = self.framing.text(message.to_json().as_bytes());
        let sent = self.cancel.unless(|| self.outlet.send(&frame, self.sessions.limits.reply_bytes));
        if matches!(sent, Some(Err(_))) {
            self.outlet.request_close(Close::Stuck);
        }
    }
}

fn bad_position() -> Refused {
    Refused::new(ErrorCode::BadPosition, "this is no position that this stream ever gave")
}
