//! Templates of provider rows and of an operator's rules: literal text and parts in braces. Rows spell the place a part
//! comes from (`{header:X-Id}.{json:action?}`); in rules a bare `{a.b.0}` or `{/a/b/0}` reads the body.

use std::borrow::Cow;

use axum::http::HeaderName;

use crate::mistake::Mistake;

use super::delivery::Delivery;
use super::json::Value;
use super::pointer::Pointer;
use super::signature::Labels;

/// Where a piece of a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Body,
    /// The timestamp exactly as it came.
    Timestamp,
    Method,
    /// The URL that the sender was given: the public one, with the path and query of this request.
    Url,
    Path,
    /// The URL without its query.
    Endpoint,
    /// The host that the sender was given: the public URL's, else what its request says.
    Host,
    /// The form's fields sorted by name, each name and value joined with nothing.
    FormSorted,
    /// A secret of the source, in plain hashes only.
    Secret,
    Header(HeaderName),
    Query(String),
    Json(Pointer),
    Form(String),
    /// A labelled piece of the signature header, such as `t` in `t=1,v1=…`.
    Signature(String),
    /// The event's own names, in rules only.
    EventType,
    EventId,
    Source,
}

/// Who wrote a template: the grammars differ in what a bare name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    Row,
    Rule,
}

impl Part {
    /// Reads what stands between the braces, or in a list such as `id = ["header:X-Id", "json:id"]`.
    pub fn parse(text: &str, grammar: Grammar) -> Result<Self, Mistake> {
        if let Some((place, name)) = text.split_once(':').filter(|_| !text.starts_with('/')) {
            return match place {
                "header" => Ok(Self::Header(parse_header_name(name)?)),
                "query" => Ok(Self::Query(name.to_owned())),
                "json" => Pointer::parse(name).map(Self::Json),
                "form" => Ok(Self::Form(name.to_owned())),
                "sig" => Ok(Self::Signature(name.to_owned())),
                _ => Err(unknown_part(text)),
            };
        }
        match (grammar, text) {
            (_, "body") if grammar == Grammar::Row => Ok(Self::Body),
            (Grammar::Row, "ts") => Ok(Self::Timestamp),
            (Grammar::Row, "method") => Ok(Self::Method),
            (Grammar::Row, "url") => Ok(Self::Url),
            (Grammar::Row, "path") => Ok(Self::Path),
            (Grammar::Row, "endpoint") => Ok(Self::Endpoint),
            (Grammar::Row, "host") => Ok(Self::Host),
            (Grammar::Row, "form-sorted") => Ok(Self::FormSorted),
            (Grammar::Row, "secret") => Ok(Self::Secret),
            (Grammar::Rule, "type") => Ok(Self::EventType),
            (Grammar::Rule, "id") => Ok(Self::EventId),
            (Grammar::Rule, "source") => Ok(Self::Source),
            (Grammar::Rule, _) if !text.is_empty() => Pointer::parse(text).map(Self::Json),
            _ => Err(unknown_part(text)),
        }
    }

    fn is_text_of_body(&self) -> bool {
        matches!(self, Self::Json(_) | Self::Form(_) | Self::FormSorted)
    }
}

pub fn parse_header_name(name: &str) -> Result<HeaderName, Mistake> {
    name.parse().map_err(|_| {
        Mistake::new(
            format!("`{}` is no header's name", name.escape_debug()),
            "write it such as `X-Signature`",
        )
    })
}

fn unknown_part(text: &str) -> Mistake {
    Mistake::new(
        format!("`{}` is no part of a delivery", text.escape_debug()),
        "write body, ts, method, url, endpoint, path, host, form-sorted, secret, header:NAME, query:NAME, json:PATH, form:NAME or sig:LABEL",
    )
}

/// What parts are read from.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    pub delivery: &'a Delivery,
    /// The element of a batch; absent, JSON parts read the whole body.
    pub element: Option<Value<'a>>,
    pub timestamp: Option<&'a str>,
    pub labels: Option<&'a Labels>,
    pub public_url: Option<&'a str>,
    pub secret: Option<&'a [u8]>,
    pub event: Option<EventNames<'a>>,
    /// Only what [`Self::json`] gives is seen of the body: the rest holds what must not be.
    pub hides_body: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct EventNames<'a> {
    pub id: &'a str,
    pub event_type: &'a str,
    pub source: &'a str,
}

