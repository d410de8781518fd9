//! A connection to Redis that is made again when it is lost, and what may be sent over it. Whoever finds it dead
//! discards it; the next who asks makes a new one, one at a time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use redis::aio::{AsyncPushSender, ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, ProtocolVersion, RedisError, RedisResult,
};
use redis::{ServerErrorKind, Value};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::url::RedisUrl;
use crate::broker::BrokerError;

/// Longest wait for a connection, TLS and the greeting included.
pub(super) const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// Longest wait for an answer. Longer than Redis holds a write back when its disk is slow (2 s), or such a moment would cost
/// every connection.
pub(super) const REPLY_DEADLINE: Duration = Duration::from_secs(3);
/// After an attempt that failed the next waits: many who ask would otherwise each try for themselves.
const ATTEMPT_PAUSE: Duration = Duration::from_millis(200);
/// How often the cluster's client follows a slot that moves before it gives up.
const CLUSTER_RETRIES: u32 = 8;
/// Slots of a cluster.
const SLOTS: u16 = 16_384;

/// An open connection; clones share it.
#[derive(Clone)]
pub(super) enum Wire {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// What pushes are given to; called on the connection's task, so it must not wait.
pub(super) type Ear = Arc<dyn AsyncPushSender>;

impl Wire {
    /// Connects; pushes go to the ear, if there is one.
    pub(super) async fn open(url: &RedisUrl, ear: Option<Ear>) -> RedisResult<Self> {
        let opening = async {
            if url.is_cluster() { Self::open_cluster(url, ear).await } else { Self::open_one(url, ear).await }
        };
        timeout(CONNECT_DEADLINE, opening)
            .await
            .unwrap_or_else(|_| Err(too_slow("it cannot be connected to")))
    }

    async fn open_one(url: &RedisUrl, ear: Option<Ear>) -> RedisResult<Self> {
        let mut config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_DEADLINE))
            .set_response_timeout(Some(REPLY_DEADLINE));
        if let Some(ear) = ear {
            config = config.set_push_sender(ear);
        }
        let client = Client::open(url.nodes()[0].clone())?;
        Ok(Self::One(client.get_multiplexed_async_connection_with_config(&config).await?))
    }

    async fn open_cluster(url: &RedisUrl, ear: Option<Ear>) -> RedisResult<Self> {
        let mut builder = ClusterClientBuilder::new(url.nodes().iter().cloned())
            .use_protocol(ProtocolVersion::RESP3)
            .connection_timeout(CONNECT_DEADLINE)
            .response_timeout(REPLY_DEADLINE)
            .overall_response_timeout(Some(REPLY_DEADLINE * 2))
            .retries(CLUSTER_RETRIES)
            .tcp_settings(url.nodes()[0].tcp_settings().clone());
        if let Some(ear) = ear {
            builder = builder.push_sender(ear);
        }
        Ok(Self::Cluster(builder.build()?.get_async_connection().await?))
    }

    /// One command, routed by its keys.
    pub(super) async fn call(&mut self, command: &Cmd) -> RedisResult<Value> {
        let value = match self {
            Self::One(one) => one.req_packed_command(command).await?,
            Self::Cluster(cluster) => cluster.req_packed_command(command).await?,
        };
        value.extract_error()
    }

    /// Many commands at once, each with its keys' hash tag: one pipeline, or in a cluster each to its master. With `replicas` each answer waits until
    /// so many have what was written.
    ///
    /// # Errors
    /// When the connection is lost or silent; then nothing is known of any of them.
    pub(super) async fn call_all(
        &mut self,
        commands: Vec<(String, Cmd)>,
        replicas: Option<(u32, Duration)>,
    ) -> RedisResult<Vec<RedisResult<Value>>> {
        match self {
            Self::One(one) => {
                let mut pipeline = Pipeline::with_capacity(commands.len() + 1);
                for (_, command) in commands {
                    pipeline.add_command(command);
                }
                if let Some((count, patience)) = replicas {
                    pipeline.add_command(wait(count, patience));
                }
                let count = pipeline.len();
                let mut values = one.req_packed_commands(&pipeline, 0, count).await?;
                let waited = replicas.and_then(|(count, _)| Some((count, values.pop()?)));
                let lack = waited.and_then(|(count, acknowledged)| lack(count, acknowledged));
                // An answer's own error comes first: what was not done cannot lack replicas.
                let answer = |value: Value| {
                    let value = value.extract_error()?;
                    lack.clone().map_or(Ok(value), Err)
                };
                Ok(values.into_iter().map(answer).collect())
            }
            Self::Cluster(cluster) => {
                let calls = commands.into_iter().map(|(tag, command)| {
                    let mut cluster = cluster.clone();
                    async move {
                        let value = cluster.req_packed_command(&command).await?.extract_error()?;
                        let Some((count, patience)) = replicas else { return Ok(value) };
                        let acknowledged =
                            cluster.route_command(wait(count, patience), master_of(&tag)).await?;
                        lack(count, acknowledged).map_or(Ok(value), Err)
                    }
                });
                Ok(join_all(calls).await)
            }
        }
    }

    /// A command without keys, to the master that holds what has this hash tag.
    pub(super) async fn call_beside(&mut self, tag: &str, command: Cmd) -> RedisResult<Value> {
        let value = match self {
            Self::One(one) => one.req_packed_command(&command).await?,
            Self::Cluster(cluster) => cluster.route_command(command, master_of(tag)).await?,
        };
        value.extract_error()
    }

    pub(super) async fn ssubscribe(&mut self, channel: &str) -> RedisResult<()> {
        match self {
            Self::One(one) => {
                one.req_packed_command(redis::cmd("SSUBSCRIBE").arg(channel)).await?.extract_error().map(drop)
            }
            Self::Cluster(cluster) => cluster.ssubscribe(channel).await,
        }
    }

    pub(super) async fn sunsubscribe(&mut self, channel: &str) -> RedisResult<()> {
        match self {
            Self::One(one) => one
                .req_packed_command(redis::cmd("SUNSUBSCRIBE").arg(channel))
                .await?
                .extract_error()
                .map(drop),
            Self::Cluster(cluster) => cluster.sunsubscribe(channel).await,
        }
    }
}

