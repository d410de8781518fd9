//! One HTTP request as it came: nothing in it is trusted yet. What verification has to look into (JSON, form, query) is
//! parsed at most once, and not before it is asked for.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::{HeaderMap, Method, Uri, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use super::fetched::claim::Found;
use super::json::{Document, Kind};
use super::pointer::Pointer;
use super::signature::Encoding;
use crate::http::form::Form;

/// How a provider writes its body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BodyForm {
    /// JSON; a body that says it is a form becomes an object of its fields. Only where nothing is signed: the head is as good
    /// as the body there.
    #[default]
    Auto,
    /// The same where something is signed: what looks like a form is one. The content type is not signed, and whoever sends an
    /// old delivery again chooses it.
    Signed,
    /// A form, or JSON: the row looks for fields.
    Form,
    /// JSON in this field where the body is a form, else JSON.
    FormJson(String),
    /// CloudEvents in any mode, the binary one (`ce-` headers) included.
    CloudEvents,
    /// A JSON envelope whose event's data is this member; a text that holds JSON is opened where it stands.
    Inner(Pointer),
    /// The same, of a member that is base64.
    InnerBase64(Pointer),
    /// This field of a form holds base64 of the data, such as XML.
    Base64(String),
    /// Never parsed: the data is the text, whatever it looks like.
    Text,
    /// There is no body; the data is an object of the headers whose name begins so, in lower case.
    Headers(String),
    /// The body is a compact JWS; the data is its payload.
    Jws,
    /// The same, of whose payload this member is the event's data; a text that holds JSON is opened where it stands.
    JwsInner(Pointer),
}

#[derive(Debug)]
pub struct Delivery {
    pub method: Method,
    pub uri: Uri,
    /// Shared with what is told of it.
    pub headers: Arc<HeaderMap>,
    pub body: Bytes,
    pub received: SystemTime,
    body_form: BodyForm,
    form: OnceCell<Form>,
    query: OnceCell<Form>,
    /// What has to be decoded or made before it is data.
    decoded: OnceCell<Option<Vec<u8>>>,
    document: OnceCell<Option<Arc<Document>>>,
    found: Option<Found>,
}

impl Delivery {
    pub fn new(
        method: Method,
        uri: Uri,
        headers: impl Into<Arc<HeaderMap>>,
        body: Bytes,
        received: SystemTime,
        body_form: BodyForm,
    ) -> Self {
        Self {
            method,
            uri,
            headers: headers.into(),
            body,
            received,
            body_form,
            form: OnceCell::new(),
            query: OnceCell::new(),
            decoded: OnceCell::new(),
            document: OnceCell::new(),
            found: None,
        }
    }

    /// Gives it the key that was fetched for it.
    pub fn take_key(&mut self, found: Found) {
        self.found = Some(found);
    }

    pub fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// Opens what a JSON envelope holds as text. Once it is verified, since what is signed is the text as it came.
    pub(super) fn open(&mut self) {
        let (pointer, is_base64) = match &self.body_form {
            BodyForm::Inner(pointer) | BodyForm::JwsInner(pointer) => (pointer, false),
            BodyForm::InnerBase64(pointer) => (pointer, true),
            _ => return,
        };
        let Some(root) = self.document().map(Document::root) else { return };
        let Some(value) = pointer.find(root).filter(|value| value.kind() == Kind::String) else { return };
        let Some(text) = value.text() else { return };
        let bytes = if is_base64 {
            BASE64_STANDARD.decode(&*text).ok()
        } else {
            Some(text.into_owned().into_bytes())
        };
        let Some(bytes) = bytes else { return };
        let inner = match (Document::scan(&bytes), String::from_utf8(bytes)) {
            (Ok(inner), _) => inner.root().raw().to_owned(),
            (Err(_), Ok(text)) => serde_json::Value::from(text).to_string(),
            // No text at all: it stays base64.
            (Err(_), Err(_)) => return,
        };
        let (whole, range) = (root.raw(), value.range());
        let opened = [&whole[..range.start], &inner, &whole[range.end..]].concat();
        // One level deeper than may be read: the envelope stays closed.
        let Ok(opened) = Document::scan(opened.as_bytes()) else { return };
        self.document = OnceCell::from(Some(Arc::new(opened)));
    }

    /// The member of an envelope that is the event's data.
    pub(super) fn inner(&self) -> Option<&Pointer> {
        match &self.body_form {
            BodyForm::Inner(pointer) | BodyForm::InnerBase64(pointer) | BodyForm::JwsInner(pointer) => {
                Some(pointer)
            }
            _ => None,
        }
    }

    /// The first header of this name, as text; one that is not ASCII counts as absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The URL that the sender was given: the public one, with the path and query of this request.
    pub fn url(&self, public_url: &str) -> String {
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        format!("{}{path}", public_url.trim_end_matches('/'))
    }

