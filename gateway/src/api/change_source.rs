//! Sources added, given another secret and taken away: in the configuration's file, where one can be written, and at once in the
//! running node; else as text to be pasted. A secret that is made here is shown in this one answer and never again.
//!
//! ```text
//! POST   /api/v1/sources                {"name","provider","secret":null|"…","topic"?,"header"?,"type"?} → 201 {"written":true,"source","secret","toml","warning"?}
//!                                                                                       or 200 {"written":false,"why","secret","toml"}
//! POST   /api/v1/sources/{name}/rotate  {"secret":null|"…"} → {"written","why"?,"secret","label","toml","warning"?}
//! DELETE /api/v1/sources/{name}         → {"written","why"?}
//! ```

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Api;
use super::permission::Operator;
use super::sources;
use crate::config::Config;
use crate::config::edit::{self, EditError, NewSecret, NewSource};
use crate::config::report::Report;
use crate::event::rfc3339_ms;
use crate::http::problem::Problem;
use crate::ingest::advice::short_secret;
use crate::ingest::providers::Provider;
use crate::ingest::providers::secret::{Chooser, fresh_word};
use crate::reload::{Change, ChangeError};
use crate::secret::Secret;
use crate::topic::StreamName;

const BODY_BYTES_MAX: usize = 64 * 1024;
/// As long as a secret in a file may be.
const TEXT_BYTES_MAX: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    provider: String,
    secret: Option<String>,
    topic: Option<String>,
    header: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WantedSecret {
    secret: Option<String>,
}

pub(super) async fn add(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let wanted: Wanted = read(body)?;
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let name = wanted.name.trim().to_owned();
    if StreamName::parse(&name).is_err() {
        return Err(bad("name", "a name is 1 to 64 letters, digits, `.`, `_` or `-`: it stands in the URL"));
    }
    // Browsers and proxies take `.` and `..` out of a path: nothing would ever reach it, and no page could take it away again.
    if name.bytes().all(|byte| byte == b'.') {
        return Err(bad(
            "name",
            "a name has more than dots: it stands in the URL, and these would vanish there",
        ));
    }
    if api.ingest.source(&name).is_some() {
        return Err(taken(&name));
    }
    let provider = api.catalogue.get(&wanted.provider).ok_or_else(|| {
        bad("provider", "there is no provider of this name; GET /api/v1/providers lists all")
    })?;
    let (secret, shown) = secret_of(provider, given(wanted.secret), &labels(&api, &name))?;
    let warning = secret.as_ref().and_then(|secret| warning(provider, &secret.text));
    let verify_token = provider.needs_verify_token().then(fresh_word).transpose().map_err(no_random)?;
    let source = NewSource {
        name: name.clone(),
        provider: provider.slug.clone(),
        secret,
        verify_token: verify_token.clone(),
        captures: provider.captures(),
        topic: given(wanted.topic),
        header: given(wanted.header),
        event_type: given(wanted.event_type),
    };
    let toml = edit::block(&source);
    let has = name.clone();
    let changed = api.config_file.change(
        move |text| edit::add(text, &source),
        move |config| match config.sources.iter().filter(|source| source.name() == has).count() {
            0 => Err("the file has the source, but the environment overrides it".into()),
            _ => Ok(()),
        },
    );
    let changed = changed.await.map_err(|error| told(error, &name))?;
    let mut said = json!({ "written": false, "secret": shown, "toml": toml });
    put(&mut said, "warning", warning);
    put(&mut said, "verify_token", verify_token);
    match changed {
        Change::NotWritten(why) => {
            said["why"] = why.into();
            Ok(once(StatusCode::OK, said))
        }
        Change::Written => {
            tracing::info!(source = name, "a source was added");
            said["written"] = true.into();
            said["source"] = sources::one(&api, &name).unwrap_or_default();
            Ok(once(StatusCode::CREATED, said))
        }
    }
}

pub(super) async fn rotate(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let wanted: WantedSecret = read(body)?;
    let source = api.ingest.source(&name).ok_or_else(unknown)?;
    let provider = api.catalogue.get(source.provider()).ok_or_else(unknown)?;
    let given = wanted.secret.filter(|text| !text.trim().is_empty());
    let (secret, shown) = secret_of(provider, given, &labels(&api, &name))?;
    let secret = secret.ok_or_else(|| {
        bad("secret", "the provider sends its secret itself, or none is used: there is nothing to exchange")
    })?;
    let warning = warning(provider, &secret.text);
    let (label, has) = (secret.label.clone(), name.clone());
    let toml = format!("# first among the secrets of {name}\nsecrets = [{}]\n", edit::secret_line(&secret));
    let (edited, new) = (name.clone(), label.clone());
    let changed = api.config_file.change(
        move |text| edit::rotate(text, &edited, &secret),
        move |config| {
            let found = config.sources.iter().find(|source| source.name() == has);
            let is_live = found.is_some_and(|source| source.labels().iter().any(|label| label.text == new));
            if is_live {
                Ok(())
            } else {
                Err("the environment overrides the secrets of this source: change them there".into())
            }
        },
    );
    let mut said = json!({ "written": true, "secret": shown, "label": label, "toml": toml });
    put(&mut said, "warning", warning);
    match changed.await.map_err(|error| told(error, &name))? {
        Change::Written => tracing::info!(source = name, label, "a source has a new secret"),
        Change::NotWritten(why) => {
            said["written"] = false.into();
            said["why"] = why.into();
        }
    }
    Ok(once(StatusCode::OK, said))
}

