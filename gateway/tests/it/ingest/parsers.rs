//! The parsers that meet the outside, given anything at all: they never panic, and what they give is bounded. `gateway/fuzz`
//! asks the same for longer.

use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use bytes::Bytes;
use hookcast::http::form::Form;
use hookcast::ingest::compact::Compact;
use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::signature::{CANDIDATES_MAX, Candidates, Encoding, Place, SignatureRule};
use hookcast::ingest::template::{Grammar, Reading, Template};
use hookcast::ingest::time::TimeForm;
use proptest::prelude::*;

fn delivery(headers: &[(&'static str, Vec<u8>)], body: Vec<u8>) -> Delivery {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            map.append(*name, value);
        }
    }
    let (uri, now) = (Uri::from_static("/hooks/s?a=1&a=%ff"), SystemTime::UNIX_EPOCH);
    Delivery::new(Method::POST, uri, map, Bytes::from(body), now, <_>::default())
}

/// What stands in signature headers, in no order: mostly the marks that such lists are made of.
fn list() -> impl Strategy<Value = String> {
    const MARKS: [&str; 16] =
        ["t", "v1", "=", ",", ";", " ", ".", ":", "0a", "f", "+/", "v1=", "t=", "sha256=", "\u{e9}", "\u{0}"];
    prop::collection::vec(prop::sample::select(&MARKS[..]), 0..40).prop_map(|marks| marks.concat())
}

fn rule() -> impl Strategy<Value = SignatureRule> {
    let mark = || prop::option::of(prop::sample::select(vec![",", ";", " ", "", "=", "é"]));
    let word = || prop::option::of(prop::sample::select(vec!["v1", "t", "", "sha256=", "Bearer ", "é "]));
    let encoding =
        prop::sample::select(vec![Encoding::Hex, Encoding::Base64, Encoding::Base64Url, Encoding::Plain]);
    (mark(), mark(), word(), word(), prop::option::of(1usize..=40), encoding).prop_map(
        |(group, split, key, strip, position, encoding)| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            SignatureRule {
                group: owned(group),
                split: owned(split),
                key: owned(key),
                strip: owned(strip),
                position,
                ..SignatureRule::new(Place::Header(HeaderName::from_static("x-s")), encoding)
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn signature_lists_give_few_candidates_and_no_panic(rule in rule(), values in prop::collection::vec(list(), 0..14)) {
        let headers: Vec<_> = values.into_iter().map(|value| ("x-s", value.into_bytes())).collect();
        let mut candidates = Candidates::default();
        rule.collect(&delivery(&headers, Vec::new()), &mut candidates);
        prop_assert!(candidates.decoded.len() <= CANDIDATES_MAX);
        prop_assert!(candidates.decoded.iter().all(|decoded| !decoded.is_empty()));
        prop_assert!(candidates.is_present || candidates.decoded.is_empty());
    }

    #[test]
    fn templates_are_refused_or_render_what_is_there(
        text in "(\\{|\\}|\\?|body|ts|json:a|json:a\\.b|header:x-s|query:a|form:a|sig:t|é|[a-z:./~]){0,12}",
        body in "(\\{\"a\":|\\{\"b\":|[0-9]|\\}|\"|x|é){0,12}",
    ) {
        let delivery = delivery(&[("x-s", b"\xff1".to_vec())], body.into_bytes());
        for grammar in [Grammar::Row, Grammar::Rule] {
            let Ok(template) = Template::parse(&text, grammar) else { continue };
            prop_assert_eq!(template.as_str(), &text);
            let reading = Reading::of(&delivery);
            let mut given = 0;
            let fed = template.feed(&reading, |run| given += run.len());
            let rendered = template.render(&reading);
            prop_assert_eq!(fed.is_ok(), rendered.is_some());
            prop_assert!(given <= text.len() * (64 + delivery.body.len()));
            prop_assert!(template.render_with(&reading, "-").len() <= text.len() * (64 + delivery.body.len()));
        }
    }

    #[test]
    fn forms_are_read_whatever_they_are_and_become_json(bytes in prop::collection::vec(prop_oneof![
        any::<u8>(), Just(b'&'), Just(b'='), Just(b'%'), Just(b'+'), Just(b'a'), Just(b'"'),
    ], 0..200)) {
        let form = Form::parse(&bytes);
        let json: serde_json::Value = serde_json::from_str(&form.to_json()).expect("a form becomes JSON");
        prop_assert!(json.is_object());
        prop_assert!(form.all("a").count() <= bytes.len() + 1);
    }

    #[test]
    fn tokens_of_three_parts_are_taken_apart_or_refused(text in "[A-Za-z0-9_=+/.-]{0,80}", pieces in prop::collection::vec("[\\[\\]{}\":,a-z0-9]{0,20}", 0..4)) {
        use base64::Engine as _;
        let encode = |piece: &String| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(piece);
        let made: Vec<String> = pieces.iter().map(encode).collect();
        for text in [text, made.join("."), format!("{}.e30.AA", "a".repeat(9_000))] {
            if let Some(token) = Compact::parse(&text) {
                prop_assert!(token.signed.len() < text.len());
                let _ = (token.header("alg"), token.claim("iss"), token.moment("iat"), token.kid());
            }
        }
    }

    #[test]
    fn times_are_read_or_refused(text in "[0-9TZ:+. -]{0,32}|[ -~é]{0,24}") {
        for form in [TimeForm::Seconds, TimeForm::Milliseconds, TimeForm::Rfc3339] {
            let _ = form.parse(&text);
        }
    }

    #[test]
    fn rows_are_read_or_every_mistake_is_told(
        places in prop::collection::vec((
            prop::sample::select(vec!["scheme", "algorithm", "signature", "message", "key", "time", "encoding", "typo"]),
            prop::sample::select(vec![
                "'hmac'", "'token'", "'none'", "'code'", "''", "1", "true", "[]", "{ header = 'X-S' }", "{ header = 1 }",
                "{ json = 'a..b' }", "{ sig = 't', tolerance = '5x' }", "'{body'", "'{ts}.{body}'", "{ as = 'hex', only = [1] }",
                "[{ headers = 'X-*' }, { query = 'q', position = 0 }]", "'md6'", "'é'",
            ]),
        ), 0..6),
        delivery in prop::sample::select(vec!["", "id = 1", "id = 'json:'", "each = 'x'", "type = ['{a', '{json:b?}']", "body = 'form-json '", "dedupe = '-1h'"]),
    ) {
        let mut keys = std::collections::BTreeMap::new();
        keys.extend(places);
        let verify: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        let text = format!("[p.verify]\n{}\n[p.delivery]\n{delivery}\n", verify.join("\n"));
        let rows: toml::Table = text.parse().expect("the generator makes TOML");
        match Catalogue::built_in().with_user_rows(&rows) {
            Ok(catalogue) => prop_assert!(!catalogue.get("p").unwrap().row.methods.is_empty()),
            Err(mistakes) => {
                prop_assert!(!mistakes.is_empty() && mistakes.len() < 40);
                prop_assert!(mistakes.iter().all(|mistake| mistake.to_string().starts_with("p.")), "{:?}", mistakes);
            }
        }
    }
}
