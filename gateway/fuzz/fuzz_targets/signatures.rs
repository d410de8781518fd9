//! Lists of signatures in a header. The first line is how the list is cut, the rest is the header.
#![no_main]

use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::signature::{CANDIDATES_MAX, Candidates, Encoding, Place, SignatureRule};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (how, header) = text.split_once('\n').unwrap_or(("", text));
    let Ok(value) = HeaderValue::from_bytes(header.as_bytes()) else { return };
    let mut words = how.split('\t').map(|word| Some(word.to_owned()).filter(|word| !word.is_empty()));
    let name = HeaderName::from_static("x-s");
    let encodings = [Encoding::Hex, Encoding::Base64, Encoding::Base64Url, Encoding::Plain];
    let rule = SignatureRule {
        group: words.next().flatten(),
        split: words.next().flatten(),
        key: words.next().flatten(),
        strip: words.next().flatten(),
        position: words
            .next()
            .flatten()
            .and_then(|word| word.parse().ok())
            .filter(|at| (1..=40).contains(at)),
        ..SignatureRule::new(Place::Header(name.clone()), encodings[how.len() % encodings.len()])
    };
    let mut headers = HeaderMap::new();
    headers.append(name.clone(), value.clone());
    headers.append(name, value);
    let (uri, now) = (Uri::from_static("/hooks/s"), SystemTime::UNIX_EPOCH);
    let delivery = Delivery::new(Method::POST, uri, headers, "".into(), now, <_>::default());
    let mut candidates = Candidates::default();
    rule.collect(&delivery, &mut candidates);
    assert!(candidates.decoded.len() <= CANDIDATES_MAX);
    assert!(candidates.is_present || candidates.decoded.is_empty());
});
