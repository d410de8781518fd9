//! One stream's task: it alone moves the stream's top, so order and "once" are decided in one place.
//!
//! ```text
//!  broker ──push──▶ accept ──▶ window ──▶ fan_out ──▶ sockets
//!            └ not the next ─▶ repair: read the log from top+1 ─┘
//!  sessions ──Attach/Read/Resume──▶ follow.rs
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::checks::Checks;
use super::command::{Attach, Command, Read};
use super::fanout;
use super::gauge::Gauge;
use super::latest::Latest;
use super::members::{Follower, Members};
use super::newest::{self, NewestOffsets};
use super::outlet::{SessionId, StreamId};
use super::pages::Pages;
use super::put_back::Lost;
use super::streams::Streams;
use super::tending::Tended;
use super::window::{Item, Window};
use crate::broker::{Appended, Broker, BrokerError, Entry, Listener, NewEvent, Page, Push};
use crate::jitter;
use crate::limits::Limits;
use crate::position::{Epoch, Head};
use crate::telemetry::{self, Timed};
use crate::topic::{StreamName, Topic};

/// Longest wait for the broker before its silence is taken for a failure.
pub const BROKER_DEADLINE: Duration = Duration::from_secs(10);
/// From this many writes on, joining two batches saves more than another round of the runtime costs.
const MEMBERS_WORTH_WAITING: usize = 8;
/// How often a batch waits for one more round of the runtime.
const YIELDS_MAX: usize = 4;
/// However often an operator wants to compare with the log.
const CHECK_EVERY_MIN: Duration = Duration::from_millis(10);

/// Between two attempts to listen again; jittered as the checks are.
const LISTEN_RETRY: Duration = Duration::from_millis(1_500);

/// A follower whose socket takes no more, and where it goes on.
#[derive(Debug)]
pub(super) struct Resting {
    pub(super) follower: Follower,
    pub(super) cursor: u64,
}

/// What a read of the broker brought.
#[derive(Debug)]
pub(super) enum Fetched {
    Page(u64, Result<Page, BrokerError>),
    Repair(u64, Result<Page, BrokerError>),
    Check(Result<Head, BrokerError>),
    Topics(Result<(Head, Vec<(Topic, u64)>), BrokerError>),
    PutBack(Vec<NewEvent>, Result<Appended, BrokerError>),
    Listening(Listener),
}

/// A question about a page that waits to be read.
#[derive(Debug)]
pub(super) enum Question {
    Attach(Attach),
    Read(Read),
}

/// A question that cannot be answered before this check.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) question: Question,
    pub(super) check: u64,
}

/// The state of one stream on this node.
pub(super) struct StreamTask {
    pub(super) id: StreamId,
    pub(super) name: StreamName,
    pub(super) broker: Arc<dyn Broker>,
    pub(super) limits: Arc<Limits>,
    pub(super) gauge: Arc<Gauge>,
    /// `top` is what was accepted, not what the log may hold by now.
    pub(super) head: Head,
    pub(super) window: Window,
    pub(super) members: Members,
    pub(super) resting: HashMap<SessionId, Resting>,
    pub(super) latest: Latest,
    pub(super) pages: Pages<Question>,
    /// Questions about what this task does not know or has not reached; one a subscription at most.
    pub(super) ahead: Vec<Waiting>,
    pub(super) newest: Option<NewestOffsets>,
    pub(super) newest_asked: Vec<newest::Asked>,
    pub(super) is_reading_topics: bool,
    pub(super) lost: Lost,
    pub(super) fetches: JoinSet<Fetched>,
    end_to_end: Timed,
    pub(super) held: BTreeMap<u64, Entry>,
    pub(super) held_bytes: usize,
    pub(super) is_repairing: bool,
    pub(super) checks: Checks,
    /// Its members have been told that nobody vouches for it.
    pub(super) is_stale: bool,
    /// When it was last asked anything.
    pub(super) used_at: Instant,
}