/// The master of what is written under this hash tag (Redis Cluster specification, "Key distribution model").
fn master_of(tag: &str) -> RoutingInfo {
    let slot = crc16::State::<crc16::XMODEM>::calculate(tag.as_bytes()) % SLOTS;
    RoutingInfo::SingleNode(SingleNodeRoutingInfo::SpecificNode(Route::new(slot, SlotAddr::Master)))
}

fn wait(replicas: u32, patience: Duration) -> Cmd {
    let mut wait = redis::cmd("WAIT");
    wait.arg(replicas).arg(patience.as_millis() as u64);
    wait
}

/// What is missing when fewer replicas than these have it.
fn lack(replicas: u32, acknowledged: Value) -> Option<RedisError> {
    match acknowledged.extract_error() {
        Ok(Value::Int(count)) if count >= i64::from(replicas) => None,
        Ok(Value::Int(count)) => Some(RedisError::from((
            ErrorKind::Client,
            "too few replicas",
            format!("{count} of the {replicas} replicas that [broker] replicas_ack asks for have the events"),
        ))),
        Ok(_) => Some(RedisError::from((ErrorKind::UnexpectedReturnType, "WAIT answers a number"))),
        Err(error) => Some(error),
    }
}

fn too_slow(what: &'static str) -> RedisError {
    RedisError::from(std::io::Error::new(std::io::ErrorKind::TimedOut, what))
}

/// A wire that is there when it can be.
pub(super) struct Line {
    url: Arc<RedisUrl>,
    /// Held while connecting, which has its deadline: whoever comes meanwhile wants the same connection.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    wire: Option<Wire>,
    /// Which wire this is, so that nobody discards the one after.
    number: u64,
    failed: Option<(Instant, String)>,
}

impl Line {
    pub(super) fn new(url: Arc<RedisUrl>) -> Self {
        Self { url, state: Mutex::default() }
    }

    /// The wire and its number.
    pub(super) async fn wire(&self) -> Result<(u64, Wire), BrokerError> {
        let mut state = self.state.lock().await;
        if let Some(wire) = &state.wire {
            return Ok((state.number, wire.clone()));
        }
        if let Some((at, cause)) = &state.failed
            && at.elapsed() < ATTEMPT_PAUSE
        {
            return Err(BrokerError::Unavailable(cause.clone()));
        }
        match Wire::open(&self.url, None).await {
            Ok(wire) => {
                state.number += 1;
                state.failed = None;
                state.wire = Some(wire.clone());
                Ok((state.number, wire))
            }
            Err(error) => {
                let cause = describe(&error);
                state.failed = Some((Instant::now(), cause.clone()));
                Err(BrokerError::Unavailable(cause))
            }
        }
    }

    /// Lets go of a wire that was found dead.
    pub(super) async fn discard(&self, number: u64) {
        let mut state = self.state.lock().await;
        if state.number == number {
            state.wire = None;
        }
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Line({})", self.url)
    }
}

/// What an error asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// The script is not known there: send its text.
    Teach,
    /// Scripts may not call INFO there: send our own reading.
    Inform,
    /// It passes: try again on this connection.
    Wait,
    /// The connection is dead, or leads to a server that is no master any more.
    Reconnect,
    /// Trying again at once would end the same way.
    Refuse,
}

pub(super) fn remedy(error: &RedisError) -> Remedy {
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::NoScript) => Remedy::Teach,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask,
        ) => Remedy::Wait,
        ErrorKind::Server(ServerErrorKind::ReadOnly)
        | ErrorKind::Io
        | ErrorKind::Parse
        | ErrorKind::ClusterConnectionNotFound => Remedy::Reconnect,
        _ if error.code() == Some("NORUN") => Remedy::Inform,
        _ => Remedy::Refuse,
    }
}

const RIGHTS: &str = " (grant this user the rights that docs/redis.md lists)";

/// The cause in a sentence, with the mend where there is one.
pub(super) fn describe(error: &RedisError) -> String {
    let lacks_right = error.detail().is_some_and(|detail| detail.contains("user executing the script can't"));
    let mend = match (error.kind(), error.code()) {
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => RIGHTS,
        _ if lacks_right => RIGHTS,
        (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
            " (put user and password into [broker] url)"
        }
        (_, Some("OOM")) => " (raise maxmemory, or keep less under [stream.…])",
        (ErrorKind::RESP3NotSupported, _) => " (Redis 7.0 or later is needed)",
        _ => "",
    };
    format!("Redis: {error}{mend}")
}
