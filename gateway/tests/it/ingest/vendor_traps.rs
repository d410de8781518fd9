//! The traps that show only in the vendors' own rows, one test each: what one of them does otherwise than its neighbours.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::verify::Reason;

use super::support::*;

const JSON: &str = r#"{"id":"1","topic":"conversation.user.created","event_type":"form_response"}"#;

fn sha256(key: &str, message: &str) -> Vec<u8> {
    let mut mac: Hmac<sha2::Sha256> = Hmac::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn sha1(key: &str, message: &str) -> Vec<u8> {
    let mut mac: Hmac<sha1::Sha1> = Hmac::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(prefix: &str, digest: &[u8]) -> String {
    format!("{prefix}{}", hex::encode(digest))
}

fn base64(prefix: &str, digest: &[u8]) -> String {
    format!("{prefix}{}", BASE64_STANDARD.encode(digest))
}

/// One header name, two algorithms: the row decides, and what stands before the digest must be its own.
#[test]
fn x_hub_signature_is_sha256_for_bitbucket_and_sha1_for_intercom() {
    let (long, short) = (hex("sha256=", &sha256("k", JSON)), hex("sha1=", &sha1("k", JSON)));
    for (provider, genuine, other) in [("bitbucket", &long, &short), ("intercom", &short, &long)] {
        let source = plain(provider, "k");
        let taken = source.verify(delivery(&source, &[("x-hub-signature", genuine)], JSON, at(0)), None);
        assert!(taken.is_ok(), "{provider}: {}", taken.unwrap_err());
        let reason = refused(&source, &[("x-hub-signature", other)], JSON, at(0));
        assert_eq!(reason, Reason::Malformed, "{provider}");
    }
}

#[test]
fn sha256_stands_before_hex_for_github_and_before_base64_for_typeform_and_x() {
    let digest = sha256("k", JSON);
    for (provider, header, genuine, other) in [
        ("github", "x-hub-signature-256", hex("sha256=", &digest), base64("sha256=", &digest)),
        ("typeform", "typeform-signature", base64("sha256=", &digest), hex("sha256=", &digest)),
        ("x", "x-twitter-webhooks-signature", base64("sha256=", &digest), hex("sha256=", &digest)),
    ] {
        let source = plain(provider, "k");
        let taken = source.verify(delivery(&source, &[(header, &genuine)], JSON, at(0)), None);
        assert!(taken.is_ok(), "{provider}: {}", taken.unwrap_err());
        // 64 hexadecimal digits are base64 too, of something else.
        let reason = refused(&source, &[(header, &other)], JSON, at(0));
        assert!(matches!(reason, Reason::Malformed | Reason::Mismatch), "{provider}: {reason:?}");
    }
}

#[test]
fn gitea_signs_the_json_inside_its_form_and_an_empty_signature_is_none() {
    let source = plain("gitea", "k");
    let json = r#"{"action":"opened","number":1}"#;
    let signature = hex("", &sha256("k", json));
    let head = |signature| {
        [
            ("x-gitea-signature", signature),
            ("x-gitea-event", "issues"),
            ("x-gitea-delivery", "d1"),
            ("content-type", "application/x-www-form-urlencoded"),
        ]
    };
    let body = "payload=%7B%22action%22%3A%22opened%22%2C%22number%22%3A1%7D";
    let batch = published(&source, &head(&signature), body, at(0));
    assert_eq!(record(&batch)["type"], "issues.opened");
    assert_eq!(record(&batch)["data"], serde_json::json!({"action": "opened", "number": 1}));
    // Gitea without a secret sends the header, but empty.
    assert_eq!(refused(&source, &head(""), body, at(0)), Reason::Missing);
    assert_eq!(
        refused(&source, &head(&signature), body.replace("opened", "closed"), at(0)),
        Reason::Mismatch
    );
}

/// Whoever wants a registration confirmed cannot sign yet; a check in front of the question would break it.
#[tokio::test]
async fn registrations_that_nobody_can_sign_are_answered_and_publish_nothing() {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let okta = [("x-okta-verification-challenge", "c1")];
    for (provider, method, path, headers, body, expected) in [
        ("dropbox", "GET", "/hooks/s?challenge=c1", &[][..], "", "c1"),
        ("okta", "GET", "/hooks/s", &okta[..], "", r#"{"verification":"c1"}"#),
        ("woocommerce", "POST", "/hooks/s", &form[..], "webhook_id=7", ""),
    ] {
        let gateway = Gateway::start(vec![plain(provider, "k")]).await;
        let answer = gateway.request(method, path, headers, body.as_bytes()).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, expected), "{provider}");
        assert!(gateway.log("s").await.is_empty(), "{provider}");
    }
    let gateway = Gateway::start(vec![plain("dropbox", "k")]).await;
    let answer = gateway.request("GET", "/hooks/s?challenge=%3Cscript%3E", &[], b"").await;
    assert!(!answer.body.contains("<script"), "{answer:?}");
}

/// The key that signs bodies signs the question too: only what can be no body is signed. The first answer is computed from the
/// inputs that an engineer of X published.
#[tokio::test]
async fn questions_of_x_and_zoom_are_no_oracle_for_bodies() {
    let secret = "z3ZX4v7mAAUGykl3EcmkqbartmuW8VFOOzCloLx9Q45P0hLrFu";
    let gateway = Gateway::start(vec![plain("x", secret)]).await;
    let token = "/hooks/s?crc_token=9b4507b3-9040-4669-9ca3-6b94edb50553";
    let answer = gateway.request("GET", token, &[], b"").await;
    let expected = "sha256=Cytd4Sq+NvEcV3MMrXxWJGJx5A+y/lXzzU2Maartkx8=";
    assert_eq!((answer.status, answer.json()["response_token"].as_str()), (200, Some(expected)));
    for forged in ["%7B%22tweet_create_events%22%3A%5B%5D%7D", "a%20b", "%5B1%5D"] {
        let answer = gateway.request("GET", &format!("/hooks/s?crc_token={forged}"), &[], b"").await;
        assert!(answer.status >= 400 && !answer.body.contains("sha256="), "{forged}: {answer:?}");
    }

    let gateway = Gateway::start(vec![plain("zoom", "k")]).await;
    let now = hookcast::ingest::time::unix_ms(SystemTime::now()) / 1_000;
    for (token, is_answered) in [("qgg8vlvZRS6UYooatFL8Aw", true), ("v0:1900000000:{}", false), ("{}", false)]
    {
        let body = format!(r#"{{"event":"endpoint.url_validation","payload":{{"plainToken":"{token}"}}}}"#);
        let signature = hex("v0=", &sha256("k", &format!("v0:{now}:{body}")));
        let headers = [("x-zm-request-timestamp", now.to_string()), ("x-zm-signature", signature)];
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = gateway.post("/hooks/s", &headers, body.as_bytes()).await;
        let digest = hex::encode(sha256("k", token));
        assert_eq!(answer.body.contains(&digest), is_answered, "{token}: {answer:?}");
        assert_eq!(answer.status < 300, is_answered, "{token}: {answer:?}");
    }
}

/// The same for the others that sign what they are asked; eBay's URL is in its hash, and what a genuine question gets is
/// tried beside `Handshake`.
#[tokio::test]
async fn questions_of_braintree_and_ebay_are_no_oracle_either() {
    let secret = "integration_public_key:integration_private_key";
    let braintree = source(&format!("name = 'b'\nprovider = 'braintree'\nsecrets = ['{secret}']"));
    let ebay = source("name = 'e'\nprovider = 'ebay'\nsecrets = ['app:cert']\nverify_token = 't'");
    let gateway = Gateway::start(vec![braintree, ebay]).await;
    let genuine = "/hooks/b?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53";
    let answer = gateway.request("GET", genuine, &[], b"").await;
    assert_eq!(answer.body, "integration_public_key|d9b899556c966b3f06945ec21311865d35df3ce4");
    for question in ["b?bt_challenge=", "e?challenge_code="] {
        for forged in ["%7B%22a%22%3A1%7D", "PG5vdGlmaWNhdGlvbj4%3D%0A", "a%20b", ""] {
            let answer = gateway.request("GET", &format!("/hooks/{question}{forged}"), &[], b"").await;
            assert_eq!(answer.status, 403, "{question}{forged}");
        }
    }
}

#[tokio::test]
async fn answers_are_what_each_vendor_insists_on() {
    // Discord and Okta: 204, which has no body. The others: exactly 200.
    for (provider, status) in [
        ("discord", 204),
        ("okta", 204),
        ("woocommerce", 200),
        ("slack", 200),
        ("shopify", 200),
        ("line", 200),
        ("azure-event-grid", 200),
        ("microsoft-graph", 202),
        ("github", 202),
        // Postmark stops for good on 403, Mailgun on 406, Intercom and Standard Webhooks on 410: a refusal must be none of these.
        ("postmark", 200),
        ("mailgun", 200),
        ("intercom", 200),
        ("standard-webhooks", 202),
    ] {
        let catalogue = Catalogue::built_in();
        let source = of_row(catalogue.get(provider).unwrap());
        let signed = signed_sample(&source, "id-1");
        let gateway = Gateway::start(vec![of_row(catalogue.get(provider).unwrap())]).await;
        let answer = gateway.send(&source, &signed).await;
        assert_eq!(answer.status, status, "{provider}: {answer:?}");
        assert!(status != 204 || answer.body.is_empty(), "{provider}: {answer:?}");
        let unsigned = gateway.post("/hooks/s", &[], b"{}").await;
        // Discord tries wrong signatures on purpose and wants this very status.
        assert_eq!(unsigned.status, 401, "{provider}: {unsigned:?}");
    }
}

#[test]
fn nobody_is_kept_waiting_longer_than_the_vendor_waits() {
    let catalogue = Catalogue::built_in();
    for (provider, seconds) in [
        ("sentry", 1),
        ("line", 2),
        ("slack", 3),
        ("zoom", 3),
        ("okta", 3),
        ("discord", 3),
        ("shopify", 5),
        ("paddle", 5),
        ("intercom", 5),
        ("github", 10),
    ] {
        let deadline = catalogue.get(provider).unwrap().row.answer.deadline;
        assert!(deadline <= Duration::from_secs(seconds), "{provider} waits {seconds} s, we {deadline:?}");
    }
}

/// The text of a time is signed as it stands; its unit is the row's. Read in another unit it would be thousands of years off.
#[test]
fn times_are_seconds_milliseconds_or_iso_as_each_vendor_writes_them() {
    let (seconds, ms, iso) = ("1900000000", "1900000000000", "2030-03-17T17:46:40Z");
    let body = r#"{"type":"t","_type":"post","triggerType":"t","payload":{"id":"1"}}"#;
    for (provider, genuine, wrong) in [
        ("slack", seconds, ms),
        ("front", ms, seconds),
        ("webflow", ms, seconds),
        ("workos", ms, seconds),
        ("sanity", ms, seconds),
        ("zendesk", iso, seconds),
    ] {
        let source = plain(provider, "k");
        let head = |time: &str| match provider {
            "slack" => vec![
                ("x-slack-request-timestamp", time.to_owned()),
                ("x-slack-signature", hex("v0=", &sha256("k", &format!("v0:{time}:{body}")))),
            ],
            "front" => vec![
                ("x-front-request-timestamp", time.to_owned()),
                ("x-front-signature", base64("", &sha256("k", &format!("{time}:{body}")))),
            ],
            "webflow" => vec![
                ("x-webflow-timestamp", time.to_owned()),
                ("x-webflow-signature", hex("", &sha256("k", &format!("{time}:{body}")))),
            ],
            "workos" => {
                let digest = hex("v1=", &sha256("k", &format!("{time}.{body}")));
                vec![("workos-signature", format!("t={time}, {digest}"))]
            }
            "sanity" => {
                let digest =
                    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(sha256("k", &format!("{time}.{body}")));
                vec![("sanity-webhook-signature", format!("t={time},v1={digest}"))]
            }
            _ => vec![
                ("x-zendesk-webhook-signature-timestamp", time.to_owned()),
                ("x-zendesk-webhook-signature", base64("", &sha256("k", &format!("{time}{body}")))),
            ],
        };
        let verify = |time: &str| {
            let headers = head(time);
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            source.verify(delivery(&source, &headers, body, at(1_900_000_000)), None)
        };
        assert!(verify(genuine).is_ok(), "{provider}: {}", verify(genuine).unwrap_err());
        let reason = verify(wrong).unwrap_err().reason;
        let is_told = matches!(reason, Reason::Stale | Reason::Future | Reason::Malformed);
        assert!(is_told, "{provider}: {reason:?}");
    }
}

/// A queue or a tunnel in front of us ages a delivery; the operator widens the tolerance, and the refusal says how old it was.
#[test]
fn a_retry_of_paddle_with_an_old_timestamp_is_taken_where_the_operator_says_so() {
    let body = r#"{"event_id":"evt_1","event_type":"transaction.completed"}"#;
    let header = hex("ts=1900000000;h1=", &sha256("k", &format!("1900000000:{body}")));
    let late = at(1_900_000_000 + 3_000);
    let strict = plain("paddle", "k");
    let refusal = strict.verify(delivery(&strict, &[("paddle-signature", &header)], body, late), None);
    assert!(refusal.unwrap_err().to_string().contains("3000 s ago"));
    let wide =
        source("name = 's'\nprovider = 'paddle'\nsecrets = ['k']\nverify = { time = { tolerance = '2h' } }");
    published(&wide, &[("paddle-signature", &header)], body, late);
}

/// Published code is wrong at times: Paddle's own package keeps only the last `h1` that it reads, and a public catalogue puts
/// *now* where Slack's timestamp is missing.
#[test]
fn every_h1_of_paddle_counts_and_slack_without_a_timestamp_is_refused() {
    let body = r#"{"event_id":"evt_1","event_type":"transaction.completed"}"#;
    let genuine = hex("h1=", &sha256("k", &format!("1900000000:{body}")));
    let other = format!("h1={}", "0".repeat(64));
    let paddle = plain("paddle", "k");
    for header in [format!("ts=1900000000;{genuine};{other}"), format!("ts=1900000000;{other};{genuine}")] {
        published(&paddle, &[("paddle-signature", &header)], body, at(1_900_000_000));
    }
    let slack = plain("slack", "k");
    let signature = hex("v0=", &sha256("k", "v0:1900000000:{}"));
    let reason = refused(&slack, &[("x-slack-signature", &signature)], "{}", at(1_900_000_000));
    assert_eq!(reason, Reason::Missing);
}

/// Versions are no rotation: a newer one that we do not know must not bring an older back, nor be taken for it.
#[test]
fn a_version_that_circleci_and_pagerduty_do_not_have_yet_is_never_enough() {
    let digest = sha256("k", JSON);
    for (provider, header) in [("circleci", "circleci-signature"), ("pagerduty", "x-pagerduty-signature")] {
        let source = plain(provider, "k");
        published(&source, &[(header, &format!("{},v2=00", hex("v1=", &digest)))], JSON, at(0));
        let reason = refused(&source, &[(header, &hex("v2=", &digest))], JSON, at(0));
        assert_eq!(reason, Reason::Malformed, "{provider}");
    }
}

/// An older SDK of Linear's took a delivery without its time for a fresh one.
#[test]
fn linear_without_a_timestamp_is_refused() {
    let linear = plain("linear", "k");
    for body in [r#"{"type":"Issue","action":"create"}"#, r#"{"type":"Issue","webhookTimestamp":null}"#] {
        let reason = refused(&linear, &[("linear-signature", &hex("", &sha256("k", body)))], body, at(0));
        assert!(matches!(reason, Reason::Missing | Reason::Malformed | Reason::WrongContent), "{reason:?}");
    }
}
