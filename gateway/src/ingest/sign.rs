//! The sender's side: signs a sample as a source's provider would, from the same row that verifies it. For `hookcast send`,
//! the demo and the test button.

use std::fmt;
use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use bytes::Bytes;

use super::delivery::Delivery;
use super::json::Document;
use super::keys::Keys;
use super::mac::{Hasher, Hmacs};
use super::pointer::Pointer;
use super::public_key::PublicKey;
use super::signature::{Labels, Place, SignatureRule};
use super::source::Source;
use super::template::{Part, Reading, Template};
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
    /// The signature stands in the body, or signs the URL.
    Unsupported,
    /// The vendor signs with a private key of its own.
    VendorsKey,
}

impl fmt::Display for SignError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoPrivateKey => {
                "this source has the provider's public key, which verifies but cannot sign; give a private key in its place (PEM, or an Ed25519 key pair of 64 bytes) to sign samples"
            }
            Self::VendorsKey => "this vendor signs with a private key that nobody else has, and we fetch its public one; its own page sends a test",
            Self::Unsupported => "samples of this provider cannot be signed: its signature needs more than headers and the body",
        })
    }
}

impl std::error::Error for SignError {}

/// Signs a sample with the first key of a source. `id` should be fresh: it stands where the provider's delivery id does, and
/// an equal one is a duplicate.
///
/// # Errors
/// When the source's key cannot sign, or the row asks for what a sample does not have.
pub fn sign(source: &Source, sample: &Sample, now: SystemTime, id: &str) -> Result<SignedRequest, SignError> {
    let method = source.verifier.methods().first().ok_or(SignError::NoPrivateKey)?;
    let body = name_in_body(source, sample, id);
    let mut headers = HeaderMap::new();
    let content_type = source.row.sample.content_type.as_deref().unwrap_or("application/json");
    set(&mut headers, "content-type", content_type);
    for (name, value) in &source.row.sample.headers {
        set(&mut headers, name, value);
    }
    name_in_headers(source, method, sample, id, &mut headers);
    let timestamp = method.rule.time.as_ref().map(|rule| rule.form.write(now));
    if let (Some(rule), Some(timestamp)) = (&method.rule.time, &timestamp)
        && let Part::Header(name) = &rule.from
    {
        set(&mut headers, name.as_str(), timestamp);
    }
    // Discord signs its timestamp, though no rule says how old it may be.
    for part in method.rule.message.parts() {
        if let Part::Header(name) = part
            && !headers.contains_key(name)
        {
            let seconds = super::time::TimeForm::Seconds.write(now);
            let is_time = name.as_str().contains("timestamp");
            set(&mut headers, name.as_str(), if is_time { &seconds } else { id });
        }
    }
    let delivery = Delivery::new(
        Method::POST,
        Uri::from_static("/"),
        headers,
        body,
        now,
        source.row.delivery.body.clone(),
    );
    let signature = signature(method, &delivery, timestamp.as_deref())?;
    let mut headers = written(&delivery.headers);
    let query = match (&signature, method.rule.signatures.first()) {
        (Some(bytes), Some(rule)) => place(rule, bytes, method, timestamp.as_deref(), &mut headers)?,
        _ => None,
    };
    Ok(SignedRequest { query, headers, body: delivery.body })
}

