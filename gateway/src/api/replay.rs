//! `POST /api/v1/deliveries/{id}/replay`: a kept delivery once more, to our own public route. As it was received, so that
//! dedupe and the tolerance show; or, with `{"sign":true}`, with a new id and signed anew as its provider would. What no secret
//! fitted may be a forgery, which our own signature would make genuine: it takes `{"sign":true,"unproven":true}`.
//!
//! An edited body takes `sign` too, for no signature that it came with fits it; `count` sends it so often, one after the other.
//!
//! ```text
//! {"as":"received","status":202,"answer":{"id":…,"outcome":"duplicate"},"says":"the log has it already: nothing was added",
//!  "count":1,"answers":[{"status":202,"delivery":"k3f9a0zq-0h2m9x1c","answer":{…}}]}
//! ```
//! `delivery` is what each made, null where it was only counted.
//! `status` and `answer` are there when one was asked for; of more, `answers` has those that were answered in time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::Api;
use super::deliveries::find;
use super::permission::Operator;
use super::poster::{Answer, fresh_id};
use super::test_source::hook;
use crate::http::problem::Problem;
use crate::ingest::capture::{Capture, MASK, Request};
use crate::ingest::sign::{Sample, sign_for};

const UNPROVEN: &str = "this delivery was never proven: no secret fitted it, so it may be a forgery, and signed anew it would be published as genuine; look at it, and send {\"sign\":true,\"unproven\":true} (--sign --unproven) if it is the provider's";

/// How often one request may send.
const COUNT_MAX: usize = 100;
/// For all of them; then those that were answered are told.
const DEADLINE: Duration = Duration::from_secs(30);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    sign: bool,
    /// Signed anew even if it was never proven.
    #[serde(default)]
    unproven: bool,
    /// In place of what came.
    body: Option<String>,
    count: Option<usize>,
}

impl Wanted {
    fn parse(sent: Result<Bytes, BytesRejection>) -> Result<Self, Problem> {
        let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail);
        let sent = sent.map_err(|error| Problem::new(error.status(), "bad_request", error.body_text()))?;
        if sent.is_empty() {
            return Ok(Self::default());
        }
        let wanted: Self = serde_json::from_slice(&sent).map_err(|error| bad(error.to_string()))?;
        if wanted.body.is_some() && !wanted.sign {
            return Err(bad("no signature fits an edited body: send it with {\"sign\":true}".to_owned()));
        }
        if let Some(count) = wanted.count.filter(|count| !(1..=COUNT_MAX).contains(count)) {
            return Err(bad(format!("count: expected 1 to {COUNT_MAX}, got {count}")));
        }
        Ok(wanted)
    }
}

pub(super) async fn replay(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let wanted = Wanted::parse(sent)?;
    let capture = find(&api, &id).await?;
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
    let answers = send_all(&api, &capture, request, &wanted).await?;
    Ok(Json(told(&wanted, &answers)))
}

/// One after the other, as long as there is time; an error only where none was answered.
async fn send_all(
    api: &Api,
    capture: &Capture,
    request: &Request,
    wanted: &Wanted,
) -> Result<Vec<Answer>, Problem> {
    let deadline = Instant::now() + DEADLINE;
    let body = wanted.body.as_ref().map_or_else(|| request.body.clone(), |text| text.clone().into());
    let mut answers = Vec::new();
    for _ in 0..wanted.count.unwrap_or(1) {
        let sending = async {
            if wanted.sign {
                anew(api, capture, request, body.clone()).await
            } else {
                as_received(api, capture, request).await
            }
        };
        match timeout_at(deadline, sending).await.unwrap_or_else(|_| Err(late())) {
            Ok(answer) => answers.push(answer),
            Err(problem) if answers.is_empty() => return Err(problem),
            Err(_) => break,
        }
    }
    Ok(answers)
}

/// What each was answered.
fn told(wanted: &Wanted, answers: &[Answer]) -> Value {
    let shown: Vec<Value> = answers
        .iter()
        .map(|answer| {
            let body = serde_json::from_str(&answer.body).unwrap_or_else(|_| json!(answer.body));
            json!({ "status": answer.status, "delivery": answer.delivery, "answer": body })
        })
        .collect();
    let count = wanted.count.unwrap_or(1);
    let way = if wanted.sign { "signed" } else { "received" };
    let mut told = json!({ "as": way, "count": count, "says": says_of_all(count, answers) });
    if let ([only], 1) = (&shown[..], count) {
        told["status"] = only["status"].clone();
        told["answer"] = only["answer"].clone();
    }
    told["answers"] = shown.into();
    told
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

async fn anew(api: &Api, capture: &Capture, request: &Request, body: Bytes) -> Result<Answer, Problem> {
    let source = api.ingest.source(&capture.source).ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "unknown_source", "its source is no longer configured here")
    })?;
    let event_type = capture.events.first().map(|event| event.event_type.clone()).unwrap_or_default();
    let sample = Sample { event_type, body };
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

fn late() -> Problem {
    let detail = "the public route gave no answer within 30 s, and may still take it";
    Problem::new(StatusCode::GATEWAY_TIMEOUT, "no_answer", detail)
}

/// One sentence; of several, how many ended how.
fn says_of_all(count: usize, answers: &[Answer]) -> String {
    if let ([only], 1) = (answers, count) {
        return says(only).to_owned();
    }
    let mut ends: Vec<(String, usize)> = Vec::new();
    for answer in answers {
        let word = answer.word().unwrap_or_else(|| answer.status.to_string());
        match ends.iter_mut().find(|(known, _)| *known == word) {
            Some((_, times)) => *times += 1,
            None => ends.push((word, 1)),
        }
    }
    let ends: Vec<String> = ends.iter().map(|(word, times)| format!("{times} {word}")).collect();
    let rest = count - answers.len();
    let rest = if rest > 0 { format!("; {rest} not sent, or not answered in time") } else { String::new() };
    format!("{}{rest}", ends.join(", "))
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
