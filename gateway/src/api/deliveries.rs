//! `GET /api/v1/deliveries?source=&outcome=&type=&topic=&text=&before=&limit=` and `GET /api/v1/deliveries/{id}`: what came in,
//! and why not, as this node keeps it (one delivery is fetched from whichever node keeps it); for operators.
//!
//! ```text
//! {"node":"k3f9a0zq","deliveries":[{"id":…,"outcome":"refused","checks":[…],…},…],"more":true}     the newest first
//! {"node":…,"report":{…},"unproven":false,"request":{"method","query","headers":[[name,value],…],"body"|"body_base64","body_bytes","cut","masked"}}
//! ```

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::Api;
use super::elsewhere::Carried;
use super::permission::Operator;
use super::search::{Asked, Search};
use crate::http::problem::Problem;
use crate::ingest::capture::{Capture, MASK, Request};
use crate::nodes::Elsewhere;

/// For the node that keeps it.
const DEADLINE: Duration = Duration::from_secs(3);

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
    let capture = find(&api, &id).await?;
    let request = capture.request.as_ref().map(shown);
    let node = node_of(&id).unwrap_or_default().to_owned();
    Ok(Json(Whole { node, report: capture.report.clone(), unproven: !capture.is_genuine, request }))
}

/// What is kept under an id, by this node or by the one that the id names.
pub(super) async fn find(api: &Api, id: &str) -> Result<Arc<Capture>, Problem> {
    let inspector = api.ingest.inspector();
    if let Some(capture) = inspector.captures().get(id) {
        return Ok(capture);
    }
    let Some(node) = node_of(id).filter(|node| *node != inspector.node().as_str()) else {
        return Err(not_kept(api, id));
    };
    let asking = timeout(DEADLINE, api.nodes.delivery::<Carried>(node, id)).await;
    let detail = match asking.unwrap_or(Elsewhere::Silent) {
        Elsewhere::Has(carried) => match carried.capture(id) {
            Some(capture) => return Ok(Arc::new(capture)),
            None => format!("the node {node} keeps this delivery, and is of another build than this one"),
        },
        Elsewhere::HasNot => no_longer(&format!("the node {node}")),
        Elsewhere::Silent => {
            let detail = format!(
                "the node {node} keeps this delivery, and did not answer in time, or is of an older build: ask again, or ask it"
            );
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail));
        }
        Elsewhere::Gone => {
            format!("the node {node} is not there (any more), and it alone kept this delivery")
        }
    };
    Err(Problem::new(StatusCode::NOT_FOUND, "unknown_delivery", detail))
}

/// The node that a delivery's id begins with; none where it is no such id.
fn node_of(id: &str) -> Option<&str> {
    let is_name = |part: &str| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    id.split_once('-').filter(|(node, delivery)| is_name(node) && is_name(delivery)).map(|(node, _)| node)
}

fn not_kept(api: &Api, id: &str) -> Problem {
    let own = api.ingest.inspector().node().as_str();
    let detail = match node_of(id) {
        Some(node) if node != own => {
            format!("the node {node} keeps this delivery, if it still runs, and this is {own}: ask that one")
        }
        Some(_) => no_longer("this node"),
        None => "a delivery's id is the node's 8 characters, a hyphen and 8 of its own".to_owned(),
    };
    Problem::new(StatusCode::NOT_FOUND, "unknown_delivery", detail)
}

fn no_longer(node: &str) -> String {
    format!(
        "{node} no longer keeps that delivery: it has the newest 100 of each source that were proven, and 100 that were not"
    )
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
