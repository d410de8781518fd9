//! `GET /api/v1/boards/{name}`: a board as JSON, the operator's file before the built-in one.

use std::path::Path;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path as Segment, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::permission::Viewer;
use super::{Api, home};
use crate::http::problem::Problem;

const DEMO: &str = "demo";
/// The boards that come with the binary.
const BUILT_IN: &[(&str, &str)] = &[(DEMO, DEMO_BOARD)];
/// The board of the demo's stories.
pub const DEMO_BOARD: &str = include_str!("../../../dashboard/boards/demo.toml");

/// A board is 64 widgets at most; this is many times that.
const FILE_BYTES_MAX: u64 = 256 * 1024;

pub(super) async fn read(
    _viewer: Viewer,
    State(api): State<Arc<Api>>,
    Segment(name): Segment<String>,
) -> Result<Json<Value>, Problem> {
    if !is_name(&name) {
        return Err(unknown());
    }
    let file = match &api.boards {
        Some(folder) => text_of(&folder.join(format!("{name}.toml"))).await?,
        None => None,
    };
    let built_in =
        |name: &str| BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
    // The demo's home is its own board; elsewhere it is made of what the sources feed.
    let known_as = if name == home::NAME && api.invitation.is_some() { DEMO } else { &name };
    let mut board = match file.or_else(|| built_in(known_as)) {
        Some(text) => to_json(&text)?,
        None if name == home::NAME => home::of_sources(&api.ingest.sources()),
        None => return Err(unknown()),
    };
    board.insert("name".into(), name.into());
    if let Some(invitation) = &api.invitation {
        board.insert("try".into(), json!({ "source": invitation.source, "curl": invitation.curl }));
    }
    Ok(Json(Value::Object(board)))
}

/// A board's name is one plain word, or it could climb out of the folder.
pub(super) fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain)
}

async fn text_of(path: &Path) -> Result<Option<String>, Problem> {
    let unreadable = |why: String| {
        tracing::warn!(path = %path.display(), why, "a board cannot be read");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "unreadable_board", "the board's file cannot be read")
    };
    match tokio::fs::metadata(path).await {
        Ok(file) if file.len() > FILE_BYTES_MAX => {
            Err(unreadable(format!("it has over {FILE_BYTES_MAX} bytes")))
        }
        Ok(_) => {
            tokio::fs::read_to_string(path).await.map(Some).map_err(|error| unreadable(error.to_string()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

fn to_json(text: &str) -> Result<serde_json::Map<String, Value>, Problem> {
    let bad = |why: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_board", why);
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| bad(error.to_string()))?;
    match serde_json::to_value(table) {
        Ok(Value::Object(board)) => Ok(board),
        _ => Err(bad("the board is no table".into())),
    }
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_board", "there is no board of this name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_board_has_a_title_and_widgets() {
        for (name, text) in BUILT_IN {
            let board = to_json(text).unwrap_or_else(|problem| panic!("{name}: {problem:?}"));
            assert!(board["title"].is_string() && board["widget"][0]["type"].is_string(), "{name}");
        }
    }
}
