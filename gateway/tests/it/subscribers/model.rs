//! A model of what a subscriber may believe, held against two real nodes over a broker that misbehaves in any order: it
//! drops pushes, answers late or not at all, loses its newest events, comes back empty. Whatever the interleaving, each
//! subscriber has in the end exactly what the log holds since it began, in order, and was told each change of epoch.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _, stream::SplitSink};
use hookcast::limits::Limits;
use hookcast::topic::{Pattern, StreamName};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::node::{Node, PATIENCE, Setup};
use super::scripted::{Call, ScriptedBroker};

const CLIENTS: usize = 3;
/// Sequences of steps; each is another interleaving.
const CASES: u32 = 100;
const FAULTS: [Call; 4] = [Call::Check, Call::Read, Call::Topics, Call::Listen];
const PATTERNS: [&str; 2] = ["s/**", "s/x"];

#[derive(Debug, Clone)]
enum Step {
    Append(bool, u8),
    DropPushes(bool),
    TurnOver(usize),
    ForgetAll,
    EndListening,
    Hold(usize),
    Release(usize),
    Fail(usize),
    Mend(usize),
    /// A client drops its connection and begins anew, on either node.
    Begin {
        client: usize,
        node: usize,
        pattern: usize,
        since: u8,
    },
    /// A client comes back with its position, over the same connection or another.
    ComeBack {
        client: usize,
        node: Option<usize>,
    },
    Pause(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let fault = 0..FAULTS.len();
    prop_oneof![
        8 => (any::<bool>(), 1..6_u8).prop_map(|(is_x, count)| Step::Append(is_x, count)),
        2 => any::<bool>().prop_map(Step::DropPushes),
        2 => (0..6_usize).prop_map(Step::TurnOver),
        1 => Just(Step::ForgetAll),
        1 => Just(Step::EndListening),
        2 => fault.clone().prop_map(Step::Hold),
        3 => fault.clone().prop_map(Step::Release),
        1 => fault.clone().prop_map(Step::Fail),
        2 => fault.prop_map(Step::Mend),
        3 => (0..CLIENTS, 0..2_usize, 0..2_usize, 0..3_u8)
            .prop_map(|(client, node, pattern, since)| Step::Begin { client, node, pattern, since }),
        3 => (0..CLIENTS, proptest::option::of(0..2_usize))
            .prop_map(|(client, node)| Step::ComeBack { client, node }),
        4 => (1..25_u8).prop_map(Step::Pause),
    ]
}

/// What a subscriber believes.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own that a message states")]
#[derive(Debug, Clone, Default)]
struct View {
    pattern: usize,
    epoch: String,
    /// All that matches from here on is in `events`.
    start: u64,
    cursor: u64,
    events: BTreeMap<u64, u64>,
    is_begun: bool,
    is_live: bool,
    is_refused: bool,
    is_snapshot: bool,
    /// The connection has said that the subscription is over; nothing more may come for it.
    is_ended: bool,
    /// It was asked for anew: a gap may come before `subscribed`.
    is_asked: bool,
    wrong: Option<String>,
}

fn position_of(message: &Value) -> (String, u64) {
    let (epoch, offset) = message["position"].as_str().unwrap().split_once(':').unwrap();
    (epoch.to_owned(), offset.parse().unwrap())
}

impl View {
    fn take(&mut self, message: &Value) {
        let is_for_one = message["id"].is_string();
        let is_first_gap = self.is_asked && message["type"] == "gap";
        let is_news = is_first_gap || ["subscribed", "error"].iter().any(|it| message["type"] == **it);
        self.expect(!self.is_ended || !is_for_one || is_news, message);
        match message["type"].as_str().unwrap() {
            "subscribed" => self.subscribed(position_of(message)),
            "live" => {
                let (epoch, offset) = position_of(message);
                self.expect(epoch == self.epoch && offset >= self.cursor, message);
                (self.is_live, self.cursor) = (true, offset);
                if std::mem::take(&mut self.is_snapshot) {
                    self.start = offset;
                    self.events.clear();
                }
            }
            "gap" if is_for_one || self.is_live => {
                let (epoch, offset) = position_of(message);
                self.expect(message["reason"] == "epoch" && epoch != self.epoch, message);
                (self.epoch, self.cursor) = (epoch, offset);
                self.start = self.start.min(offset);
                self.events.split_off(&(offset + 1));
            }
            "events" if is_for_one || self.is_live => {
                for item in message["events"].as_array().unwrap() {
                    let offset = item["offset"].as_u64().unwrap();
                    let matches = PATTERNS[self.pattern] == "s/**" || item["topic"] == "s/x";
                    // A live event may concern what an ended subscription of this connection wanted.
                    if matches && (is_for_one || offset > self.cursor) {
                        self.expect(offset > self.cursor, message);
                        self.cursor = offset;
                        self.events.insert(offset, item["event"]["data"].as_u64().unwrap());
                    }
                }
            }
            "unsubscribed" => (self.is_ended, self.is_live) = (true, false),
            // It was refused just before.
            "error" if message["code"] == "unknown_id" => self.is_ended = true,
            "error" => {
                self.expect(message["code"] == "unavailable", message);
                (self.is_refused, self.is_live) = (true, false);
            }
            _ => {}
        }
    }

