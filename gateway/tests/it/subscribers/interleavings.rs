//! Any interleaving of what a client may do and what may happen to it: every `since`, both modes and changes between them, a
//! socket that is not read, a token that is narrowed, one that ends, connections that are lost, one or all, a node that drains or
//! is killed, a log that is trimmed. What each client heard is held against the log (`ledger`): in order, once, complete or told, and nothing that is over.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _, stream::SplitSink};
use hookcast::broker::{Append, Broker, DedupeKey, NewEvent};
use hookcast::limits::{Limits, Retention, Retentions};
use hookcast::topic::{StreamName, Topic};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::away::Shared;
use super::ledger::{Line, Sub, replay};
use super::node::{Client, Node, PATIENCE, Setup};
use super::slow::{body, small_client};

const CLIENTS: usize = 3;
/// Sequences of steps; each is another interleaving.
const CASES: u32 = 16;
const PATTERNS: [&str; 3] = ["s/**", "s/x/*", "s/*/1"];

#[derive(Debug, Clone)]
enum Step {
    Append(u8),
    /// Large events, more than a socket takes that is not read.
    Flood(u8),
    Subscribe {
        client: usize,
        id: usize,
        pattern: usize,
        since: u8,
        is_latest: bool,
    },
    Turn {
        client: usize,
        id: usize,
        latest_ms: Option<u32>,
    },
    Unsubscribe {
        client: usize,
        id: usize,
    },
    Block(usize),
    Unblock(usize),
    Narrow(usize),
    Expire(usize),
    Drop(usize),
    DropAll,
    /// The node goes and another takes over its log; in an orderly way it says so to each, else each finds it gone.
    Replace {
        is_orderly: bool,
    },
    Pause(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let (client, id) = (0..CLIENTS, 0..2_usize);
    let latest = prop_oneof![Just(None), Just(Some(50)), Just(Some(60))];
    prop_oneof![
        8 => (1..20_u8).prop_map(Step::Append),
        2 => (40..120_u8).prop_map(Step::Flood),
        6 => (client.clone(), id.clone(), 0..PATTERNS.len(), 0..5_u8, any::<bool>()).prop_map(
            |(client, id, pattern, since, is_latest)| Step::Subscribe { client, id, pattern, since, is_latest }
        ),
        6 => (client.clone(), id.clone(), latest)
            .prop_map(|(client, id, latest_ms)| Step::Turn { client, id, latest_ms }),
        2 => (client.clone(), id).prop_map(|(client, id)| Step::Unsubscribe { client, id }),
        3 => client.clone().prop_map(Step::Block),
        3 => client.clone().prop_map(Step::Unblock),
        2 => client.clone().prop_map(Step::Narrow),
        1 => client.clone().prop_map(Step::Expire),
        2 => client.prop_map(Step::Drop),
        1 => Just(Step::DropAll),
        1 => any::<bool>().prop_map(|is_orderly| Step::Replace { is_orderly }),
        4 => (1..80_u8).prop_map(Step::Pause),
    ]
}

struct Listener {
    sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    lines: Arc<Mutex<Vec<Line>>>,
    reads: watch::Sender<bool>,
    reading: JoinHandle<()>,
}

impl Listener {
    async fn connect(node: &Node, lines: Arc<Mutex<Vec<Line>>>) -> Self {
        let Client { socket } = small_client(node).await;
        let (sink, mut frames) = socket.split();
        let (reads, mut may_read) = watch::channel(true);
        let heard = lines.clone();
        let reading = tokio::spawn(async move {
            while may_read.wait_for(|may| *may).await.is_ok() {
                let Some(Ok(frame)) = frames.next().await else { break };
                if let Message::Text(text) = frame {
                    heard.lock().unwrap().push(Line::Heard(serde_json::from_str(&text).unwrap()));
                }
            }
        });
        Self { sink, lines, reads, reading }
    }

    /// Whether the connection still took it; one that is gone is noticed by its reader.
    async fn say(&mut self, message: Value) {
        self.lines.lock().unwrap().push(Line::Said(message.clone()));
        let _ = self.sink.send(Message::text(message.to_string())).await;
    }

    fn subs(&self, log: &[String]) -> Result<Vec<Sub>, String> {
        replay(&self.lines.lock().unwrap(), log)
    }

