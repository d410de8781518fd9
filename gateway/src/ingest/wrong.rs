//! Deliveries that are wrong on purpose, so that an operator sees how one is refused: what was signed is changed, or signed too
//! long ago.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::method::Scheme;
use super::sign::SignedRequest;
use super::signature::Place;
use super::source::Source;

/// Beyond the tolerance, so that a clock that is a little wrong makes no difference.
const LATE_BY: Duration = Duration::from_hours(1);

/// When a delivery of this source is signed that comes too late; none where no time is signed.
pub fn too_long_ago(source: &Source, now: SystemTime) -> Option<SystemTime> {
    let method = source.verifier.methods().first()?;
    let tolerance = match (&method.rule.time, &method.rule.scheme) {
        (Some(rule), _) => rule.tolerance,
        (None, Scheme::Code(_, tolerance)) => *tolerance,
        _ => return None,
    };
    now.checked_sub(tolerance + LATE_BY)
}

/// Changes what proves the delivery, or what is proven of it; false where nothing is.
pub fn spoil(source: &Source, request: &mut SignedRequest) -> bool {
    let Some(method) = source.verifier.methods().first() else { return false };
    match method.rule.scheme {
        Scheme::None | Scheme::Fetched => false,
        // These prove the sender and perhaps not the body: what was sent as proof is changed.
        Scheme::Token | Scheme::Jws(_) => {
            method.rule.signatures.iter().any(|rule| spoil_place(&rule.place, request))
        }
        _ => {
            spoil_body(request) || method.rule.signatures.iter().any(|rule| spoil_place(&rule.place, request))
        }
    }
}

/// A letter or digit near the end, so that the body stays JSON: only the signature can tell.
fn spoil_body(request: &mut SignedRequest) -> bool {
    let mut bytes = request.body.to_vec();
    let is_changed = spoil_last(&mut bytes);
    request.body = Bytes::from(bytes);
    is_changed
}

fn spoil_place(place: &Place, request: &mut SignedRequest) -> bool {
    let is_meant = |name: &str| match place {
        Place::Header(header) => name.eq_ignore_ascii_case(header.as_str()),
        Place::Headers(prefix) => name.to_ascii_lowercase().starts_with(prefix.as_str()),
        _ => false,
    };
    match place {
        Place::Header(_) | Place::Headers(_) => {
            let found = request.headers.iter_mut().find(|(name, _)| is_meant(name));
            found.is_some_and(|(_, value)| spoil_text(value))
        }
        Place::Query(_) => request.query.as_mut().is_some_and(spoil_text),
        Place::Json(_) | Place::Form(_) | Place::Body => spoil_body(request),
    }
}

/// In the midst: at the end of base64 stand bits that nobody reads.
fn spoil_text(text: &mut String) -> bool {
    let mut bytes = std::mem::take(text).into_bytes();
    let end = (bytes.len() / 2 + 1).min(bytes.len());
    let is_changed = spoil_last(&mut bytes[..end]);
    *text = String::from_utf8(bytes).unwrap_or_default();
    is_changed
}

/// One letter or digit becomes another one.
fn spoil_last(bytes: &mut [u8]) -> bool {
    let Some(byte) = bytes.iter_mut().rev().find(|byte| byte.is_ascii_alphanumeric()) else { return false };
    *byte = if *byte == b'0' { b'1' } else { b'0' };
    true
}
