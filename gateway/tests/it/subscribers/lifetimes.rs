//! How long a stream is open on a node, and what its sessions hear when nobody vouches for it any more.

use std::sync::Arc;
use std::time::Duration;

use hookcast::limits::Limits;
use hookcast::topic::StreamName;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::node::{Client, Node, PATIENCE, Setup};
use super::scripted::{Call, ScriptedBroker};
use super::slow::{body, small_client};

async fn node_with(limits: Limits) -> (Arc<ScriptedBroker>, Node, StreamName) {
    let broker = ScriptedBroker::new();
    let node = Node::with(Setup { broker: Some(broker.clone()), limits, ..Setup::default() }).await;
    (broker, node, StreamName::parse("s").unwrap())
}

/// Until so many listen to a stream.
async fn until_listeners(broker: &ScriptedBroker, stream: &StreamName, count: usize) {
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let looking = async {
        while broker.listeners(stream) != count {
            look.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it listens, or no more, in time");
}

async fn next_positions(client: &mut Client) -> Value {
    loop {
        if let Message::Text(text) = client.next_frame().await {
            let message: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(message["type"], "positions");
            return message["positions"].clone();
        }
    }
}

/// No heartbeat is due in this test: both messages come because the stream's task asked for them.
#[tokio::test]
async fn a_stream_that_turns_stale_is_left_out_at_once_and_named_again_when_it_returns() {
    let limits = Limits {
        check_every: Duration::from_millis(20),
        stale: Duration::from_millis(300),
        ..Limits::default()
    };
    let (broker, node, stream) = node_with(limits).await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    node.append("s/x", &json!(1)).await;
    client.offsets_until(1).await;
    broker.fail(Call::Check);
    assert_eq!(next_positions(&mut client).await, json!({}));
    broker.mend(Call::Check);
    assert_eq!(next_positions(&mut client).await, json!({"s": format!("{}:1", broker.head(&stream).epoch)}));
    node.end().await;
}

#[tokio::test]
async fn a_blocked_socket_gets_no_positions_of_a_stale_stream() {
    let limits = Limits {
        check_every: Duration::from_millis(20),
        stale: Duration::from_millis(300),
        ..Limits::default()
    };
    let (broker, node, _) = node_with(limits).await;
    let mut slow = small_client(&node).await;
    slow.follow("a", "s/**").await;
    let mut good = node.client().await;
    good.follow("a", "s/**").await;
    for number in 1..=400 {
        node.append_body("s/x", body(number)).await;
    }
    good.offsets_until(400).await;
    broker.fail(Call::Check);
    assert_eq!(next_positions(&mut good).await, json!({}));
    let mut seen = 0;
    while seen < 400 {
        let Message::Text(text) = slow.next_frame().await else { continue };
        let message: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(message["type"], "events", "after {seen}");
        seen = message["events"].as_array().unwrap().last().unwrap()["offset"].as_u64().unwrap();
    }
    node.end().await;
}

#[tokio::test]
async fn a_stream_that_nobody_follows_is_closed_and_opened_anew_but_not_one_that_is_kept() {
    let (broker, node, stream) =
        node_with(Limits { linger: Duration::from_millis(100), ..Limits::default() }).await;
    let kept = StreamName::parse("t").unwrap();
    node.sessions.hub.keep_open(kept.clone());
    until_listeners(&broker, &kept, 1).await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    client.follow("b", "t/**").await;
    assert_eq!(broker.listeners(&stream), 1);
    for id in ["a", "b"] {
        client.say(&json!({"type": "unsubscribe", "id": id})).await;
        client.expect("unsubscribed").await;
    }
    until_listeners(&broker, &stream, 0).await;
    assert!(!node.sessions.hub.is_current(&stream));
    node.append("s/x", &json!(1)).await;
    client.follow("a", "s/**").await;
    node.append("s/x", &json!(2)).await;
    assert_eq!(client.offsets_until(2).await, [2]);
    assert_eq!(broker.listeners(&kept), 1);
    assert!(node.sessions.hub.is_current(&kept));
    // Whoever goes without a word leaves nothing behind either.
    drop(client);
    until_listeners(&broker, &stream, 0).await;
    node.end().await;
}

/// Streams close as soon as they may, and others come for them all the time: each is served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_lost_between_the_closing_of_a_stream_and_its_opening() {
    let (broker, node, stream) =
        node_with(Limits { linger: Duration::from_millis(1), messages_burst: 10_000, ..Limits::default() })
            .await;
    let node = Arc::new(node);
    let clients = (0..4).map(|_| {
        let node = node.clone();
        tokio::spawn(async move {
            let mut client = node.client().await;
            for _ in 0..200 {
                client.follow("a", "s/**").await;
                client.say(&json!({"type": "unsubscribe", "id": "a"})).await;
                client.expect("unsubscribed").await;
                tokio::time::interval_at(
                    tokio::time::Instant::now() + Duration::from_millis(2),
                    Duration::from_secs(1),
                )
                .tick()
                .await;
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        tokio::time::timeout(PATIENCE, client).await.unwrap().unwrap();
    }
    until_listeners(&broker, &stream, 0).await;
    assert!(broker.calls(Call::Listen) > 10, "it closed and opened again: {}", broker.calls(Call::Listen));
    Arc::into_inner(node).unwrap().end().await;
}
