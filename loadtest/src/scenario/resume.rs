//! Kill and come back: subscribers under load, the gateway killed at random moments and started again on what it left
//! on disk. Senders repeat what was not answered; subscribers come back and resume. In must equal out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::Bench;
use crate::delivery::PATTERNS;
use crate::report::{Check, Report};
use crate::server::{Broker, Gateway};
use crate::swarm::plan::{End, Pace, Plan};
use crate::swarm::{OnClose, Swarm};

const SUBSCRIBERS: usize = 100;
const RATE: f64 = 500.0;
const SENDERS: usize = 16;
/// The gateway lives this long between kills, and is away this long: short enough that many happen in a run, long
/// enough that some kills hit a gateway which has only just begun to take its clients back.
const ALIVE_MS: std::ops::Range<u64> = 100..1500;
const AWAY_MS: std::ops::Range<u64> = 0..300;

pub(super) fn run(bench: &Bench) -> Result<Report> {
    let against = &bench.options.against;
    ensure!(
        against.running.is_none() && against.instead.is_none(),
        "resume kills the gateway: it must start its own"
    );
    let mut gateway = against.start_own(Broker::File, bench.pinning)?;
    let subscribers = bench.subscribers(SUBSCRIBERS);
    let mut swarm = Swarm::new(gateway.target(), bench.body_bytes(), OnClose::Return)?;
    swarm.join(subscribers, &PATTERNS[..1])?;
    let rate = bench.options.rate.unwrap_or(RATE);
    let ended = AtomicBool::new(false);
    let (alive, stop) = channel::<()>();
    let ran = thread::scope(|scope| {
        let (gateway, ended) = (&mut gateway, &ended);
        let killer = scope.spawn(move || {
            let killed = kill_often(bench, gateway, &stop);
            ended.store(true, Ordering::Release);
            killed
        });
        let plan = Plan { pace: Pace::Rate(rate), senders: SENDERS, end: End::When(ended) };
        let ran = swarm.run(plan);
        // Lets a killer that still waits know that the load has failed.
        drop(alive);
        killer.join().expect("the killer does not panic").context("kill and start")?;
        ran
    })?;
    let kills = bench.options.kills;
    Ok(Report {
        scenario: "resume",
        conditions: format!(
            "{subscribers} subscribers, {rate}/s, {kills} kills in {:.0} s; {}",
            ran.elapsed.as_secs_f64(),
            bench.pinning.describe()
        ),
        rows: vec![],
        checks: vec![Check { server: "gateway".to_owned(), verdict: swarm.verdict() }],
        notes: vec![format!("subscribers came back {} times", swarm.returns())],
    })
}

fn kill_often(bench: &Bench, gateway: &mut Gateway, stop: &Receiver<()>) -> Result<()> {
    let pause = |range| {
        let pause = Duration::from_millis(fastrand::u64(range));
        matches!(stop.recv_timeout(pause), Err(RecvTimeoutError::Disconnected))
    };
    for kill in 1..=bench.options.kills {
        if pause(ALIVE_MS) {
            return Ok(());
        }
        bench.say(format!("kill {kill} of {}", bench.options.kills));
        gateway.kill_and_start(|| {
            pause(AWAY_MS);
        })?;
    }
    pause(ALIVE_MS);
    Ok(())
}
