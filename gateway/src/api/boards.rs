//! Boards for pages: read by anyone with a grant, written by operators. A save names the revision that it was made from, so that
//! nobody writes over what they have not seen.
//!
//! ```text
//! GET    /api/v1/boards             → {"boards":[{"name","title","from","revision"}],"saves_to"}
//! GET    /api/v1/boards/{name}      → the board, with "name","from","revision","hides"
//! GET    /api/v1/boards/{name}/toml → its text
//! PUT    /api/v1/boards/{name}      {"title","range","widget":[…]} → {"name","revision","from","toml"}; with ?dry {"toml"} alone
//! DELETE /api/v1/boards/{name}      → 204
//! ```

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path as Segment, RawQuery, State};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::Api;
use super::permission::{Operator, Viewer};
use crate::auth::Grants;
use crate::boards::convert::to_json;
use crate::boards::shape::{BODY_BYTES_MAX, Wanted};
use crate::boards::{Board, BoardError, Place, home, is_name, merge, revision_of};
use crate::http::form::Form;
use crate::http::problem::Problem;

/// Without a revision the newest text is taken, however often it changes meanwhile; more often than this is no accident.
const ATTEMPTS: usize = 5;

pub(super) async fn list(viewer: Viewer, State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let all = api.boards.all(|| generated(&api, &viewer.0)).await.map_err(|error| told(error, None))?;
    let boards: Vec<Value> = all
        .iter()
        .map(|(name, board)| {
            let read = to_json(&board.text);
            let title = read.as_ref().ok().and_then(|it| it.get("title")?.as_str().map(str::to_owned));
            let mut said = json!({
                "name": name, "title": title.unwrap_or_else(|| name.clone()),
                "from": board.from.as_str(), "revision": board.revision(),
            });
            if let Err(why) = read {
                said["mistake"] = why.into();
            }
            said
        })
        .collect();
    let saves_to = api.boards.saves_to().await.map(Place::as_str);
    Ok(Json(json!({ "boards": boards, "saves_to": saves_to })))
}

pub(super) async fn read(
    viewer: Viewer,
    State(api): State<Arc<Api>>,
    Segment(name): Segment<String>,
) -> Result<Response, Problem> {
    let board = find(&api, &name, &viewer.0).await?.ok_or_else(unknown)?;
    let mut said = to_json(&board.text).map_err(|why| bad(format!("the board's text is no TOML: {why}")))?;
    said.entry("widget").or_insert_with(|| json!([]));
    if let Some(invitation) = &api.invitation {
        said.insert("try".into(), json!({ "source": invitation.source, "curl": invitation.curl }));
    } else if let (Place::Generated, Some(source)) = (board.from, api.ingest.sources().first()) {
        let name = source.name();
        said.insert("try".into(), json!({ "source": name, "curl": format!("hookcast send {name}") }));
    }
    say(&mut said, &name, &board);
    Ok(([etag(&board.revision())], Json(Value::Object(said))).into_response())
}

pub(super) async fn toml(
    viewer: Viewer,
    State(api): State<Arc<Api>>,
    Segment(name): Segment<String>,
) -> Result<Response, Problem> {
    let board = find(&api, &name, &viewer.0).await?.ok_or_else(unknown)?;
    let text = (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(([text, etag(&board.revision())], board.text).into_response())
}

pub(super) async fn save(
    operator: Operator,
    State(api): State<Arc<Api>>,
    Segment(name): Segment<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    if !is_name(&name) {
        return Err(bad("a board's name is 1 to 64 letters, digits, `-` and `_`: it is a file's name too"));
    }
    let body = body.ok().filter(|body| body.len() <= BODY_BYTES_MAX).ok_or_else(|| {
        let detail = format!("a board is {BODY_BYTES_MAX} bytes of JSON at most");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    })?;
    let wanted = Wanted::read(&body).map_err(bad)?;
    let is_dry = Form::parse(query.unwrap_or_default().as_bytes()).get("dry").is_some();
    let mut attempts = ATTEMPTS;
    loop {
        let before = find(&api, &name, &operator.0).await?;
        let is_conditional = check(&headers, before.as_ref())?;
        let text = merge(before.as_ref().map_or("", |board| &board.text), &wanted).map_err(bad)?;
        if is_dry {
            return Ok(Json(json!({ "toml": text })).into_response());
        }
        attempts -= 1;
        match api.boards.save(&name, before.as_ref(), text.clone()).await {
            Ok(from) => {
                let revision = revision_of(&text);
                let said = json!({ "name": name, "revision": revision, "from": from.as_str(), "toml": text });
                return Ok(([etag(&revision)], Json(said)).into_response());
            }
            Err(BoardError::Changed) if !is_conditional && attempts > 0 => {}
            Err(BoardError::Changed) => return Err(changed(find(&api, &name, &operator.0).await?.as_ref())),
            Err(error) => return Err(told(error, Some(text))),
        }
    }
}

pub(super) async fn remove(
    operator: Operator,
    State(api): State<Arc<Api>>,
    Segment(name): Segment<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let board = find(&api, &name, &operator.0).await?.ok_or_else(unknown)?;
    check(&headers, Some(&board))?;
    if matches!(board.from, Place::BuiltIn | Place::Generated) {
        let detail = "nobody wrote this board: it comes with the gateway, and cannot be removed";
        return Err(Problem::new(StatusCode::CONFLICT, "built_in", detail));
    }
    match api.boards.remove(&name, &board).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(BoardError::Changed) => Err(changed(find(&api, &name, &operator.0).await?.as_ref())),
        Err(error) => Err(told(error, None)),
    }
}

