//! Deliveries that are wrong on purpose, so that an operator sees how one is refused: what was signed is changed, or signed too
//! long ago.

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::delivery::Delivery;
use super::method::Scheme;
use super::sign::SignedRequest;
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

/// Changes one letter or digit of the request so that nothing proves it any more; false where none does. In the body, from its end, so
/// that JSON stays JSON; where the proof does not cover it, in what was sent as proof. What the change has to meet is asked of
/// the verifier itself: some providers sign one member of the body and no other.
pub fn spoil(
    source: &Source,
    request: &mut SignedRequest,
    public_url: Option<&str>,
    now: SystemTime,
) -> bool {
    let is_proven = |request: &SignedRequest| {
        delivered(source, request, now).is_none_or(|it| source.verifier.proves(&it, public_url, now))
    };
    let spoilt = in_body(request).chain(in_head(request)).find(|changed| !is_proven(changed));
    let is_spoilt = spoilt.is_some();
    if let Some(spoilt) = spoilt {
        *request = spoilt;
    }
    is_spoilt
}

/// The request as it comes to its source.
fn delivered(source: &Source, request: &SignedRequest, now: SystemTime) -> Option<Delivery> {
    let query = request.query.as_ref().map_or(String::new(), |query| format!("?{query}"));
    let uri = format!("/hooks/{}{query}", source.name()).parse().ok()?;
    let headers = request.headers.iter().map(|(name, value)| {
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
    });
    let headers: HeaderMap = headers.collect::<Option<_>>()?;
    let form = source.row.delivery.body.clone();
    Some(Delivery::new(Method::POST, uri, headers, request.body.clone(), now, form))
}

/// With the last letter or digit of one word after another changed.
fn in_body(request: &SignedRequest) -> impl Iterator<Item = SignedRequest> {
    let is_of_word = |at: usize| request.body.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let ends = (0..request.body.len()).rev().filter(move |&at| is_of_word(at) && !is_of_word(at + 1));
    ends.map(|at| {
        let mut body = request.body.to_vec();
        body[at] = another(body[at]);
        SignedRequest { body: body.into(), ..request.clone() }
    })
}

/// With the query changed, or one header.
fn in_head(request: &SignedRequest) -> impl Iterator<Item = SignedRequest> {
    let query = request
        .query
        .as_ref()
        .and_then(|query| in_the_midst(query))
        .map(|query| SignedRequest { query: Some(query), ..request.clone() });
    let headers = (0..request.headers.len()).filter_map(|at| {
        let mut changed = request.clone();
        changed.headers[at].1 = in_the_midst(&request.headers[at].1)?;
        Some(changed)
    });
    query.into_iter().chain(headers)
}

/// At the end of base64 stand bits that nobody reads.
fn in_the_midst(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let at = (0..=bytes.len() / 2).rev().find(|&at| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric))?;
    bytes[at] = another(bytes[at]);
    String::from_utf8(bytes).ok()
}

fn another(byte: u8) -> u8 {
    if byte == b'0' { b'1' } else { b'0' }
}