/// The bytes of the signature or token; none where nothing is signed.
fn signature(
    method: &VerifyMethod,
    delivery: &Delivery,
    timestamp: Option<&str>,
) -> Result<Option<Vec<u8>>, SignError> {
    let labels = Labels::default();
    let reading = Reading { timestamp, labels: Some(&labels), ..Reading::of(delivery) };
    let message = &method.rule.message;
    match &method.keys {
        Keys::None => Ok(None),
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

/// Writes the signature where the rule looks for it; gives the query, if it goes there.
fn place(
    rule: &SignatureRule,
    bytes: &[u8],
    method: &VerifyMethod,
    timestamp: Option<&str>,
    headers: &mut Vec<(String, String)>,
) -> Result<Option<String>, SignError> {
    let encoded = format!("{}{}", rule.strip.as_deref().unwrap_or_default(), rule.encoding.encode(bytes));
    let labelled = match &rule.key {
        Some(label) => format!("{label}{}{encoded}", rule.kv),
        None => encoded,
    };
    let stamp = method.rule.time.as_ref().and_then(|rule| match &rule.from {
        Part::Signature(label) => Some(label),
        _ => None,
    });
    let text = match (stamp, timestamp) {
        (Some(label), Some(timestamp)) => {
            format!("{label}{}{timestamp}{}{labelled}", rule.kv, rule.split.as_deref().unwrap_or(","))
        }
        _ => labelled,
    };
    match &rule.place {
        Place::Header(name) => headers.push((name.to_string(), text)),
        Place::Headers(prefix) => headers.push((format!("{prefix}1"), text)),
        Place::Query(name) => {
            let value = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC);
            return Ok(Some(format!("{name}={value}")));
        }
        Place::Json(_) | Place::Form(_) => return Err(SignError::Unsupported),
    }
    Ok(None)
}

/// Puts id and type where the row reads them in the body, if the sample has something there to be replaced.
fn name_in_body(source: &Source, sample: &Sample, id: &str) -> Bytes {
    let row = &source.row.delivery;
    let mut body = sample.body.clone();
    if row.each.is_some() {
        return body;
    }
    let single = |templates: &[Template]| -> Option<Pointer> {
        templates.iter().find_map(|template| {
            let mut parts = template.parts();
            match (parts.next(), parts.next()) {
                (Some(Part::Json(pointer)), None) => Some(pointer.clone()),
                _ => None,
            }
        })
    };
    if let Some(pointer) = single(&row.ids) {
        body = replaced(&body, &pointer, id);
    }
    if !sample.event_type.is_empty() && sample.event_type != source.row.sample.event_type {
        let plain = || ["type", "event"].iter().filter_map(|name| Pointer::parse(name).ok()).collect();
        let pointers: Vec<Pointer> = match single(&row.types) {
            Some(pointer) => vec![pointer],
            None if row.types.is_empty() => plain(),
            None => Vec::new(),
        };
        for pointer in pointers {
            body = replaced(&body, &pointer, &sample.event_type);
        }
    }
    body
}

/// The same JSON with another text at a pointer; unchanged where that finds nothing.
fn replaced(body: &Bytes, pointer: &Pointer, text: &str) -> Bytes {
    let Ok(document) = Document::scan(body) else { return body.clone() };
    let Some(value) = pointer.find(document.root()) else { return body.clone() };
    let (whole, range) = (document.root().raw(), value.range());
    let text = serde_json::Value::from(text);
    format!("{}{text}{}", &whole[..range.start], &whole[range.end..]).into()
}

/// Puts id and type where the row reads them in the head.
fn name_in_headers(
    source: &Source,
    method: &VerifyMethod,
    sample: &Sample,
    id: &str,
    headers: &mut HeaderMap,
) {
    let row = &source.row.delivery;
    let ids: Vec<&Part> =
        row.ids.iter().flat_map(Template::parts).filter(|part| matches!(part, Part::Header(_))).collect();
    let signed = ids.iter().find(|part| method.rule.message.parts().any(|signed| signed == **part));
    if let Some(Part::Header(name)) = signed.or(ids.first()) {
        set(headers, name.as_str(), id);
    }
    for template in row.types.iter().take(1) {
        let mut parts = template.parts();
        if let Some(Part::Header(name)) = parts.next() {
            // What follows the header's part, such as an action, is the body's.
            let text = match parts.next() {
                Some(_) => sample.event_type.split('.').next().unwrap_or_default(),
                None => &sample.event_type,
            };
            if !text.is_empty() {
                set(headers, name.as_str(), text);
            }
        }
    }
}

fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

fn written(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
