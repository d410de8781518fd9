//! All subscribers lose their connection, miss some events and come back at once, each from its own place. How many are
//! back in a second, and what each costs; the floor takes the same connections back, and owes them nothing.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Bench;
use crate::delivery::PATTERNS;
use crate::lane::Lane;
use crate::process::raise_open_files;
use crate::report::{Budget, Report, Row};
use crate::server::{Broker, Server};
use crate::swarm::plan::{End, Pace, Plan};

const SUBSCRIBERS: usize = 5000;
/// How many are missed: within the window of a stream, as after any short trouble.
const MISSED: f64 = 100.0;
const SENDERS: usize = 16;
/// The server has closed what its clients let go.
const SETTLE: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Figures {
    a_second: Vec<f64>,
    cpu_us: Vec<f64>,
}

pub(super) fn run(bench: &Bench) -> Result<Report> {
    let subscribers = bench.subscribers(SUBSCRIBERS);
    let files = raise_open_files(2 * subscribers as u64 + 1000)?;
    ensure!(files > subscribers as u64, "{subscribers} subscribers need more than {files} open files");
    let (mut figures, mut checks) = (Vec::new(), Vec::new());
    for name in ["floor", "gateway"] {
        let server = match name {
            "floor" => Server::floor(bench.pinning)?,
            _ => bench.options.against.start(Broker::Memory, bench.pinning)?,
        };
        let mut lane = Lane::new(name, server, bench.body_bytes())?;
        bench.say(format!("{subscribers} subscribers join the {name}"));
        lane.swarm.join(subscribers, &PATTERNS[..1])?;
        let misses = name == "gateway";
        figures.push(measure(bench, &mut lane, subscribers, misses)?);
        // Of the floor's there is nothing to check: nothing was sent.
        if misses {
            checks.push(lane.check());
        }
    }
    let [floor, gateway] = figures.as_slice() else { unreachable!("two servers were measured") };
    let rows = vec![
        Row::compare("resumes", "/s", &gateway.a_second, &floor.a_second)
            .budget(Budget::ValueAtLeast(3000.0)),
        Row::compare("CPU of a resume", "µs", &gateway.cpu_us, &floor.cpu_us),
    ];
    let conditions = format!(
        "{subscribers} subscribers at once, {MISSED} events missed by each; median of {}; {}",
        bench.rounds(),
        bench.pinning.describe()
    );
    let notes = vec!["the floor's clients connect and subscribe again, but missed nothing".to_owned()];
    Ok(Report { scenario: "storm", conditions, rows, checks, notes })
}

fn measure(bench: &Bench, lane: &mut Lane, subscribers: usize, misses: bool) -> Result<Figures> {
    let second = End::After(Duration::from_secs(1));
    let missed = Plan { pace: Pace::Rate(MISSED), senders: SENDERS, end: second };
    let mut figures = Figures::default();
    for round in 1..=bench.rounds() {
        bench.say(format!("{}, round {round}", lane.name));
        lane.swarm.go_away();
        if misses {
            lane.swarm.run(missed)?;
        }
        lane.swarm.rest(SETTLE)?;
        let before = lane.server.cpu()?;
        let elapsed = lane.swarm.come_back()?;
        let cpu = lane.server.cpu()?.saturating_sub(before);
        figures.a_second.push(subscribers as f64 / elapsed.as_secs_f64());
        figures.cpu_us.push(cpu.as_secs_f64() * 1e6 / subscribers as f64);
    }
    Ok(figures)
}
