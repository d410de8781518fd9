//! One connection to Redis, or to a cluster of them, and what may be sent over it. Knows no retries but the cluster's own.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use redis::aio::{AsyncPushSender, ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, ProtocolVersion, RedisError, RedisResult, Value,
};
use tokio::time::timeout;

use super::url::RedisUrl;

/// Longest wait for a connection, TLS and the greeting included.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// Longest wait for an answer. Longer than Redis holds a write back when its disk is slow (2 s), or such a moment would cost
/// every connection.
pub(super) const REPLY_DEADLINE: Duration = Duration::from_secs(3);
/// How often the cluster's client follows a slot that moves before it gives up.
const CLUSTER_RETRIES: u32 = 8;
/// Slots of a cluster.
const SLOTS: u16 = 16_384;

/// What pushes are given to; called on the connection's task, so it must not wait.
pub(super) type Ear = Arc<dyn AsyncPushSender>;

/// An open connection; clones share it.
#[derive(Clone)]
pub(super) enum Wire {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

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
