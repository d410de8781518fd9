//! What a late answer of the broker must not do: bring back what ended meanwhile.

use std::sync::Arc;

use hookcast::topic::StreamName;
use serde_json::json;

use super::node::{Node, Setup};
use super::scripted::{Call, ScriptedBroker};

async fn scripted() -> (Arc<ScriptedBroker>, Node, StreamName) {
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
