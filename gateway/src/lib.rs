//! Hookcast: webhooks in, WebSockets out, in order, nothing lost untold.
//!
//! `gateway` alone knows every part; the pure modules come first, and each later one may only know those before it.

pub mod close;
pub mod event;
pub mod file;
pub mod framing;
pub mod limits;
pub mod mistake;
pub mod position;
pub mod secret;
pub mod topic;
pub mod wire;

pub mod since;

pub mod config;
pub mod current;
pub mod hops;
pub mod jitter;
pub mod outbound;
pub mod telemetry;

pub mod auth;
pub mod broker;
pub mod report;

pub mod hub;
pub mod ingest;
pub mod session;
pub mod transport;

pub mod nodes;
pub mod probe;

pub mod boards;
pub mod silence;
pub mod upkeep;

pub mod api;
pub mod http;
pub mod shutdown;
pub mod signing_key;

pub mod reload;

pub mod gateway;

pub mod cli;

/// Runs a node until its shutdown is asked for and done.
///
/// # Errors
/// When it could not be started; nothing was served.
pub async fn run(
    config: config::Config,
    listener: tokio::net::TcpListener,
    shutdown: shutdown::Shutdown,
) -> Result<(), gateway::StartError> {
    let gateway = tokio::select! {
        started = gateway::Gateway::start(config, listener) => started?,
        // Asked to end before it began, as by a broker that takes its time: nothing was promised to anybody.
        () = shutdown.requested() => return Ok(()),
    };
    gateway.run(shutdown).await;
    Ok(())
}
