//! Where Redis is: `redis://`, `rediss://` (TLS) and their `+cluster` kinds, with user and password. Pure.

use std::fmt;
use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion};
use socket2::TcpKeepalive;

use crate::mistake::Mistake;

const MEND: &str = "write `redis://user:password@host:6379`, `rediss://…` for TLS, or `redis+cluster://host1:6379,host2:6379`";
/// A peer that vanished without a word is found out after about this long.
const VANISHED_AFTER: Duration = Duration::from_secs(15);

/// One Redis, or the first nodes to ask of a cluster. Shows its hosts and never a password.
#[derive(Clone)]
pub struct RedisUrl {
    nodes: Vec<ConnectionInfo>,
    is_cluster: bool,
    text: String,
}

impl RedisUrl {
    /// Whether this scheme is one of ours.
    pub(crate) fn is_scheme(scheme: &str) -> bool {
        matches!(scheme.strip_suffix("+cluster").unwrap_or(scheme), "redis" | "rediss" | "valkey" | "valkeys")
    }

    /// Reads a URL whose scheme is one of ours; without a port it is 6379.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        let bad = |message: &str| Mistake::new(message, MEND);
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| bad("a Redis URL has `//` after its scheme"))?;
        let (scheme, is_cluster) = match scheme.strip_suffix("+cluster") {
            Some(scheme) => (scheme, true),
            None => (scheme, false),
        };
        let (user, hosts) = rest.rsplit_once('@').map_or(("", rest), |(user, hosts)| (user, hosts));
        let at = if user.is_empty() { "" } else { "@" };
        let hosts: Vec<&str> = if is_cluster { hosts.split(',').collect() } else { vec![hosts] };
        if hosts.iter().any(|host| host.trim_matches('/').is_empty()) {
            return Err(bad("a Redis URL names a host"));
        }
        let node = |host: &&str| node(&format!("{scheme}://{user}{at}{host}"));
        let nodes: Option<Vec<ConnectionInfo>> = hosts.iter().map(node).collect();
        let nodes = nodes.ok_or_else(|| bad("this is no Redis URL"))?;
        if is_cluster && nodes.iter().any(|node| node.redis_settings().db() != 0) {
            return Err(bad("a cluster has one database, number 0"));
        }
        Ok(Self { nodes, is_cluster, text: text.to_owned() })
    }

    pub(super) fn nodes(&self) -> &[ConnectionInfo] {
        &self.nodes
    }

    pub(super) fn is_cluster(&self) -> bool {
        self.is_cluster
    }
}

/// Pushes on the connection itself need RESP3.
fn node(url: &str) -> Option<ConnectionInfo> {
    let node = url.into_connection_info().ok()?;
    let settings = node.redis_settings().clone();
    let settings =
        settings.set_protocol(ProtocolVersion::RESP3).set_lib_name("hookcast", env!("CARGO_PKG_VERSION"));
    let keepalive = TcpKeepalive::new().with_time(VANISHED_AFTER / 3).with_interval(VANISHED_AFTER / 3);
    let tcp =
        TcpSettings::default().set_nodelay(true).set_keepalive(keepalive).set_user_timeout(VANISHED_AFTER);
    Some(node.set_redis_settings(settings).set_tcp_settings(tcp))
}

impl PartialEq for RedisUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RedisUrl {}

/// The hosts, as people say them.
impl fmt::Display for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, node) in self.nodes.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(formatter, "{comma}{}", node.addr())?;
        }
        Ok(())
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RedisUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_shown_and_passwords_are_not() {
        for (text, shown) in [
            ("redis://localhost", "localhost:6379"),
            ("redis://127.0.0.1:7000/3", "127.0.0.1:7000"),
            ("rediss://app:hunter2@redis.example.com", "redis.example.com:6379"),
            ("valkey://:hunter2@[::1]:1", "::1:1"),
            ("redis+cluster://app:hunter2@a:1,b:2,c", "a:1, b:2, c:6379"),
        ] {
            let url = RedisUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), shown, "{text}");
            assert!(!format!("{url:?}").contains("hunter2"));
            assert_eq!(url.is_cluster(), text.contains("cluster"));
            assert!(
                url.nodes().iter().all(|node| node.redis_settings().protocol() == ProtocolVersion::RESP3)
            );
        }
        let cluster = RedisUrl::parse("redis+cluster://app:hunter2@a,b").unwrap();
        assert!(cluster.nodes().iter().all(|node| node.redis_settings().username() == Some("app")));
    }

    #[test]
    fn what_is_no_url_is_a_mistake_that_keeps_the_password() {
        for text in [
            "redis:localhost",
            "redis://",
            "redis://:hunter2@",
            "redis://:hunter2@host:port",
            "redis+cluster://:hunter2@a,,b",
            "redis+cluster://:hunter2@a/3",
            "redis://:hunter2@host/three",
        ] {
            let mistake = RedisUrl::parse(text).unwrap_err().to_string();
            assert!(
                mistake.contains("redis://user:password@host:6379") && !mistake.contains("hunter2"),
                "{mistake}"
            );
        }
    }
}
