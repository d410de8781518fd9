//! `GET /api/v1/sources/{name}/captured`: the secret that came in-band, for the operator alone to write down.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, StatusCode};
use serde_json::{Value, json};

use super::Api;
use super::permission::Operator;
use crate::http::problem::Problem;

pub(super) async fn read(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<([(HeaderName, &'static str); 1], Json<Value>), Problem> {
    let source = api.ingest.source(&name);
    let source = source.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "unknown_source", "there is no source of this name")
    })?;
    let none =
        || Problem::new(StatusCode::NOT_FOUND, "nothing_captured", "no secret has come to this source");
    let secret = source.captured().ok_or_else(none)?;
    let text = String::from_utf8_lossy(secret.expose());
    Ok(([(CACHE_CONTROL, "no-store")], Json(json!({ "source": name, "secret": text }))))
}
