//! Peers that want to wear the node out: trickles, floods, half-closed sockets, crowds that never say who they are. Each time a
//! witness gets the next event, and afterwards the node has let go of them.

use std::time::Duration;

use hookcast::limits::Limits;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::node::{Client, Node, PATIENCE, Setup};
use super::slow::small_client;

/// An upgraded socket that speaks in bytes.
async fn raw(node: &Node, token: Option<&str>) -> TcpStream {
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    let authorization = token.map(|it| format!("Authorization: Bearer {it}\r\n")).unwrap_or_default();
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{authorization}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// A client's frame; the mask is zero, so the payload stands as it is.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    if let Ok(length @ 0..=125) = u8::try_from(payload.len()) {
        bytes.push(0x80 | length);
    } else {
        bytes.push(0xFE);
        bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// Reads to the end, or to a reset; answers what came.
async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut got = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut got)).await.expect("it is ended");
    got
}

fn ends_with_close(got: &[u8], code: u16) -> bool {
    let code = code.to_be_bytes();
    got.windows(2).rev().take(130).any(|pair| pair == code)
}

/// Someone who behaves, and what shows that nobody disturbs them.
struct Witness {
    client: Client,
}

impl Witness {
    async fn new(node: &Node) -> Self {
        let mut client = node.client().await;
        client.follow("w", "s/**").await;
        Self { client }
    }

    async fn hears(&mut self, node: &Node) {
        let offset = node.append("s/x", &json!(1)).await;
        assert_eq!(self.client.offsets_until(offset).await, [offset]);
    }
}

