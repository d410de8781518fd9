//! `GET /api/v1/providers` and `…/{name}`: the catalogue as the screens need it, with the operator's own rows; the same words as
//! `hookcast providers`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Api;
use super::permission::Operator;
use crate::http::problem::Problem;

pub(super) async fn list(_operator: Operator, State(api): State<Arc<Api>>) -> Json<Value> {
    let catalogue = api.catalogue.clone();
    // All rows are parsed when they are first asked for; a delivery should not wait for that.
    let listing = tokio::task::spawn_blocking(move || {
        catalogue.iter().map(crate::ingest::providers::Provider::said_in_short).collect::<Vec<_>>()
    });
    Json(json!({ "providers": listing.await.unwrap_or_default() }))
}

pub(super) async fn read(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let provider = api.catalogue.get(&name).ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_provider",
            "there is no provider of this name; GET /api/v1/providers lists all",
        )
    })?;
    let mut said = provider.said();
    if let (Some(said), Value::Object(short)) = (said.as_object_mut(), provider.said_in_short()) {
        said.extend(short);
        said.insert("steps".into(), provider.steps());
        let sample = &provider.row.sample;
        said.insert("sample".into(), json!({ "type": sample.event_type, "body": sample.body }));
    }
    Ok(Json(said))
}
