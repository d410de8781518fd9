//! `hookcast demo`: the gateway, with sources that tell stories and a signer that posts to the public route over HTTP.

use std::path::PathBuf;

use reqwest::Url;

use super::Context;
use super::client::{DEFAULT_URL, parse_url};
use super::failure::Failure;
use super::listening::{bind, board_url, greet, greet_listening};
use super::send::parse_rate;
use super::terminal::line;
use crate::config::{Config, Invitation};
use crate::http::local;
use crate::shutdown::Shutdown;

mod browser;
mod sender;
mod setting;
mod stories;
mod wrong;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Samples a second
    #[arg(long, value_name = "N", default_value = "3", value_parser = parse_rate)]
    rate: f64,
    /// Where the demo keeps its events and secrets
    #[arg(long, value_name = "FOLDER", default_value = "./demo-data")]
    data: PathBuf,
    /// Write hookcast.toml, its board and secrets into that folder, and end
    #[arg(long, conflicts_with = "listen")]
    prepare: bool,
    /// Post to gateways that run on that folder's hookcast.toml, and start none
    #[arg(long, value_name = "URL", value_parser = parse_url, conflicts_with = "listen")]
    to: Option<Url>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    if args.prepare {
        let base = args.to.as_ref().map_or(DEFAULT_URL, Url::as_str).trim_end_matches('/');
        let path = setting::write_config(&args.data, |token| curl(base, token))?;
        return line(path.display());
    }
    match &args.to {
        Some(to) => post_only(&args, to, context).await,
        None => serve_and_post(&args, context).await,
    }
}

/// Tells the stories to gateways that somebody else runs, until it is ended.
async fn post_only(args: &Args, to: &Url, context: &Context) -> Result<(), Failure> {
    let config = setting::prepare(&args.data, None)?;
    let shutdown = Shutdown::from_signals();
    let base = to.as_str().trim_end_matches('/');
    greet(context.terminal, &addresses(args, base, &config)?)?;
    sender::Sender::new(base, config.sources, args.rate, context.terminal)?.run(shutdown).await
}

async fn serve_and_post(args: &Args, context: &Context) -> Result<(), Failure> {
    let mut config = setting::prepare(&args.data, Some(&args.listen))?;
    let shutdown = Shutdown::from_signals();
    let (listener, address) = bind(config.listen)?;
    let base = local::url(address);
    let addresses = addresses(args, &base, &config)?;
    let [(_, board), _, (_, curl)] = &addresses;
    config.invitation = Some(Invitation { source: "donations".into(), curl: curl.clone() });
    greet_listening(context.terminal, address, &addresses)?;
    let _browser = browser::open(board, context);

    // The demo signs with its own copy of the sources: it shares nothing with the gateway but the secrets.
    let sources = setting::prepare(&args.data, None)?.sources;
    let sender = sender::Sender::new(&base, sources, args.rate, context.terminal)?;
    let gateway = super::run_gateway(config, listener, shutdown.clone());
    tokio::pin!(gateway);
    tokio::select! {
        // Ended, or never begun: either way there is nobody to post to.
        ended = &mut gateway => ended,
        sent = sender.run(shutdown.clone()) => {
            if sent.is_err() {
                shutdown.end_now();
            }
            gateway.await.and(sent)
        }
    }
}

fn addresses(args: &Args, base: &str, config: &Config) -> Result<[(&'static str, String); 3], Failure> {
    let token = setting::secret_text(&args.data, "donations")?;
    Ok([("board", board_url(base, config)?), ("hooks", hooks(base, config)), ("try", curl(base, &token))])
}

fn hooks(base: &str, config: &Config) -> String {
    let names: Vec<_> = config.sources.iter().map(crate::ingest::source::Source::name).collect();
    format!("{base}/hooks/{{{}}}", names.join(","))
}

/// Each delivery of a bare token without an id is an event of its own, so this line works as often as one likes.
fn curl(base: &str, token: &str) -> String {
    let body = r#"{"event":"donation.success","name":"You","amount":42,"currency":"EUR","message":"Hello from my terminal"}"#;
    format!(
        "curl {base}/hooks/donations -H 'x-donation-token: {token}' -H 'content-type: application/json' -d '{body}'"
    )
}
