//! The one task that appends: it takes all that waits, joins what goes to the same stream, and sends it at once.
//!
//! ```text
//! append ─┐                     ┌ one call a stream ┐
//! append ─┼─ queue ─► pending ──┤                   ├─ one pipeline ─► Redis ─► answers
//! check ──┘             ▲       └───────────────────┘                    │
//!                       └── what was lost on the way, or must wait ◄─────┘
//! ```
//! What nobody knows the fate of is sent again, until whoever asked has left: the dedupe keys make that harmless.

use std::collections::HashMap;
use std::time::Duration;

use redis::{Cmd, RedisError, Value};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::line::Line;
use super::message::key_text;
use super::remedy::{Remedy, describe, remedy};
use super::reply::Reply;
use super::script::{APPEND, CHECK, Keys, Script};
use super::wire::Wire;
use crate::broker::clock::millis;
use crate::broker::rules::{Rules, fresh_epoch};
use crate::broker::{Append, BATCH_EVENTS_MAX, BrokerError, Outcome};
use crate::position::Head;
use crate::telemetry;
use crate::topic::StreamName;

/// Requests taken up at once; what follows waits in the queue, which has its bound.
const PENDING_MAX: usize = 1_024;
/// Bytes of one call: beyond that it would hold Redis up for everybody.
const CALL_BYTES_MAX: usize = 1024 * 1024;
/// Between two attempts while Redis does not take what waits; the first is at once.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// How long replicas have to acknowledge.
const REPLICAS_PATIENCE: Duration = Duration::from_secs(1);

/// The stream's head after a call, and what became of the request's events.
pub(super) type Answered = (Head, Vec<Outcome>);

/// An append that waits; without events it is a check.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) append: Append,
    /// What it takes of the room for those that wait, until it is answered.
    #[expect(dead_code, reason = "held for its drop")]
    pub(super) room: OwnedSemaphorePermit,
    pub(super) answer: oneshot::Sender<Result<Answered, BrokerError>>,
}

/// Requests to one stream that go in one call. Checks go apart: they must be answered when memory is full.
#[derive(Debug)]
struct Group {
    stream: StreamName,
    is_check: bool,
    requests: Vec<Request>,
    events: usize,
    bytes: usize,
}

/// Owns what waits and the connection for it.
#[derive(Debug)]
pub(super) struct Appender {
    pub(super) line: Line,
    pub(super) rules: Rules,
    /// So many replicas must have the events before they are answered.
    pub(super) replicas_ack: u32,
    /// Largest body that is pushed.
    pub(super) carry: usize,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) pending: Vec<Request>,
}

/// What came of one call.
enum Fate {
    Answered(Result<Reply, BrokerError>),
    Again,
}

