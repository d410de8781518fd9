//! The configuration: TOML, environment and command line in, a [`Config`] that cannot be wrong out, or every mistake at
//! once. The table of keys is in `keys`; nothing outside this folder reads the file or the environment.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::auth::issuer::Settings;
use crate::broker::connect::BrokerUrl;
use crate::ingest::providers::Catalogue;
use crate::ingest::source::Source;
use crate::limits::{Limits, Retentions};
use crate::secret::Secret;
use crate::topic::Grant;

pub mod keys;

mod auth;
mod bounds;
mod document;
pub mod edit;
pub mod environment;
mod layer;
pub mod origin;
pub mod report;
mod secrets;
mod sections;
mod sources;
mod unknown;
pub mod value;

pub mod default_file;
pub mod schema;

use environment::Environment;
use origin::{Fixed, Looks, Origin};
use report::Report;

/// Everything an operator decides. A value of this type has been checked.
#[derive(Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// The address that the world sees, without a slash at its end.
    pub public_url: Option<String>,
    /// Networks whose connections are not counted by address, beside the proxies': loopback.
    pub uncounted: Vec<IpNet>,
    /// Networks whose proxies are believed about a client's address.
    pub proxies: Vec<IpNet>,
    /// Other sites whose pages may connect, in lower case.
    pub origins: Vec<String>,
    /// Whether `/sse` takes a token from the query.
    pub sse_query_token: bool,
    /// How long closing the open connections is spread over at the end.
    pub drain: Duration,
    pub broker: BrokerUrl,
    /// Redis replicas that must have an event before it is answered.
    pub replicas_ack: u32,
    pub auth: AuthConfig,
    pub sources: Vec<Source>,
    /// Built-in providers and the operator's own.
    pub catalogue: Arc<Catalogue>,
    pub retentions: Retentions,
    pub limits: Limits,
    /// Where Prometheus reads; absent: nowhere.
    pub metrics: Option<SocketAddr>,
    /// The folder with a TOML file for each board; it need not exist.
    pub boards: Option<PathBuf>,
    /// What a page invites its viewer to try; no key sets it.
    pub invitation: Option<Invitation>,
    /// Where to read it again; none: nowhere.
    pub origin: Option<Origin>,
    /// The files whose content is a part of it.
    pub files: Looks,
    /// What a running node does not take anew.
    pub fixed: Fixed,
    /// What is no mistake, but weaker than its writer may think; none where there is nothing to say.
    pub advice: Option<Report>,
}

/// A source to try, and the line that posts to it from a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub source: String,
    pub curl: String,
}

/// Who may read. Empty (no `[auth]`), everybody may do everything, and the gateway listens on loopback only.
#[derive(Debug, Clone, Default)]
pub struct AuthConfig {
    /// Keys of HS256, 32 bytes or more each; the first also signs.
    pub secrets: Vec<Secret>,
    /// What `[auth]` itself says: its tokens need not name their issuer.
    pub main: Settings,
    /// Others, each known by its `iss`.
    pub issuers: Vec<Settings>,
    /// What a client without a token may subscribe to.
    pub anonymous: Vec<Grant>,
}

impl AuthConfig {
    /// Whether there is no `[auth]` at all.
    pub fn is_open(&self) -> bool {
        let has_keys = |issuer: &Settings| issuer.jwks.is_some() || !issuer.keys.is_empty();
        self.secrets.is_empty()
            && self.anonymous.is_empty()
            && !has_keys(&self.main)
            && self.issuers.is_empty()
    }
}

/// What the command line says of the configuration; it wins over environment and file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub listen: Option<String>,
    pub redis: Option<String>,
}

impl Config {
    /// Reads the file (`hookcast.toml` here, if none is named and it exists), the environment and the overrides.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn load(
        path: Option<&Path>,
        overrides: &Overrides,
        environment: Environment,
    ) -> Result<Self, Report> {
        let origin = Origin::new(path, overrides, environment.clone());
        let file = origin::look([origin.file().to_owned()]);
        let read = document::Document::open(path, overrides, environment).and_then(sections::read);
        match read {
            Ok(mut config) => {
                config.files.extend(file);
                Ok(Self { origin: Some(origin), ..config })
            }
            Err(mut report) => {
                report.files.extend(file);
                Err(report)
            }
        }
    }

    /// Reads a text as if it were the file `name` in `folder`.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn of_text(
        name: &str,
        text: &str,
        folder: &Path,
        overrides: &Overrides,
        environment: Environment,
    ) -> Result<Self, Report> {
        sections::read(document::Document::of_text(
            name,
            text.to_owned(),
            folder.to_owned(),
            overrides,
            environment,
        )?)
    }
}
