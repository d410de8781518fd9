//! Live events, grants, errors and the ends of a session.

use hookcast::limits::Limits;
use hookcast::topic::Grant;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::node::{Client, Node, PATIENCE, Setup, offsets_of};

#[tokio::test]
async fn an_event_reaches_whom_it_concerns_once_and_in_order() {
    let node = Node::start().await;
    let mut pushes = node.client().await;
    let mut all = node.client().await;
    let subscribed = pushes.follow("a", "s/*/push").await;
    assert!(subscribed["position"].as_str().unwrap().ends_with(":0"));
    all.follow("a", "s/**").await;
    all.follow("b", "s/acme/*").await;
    node.append("s/acme/push", &json!(1)).await;
    let message = pushes.expect("events").await;
    node.append("s/acme/issue", &json!(2)).await;
    node.append("t/acme/push", &json!(3)).await;
    node.append("s/other/push", &json!(4)).await;

    let item = json!({"offset": 1, "topic": "s/acme/push", "event": {"specversion": "1.0", "data": 1}});
    assert_eq!(message, json!({"type": "events", "events": [item]}));
    assert_eq!(pushes.offsets_until(3).await, [3]);
    assert_eq!(all.offsets_until(3).await, [1, 2, 3], "once for a connection, however many patterns match");
    node.end().await;
}

#[tokio::test]
async fn what_came_together_comes_in_one_message_of_what_each_wants() {
    let node = Node::start().await;
    let (mut all, mut some) = (node.client().await, node.client().await);
    all.follow("a", "s/**").await;
    some.follow("a", "s/b/*").await;
    some.follow("b", "s/*/x").await;
    let topics = ["s/a/x", "s/a/y", "s/b/x", "s/b/y", "s/a/y"];
    node.append_together(topics.map(|topic| (topic, "{}".into())).to_vec()).await;
    for (client, wanted) in [(&mut all, vec![1, 2, 3, 4, 5]), (&mut some, vec![1, 3, 4])] {
        let message = client.expect("events").await;
        assert_eq!(offsets_of(&message), wanted, "{message}");
    }
    node.end().await;
}

