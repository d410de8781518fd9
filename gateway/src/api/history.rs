//! `GET /api/v1/events?pattern=&after=&limit=`: what a stream has kept, page by page, to whoever may hear it live.
//!
//! ```text
//! {"events":[{"offset":…,"topic":…,"event":…},…],"position":"k3f9…:97","more":true,"gap":null}
//! ```
//! `position` is how far this page looked, and the `after` of the next one; `more` says that the log goes on behind it. Such a
//! page is closed: whoever asks again gets the same bytes, so a browser may keep it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH, RETRY_AFTER, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::permission;
use crate::auth::Auth;
use crate::current::Current;
use crate::http::problem::Problem;
use crate::hub::Hub;
use crate::hub::command::Step;
use crate::hub::epoch::Judged;
use crate::hub::handle::StreamHandle;
use crate::hub::window::Item;
use crate::position::Position;
use crate::telemetry;
use crate::topic::{Pattern, StreamName};
use crate::wire::{Gap, ServerMessage};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;
/// Offsets that one request looks at: a pattern that matches nothing must not read the whole log.
const LOOKED_MAX: u64 = 4_096;
/// Bytes of events in one answer, but for the first event.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// For all reads of one request.
const DEADLINE: Duration = Duration::from_secs(15);

/// What the handler needs of the node.
#[derive(Debug)]
pub struct History {
    pub auth: Arc<Auth>,
    pub hub: Arc<Hub>,
    /// Streams that there are; any other is forbidden, as on a socket.
    pub streams: Current<BTreeSet<StreamName>>,
}

pub fn router(history: History) -> Router {
    Router::new().route("/api/v1/events", get(read)).with_state(Arc::new(history))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    pattern: String,
    after: Option<String>,
    limit: Option<usize>,
}

/// What was found.
struct Found {
    items: Vec<Item>,
    position: Position,
    is_more: bool,
    gap: Option<Gap>,
}

async fn read(
    State(history): State<Arc<History>>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let identity = permission::identity(&headers, &history.auth).await?;
    let Query(asked) = asked.map_err(|error| bad("bad_query", error.body_text()))?;
    let pattern =
        Pattern::parse(&asked.pattern).map_err(|error| bad("bad_pattern", format!("pattern: {error}")))?;
    if !identity.grants.covers(&pattern) || !history.streams.get().contains(&pattern.stream()) {
        return Err(Problem::forbidden(format!("no grant of this token covers `{pattern}`")));
    }
    let limit = asked.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(bad("bad_query", format!("limit: expected 1 to {LIMIT_MAX}, got {limit}")));
    }
    let after = asked.after.as_deref().map(str::parse::<Position>).transpose().map_err(|_| bad_position())?;
    let finding = async {
        let stream =
            history.hub.open(&pattern.stream()).await.map_err(|error| unavailable(&error.to_string()))?;
        find(&stream, &pattern, after, limit).await
    };
    let found =
        timeout(DEADLINE, finding).await.map_err(|_| unavailable("it did not answer within 15 s"))??;
    Ok(answer(&headers, pattern.stream().as_str(), after.is_some(), &found))
}

