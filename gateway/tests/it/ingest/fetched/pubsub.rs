//! Google Pub/Sub: whose token, for whom, until when, by which key of the set.

use std::time::SystemTime;

use hookcast::auth::now_seconds;
use hookcast::ingest::verify::Reason;
use jsonwebtoken::Algorithm::RS256;
use serde_json::{Value, json};

use super::vendor::{OTHER_RSA, RSA, Vendor, with_header};
use super::{Case, Fate, eager};

const KEYS: &str = "/oauth2/v3/certs";
const BODY: &str = r#"{"message":{"attributes":{"eventType":"OBJECT_FINALIZE"},"data":"eyJuIjoxLjUwfQ==","messageId":"2070443601311540","publishTime":"2030-03-05T10:00:00Z"},"subscription":"projects/acme/subscriptions/live"}"#;

fn claims() -> Value {
    json!({
        "aud": "https://live.example.com/hooks/s",
        "azp": "113774264463038321964",
        "email": "push@acme.iam.gserviceaccount.com",
        "sub": "113774264463038321964",
        "email_verified": true,
        "exp": now_seconds() + 3_600,
        "iat": now_seconds(),
        "iss": "https://accounts.google.com",
    })
}

async fn set_up(more: &str) -> (Vendor, Case) {
    let vendor = Vendor::start().await;
    vendor.gives(
        KEYS,
        json!({ "keys": [OTHER_RSA.jwk(RS256, "old"), RSA.jwk(RS256, "7d680d8c")] }).to_string(),
    );
    let toml = format!(
        "name = 's'\nprovider = 'google-pubsub'\nsecrets = ['push@acme.iam.gserviceaccount.com']\nverify = {{ hosts = ['http://{0}'], keys = 'http://{0}{KEYS}'{more} }}",
        vendor.address
    );
    (vendor, Case::new(&toml, eager()))
}

async fn fate(case: &Case, token: &str, body: &str) -> Fate {
    let bearer = format!("Bearer {token}");
    case.fate(&[("authorization", &bearer), ("content-type", "application/json")], body, SystemTime::now())
        .await
}

#[tokio::test]
async fn a_push_is_verified_and_its_data_is_opened() {
    let (vendor, case) = set_up("").await;
    let token = RSA.token(RS256, "7d680d8c", &claims());
    let record = fate(&case, &token, BODY).await.record();
    assert_eq!(record["id"], "2070443601311540");
    assert_eq!(record["type"], "OBJECT_FINALIZE");
    assert_eq!(record["data"], json!({ "n": 1.5 }));
    let plain = BODY.replace("eyJuIjoxLjUwfQ==", "aGVsbG8=");
    assert_eq!(fate(&case, &token, &plain).await.record()["data"], "hello");
    let bytes = BODY.replace("eyJuIjoxLjUwfQ==", "/w==");
    assert_eq!(fate(&case, &token, &bytes).await.record()["data"], "/w==", "no text: it stays base64");
    assert_eq!(vendor.count(), 1);
}

/// A message that is delivered again has another body.
#[tokio::test]
async fn a_message_sent_again_is_the_same_event() {
    let (_vendor, case) = set_up("").await;
    let token = RSA.token(RS256, "7d680d8c", &claims());
    let mut keys = Vec::new();
    for attempt in 1..3 {
        let body =
            BODY.replace("\"subscription\"", &format!("\"deliveryAttempt\":{attempt},\"subscription\""));
        let Fate::Published(batch) = fate(&case, &token, &body).await else { panic!() };
        keys.push(batch.events[0].new.as_ref().unwrap().key);
    }
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn tokens_of_others_for_others_or_of_yesterday_are_refused() {
    let (vendor, case) = set_up("").await;
    for (claim, value, reason) in [
        ("aud", json!("https://live.example.com/hooks/other"), Reason::Mismatch),
        ("aud", json!(["https://live.example.com/hooks/s"]), Reason::Mismatch),
        ("email", json!("push@evil.iam.gserviceaccount.com"), Reason::Mismatch),
        ("email_verified", json!(false), Reason::Mismatch),
        ("email_verified", json!("true"), Reason::Mismatch),
        ("iss", json!("https://accounts.evil.example.com"), Reason::Mismatch),
        ("exp", json!(now_seconds() - 120), Reason::Stale),
        ("iat", json!(now_seconds() + 4_000), Reason::Future),
        ("exp", json!(null), Reason::Malformed),
    ] {
        let mut claims = claims();
        claims[claim] = value;
        fate(&case, &RSA.token(RS256, "7d680d8c", &claims), BODY).await.is_refused(reason, "");
    }
    let good = RSA.token(RS256, "7d680d8c", &claims());
    for header in [json!({ "alg": "none", "kid": "7d680d8c" }), json!({ "alg": "HS256", "kid": "7d680d8c" })]
    {
        fate(&case, &with_header(&good, &header), BODY).await.is_refused(Reason::Malformed, "RS256");
    }
    let now = SystemTime::now();
    case.fate(&[], BODY, now).await.is_refused(Reason::Missing, "switch authentication on");
    assert_eq!(vendor.count(), 0, "nobody was asked for any of these");
    fate(&case, &OTHER_RSA.token(RS256, "7d680d8c", &claims()), BODY)
        .await
        .is_refused(Reason::Mismatch, "did not sign");
    fate(&case, &RSA.token(RS256, "new", &claims()), BODY)
        .await
        .is_refused(Reason::Missing, "no key of that name");
}

#[tokio::test]
async fn a_rotated_key_is_taken_and_a_withdrawn_one_ends() {
    let (vendor, case) = set_up("").await;
    let old = RSA.token(RS256, "7d680d8c", &claims());
    fate(&case, &old, BODY).await.record();
    vendor.gives(KEYS, json!({ "keys": [OTHER_RSA.jwk(RS256, "next")] }).to_string());
    fate(&case, &OTHER_RSA.token(RS256, "next", &claims()), BODY).await.record();
    fate(&case, &old, BODY).await.is_refused(Reason::Missing, "");
}

#[tokio::test]
async fn an_audience_of_ones_own_is_taken_instead() {
    let (_vendor, case) = set_up(", audience = 'acme-live'").await;
    let mut claims = claims();
    fate(&case, &RSA.token(RS256, "7d680d8c", &claims), BODY).await.is_refused(Reason::Mismatch, "audience");
    claims["aud"] = "acme-live".into();
    fate(&case, &RSA.token(RS256, "7d680d8c", &claims), BODY).await.record();
}
