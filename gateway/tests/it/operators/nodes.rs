//! Several nodes on one Redis: what an operator asks of one is answered by all, and who does not answer is missed.

use std::sync::Arc;

use hookcast::broker::Broker;
use hookcast::broker::redis::RedisBroker;
use hookcast::broker::redis::url::RedisUrl;
use hookcast::broker::rules::Rules;
use hookcast::limits::{Limits, Retentions};
use serde_json::{Value, json};

use super::asking::{ask, get, until};
use crate::broker::redis_server::RedisServer;
use crate::subscribers::node::{Client, Node, Setup};

async fn node_on(server: &RedisServer) -> Node {
    let rules = Rules::new(Retentions::default(), &Limits::default());
    let broker: Arc<dyn Broker> =
        Arc::new(RedisBroker::open(RedisUrl::parse(&server.url()).unwrap(), rules, 0));
    Node::with(Setup { broker: Some(broker), ..Setup::default() }).await
}

/// Two nodes that have heard of each other.
async fn two_on(server: &RedisServer) -> (Node, Node) {
    let nodes = (node_on(server).await, node_on(server).await);
    for node in [&nodes.0, &nodes.1] {
        until(async || counted(&sessions(node).await) == (2, 2)).await;
    }
    nodes
}

async fn sessions(node: &Node) -> Value {
    get(node, "/api/v1/sessions").await
}

fn counted(answer: &Value) -> (u64, u64) {
    (answer["nodes"]["asked"].as_u64().unwrap(), answer["nodes"]["answered"].as_u64().unwrap())
}

fn listed(answer: &Value) -> &Vec<Value> {
    answer["sessions"].as_array().unwrap()
}

#[tokio::test]
async fn each_node_shows_the_sessions_of_both_and_ends_those_of_the_other() {
    let server = RedisServer::start(&[]);
    let (one, other) = two_on(&server).await;
    let _here: Client = one.client().await;
    let mut there = other.client().await;
    there.follow("mine", "s/far/**").await;
    for node in [&one, &other] {
        let answer = sessions(node).await;
        let nodes: Vec<&Value> = listed(&answer).iter().map(|session| &session["node"]).collect();
        assert!(nodes.len() == 2 && nodes[0] != nodes[1], "{answer}");
    }
    let far = get(&one, "/api/v1/sessions?pattern=s/far/**").await;
    assert_eq!(listed(&far).len(), 1, "{far}");
    assert_eq!(listed(&far)[0]["subscriptions"][0]["lag_events"], 0);
    let path = format!("/api/v1/sessions/{}", listed(&far)[0]["id"].as_str().unwrap());
    assert_eq!(ask(&one, "DELETE", &path).await.status, 204);
    assert_eq!(there.close_code().await, 4005);
    other.until_sessions(0).await;
    let again = ask(&one, "DELETE", &path).await;
    assert_eq!((again.status, &again.body["code"]), (404, &json!("unknown_session")));
    assert_eq!(listed(&sessions(&other).await).len(), 1);
    one.end().await;
    other.end().await;
}

#[tokio::test]
async fn health_knows_both_nodes_and_whether_their_heads_agree() {
    let server = RedisServer::start(&[]);
    let (one, other) = two_on(&server).await;
    let mut clients = [one.client().await, other.client().await];
    for client in &mut clients {
        client.follow("a", "s/**").await;
    }
    for number in 0..20 {
        one.append("s/a", &json!(number)).await;
    }
    for client in &mut clients {
        client.offsets_until(20).await;
    }
    let health = get(&one, "/api/v1/health").await;
    let nodes = health["nodes"].as_array().unwrap();
    assert!(nodes.len() == 2 && nodes.iter().all(|node| node["answered"] == true), "{health}");
    assert!(nodes.iter().all(|node| node["heads"]["s"] == nodes[0]["heads"]["s"]), "{health}");
    let listens: Vec<&Value> = nodes.iter().map(|node| &node["listen"]).collect();
    for node in [&one, &other] {
        assert!(listens.contains(&&json!(node.address.to_string())), "{listens:?}");
    }
    assert!(health["streams"].as_array().unwrap().iter().all(|stream| stream["agree"] == true), "{health}");
    assert_eq!((&health["broker"]["kind"], &health["broker"]["up"]), (&json!("redis"), &json!(true)));
    // This server keeps no append-only file, which the start-up check names with its mend.
    until(async || {
        let health = get(&one, "/api/v1/health").await;
        health["broker"]["warnings"].to_string().contains("appendonly yes")
    })
    .await;
    assert_eq!(health["receive"]["ok"], true, "{health}");
    one.end().await;
    other.end().await;
}

