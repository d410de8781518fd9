//! `hookcast providers`: the catalogue, and for one provider where to paste the URL, what the secret is, its traps, and how far
//! its row can be trusted.

use serde_json::Value;

use super::Context;
use super::configured::Configured;
use super::failure::Failure;
use super::terminal::{Terminal, Tone, line};
use crate::ingest::fields::nearest;
use crate::ingest::origin::Confidence;
use crate::ingest::providers::{Catalogue, Provider};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One provider, or a part of a name [default: all]
    name: Option<String>,
    /// The built-in providers as the table of docs/catalogue.md
    #[arg(long, hide = true)]
    markdown: bool,
    #[command(flatten)]
    configured: Configured,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    if args.markdown {
        return line(markdown());
    }
    // The operator's own rows count too, but a file with mistakes keeps nobody from reading ours.
    let catalogue = match args.configured.load(context) {
        Ok(config) => config.catalogue,
        Err(_) if args.configured.config.is_none() => Catalogue::built_in().into(),
        Err(failure) => return Err(failure),
    };
    let Some(name) = &args.name else { return list(catalogue.iter().collect(), context) };
    let Some(provider) = catalogue.get(name) else { return like(name, &catalogue, context) };
    if context.is_json { line(provider.said()) } else { one(provider, context.terminal) }
}

/// Those whose name, title or field has this in it.
fn like(part: &str, catalogue: &Catalogue, context: &Context) -> Result<(), Failure> {
    let part_small = part.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&part_small);
    let found: Vec<&Provider> = catalogue
        .iter()
        .filter(|provider| has(&provider.slug) || has(&provider.row.title) || has(provider.field))
        .collect();
    if found.is_empty() { Err(unknown(part, catalogue)) } else { list(found, context) }
}

fn unknown(name: &str, catalogue: &Catalogue) -> Failure {
    let slugs = catalogue.slugs();
    let near = nearest(name, &slugs).map(|near| format!("did you mean {near}? ")).unwrap_or_default();
    Failure::usage(
        format!("there is no provider `{}`", name.escape_debug()),
        format!("{near}`hookcast providers` lists all; docs/providers.md shows how to write one"),
    )
}

fn list(providers: Vec<&Provider>, context: &Context) -> Result<(), Failure> {
    if context.is_json {
        return line(Value::Array(providers.into_iter().map(Provider::said).collect()));
    }
    let width =
        |of: fn(&Provider) -> usize| providers.iter().map(|provider| of(provider)).max().unwrap_or_default();
    let slugs = width(|provider| provider.slug.chars().count());
    let titles = width(|provider| provider.row.title.chars().count());
    let proofs = width(|provider| proof(provider).chars().count());
    let count = providers.len();
    for provider in providers {
        let terminal = context.terminal;
        let slug = terminal.tone(Tone::Strong, format!("{:slugs$}", provider.slug));
        let title = format!("{:titles$}", provider.row.title);
        line(format!("{slug}  {title}  {:proofs$}  {}", proof(provider), confidence(provider)).trim_end())?;
    }
    let noun = if count == 1 { "provider" } else { "providers" };
    line(format!("\n{count} {noun}; `hookcast providers NAME` says more of one"))
}

/// `HMAC-SHA256 or token`.
fn proof(provider: &Provider) -> String {
    provider.proofs().join(" or ")
}

fn confidence(provider: &Provider) -> &'static str {
    provider.confidence().unwrap_or_default()
}

fn one(provider: &Provider, terminal: Terminal) -> Result<(), Failure> {
    let row = &provider.row;
    line(terminal.tone(Tone::Strong, format!("{} ({})", row.title, provider.slug)))?;
    let tell = |what: &str, text: &str| match text {
        "" => Ok(()),
        text => line(format!("  {what:8} {text}")),
    };
    tell("URL", &format!("https://YOUR-GATEWAY/hooks/{}, as the source below is named", provider.slug))?;
    tell("paste at", &row.paste)?;
    tell("secret", &row.secret)?;
    tell("events", &row.events)?;
    tell("retries", &row.retries)?;
    tell("proof", &proof(provider))?;
    for trap in &row.traps {
        tell("trap", trap)?;
    }
    tell("docs", &row.docs)?;
    tell("facts", &facts(provider))?;
    tell("unsure", &row.origin.unsure.join("; "))?;
    let snippet = provider.snippet();
    line(format!("\n{}", snippet.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")))
}

/// Where the row's facts come from, and how sure that makes us.
fn facts(provider: &Provider) -> String {
    let origin = &provider.row.origin;
    let sure = match origin.confidence {
        None => return String::new(),
        Some(Confidence::Vendor) => "read at the vendor",
        Some(Confidence::Catalogue) => "told by another open catalogue",
        Some(Confidence::Unsure) => "from memory, not looked up",
    };
    // What is from memory was written on that day, not checked.
    let day = if origin.confidence == Some(Confidence::Unsure) { "written" } else { "as of" };
    format!("{sure}, {day} {}: {}", origin.checked, origin.source)
}

/// The whole of docs/catalogue.md; a test compares them.
fn markdown() -> String {
    let catalogue = Catalogue::built_in();
    let mut providers: Vec<&Provider> = catalogue.iter().collect();
    providers.sort_by_key(|provider| (provider.field, &provider.slug));
    let mut lines = vec![format!(
        "# The catalogue\n\n{} providers. Made by `make catalogue`; do not edit. `hookcast providers NAME` tells of one where to \
         click,\nwhat to paste, and its traps. What is missing you write yourself: [providers.md](providers.md).\n\n\
         *How sure*: `vendor`, read at the vendor or proven with its own package; `catalogue`, another open catalogue says \
         so;\n`unsure`, from memory.",
        providers.len()
    )];
    let mut field = "";
    for provider in providers {
        if provider.field != field {
            field = provider.field;
            lines.push(format!("\n## {field}\n\n| name | vendor | what proves a delivery | how sure |"));
            lines.push("| --- | --- | --- | --- |".into());
        }
        let (slug, row) = (&provider.slug, &provider.row);
        let (proof, sure) = (proof(provider), confidence(provider));
        lines.push(format!("| `{slug}` | [{}]({}) | {proof} | {sure} |", row.title, row.docs));
    }
    lines.join("\n")
}
