//! Who may ask: an extractor for each permission, so that a handler's signature says what it takes.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use axum::http::request::Parts;

use super::Api;
use crate::auth::{Auth, AuthError, Identity};
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
            return Err(forbidden("the token grants nothing"));
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
        Err(forbidden("this takes the grant hookcast/**"))
    }
}

/// Whom a request comes from.
pub(super) async fn identity(headers: &HeaderMap, auth: &Auth) -> Result<Identity, Problem> {
    auth.authorize(headers).await.map_err(|error| {
        // The peer hears that it failed; why is for the log, or a forger learns from it.
        tracing::debug!(%error, "a request was not let in");
        let detail = match error {
            AuthError::Missing => "a token is needed: Authorization: Bearer …",
            _ => "the token is not valid here",
        };
        let mut problem = Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail);
        problem.header = Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        problem
    })
}

fn forbidden(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
}