impl Appender {
    /// Runs until every sender is gone and all that waits is answered or unwanted.
    pub(super) async fn run(mut self) {
        let mut pause = Duration::ZERO;
        loop {
            if self.pending.is_empty() {
                let Some(first) = self.requests.recv().await else { return };
                self.pending.push(first);
            }
            while self.pending.len() < PENDING_MAX
                && let Ok(next) = self.requests.try_recv()
            {
                self.pending.push(next);
            }
            self.pending.retain(|request| !request.answer.is_closed());
            if self.pending.is_empty() || self.round().await {
                pause = Duration::ZERO;
            } else {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).clamp(PAUSE_MIN, PAUSE_MAX);
            }
        }
    }

    /// Sends all that is pending once; false when some of it has to be sent again.
    async fn round(&mut self) -> bool {
        let groups = grouped(std::mem::take(&mut self.pending));
        let (number, mut wire) = match self.line.wire().await {
            Ok(wire) => wire,
            Err(error) => {
                tracing::debug!(%error, "appends wait");
                self.pending = groups.into_iter().flat_map(|group| group.requests).collect();
                return false;
            }
        };
        let fates = self.send(&groups, &mut wire, number).await;
        let mut is_done = true;
        for (group, fate) in groups.into_iter().zip(fates) {
            match fate {
                Fate::Answered(reply) => group.answer(reply),
                Fate::Again => {
                    is_done = false;
                    self.pending.extend(group.requests);
                }
            }
        }
        is_done
    }

    async fn send(&self, groups: &[Group], wire: &mut Wire, number: u64) -> Vec<Fate> {
        let calls: Vec<_> = groups.iter().map(|group| self.call(group, "", Script::call)).collect();
        let replicas = (self.replicas_ack > 0).then_some((self.replicas_ack, REPLICAS_PATIENCE));
        let answers = match wire.call_all(calls, replicas).await {
            Ok(answers) => answers,
            Err(error) => {
                tracing::warn!(error = describe(&error), "the connection for appends is made anew");
                self.line.discard(number).await;
                return groups.iter().map(|_| Fate::Again).collect();
            }
        };
        let mut fates = Vec::with_capacity(groups.len());
        for (group, answer) in groups.iter().zip(answers) {
            fates.push(self.judge(group, answer, wire, number, replicas).await);
        }
        fates
    }

    /// Follows the remedies that need another call at once: the script's text, or our own reading of INFO.
    async fn judge(
        &self,
        group: &Group,
        mut answer: Result<Value, RedisError>,
        wire: &mut Wire,
        number: u64,
        replicas: Option<(u32, Duration)>,
    ) -> Fate {
        let mut run = String::new();
        for _ in 0..3 {
            let error = match answer {
                Ok(value) => return Fate::Answered(Reply::parse(value)),
                Err(error) => error,
            };
            match remedy(&error) {
                Remedy::Teach => {}
                Remedy::Inform => match read_run(wire, &group.stream.to_string()).await {
                    Ok(read) => run = read,
                    Err(error) => return Fate::Answered(Err(BrokerError::Unavailable(describe(&error)))),
                },
                Remedy::Wait => return Fate::Again,
                Remedy::Reconnect => {
                    tracing::warn!(error = describe(&error), "the connection for appends is made anew");
                    self.line.discard(number).await;
                    return Fate::Again;
                }
                Remedy::Refuse => return Fate::Answered(Err(BrokerError::Unavailable(describe(&error)))),
            }
            let call = self.call(group, &run, Script::teach);
            answer = match wire.call_all(vec![call], replicas).await {
                Ok(mut answers) => answers.pop().unwrap_or(Ok(Value::Nil)),
                Err(error) => Err(error),
            };
        }
        Fate::Again
    }

    /// The call for a group, and its keys' hash tag.
    fn call(&self, group: &Group, run: &str, by: fn(&Script, &[&str]) -> Cmd) -> (String, Cmd) {
        let (keys, retention) = (Keys::of(&group.stream), self.rules.retentions.of(&group.stream));
        let script = if group.is_check { &CHECK } else { &APPEND };
        let mut call = by(script, &keys.for_append());
        match self.rules.clock.hand_ms() {
            Some(now_ms) => call.arg(now_ms),
            None => call.arg(""),
        };
        call.arg(fresh_epoch().as_str()).arg(run).arg(retention.events).arg(retention.bytes);
        call.arg(script_millis(retention.age)).arg(self.rules.dedupe_keys_max).arg(self.carry);
        for request in &group.requests {
            let lifetime_ms = script_millis(request.append.dedupe);
            for event in &request.append.events {
                call.arg(lifetime_ms).arg(key_text(&event.key)).arg(event.topic.as_str());
                call.arg(&event.body[..]);
            }
        }
        (group.stream.to_string(), call)
    }
}

/// Milliseconds for a script, whose numbers are exact up to 2^53; what is longer is for ever.
fn script_millis(duration: Duration) -> u64 {
    millis(duration).min(1 << 51)
}

/// The history that this server has in memory, as the script would read it.
async fn read_run(wire: &mut Wire, tag: &str) -> Result<String, RedisError> {
    let mut info = redis::cmd("INFO");
    info.arg("replication");
    let text: String = redis::from_redis_value(wire.call_beside(tag, info).await?)?;
    let line = text.lines().find_map(|line| line.strip_prefix("master_replid:"));
    Ok(line.unwrap_or("unknown").trim().to_owned())
}

impl Group {
    fn has_room(&self, append: &Append, bytes: usize) -> bool {
        self.events + append.events.len() <= BATCH_EVENTS_MAX
            && (self.requests.is_empty() || self.bytes + bytes <= CALL_BYTES_MAX)
    }

    /// Each request takes its share of the outcomes; one who has left is not told.
    fn answer(self, reply: Result<Reply, BrokerError>) {
        let reply = match reply {
            Ok(reply) if reply.outcomes.len() == self.events => reply,
            Ok(_) => return self.refuse(&BrokerError::Corrupt("an append answered for other events".into())),
            Err(error) => return self.refuse(&error),
        };
        if reply.lost_early > 0 {
            telemetry::dedupe_keys_lost_early(reply.lost_early);
        }
        let mut outcomes = reply.outcomes.into_iter();
        for request in self.requests {
            let outcomes = outcomes.by_ref().take(request.append.events.len()).collect();
            let _ = request.answer.send(Ok((reply.head.clone(), outcomes)));
        }
    }

    fn refuse(self, error: &BrokerError) {
        for request in self.requests {
            let _ = request.answer.send(Err(error.clone()));
        }
    }
}

/// Joins requests to the same stream, in their order, up to what one call may hold.
fn grouped(requests: Vec<Request>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut newest: HashMap<(StreamName, bool), usize> = HashMap::new();
    for request in requests {
        let bytes = request.append.bytes();
        let (stream, is_check) = (request.append.stream.clone(), request.append.events.is_empty());
        let kind = (stream.clone(), is_check);
        let index = match newest.get(&kind) {
            Some(&index) if groups[index].has_room(&request.append, bytes) => index,
            _ => {
                groups.push(Group { stream, is_check, requests: Vec::new(), events: 0, bytes: 0 });
                newest.insert(kind, groups.len() - 1);
                groups.len() - 1
            }
        };
        let group = &mut groups[index];
        group.events += request.append.events.len();
        group.bytes += bytes;
        group.requests.push(request);
    }
    groups
}
