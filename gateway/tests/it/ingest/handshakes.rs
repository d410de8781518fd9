//! What providers ask before they send, over real HTTP.

use super::support::*;

#[tokio::test]
async fn slack_verifies_the_url_only_when_the_question_is_signed() {
    let slack = plain("slack", "k");
    let sample = hookcast::ingest::sign::Sample {
        event_type: String::new(),
        body: r#"{"token":"x","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#.into(),
    };
    let signed = hookcast::ingest::sign::sign(&slack, &sample, std::time::SystemTime::now(), "1").unwrap();
    let gateway = Gateway::start(vec![plain("slack", "k")]).await;
    let answer = gateway.send(&slack, &signed).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P")
    );
    assert_eq!(answer.header("content-type").as_deref(), Some("text/plain"));
    assert_eq!(gateway.post("/hooks/s", &[], &signed.body).await.status, 401);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(gateway.post("/hooks/s", &form, b"ssl_check=1&token=x").await.status, 200);
    assert!(gateway.log("s").await.is_empty());
}

#[tokio::test]
async fn meta_registers_with_its_verify_token_before_anything_is_signed() {
    let gateway = Gateway::start(vec![plain("meta", "k")]).await;
    let ask = |query: &'static str| gateway.request("GET", query, &[], b"");
    let right = ask("/hooks/s?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-me").await;
    assert_eq!((right.status, right.body.as_str()), (200, "1158201444"));
    assert_eq!(right.header("x-content-type-options").as_deref(), Some("nosniff"));
    for (query, status) in [
        ("/hooks/s?hub.mode=subscribe&hub.challenge=1&hub.verify_token=other", 403),
        ("/hooks/s?hub.mode=subscribe&hub.challenge=1", 403),
        ("/hooks/s?hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=verify-me", 403),
        ("/hooks/s?hub.mode=other", 405),
    ] {
        assert_eq!(gateway.request("GET", query, &[], b"").await.status, status, "{query}");
    }
    assert!(parse("name = 's'\nprovider = 'meta'\nsecrets = ['k']").is_err(), "no verify token is a mistake");
}

