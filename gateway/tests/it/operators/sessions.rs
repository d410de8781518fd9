//! `/api/v1/sessions`: who is connected, hears what, and how far behind; and the end that an operator makes of one.

use std::time::Duration;

use hookcast::limits::Limits;
use hookcast::topic::Grant;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::asking::{ask, ask_as, get, until};
use crate::subscribers::node::{Client, Node, PATIENCE, Setup};

async fn connect_as(node: &Node, subject: Option<&str>, grants: &[&str]) -> Client {
    let mut client = Client::connect(node).await;
    let token = node.auth.sign(subject, grants, Duration::from_mins(10)).unwrap();
    client.say(&json!({"type": "auth", "token": token})).await;
    client.expect("welcome").await;
    client
}

async fn sessions(node: &Node, query: &str) -> Vec<Value> {
    get(node, &format!("/api/v1/sessions{query}")).await["sessions"].as_array().unwrap().clone()
}

/// An SSE client whose first event has come.
async fn listen(node: &Node, query: &str) -> TcpStream {
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    let request = format!("GET /sse?{query} HTTP/1.1\r\nHost: h\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    read_until(&mut stream, "event: live").await;
    stream
}

async fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4_096];
    while !text.contains(wanted) {
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert!(read > 0, "it ended with {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    text
}

#[tokio::test]
async fn each_connection_is_shown_with_who_it_is_and_what_it_hears() {
    let anonymous = vec![Grant::parse("t/**").unwrap()];
    let node = Node::with(Setup { anonymous, ..Setup::default() }).await;
    let mut ann = connect_as(&node, Some("ann"), &["s/**", "t/a"]).await;
    ann.follow("all", "s/*/x").await;
    ann.say(&json!({"type": "subscribe", "id": "few", "pattern": "s/**", "mode": {"latest_ms": 200}})).await;
    ann.expect("subscribed").await;
    ann.expect("live").await;
    let _stranger = Client::connect(&node).await;
    node.until_sessions(2).await;
    let _listening = listen(&node, "pattern=t/**").await;

    let answer = get(&node, "/api/v1/sessions").await;
    assert_eq!((&answer["nodes"], &answer["more"]), (&json!({"asked": 1, "answered": 1}), &json!(false)));
    let shown = answer["sessions"].as_array().unwrap();
    let find = |what: &str, is: Value| shown.iter().find(|it| it[what] == is).expect("it is shown");
    assert_eq!(shown.len(), 3);
    for session in shown {
        let id = session["id"].as_str().unwrap();
        assert!(id.len() == 8 && id.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()), "{id}");
        assert_eq!(session["address"], "127.0.0.1");
        assert_eq!(session["node"].as_str().unwrap().len(), 8);
        assert!(session["since"].as_str().unwrap().ends_with('Z'));
    }
    let ann = find("subject", json!("ann"));
    assert_eq!((&ann["transport"], &ann["anonymous"]), (&json!("ws"), &json!(false)));
    assert!(ann["expires"].is_string());
    // What is open to all is added to every token's grants.
    assert_eq!(ann["grants"], json!(["s/**", "t/a", "t/**"]));
    assert_eq!(
        ann["subscriptions"],
        json!([
            {"id": "all", "pattern": "s/*/x", "mode": "all", "lag_events": 0, "lag_ms": 0},
            {"id": "few", "pattern": "s/**", "mode": {"latest_ms": 200}, "lag_events": 0, "lag_ms": 0},
        ])
    );
    let listening = find("transport", json!("sse"));
    assert_eq!((&listening["anonymous"], &listening["expires"]), (&json!(true), &Value::Null));
    assert_eq!(listening["subscriptions"][0]["pattern"], "t/**");
    let stranger = find("grants", json!([]));
    assert_eq!((&stranger["anonymous"], &stranger["subscriptions"]), (&json!(false), &json!([])));
    node.end().await;
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_behind_and_one_that_reads_again_is_not() {
    let node = Node::start().await;
    let mut slow = node.client().await;
    slow.follow("a", "s/**").await;
    let large = "x".repeat(60_000);
    let mut top = 0;
    until(async || {
        top = node.append("s/a", &json!(large)).await;
        let shown = sessions(&node, "").await;
        let subscription = &shown[0]["subscriptions"][0];
        let is_behind = subscription["lag_events"].as_u64().unwrap() > 0;
        assert!(!is_behind || subscription["lag_ms"].is_u64(), "{subscription}");
        is_behind
    })
    .await;
    assert_eq!(slow.offsets_until(top).await, (1..=top).collect::<Vec<u64>>());
    until(async || sessions(&node, "").await[0]["subscriptions"][0]["lag_events"] == 0).await;
    node.end().await;
}

#[tokio::test]
async fn a_filter_finds_a_subject_and_whoever_hears_what_a_pattern_covers() {
    let node = Node::start().await;
    let mut ann = connect_as(&node, Some("ann"), &["**"]).await;
    ann.follow("a", "s/orders/*").await;
    let mut bob = connect_as(&node, Some("bob & <b>"), &["**"]).await;
    bob.follow("a", "s/orders/de").await;
    bob.follow("b", "t/**").await;
    for (query, count) in [
        ("", 2),
        ("?subject=ann", 1),
        ("?subject=bob%20%26%20%3Cb%3E", 1),
        ("?subject=carol", 0),
        ("?subject=&pattern=", 2),
        ("?pattern=s/orders/*", 2),
        ("?pattern=s/orders/de", 1),
        ("?pattern=t/**", 1),
        ("?pattern=**&subject=ann", 1),
        ("?pattern=t/**&subject=ann", 0),
        ("?subject=%00%27%3B%20DROP", 0),
        ("?subject=__proto__", 0),
    ] {
        assert_eq!(sessions(&node, query).await.len(), count, "{query}");
    }
    let long = format!("subject={}", "x".repeat(600));
    for (query, code) in [
        ("pattern=*/a", "bad_pattern"),
        ("pattern=s/**/a", "bad_pattern"),
        ("pattern=%FF%FE", "bad_pattern"),
        ("limit=5", "bad_query"),
        (long.as_str(), "bad_query"),
    ] {
        let answer = ask(&node, "GET", &format!("/api/v1/sessions?{query}")).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!(code)), "{query}");
    }
    node.end().await;
}

