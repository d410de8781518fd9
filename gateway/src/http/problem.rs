//! How HTTP says no: RFC 9457, with a stable `code` beside the sentence.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::auth::AuthError;

/// One refusal. The detail is for the sender; the cause belongs into the log.
#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub detail: Box<str>,
    /// One more header, such as `Retry-After`.
    pub header: Option<(HeaderName, HeaderValue)>,
    /// What a program needs to go on, beside the four that all have.
    pub members: Option<Box<Map<String, Value>>>,
}

#[derive(Serialize)]
struct Body<'a> {
    status: u16,
    title: &'a str,
    code: &'a str,
    detail: &'a str,
    #[serde(flatten)]
    members: Option<&'a Map<String, Value>>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into().into(), header: None, members: None }
    }

    /// The same, with one more member.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.members.get_or_insert_default().insert(name.to_owned(), value);
        self
    }

    /// Who asks is not known. The peer hears that it failed; why is for the log, or a forger learns from it.
    pub fn unauthorized(error: &AuthError) -> Self {
        tracing::debug!(%error, "a request was not let in");
        let detail = match error {
            AuthError::Missing => "a token is needed: Authorization: Bearer …",
            _ => "the token is not valid here",
        };
        let header = Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail) }
    }

    /// Who asks may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("refused");
        let (status, code, detail) = (self.status.as_u16(), self.code, &*self.detail);
        let body = Body { status, title, code, detail, members: self.members.as_deref() };
        let body = serde_json::to_vec(&body).expect("strings and a number are JSON");
        let mut response = (self.status, body).into_response();
        response.headers_mut().extend(self.header);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
