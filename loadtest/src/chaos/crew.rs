//! Everybody in a run, and its three acts: all join, faults happen under load, all is well again and everybody reaches the
//! end. Each thread is waited for.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::bell::{Bell, Clock};
use super::config::{HEARTBEAT, Secrets};
use super::ledger::Answer;
use super::node::{NodeAct, Nodes};
use super::options::ChaosOptions;
use super::plan::{Plan, Step};
use super::sender::{Outbox, Sender};
use super::store::{Store, StoreAct};
use super::subscriber::{Ends, Progress, State, Subscriber};
use super::transcript::{Takes, Transcript};
use crate::delivery::{self, DeliveryWriter};

const SENDERS: usize = 16;
const JOIN_DEADLINE: Duration = Duration::from_secs(30);
/// Most leave a silent node after three heartbeats, some wait until it wakes up.
const PATIENCE: Duration = HEARTBEAT.saturating_mul(3);
const MUCH_PATIENCE: Duration = Duration::from_secs(30);
/// Long enough for one more heartbeat to vouch for the end.
const LAST_HEARTBEAT: Duration = HEARTBEAT.saturating_mul(2);
const TEND_EACH: Duration = Duration::from_millis(500);

/// What a run is made of.
pub(crate) struct Staging<'a> {
    pub(crate) options: &'a ChaosOptions,
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) secrets: Secrets,
}

/// What they brought home.
#[derive(Debug, Default)]
pub(crate) struct Played {
    pub(crate) answers: Vec<Answer>,
    pub(crate) transcripts: Vec<Transcript>,
    pub(crate) behind: Vec<String>,
    pub(crate) unanswered: u64,
    pub(crate) repeated_posts: u64,
    pub(crate) returns: u64,
    pub(crate) longest_silence_ms: u32,
    pub(crate) longest_without_2xx_ms: u32,
}

pub(crate) struct Crew<'a> {
    staging: &'a Staging<'a>,
    progress: Vec<Progress>,
    ends: Ends,
    outbox: Outbox,
    /// Subscribers leave.
    over: Bell,
    /// Senders leave whatever is open.
    given_up: Bell,
}

impl<'a> Crew<'a> {
    pub(crate) fn new(staging: &'a Staging<'a>) -> Self {
        let count = staging.options.subscribers as usize * staging.addresses.len();
        Self {
            staging,
            progress: (0..count).map(|_| Progress::default()).collect(),
            ends: Ends::default(),
            outbox: Outbox::new(staging.clock.now_ms()),
            over: Bell::default(),
            given_up: Bell::default(),
        }
    }

    pub(crate) fn play(&self, plan: &Plan, nodes: &mut Nodes, store: &mut Store) -> Result<Played> {
        thread::scope(|scope| {
            let subscribers: Vec<_> = (0..self.progress.len())
                .map(|number| scope.spawn(move || self.subscriber(number).run()))
                .collect();
            let ran = self.run(scope, plan, nodes, store);
            self.over.ring();
            self.given_up.ring();
            let heard = subscribers.into_iter().map(|it| it.join().expect("a subscriber does not panic"));
            let heard: Vec<(Transcript, State)> = heard.collect();
            let mut played = ran?;
            for ((transcript, state), progress) in heard.into_iter().zip(&self.progress) {
                played.longest_silence_ms = played.longest_silence_ms.max(state.silence_ms);
                played.returns += state.returns.saturating_sub(1);
                if !progress.has_end.load(Ordering::Acquire) {
                    played.behind.push(format!("{}, who last heard: {}", transcript.name, state.complaint));
                }
                played.transcripts.push(transcript);
            }
            Ok(played)
        })
    }