#[tokio::test]
async fn viewers_see_and_close_nobody() {
    let node = Node::start().await;
    let _client = node.client().await;
    let id = sessions(&node, "").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ask_as(&node, &["**"], "GET", "/api/v1/sessions").await.status, 403);
    assert_eq!(ask_as(&node, &["**"], "DELETE", &format!("/api/v1/sessions/{id}")).await.status, 403);
    assert_eq!(sessions(&node, "").await.len(), 1);
    node.end().await;
}

/// The code lets it come back, but says when; until then it is gone.
#[tokio::test]
async fn whom_an_operator_closes_is_told_to_come_back_later_and_misses_nothing_then() {
    let node = Node::start().await;
    let mut client = node.client().await;
    let subscribed = client.follow("a", "s/**").await;
    let id = sessions(&node, "").await[0]["id"].as_str().unwrap().to_owned();
    for other in ["00000000", "zzzzzzzzz", "..%2F..", "%00", &id.to_uppercase()] {
        let answer = ask(&node, "DELETE", &format!("/api/v1/sessions/{other}")).await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("unknown_session")), "{other}");
    }
    assert_eq!(ask(&node, "DELETE", &format!("/api/v1/sessions/{id}")).await.status, 204);
    let Message::Close(Some(close)) = client.next_frame().await else { panic!("a close") };
    let reason: Value = serde_json::from_str(&close.reason).unwrap();
    assert_eq!(u16::from(close.code), 4005);
    assert!((30_000..=60_000).contains(&reason["retry_ms"].as_u64().unwrap()), "{reason}");
    node.until_sessions(0).await;
    assert_eq!(ask(&node, "DELETE", &format!("/api/v1/sessions/{id}")).await.status, 404);

    node.append("s/a", &json!("meanwhile")).await;
    let mut again = node.client().await;
    again.subscribe("a", "s/**", &json!({"position": subscribed["position"]})).await;
    again.expect("subscribed").await;
    assert_eq!(again.offsets_until(1).await, [1]);
    node.end().await;
}

#[tokio::test]
async fn an_event_stream_that_is_closed_says_so_in_its_own_words() {
    let anonymous = vec![Grant::parse("s/**").unwrap()];
    let node = Node::with(Setup { anonymous, ..Setup::default() }).await;
    let mut listening = listen(&node, "pattern=s/**").await;
    let id = sessions(&node, "").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ask(&node, "DELETE", &format!("/api/v1/sessions/{id}")).await.status, 204);
    let text = read_until(&mut listening, "retry_ms").await;
    assert!(text.contains("event: close") && text.contains("4005"), "{text}");
    node.end().await;
}

#[tokio::test]
async fn of_more_than_a_thousand_the_newest_thousand_are_shown() {
    let limits = Limits { connections_per_subject: 2_000, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut clients = Vec::new();
    for number in 0..1_050 {
        let mut client = connect_as(&node, None, &["s/**"]).await;
        if number < 20 {
            client.follow("a", "s/early/*").await;
        }
        clients.push(client);
    }
    let answer = get(&node, "/api/v1/sessions").await;
    let shown = answer["sessions"].as_array().unwrap();
    assert_eq!((shown.len(), &answer["more"]), (1_000, &json!(true)));
    let since = |index: usize| shown[index]["since"].as_str().unwrap();
    assert!(since(0) >= since(999), "the newest first");
    // What a filter looks for is found among all of them.
    let early = get(&node, "/api/v1/sessions?pattern=s/early/*").await;
    assert_eq!((early["sessions"].as_array().unwrap().len(), &early["more"]), (20, &json!(false)));
    node.end().await;
}
