//! The load on one server: all its subscribers and senders, in one thread over one epoll. No server is started or
//! measured here, and nothing is allocated per message.

pub(crate) mod plan;
mod sender;
mod storm;
mod stuck;
mod subscriber;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use crate::check::{Ledger, Verdict};
use crate::delivery::{self, DeliveryWriter};
use crate::message;
use crate::server::Target;
use plan::{Plan, Schedule};
use sender::Sender;
use subscriber::{Ear, Phase, Subscriber};

/// Several whole batches of a gateway; one buffer, lent to whoever reads.
const READ_BYTES: usize = 256 * 1024;
/// Sessions that may be on their way in at once: far below any cap on unauthenticated ones.
const JOINING_MAX: usize = 64;
/// One loopback address gives 28,000 sockets to one port (`ip_local_port_range`).
const SESSIONS_PER_ADDRESS: usize = 20_000;
/// After this long without an answer or an event, whatever is missing counts as lost.
const STALL: Duration = Duration::from_secs(15);
/// Clients of a server that went away come back after this long, at most: short, so that a run sees many returns.
const REDIAL_MS_MAX: u64 = 200;
const DELAY_NS_MAX: u64 = 60_000_000_000;

/// What a closed connection means to this load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnClose {
    Fail,
    Return,
}

/// When each event was sent, by its sequence number, in nanoseconds since the load began.
pub(crate) struct Sent {
    began: Instant,
    at: Vec<u64>,
}

impl Sent {
    pub(crate) fn now(&self) -> u64 {
        self.began.elapsed().as_nanos() as u64
    }

