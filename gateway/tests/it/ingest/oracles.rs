//! Questions whose answer is signed, or that bring a secret along: what a forger could ask, and what is answered instead.

use super::support::*;

const CRC: &str = r#"
    [p.verify]
    signature = { header = "x-twitter-webhooks-signature", strip = "sha256=" }
    encoding = "base64"
    [[p.handshake]]
    when = { method = "GET", query = "crc_token" }
    signed = "no"
    value = "query:crc_token"
    sign = { encoding = "base64", algorithm = "sha256", prefix = "sha256=" }
    answer = { type = "application/json", body = '{"response_token":"{signed}"}' }
"#;

/// Inputs from a Twitter engineer's gists; the output is that of `node:crypto`.
#[tokio::test]
async fn xs_challenge_is_signed_if_it_is_a_token() {
    let secret = "z3ZX4v7mAAUGykl3EcmkqbartmuW8VFOOzCloLx9Q45P0hLrFu";
    let source = of_rows(CRC, &format!("name = 's'\nprovider = 'p'\nsecrets = ['{secret}']"));
    let gateway = Gateway::start(vec![source]).await;
    let token = "9b4507b3-9040-4669-9ca3-6b94edb50553";
    let answer = gateway.request("GET", &format!("/hooks/s?crc_token={token}"), &[], b"").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, r#"{"response_token":"sha256=Cytd4Sq+NvEcV3MMrXxWJGJx5A+y/lXzzU2Maartkx8="}"#);
    // A body that X could have sent must not come back with its signature.
    for asked in ["%7B%22tweet_create_events%22%3A%5B%5D%7D", "a%20b", "%22", "", "a%0Ab"] {
        let answer = gateway.request("GET", &format!("/hooks/s?crc_token={asked}"), &[], b"").await;
        assert_eq!(answer.status, 403, "{asked}");
    }
}

const BRAINTREE: &str = r#"
    [p.verify]
    scheme = "code"
    code = "braintree"
    [p.delivery]
    body = "base64 bt_payload"
    [[p.handshake]]
    when = { method = "GET", query = "bt_challenge" }
    signed = "no"
    value = "query:bt_challenge"
    allow = "hex"
    sign = { encoding = "hex", algorithm = "sha1" }
    answer = { type = "text/plain", body = "{key}|{signed}" }
"#;

/// Braintree's documentation. A payload is base64, so any wider alphabet would let one be signed.
#[tokio::test]
async fn braintrees_challenge_is_signed_if_it_is_hexadecimal() {
    let secret = "integration_public_key:integration_private_key";
    let source = of_rows(BRAINTREE, &format!("name = 's'\nprovider = 'p'\nsecrets = ['{secret}']"));
    let gateway = Gateway::start(vec![source]).await;
    let ask = |asked: &str| format!("/hooks/s?bt_challenge={asked}");
    let answer = gateway.request("GET", &ask("20f9f8ed05f77439fe955c977e4c8a53"), &[], b"").await;
    assert_eq!(answer.body, "integration_public_key|d9b899556c966b3f06945ec21311865d35df3ce4");
    for asked in ["PG5vdGlmaWNhdGlvbj4=", "PG5vdGlmaWNhdGlvbj4%3D%0A", "20F9", "20f9%0A", ""] {
        assert_eq!(gateway.request("GET", &ask(asked), &[], b"").await.status, 403, "{asked}");
    }
}

const ASANA: &str = r#"
    [p]
    title = "Asana"
    [p.verify]
    signature = { header = "X-Hook-Signature" }
    [[p.handshake]]
    when = { method = "POST", header = "X-Hook-Secret" }
    signed = "no"
    echo = "header:X-Hook-Secret"
    capture = "secret"
"#;

const NOTION: &str = r#"
    [p.verify]
    signature = { header = "X-Notion-Signature", strip = "sha256=" }
    [[p.handshake]]
    when = { method = "POST", json = "verification_token" }
    signed = "no"
    value = "json:verification_token"
    capture = "secret"
    answer = { body = "" }
"#;

