//! Who may ask: an extractor for each permission, so that a handler's signature says what it takes.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::HeaderMap;
use axum::http::request::Parts;

use super::Api;
use crate::auth::{Auth, Identity};
use crate::http::problem::Problem;

/// Someone with any grant at all.
#[derive(Debug)]
pub(super) struct Viewer;

/// Someone with the grant `hookcast/**`.
#[derive(Debug)]
pub(super) struct Operator;

impl FromRequestParts<Arc<Api>> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        if identity(&parts.headers, &api.auth).await?.grants.is_empty() {
            return Err(Problem::forbidden("the token grants nothing"));
        }
        Ok(Self)
    }
}

impl FromRequestParts<Arc<Api>> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        operator(&parts.headers, &api.auth).await.map(|()| Self)
    }
}

/// Lets nobody pass but the operator.
pub(super) async fn operator(headers: &HeaderMap, auth: &Auth) -> Result<(), Problem> {
    if identity(headers, auth).await?.grants.is_operator() {
        Ok(())
    } else {
        Err(Problem::forbidden("this takes the grant hookcast/**"))
    }
}

/// Whom a request comes from.
pub(super) async fn identity(headers: &HeaderMap, auth: &Auth) -> Result<Identity, Problem> {
    auth.authorize(headers).await.map_err(|error| Problem::unauthorized(&error))
}
