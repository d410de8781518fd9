//! Far more events than a screen can show, to subscribers that take the newest of each topic: each item must be the newest,
//! what was passed over must add up to every event, and no more than a tick's worth of items may come.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Bench;
use crate::delivery::PATTERNS;
use crate::figures::median;
use crate::lane::Lane;
use crate::report::{Budget, Report, Row};
use crate::server::Broker;
use crate::swarm::plan::{End, Pace, Plan};

const SUBSCRIBERS: usize = 20;
const RATE: f64 = 5_000.0;
const TOPICS: u64 = 50;
const LATEST_MS: u32 = 200;
const SENDERS: usize = 64;

pub(super) fn run(bench: &Bench) -> Result<Report> {
    ensure!(bench.options.against.instead.is_none(), "the floor knows no `latest_ms`");
    let subscribers = bench.subscribers(SUBSCRIBERS);
    let server = bench.options.against.start(Broker::Memory, bench.pinning)?;
    let mut lane = Lane::new("gateway", server, bench.body_bytes())?;
    lane.swarm.ask_for_latest(LATEST_MS, TOPICS);
    lane.swarm.join(subscribers, &PATTERNS[..1])?;
    let rate = bench.options.rate.unwrap_or(RATE);
    let end = End::After(Duration::from_secs(bench.options.seconds.into()));
    let plan = Plan { pace: Pace::Rate(rate), senders: SENDERS, end };
    lane.swarm.run(plan.warm_up())?;
    for round in 1..=bench.rounds() {
        bench.say(format!("round {round}"));
        lane.measure(plan)?;
    }
    let ticks_a_second = 1000.0 / f64::from(LATEST_MS);
    let most = ticks_a_second * TOPICS as f64;
    let items = |round: &crate::lane::Round| round.deliveries as f64 / subscribers as f64;
    for round in &lane.rounds {
        // A round that lasts a little longer than whole ticks may see one more.
        let ticks = (round.elapsed.as_secs_f64() * ticks_a_second).ceil() + 1.0;
        let (came, most) = (items(round), ticks * TOPICS as f64);
        ensure!(came <= most, "a subscriber got {came} items, where {ticks} ticks bring {most} at most");
    }
    let not_newest = lane.swarm.not_newest();
    ensure!(not_newest == 0, "{not_newest} items were not the newest of their topic");
    let row = |what: &str, unit, figures: Vec<f64>| Row {
        what: what.to_owned(),
        unit,
        reference: None,
        gateway: median(figures.iter().copied()),
        ratio: None,
        budget: None,
    };
    let a_second = lane.figures(|round| items(round) / round.elapsed.as_secs_f64());
    let rows = vec![
        row("events in", "/s", lane.figures(crate::lane::Round::events_per_second)),
        // One tick more than whole ones, in a round of a few seconds.
        row("items out, to each subscriber", "/s", a_second).budget(Budget::ValueAtMost(most * 1.02)),
        row("one core used", "", lane.figures(crate::lane::Round::load)),
    ];
    Ok(Report {
        scenario: "latest",
        conditions: bench
            .conditions(&format!("{rate}/s over {TOPICS} topics, {LATEST_MS} ms, {subscribers} subscribers")),
        rows,
        checks: vec![lane.check()],
        notes: vec![
            "an item stands for itself and for those of its topic that it passed over: with them every event is counted \
             once, or the check fails"
                .to_owned(),
        ],
    })
}
