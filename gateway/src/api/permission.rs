//! Who may ask: an extractor for each permission, so that a handler's signature says what it takes.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::HeaderMap;
use axum::http::request::Parts;

use super::Api;
use crate::auth::{Auth, Grants, Identity};
use crate::http::problem::Problem;

/// Someone with any grant at all, and which.
#[derive(Debug)]
pub(super) struct Viewer(pub(super) Grants);

/// Someone with the grant `hookcast/**`, and what else.
#[derive(Debug)]
pub(super) struct Operator(pub(super) Grants);

impl FromRequestParts<Arc<Api>> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let grants = identity(&parts.headers, &api.auth).await?.grants;
        if grants.is_empty() { Err(Problem::forbidden("the token grants nothing")) } else { Ok(Self(grants)) }
    }
}

impl FromRequestParts<Arc<Api>> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        operators(&parts.headers, &api.auth).await.map(Self)
    }
}

/// Lets nobody pass but the operator.
pub(super) async fn operator(headers: &HeaderMap, auth: &Auth) -> Result<(), Problem> {
    operators(headers, auth).await.map(drop)
}

async fn operators(headers: &HeaderMap, auth: &Auth) -> Result<Grants, Problem> {
    let grants = identity(headers, auth).await?.grants;
    if grants.is_operator() {
        Ok(grants)
    } else {
        Err(Problem::forbidden("this takes the grant hookcast/**"))
    }
}

/// Whom a request comes from.
pub(super) async fn identity(headers: &HeaderMap, auth: &Auth) -> Result<Identity, Problem> {
    auth.authorize(headers).await.map_err(|error| Problem::unauthorized(&error))
}