impl<'a> Reading<'a> {
    pub fn of(delivery: &'a Delivery) -> Self {
        Self {
            delivery,
            element: None,
            timestamp: None,
            labels: None,
            public_url: None,
            secret: None,
            event: None,
            hides_body: false,
        }
    }

    pub fn json(&self) -> Option<Value<'a>> {
        self.element.or_else(|| Some(self.delivery.document()?.root()))
    }

    pub fn part(&self, part: &Part) -> Option<Cow<'a, [u8]>> {
        let text = |text: &'a str| Some(Cow::Borrowed(text.as_bytes()));
        match part {
            Part::Body | Part::FormSorted if self.hides_body => None,
            // What is left of a form is an object of its fields.
            Part::Form(name) if self.hides_body => value_bytes(self.json()?.member(name)?),
            Part::Body => Some(Cow::Borrowed(&self.delivery.body)),
            Part::Header(name) => {
                self.delivery.headers.get(name).map(|value| Cow::Borrowed(value.as_bytes()))
            }
            Part::Timestamp => self.timestamp.and_then(text),
            Part::Method => text(self.delivery.method.as_str()),
            Part::Path => text(self.delivery.uri.path()),
            Part::Url => Some(Cow::Owned(self.delivery.url(self.public_url?).into_bytes())),
            Part::Endpoint => {
                let path = self.delivery.uri.path();
                Some(Cow::Owned(format!("{}{path}", self.public_url?.trim_end_matches('/')).into_bytes()))
            }
            Part::Host => match self.public_url.and_then(host) {
                Some(host) => text(host),
                None => text(self.delivery.header("host")?),
            },
            Part::FormSorted => {
                let form = self.delivery.form();
                (!form.is_empty()).then(|| Cow::Owned(form.sorted().into_bytes()))
            }
            Part::Secret => self.secret.map(Cow::Borrowed),
            Part::Query(name) => self.delivery.query().get(name).and_then(text),
            Part::Form(name) => self.delivery.form().get(name).and_then(text),
            Part::Signature(label) => self.labels?.get(label).and_then(text),
            Part::Json(pointer) => value_bytes(pointer.find(self.json()?)?),
            // While the event's own name is being made, the body's stands in.
            Part::EventType => match self.event {
                Some(event) if !event.event_type.is_empty() => text(event.event_type),
                _ => value_bytes(self.json()?.member("type")?),
            },
            Part::EventId => match self.event {
                Some(event) => text(event.id),
                None => value_bytes(self.json()?.member("id")?),
            },
            Part::Source => self.event.and_then(|event| text(event.source)),
        }
    }

    /// A part as text; bytes outside UTF-8 become U+FFFD.
    pub fn text(&self, part: &Part) -> Option<Cow<'a, str>> {
        // What is a text already is not looked through again.
        if let Part::Json(pointer) = part {
            return pointer.find(self.json()?)?.text();
        }
        Some(match self.part(part)? {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(into_text(bytes)),
        })
    }
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The host, with its port if there is one, of an `http` or `https` URL.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', '?']).next().filter(|host| !host.is_empty())
}

fn value_bytes(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    Some(match value.text()? {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    })
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Literal(String),
    Part { part: Part, is_optional: bool },
}

impl Piece {
    pub fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Part { .. } => None,
        }
    }
}

/// Room for most ids and types.
const RENDERED_BYTES: usize = 64;

/// Literal text and parts, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
    spelt: String,
}

/// A part that the template needs is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absent {
    /// Whether the body should have held it, rather than the head.
    pub is_of_body: bool,
}

