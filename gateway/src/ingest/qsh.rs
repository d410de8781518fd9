//! Atlassian Connect's query string hash: SHA-256 of method, path and sorted query, so that a token fits one request only.
//! The path is relative to the app's base URL, which may be this endpoint's own URL or the gateway's.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use super::delivery::Delivery;

/// RFC 3986: unreserved characters stay.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Whether a token's claim is of this request.
pub fn fits(given: &str, delivery: &Delivery) -> bool {
    let query = query(delivery);
    // Neither is a secret: whoever sees the request can make both.
    [delivery.uri.path(), "/"].iter().any(|path| given == hash(delivery.method.as_str(), path, &query))
}

/// The claim that a sender would write.
pub fn of(delivery: &Delivery) -> String {
    hash(delivery.method.as_str(), delivery.uri.path(), &query(delivery))
}

fn hash(method: &str, path: &str, query: &str) -> String {
    let path = path.trim_end_matches('/').replace('&', "%26");
    let path = if path.is_empty() { "/" } else { &path };
    hex::encode(Sha256::digest(format!("{}&{path}&{query}", method.to_ascii_uppercase())))
}

/// Names in their order, values of one name joined by commas; the token itself is no part of it.
fn query(delivery: &Delivery) -> String {
    let escape = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let mut pairs: Vec<(String, String)> = delivery
        .query()
        .pairs()
        .filter(|(name, _)| *name != "jwt")
        .map(|(name, value)| (escape(name), escape(value)))
        .collect();
    pairs.sort();
    let mut canonical = String::new();
    let mut before: Option<String> = None;
    for (name, value) in pairs {
        if before.as_ref() == Some(&name) {
            canonical.push(',');
        } else {
            if before.is_some() {
                canonical.push('&');
            }
            canonical.push_str(&name);
            canonical.push('=');
        }
        canonical.push_str(&value);
        before = Some(name);
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, Method};
    use std::time::SystemTime;

    fn get(uri: &str) -> Delivery {
        let now = SystemTime::UNIX_EPOCH;
        Delivery::new(Method::GET, uri.parse().unwrap(), HeaderMap::new(), "".into(), now, <_>::default())
    }

    #[test]
    fn the_hash_that_atlassian_publishes_is_made() {
        let published = "be16910858a41fd19ea5c1b4e9decca9a784d1024cb00b2158defe2f29dc86dd";
        assert_eq!(of(&get("/test?param=value")), published);
        assert!(fits(published, &get("/test/?param=value&jwt=x")));
        assert!(!fits(published, &get("/test?param=other")));
    }

    #[test]
    fn names_are_sorted_and_repeated_ones_joined() {
        assert_eq!(query(&get("/?b=2&a=3&a=1&c=a%20b")), "a=1,3&b=2&c=a%20b");
    }
}
