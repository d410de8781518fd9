//! `GET /api/v1/sources`: each source as this node serves it, for operators. What came is what this node has seen since it began; silence
//! is judged by the log, which all nodes share.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Api;
use super::permission::Operator;
use crate::event::rfc3339_ms;
use crate::ingest::method::Scheme;
use crate::ingest::pulse::Pulse;
use crate::ingest::source::Source;

pub(super) async fn list(_operator: Operator, State(api): State<Arc<Api>>) -> Json<Value> {
    let sources = api.ingest.pulses();
    let sources: Vec<_> = sources.iter().map(|(source, pulse)| said(&api, source, pulse)).collect();
    Json(json!({ "sources": sources }))
}

/// One of them, as in the list.
pub(super) fn one(api: &Api, name: &str) -> Option<Value> {
    let sources = api.ingest.pulses();
    let (source, pulse) = sources.iter().find(|(source, _)| source.name() == name)?;
    Some(said(api, source, pulse))
}

fn said(api: &Api, source: &Source, pulse: &Pulse) -> Value {
    let heard = pulse.heard();
    let secrets = pulse.secrets().map(|(label, last_used_ms)| {
        let at = last_used_ms.map(|ms| rfc3339_ms(SystemTime::UNIX_EPOCH + Duration::from_millis(ms)));
        json!({ "label": label, "last_used": at })
    });
    let expect = source.expect().map(|expect| u64::try_from(expect.as_millis()).unwrap_or(u64::MAX));
    let delivery =
        heard.delivery.map(|(at, outcome)| json!({ "time": rfc3339_ms(at), "outcome": outcome.as_str() }));
    let tally = pulse.tally();
    let mut said = json!({
        "name": source.name(),
        "provider": source.provider(),
        "title": source.row().title,
        "hook": api.ingest.hook(source.name()),
        "stream": source.stream().as_str(),
        "proof": proof(source),
        "unproven": source.is_unproven(),
        "secrets": secrets.collect::<Vec<_>>(),
        "allow": source.allow().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "last_delivery": delivery,
        "last_event": heard.event.map(rfc3339_ms),
        "expect_ms": expect,
        "silent_since": heard.silent_since.map(rfc3339_ms),
        "beats": tally.beats(SystemTime::now()).to_vec(),
    });
    for (outcome, count) in tally.counts() {
        said[outcome.as_str()] = count.into();
    }
    said
}

/// In words, one for each method that may prove a delivery.
fn proof(source: &Source) -> Vec<String> {
    let words = source.row().methods.iter().map(|method| match method.scheme {
        Scheme::None => "nothing".to_owned(),
        Scheme::Token => "a token".to_owned(),
        Scheme::Jws(_) => "a signed token".to_owned(),
        Scheme::Code(..) => "a signature as only this provider makes it".to_owned(),
        Scheme::Fetched => "a signature by a key that the provider publishes".to_owned(),
        _ => format!("a signature over {}", method.message.as_str()),
    });
    words.collect()
}
