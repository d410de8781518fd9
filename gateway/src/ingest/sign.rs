//! The sender's side: signs a sample as a source's provider would, from the same row that verifies it. For `hookcast send`,
//! the demo and the test button.

use std::fmt;
use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use super::code;
use super::delivery::Delivery;
use super::draft;
use super::jws::Request;
use super::keys::Keys;
use super::mac::{Hasher, Hmacs};
use super::method::Scheme;
use super::public_key::PublicKey;
use super::signature::{Labels, Place, SignatureRule};
use super::source::Source;
use super::template::{Part, Reading};
use super::verify::Method as VerifyMethod;

/// What is to be sent: a type and a body, such as a provider's own sample.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Empty: whatever the body says.
    pub event_type: String,
    pub body: Bytes,
}

/// A request, ready to be posted to the source's URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// Without `?`; where the token goes into the URL.
    pub query: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignError {
    /// Only a public key is configured, and that cannot sign.
    NoPrivateKey,
    /// The provider sends the secret itself, and it is not here.
    NoSecret,
    /// The signature needs what a sample does not have.
    Unsupported,
    /// The URL is signed, but nobody said which it is.
    NoUrl,
    /// The vendor signs with a private key of its own.
    VendorsKey,
}

impl fmt::Display for SignError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoPrivateKey => {
                "this source has the provider's public key, which verifies but cannot sign; give a private key in its place (PEM, or an Ed25519 key pair of 64 bytes) to sign samples"
            }
            Self::NoSecret => {
                "its secret is captured when the webhook is registered, and is not written here; name the provider and give with --secret what GET /api/v1/sources/NAME/captured says, or write it to secrets"
            }
            Self::VendorsKey => "this vendor signs with a private key that nobody else has, and we fetch its public one; its own page sends a test",
            Self::NoUrl => "this provider signs the URL that it was given; set public_url in the configuration",
            Self::Unsupported => "samples of this provider cannot be signed: its signature needs more than headers and the body",
        })
    }
}

impl std::error::Error for SignError {}

/// Signs a sample with the first key of a source. `id` should be fresh: it stands where the provider's delivery id does, and
/// an equal one is a duplicate. `public_url` is needed where the provider signs the URL.
///
/// # Errors
/// When the source's key cannot sign, or the row asks for what a sample does not have.
pub fn sign_for(
    source: &Source,
    sample: &Sample,
    public_url: Option<&str>,
    now: SystemTime,
    id: &str,
) -> Result<SignedRequest, SignError> {
    let without = || if source.is_armed() { SignError::NoSecret } else { SignError::NoPrivateKey };
    let method = source.verifier.methods().first().ok_or_else(without)?;
    let delivery = draft::draft(source, method, sample, now, id)?;
    let signed = match (&method.rule.scheme, &method.keys) {
        (Scheme::Code(vendor, tolerance), Keys::Code(keys)) => {
            let key = keys.first().ok_or(SignError::NoPrivateKey)?;
            let request = code::Request { delivery: &delivery, public_url, now, tolerance: *tolerance };
            vendor.code().sign(request, key)?
        }
        (Scheme::Jws(rule), Keys::Jws(keys)) => {
            let place = method.rule.signatures.first().ok_or(SignError::Unsupported)?;
            let payload = (place.place == Place::Body).then_some(&*delivery.body);
            let request = Request { delivery: &delivery, public_url, now };
            let token = rule.sign(keys, payload, request).ok_or(SignError::NoPrivateKey)?;
            put(delivery, place, method, None, token.as_bytes())?
        }
        _ => {
            let timestamp = method.rule.time.as_ref().map(|rule| rule.form.write(now));
            let signature = signature(method, &delivery, public_url, timestamp.as_deref())?;
            match (signature, method.rule.signatures.first()) {
                (Some(bytes), Some(place)) => put(delivery, place, method, timestamp.as_deref(), &bytes)?,
                _ => delivery,
            }
        }
    };
    let query = signed.uri.query().map(str::to_owned);
    Ok(SignedRequest { query, headers: written(&signed.headers), body: signed.body })
}