impl StreamTask {
    pub(super) fn new(
        id: StreamId,
        name: StreamName,
        broker: Arc<dyn Broker>,
        limits: Arc<Limits>,
        head: Head,
        gauge: Arc<Gauge>,
    ) -> Self {
        let window = Window::new(limits.window_bytes, limits.window_events);
        Self {
            id,
            name,
            broker,
            limits,
            gauge,
            head,
            window,
            members: Members::default(),
            resting: HashMap::new(),
            latest: Latest::default(),
            pages: Pages::default(),
            ahead: Vec::new(),
            newest: None,
            newest_asked: Vec::new(),
            is_reading_topics: false,
            lost: Lost::default(),
            fetches: JoinSet::new(),
            end_to_end: telemetry::end_to_end_seconds(),
            held: BTreeMap::new(),
            held_bytes: 0,
            is_repairing: false,
            checks: Checks::default(),
            is_stale: false,
            used_at: Instant::now(),
        }
    }

    /// Runs until nobody follows the stream, or the hub lets go of the command channel.
    pub(super) async fn run(
        mut self,
        listener: Listener,
        mut commands: mpsc::Receiver<Command>,
        streams: Weak<Streams>,
    ) {
        let mut listener = Some(listener);
        let every = self.limits.check_every.max(CHECK_EVERY_MIN);
        let (check, tending) = (tokio::time::sleep(every), tokio::time::sleep(Duration::ZERO));
        tokio::pin!(check, tending);
        loop {
            let tick_at = self.latest.tick_at();
            // Each branch is cancel safe: channels and the join set keep what was not taken.
            tokio::select! {
                push = next_push(&mut listener) => if let (Some(push), Some(listener)) = (push, &mut listener) {
                    if self.members.count() >= MEMBERS_WORTH_WAITING {
                        let_others_append(listener).await;
                    }
                    self.take_pushes(push, listener);
                } else {
                    listener = None;
                    self.listen_again();
                },
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                Some(fetched) = self.fetches.join_next() => match fetched {
                    Ok(Fetched::Listening(again)) => {
                        listener = Some(again);
                        self.check_again();
                    }
                    Ok(fetched) => self.take_fetched(fetched),
                    Err(_) => {}
                },
                () = &mut check => {
                    self.check();
                    check.as_mut().reset(Instant::now() + jittered(every));
                }
                () = until(tick_at), if tick_at.is_some() => self.tick(),
                () = &mut tending => match self.tend(&streams) {
                    Tended::Until(at) => tending.as_mut().reset(at),
                    Tended::Ends => return,
                },
            }
        }
    }

    /// The broker dropped us: listens again as soon as it lets us. Until then the checks find what comes.
    fn listen_again(&mut self) {
        let (broker, name) = (self.broker.clone(), self.name.clone());
        self.fetches.spawn(async move {
            loop {
                if let Ok(Ok(listener)) = timeout(BROKER_DEADLINE, broker.listen(&name)).await {
                    return Fetched::Listening(listener);
                }
                tokio::time::sleep(jittered(LISTEN_RETRY)).await;
            }
        });
    }

    fn obey(&mut self, command: Command) {
        self.used_at = Instant::now();
        match command {
            Command::Attach(attach) => self.attach(attach),
            Command::Read(read) => self.read(read),
            Command::Check { reply } => self.ask_head(reply),
            Command::Places { reply } => drop(reply.send(self.places())),
            Command::Newest { pattern, reply } => self.ask_newest(newest::Asked { pattern, reply }),
            Command::Resume { session } => self.resume(session),
            Command::Turn(turn) => self.turn(turn),
            Command::Leave { ticket } => self.leave(&ticket),
            Command::Gone { session } => self.forget(session),
        }
    }