impl Template {
    pub fn parse(text: &str, grammar: Grammar) -> Result<Self, Mistake> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let close = rest[open..].find('}').map(|close| open + close);
            let Some(close) = close.filter(|close| *close > open && rest.as_bytes()[open] == b'{') else {
                return Err(Mistake::new(
                    format!("`{{` and `}}` come in pairs, but this is `{}`", text.escape_debug()),
                    "write each part between braces",
                ));
            };
            if open > 0 {
                pieces.push(Piece::Literal(rest[..open].to_owned()));
            }
            let inner = &rest[open + 1..close];
            let (inner, is_optional) = inner.strip_suffix('?').map_or((inner, false), |inner| (inner, true));
            pieces.push(Piece::Part { part: Part::parse(inner, grammar)?, is_optional });
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        Ok(Self { pieces, spelt: text.to_owned() })
    }

    /// The template as it was written.
    pub fn as_str(&self) -> &str {
        &self.spelt
    }

    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter()
    }

    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Part { part, .. } => Some(part),
            Piece::Literal(_) => None,
        })
    }

    /// The text, if the template holds no part.
    pub fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Gives the rendered bytes to `sink`, run by run, so that a large body is never copied. An absent optional part takes
    /// the character before it along.
    ///
    /// # Errors
    /// When a part that is not optional is absent; what came before it has been given.
    pub fn feed(&self, reading: &Reading<'_>, mut sink: impl FnMut(&[u8])) -> Result<(), Absent> {
        for (index, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Literal(text) => {
                    let leaves = match self.pieces.get(index + 1) {
                        Some(Piece::Part { part, is_optional: true }) => reading.part(part).is_none(),
                        _ => false,
                    };
                    let last = if leaves { text.chars().next_back().map_or(0, char::len_utf8) } else { 0 };
                    sink(&text.as_bytes()[..text.len() - last]);
                }
                Piece::Part { part, is_optional } => match reading.part(part) {
                    Some(found) => sink(&found),
                    None if *is_optional => {}
                    None => return Err(Absent { is_of_body: part.is_text_of_body() }),
                },
            }
        }
        Ok(())
    }

    /// The rendered text, if every part that is needed is there.
    pub fn render(&self, reading: &Reading<'_>) -> Option<String> {
        let mut bytes = Vec::with_capacity(RENDERED_BYTES);
        self.feed(reading, |run| bytes.extend_from_slice(run)).ok()?;
        Some(into_text(bytes))
    }

    /// The rendered text with `absent` in the place of each part that is not there.
    pub fn render_with<'a>(&'a self, reading: &Reading<'a>, absent: &'a str) -> Cow<'a, str> {
        let of_piece = |piece: &'a Piece| match piece {
            Piece::Literal(text) => Cow::Borrowed(text.as_str()),
            Piece::Part { part, .. } => {
                reading.text(part).filter(|text| !text.is_empty()).unwrap_or(Cow::Borrowed(absent))
            }
        };
        match self.pieces.as_slice() {
            [piece] => of_piece(piece),
            pieces => pieces.iter().map(of_piece).collect::<String>().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery() -> Delivery {
        let body = r#"{"action":"opened","n":1,"deep":{"a/b":[null,true]}}"#;
        Delivery::posted("/hooks/a?token=x%20y", &[("x-event", "push")], body)
    }

    #[test]
    fn rows_and_rules_read_their_parts() {
        let delivery = delivery();
        let event = Some(EventNames { id: "7", event_type: "t", source: "s" });
        let reading = Reading {
            timestamp: Some("12"),
            public_url: Some("https://x.example/"),
            event,
            ..Reading::of(&delivery)
        };
        for (grammar, text, expected) in [
            (Grammar::Row, "{header:X-Event}.{json:action?}", Some("push.opened")),
            (Grammar::Row, "{header:X-Event}.{json:gone?}", Some("push")),
            (Grammar::Row, "{header:X-Gone?}{header:X-Event}", Some("push")),
            (Grammar::Row, "{json:gone}", None),
            (Grammar::Row, "v0:{ts}:{method}", Some("v0:12:POST")),
            (Grammar::Row, "{url}", Some("https://x.example/hooks/a?token=x%20y")),
            (Grammar::Row, "{path}|{query:token}", Some("/hooks/a|x y")),
            (Grammar::Row, "{json:deep}", None),
            (Grammar::Row, "{endpoint}", Some("https://x.example/hooks/a")),
            (Grammar::Row, "{host}{path}", Some("x.example/hooks/a")),
            (Grammar::Row, "{form-sorted}", None),
            (Grammar::Row, "{secret}", None),
            (Grammar::Rule, "{action}-{/deep/a~1b/1}", Some("opened-true")),
            (Grammar::Rule, "{type}{id}{source}{/n}", Some("t7s1")),
            (Grammar::Rule, "{body}", None),
        ] {
            let template = Template::parse(text, grammar).unwrap();
            assert_eq!(template.render(&reading).as_deref(), expected, "{text}");
        }
        let rule = Template::parse("{gone}x{action}", Grammar::Rule).unwrap();
        assert_eq!(rule.render_with(&reading, "-"), "-xopened");
    }

    #[test]
    fn broken_templates_are_refused() {
        for text in ["{", "}", "{}", "{body", "a}b{", "{nope}", "{nope:a}", "{header:a b}", "{json:a..b}"] {
            assert!(Template::parse(text, Grammar::Row).is_err(), "{text}");
        }
    }
}
