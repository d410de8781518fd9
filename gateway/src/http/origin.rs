//! Whose pages may talk to us. A script on another site would act in the name of whoever has it open.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Our own pages, and those listed.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// `https://live.example.com`
    pub own: Option<String>,
    pub listed: Vec<String>,
    pub hosts: OwnHosts,
}

/// Under which host names a page counts as our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OwnHosts {
    /// Whatever host was asked for: a token is needed anyway.
    #[default]
    AsAsked,
    /// Loopback's names alone. Where no token is needed, another site could point its own name at this machine (DNS
    /// rebinding), and its pages would seem to be ours.
    Loopback,
}

impl Origins {
    /// Only our own pages, listed ones, and clients that are no browsers.
    pub fn allow(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let is = |allowed: &str| allowed.eq_ignore_ascii_case(origin);
        self.own.as_deref().is_some_and(is)
            || self.listed.iter().any(|it| is(it))
            || self.is_own_host(origin, headers)
    }

    /// The attack: a site's own name leads to this machine, so that to the browser its page and we are one site. It then names no
    /// origin when it only reads (a socket's handshake always does); but it still asks for that name.
    fn is_rebound(&self, headers: &HeaderMap) -> bool {
        let Some(asked) = headers.get(HOST) else { return false };
        let Ok(asked) = asked.to_str() else { return true };
        let known = self.own.iter().chain(&self.listed).filter_map(|it| it.split_once("://"));
        self.hosts == OwnHosts::Loopback
            && is_site(asked)
            && !known.into_iter().any(|(_, host)| asked.eq_ignore_ascii_case(host))
    }

    fn is_own_host(&self, origin: &str, headers: &HeaderMap) -> bool {
        let asked = headers.get(HOST).and_then(|host| host.to_str().ok());
        let Some((asked, from)) = asked.zip(origin.split_once("://").map(|(_, from)| from)) else {
            return false;
        };
        asked.eq_ignore_ascii_case(from) && (self.hosts == OwnHosts::AsAsked || is_loopback(from))
    }

    /// What others are told.
    pub fn refusal() -> Problem {
        let detail = "pages of this origin may not connect; the operator can list it under [server] origins";
        Problem::new(StatusCode::FORBIDDEN, "origin", detail)
    }
}

/// `localhost:8080`, `127.0.0.1`, `[::1]:80`
fn is_loopback(authority: &str) -> bool {
    let host = host_of(authority);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `evil.example:8080`: a name that somebody can point anywhere, which an address or a name without a dot is not.
fn is_site(authority: &str) -> bool {
    let host = host_of(authority);
    host.contains('.') && host.parse::<IpAddr>().is_err()
}

fn host_of(authority: &str) -> &str {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    host.trim_start_matches('[').trim_end_matches(']')
}

/// What other sites' pages may do: those listed, everything that their token allows (CORS, WHATWG Fetch §3.2); all others, nothing
/// that changes anything, and to read nothing. No cookie is ever involved.
pub async fn guard(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let is_allowed = origins.allow(request.headers());
    let is_change = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_preflight =
        *request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let origin = request.headers().get(ORIGIN).cloned();
    let is_rebound = origins.is_rebound(request.headers());
    let mut response = if is_rebound || (is_change || is_preflight) && !is_allowed {
        Origins::refusal().into_response()
    } else if is_preflight {
        (StatusCode::NO_CONTENT, PREFLIGHT).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    // A cache in between must not give one site's answer to another.
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin.filter(|_| is_allowed) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag, retry-after"));
    }
    response
}

/// What a browser asks before it sends a token.
const PREFLIGHT: [(HeaderName, HeaderValue); 3] = [
    (ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, DELETE")),
    (
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, if-match, if-none-match, last-event-id"),
    ),
    (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(origin: Option<&'static str>, host: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
        headers.extend(origin.map(|origin| (ORIGIN, HeaderValue::from_static(origin))));
        headers
    }

    #[test]
    fn only_our_own_pages_listed_ones_and_no_browsers_may_connect() {
        let origins = Origins {
            own: Some("https://live.example.com".into()),
            listed: vec!["https://app.example.com".into()],
            hosts: OwnHosts::AsAsked,
        };
        for (origin, host, expected) in [
            (None, "127.0.0.1:8080", true),
            (Some("https://live.example.com"), "internal:8080", true),
            (Some("https://APP.example.com"), "internal:8080", true),
            (Some("http://127.0.0.1:8080"), "127.0.0.1:8080", true),
            (Some("https://evil.example"), "127.0.0.1:8080", false),
            (Some("null"), "127.0.0.1:8080", false),
        ] {
            assert_eq!(origins.allow(&headers(origin, host)), expected, "{origin:?} at {host}");
        }
    }

    #[test]
    fn where_no_token_is_needed_a_name_pointed_at_us_is_not_ours() {
        let origins = Origins { hosts: OwnHosts::Loopback, ..Origins::default() };
        for (origin, host, expected) in [
            ("http://localhost:8080", "localhost:8080", true),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://127.0.0.1", "127.0.0.1", true),
            ("http://rebound.example:8080", "rebound.example:8080", false),
        ] {
            assert_eq!(origins.allow(&headers(Some(origin), host)), expected, "{origin}");
            assert_eq!(origins.is_rebound(&headers(None, host)), !expected, "{host}");
        }
        let origins = Origins { own: Some("https://rebound.example:8080".into()), ..origins };
        assert!(!origins.is_rebound(&headers(None, "rebound.example:8080")), "the operator's own name");
        let origins = Origins { hosts: OwnHosts::AsAsked, own: None, ..origins };
        assert!(!origins.is_rebound(&headers(None, "rebound.example:8080")), "there a token is needed");
    }
}
