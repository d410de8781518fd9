//! The table of scenarios: one file and one row each.

mod fanout;
mod idle;
mod ingest;
mod latest;
mod nodes;
mod resume;
mod storm;
mod stuck;

use anyhow::Result;
use indicatif::ProgressBar;

use crate::options::Options;
use crate::process::Pinning;
use crate::report::Report;

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Bench) -> Result<Report>,
}

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "fanout",
        about: "one event to many subscribers: CPU and delay per delivery",
        run: fanout::run,
    },
    Scenario {
        name: "ingest",
        about: "signed deliveries in: CPU per event and events per second",
        run: ingest::run,
    },
    Scenario { name: "idle", about: "sessions at rest: memory, and the CPU to bring one in", run: idle::run },
    Scenario {
        name: "latest",
        about: "the newest per topic every 200 ms: items a second, and whether what is passed over adds up",
        run: latest::run,
    },
    Scenario {
        name: "nodes",
        about: "two nodes on one Redis: added delay, cost, appends to a bare script's, one node killed",
        run: nodes::run,
    },
    Scenario {
        name: "resume",
        about: "the gateway is killed under load: in = out, nothing twice",
        run: resume::run,
    },
    Scenario {
        name: "storm",
        about: "all subscribers go away, miss events and come back at once: resumes a second, CPU of each",
        run: storm::run,
    },
    Scenario {
        name: "stuck",
        about: "a reader that stops and reads again: the others' delay, memory, and that it comes back by itself",
        run: stuck::run,
    },
];

/// What a scenario runs with.
pub(crate) struct Bench {
    pub(crate) options: Options,
    pub(crate) pinning: Pinning,
    pub(crate) progress: ProgressBar,
}

impl Bench {
    pub(crate) fn subscribers(&self, default: usize) -> usize {
        self.options.subscribers.map_or(default, |count| count as usize)
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.options.size as usize
    }

    pub(crate) fn rounds(&self) -> usize {
        self.options.rounds as usize
    }

    pub(crate) fn say(&self, what: impl Into<String>) {
        self.progress.set_message(what.into());
        self.progress.tick();
    }

    pub(crate) fn conditions(&self, what: &str) -> String {
        let Options { size, rounds, seconds, .. } = self.options;
        format!("{what}; {size} bytes; median of {rounds} × {seconds} s; {}", self.pinning.describe())
    }
}
