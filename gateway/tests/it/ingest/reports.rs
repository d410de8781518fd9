//! What operators are told of a delivery, whatever became of it: one report on the reserved stream.

use std::time::{Duration, SystemTime};

use hookcast::broker::Broker;
use hookcast::broker::memory::MemoryBroker;
use hookcast::ingest::sign::{Sample, sign};
use hookcast::ingest::source::Source;
use hookcast::limits::{Limits, Retentions};
use serde_json::{Value, json};

use super::support::*;

const SECRET: &str = "the-secret-of-this-source";
/// Stands in every body that is refused here.
const MARKER: &str = "marker-of-a-payload";

impl Gateway {
    /// The reports once there are so many: each its topic and its CloudEvent.
    pub(super) async fn reports(&self, count: usize) -> Vec<(String, Value)> {
        let mut look = tokio::time::interval(Duration::from_millis(5));
        let looking = async {
            loop {
                look.tick().await;
                let log = self.log("hookcast").await;
                if log.len() >= count {
                    return log;
                }
            }
        };
        let log = tokio::time::timeout(Duration::from_secs(20), looking).await.expect("reports come");
        let read = |body: &[u8]| serde_json::from_slice(body).expect("a report is JSON");
        log.iter().map(|entry| (entry.topic.to_string(), read(&entry.body))).collect()
    }
}

fn checks(report: &Value) -> Vec<(String, String)> {
    let text = |checked: &Value, key: &str| checked[key].as_str().unwrap_or_default().to_owned();
    let checks = report["data"]["checks"].as_array().expect("checks");
    checks.iter().map(|checked| (text(checked, "check"), text(checked, "result"))).collect()
}

/// The results in turn, such as `ok ok failed - - -`.
fn results(report: &Value) -> String {
    let names: Vec<_> = checks(report).into_iter().map(|(check, _)| check).collect();
    assert_eq!(names, ["header", "time", "signature", "id", "rule", "append"]);
    let short = |result: String| if result == "not_reached" { "-".to_owned() } else { result };
    checks(report).into_iter().map(|(_, result)| short(result)).collect::<Vec<_>>().join(" ")
}

fn says(report: &Value, check: &str) -> String {
    let checks = report["data"]["checks"].as_array().expect("checks");
    let found = checks.iter().find(|checked| checked["check"] == check).expect("the check");
    found["says"].as_str().unwrap_or_default().to_owned()
}

fn stripe() -> Source {
    plain("stripe", SECRET)
}

fn marked(source: &Source, at: SystemTime) -> hookcast::ingest::sign::SignedRequest {
    let body = json!({ "id": "evt_1", "type": "charge.succeeded", "note": MARKER }).to_string();
    sign(source, &Sample { event_type: String::new(), body: body.into() }, at, "evt_1").unwrap()
}

