//! `POST /api/v1/sources/{name}/test`: signs the provider's sample as the provider would and posts it to our own public
//! route. Nothing here can publish: what moves a screen went through every check. With `{"wrong":"signature"|"time"|"repeat"}`
//! it is wrong on purpose, to show how that is refused.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use reqwest::Url;
use serde::Deserialize;

use super::Api;
use super::permission::Operator;
use super::poster::{Answer, fresh_id};
use crate::http::local;
use crate::http::problem::Problem;
use crate::ingest::answer::DELIVERY_ID;
use crate::ingest::sign::{Sample, sign_for};
use crate::ingest::wrong::{spoil, too_long_ago};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wanted {
    wrong: Option<Wrong>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Wrong {
    Signature,
    Time,
    /// The same delivery a second time.
    Repeat,
}

pub(super) async fn test(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    wanted: Bytes,
) -> Result<Response, Problem> {
    let wanted = if wanted.is_empty() { &b"{}"[..] } else { &wanted };
    let Wanted { wrong } = serde_json::from_slice(wanted)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "bad_request", error.to_string()))?;
    let source = api.ingest.source(&name);
    let source = source.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "unknown_source", "there is no source of this name")
    })?;
    let sample = &source.row().sample;
    let sample = Sample { event_type: sample.event_type.clone(), body: sample.body.clone().into() };
    let public_url = api.ingest.public_url();
    let conflict = |code, detail: &str| Problem::new(StatusCode::CONFLICT, code, detail);
    let now = SystemTime::now();
    let signed_at = if wrong == Some(Wrong::Time) { too_long_ago(&source, now) } else { Some(now) };
    let no_time =
        "this source signs no time, so none can be too old: send one twice instead, its id gives it away";
    let signed_at = signed_at.ok_or_else(|| conflict("cannot_be_wrong", no_time))?;
    let mut signed = sign_for(&source, &sample, public_url, signed_at, &fresh_id())
        .map_err(|error| conflict("cannot_sign", &error.to_string()))?;
    if wrong == Some(Wrong::Signature) && !spoil(&source, &mut signed, public_url, now) {
        return Err(conflict("cannot_be_wrong", "nothing is proven here: any delivery is taken"));
    }
    let hook = hook(api.address, source.name());
    let no_answer = |error: reqwest::Error| {
        tracing::warn!(%error, source = source.name(), "a test delivery got no answer");
        Problem::new(StatusCode::BAD_GATEWAY, "no_answer", "the public route gave no answer")
    };
    if wrong == Some(Wrong::Repeat) {
        api.poster.post(&hook, &signed).await.map_err(no_answer)?;
    }
    api.poster.post(&hook, &signed).await.map(as_it_came).map_err(no_answer)
}

/// Our own public route, as seen from here.
pub(super) fn hook(address: SocketAddr, source: &str) -> Url {
    let text = format!("{}/hooks/{source}", local::url(address));
    Url::parse(&text).expect("an address and a source's name make a URL")
}

fn as_it_came(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = (status, answer.body).into_response();
    if let Ok(content_type) = HeaderValue::from_str(&answer.content_type) {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    let delivery = answer.delivery.and_then(|id| HeaderValue::from_str(&id).ok());
    response.headers_mut().extend(delivery.map(|id| (DELIVERY_ID, id)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_listens_everywhere_is_reached_on_loopback() {
        let hook = |address: &str| hook(address.parse().unwrap(), "github").to_string();
        assert_eq!(hook("0.0.0.0:81"), "http://127.0.0.1:81/hooks/github");
        assert_eq!(hook("[::]:81"), "http://[::1]:81/hooks/github");
        assert_eq!(hook("10.0.0.1:81"), "http://10.0.0.1:81/hooks/github");
    }
}
