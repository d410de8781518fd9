//! The configuration, read again while the node runs. The whole of it is valid and taken, or nothing changes. No connection is
//! dropped: who was let in stays, and deliveries under way end as they began.

mod file;
mod rules;
mod watch;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use self::file::{Change, ChangeError, ConfigFile};
pub use self::rules::RuleMaker;

use self::file::Ask;
use self::watch::{Cause, Watch};
use crate::auth::Auth;
use crate::broker::connect::BrokerUrl;
use crate::config::Config;
use crate::config::origin::{Fixed, Looks, Origin};
use crate::config::report::Report;
use crate::current::Current;
use crate::ingest::receive::Ingest;
use crate::report::{NodeId, Reports};
use crate::telemetry;
use crate::topic::StreamName;

/// For reading it all: files lie on this machine, or nearly.
const READ_DEADLINE: Duration = Duration::from_secs(30);
/// Mistakes in one report; the log has all.
const MISTAKES_TOLD_MAX: usize = 20;

/// What a reload changes of a node.
#[derive(Debug)]
pub struct Parts {
    pub ingest: Arc<Ingest>,
    pub auth: Arc<Auth>,
    pub rules: RuleMaker,
    /// Streams that may be subscribed to.
    pub streams: Current<BTreeSet<StreamName>>,
    /// Most of them.
    pub streams_max: usize,
}

/// See the head of the file.
#[derive(Debug)]
pub struct Reload {
    origin: Origin,
    fixed: Fixed,
    /// Whether whoever reaches this node may do everything.
    is_open: bool,
    watch: Watch,
    /// Who has changed the file and waits for it to be taken.
    asked: mpsc::Receiver<Ask>,
}

/// Why nothing was taken.
enum Refusal {
    Mistakes(Report),
    /// Read, but it cannot be acted on.
    Other(String),
}

impl Reload {
    /// From here on no SIGHUP ends the process. None where the configuration came from no file: it stays as it is, and whoever
    /// would change it hears so.
    pub fn of(config: &Config) -> (Option<Self>, ConfigFile) {
        let is_shared = matches!(config.broker, BrokerUrl::Redis(_));
        let (file, asked) = ConfigFile::new(config.origin.clone(), is_shared);
        let reload = config.origin.clone().map(|origin| Self {
            origin,
            fixed: config.fixed.clone(),
            is_open: config.auth.is_open(),
            watch: Watch::new(config.files.clone()),
            asked,
        });
        (reload, file)
    }

    /// Reads it again whenever there is cause to, until told to stop.
    pub async fn run(mut self, mut parts: Parts, node: NodeId, reports: Reports, stop: CancellationToken) {
        while let Some((cause, ask)) = stop.run_until_cancelled(self.cause()).await {
            let taken = match self.read().await {
                Ok(config) => self.take(config, &mut parts, cause, &node, &reports),
                Err(refusal) => Err(refusal),
            };
            if let Err(refusal) = &taken {
                tell_refusal(refusal, cause, &node, &reports);
            }
            if let Some(ask) = ask {
                // Who asked may have gone: it is taken all the same.
                let _ = ask.send(taken.map_err(|refusal| refusal.in_a_line()));
            }
        }
    }

    /// Nothing is lost if this is dropped and called again.
    async fn cause(&mut self) -> (Cause, Option<Ask>) {
        tokio::select! {
            Some(ask) = self.asked.recv() => (Cause::Asked, Some(ask)),
            cause = self.watch.changed() => (cause, None),
        }
    }

    async fn read(&mut self) -> Result<Config, Refusal> {
        let origin = self.origin.clone();
        let reading = timeout(READ_DEADLINE, spawn_blocking(move || origin.read())).await;
        let (refusal, files) = match reading {
            Ok(Ok(Ok(config))) => {
                self.watch.read(config.files.clone());
                return Ok(config);
            }
            Ok(Ok(Err(report))) => {
                let files = report.files.clone();
                (Refusal::Mistakes(report), files)
            }
            Ok(Err(error)) => (Refusal::Other(error.to_string()), Looks::new()),
            Err(_) => (Refusal::Other("its files could not be read in 30 s".into()), Looks::new()),
        };
        self.watch.refused(files);
        Err(refusal)
    }

