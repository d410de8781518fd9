//! The servers under load: each a child process of its own, found by the address that it prints, or one that runs
//! already. Nothing here sends load.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::delivery::{AUDIENCE, SOURCE, TOPIC};
use crate::process::{self, Pinning};

/// A gateway opens its store first, which after a kill means a repair.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// Where a server is and what it takes to be let in.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) source_secret: String,
    pub(crate) auth_secret: String,
}

/// A child process that listens. Dropped, it is killed.
struct Listening {
    child: Child,
    address: SocketAddr,
    /// Reads standard output to its end, or the child would block on a full pipe.
    _drain: thread::JoinHandle<()>,
}

impl Listening {
    /// Starts `command` and waits for the line on its standard output that holds its address.
    fn start(command: &mut Command, pinning: Pinning) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let name = command.get_program().to_string_lossy().into_owned();
        let started = pinning.on_server_core(|| command.spawn().with_context(|| format!("start {name}")));
        let mut child = started?;
        let output = child.stdout.take().expect("standard output is a pipe");
        let (found, address) = mpsc::sync_channel(1);
        let drain = thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(address) = address_in(&line) {
                    // Only the first is waited for.
                    let _ = found.try_send(address);
                }
            }
        });
        let Ok(address) = address.recv_timeout(START_DEADLINE) else {
            let _ = child.kill();
            let status = child.wait()?;
            bail!("{name} printed no address to connect to ({status})");
        };
        Ok(Self { child, address, _drain: drain })
    }

    fn kill(&mut self) {
        // It may have ended by itself; either way it is gone after `wait`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.kill();
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let at = line.find("http://127.0.0.1:")? + "http://".len();
    let rest = &line[at..];
    let end = rest.find(|c: char| !(c.is_ascii_digit() || ".:".contains(c))).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broker {
    Memory,
    /// On disk, under a temporary folder.
    File,
    /// The Redis on this port.
    Redis(u16),
}

/// A gateway with its own folder, config and data. It can be killed and started again on the same port.
pub(crate) struct Gateway {
    binary: PathBuf,
    /// Fields are dropped in this order: a gateway that still ran would write into its folder while it is removed.
    listening: Listening,
    folder: TempDir,
    port: u16,
    pinning: Pinning,
    target: Target,
}

impl Gateway {
    pub(crate) fn start(binary: &Path, broker: Broker, folder: &Path, pinning: Pinning) -> Result<Self> {
        let secret = || format!("{:032x}{:032x}", fastrand::u128(..), fastrand::u128(..));
        Self::start_with(binary, broker, folder, pinning, (secret(), secret()))
    }

    /// Another node of the same gateway.
    pub(crate) fn start_beside(&self, broker: Broker) -> Result<Self> {
        let secrets = (self.target.source_secret.clone(), self.target.auth_secret.clone());
        let parent = self.folder.path().parent().context("a folder has a parent")?;
        Self::start_with(&self.binary, broker, parent, self.pinning, secrets)
    }

    fn start_with(
        binary: &Path,
        broker: Broker,
        folder: &Path,
        pinning: Pinning,
        (source_secret, auth_secret): (String, String),
    ) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("hookcast-load-").tempdir_in(folder)?;
        // A port of its own rather than 0, so that it comes back where its clients look for it.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        fs::write(folder.path().join("hookcast.toml"), config(broker, port, &source_secret, &auth_secret))?;
        let listening = Self::listen(binary, folder.path(), pinning)?;
        let target = Target { address: listening.address, source_secret, auth_secret };
        Ok(Self { binary: binary.to_owned(), folder, port, pinning, listening, target })
    }

    fn listen(binary: &Path, folder: &Path, pinning: Pinning) -> Result<Listening> {
        let path = folder.join("gateway.log");
        let log = File::options().create(true).append(true).open(&path)?;
        let mut command = Command::new(binary);
        command
            .arg("serve")
            .arg("--config")
            .arg(folder.join("hookcast.toml"))
            .current_dir(folder)
            .stderr(log);
        Listening::start(&mut command, pinning)
            .with_context(|| format!("its log says:\n{}", fs::read_to_string(&path).unwrap_or_default()))
    }

    /// The process ends as at a power cut, as far as a process can, and starts again on what it left.
    pub(crate) fn kill_and_start(&mut self, down: impl FnOnce()) -> Result<()> {
        self.listening.kill();
        down();
        self.listening = Self::listen(&self.binary, self.folder.path(), self.pinning)?;
        anyhow::ensure!(self.listening.address.port() == self.port, "the gateway came back on another port");
        Ok(())
    }

    pub(crate) fn kill(&mut self) {
        self.listening.kill();
    }

    pub(crate) fn target(&self) -> Target {
        self.target.clone()
    }
}