    pub fn query(&self) -> &Form {
        self.query.get_or_init(|| Form::parse(self.uri.query().unwrap_or_default().as_bytes()))
    }

    /// The body's fields; none where it is no form, and never of a body that looks like JSON.
    pub fn form(&self) -> &Form {
        self.form.get_or_init(|| if self.is_form() { Form::parse(&self.body) } else { Form::default() })
    }

    /// The body as JSON, if it is.
    pub fn document(&self) -> Option<&Document> {
        self.shared_document().map(|document| &**document)
    }

    /// The same, for whoever keeps it longer than the delivery is borrowed.
    pub fn shared_document(&self) -> Option<&Arc<Document>> {
        self.document.get_or_init(|| self.scan().map(Arc::new)).as_ref()
    }

    pub fn body_form(&self) -> &BodyForm {
        &self.body_form
    }

    /// The bytes that the event's data is made of: the body, or the part of it that its provider's row names.
    pub fn content(&self) -> &[u8] {
        match &self.body_form {
            BodyForm::Auto
            | BodyForm::Signed
            | BodyForm::Form
            | BodyForm::CloudEvents
            | BodyForm::Text
            | BodyForm::Inner(_)
            | BodyForm::InnerBase64(_) => &self.body,
            BodyForm::FormJson(name) => self.form().get(name).map_or(&self.body, str::as_bytes),
            BodyForm::Base64(_) | BodyForm::Headers(_) | BodyForm::Jws | BodyForm::JwsInner(_) => {
                let decoded = self.decoded.get_or_init(|| self.decode());
                decoded.as_deref().unwrap_or(&self.body)
            }
        }
    }

    /// The media type of [`Self::content`] where it is told or plain to see.
    pub fn content_type(&self) -> Option<&str> {
        match &self.body_form {
            BodyForm::Auto
            | BodyForm::Signed
            | BodyForm::Form
            | BodyForm::CloudEvents
            | BodyForm::Text
            | BodyForm::Inner(_)
            | BodyForm::InnerBase64(_) => self.header(header::CONTENT_TYPE.as_str()),
            _ => self.content().trim_ascii_start().starts_with(b"<").then_some("application/xml"),
        }
    }

    pub fn is_cloudevents_allowed_in_headers(&self) -> bool {
        self.body_form == BodyForm::CloudEvents
    }

    /// The content type without its parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header(header::CONTENT_TYPE.as_str())?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// By the row and the bytes; by the head only where that is all there is.
    fn is_form(&self) -> bool {
        match &self.body_form {
            BodyForm::Form | BodyForm::FormJson(_) | BodyForm::Base64(_) => !is_like_json(&self.body),
            BodyForm::Signed | BodyForm::Inner(_) | BodyForm::InnerBase64(_) => is_like_form(&self.body),
            _ => {
                let says_form = self.media_type().as_deref() == Some("application/x-www-form-urlencoded");
                says_form && !is_like_json(&self.body)
            }
        }
    }

    fn scan(&self) -> Option<Document> {
        match &self.body_form {
            BodyForm::Text => None,
            BodyForm::Base64(_) | BodyForm::Headers(_) | BodyForm::Jws | BodyForm::JwsInner(_) => {
                Document::scan(self.content()).ok()
            }
            BodyForm::FormJson(name) if self.form().get(name).is_some() => {
                Document::scan(self.content()).ok()
            }
            _ if !self.is_form() => Document::scan(&self.body).ok(),
            _ if self.body.is_empty() => None,
            _ => Document::scan(self.form().to_json().as_bytes()).ok(),
        }
    }

    fn decode(&self) -> Option<Vec<u8>> {
        match &self.body_form {
            BodyForm::Base64(name) => {
                // Some senders break the lines.
                let text: String =
                    self.form().get(name)?.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
                Encoding::Base64.decode(&text)
            }
            BodyForm::Headers(prefix) => {
                let named =
                    self.headers.iter().filter(|(name, _)| name.as_str().starts_with(prefix.as_str()));
                let members = named.filter_map(|(name, value)| {
                    Some((name.to_string(), serde_json::Value::from(value.to_str().ok()?)))
                });
                Some(serde_json::Value::Object(members.collect()).to_string().into_bytes())
            }
            BodyForm::Jws | BodyForm::JwsInner(_) => {
                let payload = std::str::from_utf8(&self.body).ok()?.trim().split('.').nth(1)?;
                Encoding::Base64Url.decode(payload)
            }
            _ => None,
        }
    }
}

/// Whether a body begins as JSON or XML does, and as no form: it is then never read as one, whatever it or its head says. A
/// text inside JSON may hold `&payload=…&`, and curl's default says form.
fn is_like_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    matches!(body.first(), Some(b'{' | b'[' | b'"' | b'<'))
}

