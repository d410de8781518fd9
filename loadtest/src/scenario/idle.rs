//! Sessions at rest, each authenticated with one subscription: memory, and the CPU that brought it in.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Bench;
use crate::delivery::PATTERNS;
use crate::lane::Lane;
use crate::process::raise_open_files;
use crate::report::{Budget, Report, Row};
use crate::server::{Broker, Server};

const SESSIONS: usize = 5000;
/// Joined before anything is counted: the first ones touch code and pools that all later ones share.
const WARM_UP: usize = 100;
/// What the last session left behind is given back within this.
const SETTLE: Duration = Duration::from_secs(1);

struct Cost {
    cpu_us: f64,
    kib: f64,
}

pub(super) fn run(bench: &Bench) -> Result<Report> {
    let sessions = bench.subscribers(SESSIONS);
    let files = raise_open_files(sessions as u64 + 1000)?;
    ensure!(
        files > (sessions + WARM_UP) as u64,
        "{sessions} sessions need more than {files} open files: raise ulimit -n"
    );
    let (mut costs, mut checks) = (Vec::new(), Vec::new());
    for name in ["floor", "gateway"] {
        bench.say(format!("{sessions} sessions join the {name}"));
        let server = match name {
            "floor" => Server::floor(bench.pinning)?,
            _ => bench.options.against.start(Broker::Memory, bench.pinning)?,
        };
        let mut lane = Lane::new(name, server, bench.body_bytes())?;
        costs.push(measure(&mut lane, sessions)?);
        checks.push(lane.check());
    }
    let [floor, gateway] = costs.as_slice() else { unreachable!("two servers were measured") };
    let rows = vec![
        Row::compare("resident memory per session", "KiB", &[gateway.kib], &[floor.kib])
            .budget(Budget::ValueAtMost(4.0)),
        Row::compare("CPU to connect, authenticate, subscribe", "µs", &[gateway.cpu_us], &[floor.cpu_us])
            .budget(Budget::ValueAtMost(100.0)),
    ];
    let conditions = format!("{sessions} sessions, a token each; {}", bench.pinning.describe());
    Ok(Report { scenario: "idle", conditions, rows, checks, notes: vec![] })
}

fn measure(lane: &mut Lane, sessions: usize) -> Result<Cost> {
    lane.swarm.join(WARM_UP, &PATTERNS[..1])?;
    lane.swarm.rest(SETTLE)?;
    let (cpu, resident) = (lane.server.cpu()?, lane.server.resident()?);
    lane.swarm.join(sessions, &PATTERNS[..1])?;
    let cpu = lane.server.cpu()?.saturating_sub(cpu);
    lane.swarm.rest(SETTLE)?;
    let grown = lane.server.resident()?.saturating_sub(resident);
    Ok(Cost {
        cpu_us: cpu.as_secs_f64() * 1e6 / sessions as f64,
        kib: grown as f64 / 1024.0 / sessions as f64,
    })
}
