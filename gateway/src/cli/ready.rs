//! `hookcast ready`: whether a gateway can receive, as an exit code.

use reqwest::Url;

use super::client::{DEFAULT_URL, below, http, parse_url, unreachable};
use super::failure::Failure;
use super::terminal::line;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The gateway
    #[arg(long, default_value = DEFAULT_URL, value_parser = parse_url)]
    url: Url,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let url = below(&args.url, "/readyz");
    let response = http()?.get(url.clone()).send().await.map_err(|error| unreachable(&url, &error))?;
    let status = response.status();
    if status.is_success() {
        return line("ready");
    }
    Err(Failure::unreachable(
        format!("{url} answers {status}"),
        "look at the gateway's log, and at what its broker says",
    ))
}
