//! The one configuration that all nodes have; only their ports differ.

use std::fmt::Write as _;
use std::time::Duration;

use crate::delivery::{AUDIENCE, SOURCE};

/// Short, so that a run of a minute sees many, and a lie about a position is told soon.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(2);

/// What lets the load in.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    pub(crate) source: String,
    pub(crate) auth: String,
}

/// Retention is so large that no gap but those of the faults is told.
pub(crate) fn config(port: u16, metrics_port: u16, broker: &str, secrets: &Secrets) -> String {
    let Secrets { source, auth } = secrets;
    let heartbeat = HEARTBEAT.as_secs();
    let mut text = format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\n[broker]\nurl = \"{broker}\"\n\
         [metrics]\nlisten = \"127.0.0.1:{metrics_port}\"\n\
         [auth]\nsecrets = [\"{auth}\"]\naudience = \"{AUDIENCE}\"\n\
         [limits]\nheartbeat = \"{heartbeat}s\"\nconnections = 100000\nunauthenticated = 20000\n\
         [stream.{SOURCE}]\nevents = 5000000\nbytes = \"4GiB\"\n"
    );
    write!(
        text,
        "[[source]]\nname = \"{SOURCE}\"\nprovider = \"hmac\"\nsecrets = [\"{source}\"]\n\
         topic = \"{SOURCE}/{{region}}/{{zone}}/{{type}}\"\n[source.verify]\n\
         signature = {{ header = \"x-signature\", strip = \"sha256=\" }}\n\
         [source.delivery]\nid = [\"header:x-delivery-id\"]\ntype = \"{{header:x-event}}\"\n"
    )
    .expect("memory is writable");
    text
}
