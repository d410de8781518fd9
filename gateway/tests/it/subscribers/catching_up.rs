//! Every way to begin in the past, and that nothing falls between past and live.

use std::time::Duration;

use hookcast::limits::{Limits, Retention};
use serde_json::{Value, json};

use super::node::{Client, Node, Setup, offsets_of};
use super::scripted::{Call, ScriptedBroker};

/// What a subscription gets until it is live: where it begins, its gaps, its offsets.
async fn caught_up(
    client: &mut Client,
    id: &str,
    since: &Value,
    pattern: &str,
) -> (u64, Vec<Value>, Vec<u64>) {
    client.subscribe(id, pattern, since).await;
    let (mut subscribed, mut gaps, mut offsets) = (Value::Null, Vec::new(), Vec::new());
    loop {
        let message = client.next().await;
        match message["type"].as_str().unwrap() {
            "events" => {
                assert_eq!(message["id"], *id);
                offsets.extend(offsets_of(&message));
            }
            "subscribed" => subscribed = message,
            "gap" => gaps.push(message),
            "live" => return (offset_of(&subscribed["position"]), gaps, offsets),
            _ => panic!("{message}"),
        }
    }
}

fn offset_of(position: &Value) -> u64 {
    position.as_str().unwrap().split_once(':').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn every_since_begins_where_it_says() {
    let node = Node::start().await;
    // Before anyone listens, so that all of it is read from the log.
    for number in 0..700 {
        node.append(if number % 2 == 0 { "s/even" } else { "s/odd" }, &json!(number)).await;
    }
    let epoch = node.broker.check(&hookcast::topic::StreamName::parse("s").unwrap()).await.unwrap().epoch;
    let mut client = node.client().await;
    let since = json!({"position": format!("{epoch}:300")});
    let (at, gaps, offsets) = caught_up(&mut client, "position", &since, "s/**").await;
    assert_eq!((at, gaps.len()), (300, 0));
    assert_eq!(offsets, (301..=700).collect::<Vec<_>>());

    let (at, _, offsets) = caught_up(&mut client, "last", &json!({"last": 3}), "s/odd").await;
    assert_eq!((at, offsets), (695, vec![696, 698, 700]));
    let (_, _, offsets) = caught_up(&mut client, "all", &json!({"last": 9_999}), "s/even").await;
    assert_eq!(offsets, (1..=700).step_by(2).collect::<Vec<_>>());
    let (at, _, offsets) = caught_up(&mut client, "none", &json!({"last": 0}), "s/**").await;
    assert_eq!((at, offsets), (700, vec![]));
    let (at, _, offsets) = caught_up(&mut client, "age", &json!({"age_ms": 3_600_000}), "s/**").await;
    assert_eq!((at, offsets.len()), (0, 700));
    let (at, _, offsets) = caught_up(&mut client, "snapshot", &json!("snapshot"), "s/**").await;
    assert_eq!((at, offsets), (698, vec![699, 700]));
    let (at, _, offsets) = caught_up(&mut client, "now", &json!("now"), "s/**").await;
    assert_eq!((at, offsets), (700, vec![]));

    node.append("s/even", &json!("live")).await;
    assert_eq!(client.offsets_until(701).await, [701], "once for all seven subscriptions");
    // Now from the window, too.
    let since = json!({"position": format!("{epoch}:700")});
    let (_, _, offsets) = caught_up(&mut client, "window", &since, "s/**").await;
    assert_eq!(offsets, [701]);
    node.end().await;
}

#[tokio::test]
async fn positions_that_are_none_are_refused() {
    let node = Node::start().await;
    node.append("s/x", &json!(1)).await;
    let epoch = node.broker.check(&hookcast::topic::StreamName::parse("s").unwrap()).await.unwrap().epoch;
    let mut client = node.client().await;
    for position in ["nonsense".to_owned(), format!("{epoch}:2"), format!("{epoch}:-1"), String::new()] {
        client.subscribe("a", "s/**", &json!({"position": position})).await;
        client.expect_error("bad_position").await;
    }
    client.follow("a", "s/**").await;
    node.end().await;
}

#[tokio::test]
async fn what_is_lost_is_told() {
    let retention = Retention { events: 10, ..Retention::default() };
    let node = Node::with(Setup { retention, ..Setup::default() }).await;
    for number in 1..=25 {
        node.append("s/x", &json!(number)).await;
    }
    let epoch = node.broker.check(&hookcast::topic::StreamName::parse("s").unwrap()).await.unwrap().epoch;
    let mut client = node.client().await;
    let since = json!({"position": format!("{epoch}:3")});
    let (_, gaps, offsets) = caught_up(&mut client, "a", &since, "s/**").await;
    let gap = json!({"type": "gap", "stream": "s", "id": "a", "reason": "retention", "from": 4, "to": 15,
        "position": format!("{epoch}:15")});
    assert_eq!((gaps, offsets), (vec![gap], (16..=25).collect()));

    let since = json!({"position": "unknown0:12"});
    let (at, gaps, offsets) = caught_up(&mut client, "b", &since, "s/**").await;
    assert_eq!((at, offsets.len()), (15, 10));
    assert_eq!(
        (&gaps[0]["reason"], &gaps[0]["from"], &gaps[0]["to"]),
        (&json!("epoch"), &json!(13), &json!(null))
    );
    node.end().await;
}

#[tokio::test]
async fn a_snapshot_beyond_its_bound_tells_what_it_leaves_out() {
    let limits = Limits { snapshot: 3, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    for number in 1..=5 {
        node.append(&format!("s/topic{number}"), &json!(number)).await;
    }
    let mut client = node.client().await;
    let (at, gaps, offsets) = caught_up(&mut client, "a", &json!("snapshot"), "s/**").await;
    assert_eq!((at, offsets), (2, vec![3, 4, 5]));
    assert_eq!(
        (&gaps[0]["reason"], &gaps[0]["from"], &gaps[0]["to"]),
        (&json!("limit"), &json!(1), &json!(2))
    );
    node.end().await;
}

#[tokio::test]
async fn nothing_falls_between_past_and_live_while_events_come() {
    let node = std::sync::Arc::new(Node::start().await);
    let last = 6_000;
    let appending = tokio::spawn({
        let node = node.clone();
        async move {
            for number in 1..=last {
                node.append(["s/a", "s/b"][number % 2], &json!(number)).await;
                if number % 16 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }
    });
    let mut clients = Vec::new();
    for number in 0..8 {
        let node = node.clone();
        clients.push(tokio::spawn(async move {
            let mut client = node.client().await;
            client.subscribe("a", "s/*", &json!({"last": number * 100})).await;
            client.subscribe("b", "s/b", &json!({"age_ms": 60_000})).await;
            let mut seen = std::collections::HashMap::from([("a", 0), ("b", 0)]);
            let mut live = std::collections::HashSet::new();
            while seen["a"] < last as u64 || !live.contains("b") {
                let message = client.next().await;
                match message["type"].as_str().unwrap() {
                    "subscribed" => {
                        let id = if message["id"] == "a" { "a" } else { "b" };
                        seen.insert(id, offset_of(&message["position"]));
                    }
                    "live" => _ = live.insert(message["id"].as_str().unwrap().to_owned()),
                    "events" => take(&message, &mut seen, &live),
                    other => panic!("{other}: {message}"),
                }
            }
        }));
    }
    for client in clients {
        tokio::time::timeout(Duration::from_secs(60), client).await.unwrap().unwrap();
    }
    appending.await.unwrap();
    std::sync::Arc::into_inner(node).unwrap().end().await;
}

/// Subscription `a` has every offset, so each must be the next; `b` has the odd or the even ones.
fn take(
    message: &Value,
    seen: &mut std::collections::HashMap<&'static str, u64>,
    live: &std::collections::HashSet<String>,
) {
    let offsets = offsets_of(message);
    let for_one = message["id"].as_str();
    for offset in offsets {
        if for_one == Some("a") || (for_one.is_none() && live.contains("a") && offset > seen["a"]) {
            assert_eq!(offset, seen["a"] + 1, "a has every event, in order");
            seen.insert("a", offset);
        }
        if for_one == Some("b") {
            assert!(offset > seen["b"]);
            seen.insert("b", offset);
        }
    }
}

/// The log is read as often as it has pages, however many want them at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_who_come_back_at_once_read_the_log_as_one_would() {
    const CLIENTS: usize = 1_000;
    const EVENTS: u64 = 4_000;
    let limits = Limits { window_events: 16, connections_per_subject: CLIENTS + 1, ..Limits::default() };
    let broker = ScriptedBroker::new();
    let node = Node::with(Setup { limits, broker: Some(broker.clone()), ..Setup::default() }).await;
    let mut first = node.client().await;
    let epoch = first.follow("a", "s/*").await["position"].as_str().unwrap()[..8].to_owned();
    for number in 1..=EVENTS {
        node.append(if number % 500 == 0 { "s/rare" } else { "s/often" }, &json!(number)).await;
    }
    first.offsets_until(EVENTS).await;
    let before = broker.calls(Call::Read);
    let since = json!({ "position": format!("{epoch}:0") });
    let resuming = (0..CLIENTS).map(async |_| {
        let mut client = node.client().await;
        let (_, gaps, offsets) = caught_up(&mut client, "a", &since, "s/rare").await;
        assert_eq!((gaps.len(), offsets), (0, (1..=8).map(|it| it * 500).collect::<Vec<_>>()));
        client
    });
    let clients = futures_util::future::join_all(resuming).await;
    let reads = broker.calls(Call::Read) - before;
    println!("{CLIENTS} resumed by {reads} reads of the broker");
    assert!(reads <= 20, "{reads} reads for {} pages", EVENTS.div_ceil(256));
    drop(clients);
    node.end().await;
}
