//! The upgrade (RFC 6455, §4.2): who may connect from where, which subprotocol, and the token that may come along.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CONNECTION, HeaderName, HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tungstenite::handshake::derive_accept_key;

use crate::auth;
use crate::close::Close;
use crate::http::WEBSOCKET_PATH;
use crate::http::accept::Permit;
use crate::http::client;
use crate::http::origin::Origins;
use crate::http::problem::Problem;
use crate::http::stall::Stalling;
use crate::session::registry::{Closing, Sessions};
use crate::wire::{SUBPROTOCOL, TOKEN_SUBPROTOCOL};

/// From our answer to the socket being ours.
const UPGRADE_DEADLINE: Duration = Duration::from_secs(10);

/// When to come back, in seconds, to whom this node refuses because it ends: a balancer knows others by then.
const RETRY_AFTER_SECONDS: &str = "1";

/// What the route needs.
#[derive(Debug)]
pub struct Upgrades {
    pub sessions: Arc<Sessions>,
    pub origins: Origins,
    /// Whether `/sse` takes a token from the query.
    pub takes_query_token: bool,
}

/// `GET /ws`.
pub fn upgrade(upgrades: Arc<Upgrades>) -> Router {
    Router::new().route(WEBSOCKET_PATH, get(answer)).with_state(upgrades)
}

async fn answer(State(upgrades): State<Arc<Upgrades>>, mut request: Request) -> Response {
    let agreed = match agree(&upgrades, request.headers()) {
        Ok(agreed) => agreed,
        Err(problem) => return problem.into_response(),
    };
    let Some(on_upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade", "this connection cannot be upgraded")
            .into_response();
    };
    let permit = request.extensions().get::<Permit>().cloned();
    let sessions = upgrades.sessions.clone();
    let token = agreed.token;
    let address = client::address(request.extensions().get(), request.headers());
    let begun = upgrades.sessions.spawn(async move {
        let Ok(Ok(upgraded)) = tokio::time::timeout(UPGRADE_DEADLINE, on_upgrade).await else { return };
        if let Some((io, read_ahead)) = into_socket(upgraded) {
            if permit.as_ref().is_some_and(Permit::is_one_too_many) {
                super::refuse(io, &sessions, Close::TooMany).await;
            } else {
                super::run(io, &read_ahead, token, address, sessions).await;
            }
        }
        drop(permit);
    });
    if let Err(Closing) = begun {
        return leaving();
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, agreed.accept);
    if agreed.names_protocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// The node ends: this connection is of no more use either.
pub(in crate::transport) fn leaving() -> Response {
    let mut problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "leaving",
        "this node is shutting down; come back at once",
    );
    problem.header = Some((RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS)));
    let mut response = problem.into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The bare socket, and what the client sent right behind its handshake.
fn into_socket(upgraded: Upgraded) -> Option<(TcpStream, Vec<u8>)> {
    let parts = upgraded.downcast::<TokioIo<Stalling>>().ok()?;
    Some((parts.io.into_inner().into_socket(), parts.read_buf.to_vec()))
}

/// What both sides agree on.
struct Agreed {
    accept: HeaderValue,
    names_protocol: bool,
    token: Option<String>,
}

fn agree(upgrades: &Upgrades, headers: &HeaderMap) -> Result<Agreed, Problem> {
    let bad = |detail: &str| Problem::new(StatusCode::BAD_REQUEST, "bad_handshake", detail);
    if !lists(headers, &CONNECTION, "upgrade") || !lists(headers, &UPGRADE, "websocket") {
        let mut problem = Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "upgrade",
            "this route speaks WebSocket: send an upgrade request",
        );
        problem.header = Some((UPGRADE, HeaderValue::from_static("websocket")));
        return Err(problem);
    }
    if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        let mut problem =
            Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade", "the WebSocket version must be 13");
        problem.header = Some((SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")));
        return Err(problem);
    }
    let key =
        headers.get(SEC_WEBSOCKET_KEY).filter(|key| STANDARD.decode(key).is_ok_and(|key| key.len() == 16));
    let key = key.ok_or_else(|| bad("Sec-WebSocket-Key must be 16 bytes in base64"))?;
    if !upgrades.origins.allow(headers) {
        return Err(Origins::refusal());
    }
    let offered: Vec<&str> = listed(headers, &SEC_WEBSOCKET_PROTOCOL).collect();
    let names_protocol = offered.contains(&SUBPROTOCOL);
    let token = offered.iter().find_map(|it| it.strip_prefix(TOKEN_SUBPROTOCOL));
    if !names_protocol && !offered.is_empty() {
        return Err(bad("this route speaks the subprotocol hookcast.v1 and no other that was offered"));
    }
    let token = token.or_else(|| auth::bearer(headers)).map(str::to_owned);
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    Ok(Agreed { accept: accept.map_err(|_| bad("Sec-WebSocket-Key is not valid"))?, names_protocol, token })
}

fn listed<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty())
}

fn lists(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    listed(headers, name).any(|value| value.eq_ignore_ascii_case(wanted))
}
