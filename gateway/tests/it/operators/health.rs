//! `GET /api/v1/health`: green because it was tried, red while it is not so, and back by itself.

use hookcast::broker::Broker as _;
use hookcast::topic::StreamName;
use serde_json::{Value, json};

use super::asking::{ask_as, get, until};
use crate::subscribers::away::Shared;
use crate::subscribers::node::{Node, Setup};

async fn health(node: &Node) -> Value {
    get(node, "/api/v1/health").await
}

fn stream<'a>(health: &'a Value, name: &str) -> &'a Value {
    health["streams"].as_array().unwrap().iter().find(|stream| stream["name"] == name).expect("it is listed")
}

async fn node_on(broker: &std::sync::Arc<Shared>) -> Node {
    Node::with(Setup { broker: Some(broker.clone()), ..Setup::default() }).await
}

#[tokio::test]
async fn a_node_that_works_says_what_it_is_and_that_an_event_came_through() {
    let node = Node::start().await;
    let mut client = node.client().await;
    client.follow("a", "s/**").await;
    for number in 0..5 {
        node.append("s/a", &json!(number)).await;
    }
    client.offsets_until(5).await;
    let health = health(&node).await;
    let own = health["node"].as_str().unwrap();
    assert_eq!(health["nodes"].as_array().unwrap().len(), 1);
    let shown = &health["nodes"][0];
    assert_eq!(
        (&shown["id"], &shown["answered"], &shown["sessions"]),
        (&json!(own), &json!(true), &json!(1))
    );
    assert_eq!(shown["listen"], node.address.to_string());
    for key in ["host", "build", "heard_at"] {
        assert!(shown[key].is_string(), "{key}: {shown}");
    }
    assert!(shown["uptime_ms"].is_u64());
    assert_eq!(health["broker"], json!({"kind": "memory", "up": true, "warnings": []}));
    let s = stream(&health, "s");
    assert_eq!(
        (&s["head"], &s["first"], &s["agree"], &s["stale"]),
        (&json!(5), &json!(1), &json!(true), &json!(false))
    );
    assert_eq!(shown["heads"]["s"], format!("{}:5", s["epoch"].as_str().unwrap()));
    let t = stream(&health, "t");
    assert_eq!(
        (&t["head"], &t["agree"], &t["stale"]),
        (&json!(0), &json!(true), &json!(false)),
        "not open here"
    );
    let receive = &health["receive"];
    assert_eq!((&receive["ok"], &receive["why"]), (&json!(true), &Value::Null));
    assert!(receive["ms"].as_f64().unwrap() >= 0.0 && receive["tried_at"].is_string(), "{receive}");
    let hops: Vec<&str> =
        health["hops"].as_array().unwrap().iter().map(|hop| hop["hop"].as_str().unwrap()).collect();
    assert_eq!(hops, ["verify", "append", "answer", "deliver"]);
    let deliver = &health["hops"][3];
    assert!(deliver["count"].as_u64().unwrap() > 0, "{deliver}");
    assert!(deliver["p50_ms"].as_f64().unwrap() <= deliver["p99_ms"].as_f64().unwrap(), "{deliver}");
    node.end().await;
}

#[tokio::test]
async fn however_many_ask_it_is_tried_once() {
    let broker = Shared::new();
    let node = node_on(&broker).await;
    let asked = futures_util::future::join_all((0..20).map(|_| health(&node))).await;
    assert!(asked.iter().all(|health| health["receive"] == asked[0]["receive"]), "{asked:?}");
    let page = broker.read(&StreamName::reserved(), 1, 256).await.unwrap();
    let probes = page.entries.iter().filter(|entry| entry.body.windows(10).any(|it| it == b"node.probe"));
    assert_eq!(probes.count(), 1);
    node.end().await;
}

#[tokio::test]
async fn without_its_broker_a_node_is_red_at_once_and_green_again_by_itself() {
    let broker = Shared::new();
    let node = node_on(&broker).await;
    until(async || broker.checks(&StreamName::reserved()) > 0).await;
    broker.go_away(true);
    let red = health(&node).await;
    assert_eq!(
        (&red["broker"]["up"], &red["receive"]["ok"], &red["receive"]["ms"]),
        (&json!(false), &json!(false), &Value::Null)
    );
    assert!(red["receive"]["why"].as_str().unwrap().contains("away"), "{red}");
    let own = stream(&red, "hookcast");
    assert_eq!((&own["agree"], &own["stale"]), (&json!(false), &json!(true)));
    assert_eq!(stream(&red, "t")["head"], Value::Null, "nobody knows");
    broker.go_away(false);
    until(async || {
        let health = health(&node).await;
        health["receive"]["ok"] == true
            && health["broker"]["up"] == true
            && stream(&health, "hookcast")["agree"] == true
    })
    .await;
    node.end().await;
}

#[tokio::test]
async fn viewers_are_not_told() {
    let node = Node::start().await;
    assert_eq!(ask_as(&node, &["**"], "GET", "/api/v1/health").await.status, 403);
    node.end().await;
}
