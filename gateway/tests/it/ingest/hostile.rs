//! Bad input, byte by byte over a real socket: it gets a stable code, and nobody else is disturbed.

use std::time::Duration;

use hookcast::limits::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::support::*;

fn open() -> Vec<hookcast::ingest::source::Source> {
    vec![source("name = 's'\nprovider = 'none'")]
}

fn code(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn one_byte_over_the_cap_is_413_and_the_sender_hears_it() {
    let gateway = Gateway::start(open()).await;
    let fits = vec![b'1'; 1024 * 1024];
    assert_eq!(gateway.post("/hooks/s", &[], &fits).await.status, 202);
    let over = vec![b'1'; 1024 * 1024 + 1];
    let answer = gateway.post("/hooks/s", &[], &over).await;
    assert_eq!((answer.status, code(&answer).as_str()), (413, "too_large"));
}

#[tokio::test]
async fn chunked_bodies_are_capped_too() {
    let gateway = Gateway::start(open()).await;
    let mut stream = gateway.connect().await;
    stream
        .write_all(
            b"POST /hooks/s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .await
        .unwrap();
    let chunk = [b"10000\r\n".as_slice(), &vec![b'1'; 0x10000], b"\r\n"].concat();
    for _ in 0..20 {
        stream.write_all(&chunk).await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let answer = read_answer(&mut stream).await;
    assert_eq!((answer.status, code(&answer).as_str()), (413, "too_large"));

    let mut stream = gateway.connect().await;
    stream
        .write_all(b"POST /hooks/s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(read_answer(&mut stream).await.status, 202);
    let log = gateway.log("s").await;
    assert!(log[0].body.ends_with(br#""data":{"a":1}}"#));
}

#[tokio::test]
async fn a_body_that_stalls_is_408() {
    let limits = Limits { body_deadline: Duration::from_millis(200), ..Limits::default() };
    let gateway = Gateway::with(open(), limits).await;
    for head in ["content-length: 10\r\n\r\n{\"a\"", "transfer-encoding: chunked\r\n\r\n5\r\n{\"a\""] {
        let mut stream = gateway.connect().await;
        stream.write_all(format!("POST /hooks/s HTTP/1.1\r\nhost: x\r\n{head}").as_bytes()).await.unwrap();
        let answer = read_answer(&mut stream).await;
        assert_eq!((answer.status, code(&answer).as_str()), (408, "timeout"), "{head}");
    }
    assert!(gateway.log("s").await.is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_published() {
    let gateway = Gateway::start(open()).await;
    let mut stream = gateway.connect().await;
    stream.write_all(b"POST /hooks/s HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{\"a\"").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains(" 202 "), "{rest:?}");
    assert!(gateway.log("s").await.is_empty());
}

#[tokio::test]
async fn expect_100_continue_is_asked_for_the_body_or_told_at_once() {
    let gateway = Gateway::start(open()).await;
    let mut stream = gateway.connect().await;
    let head = "POST /hooks/s HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\n";
    stream.write_all(format!("{head}content-length: 2\r\n\r\n").as_bytes()).await.unwrap();
    let mut asked = vec![0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").await.unwrap();
    assert_eq!(read_answer(&mut stream).await.status, 202);

    let mut stream = gateway.connect().await;
    stream.write_all(format!("{head}content-length: 99999999\r\n\r\n").as_bytes()).await.unwrap();
    let answer = read_answer(&mut stream).await;
    assert_eq!((answer.status, code(&answer).as_str()), (413, "too_large"));
}

#[tokio::test]
async fn what_is_refused_before_its_body_is_read_is_refused_with_an_answer() {
    let gateway = Gateway::start(open()).await;
    let body = vec![b'x'; 512 * 1024];
    for (method, path, headers, status, expected) in [
        ("POST", "/hooks/nobody", &[][..], 404, "unknown_source"),
        ("POST", "/hooks/s", &[("content-encoding", "gzip")][..], 415, "encoding"),
        ("PUT", "/hooks/s", &[][..], 405, "method_not_allowed"),
        ("GET", "/hooks/s", &[][..], 405, "method_not_allowed"),
    ] {
        let answer = gateway.request(method, path, headers, &body).await;
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected), "{method} {path}");
    }
    let identity = [("content-encoding", "Identity")];
    assert_eq!(gateway.post("/hooks/s", &identity, b"{}").await.status, 202);
}

#[tokio::test]
async fn strange_content_is_published_and_never_refused() {
    let gateway = Gateway::start(open()).await;
    let deep = format!("{}1{}", "[".repeat(128), "]".repeat(128));
    let deeper = format!("{}1{}", "[".repeat(129), "]".repeat(129));
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let bodies: Vec<(Vec<u8>, String)> = vec![
        (br#"{"a" : "\ud800"}"#.to_vec(), r#""data":{"a":"\ud800"}"#.into()),
        (b"[1e400, -0.0]".to_vec(), r#""data":[1e400,-0.0]"#.into()),
        (deep.clone().into_bytes(), format!(r#""data":{deep}"#)),
        (deeper.clone().into_bytes(), format!(r#""data":{}"#, quoted(&deeper))),
        (b"{\"a\":\"\0\"}".to_vec(), format!(r#""data":{}"#, quoted("{\"a\":\"\0\"}"))),
        (br#"{"a":"\u0000"}"#.to_vec(), r#""data":{"a":"\u0000"}"#.into()),
        (b"\xff\xfe".to_vec(), r#""data_base64":"//4=""#.into()),
        (b"plain text\nof two lines".to_vec(), r#""data":"plain text\nof two lines""#.into()),
        (b"{\"a\":1}{\"b\":2}".to_vec(), r#""data":"{\"a\":1}{\"b\":2}""#.into()),
        (b"{\"type\":\"</script><img src=x>\"}".to_vec(), r#""data":{"type":"</script><img src=x>"}"#.into()),
    ];
    for (body, expected) in &bodies {
        let answer = gateway.post("/hooks/s", &[], body).await;
        assert_eq!(answer.status, 202, "{body:?}");
        let log = gateway.log("s").await;
        let record = String::from_utf8(log.last().unwrap().body.to_vec()).unwrap();
        assert!(record.ends_with(&format!("{expected}}}")), "{expected}\n{record}");
        assert!(!record.contains('\n'));
    }
    let empty = gateway.post("/hooks/s", &[], b"").await;
    assert_eq!(empty.status, 202);
    let log = gateway.log("s").await;
    assert!(!String::from_utf8_lossy(&log.last().unwrap().body).contains("data"));
    assert_eq!(log.len(), bodies.len() + 1);
}

#[tokio::test]
async fn values_in_topics_never_become_structure() {
    let gateway =
        Gateway::start(vec![source("name = 's'\nprovider = 'none'\ntopic = 's/{a}/{b}/{type}'")]).await;
    let body = r#"{"a":"x/../**","b":"c\u0000\r\n d%","type":"e/*"}"#;
    assert_eq!(gateway.post("/hooks/s", &[], body.as_bytes()).await.status, 202);
    let long = format!(r#"{{"a":"{}","type":"{}"}}"#, "/".repeat(5_000), "t".repeat(5_000));
    assert_eq!(gateway.post("/hooks/s", &[], long.as_bytes()).await.status, 202);
    let log = gateway.log("s").await;
    assert_eq!(log[0].topic.as_str(), "s/x%2F..%2F%2A%2A/c%00%0D%0A%20d%25/e%2F%2A");
    assert!(log[1].topic.as_str().len() <= 512);
    let record: serde_json::Value = serde_json::from_slice(&log[1].body).unwrap();
    assert_eq!(record["type"].as_str().unwrap().len(), 128);
}

#[tokio::test]
async fn ids_too_long_to_show_are_replaced_by_the_key() {
    let gateway =
        Gateway::start(vec![source("name = 's'\nprovider = 'none'\ndelivery = { id = 'json:id' }")]).await;
    let body = format!(r#"{{"id":"{}"}}"#, "i".repeat(129));
    let answer = gateway.post("/hooks/s", &[], body.as_bytes()).await.json();
    let id = answer["id"].as_str().unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    let again = gateway.post("/hooks/s", &[], body.as_bytes()).await.json();
    assert_eq!((again["id"].as_str(), again["outcome"].as_str()), (Some(id), Some("duplicate")));
}

#[tokio::test]
async fn wrong_missing_doubled_and_stale_signatures_are_one_401() {
    let stripe = plain("stripe", "k");
    let gateway = Gateway::start(vec![plain("stripe", "k")]).await;
    let genuine = signed_sample(&stripe, "evt_1");
    let old = std::time::SystemTime::now() - Duration::from_secs(3_600);
    let sample = hookcast::ingest::sign::Sample { event_type: String::new(), body: "{}".into() };
    let stale = hookcast::ingest::sign::sign(&stripe, &sample, old, "evt_1").unwrap();
    let with = |header: &str| {
        let mut request = genuine.clone();
        request.headers.retain(|(name, _)| name != "stripe-signature");
        if !header.is_empty() {
            request.headers.push(("stripe-signature".into(), header.into()));
        }
        request
    };
    let many = format!("t=1,{}", "v1=00,".repeat(5_000));
    let mut bodies = Vec::new();
    for request in
        [with(""), with("t=1,v1=zz"), with("t=x,v1=00"), with(&many[..8_000]), with("\u{7f}"), stale]
    {
        let request = hookcast::ingest::sign::SignedRequest {
            headers: request.headers.into_iter().filter(|(_, value)| !value.contains('\u{7f}')).collect(),
            ..request
        };
        let answer = gateway.send(&stripe, &request).await;
        assert_eq!(answer.status, 401);
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "nothing tells a prober how near it came");
    assert!(gateway.log("s").await.is_empty());
    // A second header of the same name, wrong, beside the right one: any that fits will do.
    let mut doubled = genuine.clone();
    doubled.headers.insert(0, ("stripe-signature".into(), "v1=00".into()));
    assert_eq!(gateway.send(&stripe, &doubled).await.status, 202);
}
