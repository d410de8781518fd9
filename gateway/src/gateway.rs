//! One node, whole: puts the parts together, runs them, and takes them apart in order.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::elsewhere::OurDeliveries;
use crate::api::history::{self, History};
use crate::api::links::{self, Links};
use crate::api::poster::Poster;
use crate::api::running::{self, Running};
use crate::api::{self, Api};
use crate::auth::Auth;
use crate::boards::{self, Boards, built_in};
use crate::broker::connect::BrokerUrl;
use crate::broker::{self, Broker};
use crate::config::Config;
use crate::current::Current;
use crate::hops::Lately;
use crate::http::accept::{self, Door};
use crate::http::origin::{self, Origins, OwnHosts};
use crate::http::{self, Health};
use crate::hub::Hub;
use crate::ingest::hook;
use crate::ingest::inspect::Inspector;
use crate::ingest::receive::Ingest;
use crate::nodes::{Keeper, Nodes};
use crate::outbound;
use crate::reload::{self, Reload, RuleMaker};
use crate::report::{self, About, Load, NodeId, Reports, Writer};
use crate::session::BUILD;
use crate::session::registry::Sessions;
use crate::shutdown::Shutdown;
use crate::silence;
use crate::telemetry;
use crate::topic::StreamName;
use crate::transport::sse;
use crate::transport::ws::handshake::{self, Upgrades};
use crate::upkeep;

/// How long an end without drain may take, all in all.
const URGENT: Duration = Duration::from_millis(1_500);

/// For the streams and the broker to end once nobody asks them any more; a broker that is away must not hold us up.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// How long a node that starts waits for its broker before it listens without it.
const OPEN_PATIENCE: Duration = Duration::from_secs(1);

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
    /// Streams that may be subscribed to, and whose retention this node sees to.
    streams: Current<BTreeSet<StreamName>>,
    metrics: Option<(TcpListener, Router)>,
    reload: Option<(Reload, reload::Parts)>,
    /// Its sources, if it has any way to take deliveries.
    ingest: Option<Arc<Ingest>>,
    /// Networks whose connections bring many clients.
    uncounted: Arc<[IpNet]>,
    proxies: Arc<[IpNet]>,
    drain: Duration,
    nodes: Arc<Nodes>,
    lately: Arc<Lately>,
    voice: Option<Voice>,
    /// Those whose files are looked at.
    boards: Option<Arc<Boards>>,
}

/// The name that a node goes by, and its way to the reserved stream.
#[derive(Debug)]
struct Voice {
    id: NodeId,
    reports: Reports,
    writer: Writer,
}

impl Voice {
    fn new(broker: Arc<dyn Broker>) -> Self {
        let id = NodeId::random();
        let (reports, writer) = Reports::new(&id, broker);
        Self { id, reports, writer }
    }

    fn about(&self, listen: SocketAddr) -> About {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        About { id: self.id.clone(), build: BUILD, host, listen }
    }
}

