//! `GET /api/v1/sessions?subject=&pattern=`: who is connected, to which node, hears what, and how far behind; `DELETE /api/v1/sessions/{id}`
//! ends one. For operators.
//!
//! ```text
//! {"sessions":[{"id":"k3f9a0zq","node":…,"transport":"ws","subject":"ann","grants":[…],"address":…,"since":…,"expires":…,
//!   "subscriptions":[{"id":"a","pattern":"shop/**","mode":"all","lag_events":0,"lag_ms":0}]}],"nodes":{"asked":1,"answered":1},"more":false}
//! ```

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{HeaderMap, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::permission;
use crate::auth::Auth;
use crate::http::problem::Problem;
use crate::nodes::Nodes;
use crate::session::described::Shown;
use crate::session::survey::{Filter, SHOWN_MAX};
use crate::topic::Grant;

const SUBJECT_BYTES_MAX: usize = 512;
/// For all nodes to answer, and whoever asks before.
const DEADLINE: Duration = Duration::from_secs(3);

/// What the handlers need of the node.
#[derive(Debug)]
pub struct Connections {
    pub auth: Arc<Auth>,
    pub nodes: Arc<Nodes>,
}

pub fn router(connections: Connections) -> Router {
    Router::new()
        .route("/api/v1/sessions", get(list))
        .route("/api/v1/sessions/{id}", delete(dismiss))
        .with_state(Arc::new(connections))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    subject: Option<String>,
    pattern: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    sessions: Vec<Session>,
    nodes: Counted,
    more: bool,
}

#[derive(Serialize)]
struct Session {
    node: String,
    #[serde(flatten)]
    shown: Shown,
}

#[derive(Serialize)]
struct Counted {
    asked: usize,
    answered: usize,
}

async fn list(
    State(connections): State<Arc<Connections>>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Listed>, Problem> {
    permission::operator(&headers, &connections.auth).await?;
    let Query(asked) = asked.map_err(|error| bad("bad_query", error.body_text()))?;
    let told = timeout(DEADLINE, connections.nodes.sessions(asked.filter()?)).await.map_err(|_| busy())?;
    let (mut sessions, mut more) = (Vec::new(), false);
    for (node, found) in told.answers {
        more |= found.is_more;
        sessions.extend(found.sessions.into_iter().map(|shown| Session { node: node.clone(), shown }));
    }
    // RFC 3339 in UTC sorts as text as far as seconds go.
    sessions.sort_by(|one, other| Reverse(&one.shown.since).cmp(&Reverse(&other.shown.since)));
    more |= sessions.len() > SHOWN_MAX;
    sessions.truncate(SHOWN_MAX);
    Ok(Json(Listed { sessions, nodes: Counted { asked: told.asked, answered: told.answered }, more }))
}

async fn dismiss(
    State(connections): State<Arc<Connections>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    permission::operator(&headers, &connections.auth).await?;
    let told = timeout(DEADLINE, connections.nodes.dismiss(&id)).await.map_err(|_| busy())?;
    if let Some((node, _)) = told.answers.iter().find(|(_, had)| *had) {
        tracing::info!(session = id, node, "an operator closed a connection");
        return Ok(StatusCode::NO_CONTENT);
    }
    if told.answered < told.asked {
        let detail = format!(
            "no node that answered has this connection, but {} of {} did not answer: ask again",
            told.asked - told.answered,
            told.asked
        );
        return Err(later(detail));
    }
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        "unknown_session",
        "no node has a connection of this id (any more)",
    ))
}

impl Asked {
    fn filter(self) -> Result<Filter, Problem> {
        if self.subject.as_ref().is_some_and(|subject| subject.len() > SUBJECT_BYTES_MAX) {
            return Err(bad("bad_query", format!("subject: {SUBJECT_BYTES_MAX} bytes at most")));
        }
        let pattern = self.pattern.as_deref().filter(|pattern| !pattern.is_empty());
        let pattern = pattern.map(Grant::parse).transpose();
        let pattern = pattern.map_err(|error| bad("bad_pattern", format!("pattern: {error}")))?;
        Ok(Filter { subject: self.subject.filter(|subject| !subject.is_empty()), pattern })
    }
}

fn bad(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, detail)
}

fn busy() -> Problem {
    later("others ask at the same time; ask again soon")
}

fn later(detail: impl Into<String>) -> Problem {
    let mut problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
    problem.header = Some((RETRY_AFTER, HeaderValue::from_static("2")));
    problem
}