    /// Takes a push and what else waits, up to one batch.
    fn take_pushes(&mut self, first: Push, listener: &mut Listener) {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(push) = next {
            match push {
                Push::Missed => _ = self.check_again(),
                Push::Grown { epoch, .. } if epoch != self.head.epoch => self.take_foreign(epoch, &[]),
                Push::Grown { top, .. } => {
                    if top > self.head.top {
                        self.repair();
                    }
                }
                Push::Entries { epoch, entries } => bytes += self.sort_in(epoch, &entries, &mut batch),
            }
            let has_room = batch.len() < self.limits.batch_events && bytes < self.limits.batch_bytes;
            next = if has_room { listener.pushes.try_recv().ok() } else { None };
        }
        self.accept(batch);
    }

    /// Puts entries that are next into the batch, holds those that are not; answers the bytes put in.
    pub(super) fn sort_in(&mut self, epoch: Epoch, entries: &[Entry], batch: &mut Vec<Item>) -> usize {
        if epoch != self.head.epoch {
            self.take_foreign(epoch, entries);
            return 0;
        }
        let mut bytes = 0;
        for entry in entries {
            if entry.offset == self.head.top + 1 {
                self.head.top = entry.offset;
                bytes += entry.body.len();
                batch.push(Item::from(entry));
            } else if entry.offset > self.head.top {
                self.hold(entry);
            }
        }
        bytes
    }

    /// Makes items, whose offsets already moved the top, part of the window and writes them out.
    pub(super) fn accept(&mut self, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        if let Some(newest) = &mut self.newest {
            newest.take(&items, self.head.first);
        }
        for batch in items.chunks(self.limits.batch_events) {
            let before = batch[0].offset - 1;
            let left = fanout::fan_out(self.id, &self.members, batch, before, &self.limits);
            for left in left {
                self.rest(left);
            }
        }
        if let Some(newest) = items.last() {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            self.end_to_end.record(now.saturating_sub(Duration::from_millis(newest.at_ms)));
        }
        for item in items {
            self.window.push(item);
        }
        self.gauge.set(&self.head);
        self.serve_ahead();
    }

    /// Takes a live cursor out of the live ones.
    fn rest(&mut self, left: fanout::Left) {
        let Some(follower) = self.members.leave_live(left.session) else { return };
        match left.cursor {
            Some(cursor) => {
                telemetry::slow_sessions(1);
                self.resting.insert(left.session, Resting { follower, cursor });
            }
            None => self.members.dissolve(&follower),
        }
    }

    fn take_fetched(&mut self, fetched: Fetched) {
        match fetched {
            Fetched::Page(number, page) => self.take_page(number, page),
            Fetched::Topics(topics) => self.take_topics(topics),
            Fetched::Check(head) => self.take_check(head),
            Fetched::PutBack(events, appended) => self.take_put_back(events, appended),
            // Taken by the loop, which owns the listener.
            Fetched::Listening(_) => {}
            Fetched::Repair(from, page) => {
                self.is_repairing = false;
                match page {
                    Ok(page) => self.take_repair(from, &page),
                    Err(error) => {
                        telemetry::repair("failed");
                        tracing::warn!(stream = %self.name, %error, "the log could not be read; the next check tries again");
                    }
                }
            }
        }
    }
}

/// The next push; none when the broker has dropped us. Waits for ever while there is no listener. Cancel safe.
async fn next_push(listener: &mut Option<Listener>) -> Option<Push> {
    match listener {
        Some(listener) => listener.pushes.recv().await,
        None => std::future::pending().await,
    }
}

/// Waits for ever where there is no time to wait for. Cancel safe.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The runtime runs whom an append has woken before the next request is even read, so each event would be written alone.
/// Whoever is ready goes first, as long as that brings more; what they append joins the batch.
async fn let_others_append(listener: &Listener) {
    for _ in 0..YIELDS_MAX {
        let waiting = listener.pushes.len();
        tokio::task::yield_now().await;
        if listener.pushes.len() == waiting {
            return;
        }
    }
}

pub(super) fn too_slow() -> BrokerError {
    BrokerError::Unavailable("it did not answer within 10 s".into())
}

/// Up to a fifth earlier or later, so that nodes and streams do not check at once.
fn jittered(every: Duration) -> Duration {
    every.mul_f64(0.8 + 0.4 * jitter::share())
}
