//! `hookcast providers`: the catalogue, and for one provider where to paste the URL, what the secret is, and its traps.

use serde_json::{Value, json};

use super::Context;
use super::configured::Configured;
use super::failure::Failure;
use super::terminal::{Tone, line};
use crate::ingest::providers::{Catalogue, Provider};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One provider [default: all]
    name: Option<String>,
    #[command(flatten)]
    configured: Configured,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    // The operator's own rows count too, but a file with mistakes keeps nobody from reading ours.
    let catalogue = match args.configured.load(context) {
        Ok(config) => config.catalogue,
        Err(_) if args.configured.config.is_none() => Catalogue::built_in().into(),
        Err(failure) => return Err(failure),
    };
    let Some(name) = &args.name else { return all(&catalogue, context) };
    let provider = catalogue.get(name).ok_or_else(|| {
        Failure::usage(
            format!("there is no provider `{name}`"),
            format!("known are {}", catalogue.slugs().join(", ")),
        )
    })?;
    if context.is_json { line(to_json(provider)) } else { one(provider, context) }
}

fn all(catalogue: &Catalogue, context: &Context) -> Result<(), Failure> {
    if context.is_json {
        return line(Value::Array(catalogue.iter().map(to_json).collect()));
    }
    let width = catalogue.slugs().iter().map(|slug| slug.len()).max().unwrap_or_default();
    for provider in catalogue.iter() {
        let slug = context.terminal.tone(Tone::Strong, format!("{:width$}", provider.slug));
        line(format!("{slug}  {}", provider.row.title))?;
    }
    Ok(())
}

fn one(provider: &Provider, context: &Context) -> Result<(), Failure> {
    let row = &provider.row;
    line(context.terminal.tone(Tone::Strong, format!("{} ({})", row.title, provider.slug)))?;
    for (what, text) in [("URL", &row.paste), ("secret", &row.secret), ("docs", &row.docs)] {
        line(format!("  {what:7} {text}"))?;
    }
    for trap in &row.traps {
        line(format!("  {:7} {trap}", "mind"))?;
    }
    let slug = &provider.slug;
    let secret = match slug.as_str() {
        "none" => String::new(),
        _ => format!("\n  secrets = [{{ env = \"{}_SECRET\" }}]", slug.to_uppercase().replace('-', "_")),
    };
    line(format!("\n  [[source]]\n  name = \"{slug}\"\n  provider = \"{slug}\"{secret}"))
}

fn to_json(provider: &Provider) -> Value {
    let row = &provider.row;
    json!({
        "name": provider.slug,
        "title": row.title,
        "docs": row.docs,
        "paste": row.paste,
        "secret": row.secret,
        "traps": row.traps,
        "header": row.detect,
    })
}
