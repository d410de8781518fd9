//! A provider as a catalogue row: what it signs, how it names its events, what it asks and what it wants to hear. Built-in
//! rows and an operator's `[provider.NAME]` are read by the same code.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use toml::{Table, Value};

use crate::mistake::Mistake;
use crate::secret::Secret;

use super::challenge::Askable;
use super::delivery::BodyForm;
use super::fields::{Fields, as_table};
use super::handshake::{Handshake, parse_echo};
use super::meant;
use super::method::{MethodRule, Scheme, parse_header_prefix};
use super::origin::Origin;
use super::pointer::Pointer;
use super::privacy::Privacy;
use super::signature::Place;
use super::template::{Grammar, Part, Template, parse_header_name};
use super::verify::Verifier;
use super::when::When;

/// How long dedupe keys live where a row does not say: longer than nearly every provider's retries.
const DEDUPE: Duration = Duration::from_hours(72);
/// How long a provider waits for our answer where its row does not say.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
pub struct Row {
    pub title: String,
    /// The vendor's page about verification.
    pub docs: String,
    /// Where to paste the URL.
    pub paste: String,
    /// What the secret is and where it is shown.
    pub secret: String,
    /// Which events to choose; may be empty.
    pub events: String,
    /// What the provider does when it is not answered 2xx; may be empty.
    pub retries: String,
    pub traps: Vec<String>,
    /// A header that gives this provider away; for people, never for verification.
    pub detect: Option<String>,
    pub origin: Origin,
    pub methods: Vec<MethodRule>,
    pub delivery: DeliveryRule,
    pub handshakes: Vec<Handshake>,
    pub answer: AnswerRule,
    pub sample: SampleRule,
}

/// What a delivery's events are called and how often they may come.
#[derive(Debug, Clone, Default)]
pub struct DeliveryRule {
    /// Places of the id; the first that is there counts.
    pub ids: Vec<Template>,
    /// Types of deliveries that are special, before all others.
    pub special: Vec<(When, Template)>,
    pub types: Vec<Template>,
    /// The array that holds a batch.
    pub each: Option<Pointer>,
    pub body: BodyForm,
    pub dedupe: Duration,
    /// A signed body counts once, whatever id comes with it.
    pub is_body_once: bool,
    /// A signature counts once, whatever else comes with it: what it is over is fresh each time, but not the body or its id.
    pub is_signature_once: bool,
    pub privacy: Privacy,
}

/// What the provider insists on hearing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRule {
    pub ok: StatusCode,
    /// How long the provider waits.
    pub deadline: Duration,
    /// In the place of our own words about each event.
    pub body: Option<String>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// A header of the delivery that its answer must hold too.
    pub echo: Option<HeaderName>,
    /// In the place of 401: some stop sending on one status and try again on another.
    pub refused: Option<StatusCode>,
}

/// A realistic delivery for `send`, the demo and the tests.
#[derive(Debug, Clone)]
pub struct SampleRule {
    pub event_type: String,
    pub body: String,
    pub headers: Vec<(String, String)>,
    pub content_type: Option<String>,
}

impl Row {
    /// Reads a row; all its mistakes at once.
    pub fn parse(name: &str, table: &Table) -> Result<Self, Vec<Mistake>> {
        let mut fields = Fields::new(table);
        let mut text = |key| fields.string(key).unwrap_or_default().to_owned();
        let (title, docs, paste, secret) = (text("title"), text("docs"), text("paste"), text("secret"));
        let (events, retries) = (text("events"), text("retries"));
        let mut row = Self {
            title: if title.is_empty() { name.to_owned() } else { title },
            docs,
            paste,
            secret,
            events,
            retries,
            traps: fields.texts("traps", |trap| Ok(trap.to_owned())),
            detect: fields.string("detect").map(str::to_owned),
            origin: Origin::read(&mut fields),
            methods: fields.each("verify", MethodRule::parse),
            delivery: first(fields.each("delivery", DeliveryRule::parse)).unwrap_or_else(DeliveryRule::plain),
            handshakes: fields.each("handshake", Handshake::parse),
            answer: first(fields.each("answer", AnswerRule::parse)).unwrap_or_else(AnswerRule::plain),
            sample: first(fields.each("sample", SampleRule::parse)).unwrap_or_default(),
        };
        row.delivery.body = row.body_form();
        row.delivery.privacy = std::mem::take(&mut row.delivery.privacy).and_tokens_of(&row.methods);
        if table.get("verify").is_none() {
            fields.mistake(
                "verify",
                Mistake::new(
                    "nothing says how deliveries are verified",
                    "write [verify], with scheme = \"none\" if nothing is signed",
                ),
            );
        }
        let is_token = |method: &MethodRule| matches!(method.scheme, Scheme::Jws(_));
        if row.methods.iter().any(is_token) && row.askable().next().is_some() {
            let mend = "write signed = \"before\", or leave sign out";
            let what = "whoever asks could have a token signed, which proves deliveries here";
            fields.mistake("handshake", Mistake::new(what, mend));
        }
        done(row, fields.finish())
    }

