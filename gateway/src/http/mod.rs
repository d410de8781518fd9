//! The HTTP side: every path of the gateway is named here, and nowhere else.

pub mod accept;
pub mod assets;
pub mod client;
pub mod form;
mod head_timer;
mod health;
pub mod hooks;
pub mod listen;
pub mod local;
pub mod metrics;
pub mod origin;
pub mod problem;
pub mod stall;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

pub use self::health::Health;

use self::problem::Problem;

/// Where subscribers ask for a WebSocket: known here because a browser's page hears no other answer than a close code.
pub const WEBSOCKET_PATH: &str = "/ws";

/// Puts the parts together; each brings its own paths.
pub fn router(parts: impl IntoIterator<Item = Router>, health: Arc<Health>) -> Router {
    let own = Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .with_state(health)
        .merge(assets::router())
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path"));
    parts.into_iter().fold(own, Router::merge)
}