impl Gateway {
    /// Opens the store and puts a node together as configured.
    ///
    /// # Errors
    /// See [`StartError`]; nothing was served.
    pub async fn start(mut config: Config, listener: TcpListener) -> Result<Self, StartError> {
        let (reload, config_file) = Reload::of(&config);
        let address = listener.local_addr().map_err(|error| StartError::Listen(config.listen, error))?;
        let (retentions, replicas_ack) = (config.retentions.clone(), config.replicas_ack);
        let opened = broker::connect::connect(&config.broker, retentions, &config.limits, replicas_ack).await;
        let broker = opened.map_err(|error| StartError::Store(error.to_string()))?;
        let metrics = listen_for_metrics(config.metrics)?;
        let client = outbound::client().map_err(|error| StartError::Store(error.to_string()))?;
        let mut rules = RuleMaker::new(&config, client.clone());
        let wanted = rules.rules(&config.auth).map_err(StartError::Store)?;
        let auth = Arc::new(Auth::of_rules(wanted, |issuer| rules.keyring(issuer)));
        let streams = config.sources.iter().map(|source| source.stream().clone()).collect();
        let sources = std::mem::take(&mut config.sources);
        let voice = Voice::new(broker.clone());
        let inspector = Inspector::new(voice.id.clone(), voice.reports.clone());
        let public_url = config.public_url.clone();
        let ingest = Ingest::new(sources, broker.clone(), &config.limits, public_url, inspector);
        let boards = Arc::new(Boards::new(setting_of(&config), broker.clone(), voice.reports.clone()));
        let keeper: Arc<dyn Keeper> = Arc::new(OurDeliveries(ingest.clone()));
        let api = |nodes: Arc<Nodes>| Api {
            auth: auth.clone(),
            ingest: ingest.clone(),
            nodes,
            catalogue: config.catalogue.clone(),
            boards: boards.clone(),
            config_file: Arc::new(config_file),
            invitation: config.invitation.clone(),
            address,
            poster: Poster::new(client),
        };
        let guard = middleware::from_fn_with_state(origins_of(&config), origin::guard);
        let routes = |nodes| vec![hook::router(ingest.clone()), api::router(api(nodes)).layer(guard.clone())];
        let parts = (streams, Some(keeper), routes);
        let mut node = Self::of_parts(voice, &config, listener, broker, auth.clone(), parts);
        node.metrics = metrics;
        let (streams, streams_max) = (node.streams.clone(), config.limits.streams);
        let parts = reload::Parts { ingest, auth, rules, streams, streams_max };
        node.ingest = Some(parts.ingest.clone());
        node.reload = reload.map(|reload| (reload, parts));
        node.boards = Some(boards);
        Ok(node)
    }

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
        let voice = Voice::new(broker.clone());
        Self::of_parts(voice, config, listener, broker, auth, (streams, None, |_| parts))
    }

    fn of_parts(
        voice: Voice,
        config: &Config,
        listener: TcpListener,
        broker: Arc<dyn Broker>,
        auth: Arc<Auth>,
        (streams, keeper, parts): (
            HashSet<StreamName>,
            Option<Arc<dyn Keeper>>,
            impl FnOnce(Arc<Nodes>) -> Vec<Router>,
        ),
    ) -> Self {
        let limits = Arc::new(config.limits.clone());
        let hub = Arc::new(Hub::new(broker.clone(), limits.clone()));
        let streams = Current::new(streams.into_iter().chain([StreamName::reserved()]).collect());
        let history = History { auth: auth.clone(), hub: hub.clone(), streams: streams.clone() };
        let sessions = Arc::new(Sessions::new(hub.clone(), auth.clone(), limits, streams.clone()));
        let health = Arc::new(Health::new(hub.clone()));
        let upgrades = Arc::new(Upgrades {
            sessions: sessions.clone(),
            origins: origins_of(config),
            takes_query_token: config.sse_query_token,
        });
        let guard = middleware::from_fn_with_state(origins_of(config), origin::guard);
        let address = listener.local_addr().unwrap_or(config.listen);
        let about = voice.about(address);
        let nodes = Nodes::new(about, broker.clone(), hub.clone(), sessions.clone(), streams.clone());
        let nodes = Arc::new(nodes.keeping(keeper));
        let lately = Arc::new(Lately::default());
        let running = Running {
            auth: auth.clone(),
            broker: broker.clone(),
            hub: hub.clone(),
            nodes: nodes.clone(),
            streams: streams.clone(),
            retentions: config.retentions.clone(),
            lately: lately.clone(),
        };
        let links = links_of(config, auth, broker.clone());
        let api = history::router(history)
            .merge(links::router(links))
            .merge(running::router(running))
            .merge(sse::route(upgrades.clone()));
        let routes = [handshake::upgrade(upgrades), api.layer(guard)];
        let router = http::router(parts(nodes.clone()).into_iter().chain(routes), health.clone());
        let (drain, uncounted) = (config.drain, config.uncounted.clone().into());
        let proxies = config.proxies.clone().into();
        let (metrics, reload, ingest, boards) = (None, None, None, None);
        Self {
            listener,
            router,
            broker,
            hub,
            sessions,
            health,
            streams,
            metrics,
            reload,
            ingest,
            uncounted,
            proxies,
            drain,
            nodes,
            lately,
            voice: Some(voice),
            boards,
        }
    }

    /// The node's subscribers.
    pub fn sessions(&self) -> Arc<Sessions> {
        self.sessions.clone()
    }

    /// Serves until asked to end. First nobody new is sent here, then subscribers leave, ingest ends last: what was
    /// answered 2xx is in the log, and what was not will be sent again. Each step has an end of its own.
    pub async fn run(mut self, shutdown: Shutdown) {
        let stop = CancellationToken::new();
        let hooks = self.ingest.clone();
        let own = self.begin_own_tasks(&shutdown, &stop);
        // Whoever waits for the port finds this node ready, unless the broker is away.
        let opening = async { drop(self.hub.open(&StreamName::reserved()).await) };
        shutdown.bounds(Duration::ZERO, OPEN_PATIENCE, opening).await;
        let accepting = TaskTracker::new();
        let metrics = self.metrics.map(|(listener, router)| (listener, (None, router)));
        for (listener, doors) in [(self.listener, (hooks, self.router))].into_iter().chain(metrics) {
            let limits = self.sessions.limits.clone();
            let of_address = limits.connections_per_address;
            let door = Door::new(of_address, self.uncounted.clone(), self.proxies.clone());
            accepting.spawn(accept::serve(listener, doors, limits, door, stop.clone()));
        }
        accepting.close();
        shutdown.requested().await;
        self.health.leave();
        tokio::select! {
            () = self.sessions.close(self.drain) => {}
            () = shutdown.is_urgent() => { let _ = timeout(URGENT / 3, self.sessions.close(Duration::ZERO)).await; }
        }
        stop.cancel();
        // Connections keep that deadline themselves; this one is for what nobody thought of.
        let patience = self.sessions.limits.finish_deadline + Duration::from_secs(1);
        if !shutdown.bounds(URGENT / 3, patience, accepting.wait()).await {
            tracing::warn!("some connections were cut off");
        }
        let closing = async {
            own.wait().await;
            self.hub.close().await;
            self.broker.close().await;
        };
        if !shutdown.bounds(URGENT / 3, CLOSE_DEADLINE, closing).await {
            tracing::warn!("the broker was not let go of in time");
        }
    }

    /// What a node does without being asked: keeps its own stream open, sees to retention, announces itself.
    fn begin_own_tasks(&mut self, shutdown: &Shutdown, stop: &CancellationToken) -> TaskTracker {
        self.hub.keep_open(StreamName::reserved());
        let own = TaskTracker::new();
        let Some(Voice { reports, writer, .. }) = self.voice.take() else { return own };
        let about = self.nodes.about().clone();
        tracing::info!(node = about.id.as_str(), listen = %about.listen, "this node begins");
        let (sessions, hub, streams) = (self.sessions.clone(), self.hub.clone(), self.streams.clone());
        let load = move || Load {
            sessions: sessions.count(),
            streams: streams.get().iter().filter(|stream| hub.is_current(stream)).count(),
        };
        let leaving = shutdown.clone();
        own.spawn(writer.run(stop.clone()));
        if let Some(ingest) = self.ingest.take() {
            own.spawn(silence::run(self.broker.clone(), ingest, reports.clone(), stop.clone()));
        }
        if let Some((reload, parts)) = self.reload.take() {
            own.spawn(reload.run(parts, about.id.clone(), reports.clone(), stop.clone()));
        }
        if let Some(boards) = self.boards.take() {
            own.spawn(boards::watch::run(boards, stop.clone()));
        }
        own.spawn(async move { report::announce(reports, about, load, leaving.requested()).await });
        own.spawn(self.sessions.auth.clone().tend(stop.clone()));
        own.spawn(self.nodes.clone().run(stop.clone()));
        let lately = self.lately.clone();
        own.spawn(stop.clone().run_until_cancelled_owned(async move { lately.keep().await }));
        own.spawn(upkeep::run(self.broker.clone(), self.streams.clone(), stop.clone()));
        own.close();
        own
    }
}

