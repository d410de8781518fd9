//! Deliveries that vendors' own packages signed, or that they take: one file each in `golden/`, written by
//! `gateway/tests/vendors`. What their code calls genuine, ours does; what they would not, ours refuses.

use std::path::Path;

use axum::http::Uri;
use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::publish;
use hookcast::ingest::signature::Place;
use hookcast::ingest::source::Source;
use hookcast::ingest::verify::{Refusal, Verified};

use super::support::*;

struct Golden {
    name: String,
    table: toml::Table,
    source: Source,
    headers: Vec<(String, String)>,
    body: String,
}

impl Golden {
    fn read(path: &Path) -> Self {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let table: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let text = |key: &str| table[key].as_str().unwrap();
        let source = source(&format!("name = 's'\nprovider = '{}'\n{}", text("provider"), text("source")));
        let headers = table["headers"].as_table().unwrap().iter();
        let headers =
            headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        let body = text("body").to_owned();
        Self { name, table, source, headers, body }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.table.get(key)?.as_str()
    }

    fn delivery(&self, headers: &[(String, String)], body: &[u8]) -> Delivery {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let now = at(self.table["now"].as_integer().unwrap().try_into().unwrap());
        let mut delivery = delivery(&self.source, &headers, body.to_vec(), now);
        if let Some(url) = self.text("url") {
            let url: Uri = url.parse().unwrap();
            delivery.uri = url.path_and_query().unwrap().as_str().parse().unwrap();
        }
        delivery
    }

    fn verify(&self, headers: &[(String, String)], body: &[u8]) -> Result<Verified, Refusal> {
        let url = self.text("url").map(|url| url.parse::<Uri>().unwrap());
        let public = url.map(|url| format!("{}://{}", url.scheme_str().unwrap(), url.authority().unwrap()));
        self.source.verify(self.delivery(headers, body), public.as_deref())
    }
}

fn all() -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/ingest/golden");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 10, "{paths:?}");
    paths.iter().map(|path| Golden::read(path)).collect()
}

/// The rows that have a golden.
pub fn providers() -> Vec<String> {
    all().iter().filter_map(|golden| golden.text("provider")).map(str::to_owned).collect()
}

fn flipped(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let middle = bytes.len() / 2;
    // Stays ASCII, and what is hexadecimal stays so.
    bytes[middle] = if bytes[middle] == b'0' { b'1' } else { b'0' };
    bytes
}

#[test]
fn what_a_vendors_package_calls_genuine_is_accepted_under_its_type_and_id() {
    for golden in all() {
        let verified = golden.verify(&golden.headers, golden.body.as_bytes());
        let verified = verified.unwrap_or_else(|refusal| panic!("{}: {refusal}", golden.name));
        let batch = publish::events(&golden.source, &verified, 1_000).unwrap();
        let record = record(&batch);
        assert_eq!(record["type"].as_str(), golden.text("type"), "{}", golden.name);
        if let Some(id) = golden.text("id") {
            assert_eq!(record["id"], id, "{}", golden.name);
        }
        let topic = format!("s/{}", golden.text("type").unwrap().replace('/', "%2F"));
        assert_eq!(super::support::topic(&batch), topic, "{}", golden.name);
    }
}

#[test]
fn one_byte_of_a_genuine_delivery_changed_is_refused() {
    for golden in all() {
        let genuine = golden.verify(&golden.headers, golden.body.as_bytes()).unwrap();
        if genuine.proof().covers_body {
            let refused = golden.verify(&golden.headers, &flipped(&golden.body));
            assert!(refused.is_err(), "{}: a changed body is taken", golden.name);
        }
        for rule in golden.source.row().methods.iter().flat_map(|method| &method.signatures) {
            let Place::Header(name) = &rule.place else { continue };
            let mut headers = golden.headers.clone();
            let Some((_, value)) = headers.iter_mut().find(|(found, _)| found == name.as_str()) else {
                continue;
            };
            *value = String::from_utf8(flipped(value)).unwrap();
            let refused = golden.verify(&headers, golden.body.as_bytes());
            assert!(refused.is_err(), "{}: a changed {name} is taken", golden.name);
        }
    }
}
