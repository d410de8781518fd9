//! Signed deliveries in: what an event costs on its way to one subscriber, and how many a core can take without any.

use std::time::Duration;

use anyhow::Result;

use super::Bench;
use crate::delivery::PATTERNS;
use crate::lane::{Lane, Round, interleave};
use crate::report::{Budget, Check, Report, Row};
use crate::server::{Broker, Server};
use crate::swarm::plan::{End, Pace, Plan};

const RATE: f64 = 2000.0;
const SENDERS: usize = 64;

/// One measured pair: a gateway of some kind, the floor beside it, and what is asked of the two.
struct Part {
    what: &'static str,
    broker: Broker,
    subscribers: usize,
    pace: Pace,
    figure: fn(&Round) -> f64,
    unit: &'static str,
    budget: Budget,
}

/// Events per second if the server had its core for itself: what it did, over the share of the core it used.
/// A load on one core cannot keep the floor busy, so what it did says how fast the *load* is.
fn capacity(round: &Round) -> f64 {
    round.events as f64 / round.cpu.as_secs_f64()
}

fn parts(rate: f64) -> [Part; 4] {
    let paced = Pace::Rate(rate);
    let cost = |what, broker, pace, most| {
        let (figure, budget): (fn(&Round) -> f64, _) = (Round::cpu_us_per_event, Budget::RatioAtMost(most));
        Part { what, broker, subscribers: 1, pace, figure, unit: "µs", budget }
    };
    let bare = |what, broker, figure, least| {
        let budget = Budget::RatioAtLeast(least);
        Part { what, broker, subscribers: 0, pace: Pace::Saturated, figure, unit: "/s", budget }
    };
    [
        cost("memory, 1 → 1, CPU per event", Broker::Memory, paced, 1.9),
        cost("durable, 1 → 1, 64 in flight, CPU per event", Broker::File, Pace::Saturated, 3.0),
        bare("memory, no subscribers, events", Broker::Memory, capacity, 0.60),
        bare("durable, no subscribers, events", Broker::File, Round::events_per_second, 0.35),
    ]
}

pub(super) fn run(bench: &Bench) -> Result<Report> {
    let rate = bench.options.rate.unwrap_or(RATE);
    let (mut rows, mut checks, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts(rate) {
        let lanes = measure(bench, &part)?;
        let [floor, gateway] = &lanes;
        // The floor's figure of a race is always what its core could do, see `capacity`.
        let of_floor = if part.subscribers == 0 { capacity } else { part.figure };
        let (ours, floors) = (gateway.figures(part.figure), floor.figures(of_floor));
        rows.push(Row::compare(part.what, part.unit, &ours, &floors).budget(part.budget));
        let busy = |lane: &Lane| crate::figures::median(lane.figures(Round::load)) * 100.0;
        notes.push(format!("{}: floor {:.0} % busy, gateway {:.0} %", part.what, busy(floor), busy(gateway)));
        checks.extend(
            lanes
                .iter()
                .map(|lane| Check { server: format!("{} ({})", lane.name, part.what), ..lane.check() }),
        );
    }
    notes.push(
        "events/s without subscribers are those of a full core, except durable ones, which are as counted"
            .into(),
    );
    let conditions = bench.conditions(&format!("{rate}/s or 64 senders"));
    Ok(Report { scenario: "ingest", conditions, rows, checks, notes })
}

fn measure(bench: &Bench, part: &Part) -> Result<[Lane; 2]> {
    let mut lanes = [
        Lane::new("floor", Server::floor(bench.pinning)?, bench.body_bytes())?,
        Lane::new("gateway", bench.options.against.start(part.broker, bench.pinning)?, bench.body_bytes())?,
    ];
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
