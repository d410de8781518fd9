//! What a sender hears: the one table from refusals to statuses, codes and sentences, and the answers to what was taken.

use std::io::Write as _;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use bytes::Bytes;
use http_body_util::Full;

use crate::broker::Outcome;
use crate::event;
use crate::http::problem::Problem;
use crate::position::{Epoch, Position};
use crate::telemetry::DeliveryOutcome;

use super::handshake::Reply;
use super::row::AnswerRule;

/// Names a delivery in its answer. Many a sender shows what it was answered: there its operator finds what to look up here.
pub const DELIVERY_ID: HeaderName = HeaderName::from_static("hookcast-delivery");

/// The body of an answer that is at hand.
pub type Words = Full<Bytes>;

/// Why a request was not taken, as far as its sender may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Unverified,
    UnknownSource,
    TooLarge,
    TooManyEvents,
    Timeout,
    Broken,
    Encoding,
    Method,
    Forbidden,
    Address,
    Unavailable,
    /// Its key could not be fetched, or a subscription not be confirmed.
    VendorAway,
}

/// How long a sender should wait before it tries again, in seconds: longer than most fail-overs, shorter than its patience.
const RETRY_AFTER: &str = "5";
/// The same where a key is missing: nobody is asked again before that.
const RETRY_AFTER_KEY: &str = "30";

impl Refused {
    /// Status, code and sentence. Codes are a promise; sentences may change.
    fn row(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Unverified => (
                StatusCode::UNAUTHORIZED,
                "unverified",
                "the delivery could not be verified; the gateway's log says why",
            ),
            Self::UnknownSource => {
                (StatusCode::NOT_FOUND, "unknown_source", "no source of this name is configured here")
            }
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is larger than this gateway takes")
            }
            Self::TooManyEvents => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "the delivery holds more events than this gateway takes at once",
            ),
            Self::Timeout => {
                (StatusCode::REQUEST_TIMEOUT, "timeout", "the body did not arrive within its deadline")
            }
            Self::Broken => (StatusCode::BAD_REQUEST, "bad_request", "the body ended before it was complete"),
            Self::Encoding => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "encoding",
                "the body is compressed; send it without a Content-Encoding",
            ),
            Self::Method => {
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "deliveries are sent with POST")
            }
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "forbidden", "the handshake was not accepted; check the verify token")
            }
            Self::VendorAway => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "the key that proves this delivery could not be had in time; send it again",
            ),
            Self::Address => (
                StatusCode::FORBIDDEN,
                "forbidden",
                "this source takes no deliveries from your address; its operator lists those it takes",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "the event could not be stored in time; send it again",
            ),
        }
    }

    /// The word that its sender hears.
    pub fn code(self) -> &'static str {
        self.row().1
    }

    pub fn sentence(self) -> &'static str {
        self.row().2
    }

    /// As [`Self::response`], with the status that the provider's row insists on where a proof failed.
    pub fn response_as(self, rule: &AnswerRule) -> Response<Body> {
        let mut response = self.response();
        if let (Self::Unverified, Some(status)) = (self, rule.refused) {
            *response.status_mut() = status;
        }
        response
    }

    pub fn response(self) -> Response<Body> {
        let (status, code, detail) = self.row();
        let extra = match self {
            Self::Unavailable => Some((header::RETRY_AFTER, RETRY_AFTER)),
            Self::VendorAway => Some((header::RETRY_AFTER, RETRY_AFTER_KEY)),
            Self::Method => Some((header::ALLOW, "POST")),
            Self::Encoding => Some((header::ACCEPT_ENCODING, "identity")),
            // The rest of the body may still be on its way: it must not be read as the next request.
            Self::Timeout => Some((header::CONNECTION, "close")),
            _ => None,
        };
        let header = extra.map(|(name, value)| (name, HeaderValue::from_static(value)));
        Problem { header, ..Problem::new(status, code, detail) }.into_response()
    }
}

/// What became of one event.
#[derive(Debug, Clone)]
pub struct Told {
    pub id: String,
    pub outcome: DeliveryOutcome,
    pub position: Option<Position>,
}

impl Told {
    /// Of an event that is not appended.
    pub fn filtered(id: String) -> Self {
        Self { id, outcome: DeliveryOutcome::Filtered, position: None }
    }

    /// Of an event for which the broker has not answered yet.
    pub fn waiting(id: String) -> Self {
        Self { id, outcome: DeliveryOutcome::Unavailable, position: None }
    }

    pub fn is_waiting(&self) -> bool {
        self.outcome == DeliveryOutcome::Unavailable
    }

