//! One event to many: what a delivery costs the server, unhurried and saturated, and how long it takes.

use std::time::Duration;

use anyhow::Result;

use super::Bench;
use crate::delivery::PATTERNS;
use crate::lane::{Lane, interleave};
use crate::report::{Budget, Report, Row};
use crate::server::{Broker, Server};
use crate::swarm::plan::{End, Pace, Plan};

const SUBSCRIBERS: usize = 1000;
const RATE: f64 = 100.0;
const IN_FLIGHT: usize = 8;
/// Senders of the unhurried part: enough that a slow answer holds no later event up.
const SENDERS: usize = 16;

pub(super) fn run(bench: &Bench) -> Result<Report> {
    let mut lanes = lanes(bench)?;
    let patterns = &PATTERNS[..bench.options.patterns as usize];
    let (subscribers, stuck) = (bench.subscribers(SUBSCRIBERS), bench.options.stuck as usize);
    for lane in &mut lanes {
        bench.say(format!("{} subscribers join the {}", subscribers, lane.name));
        lane.swarm.join(subscribers, patterns)?;
        if lane.name == STUCK {
            lane.swarm.join(stuck, patterns)?;
            lane.swarm.get_stuck(stuck)?;
        }
    }
    let rate = bench.options.rate.unwrap_or(RATE);
    let end = End::After(Duration::from_secs(bench.options.seconds.into()));
    let mut rows = Vec::new();
    let (unhurried, saturated) = if patterns.len() == 1 { (1.10, 0.20) } else { (1.25, 0.25) };
    let parts = [
        (format!("{rate}/s"), Plan { pace: Pace::Rate(rate), senders: SENDERS, end }, unhurried),
        (
            format!("{IN_FLIGHT} in flight"),
            Plan { pace: Pace::Saturated, senders: IN_FLIGHT, end },
            saturated,
        ),
    ];
    for (part, plan, budget) in parts {
        interleave(&mut lanes, plan, bench.rounds(), |round, name| {
            bench.say(format!("{part}, round {round}: {name}"));
        })?;
        let delays_count = plan.pace != Pace::Saturated;
        rows.extend(part_rows(&part, &lanes, budget, delays_count));
        for lane in &mut lanes {
            lane.rounds.clear();
        }
    }
    Ok(Report {
        scenario: "fanout",
        conditions: bench.conditions(&format!("1 → {subscribers} over {} pattern(s)", patterns.len())),
        rows,
        checks: lanes.iter().map(Lane::check).collect(),
        notes: vec![
            "a gateway answers once an event is in its log, the floor once it is written to all: so more events than \
             are in flight may share one write of a gateway"
                .to_owned(),
        ],
    })
}

const STUCK: &str = "gateway with stuck readers";

fn lanes(bench: &Bench) -> Result<Vec<Lane>> {
    let gateway = || bench.options.against.start(Broker::Memory, bench.pinning);
    let mut lanes = vec![
        Lane::new("floor", Server::floor(bench.pinning)?, bench.body_bytes())?,
        Lane::new("gateway", gateway()?, bench.body_bytes())?,
    ];
    if bench.options.stuck > 0 {
        lanes.push(Lane::new(STUCK, gateway()?, bench.body_bytes())?);
    }
    Ok(lanes)
}

fn part_rows(part: &str, lanes: &[Lane], budget: f64, delays_count: bool) -> Vec<Row> {
    let [floor, gateway, stuck @ ..] = lanes else { return Vec::new() };
    let compare = |what: &str, unit, figure: &dyn Fn(&crate::lane::Round) -> f64| {
        Row::compare(format!("{part}: {what}"), unit, &gateway.figures(figure), &floor.figures(figure))
    };
    let mut rows = vec![
        compare("CPU per delivery", "µs", &|round| round.cpu_us_per_delivery())
            .budget(Budget::RatioAtMost(budget)),
        compare("deliveries", "/s", &|round| round.deliveries as f64 / round.elapsed.as_secs_f64()),
    ];
    // When saturated, the delay is the length of a queue and says nothing about the server.
    if delays_count {
        let delay = |quantile| move |round: &crate::lane::Round| round.delay_us(quantile);
        rows.push(compare("published → received p50", "µs", &delay(0.5)).budget(Budget::RatioAtMost(1.2)));
        rows.push(compare("published → received p99", "µs", &delay(0.99)).budget(Budget::RatioAtMost(1.5)));
        rows.extend(stuck.iter().map(|stuck| {
            let (beside, alone) = (stuck.figures(delay(0.99)), gateway.figures(delay(0.99)));
            let what = format!("{part}: p99 beside stuck readers, to the gateway's without");
            Row::compare(what, "µs", &beside, &alone).budget(Budget::RatioAtMost(1.1))
        }));
    }
    rows
}
