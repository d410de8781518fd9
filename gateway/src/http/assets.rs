//! The built dashboard, out of the binary's own memory.

use axum::Router;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use memory_serve::{CacheControl, MemoryServe};
use tower_http::set_header::SetResponseHeaderLayer;

const INDEX: &str = include_str!("../../assets/index.html");
/// Payloads are other people's text: nothing but our own files runs, and no other page may frame ours.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
);

/// The screens, by the path that each has in the page: whoever opens one by its address, or reloads it, gets the page.
const SCREENS: [&str; 8] = [
    "/board/{name}",
    "/events",
    "/events/{id}",
    "/sources",
    "/sources/{name}",
    "/topics",
    "/connections",
    "/health",
];

/// `/`, the screens' paths and the files they load. A missing file is 404 and never the page.
#[expect(unused_qualifications, reason = "the list of files is written by memory-serve")]
pub(super) fn router() -> Router {
    let files: MemoryServe = memory_serve::load!();
    let files = files.index_file(Some("/index.html")).html_cache_control(CacheControl::NoCache).into_router();
    let screens = SCREENS.into_iter().fold(Router::new(), |router, path| router.route(path, get(index)));
    screens
        .merge(files)
        .layer(SetResponseHeaderLayer::overriding(CONTENT_SECURITY_POLICY, POLICY))
        .layer(SetResponseHeaderLayer::overriding(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        // They are public, and any page may take the SDK and its parts from here.
        .layer(SetResponseHeaderLayer::overriding(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")))
        // The address may hold a token behind its `#`; what is before it goes nowhere either.
        .layer(SetResponseHeaderLayer::overriding(REFERRER_POLICY, HeaderValue::from_static("no-referrer")))
}

async fn index() -> impl IntoResponse {
    ([(CACHE_CONTROL, HeaderValue::from_static("no-cache"))], Html(INDEX))
}