fn listen_for_metrics(address: Option<SocketAddr>) -> Result<Option<(TcpListener, Router)>, StartError> {
    let Some((address, prometheus)) = address.zip(telemetry::prometheus()) else { return Ok(None) };
    let listener = http::listen::listen(address).map_err(|error| StartError::Listen(address, error))?;
    Ok(Some((listener, http::metrics::router(prometheus))))
}

/// The demo's home is its own board; elsewhere it is made of what the sources feed.
fn setting_of(config: &Config) -> boards::Setting {
    boards::Setting {
        folder: config.boards.clone(),
        has_file: config.origin.as_ref().is_some_and(|origin| origin.file().exists()),
        is_shared: matches!(config.broker, BrokerUrl::Redis(_)),
        home: config.invitation.is_some().then_some(built_in::DEMO),
    }
}

fn links_of(config: &Config, auth: Arc<Auth>, broker: Arc<dyn Broker>) -> Links {
    let is_alone = !matches!(config.broker, BrokerUrl::Redis(_));
    Links { auth, broker, public_url: config.public_url.clone(), is_alone }
}

fn origins_of(config: &Config) -> Origins {
    let hosts = if config.auth.is_open() { OwnHosts::Loopback } else { OwnHosts::AsAsked };
    Origins { own: config.public_url.clone(), listed: config.origins.clone(), hosts }
}
