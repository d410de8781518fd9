//! Viewers' links: an address whose fragment holds a key, for walls and guests. The store keeps only the key's hash, what it
//! grants and when it ends; the page changes the key for tokens of five minutes, so that is how long revoking takes.
//!
//! ```text
//! POST   /api/v1/links        {"grants":["github/**"],"ttl":"30d","label":"hall","board":"ops"} → {"id","url","grants","label","expires"}
//! GET    /api/v1/links        → {"links":[{"id","grants","label","expires"}]}
//! DELETE /api/v1/links/{id}   → 204
//! POST   /api/v1/links/token  {"key":"…"} → {"token","expires","expires_in_s"}
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::{HOST, HeaderMap};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::timeout;

use super::permission;
use crate::auth::{Auth, now_seconds};
use crate::boards;
use crate::broker::Broker;
use crate::broker::records::{RecordError, Shelf};
use crate::config::value::parse_duration;
use crate::http::problem::Problem;
use crate::topic::{Grant, Pattern};

/// Of a token that a key is changed for, and so the longest that a revoked link lives on.
const TOKEN_LIFE: Duration = Duration::from_mins(5);
const TTL_DEFAULT: Duration = Duration::from_hours(30 * 24);
const TTL_MAX: Duration = Duration::from_hours(366 * 24);
const GRANTS_MAX: usize = 32;
const LABEL_BYTES_MAX: usize = 100;
const BODY_BYTES_MAX: usize = 16 * 1024;
/// For the store to answer.
const DEADLINE: Duration = Duration::from_secs(8);

/// What the handlers need of the node.
pub struct Links {
    pub auth: Arc<Auth>,
    pub broker: Arc<dyn Broker>,
    pub public_url: Option<String>,
    /// Whether this node alone uses the store: then no other must be able to check what it signs.
    pub is_alone: bool,
}

impl fmt::Debug for Links {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Links").finish_non_exhaustive()
    }
}

pub fn router(links: Links) -> Router {
    Router::new()
        .route("/api/v1/links", post(make).get(list))
        .route("/api/v1/links/token", post(exchange))
        .route("/api/v1/links/{id}", delete(revoke))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(links))
}

/// A link as the store has it, by the hash of its key.
#[derive(Debug, Serialize, Deserialize)]
struct Link {
    id: String,
    grants: Vec<String>,
    label: String,
    /// Seconds since 1970.
    expires: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    grants: Vec<String>,
    ttl: Option<String>,
    #[serde(default)]
    label: String,
    board: Option<String>,
}

#[derive(Deserialize)]
struct Key {
    key: String,
}

async fn make(
    State(links): State<Arc<Links>>,
    headers: HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, Problem> {
    permission::operator(&headers, &links.auth).await?;
    if !links.is_alone && !links.auth.signs_with_secret() {
        let detail =
            "nodes that share a Redis need one key to sign with: write [auth] secrets for all of them";
        return Err(Problem::new(StatusCode::CONFLICT, "no_shared_key", detail));
    }
    let Json(wanted) = wanted.map_err(|error| bad(error.body_text()))?;
    let expires = now_seconds() + wanted.check()?.as_secs();
    let random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|error| unavailable(&error.to_string()));
    let (mut id, mut key) = ([0; 8], [0; 32]);
    random(&mut id)?;
    random(&mut key)?;
    let (id, key) = (hex::encode(id), URL_SAFE_NO_PAD.encode(key));
    let link = Link { id, grants: wanted.grants, label: wanted.label, expires };
    links.sweep().await?;
    let record = serde_json::to_string(&link).map_err(|error| unavailable(&error.to_string()))?;
    links.ask(links.broker.records().put(Shelf::Links, &hash_of(&key), record)).await?;
    tracing::info!(id = link.id, grants = ?link.grants, "a viewer's link was made");
    let base = links.public_url.clone().unwrap_or_else(|| {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        format!("http://{host}")
    });
    let path = wanted.board.map(|board| format!("board/{board}")).unwrap_or_default();
    let mut said = link.said();
    said["url"] = format!("{}/{path}#key={key}", base.trim_end_matches('/')).into();
    Ok((StatusCode::CREATED, Json(said)).into_response())
}

async fn list(State(links): State<Arc<Links>>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    permission::operator(&headers, &links.auth).await?;
    let mut all: Vec<Link> = links.sweep().await?.into_iter().map(|(_, link)| link).collect();
    all.sort_by_key(|link| link.expires);
    Ok(Json(json!({ "links": all.iter().map(Link::said).collect::<Vec<_>>() })))
}

