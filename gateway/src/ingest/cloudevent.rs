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

/// What makes a delivery one of CloudEvents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing: the row knows better what its events are called.
    Never,
    /// Its content type. Only where nothing is signed: an old delivery sent again with another one would be other events.
    ByHead,
    /// Its body, which is signed.
    ByBody,
}

/// Whether the body is an array of CloudEvents.
pub fn is_batch(delivery: &Delivery, json: Option<Value<'_>>, told: Told) -> bool {
    let Some(array) = json.filter(|json| json.kind() == Kind::Array) else { return false };
    match told {
        Told::Never => false,
        Told::ByHead => delivery.media_type().as_deref() == Some("application/cloudevents-batch+json"),
        Told::ByBody => {
            let mut elements = array.elements().peekable();
            elements.peek().is_some() && elements.all(|element| structured(element).is_some())
        }
    }
}

/// Reads a CloudEvent if this is one.
pub fn read<'a>(delivery: &Delivery, json: Option<Value<'a>>, told: Told) -> Option<CloudEvent<'a>> {
    let structured = || json.and_then(structured);
    let is_allowed = delivery.is_cloudevents_allowed_in_headers();
    let media_type = || delivery.media_type().unwrap_or_default();
    match told {
        Told::Never => None,
        Told::ByHead if media_type().starts_with("application/cloudevents") => structured(),
        Told::ByHead if !is_allowed => None,
        Told::ByHead | Told::ByBody => {
            structured().or_else(|| if is_allowed { binary(delivery) } else { None })
        }
    }
}

fn structured(envelope: Value<'_>) -> Option<CloudEvent<'_>> {
    let string = |name: &str| envelope.member(name).filter(|value| value.kind() == Kind::String);
    let text = |name: &str| string(name).and_then(Value::text).map(std::borrow::Cow::into_owned);
    if envelope.kind() != Kind::Object {
        return None;
    }
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
    for (name, value) in &*delivery.headers {
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
