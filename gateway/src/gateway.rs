//! One node, whole: puts the parts together, runs them, and takes them apart in order.

use std::collections::HashSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::auth::Auth;
use crate::broker::Broker;
use crate::config::Config;
use crate::http::{self, Health};
use crate::hub::Hub;
use crate::session::registry::Sessions;
use crate::shutdown::Shutdown;
use crate::topic::StreamName;
use crate::transport::ws::handshake::{self, Origins, Upgrades};

/// How long an end without drain may take, all in all.
const URGENT: Duration = Duration::from_millis(1_500);
/// The operator's own grants.
pub const OPERATOR_GRANTS: [&str; 2] = ["**", "hookcast/**"];
/// How long the operator's token of the greeting lives.
const OPERATOR_TOKEN_LIFE: Duration = Duration::from_hours(24);

/// Why a node did not start.
#[derive(Debug)]
pub enum StartError {
    /// The store could not be opened; the text says why and how to mend it.
    Store(String),
    /// A port that must be listened on is not to be had.
    Listen(SocketAddr, std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(cause) => formatter.write_str(cause),
            Self::Listen(address, cause) => write!(formatter, "cannot listen on {address}: {cause}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A node that is ready to run.
#[derive(Debug)]
pub struct Gateway {
    listener: TcpListener,
    router: Router,
    broker: Arc<dyn Broker>,
    hub: Arc<Hub>,
    sessions: Arc<Sessions>,
    health: Arc<Health>,
    auth: Arc<Auth>,
    drain: Duration,
}

impl Gateway {
    /// Puts a node together around a broker. `parts` are the routes of ingest and of the operator's interface; `streams`
    /// those that sources append to.
    pub fn assemble(
        config: &Config,
        listener: TcpListener,
        broker: Arc<dyn Broker>,
        auth: Arc<Auth>,
        streams: HashSet<StreamName>,
        parts: Vec<Router>,
    ) -> Self {
        let limits = Arc::new(config.limits.clone());
        let hub = Arc::new(Hub::new(broker.clone(), limits.clone()));
        let sessions = Arc::new(Sessions::new(hub.clone(), auth.clone(), limits, streams));
        let health = Arc::new(Health::new(broker.clone()));
        let origins = Origins { own: config.public_url.clone(), listed: config.origins.clone() };
        let upgrades = Arc::new(Upgrades { sessions: sessions.clone(), origins });
        let parts = parts.into_iter().chain([handshake::upgrade(upgrades)]);
        let router = http::router(parts, health.clone());
        Self { listener, router, broker, hub, sessions, health, auth, drain: config.drain }
    }

    /// A token for the operator's screens; none where the node has no key to sign with.
    pub fn operator_token(&self) -> Option<String> {
        self.auth.sign("operator", &OPERATOR_GRANTS, OPERATOR_TOKEN_LIFE)
    }

    /// The node's subscribers.
    pub fn sessions(&self) -> Arc<Sessions> {
        self.sessions.clone()
    }

    /// Serves until asked to end. First nobody new is sent here, then subscribers leave, ingest ends last: what was
    /// answered 2xx is in the log, and what was not will be sent again.
    pub async fn run(self, shutdown: Shutdown) {
        let stop = CancellationToken::new();
        let limits = self.sessions.limits.clone();
        let accepting = tokio::spawn(http::accept::serve(self.listener, self.router, limits, stop.clone()));
        shutdown.requested().await;
        self.health.leave();
        tokio::select! {
            () = self.sessions.close(self.drain) => {}
            () = shutdown.is_urgent() => { let _ = timeout(URGENT / 3, self.sessions.close(Duration::ZERO)).await; }
        }
        stop.cancel();
        let finishing = async {
            let _ = accepting.await;
            self.hub.close().await;
            self.broker.close().await;
        };
        tokio::select! {
            () = finishing => {}
            () = async { shutdown.is_urgent().await; tokio::time::sleep(URGENT * 2 / 3).await } => {
                tracing::warn!("some connections were cut off");
            }
        }
    }
}
