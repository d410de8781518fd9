//! A lane: one server with its load, and what each round on it cost. Lanes are measured in turns, so that whatever
//! disturbs the machine disturbs all of them.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;

use crate::report::Check;
use crate::server::Server;
use crate::swarm::plan::Plan;
use crate::swarm::{OnClose, Swarm};

pub(crate) struct Lane {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    pub(crate) swarm: Swarm,
    pub(crate) rounds: Vec<Round>,
}

/// One measured part.
pub(crate) struct Round {
    pub(crate) events: u64,
    pub(crate) deliveries: u64,
    pub(crate) cpu: Duration,
    pub(crate) elapsed: Duration,
    pub(crate) delays: Histogram<u64>,
}

impl Round {
    pub(crate) fn cpu_us_per_delivery(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.deliveries as f64
    }

    pub(crate) fn cpu_us_per_event(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.events as f64
    }

    pub(crate) fn events_per_second(&self) -> f64 {
        self.events as f64 / self.elapsed.as_secs_f64()
    }

    /// How much of one core the server used.
    pub(crate) fn load(&self) -> f64 {
        self.cpu.as_secs_f64() / self.elapsed.as_secs_f64()
    }

    pub(crate) fn delay_us(&self, quantile: f64) -> f64 {
        self.delays.value_at_quantile(quantile) as f64 / 1000.0
    }
}

impl Lane {
    pub(crate) fn new(name: &'static str, server: Server, body_bytes: usize) -> Result<Self> {
        let swarm = Swarm::new(server.target(), body_bytes, OnClose::Fail)?;
        Ok(Self { name, server, swarm, rounds: Vec::new() })
    }

    pub(crate) fn measure(&mut self, plan: Plan<'_>) -> Result<()> {
        let before = self.server.cpu()?;
        let ran = self.swarm.run(plan)?;
        let cpu = self.server.cpu()?.saturating_sub(before);
        let (events, deliveries, elapsed, delays) = (ran.answers, ran.deliveries, ran.elapsed, ran.delays);
        self.rounds.push(Round { events, deliveries, cpu, elapsed, delays });
        Ok(())
    }

    pub(crate) fn figures(&self, figure: impl Fn(&Round) -> f64) -> Vec<f64> {
        self.rounds.iter().map(figure).collect()
    }

    pub(crate) fn check(&self) -> Check {
        Check { server: self.name.to_owned(), verdict: self.swarm.verdict() }
    }
}

/// Measures every lane `rounds` times in turns, after one short turn that is not counted.
pub(crate) fn interleave(
    lanes: &mut [Lane],
    plan: Plan<'_>,
    rounds: usize,
    mut tell: impl FnMut(usize, &str),
) -> Result<()> {
    for round in 0..=rounds {
        for lane in &mut *lanes {
            tell(round, lane.name);
            if round == 0 {
                lane.swarm.run(plan.warm_up())?;
            } else {
                lane.measure(plan)?;
            }
        }
    }
    Ok(())
}
