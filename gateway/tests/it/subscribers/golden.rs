//! The wire as the golden file has it: what a gateway says to the letter, what a client says understood. The SDK reads the same
//! file the other way round.

use hookcast::position::Position;
use hookcast::topic::Topic;
use hookcast::wire::{
    self, ClientMessage, ErrorCode, Gap, GapReason, ServerMessage, Since, Text, catching_up_head, encode_item,
};

const GOLDEN: &str = include_str!("golden/wire.txt");

fn lines(mark: &str) -> Vec<&'static str> {
    GOLDEN.lines().filter_map(|line| line.strip_prefix(mark)).collect()
}

fn at(text: &str) -> Text<Position> {
    Text(text.parse().unwrap())
}

fn gap(id: Option<&str>, reason: GapReason, from: u64, to: Option<u64>, position: &str) -> String {
    let gap = Gap { reason, from: Some(from), to, position: position.parse().unwrap() };
    ServerMessage::gap("github", id, &gap).to_json()
}

fn events(head: &[u8], items: &[(u64, &str, &str)]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|(offset, topic, event)| encode_item(*offset, &Topic::parse(topic).unwrap(), event.as_bytes()))
        .collect();
    String::from_utf8(wire::events_parts(head, items.iter()).concat()).unwrap()
}

#[test]
fn what_a_gateway_says_is_golden_to_the_letter() {
    let time = || "2026-01-02T02:04:05Z".to_owned();
    let push = "github/acme/api/push";
    let welcome = |expires: Option<&str>, build: &'static str| {
        let expires = expires.map(str::to_owned);
        ServerMessage::Welcome { expires, heartbeat_ms: 25_000, build, time: time() }.to_json()
    };
    let unsubscribed = |code| ServerMessage::Unsubscribed { id: "a", code }.to_json();
    let error = |id, code| ServerMessage::Error { id, code, message: "a sentence" }.to_json();
    let positions = [("github", at("k3f9a0zq:97")), ("shop", at("k3f9a0zq:3"))].into();
    let said = [
        welcome(Some("2026-01-02T03:04:05Z"), "0.1.0+abc"),
        welcome(None, "0.1.0"),
        ServerMessage::Subscribed { id: "a", position: at("k3f9a0zq:41") }.to_json(),
        events(
            catching_up_head("a").as_bytes(),
            &[
                (42, push, r#"{"specversion":"1.0","id":"e42","data":{"n":1e400}}"#),
                (44, "github/é\"/%2F/push", r#"{"specversion":"1.0","id":"e44"}"#),
            ],
        ),
        events(wire::LIVE_EVENTS_HEAD, &[(98, push, r#"{"specversion":"1.0","id":"e98"}"#)]),
        ServerMessage::Live { id: "a", position: at("k3f9a0zq:97") }.to_json(),
        gap(Some("a"), GapReason::Retention, 17, Some(30), "k3f9a0zq:30"),
        gap(None, GapReason::Epoch, 98, None, "new0zq00:12"),
        gap(None, GapReason::Slow, 17, Some(30), "k3f9a0zq:30"),
        gap(Some("b"), GapReason::Limit, 1, Some(40), "k3f9a0zq:40"),
        ServerMessage::Positions { positions, time: time() }.to_json(),
        unsubscribed(None),
        unsubscribed(Some(ErrorCode::Forbidden)),
        error(Some("a"), ErrorCode::BadPattern),
        error(None, ErrorCode::RateLimited),
        ServerMessage::Pong.to_json(),
    ];
    let golden = lines("< ");
    for (said, golden) in said.iter().zip(&golden) {
        assert_eq!(said, golden);
    }
    assert_eq!(said.len(), golden.len());
}

#[test]
fn what_a_client_says_is_understood() {
    let since = |text: &str| match ClientMessage::parse(text).unwrap() {
        ClientMessage::Subscribe { since, pattern, .. } => Some((since, pattern)),
        _ => None,
    };
    let golden = lines("> ");
    let understood: Vec<_> = golden.iter().filter_map(|text| since(text)).collect();
    let all = || "github/**".to_owned();
    assert_eq!(
        understood,
        [
            (Since::Now, "github/*/*/push".to_owned()),
            (Since::Snapshot, all()),
            (Since::Last(20), all()),
            (Since::AgeMs(900_000), all()),
            (Since::Position("k3f9a0zq:41".into()), all()),
        ]
    );
    let others: Vec<_> = golden.iter().filter(|text| since(text).is_none()).collect();
    let parsed: Vec<_> = others.iter().map(|text| ClientMessage::parse(text).unwrap()).collect();
    assert_eq!(
        parsed,
        [
            ClientMessage::Auth { token: "a.b.c".into() },
            ClientMessage::Unsubscribe { id: "a".into() },
            ClientMessage::Ping
        ]
    );
}