    fn run<'scope>(
        &'scope self,
        scope: &'scope thread::Scope<'scope, '_>,
        plan: &Plan,
        nodes: &mut Nodes,
        store: &mut Store,
    ) -> Result<Played> {
        let is_live = |progress: &Progress| progress.is_live.load(Ordering::Acquire);
        let joined = self.over.wait_until(JOIN_DEADLINE, || self.progress.iter().all(is_live));
        ensure!(joined, "not every subscriber went live within {JOIN_DEADLINE:?}, before any fault");
        let interval = Duration::from_secs_f64(SENDERS as f64 / self.staging.options.rate.max(0.1));
        self.outbox.answered_ms.store(self.staging.clock.now_ms(), Ordering::Release);
        let senders: Vec<_> =
            (0..SENDERS).map(|number| scope.spawn(move || self.sender(number).run(interval))).collect();
        let faults = self.carry_out(plan, nodes, store);
        self.say("all is well again");
        let healed = faults.and_then(|()| store.heal()).and_then(|()| nodes.heal());
        let settle = Duration::from_secs(u64::from(self.staging.options.settle));
        self.outbox.closing.store(true, Ordering::Release);
        if healed.is_err()
            || !self.given_up.wait_until(settle, || senders.iter().all(thread::ScopedJoinHandle::is_finished))
        {
            self.given_up.ring();
        }
        let mut played = Played::default();
        for sender in senders {
            let (answers, unanswered) = sender.join().expect("a sender does not panic");
            played.answers.extend(answers);
            played.unanswered += unanswered;
        }
        healed?;
        self.end(&mut played, settle);
        played.repeated_posts = u64::from(self.outbox.refused.load(Ordering::Acquire));
        played.longest_without_2xx_ms = self.outbox.silence_ms.load(Ordering::Acquire);
        Ok(played)
    }

    /// One last event of each region, which everybody waits for.
    fn end(&self, played: &mut Played, settle: Duration) {
        let mut sender = self.sender(SENDERS);
        for (end, takes) in [(&self.ends.odd, Takes::Odd), (&self.ends.even, Takes::Even)] {
            let next = self.outbox.next.load(Ordering::Acquire);
            let seq = if takes.matches(next) { next } else { next + 1 };
            self.outbox.next.store(seq + 1, Ordering::Release);
            end.store(seq, Ordering::Release);
            played.unanswered += u64::from(!sender.send(seq));
        }
        played.answers.append(&mut sender.answers);
        let has_end = |progress: &Progress| progress.has_end.load(Ordering::Acquire);
        if self.over.wait_until(settle, || self.progress.iter().all(has_end)) {
            self.over.pause(LAST_HEARTBEAT);
        }
    }

    /// The two tracks of the plan, beside each other.
    fn carry_out(&self, plan: &Plan, nodes: &mut Nodes, store: &mut Store) -> Result<()> {
        thread::scope(|scope| {
            let stores = scope.spawn(|| self.carry_out_on_store(&plan.stores, store));
            let done = self.carry_out_on_nodes(&plan.nodes, nodes, || stores.is_finished());
            stores.join().expect("acts do not panic").and(done)
        })
    }

    fn carry_out_on_store(&self, steps: &[Step<StoreAct>], store: &mut Store) -> Result<()> {
        for step in steps {
            self.over.pause(step.after);
            self.say(&format!("{:?}", step.act));
            store.apply(step.act)?;
        }
        Ok(())
    }

    fn carry_out_on_nodes(
        &self,
        steps: &[Step<NodeAct>],
        nodes: &mut Nodes,
        is_store_done: impl Fn() -> bool,
    ) -> Result<()> {
        for step in steps {
            let mut left = step.after;
            while !left.is_zero() {
                self.over.pause(left.min(TEND_EACH));
                left = left.saturating_sub(TEND_EACH);
                nodes.tend()?;
            }
            self.say(&format!("{:?}", step.act));
            nodes.apply(step.act)?;
        }
        while !is_store_done() {
            self.over.pause(TEND_EACH);
            nodes.tend()?;
        }
        Ok(())
    }

    fn say(&self, what: &str) {
        if !self.staging.options.json {
            eprintln!("  {:>7.1} s  {what}", f64::from(self.staging.clock.now_ms()) / 1000.0);
        }
    }

    fn subscriber(&self, number: usize) -> Subscriber<'_> {
        let Staging { options, seed, clock, addresses, secrets } = self.staging;
        let node = number / options.subscribers as usize;
        let name = format!("subscriber {number} of node{node}");
        // Every third has a narrower pattern.
        let takes = [Takes::All, Takes::All, Takes::All, Takes::Odd, Takes::Even][number % 5];
        let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = seconds.map_or(0, |since| since.as_secs());
        Subscriber {
            transcript: Transcript { name: name.clone(), takes, lines: Vec::new() },
            token: delivery::token(&secrets.auth, &name, now),
            addresses,
            node,
            patience: if number.is_multiple_of(4) { MUCH_PATIENCE } else { PATIENCE },
            naps: number % 3 == 1,
            random: fastrand::Rng::with_seed(seed.wrapping_add(1 + number as u64)),
            clock: *clock,
            over: &self.over,
            progress: &self.progress[number],
            ends: &self.ends,
            state: State::default(),
        }
    }

    fn sender(&self, number: usize) -> Sender<'_> {
        let Staging { options, seed, clock, addresses, secrets } = self.staging;
        Sender {
            addresses,
            writer: DeliveryWriter::new(&secrets.source, options.size as usize),
            random: fastrand::Rng::with_seed(seed.wrapping_sub(1 + number as u64)),
            clock: *clock,
            outbox: &self.outbox,
            over: &self.given_up,
            connection: None,
            answers: Vec::new(),
        }
    }
}
