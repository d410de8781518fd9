//! A source's rules, and what they make of a body: the keys of a `[[source]]` up to a line `---`, then the body. Whatever an operator
//! writes is a mistake that is told, or ends within its fuel whatever a sender sends.
#![no_main]

use std::sync::LazyLock;
use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::json::Document;
use hookcast::ingest::providers::Catalogue;
use hookcast::ingest::publish;
use hookcast::ingest::source::Source;
use hookcast::secret::Secret;
use libfuzzer_sys::fuzz_target;

/// As `docs/rules.md` says: all fields of an event together, and a failure's values.
const DATA_BYTES_MAX: usize = 64 * 1024;
const SAW_BYTES_MAX: usize = 200 + '…'.len_utf8();

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::built_in);

fuzz_target!(|text: &str| {
    let (keys, body) = text.split_once("\n---\n").unwrap_or((text, "{}"));
    let Ok(mut table) = keys.parse::<toml::Table>() else { return };
    for (name, value) in [("name", "s"), ("provider", "none")] {
        table.insert(name.to_owned(), value.into());
    }
    let secret = |value: &toml::Value| Ok(Secret::new(value.as_str().unwrap_or_default()));
    let source = match Source::parse(&table, &secret, &CATALOGUE) {
        Ok(source) => source,
        Err(mistakes) => {
            assert!(mistakes.iter().all(|mistake| !mistake.to_string().is_empty()));
            return;
        }
    };
    // A record is one level deeper than its body, which may be as deep as is read.
    if body.matches(['[', '{']).count() > 100 {
        return;
    }
    let mut headers = HeaderMap::new();
    headers.insert("x-kind", HeaderValue::from_static("gift"));
    let (uri, now) = (Uri::from_static("/hooks/s?n=12"), SystemTime::UNIX_EPOCH);
    let form = source.row().delivery.body.clone();
    let delivery = Delivery::new(Method::POST, uri, headers, body.to_owned().into(), now, form);
    let Ok(verified) = source.verify(delivery, None) else { return };
    let Ok(batch) = publish::events(&source, &verified, 100) else { return };
    for event in &batch.events {
        for failure in &event.failures {
            assert!(!failure.failed.why.is_empty() && failure.failed.saw.len() <= SAW_BYTES_MAX);
        }
        assert_eq!(event.new.is_none(), event.filtered_by.is_some());
        let Some(new) = &event.new else { continue };
        let record = Document::scan(&new.body).expect("a record is JSON");
        let data = record.root().member("data").map_or(0, |data| data.raw().len());
        assert!(!table.contains_key("fields") || data <= DATA_BYTES_MAX);
    }
});
