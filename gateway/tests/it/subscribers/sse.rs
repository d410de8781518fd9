//! `GET /sse` in bytes: the same session one way, places in `id:`, resumption on any node, refusals by status.

use std::collections::BTreeMap;
use std::time::Duration;

use hookcast::limits::Limits;
use hookcast::topic::Grant;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::away::Shared;
use super::node::{Node, PATIENCE, Setup, offsets_of};

/// One server-sent event: its fields, of which `event`, `data`, `id` and `retry` concern us.
type Event = BTreeMap<String, String>;

/// A client of the plainest kind: HTTP/1.1, chunks, lines.
struct Reader {
    stream: TcpStream,
    raw: Vec<u8>,
    text: String,
    head: String,
    last_id: String,
}

impl Reader {
    async fn open(node: &Node, query: &str, headers: &str) -> Self {
        Self::over(TcpStream::connect(node.address).await.unwrap(), query, headers).await
    }

    async fn over(mut stream: TcpStream, query: &str, headers: &str) -> Self {
        let request = format!("GET /sse?{query} HTTP/1.1\r\nHost: h\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Self {
            stream,
            raw: Vec::new(),
            text: String::new(),
            head: String::new(),
            last_id: String::new(),
        };
        while !reader.raw.windows(4).any(|it| it == b"\r\n\r\n") {
            assert!(reader.read().await, "an answer has a head");
        }
        let end = reader.raw.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
        reader.head = String::from_utf8(reader.raw.drain(..end + 4).collect()).unwrap().to_lowercase();
        reader
    }

    async fn as_ann(node: &Node, query: &str, headers: &str) -> Self {
        let token = node.token(&["s/**", "t/**"]);
        Self::open(node, query, &format!("Authorization: Bearer {token}\r\n{headers}")).await
    }

    async fn read(&mut self) -> bool {
        let reading = self.stream.read_buf(&mut self.raw);
        tokio::time::timeout(PATIENCE, reading).await.expect("something comes in time").unwrap() > 0
    }

    fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    /// Takes whole chunks out of the bytes; false at the last one.
    fn unchunk(&mut self) -> bool {
        while let Some(end) = self.raw.windows(2).position(|it| it == b"\r\n") {
            let length = usize::from_str_radix(std::str::from_utf8(&self.raw[..end]).unwrap(), 16).unwrap();
            if length == 0 {
                return false;
            }
            if self.raw.len() < end + 2 + length + 2 {
                break;
            }
            self.text.push_str(std::str::from_utf8(&self.raw[end + 2..end + 2 + length]).unwrap());
            self.raw.drain(..end + 2 + length + 2);
        }
        true
    }

    /// The next event; none at the end of the answer.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let is_open = self.unchunk();
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |line: &str| {
                    let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("a field: {line}"));
                    (name.to_owned(), value.to_owned())
                };
                let (event, rest): (Event, _) = (event.lines().map(field).collect(), rest.to_owned());
                self.text = rest;
                if let Some(id) = event.get("id") {
                    self.last_id.clone_from(id);
                }
                return Some(event);
            }
            if !is_open || !self.read().await {
                return None;
            }
        }
    }

    /// The data of the next event of this name; `message` is one without a name. Others are passed over.
    async fn named(&mut self, name: &str) -> Value {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the answer ends before `{name}`"));
            if event.contains_key("data") && event.get("event").map_or("message", String::as_str) == name {
                return serde_json::from_str(&event["data"]).unwrap();
            }
        }
    }

    /// The topics and offsets of events up to this many.
    async fn events(&mut self, count: usize) -> Vec<(String, u64)> {
        let mut got = Vec::new();
        while got.len() < count {
            let message = self.named("message").await;
            let topics = message["events"].as_array().unwrap().iter().map(|it| it["topic"].as_str().unwrap());
            got.extend(topics.map(str::to_owned).zip(offsets_of(&message)));
        }
        got
    }
}

