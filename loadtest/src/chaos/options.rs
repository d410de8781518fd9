//! The command line of `chaos`.

use std::path::PathBuf;

use clap::Args;

/// Kills what can be killed under load, and proves that nothing is lost untold
#[derive(Args, Debug)]
pub(crate) struct ChaosOptions {
    /// The fault, of --list-faults
    #[arg(long, required_unless_present_any = ["mixed", "list_faults"])]
    pub(crate) fault: Option<String>,
    /// All faults that a pair of Redis servers can have, at random
    #[arg(long, conflicts_with = "fault")]
    pub(crate) mixed: bool,
    /// Print the faults
    #[arg(long)]
    pub(crate) list_faults: bool,
    /// How long faults happen; settling comes after
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Seed of the schedule and of all else that is random [default: a new one, which is printed]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Nodes; a fault that needs a store of the node's own has one
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=9))]
    pub(crate) nodes: u32,
    /// Subscribers that begin on each node
    #[arg(short = 'n', long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) subscribers: u32,
    /// Events a second
    #[arg(long, default_value_t = 200.0)]
    pub(crate) rate: f64,
    /// How long everybody may take to reach the end once all is well again
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) settle: u32,
    /// Bytes of a delivery's body
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(100..=65_536))]
    pub(crate) size: u32,
    /// Print JSON instead of sentences
    #[arg(long)]
    pub(crate) json: bool,
    /// The gateway's executable [default: `hookcast` beside this one]
    #[arg(long)]
    pub(crate) bin: Option<PathBuf>,
    /// Folder for temporary data, which stays where something was wrong
    #[arg(long)]
    pub(crate) folder: Option<PathBuf>,
}
