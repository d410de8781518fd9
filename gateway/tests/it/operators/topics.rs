//! `GET /api/v1/topics`: what is kept of each stream, and its topics by name.

use hookcast::limits::Retention;
use serde_json::{Value, json};

use super::asking::{ask, ask_as, get};
use crate::subscribers::away::Shared;
use crate::subscribers::node::{Node, Setup};

fn stream<'a>(listed: &'a Value, name: &str) -> &'a Value {
    let streams = listed["streams"].as_array().unwrap();
    streams.iter().find(|stream| stream["name"] == name).expect("every stream is listed")
}

#[tokio::test]
async fn each_stream_tells_how_far_it_reaches_and_what_is_kept_of_it() {
    let retention = Retention { events: 5, ..Retention::default() };
    let node = Node::with(Setup { retention, ..Setup::default() }).await;
    for number in 0..8 {
        node.append(["s/a", "s/b"][number % 2], &json!(number)).await;
    }
    node.append("s/c", &json!(8)).await;
    let listed = get(&node, "/api/v1/topics").await;
    let s = stream(&listed, "s");
    assert_eq!(
        (&s["head"], &s["first"], &s["kept"], &s["topics"]),
        (&json!(9), &json!(5), &json!(5), &json!(3))
    );
    assert_eq!(s["epoch"].as_str().unwrap().len(), 8);
    assert_eq!(s["retention"], json!({"events": 5, "bytes": 67_108_864, "age_ms": 604_800_000}));
    let t = stream(&listed, "t");
    assert_eq!(
        (&t["head"], &t["first"], &t["kept"], &t["topics"]),
        (&json!(0), &json!(1), &json!(0), &json!(0))
    );
    stream(&listed, "hookcast");
    node.end().await;
}

#[tokio::test]
async fn the_topics_of_a_stream_come_by_name_and_page_by_page() {
    let node = Node::start().await;
    for number in (0..1_500).rev() {
        node.append(&format!("s/{:02}/{number:04}", number % 20), &json!(null)).await;
    }
    node.append("t/other", &json!(null)).await;
    let first = get(&node, "/api/v1/topics?stream=s").await;
    assert_eq!((&first["stream"], &first["more"]), (&json!("s"), &json!(true)));
    assert_eq!(first["topics"].as_array().unwrap().len(), 1_000);
    assert_eq!(first["topics"][0], json!({"topic": "s/00/0000", "offset": 1_500}));
    let last = first["topics"][999]["topic"].as_str().unwrap();
    let second = get(&node, &format!("/api/v1/topics?stream=s&after={last}")).await;
    assert_eq!((second["topics"].as_array().unwrap().len(), &second["more"]), (500, &json!(false)));
    let narrow = get(&node, "/api/v1/topics?stream=s&prefix=s/07/&limit=3").await;
    assert_eq!((&narrow["topics"][0]["topic"], &narrow["more"]), (&json!("s/07/0007"), &json!(true)));
    assert_eq!(narrow["topics"].as_array().unwrap().len(), 3);
    let found = get(&node, "/api/v1/topics?stream=s&text=7/0007").await;
    assert_eq!(found["topics"].as_array().unwrap().len(), 1, "{found}");
    let found = get(&node, "/api/v1/topics?stream=s&text=S/07/&prefix=s/07/00").await;
    assert_eq!(found["topics"][0]["topic"], "s/07/0007", "{found}");
    node.end().await;
}

#[tokio::test]
async fn viewers_may_not_and_what_is_no_question_is_told() {
    let node = Node::start().await;
    for path in ["/api/v1/topics", "/api/v1/topics?stream=s"] {
        assert_eq!(ask_as(&node, &["**"], "GET", path).await.status, 403);
    }
    let long = format!("stream=s&prefix={}", "x".repeat(600));
    for (query, status, code) in [
        ("stream=nowhere", 404, "unknown_stream"),
        ("stream=..%2F..%2Fetc", 404, "unknown_stream"),
        ("stream=%00", 404, "unknown_stream"),
        ("stream=s&limit=0", 400, "bad_query"),
        ("stream=s&limit=100000", 400, "bad_query"),
        ("stream=s&limit=-1", 400, "bad_query"),
        ("stream=s&other=1", 400, "bad_query"),
        ("prefix=s", 400, "bad_query"),
        (&long, 400, "bad_query"),
    ] {
        let answer = ask(&node, "GET", &format!("/api/v1/topics?{query}")).await;
        assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)), "{query}");
    }
    assert_eq!(get(&node, "/api/v1/topics?stream=s&prefix=%3Cscript%3E").await["topics"], json!([]));
    node.end().await;
}

#[tokio::test]
async fn a_broker_that_is_away_is_told_as_such() {
    let broker = Shared::new();
    let node = Node::with(Setup { broker: Some(broker.clone()), ..Setup::default() }).await;
    broker.go_away(true);
    let answer = ask(&node, "GET", "/api/v1/topics").await;
    assert_eq!((answer.status, &answer.body["code"]), (503, &json!("unavailable")));
    broker.go_away(false);
    get(&node, "/api/v1/topics").await;
    node.end().await;
}
