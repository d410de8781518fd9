//! Whole deliveries, to every provider: the first line is its name, then the URI, then headers, an empty line and the body.
//! What is verified, or needs no proof, is made into events.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::json::Document;
use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::publish;
use hookcast::ingest::source::Source;
use hookcast::ingest::template::Reading;
use hookcast::secret::Secret;
use libfuzzer_sys::fuzz_target;

const URL: Option<&str> = Some("https://gateway.example.com");
const EVENTS_MAX: usize = 100;

/// A secret of one of these kinds does for every row whose key is not a private one.
const SECRETS: [&str; 6] = [
    "a secret of some length",
    "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "public:private",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
];

fn source(provider: &str, keys: &str) -> Option<Source> {
    let table = format!("name = 's'\nprovider = '{provider}'\n{keys}").parse().ok()?;
    let secret = |value: &toml::Value| Ok(Secret::new(value.as_str().unwrap_or_default()));
    Source::parse(&table, &secret, &Catalogue::built_in()).ok()
}

static SOURCES: LazyLock<BTreeMap<String, Source>> = LazyLock::new(|| {
    let of = |provider: &str| {
        let tokens = ["", "\nverify_token = 'v'"];
        let each =
            SECRETS.iter().flat_map(|secret| tokens.map(|token| format!("secrets = ['{secret}']{token}")));
        let mut each = each.chain([String::new(), "capture = true".to_owned()]);
        Some((provider.to_owned(), each.find_map(|keys| source(provider, &keys))?))
    };
    let sources: BTreeMap<_, _> = Catalogue::built_in().slugs().into_iter().filter_map(of).collect();
    assert!(sources.len() > 200, "only {} providers take one of the secrets", sources.len());
    sources
});

fn delivery(source: &Source, uri: &str, headers: &HeaderMap, body: &str) -> Option<Delivery> {
    let method = if body.is_empty() { Method::GET } else { Method::POST };
    let uri: Uri = format!("/hooks/s?{uri}").parse().ok()?;
    let (now, form) = (SystemTime::UNIX_EPOCH, source.row().delivery.body.clone());
    Some(Delivery::new(method, uri, headers.clone(), body.to_owned().into(), now, form))
}

fuzz_target!(|text: &str| {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let Some(source) = lines.next().and_then(|name| SOURCES.get(name)) else { return };
    let uri = lines.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")).take(64) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    let Some(asked) = delivery(source, uri, &headers, body) else { return };
    let reading = Reading { public_url: URL, ..Reading::of(&asked) };
    for handshake in source.row().handshakes.iter().filter(|handshake| handshake.when.holds(&reading)) {
        let _ = handshake.answer(&reading, Some(&Secret::new("v")), None);
    }
    let Ok(verified) = source.verify(asked, URL) else { return };
    let Ok(batch) = publish::events(source, &verified, EVENTS_MAX) else { return };
    assert!(batch.events.len() <= EVENTS_MAX);
    for new in batch.events.iter().filter_map(|event| event.new.as_ref()) {
        assert!(Document::scan(&new.body).is_ok(), "a record is JSON");
    }
});