#[tokio::test]
async fn a_message_that_trickles_in_is_heard_but_who_never_ends_it_has_not_authenticated() {
    let limits = Limits { auth_deadline: Duration::from_millis(500), ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut witness = Witness::new(&node).await;
    let auth = json!({"type": "auth", "token": node.token(&["**"])}).to_string();
    let mut patient = raw(&node, None).await;
    for byte in frame(0x81, auth.as_bytes()) {
        patient.write_all(&[byte]).await.unwrap();
    }
    let mut got = Vec::new();
    while !String::from_utf8_lossy(&got).contains("welcome") {
        assert!(patient.read_buf(&mut got).await.unwrap() > 0, "a byte at a time is a message too");
    }

    let mut endless = raw(&node, None).await;
    let (mut reading, mut writing) = endless.split();
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    let trickle = async {
        let bytes = frame(0x81, &[b' '; 16_000]);
        for byte in bytes.iter().cycle() {
            pace.tick().await;
            if writing.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
    };
    let mut got = Vec::new();
    tokio::select! {
        () = trickle => {}
        _ = reading.read_to_end(&mut got) => {}
    }
    assert!(ends_with_close(&got, 4001), "{}", String::from_utf8_lossy(&got));
    drop(patient);
    witness.hears(&node).await;
    node.until_sessions(1).await;
    node.end().await;
}

#[tokio::test]
async fn pings_subscriptions_and_fragments_without_end_are_ended() {
    let node = Node::start().await;
    let mut witness = Witness::new(&node).await;
    let token = node.token(&["**"]);
    let subscribe = |number: u32| {
        let id = number.to_string();
        frame(0x81, json!({"type": "subscribe", "id": id, "pattern": "s/**"}).to_string().as_bytes())
    };
    let pings = frame(0x89, b"are you there").repeat(1_000);
    let subscriptions: Vec<u8> = (0..1_000).flat_map(subscribe).collect();
    let churn: Vec<u8> = (0..500)
        .flat_map(|_| [subscribe(7), frame(0x81, br#"{"type":"unsubscribe","id":"7"}"#)].concat())
        .collect();
    let pongs = frame(0x8A, b"").repeat(1_000);
    let nothing = [frame(0x01, b""), frame(0x00, b"").repeat(2_000)].concat();
    let fragments = [frame(0x01, b""), frame(0x00, &[b'x'; 1_000]).repeat(17)].concat();
    for (what, bytes, code) in [
        ("pings", pings, 4502),
        ("subscriptions", subscriptions, 4502),
        ("subscribing and unsubscribing", churn, 4502),
        ("pongs that nobody asked for", pongs, 4502),
        ("fragments", fragments, 1009),
        ("fragments of nothing", nothing, 1009),
    ] {
        let mut stream = raw(&node, Some(&token)).await;
        let (mut reading, mut writing) = stream.split();
        let mut got = Vec::new();
        // Whoever is sent away early has nobody to write to.
        let both = async { tokio::join!(writing.write_all(&bytes), reading.read_to_end(&mut got)) };
        let _ = tokio::time::timeout(PATIENCE, both).await.unwrap_or_else(|_| panic!("{what} are not ended"));
        assert!(ends_with_close(&got, code), "{what}: {}", String::from_utf8_lossy(&got));
        witness.hears(&node).await;
    }
    node.until_sessions(1).await;
    node.end().await;
}

#[tokio::test]
async fn a_hundred_subscriptions_and_no_more() {
    let limits = Limits { messages_burst: 1_000, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut client = node.client().await;
    for number in 0..100 {
        client.follow(&number.to_string(), &format!("s/topic-{number}")).await;
    }
    client.subscribe("one more", "s/x", &json!("now")).await;
    client.expect_error("too_many").await;
    client.say(&json!({"type": "unsubscribe", "id": "42"})).await;
    client.expect("unsubscribed").await;
    client.follow("one more", "s/x").await;
    node.append("s/topic-42", &json!(1)).await;
    node.append("s/topic-99", &json!(2)).await;
    assert_eq!(client.offsets_until(2).await, [2]);
    node.end().await;
}

#[tokio::test]
async fn who_asks_and_never_reads_the_answers_is_ended_and_costs_a_bounded_sum() {
    let limits = Limits {
        messages_burst: 1_000_000,
        messages_per_second: 1_000_000,
        stuck: Duration::from_millis(400),
        ..Limits::default()
    };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut witness = Witness::new(&node).await;
    let mut deaf = small_client(&node).await;
    let asking = async {
        // A pattern that is none is answered with a sentence.
        while deaf.socket.get_mut().writable().await.is_ok() {
            let bytes = frame(0x81, br#"{"type":"subscribe","id":"a","pattern":"no pattern"}"#).repeat(100);
            if deaf.socket.get_mut().write_all(&bytes).await.is_err() {
                break;
            }
        }
    };
    let ending = node.until_sessions(1);
    tokio::select! {
        () = asking => {}
        () = ending => {}
    }
    node.until_sessions(1).await;
    witness.hears(&node).await;
    node.end().await;
}

/// The node has one place; whoever holds it without reading loses it.
#[tokio::test]
async fn an_answer_that_nobody_reads_gives_its_place_back() {
    let limits = Limits { connections: 1, stuck: Duration::from_millis(300), ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let data = json!("x".repeat(100_000));
    for _ in 0..60 {
        node.append("s/a", &data).await;
    }
    let authorization = format!("Authorization: Bearer {}", node.token(&["s/**"]));
    for path in ["/api/v1/events?pattern=s/*", "/sse?pattern=s/*&since=last:60"] {
        let mut deaf = TcpStream::connect(node.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: h\r\n{authorization}\r\n\r\n");
        deaf.write_all(request.as_bytes()).await.unwrap();
        deaf.readable().await.unwrap();
        let mut next = TcpStream::connect(node.address).await.unwrap();
        let request = b"GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        next.write_all(request).await.unwrap();
        let got = read_to_end(&mut next).await;
        assert!(got.starts_with(b"HTTP/1.1 200"), "{path}: {}", String::from_utf8_lossy(&got));
    }
    node.end().await;
}

#[tokio::test]
async fn a_half_closed_socket_is_over() {
    let node = Node::start().await;
    let mut witness = Witness::new(&node).await;
    let token = node.token(&["**"]);
    for frame in [None, Some(frame(0x81, br#"{"type":"ping"}"#)), Some(vec![0x81])] {
        let mut stream = raw(&node, Some(&token)).await;
        if let Some(frame) = frame {
            stream.write_all(&frame).await.unwrap();
        }
        stream.shutdown().await.unwrap();
        read_to_end(&mut stream).await;
    }
    node.until_sessions(1).await;
    witness.hears(&node).await;
    node.end().await;
}

/// 2,000 against a bound of 1,000; the test's own descriptors bound the crowd.
#[tokio::test]
async fn a_crowd_that_never_authenticates_keeps_nobody_out() {
    let node = Node::start().await;
    let mut witness = Witness::new(&node).await;
    let mut crowd = Vec::new();
    for _ in 0..2_000 {
        crowd.push(raw(&node, None).await);
    }
    node.until_sessions(1_001).await;
    witness.hears(&node).await;
    let got = read_to_end(&mut crowd[0]).await;
    assert!(ends_with_close(&got, 4001), "the oldest goes: {}", String::from_utf8_lossy(&got));
    let mut late = node.client().await;
    late.follow("a", "s/**").await;
    witness.hears(&node).await;
    assert!(matches!(late.next_frame().await, Message::Text(text) if text.contains("events")));
    node.end().await;
}