/// Whether a body is `name=value` and so on with nothing that a form would have escaped.
fn is_like_form(body: &[u8]) -> bool {
    let of_form = |byte: &u8| (byte.is_ascii_graphic() || *byte >= 0x80) && !b"\"<>\\{}".contains(byte);
    let has_value = || {
        // The end of base64 is no field.
        let at = body.iter().position(|byte| *byte == b'=');
        at.is_some_and(|at| at > 0 && body[at..].iter().any(|byte| *byte != b'='))
    };
    !is_like_json(body) && body.iter().all(of_form) && has_value()
}

#[cfg(test)]
impl Delivery {
    /// A POST of this body, for the tests of whoever reads deliveries.
    pub(super) fn posted(uri: &'static str, headers: &[(&'static str, &str)], body: &'static str) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().unwrap()));
        let (uri, headers) = (Uri::from_static(uri), headers.collect::<HeaderMap>());
        Self::new(Method::POST, uri, headers, body.into(), SystemTime::UNIX_EPOCH, BodyForm::Auto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(form: BodyForm, content_type: &'static str, body: &'static str) -> Delivery {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().unwrap());
        headers.insert("x-goog-resource-state", "exists".parse().unwrap());
        Delivery::new(Method::POST, Uri::from_static("/"), headers, body.into(), SystemTime::UNIX_EPOCH, form)
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn each_body_form_finds_its_data() {
        for (form, content_type, body, document, content) in [
            (BodyForm::Auto, FORM, "a=1", Some(r#"{"a":"1"}"#), "a=1"),
            (BodyForm::Auto, FORM, r#"{"a":1}"#, Some(r#"{"a":1}"#), r#"{"a":1}"#),
            (BodyForm::Auto, FORM, r#" {"a":"&b=1&"}"#, Some(r#"{"a":"&b=1&"}"#), r#" {"a":"&b=1&"}"#),
            (BodyForm::Auto, "text/plain", "a=1", None, "a=1"),
            (BodyForm::Signed, "text/plain", "a=1&b=%7B", Some(r#"{"a":"1","b":"{"}"#), "a=1&b=%7B"),
            (BodyForm::Signed, FORM, "plain words = 1", None, "plain words = 1"),
            (BodyForm::Signed, FORM, "YWJjZA==", None, "YWJjZA=="),
            (BodyForm::Signed, FORM, "12", Some("12"), "12"),
            (BodyForm::Form, "application/json", "a=1", Some(r#"{"a":"1"}"#), "a=1"),
            (BodyForm::Form, FORM, r#"{"a":"&b=1&"}"#, Some(r#"{"a":"&b=1&"}"#), r#"{"a":"&b=1&"}"#),
            (BodyForm::FormJson("p".into()), "text/plain", "x=1&p=%7B%7D", Some("{}"), "{}"),
            (BodyForm::Text, "application/json", r#"{"a":1}"#, None, r#"{"a":1}"#),
            (BodyForm::FormJson("p".into()), FORM, "x=1&p=%7B%7D", Some("{}"), "{}"),
            (BodyForm::FormJson("p".into()), "application/json", "[]", Some("[]"), "[]"),
            (BodyForm::Base64("p".into()), FORM, "p=PGE%2BPC9h%0APg%3D%3D%0A", None, "<a></a>"),
            (BodyForm::Base64("p".into()), FORM, "p=!", None, "p=!"),
            (BodyForm::Jws, "application/jwt", "e30.eyJhIjoxfQ.c2ln", Some(r#"{"a":1}"#), r#"{"a":1}"#),
            (
                BodyForm::Headers("x-goog-".into()),
                "text/plain",
                "",
                Some(r#"{"x-goog-resource-state":"exists"}"#),
                r#"{"x-goog-resource-state":"exists"}"#,
            ),
        ] {
            let delivery = delivery(form.clone(), content_type, body);
            assert_eq!(
                delivery.document().map(|document| document.root().raw()),
                document,
                "{form:?} {body}"
            );
            assert_eq!(String::from_utf8_lossy(delivery.content()), content, "{form:?} {body}");
        }
    }

    #[test]
    fn a_body_is_json_or_a_form_and_never_both() {
        // Where the field alone is signed it is not found; where the body is, what stands in a text is no field.
        for body in
            [r#"{"a":"&p=%7B%22b%22:1%7D&"}"#, "\u{feff}{\"a\":\"&p=%7B%22b%22:1%7D&\"}", "\n[\"&p=1\""]
        {
            let delivery = delivery(BodyForm::FormJson("p".into()), FORM, body);
            assert!(delivery.form().is_empty(), "{body}");
            let document = delivery.document().map(|document| document.root().raw().to_owned());
            assert!(document.is_none_or(|raw| raw == body), "{body}");
        }
    }
}