    /// What anybody can have signed by asking.
    fn askable(&self) -> impl Iterator<Item = Askable> {
        self.handshakes.iter().filter_map(Handshake::askable)
    }

    /// Its methods with these keys; what cannot be one is a mistake at its index.
    pub fn verifier(&self, secrets: &[Secret]) -> Result<Verifier, Vec<Mistake>> {
        Ok(Verifier::new(&self.methods, secrets)?.distrusting(self.askable()))
    }
}

impl Row {
    /// What of the body's form follows from the rest of the row, so that no header has to say it.
    fn body_form(&self) -> BodyForm {
        let rule = &self.delivery;
        if rule.body != BodyForm::Auto {
            return rule.body.clone();
        }
        let templates = rule.ids.iter().chain(&rule.types).chain(rule.special.iter().map(|(_, text)| text));
        let named =
            templates.chain(self.methods.iter().map(|method| &method.message)).flat_map(Template::parts);
        let asked = rule.special.iter().flat_map(|(when, _)| when.parts());
        let is_field = |part: &Part| matches!(part, Part::Form(_) | Part::FormSorted);
        let places = || self.methods.iter().flat_map(|method| &method.signatures).map(|rule| &rule.place);
        if named.chain(asked).any(is_field) || places().any(|place| matches!(place, Place::Form(_))) {
            return BodyForm::Form;
        }
        if self.methods.iter().any(MethodRule::is_signed) { BodyForm::Signed } else { BodyForm::Auto }
    }
}

impl DeliveryRule {
    fn plain() -> Self {
        Self { dedupe: DEDUPE, ..Self::default() }
    }

    fn parse(value: &Value) -> Result<Self, Vec<Mistake>> {
        let mut fields = Fields::new(as_table(value)?);
        let rule = Self {
            ids: fields.texts("id", |text| {
                // `header:X-Id` is short for `{header:X-Id}`.
                let spelt = if text.contains('{') { text.to_owned() } else { format!("{{{text}}}") };
                Template::parse(&spelt, Grammar::Row)
            }),
            special: fields.each("special", read_special),
            types: fields.texts("type", |text| match meant::literal_place(text) {
                Some(mistake) => Err(mistake),
                None => Template::parse(text, Grammar::Row),
            }),
            each: fields.parsed("each", parse_each),
            body: fields.parsed("body", parse_body_form).unwrap_or_default(),
            dedupe: fields.duration("dedupe").unwrap_or(DEDUPE),
            is_body_once: fields.boolean("body-once").unwrap_or(false),
            is_signature_once: fields.boolean("signature-once").unwrap_or(false),
            privacy: Privacy::read(&mut fields),
        };
        done(rule, fields.finish())
    }
}

fn read_special(value: &Value) -> Result<(When, Template), Vec<Mistake>> {
    let mut fields = Fields::new(as_table(value)?);
    let when = first(fields.each("when", When::parse)).unwrap_or_default();
    let event_type = fields.parsed("type", |text| Template::parse(text, Grammar::Row));
    if event_type.is_none() {
        fields.mistake("type", Mistake::new("nothing says the type", "write such as type = \"revocation\""));
    }
    match event_type {
        Some(event_type) => done((when, event_type), fields.finish()),
        None => Err(fields.finish()),
    }
}

/// `[]` is the body itself, `entry[]` an array in it.
fn parse_each(text: &str) -> Result<Pointer, Mistake> {
    match text.strip_suffix("[]") {
        Some(path) => Pointer::parse(path),
        None => {
            Err(Mistake::new("a batch is written with a last `[]`", "write such as \"entry[]\" or \"[]\""))
        }
    }
}

