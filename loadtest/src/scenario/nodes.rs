//! Two nodes on one Redis. A delivery to the first is heard on the second: what that adds to its delay and costs, beside one
//! node on the same Redis and one that keeps its events in memory. How many events one stream takes, to what the same
//! Redis does when nothing but a script with the same two commands is asked of it. And one node killed under half of the
//! clients: all come back to the other and resume, and how often that makes Redis read.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Bench;
use crate::chaos::ports;
use crate::chaos::redis::{Persistence, Redis};
use crate::delivery::PATTERNS;
use crate::lane::{Lane, Round, interleave};
use crate::report::{Check, Report, Row};
use crate::server::{Broker, Gateway, Server};
use crate::swarm::plan::{End, Pace, Plan};
use crate::swarm::{OnClose, Swarm};

const RATE: f64 = 200.0;
const SENDERS: usize = 16;
const SENDERS_SATURATED: usize = 64;
/// Clients of which half lose their node.
const CLIENTS: usize = 5_000;
/// Of the second part; its rate is low, as five thousand clients cost much for each event.
const CLIENTS_RATE: f64 = 20.0;
/// What an append does at least, for a body as long as the load's.
const BARE_SCRIPT: &str =
    "redis.call('XADD', KEYS[1], '*', 'b', ARGV[1]) return redis.call('SPUBLISH', KEYS[2], ARGV[1])";
const BARE_CALLS: u32 = 50_000;

