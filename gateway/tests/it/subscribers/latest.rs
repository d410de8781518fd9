//! Whoever takes the newest of each topic: always the newest, in order, and every event that was passed over is counted.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hookcast::limits::Limits;
use hookcast::topic::StreamName;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::node::{Client, Node, Setup, offsets_of};
use super::scripted::ScriptedBroker;
use super::slow::{body, small_client};

async fn subscribe(client: &mut Client, pattern: &str, since: &Value, latest_ms: u64) {
    let mode = json!({"latest_ms": latest_ms});
    let message = json!({"type": "subscribe", "id": "a", "pattern": pattern, "since": since, "mode": mode});
    client.say(&message).await;
}

async fn follow(client: &mut Client, pattern: &str, latest_ms: u64) {
    subscribe(client, pattern, &json!("now"), latest_ms).await;
    client.expect("subscribed").await;
    client.expect("live").await;
}

/// What came of one subscription, added up.
#[derive(Debug, Default)]
struct Tally {
    items: u64,
    skipped: u64,
    newest: HashMap<String, u64>,
    offset: u64,
}

impl Tally {
    fn take(&mut self, message: &Value) {
        assert_eq!((&message["type"], &message["id"]), (&json!("events"), &json!("a")), "{message}");
        for item in message["events"].as_array().unwrap() {
            let offset = item["offset"].as_u64().unwrap();
            assert!(offset > self.offset, "in order, once: {offset} after {}", self.offset);
            self.offset = offset;
            self.items += 1;
            self.skipped += item["skipped"].as_u64().unwrap();
            self.newest.insert(item["topic"].as_str().unwrap().to_owned(), offset);
        }
    }

    /// As [`Self::read_until`], past what is live for another subscription.
    async fn read_until_of(&mut self, client: &mut Client, last: u64) {
        while self.offset < last {
            let message = client.next().await;
            if message["id"] == "a" {
                self.take(&message);
            }
        }
    }

