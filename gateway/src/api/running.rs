//! What operators ask of a node as it runs: its topics, its connections, its health. Each has its file; this one puts them together.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;

use super::health::{self, Checkup};
use super::sessions::{self, Connections};
use super::topics::{self, Topics};
use crate::auth::Auth;
use crate::broker::Broker;
use crate::current::Current;
use crate::hops::Lately;
use crate::hub::Hub;
use crate::limits::Retentions;
use crate::nodes::Nodes;
use crate::probe::Probe;
use crate::topic::StreamName;

/// What the handlers need of the node.
#[derive(Debug)]
pub struct Running {
    pub auth: Arc<Auth>,
    pub broker: Arc<dyn Broker>,
    pub hub: Arc<Hub>,
    pub nodes: Arc<Nodes>,
    /// Streams that there are.
    pub streams: Current<BTreeSet<StreamName>>,
    pub retentions: Retentions,
    pub lately: Arc<Lately>,
}

pub fn router(running: Running) -> Router {
    let Running { auth, broker, hub, nodes, streams, retentions, lately } = running;
    let topics = Topics::new(auth.clone(), broker.clone(), streams.clone(), retentions);
    let connections = Connections { auth: auth.clone(), nodes: nodes.clone() };
    let probe = Probe::new(nodes.about().id.clone(), broker.clone(), hub.clone());
    let checkup = Checkup { auth, broker, hub, nodes, streams, probe, lately };
    topics::router(topics).merge(sessions::router(connections)).merge(health::router(checkup))
}