#[tokio::test]
async fn a_node_that_is_cut_off_is_missed_and_one_that_leaves_is_not() {
    let server = RedisServer::start(&[]);
    let (one, cut_off) = two_on(&server).await;
    let mut third = node_on(&server).await;
    until(async || counted(&sessions(&one).await) == (3, 3)).await;
    // Its sessions go on, but nobody hears of them any more.
    cut_off.broker.close().await;
    until(async || counted(&sessions(&one).await) == (3, 2)).await;
    let answer = ask(&one, "DELETE", "/api/v1/sessions/00000000").await;
    assert_eq!((answer.status, &answer.body["code"]), (503, &json!("unavailable")), "it may be there");
    let health = get(&one, "/api/v1/health").await;
    let missing: Vec<&Value> =
        health["nodes"].as_array().unwrap().iter().filter(|node| node["answered"] == false).collect();
    assert_eq!(missing.len(), 1, "{health}");
    assert_eq!(missing[0]["listen"], cut_off.address.to_string());
    assert!(missing[0]["heard_at"].is_string());
    third.drain();
    third.ended().await;
    assert_eq!(counted(&sessions(&one).await), (2, 1));
    one.end().await;
    cut_off.end().await;
}

/// 3 × 100 subscriptions with long patterns are more than one message may hold.
#[tokio::test]
async fn a_long_answer_comes_in_pieces() {
    let server = RedisServer::start(&[]);
    let (one, other) = two_on(&server).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = other.client().await;
        for number in 0..100 {
            let long = ["x".repeat(120).as_str(); 3].join("/");
            client.follow(&format!("{number}"), &format!("s/{long}/{number}")).await;
        }
        clients.push(client);
    }
    let answer = sessions(&one).await;
    assert!(answer.to_string().len() > 100_000);
    assert_eq!((counted(&answer), &answer["more"]), ((2, 2), &json!(false)));
    assert!(listed(&answer).iter().all(|session| session["subscriptions"].as_array().unwrap().len() == 100));
    one.end().await;
    other.end().await;
}

#[tokio::test]
async fn whatever_is_said_on_the_channel_nobody_falls_over_it() {
    let server = RedisServer::start(&[]);
    let (one, other) = two_on(&server).await;
    let node = get(&one, "/api/v1/health").await["node"].as_str().unwrap().to_owned();
    let huge = format!("1 here zzzzzzzz {}", "x".repeat(200_000));
    let asked = r#"1 ask 00000000 zzzzzzzz {"moon":{}}"#;
    let answered = format!("1 answer 00000000 {node} zzzzzzzz 1 1 []");
    for message in
        ["", "1", "\u{0}\u{1}\u{2}", "2 here zzzzzzzz {}", "1 here zzzzzzzz [", &huge, asked, &answered]
    {
        server.command(&["SPUBLISH", "hc1:nodes", message]);
    }
    for node in [&one, &other] {
        assert_eq!(counted(&sessions(node).await), (2, 2));
    }
    one.end().await;
    other.end().await;
}

#[tokio::test]
async fn after_an_outage_of_redis_the_nodes_find_each_other_again() {
    let mut server = RedisServer::start(&[]);
    let (one, other) = two_on(&server).await;
    server.kill();
    let answer = sessions(&one).await;
    assert_eq!(counted(&answer), (2, 1), "the other is still known, and missed");
    server.start_again();
    for node in [&one, &other] {
        until(async || counted(&sessions(node).await) == (2, 2)).await;
    }
    one.end().await;
    other.end().await;
}