#[tokio::test]
async fn twitch_and_discord_are_answered_as_they_want_it() {
    let twitch = plain("twitch", "0123456789");
    let discord = source(&format!("name = 'd'\nprovider = 'discord'\nsecrets = ['{ED25519_PAIR}']"));
    let gateway = Gateway::start(vec![
        plain("twitch", "0123456789"),
        source(&format!("name = 'd'\nprovider = 'discord'\nsecrets = ['{ED25519_PAIR}']")),
    ])
    .await;
    let now = std::time::SystemTime::now();
    let sample =
        |body: &'static str| hookcast::ingest::sign::Sample { event_type: String::new(), body: body.into() };

    let question = sample(
        r#"{"challenge":"pogchamp-kappa-360noscope-vohiyo","subscription":{"type":"channel.follow"}}"#,
    );
    let mut signed = hookcast::ingest::sign::sign(&twitch, &question, now, "1").unwrap();
    signed.headers.retain(|(name, _)| name != "twitch-eventsub-message-type");
    signed.headers.push(("twitch-eventsub-message-type".into(), "webhook_callback_verification".into()));
    let answer = gateway.send(&twitch, &signed).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "pogchamp-kappa-360noscope-vohiyo"));

    let ping =
        hookcast::ingest::sign::sign(&discord, &sample(r#"{"id":"1","type":1,"version":1}"#), now, "1")
            .unwrap();
    let answer = gateway.send(&discord, &ping).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"type":1}"#));
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    let event_ping = sample(r#"{"version":1,"application_id":"1","type":0}"#);
    let answer =
        gateway.send(&discord, &hookcast::ingest::sign::sign(&discord, &event_ping, now, "1").unwrap()).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert!(answer.header("content-type").is_some());
    let mut forged = ping.clone();
    forged.body = r#"{"id":"2","type":1}"#.into();
    assert_eq!(gateway.send(&discord, &forged).await.status, 401);
    let event = signed_sample(&discord, "2");
    assert_eq!(gateway.send(&discord, &event).await.status, 204);
    assert_eq!(gateway.log("d").await.len(), 1);
}

#[tokio::test]
async fn a_challenge_that_could_be_a_body_is_not_signed() {
    let zoom = r#"
        name = "s"
        provider = "zoom"
        secrets = ["k"]
    "#;
    let rows = r#"
        [zoom.verify]
        signature = { header = "x-zm-signature", strip = "v0=" }
        message = "v0:{ts}:{body}"
        time = { header = "x-zm-request-timestamp" }
        [[zoom.handshake]]
        when = { json = "event", equals = "endpoint.url_validation" }
        signed = "no"
        value = "json:payload.plainToken"
        sign = "hex"
        answer = { type = "application/json", body = '{"plainToken":"{value}","encryptedToken":"{signed}"}' }
    "#;
    let gateway = Gateway::start(vec![of_rows(rows, zoom)]).await;
    let ask = |token: &str| {
        format!(r#"{{"event":"endpoint.url_validation","payload":{{"plainToken":"{token}"}}}}"#)
    };
    let answer = gateway.post("/hooks/s", &[], ask("qgg8vlvZRS6UYooatFL8Aw").as_bytes()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["encryptedToken"].as_str().unwrap().len(), 64);
    for token in ["v0:1700000000:{}", "a b", ""] {
        assert_eq!(gateway.post("/hooks/s", &[], ask(token).as_bytes()).await.status, 403, "{token}");
    }
}

#[tokio::test]
async fn cloudevents_senders_may_ask_for_consent() {
    let gateway = Gateway::start(vec![plain("token", "t")]).await;
    let origin = [("webhook-request-origin", "eventemitter.example.com")];
    let answer = gateway.request("OPTIONS", "/hooks/s", &origin, b"").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("webhook-allowed-origin").as_deref(), Some("eventemitter.example.com"));
    assert_eq!(gateway.request("OPTIONS", "/hooks/s", &[], b"").await.status, 405);
}

#[tokio::test]
async fn graph_hears_its_sentence_and_monday_its_challenge() {
    let gateway = Gateway::start(vec![
        source("name = 's'\nprovider = 'microsoft-graph'\nsecrets = ['k']"),
        source("name = 'm'\nprovider = 'monday'\nsecrets = ['k']"),
    ])
    .await;
    let ask = |token: &str| format!("/hooks/s?validationToken={token}");
    let asked = "Validation%3a+Testing+client+application+reachability+for+subscription+Request-Id%3a+522a8e7e-096a-494c-aaf1-ac0dcfca45b7";
    let answer = gateway.post(&ask(asked), &[("content-type", "text/plain")], b"").await;
    let told = "Validation: Testing client application reachability for subscription Request-Id: 522a8e7e-096a-494c-aaf1-ac0dcfca45b7";
    assert_eq!((answer.status, answer.body.as_str()), (200, told));
    assert_eq!(answer.header("content-type").as_deref(), Some("text/plain"));
    for asked in ["%3Cscript%3E", "a%0Ab", "%22", &"a".repeat(257)] {
        assert_eq!(gateway.post(&ask(asked), &[], b"").await.status, 403, "{asked}");
    }
    let answer = gateway.post("/hooks/m", &[], br#"{"challenge":"3eZbrw1aBm2r_ZgRN-FdxV"}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"challenge":"3eZbrw1aBm2r_ZgRN-FdxV"}"#));
    assert_eq!(gateway.post("/hooks/m", &[], br#"{"challenge":"x","event":{}}"#).await.status, 401);
    assert!(gateway.log("s").await.is_empty() && gateway.log("m").await.is_empty());
}

/// Adobe takes a delivery for lost whose answer does not hold its client id.
#[tokio::test]
async fn adobe_hears_its_client_id_with_every_answer() {
    let adobe = || source("name = 's'\nprovider = 'adobe-sign'\nsecrets = ['UB7E5BXCXY']");
    let gateway = Gateway::start(vec![adobe()]).await;
    let id = |id: &'static str| [("x-adobesign-clientid", id)];
    let echoed = |answer: &Answer| answer.header("x-adobesign-clientid");
    let registered = gateway.request("GET", "/hooks/s", &id("UB7E5BXCXY"), b"").await;
    assert_eq!((registered.status, echoed(&registered).as_deref()), (200, Some("UB7E5BXCXY")));
    let taken = gateway.send(&adobe(), &signed_sample(&adobe(), "1")).await;
    assert_eq!((taken.status, echoed(&taken).as_deref()), (200, Some("UB7E5BXCXY")));
    let refused = gateway.post("/hooks/s", &id("other"), b"{}").await;
    assert_eq!((refused.status, echoed(&refused)), (401, None));
    assert_eq!(gateway.log("s").await.len(), 1);
}