    pub(crate) fn at(&self, seq: u64) -> u64 {
        self.at.get(seq as usize).copied().unwrap_or(u64::MAX)
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Wake {
    Subscriber(usize),
    Sender(usize),
    Retry(u64),
}

pub(crate) struct Swarm {
    target: Target,
    /// Where subscribers dial, in turns; the target alone unless others were named.
    addresses: Vec<SocketAddr>,
    on_close: OnClose,
    epoll: Epoll,
    ready: Vec<EpollEvent>,
    chunk: Vec<u8>,
    subscribers: Vec<Subscriber>,
    /// Connected and subscribed, and never read again.
    stuck: Vec<Subscriber>,
    senders: Vec<Sender>,
    free: VecDeque<usize>,
    retries: VecDeque<u64>,
    wakes: BinaryHeap<Reverse<(Instant, Wake)>>,
    writer: DeliveryWriter,
    request: Vec<u8>,
    sent: Sent,
    ledger: Ledger,
    delays: Histogram<u64>,
    answers: u64,
    returns: u64,
    /// Subscribers to come ask for the newest of each topic, so often.
    latest_ms: Option<u32>,
    /// Events are about so many topics, in turns.
    topics: u64,
}

/// What one run of a plan did.
pub(crate) struct Ran {
    pub(crate) answers: u64,
    pub(crate) deliveries: u64,
    pub(crate) elapsed: Duration,
    pub(crate) delays: Histogram<u64>,
}

const SENDER: u64 = 1 << 32;

impl Swarm {
    pub(crate) fn new(target: Target, body_bytes: usize, on_close: OnClose) -> Result<Self> {
        let writer = DeliveryWriter::new(&target.source_secret, body_bytes);
        Ok(Self {
            addresses: vec![target.address],
            target,
            on_close,
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            ready: vec![EpollEvent::empty(); 1024],
            chunk: vec![0; READ_BYTES],
            subscribers: Vec::new(),
            stuck: Vec::new(),
            senders: Vec::new(),
            free: VecDeque::new(),
            retries: VecDeque::new(),
            wakes: BinaryHeap::new(),
            writer,
            request: Vec::new(),
            sent: Sent { began: Instant::now(), at: vec![u64::MAX] },
            ledger: Ledger::default(),
            delays: Histogram::new_with_bounds(1, DELAY_NS_MAX, 3).context("bounds of the delays")?,
            answers: 0,
            returns: 0,
            latest_ms: None,
            topics: 1,
        })
    }

    /// Subscribers to come ask for the newest of each topic, and there are so many of those.
    pub(crate) fn ask_for_latest(&mut self, latest_ms: u32, topics: u64) {
        (self.latest_ms, self.topics) = (Some(latest_ms), topics);
    }

    /// How many items came that were not the newest of their topic.
    pub(crate) fn not_newest(&self) -> usize {
        let is_older = |(seq, offset, last): &&(u64, u64, u64)| {
            let mut later = self.ledger.events(*offset + 1..=*last);
            later.any(|other| other % self.topics == seq % self.topics)
        };
        self.subscribers.iter().flat_map(|it| &it.newest).filter(is_older).count()
    }

    /// Lets subscribers dial these from now on; deliveries go where they went.
    pub(crate) fn listen_at(&mut self, addresses: Vec<SocketAddr>) {
        self.addresses = addresses;
    }

    /// Brings `count` more subscribers in, spread over `patterns`, and returns when all are live.
    pub(crate) fn join(&mut self, count: usize, patterns: &[&'static str]) -> Result<()> {
        let now = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
        let (first, end) = (self.subscribers.len(), self.subscribers.len() + count);
        for index in first..end {
            let token = delivery::token(&self.target.auth_secret, &format!("load-{index}"), now);
            let pattern = patterns[index % patterns.len()];
            self.subscribers.push(Subscriber::new(pattern, self.latest_ms, token));
        }
        let (mut dialled, mut live, mut last) = (first, first, Instant::now());
        while live < end {
            while dialled < end && dialled - live < JOINING_MAX {
                self.dial(dialled)?;
                dialled += 1;
            }
            self.turn(Some(Duration::from_millis(100)))?;
            let before = live;
            // Out of order they may come; this only waits for the slowest of the first.
            while live < dialled && self.subscribers[live].phase == Phase::Live {
                live += 1;
            }
            if live > before {
                last = Instant::now();
            }
            ensure!(last.elapsed() < STALL, "session {live} of {end} did not become live in {STALL:?}");
        }
        Ok(())
    }

    /// Carries `plan` out and waits until everything sent was answered and everyone has everything.
    pub(crate) fn run(&mut self, plan: Plan<'_>) -> Result<Ran> {
        self.delays.reset();
        self.open_senders(plan.senders)?;
        let began = Instant::now();
        let (answers, deliveries) = (self.answers, self.deliveries());
        let mut schedule = Schedule::begin(plan, began);
        let (mut seen, mut seen_at) = (self.answers, began);
        loop {
            let now = Instant::now();
            self.wake(now)?;
            self.send_due(&mut schedule, now)?;
            let is_over = schedule.is_over(now);
            if is_over && self.is_quiet() {
                break;
            }
            let pause =
                schedule.pause(now).unwrap_or(Duration::from_millis(20)).min(Duration::from_millis(20));
            self.turn(Some(pause))?;
            let progress = self.answers + self.delays.len();
            if progress != seen {
                (seen, seen_at) = (progress, now);
            } else if now.duration_since(seen_at) > STALL {
                break;
            }
        }
        let elapsed = began.elapsed();
        self.senders.clear();
        self.free.clear();
        let (answers, deliveries) = (self.answers - answers, self.deliveries() - deliveries);
        Ok(Ran { answers, deliveries, elapsed, delays: self.delays.clone() })
    }

    /// Answers pings for `length`, and does nothing else.
    pub(crate) fn rest(&mut self, length: Duration) -> Result<()> {
        let end = Instant::now() + length;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.turn(Some(left))?;
        }
        Ok(())
    }

    pub(crate) fn verdict(&self) -> Verdict {
        Verdict::of(&self.ledger, self.subscribers.iter().map(|subscriber| &subscriber.follower))
    }

    /// How often a subscriber lost its connection and came back.
    pub(crate) fn returns(&self) -> u64 {
        self.returns
    }

    fn deliveries(&self) -> u64 {
        self.subscribers.iter().map(|subscriber| subscriber.follower.received()).sum()
    }

    fn is_quiet(&self) -> bool {
        self.free.len() == self.senders.len()
            && self.retries.is_empty()
            && self.wakes.is_empty()
            // Whoever is away although nobody waits to wake him was sent away.
            && self.subscribers.iter().all(|s| {
                s.phase == Phase::Away || s.is_back(self.ledger.top())
            })
    }

    fn open_senders(&mut self, count: usize) -> Result<()> {
        for index in 0..count {
            let sender = Sender::dial(self.target.address)?;
            self.watch(sender.stream.as_ref().context("just dialled")?, SENDER | index as u64)?;
            self.senders.push(sender);
            self.free.push_back(index);
        }
        Ok(())
    }

    fn dial(&mut self, index: usize) -> Result<()> {
        let host = 1 + index / SESSIONS_PER_ADDRESS;
        let from = Ipv4Addr::new(127, 0, 0, u8::try_from(host).context("more sessions than addresses")?);
        let subscriber = &mut self.subscribers[index];
        subscriber.dial(self.addresses[index % self.addresses.len()], from)?;
        let stream = subscriber.stream.as_ref().context("just dialled")?;
        Ok(self.epoll.add(stream, EpollEvent::new(EpollFlags::EPOLLIN, index as u64))?)
    }

    fn watch(&self, stream: &std::net::TcpStream, data: u64) -> Result<()> {
        Ok(self.epoll.add(stream, EpollEvent::new(EpollFlags::EPOLLIN, data))?)
    }

    fn send_due(&mut self, schedule: &mut Schedule<'_>, now: Instant) -> Result<()> {
        while let Some(index) = self.free.pop_front() {
            let seq = if let Some(seq) = self.retries.pop_front() {
                seq
            } else if let Some(due) = schedule.due(now) {
                schedule.take();
                let at = due.saturating_duration_since(self.sent.began).as_nanos() as u64;
                self.sent.at.push(at);
                self.sent.at.len() as u64 - 1
            } else {
                self.free.push_front(index);
                return Ok(());
            };
            if self.topics > 1 {
                self.writer.write_of(&format!("r{}", seq % self.topics), seq, &mut self.request);
            } else {
                self.writer.write(seq, &mut self.request);
            }
            if let Err(error) = self.senders[index].send(seq, &self.request) {
                self.lose_sender(index, error)?;
            }
        }
        Ok(())
    }

    /// Waits for sockets, `pause` at most, and reads each that is ready once.
    fn turn(&mut self, pause: Option<Duration>) -> Result<()> {
        // Below a millisecond it looks again at once: the load has a core of its own.
        let timeout = pause.map_or(EpollTimeout::NONE, |pause| EpollTimeout::from(pause.as_millis() as u16));
        let count = match self.epoll.wait(&mut self.ready, timeout) {
            Err(Errno::EINTR) => 0,
            waited => waited?,
        };
        for at in 0..count {
            let data = self.ready[at].data();
            if data & SENDER == 0 {
                self.hear_subscriber(data as usize)?;
            } else {
                self.hear_sender((data & !SENDER) as usize)?;
            }
        }
        Ok(())
    }

    fn hear_subscriber(&mut self, index: usize) -> Result<()> {
        let Self { chunk, ledger, sent, delays, .. } = self;
        let heard = self.subscribers[index].hear(&mut Ear { chunk, ledger, sent, delays });
        match (heard, self.on_close) {
            (Ok(()), _) => Ok(()),
            (Err(error), OnClose::Fail) => Err(error.context(format!("session {index}"))),
            (Err(_), OnClose::Return) => {
                self.subscribers[index].leave();
                self.wakes.push(Reverse((soon(), Wake::Subscriber(index))));
                Ok(())
            }
        }
    }

    fn hear_sender(&mut self, index: usize) -> Result<()> {
        let ledger = &mut self.ledger;
        let heard = self.senders[index].hear(&mut self.chunk, |answer| match answer.status {
            200..=299 => ledger.answer(answer.seq, message::answered_offset(answer.body)?).map(|()| None),
            429 | 503 => Ok(Some(answer.seq)),
            other => bail!("a delivery was answered {other}: {}", String::from_utf8_lossy(answer.body)),
        });
        match heard {
            Ok(None) => return Ok(()),
            Ok(Some(None)) => self.answers += 1,
            Ok(Some(Some(seq))) => self.wakes.push(Reverse((soon(), Wake::Retry(seq)))),
            Err(error) => return self.lose_sender(index, error),
        }
        self.free.push_back(index);
        Ok(())
    }

    /// The connection is gone; what it carried is sent again, as any sender of webhooks does. One that carried nothing may be
    /// closed by any server: it was at rest for too long.
    fn lose_sender(&mut self, index: usize, error: anyhow::Error) -> Result<()> {
        if self.on_close == OnClose::Fail && self.senders[index].in_flight.is_some() {
            return Err(error);
        }
        let sender = &mut self.senders[index];
        sender.stream = None;
        self.retries.extend(sender.in_flight.take());
        self.free.retain(|free| *free != index);
        self.wakes.push(Reverse((soon(), Wake::Sender(index))));
        Ok(())
    }

    fn wake(&mut self, now: Instant) -> Result<()> {
        while self.wakes.peek().is_some_and(|Reverse((at, _))| *at <= now) {
            let Some(Reverse((_, wake))) = self.wakes.pop() else { break };
            match wake {
                Wake::Retry(seq) => self.retries.push_back(seq),
                Wake::Subscriber(index) => match self.dial(index) {
                    Ok(()) => self.returns += 1,
                    Err(_) => self.wakes.push(Reverse((soon(), wake))),
                },
                Wake::Sender(index) => match Sender::dial(self.target.address) {
                    Ok(sender) => {
                        self.watch(sender.stream.as_ref().context("just dialled")?, SENDER | index as u64)?;
                        self.senders[index] = sender;
                        self.free.push_back(index);
                    }
                    Err(_) => self.wakes.push(Reverse((soon(), wake))),
                },
            }
        }
        Ok(())
    }
}

/// Full jitter, or all would come back in the same millisecond.
fn soon() -> Instant {
    Instant::now() + Duration::from_millis(fastrand::u64(1..=REDIAL_MS_MAX))
}