    /// Over another connection, each subscription from where it was. One that had not begun is asked for anew, from now on.
    async fn come_back(&mut self, node: &Node, log: &[String]) -> Result<(), String> {
        self.reading.abort();
        // It may be in the middle of a message: what it writes down must stand before the connection's end.
        let _ = (&mut self.reading).await;
        self.lines.lock().unwrap().push(Line::Dropped);
        let subs = self.subs(log)?;
        let epoch = self.epoch();
        *self = Self::connect(node, self.lines.clone()).await;
        for sub in subs.iter().filter(|sub| !sub.is_over) {
            let since = match &epoch {
                Some(epoch) if sub.can_come_back() => json!({"position": format!("{epoch}:{}", sub.cursor)}),
                _ => json!("now"),
            };
            let mode = if sub.is_latest { json!({"latest_ms": 50}) } else { json!("all") };
            let ask = json!({"type": "subscribe", "id": sub.id, "pattern": sub.pattern.as_str(), "since": since, "mode": mode});
            self.say(ask).await;
        }
        Ok(())
    }

    /// Reads until the peer has closed.
    async fn until_closed(&mut self) {
        let _ = self.reads.send(true);
        let closed = async {
            while !self.reading.is_finished() {
                pause(1).await;
            }
        };
        tokio::time::timeout(PATIENCE, closed).await.expect("a node that drains closes");
    }

    fn epoch(&self) -> Option<String> {
        let lines = self.lines.lock().unwrap();
        let told = lines.iter().find_map(|line| match line {
            Line::Heard(message) => message["position"].as_str().map(str::to_owned),
            _ => None,
        });
        Some(told?.split_once(':')?.0.to_owned())
    }
}

struct World {
    limits: Limits,
    node: Node,
    log: Vec<String>,
    listeners: Vec<Listener>,
}

impl World {
    /// Little is kept and little is ready, so that both ends are reached.
    async fn start() -> Self {
        let limits = Limits {
            window_events: 60,
            batch_events: 4,
            heartbeat: Duration::from_millis(10),
            messages_burst: 1_000,
            connections_per_subject: 1_000,
            ..Limits::default()
        };
        let retention = Retention { events: 150, ..Retention::default() };
        let retentions = Retentions([(StreamName::parse("s").unwrap(), retention)].into());
        let broker = Shared::keeping(retentions, &limits);
        let node = node(broker, &limits).await;
        let mut listeners = Vec::new();
        for _ in 0..CLIENTS {
            listeners.push(Listener::connect(&node, Arc::default()).await);
        }
        Self { limits, node, log: Vec::new(), listeners }
    }

    async fn replace(&mut self, is_orderly: bool) -> Result<(), String> {
        let next = node(self.node.broker.clone(), &self.limits).await;
        let mut last = std::mem::replace(&mut self.node, next);
        if is_orderly {
            last.drain();
        } else {
            last.ask_to_end();
        }
        for listener in &mut self.listeners {
            if is_orderly {
                listener.until_closed().await;
            }
            listener.come_back(&self.node, &self.log).await?;
        }
        last.ended().await;
        Ok(())
    }

    async fn append(&mut self, is_large: bool) {
        let number = self.log.len() as u64;
        let topic = format!("s/{}/{}", ["x", "y"][(number % 5 % 2) as usize], number % 3);
        let node = &self.node;
        let body = if is_large { body(number) } else { json!({"data": number}).to_string().into() };
        self.log.push(topic.clone());
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_be_bytes());
        let (stream, topic) = (StreamName::parse("s").unwrap(), Topic::parse(&topic).unwrap());
        let events = vec![NewEvent { key: DedupeKey(key), topic, body }];
        node.broker.append(Append { stream, events, dedupe: Duration::from_hours(1) }).await.unwrap();
    }

