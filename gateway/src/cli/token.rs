//! `hookcast token`: a token signed with the configured secret.

use std::time::Duration;

use serde_json::json;

use super::Context;
use super::configured::Configured;
use super::failure::Failure;
use super::signing::{Claims, parse_grant, sign};
use super::terminal::line;
use crate::config::value::parse_duration;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What the token allows: patterns such as 'github/**'; '**' is every stream but the gateway's own
    #[arg(long, required = true, num_args = 1.., value_name = "PATTERN", value_parser = parse_grant)]
    subscribe: Vec<String>,
    /// Whom the token is for
    #[arg(long, value_name = "S")]
    subject: Option<String>,
    /// How long it lives, 24h at most
    #[arg(long, value_name = "TIME", default_value = "8h", value_parser = parse_duration)]
    ttl: Duration,
    #[command(flatten)]
    configured: Configured,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let config = args.configured.load(context)?;
    let claims = Claims { subscribe: &args.subscribe, subject: args.subject.as_deref(), ttl: args.ttl };
    let token = sign(&config.auth, &claims)?;
    if context.is_json {
        line(json!({ "token": token, "expires_in_s": args.ttl.as_secs() }))
    } else {
        line(token)
    }
}
