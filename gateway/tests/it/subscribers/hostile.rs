//! Peers that break the rules, in bytes: what they get, and that nobody else is disturbed.

use std::time::Duration;

use futures_util::StreamExt as _;
use hookcast::limits::Limits;
use hookcast::topic::Grant;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::node::{Client, Node, PATIENCE, Setup};

const HANDSHAKE: &str = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Sends raw bytes and reads until the peer ends, or this text has come.
async fn exchange(node: &Node, request: &[u8], until: &str) -> String {
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    stream.write_all(request).await.unwrap();
    read_until(&mut stream, until).await
}

async fn read_until(stream: &mut TcpStream, until: &str) -> String {
    let reading = async {
        let (mut got, mut buffer) = (Vec::new(), [0; 4_096]);
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => got.extend_from_slice(&buffer[..count]),
            }
            if String::from_utf8_lossy(&got).contains(until) {
                break;
            }
        }
        String::from_utf8_lossy(&got).into_owned()
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("an answer in time")
}

#[tokio::test]
async fn the_handshake_follows_rfc_6455_section_4_2() {
    let node = Node::start().await;
    let answer = exchange(&node, format!("{HANDSHAKE}\r\n").as_bytes(), "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    assert!(answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "the key of the RFC's own example: {answer}");
    assert!(!answer.to_lowercase().contains("sec-websocket-protocol"), "none was offered: {answer}");

    let with = |line: &str| format!("{HANDSHAKE}{line}\r\n\r\n");
    for (request, expected) in [
        (with("Sec-WebSocket-Protocol: other, hookcast.v1"), "HTTP/1.1 101"),
        (with("Sec-WebSocket-Protocol: other"), "HTTP/1.1 400"),
        (with("Origin: http://localhost").replace("Host: h", "Host: localhost"), "HTTP/1.1 101"),
        (with("Origin: http://h"), "HTTP/1.1 403"),
        (with("Origin: https://evil.example"), "HTTP/1.1 403"),
        (HANDSHAKE.replace("Version: 13", "Version: 8") + "\r\n", "HTTP/1.1 426"),
        (HANDSHAKE.replace("Upgrade: websocket\r\n", "") + "\r\n", "HTTP/1.1 426"),
        (HANDSHAKE.replace("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=") + "\r\n", "HTTP/1.1 400"),
        (HANDSHAKE.replace("GET", "POST") + "Content-Length: 0\r\n\r\n", "HTTP/1.1 405"),
    ] {
        let answer = exchange(&node, request.as_bytes(), "\r\n\r\n").await;
        assert!(answer.starts_with(expected), "{request}\n{answer}");
    }
    node.end().await;
}

#[tokio::test]
async fn where_no_token_is_needed_a_site_that_points_its_name_at_us_reads_nothing() {
    let anonymous = vec![Grant::parse("t/*").unwrap()];
    let node = Node::with(Setup { anonymous, ..Setup::default() }).await;
    for path in ["/api/v1/events?pattern=t/*", "/sse?pattern=t/*"] {
        for (host, expected) in [("rebound.example:8080", "HTTP/1.1 403"), ("127.0.0.1:8080", "HTTP/1.1 200")]
        {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let answer = exchange(&node, request.as_bytes(), "\r\n\r\n").await;
            assert!(answer.starts_with(expected), "{path} at {host}: {answer}");
        }
    }
    node.end().await;
}

/// The bytes of a server's close frame with this code.
fn close_frame(code: u16) -> Vec<u8> {
    code.to_be_bytes().to_vec()
}

#[tokio::test]
async fn a_breach_of_the_framing_is_answered_with_its_code() {
    let node = Node::start().await;
    let mut witness = node.client().await;
    witness.follow("a", "s/**").await;
    let huge = [&[0x81, 0xFF, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF][..], &[0; 4]].concat();
    let cases: [(&[u8], u16); 6] = [
        (b"\x81\x02hi", 1002),
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\xC1\x80\0\0\0\0", 1002),
        (b"\x82\x80\0\0\0\0", 1003),
        (b"\x81\x81\0\0\0\0\xff", 1007),
        (&huge, 1009),
    ];
    for (frame, code) in cases {
        // In the same packet as the handshake: bytes read ahead belong to us.
        let request = [format!("{HANDSHAKE}\r\n").as_bytes(), frame].concat();
        let mut stream = TcpStream::connect(node.address).await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut got = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut got)).await.expect("it ends").unwrap();
        assert!(got.ends_with(&close_frame(code)), "{frame:x?}: {got:x?}");
    }
    node.append("s/x", &json!(1)).await;
    assert_eq!(witness.offsets_until(1).await, [1], "nobody else is disturbed");
    node.end().await;
}

