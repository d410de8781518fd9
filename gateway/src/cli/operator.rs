//! What the operator's verbs share: a question to a running gateway's `/api/v1`, with an operator's token.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;

use super::Context;
use super::client::{DEFAULT_URL, below, http, parse_url, unreachable};
use super::configured::Configured;
use super::failure::Failure;
use super::signing::{Claims, given, sign_if_configured};
use super::terminal::printable;
use crate::auth::OPERATOR_GRANTS;

/// Of the token that asks.
const TOKEN_TTL: Duration = Duration::from_mins(5);

/// The flags of every verb that asks a running gateway for what only operators get.
#[derive(Debug, clap::Args)]
pub(super) struct Gateway {
    /// The gateway
    #[arg(long, default_value = DEFAULT_URL, value_parser = parse_url)]
    pub(super) url: Url,
    /// A token with hookcast/**; else HOOKCAST_TOKEN, else one signed here
    #[arg(long, value_name = "T")]
    pub(super) token: Option<String>,
    #[command(flatten)]
    pub(super) configured: Configured,
}

impl Gateway {
    pub(super) fn operator(&self, context: &Context) -> Result<Operator<'_>, Failure> {
        Operator::new(&self.url, self.token.as_deref(), &self.configured, context)
    }
}

pub(super) struct Operator<'a> {
    url: &'a Url,
    token: Option<String>,
}

impl<'a> Operator<'a> {
    /// The token is a flag, a variable or signed here. A gateway on loopback without `[auth]` asks for none.
    pub(super) fn new(
        url: &'a Url,
        token: Option<&str>,
        configured: &Configured,
        context: &Context,
    ) -> Result<Self, Failure> {
        if let Some(token) = given(token, context) {
            return Ok(Self { url, token: Some(token) });
        }
        let config = configured.load(context)?;
        let claims = Claims { subscribe: &OPERATOR_GRANTS, subject: Some("hookcast"), ttl: TOKEN_TTL };
        Ok(Self { url, token: sign_if_configured(&config.auth, &claims)? })
    }

    /// `unknown` is the mend where there is nothing at that path.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: String,
        body: Option<Value>,
        unknown: &str,
    ) -> Result<Value, Failure> {
        let (path, query) =
            path.split_once('?').map_or((path.as_str(), None), |(path, query)| (path, Some(query)));
        let mut url = below(self.url, path);
        url.set_query(query);
        let mut request = http()?.request(method, url.clone());
        if let Some(token) = &self.token {
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
            StatusCode::NOT_FOUND => unknown,
            _ => "mend it and try again",
        };
        Err(Failure::failed(format!("the gateway says: {detail}"), mend))
    }

    /// One delivery, whole, as the gateway keeps it.
    pub(super) async fn delivery(&self, id: &str) -> Result<Value, Failure> {
        let path = format!("/api/v1/deliveries/{}", segment(id));
        self.ask(Method::GET, path, None, UNKNOWN_DELIVERY).await
    }
}

/// The mend where a delivery is not kept.
pub(super) const UNKNOWN_DELIVERY: &str = "`hookcast deliveries` prints what the node keeps";

/// A text as one segment of a path, whatever it holds.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_segment() {
        assert_eq!(segment("../links?x"), "%2E%2E%2Flinks%3Fx");
    }
}