#[tokio::test]
async fn more_than_a_message_holds_comes_in_the_next_and_in_order() {
    let limits = Limits { batch_events: 4, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    node.append_together((0..10).map(|_| ("s/x", "{}".into())).collect()).await;
    let mut lengths = Vec::new();
    let mut offsets = Vec::new();
    while offsets.len() < 10 {
        let message = client.expect("events").await;
        offsets.extend(offsets_of(&message));
        lengths.push(offsets_of(&message).len());
    }
    assert_eq!((offsets, lengths), ((1..=10).collect(), vec![4, 4, 2]));
    node.end().await;
}

#[tokio::test]
async fn whoever_unsubscribed_hears_no_more_and_the_id_is_free() {
    let node = Node::start().await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    client.follow("b", "t/**").await;
    client.say(&json!({"type": "unsubscribe", "id": "a"})).await;
    client.expect("unsubscribed").await;
    client.say(&json!({"type": "unsubscribe", "id": "a"})).await;
    assert_eq!(client.expect_error("unknown_id").await["id"], "a");
    client.follow("a", "t/x").await;
    node.append("s/x", &json!(1)).await;
    node.append("t/x", &json!(2)).await;
    let message = client.expect("events").await;
    assert_eq!(message["events"][0]["topic"], "t/x");
    node.end().await;
}

#[tokio::test]
async fn the_same_subscription_again_is_no_news_but_another_pattern_is_an_error() {
    let node = Node::start().await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    client.subscribe("a", "s/**", &json!("now")).await;
    client.subscribe("a", "s/x", &json!("now")).await;
    client.expect_error("id_taken").await;
    node.end().await;
}

#[tokio::test]
async fn nobody_hears_more_than_was_granted() {
    let node = Node::start().await;
    let mut client = Client::connect(&node).await;
    client.say(&json!({"type": "auth", "token": node.token(&["s/acme/**"])})).await;
    let welcome = client.expect("welcome").await;
    assert!(
        welcome["expires"].is_string() && welcome["time"].is_string() && welcome["heartbeat_ms"] == 25_000
    );
    for pattern in ["s/**", "s/*/push", "t/acme/push", "hookcast/**", "nowhere/**"] {
        client.subscribe("a", pattern, &json!("now")).await;
        assert_eq!(client.expect_error("forbidden").await["id"], "a", "{pattern}");
    }
    client.follow("a", "s/acme/*").await;
    node.append("s/other/push", &json!(1)).await;
    node.append("s/acme/push", &json!(2)).await;
    assert_eq!(client.offsets_until(2).await, [2]);
    node.end().await;
}

#[tokio::test]
async fn tokens_come_by_header_by_subprotocol_or_by_message_and_a_bad_one_is_told_by_4501() {
    let node = Node::start().await;
    let protocols = format!("hookcast.v1, hookcast.token.{}", node.token(&["**"]));
    let stream = TcpStream::connect(node.address).await.unwrap();
    let mut client = Client::over(stream, &node, Some(&protocols)).await;
    client.expect("welcome").await;
    client.follow("a", "s/**").await;

    let stream = TcpStream::connect(node.address).await.unwrap();
    let mut client = Client::over(stream, &node, Some("hookcast.v1, hookcast.token.nonsense")).await;
    assert_eq!(client.close_code().await, 4501);

    let mut client = Client::connect(&node).await;
    client.say(&json!({"type": "auth", "token": "eyJhbGciOiJub25lIn0.e30."})).await;
    assert_eq!(client.close_code().await, 4501);

    let mut client = Client::connect(&node).await;
    client.subscribe("a", "s/**", &json!("now")).await;
    assert_eq!(client.close_code().await, 4501, "nothing is open to all here");
    node.end().await;
}

#[tokio::test]
async fn what_is_open_to_all_needs_no_token() {
    let anonymous = vec![Grant::parse("s/public/**").unwrap()];
    let node = Node::with(Setup { anonymous, ..Setup::default() }).await;
    let mut client = Client::connect(&node).await;
    client.subscribe("a", "s/public/*", &json!("now")).await;
    let welcome = client.expect("welcome").await;
    assert!(welcome["expires"].is_null());
    client.expect("subscribed").await;
    client.expect("live").await;
    client.subscribe("b", "s/private/*", &json!("now")).await;
    client.expect_error("forbidden").await;
    // A token adds to it, and its holder may then be anyone.
    client.say(&json!({"type": "auth", "token": node.token(&["t/**"])})).await;
    client.expect("welcome").await;
    client.follow("b", "t/**").await;
    node.end().await;
}

#[tokio::test]
async fn a_refresh_keeps_its_subject_and_narrower_grants_end_what_they_do_not_cover() {
    let node = Node::start().await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    client.follow("b", "t/**").await;
    let of_another = node.auth.sign(Some("bob"), &["**"], std::time::Duration::from_mins(1)).unwrap();
    for token in [of_another.as_str(), "nonsense"] {
        client.say(&json!({"type": "auth", "token": token})).await;
        client.expect_error("unauthorized").await;
    }
    client.say(&json!({"type": "auth", "token": node.token(&["t/**"])})).await;
    client.expect("welcome").await;
    assert_eq!(
        client.expect("unsubscribed").await,
        json!({"type": "unsubscribed", "id": "a", "code": "forbidden"})
    );
    node.append("s/x", &json!(1)).await;
    node.append("t/x", &json!(1)).await;
    assert_eq!(client.expect("events").await["events"][0]["topic"], "t/x");
    node.end().await;
}

#[tokio::test]
async fn a_token_that_ends_ends_the_connection() {
    let node = Node::start().await;
    let mut client = Client::connect(&node).await;
    let short = node.auth.sign(Some("ann"), &["**"], std::time::Duration::from_secs(1)).unwrap();
    client.say(&json!({"type": "auth", "token": short})).await;
    client.expect("welcome").await;
    assert_eq!(client.close_code().await, 4000);
    node.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_and_the_session_goes_on() {
    let node = Node::start().await;
    let mut client = node.client().await;
    client.say(&json!({"type": "ping"})).await;
    client.expect("pong").await;
    client.say(&json!({"type": "of a later version"})).await;
    for (pattern, code) in
        [("*/x", "bad_pattern"), ("s", "bad_pattern"), ("s/**/x", "bad_pattern"), ("s/ x", "bad_pattern")]
    {
        client.subscribe("a", pattern, &json!("now")).await;
        client.expect_error(code).await;
    }
    for message in [
        json!({"type": "subscribe"}),
        json!({"type": "subscribe", "id": 1, "pattern": "s/x"}),
        json!({"type": "subscribe", "id": "", "pattern": "s/x"}),
        json!({"type": "subscribe", "id": "a", "pattern": "s/x", "since": "yesterday"}),
        json!({"type": "subscribe", "id": "a", "pattern": "s/x", "mode": {"latest_ms": -1}}),
        json!({"type": "auth"}),
    ] {
        client.say(&message).await;
        client.expect_error("bad_message").await;
    }
    client.follow("a", "s/**").await;
    for number in 0..99 {
        client.subscribe(&format!("n{number}"), "s/x", &json!("now")).await;
    }
    let mut live = 0;
    while live < 99 {
        live += usize::from(client.next().await["type"] == "live");
    }
    client.subscribe("one more", "s/x", &json!("now")).await;
    client.expect_error("too_many").await;
    node.append("s/x", &json!(1)).await;
    assert_eq!(offsets_of(&client.expect("events").await), [1]);
    node.end().await;
}

#[tokio::test]
async fn a_heartbeat_vouches_for_what_was_sent() {
    let limits = Limits { heartbeat: std::time::Duration::from_millis(50), ..Default::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    node.append("s/x", &json!(1)).await;
    let epoch = node.broker.check(&"s".parse_stream()).await.unwrap().epoch;
    let vouched = async {
        loop {
            if let Message::Text(text) = client.next_frame().await {
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["positions"]["s"] == format!("{epoch}:1") {
                    return message;
                }
            }
        }
    };
    let message = tokio::time::timeout(PATIENCE, vouched).await.unwrap();
    assert!(message["time"].is_string());
    node.end().await;
}

#[tokio::test]
async fn an_end_of_the_node_is_said_to_every_client() {
    let node = Node::start().await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    node.ask_to_end();
    assert_eq!(client.close_code().await, 1001);
    node.end().await;
}

trait ParseStream {
    fn parse_stream(&self) -> hookcast::topic::StreamName;
}

impl ParseStream for str {
    fn parse_stream(&self) -> hookcast::topic::StreamName {
        hookcast::topic::StreamName::parse(self).unwrap()
    }
}
