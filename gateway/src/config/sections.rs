//! The sections of the configuration, read in the order of the file into a [`Config`].

use std::collections::BTreeSet;
use std::sync::Arc;

use toml::Value;

use super::bounds::BOUNDS;
use super::document::{Document, Part, steps};
use super::keys::Kind;
use super::origin::{Fixed, Looks, look_at_files_of};
use super::report::Report;
use super::{AuthConfig, Config, auth, sources, unknown, value};
use crate::broker::connect::BrokerUrl;
use crate::http::client;
use crate::ingest::providers::Catalogue;
use crate::ingest::source::Source;
use crate::limits::{Limits, Retention, Retentions};
use crate::mistake::{Mistake, Step};
use crate::topic::{RESERVED_STREAM, StreamName};

pub(super) fn read(mut document: Document) -> Result<Config, Report> {
    let files = look_at_files_of(&document);
    unknown::note_unknown_keys(&mut document);
    note_sections_that_are_no_tables(&mut document);
    let catalogue = sources::catalogue(&mut document);
    let sources = sources::sources(&mut document, &catalogue);
    let config = Unchecked {
        listen: document.read("server.listen", value::address),
        public_url: document.read("server.public_url", value::web_address),
        proxies: document.read_all("server.proxies", |list| value::list(list, value::network)),
        origins: document.read_all("server.origins", |list| value::list(list, value::origin)),
        sse_query_token: document.read("server.sse_query_token", value::switch),
        drain: document.read("server.drain", value::duration),
        broker: broker(&mut document),
        replicas_ack: document.read("broker.replicas_ack", value::count),
        auth: auth::read(&mut document),
        retentions: retentions(&mut document, sources.as_deref()),
        sources,
        catalogue,
        limits: limits(&mut document),
        metrics: document.read("metrics.listen", value::address),
        boards: document.read("dashboard.boards", value::text),
    };
    note_open_to_the_network(&mut document, &config);
    if document.mistakes.is_empty() {
        let config = config.finish(&document, files);
        Ok(Config { advice: Report::of_advice(document), ..config })
    } else {
        Err(Report::of_document(document, files))
    }
}

/// The sections as far as they could be read; without mistakes, what has a default is there.
struct Unchecked {
    listen: Option<std::net::SocketAddr>,
    public_url: Option<String>,
    proxies: Option<Vec<ipnet::IpNet>>,
    origins: Option<Vec<String>>,
    sse_query_token: Option<bool>,
    drain: Option<std::time::Duration>,
    broker: Option<BrokerUrl>,
    replicas_ack: Option<u64>,
    auth: AuthConfig,
    /// None as well where one of them has a mistake.
    sources: Option<Vec<Source>>,
    catalogue: Catalogue,
    retentions: Retentions,
    limits: Limits,
    metrics: Option<std::net::SocketAddr>,
    boards: Option<String>,
}

impl Unchecked {
    fn finish(self, document: &Document, files: Looks) -> Config {
        let invariant = "a key with a default is absent only together with a mistake";
        Config {
            listen: self.listen.expect(invariant),
            public_url: self.public_url,
            uncounted: client::loopback().into(),
            proxies: self.proxies.expect(invariant),
            origins: self.origins.expect(invariant),
            sse_query_token: self.sse_query_token.expect(invariant),
            drain: self.drain.expect(invariant),
            broker: self.broker.expect(invariant),
            replicas_ack: u32::try_from(self.replicas_ack.unwrap_or(0)).unwrap_or(u32::MAX),
            auth: self.auth,
            sources: self.sources.expect("sources are absent only together with a mistake"),
            catalogue: Arc::new(self.catalogue),
            retentions: self.retentions,
            limits: self.limits,
            metrics: self.metrics,
            boards: self.boards.map(|boards| document.folder.join(boards)),
            invitation: None,
            origin: None,
            files,
            fixed: Fixed::of(document),
            advice: None,
        }
    }
}