async fn find(
    stream: &StreamHandle,
    pattern: &Pattern,
    after: Option<Position>,
    limit: usize,
) -> Result<Found, Problem> {
    let (start, gap) = if let Some(position) = after {
        judged(stream, position).await?
    } else {
        // A page is aligned below what is kept; where it begins is then no loss to anybody.
        let head = stream.head();
        (Position { epoch: head.epoch, offset: head.first.saturating_sub(1) }, None)
    };
    let mut found = Found { items: Vec::new(), position: start, is_more: false, gap };
    let (mut end, mut bytes) = (start.offset.saturating_add(LOOKED_MAX), 0);
    while found.position.offset < end && found.items.len() < limit {
        let Step::Page { gap, items, upto } = stream.read(found.position.offset).await else {
            return Err(unavailable("the log cannot be read now"));
        };
        if upto.epoch != found.position.epoch {
            // Another history began meanwhile: what was found stands, and the next page tells.
            found.is_more = true;
            return Ok(found);
        }
        let is_behind = gap.is_some();
        if let Some(gap) = gap {
            // In the midst of a page, what was found stands, and the next page tells.
            if found.position != start {
                break;
            }
            found.position = gap.position;
            end = gap.position.offset.saturating_add(LOOKED_MAX);
            found.gap = found.gap.or_else(|| after.is_some().then_some(gap));
        }
        if items.is_empty() && !is_behind {
            break;
        }
        for item in items {
            let is_full = found.items.len() == limit || item.offset > end;
            let matches = pattern.matches(item.topic.as_str());
            if is_full || (matches && bytes > 0 && bytes + item.json.len() > BYTES_MAX) {
                found.is_more = true;
                return Ok(found);
            }
            found.position.offset = item.offset;
            if matches {
                bytes += item.json.len();
                found.items.push(item);
            }
        }
    }
    found.is_more = found.position.offset < stream.head().top;
    Ok(found)
}

/// Where a page begins, and what must be told before it.
async fn judged(stream: &StreamHandle, position: Position) -> Result<(Position, Option<Gap>), Problem> {
    let judged = stream.judge(position).await;
    let (head, judged) = judged.ok_or_else(|| unavailable("the broker does not answer now"))?;
    match judged {
        Judged::After(offset) => Ok((Position { epoch: head.epoch, offset }, None)),
        Judged::Gap(gap) => Ok((gap.position, Some(gap))),
        Judged::Beyond => Err(bad_position()),
    }
}

fn answer(headers: &HeaderMap, stream: &str, is_after_given: bool, found: &Found) -> Response {
    if let Some(gap) = &found.gap {
        telemetry::gap(gap.reason.as_str());
    }
    telemetry::events_sent("http", found.items.len() as u64);
    let body = body(stream, found);
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..16]));
    // An epoch's gap may still be followed by events put back; and where the log begins moves.
    let is_closed = found.is_more && is_after_given && found.gap.is_none();
    let kept = if is_closed { "private, max-age=3600, immutable" } else { "private, no-cache" };
    let known = |value: &HeaderValue| {
        let tags = value.to_str().unwrap_or_default();
        tags.split(',').any(|it| matches!(it.trim(), "*") || it.trim().trim_start_matches("W/") == tag)
    };
    let is_known = headers.get_all(IF_NONE_MATCH).iter().any(known);
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let own = response.headers_mut();
    own.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    own.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    // One browser may serve two people, one after the other.
    own.append(VARY, HeaderValue::from_static("authorization"));
    own.extend(HeaderValue::try_from(tag).ok().map(|tag| (ETAG, tag)));
    response
}

fn body(stream: &str, found: &Found) -> Bytes {
    let bytes: usize = found.items.iter().map(|item| item.json.len() + 1).sum();
    let mut body = BytesMut::with_capacity(bytes + 256);
    body.put_slice(br#"{"events":["#);
    for (index, item) in found.items.iter().enumerate() {
        if index > 0 {
            body.put_u8(b',');
        }
        body.put_slice(&item.json);
    }
    let gap = found.gap.as_ref().map(|gap| ServerMessage::gap(stream, None, gap).to_json());
    let gap = gap.as_deref().unwrap_or("null");
    let rest = format!(r#"],"position":"{}","more":{},"gap":{gap}}}"#, found.position, found.is_more);
    body.put_slice(rest.as_bytes());
    body.freeze()
}

fn bad(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, detail)
}

fn bad_position() -> Problem {
    bad("bad_position", "after: this is no position that this stream ever gave")
}

fn unavailable(cause: &str) -> Problem {
    tracing::warn!(cause, "history could not be read");
    let mut problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "the log cannot be read now; ask again soon",
    );
    problem.header = Some((RETRY_AFTER, HeaderValue::from_static("2")));
    problem
}
