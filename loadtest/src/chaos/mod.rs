//! `loadtest chaos`: nodes, Redis servers, senders and subscribers of one run, what happens to them, and the proof that
//! nothing was lost untold.
//!
//! ```text
//!  senders ──▶ nodes ──▶ proxy ──▶ Redis        plan ──▶ acts on nodes, proxies and servers
//!     │          └─▶ subscribers
//!  answers          transcripts ──▶ ledger ──▶ verdict
//! ```

mod bell;
mod cluster;
mod config;
mod crew;
mod fault;
mod ledger;
mod node;
pub(crate) mod options;
mod plan;
pub(crate) mod ports;
mod proxy;
pub(crate) mod redis;
mod report;
pub(crate) mod resp;
mod runs;
mod sender;
mod store;
#[cfg(test)]
mod store_tests;
mod subscriber;
mod transcript;
mod verdict;
#[cfg(test)]
mod verdict_tests;
mod walk;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use bell::Clock;
use config::Secrets;
use crew::{Crew, Staging};
use fault::{CONTROL, FAULTS};
use ledger::{Answer, Ledger};
use node::Nodes;
use options::ChaosOptions;
use plan::Plan;
use report::Report;
use store::{Kind, Store};
use transcript::Transcript;
use verdict::Verdict;

/// Whether nothing was lost untold, came twice or out of order, and everybody reached the end.
pub(crate) fn run(options: &ChaosOptions) -> Result<bool> {
    if options.list_faults {
        for fault in FAULTS.iter().chain([&CONTROL]) {
            println!("{:<20} {}", fault.name, fault.about);
        }
        return Ok(true);
    }
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let (name, plan) = plan_of(options, seed)?;
    let report = play(options, &name, seed, &plan)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", report.sentences());
    }
    Ok(report.is_clean())
}

fn plan_of(options: &ChaosOptions, seed: u64) -> Result<(String, Plan)> {
    let (nodes, length) = (options.nodes as usize, Duration::from_secs(u64::from(options.seconds)));
    let Some(name) = &options.fault else {
        return Ok(("--mixed".to_owned(), Plan::mixed(seed, nodes, length)));
    };
    let Some(fault) = FAULTS.iter().chain([&CONTROL]).find(|fault| fault.name == name) else {
        bail!("no fault {name:?}; --list-faults names them");
    };
    let nodes = if fault.store == Kind::Embedded { 1 } else { nodes };
    Ok((format!("--fault {name}"), Plan::of(fault, seed, nodes, length)))
}

fn play(options: &ChaosOptions, name: &str, seed: u64, plan: &Plan) -> Result<Report> {
    let parent = options.folder.clone().unwrap_or_else(std::env::temp_dir);
    let folder = tempfile::Builder::new().prefix("hookcast-chaos-").tempdir_in(parent)?;
    let mut store = Store::start(plan.store, folder.path())?;
    let secret = || format!("{:032x}{:032x}", fastrand::u128(..), fastrand::u128(..));
    let secrets = Secrets { source: secret(), auth: secret() };
    let count = if plan.store == Kind::Embedded { 1 } else { options.nodes as usize };
    let mut nodes = Nodes::start(count, &binary(options)?, folder.path(), &store.url(), &secrets)?;
    let clock = Clock::start();
    let staging = Staging { options, seed, clock, addresses: nodes.addresses(), secrets };
    let played = Crew::new(&staging).play(plan, &mut nodes, &mut store)?;
    let ledger = Ledger::of(&played.answers, &played.transcripts);
    let verdict = Verdict::of(&ledger, &played.transcripts);
    let mut report = Report {
        fault: name.to_owned(),
        seed,
        seconds: f64::from(clock.now_ms()) / 1000.0,
        nodes: count,
        acts: plan.nodes.len() + plan.stores.len(),
        verdict,
        behind: played.behind,
        unanswered: played.unanswered,
        repeated_posts: played.repeated_posts,
        returns: played.returns,
        put_back: nodes.put_back(),
        ended_by_themselves: nodes.ended_by_themselves,
        longest_silence_ms: played.longest_silence_ms,
        longest_without_2xx_ms: played.longest_without_2xx_ms,
        folder: None,
    };
    // Processes first: what still runs would write into a folder that is being removed.
    drop((nodes, store));
    if !report.is_clean() {
        write_down(folder.path(), &played.answers, &played.transcripts)?;
        report.folder = Some(folder.keep().display().to_string());
    }
    Ok(report)
}

/// All that the verdict was made from, for whoever looks for the cause.
fn write_down(folder: &Path, answers: &[Answer], transcripts: &[Transcript]) -> Result<()> {
    let mut text = String::new();
    for Answer { seq, sent_ms, answered_ms, place } in answers {
        let place = place.map_or("duplicate".to_owned(), |place| place.to_string());
        writeln!(text, "{answered_ms:>7} ms  {seq} at {place}, sent at {sent_ms} ms")?;
    }
    fs::write(folder.join("answers.txt"), text)?;
    for transcript in transcripts {
        let lines = transcript.lines.iter().map(|(at, line)| format!("{at:>7} ms  {line}\n"));
        fs::write(folder.join(format!("{}.txt", transcript.name)), lines.collect::<Vec<_>>().concat())?;
    }
    Ok(())
}

fn binary(options: &ChaosOptions) -> Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("hookcast");
    let binary = options.bin.clone().unwrap_or(beside);
    let missing = || format!("no gateway at {}: build it or give --bin", binary.display());
    binary.canonicalize().with_context(missing)
}
