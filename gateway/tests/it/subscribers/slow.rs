//! A reader that does not keep up: told what it misses, in nobody's way.

use std::time::Duration;

use bytes::Bytes;
use hookcast::limits::Limits;
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;

use super::node::{Client, Node, Setup, offsets_of};

/// A client whose kernel takes little, so that the node's socket is full soon.
pub async fn small_client(node: &Node) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let stream = socket.connect(node.address).await.unwrap();
    let mut client = Client::over(stream, node, Some("hookcast.v1")).await;
    client.say(&json!({"type": "auth", "token": node.token(&["**"])})).await;
    client.expect("welcome").await;
    client
}

pub fn body(number: u64) -> Bytes {
    json!({"specversion": "1.0", "data": number, "padding": "x".repeat(20_000)}).to_string().into()
}

/// Reads live events and gaps until this offset; answers what was neither got nor told.
async fn untold_until(client: &mut Client, last: u64) -> (u64, Vec<Value>) {
    let (mut next, mut gaps, mut got) = (1, Vec::new(), 0);
    while next <= last {
        let message = client.next().await;
        match message["type"].as_str().unwrap() {
            "events" => {
                for offset in offsets_of(&message) {
                    assert_eq!(offset, next, "in order, once");
                    next += 1;
                    got += 1;
                }
            }
            "gap" => {
                assert_eq!(message["from"], next, "{message}");
                next = message["to"].as_u64().unwrap() + 1;
                gaps.push(message);
            }
            _ => panic!("{message}"),
        }
    }
    (got, gaps)
}

#[tokio::test]
async fn a_slow_reader_misses_nothing_that_the_window_still_holds() {
    let node = Node::start().await;
    let mut slow = small_client(&node).await;
    let mut good = node.client().await;
    slow.follow("a", "s/**").await;
    good.follow("a", "s/**").await;
    for number in 1..=400 {
        node.append_body("s/x", body(number)).await;
    }
    assert_eq!(good.offsets_until(400).await.len(), 400, "nobody waits for the slow one");
    let (got, gaps) = untold_until(&mut slow, 400).await;
    assert_eq!((got, gaps), (400, vec![]));
    node.append_body("s/x", body(401)).await;
    assert_eq!(slow.offsets_until(401).await, [401], "live again");
    node.end().await;
}

#[tokio::test]
async fn a_reader_too_slow_for_the_window_is_told_what_it_missed() {
    let limits = Limits { window_bytes: 500_000, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut slow = small_client(&node).await;
    slow.follow("a", "s/**").await;
    slow.follow("b", "s/x").await;
    let mut good = node.client().await;
    good.follow("a", "s/**").await;
    // More than the kernel's buffers and the window hold, however large those are here.
    let last = 2_000;
    for number in 1..=last {
        node.append_body("s/x", body(number)).await;
        if number % 20 == 0 {
            good.offsets_until(number).await;
        }
    }
    let (got, gaps) = untold_until(&mut slow, last).await;
    assert!(got < last && !gaps.is_empty());
    assert!(gaps.iter().all(|gap| gap["reason"] == "slow" && gap["id"].is_null()), "{gaps:?}");
    node.end().await;
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_closed() {
    let limits = Limits { stuck: Duration::from_millis(300), ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut stuck = small_client(&node).await;
    stuck.follow("a", "s/**").await;
    let mut good = node.client().await;
    good.follow("a", "s/**").await;
    for number in 1..=500 {
        node.append_body("s/x", body(number)).await;
    }
    assert_eq!(good.offsets_until(500).await.len(), 500);
    node.until_sessions(1).await;
    node.append("s/x", &json!("after")).await;
    assert_eq!(good.offsets_until(501).await, [501]);
    node.end().await;
}

/// A position is a promise: whoever comes back with it gets nothing before it. A heartbeat that vouched for the stream's
/// newest event while this connection's cursor was still behind would lose what lies between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heartbeat_never_vouches_for_what_a_slow_reader_has_not_got() {
    let limits = Limits { heartbeat: Duration::from_millis(2), ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut slow = small_client(&node).await;
    slow.follow("a", "s/**").await;
    for number in 1..=600 {
        node.append_body("s/x", body(number)).await;
    }
    let (mut seen, mut vouched) = (0, 0);
    while seen < 600 || vouched < 600 {
        let Message::Text(text) = slow.next_frame().await else { continue };
        let message: Value = serde_json::from_str(&text).unwrap();
        match message["type"].as_str().unwrap() {
            "events" => seen = *offsets_of(&message).last().unwrap(),
            "positions" => {
                let Some(position) = message["positions"]["s"].as_str() else { continue };
                vouched = position.split_once(':').unwrap().1.parse().unwrap();
                assert!(vouched <= seen, "{vouched} was vouched for, {seen} was sent");
            }
            _ => {}
        }
    }
    node.end().await;
}