    async fn read_until(&mut self, client: &mut Client, last: u64) {
        while self.offset < last {
            self.take(&client.next().await);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_of_each_topic_comes_and_what_was_passed_over_adds_up() {
    let node = Node::start().await;
    let (mut some, mut all) = (node.client().await, node.client().await);
    follow(&mut some, "s/even/*", 50).await;
    follow(&mut all, "s/**", 50).await;
    let mut newest = HashMap::new();
    for number in 1..=1_500_u64 {
        let parity = if number % 2 == 0 { "even" } else { "odd" };
        let topic = format!("s/{parity}/{}", number % 7);
        let offset = node.append(&topic, &json!(number)).await;
        newest.insert(topic, offset);
    }
    let (mut of_all, mut of_some) = (Tally::default(), Tally::default());
    of_all.read_until(&mut all, 1_500).await;
    of_some.read_until(&mut some, 1_500).await;
    assert_eq!(of_all.items + of_all.skipped, 1_500, "{of_all:?}");
    assert_eq!(of_some.items + of_some.skipped, 750, "{of_some:?}");
    assert_eq!(of_all.newest, newest);
    newest.retain(|topic, _| topic.starts_with("s/even"));
    assert_eq!(of_some.newest, newest);
    node.end().await;
}

#[tokio::test]
async fn it_begins_with_the_newest_since_where_it_was_asked_to() {
    let node = Node::start().await;
    for number in 0..30 {
        node.append(&format!("s/x/{}", number % 5), &json!(number)).await;
    }
    node.append("s/y", &json!("not its own")).await;
    let epoch = {
        let mut client = node.client().await;
        let subscribed = client.follow("a", "s/x/*").await;
        subscribed["position"].as_str().unwrap().split_once(':').unwrap().0.to_owned()
    };
    for (since, start, expected) in [
        (json!({"position": format!("{epoch}:27")}), 27, vec![28, 29, 30]),
        (json!({"position": format!("{epoch}:3")}), 3, vec![26, 27, 28, 29, 30]),
        (json!({"last": 2}), 28, vec![29, 30]),
        (json!("snapshot"), 25, vec![26, 27, 28, 29, 30]),
        (json!({"position": format!("{epoch}:30")}), 30, vec![]),
        (json!("now"), 31, vec![]),
    ] {
        let mut client = node.client().await;
        subscribe(&mut client, "s/x/*", &since, 50).await;
        let subscribed = client.expect("subscribed").await;
        assert_eq!(subscribed["position"], format!("{epoch}:{start}"), "{since}");
        if !expected.is_empty() {
            let message = client.expect("events").await;
            assert_eq!((&message["id"], offsets_of(&message)), (&json!("a"), expected), "{since}");
            assert!(message["events"].as_array().unwrap().iter().all(|it| it["skipped"] == Value::Null));
        }
        assert_eq!(client.expect("live").await["position"], format!("{epoch}:31"));
        client.say(&json!({"type": "unsubscribe", "id": "a"})).await;
        client.expect("unsubscribed").await;
    }
    node.end().await;
}

#[tokio::test]
async fn an_interval_outside_the_bounds_is_a_bad_message() {
    let node = Node::start().await;
    let mut client = node.client().await;
    for latest_ms in [0, 49, 60_001] {
        subscribe(&mut client, "s/**", &json!("now"), latest_ms).await;
        assert_eq!(client.expect_error("bad_message").await["id"], "a", "{latest_ms}");
    }
    follow(&mut client, "s/**", 50).await;
    // The same again says nothing, another interval is confirmed.
    subscribe(&mut client, "s/**", &json!("now"), 50).await;
    subscribe(&mut client, "s/**", &json!("now"), 60_000).await;
    client.expect("live").await;
    client.say(&json!({"type": "ping"})).await;
    client.expect("pong").await;
    node.end().await;
}

/// The mode changes thirty-one times while events come: each is taken or counted, in order, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_mode_loses_nothing_and_repeats_nothing() {
    // However slowly this reads, all of it is in the window.
    let limits = Limits { window_events: 1_000_000, ..Limits::default() };
    let node = Arc::new(Node::with(Setup { limits, ..Setup::default() }).await);
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    client.follow("b", "s/x/1").await;
    let is_over = Arc::new(AtomicBool::new(false));
    let appending = tokio::spawn({
        let (node, is_over) = (node.clone(), is_over.clone());
        async move {
            let mut pace = tokio::time::interval(Duration::from_millis(1));
            let mut last = 0;
            while !is_over.load(Ordering::Relaxed) {
                for number in 0..3 {
                    last = node.append(&format!("s/x/{}", (last + number) % 9), &json!(number)).await;
                }
                pace.tick().await;
            }
            last
        }
    });
    let modes = [json!({"latest_ms": 50}), json!("all"), json!({"latest_ms": 70}), json!({"latest_ms": 51})];
    let (mut tally, mut turns, mut asked, mut is_all) = (Tally::default(), 0, None, true);
    let mut since_turn = 0;
    while turns < 31 || asked.is_some() || since_turn < 4 {
        if asked.is_none() && turns < 31 && since_turn >= turns % 4 {
            since_turn = 0;
            let mode: &Value = &modes[turns % modes.len()];
            client.say(&json!({"type": "subscribe", "id": "a", "pattern": "s/**", "mode": mode})).await;
            asked = Some(mode == "all");
            turns += 1;
        }
        let message = client.next().await;
        match message["type"].as_str().unwrap() {
            "live" => is_all = asked.take().expect("`live` answers a change"),
            "events" if message["id"] == "a" => {
                since_turn += 1;
                let mut message = message;
                for item in message["events"].as_array_mut().unwrap() {
                    let skipped = item["skipped"].as_u64().unwrap_or(0);
                    item["skipped"] = json!(skipped);
                }
                tally.take(&message);
            }
            "events" if is_all => {
                for offset in offsets_of(&message) {
                    assert_eq!(offset, tally.offset + 1, "in order, once");
                    tally.offset = offset;
                    tally.items += 1;
                }
                since_turn += 1;
            }
            "events" => {}
            _ => panic!("{message}"),
        }
    }
    // The last of the modes is `latest`.
    is_over.store(true, Ordering::Relaxed);
    let last = appending.await.unwrap();
    tally.read_until_of(&mut client, last).await;
    assert!(tally.skipped > 0, "{turns} changes: {tally:?}");
    println!("{turns} changes, {} items, {} passed over", tally.items, tally.skipped);
    assert_eq!(tally.items + tally.skipped, last, "{tally:?}");
    Arc::into_inner(node).unwrap().end().await;
}

/// Ticks that a full socket cuts short are finished first, so that the sum stays right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_reader_gets_the_newest_when_it_reads_again_and_the_sum_is_right() {
    let limits = Limits { window_bytes: 64 * 1024 * 1024, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut slow = small_client(&node).await;
    follow(&mut slow, "s/**", 50).await;
    let mut tally = Tally::default();
    for number in 1..=2_000 {
        node.append_body(&format!("s/x/{}", number % 300), body(number)).await;
        if number % 100 == 0 {
            tally.take(&slow.next().await);
        }
    }
    tally.read_until(&mut slow, 2_000).await;
    println!("{} items, {} passed over", tally.items, tally.skipped);
    assert_eq!(tally.items + tally.skipped, 2_000);
    assert_eq!(tally.newest.len(), 300);
    assert!(tally.newest.values().all(|offset| *offset > 1_700));
    node.end().await;
}

#[tokio::test]
async fn what_fell_out_of_the_window_before_a_tick_is_told() {
    let limits = Limits { window_events: 16, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut client = node.client().await;
    follow(&mut client, "s/**", 2_000).await;
    for number in 1..=100 {
        node.append("s/x", &json!(number)).await;
    }
    let gap = client.expect("gap").await;
    assert_eq!((&gap["reason"], &gap["id"]), (&json!("slow"), &json!("a")), "{gap}");
    assert_eq!((&gap["from"], &gap["to"]), (&json!(1), &json!(84)), "{gap}");
    let mut tally = Tally::default();
    tally.read_until(&mut client, 100).await;
    assert_eq!((tally.items, tally.skipped), (1, 15));
    node.end().await;
}

/// A position is a promise: nothing up to it comes again. Between two ticks a heartbeat stays behind the stream.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heartbeat_vouches_for_no_more_than_the_last_tick_brought() {
    let limits = Limits { heartbeat: Duration::from_millis(2), ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut client = node.client().await;
    client.follow("live", "s/**").await;
    follow(&mut client, "s/**", 60).await;
    let (mut seen, mut vouched, mut heartbeats) = (0, 0, 0);
    let appending = async {
        for number in 1..=500 {
            node.append("s/x", &json!(number)).await;
        }
    };
    let reading = async {
        while seen < 500 || vouched < 500 {
            let Message::Text(text) = client.next_frame().await else { continue };
            let message: Value = serde_json::from_str(&text).unwrap();
            match message["type"].as_str().unwrap() {
                "events" if message["id"] == "a" => seen = *offsets_of(&message).last().unwrap(),
                "positions" => {
                    let position = message["positions"]["s"].as_str().expect("it is live and current");
                    vouched = position.split_once(':').unwrap().1.parse().unwrap();
                    assert!(vouched <= seen, "{vouched} was vouched for, {seen} was sent");
                    heartbeats += 1;
                }
                _ => {}
            }
        }
    };
    tokio::join!(appending, reading);
    assert!(heartbeats > 1);
    node.end().await;
}

#[tokio::test]
async fn a_new_epoch_is_told_and_it_goes_on_from_what_survived() {
    let broker = ScriptedBroker::new();
    let limits = Limits { check_every: Duration::from_millis(20), ..Limits::default() };
    let node = Node::with(Setup { broker: Some(broker.clone()), limits, ..Setup::default() }).await;
    let stream = StreamName::parse("s").unwrap();
    let mut client = node.client().await;
    follow(&mut client, "s/**", 50).await;
    for number in 1..=5 {
        node.append("s/x", &json!(number)).await;
    }
    Tally::default().read_until(&mut client, 5).await;
    broker.turn_over(&stream, 2);
    let gap = client.expect("gap").await;
    assert_eq!((&gap["reason"], &gap["id"]), (&json!("epoch"), &json!("a")), "{gap}");
    assert_eq!(gap["from"], 6);
    assert!(gap["position"].as_str().unwrap().ends_with(":3"), "{gap}");
    // The two that were lost are put back, by us: the newest is what counts.
    let (mut tally, mut newest) = (Tally::default(), json!(null));
    while tally.offset < 5 {
        let message = client.next().await;
        newest = message["events"].as_array().unwrap().last().unwrap()["event"]["data"].clone();
        tally.take(&message);
    }
    assert_eq!((newest, tally.items + tally.skipped), (json!(5), 2));
    node.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_its_end_nothing_of_a_subscription_is_written() {
    let limits = Limits { messages_burst: 10_000, ..Limits::default() };
    let node = Arc::new(Node::with(Setup { limits, ..Setup::default() }).await);
    let mut client = node.client().await;
    client.follow("rest", "s/rest").await;
    let is_over = Arc::new(AtomicBool::new(false));
    let appending = tokio::spawn({
        let (node, is_over) = (node.clone(), is_over.clone());
        async move {
            while !is_over.load(Ordering::Relaxed) {
                node.append("s/x", &json!(1)).await;
                tokio::task::yield_now().await;
            }
            node.append("s/rest", &json!("last")).await
        }
    });
    for round in 0..300 {
        let mode = if round % 3 == 0 { json!({"latest_ms": 50}) } else { json!("all") };
        client.say(&json!({"type": "subscribe", "id": "a", "pattern": "s/x", "mode": mode})).await;
        client.expect("subscribed").await;
        if round % 2 == 0 {
            while client.next().await["type"] != "live" {}
        }
        client.say(&json!({"type": "unsubscribe", "id": "a"})).await;
        while client.next().await["type"] != "unsubscribed" {}
        client.say(&json!({"type": "ping"})).await;
        client.expect("pong").await;
    }
    is_over.store(true, Ordering::Relaxed);
    let last = appending.await.unwrap();
    assert_eq!(client.offsets_until(last).await, [last]);
    Arc::into_inner(node).unwrap().end().await;
}
