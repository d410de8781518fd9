//! Plivo, version 3: HMAC-SHA256 over the URL with its query sorted, the form's fields sorted, and a nonce.
//!
//! Nothing stands between one field and the next, so a delivery is told apart by all that is signed but the nonce: whoever
//! moves a border changes none of it, and another try of Plivo's own has another nonce.

use crate::ingest::delivery::Delivery;
use crate::ingest::fetched::claim::No;
use crate::ingest::mac::{Hash, Hasher};
use crate::ingest::sign::SignError;
use crate::ingest::signature::{CANDIDATES_MAX, Encoding};
use crate::ingest::template::Part;
use crate::mistake::Mistake;
use crate::secret::Secret;

use super::{Code, CodeKey, Request, digest, fits, is_form_or_empty, url, utf8_key, with_header};

/// Calls and messages name it differently; the value is made alike.
const SIGNATURES: [&str; 2] = ["x-plivo-signature-v3", "x-plivo-signature-ma-v3"];
const NONCE: &str = "x-plivo-signature-v3-nonce";

pub struct Plivo;

impl Code for Plivo {
    fn key(&self, secret: &Secret) -> Result<CodeKey, Mistake> {
        utf8_key(Hash::Sha256, secret)
    }

    fn prove(&self, request: Request<'_>, keys: &[CodeKey]) -> Result<Vec<u8>, No> {
        let delivery = request.delivery;
        let given = SIGNATURES.iter().filter_map(|name| delivery.header(name));
        let given: Vec<&str> = given.flat_map(|list| list.split(',')).take(CANDIDATES_MAX).collect();
        if given.is_empty() {
            return Err(No::missing("X-Plivo-Signature-V3 is missing"));
        }
        let (message, nonce) = signed(request)?;
        let mut is_genuine = false;
        for text in given {
            let Some(bytes) = Encoding::Base64.decode(text.trim()) else { continue };
            is_genuine |= fits(keys, &[message.as_bytes(), b".", nonce.as_bytes()], &bytes);
        }
        if !is_genuine {
            return Err(No::mismatch("no signature fits any secret"));
        }
        Ok(Hasher::of(Hash::Sha256, message.as_bytes()).as_bytes().to_vec())
    }

    fn covers(&self, part: &Part) -> bool {
        matches!(
            part,
            Part::Body | Part::Json(_) | Part::Form(_) | Part::FormSorted | Part::Query(_) | Part::Url
        ) || matches!(part, Part::Header(name) if name == NONCE)
    }

    fn sign(&self, request: Request<'_>, key: &CodeKey) -> Result<Delivery, SignError> {
        let nonce = super::super::time::unix_ms(request.now).to_string();
        let named = with_header(request.delivery, &[(NONCE, &nonce)])?;
        let (message, nonce) =
            signed(Request { delivery: &named, ..request }).map_err(|_| SignError::NoUrl)?;
        let digest = digest(key, &[message.as_bytes(), b".", nonce.as_bytes()]);
        with_header(&named, &[(SIGNATURES[0], &Encoding::Base64.encode(digest.as_bytes()))])
    }
}

/// What is signed before the last full stop, and the nonce behind it.
fn signed(request: Request<'_>) -> Result<(String, &str), No> {
    let delivery = request.delivery;
    let nonce = delivery.header(NONCE).ok_or(No::missing("X-Plivo-Signature-V3-Nonce is missing"))?;
    // With a full stop in it, the end of a field could pass for the beginning of the nonce.
    if !nonce.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return Err(No::malformed("X-Plivo-Signature-V3-Nonce is not of letters and digits"));
    }
    if !is_form_or_empty(delivery) {
        return Err(No::content("only the fields of a form are signed, but this body is none"));
    }
    let whole = url(request)?;
    let base = whole.split('?').next().unwrap_or_default();
    let mut query: Vec<(&str, &str)> = delivery.query().pairs().collect();
    query.sort_unstable();
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let query = query.join("&");
    let mut fields: Vec<(&str, &str)> = delivery.form().pairs().collect();
    fields.sort_unstable();
    let fields: String = fields.iter().flat_map(|(name, value)| [*name, *value]).collect();
    let message = match (query.is_empty(), fields.is_empty()) {
        (true, true) => base.to_owned(),
        (false, true) => format!("{base}?{query}"),
        (true, false) => format!("{base}?{fields}"),
        (false, false) => format!("{base}?{query}.{fields}"),
    };
    Ok((message, nonce))
}
