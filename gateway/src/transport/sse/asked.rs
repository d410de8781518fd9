//! What a request for `/sse` asks: patterns, where each begins, how live. Said wrong, it is a problem before anything is sent.

use axum::http::header::HeaderMap;
use axum::http::{StatusCode, Uri};
use serde_json::{Value, json};

use crate::http::form::Form;
use crate::http::problem::Problem;
use crate::since::Since;
use crate::topic::Pattern;

const PATTERNS_MAX: usize = 10;
const LAST_EVENT_ID: &str = "last-event-id";

/// A request that makes sense; what it may hear is not judged yet.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) patterns: Vec<Pattern>,
    begins: Vec<Since>,
    latest_ms: Option<u64>,
    /// The token that stands in the address; whether that may be is not judged yet.
    pub(super) query_token: Option<String>,
}

impl Asked {
    /// # Errors
    /// 400 with the parameter's name, what was expected and what came.
    pub(super) fn parse(uri: &Uri, headers: &HeaderMap) -> Result<Self, Problem> {
        let query = Form::parse(uri.query().unwrap_or_default().as_bytes());
        let patterns: Vec<Pattern> = query
            .all("pattern")
            .map(|text| Pattern::parse(text).map_err(|error| bad("bad_pattern", format!("pattern: {error}"))))
            .collect::<Result<_, _>>()?;
        if !(1..=PATTERNS_MAX).contains(&patterns.len()) {
            let detail = format!("pattern: expected 1 to {PATTERNS_MAX}, got {}", patterns.len());
            return Err(bad("bad_query", detail));
        }
        let begins = begins(query.get("since"), headers, patterns.len())?;
        let latest_ms = query.get("latest").map(str::parse).transpose();
        let latest_ms =
            latest_ms.map_err(|_| bad("bad_query", "latest: expected a number of milliseconds"))?;
        let query_token = query.get("access_token").map(str::to_owned);
        Ok(Self { patterns, begins, latest_ms, query_token })
    }

    /// What a client of the WebSocket would say; the id is the pattern's index.
    pub(super) fn messages(&self) -> impl Iterator<Item = String> {
        let mode = self.latest_ms.map_or_else(|| Value::from("all"), |every| json!({ "latest_ms": every }));
        self.patterns.iter().zip(&self.begins).enumerate().map(move |(index, (pattern, since))| {
            json!({
                "type": "subscribe", "id": index.to_string(), "pattern": pattern.as_str(),
                "since": since.to_json(), "mode": mode,
            })
            .to_string()
        })
    }
}

/// Where each pattern begins: at the places of an `id:`, which beat `since`, or all of them at `since`.
fn begins(since: Option<&str>, headers: &HeaderMap, count: usize) -> Result<Vec<Since>, Problem> {
    let (listed, since) = match since {
        Some(text) if text.contains(',') => (Some(places(text, count, &Since::Now)?), Since::Now),
        Some(text) => {
            let since = Since::parse(text);
            (None, since.map_err(|error| bad("bad_position", format!("since: {error}")))?)
        }
        None => (None, Since::Now),
    };
    if matches!(since, Since::Position(_)) && count > 1 {
        let detail = "since: a position is one pattern's; write one for each, joined by commas";
        return Err(bad("bad_position", detail));
    }
    match headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok()) {
        Some(id) if !id.is_empty() => places(id, count, &since),
        _ => Ok(listed.unwrap_or_else(|| vec![since; count])),
    }
}

/// What an `id:` of ours said: one place for each pattern, empty where it had not begun.
fn places(id: &str, count: usize, since: &Since) -> Result<Vec<Since>, Problem> {
    let wrong = || {
        let detail =
            "Last-Event-ID: expected one position for each pattern, as the last `id:` of this query had";
        bad("bad_position", detail)
    };
    let places: Vec<Since> = id
        .split(',')
        .map(|text| match text.trim() {
            "" => Ok(since.clone()),
            text => text.parse().map(Since::Position).map_err(|_| wrong()),
        })
        .collect::<Result<_, _>>()?;
    if places.len() == count { Ok(places) } else { Err(wrong()) }
}

fn bad(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, detail)
}
