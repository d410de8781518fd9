//! `POST /api/v1/deliveries/{id}/replay`: a kept delivery once more, to our own public route. As it was received, so that
//! dedupe and the tolerance show; or, with `{"sign":true}`, with a new id and signed anew as its provider would. What no secret
//! fitted may be a forgery, which our own signature would make genuine: it takes `{"sign":true,"unproven":true}`.
//!
//! ```text
//! {"as":"received","status":202,"answer":{"id":…,"outcome":"duplicate"},"says":"the log has it already: nothing was added"}
//! ```

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::deliveries::find;
use super::permission::Operator;
use super::poster::{Answer, fresh_id};
use super::test_source::hook;
use crate::http::problem::Problem;
use crate::ingest::capture::{Capture, MASK, Request};
use crate::ingest::sign::{Sample, sign_for};

const UNPROVEN: &str = "this delivery was never proven: no secret fitted it, so it may be a forgery, and signed anew it would be published as genuine; look at it, and send {\"sign\":true,\"unproven\":true} (--sign --unproven) if it is the provider's";

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    sign: bool,
    /// Signed anew even if it was never proven.
    #[serde(default)]
    unproven: bool,
}

pub(super) async fn replay(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    wanted: Bytes,
) -> Result<Json<Value>, Problem> {
    let wanted = if wanted.is_empty() {
        Wanted::default()
    } else {
        serde_json::from_slice(&wanted)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "bad_request", error.to_string()))?
    };
    let capture = find(&api, &id)?;
    let conflict = |code, detail: &str| Problem::new(StatusCode::CONFLICT, code, detail);
    let request = capture.request.as_ref().ok_or_else(|| {
        conflict(
            "not_kept",
            "its body was never read, or it was a provider's question: there is nothing to send",
        )
    })?;
    if request.is_cut {
        return Err(conflict("cut", "only the first 64 KiB of its body are kept: it cannot be sent again"));
    }
    if wanted.sign && !wanted.unproven && !capture.is_genuine {
        return Err(conflict("unproven", UNPROVEN));
    }
    let answer = if wanted.sign {
        anew(&api, &capture, request).await?
    } else {
        as_received(&api, &capture, request).await?
    };
    let body = serde_json::from_str(&answer.body).unwrap_or_else(|_| json!(answer.body));
    let says = says(&answer);
    let way = if wanted.sign { "signed" } else { "received" };
    Ok(Json(json!({ "as": way, "status": answer.status, "answer": body, "says": says })))
}

async fn as_received(api: &Api, capture: &Capture, request: &Request) -> Result<Answer, Problem> {
    if request.is_proof_masked {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "masked",
            "a bare token proves this delivery, and tokens are not kept: send it anew with {\"sign\":true}",
        ));
    }
    let mut url = hook(api.address, &capture.source);
    url.set_query(request.query.as_deref());
    let mut headers = HeaderMap::new();
    for (name, value) in
        request.headers.iter().filter(|(name, value)| !is_of_connection(name) && value != MASK.as_bytes())
    {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let sent = api.poster.repeat(url, request.method.clone(), headers, request.body.clone()).await;
    sent.map_err(|error| no_answer(&error))
}

async fn anew(api: &Api, capture: &Capture, request: &Request) -> Result<Answer, Problem> {
    let source = api.ingest.source(&capture.source).ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "unknown_source", "its source is no longer configured here")
    })?;
    let event_type = capture.event_type.clone().unwrap_or_default();
    let sample = Sample { event_type, body: request.body.clone() };
    let mut signed = sign_for(&source, &sample, api.ingest.public_url(), SystemTime::now(), &fresh_id())
        .map_err(|error| Problem::new(StatusCode::CONFLICT, "cannot_sign", error.to_string()))?;
    // The row's sample may be a form where this was JSON, or the other way round.
    let came = request.headers.iter().find(|(name, _)| *name == CONTENT_TYPE.as_str());
    if let Some(came) = came.and_then(|(_, value)| std::str::from_utf8(value).ok()) {
        signed.headers.retain(|(name, _)| !name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()));
        signed.headers.push((CONTENT_TYPE.to_string(), came.to_owned()));
    }
    let sent = api.poster.post(&hook(api.address, source.name()), &signed).await;
    sent.map_err(|error| no_answer(&error))
}

/// What belongs to the connection that brought it, not to the delivery.
fn is_of_connection(name: &str) -> bool {
    const OWN: [&str; 9] = [
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "expect",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
    ];
    OWN.contains(&name) || name.starts_with("proxy-")
}

fn no_answer(error: &reqwest::Error) -> Problem {
    tracing::warn!(%error, "a replayed delivery got no answer");
    Problem::new(StatusCode::BAD_GATEWAY, "no_answer", "the public route gave no answer")
}

fn says(answer: &Answer) -> &'static str {
    match (answer.status, answer.word().as_deref()) {
        (_, Some("accepted")) => "it is in the log, as a new event",
        (_, Some("duplicate")) => "the log has it already: nothing was added",
        (_, Some("filtered")) => "the source's rules let it not through",
        (401, _) => {
            "it was refused: its own report says which check it failed; what is too old is taken only when it is signed anew"
        }
        (200..=299, _) => "it was taken",
        _ => "it was not taken",
    }
}
