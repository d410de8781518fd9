//! What a late answer of the broker must not do: bring back what ended meanwhile.

use std::sync::Arc;

use hookcast::topic::StreamName;
use serde_json::json;

use super::node::{Node, Setup};
use super::scripted::{Call, ScriptedBroker};

pub async fn scripted() -> (Arc<ScriptedBroker>, Node, StreamName) {
    let broker = ScriptedBroker::new();
    let node = Node::with(Setup { broker: Some(broker.clone()), ..Setup::default() }).await;
    (broker, node, StreamName::parse("s").unwrap())
}

/// A subscription that waits for an event which this node has not got yet is ended, and its id given to another. When the
/// event comes the first one must stay ended: no second `live`, no event of its pattern.
#[tokio::test]
async fn whoever_was_unsubscribed_while_it_waited_does_not_become_live() {
    let (broker, node, stream) = scripted().await;
    let mut witness = node.client().await;
    witness.follow("w", "s/**").await;
    node.append("s/x", &json!(1)).await;
    witness.offsets_until(1).await;
    broker.drop_pushes(true);
    broker.hold(Call::Read);
    node.append("s/x", &json!(2)).await;

    let checks = broker.calls(Call::Check);
    let mut client = node.client().await;
    let since = json!({"position": format!("{}:2", broker.head(&stream).epoch)});
    client.subscribe("a", "s/**", &since).await;
    client.expect("subscribed").await;
    // One check judges the position, the next is what the waiting one asked for.
    broker.until_calls(Call::Check, checks + 2).await;
    client.say(&json!({"type": "unsubscribe", "id": "a"})).await;
    client.expect("unsubscribed").await;
    client.follow("a", "t/**").await;

    broker.drop_pushes(false);
    broker.release(Call::Read);
    witness.offsets_until(2).await;
    node.append("s/x", &json!(3)).await;
    witness.offsets_until(3).await;
    node.append("t/x", &json!(1)).await;
    let message = client.expect("events").await;
    assert_eq!(message["events"][0]["topic"], "t/x", "{message}");
    node.end().await;
}

/// Another node has heard of a new epoch first, and a client comes from it to us. Only a check can tell that its position
/// is good.
#[tokio::test]
async fn an_epoch_that_this_node_has_not_heard_of_is_not_taken_for_lost() {
    let (broker, node, stream) = scripted().await;
    let mut witness = node.client().await;
    witness.follow("w", "s/**").await;
    node.append("s/x", &json!(1)).await;
    witness.offsets_until(1).await;
    broker.turn_over(&stream, 0);
    let epoch = broker.head(&stream).epoch;

    let mut client = node.client().await;
    client.subscribe("a", "s/**", &json!({"age_ms": 60_000})).await;
    assert_eq!(client.expect("subscribed").await["position"], format!("{epoch}:0"));
    assert_eq!(client.offsets_until(1).await, [1], "no gap: nothing was lost");
    client.expect("live").await;
    assert_eq!(witness.expect("gap").await["reason"], "epoch");
    node.end().await;
}

/// A check that is on its way already cannot know of what was appended since.
#[tokio::test]
async fn a_position_is_not_judged_by_a_check_that_began_before_it_was_asked() {
    let (broker, node, stream) = scripted().await;
    let mut client = node.client().await;
    client.follow("w", "s/**").await;
    let since = json!({"position": format!("{}:1", broker.head(&stream).epoch)});
    broker.hold(Call::Check);
    let checks = broker.calls(Call::Check);
    client.subscribe("early", "s/**", &since).await;
    broker.until_calls(Call::Check, checks + 1).await;
    broker.drop_pushes(true);
    node.append("s/x", &json!(1)).await;
    client.subscribe("late", "s/**", &since).await;
    client.follow("now", "s/**").await;
    broker.release(Call::Check);

    let (mut refused, mut live) = (Vec::new(), false);
    while refused.is_empty() || !live {
        let message = client.next().await;
        match message["type"].as_str().unwrap() {
            "error" => refused.push(message["id"].as_str().unwrap().to_owned()),
            "live" => live |= message["id"] == "late",
            _ => {}
        }
    }
    assert_eq!(refused, ["early"]);
    node.end().await;
}