#[tokio::test]
async fn asanas_secret_is_taken_from_the_first_while_the_source_is_armed() {
    let source = of_rows(ASANA, "name = 's'\nprovider = 'p'\ncapture = true");
    let gateway = Gateway::start(vec![source]).await;
    let offer = |secret: &'static str| [("x-hook-secret", secret)];
    // `hmac.new(secret, b"{}", sha256)` of Python.
    let signed = [
        ("x-hook-signature", "cfe05c6e787ec80375eae3b6a2babe8248398417e86d0dad5582a9c75bc6c331"),
        ("content-type", "application/json"),
    ];
    assert_eq!(gateway.post("/hooks/s", &signed, b"{}").await.status, 401, "nothing has come yet");

    let answer = gateway.post("/hooks/s", &offer("b537207f20cbfa02357cf448134da559"), b"{}").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-hook-secret").as_deref(), Some("b537207f20cbfa02357cf448134da559"));
    assert_eq!(answer.body, "");
    assert_eq!(gateway.post("/hooks/s", &signed, b"{}").await.status, 202);
    assert_eq!(gateway.log("s").await.len(), 1);
    let source = gateway.ingest.source("s").unwrap();
    assert_eq!(source.captured().unwrap().expose(), b"b537207f20cbfa02357cf448134da559");
    let (_, pulse) = gateway.ingest.pulses().remove(0);
    let used: Vec<_> = pulse.secrets().map(|(label, last)| (label, last.is_some())).collect();
    assert_eq!(used, [("captured", true)]);

    assert_eq!(gateway.post("/hooks/s", &offer("b537207f20cbfa02357cf448134da559"), b"{}").await.status, 200);
    assert_eq!(gateway.post("/hooks/s", &offer("another"), b"{}").await.status, 403, "the first counts");
    assert_eq!(gateway.post("/hooks/s", &offer("a b"), b"{}").await.status, 403);
}

#[tokio::test]
async fn notions_token_is_refused_where_nobody_waits_for_it() {
    let unarmed = of_rows(NOTION, "name = 's'\nprovider = 'p'\nsecrets = ['k']");
    let armed = of_rows(NOTION, "name = 't'\nprovider = 'p'\ncapture = true");
    let gateway = Gateway::start(vec![unarmed, armed]).await;
    let offer = br#"{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}"#;
    assert_eq!(gateway.post("/hooks/s", &[], offer).await.status, 403);
    assert!(gateway.ingest.source("s").unwrap().captured().is_none());
    assert_eq!(gateway.post("/hooks/t", &[], offer).await.status, 200);
    let signed =
        [("x-notion-signature", "sha256=eac1af738ef7e5479315a98105d3295dbed3289f1fd7a6d40462e7a97638ce67")];
    assert_eq!(gateway.post("/hooks/t", &signed, b"{}").await.status, 202);
}

#[test]
fn a_source_says_how_its_secret_comes() {
    let rows: toml::Table = ASANA.parse().unwrap();
    let catalogue = hookcast::ingest::providers::Catalogue::built_in().with_user_rows(&rows).unwrap();
    let told = |text: &str| {
        let secret = |value: &toml::Value| Ok(hookcast::secret::Secret::new(value.as_str().unwrap()));
        let parsed = hookcast::ingest::source::Source::parse(&text.parse().unwrap(), &secret, &catalogue);
        parsed.unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let none = told("name = 's'\nprovider = 'p'");
    assert!(none.contains("Asana sends its secret when the webhook is registered"), "{none}");
    assert!(none.contains("write capture = true"), "{none}");
    let needless = told("name = 's'\nprovider = 'github'\nsecrets = ['k']\ncapture = true");
    assert!(needless.contains("capture: GitHub sends no secret"), "{needless}");
}

#[tokio::test]
async fn a_vendor_hears_what_it_insists_on() {
    let row = r#"
        [p.verify]
        signature = { header = "X-S" }
        [p.answer]
        ok = 200
        body = "[accepted]"
        headers = { x-vendor-verify = "yes" }
        refused = 406
    "#;
    let gateway = Gateway::start(vec![of_rows(row, "name = 's'\nprovider = 'p'\nsecrets = ['k']")]).await;
    let refused = gateway.post("/hooks/s", &[("x-s", "00")], b"{}").await;
    assert_eq!(refused.status, 406);
    let answer = gateway
        .post(
            "/hooks/s",
            &[("x-s", "add853b103fbcc936a194f9eb15e29c4ff08af6e47d5d1bca4f20218e31e4fff")],
            b"{}",
        )
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "[accepted]"));
    assert_eq!(answer.header("content-type").as_deref(), Some("text/plain"));
    assert_eq!(answer.header("x-vendor-verify").as_deref(), Some("yes"));
}
