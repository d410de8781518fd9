//! What a node keeps of the newest deliveries: as they came, but for secrets.

use std::time::Duration;

use hookcast::ingest::capture::{BODY_BYTES_MAX, Capture, MASK};

use super::support::*;

const TOKEN: &str = "the-token-of-this-source";

/// The newest that is kept, once there are so many.
async fn newest(gateway: &Gateway, count: usize) -> std::sync::Arc<Capture> {
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let looking = async {
        loop {
            look.tick().await;
            let mut kept = gateway.ingest.inspector().captures().newest(1_000, |_| true);
            if kept.len() >= count {
                return kept.swap_remove(0);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looking).await.expect("it is kept")
}

fn header(capture: &Capture, name: &str) -> Option<String> {
    let request = capture.request.as_ref().expect("a request");
    let found = request.headers.iter().find(|(found, _)| found == name);
    found.map(|(_, value)| String::from_utf8(value.clone()).unwrap())
}

#[tokio::test]
async fn tokens_cookies_and_authorization_are_masked_wherever_they_stand() {
    let in_header =
        "name = 'h'\nprovider = 'token'\nheader = 'x-door'\nsecrets = ['the-token-of-this-source']";
    let in_body = "name = 'b'\nprovider = 'token'\nsecrets = ['the-token-of-this-source']\nverify = { scheme = 'token', signature = { json = 'verification.code' } }";
    let in_query = "name = 'q'\nprovider = 'token'\nsecrets = ['the-token-of-this-source']\nverify = { scheme = 'token', signature = { query = 'k' } }";
    let gateway = Gateway::start([in_header, in_body, in_query].map(source).into()).await;
    let headers = [
        ("x-door", TOKEN),
        ("authorization", "Bearer the-token-of-this-source"),
        ("cookie", "s=the-token-of-this-source"),
        ("x-other", "kept"),
    ];
    let path = "/hooks/h?access_token=the-token-of-this-source&page=2";
    assert_eq!(gateway.post(path, &headers, b"{}").await.status, 202);
    let kept = newest(&gateway, 1).await;
    for masked in ["x-door", "authorization", "cookie"] {
        assert_eq!(header(&kept, masked).as_deref(), Some(MASK), "{masked}");
    }
    assert_eq!(header(&kept, "x-other").as_deref(), Some("kept"));
    let request = kept.request.as_ref().unwrap();
    assert_eq!(request.query.as_deref(), Some("access_token=…&page=2"));
    assert!(request.is_proof_masked && request.body.as_ref() == b"{}");

    let body = br#"{ "verification": { "code": "the-token-of-this-source" }, "amount": 5 }"#;
    assert_eq!(gateway.post("/hooks/b", &[], body).await.status, 202);
    let kept = newest(&gateway, 2).await;
    let text = String::from_utf8(kept.request.as_ref().unwrap().body.to_vec()).unwrap();
    assert!(text.contains(r#""code":"…""#) && text.contains(r#""amount":5"#), "{text}");

    assert_eq!(gateway.post("/hooks/q?k=the-token-of-this-source", &[], b"{}").await.status, 202);
    assert_eq!(newest(&gateway, 3).await.request.as_ref().unwrap().query.as_deref(), Some("k=…"));

    // A token that is none of this source's may be another's.
    let refused = br#"{"verification":{"code":"a-token-of-another"}}"#;
    assert_eq!(gateway.post("/hooks/b", &[], refused).await.status, 401);
    let all = gateway.ingest.inspector().captures().newest(1_000, |_| true);
    let all = format!("{all:?}");
    assert!(!all.contains(TOKEN) && !all.contains("a-token-of-another"), "{all}");
}

#[tokio::test]
async fn a_long_body_is_cut_and_a_question_is_not_kept() {
    let gateway = Gateway::start(vec![source("name = 's'\nprovider = 'none'"), meta()]).await;
    let long = "x".repeat(BODY_BYTES_MAX + 1);
    assert_eq!(gateway.post("/hooks/s", &[], long.as_bytes()).await.status, 202);
    let kept = newest(&gateway, 1).await;
    let request = kept.request.as_ref().unwrap();
    assert_eq!((request.body.len(), request.body_bytes, request.is_cut), (BODY_BYTES_MAX, long.len(), true));
    let question = "/hooks/m?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-me";
    assert_eq!(gateway.request("GET", question, &[], b"").await.status, 200);
    assert!(newest(&gateway, 2).await.request.is_none());
}

fn meta() -> hookcast::ingest::source::Source {
    source("name = 'm'\nprovider = 'meta'\nsecrets = ['k']\nverify_token = 'verify-me'")
}

#[tokio::test]
async fn what_came_for_a_source_that_is_gone_is_forgotten() {
    let gateway = Gateway::start(vec![source("name = 'a'\nprovider = 'none'")]).await;
    gateway.post("/hooks/a", &[], b"{}").await;
    newest(&gateway, 1).await;
    gateway.ingest.replace(vec![source("name = 'b'\nprovider = 'none'")]);
    assert!(gateway.ingest.inspector().captures().newest(10, |_| true).is_empty());
}
