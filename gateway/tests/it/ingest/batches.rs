//! One request, many events: every vendor that sends batches, each element with its own id and type.

use std::time::SystemTime;

use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::publish;
use hookcast::ingest::sign::{Sample, sign_for};

use super::support::*;

/// Provider, a body of two, their ids and their types.
const BATCHES: &[(&str, &str, [&str; 2], [&str; 2])] = &[
    (
        "sendgrid",
        r#"[{"event":"open","sg_event_id":"A"},{"event":"click","sg_event_id":"B"}]"#,
        ["A", "B"],
        ["open", "click"],
    ),
    (
        "hubspot",
        r#"[{"eventId":1,"subscriptionType":"contact.creation"},{"eventId":2,"subscriptionType":"deal.creation"}]"#,
        ["1", "2"],
        ["contact.creation", "deal.creation"],
    ),
    (
        "microsoft-graph",
        r#"{"value":[{"id":"A","clientState":"","changeType":"created"},{"id":"B","clientState":"","changeType":"updated"}]}"#,
        ["A", "B"],
        ["created", "updated"],
    ),
    (
        "azure-event-grid",
        r#"[{"id":"A","eventType":"Blob.Created"},{"id":"B","eventType":"Blob.Deleted"}]"#,
        ["A", "B"],
        ["Blob.Created", "Blob.Deleted"],
    ),
    (
        "line",
        r#"{"events":[{"type":"message","webhookEventId":"A"},{"type":"follow","webhookEventId":"B"}]}"#,
        ["A", "B"],
        ["message", "follow"],
    ),
    (
        "okta",
        r#"{"data":{"events":[{"uuid":"A","eventType":"user.session.start"},{"uuid":"B","eventType":"user.session.end"}]}}"#,
        ["A", "B"],
        ["user.session.start", "user.session.end"],
    ),
    (
        "gocardless",
        r#"{"events":[{"id":"A","resource_type":"payments","action":"confirmed"},{"id":"B","resource_type":"mandates","action":"cancelled"}]}"#,
        ["A", "B"],
        ["payments.confirmed", "mandates.cancelled"],
    ),
    (
        "mandrill",
        "mandrill_events=%5B%7B%22_id%22%3A%22A%22%2C%22event%22%3A%22open%22%2C%22ts%22%3A1%7D%2C%7B%22_id%22%3A%22A%22%2C%22event%22%3A%22click%22%2C%22ts%22%3A2%7D%5D",
        ["A.open.1", "A.click.2"],
        ["open", "click"],
    ),
    (
        "adyen",
        r#"{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":""},"amount":{"currency":"EUR","value":1},"eventCode":"AUTHORISATION","merchantAccountCode":"M","merchantReference":"R","pspReference":"A","success":"true"}},{"NotificationRequestItem":{"additionalData":{"hmacSignature":""},"amount":{"currency":"EUR","value":1},"eventCode":"REFUND","merchantAccountCode":"M","merchantReference":"R","pspReference":"B","success":"true"}}]}"#,
        ["A.AUTHORISATION.true", "B.REFUND.true"],
        ["AUTHORISATION", "REFUND"],
    ),
];

#[test]
fn batches_are_events_of_their_own_for_every_vendor_that_sends_them() {
    let (now, url) = (SystemTime::now(), Some("https://gateway.example.com"));
    for (provider, body, ids, types) in BATCHES {
        let source = of_row(Catalogue::built_in().get(provider).unwrap());
        let sample = Sample { event_type: types[0].to_owned(), body: (*body).to_owned().into() };
        // The sample's first event gets the id that is given: the same that stands there, of a composite one its first part.
        let first = ids[0].split('.').next().unwrap();
        let request = sign_for(&source, &sample, url, now, first).unwrap();
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut delivery = delivery(&source, &headers, request.body.clone(), now);
        if let Some(query) = &request.query {
            delivery.uri = format!("/hooks/s?{query}").parse().unwrap();
        }
        let verified = source.verify(delivery, url);
        let verified = verified.unwrap_or_else(|refusal| panic!("{provider}: {refusal}"));
        let batch = publish::events(&source, &verified, 1_000).unwrap();
        let told = batch.events.iter().map(|event| {
            serde_json::from_slice::<serde_json::Value>(&event.new.as_ref().unwrap().body).unwrap()
        });
        let told: Vec<_> = told.map(|event| (event["id"].clone(), event["type"].clone())).collect();
        let expected = [0, 1].map(|at| (ids[at].into(), types[at].into()));
        assert_eq!(told, expected, "{provider}");
    }
}

/// LINE's console tries the endpoint with no event at all, and that is genuine.
#[test]
fn an_empty_batch_of_line_is_genuine_and_publishes_nothing() {
    let source = plain("line", "test_secret");
    let sample = Sample { event_type: String::new(), body: r#"{"destination":"U1","events":[]}"#.into() };
    let request = sign_for(&source, &sample, None, at(0), "none").unwrap();
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let verified = source.verify(delivery(&source, &headers, request.body.clone(), at(0)), None).unwrap();
    assert!(publish::events(&source, &verified, 1_000).unwrap().events.is_empty());
}