#[tokio::test]
async fn events_come_with_their_place_and_everything_else_by_its_name() {
    let node = Node::start().await;
    node.append("s/a", &json!("line\nbreak \u{2028} é")).await;
    let mut reader = Reader::as_ann(&node, "pattern=s/*&since=last:5", "").await;
    assert_eq!(reader.status(), 200);
    for header in ["content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no"] {
        assert!(reader.head.contains(header), "{}", reader.head);
    }
    let retry: u64 = reader.next().await.unwrap()["retry"].parse().unwrap();
    assert!((1_000..=3_000).contains(&retry), "{retry}");
    assert!(reader.named("welcome").await["heartbeat_ms"].is_u64());
    let begun = reader.named("subscribed").await;
    assert_eq!(reader.last_id, begun["position"]);
    let caught = reader.named("message").await;
    assert_eq!(caught["events"][0]["event"]["data"], "line\nbreak \u{2028} é");
    assert!(reader.last_id.ends_with(":1"));
    reader.named("live").await;
    node.append("s/a", &json!(2)).await;
    node.append("t/a", &json!(3)).await;
    node.append("s/b", &json!(4)).await;
    assert_eq!(reader.events(2).await, [("s/a".into(), 2), ("s/b".into(), 3)]);
    assert!(reader.last_id.ends_with(":3"));
    drop(reader);
    node.until_sessions(0).await;
    node.end().await;
}

