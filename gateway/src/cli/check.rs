//! `hookcast check`: every mistake of a configuration at once.

use serde_json::json;

use super::Context;
use super::configured::Configured;
use super::failure::{Exit, Failure};
use super::terminal::{Tone, aside, line};
use crate::config::{Config, Overrides};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    configured: Configured,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let path = args.configured.config.as_deref();
    let loaded = Config::load(path, &Overrides::default(), context.environment.clone());
    let terminal = context.terminal;
    match loaded {
        Ok(_) if context.is_json => line(json!({ "mistakes": [] })),
        Ok(_) => line(terminal.tone(Tone::Good, "no mistakes")),
        Err(report) if context.is_json => {
            line(json!({ "mistakes": report.entries().collect::<Vec<_>>() }))?;
            Err(Failure::Silent(Exit::Usage))
        }
        Err(report) => {
            terminal.report(&report);
            let count = report.count();
            aside(format!("{count} mistake{}", if count == 1 { "" } else { "s" }));
            Err(Failure::Silent(Exit::Usage))
        }
    }
}