    /// Where it begins; who comes back must be where it was, or be told a gap that says otherwise, or be in today's epoch.
    fn subscribed(&mut self, (epoch, offset): (String, u64)) {
        if self.is_begun && epoch == self.epoch {
            self.expect(offset == self.cursor, &json!({"came back to": offset}));
        }
        if !self.is_begun {
            (self.epoch, self.start, self.cursor) = (epoch, offset, offset);
        }
        (self.is_begun, self.is_ended, self.is_asked) = (true, false, false);
    }

    fn expect(&mut self, is_right: bool, message: &Value) {
        if !is_right && self.wrong.is_none() {
            let seen = (&self.epoch, self.cursor, self.is_live);
            self.wrong = Some(format!("at {seen:?}: {message}"));
        }
    }
}

struct Subscriber {
    sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    view: Arc<Mutex<View>>,
    reading: JoinHandle<()>,
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Subscriber {
    async fn connect(node: &Node, view: View) -> Self {
        let (sink, mut frames) = node.client().await.socket.split();
        let view = Arc::new(Mutex::new(View { is_live: false, is_refused: false, is_ended: false, ..view }));
        let reading = tokio::spawn({
            let view = view.clone();
            async move {
                while let Some(Ok(frame)) = frames.next().await {
                    if let Message::Text(text) = frame {
                        view.lock().unwrap().take(&serde_json::from_str(&text).unwrap());
                    }
                }
            }
        });
        Self { sink, view, reading }
    }

    async fn say(&mut self, message: Value) {
        self.sink.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn begin(node: &Node, pattern: usize, since: u8) -> Self {
        let mut subscriber =
            Self::connect(node, View { pattern, is_snapshot: since == 2, ..View::default() }).await;
        let since = [json!("now"), json!({"last": 3}), json!("snapshot")][usize::from(since)].clone();
        subscriber.subscribe(&since).await;
        subscriber
    }

    async fn subscribe(&mut self, since: &Value) {
        let pattern = PATTERNS[self.view.lock().unwrap().pattern];
        self.say(json!({"type": "subscribe", "id": "a", "pattern": pattern, "since": since})).await;
    }

    /// Over another connection, with all that was read of the one before.
    async fn come_back(self, node: &Node) -> Self {
        self.reading.abort();
        let view = self.view.lock().unwrap().clone();
        drop(self);
        let mut subscriber = Self::connect(node, view).await;
        subscriber.go_on().await;
        subscriber
    }

    /// Over the same connection, under the same id, while the subscription before may still be on its way.
    async fn begin_again(&mut self) {
        self.view.lock().unwrap().is_ended = false;
        self.say(json!({"type": "unsubscribe", "id": "a"})).await;
        self.until(|view| view.is_ended).await;
        self.go_on().await;
    }

    /// Subscribes where it was; whoever has not begun, or was in the middle of a snapshot, begins from now on.
    async fn go_on(&mut self) {
        let since = {
            let mut view = self.view.lock().unwrap();
            (view.is_refused, view.is_asked) = (false, true);
            if view.is_begun && !view.is_snapshot {
                json!({"position": format!("{}:{}", view.epoch, view.cursor)})
            } else {
                *view = View {
                    is_asked: true,
                    pattern: view.pattern,
                    is_ended: view.is_ended,
                    ..View::default()
                };
                json!("now")
            }
        };
        self.subscribe(&since).await;
    }

    async fn until(&mut self, is_so: impl Fn(&View) -> bool) {
        let mut look = tokio::time::interval(Duration::from_millis(1));
        let looking = async {
            while !is_so(&self.view.lock().unwrap()) {
                look.tick().await;
            }
        };
        let view = self.view.clone();
        assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "{:?}", view.lock().unwrap());
    }

    /// Waits until it has all that the log holds. Whoever was refused while the broker was away asks again.
    async fn catch_up(&mut self, broker: &ScriptedBroker, stream: &StreamName) -> Result<(), String> {
        let mut look = tokio::time::interval(Duration::from_millis(2));
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            look.tick().await;
            let view = self.view.lock().unwrap().clone();
            if let Some(wrong) = view.wrong {
                return Err(wrong);
            }
            let pattern = Pattern::parse(PATTERNS[view.pattern]).unwrap();
            let entries = broker.entries(stream);
            let wanted =
                entries.iter().filter(|it| it.offset > view.start && pattern.matches(it.topic.as_str()));
            let wanted: BTreeMap<u64, u64> = wanted.map(|it| (it.offset, number_in(&it.body))).collect();
            let epoch = broker.head(stream).epoch.to_string();
            if view.is_live && view.epoch == epoch && view.events == wanted {
                return Ok(());
            }
            if view.is_refused {
                self.go_on().await;
            }
            if tokio::time::Instant::now() > deadline {
                return Err(format!("in {epoch} the log has {wanted:?}, the subscriber {view:?}"));
            }
        }
    }
}

fn number_in(body: &[u8]) -> u64 {
    serde_json::from_slice::<Value>(body).unwrap()["data"].as_u64().unwrap()
}

struct World {
    broker: Arc<ScriptedBroker>,
    nodes: [Node; 2],
    stream: StreamName,
    appended: u64,
}

impl World {
    async fn start() -> Self {
        let broker = ScriptedBroker::new();
        // Small windows, so that the log is read; quick checks, so that what was missed is found.
        let limits = Limits {
            window_events: 8,
            batch_events: 4,
            check_every: Duration::from_millis(20),
            linger: Duration::from_millis(5),
            connections_per_subject: 1_000,
            ..Limits::default()
        };
        let node =
            || Node::with(Setup { broker: Some(broker.clone()), limits: limits.clone(), ..Setup::default() });
        let nodes = [node().await, node().await];
        Self { nodes, broker, stream: StreamName::parse("s").unwrap(), appended: 0 }
    }

