//! `/api/v1`: what the screens ask and do. Knows no session; a sample goes the way of every delivery, over HTTP to the
//! public route.

mod boards;
mod captured;
mod change_source;
mod deliveries;
pub mod elsewhere;
mod health;
pub mod history;
pub mod links;
mod permission;
mod providers;
mod replay;
pub mod running;
mod search;
mod sessions;
mod sources;
mod test_source;
mod topics;

pub mod poster;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::auth::Auth;
use crate::boards::Boards;
use crate::config::Invitation;
use crate::ingest::providers::Catalogue;
use crate::ingest::receive::Ingest;
use crate::nodes::Nodes;
use crate::reload::ConfigFile;
use poster::Poster;

/// What the handlers need of the node.
#[derive(Debug, Clone)]
pub struct Api {
    pub auth: Arc<Auth>,
    pub ingest: Arc<Ingest>,
    /// The others keep deliveries too.
    pub nodes: Arc<Nodes>,
    /// The samples are in it.
    pub catalogue: Arc<Catalogue>,
    pub boards: Arc<Boards>,
    /// Where sources are added and taken away.
    pub config_file: Arc<ConfigFile>,
    pub invitation: Option<Invitation>,
    /// Where this node listens, for the samples that it posts to itself.
    pub address: SocketAddr,
    pub poster: Poster,
}

pub fn router(api: Api) -> Router {
    Router::new()
        .route("/api/v1/boards", get(boards::list))
        .route("/api/v1/boards/{name}", get(boards::read).put(boards::save).delete(boards::remove))
        .route("/api/v1/boards/{name}/toml", get(boards::toml))
        .route("/api/v1/deliveries", get(deliveries::list))
        .route("/api/v1/deliveries/{id}", get(deliveries::read))
        .route("/api/v1/deliveries/{id}/replay", post(replay::replay))
        .route("/api/v1/providers", get(providers::list))
        .route("/api/v1/providers/{name}", get(providers::read))
        .route("/api/v1/sources", get(sources::list).post(change_source::add))
        .route("/api/v1/sources/{name}", delete(change_source::remove))
        .route("/api/v1/sources/{name}/rotate", post(change_source::rotate))
        .route("/api/v1/sources/{name}/captured", get(captured::read))
        .route("/api/v1/sources/{name}/test", post(test_source::test))
        .with_state(Arc::new(api))
}