fn note_sections_that_are_no_tables(document: &mut Document) {
    for section in ["server", "broker", "auth", "stream", "limits", "metrics", "dashboard", "provider"] {
        document.read(section, |value| value::table(value).map(|_| ()));
    }
}

fn broker(document: &mut Document) -> Option<BrokerUrl> {
    let folder = document.folder.clone();
    document.read("broker.url", |value| BrokerUrl::parse(&value::text(value)?, &folder))
}

/// Without `[auth]` whoever reaches the port reads and changes everything.
fn note_open_to_the_network(document: &mut Document, config: &Unchecked) {
    let is_auth_given = document.values.contains_key("auth");
    if let Some(listen) = config.listen.filter(|listen| !listen.ip().is_loopback() && !is_auth_given) {
        let message = format!("{listen} is open to the network, and without [auth] to everybody there");
        let mend = "write 127.0.0.1, or an [auth] with secrets";
        document.note_below(&steps("server.listen"), Mistake::new(message, mend));
    }
}

fn limits(document: &mut Document) -> Limits {
    let mut limits = Limits::default();
    for bound in BOUNDS {
        let read = match bound.kind {
            Kind::Duration => value::milliseconds,
            Kind::Size => value::size,
            _ => value::count,
        };
        if let Some(number) = document.read(&format!("limits.{}", bound.name), read) {
            (bound.set)(&mut limits, number);
        }
    }
    limits
}

fn retentions(document: &mut Document, sources: Option<&[Source]>) -> Retentions {
    let Some(Value::Table(streams)) = document.values.get("stream").cloned() else {
        return Retentions::default();
    };
    let mut retentions = Retentions::default();
    for (name, kept) in streams {
        let at = vec![Step::Key("stream".into()), Step::Key(name.clone())];
        let retention = retention(document, &at, &kept);
        match stream_name(&name, sources) {
            Ok(stream) => drop(retentions.0.insert(stream, retention)),
            Err(mistake) => document.mistakes.push((Mistake { at, ..mistake }, Part::Key)),
        }
    }
    retentions
}

fn retention(document: &mut Document, at: &[Step], kept: &Value) -> Retention {
    let default = Retention::default();
    if let Err(mistake) = value::table(kept) {
        document.note_below(at, mistake);
        return default;
    }
    let mut number = |key: &str, read: fn(&Value) -> Result<u64, Mistake>, default: u64| {
        let read = kept.get(key).map_or(Ok(default), read);
        read.unwrap_or_else(|mistake| {
            document.note_below(at, mistake.under(key));
            default
        })
    };
    let age = u64::try_from(default.age.as_millis()).unwrap_or(u64::MAX);
    Retention {
        events: number("events", value::count, default.events),
        bytes: number("bytes", value::size, default.bytes),
        age: std::time::Duration::from_millis(number("age", value::milliseconds, age)),
    }
}

/// A stream that an operator may speak of. Where the sources have mistakes, nobody knows which streams there are.
fn stream_name(name: &str, sources: Option<&[Source]>) -> Result<StreamName, Mistake> {
    if name == RESERVED_STREAM {
        let mend = "its retention is fixed; leave the section out";
        return Err(Mistake::new(
            format!("`{name}` is the stream on which the gateway speaks of itself"),
            mend,
        ));
    }
    let mend = "write the name of a source's stream, the first segment of its topic";
    let stream = StreamName::parse(name).map_err(|error| Mistake::new(error.to_string(), mend))?;
    let Some(sources) = sources else { return Ok(stream) };
    if sources.iter().any(|source| *source.stream() == stream) {
        return Ok(stream);
    }
    let streams: BTreeSet<_> = sources.iter().map(|source| source.stream().as_str()).collect();
    let mend = if streams.is_empty() {
        "there is no source; write one, or leave this section out".to_owned()
    } else {
        format!("streams are {}", Vec::from_iter(streams).join(", "))
    };
    Err(Mistake::new(format!("no source has the stream `{name}`"), mend))
}
