//! The store begins a new epoch and has lost its newest events: everyone is told, and what a node has seen is put back.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::late::scripted;
use super::node::{Client, Node, Setup, offsets_of};
use super::scripted::Call;
use super::slow::{body, small_client};

/// The `data` of each event of the message.
fn data_of(message: &Value) -> Vec<u64> {
    let items = message["events"].as_array().unwrap().iter();
    items.map(|item| item["event"]["data"].as_u64().unwrap()).collect()
}

/// Live events until this offset, as offset and data.
async fn live_until(client: &mut Client, last: u64) -> Vec<(u64, u64)> {
    let mut got = Vec::new();
    while got.last().is_none_or(|(offset, _)| *offset < last) {
        let message = client.expect("events").await;
        got.extend(offsets_of(&message).into_iter().zip(data_of(&message)));
    }
    got
}

#[tokio::test]
async fn what_a_node_has_seen_and_the_store_has_lost_is_put_back_once_however_many_nodes_have_seen_it() {
    let (broker, node, stream) = scripted().await;
    let other = Node::with(Setup { broker: Some(broker.clone()), ..Setup::default() }).await;
    let (mut here, mut there) = (node.client().await, other.client().await);
    for client in [&mut here, &mut there] {
        client.follow("w", "s/**").await;
    }
    for number in 1..=10 {
        node.append("s/x", &json!(number)).await;
    }
    for client in [&mut here, &mut there] {
        live_until(client, 10).await;
    }
    broker.turn_over(&stream, 3);
    let epoch = broker.head(&stream).epoch;
    node.append("s/x", &json!(11)).await;
    for client in [&mut here, &mut there] {
        let gap = client.expect("gap").await;
        let told = json!({"type": "gap", "stream": "s", "reason": "epoch", "from": 11, "to": null,
            "position": format!("{epoch}:7")});
        assert_eq!(gap, told);
        assert_eq!(live_until(client, 11).await, [(8, 11), (9, 8), (10, 9), (11, 10)]);
    }
    let keys: HashSet<_> = broker.entries(&stream).iter().map(|it| it.key).collect();
    assert_eq!((keys.len(), broker.entries(&stream).len()), (11, 11));
    other.end().await;
    node.end().await;
}

#[tokio::test]
async fn a_store_that_comes_back_empty_gets_back_the_newest_events() {
    let (broker, node, stream) = scripted().await;
    let mut client = node.client().await;
    client.follow("w", "s/**").await;
    for number in 1..=1_500 {
        node.append("s/x", &json!(number)).await;
    }
    live_until(&mut client, 1_500).await;
    broker.forget_all(&stream);
    // Nothing tells the node but that its listener ends.
    broker.fail(Call::Append);
    let appends = broker.calls(Call::Append);
    broker.end_listening(&stream);
    broker.until_calls(Call::Append, appends + 1).await;
    broker.mend(Call::Append);
    let gap = client.expect("gap").await;
    let position = json!(format!("{}:0", broker.head(&stream).epoch));
    assert_eq!((&gap["from"], &gap["position"]), (&json!(1_501), &position), "{gap}");
    let got = live_until(&mut client, 1_024).await;
    let expected: Vec<(u64, u64)> = (1..=1_024).map(|offset| (offset, 476 + offset)).collect();
    assert_eq!(got, expected, "the newest 1,024, in their order");
    node.end().await;
}

/// Its cursor stands before or behind where the old epoch ends, its socket takes nothing: it is told all the same, and
/// gets what survived, and what was put back.
#[tokio::test]
async fn a_slow_reader_is_told_too_and_goes_on_where_the_epochs_meet() {
    let (broker, node, stream) = scripted().await;
    let mut slow = small_client(&node).await;
    slow.follow("a", "s/**").await;
    let mut good = node.client().await;
    good.follow("a", "s/**").await;
    for number in 1..=500 {
        node.append_body("s/x", body(number)).await;
    }
    live_until(&mut good, 500).await;
    broker.turn_over(&stream, 10);
    node.append_body("s/x", body(501)).await;
    good.expect("gap").await;
    live_until(&mut good, 501).await;

    let (mut gaps, mut next, mut got) = (Vec::new(), 1, HashSet::new());
    while got.len() < 501 {
        let message = slow.next().await;
        if message["type"] == "gap" {
            assert_eq!(message["reason"], "epoch", "{message}");
            let position = message["position"].as_str().unwrap();
            next = position.split_once(':').unwrap().1.parse::<u64>().unwrap() + 1;
            gaps.push(message);
            continue;
        }
        for (offset, data) in offsets_of(&message).into_iter().zip(data_of(&message)) {
            assert_eq!(offset, next, "in order");
            assert!(got.insert(data) || !gaps.is_empty(), "{data} came twice");
            next += 1;
        }
    }
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0]["from"].as_u64().unwrap() >= 491, "{gaps:?}");
    node.end().await;
}

/// Whoever comes back with a position of an epoch that is over is told that its end may be missing, though all that the
/// log knows of after the position is there.
#[tokio::test]
async fn who_was_away_while_the_epoch_turned_over_is_told() {
    let (broker, node, stream) = scripted().await;
    for number in 1..=5 {
        node.append("s/x", &json!(number)).await;
    }
    let before = broker.head(&stream).epoch;
    broker.turn_over(&stream, 2);
    let epoch = broker.head(&stream).epoch;
    let mut client = node.client().await;
    client.subscribe("a", "s/**", &json!({"position": format!("{before}:1")})).await;
    // First of all: a connection that ends here must not have moved the client into the new epoch untold.
    let gap = client.next().await;
    assert_eq!((&gap["type"], &gap["id"]), (&json!("gap"), &json!("a")));
    assert_eq!((&gap["from"], &gap["to"]), (&json!(4), &json!(null)));
    assert_eq!(gap["position"], format!("{epoch}:1"));
    assert_eq!(client.expect("subscribed").await["position"], format!("{epoch}:1"));
    assert_eq!(client.offsets_until(3).await, [2, 3]);
    client.expect("live").await;
    node.end().await;
}