#[tokio::test]
async fn an_accepted_delivery_and_its_repeat_are_told_with_every_check() {
    let gateway = Gateway::start(vec![stripe()]).await;
    let signed = marked(&stripe(), SystemTime::now());
    assert_eq!(gateway.send(&stripe(), &signed).await.status, 202);
    let (topic, report) = gateway.reports(1).await.remove(0);
    assert_eq!(
        (topic.as_str(), &report["type"]),
        ("hookcast/delivery/s/accepted", &json!("delivery.accepted"))
    );
    let data = &report["data"];
    assert_eq!(
        (&data["source"], &data["provider"], &data["status"]),
        (&json!("s"), &json!("stripe"), &json!(202))
    );
    assert_eq!((&data["method"], &data["bytes"]), (&json!("POST"), &json!(signed.body.len())));
    assert_eq!((&data["outcome"], &data["left_out"]), (&json!("accepted"), &json!(0)));
    assert!(data["took_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{data}");
    assert!(data.get("reason").is_none() && data["received"].is_string(), "{data}");
    assert_eq!(results(&report), "ok ok ok ok ok ok");
    assert_eq!(says(&report, "header"), "found in the header stripe-signature");
    assert_eq!(says(&report, "time"), "sent within 5 min of this clock");
    let signed_bytes = "1700000000.".len() + signed.body.len();
    assert_eq!(
        says(&report, "signature"),
        format!("it fits, signed: {{ts}}.{{body}} ({signed_bytes} bytes)")
    );
    let position = gateway.log("s").await[0].offset;
    let event = &data["events"][0];
    assert_eq!((&event["id"], &event["type"]), (&json!("evt_1"), &json!("charge.succeeded")));
    assert_eq!((&event["topic"], &event["outcome"]), (&json!("s/charge.succeeded"), &json!("accepted")));
    assert!(event["position"].as_str().unwrap().ends_with(&format!(":{position}")), "{event}");
    let id = data["id"].as_str().unwrap();
    let is_plain = |part: &str| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    assert!(id.split('-').count() == 2 && id.split('-').all(is_plain), "{id}");

    assert_eq!(gateway.send(&stripe(), &signed).await.status, 202);
    let (topic, report) = gateway.reports(2).await.remove(1);
    assert_eq!(
        (topic.as_str(), results(&report).as_str()),
        ("hookcast/delivery/s/duplicate", "ok ok ok ok ok ok")
    );
    assert!(says(&report, "append").contains("came before"), "{report}");
}

#[tokio::test]
async fn of_several_secrets_the_one_that_fitted_is_told_by_its_label() {
    let secrets = "[{ value = 'new', label = '2026-11' }, { value = 'old', label = '2026-10' }]";
    let both = source(&format!("name = 's'\nprovider = 'github'\nsecrets = {secrets}"));
    let gateway = Gateway::start(vec![both]).await;
    let signed = marked(&plain("github", "old"), SystemTime::now());
    assert_eq!(gateway.send(&plain("github", "old"), &signed).await.status, 202);
    let (_, report) = gateway.reports(1).await.remove(0);
    let expected = format!("it fits the secret 2026-10, signed: {{body}} ({} bytes)", signed.body.len());
    assert_eq!((says(&report, "signature"), &report["data"]["secret"]), (expected, &json!("2026-10")));
}

#[tokio::test]
async fn of_a_token_it_is_told_what_of_it_does_not_hold() {
    let gateway = Gateway::start(vec![plain("netlify", SECRET)]).await;
    let mut signed = marked(&plain("netlify", SECRET), SystemTime::now());
    assert_eq!(gateway.send(&plain("netlify", SECRET), &signed).await.status, 200);
    signed.body = "{}".into();
    assert_eq!(gateway.send(&plain("netlify", SECRET), &signed).await.status, 401);
    let other = marked(&plain("netlify", "another-secret"), SystemTime::now());
    assert_eq!(gateway.send(&plain("netlify", SECRET), &other).await.status, 401);
    let told: Vec<_> = gateway.reports(3).await.iter().map(|(_, report)| says(report, "signature")).collect();
    let expected = [
        "the token's signature fits",
        "the token was made for another body",
        "the token's signature fits no secret",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_refused_delivery_is_told_with_the_check_that_it_failed_and_nothing_of_what_it_says() {
    let gateway = Gateway::start(vec![stripe()]).await;
    let now = SystemTime::now();
    let good = marked(&stripe(), now);
    let mut flipped = good.clone();
    flipped.body = flipped.body.iter().map(|byte| if *byte == b'1' { b'2' } else { *byte }).collect();
    let wrong = marked(&plain("stripe", "another-secret"), now);
    let stale = marked(&stripe(), now - Duration::from_hours(1));
    let future = marked(&stripe(), now + Duration::from_hours(3));
    let with_header = |value: &str| {
        let mut request = good.clone();
        request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("stripe-signature"));
        if !value.is_empty() {
            request.headers.push(("stripe-signature".into(), value.into()));
        }
        request
    };
    let cases = [
        (flipped, "mismatch", "ok ok failed - - -"),
        (wrong, "mismatch", "ok ok failed - - -"),
        (stale, "stale", "ok failed ok - - -"),
        (future, "future", "ok failed ok - - -"),
        (with_header(""), "missing", "failed - - - - -"),
        (with_header("nonsense-of-the-sender"), "malformed", "failed - - - - -"),
        (with_header("t=noon,v1=00ff"), "malformed", "ok failed - - - -"),
        (with_header("v1=00ff"), "missing", "ok failed - - - -"),
    ];
    for (place, (request, reason, expected)) in cases.iter().enumerate() {
        assert_eq!(gateway.send(&stripe(), request).await.status, 401);
        let (topic, report) = gateway.reports(place + 1).await.remove(place);
        assert_eq!(topic, "hookcast/delivery/s/refused");
        assert_eq!(
            (report["data"]["reason"].as_str(), results(&report).as_str()),
            (Some(*reason), *expected)
        );
        assert!(report["data"]["says"].as_str().is_some_and(|says| says.len() > 20), "{report}");
        assert_eq!(report["data"]["events"], json!([]));
        let text = report.to_string();
        for kept in [SECRET, MARKER, "another-secret", "evt_", "charge", "nonsense", "noon"] {
            assert!(!text.contains(kept), "{kept}: {text}");
        }
    }
    let reports = gateway.reports(cases.len()).await;
    let all: Vec<&Value> = reports.iter().map(|(_, report)| report).collect();
    let bytes = cases[0].0.body.len() + 11;
    let signed = format!("no secret of this source fits, signed: {{ts}}.{{body}} ({bytes} bytes)");
    assert!(says(all[0], "signature").starts_with(&signed), "{}", all[0]);
    assert!(says(all[2], "time").starts_with("sent 60 min ago, and 5 min are allowed"), "{}", all[2]);
    assert!(says(all[3], "time").contains("ahead of this clock"), "{}", all[3]);
    assert_eq!(says(all[4], "header"), "nothing in the header stripe-signature");
    let place = "the signature header's t=";
    assert_eq!(says(all[6], "time"), format!("what stands in {place} is not seconds since 1970"));
    let absent = format!("nothing in {place}, where this provider writes seconds since 1970");
    assert_eq!(says(all[7], "time"), absent);
}

#[tokio::test]
async fn what_is_refused_before_its_body_is_judged_is_told_too() {
    let limits = Limits { body_bytes: 1_000, ..Limits::default() };
    let gateway = Gateway::with(vec![stripe()], limits).await;
    let encoding = [("content-encoding", "gzip")];
    let large = "x".repeat(2_000);
    for (place, (method, headers, body, status, code)) in [
        ("POST", &encoding[..], MARKER, 415, "encoding"),
        ("PUT", &[], MARKER, 405, "method_not_allowed"),
        ("PAYLOAD-IN-A-METHOD", &[], MARKER, 405, "method_not_allowed"),
        ("GET", &[], "", 405, "method_not_allowed"),
        ("POST", &[], large.as_str(), 413, "too_large"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(gateway.request(method, "/hooks/s", headers, body.as_bytes()).await.status, status);
        let (_, report) = gateway.reports(place + 1).await.remove(place);
        assert_eq!((&report["data"]["reason"], &report["data"]["status"]), (&json!(code), &json!(status)));
        assert_eq!(results(&report), "- - - - - -");
        assert!(!report.to_string().contains(MARKER) && !report.to_string().contains("PAYLOAD"), "{report}");
    }
    assert_eq!(gateway.post("/hooks/nowhere", &[], b"{}").await.status, 404);
    assert_eq!(gateway.log("hookcast").await.len(), 5, "what no source is, nobody made up");
}

#[tokio::test]
async fn filtered_and_unavailable_deliveries_and_questions_are_told() {
    let filtered = source("name = 's'\nprovider = 'none'\naccept = [{ type = 'wanted' }]");
    let gateway =
        Gateway::start(vec![filtered, source("name = 'c'\nprovider = 'slack'\nsecrets = ['k']")]).await;
    assert_eq!(gateway.post("/hooks/s", &[], br#"{"type":"other"}"#).await.status, 202);
    let (topic, report) = gateway.reports(1).await.remove(0);
    assert_eq!(
        (topic.as_str(), results(&report).as_str()),
        ("hookcast/delivery/s/filtered", "ok ok ok ok failed -")
    );
    assert_eq!(report["data"]["events"][0]["type"], "other");
    assert!(says(&report, "signature").contains("asks for no proof"), "{report}");

    let slack = source("name = 'c'\nprovider = 'slack'\nsecrets = ['k']");
    let body = r#"{"type":"url_verification","challenge":"abcabcabc"}"#;
    let question = Sample { event_type: String::new(), body: body.into() };
    let question = sign(&slack, &question, SystemTime::now(), "1").unwrap();
    assert_eq!(gateway.send(&slack, &question).await.status, 200);
    let (topic, report) = gateway.reports(2).await.remove(1);
    assert_eq!(
        (topic.as_str(), results(&report).as_str()),
        ("hookcast/delivery/c/handshake", "ok ok ok - - -")
    );
    assert!(!report.to_string().contains("abcabcabc"), "{report}");

    let limits = Limits { appends_waiting: 0, ..Limits::default() };
    let gateway = Gateway::with(vec![source("name = 'a'\nprovider = 'none'")], limits).await;
    assert_eq!(gateway.post("/hooks/a", &[], b"{}").await.status, 503);
    let (topic, report) = gateway.reports(1).await.remove(0);
    assert_eq!(
        (topic.as_str(), results(&report).as_str()),
        ("hookcast/delivery/a/unavailable", "ok ok ok ok ok failed")
    );
    assert_eq!(report["data"]["reason"], "unavailable");
}

/// 5.7: above 20 a second they are only counted, and nobody's flood of rubbish hides what is genuine.
#[tokio::test]
async fn a_flood_is_counted_and_the_next_report_says_how_many_were_left_out() {
    let gateway = Gateway::start(vec![stripe()]).await;
    let mut sent = 0;
    // Until one more than a second's share came within one second; a slow machine takes several rounds.
    let left_out = loop {
        for _ in 0..40 {
            gateway.post("/hooks/s", &[], MARKER.as_bytes()).await;
            sent += 1;
        }
        let reports = gateway.reports(1).await;
        let left_out: u64 =
            reports.iter().filter_map(|(_, report)| report["data"]["left_out"].as_u64()).sum();
        assert!(sent < 4_000, "no report said that any was left out");
        if left_out > 0 {
            break left_out;
        }
    };
    assert_eq!(gateway.send(&stripe(), &marked(&stripe(), SystemTime::now())).await.status, 202);
    let looking = async {
        loop {
            let reports = gateway.reports(1).await;
            if reports.iter().any(|(topic, _)| topic.ends_with("/accepted")) {
                return reports;
            }
        }
    };
    let reports =
        tokio::time::timeout(Duration::from_secs(20), looking).await.expect("the genuine one is told");
    let refused = reports.iter().filter(|(topic, _)| topic.ends_with("/refused")).count() as u64;
    assert!(refused + left_out <= sent, "{refused} told and {left_out} left out of {sent}");
    assert!(refused < sent);
}

#[tokio::test]
async fn a_broker_that_is_away_takes_no_report_and_no_delivery_waits_for_one() {
    let limits = Limits::default();
    let broker: std::sync::Arc<dyn Broker> =
        std::sync::Arc::new(MemoryBroker::new(Retentions::default(), &limits));
    broker.close().await;
    let gateway = Gateway::over(vec![stripe()], limits, broker).await;
    for _ in 0..3 {
        assert_eq!(gateway.post("/hooks/s", &[], b"{}").await.status, 401);
    }
}

#[tokio::test]
async fn a_report_names_the_rule_that_filtered_and_what_a_failed_one_saw() {
    let keys =
        "name = 's'\nprovider = 'none'\ndrop = [{ n = 1 }]\non_error = 'drop'\ndrop_if = 'body.level > 3'";
    let gateway = Gateway::start(vec![source(keys)]).await;
    gateway.post("/hooks/s", &[], br#"{"n":1}"#).await;
    gateway.post("/hooks/s", &[], br#"{"n":2}"#).await;
    let reports = gateway.reports(2).await;
    let events: Vec<_> = reports.iter().map(|(_, report)| &report["data"]["events"][0]).collect();
    assert_eq!((&events[0]["filtered_by"], events[0].get("failures")), (&json!("drop"), None));
    assert_eq!(events[1]["filtered_by"], "drop_if");
    let failure = &events[1]["failures"][0];
    assert_eq!((&failure["rule"], &failure["expression"]), (&json!("drop_if"), &json!("body.level > 3")));
    assert_eq!(failure["saw"], "body.level is undefined");
    assert!(failure["why"].as_str().is_some_and(|why| why.contains("undefined")), "{failure}");
}
