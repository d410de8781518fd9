//! `GET /api/v1/deliveries?source=&outcome=&type=&topic=&text=&before=&limit=` and `GET /api/v1/deliveries/{id}`: what came in,
//! and why not, as this node keeps it; for operators.
//!
//! ```text
//! {"node":"k3f9a0zq","deliveries":[{"id":…,"outcome":"refused","checks":[…],…},…],"more":true}     the newest first
//! {"node":…,"report":{…},"unproven":false,"request":{"method","query","headers":[[name,value],…],"body"|"body_base64","body_bytes","cut","masked"}}
//! ```

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Api;
use super::permission::Operator;
use super::search::{Asked, Search};
use crate::http::problem::Problem;
use crate::ingest::capture::{Capture, MASK, Request};

#[derive(Serialize)]
pub(super) struct Listed {
    /// Whose memory this is.
    node: String,
    deliveries: Vec<Box<RawValue>>,
    /// Whether older ones fit as well.
    more: bool,
}

#[derive(Serialize)]
pub(super) struct Whole {
    node: String,
    report: Box<RawValue>,
    /// No secret or key fitted it: it may be a forgery, and is signed anew only with a word more.
    unproven: bool,
    request: Option<Shown>,
}

#[derive(Serialize)]
struct Shown {
    method: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    body_bytes: usize,
    cut: bool,
    /// Names of headers whose value is not kept.
    masked: Vec<String>,
}

pub(super) async fn list(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Listed>, Problem> {
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail);
    let Query(mut asked) = asked.map_err(|error| bad(error.body_text()))?;
    let before = asked.before.take();
    let search = Search::parse(asked).map_err(bad)?;
    let inspector = api.ingest.inspector();
    let Some(kept) = inspector.captures().older_than(before.as_deref()) else {
        return Err(not_kept(&api, &before.unwrap_or_default()));
    };
    let page = search.page(kept).await;
    let deliveries = page.found.iter().map(|capture| capture.report.clone()).collect();
    Ok(Json(Listed { node: inspector.node().as_str().to_owned(), deliveries, more: page.is_more }))
}

pub(super) async fn read(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<Whole>, Problem> {
    let capture = find(&api, &id)?;
    let request = capture.request.as_ref().map(shown);
    let node = api.ingest.inspector().node().as_str().to_owned();
    Ok(Json(Whole { node, report: capture.report.clone(), unproven: !capture.is_genuine, request }))
}

/// What this node keeps under an id; the id itself says which node that would be.
pub(super) fn find(api: &Api, id: &str) -> Result<Arc<Capture>, Problem> {
    api.ingest.inspector().captures().get(id).ok_or_else(|| not_kept(api, id))
}

fn not_kept(api: &Api, id: &str) -> Problem {
    let own = api.ingest.inspector().node().as_str();
    let is_name = |part: &str| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let detail = match id.split_once('-') {
        Some((node, delivery)) if is_name(node) && is_name(delivery) && node != own => {
            format!("the node {node} keeps this delivery, if it still runs, and this is {own}: ask that one")
        }
        Some((_, delivery)) if is_name(delivery) => {
            "this node no longer keeps that delivery: it has the newest 100 of each source that were proven, and 100 that were not"
                .to_owned()
        }
        _ => "a delivery's id is the node's 8 characters, a hyphen and 8 of its own".to_owned(),
    };
    Problem::new(StatusCode::NOT_FOUND, "unknown_delivery", detail)
}

fn shown(request: &Request) -> Shown {
    let text = match std::str::from_utf8(&request.body) {
        Ok(text) => Some(text),
        // A cut may go through a character.
        Err(error) if request.is_cut && error.error_len().is_none() => {
            std::str::from_utf8(&request.body[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    let headers = request.headers.iter();
    Shown {
        method: request.method.to_string(),
        query: request.query.clone(),
        headers: headers
            .clone()
            .map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into_owned()))
            .collect(),
        body: text.map(str::to_owned),
        body_base64: text.is_none().then(|| STANDARD.encode(&request.body)),
        body_bytes: request.body_bytes,
        cut: request.is_cut,
        masked: headers.filter(|(_, value)| value == MASK.as_bytes()).map(|(name, _)| name.clone()).collect(),
    }
}
