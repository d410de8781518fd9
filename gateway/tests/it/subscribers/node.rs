//! A node on port 0 to test against, what appends to it, and a client that reads messages one by one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use hookcast::auth::Auth;
use hookcast::broker::memory::MemoryBroker;
use hookcast::broker::{Append, Broker, DedupeKey, NewEvent};
use hookcast::config::{Config, Overrides, environment::Environment};
use hookcast::gateway::Gateway;
use hookcast::limits::{Limits, Retention, Retentions};
use hookcast::secret::Secret;
use hookcast::session::registry::Sessions;
use hookcast::shutdown::Shutdown;
use hookcast::topic::{Grant, StreamName, Topic};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// Nothing here takes this long; a wait that does has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Node {
    pub address: std::net::SocketAddr,
    pub auth: Arc<Auth>,
    pub broker: Arc<dyn Broker>,
    pub sessions: Arc<Sessions>,
    shutdown: Shutdown,
    running: Option<JoinHandle<()>>,
    keys: AtomicU64,
}

/// What a test may change.
#[derive(Default)]
pub struct Setup {
    pub limits: Limits,
    pub retention: Retention,
    pub anonymous: Vec<Grant>,
