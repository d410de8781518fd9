//! What a sender hears, and what stands in the log afterwards.

use std::sync::Arc;
use std::time::Duration;

use hookcast::broker::Broker;
use hookcast::broker::memory::MemoryBroker;
use hookcast::limits::{Limits, Retentions};

use super::support::*;

#[tokio::test]
async fn a_genuine_delivery_is_appended_once_however_often_it_comes() {
    let source = plain("github", "k");
    let gateway = Gateway::start(vec![plain("github", "k")]).await;
    let signed = signed_sample(&source, "72d3162e");
    let first = gateway.send(&source, &signed).await;
    assert_eq!(first.status, 202, "{first:?}");
    assert_eq!(first.header("content-type").as_deref(), Some("application/json"));
    let told = first.json();
    assert_eq!((told["id"].as_str(), told["outcome"].as_str()), (Some("72d3162e"), Some("accepted")));
    let log = gateway.log("s").await;
    let position = told["position"].as_str().unwrap();
    assert!(position.ends_with(":1"), "{position}");
    let again = gateway.send(&source, &signed).await;
    assert_eq!(
        (again.status, again.json()),
        (202, serde_json::json!({"id": "72d3162e", "outcome": "duplicate"}))
    );
    let mut flipped = signed.clone();
    let mut body = flipped.body.to_vec();
    body[10] ^= 1;
    flipped.body = body.into();
    let refused = gateway.send(&source, &flipped).await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str().map(str::to_owned)),
        (401, Some("unverified".into()))
    );
    assert_eq!(refused.header("content-type").as_deref(), Some("application/problem+json"));
    assert_eq!(gateway.log("s").await, log);
    assert_eq!(log.len(), 1);
    let record: serde_json::Value = serde_json::from_slice(&log[0].body).unwrap();
    assert_eq!(record["specversion"], "1.0");
    assert_eq!(record["source"], "/hooks/s");
    assert_eq!(record["data"]["repository"]["full_name"], "acme/api");
    assert_eq!(log[0].topic.as_str(), "s/push");
}