    pub fn appended(&mut self, outcome: Outcome, epoch: Epoch) {
        (self.outcome, self.position) = match outcome {
            Outcome::Accepted { offset } => (DeliveryOutcome::Accepted, Some(Position { epoch, offset })),
            Outcome::Duplicate => (DeliveryOutcome::Duplicate, None),
        };
    }

    /// As JSON; but for the id there is nothing in it that could have to be escaped.
    fn write(&self, json: &mut Vec<u8>) {
        json.extend_from_slice(b"{\"id\":");
        event::text(json, &self.id);
        json.extend_from_slice(b",\"outcome\":\"");
        json.extend_from_slice(self.outcome.as_str().as_bytes());
        if let Some(position) = self.position {
            write!(json, "\",\"position\":\"{position}").expect("memory takes whatever is written");
        }
        json.extend_from_slice(b"\"}");
    }
}

/// Says under which id it is kept; one that was only counted has none.
pub fn name<B>(response: &mut Response<B>, id: Option<&str>) {
    let value = id.and_then(|id| HeaderValue::from_str(id).ok());
    response.headers_mut().extend(value.map(|value| (DELIVERY_ID, value)));
}

/// The 2xx of a delivery: one object, or a list where the provider sends batches.
pub fn taken(rule: &AnswerRule, is_list: bool, told: &[Told]) -> Response<Words> {
    let mut response = match &rule.body {
        Some(text) => {
            let mut response = empty(rule.ok);
            *response.body_mut() = text.clone().into();
            if !text.is_empty() {
                let plain = HeaderValue::from_static("text/plain");
                response.headers_mut().insert(header::CONTENT_TYPE, plain);
            }
            response
        }
        None => ours(rule.ok, is_list, told),
    };
    for (name, value) in &rule.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

/// What became of each event, in our own words.
fn ours(status: StatusCode, is_list: bool, told: &[Told]) -> Response<Words> {
    let mut response = empty(status);
    if status == StatusCode::NO_CONTENT || status == StatusCode::RESET_CONTENT {
        return response;
    }
    let mut json = Vec::with_capacity(128 * told.len());
    match told {
        [one] if !is_list => one.write(&mut json),
        all => {
            json.extend_from_slice(b"{\"events\":[");
            for (place, one) in all.iter().enumerate() {
                json.extend_from_slice(if place > 0 { b"," } else { b"" });
                one.write(&mut json);
            }
            json.extend_from_slice(b"]}");
        }
    }
    *response.body_mut() = json.into();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The answer to a handshake.
pub fn reply(reply: Reply) -> Response<Words> {
    let mut response = Response::new(Words::from(reply.body));
    *response.status_mut() = reply.status;
    response.headers_mut().extend(reply.headers);
    // A challenge is echoed: no browser may take it for anything but text.
    let nosniff = HeaderName::from_static("x-content-type-options");
    response.headers_mut().insert(nosniff, HeaderValue::from_static("nosniff"));
    let plain = HeaderValue::from_static("text/plain");
    response.headers_mut().entry(header::CONTENT_TYPE).or_insert(plain);
    response
}

fn empty(status: StatusCode) -> Response<Words> {
    let mut response = Response::new(Words::default());
    *response.status_mut() = status;
    response
}

/// A delivery counts as its best event.
pub fn overall(told: &[Told]) -> DeliveryOutcome {
    let any = |outcome| told.iter().any(|told| told.outcome == outcome);
    match told {
        [] => DeliveryOutcome::Accepted,
        _ if any(DeliveryOutcome::Accepted) => DeliveryOutcome::Accepted,
        _ if any(DeliveryOutcome::Duplicate) => DeliveryOutcome::Duplicate,
        _ => DeliveryOutcome::Filtered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_became_of_an_event_is_json_whatever_its_id_holds() {
        let id = "a\"\\\n\u{0}ä/";
        let mut told = Told::filtered(id.into());
        let read = |told: &Told| {
            let mut text = Vec::new();
            told.write(&mut text);
            serde_json::from_slice::<serde_json::Value>(&text).unwrap()
        };
        assert_eq!(read(&told), json!({"id": id, "outcome": "filtered"}));
        let epoch = "k3f9a0zq".parse().unwrap();
        told.appended(Outcome::Accepted { offset: 41 }, epoch);
        assert_eq!(read(&told), json!({"id": id, "outcome": "accepted", "position": "k3f9a0zq:41"}));
        told.appended(Outcome::Duplicate, epoch);
        assert_eq!(read(&told), json!({"id": id, "outcome": "duplicate"}));
    }
}