#[tokio::test]
async fn the_last_id_goes_on_on_another_node_in_every_stream() {
    let broker = Shared::new();
    let setup = || Setup { broker: Some(broker.clone()), ..Setup::default() };
    let (one, other) = (Node::with(setup()).await, Node::with(setup()).await);
    let query = "pattern=s/**&pattern=t/*&pattern=s/x";
    let mut reader = Reader::as_ann(&one, query, "").await;
    for _ in 0..3 {
        reader.named("live").await;
    }
    // Each node gives keys of its own, so one appends for both.
    one.append("s/x", &json!(1)).await;
    one.append("t/x", &json!(2)).await;
    one.append("s/y", &json!(3)).await;
    let mut seen = reader.events(3).await;
    one.append("s/x", &json!(4)).await;
    one.append("t/y", &json!(5)).await;
    let id = reader.last_id.clone();
    assert_eq!(id.split(',').count(), 3, "{id}");
    drop(reader);
    let mut reader = Reader::as_ann(&other, query, &format!("Last-Event-ID: {id}\r\n")).await;
    // Two patterns catch up with `s/x`, each under its own id.
    let mut caught = reader.events(3).await;
    caught.sort();
    assert_eq!(caught, [("s/x".into(), 3), ("s/x".into(), 3), ("t/y".into(), 2)]);
    caught.dedup();
    seen.extend(caught);
    assert_eq!(seen.len(), 5);
    one.append("t/z", &json!(6)).await;
    assert_eq!(reader.events(1).await, [("t/z".into(), 3)], "live on the other node");
    one.end().await;
    other.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_a_status_before_anything_is_sent() {
    let open = vec![Grant::parse("t/**").unwrap()];
    let node = Node::with(Setup { anonymous: open, ..Setup::default() }).await;
    let many = "pattern=s/*&".repeat(11);
    for (query, status, code) in [
        ("", 400, "bad_query"),
        (many.as_str(), 400, "bad_query"),
        ("pattern=s", 400, "bad_pattern"),
        ("pattern=s/*&since=later", 400, "bad_position"),
        ("pattern=s/*&pattern=t/*&since=k3f9a0zq:1", 400, "bad_position"),
        ("pattern=s/*&latest=soon", 400, "bad_query"),
        ("pattern=hookcast/**", 403, "forbidden"),
        ("pattern=s/*&pattern=nowhere/*", 403, "forbidden"),
    ] {
        let mut reader = Reader::as_ann(&node, query, "Connection: close\r\n").await;
        while reader.read().await {}
        let problem: Value = serde_json::from_slice(&reader.raw).unwrap();
        assert_eq!((reader.status(), problem["code"].as_str()), (status, Some(code)), "{query}: {problem}");
    }
    let wrong_id = Reader::as_ann(&node, "pattern=s/*", "Last-Event-ID: k3f9a0zq:1,k3f9a0zq:2\r\n").await;
    assert_eq!(wrong_id.status(), 400);
    let foreign = Reader::as_ann(&node, "pattern=s/*", "Origin: https://evil.example\r\n").await;
    assert_eq!(foreign.status(), 403);
    let bad = Reader::open(&node, "pattern=t/*", "Authorization: Bearer x.y.z\r\n").await;
    assert_eq!(bad.status(), 401);
    assert!(bad.head.contains("www-authenticate: bearer"));
    assert_eq!(Reader::open(&node, "pattern=s/*", "").await.status(), 403);
    let mut anyone = Reader::open(&node, "pattern=t/*", "").await;
    anyone.named("live").await;
    node.end().await;
}

#[tokio::test]
async fn a_token_in_the_address_is_taken_only_where_the_operator_says_so() {
    for sse_query_token in [false, true] {
        let node = Node::with(Setup { sse_query_token, ..Setup::default() }).await;
        let query = format!("pattern=s/*&access_token={}", node.token(&["s/**"]));
        let mut reader = Reader::open(&node, &query, "").await;
        assert_eq!(reader.status(), if sse_query_token { 200 } else { 400 });
        if sse_query_token {
            reader.named("live").await;
        }
        node.end().await;
    }
}

#[tokio::test]
async fn the_newest_of_each_topic_comes_this_way_too() {
    let node = Node::start().await;
    let mut reader = Reader::as_ann(&node, "pattern=s/*&latest=50", "").await;
    reader.named("live").await;
    for number in 0..500 {
        node.append(&format!("s/{}", number % 5), &json!(number)).await;
    }
    let (mut items, mut skipped, mut newest) = (0, 0, BTreeMap::new());
    while items + skipped < 500 {
        for item in reader.named("message").await["events"].as_array().unwrap() {
            items += 1;
            skipped += item["skipped"].as_u64().unwrap();
            newest.insert(item["topic"].to_string(), item["event"]["data"].as_u64().unwrap());
        }
    }
    assert_eq!(items + skipped, 500);
    assert_eq!(newest.into_values().collect::<Vec<_>>(), [495, 496, 497, 498, 499]);
    assert!(reader.last_id.ends_with(":500"));
    node.end().await;
}

#[tokio::test]
async fn a_session_s_end_is_said_and_ends_the_answer() {
    let node = Node::start().await;
    let token = node.auth.sign(Some("ann"), &["s/**"], Duration::from_secs(1)).unwrap();
    let mut reader = Reader::open(&node, "pattern=s/*", &format!("Authorization: Bearer {token}\r\n")).await;
    let close = reader.named("close").await;
    assert_eq!((&close["code"], &close["name"]), (&json!(4000), &json!("expired")));
    assert!(reader.next().await.is_none(), "nothing follows");

    let mut reader = Reader::as_ann(&node, "pattern=s/*", "").await;
    reader.named("live").await;
    node.ask_to_end();
    let close = reader.named("close").await;
    assert_eq!((&close["code"], close["retry_ms"].is_u64()), (&json!(1001), true), "{close}");
    assert!(reader.next().await.is_none());
    node.end().await;
}

#[tokio::test]
async fn a_reader_that_waits_gets_the_heartbeat_as_positions_and_is_never_silent() {
    let limits = Limits {
        heartbeat: Duration::from_millis(50),
        silence: Duration::from_millis(300),
        ..Limits::default()
    };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut reader = Reader::as_ann(&node, "pattern=s/rare", "").await;
    reader.named("live").await;
    for _ in 0..3 {
        node.append("s/often", &json!(1)).await;
    }
    loop {
        let positions = reader.named("positions").await;
        if positions["positions"]["s"].as_str().is_some_and(|it| it.ends_with(":3")) {
            break;
        }
    }
    assert!(reader.last_id.ends_with(":3"), "a quiet pattern's place moves too");
    for _ in 0..12 {
        reader.named("positions").await;
    }
    node.append("s/rare", &json!(1)).await;
    assert_eq!(reader.events(1).await, [("s/rare".into(), 4)]);
    node.end().await;
}

#[tokio::test]
async fn a_slow_reader_misses_nothing_or_is_told_a_gap() {
    let limits = Limits { window_bytes: 256 * 1024, ..Limits::default() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(node.address).await.unwrap();
    let token = node.token(&["s/**"]);
    let mut reader = Reader::over(stream, "pattern=s/*", &format!("Authorization: Bearer {token}\r\n")).await;
    reader.named("live").await;
    let data = json!("x".repeat(10_000));
    let mut last = 0;
    for _ in 0..1_000 {
        last = node.append("s/a", &data).await;
    }
    let (mut next, mut gaps) = (1, 0);
    while next <= last {
        let event = reader.next().await.unwrap();
        let message: Value = event.get("data").map_or(Value::Null, |it| serde_json::from_str(it).unwrap());
        match event.get("event").map_or("message", String::as_str) {
            "message" => {
                for offset in offsets_of(&message) {
                    assert_eq!(offset, next, "in order, once");
                    next += 1;
                }
            }
            "gap" => {
                gaps += 1;
                assert_eq!(message["from"], next, "{message}");
                next = message["to"].as_u64().unwrap() + 1;
            }
            _ => {}
        }
    }
    assert!(gaps > 0, "ten megabytes are more than the window");
    node.end().await;
}

/// An `EventSource` brings its last id again and again; one that this log never gave is told once.
#[tokio::test]
async fn a_place_that_was_never_given_is_told_and_not_brought_again() {
    let node = Node::start().await;
    node.append("s/a", &json!(1)).await;
    let mut reader = Reader::as_ann(&node, "pattern=s/*&since=last:1", "").await;
    reader.named("live").await;
    let ahead = format!("{}:999", reader.last_id.split(':').next().unwrap());
    let query = "pattern=s/*&since=last:1";
    let mut reader = Reader::as_ann(&node, query, &format!("Last-Event-ID: {ahead}\r\n")).await;
    let error = loop {
        let event = reader.next().await.expect("it is told");
        if event.get("event").is_some_and(|name| name == "error") {
            break event;
        }
    };
    assert!(error["data"].contains("bad_position"), "{error:?}");
    assert_eq!(error["id"], "", "the browser forgets it, and begins at `since`");
    assert!(reader.next().await.is_none());
    let query = "pattern=s/*&pattern=t/*&since=,".to_owned() + &ahead.replace(":999", ":0");
    assert_eq!(Reader::as_ann(&node, &query, "").await.status(), 200, "a list in `since`");
    node.end().await;
}

/// What a browser asks and needs before a page of another origin may read (CORS).
#[tokio::test]
async fn pages_of_listed_origins_may_read_and_no_others() {
    let node =
        Node::with(Setup { origins: vec!["https://app.example.com".into()], ..Setup::default() }).await;
    let ask = async |method: &str, path: &str, origin: &str| {
        let mut stream = TcpStream::connect(node.address).await.unwrap();
        let wants = if method == "OPTIONS" { "Access-Control-Request-Method: GET\r\n" } else { "" };
        let token = node.token(&["s/**"]);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: h\r\nOrigin: {origin}\r\nAuthorization: Bearer {token}\r\n{wants}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.windows(4).any(|it| it == b"\r\n\r\n") {
            assert!(stream.read_buf(&mut head).await.unwrap() > 0);
        }
        String::from_utf8_lossy(&head).to_lowercase()
    };
    for path in ["/sse?pattern=s/*", "/api/v1/events?pattern=s/*"] {
        for method in ["GET", "OPTIONS"] {
            let head = ask(method, path, "https://app.example.com").await;
            assert!(head.starts_with("http/1.1 20"), "{method} {path}: {head}");
            assert!(head.contains("access-control-allow-origin: https://app.example.com"), "{head}");
            assert!(head.contains("vary: origin"), "{head}");
            assert!(!head.contains("allow-credentials"), "{head}");
            assert_eq!(head.contains("last-event-id"), method == "OPTIONS", "{head}");
            let head = ask(method, path, "https://evil.example").await;
            assert!(!head.contains("access-control-allow-origin"), "{method} {path}: {head}");
        }
        assert!(ask("OPTIONS", path, "https://evil.example").await.starts_with("http/1.1 403"));
    }
    assert!(ask("GET", "/sdk.js", "https://evil.example").await.contains("access-control-allow-origin: *"));
    node.end().await;
}
