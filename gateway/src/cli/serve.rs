//! `hookcast serve`: the gateway.

use std::net::SocketAddr;

use super::Context;
use super::configured::Configured;
use super::failure::Failure;
use super::listening::{bind, board_url, greet_listening};
use crate::config::{Config, Overrides};
use crate::http::local;
use crate::shutdown::Shutdown;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    configured: Configured,
    /// Where to listen, instead of [server] listen
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The broker, instead of [broker] url
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let overrides = Overrides { listen: args.listen, redis: args.redis };
    let config = args.configured.load_with(&overrides, context)?;
    if let Some(advice) = &config.advice {
        context.terminal.report(advice);
    }
    // Before anything can be served: a signal from now on ends us in order.
    let shutdown = Shutdown::from_signals();
    let (listener, address) = bind(config.listen)?;
    greet_listening(context.terminal, address, &addresses(&config, address, context)?)?;
    super::run_gateway(config, listener, shutdown).await
}

fn addresses(
    config: &Config,
    address: SocketAddr,
    context: &Context,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let local = local::url(address);
    let base = config.public_url.as_deref().unwrap_or(&local);
    // A token belongs on a terminal, never into the log that a service manager keeps.
    let board = if context.terminal.is_interactive || config.auth.is_open() {
        board_url(base, config)?
    } else {
        format!("{base}/")
    };
    let names: Vec<_> = config.sources.iter().map(crate::ingest::source::Source::name).collect();
    let hooks = match names.as_slice() {
        [] => format!(
            "{base}/hooks/…   (no [[source]] yet: add one on the page, under Sources, or see hookcast config --default)"
        ),
        [one] => format!("{base}/hooks/{one}"),
        many => format!("{base}/hooks/{{{}}}", many.join(",")),
    };
    Ok(vec![("board", board), ("hooks", hooks), ("health", format!("{local}/readyz"))])
}
