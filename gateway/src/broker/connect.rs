//! From the broker's URL to a broker: the one place that knows every implementation.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::broker::Broker;
use crate::broker::embedded::EmbeddedBroker;
use crate::broker::memory::MemoryBroker;
use crate::broker::open_error::OpenError;
use crate::broker::redis::RedisBroker;
use crate::broker::redis::url::RedisUrl;
use crate::broker::rules::Rules;
use crate::limits::{Limits, Retentions};
use crate::mistake::Mistake;

const MEND: &str = "write `file:./data` to keep events in a folder, `redis://host:6379` to share them with other nodes, or `memory:`";

/// Where events are kept and published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokerUrl {
    /// In this process, gone when it ends.
    Memory,
    /// In a store of our own in this folder.
    File(PathBuf),
    /// In Redis, shared with other nodes.
    Redis(RedisUrl),
}

impl BrokerUrl {
    /// Reads `memory:`, a Redis URL, or `file:` and a folder, which is relative to `base`.
    ///
    /// ```
    /// use hookcast::broker::connect::BrokerUrl;
    /// use std::path::Path;
    /// let url = BrokerUrl::parse("file:./data", Path::new("/srv/hookcast")).unwrap();
    /// assert_eq!(url, BrokerUrl::File("/srv/hookcast/data".into()));
    /// ```
    pub fn parse(text: &str, base: &Path) -> Result<Self, Mistake> {
        match text.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("memory", rest)) => {
                Err(Mistake::new(format!("`memory:` takes nothing after the colon, but `{rest}` came"), MEND))
            }
            Some(("file", folder)) => Self::parse_folder(folder, base),
            // The URL may hold a password: only its scheme is ever shown.
            Some((scheme, _)) if RedisUrl::is_scheme(scheme) => RedisUrl::parse(text).map(Self::Redis),
            Some((scheme, _)) => Err(Mistake::new(
                format!("a broker is `file:`, `redis:` or `memory:`, but `{scheme}:…` came"),
                MEND,
            )),
            None => Err(Mistake::new(
                "a broker is a URL, `file:`, `redis:` or `memory:`, but this has no scheme",
                MEND,
            )),
        }
    }

    fn parse_folder(folder: &str, base: &Path) -> Result<Self, Mistake> {
        // `file:///srv/data` and `file:/srv/data` are the same folder; a host between the slashes is not ours to reach.
        let folder = match folder.strip_prefix("//") {
            Some(path) if path.starts_with('/') => path,
            Some(_) => {
                return Err(Mistake::new("`file:` names a folder of this machine, but a host came", MEND));
            }
            None => folder,
        };
        if folder.is_empty() {
            return Err(Mistake::new("`file:` needs a folder", MEND));
        }
        let folder = folder.strip_prefix("./").unwrap_or(folder);
        Ok(Self::File(base.join(folder)))
    }
}

/// Opens the broker that the URL names. Redis need not be there yet; so many of its replicas must have an event before it
/// is answered.
pub async fn connect(
    url: &BrokerUrl,
    retentions: Retentions,
    limits: &Limits,
    replicas_ack: u32,
) -> Result<Arc<dyn Broker>, OpenError> {
    match url {
        BrokerUrl::Redis(url) => {
            let rules = Rules::new(retentions, limits);
            Ok(Arc::new(RedisBroker::open(url.clone(), rules, replicas_ack)))
        }
        BrokerUrl::Memory => Ok(Arc::new(MemoryBroker::new(retentions, limits))),
        BrokerUrl::File(dir) => {
            let (dir, limits) = (dir.clone(), limits.clone());
            // Opening may have to repair a large file, which must not hold up this thread's other tasks.
            let open = move || EmbeddedBroker::open(&dir, retentions, &limits);
            let broker = tokio::task::spawn_blocking(open).await.expect("opening a store does not panic")?;
            Ok(Arc::new(broker))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_relative_to_the_configuration() {
        let parse = |text| BrokerUrl::parse(text, Path::new("/etc/hookcast")).unwrap();
        assert_eq!(parse("memory:"), BrokerUrl::Memory);
        for (text, folder) in [
            ("file:data", "/etc/hookcast/data"),
            ("file:./data", "/etc/hookcast/data"),
            ("file:../data", "/etc/hookcast/../data"),
            ("file:/srv/data", "/srv/data"),
            ("file:///srv/data", "/srv/data"),
        ] {
            assert_eq!(parse(text), BrokerUrl::File(folder.into()), "{text}");
        }
    }

    #[test]
    fn what_no_broker_is_behind_is_a_mistake_with_a_mend() {
        for (text, expected) in [
            ("", "no scheme"),
            ("data", "no scheme"),
            ("file:", "needs a folder"),
            ("file://host/data", "host"),
            ("memory:x", "nothing after"),
            ("redis:localhost", "`//` after its scheme"),
            ("redis://:hunter2@host:port", "no Redis URL"),
            ("kafka://localhost", "`kafka:…` came"),
        ] {
            let mistake = BrokerUrl::parse(text, Path::new("/")).unwrap_err();
            assert!(mistake.message.contains(expected), "{text}: {mistake}");
            let has_example = mistake.mend.contains("file:./data") || mistake.mend.contains("redis://user");
            assert!(has_example, "{text}: {mistake}");
            assert!(!mistake.to_string().contains("hunter2"), "a password stays out of sight");
        }
    }
}