    async fn append(&mut self, topic: &str) {
        self.appended += 1;
        self.nodes[0].append(topic, &json!(self.appended)).await;
    }

    async fn run(&mut self, steps: &[Step]) -> Result<(), String> {
        self.broker.forget_all(&self.stream);
        let mut subscribers: Vec<Option<Subscriber>> = Vec::new();
        for index in 0..CLIENTS {
            let begun = Subscriber::begin(&self.nodes[index % 2], index % 2, 0).await;
            subscribers.push(Some(begun));
        }
        for step in steps {
            self.take(step, &mut subscribers).await;
        }
        self.broker.drop_pushes(false);
        for call in FAULTS {
            self.broker.release(call);
            self.broker.mend(call);
        }
        self.append("s/x").await;
        for subscriber in subscribers.iter_mut().flatten() {
            subscriber.catch_up(&self.broker, &self.stream).await?;
        }
        Ok(())
    }

    async fn take(&mut self, step: &Step, subscribers: &mut [Option<Subscriber>]) {
        let broker = self.broker.clone();
        match *step {
            Step::Append(is_x, count) => {
                for _ in 0..count {
                    self.append(if is_x { "s/x" } else { "s/y" }).await;
                }
            }
            Step::DropPushes(does_drop) => broker.drop_pushes(does_drop),
            Step::TurnOver(lost) => broker.turn_over(&self.stream, lost),
            Step::ForgetAll => broker.forget_all(&self.stream),
            Step::EndListening => broker.end_listening(&self.stream),
            Step::Hold(call) => broker.hold(FAULTS[call]),
            Step::Release(call) => broker.release(FAULTS[call]),
            Step::Fail(call) => broker.fail(FAULTS[call]),
            Step::Mend(call) => broker.mend(FAULTS[call]),
            Step::Begin { client, node, pattern, since } => {
                subscribers[client] = Some(Subscriber::begin(&self.nodes[node], pattern, since).await);
            }
            Step::ComeBack { client, node: None } => {
                if let Some(subscriber) = &mut subscribers[client] {
                    subscriber.begin_again().await;
                }
            }
            Step::ComeBack { client, node: Some(node) } => {
                if let Some(subscriber) = subscribers[client].take() {
                    subscribers[client] = Some(subscriber.come_back(&self.nodes[node]).await);
                }
            }
            Step::Pause(ms) => {
                let after = tokio::time::Instant::now() + Duration::from_millis(ms.into());
                tokio::time::interval_at(after, PATIENCE).tick().await;
            }
        }
    }
}

#[test]
fn every_interleaving_keeps_order_and_loses_nothing_untold() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut world = runtime.block_on(World::start());
    let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 8, ..Config::default() };
    let world_of_all = std::cell::RefCell::new(&mut world);
    let result = TestRunner::new(config).run(&proptest::collection::vec(step(), 1..40), |steps| {
        runtime.block_on(world_of_all.borrow_mut().run(&steps)).map_err(TestCaseError::fail)
    });
    println!("{CASES} interleavings, {} events, {} epochs", world.appended, world.broker.epochs());
    result.unwrap();
    let World { nodes: [one, other], .. } = world;
    runtime.block_on(async {
        one.end().await;
        other.end().await;
    });
}
