//! What providers put into one delivery, at the socket: batches, forms, text, nothing, CloudEvents; and what is refused.

use serde_json::{Value, json};

use super::support::*;

async fn gateway(keys: &str) -> Gateway {
    Gateway::start(vec![source(&format!("name = 's'\nprovider = 'none'\n{keys}"))]).await
}

/// The records in the log.
async fn records(gateway: &Gateway) -> Vec<Value> {
    gateway.log("s").await.iter().map(|entry| serde_json::from_slice(&entry.body).unwrap()).collect()
}

/// The one record, after one accepted delivery.
async fn record(keys: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let gateway = gateway(keys).await;
    let answer = gateway.post("/hooks/s", headers, body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let mut records = records(&gateway).await;
    assert_eq!(records.len(), 1);
    records.remove(0)
}

/// Okta, Microsoft Graph and LINE: each element has its own id and type.
#[tokio::test]
async fn each_element_of_a_batch_is_an_event_with_its_own_id_and_type() {
    for (keys, body, expected) in [
        (
            "delivery = { each = 'data.events[]', id = 'json:uuid', type = '{json:eventType}' }",
            r#"{"eventId":"e","data":{"events":[{"uuid":"u1","eventType":"user.login"},{"uuid":"u2","eventType":"user.logout"}]}}"#,
            [("u1", "user.login"), ("u2", "user.logout")],
        ),
        (
            "delivery = { each = 'value[]', id = 'json:id', type = '{json:changeType}' }",
            r#"{"value":[{"id":"g1","changeType":"created"},{"id":"g2","changeType":"deleted"}]}"#,
            [("g1", "created"), ("g2", "deleted")],
        ),
        (
            "delivery = { each = 'events[]', id = 'json:webhookEventId', type = '{json:type}' }",
            r#"{"destination":"U","events":[{"webhookEventId":"l1","type":"message"},{"webhookEventId":"l2","type":"follow"}]}"#,
            [("l1", "message"), ("l2", "follow")],
        ),
    ] {
        let gateway = gateway(keys).await;
        let answer = gateway.post("/hooks/s", &[], body.as_bytes()).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let told: Vec<_> =
            answer.json()["events"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
        assert_eq!(told, expected.map(|(id, _)| json!(id)));
        let records = records(&gateway).await;
        for (record, (id, event_type)) in records.iter().zip(expected) {
            assert_eq!((record["id"].as_str(), record["type"].as_str()), (Some(id), Some(event_type)));
        }
        // One of them alone later, or in another batch, is the same event.
        let again = gateway.post("/hooks/s", &[], body.as_bytes()).await.json();
        assert!(again["events"].as_array().unwrap().iter().all(|event| event["outcome"] == "duplicate"));
        assert_eq!(records.len(), 2);
    }
}

/// LINE's "Verify" button posts no events at all, signed.
#[tokio::test]
async fn a_batch_of_nothing_is_taken_and_nothing_is_published() {
    let gateway = gateway("delivery = { each = 'events[]', id = 'json:webhookEventId' }").await;
    let answer = gateway.post("/hooks/s", &[], br#"{"destination":"U","events":[]}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (202, r#"{"events":[]}"#));
    assert!(records(&gateway).await.is_empty());
    // Where the list is missing, the delivery is one event: a genuine one is never refused for its content.
    let without = gateway.post("/hooks/s", &[], br#"{"destination":"U"}"#).await;
    assert_eq!(without.json()["outcome"], "accepted");
}

#[tokio::test]
async fn a_form_is_an_object_of_its_fields_or_the_json_in_one() {
    let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let plain = record("", &form, b"a=1&b=x+y&b=%C3%A4").await;
    assert_eq!(
        (&plain["data"], &plain["datacontenttype"]),
        (&json!({"a":"1","b":["x y","ä"]}), &json!("application/json"))
    );
    let keys = "delivery = { body = 'form-json payload' }";
    let inner = record(keys, &form, b"payload=%7B%22type%22%3A%22push%22%2C%22n%22%3A1.50%7D&other=2").await;
    assert_eq!((&inner["type"], &inner["data"]), (&json!("push"), &json!({"type":"push","n":1.50})));
    let without = record(keys, &form, b"other=2").await;
    assert_eq!(without["data"], json!({"other":"2"}));
}

#[tokio::test]
async fn xml_and_text_stay_text_and_bytes_stay_bytes() {
    let xml = "<?xml version=\"1.0\"?>\n<a b=\"c\">ä</a>\n";
    let told = record("", &[("content-type", "application/xml")], xml.as_bytes()).await;
    assert_eq!(
        (&told["data"], &told["datacontenttype"], &told["type"]),
        (&json!(xml), &json!("application/xml"), &json!("unknown"))
    );
    let told = record("", &[], b"ping").await;
    assert_eq!((&told["data"], &told["datacontenttype"]), (&json!("ping"), &json!("text/plain")));
    let told = record("", &[("content-type", "image/png")], b"\xff\x00").await;
    assert_eq!((&told["data_base64"], &told["datacontenttype"]), (&json!("/wA="), &json!("image/png")));
    let told = record("", &[], b"").await;
    assert!(told.get("data").is_none() && told.get("datacontenttype").is_none(), "{told}");
}

#[tokio::test]
async fn a_cloudevent_keeps_its_attributes_in_every_mode() {
    let structured = [("content-type", "application/cloudevents+json; charset=utf-8")];
    let body = br#"{"specversion":"1.0","id":"c1","source":"/sensors/1","type":"t.1","time":"2030-01-02T03:04:05Z","subject":"room","data":{"n":1.50}}"#;
    let told = record("", &structured, body).await;
    assert_eq!(
        told,
        json!({"specversion":"1.0","id":"c1","source":"/sensors/1","type":"t.1","time":"2030-01-02T03:04:05Z","subject":"room","data":{"n":1.50}})
    );
    let keys = "delivery = { body = 'cloudevents' }";
    let binary = [
        ("ce-specversion", "1.0"),
        ("ce-id", "c2"),
        ("ce-source", "/sensors/2"),
        ("ce-type", "t.2"),
        ("ce-room", "7"),
        ("content-type", "text/plain"),
    ];
    let told = record(keys, &binary, b"21 degrees").await;
    for (name, value) in
        [("id", "c2"), ("source", "/sensors/2"), ("type", "t.2"), ("room", "7"), ("data", "21 degrees")]
    {
        assert_eq!(told[name], value, "{told}");
    }
    let encoded = br#"{"specversion":"1.0","id":"c3","source":"/s","type":"t","datacontenttype":"image/png","data_base64":"/wA="}"#;
    assert_eq!(record("", &structured, encoded).await["data_base64"], "/wA=");
}

#[tokio::test]
async fn a_batch_of_cloudevents_is_an_event_each_and_ids_are_per_source() {
    let gateway = gateway("").await;
    let event = |id: &str, source: &str| {
        format!(r#"{{"specversion":"1.0","id":"{id}","source":"{source}","type":"t","data":1}}"#)
    };
    let body =
        format!("[{},{},{},{}]", event("1", "/a"), event("1", "/b"), event("1", "/a"), event("2", "/a"));
    let headers = [("content-type", "application/cloudevents-batch+json")];
    let told = gateway.post("/hooks/s", &headers, body.as_bytes()).await.json();
    let outcomes: Vec<_> =
        told["events"].as_array().unwrap().iter().map(|event| event["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["accepted", "accepted", "duplicate", "accepted"]);
    let records = records(&gateway).await;
    let names: Vec<_> = records
        .iter()
        .map(|record| (record["id"].as_str().unwrap(), record["source"].as_str().unwrap()))
        .collect();
    assert_eq!(names, [("1", "/a"), ("1", "/b"), ("2", "/a")]);
}

/// A sender may sign before or after it compresses; and what unpacks may be a bomb.
#[tokio::test]
async fn what_is_compressed_is_refused_and_told_how_to_send_it() {
    let gateway = gateway("").await;
    for encoding in ["gzip", "br", "deflate, identity", "GZIP"] {
        let answer = gateway.post("/hooks/s", &[("content-encoding", encoding)], b"\x1f\x8b\x08").await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (415, Some("encoding")), "{encoding}");
        assert_eq!(answer.header("accept-encoding").as_deref(), Some("identity"));
    }
    assert_eq!(gateway.post("/hooks/s", &[("content-encoding", "identity")], b"{}").await.status, 202);
    assert_eq!(records(&gateway).await.len(), 1);
}
