//! What of a genuine body is never published, whatever a source keeps: the token that proves it, and what its sender did not
//! mean for a screen. Hidden values become null, before the topic, the rules and the data are made; the body that was
//! verified stays as it came.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use toml::Value as Toml;

use crate::mistake::Mistake;

use super::fields::{Fields, as_table};
use super::json::{Document, Value};
use super::method::MethodRule;
use super::pointer::Pointer;
use super::signature::Place;
use super::template::Reading;
use super::when::When;

/// `hide` and `private` of a row's `[delivery]`.
#[derive(Debug, Clone, Default)]
pub struct Privacy {
    always: Vec<Pointer>,
    /// Hidden as long as the condition does not hold: where nothing is said, nothing is public.
    unless: Option<(When, Vec<Pointer>)>,
}

/// What the operator makes of events that are not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Private {
    #[default]
    Hide,
    Drop,
    /// As any other: for a screen that only its owner sees.
    Publish,
}

pub const PRIVATE: [(&str, Private); 3] =
    [("hide", Private::Hide), ("drop", Private::Drop), ("publish", Private::Publish)];

/// What is left of an event.
#[derive(Debug)]
pub enum Seen {
    Whole,
    /// The same with null in some places.
    Without(Arc<Document>),
    /// It is there, and nothing of its body may be seen: something is hidden, and nobody can tell where it stands.
    Closed,
    Nothing,
}

impl Privacy {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            always: fields.texts("hide", Pointer::parse),
            unless: fields.each("private", read_private).into_iter().next(),
        }
    }

    /// Tokens that stand in the body are secrets: whoever reads one can send anything. So are signatures that stand there, as
    /// they cover some of it only.
    pub(super) fn and_tokens_of(mut self, methods: &[MethodRule]) -> Self {
        for place in methods.iter().flat_map(|method| &method.signatures).map(|rule| &rule.place) {
            let pointer = match place {
                Place::Json(pointer) => Some(pointer.clone()),
                // A form becomes an object of its fields.
                Place::Form(name) => Some(Pointer::of_step(name)),
                _ => None,
            };
            self.always.extend(pointer);
        }
        self
    }

    /// Whether some events are private, as far as the row knows.
    pub(super) fn has_private(&self) -> bool {
        self.unless.is_some()
    }

    /// What of an event may be seen; `each` is where the elements of a batch stand.
    pub(super) fn seen(&self, private: Private, reading: &Reading<'_>, each: Option<&Pointer>) -> Seen {
        let unless = self.unless.as_ref().filter(|_| private != Private::Publish);
        let hidden = unless.filter(|(when, _)| !when.holds(reading));
        if hidden.is_some() && private == Private::Drop {
            return Seen::Nothing;
        }
        let hides = || self.always.iter().chain(hidden.map_or(&[][..], |(_, hidden)| hidden));
        let Some(json) = reading.json() else {
            // Text, JSON too deep or broken: a path finds nothing there that it could take out.
            let is_closed = hides().next().is_some() && !reading.delivery.body.is_empty();
            return if is_closed { Seen::Closed } else { Seen::Whole };
        };
        let data = reading.delivery.inner().and_then(|inner| inner.find(json));
        let mut places = Vec::new();
        for pointer in hides() {
            pointer.places(json, &mut places);
            if let Some(data) = data {
                pointer.places(data, &mut places);
            }
            // The row may speak of the whole body, but this is one element of it.
            if let (Some(_), Some(each)) = (reading.element, each)
                && let Some(inside) = pointer.inside(each)
            {
                inside.places(json, &mut places);
            }
        }
        if places.is_empty() { Seen::Whole } else { Seen::Without(Arc::new(without(json, places))) }
    }
}

/// The value with null in these places of its document.
fn without(value: Value<'_>, mut places: Vec<Range<usize>>) -> Document {
    places.sort_by_key(|place| (place.start, Reverse(place.end)));
    let (raw, start) = (value.raw(), value.range().start);
    let (mut text, mut at) = (String::with_capacity(raw.len()), 0);
    for place in places {
        let (from, to) = (place.start - start, place.end - start);
        // What stands inside something hidden is gone already.
        if from >= at {
            text.push_str(&raw[at..from]);
            text.push_str("null");
            at = to;
        }
    }
    text.push_str(&raw[at..]);
    // JSON with nulls in it is JSON; if it ever were not, showing nothing is the safe side.
    Document::scan(text.as_bytes()).unwrap_or_else(|_| Document::scan(b"null").expect("null is JSON"))
}

fn read_private(value: &Toml) -> Result<(When, Vec<Pointer>), Vec<Mistake>> {
    let table = as_table(value)?;
    let mut fields = Fields::new(table);
    let unless = fields.each("unless", When::parse).into_iter().next();
    let hidden = fields.texts("hide", Pointer::parse);
    if !table.contains_key("unless") {
        let mend = "write such as unless = { json = \"is_public\", equals = true }, or hide alone";
        fields.mistake("unless", Mistake::new("nothing says when these are public", mend));
    }
    let mistakes = fields.finish();
    match unless {
        Some(unless) if mistakes.is_empty() => Ok((unless, hidden)),
        _ => Err(mistakes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::delivery::Delivery;

    fn shown(row: &str, body: &'static str) -> String {
        let table: toml::Table = row.parse().unwrap();
        let mut fields = Fields::new(&table);
        let privacy = Privacy::read(&mut fields);
        assert!(fields.finish().is_empty());
        let delivery = Delivery::posted("/", &[], body);
        let reading = Reading::of(&delivery);
        match privacy.seen(Private::Hide, &reading, None) {
            Seen::Without(document) => document.root().raw().to_owned(),
            Seen::Closed => "closed".to_owned(),
            _ => reading.json().unwrap().raw().to_owned(),
        }
    }

    #[test]
    fn what_is_hidden_becomes_null() {
        for (row, body, expected) in [
            ("hide = ['/token']", r#"{"a":1,"token":"x"}"#, r#"{"a":1,"token":null}"#),
            ("hide = ['/token']", r#"{"a":1}"#, r#"{"a":1}"#),
            (
                "hide = ['/b/c', '/b', '/a']",
                r#"{"a":[1,2],"b":{"c":3},"d":4}"#,
                r#"{"a":null,"b":null,"d":4}"#,
            ),
            ("hide = ['/t']", r#"{"t":"x","a":1,"t":"y"}"#, r#"{"t":null,"a":1,"t":null}"#),
            ("hide = ['/0/t']", r#"[{"t":"x"},{"t":"y"}]"#, r#"[{"t":null},{"t":"y"}]"#),
            ("hide = ['/t']", "t=secret", "closed"),
            ("hide = ['/t']", r#"{"t":"secret""#, "closed"),
            (PRIVATE, "message=hi", "closed"),
            (PRIVATE, r#"{"public":true,"message":"hi"}"#, r#"{"public":true,"message":"hi"}"#),
            (PRIVATE, r#"{"public":false,"message":"hi"}"#, r#"{"public":false,"message":null}"#),
            (PRIVATE, r#"{"message":"hi"}"#, r#"{"message":null}"#),
            (PRIVATE, r#"{"public":"yes","message":"hi"}"#, r#"{"public":"yes","message":null}"#),
        ] {
            assert_eq!(shown(row, body), expected, "{row}");
        }
    }

    const PRIVATE: &str = "private = { unless = { json = 'public', equals = true }, hide = ['/message'] }";
}
