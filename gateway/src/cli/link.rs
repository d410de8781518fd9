//! `hookcast link`: a viewer's link for a wall, made, listed and revoked by the running gateway.

use reqwest::{Method, StatusCode, Url};
use serde_json::{Value, json};

use super::Context;
use super::client::{DEFAULT_URL, below, http, parse_url, unreachable};
use super::configured::Configured;
use super::failure::Failure;
use super::signing::{Claims, given, parse_grant, sign_if_configured};
use super::terminal::{line, printable};
use crate::auth::OPERATOR_GRANTS;

/// Of the token that asks.
const TOKEN_TTL: std::time::Duration = std::time::Duration::from_mins(5);

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
    /// The gateway
    #[arg(long, default_value = DEFAULT_URL, value_parser = parse_url)]
    url: Url,
    /// An operator's token; else HOOKCAST_TOKEN, else one signed with the configured secret
    #[arg(long, value_name = "T")]
    token: Option<String>,
    #[command(flatten)]
    configured: Configured,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let token = token(&args, context)?;
    let ask = |method, path, body| ask(&args.url, token.as_deref(), method, path, body);
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

/// A gateway on loopback without `[auth]` asks for none.
fn token(args: &Args, context: &Context) -> Result<Option<String>, Failure> {
    if let Some(token) = given(args.token.as_deref(), context) {
        return Ok(Some(token));
    }
    let config = args.configured.load(context)?;
    let claims = Claims { subscribe: &OPERATOR_GRANTS, subject: Some("hookcast link"), ttl: TOKEN_TTL };
    sign_if_configured(&config.auth, &claims)
}

async fn ask(
    base: &Url,
    token: Option<&str>,
    method: Method,
    path: String,
    body: Option<Value>,
) -> Result<Value, Failure> {
    let url = below(base, &path);
    let mut request = http()?.request(method, url.clone());
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = request.send().await.map_err(|error| unreachable(&url, &error))?;
    let status = answer.status();
    let said: Value =
        answer.bytes().await.ok().and_then(|it| serde_json::from_slice(&it).ok()).unwrap_or_default();
    if status.is_success() {
        return Ok(said);
    }
    let detail = said["detail"].as_str().map_or_else(|| status.to_string(), |it| printable(it, 300));
    let mend = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            "give an operator's token: `hookcast token --subscribe 'hookcast/**'` on the gateway's machine makes one"
        }
        StatusCode::NOT_FOUND => "`hookcast link --list` prints the links that there are",
        _ => "mend it and try again",
    };
    Err(Failure::failed(format!("the gateway says: {detail}"), mend))
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
