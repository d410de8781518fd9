//! Plaid: ES256 over the hash of the body, and a key that only customers get.

use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookcast::auth::now_seconds;
use hookcast::ingest::verify::Reason;
use jsonwebtoken::Algorithm::ES256;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::vendor::{Answer, P256, Pair, Vendor, twin, with_header};
use super::{Case, Fate, eager};

const KEYS: &str = "/webhook_verification_key/get";
const BODY: &str = "{\n  \"webhook_type\": \"TRANSACTIONS\",\n  \"webhook_code\": \"DEFAULT_UPDATE\"\n}";

fn key(kid: &str, expired_at: Value) -> String {
    let mut key = P256.jwk(ES256, kid);
    key["created_at"] = 1_560_466_150.into();
    key["expired_at"] = expired_at;
    json!({ "key": key, "request_id": "RZ6Omi1bzzwDaLo" }).to_string()
}

fn claims(body: &str, seconds_ago: i64) -> Value {
    let sent = i64::try_from(now_seconds()).unwrap() - seconds_ago;
    json!({ "iat": sent, "request_body_sha256": hex::encode(Sha256::digest(body)) })
}

async fn set_up() -> (Vendor, Case) {
    let vendor = Vendor::start().await;
    vendor.gives(KEYS, key("bfbd5111", Value::Null));
    let toml = format!(
        "name = 's'\nprovider = 'plaid'\nsecrets = ['client:sandbox-secret']\nverify = {{ hosts = ['http://{0}'], keys = 'http://{0}{KEYS}' }}",
        vendor.address
    );
    (vendor, Case::new(&toml, eager()))
}

async fn fate(case: &Case, token: &str, body: &str) -> Fate {
    case.fate(&[("plaid-verification", token), ("content-type", "application/json")], body, SystemTime::now())
        .await
}

#[tokio::test]
async fn a_delivery_is_verified_with_the_key_that_the_credentials_bring() {
    let (vendor, case) = set_up().await;
    let token = P256.token(ES256, "bfbd5111", &claims(BODY, 0));
    assert_eq!(fate(&case, &token, BODY).await.record()["type"], "TRANSACTIONS.DEFAULT_UPDATE");
    fate(&case, &P256.token(ES256, "bfbd5111", &claims(BODY, 200)), BODY).await.record();
    let asked = vendor.asked();
    assert_eq!(asked.len(), 1);
    let asked: Value = serde_json::from_str(&asked[0].1).unwrap();
    assert_eq!(asked, json!({ "client_id": "client", "secret": "sandbox-secret", "key_id": "bfbd5111" }));
    // A rotated key has another name.
    vendor.gives(KEYS, key("6c5516e1", Value::Null));
    fate(&case, &P256.token(ES256, "6c5516e1", &claims(BODY, 0)), BODY).await.record();
    assert_eq!(vendor.count(), 2);
}

#[tokio::test]
async fn what_plaid_did_not_sign_now_for_this_body_is_refused() {
    let (vendor, case) = set_up().await;
    let good = P256.token(ES256, "bfbd5111", &claims(BODY, 0));
    fate(&case, &good, "{}").await.is_refused(Reason::Mismatch, "body is not the one");
    fate(&case, &P256.token(ES256, "bfbd5111", &claims(BODY, 301)), BODY).await.is_refused(Reason::Stale, "");
    fate(&case, &P256.token(ES256, "bfbd5111", &claims(BODY, -400)), BODY)
        .await
        .is_refused(Reason::Future, "");
    fate(&case, "a.b.c", BODY).await.is_refused(Reason::Malformed, "no JWS");
    for header in [
        json!({ "alg": "none", "kid": "bfbd5111" }),
        json!({ "alg": "HS256", "kid": "bfbd5111" }),
        json!({ "alg": "ES256" }),
        json!({ "alg": "ES256", "kid": "../x" }),
        json!({ "alg": "ES256", "kid": "bfbd5111", "crit": ["exp"], "exp": 1 }),
    ] {
        fate(&case, &with_header(&good, &header), BODY).await.is_refused(Reason::Malformed, "");
    }
    assert_eq!(vendor.count(), 0, "nobody was asked for any of these");
    let stranger = Pair::new(&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    let forged = stranger.token(ES256, "bfbd5111", &claims(BODY, 0));
    fate(&case, &forged, BODY).await.is_refused(Reason::Mismatch, "did not sign");
}

#[tokio::test]
async fn the_other_signature_that_fits_makes_no_new_event() {
    let (_vendor, case) = set_up().await;
    let token = P256.token(ES256, "bfbd5111", &claims(BODY, 0));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let sent =
        p256::ecdsa::Signature::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let replayed = format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(twin(&sent).to_bytes()));
    assert_ne!(replayed, token);
    assert_eq!(fate(&case, &replayed, BODY).await.key(), fate(&case, &token, BODY).await.key());
    let later = P256.token(ES256, "bfbd5111", &claims(BODY, 7));
    assert_ne!(fate(&case, &later, BODY).await.key(), fate(&case, &token, BODY).await.key());
    for cut in ["", "AA", &"A".repeat(128)] {
        fate(&case, &format!("{signed}.{cut}"), BODY).await.is_refused(Reason::Mismatch, "did not sign");
    }
}

#[tokio::test]
async fn an_expired_key_and_one_of_another_name_are_none() {
    let (vendor, case) = set_up().await;
    vendor.gives(KEYS, key("bfbd5111", 1_580_000_000.into()));
    let token = P256.token(ES256, "bfbd5111", &claims(BODY, 0));
    assert!(fate(&case, &token, BODY).await.is_keyless());
    vendor.gives(KEYS, key("other", Value::Null));
    fate(&case, &token, BODY).await.is_refused(Reason::Missing, "no key of that name");
    vendor.says(KEYS, Answer::Text(400, "{\"error_code\":\"INVALID_WEBHOOK_VERIFICATION_KEY_ID\"}".into()));
    assert!(fate(&case, &P256.token(ES256, "third", &claims(BODY, 0)), BODY).await.is_keyless());
}

#[test]
fn credentials_have_a_colon_between() {
    assert!(super::super::support::parse("name = 's'\nprovider = 'plaid'\nsecrets = ['secret']").is_err());
}
