//! `hookcast check`: every mistake of a configuration at once.

use serde_json::json;

use super::Context;
use super::configured::Configured;
use super::failure::{Exit, Failure};
use super::terminal::{Tone, aside, line};
use crate::config::report::Report;
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
        Ok(config) if context.is_json => {
            let warnings: Vec<_> = config.advice.iter().flat_map(Report::entries).collect();
            line(json!({ "mistakes": [], "warnings": warnings }))
        }
        Ok(config) => {
            let count = config.advice.as_ref().map_or(0, Report::count);
            if let Some(advice) = &config.advice {
                terminal.report(advice);
            }
            let said = match count {
                0 => "no mistakes".to_owned(),
                1 => "no mistakes, 1 warning".to_owned(),
                _ => format!("no mistakes, {count} warnings"),
            };
            line(terminal.tone(if count == 0 { Tone::Good } else { Tone::Note }, said))
        }
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
