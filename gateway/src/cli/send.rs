//! `hookcast send`: a signed sample webhook, as the provider would post it.

use std::io::Read as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::Url;
use serde_json::json;
use toml::{Table, Value};

use super::Context;
use super::client::{DEFAULT_URL, below, http, parse_url, unreachable};
use super::configured::Configured;
use super::failure::{Exit, Failure};
use super::operator::Operator;
use super::terminal::{Tone, line, printable};
use super::usage::{is_option, is_value};
use crate::api::poster::{Answer, Poster, fresh_id};
use crate::config::Config;
use crate::ingest::providers::Catalogue;
use crate::ingest::sign::{Sample, sign_for};
use crate::ingest::source::Source;
use crate::secret::Secret;

/// What a gateway could never take, by far.
const DATA_BYTES_MAX: u64 = 64 * 1024 * 1024;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A source of the configuration, or with --secret a provider
    #[arg(value_name = "SOURCE|PROVIDER")]
    name: String,
    /// The gateway, or a whole hook URL
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL, value_parser = parse_url)]
    to: Url,
    /// What to sign with; then no configuration is read
    #[arg(long, value_name = "S", allow_hyphen_values = true, value_parser = parse_secret)]
    secret: Option<String>,
    /// The event's type
    #[arg(long, value_name = "T")]
    event: Option<String>,
    /// The body; - is stdin [default: the provider's sample]
    #[arg(long, value_name = "FILE|-")]
    data: Option<PathBuf>,
    /// The body of a delivery that the gateway at --to keeps: `hookcast deliveries` prints the ids
    #[arg(long, value_name = "ID", conflicts_with = "data")]
    replay: Option<String>,
    /// With --replay: even what no secret fitted, perhaps a forgery
    #[arg(long, requires = "replay")]
    unproven: bool,
    /// How many, each with an id of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// How many a second, at most
    #[arg(long, value_name = "R", value_parser = parse_rate)]
    rate: Option<f64>,
    #[command(flatten)]
    configured: Configured,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let (source, public_url) = source(&args, context)?;
    let sample_type = || source.row().sample.event_type.clone();
    let mut sample = match (&args.replay, &args.data) {
        (Some(id), _) => kept(&args, id, context).await?,
        (None, Some(path)) => Sample { event_type: sample_type(), body: read_data(path)? },
        (None, None) => Sample { event_type: sample_type(), body: source.row().sample.body.clone().into() },
    };
    if let Some(event_type) = &args.event {
        sample.event_type.clone_from(event_type);
    }
    let hook = hook(&args.to, source.name());
    let poster = Poster::new(http()?);
    let mut every = args.rate.map(|rate| tokio::time::interval(Duration::from_secs_f64(1.0 / rate)));
    let mut refused = 0_u64;
    for _ in 0..args.count {
        if let Some(every) = &mut every {
            every.tick().await;
        }
        let signed = sign_for(&source, &sample, public_url.as_deref(), SystemTime::now(), &fresh_id())
            .map_err(|error| {
                Failure::failed(
                    format!("cannot sign for {}: {error}", source.provider()),
                    "see `hookcast providers`",
                )
            })?;
        let answer = poster.post(&hook, &signed).await.map_err(|error| unreachable(&hook, &error))?;
        refused += u64::from(!answer.is_success());
        print(&answer, context)?;
    }
    if refused > 0 { Err(Failure::Silent(Exit::Failed)) } else { Ok(()) }
}

fn print(answer: &Answer, context: &Context) -> Result<(), Failure> {
    let ms = answer.took.as_secs_f64() * 1_000.0;
    if context.is_json {
        let body = serde_json::from_str(&answer.body).unwrap_or_else(|_| json!(answer.body));
        return line(json!({ "status": answer.status, "ms": (ms * 10.0).round() / 10.0, "answer": body }));
    }
    let tone = if answer.is_success() { Tone::Good } else { Tone::Bad };
    let terminal = context.terminal;
    let took = terminal.tone(Tone::Quiet, format!("{ms:.0} ms"));
    line(format!("{} {} {took}", terminal.tone(tone, answer.status), printable(&answer.body, 400)))
}

/// The source to sign for, and the URL below which its provider would find us.
fn source(args: &Args, context: &Context) -> Result<(Source, Option<String>), Failure> {
    let needs_no_secret = args.name == "none";
    if args.secret.is_some() || needs_no_secret {
        let base = args.to.origin().ascii_serialization();
        return Ok((of_provider(args, &Catalogue::built_in())?, Some(base)));
    }
    let config = args.configured.load(context)?;
    let Config { sources, catalogue, public_url, .. } = config;
    let names: Vec<_> = sources.iter().map(|source| source.name().to_owned()).collect();
    match sources.into_iter().find(|source| source.name() == args.name) {
        Some(source) => Ok((source, public_url)),
        None if catalogue.get(&args.name).is_some() => Err(Failure::usage(
            format!("{} is a provider, and there is no secret to sign with", args.name),
            "give one with --secret, or name a source of the configuration",
        )),
        None => Err(Failure::usage(
            format!("there is no source and no provider {}", named(&args.name)),
            if names.is_empty() {
                format!("name a provider and a --secret: {}", catalogue.slugs().join(", "))
            } else {
                format!("sources are {}; or name a provider and a --secret", names.join(", "))
            },
        )),
    }
}