async fn revoke(
    State(links): State<Arc<Links>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    permission::operator(&headers, &links.auth).await?;
    let known = links.sweep().await?.into_iter().find(|(_, link)| link.id == id);
    let Some((hash, _)) = known else {
        return Err(Problem::new(StatusCode::NOT_FOUND, "unknown_link", "there is no link of this id"));
    };
    links.ask(links.broker.records().remove(Shelf::Links, &hash)).await?;
    tracing::info!(id, "a viewer's link was revoked");
    Ok(StatusCode::NO_CONTENT)
}

/// Needs no token: the key is one. Its 256 bits are not guessed, and its hash is what is looked up, so no comparison's time tells
/// anything of it.
async fn exchange(
    State(links): State<Arc<Links>>,
    key: Result<Json<Key>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(Key { key }) = key.map_err(|error| bad(error.body_text()))?;
    let record = links.ask(links.broker.records().get(Shelf::Links, &hash_of(&key))).await?;
    let link = record.and_then(|record| serde_json::from_str::<Link>(&record).ok());
    let left = |link: &Link| Duration::from_secs(link.expires.saturating_sub(now_seconds()));
    let Some(link) = link.filter(|link| !left(link).is_zero()) else {
        let detail = "this link has been revoked or is over; ask for a new one";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "unknown_link", detail));
    };
    let life = left(&link).min(TOKEN_LIFE);
    let token = links.auth.sign_link(&link.id, &link.grants, life);
    let token = token.ok_or_else(|| unavailable("there is no key to sign with"))?;
    let expires = text_of(now_seconds() + life.as_secs());
    // A page's clock may be wrong; how long is left is not.
    Ok(Json(json!({ "token": token, "expires": expires, "expires_in_s": life.as_secs() })))
}

impl Wanted {
    /// How long it is to live.
    fn check(&self) -> Result<Duration, Problem> {
        if !(1..=GRANTS_MAX).contains(&self.grants.len()) {
            return Err(bad(format!("grants: expected 1 to {GRANTS_MAX}, got {}", self.grants.len())));
        }
        for grant in &self.grants {
            let parsed = Grant::parse(grant).map_err(|error| bad(format!("grants: `{grant}`: {error}")))?;
            let is_operators = Pattern::parse("hookcast/**").is_ok_and(|operators| parsed.covers(&operators));
            if is_operators {
                return Err(bad(
                    "grants: a link is for viewers; `hookcast/**` would let them change everything",
                ));
            }
        }
        if self.label.len() > LABEL_BYTES_MAX {
            return Err(bad(format!("label: {LABEL_BYTES_MAX} bytes at most")));
        }
        if self.board.as_ref().is_some_and(|board| !boards::is_name(board)) {
            return Err(bad("board: expected a board's name: letters, digits, `-` and `_`"));
        }
        let ttl = self.ttl.as_deref().map_or(Ok(TTL_DEFAULT), parse_duration);
        let ttl = ttl.map_err(|error| bad(format!("ttl: {error}")))?;
        if ttl > TTL_MAX { Err(bad("ttl: a link lives 366d at most")) } else { Ok(ttl) }
    }
}

impl Link {
    /// As an operator sees it.
    fn said(&self) -> Value {
        json!({ "id": self.id, "grants": self.grants, "label": self.label, "expires": text_of(self.expires) })
    }
}

impl Links {
    /// All links by their key's hash; those that are over go.
    async fn sweep(&self) -> Result<Vec<(String, Link)>, Problem> {
        let records = self.ask(self.broker.records().all(Shelf::Links)).await?;
        let mut kept = Vec::new();
        for (hash, record) in records {
            match serde_json::from_str::<Link>(&record) {
                Ok(link) if link.expires > now_seconds() => kept.push((hash, link)),
                _ => _ = self.ask(self.broker.records().remove(Shelf::Links, &hash)).await?,
            }
        }
        Ok(kept)
    }

    async fn ask<T>(&self, asked: impl Future<Output = Result<T, RecordError>>) -> Result<T, Problem> {
        match timeout(DEADLINE, asked).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(RecordError::Full)) => {
                let detail = "as many links are kept as may be: revoke one first";
                Err(Problem::new(StatusCode::CONFLICT, "too_many", detail))
            }
            Ok(Err(error)) => Err(unavailable(&error.to_string())),
            Err(_) => Err(unavailable("it did not answer in time")),
        }
    }
}

fn hash_of(key: &str) -> String {
    hex::encode(Sha256::digest(key))
}

fn text_of(seconds: u64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds.try_into().ok()?).ok()?.format(&Rfc3339).ok()
}

fn bad(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_link", detail)
}

fn unavailable(cause: &str) -> Problem {
    tracing::warn!(cause, "links cannot be read or kept");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "the store does not answer now; try again soon",
    )
}
