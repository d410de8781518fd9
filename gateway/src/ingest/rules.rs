//! Which of a source's events are published: `accept` and `drop`. They read the whole body; `keep` cuts later.

use crate::mistake::Mistake;

use super::fields::Fields;
use super::matching::Match;
use super::template::Reading;

/// The rules of a `[[source]]`, as its keys spell them.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// One of them must hold; empty: everything is let through.
    accept: Vec<Match>,
    /// None of them may hold; beats `accept`.
    drop: Vec<Match>,
}

impl Rules {
    /// Reads the keys of a source's table; what is wrong is told there.
    pub fn parse(fields: &mut Fields<'_>) -> Self {
        let rules =
            Self { accept: fields.each("accept", Match::parse), drop: fields.each("drop", Match::parse) };
        if fields.get("accept").and_then(toml::Value::as_array).is_some_and(Vec::is_empty) {
            let mend =
                "write what is published, such as [{ type = \"push\" }], or take the key away for everything";
            fields.mistake("accept", Mistake::new("an empty list lets nothing through", mend));
        }
        rules
    }

    /// The key of the rule that keeps this event from being published, if one does.
    pub fn filtered_by(&self, reading: &Reading<'_>) -> Option<&'static str> {
        if self.drop.iter().any(|table| table.holds(reading)) {
            return Some("drop");
        }
        let is_let_through = self.accept.is_empty() || self.accept.iter().any(|table| table.holds(reading));
        (!is_let_through).then_some("accept")
    }
}