#[tokio::test]
async fn topics_filters_and_kept_members_follow_the_sources_rules() {
    let toml = r#"
        name = "donations"
        provider = "token"
        header = "x-donation-token"
        secrets = ["t"]
        type = "{event}"
        topic = "gifts/{donation.currency}/{type}"
        accept = [{ type = "donation.success" }]
        keep = ["/donation/amount"]
    "#;
    let gateway = Gateway::start(vec![source(toml)]).await;
    let token = [("x-donation-token", "t")];
    let post = |body: &'static [u8]| gateway.post("/hooks/donations", &token, body);
    let taken =
        post(br#"{"event":"donation.success","donation":{"amount":25.0,"currency":"E/R","name":"Ada"}}"#)
            .await;
    assert_eq!(taken.json()["outcome"], "accepted");
    let filtered = post(br#"{"event":"donation.failure"}"#).await;
    assert_eq!(
        (filtered.status, filtered.json()["outcome"].as_str().map(str::to_owned)),
        (202, Some("filtered".into()))
    );
    assert!(filtered.json().get("position").is_none());
    let log = gateway.log("gifts").await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].topic.as_str(), "gifts/E%2FR/donation.success");
    assert!(log[0].body.ends_with(br#""data":{"donation":{"amount":25.0}}}"#), "{:?}", log[0].body);
}

#[tokio::test]
async fn a_batch_beyond_one_append_is_answered_event_by_event() {
    let gateway = Gateway::start(vec![source(
        "name = 's'\nprovider = 'none'\ndelivery = { each = '[]', id = 'json:id' }",
    )])
    .await;
    let body = |count: usize| {
        let all: Vec<String> = (0..count).map(|n| format!(r#"{{"id":"{n}","type":"t"}}"#)).collect();
        format!("[{}]", all.join(","))
    };
    let answer = gateway.post("/hooks/s", &[], body(600).as_bytes()).await;
    assert_eq!(answer.status, 202);
    let events = answer.json()["events"].as_array().unwrap().clone();
    assert_eq!(events.len(), 600);
    for (n, event) in events.iter().enumerate() {
        assert_eq!(event["id"], n.to_string());
        assert!(event["position"].as_str().unwrap().ends_with(&format!(":{}", n + 1)));
    }
    let again = gateway.post("/hooks/s", &[], body(600).as_bytes()).await.json();
    assert!(again["events"].as_array().unwrap().iter().all(|event| event["outcome"] == "duplicate"));
    let empty = gateway.post("/hooks/s", &[], b"[]").await;
    assert_eq!((empty.status, empty.body.as_str()), (202, r#"{"events":[]}"#));
    let many = gateway.post("/hooks/s", &[], body(1_001).as_bytes()).await;
    assert_eq!(
        (many.status, many.json()["code"].as_str().map(str::to_owned)),
        (413, Some("too_large".into()))
    );
}

#[tokio::test]
async fn a_broker_that_is_away_is_waited_for_and_then_503() {
    let limits = Limits::default();
    let broker: Arc<dyn Broker> = Arc::new(MemoryBroker::new(Retentions::default(), &limits));
    broker.close().await;
    let rows = "[brief.verify]\nscheme = 'none'\n[brief.answer]\ndeadline = '250ms'";
    let source = of_rows(rows, "name = 's'\nprovider = 'brief'");
    let gateway = Gateway::over(vec![source], limits, broker).await;
    let answer = gateway.post("/hooks/s", &[], b"{}").await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str().map(str::to_owned)),
        (503, Some("unavailable".into()))
    );
    assert_eq!(answer.header("retry-after").as_deref(), Some("5"));
}

#[tokio::test]
async fn sources_are_replaced_while_running() {
    let gateway = Gateway::start(vec![source("name = 'a'\nprovider = 'none'")]).await;
    assert_eq!(gateway.post("/hooks/a", &[], b"{}").await.status, 202);
    gateway.ingest.replace(vec![source("name = 'b'\nprovider = 'none'")]);
    let gone = gateway.post("/hooks/a", &[], b"{}").await;
    assert_eq!(
        (gone.status, gone.json()["code"].as_str().map(str::to_owned)),
        (404, Some("unknown_source".into()))
    );
    assert_eq!(gateway.post("/hooks/b", &[], b"{}").await.status, 202);
    assert_eq!(gateway.ingest.sources().len(), 1);
}

#[tokio::test]
async fn no_room_to_wait_is_503_and_nothing_is_lost_that_was_answered() {
    let limits = Limits { appends_waiting: 0, body_deadline: Duration::from_secs(1), ..Limits::default() };
    let gateway = Gateway::with(vec![source("name = 'a'\nprovider = 'none'")], limits).await;
    assert_eq!(gateway.post("/hooks/a", &[], b"{}").await.status, 503);
    assert!(gateway.log("a").await.is_empty());
}

#[test]
fn every_mistake_of_a_source_is_told_at_once_and_no_secret_with_it() {
    let mistakes = parse(
        r#"
        name = "a/b"
        provider = "githup"
        topic = "{type}/x"
        accept = [{ "/~" = 1 }, {}]
        keep = ["a..b"]
        exspect = "1m"
        "#,
    )
    .unwrap_err();
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    for expected in [
        "name: a source's name is",
        "provider: unknown provider `githup` (did you mean `github`?)",
        "topic: the first segment of a topic is the stream",
        "accept[0]./~: `~` stands before 0 or 1",
        "accept[1]: an empty table",
        "keep[0]: a path is names between dots",
        "exspect: unknown key `exspect` (did you mean `expect`?)",
    ] {
        assert!(told.iter().any(|told| told.starts_with(expected)), "{expected}\n{told:#?}");
    }
}

#[test]
fn a_wrong_key_of_a_source_is_one_mistake_at_its_place() {
    for (toml, expected) in [
        ("name = 's'\nprovider = 'github'", "secrets: GitHub signs its deliveries, but no secret is set"),
        ("name = 's'\nprovider = 'github'\nsecrets = []", "secrets: GitHub signs its deliveries"),
        ("name = 's'\nprovider = 'github'\nsecrets = ['']", "secrets[0]: the secret is empty"),
        ("name = 's'\nprovider = 'none'\nsecrets = ['x']", "secrets: nothing is verified here"),
        (
            "name = 's'\nprovider = 'github'\nsecrets = ['1','2','3','4','5']",
            "secrets: a source has at most 4",
        ),
        (
            "name = 's'\nprovider = 'discord'\nsecrets = ['zz']",
            "secrets[0]: this provider's secret is hexadecimal",
        ),
        (
            "name = 's'\nprovider = 'discord'\nsecrets = ['00ff']",
            "secrets[0]: an Ed25519 public key has 32 bytes",
        ),
        ("name = 'hookcast'\nprovider = 'none'", "name: the stream `hookcast` is the gateway's own"),
        (
            "name = 's'\nprovider = 'none'\ntopic = 'hookcast/x'",
            "topic: the stream `hookcast` is the gateway's own",
        ),
        (
            "name = 's'\nprovider = 'hmac'\nsecrets = ['k']\nverify = { algoritm = 'sha1' }",
            "verify.algoritm: unknown key `algoritm` (did you mean `algorithm`?)",
        ),
        (
            "name = 's'\nprovider = 'gitlab'\nsecrets = ['k']\nverify = { encodin = 'hex' }",
            "verify.encodin: unknown key",
        ),
        (
            "name = 's'\nprovider = 'hmac'\nsecrets = ['k']\nheader = 'a b'",
            "header: `a b` is no header's name",
        ),
    ] {
        let told: Vec<String> = parse(toml).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{toml}\n{told:#?}");
        assert!(told[0].starts_with(expected), "{expected}\n{told:#?}");
    }
}
