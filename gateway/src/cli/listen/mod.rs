//! `hookcast listen`: subscribe in a terminal. Comes back by itself, goes on where it was, and tells what it missed.

use std::time::Duration;

use reqwest::Url;

use super::Context;
use super::client::{DEFAULT_URL, parse_url};
use super::configured::Configured;
use super::failure::{Exit, Failure};
use super::signing::{Claims, given, sign_if_configured};
use super::terminal::unread;
use crate::outbound;
use crate::since::Since;

mod backoff;
mod connection;
pub(super) mod message;
mod patterns;
pub(super) mod print;
mod subscription;

use backoff::Backoff;
use connection::{Ended, Peer};
use print::Printer;
use subscription::Subscriptions;

/// Long enough to dial with; a new one is signed for each connection.
const TOKEN_TTL: Duration = Duration::from_hours(8);

#[derive(Debug, clap::Args)]
#[command(after_help = "S is now, snapshot, last:20, age:15m or a position such as k3f9a0zq:41")]
pub(super) struct Args {
    /// What to hear, such as 'github/**'
    #[arg(required = true, value_name = "PATTERN")]
    patterns: Vec<String>,
    /// The gateway
    #[arg(long, default_value = DEFAULT_URL, value_parser = parse_url)]
    url: Url,
    /// A token; else HOOKCAST_TOKEN, else one signed with the configured secret
    #[arg(long, value_name = "T")]
    token: Option<String>,
    /// Where to begin
    #[arg(long, value_name = "S", default_value = "now", value_parser = Since::parse)]
    since: Since,
    /// Only the newest of each topic, every so many milliseconds
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(50..=60_000))]
    latest: Option<u64>,
    #[command(flatten)]
    configured: Configured,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    patterns::check(&args.patterns, &args.configured, context)?;
    let wanted = Wanted {
        grants: &args.patterns,
        patterns: &args.patterns,
        subject: "hookcast listen",
        url: &args.url,
        token: args.token.as_deref(),
        since: &args.since,
        latest: args.latest,
        configured: &args.configured,
    };
    follow(&wanted, context, Printer::new(context)).await
}

/// What to hear, and as whom.
pub(super) struct Wanted<'a, G> {
    pub(super) patterns: &'a [String],
    pub(super) url: &'a Url,
    pub(super) token: Option<&'a str>,
    /// Of a token that is signed here.
    pub(super) grants: &'a [G],
    pub(super) subject: &'static str,
    pub(super) since: &'a Since,
    pub(super) latest: Option<u64>,
    pub(super) configured: &'a Configured,
}

/// Prints what is heard until somebody ends it.
pub(super) async fn follow<G: AsRef<str>>(
    wanted: &Wanted<'_, G>,
    context: &Context,
    printer: Printer,
) -> Result<(), Failure> {
    tokio::select! {
        ended = keep_listening(wanted, context, printer) => ended,
        // Ctrl-C is how one ends this: nothing failed.
        _ = tokio::signal::ctrl_c() => Ok(()),
        // As in `hookcast listen … | head`: not only once there is something to print again.
        () = unread() => Err(Failure::PipeClosed),
    }
}

async fn keep_listening<G: AsRef<str>>(
    wanted: &Wanted<'_, G>,
    context: &Context,
    printer: Printer,
) -> Result<(), Failure> {
    outbound::install_tls();
    let mut subscriptions = Subscriptions::new(wanted.patterns, wanted.since, wanted.latest);
    let mut backoff = Backoff::default();
    let mut was_welcome = false;
    loop {
        let peer = Peer { url: wanted.url, token: token(wanted, context)? };
        let (ended, live_for) =
            connection::serve(&peer, &mut subscriptions, printer, &mut was_welcome).await?;
        backoff.lived(live_for);
        let wait = match ended {
            Ended::ComeBack { why, retry } => {
                if !was_welcome {
                    let mend = "start it with `hookcast serve`, or name it with --url";
                    return Err(Failure::unreachable(format!("cannot reach {}: {why}", wanted.url), mend));
                }
                let wait = backoff.next(fastrand::f64()).max(retry.unwrap_or_default());
                printer.note(&format!("connection lost ({why}); back in {:.1} s", wait.as_secs_f64()));
                wait
            }
            Ended::StayAway { message, mend } => return Err(Failure::failed(message, mend)),
            // Each subscription's own end was told.
            Ended::NothingLeft => return Err(Failure::Silent(Exit::Failed)),
        };
        tokio::time::sleep(wait).await;
    }
}

/// The token for the next connection: given, from the environment, signed here, or none.
fn token<G: AsRef<str>>(wanted: &Wanted<'_, G>, context: &Context) -> Result<Option<String>, Failure> {
    if let Some(token) = given(wanted.token, context) {
        return Ok(Some(token));
    }
    let config = match wanted.configured.load(context) {
        Ok(config) => config,
        // A file that merely lies here, and is wrong, keeps nobody from listening elsewhere.
        Err(_) if wanted.configured.config.is_none() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let claims = Claims { subscribe: wanted.grants, subject: Some(wanted.subject), ttl: TOKEN_TTL };
    sign_if_configured(&config.auth, &claims)
}
