//! `hookcast link`: a viewer's link for a wall, made, listed and revoked by the running gateway.

use reqwest::Method;
use serde_json::{Value, json};

use super::Context;
use super::failure::Failure;
use super::operator::Gateway;
use super::signing::parse_grant;
use super::terminal::{line, printable};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What whoever has the link may hear, such as 'github/**'
    #[arg(long, num_args = 1.., value_name = "PATTERN", value_parser = parse_grant, required_unless_present_any = ["list", "revoke"])]
    grant: Vec<String>,
    /// How long it works, 366d at most
    #[arg(long, value_name = "TIME", default_value = "30d")]
    ttl: String,
    /// Whom or what it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    label: String,
    /// The board that it opens
    #[arg(long, value_name = "NAME")]
    board: Option<String>,
    /// Print the links that there are
    #[arg(long, conflicts_with_all = ["grant", "revoke"])]
    list: bool,
    /// End a link: within five minutes nobody hears anything by it
    #[arg(long, value_name = "ID", conflicts_with = "grant")]
    revoke: Option<String>,
    #[command(flatten)]
    gateway: Gateway,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let unknown = "`hookcast link --list` prints the links that there are";
    let operator = args.gateway.operator(context)?;
    let ask = |method, path, body| operator.ask(method, path, body, unknown);
    if let Some(id) = &args.revoke {
        ask(Method::DELETE, format!("/api/v1/links/{id}"), None).await?;
        return if context.is_json { line(json!({ "revoked": id })) } else { line(format!("revoked {id}")) };
    }
    if args.list {
        let answer = ask(Method::GET, "/api/v1/links".into(), None).await?;
        return print_list(&answer, context);
    }
    let wanted = json!({ "grants": args.grant, "ttl": args.ttl, "label": args.label, "board": args.board });
    let answer = ask(Method::POST, "/api/v1/links".into(), Some(wanted)).await?;
    if context.is_json { line(&answer) } else { line(answer["url"].as_str().unwrap_or_default()) }
}

fn print_list(answer: &Value, context: &Context) -> Result<(), Failure> {
    for link in answer["links"].as_array().into_iter().flatten() {
        if context.is_json {
            line(link)?;
            continue;
        }
        let text = |key: &str| printable(link[key].as_str().unwrap_or_default(), 100);
        let grants: Vec<_> =
            link["grants"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        line(format!("{}  until {}  {}  {}", text("id"), text("expires"), grants.join(" "), text("label")))?;
    }
    Ok(())
}
