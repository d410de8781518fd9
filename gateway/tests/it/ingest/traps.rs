//! The traps of real providers, one test each: what makes verification code wrong in practice.

use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit as _, Mac as _};
use hookcast::ingest::verify::Reason;

use super::support::*;

fn signed_headers(
    source: &hookcast::ingest::source::Source,
    id: &str,
) -> (Vec<(String, String)>, bytes::Bytes) {
    let signed = signed_sample(source, id);
    (signed.headers, signed.body)
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn an_old_body_under_a_new_unsigned_id_does_not_take_that_id() {
    let source = plain("github", "k");
    let (headers, body) = signed_headers(&source, "1");
    let now = SystemTime::now();
    let key = |id: &'static str| {
        let mut headers = borrowed(&headers);
        headers.retain(|(name, _)| *name != "x-github-delivery");
        headers.push(("x-github-delivery", id));
        published(&source, &headers, body.clone(), now).events[0].new.as_ref().unwrap().key
    };
    // The replay gets a key of its own; the genuine delivery 2, with its own body, is not silenced by it.
    assert_eq!(key("1"), key("1"));
    assert_ne!(key("1"), key("2"));
}

#[test]
fn a_row_can_let_a_signed_body_in_once_whatever_id_it_comes_with() {
    let source = source("name = 's'\nprovider = 'github'\nsecrets = ['k']\ndelivery = { body-once = true }");
    let (headers, body) = signed_headers(&source, "1");
    let mut replayed = borrowed(&headers);
    replayed.retain(|(name, _)| *name != "x-github-delivery");
    replayed.push(("x-github-delivery", "2"));
    let now = SystemTime::now();
    let key = |headers: &[(&str, &str)]| {
        published(&source, headers, body.clone(), now).events[0].new.as_ref().unwrap().key
    };
    assert_eq!(key(&borrowed(&headers)), key(&replayed));
}

#[test]
fn whsec_is_text_for_stripe_and_base64_for_standard_webhooks() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert!(parse("name = 's'\nprovider = 'stripe'\nsecrets = ['whsec_not*base64']").is_ok());
    assert!(parse("name = 's'\nprovider = 'standard-webhooks'\nsecrets = ['whsec_not*base64']").is_err());
    let stripe = plain("stripe", secret);
    let (headers, body) = signed_headers(&stripe, "evt_1");
    let stripped = plain("stripe", &secret["whsec_".len()..]);
    let now = SystemTime::now();
    assert_eq!(refused(&stripped, &borrowed(&headers), body, now), Reason::Mismatch);
}

#[test]
fn only_the_known_version_counts_and_any_of_several_signatures_may_fit() {
    let source = source("name = 's'\nprovider = 'stripe'\nsecrets = ['old', 'new']");
    let only_new = plain("stripe", "new");
    let (mut headers, body) = signed_headers(&only_new, "evt_1");
    let now = SystemTime::now();
    assert!(source.verify(delivery(&source, &borrowed(&headers), body.clone(), now), None).is_ok());
    let signature = headers.iter_mut().find(|(name, _)| name == "stripe-signature").unwrap();
    let genuine = signature.1.clone();
    let wrong = format!("v1={}", "0".repeat(64));
    signature.1 = genuine.replacen("v1=", &format!("{wrong},v0=1,v1="), 1);
    assert!(source.verify(delivery(&source, &borrowed(&headers), body.clone(), now), None).is_ok());
    let signature = headers.iter_mut().find(|(name, _)| name == "stripe-signature").unwrap();
    signature.1 = genuine.replace("v1=", "v0=");
    assert_eq!(refused(&source, &borrowed(&headers), body, now), Reason::Malformed);
}

