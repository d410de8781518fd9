//! `GET /api/v1/events`: pages of what is kept, to whoever may hear it live, cacheable where they cannot change.

use hookcast::limits::{Limits, Retention};
use hookcast::topic::Grant;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::away::Shared;
use super::node::{Node, Setup, offsets_of};

/// An answer: its status, headers as they came in lower case, and body.
struct Answer {
    status: u16,
    headers: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        let line = self.headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default()
    }
}

async fn ask(node: &Node, query: &str, more: &str) -> Answer {
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    let request =
        format!("GET /api/v1/events?{query} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head[9..12].parse().unwrap();
    Answer { status, headers: head.to_lowercase(), body: body.to_owned() }
}

async fn read(node: &Node, query: &str) -> Answer {
    ask(node, query, &format!("Authorization: Bearer {}\r\n", node.token(&["s/**"]))).await
}

#[tokio::test]
async fn pages_follow_one_another_and_hold_what_matches_once() {
    let node = Node::start().await;
    for number in 0..700_u64 {
        node.append(["s/a", "s/b/c"][number as usize % 2], &json!(number)).await;
    }
    let (mut seen, mut after, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = read(&node, &format!("pattern=s/b/*&limit=40{after}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let page = page.json();
        assert_eq!(page["gap"], Value::Null);
        seen.extend(offsets_of(&page));
        pages += 1;
        after = format!("&after={}", page["position"].as_str().unwrap());
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(seen, (1..=350).map(|it| it * 2).collect::<Vec<u64>>());
    assert_eq!(pages, 9);
    let item = &read(&node, "pattern=s/b/*&limit=1").await.json()["events"][0];
    assert_eq!(*item, json!({"offset": 2, "topic": "s/b/c", "event": {"specversion": "1.0", "data": 1}}));
    node.end().await;
}

#[tokio::test]
async fn a_pattern_that_matches_nothing_looks_so_far_and_no_farther() {
    let node = Node::start().await;
    for number in 0..4_200_u64 {
        node.append("s/a", &json!(number)).await;
    }
    let page = read(&node, "pattern=s/none").await.json();
    assert_eq!((&page["events"], &page["more"]), (&json!([]), &json!(true)));
    assert!(page["position"].as_str().unwrap().ends_with(":4096"), "{page}");
    let page =
        read(&node, &format!("pattern=s/none&after={}", page["position"].as_str().unwrap())).await.json();
    assert!(page["position"].as_str().unwrap().ends_with(":4200") && page["more"] == false, "{page}");
    node.end().await;
}

#[tokio::test]
async fn a_closed_page_may_be_kept_and_an_open_one_is_asked_for_again() {
    let node = Node::start().await;
    for number in 0..10 {
        node.append("s/a", &json!(number)).await;
    }
    let first = read(&node, "pattern=s/*&limit=3").await;
    assert_eq!(first.header("cache-control"), "private, no-cache", "where the log begins moves");
    let position = first.json()["position"].as_str().unwrap().to_owned();
    let closed = read(&node, &format!("pattern=s/*&limit=3&after={position}")).await;
    assert_eq!(closed.header("cache-control"), "private, max-age=3600, immutable");
    assert_eq!(closed.header("vary"), "authorization");

    let query = format!("pattern=s/*&after={position}");
    let open = read(&node, &query).await;
    assert_eq!(open.header("cache-control"), "private, no-cache");
    let token = format!("Authorization: Bearer {}\r\n", node.token(&["s/**"]));
    let known = format!("{token}If-None-Match: \"x\", {}\r\n", open.header("etag"));
    let again = ask(&node, &query, &known).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), open.header("etag"));
    node.append("s/a", &json!("new")).await;
    let grown = ask(&node, &query, &known).await;
    assert_eq!(grown.status, 200, "it has grown");
    assert_eq!(offsets_of(&grown.json()).last(), Some(&11));
    let same = read(&node, &format!("pattern=s/*&limit=3&after={position}")).await;
    assert_eq!((same.header("etag"), &same.body), (closed.header("etag"), &closed.body));
    node.end().await;
}

#[tokio::test]
async fn only_what_is_granted_and_bad_questions_are_told_what_is_wrong() {
    let open = vec![Grant::parse("t/**").unwrap()];
    let node = Node::with(Setup { anonymous: open, ..Setup::default() }).await;
    node.append("s/a", &json!(1)).await;
    node.append("t/a", &json!(1)).await;
    for (query, status, code) in [
        ("pattern=s/*", 200, None),
        ("pattern=s/*&limit=0", 400, Some("bad_query")),
        ("pattern=s/*&limit=1001", 400, Some("bad_query")),
        ("pattern=s/*&limit=x", 400, Some("bad_query")),
        ("pattern=s/*&before=x", 400, Some("bad_query")),
        ("", 400, Some("bad_query")),
        ("pattern=s", 400, Some("bad_pattern")),
        ("pattern=*/a", 400, Some("bad_pattern")),
        ("pattern=s/*&after=17", 400, Some("bad_position")),
        ("pattern=hookcast/**", 403, Some("forbidden")),
        ("pattern=nowhere/**", 403, Some("forbidden")),
    ] {
        let answer = read(&node, query).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        assert_eq!(answer.json()["code"].as_str(), code, "{query}: {}", answer.body);
    }
    assert_eq!(ask(&node, "pattern=t/*", "").await.status, 200, "open to all");
    assert_eq!(ask(&node, "pattern=s/*", "").await.status, 403);
    let bad = ask(&node, "pattern=t/*", "Authorization: Bearer nonsense\r\n").await;
    assert_eq!((bad.status, bad.json()["code"].as_str()), (401, Some("unauthorized")));
    let epoch = read(&node, "pattern=s/*").await.json()["position"].as_str().unwrap()[..8].to_owned();
    let ahead = read(&node, &format!("pattern=s/*&after={epoch}:99")).await;
    assert_eq!((ahead.status, ahead.json()["code"].as_str()), (400, Some("bad_position")));
    node.end().await;
}

#[tokio::test]
async fn what_is_kept_no_longer_is_a_gap_to_whoever_had_a_place_and_no_loss_to_others() {
    let retention = Retention { events: 300, ..Retention::default() };
    // A node's window may hold more than the log keeps; here it does not.
    let limits = Limits { window_events: 16, ..Limits::default() };
    let node = Node::with(Setup { limits, retention, ..Setup::default() }).await;
    node.append("s/a", &json!(0)).await;
    let place = read(&node, "pattern=s/*").await.json()["position"].as_str().unwrap().to_owned();
    for number in 1..1_000_u64 {
        node.append("s/a", &json!(number)).await;
    }
    let page = read(&node, &format!("pattern=s/*&limit=5&after={place}")).await;
    assert_eq!(page.header("cache-control"), "private, no-cache");
    let page = page.json();
    let gap = &page["gap"];
    assert_eq!((&gap["reason"], &gap["from"], &gap["to"]), (&json!("retention"), &json!(2), &json!(700)));
    assert_eq!(offsets_of(&page), [701, 702, 703, 704, 705]);
    let page = read(&node, "pattern=s/*&limit=2").await.json();
    assert_eq!(page["gap"], Value::Null);
    assert_eq!(offsets_of(&page), [701, 702]);

    let unknown = read(&node, "pattern=s/*&limit=2&after=aaaaaaaa:5").await.json();
    assert_eq!(unknown["gap"]["reason"], "epoch");
    assert_eq!(offsets_of(&unknown), [701, 702]);
    node.end().await;
}

#[tokio::test]
async fn while_the_broker_is_away_one_is_asked_to_come_again() {
    let broker = Shared::new();
    let node = Node::with(Setup { broker: Some(broker.clone()), ..Setup::default() }).await;
    broker.go_away(true);
    let answer = read(&node, "pattern=s/*").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "2"));
    assert_eq!(answer.json()["code"], "unavailable");
    broker.go_away(false);
    assert_eq!(read(&node, "pattern=s/*").await.status, 200);
    node.end().await;
}
