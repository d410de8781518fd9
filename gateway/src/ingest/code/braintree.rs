//! Braintree: a form with `bt_payload` (base64 of XML) and `bt_signature`, which is pairs `public key|signature`: the
//! HMAC-SHA1 of the payload's text under the SHA-1 of the private key. The secret is both keys, `PUBLIC:PRIVATE`.
//!
//! The same key signs the question that Braintree asks of an endpoint, whoever asks it. Its row allows hexadecimal digits
//! alone, and those are base64 too: so a payload must be XML, which nothing made of such digits decodes to.

use subtle::ConstantTimeEq as _;

use crate::ingest::delivery::Delivery;
use crate::ingest::fetched::claim::No;
use crate::ingest::fetched::rule::credentials;
use crate::ingest::mac::{Hash, Hasher, Hmacs};
use crate::ingest::sign::SignError;
use crate::ingest::signature::{CANDIDATES_MAX, Encoding};
use crate::ingest::template::Part;
use crate::mistake::Mistake;
use crate::secret::Secret;

use super::{Code, CodeKey, Request, digest};

const PAYLOAD: &str = "bt_payload";
const SIGNATURE: &str = "bt_signature";

pub struct Braintree;

impl Code for Braintree {
    fn key(&self, secret: &Secret) -> Result<CodeKey, Mistake> {
        let (public, private) = credentials(secret).ok_or_else(|| {
            let mend = "write both with a colon between: \"PUBLIC:PRIVATE\"";
            Mistake::new("the secret is the public key and the private key, but this is not both", mend)
        })?;
        let key = Hasher::of(Hash::Sha1, private.as_bytes());
        Ok(CodeKey { name: public.to_owned(), mac: Hmacs::new(Hash::Sha1, key.as_bytes()) })
    }

    fn prove(&self, request: Request<'_>, keys: &[CodeKey]) -> Result<Vec<u8>, No> {
        let form = request.delivery.form();
        let given = form.get(SIGNATURE).ok_or(No::missing("the form has no bt_signature"))?;
        let payload = form.get(PAYLOAD).ok_or(No::content("the form has no bt_payload"))?;
        // What is signed must be what is read: base64 and the line breaks in it.
        if !payload.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=\n".contains(&byte)) {
            return Err(No::content("bt_payload is no base64"));
        }
        let decoded = Encoding::Base64.decode(&payload.replace('\n', ""));
        if !decoded.is_some_and(|decoded| decoded.trim_ascii_start().starts_with(b"<")) {
            return Err(No::content("bt_payload is no XML, and Braintree sends nothing else"));
        }
        let mut fitted = None;
        for (public, signature) in given.split('&').take(CANDIDATES_MAX).filter_map(|it| it.split_once('|')) {
            let Ok(signature) = hex::decode(signature) else { continue };
            for key in keys.iter().filter(|key| key.name == public) {
                if digest(key, &[payload.as_bytes()]).as_bytes().ct_eq(&signature).into() {
                    fitted = Some(signature.clone());
                }
            }
        }
        fitted.ok_or(No::mismatch("no pair of bt_signature fits any secret"))
    }

    fn covers(&self, part: &Part) -> bool {
        // Other fields of the form are anybody's.
        matches!(part, Part::Form(name) if name == PAYLOAD)
    }

    /// The sample's body is the XML.
    fn sign(&self, request: Request<'_>, key: &CodeKey) -> Result<Delivery, SignError> {
        let delivery = request.delivery;
        let payload = format!("{}\n", Encoding::Base64.encode(&delivery.body));
        let signature = hex::encode(digest(key, &[payload.as_bytes()]).as_bytes());
        let escape = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let pair = format!("{}|{signature}", key.name);
        let body = format!("{SIGNATURE}={}&{PAYLOAD}={}", escape(&pair), escape(&payload));
        let form = "application/x-www-form-urlencoded";
        let mut headers = (*delivery.headers).clone();
        headers.insert("content-type", form.parse().map_err(|_| SignError::Unsupported)?);
        let (method, uri) = (delivery.method.clone(), delivery.uri.clone());
        Ok(Delivery::new(method, uri, headers, body.into(), delivery.received, delivery.body_form().clone()))
    }
}
