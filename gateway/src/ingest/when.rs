//! A condition on one delivery, as rows write it: `{ header = "X-Type", equals = "ping" }`.

use axum::http::Method;
use toml::Value;

use crate::mistake::Mistake;

use super::fields::{Fields, as_table};
use super::template::{Grammar, Part, Reading};

/// All of these hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    method: Option<Method>,
    part: Option<Part>,
    equals: Option<String>,
    /// A part that must not be there.
    without: Option<Part>,
}

impl When {
    pub fn parse(value: &Value) -> Result<Self, Vec<Mistake>> {
        let mut fields = Fields::new(as_table(value)?);
        let part = |place: &str, name: &str| Part::parse(&format!("{place}:{name}"), Grammar::Row);
        let parts = [
            fields.parsed("header", |name| part("header", name)),
            fields.parsed("query", |name| part("query", name)),
            fields.parsed("json", |name| part("json", name)),
            fields.parsed("form", |name| part("form", name)),
        ];
        let when = Self {
            method: fields.choice("method", &[("GET", 0), ("POST", 1), ("HEAD", 2), ("OPTIONS", 3)]).map(
                |index: usize| [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS][index].clone(),
            ),
            part: parts.into_iter().flatten().next(),
            equals: read_equals(&mut fields),
            without: fields.parsed("without", |text| Part::parse(text, Grammar::Row)),
        };
        let mistakes = fields.finish();
        if mistakes.is_empty() { Ok(when) } else { Err(mistakes) }
    }

    /// What it looks at.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.part.iter().chain(&self.without)
    }

    pub fn holds(&self, reading: &Reading<'_>) -> bool {
        let is_there = |part: &Part| match part {
            // An object has no text, but is there all the same.
            Part::Json(pointer) => reading.json().and_then(|json| pointer.find(json)).is_some(),
            other => reading.part(other).is_some(),
        };
        // The method comes first: it decides without looking into the body.
        self.method.as_ref().is_none_or(|method| *method == reading.delivery.method)
            && self.part.as_ref().is_none_or(|part| match &self.equals {
                Some(expected) => reading.text(part).as_deref() == Some(expected),
                None => is_there(part),
            })
            && !self.without.as_ref().is_some_and(is_there)
    }
}

/// A text, or a number or boolean as JSON spells it.
fn read_equals(fields: &mut Fields<'_>) -> Option<String> {
    fields.get("equals").map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
