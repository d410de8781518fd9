//! eBay: the example that its own SDK tests with, and a key that a token is needed for.

use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hookcast::ingest::verify::Reason;
use serde_json::json;

use super::vendor::{P256, Vendor, twin};
use super::{Case, Fate, eager};

const KEYS: &str = "/commerce/notification/v1/public_key";
/// From eBay/event-notification-nodejs-sdk, test/test.json.
const SIGNATURE: &str = "eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FWUNJUUNmeGZJV3V4bVdjSUJRSjljNS9YN2lHREpxczJSQ0dzQkVhQWppbnlycmZBSWhBSVY2d0djVGlCdVY1S0pVaWYyaG9reXJMK1E5c3NIa2FkK214Mm5FRTI1dyIsImRpZ2VzdCI6IlNIQTEifQ==";
const BODY: &str = r#"{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION","schemaVersion":"1.0","deprecated":false},"notification":{"notificationId":"49feeaeb-4982-42d9-a377-9645b8479411_33f7e043-fed8-442b-9d44-791923bd9a6d","eventDate":"2021-03-19T20:43:59.462Z","publishDate":"2021-03-19T20:43:59.679Z","publishAttemptCount":1,"data":{"username":"test_user","userId":"ma8vp1jySJC","eiasToken":"nY+sHZ2PrBmdj6wVnY+sEZ2PrA2dj6wJnY+gAZGEpwmdj6x9nY+seQ=="}}}"#;
const KEY: &str = "-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZhhxXKtR+TOvtDbgTPCkSof02qgBB7IsYOyf76ilExJ/upAa/vKIKheOoCyOpcLmi4t0b4uepb7LLjmMr90FUg==-----END PUBLIC KEY-----";

async fn set_up() -> (Vendor, Case) {
    let vendor = Vendor::start().await;
    vendor.gives(
        "/identity/v1/oauth2/token",
        json!({ "access_token": "v^1.1#i^1", "expires_in": 7200 }).to_string(),
    );
    let key = json!({ "key": KEY, "algorithm": "ECDSA", "digest": "SHA1" }).to_string();
    vendor.gives(&format!("{KEYS}/9936261a-7d7b-4621-a0f1-96ccb428af49"), key);
    let own = json!({ "key": P256.public_pem(), "algorithm": "ECDSA", "digest": "SHA1" }).to_string();
    vendor.gives(&format!("{KEYS}/own"), own);
    let toml = format!(
        "name = 's'\nprovider = 'ebay'\nsecrets = ['app-id:cert-id']\nverify_token = 't'\nverify = {{ hosts = ['http://{0}'], keys = 'http://{0}{KEYS}' }}",
        vendor.address
    );
    (vendor, Case::new(&toml, eager()))
}

async fn fate(case: &Case, signature: &str, body: &str) -> Fate {
    case.fate(
        &[("x-ebay-signature", signature), ("content-type", "application/json")],
        body,
        SystemTime::now(),
    )
    .await
}

#[tokio::test]
async fn the_sdk_s_own_example_is_verified() {
    let (vendor, case) = set_up().await;
    let record = fate(&case, SIGNATURE, BODY).await.record();
    assert_eq!(record["type"], "MARKETPLACE_ACCOUNT_DELETION");
    fate(&case, SIGNATURE, BODY).await.record();
    let asked: Vec<String> = vendor.asked().into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        asked,
        [
            "/identity/v1/oauth2/token",
            "/commerce/notification/v1/public_key/9936261a-7d7b-4621-a0f1-96ccb428af49"
        ]
    );
    fate(&case, SIGNATURE, &BODY.replace("test_user", "other_user")).await.is_refused(Reason::Mismatch, "");
    let own = json!({ "alg": "ecdsa", "kid": "own", "signature": P256.sign_base64("-sha1", b"{}"), "digest": "SHA1" });
    fate(&case, &BASE64_STANDARD.encode(own.to_string()), "{}").await.record();
}

/// A body without an id is told apart by its signature, of which there are two.
#[tokio::test]
async fn the_other_signature_that_fits_makes_no_new_event() {
    let (_vendor, case) = set_up().await;
    let sent = p256::ecdsa::Signature::from_der(&P256.sign("-sha1", b"{}")).unwrap();
    let mut keys = Vec::new();
    for signature in [sent, twin(&sent)] {
        let text = BASE64_STANDARD.encode(signature.to_der().as_bytes());
        let header = json!({ "alg": "ecdsa", "kid": "own", "signature": text, "digest": "SHA1" });
        keys.push(fate(&case, &BASE64_STANDARD.encode(header.to_string()), "{}").await.key());
    }
    assert_eq!(keys[0], keys[1]);
    let again = json!({ "alg": "ecdsa", "kid": "own", "signature": P256.sign_base64("-sha1", b"[]"), "digest": "SHA1" });
    assert_ne!(fate(&case, &BASE64_STANDARD.encode(again.to_string()), "[]").await.key(), keys[0]);
}

#[tokio::test]
async fn a_signature_chooses_neither_its_algorithm_nor_a_path() {
    let (vendor, case) = set_up().await;
    for header in [
        json!({ "alg": "none", "kid": "own", "signature": "AA==", "digest": "SHA1" }),
        json!({ "alg": "ecdsa", "kid": "own", "signature": "AA==", "digest": "MD5" }),
        json!({ "alg": "ecdsa", "kid": "../../../sell/x", "signature": "AA==", "digest": "SHA1" }),
        json!({ "alg": "ecdsa", "kid": "own", "signature": "*", "digest": "SHA1" }),
        json!([]),
    ] {
        fate(&case, &BASE64_STANDARD.encode(header.to_string()), BODY)
            .await
            .is_refused(Reason::Malformed, "");
    }
    fate(&case, "***", BODY).await.is_refused(Reason::Malformed, "");
    assert_eq!(vendor.count(), 0);
    let short = json!({ "alg": "ecdsa", "kid": "own", "signature": "AA==", "digest": "SHA1" });
    fate(&case, &BASE64_STANDARD.encode(short.to_string()), BODY).await.is_refused(Reason::Mismatch, "");
}
