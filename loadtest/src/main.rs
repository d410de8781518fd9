//! Load against a gateway: real processes, real sockets, and a floor to compare with. It shares no code with the
//! gateway, so that it can check it. This file parses and calls.

mod bare;
mod chaos;
mod check;
mod delivery;
mod figures;
mod floor;
mod frame;
mod http;
mod lane;
mod message;
mod options;
mod process;
mod report;
mod scenario;
mod server;
mod swarm;

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser};
use indicatif::ProgressBar;

use options::{Cli, Command, Options};
use scenario::{Bench, SCENARIOS, Scenario};

const USAGE: u8 = 64;
/// Sockets of both ends of the largest scenario, and some to spare.
const OPEN_FILES: u64 = 1 << 17;

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| leave(&error));
    let done = match cli.command {
        Some(Command::Floor) => floor::serve().map(|()| true),
        Some(Command::Bare) => bare::serve().map(|()| true),
        Some(Command::Chaos(options)) => chaos::run(&options),
        Some(Command::Scenario(words)) => {
            let Some(scenario) = SCENARIOS.iter().find(|scenario| scenario.name == words[0]) else {
                eprintln!("no scenario {:?}; there are:\n{}", words[0], options::list());
                return ExitCode::from(USAGE);
            };
            run(scenario, Options::try_parse_from(words).unwrap_or_else(|error| leave(&error)))
        }
        None if cli.list => {
            print!("{}", options::list());
            return ExitCode::SUCCESS;
        }
        None => {
            eprintln!("{}\nScenarios:\n{}", Cli::command().render_help(), options::list());
            return ExitCode::from(USAGE);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every event came as it must.
fn run(scenario: &Scenario, options: Options) -> Result<bool> {
    if let Some(seed) = options.seed {
        fastrand::seed(seed);
    }
    process::raise_open_files(OPEN_FILES)?;
    let pinning = options.pinning()?;
    pinning.stay_on_load_core()?;
    let bench = Bench { options, pinning, progress: ProgressBar::new_spinner() };
    let report = (scenario.run)(&bench);
    bench.progress.finish_and_clear();
    let report = report?;
    if bench.options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", report.table());
    }
    Ok(report.is_clean())
}

/// Help goes out with 0, a mistake with 64.
fn leave(error: &clap::Error) -> ! {
    // Nobody is left to tell when printing fails.
    let _ = error.print();
    std::process::exit(if error.use_stderr() { i32::from(USAGE) } else { 0 })
}
