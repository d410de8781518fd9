//! A node among others: when it is ready, what it says of itself, what it sees to without being asked.

use std::time::Duration;

use hookcast::topic::StreamName;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::away::Shared;
use super::node::{Client, Node, PATIENCE, Setup};

async fn node_on(broker: &std::sync::Arc<Shared>) -> Node {
    Node::with(Setup { broker: Some(broker.clone()), ..Setup::default() }).await
}

async fn readyz(node: &Node) -> String {
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Asks again and again until a claim holds.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let mut look = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while !holds().await {
            look.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it comes true in time");
}

#[tokio::test]
async fn a_node_starts_without_its_broker_and_becomes_ready_when_it_comes() {
    let broker = Shared::new();
    broker.go_away(true);
    let node = node_on(&broker).await;
    let answer = readyz(&node).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"unavailable\""), "{answer}");
    broker.go_away(false);
    until(async || readyz(&node).await.starts_with("HTTP/1.1 200")).await;
    node.end().await;
}

#[tokio::test]
async fn whoever_asks_for_readiness_does_not_make_the_node_ask_the_broker() {
    let broker = Shared::new();
    let node = node_on(&broker).await;
    for _ in 0..100 {
        assert!(readyz(&node).await.starts_with("HTTP/1.1 200"), "ready from the first answer on");
    }
    let checks = broker.checks(&StreamName::reserved());
    assert!(checks < 20, "{checks} checks for 100 questions");
    node.end().await;
}

#[tokio::test]
async fn streams_that_nobody_listens_to_are_checked_when_a_node_starts() {
    let broker = Shared::new();
    let node = node_on(&broker).await;
    let streams = ["s", "t"].map(|name| StreamName::parse(name).unwrap());
    until(async || streams.iter().all(|stream| broker.checks(stream) > 0)).await;
    node.end().await;
}

/// The next announcement: the node's id and the event.
async fn announcement(client: &mut Client) -> (String, Value) {
    let message = client.expect("events").await;
    let item = &message["events"][0];
    let id = item["topic"].as_str().unwrap().strip_prefix("hookcast/node/").unwrap();
    (id.to_owned(), item["event"].clone())
}

#[tokio::test]
async fn nodes_announce_themselves_to_operators_and_to_nobody_else() {
    let broker = Shared::new();
    let first = node_on(&broker).await;
    let mut operator = Client::connect(&first).await;
    operator.say(&json!({"type": "auth", "token": first.token(&["hookcast/**"])})).await;
    operator.expect("welcome").await;
    operator.subscribe("a", "hookcast/node/*", &json!({"last": 10})).await;
    operator.expect("subscribed").await;
    let mut message = operator.next().await;
    if message["type"] == "live" {
        message = operator.expect("events").await;
    } else {
        operator.expect("live").await;
    }
    assert_eq!(message["events"][0]["event"]["type"], "node.started", "{message}");

    let mut second = node_on(&broker).await;
    let (id, event) = announcement(&mut operator).await;
    assert!(id.len() == 8 && id.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()), "{id}");
    assert_eq!((&event["type"], &event["specversion"]), (&json!("node.started"), &json!("1.0")));
    assert_eq!(event["source"], format!("/nodes/{id}"));
    let data = &event["data"];
    assert_eq!((&data["id"], &data["listen"]), (&json!(id), &json!(second.address.to_string())));
    assert_eq!(data["sessions"], 0);
    for key in ["build", "host", "uptime_ms", "streams"] {
        assert!(!data[key].is_null(), "{key} is missing: {data}");
    }

    let mut other = second.client().await;
    other.subscribe("a", "hookcast/node/*", &json!("now")).await;
    other.expect_error("forbidden").await;
    second.drain();
    let (leaving, event) = announcement(&mut operator).await;
    assert_eq!((&leaving, &event["type"]), (&id, &json!("node.leaving")), "as soon as its end begins");
    assert_eq!(event["data"]["sessions"], 1);
    second.ended().await;
    first.end().await;
}
