//! What the head says of the body is signed by nobody: an old delivery sent again with another content type is the same
//! events, and shows no more of them.

use std::time::SystemTime;

use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use hookcast::broker::DedupeKey;
use hookcast::ingest::publish;
use hookcast::ingest::sign::{Sample, SignedRequest, sign};
use hookcast::ingest::source::Source;
use serde_json::Value;

use super::rows::{each, received, signed, touches_a_header, with_header};
use super::support::*;

const TYPES: [&str; 6] = [
    "application/json",
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
];

/// What the log would tell its events apart by, whatever content type comes with it.
fn keys(source: &Source, request: &SignedRequest, now: SystemTime) -> Result<Vec<Vec<DedupeKey>>, String> {
    let all = TYPES.iter().map(|content_type| {
        let request = with_header(request, CONTENT_TYPE.as_str(), content_type);
        let verified = source.verify(received(source, &request, now), Some("https://live.example.com"));
        let verified = verified.map_err(|refusal| format!("{content_type}: {refusal}"))?;
        let batch = publish::events(source, &verified, 1_000).unwrap();
        Ok(batch.events.iter().filter_map(|event| Some(event.new.as_ref()?.key)).collect())
    });
    all.collect()
}

#[test]
fn another_content_type_makes_no_new_event_of_any_signed_row() {
    each(|subject| {
        let method = subject.method();
        // Where the body is proven by nothing, two deliveries without an id are two events.
        if !subject.covers_the_body() {
            return Ok(());
        }
        let form: Bytes = "id=5&event=a&payload=%7B%22id%22%3A7%7D".into();
        let form = (!subject.reads_into_the_body() && !touches_a_header(&method.message))
            .then(|| signed(&subject.source, &form, subject.now))
            .flatten();
        for request in [Some(subject.good.clone()), form].into_iter().flatten() {
            let keys = keys(&subject.source, &request, subject.now)
                .map_err(|why| format!("{}: {why}", subject.provider.slug))?;
            if let Some(at) = keys.iter().position(|found| *found != keys[0]) {
                return Err(format!("{}: {} is another event", subject.provider.slug, TYPES[at]));
            }
        }
        Ok(())
    });
}

fn signed_of(source: &Source, body: &str) -> SignedRequest {
    let sample = Sample { event_type: String::new(), body: body.to_owned().into() };
    sign(source, &sample, at(1_700_000_000), "x").unwrap()
}

fn told(source: &Source, request: &SignedRequest, content_type: &str) -> Vec<Value> {
    let request = with_header(request, "content-type", content_type);
    let headers: Vec<(&str, &str)> =
        request.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let batch = published(source, &headers, request.body.clone(), at(1_700_000_000));
    let records = batch.events.iter().map(|event| serde_json::from_slice(&event.new.as_ref().unwrap().body));
    records.map(Result::unwrap).collect()
}

#[test]
fn a_batch_is_cut_where_its_row_says() {
    let keys = "name = 's'\nprovider = 'line'\nsecrets = ['s']\ndelivery = { hide = ['/replyToken'] }";
    let source = source(keys);
    let body =
        r#"{"destination":"U","events":[{"type":"message","webhookEventId":"A","replyToken":"HIDDEN"}]}"#;
    let request = signed_of(&source, body);
    for content_type in TYPES {
        let records = told(&source, &request, content_type);
        assert_eq!(records.len(), 1, "{content_type}");
        assert_eq!(records[0]["type"], "message", "{content_type}");
        assert!(!records[0].to_string().contains("HIDDEN"), "{content_type}: {records:?}");
    }
}

/// A signed batch of CloudEvents is one by its bytes, where the row has no ids of its own.
#[test]
fn signed_cloudevents_are_known_by_their_bytes() {
    let event =
        |id: &str| format!(r#"{{"specversion":"1.0","id":"{id}","source":"/a","type":"t","data":1}}"#);
    let row = "[p.verify]\nsignature = { header = 'X-S' }";
    let source = of_rows(row, "name = 's'\nprovider = 'p'\nsecrets = ['s']");
    let request = signed_of(&source, &format!("[{},{}]", event("1"), event("2")));
    for content_type in TYPES {
        let ids: Vec<_> =
            told(&source, &request, content_type).iter().map(|event| event["id"].clone()).collect();
        assert_eq!(ids, ["1", "2"], "{content_type}");
    }
}

#[test]
fn a_form_is_a_form_and_hides_what_its_row_hides() {
    let source = source(
        "name = 's'\nprovider = 'slack'\nsecrets = ['s']\ntopic = 's/{form:email}'\ndelivery = { hide = ['/response_url', '/email'] }",
    );
    let request = signed_of(&source, "command=%2Fx&trigger_id=1&response_url=HIDDEN&email=HIDDEN");
    for content_type in TYPES {
        let records = told(&source, &request, content_type);
        assert_eq!(records[0]["id"], "1", "{content_type}");
        assert_eq!(records[0]["data"]["command"], "/x", "{content_type}");
        assert!(!records[0].to_string().contains("HIDDEN"), "{content_type}: {records:?}");
    }
}

/// Deeper than we read, or cut off: nobody can tell where the hidden value stands, so nothing is shown.
#[test]
fn what_cannot_be_read_is_not_shown_where_something_is_hidden() {
    let deep = format!(r#"{{"email":"HIDDEN","deep":{}1{}}}"#, "[".repeat(129), "]".repeat(129));
    let keys = "name = 's'\nprovider = 'github'\nsecrets = ['s']";
    for body in [deep.as_str(), r#"{"email":"HIDDEN""#] {
        for rules in ["", "fields = { raw = 'body' }", "topic = 's/{form:email}/{json:email}'"] {
            let source = source(&format!("{keys}\ndelivery = {{ hide = ['/email'] }}\n{rules}"));
            let request = signed_of(&source, body);
            for content_type in TYPES {
                let records = told(&source, &request, content_type);
                assert!(!records[0].to_string().contains("HIDDEN"), "{content_type}: {records:?}");
            }
        }
        let open = source(keys);
        assert_eq!(told(&open, &signed_of(&open, body), "text/plain")[0]["data"], body);
    }
}
