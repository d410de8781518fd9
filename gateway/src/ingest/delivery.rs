//! One HTTP request as it came: nothing in it is trusted yet. What verification has to look into (JSON, form, query) is
//! parsed at most once, and not before it is asked for.

use std::cell::OnceCell;
use std::time::SystemTime;

use axum::http::{HeaderMap, Method, Uri, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use super::fetched::claim::Found;
use super::json::{Document, Kind};
use super::pointer::Pointer;
use crate::http::form::Form;

/// How a provider writes its body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BodyForm {
    /// JSON; a body that says it is a form becomes an object of its fields.
    #[default]
    Auto,
    /// JSON in this field where the body is a form, else JSON.
    FormJson(String),
    /// CloudEvents in any mode, the binary one (`ce-` headers) included.
    CloudEvents,
    /// A JSON envelope whose event's data is this member; a text that holds JSON is opened where it stands.
    Inner(Pointer),
    /// The same, of a member that is base64.
    InnerBase64(Pointer),
}

#[derive(Debug)]
pub struct Delivery {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub received: SystemTime,
    body_form: BodyForm,
    form: OnceCell<Form>,
    query: OnceCell<Form>,
    document: OnceCell<Option<Document>>,
    found: Option<Found>,
}

impl Delivery {
    pub fn new(
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
        received: SystemTime,
        body_form: BodyForm,
    ) -> Self {
        Self {
            method,
            uri,
            headers,
            body,
            received,
            body_form,
            form: OnceCell::new(),
            query: OnceCell::new(),
            document: OnceCell::new(),
            found: None,
        }
    }

    /// The same with the key that was fetched for it.
    #[must_use]
    pub fn with_key(self, found: Found) -> Self {
        Self { found: Some(found), ..self }
    }

    pub fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// Opens what a JSON envelope holds as text. Once it is verified, since what is signed is the text as it came.
    pub(super) fn open(&mut self) {
        let (pointer, is_base64) = match &self.body_form {
            BodyForm::Inner(pointer) => (pointer, false),
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
        self.document = OnceCell::from(Some(opened));
    }

    /// The member of an envelope that is the event's data.
    pub(super) fn inner(&self) -> Option<&Pointer> {
        match &self.body_form {
            BodyForm::Inner(pointer) | BodyForm::InnerBase64(pointer) => Some(pointer),
            _ => None,
        }
    }

    /// The first header of this name, as text; one that is not ASCII counts as absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn query(&self) -> &Form {
        self.query.get_or_init(|| Form::parse(self.uri.query().unwrap_or_default().as_bytes()))
    }

    /// The body's fields; none unless the body says it is a form.
    pub fn form(&self) -> &Form {
        self.form.get_or_init(|| if self.is_form() { Form::parse(&self.body) } else { Form::default() })
    }

    /// The body as JSON, if it is.
    pub fn document(&self) -> Option<&Document> {
        self.document.get_or_init(|| self.scan()).as_ref()
    }

    pub fn is_cloudevents_allowed_in_headers(&self) -> bool {
        self.body_form == BodyForm::CloudEvents
    }

    /// The content type without its parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header(header::CONTENT_TYPE.as_str())?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    fn is_form(&self) -> bool {
        self.media_type().as_deref() == Some("application/x-www-form-urlencoded")
    }

    fn scan(&self) -> Option<Document> {
        if !self.is_form() {
            return Document::scan(&self.body).ok();
        }
        match &self.body_form {
            // A body sent with the wrong content type (curl's default says form) is still JSON.
            _ if matches!(self.body.first(), Some(b'{' | b'[')) => Document::scan(&self.body).ok(),
            BodyForm::FormJson(name) if self.form().get(name).is_some() => {
                Document::scan(self.form().get(name)?.as_bytes()).ok()
            }
            _ if self.body.is_empty() => None,
            _ => Document::scan(self.form().to_json().as_bytes()).ok(),
        }
    }
}
