//! The command line: one file a verb. Here is what all verbs share: parsing, exit codes, the runtime.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::config::environment::Environment;
use crate::shutdown::Shutdown;

mod failure;
mod terminal;
mod usage;

mod client;
mod configured;
mod operator;
mod signing;

mod listening;

mod check;
mod completions;
mod config;
mod deliveries;
mod demo;
mod link;
mod listen;
mod man;
mod providers;
mod ready;
mod send;
mod serve;
mod token;

use failure::{Exit, Failure};
use terminal::Terminal;

/// Live dashboard gateway: webhooks in, WebSockets out, in order, nothing lost untold.
#[derive(Debug, Parser)]
#[command(name = "hookcast", version, subcommand_required = true, arg_required_else_help = true)]
#[command(disable_help_subcommand = true)]
// The default has a blank line more, and all the verbs shall fit a screen.
#[command(help_template = "{about-with-newline}{usage-heading} {usage}\n\n{all-args}{after-help}")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Args)]
struct Global {
    /// Print JSON where there is output to parse
    #[arg(long, global = true)]
    json: bool,
    /// Say less; twice: errors only
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "verbose")]
    quiet: u8,
    /// Say more; twice: everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the gateway
    Serve(serve::Args),
    /// Run the gateway with sample sources and a signer that posts to it
    Demo(demo::Args),
    /// Tell every mistake of a configuration at once
    Check(check::Args),
    /// Post a signed sample webhook
    Send(send::Args),
    /// Subscribe in a terminal; comes back by itself and tells what it missed
    Listen(listen::Args),
    /// Print what came in, and why not; follow it, show one whole, send it again
    Deliveries(deliveries::Args),
    /// Make a token signed with the configured secret
    Token(token::Args),
    /// Make, list or revoke a viewer's link for a wall
    Link(link::Args),
    /// Print the catalogue of providers: what each signs, where to paste the URL, its traps
    Providers(providers::Args),
    /// Print the commented default file or its JSON Schema
    Config(config::Args),
    /// Exit 0 when a gateway can receive, else 69
    Ready(ready::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Print the manual page
    Man,
}

/// What a verb knows of its surroundings.
struct Context {
    environment: Environment,
    terminal: Terminal,
    is_json: bool,
    is_quiet: bool,
}

/// Parses the process's arguments and does what they say.
pub fn main() -> ExitCode {
    let environment = Environment::of_process();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            if let Some(failure) = usage::discreet(&error, &arguments) {
                return failure.report(Terminal::new(&environment)).into();
            }
            // Help and version are no errors: they go to stdout, with 0.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Fine };
            // Whoever closed the pipe has seen what they wanted to see.
            let _ = error.print();
            return exit.into();
        }
    };
    let terminal = Terminal::new(&environment);
    terminal.start_logs(cli.verb.loudness() + i16::from(cli.global.verbose) - i16::from(cli.global.quiet));
    let context = Context { environment, terminal, is_json: cli.global.json, is_quiet: cli.global.quiet > 0 };
    match cli.verb.run(&context) {
        Ok(()) => Exit::Fine.into(),
        Err(failure) => failure.report(context.terminal).into(),
    }
}

impl Verb {
    /// The demo tells each delivery itself, so its log is for what goes wrong with it.
    fn loudness(&self) -> i16 {
        if matches!(self, Self::Demo(_)) { -2 } else { 0 }
    }

    fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Serve(args) => block_on(serve::run(args, context)),
            Self::Demo(args) => block_on(demo::run(args, context)),
            Self::Check(args) => check::run(&args, context),
            Self::Send(args) => block_on(send::run(args, context)),
            Self::Listen(args) => block_on(listen::run(args, context)),
            Self::Deliveries(args) => block_on(deliveries::run(args, context)),
            Self::Token(args) => token::run(&args, context),
            Self::Link(args) => block_on(link::run(args, context)),
            Self::Providers(args) => providers::run(&args, context),
            Self::Config(args) => config::run(&args),
            Self::Ready(args) => block_on(ready::run(args)),
            Self::Completions(args) => completions::run(&args),
            Self::Man => man::run(),
        }
    }
}

/// The command as clap sees it, for completions and the manual.
fn command() -> clap::Command {
    Cli::command()
        .after_help("Exit codes: 0 fine, 1 failed, 64 wrong usage or configuration, 69 unreachable.")
}

fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime
        .map_err(|error| Failure::failed(format!("cannot start: {error}"), "free some memory or threads"))?
        .block_on(work)
}

/// Runs a node until its shutdown.
async fn run_gateway(config: Config, listener: TcpListener, shutdown: Shutdown) -> Result<(), Failure> {
    crate::run(config, listener, shutdown)
        .await
        .map_err(|error| Failure::failed(error.to_string(), "mend it and start again; nothing was served"))
}