    /// Everything that can fail comes first.
    fn take(
        &mut self,
        config: Config,
        parts: &mut Parts,
        cause: Cause,
        node: &NodeId,
        reports: &Reports,
    ) -> Result<(), Refusal> {
        let mut restart = self.fixed.differing(&config.fixed);
        // Whose pages may talk to us was decided at the start, and nobody needed a token less than now.
        let would_open = config.auth.is_open() && !self.is_open;
        let rules =
            (!would_open).then(|| parts.rules.rules(&config.auth)).transpose().map_err(Refusal::Other)?;
        let before: BTreeSet<_> = parts.ingest.sources().iter().map(|it| it.name().to_owned()).collect();
        let after: BTreeSet<_> = config.sources.iter().map(|it| it.name().to_owned()).collect();
        parts.allow_streams(&config);
        parts.ingest.replace(config.sources);
        if let Some(rules) = rules {
            let Parts { auth, rules: maker, .. } = parts;
            auth.replace(rules, |issuer| maker.keyring(issuer));
            self.is_open = config.auth.is_open();
        } else {
            restart.push("auth".into());
        }
        let added: Vec<_> = after.difference(&before).collect();
        let removed: Vec<_> = before.difference(&after).collect();
        telemetry::config_reload("reloaded");
        tracing::info!(
            cause = cause.as_str(),
            sources = after.len(),
            ?added,
            ?removed,
            "the configuration was read again"
        );
        if !restart.is_empty() {
            let keys = restart.join(", ");
            tracing::warn!(keys, "these have changed and take effect when this node is started again");
        }
        if let Some(advice) = config.advice {
            tracing::warn!("the configuration has no mistakes, but:\n{advice}");
        }
        let data = json!({
            "id": node.as_str(), "cause": cause.as_str(), "sources": after.len(),
            "added": added, "removed": removed, "restart": restart,
        });
        reports.say("config.reloaded", &["node", node.as_str()], &data);
        Ok(())
    }
}

impl Refusal {
    /// For whoever asked; the log says it in full.
    fn in_a_line(&self) -> String {
        match self {
            Self::Mistakes(report) => {
                let first = report.entries().next();
                first.map_or_else(String::new, |it| format!("{}: {}; {}", it.key, it.message, it.mend))
            }
            Self::Other(why) => why.clone(),
        }
    }
}

impl Parts {
    /// Streams that no source feeds any more stay readable, as long as there is room for them.
    fn allow_streams(&self, config: &Config) {
        let fed = config.sources.iter().map(|source| source.stream().clone());
        let mut streams: BTreeSet<_> = fed.chain([StreamName::reserved()]).collect();
        for stream in self.streams.get().iter() {
            if streams.len() < self.streams_max {
                streams.insert(stream.clone());
            }
        }
        self.streams.replace(streams);
    }
}

/// The log says it as `hookcast check` does; nothing has changed.
fn tell_refusal(refusal: &Refusal, cause: Cause, node: &NodeId, reports: &Reports) {
    telemetry::config_reload("refused");
    let (count, mistakes) = match refusal {
        Refusal::Mistakes(report) => {
            let count = report.count();
            tracing::error!(
                cause = cause.as_str(),
                count,
                "the configuration was refused and the one before stays:\n{report}"
            );
            (count, report.entries().take(MISTAKES_TOLD_MAX).map(|it| json!(it)).collect::<Vec<_>>())
        }
        Refusal::Other(why) => {
            tracing::error!(
                cause = cause.as_str(),
                why,
                "the configuration was refused and the one before stays"
            );
            (1, vec![json!({ "message": why })])
        }
    };
    let data: Value = json!({
        "id": node.as_str(), "cause": cause.as_str(), "count": count, "mistakes": mistakes,
    });
    reports.say("config.refused", &["node", node.as_str()], &data);
}
