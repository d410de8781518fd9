//! Bodies that are CloudEvents already: structured, batched, or binary with the attributes in `ce-` headers. They keep their
//! attributes.

use super::delivery::Delivery;
use super::json::{Kind, Value};

/// Most attributes beside the five that every event has; the spec knows a handful.
const OTHERS_MAX: usize = 32;

/// The attributes that a CloudEvent brought, and its data.
#[derive(Debug, Default)]
pub struct CloudEvent<'a> {
    pub id: String,
    pub source: String,
    pub event_type: String,
    pub time: Option<String>,
    pub content_type: Option<String>,
    /// Names, and values as JSON.
    pub others: Vec<(String, String)>,
    /// None in the binary mode: the body is the data.
    pub envelope: Option<Value<'a>>,
}

/// Whether the body is an array of CloudEvents.
pub fn is_batch(delivery: &Delivery) -> bool {
    delivery.media_type().as_deref() == Some("application/cloudevents-batch+json")
}

/// Reads a CloudEvent if this is one: the content type says so, or the row does.
pub fn read<'a>(delivery: &Delivery, json: Option<Value<'a>>) -> Option<CloudEvent<'a>> {
    let media_type = delivery.media_type().unwrap_or_default();
    let is_declared = media_type.starts_with("application/cloudevents");
    let is_allowed = delivery.is_cloudevents_allowed_in_headers();
    if !is_declared && !is_allowed {
        return None;
    }
    let structured = json.filter(|json| json.kind() == Kind::Object).and_then(structured);
    structured.or_else(|| if is_allowed && !is_declared { binary(delivery) } else { None })
}

fn structured(envelope: Value<'_>) -> Option<CloudEvent<'_>> {
    let text = |name: &str| envelope.member(name).and_then(Value::text).map(std::borrow::Cow::into_owned);
    text("specversion")?;
    let mut event = CloudEvent {
        id: text("id")?,
        source: text("source")?,
        event_type: text("type")?,
        time: text("time"),
        content_type: text("datacontenttype"),
        others: Vec::new(),
        envelope: Some(envelope),
    };
    for (name, value) in envelope.members() {
        let Some(name) = name.text() else { continue };
        let is_scalar = !matches!(value.kind(), Kind::Object | Kind::Array);
        if is_scalar && is_other(&name) && event.others.len() < OTHERS_MAX && !event.has(&name) {
            let last = envelope.member(&name).unwrap_or(value);
            event.others.push((name.into_owned(), last.raw().to_owned()));
        }
    }
    Some(event)
}

fn binary<'a>(delivery: &Delivery) -> Option<CloudEvent<'a>> {
    let text = |name: &str| delivery.header(name).map(str::to_owned);
    text("ce-specversion")?;
    let mut event = CloudEvent {
        id: text("ce-id")?,
        source: text("ce-source")?,
        event_type: text("ce-type")?,
        time: text("ce-time"),
        content_type: text("content-type"),
        ..CloudEvent::default()
    };
    for (name, value) in &delivery.headers {
        let Some(name) = name.as_str().strip_prefix("ce-") else { continue };
        if let (true, Ok(value)) =
            (is_other(name) && event.others.len() < OTHERS_MAX && !event.has(name), value.to_str())
        {
            event.others.push((name.to_owned(), serde_json::Value::from(value).to_string()));
        }
    }
    Some(event)
}

impl CloudEvent<'_> {
    fn has(&self, name: &str) -> bool {
        self.others.iter().any(|(found, _)| found == name)
    }
}

/// The spec's names for extensions; never one that would stand twice in the record.
fn is_other(name: &str) -> bool {
    const OWN: [&str; 8] =
        ["specversion", "id", "source", "type", "time", "datacontenttype", "data", "data_base64"];
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !name.is_empty() && name.len() <= 64 && name.bytes().all(allowed) && !OWN.contains(&name)
}
