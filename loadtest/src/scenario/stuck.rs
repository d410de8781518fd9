//! One reader that takes nothing, beside many that do: what it costs them, what the gateway keeps for it, and how it goes on
//! when it reads again. Rounds with and without are measured in turns on the same gateway.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::Bench;
use crate::delivery::PATTERNS;
use crate::lane::{Lane, Round};
use crate::report::{Budget, Report, Row};
use crate::server::Broker;
use crate::swarm::plan::{End, Pace, Plan};

const SUBSCRIBERS: usize = 1000;
const RATE: f64 = 100.0;
const SENDERS: usize = 16;
/// What the kernel takes for a loopback socket that nobody reads, and the gateway's window of 4,096 events: written
/// before the measured part, or the reader would not be stuck at all.
const FLOOD_EVENTS: u64 = 10_000;
const FLOOD_IN_FLIGHT: usize = 8;
/// A flood ends here all the same, in lengths of a round: a run in short is a short run.
const FLOOD_ROUNDS_MAX: u32 = 8;

pub(super) fn run(bench: &Bench) -> Result<Report> {
    ensure!(bench.options.against.instead.is_none(), "the floor has no stuck readers to come back");
    let subscribers = bench.subscribers(SUBSCRIBERS);
    let server = bench.options.against.start(Broker::Memory, bench.pinning)?;
    let mut lane = Lane::new("gateway", server, bench.body_bytes())?;
    bench.say(format!("{subscribers} subscribers join"));
    lane.swarm.join(subscribers + 1, &PATTERNS[..1])?;
    let rate = bench.options.rate.unwrap_or(RATE);
    let length = Duration::from_secs(bench.options.seconds.into());
    let plan = Plan { pace: Pace::Rate(rate), senders: SENDERS, end: End::After(length) };
    let (mut alone, mut beside, mut resident) = (Vec::new(), Vec::new(), Vec::new());
    // The window fills once, whoever is stuck.
    flood(&mut lane, length)?;
    for round in 1..=bench.rounds() {
        bench.say(format!("round {round}: all read"));
        alone.push(measured(&mut lane, plan)?);
        let before = lane.server.resident()?;
        bench.say(format!("round {round}: one is stuck"));
        lane.swarm.get_stuck(1)?;
        flood(&mut lane, length)?;
        beside.push(measured(&mut lane, plan)?);
        resident.push((before, lane.server.resident()?));
        bench.say(format!("round {round}: it reads again"));
        lane.swarm.get_well()?;
        // Ends when everybody, the late one too, has or was told everything.
        lane.swarm.run(Plan { end: End::After(Duration::from_millis(100)), ..plan })?;
    }
    let p99 = |rounds: &[Round]| rounds.iter().map(|round| round.delay_us(0.99)).collect::<Vec<_>>();
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let (before, after): (Vec<f64>, Vec<f64>) =
        resident.iter().map(|(before, after)| (mib(*before), mib(*after))).unzip();
    let rows = vec![
        Row::compare("p99 beside a stuck reader, to p99 without", "µs", &p99(&beside), &p99(&alone))
            .budget(Budget::RatioAtMost(1.1)),
        Row::compare("resident beside a stuck reader, to before", "MiB", &after, &before)
            .budget(Budget::RatioAtMost(1.1)),
    ];
    let told = lane.swarm.verdict().told;
    Ok(Report {
        scenario: "stuck",
        conditions: bench.conditions(&format!("1 stuck beside {subscribers}, {rate}/s")),
        rows,
        checks: vec![lane.check()],
        notes: vec![
            format!("told as lost to the stuck one, over all rounds: {told}; none: it was never stuck for long enough"),
            "it came back over the connection that it had: a gateway that had closed it would have failed the run".to_owned(),
        ],
    })
}

fn flood(lane: &mut Lane, length: Duration) -> Result<()> {
    let plan = Plan { pace: Pace::Saturated, senders: FLOOD_IN_FLIGHT, end: End::After(length) };
    let mut events = 0;
    for _ in 0..FLOOD_ROUNDS_MAX {
        events += lane.swarm.run(plan)?.answers;
        if events >= FLOOD_EVENTS {
            break;
        }
    }
    Ok(())
}

fn measured(lane: &mut Lane, plan: Plan<'_>) -> Result<Round> {
    lane.measure(plan)?;
    lane.rounds.pop().context("a round was measured")
}