/// Everything that this load needs and that is no default.
fn config(broker: Broker, port: u16, source_secret: &str, auth_secret: &str) -> String {
    let url = match broker {
        Broker::Memory => "memory:".to_owned(),
        Broker::File => "file:./data".to_owned(),
        Broker::Redis(port) => format!("redis://127.0.0.1:{port}"),
    };
    let mut text = format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\n[broker]\nurl = \"{url}\"\n\
         [auth]\nsecrets = [\"{auth_secret}\"]\naudience = \"{AUDIENCE}\"\n"
    );
    text += "[limits]\nconnections = 100000\nconnections_per_address = 100000\nunauthenticated = 10000\n";
    // A reader that is stuck on purpose says nothing and takes nothing for as long as a run lasts.
    text += "silence = \"1h\"\nstuck = \"1h\"\n";
    let topic = TOPIC.replace("eu", "{region}").replace("west", "{zone}").replace("reading", "{type}");
    write!(
        text,
        "[[source]]\nname = \"{SOURCE}\"\nprovider = \"hmac\"\nsecrets = [\"{source_secret}\"]\n\
         topic = \"{topic}\"\n[source.verify]\nsignature = {{ header = \"x-signature\", strip = \"sha256=\" }}\n\
         [source.delivery]\nid = [\"header:x-delivery-id\"]\ntype = \"{{header:x-event}}\"\n"
    )
    .expect("memory is writable");
    text
}

/// What a scenario runs its load against.
pub(crate) enum Server {
    Reference(Reference),
    Gateway(Gateway),
    /// Deliveries go to the first.
    Nodes(Vec<Gateway>),
    /// One that runs already; without its process id its CPU and memory stay unknown.
    Running(Target, Option<u32>),
}

/// A child process of this very executable.
pub(crate) struct Reference(Listening);

impl Server {
    pub(crate) fn floor(pinning: Pinning) -> Result<Self> {
        Self::reference("floor", pinning)
    }

    pub(crate) fn bare(pinning: Pinning) -> Result<Self> {
        Self::reference("bare", pinning)
    }

    fn reference(command: &str, pinning: Pinning) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?);
        Ok(Self::Reference(Reference(Listening::start(child.arg(command), pinning)?)))
    }

    pub(crate) fn target(&self) -> Target {
        match self {
            Self::Reference(Reference(listening)) => {
                let (address, secret) = (listening.address, "not looked at".to_owned());
                Target { address, source_secret: secret.clone(), auth_secret: secret }
            }
            Self::Gateway(gateway) => gateway.target(),
            Self::Nodes(nodes) => nodes[0].target(),
            Self::Running(target, _) => target.clone(),
        }
    }

    fn pids(&self) -> Result<Vec<u32>> {
        Ok(match self {
            Self::Reference(Reference(listening)) => vec![listening.child.id()],
            Self::Gateway(gateway) => vec![gateway.listening.child.id()],
            Self::Nodes(nodes) => nodes.iter().map(|node| node.listening.child.id()).collect(),
            Self::Running(_, pid) => vec![pid.context("give --pid to measure a gateway that runs already")?],
        })
    }

    /// Of all its processes.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        self.pids()?.into_iter().map(process::cpu).sum()
    }

    pub(crate) fn resident(&self) -> Result<u64> {
        self.pids()?.into_iter().map(process::resident).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_wherever_the_line_has_it() {
        let address = Some("127.0.0.1:4321".parse().unwrap());
        assert_eq!(address_in("floor on http://127.0.0.1:4321"), address);
        assert_eq!(address_in("open http://127.0.0.1:4321/ now"), address);
        assert_eq!(address_in("  http://127.0.0.1:4321, and http://127.0.0.1:1"), address);
        assert_eq!(address_in("starting"), None);
    }

    #[test]
    fn the_topic_rule_yields_the_topic_that_the_patterns_match() {
        let text = config(Broker::Memory, 1, "s", "a");
        assert!(text.contains(r#"topic = "load/{region}/{zone}/{type}""#), "{text}");
    }
}