/// As [`sign_for`], of a provider that does not sign the URL.
pub fn sign(source: &Source, sample: &Sample, now: SystemTime, id: &str) -> Result<SignedRequest, SignError> {
    sign_for(source, sample, None, now, id)
}

/// The bytes of the signature or token; none where nothing is signed.
fn signature(
    method: &VerifyMethod,
    delivery: &Delivery,
    public_url: Option<&str>,
    timestamp: Option<&str>,
) -> Result<Option<Vec<u8>>, SignError> {
    let labels = Labels::default();
    let reading = Reading { timestamp, public_url, labels: Some(&labels), ..Reading::of(delivery) };
    let message = &method.rule.message;
    if public_url.is_none() && message.parts().any(|part| *part == Part::Url) {
        return Err(SignError::NoUrl);
    }
    match &method.keys {
        Keys::None => Ok(None),
        Keys::Jws(_) | Keys::Code(_) => Err(SignError::Unsupported),
        Keys::Fetched(_) => Err(SignError::VendorsKey),
        Keys::Token(tokens) => Ok(tokens.first().map(|(token, _)| token.expose().to_vec())),
        Keys::Hmac(keys) => {
            let mut mac: Hmacs = keys.first().cloned().ok_or(SignError::NoPrivateKey)?;
            message.feed(&reading, |run| mac.update(run)).map_err(|_| SignError::Unsupported)?;
            Ok(Some(mac.finish().as_bytes().to_vec()))
        }
        Keys::Digest(hash, secrets) => {
            let secret = secrets.first().ok_or(SignError::NoPrivateKey)?;
            let reading = Reading { secret: Some(secret.expose()), ..reading };
            let mut hasher = Hasher::new(*hash);
            message.feed(&reading, |run| hasher.update(run)).map_err(|_| SignError::Unsupported)?;
            Ok(Some(hasher.finish().as_bytes().to_vec()))
        }
        Keys::Public(keys) => {
            let key = keys.iter().find(|key| PublicKey::can_sign(key)).ok_or(SignError::NoPrivateKey)?;
            let mut signed = key.message();
            message.feed(&reading, |run| signed.update(run)).map_err(|_| SignError::Unsupported)?;
            key.sign(&signed.finish()).map(Some).ok_or(SignError::NoPrivateKey)
        }
    }
}

/// Writes the signature where the rule looks for it.
fn put(
    delivery: Delivery,
    rule: &SignatureRule,
    method: &VerifyMethod,
    timestamp: Option<&str>,
    bytes: &[u8],
) -> Result<Delivery, SignError> {
    let encoded = format!("{}{}", rule.strip.as_deref().unwrap_or_default(), rule.encoding.encode(bytes));
    let labelled = match &rule.key {
        Some(label) => format!("{label}{}{encoded}", rule.kv),
        None => encoded,
    };
    let stamp = method.rule.time.as_ref().and_then(|rule| match &rule.from {
        Part::Signature(label) => Some(label),
        _ => None,
    });
    let separator = rule.split.as_deref().unwrap_or(",");
    let text = match (stamp, timestamp) {
        // The time stands before the signature without a label.
        (Some(_), Some(timestamp)) if rule.after.is_some() => format!("{timestamp}{separator}{labelled}"),
        (Some(label), Some(timestamp)) => format!("{label}{}{timestamp}{separator}{labelled}", rule.kv),
        _ => labelled,
    };
    let signs_body = method.rule.message.parts().any(|part| *part == Part::Body)
        && !matches!(method.rule.scheme, Scheme::Token | Scheme::Jws(_));
    if signs_body && matches!(rule.place, Place::Json(_) | Place::Form(_) | Place::Body) {
        return Err(SignError::Unsupported);
    }
    Ok(match &rule.place {
        Place::Header(name) => draft::with_header(delivery, name.as_str(), &text),
        Place::Headers(prefix) => draft::with_header(delivery, &format!("{prefix}1"), &text),
        Place::Query(name) => draft::with_query(delivery, name, &text)?,
        Place::Json(pointer) => draft::with_json(delivery, pointer, &text),
        Place::Form(name) => draft::with_field(delivery, name, &text),
        Place::Body => draft::with_body(delivery, text.into()),
    })
}

fn written(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