pub(super) async fn remove(
    _operator: Operator,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    api.ingest.source(&name).ok_or_else(unknown)?;
    let (edited, has) = (name.clone(), name.clone());
    let holds = move |config: &Config| {
        let is_gone = !config.sources.iter().any(|source| source.name() == has);
        if is_gone {
            Ok(())
        } else {
            Err("the source is still there: it does not come from the file alone".into())
        }
    };
    match api
        .config_file
        .change(move |text| edit::remove(text, &edited), holds)
        .await
        .map_err(|error| told(error, &name))?
    {
        Change::Written => {
            tracing::info!(source = name, "a source was removed");
            Ok(Json(json!({ "written": true })))
        }
        Change::NotWritten(why) => Ok(Json(json!({ "written": false, "why": why }))),
    }
}

fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Problem> {
    let body = body.ok().filter(|body| body.len() <= BODY_BYTES_MAX).ok_or_else(|| {
        let detail = format!("this is {BODY_BYTES_MAX} bytes of JSON at most");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    })?;
    let body = if body.is_empty() { &b"{}"[..] } else { &body };
    // The parser quotes what it did not expect: nothing of a value, which may be a secret, but a key's name.
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let detail = if error.is_data() {
            format!("a key is missing, unknown or of another kind ({place})")
        } else {
            format!("this is no JSON ({place})")
        };
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_source", detail)
    })
}

/// The secret to write, if one is used, and what of it is shown: only what was made here.
fn secret_of(
    provider: &Provider,
    given: Option<String>,
    taken: &[String],
) -> Result<(Option<NewSecret>, Option<String>), Problem> {
    let (text, shown) = match (given, provider.chooser()) {
        (Some(text), _) if text.len() > TEXT_BYTES_MAX => {
            return Err(bad("secret", "a secret is 16 KiB at most"));
        }
        (Some(text), _) => (text.trim().to_owned(), None),
        (None, Chooser::Operator) => {
            let made = provider.fresh_secret().map_err(no_random)?;
            (made.clone(), Some(made))
        }
        (None, Chooser::Nobody) => return Ok((None, None)),
        (None, Chooser::Vendor) if provider.captures() => return Ok((None, None)),
        (None, Chooser::Vendor) => {
            let detail =
                format!("{} makes the secret: paste it here. {}", provider.row.title, provider.row.secret);
            return Err(bad("secret", detail));
        }
    };
    let day = rfc3339_ms(SystemTime::now()).chars().take(10).collect::<String>();
    let names = (1..).map(|number| if number == 1 { day.clone() } else { format!("{day} ({number})") });
    let label = names.into_iter().find(|name| !taken.contains(name)).unwrap_or(day.clone());
    Ok((Some(NewSecret { text, label }), shown))
}

/// What there is to think over in a secret that is taken all the same.
fn warning(provider: &Provider, secret: &str) -> Option<String> {
    let advice = short_secret(provider, &provider.row.methods, &Secret::new(secret))?;
    Some(format!("{}; {}", advice.message, advice.mend))
}

/// What is not there is not said.
fn put(said: &mut Value, key: &str, text: Option<String>) {
    if let Some(text) = text {
        said[key] = text.into();
    }
}

fn labels(api: &Api, name: &str) -> Vec<String> {
    let source = api.ingest.source(name);
    source.iter().flat_map(|source| source.labels()).map(|label| label.text.clone()).collect()
}

/// An answer with a secret in it stays in no cache.
fn once(status: StatusCode, said: Value) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(said)).into_response()
}

fn told(error: ChangeError, name: &str) -> Problem {
    let conflict = |code, detail: String| Problem::new(StatusCode::CONFLICT, code, detail);
    match error {
        ChangeError::Edit(EditError::Unknown) => conflict(
            "not_in_file",
            format!("the configuration's file has no [[source]] named {name}: it comes from elsewhere"),
        ),
        ChangeError::Edit(EditError::Shape(why)) | ChangeError::Lost(why) => conflict("cannot_edit", why),
        ChangeError::Mistakes(report) => mistaken(&report, name),
        ChangeError::NotTaken(why) => conflict(
            "not_taken",
            format!("the node did not take the changed file, and it was put back: {why}"),
        ),
    }
}

/// Of the source that was asked for each mistake is at one of its fields; any other stood in the file before.
fn mistaken(report: &Report, name: &str) -> Problem {
    let said = |message: &str, mend: &str| format!("{message}: {mend}");
    let taken_name = report.entries().find(|it| it.message.contains(&format!("a source named `{name}`")));
    if taken_name.is_some() {
        return taken(name);
    }
    // A source that is added stands last, and its mistakes too.
    let own = report.entries().filter(|it| it.key.starts_with("source[")).last();
    if let Some(entry) = own {
        let field = entry.key.split_once("].").map_or("", |(_, rest)| rest);
        let field = field.split(['.', '[']).next().unwrap_or_default();
        let field = if field == "secrets" { "secret" } else { field };
        return bad(field, said(entry.message, entry.mend));
    }
    let first = report
        .entries()
        .next()
        .map_or_else(String::new, |it| format!("{}: {}", it.key, said(it.message, it.mend)));
    let detail = format!("with this change the configuration would not load. {first}");
    Problem::new(StatusCode::CONFLICT, "bad_config", detail)
}

fn bad(field: &str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_source", detail).with("field", field.into())
}

fn taken(name: &str) -> Problem {
    let detail = format!("there is a source named {name} already: choose another name");
    Problem::new(StatusCode::CONFLICT, "name_taken", detail).with("field", "name".into())
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_source", "there is no source of this name")
}

fn no_random(error: getrandom::Error) -> Problem {
    tracing::error!(%error, "the system gives no random numbers");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the system gives no random numbers")
}