#[test]
fn github_signs_the_raw_form_and_the_json_is_read_from_it() {
    let source = plain("github", "k");
    let body = "payload=%7B%22action%22%3A+%22opened%22%7D";
    let mut mac: Hmac<sha2::Sha256> = Hmac::new_from_slice(b"k").unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let headers = [
        ("x-hub-signature-256", signature.as_str()),
        ("x-github-event", "issues"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let batch = published(&source, &headers, body, at(0));
    assert_eq!(record(&batch)["type"], "issues.opened");
    assert_eq!(record(&batch)["data"], serde_json::json!({"action": "opened"}));
}

#[test]
fn time_is_checked_on_both_sides_and_the_tolerance_can_be_widened() {
    let narrow = plain("slack", "k");
    let wide =
        source("name = 's'\nprovider = 'slack'\nsecrets = ['k']\nverify = { time = { tolerance = '1h' } }");
    let (headers, body) = signed_headers(&narrow, "1");
    let headers = borrowed(&headers);
    let minutes = |count: u64| Duration::from_secs(count * 60);
    let now = SystemTime::now();
    assert_eq!(refused(&narrow, &headers, body.clone(), now + minutes(6)), Reason::Stale);
    assert_eq!(refused(&narrow, &headers, body.clone(), now - minutes(6)), Reason::Future);
    assert!(wide.verify(delivery(&wide, &headers, body.clone(), now + minutes(6)), None).is_ok());
    let refusal = narrow.verify(delivery(&narrow, &headers, body, now + minutes(6)), None).unwrap_err();
    let told = refusal.to_string();
    assert!(told.contains("stale") && told.contains("v0:{ts}:{body}") && told.contains(" s ago"), "{told}");
    assert!(!told.contains("reaction"), "the payload is not told: {told}");
}

#[test]
fn twitch_times_have_nanoseconds_and_are_signed_as_they_stand() {
    let source = plain("twitch", "0123456789");
    let (id, time) = ("e76c6bd4-55c9-4987-8304-da1588d8988b", "2019-11-16T10:11:12.634234626Z");
    let body = r#"{"subscription":{"type":"channel.follow"}}"#;
    let mut mac: Hmac<sha2::Sha256> = Hmac::new_from_slice(b"0123456789").unwrap();
    mac.update(format!("{id}{time}{body}").as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let headers = [
        ("twitch-eventsub-message-id", id),
        ("twitch-eventsub-message-timestamp", time),
        ("twitch-eventsub-message-signature", signature.as_str()),
        ("twitch-eventsub-message-type", "revocation"),
    ];
    let batch = published(&source, &headers, body, at(1_573_899_072));
    assert_eq!(record(&batch)["type"], "revocation");
    assert_eq!(record(&batch)["id"], id);
}

#[test]
fn a_discord_event_of_type_1_is_published_and_not_taken_for_a_ping() {
    let source = plain("discord", ED25519_PAIR);
    let (headers, body) = signed_headers(&source, "1");
    assert!(std::str::from_utf8(&body).unwrap().contains("\"type\":1"));
    let batch = published(&source, &borrowed(&headers), body, SystemTime::now());
    assert_eq!(record(&batch)["type"], "APPLICATION_AUTHORIZED");
}

#[test]
fn gitlab_takes_its_signing_token_and_its_secret_token_on_one_endpoint() {
    let source = source(
        "name = 's'\nprovider = 'gitlab'\nsecrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'tok']",
    );
    let body = r#"{"object_kind":"push"}"#;
    let event = ("x-gitlab-event", "Push Hook");
    assert_eq!(record(&published(&source, &[("x-gitlab-token", "tok"), event], body, at(0)))["type"], "push");
    assert_eq!(refused(&source, &[("x-gitlab-token", "tokk"), event], body, at(0)), Reason::Mismatch);
    // The signing secret is no password: whoever sends it as one is refused.
    let whole = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert_eq!(refused(&source, &[("x-gitlab-token", whole), event], body, at(0)), Reason::Mismatch);
}

#[test]
fn a_batch_is_one_event_for_each_element() {
    let source = plain("meta", "k");
    let entry = r#"{"id":"1","changes":[{"field":"feed"}]}"#;
    let body = format!(r#"{{"object":"page","entry":[{entry},{entry},{{"messaging":[{{}}]}}]}}"#);
    let mut mac: Hmac<sha2::Sha256> = Hmac::new_from_slice(b"k").unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let batch = published(&source, &[("x-hub-signature-256", &signature)], body, at(0));
    assert!(batch.is_list);
    let new: Vec<_> = batch.events.iter().map(|found| found.new.as_ref().unwrap()).collect();
    let topics: Vec<_> = new.iter().map(|new| new.topic.as_str()).collect();
    assert_eq!(topics, ["s/feed", "s/feed", "s/messaging"]);
    // Equal entries of one batch are two events: Meta's entry id is the page's, not the event's.
    assert_ne!(new[0].key, new[1].key);
}

#[test]
fn tokens_come_in_a_header_as_bearer_basic_or_query() {
    let token = plain("token", "user:pa ss");
    for headers in [
        [("authorization", "Bearer user:pa ss")],
        [("authorization", "bearer user:pa ss")],
        [("authorization", "Basic dXNlcjpwYSBzcw==")],
        [("x-api-key", "user:pa ss")],
    ] {
        assert!(token.verify(delivery(&token, &headers, "{}", at(0)), None).is_ok(), "{headers:?}");
    }
    let mut in_query = delivery(&token, &[], "{}", at(0));
    in_query.uri = "/hooks/s?token=user%3Apa+ss".parse().unwrap();
    assert!(token.verify(in_query, None).is_ok());
    assert_eq!(refused(&token, &[("x-api-key", "user:pa s")], "{}", at(0)), Reason::Mismatch);

    let own = source("name = 's'\nprovider = 'token'\nheader = 'x-donation-token'\nsecrets = ['t']");
    assert!(own.verify(delivery(&own, &[("x-donation-token", "t")], "{}", at(0)), None).is_ok());
    assert_eq!(refused(&own, &[("x-api-key", "t")], "{}", at(0)), Reason::Missing);
}

#[test]
fn two_equal_readings_under_a_token_are_two_events_unless_they_bring_an_id() {
    let source = plain("token", "t");
    let key = |headers: &[(&str, &str)]| {
        published(&source, headers, "{\"celsius\":21}", at(0)).events[0].new.as_ref().unwrap().key
    };
    assert_ne!(key(&[("x-api-key", "t")]), key(&[("x-api-key", "t")]));
    let with_id = [("x-api-key", "t"), ("idempotency-key", "1")];
    assert_eq!(key(&with_id), key(&with_id));
}

#[test]
fn a_cloudevent_keeps_its_attributes() {
    let source = source("name = 's'\nprovider = 'none'\nkeep = ['/data/a']");
    let body = r#"{"specversion":"1.0","id":"7","source":"/sensors/1","type":"com.example.reading","time":"2030-01-01T00:00:00Z","subject":"x","traceparent":"00-1","datacontenttype":"application/json","data":{"a":1,"secret":2}}"#;
    let headers = [("content-type", "application/cloudevents+json; charset=utf-8")];
    let batch = published(&source, &headers, body, at(0));
    let expected = serde_json::json!({
        "specversion": "1.0", "id": "7", "source": "/sensors/1", "type": "com.example.reading",
        "time": "2030-01-01T00:00:00Z", "subject": "x", "traceparent": "00-1",
        "datacontenttype": "application/json", "data": {"a": 1},
    });
    assert_eq!(record(&batch), expected);
    assert_eq!(topic(&batch), "s/com.example.reading");
}
