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
    pub drain: Duration,
    pub sse_query_token: bool,
    pub origins: Vec<String>,
    /// Whether this machine itself is one address among others.
    pub counts_loopback: bool,
    /// Shared with another node; none: one of its own.
    pub broker: Option<Arc<dyn Broker>>,
}

impl Node {
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// A node whose streams are `s` and `t`.
    pub async fn with(setup: Setup) -> Self {
        let streams = ["s", "t"].map(|name| StreamName::parse(name).unwrap());
        let retentions = Retentions(streams.iter().map(|name| (name.clone(), setup.retention)).collect());
        let own = || Arc::new(MemoryBroker::new(retentions.clone(), &setup.limits)) as Arc<dyn Broker>;
        let broker = setup.broker.unwrap_or_else(own);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let folder = std::env::temp_dir();
        let environment = Environment::default();
        let mut config = Config::of_text("test", "", &folder, &Overrides::default(), environment).unwrap();
        config.retentions = retentions;
        config.limits = setup.limits;
        config.drain = setup.drain;
        config.sse_query_token = setup.sse_query_token;
        config.origins = setup.origins;
        if setup.counts_loopback {
            config.uncounted.clear();
        }
        let secret = Secret::new("a secret that is long enough for it");
        let auth = Arc::new(Auth::new(&[secret], Some("hookcast".into()), None, setup.anonymous, 8 * 1024));
        let gateway =
            Gateway::assemble(&config, listener, broker.clone(), auth.clone(), streams.into(), Vec::new());
        let sessions = gateway.sessions();
        let shutdown = Shutdown::new();
        let running = Some(tokio::spawn(gateway.run(shutdown.clone())));
        Self { address, auth, broker, sessions, shutdown, running, keys: AtomicU64::new(0) }
    }

    pub fn token(&self, grants: &[&str]) -> String {
        self.auth.sign(Some("ann"), grants, Duration::from_mins(10)).unwrap()
    }

    /// Appends one event; answers its offset.
    pub async fn append(&self, topic: &str, data: &Value) -> u64 {
        self.append_body(topic, json!({"specversion": "1.0", "data": data}).to_string().into()).await
    }

    pub async fn append_body(&self, topic: &str, body: Bytes) -> u64 {
        self.append_together(vec![(topic, body)]).await
    }

    /// Appends events of one stream in one step, as a delivery that holds several; answers the last one's offset.
    pub async fn append_together(&self, events: Vec<(&str, Bytes)>) -> u64 {
        let stream = StreamName::parse(Topic::parse(events[0].0).unwrap().stream()).unwrap();
        let new = |(topic, body): (&str, Bytes)| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&self.keys.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            NewEvent { key: DedupeKey(key), topic: Topic::parse(topic).unwrap(), body }
        };
        let events = events.into_iter().map(new).collect();
        let appended =
            self.broker.append(Append { stream, events, dedupe: Duration::from_hours(1) }).await.unwrap();
        appended.position.offset
    }

    /// A client that is welcome and may hear everything.
    pub async fn client(&self) -> Client {
        let mut client = Client::connect(self).await;
        client.say(&json!({"type": "auth", "token": self.token(&["**"])})).await;
        client.expect("welcome").await;
        client
    }

    /// Until this many sessions are left.
    pub async fn until_sessions(&self, count: usize) {
        let mut look = tokio::time::interval(Duration::from_millis(5));
        let looking = async {
            while self.sessions.count() != count {
                look.tick().await;
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.expect("sessions end in time");
    }

    pub fn ask_to_end(&self) {
        self.shutdown.end_now();
    }

    /// Begins an orderly end.
    pub fn drain(&self) {
        self.shutdown.drain();
    }

    /// Until the node has ended, which it was asked to.
    pub async fn ended(&mut self) {
        tokio::time::timeout(PATIENCE, self.running.take().unwrap()).await.expect("it ends").unwrap();
    }

    pub async fn end(mut self) {
        self.shutdown.end_now();
        self.ended().await;
    }
}

pub struct Client {
    pub socket: WebSocketStream<TcpStream>,
}

impl Client {
    pub async fn connect(node: &Node) -> Self {
        let stream = TcpStream::connect(node.address).await.unwrap();
        Self::over(stream, node, Some("hookcast.v1")).await
    }

    pub async fn over(stream: TcpStream, node: &Node, protocol: Option<&str>) -> Self {
        let mut request = format!("ws://{}/ws", node.address).into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        Self { socket }
    }

    pub async fn say(&mut self, message: &Value) {
        self.say_text(message.to_string()).await;
    }

    pub async fn say_text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.unwrap();
    }

    /// The next message of ours; heartbeats are passed over.
    pub async fn next(&mut self) -> Value {
        loop {
            match self.next_frame().await {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message["type"] != "positions" {
                        return message;
                    }
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    pub async fn next_frame(&mut self) -> Message {
        tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a frame in time").unwrap().unwrap()
    }

    /// The next message, which must be of this type.
    #[track_caller]
    pub fn expect(&mut self, r#type: &str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let message = self.next().await;
            assert_eq!(message["type"], *r#type, "at {caller}: {message}");
            message
        }
    }

    /// The next message, which must be an error with this code.
    pub async fn expect_error(&mut self, code: &str) -> Value {
        let message = self.expect("error").await;
        assert_eq!(message["code"], *code, "{message}");
        message
    }

    /// Reads to the close and answers its code.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            match self.next_frame().await {
                Message::Close(Some(close)) => return close.code.into(),
                Message::Close(None) => return 1005,
                _ => {}
            }
        }
    }

    /// Subscribes from now on and waits until it is live.
    pub async fn follow(&mut self, id: &str, pattern: &str) -> Value {
        self.subscribe(id, pattern, &json!("now")).await;
        let subscribed = self.expect("subscribed").await;
        self.expect("live").await;
        subscribed
    }

    pub async fn subscribe(&mut self, id: &str, pattern: &str, since: &Value) {
        self.say(&json!({"type": "subscribe", "id": id, "pattern": pattern, "since": since})).await;
    }

    /// Reads events until the one with this offset; answers their offsets.
    pub async fn offsets_until(&mut self, last: u64) -> Vec<u64> {
        let mut offsets = Vec::new();
        while offsets.last().is_none_or(|got| *got < last) {
            offsets.extend(offsets_of(&self.expect("events").await));
        }
        offsets
    }
}

pub fn offsets_of(message: &Value) -> Vec<u64> {
    message["events"].as_array().unwrap().iter().map(|item| item["offset"].as_u64().unwrap()).collect()
}