fn parse_body_form(text: &str) -> Result<BodyForm, Mistake> {
    match text.split_once(' ') {
        None if text == "auto" => Ok(BodyForm::Auto),
        None if text == "cloudevents" => Ok(BodyForm::CloudEvents),
        None if text == "text" => Ok(BodyForm::Text),
        None if text == "jws" => Ok(BodyForm::Jws),
        Some(("form-json", field)) if !field.is_empty() => Ok(BodyForm::FormJson(field.to_owned())),
        Some(("jws", path)) => Ok(BodyForm::JwsInner(Pointer::parse(path)?)),
        Some(("inner", path)) => Ok(BodyForm::Inner(Pointer::parse(path)?)),
        Some(("inner-base64", path)) => Ok(BodyForm::InnerBase64(Pointer::parse(path)?)),
        Some(("base64", field)) if !field.is_empty() => Ok(BodyForm::Base64(field.to_owned())),
        Some(("headers", prefix)) => parse_header_prefix(prefix).map(BodyForm::Headers),
        _ => Err(Mistake::new(
            format!("unknown body form `{}`", text.escape_debug()),
            "write auto, cloudevents, text, jws, jws PATH, form-json FIELD, base64 FIELD, inner PATH, inner-base64 PATH or headers NAME*",
        )),
    }
}

impl AnswerRule {
    fn plain() -> Self {
        Self {
            ok: StatusCode::ACCEPTED,
            deadline: ANSWER_DEADLINE,
            body: None,
            headers: Vec::new(),
            echo: None,
            refused: None,
        }
    }

    fn parse(value: &Value) -> Result<Self, Vec<Mistake>> {
        let mut fields = Fields::new(as_table(value)?);
        let mut status = |key, bounds| {
            let number = fields.number(key, bounds).and_then(|status| u16::try_from(status).ok());
            number.and_then(|status| StatusCode::from_u16(status).ok())
        };
        let (ok, refused) = (status("ok", 200..=299), status("refused", 400..=499));
        let headers = read_headers(&mut fields);
        let echo = fields.parsed("echo", parse_echo);
        let rule = Self {
            ok: ok.unwrap_or(StatusCode::ACCEPTED),
            deadline: fields.duration("deadline").unwrap_or(ANSWER_DEADLINE),
            body: fields.string("body").map(str::to_owned),
            headers,
            echo,
            refused,
        };
        done(rule, fields.finish())
    }
}

/// `type` and `headers` of an answer.
fn read_headers(fields: &mut Fields<'_>) -> Vec<(HeaderName, HeaderValue)> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| {
            Mistake::new(
                "this text cannot stand in a header",
                "write visible ASCII letters, without line breaks",
            )
        })
    };
    let mut headers = Vec::new();
    headers.extend(fields.parsed("type", value).map(|value| (header::CONTENT_TYPE, value)));
    for (name, found) in fields.table("headers").into_iter().flatten() {
        let text = found.as_str().ok_or_else(|| super::fields::wrong_type("a text in quotes", found));
        match text.and_then(|text| Ok((parse_header_name(name)?, value(text)?))) {
            Ok(header) => headers.push(header),
            Err(mistake) => fields.mistake("headers", mistake.under(name)),
        }
    }
    headers
}

impl Default for SampleRule {
    fn default() -> Self {
        Self { event_type: String::new(), body: "{}".into(), headers: Vec::new(), content_type: None }
    }
}

impl SampleRule {
    fn parse(value: &Value) -> Result<Self, Vec<Mistake>> {
        let mut fields = Fields::new(as_table(value)?);
        let mut headers = Vec::new();
        for (name, value) in fields.table("headers").into_iter().flatten() {
            match value.as_str() {
                Some(text) => headers.push((name.to_ascii_lowercase(), text.to_owned())),
                None => fields
                    .mistake("headers", super::fields::wrong_type("a text in quotes", value).under(name)),
            }
        }
        let rule = Self {
            event_type: fields.string("type").unwrap_or_default().to_owned(),
            body: fields.string("body").unwrap_or("{}").to_owned(),
            headers,
            content_type: fields.string("content-type").map(str::to_owned),
        };
        done(rule, fields.finish())
    }
}

fn first<T>(all: Vec<T>) -> Option<T> {
    all.into_iter().next()
}

fn done<T>(read: T, mistakes: Vec<Mistake>) -> Result<T, Vec<Mistake>> {
    if mistakes.is_empty() { Ok(read) } else { Err(mistakes) }
}
