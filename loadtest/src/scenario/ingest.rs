//! Signed deliveries in: what an event costs on its way to one subscriber, and how many a core can take without any.

use std::time::Duration;

use anyhow::Result;

use super::Bench;
use crate::delivery::PATTERNS;
use crate::figures::median;
use crate::lane::{Lane, Round, interleave};
use crate::report::{Budget, Check, Report, Row};
use crate::server::{Broker, Server};
use crate::swarm::plan::{End, Pace, Plan};

const RATE: f64 = 2000.0;
const SENDERS: usize = 64;

/// One measured set: a gateway of some kind and the references beside it.
struct Part {
    what: &'static str,
    broker: Broker,
    subscribers: usize,
    pace: Pace,
    rows: fn(&str, &[Lane]) -> Vec<Row>,
}

fn parts(rate: f64) -> [Part; 4] {
    let part = |what, broker, subscribers, pace, rows| Part { what, broker, subscribers, pace, rows };
    [
        part("memory, 1 → 1", Broker::Memory, 1, Pace::Rate(rate), |what, lanes| cost(what, lanes, 1.9)),
        part("durable, 1 → 1, 64 senders", Broker::File, 1, Pace::Saturated, |what, lanes| {
            cost(what, lanes, 3.0)
        }),
        part("memory, 1 → 0", Broker::Memory, 0, Pace::Saturated, |what, lanes| {
            race(what, lanes, capacity, 0.60)
        }),
        part("durable, 1 → 0", Broker::File, 0, Pace::Saturated, |what, lanes| {
            race(what, lanes, Round::events_per_second, 0.35)
        }),
    ]
}

/// CPU per event, to the floor's.
fn cost(what: &str, lanes: &[Lane], most: f64) -> Vec<Row> {
    let (floor, gateway) =
        (lanes[0].figures(Round::cpu_us_per_event), lanes[1].figures(Round::cpu_us_per_event));
    vec![
        Row::compare(format!("{what}: CPU per event"), "µs", &gateway, &floor)
            .budget(Budget::RatioAtMost(most)),
    ]
}

/// Events per second, to what the bare handler could take, and the floor.
fn race(what: &str, lanes: &[Lane], figure: fn(&Round) -> f64, least: f64) -> Vec<Row> {
    let (floor, gateway, bare) =
        (lanes[0].figures(capacity), lanes[1].figures(figure), lanes[2].figures(capacity));
    vec![
        Row::compare(format!("{what}: events, to a bare handler's"), "/s", &gateway, &bare)
            .budget(Budget::RatioAtLeast(least)),
        Row::compare(format!("{what}: events"), "/s", &gateway, &floor),
    ]
}

/// Events per second of a whole core: what the server did, over the share of the core that it used. The load has but
/// one core too and cannot keep a reference busy, so what a reference did says how fast the *load* is.
fn capacity(round: &Round) -> f64 {
    round.events as f64 / round.cpu.as_secs_f64()
}

pub(super) fn run(bench: &Bench) -> Result<Report> {
    let rate = bench.options.rate.unwrap_or(RATE);
    let (mut rows, mut checks, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts(rate) {
        let lanes = measure(bench, &part)?;
        rows.extend((part.rows)(part.what, &lanes));
        let busy: Vec<_> = lanes
            .iter()
            .map(|lane| format!("{} {:.0} %", lane.name, median(lane.figures(Round::load)) * 100.0))
            .collect();
        notes.push(format!("{}: used of a core: {}", part.what, busy.join(", ")));
        let named = |lane: &Lane| Check { server: format!("{} ({})", lane.name, part.what), ..lane.check() };
        checks.extend(lanes.iter().map(named));
    }
    notes.push("events/s are those of a whole core; the durable gateway's are as counted".to_owned());
    let conditions = bench.conditions(&format!("{rate}/s, or {SENDERS} senders without a pause"));
    Ok(Report { scenario: "ingest", conditions, rows, checks, notes })
}

/// The floor, the gateway and, where nobody subscribes, the bare handler.
fn measure(bench: &Bench, part: &Part) -> Result<Vec<Lane>> {
    let gateway = bench.options.against.start(part.broker, bench.pinning)?;
    let mut lanes = vec![
        Lane::new("floor", Server::floor(bench.pinning)?, bench.body_bytes())?,
        Lane::new("gateway", gateway, bench.body_bytes())?,
    ];
    if part.subscribers == 0 {
        lanes.push(Lane::new("bare handler", Server::bare(bench.pinning)?, bench.body_bytes())?);
    }
    for lane in &mut lanes {
        lane.swarm.join(part.subscribers, &PATTERNS[..1])?;
    }
    let end = End::After(Duration::from_secs(bench.options.seconds.into()));
    let plan = Plan { pace: part.pace, senders: SENDERS, end };
    interleave(&mut lanes, plan, bench.rounds(), |round, name| {
        bench.say(format!("{}, round {round}: {name}", part.what));
    })?;
    Ok(lanes)
}
