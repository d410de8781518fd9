//! Contentful: HMAC-SHA256 over method, path, the headers that a header lists, and the body.

use axum::http::HeaderName;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::ingest::delivery::Delivery;
use crate::ingest::fetched::claim::{No, fresh};
use crate::ingest::mac::Hash;
use crate::ingest::sign::SignError;
use crate::ingest::signature::Encoding;
use crate::ingest::template::Part;
use crate::ingest::time::TimeForm;
use crate::mistake::Mistake;
use crate::secret::Secret;

use super::{Code, CodeKey, Request, digest, fits, utf8_key, with_header};

const SIGNATURE: &str = "x-contentful-signature";
const LIST: &str = "x-contentful-signed-headers";
const TIME: &str = "x-contentful-timestamp";
/// Most headers that a delivery may list.
const HEADERS_MAX: usize = 40;

/// What Node's `querystring.escape` leaves alone.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

pub struct Contentful;

impl Code for Contentful {
    fn key(&self, secret: &Secret) -> Result<CodeKey, Mistake> {
        utf8_key(Hash::Sha256, secret)
    }

    fn prove(&self, request: Request<'_>, keys: &[CodeKey]) -> Result<Vec<u8>, No> {
        let delivery = request.delivery;
        let given = delivery.header(SIGNATURE).ok_or(No::missing("X-Contentful-Signature is missing"))?;
        let given = Encoding::Hex.decode(given).ok_or(No::malformed("X-Contentful-Signature is no hex"))?;
        let time = delivery.header(TIME).ok_or(No::missing("X-Contentful-Timestamp is missing"))?;
        let sent = TimeForm::Milliseconds.parse(time);
        let sent = sent.ok_or(No::malformed("X-Contentful-Timestamp is no number of milliseconds"))?;
        let list = delivery.header(LIST).ok_or(No::missing("X-Contentful-Signed-Headers is missing"))?;
        let head = head(delivery, list);
        if !fits(keys, &[head.as_bytes(), &delivery.body], &given) {
            return Err(No::mismatch("the signature fits no secret"));
        }
        fresh(sent, request.now, request.tolerance)?;
        Ok(given)
    }

    /// Which headers are signed is another question for each delivery: none is believed by itself.
    fn covers(&self, part: &Part) -> bool {
        matches!(part, Part::Body | Part::Json(_) | Part::Form(_) | Part::Method | Part::Path)
    }

    fn sign(&self, request: Request<'_>, key: &CodeKey) -> Result<Delivery, SignError> {
        let time = TimeForm::Milliseconds.write(request.now);
        let mut names: Vec<&str> = request.delivery.headers.keys().map(HeaderName::as_str).collect();
        names.retain(|name| name.starts_with("x-contentful-") && ![SIGNATURE, LIST, TIME].contains(name));
        names.extend([LIST, TIME]);
        names.sort_unstable();
        let list = names.join(",");
        let timed = with_header(request.delivery, &[(TIME, &time), (LIST, &list)])?;
        let digest = digest(key, &[head(&timed, &list).as_bytes(), &timed.body]);
        with_header(&timed, &[(SIGNATURE, &hex::encode(digest.as_bytes()))])
    }
}

/// What stands before the body. Time and list are signed whether they are listed or not.
fn head(delivery: &Delivery, list: &str) -> String {
    let listed = list.split(',').take(HEADERS_MAX).map(|name| name.trim().to_ascii_lowercase());
    let mut names: Vec<String> = listed.filter(|name| delivery.headers.contains_key(name)).collect();
    names.extend([LIST.to_owned(), TIME.to_owned()]);
    names.sort_unstable();
    names.dedup();
    let sorted = names.join(",");
    let value = |name: &String| match name.as_str() {
        LIST => sorted.clone(),
        name => delivery.header(name).unwrap_or_default().trim().to_owned(),
    };
    let pairs: Vec<String> = names.iter().map(|name| format!("{name}:{}", value(name))).collect();
    let path = match delivery.uri.query() {
        // Escaped twice, as their toolkit does.
        Some(query) => {
            let once = utf8_percent_encode(query, ESCAPED).to_string();
            format!("{}?{}", delivery.uri.path(), once.replace('%', "%25"))
        }
        None => delivery.uri.path().to_owned(),
    };
    format!("{}\n{path}\n{}\n", delivery.method, pairs.join(";"))
}