#[tokio::test]
async fn what_is_no_message_ends_the_session_with_4500() {
    let node = Node::start().await;
    for text in ["hello", "[]", "{}", r#"{"type":7}"#] {
        let mut client = node.client().await;
        client.say_text(text).await;
        assert_eq!(client.close_code().await, 4500, "{text}");
    }
    node.end().await;
}

#[tokio::test]
async fn who_does_not_authenticate_goes_and_the_oldest_first() {
    let limits =
        Limits { unauthenticated: 3, auth_deadline: Duration::from_millis(400), ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(Client::connect(&node).await);
    }
    for mut client in clients {
        assert_eq!(client.close_code().await, 4001);
    }
    node.end().await;
}

#[tokio::test]
async fn who_says_too_much_is_told_and_then_closed() {
    let limits = Limits { messages_burst: 10, messages_per_second: 1, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut client = node.client().await;
    for _ in 0..200 {
        client.say(&json!({"type": "ping"})).await;
    }
    let mut told = 0;
    let code = loop {
        match client.next_frame().await {
            Message::Close(close) => {
                break close.map(|it| u16::from(it.code));
            }
            Message::Text(text) => {
                told += usize::from(text.contains("rate_limited"));
            }
            _ => {}
        }
    };
    assert_eq!((code, told), (Some(4502), 99));
    node.end().await;
}

#[tokio::test]
async fn a_silent_peer_is_closed_with_4003() {
    let limits = Limits { silence: Duration::from_millis(300), ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    let token = node.token(&["**"]);
    let request = format!("{HANDSHAKE}Sec-WebSocket-Protocol: hookcast.v1, hookcast.token.{token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let got = read_until(&mut stream, "silent").await;
    assert!(got.contains("welcome") && got.contains("silent"), "{got}");
    node.end().await;
}

#[tokio::test]
async fn slow_headers_end_the_connection_and_long_ones_are_431() {
    let limits = Limits { header_deadline: Duration::from_millis(300), ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let answer = exchange(&node, b"GET /livez HTTP/1.1\r\nHost: h\r\nX-Slow: ", "never").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    let long = format!("GET /livez HTTP/1.1\r\nHost: h\r\nX-Long: {}\r\n\r\n", "x".repeat(20_000));
    let answer = exchange(&node, long.as_bytes(), "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let answer =
        exchange(&node, b"GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "never").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
    node.end().await;
}

#[tokio::test]
async fn health_and_the_page_answer_and_a_missing_file_is_no_page() {
    let node = Node::start().await;
    for (path, status, part) in [
        ("/readyz", "200", "ok"),
        ("/", "200", "<!doctype html>"),
        ("/board/demo", "200", "<!doctype html>"),
        ("/events", "200", "<!doctype html>"),
        ("/events/0a1b", "200", "<!doctype html>"),
        ("/sources", "200", "<!doctype html>"),
        ("/sources/github", "200", "<!doctype html>"),
        ("/topics", "200", "<!doctype html>"),
        ("/connections", "200", "<!doctype html>"),
        ("/health", "200", "<!doctype html>"),
        ("/sdk.js", "200", "hookcast"),
        ("/assets/nothing.js", "404", "not_found"),
        ("/nowhere", "404", "not_found"),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        let answer = exchange(&node, request.as_bytes(), "never").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        assert!(answer.to_lowercase().contains(&part.to_lowercase()), "{path}: {answer}");
    }
    node.end().await;
}

#[tokio::test]
async fn one_connection_too_many_of_an_address_hears_so_and_the_others_go_on() {
    let limits = Limits { connections_per_address: 2, ..Limits::default() };
    let node = Node::with(Setup { limits, counts_loopback: true, ..Setup::default() }).await;
    let (mut one, two) = (node.client().await, node.client().await);
    one.follow("a", "s/**").await;

    let Some(Ok(Message::Close(Some(close)))) = Client::connect(&node).await.socket.next().await else {
        panic!("a browser's page learns it from nothing but a close code");
    };
    assert_eq!(u16::from(close.code), 4004);
    assert!(close.reason.contains("retry_ms"), "{}", close.reason);
    let request = "POST /hooks/s HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}";
    let answer = exchange(&node, request.as_bytes(), "nothing: it is closed").await;
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    assert!(
        answer.to_lowercase().contains("retry-after: 10") && answer.contains(r#""code":"too_many""#),
        "{answer}"
    );
    let answer = exchange(&node, b"GET /ws HTTP/1.1\r\nHost: h\r\n\r\n", "nothing: it is closed").await;
    assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");

    let offset = node.append("s/x", &json!(1)).await;
    assert_eq!(one.offsets_until(offset).await, [offset], "who was there first is not disturbed");
    drop(two);
    node.until_sessions(1).await;
    // The count falls a moment after the session, when the socket's owner lets go of it.
    let again = async {
        while !answers(&node).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("a place that is free is given again");
}

async fn answers(node: &Node) -> bool {
    let answer =
        exchange(node, b"GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "nothing").await;
    answer.starts_with("HTTP/1.1 200")
}