    async fn take(&mut self, step: &Step) -> Result<(), String> {
        match *step {
            Step::Append(count) => {
                for _ in 0..count {
                    self.append(false).await;
                }
            }
            Step::Flood(count) => {
                for _ in 0..count {
                    self.append(true).await;
                }
            }
            Step::DropAll => {
                for client in 0..CLIENTS {
                    self.listeners[client].come_back(&self.node, &self.log).await?;
                }
            }
            Step::Replace { is_orderly } => self.replace(is_orderly).await?,
            Step::Pause(ms) => pause(ms.into()).await,
            Step::Block(client) => _ = self.listeners[client].reads.send(false),
            Step::Unblock(client) => _ = self.listeners[client].reads.send(true),
            Step::Drop(client) => {
                self.listeners[client].come_back(&self.node, &self.log).await?;
            }
            Step::Narrow(client) => self.authenticate(client, &["s/x/**"], 600).await,
            Step::Expire(client) => self.authenticate(client, &["**"], 1).await,
            Step::Subscribe { client, id, pattern, since, is_latest } => {
                let id = ["a", "b"][id];
                let listener = &mut self.listeners[client];
                if listener.subs(&self.log)?.iter().any(|sub| sub.id == id) {
                    return Ok(());
                }
                let since = [
                    json!("now"),
                    json!("snapshot"),
                    json!({"last": 7}),
                    json!({"age_ms": 60_000}),
                    json!({"last": 1000}),
                ][usize::from(since)]
                .clone();
                let mode = if is_latest { json!({"latest_ms": 50}) } else { json!("all") };
                let pattern = PATTERNS[pattern];
                listener
                    .say(json!({"type": "subscribe", "id": id, "pattern": pattern, "since": since, "mode": mode}))
                    .await;
            }
            Step::Turn { client, id, latest_ms } => {
                let listener = &mut self.listeners[client];
                let subs = listener.subs(&self.log)?;
                let is_other = |sub: &&Sub| sub.can_turn() && sub.is_latest != latest_ms.is_some();
                if let Some(sub) = subs.get(id).filter(is_other) {
                    let mode = latest_ms.map_or(json!("all"), |ms| json!({"latest_ms": ms}));
                    listener
                        .say(json!({"type": "subscribe", "id": sub.id, "pattern": sub.pattern.as_str(), "mode": mode}))
                        .await;
                }
            }
            Step::Unsubscribe { client, id } => {
                let listener = &mut self.listeners[client];
                let subs = listener.subs(&self.log)?;
                if let Some(sub) = subs.get(id).filter(|sub| sub.can_turn()) {
                    listener.say(json!({"type": "unsubscribe", "id": sub.id})).await;
                }
            }
        }
        Ok(())
    }

    async fn authenticate(&mut self, client: usize, grants: &[&str], seconds: u64) {
        let auth = &self.node.auth;
        let token = auth.sign(Some("ann"), grants, Duration::from_secs(seconds)).unwrap();
        self.listeners[client].say(json!({"type": "auth", "token": token})).await;
    }

    async fn run(&mut self, steps: &[Step]) -> Result<(), String> {
        for step in steps {
            self.take(step).await?;
        }
        for client in 0..CLIENTS {
            let _ = self.listeners[client].reads.send(true);
        }
        for _ in 0..6 {
            self.append(false).await;
        }
        for client in 0..CLIENTS {
            self.settle(client).await?;
        }
        Ok(())
    }

    /// Until every subscription that goes on has, or was told, all that the log holds.
    async fn settle(&mut self, client: usize) -> Result<(), String> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let listener = &mut self.listeners[client];
            let subs = listener.subs(&self.log)?;
            let top = self.log.len() as u64;
            let is_done = |sub: &Sub| {
                sub.is_live && sub.turning_to_latest.is_none() && sub.open(&self.log, top).is_empty()
            };
            if subs.iter().all(|sub| sub.is_over || is_done(sub)) {
                return Ok(());
            }
            if listener.reading.is_finished() {
                listener.come_back(&self.node, &self.log).await?;
            }
            if tokio::time::Instant::now() > deadline {
                return Err(format!("{subs:?} have not got all up to {top}"));
            }
            pause(5).await;
        }
    }
}

async fn node(broker: Arc<dyn Broker>, limits: &Limits) -> Node {
    let drain = Duration::from_millis(20);
    Node::with(Setup { broker: Some(broker), limits: limits.clone(), drain, ..Setup::default() }).await
}

async fn pause(ms: u64) {
    let after = tokio::time::Instant::now() + Duration::from_millis(ms);
    tokio::time::interval_at(after, PATIENCE).tick().await;
}

#[test]
fn every_interleaving_of_a_session_is_in_order_complete_or_told_and_within_its_grants() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config =
        Config { cases: CASES, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    let counts = std::cell::Cell::new((0, 0, 0));
    let result = TestRunner::new(config).run(&proptest::collection::vec(step(), 5..50), |steps| {
        runtime.block_on(async {
            let mut world = World::start().await;
            let ran = world.run(&steps).await;
            let lines: usize = world.listeners.iter().map(|it| it.lines.lock().unwrap().len()).sum();
            let (cases, events, heard) = counts.get();
            counts.set((cases + 1, events + world.log.len(), heard + lines));
            for listener in &world.listeners {
                listener.reading.abort();
            }
            world.node.end().await;
            ran.map_err(TestCaseError::fail)
        })
    });
    let (cases, events, heard) = counts.get();
    println!("{cases} interleavings, {events} events, {heard} messages");
    result.unwrap();
}
