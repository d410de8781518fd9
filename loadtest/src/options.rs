//! The command line.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::chaos::options::ChaosOptions;
use crate::process::Pinning;
use crate::scenario::SCENARIOS;
use crate::server::{Broker, Gateway, Server, Target};

#[derive(Parser)]
#[command(
    name = "loadtest",
    version,
    about = "Measures a hookcast gateway against the floor, and checks what it delivers"
)]
#[command(
    after_help = "Exit code: 0 all events came as they must; 1 one was lost untold, repeated or out of order, or the \
                        run failed; 64 wrong usage. A missed budget is printed and changes nothing."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Print the scenarios
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// The reference server; started by every scenario by itself
    #[command(hide = true)]
    Floor,
    /// The bare handler; started by `ingest` by itself
    #[command(hide = true)]
    Bare,
    Chaos(ChaosOptions),
    /// A scenario of --list
    #[command(external_subcommand)]
    Scenario(Vec<String>),
}

/// What every scenario takes.
#[derive(Parser, Debug)]
#[command(name = "loadtest", no_binary_name = false)]
pub(crate) struct Options {
    /// Subscribers or sessions [default: the scenario's]
    #[arg(short = 'n', long, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub(crate) subscribers: Option<u32>,
    /// Length of a measured round; sockets of the other servers wait so long, and are closed when silent for 60 s
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=15))]
    pub(crate) seconds: u32,
    /// Rounds on each server, of which the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) rounds: u32,
    /// Bytes of a delivery's body
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(100..=65_536))]
    pub(crate) size: u32,
    /// Events per second of the unhurried part [default: the scenario's]
    #[arg(long)]
    pub(crate) rate: Option<f64>,
    /// fanout: spread the subscribers over so many patterns that all match
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(crate) patterns: u32,
    /// fanout: add so many subscribers that never read, on a second gateway
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) stuck: u32,
    /// resume: how often the gateway is killed
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) kills: u32,
    /// Seed of all that is random
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Let servers and load share the cores
    #[arg(long)]
    pub(crate) no_pin: bool,
    #[command(flatten)]
    pub(crate) against: Against,
}

/// Which gateway is measured.
#[derive(Args, Debug)]
pub(crate) struct Against {
    /// The gateway's executable [default: `hookcast` beside this one]
    #[arg(long)]
    pub(crate) bin: Option<PathBuf>,
    /// Folder for temporary data; durability costs what this disk costs
    #[arg(long)]
    pub(crate) folder: Option<PathBuf>,
    /// A second floor in the gateway's place: shows what the harness itself adds, which is nothing
    #[arg(long, value_enum)]
    pub(crate) instead: Option<Instead>,
    /// Address of a gateway that runs already, with a source `load` as the README says
    #[arg(long, value_name = "IP:PORT", requires = "source_secret", requires = "auth_secret")]
    pub(crate) running: Option<std::net::SocketAddr>,
    /// Process id of the running gateway, to measure its CPU and memory
    #[arg(long, requires = "running")]
    pub(crate) pid: Option<u32>,
    /// Secret of the running gateway's source
    #[arg(long)]
    pub(crate) source_secret: Option<String>,
    /// HS256 secret of the running gateway
    #[arg(long)]
    pub(crate) auth_secret: Option<String>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instead {
    Floor,
}

impl Against {
    /// Starts, or finds, what is to be measured.
    pub(crate) fn start(&self, broker: Broker, pinning: Pinning) -> Result<Server> {
        if self.instead.is_some() {
            return Server::floor(pinning);
        }
        if let Some(address) = self.running {
            let secret = |secret: &Option<String>| secret.clone().context("the secrets of a running gateway");
            let (source_secret, auth_secret) = (secret(&self.source_secret)?, secret(&self.auth_secret)?);
            return Ok(Server::Running(Target { address, source_secret, auth_secret }, self.pid));
        }
        Ok(Server::Gateway(self.start_own(broker, pinning)?))
    }

    /// Starts a gateway that this process may also kill.
    pub(crate) fn start_own(&self, broker: Broker, pinning: Pinning) -> Result<Gateway> {
        let beside = std::env::current_exe()?.with_file_name("hookcast");
        let binary = self.bin.clone().unwrap_or(beside);
        let binary = binary.canonicalize().with_context(|| {
            format!(
                "no gateway at {}: build it (cargo build --release -p hookcast) or give --bin",
                binary.display()
            )
        })?;
        let folder = self.folder.clone().unwrap_or_else(std::env::temp_dir);
        Gateway::start(&binary, broker, &folder, pinning)
    }
}

impl Options {
    pub(crate) fn pinning(&self) -> Result<Pinning> {
        if self.no_pin { Ok(Pinning::Off) } else { Pinning::choose() }
    }
}

/// The text of `--list`.
pub(crate) fn list() -> String {
    let scenarios = SCENARIOS.iter().map(|row| (row.name, row.about));
    let chaos = (
        "chaos",
        "nodes, Redis and the network fail under load: nothing is lost untold; chaos --list-faults",
    );
    let rows: Vec<_> = scenarios.chain([chaos]).map(|(name, about)| format!("{name:<8} {about}\n")).collect();
    rows.concat()
}
