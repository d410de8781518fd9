//! Twilio: HMAC-SHA1 over the URL and the sorted fields of a form; or, for JSON, over the URL alone, in whose query stands
//! the body's SHA-256. Whether the URL has its port is not the same everywhere at Twilio, so both are tried.

use subtle::ConstantTimeEq as _;

use crate::ingest::delivery::Delivery;
use crate::ingest::fetched::claim::No;
use crate::ingest::mac::{Hash, Hasher};
use crate::ingest::sign::SignError;
use crate::ingest::signature::Encoding;
use crate::ingest::template::Part;
use crate::mistake::Mistake;
use crate::secret::Secret;

use super::{Code, CodeKey, Request, digest, fits, is_form_or_empty, url, utf8_key, with_header};

const SIGNATURE: &str = "x-twilio-signature";
/// Its place in the query of a JSON delivery.
const BODY_HASH: &str = "bodySHA256";

pub struct Twilio;

impl Code for Twilio {
    fn key(&self, secret: &Secret) -> Result<CodeKey, Mistake> {
        utf8_key(Hash::Sha1, secret)
    }

    fn prove(&self, request: Request<'_>, keys: &[CodeKey]) -> Result<Vec<u8>, No> {
        let delivery = request.delivery;
        let given = delivery.header(SIGNATURE).ok_or(No::missing("X-Twilio-Signature is missing"))?;
        let given = Encoding::Base64.decode(given).ok_or(No::malformed("X-Twilio-Signature is no base64"))?;
        let fields = match delivery.query().get(BODY_HASH) {
            Some(hash) => {
                let expected = hex::encode(Hasher::of(Hash::Sha256, &delivery.body).as_bytes());
                if !bool::from(expected.as_bytes().ct_eq(hash.to_ascii_lowercase().as_bytes())) {
                    return Err(No::mismatch("the body is not the one whose hash stands in the URL"));
                }
                String::new()
            }
            None if is_form_or_empty(delivery) => delivery.form().sorted(),
            None => {
                return Err(No::content("a body that is no form has its hash in the URL, but there is none"));
            }
        };
        let mut is_genuine = false;
        for url in with_and_without_port(&url(request)?) {
            is_genuine |= fits(keys, &[url.as_bytes(), fields.as_bytes()], &given);
        }
        if is_genuine { Ok(given) } else { Err(No::mismatch("no secret and spelling of the URL fits")) }
    }

    fn covers(&self, part: &Part) -> bool {
        matches!(
            part,
            Part::Body | Part::Json(_) | Part::Form(_) | Part::FormSorted | Part::Query(_) | Part::Url
        )
    }

    fn sign(&self, request: Request<'_>, key: &CodeKey) -> Result<Delivery, SignError> {
        let delivery = request.delivery;
        let mut hashed = with_header(delivery, &[])?;
        if !is_form_or_empty(delivery) {
            let hash = hex::encode(Hasher::of(Hash::Sha256, &delivery.body).as_bytes());
            let uri = format!("{}?{BODY_HASH}={hash}", delivery.uri.path());
            hashed.uri = uri.parse().map_err(|_| SignError::Unsupported)?;
        }
        let fields = if is_form_or_empty(delivery) { delivery.form().sorted() } else { String::new() };
        let request = Request { delivery: &hashed, ..request };
        let url = url(request).map_err(|_| SignError::NoUrl)?;
        let digest = digest(key, &[url.as_bytes(), fields.as_bytes()]);
        with_header(&hashed, &[(SIGNATURE, &Encoding::Base64.encode(digest.as_bytes()))])
    }
}

/// As it is, with its scheme's own port, and without any.
fn with_and_without_port(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // A colon inside brackets is an IPv6 address's.
    let port = host.rfind(':').filter(|colon| !host[*colon..].contains(']'));
    let own = if scheme == "https" { 443 } else { 80 };
    all.push(match port {
        Some(colon) => format!("{scheme}://{}{path}", &host[..colon]),
        None => format!("{scheme}://{host}:{own}{path}"),
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_its_port_or_not() {
        let spelt = |url: &str| with_and_without_port(url).swap_remove(1);
        assert_eq!(spelt("https://a.example/x?y=:1"), "https://a.example:443/x?y=:1");
        assert_eq!(spelt("http://a.example"), "http://a.example:80");
        assert_eq!(spelt("https://a.example:8443/x"), "https://a.example/x");
        assert_eq!(spelt("https://[::1]/x"), "https://[::1]:443/x");
    }
}