async fn find(api: &Api, name: &str, grants: &Grants) -> Result<Option<Board>, Problem> {
    if !is_name(name) {
        return Err(unknown());
    }
    api.boards.find(name, || generated(api, grants)).await.map_err(|error| told(error, None))
}

fn generated(api: &Api, grants: &Grants) -> String {
    home::of_sources(&api.ingest.sources(), grants)
}

/// What the gateway knows of a board beside its text.
fn say(said: &mut Map<String, Value>, name: &str, board: &Board) {
    said.insert("name".into(), name.into());
    said.insert("from".into(), board.from.as_str().into());
    said.insert("revision".into(), board.revision().into());
    let hides: Vec<&str> = board.hides.iter().map(|place| place.as_str()).collect();
    said.insert("hides".into(), hides.into());
}

fn etag(revision: &str) -> (HeaderName, HeaderValue) {
    let text = format!("\"{revision}\"");
    (ETAG, HeaderValue::from_str(&text).expect("a revision is hexadecimal"))
}

/// Whether the request says which text it means; an error where that is another one (RFC 9110 §13.1).
fn check(headers: &HeaderMap, board: Option<&Board>) -> Result<bool, Problem> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    if let Some(unless) = text(IF_NONE_MATCH) {
        let is_free = unless != "*" || board.is_none();
        return if is_free { Ok(true) } else { Err(changed(board)) };
    }
    let Some(wanted) = text(IF_MATCH) else { return Ok(false) };
    let revision = board.map(Board::revision);
    let names = |revision: &str| {
        let tags = wanted.split(',').map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'));
        wanted == "*" || tags.into_iter().any(|tag| tag == revision)
    };
    if revision.as_deref().is_some_and(names) { Ok(true) } else { Err(changed(board)) }
}

fn changed(board: Option<&Board>) -> Problem {
    let (detail, revision) = match board {
        Some(board) => (
            "somebody has saved this board meanwhile: read it again, and make your change there",
            json!(board.revision()),
        ),
        None => ("somebody has removed this board meanwhile", Value::Null),
    };
    Problem::new(StatusCode::CONFLICT, "changed", detail).with("revision", revision)
}

fn told(error: BoardError, toml: Option<String>) -> Problem {
    match error {
        BoardError::Unreadable(why) => {
            let detail = format!("the board's file cannot be read: {why}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "unreadable_board", detail)
        }
        BoardError::Changed => changed(None),
        BoardError::ReadOnly(why) => {
            let detail = format!("{why}; copy the text there by hand");
            let problem = Problem::new(StatusCode::CONFLICT, "read_only", detail);
            toml.into_iter().fold(problem, |problem, toml| problem.with("toml", toml.into()))
        }
        BoardError::Full => {
            let detail = "as many boards are kept as may be: remove one first";
            Problem::new(StatusCode::CONFLICT, "too_many", detail)
        }
        BoardError::Unavailable(cause) => {
            tracing::warn!(cause, "boards cannot be read or kept in the store");
            let detail = "the store does not answer now; try again soon";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
        }
    }
}

fn bad(why: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_board", why)
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_board", "there is no board of this name")
}
