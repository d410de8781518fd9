//! Asks a vendor for keys: no redirects, 64 KiB, a deadline. Whom it may ask is decided before (`hosts`), how often by
//! `store`.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::ACCEPT;
use reqwest::{Client, RequestBuilder, Url};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::outbound::{self, Whole};
use crate::secret::Secret;

use super::certificate;
use super::claim::Ask;
use super::rule::credentials;
use super::vendor_key::VendorKey;

/// Largest answer that is read.
const BYTES_MAX: usize = 64 * 1024;
/// Keys of a set that are kept; vendors have two or three.
const KEYS_MAX: usize = 16;
/// How long keys are good where the vendor does not say; a certificate says itself when it ends.
const FRESH_FOR: Duration = Duration::from_hours(24);
/// Bounds of what a vendor says: a key that it withdrew ends within an hour.
const FRESH_BOUNDS: (Duration, Duration) = (Duration::from_mins(5), Duration::from_hours(1));

/// What came of it.
#[derive(Debug)]
pub struct Answer {
    pub keys: Vec<VendorKey>,
    pub fresh_for: Duration,
}

/// The client, made when it is first needed: few sources fetch keys.
#[derive(Debug)]
pub struct Fetcher {
    client: OnceLock<Result<Client, String>>,
    deadline: Duration,
}

impl Fetcher {
    pub fn new(deadline: Duration) -> Self {
        Self { client: OnceLock::new(), deadline }
    }

    /// # Errors
    /// Why there are no keys, for the log.
    pub async fn fetch(&self, ask: &Ask) -> Result<Answer, String> {
        let asking = async {
            match ask {
                Ask::Certificate(url) => {
                    let bytes = read(self.client()?.get(url.clone())).await?.bytes;
                    Ok(Answer { keys: vec![certificate::parse(&bytes)?], fresh_for: FRESH_FOR })
                }
                Ask::Set(url) => {
                    let body =
                        read(self.client()?.get(url.clone()).header(ACCEPT, "application/json")).await?;
                    let set: Value = body.json()?;
                    let all = set["keys"].as_array().ok_or("this is no key set")?;
                    let keys: Vec<_> =
                        all.iter().cloned().filter_map(VendorKey::of_jwk).take(KEYS_MAX).collect();
                    if keys.is_empty() {
                        return Err("there is no key in it that checks signatures".into());
                    }
                    Ok(Answer { keys, fresh_for: body.fresh_for.unwrap_or(FRESH_BOUNDS.1) })
                }
                Ask::Plaid { url, kid, credentials } => self.plaid(url, kid, credentials).await,
                Ask::Ebay { url, kid, credentials } => self.ebay(url, kid, credentials).await,
            }
        };
        timeout(self.deadline, asking).await.unwrap_or_else(|_| Err("no whole answer in time".into()))
    }

    /// Asks for something whose answer does not matter but for its status.
    ///
    /// # Errors
    /// Why it was not done, for the log.
    pub async fn visit(&self, url: &Url) -> Result<(), String> {
        let asking = async { read(self.client()?.get(url.clone())).await };
        timeout(self.deadline, asking)
            .await
            .unwrap_or_else(|_| Err("no whole answer in time".into()))
            .map(drop)
    }

    fn client(&self) -> Result<&Client, String> {
        let make = || outbound::client().map_err(|error| outbound::told(&error));
        self.client.get_or_init(make).as_ref().map_err(Clone::clone)
    }

    /// The newest credentials stand first; those being replaced are tried after them.
    async fn plaid(&self, url: &Url, kid: &str, all: &[Secret]) -> Result<Answer, String> {
        let mut last = Err("no client id and secret are configured".to_owned());
        for (client_id, secret) in all.iter().filter_map(credentials) {
            let body = json!({ "client_id": client_id, "secret": secret, "key_id": kid }).to_string();
            let asking =
                self.client()?.post(url.clone()).header("content-type", "application/json").body(body);
            last = read(asking).await.and_then(|body| one(VendorKey::of_jwk(body.json()?["key"].take())));
            if last.is_ok() {
                break;
            }
        }
        last
    }

    async fn ebay(&self, url: &Url, kid: &str, all: &[Secret]) -> Result<Answer, String> {
        let token_url = url.join("/identity/v1/oauth2/token").map_err(|error| error.to_string())?;
        let mut last = Err("no client id and secret are configured".to_owned());
        for (client_id, secret) in all.iter().filter_map(credentials) {
            let form = "grant_type=client_credentials&scope=https%3A%2F%2Fapi.ebay.com%2Foauth%2Fapi_scope";
            let asking = self.client()?.post(token_url.clone()).basic_auth(client_id, Some(secret));
            let asking = asking.header("content-type", "application/x-www-form-urlencoded").body(form);
            let token = match read(asking).await.and_then(|body| body.json()) {
                Ok(token) => token,
                Err(why) => {
                    last = Err(why);
                    continue;
                }
            };
            let token = token["access_token"].as_str().ok_or("the answer holds no access token")?;
            let key: Value = read(self.client()?.get(url.clone()).bearer_auth(token)).await?.json()?;
            let pem = unfolded(key["key"].as_str().ok_or("the answer holds no key")?);
            return one(VendorKey::of_p256_pem(kid, &pem));
        }
        last
    }
}

fn one(key: Option<VendorKey>) -> Result<Answer, String> {
    let key = key.ok_or("there is no key in it that checks signatures")?;
    Ok(Answer { keys: vec![key], fresh_for: FRESH_FOR })
}

/// eBay writes its PEM without line ends.
fn unfolded(pem: &str) -> String {
    const MARKS: (&str, &str) = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----");
    let inner = pem.trim().trim_start_matches(MARKS.0).trim_end_matches(MARKS.1);
    let inner: String = inner.split_whitespace().collect();
    let lines: Vec<&str> =
        inner.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("{}\n{}\n{}\n", MARKS.0, lines.join("\n"), MARKS.1)
}

struct Body {
    bytes: Vec<u8>,
    fresh_for: Option<Duration>,
}

impl Body {
    fn json(&self) -> Result<Value, String> {
        serde_json::from_slice(&self.bytes).map_err(|error| format!("the answer is no JSON: {error}"))
    }
}

/// Only the row's hosts are believed, and the client follows no redirect to others.
async fn read(asking: RequestBuilder) -> Result<Body, String> {
    let Whole { bytes, max_age } = outbound::whole(asking, BYTES_MAX).await?;
    Ok(Body { bytes, fresh_for: max_age.map(|it| it.clamp(FRESH_BOUNDS.0, FRESH_BOUNDS.1)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pem_without_line_ends_is_read_as_one_with_them() {
        let whole = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfS\nmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==\n-----END PUBLIC KEY-----\n";
        let flat = whole.replace('\n', "");
        assert_eq!(unfolded(whole), whole);
        assert_eq!(unfolded(&flat), whole);
        assert!(VendorKey::of_p256_pem("a", &unfolded(&flat)).is_some());
    }
}