/// A source that exists only to sign with.
fn of_provider(args: &Args, catalogue: &Catalogue) -> Result<Source, Failure> {
    let secret = args.secret.as_deref();
    let mut table = Table::new();
    table.insert("name".into(), args.name.clone().into());
    table.insert("provider".into(), args.name.clone().into());
    if let Some(secret) = secret {
        table.insert("secrets".into(), Value::Array(vec![secret.into()]));
        // Some rows insist on one when a webhook is set up; signing does not use it.
        table.insert("verify_token".into(), secret.into());
    }
    let read = |value: &Value| Ok(Secret::new(value.as_str().unwrap_or_default()));
    Source::parse(&table, &read, catalogue).map_err(|mistakes| {
        let first = mistakes.into_iter().next();
        let (message, mend) = first.map(|mistake| (mistake.message, mistake.mend)).unwrap_or_default();
        let to = if catalogue.get(&args.name).is_some() {
            String::new()
        } else {
            format!(
                "; the name is the provider's, and --to says which source: --to http://HOST/hooks/{}",
                if is_value(&args.name) { args.name.as_str() } else { "SOURCE" }
            )
        };
        // The catalogue quotes a name that it does not know.
        let (who, message) = if is_value(&args.name) {
            (args.name.as_str(), message)
        } else {
            ("that", format!("there is no provider {}", named(&args.name)))
        };
        Failure::usage(format!("cannot sign as {who}: {message}"), format!("{mend}{to}"))
    })
}

/// What a gateway keeps of a delivery, to be signed anew.
async fn kept(args: &Args, id: &str, context: &Context) -> Result<Sample, Failure> {
    let mut gateway = args.to.clone();
    if let Some((base, _)) = args.to.path().split_once("/hooks/") {
        gateway.set_path(base);
    }
    let operator = Operator::new(&gateway, None, &args.configured, context)?;
    let kept = operator.delivery(id).await?;
    // Our own signature would make a forgery genuine. What a gateway does not say counts as never proven.
    if kept["unproven"] != false && !args.unproven {
        return Err(Failure::failed(
            format!("{} was never proven: no secret fitted it, so it may be a forgery", printable(id, 40)),
            "look at it with `hookcast deliveries ID`; if it is the provider's, send it with --unproven",
        ));
    }
    let request = &kept["request"];
    let body = match (request["body"].as_str(), request["body_base64"].as_str()) {
        (Some(text), _) => Some(Bytes::copy_from_slice(text.as_bytes())),
        (None, Some(base64)) => STANDARD.decode(base64).ok().map(Bytes::from),
        (None, None) => None,
    };
    let body = body.filter(|_| request["cut"] != true).ok_or_else(|| {
        Failure::failed(
            format!("the gateway does not keep the whole body of {}", printable(id, 40)),
            "give the body with --data",
        )
    })?;
    let event_type = kept["report"]["events"][0]["type"].as_str().unwrap_or_default().to_owned();
    Ok(Sample { event_type, body })
}

/// A whole hook URL stays; a base gets the source's path.
fn hook(to: &Url, source: &str) -> Url {
    if to.path().contains("/hooks/") { to.clone() } else { below(to, &format!("/hooks/{source}")) }
}

fn read_data(path: &PathBuf) -> Result<Bytes, Failure> {
    let fail = |error: std::io::Error| {
        Failure::usage(
            format!("cannot read {}: {error}", path.display()),
            "name a file that can be read, or - for stdin",
        )
    };
    let mut bytes = Vec::new();
    let reader: Box<dyn std::io::Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(fail)?)
    };
    reader.take(DATA_BYTES_MAX).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes.into())
}

/// An option is no secret: somebody forgot the value.
fn parse_secret(text: &str) -> Result<String, String> {
    if is_option(text) {
        Err("a value is missing: what follows is an option".into())
    } else {
        Ok(text.to_owned())
    }
}

/// A name that was typed, unless a secret was typed in its place.
fn named(name: &str) -> String {
    if is_value(name) {
        format!("named `{name}`")
    } else {
        "of that name, which is not shown as it may be a secret".into()
    }
}

pub(super) fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.01..=10_000.0).contains(rate));
    rate.ok_or_else(|| "expected events a second, 0.01 to 10000".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_hook_url_stays_and_a_base_gets_the_path() {
        for (to, expected) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/hooks/github"),
            ("https://example.com/live", "https://example.com/live/hooks/github"),
            ("https://example.com/hooks/mine", "https://example.com/hooks/mine"),
        ] {
            assert_eq!(hook(&parse_url(to).unwrap(), "github").as_str(), expected);
        }
    }

    #[test]
    fn a_rate_has_bounds() {
        assert_eq!(parse_rate("2.5"), Ok(2.5));
        for text in ["0", "-1", "NaN", "inf", "x", "1e9"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }
}
