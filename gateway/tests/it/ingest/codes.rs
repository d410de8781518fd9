//! What no row can say: vectors that vendors publish, or that their own packages made, for each file of `ingest::code`.

use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::publish;
use hookcast::ingest::sign::{Sample, sign_for};
use hookcast::ingest::source::Source;
use hookcast::ingest::verify::Reason;

use super::support::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn of(code: &str, secret: &str) -> Source {
    let row = format!("[p.verify]\nscheme = 'code'\ncode = '{code}'");
    of_rows(&row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['an older one', '{secret}']"))
}

fn at_uri(source: &Source, uri: &str, headers: &[(&str, &str)], body: &str, seconds: u64) -> Delivery {
    let mut delivery = delivery(source, headers, body.to_owned(), at(seconds));
    delivery.uri = uri.parse().unwrap();
    delivery
}

fn why(source: &Source, delivery: Delivery, public_url: Option<&str>) -> Reason {
    source.verify(delivery, public_url).expect_err("must be refused").reason
}

/// Twilio's PHP library's documentation.
#[test]
fn twilios_form_verifies_with_the_port_and_without() {
    let twilio = of("twilio", "12345");
    let uri = "/myapp.php?foo=1&bar=2";
    let body =
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
    let headers = [("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("content-type", FORM)];
    let at = |body: &str| at_uri(&twilio, uri, &headers, body, 0);
    for url in ["https://mycompany.com", "https://mycompany.com:443", "https://mycompany.com:8443/"] {
        let verified =
            twilio.verify(at(body), Some(url)).unwrap_or_else(|refusal| panic!("{url}: {refusal}"));
        assert!(verified.proof().covers_body);
    }
    assert_eq!(why(&twilio, at(body), Some("https://other.example")), Reason::Mismatch);
    assert_eq!(why(&twilio, at(body), None), Reason::Missing);
    assert_eq!(
        why(&twilio, at(&body.replace("1234&", "1235&")), Some("https://mycompany.com")),
        Reason::Mismatch
    );
}

/// The order of the fields is anybody's: an old form in another order is the same event.
#[test]
fn a_form_in_another_order_is_a_duplicate() {
    let twilio = of_rows(
        "[p.verify]\nscheme = 'code'\ncode = 'twilio'\n[p.sample]\ncontent-type = 'application/x-www-form-urlencoded'",
        "name = 's'\nprovider = 'p'\nsecrets = ['s']",
    );
    let sample = Sample { event_type: String::new(), body: "b=2&a=1".into() };
    let url = Some("https://x.example");
    let signed = sign_for(&twilio, &sample, url, at(0), "1").unwrap();
    let headers: Vec<_> =
        signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let key = |body: &'static str| {
        let verified = twilio.verify(delivery(&twilio, &headers, body, at(0)), url).unwrap();
        publish::events(&twilio, &verified, 10).unwrap().events.remove(0).new.unwrap().key
    };
    assert_eq!(key("b=2&a=1"), key("a=1&b=2"));
}

/// twilio-python's tests.
#[test]
fn twilios_json_verifies_by_the_hash_in_its_url() {
    let twilio = of("twilio", "12345");
    let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let uri = format!("/myapp.php?foo=1&bar=2&bodySHA256={hash}");
    let headers =
        [("x-twilio-signature", "a9nBmqA0ju/hNViExpshrM61xv4="), ("content-type", "application/json")];
    let body = r#"{"property": "value", "boolean": true}"#;
    let url = Some("https://mycompany.com");
    twilio.verify(at_uri(&twilio, &uri, &headers, body, 0), url).unwrap();
    assert_eq!(why(&twilio, at_uri(&twilio, &uri, &headers, "{}", 0), url), Reason::Mismatch);
    let bare = at_uri(&twilio, "/myapp.php?foo=1&bar=2", &headers, body, 0);
    assert_eq!(why(&twilio, bare, url), Reason::WrongContent, "a body that nothing signs");
}

/// adyen-node-api-library's tests, and Adyen's documentation.
#[test]
fn every_item_of_adyens_batch_is_verified() {
    let key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
    let row =
        "[p.delivery]\neach = 'notificationItems[]'\nid = '{json:NotificationRequestItem.pspReference}'";
    let adyen = of_rows(
        &format!("[p.verify]\nscheme = 'code'\ncode = 'adyen'\n{row}"),
        &format!("name = 's'\nprovider = 'p'\nsecrets = ['00', '{key}']"),
    );
    let good = ADYEN;
    let batch = |items: &[&str]| format!(r#"{{"live":"false","notificationItems":[{}]}}"#, items.join(","));
    let verified = adyen.verify(delivery(&adyen, &[], batch(&[good]), at(0)), None).unwrap();
    assert!(!verified.proof().covers_body, "only eight fields are signed");
    let events = publish::events(&adyen, &verified, 10).unwrap().events;
    assert_eq!(events[0].id, "7914073381342284");
    let bad = good.replace("1130", "1131");
    assert_eq!(refused(&adyen, &[], batch(&[good, &bad]), at(0)), Reason::Mismatch);
    assert_eq!(refused(&adyen, &[], batch(&[]), at(0)), Reason::WrongContent);
    let unsigned = good.replace("hmacSignature", "other");
    assert_eq!(refused(&adyen, &[], batch(&[good, &unsigned]), at(0)), Reason::Missing);
    assert_eq!(refused(&adyen, &[], "[]", at(0)), Reason::WrongContent);
}

const ADYEN: &str = r#"{"NotificationRequestItem":{"additionalData":{"hmacSignature":"coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},"amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","merchantAccountCode":"TestMerchant","merchantReference":"TestPayment-1407325143704","pspReference":"7914073381342284","success":"true"}}"#;

/// Made by the package `braintree`.
#[test]
fn braintrees_payload_verifies_by_the_pair_of_its_public_key() {
    let row = "[p.verify]\nscheme = 'code'\ncode = 'braintree'\n[p.delivery]\nbody = 'base64 bt_payload'";
    let with = |secret: &str| of_rows(row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['{secret}']"));
    let braintree = with("integration_public_key:integration_private_key");
    let headers = [("content-type", FORM)];
    let batch = published(&braintree, &headers, BRAINTREE, at(0));
    let record = record(&batch);
    let xml = record["data"].as_str().unwrap();
    assert!(xml.starts_with("<notification>") && xml.contains("subscription_went_past_due"), "{xml}");
    assert_eq!(record["datacontenttype"], "application/xml");

    let changed = BRAINTREE.replacen("PG5vdG", "PG6vdG", 1);
    assert_eq!(refused(&braintree, &headers, changed, at(0)), Reason::Mismatch);
    let without_newline = BRAINTREE.replace("%0A", "");
    assert_eq!(refused(&braintree, &headers, without_newline, at(0)), Reason::Mismatch);
    let other = with("another_public_key:integration_private_key");
    assert_eq!(refused(&other, &headers, BRAINTREE, at(0)), Reason::Mismatch);
    // Another field makes no other event of it.
    let key = |body: &str| {
        let batch = published(&braintree, &headers, body.to_owned(), at(0));
        batch.events.into_iter().next().unwrap().new.unwrap().key
    };
    assert_eq!(key(BRAINTREE), key(&format!("{BRAINTREE}&x=1")));
    // An expression sees what the data is made of, not the signature beside it.
    let keys = "name = 's'\nprovider = 'p'\nsecrets = ['integration_public_key:integration_private_key']";
    let mapped = of_rows(row, &format!("{keys}\nfields = {{ raw = 'body' }}"));
    let raw = super::support::record(&published(&mapped, &headers, BRAINTREE, at(0)))["data"]["raw"].clone();
    assert!(raw.as_str().unwrap().starts_with("<notification>"), "{raw}");
}

const BRAINTREE: &str = "bt_signature=integration_public_key%7C958cddefe8c333a7956ffb03798293dfddcfcbd8&bt_payload=PG5vdGlmaWNhdGlvbj4KICAgIDx0aW1lc3RhbXAgdHlwZT0iZGF0ZXRpbWUiPjIwMjYtMTEtMjZUMDY6NTU6MzlaPC90aW1lc3RhbXA%2BCiAgICA8a2luZD5zdWJzY3JpcHRpb25fd2VudF9wYXN0X2R1ZTwva2luZD4KICAgIAogICAgPHN1YmplY3Q%2BPHN1YnNjcmlwdGlvbj4KICAgIDxpZD5teV9pZDwvaWQ%2BCiAgICA8dHJhbnNhY3Rpb25zIHR5cGU9ImFycmF5Ij48L3RyYW5zYWN0aW9ucz4KICAgIDxhZGRfb25zIHR5cGU9ImFycmF5Ij48L2FkZF9vbnM%2BCiAgICA8ZGlzY291bnRzIHR5cGU9ImFycmF5Ij48L2Rpc2NvdW50cz4KPC9zdWJzY3JpcHRpb24%2BPC9zdWJqZWN0Pgo8L25vdGlmaWNhdGlvbj4%3D%0A";

/// Made by the package `@contentful/node-apps-toolkit`.
#[test]
fn contentfuls_signed_headers_are_those_that_it_lists() {
    let contentful = of_rows(
        "[p.verify]\nscheme = 'code'\ncode = 'contentful'",
        &format!("name = 's'\nprovider = 'p'\nsecrets = ['{}']", "x".repeat(64)),
    );
    let headers = |topic: &'static str| {
        [
            ("content-type", "application/vnd.contentful.management.v1+json"),
            ("x-contentful-topic", topic),
            ("x-contentful-timestamp", "1700000000000"),
            (
                "x-contentful-signed-headers",
                "content-type,x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic",
            ),
            ("x-contentful-signature", "0033f3bcf83cb2569db0cb92a1bf1da03eb0dd7fc0e66f030ffc197a92903302"),
        ]
    };
    let (topic, body, now) = ("ContentManagement.Entry.publish", r#"{"sys":{"id":"e1"}}"#, 1_700_000_000);
    published(&contentful, &headers(topic), body, at(now));
    assert_eq!(
        refused(&contentful, &headers("ContentManagement.Entry.save"), body, at(now)),
        Reason::Mismatch
    );
    assert_eq!(refused(&contentful, &headers(topic), "{}", at(now)), Reason::Mismatch);
    assert_eq!(refused(&contentful, &headers(topic), body, at(now + 301)), Reason::Stale);
    assert_eq!(refused(&contentful, &headers(topic), body, at(now - 301)), Reason::Future);
}

/// Held against the package `plivo`.
#[test]
fn plivos_url_fields_and_nonce_are_signed() {
    let plivo = of("plivo", "token");
    let url = Some("https://x.example");
    for (uri, body, signature) in [
        ("/hooks/s", "To=2&From=1", "edf7V+xGKYVNCyZgNufHRHYyRaDBjCCUnC8PSfZBWuA="),
        ("/hooks/s?b=2&a=1", "To=2&From=9&From=1", "xN2CGiia1k7xGY4maj1OMFrXHluJy+UiIKeSosHNioI="),
        ("/hooks/s?b=2&a=1", "", "qYvxqaZyeF6V0B6FsHHqeQGGIeyy6ojd4OZD+RQYKi4="),
        ("/hooks/s", "", "IKzlGoLpg9/YkB92hrS6sRCb5hYvWEJPHz6mxhcrCnI="),
    ] {
        let list = format!("AAAA,{signature}");
        let headers = [
            ("content-type", FORM),
            ("x-plivo-signature-v3", &*list),
            ("x-plivo-signature-v3-nonce", "nonce1"),
        ];
        plivo
            .verify(at_uri(&plivo, uri, &headers, body, 0), url)
            .unwrap_or_else(|refusal| panic!("{uri}: {refusal}"));
        let other = [headers[0], headers[1], ("x-plivo-signature-v3-nonce", "nonce2")];
        assert_eq!(why(&plivo, at_uri(&plivo, uri, &other, body, 0), url), Reason::Mismatch);
        let unsigned = [("content-type", "application/json"), headers[1], headers[2]];
        assert_eq!(why(&plivo, at_uri(&plivo, uri, &unsigned, "{}", 0), url), Reason::WrongContent);
    }
}

#[test]
fn mercado_pago_leaves_out_what_is_absent() {
    let mercado = of("mercado-pago", "mp secret");
    let of = |uri: &str, id: Option<&'static str>, signature: &str| {
        let signature = format!("ts=1704908010,v1={signature}");
        let mut headers = vec![("x-signature", &*signature)];
        headers.extend(id.map(|id| ("x-request-id", id)));
        mercado.verify(at_uri(&mercado, uri, &headers, "{}", 1_704_908_010), None)
    };
    let both = "1619cd87e90e0e0e89ef7212c5d9de2ef96122d5c8af850047e5d751580e188e";
    let neither = "8403de4a7ebeb6a8063b000de9fc53b9a72dc67f21c32e50d74d0a88981dd7ef";
    assert!(!of("/hooks/s?data.id=ABC123", Some("req-1"), both).unwrap().proof().covers_body);
    of("/hooks/s", None, neither).unwrap();
    assert_eq!(of("/hooks/s", Some("req-1"), both).unwrap_err().reason, Reason::Mismatch);
    assert_eq!(of("/hooks/s?data.id=1", None, neither).unwrap_err().reason, Reason::Mismatch);
}

#[test]
fn what_each_code_signs_it_verifies() {
    let adyen = format!(r#"{{"notificationItems":[{ADYEN},{ADYEN}]}}"#);
    let hex = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
    for (code, secret, media, body, more) in [
        ("twilio", "s", FORM, "b=2&a=1", ""),
        ("twilio", "s", "application/json", "{}", ""),
        ("plivo", "s", FORM, "b=2&a=1", ""),
        ("adyen", hex, "application/json", &*adyen, ""),
        ("braintree", "a:b", FORM, "<notification/>", "[p.delivery]\nbody = 'base64 bt_payload'"),
        ("contentful", "s", "application/json", "{}", ""),
        ("mercado-pago", "s", "application/json", "{}", ""),
    ] {
        let row = format!(
            "[p.verify]\nscheme = 'code'\ncode = '{code}'\n[p.sample]\ncontent-type = '{media}'\n{more}"
        );
        let source = of_rows(&row, &format!("name = 's'\nprovider = 'p'\nsecrets = ['{secret}']"));
        let sample = Sample { event_type: String::new(), body: body.to_owned().into() };
        let url = Some("https://x.example");
        let signed = sign_for(&source, &sample, url, at(1_900_000_000), "1")
            .unwrap_or_else(|error| panic!("{code}: {error}"));
        let headers: Vec<_> =
            signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let uri = format!("/hooks/s?{}", signed.query.as_deref().unwrap_or_default());
        let uri = uri.trim_end_matches('?');
        let mut delivery = delivery(&source, &headers, signed.body.clone(), at(1_900_000_000));
        delivery.uri = uri.parse().unwrap();
        source.verify(delivery, url).unwrap_or_else(|refusal| panic!("{code}: {refusal}"));
    }
}
