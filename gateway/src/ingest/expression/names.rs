//! The names that expressions see of one event: `type`, `id`, `source`, `time`, `headers`, `query` and `body`.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use axum::http::HeaderMap;
use minijinja::value::{Object, Value};

use super::super::json::Document;
use super::super::template::Reading;
use super::body::{self, Allowance, Container};
use crate::event::rfc3339_ms;
use crate::http::form::Form;

pub(super) const NAMES: [&str; 7] = ["body", "headers", "id", "query", "source", "time", "type"];

/// What one event's expressions are evaluated over.
#[derive(Debug)]
pub struct Names {
    context: Value,
    body: Value,
    allowance: Arc<Allowance>,
}

impl Names {
    /// `document` is the one that the reading reads; none where the body is no JSON.
    pub fn of(reading: &Reading<'_>, document: Option<&Arc<Document>>) -> Self {
        let allowance = Arc::new(Allowance::new());
        let delivery = reading.delivery;
        let body = match (document, reading.json()) {
            (Some(document), Some(json)) => body::value(document, json.node(), &allowance),
            _ if reading.hides_body => Value::from(()),
            // What the data is made of: the body may hold a signature beside it.
            _ => match std::str::from_utf8(delivery.content()) {
                Ok(text) if !text.is_empty() => Value::from(text),
                _ => Value::from(()),
            },
        };
        let event = reading.event;
        let context = Value::from_object(Context {
            event_type: event.map_or(Value::UNDEFINED, |event| Value::from(event.event_type)),
            id: event.map_or(Value::UNDEFINED, |event| Value::from(event.id)),
            source: event.map_or(Value::UNDEFINED, |event| Value::from(event.source)),
            time: Value::from(rfc3339_ms(delivery.received)),
            headers: Value::from_object(Headers(delivery.headers.clone())),
            query: Value::from_object(Query(Form::parse(
                delivery.uri.query().unwrap_or_default().as_bytes(),
            ))),
            body: body.clone(),
        });
        Self { context, body, allowance }
    }

    pub(super) fn context(&self) -> Value {
        self.context.clone()
    }

    /// Each evaluation may read anew.
    pub(super) fn refill(&self) {
        self.allowance.refill();
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.allowance.is_exhausted()
    }

    /// Appends `PATH = VALUE`, about so many bytes at most. Headers and queries carry secrets: of these it tells only whether
    /// they are there. Line ends and controls are escaped, for a sender wrote them.
    pub(super) fn describe(&self, path: &str, text: &mut String, bytes_max: usize) {
        let (root, rest) = path.split_once('.').unwrap_or((path, ""));
        let mut value = match root {
            "body" => self.body.clone(),
            other => self.context.get_attr(other).unwrap_or_default(),
        };
        for step in rest.split('.').filter(|step| !step.is_empty()) {
            value = value.get_attr(step).unwrap_or_default();
        }
        text.push_str(path);
        if value.is_undefined() {
            text.push_str(" is undefined");
        } else if matches!(root, "headers" | "query") {
            text.push_str(" is there");
        } else {
            text.push_str(" = ");
            let start = |text: &str| text.len() - text.len().saturating_sub(bytes_max);
            if let Some(container) = value.downcast_object_ref::<Container>() {
                let raw = container.value().raw();
                text.push_str(&raw[..raw.floor_char_boundary(start(raw))]);
            } else if let Some(string) = value.as_str() {
                let _ = write!(text, "{:?}", &string[..string.floor_char_boundary(start(string))]);
            } else {
                let _ = write!(text, "{value}");
            }
        }
    }
}

struct Context {
    event_type: Value,
    id: Value,
    source: Value,
    time: Value,
    headers: Value,
    query: Value,
    body: Value,
}

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Context(…)")
    }
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let value = match key {
            "type" => &self.event_type,
            "id" => &self.id,
            "source" => &self.source,
            "time" => &self.time,
            "headers" => &self.headers,
            "query" => &self.query,
            "body" => &self.body,
            _ => return None,
        };
        Some(value.clone())
    }
}

/// The first header of each name; names are in lower case.
struct Headers(Arc<HeaderMap>);

/// Never the values: some are secrets.
impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("headers")
    }
}

impl Object for Headers {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.get(key).map(|value| Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned()))
    }
}

/// The first value of each name in the URL's query.
struct Query(Form);

impl fmt::Debug for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("query")
    }
}

impl Object for Query {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.get(key).map(Value::from)
    }
}