pub(super) fn run(bench: &Bench) -> Result<Report> {
    let folder = tempfile::Builder::new().prefix("hookcast-nodes-").tempdir()?;
    let port = *ports::free(1)?.first().context("one port was asked for")?;
    let mut redis = Redis::new(folder.path().join("redis"), port, Persistence::None);
    bench.pinning.on_server_core(|| redis.start())?;
    let (mut rows, mut checks, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    across(bench, port, &mut rows, &mut checks)?;
    appends(bench, &redis, &mut rows, &mut checks)?;
    one_killed(bench, &redis, &mut checks, &mut notes)?;
    notes.push("Redis keeps nothing on disk here, and shares the servers' core".to_owned());
    let conditions =
        bench.conditions(&format!("{}/s, {SENDERS} senders", bench.options.rate.unwrap_or(RATE)));
    Ok(Report { scenario: "nodes", conditions, rows, checks, notes })
}

/// A gateway on this Redis, whose log is emptied for it.
fn node(bench: &Bench, port: u16) -> Result<Gateway> {
    bench.options.against.start_own(Broker::Redis(port), bench.pinning)
}

/// One lane after another: they share a stream's name, so each finds the log as the lane before left it, and begins now.
fn across(bench: &Bench, port: u16, rows: &mut Vec<Row>, checks: &mut Vec<Check>) -> Result<()> {
    let own = Gateway::target;
    let memory = bench.options.against.start_own(Broker::Memory, bench.pinning)?;
    let end = End::After(Duration::from_secs(bench.options.seconds.into()));
    let plan = Plan { pace: Pace::Rate(bench.options.rate.unwrap_or(RATE)), senders: SENDERS, end };
    let mut measure = |name, server: Server, hears: std::net::SocketAddr| -> Result<Lane> {
        let mut lane = Lane::new(name, server, bench.body_bytes())?;
        lane.swarm.listen_at(vec![hears]);
        lane.swarm.join(1, &PATTERNS[..1])?;
        interleave(std::slice::from_mut(&mut lane), plan, bench.rounds(), |round, name| {
            bench.say(format!("{name}, round {round}"));
        })?;
        checks.push(lane.check());
        Ok(lane)
    };
    let hears = own(&memory).address;
    let memory = measure("one node, memory", Server::Gateway(memory), hears)?;
    let first = node(bench, port)?;
    let hears = own(&first).address;
    let single = measure("one node, Redis", Server::Gateway(first), hears)?;
    let first = node(bench, port)?;
    let second = first.start_beside(Broker::Redis(port))?;
    let hears = own(&second).address;
    let double = measure("two nodes, Redis", Server::Nodes(vec![first, second]), hears)?;
    for (what, quantile) in [("p50", 0.5), ("p99", 0.99)] {
        let delay = |lane: &Lane| lane.figures(|round| round.delay_us(quantile));
        let on = |name: &str| format!("delay {what}, A → subscriber of B, to one node, {name}");
        rows.push(Row::compare(on("Redis"), "µs", &delay(&double), &delay(&single)));
        rows.push(Row::compare(on("memory"), "µs", &delay(&double), &delay(&memory)));
    }
    let cost = |lane: &Lane| lane.figures(Round::cpu_us_per_event);
    rows.push(Row::compare(
        "CPU per event, one node, Redis, to memory",
        "µs",
        &cost(&single),
        &cost(&memory),
    ));
    rows.push(Row::compare("CPU per event, both nodes, to one", "µs", &cost(&double), &cost(&single)));
    Ok(())
}

/// Events a second of one stream, to the bare script's.
fn appends(bench: &Bench, redis: &Redis, rows: &mut Vec<Row>, checks: &mut Vec<Check>) -> Result<()> {
    let server = Server::Gateway(node(bench, redis.port)?);
    let mut lanes = [Lane::new("one node, Redis, saturated", server, bench.body_bytes())?];
    let end = End::After(Duration::from_secs(bench.options.seconds.into()));
    let plan = Plan { pace: Pace::Saturated, senders: SENDERS_SATURATED, end };
    let mut bare = Vec::new();
    interleave(&mut lanes, plan, bench.rounds(), |round, name| {
        bench.say(format!("{name}, round {round}"));
    })?;
    for round in 0..bench.rounds() {
        bench.say(format!("redis-benchmark, round {round}"));
        bare.push(bare_appends(redis.port, bench.body_bytes(), bench.options.seconds)?);
    }
    rows.push(Row::compare(
        "appends to one stream, to a bare XADD + SPUBLISH script",
        "/s",
        &lanes[0].figures(Round::events_per_second),
        &bare,
    ));
    checks.push(lanes[0].check());
    Ok(())
}

/// Calls a second of the bare script, one at a time on eight connections.
fn bare_appends(port: u16, body_bytes: usize, seconds: u32) -> Result<f64> {
    let calls = (BARE_CALLS / 3 * seconds).max(2_000).to_string();
    let mut command = Command::new("redis-benchmark");
    command.args(["-p", &port.to_string(), "-c", "8", "-n", &calls, "--csv", "EVAL", BARE_SCRIPT, "2"]);
    command.args(["{bare}log", "{bare}live", &"x".repeat(body_bytes)]);
    let output = command.stdin(Stdio::null()).output().context("start redis-benchmark")?;
    let text = String::from_utf8_lossy(&output.stdout);
    // The command's own words stand in the first column, and hold commas.
    let last = text.lines().last().unwrap_or_default();
    let columns: Vec<_> = last.rsplit("\",\"").collect();
    let rate = columns.get(6).and_then(|rate| rate.trim_matches('"').parse().ok());
    rate.with_context(|| format!("redis-benchmark printed no rate: {text}"))
}

fn one_killed(bench: &Bench, redis: &Redis, checks: &mut Vec<Check>, notes: &mut Vec<String>) -> Result<()> {
    let clients = bench.subscribers(CLIENTS);
    let first = node(bench, redis.port)?;
    let mut second = first.start_beside(Broker::Redis(redis.port))?;
    let mut swarm = Swarm::new(first.target(), bench.body_bytes(), OnClose::Return)?;
    let (stays, dies) = (first.target().address, second.target().address);
    bench.say(format!("{clients} clients join two nodes"));
    swarm.listen_at(vec![stays, dies]);
    swarm.join(clients, &PATTERNS[..1])?;
    let rate = bench.options.rate.unwrap_or(CLIENTS_RATE).min(CLIENTS_RATE);
    let end = End::After(Duration::from_secs(bench.options.seconds.into()));
    let plan = Plan { pace: Pace::Rate(rate), senders: SENDERS, end };
    let calm = calls_during(redis, || swarm.run(plan).map(drop))?;
    second.kill();
    // A balancer would know by now; who is on the other side of it dials what is left.
    swarm.listen_at(vec![stays]);
    bench.say("one node is killed");
    let began = Instant::now();
    let storm = calls_during(redis, || swarm.run(plan).map(drop))?;
    let elapsed = began.elapsed().as_secs_f64();
    ensure!(swarm.returns() as usize >= clients / 2, "only {} clients came back", swarm.returns());
    notes.push(format!(
        "one of two nodes killed under {clients} clients at {rate}/s: {} came back and resumed, all with everything \
         after {elapsed:.1} s; scripts that Redis ran for it {storm}, in as long a time before {calm}",
        swarm.returns()
    ));
    checks.push(Check { server: "two nodes, one killed".to_owned(), verdict: swarm.verdict() });
    Ok(())
}

/// How many scripts Redis runs meanwhile.
fn calls_during(redis: &Redis, run: impl FnOnce() -> Result<()>) -> Result<u64> {
    redis.ask(&["CONFIG", "RESETSTAT"])?;
    run()?;
    let stats = redis.ask(&["INFO", "commandstats"])?.text()?;
    let calls = |line: &str| {
        let rest = line.strip_prefix("cmdstat_eval")?;
        rest.split_once("calls=")?.1.split(',').next()?.parse::<u64>().ok()
    };
    Ok(stats.lines().filter_map(calls).sum())
}
