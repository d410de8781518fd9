//! How HTTP says no: RFC 9457, with a stable `code` beside the sentence.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// One refusal. The detail is for the sender; the cause belongs into the log.
#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub detail: String,
    /// One more header, such as `Retry-After`.
    pub header: Option<(HeaderName, HeaderValue)>,
}

#[derive(Serialize)]
struct Body<'a> {
    status: u16,
    title: &'a str,
    code: &'a str,
    detail: &'a str,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), header: None }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("refused");
        let body = Body { status: self.status.as_u16(), title, code: self.code, detail: &self.detail };
        let body = serde_json::to_vec(&body).expect("strings and a number are JSON");
        let mut response = (self.status, body).into_response();
        response.headers_mut().extend(self.header);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