/// A page that was read before the epoch turned over comes after it: it must not take anyone back into the old epoch.
#[tokio::test]
async fn a_page_of_an_epoch_that_is_over_turns_nothing_back() {
    let (broker, node, stream) = scripted().await;
    for number in 1..=300 {
        node.append("s/x", &json!(number)).await;
    }
    let mut witness = node.client().await;
    witness.follow("w", "s/**").await;
    broker.hold(Call::Read);
    let reads = broker.calls(Call::Read);
    let mut client = node.client().await;
    client.subscribe("a", "s/**", &json!({"last": 5})).await;
    broker.until_calls(Call::Read, reads + 1).await;

    broker.turn_over(&stream, 0);
    let epoch = broker.head(&stream).epoch;
    node.append("s/x", &json!(301)).await;
    assert_eq!(witness.expect("gap").await["position"], format!("{epoch}:300"));
    broker.release(Call::Read);
    assert_eq!(witness.offsets_until(301).await, [301], "no second gap");
    let mut offsets = Vec::new();
    let position = loop {
        let message = client.next().await;
        match message["type"].as_str().unwrap() {
            "events" => offsets.extend(super::node::offsets_of(&message)),
            "live" => break message["position"].clone(),
            _ => {}
        }
    };
    assert!(offsets.ends_with(&[296, 297, 298, 299, 300, 301]), "{offsets:?}");
    assert_eq!(position, format!("{epoch}:301"));
    node.end().await;
}

/// The broker drops its listeners and lets nobody listen for a while: whoever comes is served all the same.
#[tokio::test]
async fn a_stream_that_cannot_listen_still_answers_and_misses_nothing() {
    let (broker, node, stream) = scripted().await;
    let mut witness = node.client().await;
    witness.follow("w", "s/**").await;
    broker.fail(Call::Listen);
    let listens = broker.calls(Call::Listen);
    broker.end_listening(&stream);
    broker.until_calls(Call::Listen, listens + 1).await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    node.append("s/x", &json!(1)).await;
    broker.mend(Call::Listen);
    assert_eq!(client.offsets_until(1).await, [1]);
    assert_eq!(witness.offsets_until(1).await, [1]);
    assert_eq!(broker.listeners(&stream), 1);
    node.end().await;
}

/// The log is read from where this node stands, and the answer says that the epoch has turned over and that this node must
/// go back. What lies between is still in the log: it is no gap of retention.
#[tokio::test]
async fn a_repair_that_finds_a_new_epoch_skips_nothing_that_is_still_there() {
    let (broker, node, stream) = scripted().await;
    let mut witness = node.client().await;
    witness.follow("w", "s/**").await;
    for number in 1..=5 {
        node.append("s/x", &json!(number)).await;
    }
    witness.offsets_until(5).await;
    broker.drop_pushes(true);
    for number in 6..=7 {
        node.append("s/x", &json!(number)).await;
    }
    // A check that knows of 7 is answered when that is history.
    broker.hold(Call::Check);
    let checks = broker.calls(Call::Check);
    let mut client = node.client().await;
    let since = json!({"position": format!("{}:7", broker.head(&stream).epoch)});
    client.subscribe("a", "s/**", &since).await;
    broker.until_calls(Call::Check, checks + 1).await;
    broker.turn_over(&stream, 5);
    for number in 8..=12 {
        node.append("s/x", &json!(number)).await;
    }
    broker.release(Call::Check);
    broker.drop_pushes(false);

    let gap = witness.expect("gap").await;
    let position = json!(format!("{}:2", broker.head(&stream).epoch));
    assert_eq!((&gap["reason"], &gap["position"]), (&json!("epoch"), &position), "{gap}");
    // Then what was put back: 3, 4 and 5.
    assert_eq!(witness.offsets_until(10).await, (3..=10).collect::<Vec<_>>());
    node.end().await;
}
