//! Which of a source's events are published, and what of them: `accept` and `drop`, `accept_if` and `drop_if`, `fields`.
//! They read the whole body. Tables come before expressions: they cost less and cannot fail.

use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;
use toml::Value as Toml;

use crate::mistake::Mistake;
use crate::telemetry;

use super::expression::{Expression, Failed, Names};
use super::field_map::FieldMap;
use super::fields::Fields;
use super::json::Document;
use super::matching::Match;
use super::template::Reading;
use super::throttle::Throttle;

/// The rules of a `[[source]]`, as its keys spell them.
#[derive(Debug, Default)]
pub struct Rules {
    /// One of them must hold; empty: everything is let through.
    accept: Vec<Match>,
    /// None of them may hold; beats `accept`.
    drop: Vec<Match>,
    accept_if: Option<Expression>,
    drop_if: Option<Expression>,
    /// What stands in the place of the data.
    fields: Option<FieldMap>,
    on_error: OnError,
    logged: Throttle,
}

/// What becomes of an event when an expression fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// It goes on as if the rule were not there; a failed field is null.
    #[default]
    Pass,
    Drop,
}

/// What the rules say of one event.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The key of the rule that keeps the event from being published.
    pub filtered_by: Option<&'static str>,
    /// JSON in the place of the event's data.
    pub data: Option<String>,
    pub failures: Vec<Failure>,
}

/// An expression that gave no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The rule's key: `accept_if`, `fields.title`.
    pub rule: String,
    pub expression: String,
    #[serde(flatten)]
    pub failed: Failed,
}

impl Rules {
    /// Reads the keys of a source's table; what is wrong is told there.
    pub fn parse(fields: &mut Fields<'_>) -> Self {
        let rules = Self {
            accept: fields.each("accept", Match::parse),
            drop: fields.each("drop", Match::parse),
            accept_if: fields.parsed("accept_if", Expression::parse),
            drop_if: fields.parsed("drop_if", Expression::parse),
            fields: fields.table("fields").and_then(|table| match FieldMap::parse(table) {
                Ok(map) => Some(map),
                Err(mistakes) => {
                    fields.mistakes("fields", mistakes);
                    None
                }
            }),
            on_error: fields
                .choice("on_error", &[("pass", OnError::Pass), ("drop", OnError::Drop)])
                .unwrap_or_default(),
            logged: Throttle::default(),
        };
        if fields.get("accept").and_then(Toml::as_array).is_some_and(Vec::is_empty) {
            let mend =
                "write what is published, such as [{ type = \"push\" }], or take the key away for everything";
            fields.mistake("accept", Mistake::new("an empty list lets nothing through", mend));
        }
        if fields.get("fields").is_some() && fields.get("keep").is_some() {
            let mend = "take one of them away; a field such as `action = \"body.action\"` keeps a member";
            fields.mistake("fields", Mistake::new("`fields` and `keep` both say what the data is", mend));
        }
        rules
    }

    /// What the rules say of an event; `document` is the one that the reading reads.
    pub fn judge(&self, reading: &Reading<'_>, document: Option<&Arc<Document>>) -> Judgement {
        let mut judgement = Judgement { filtered_by: self.matched(reading), ..Judgement::default() };
        let has_expressions = self.accept_if.is_some() || self.drop_if.is_some() || self.fields.is_some();
        if judgement.filtered_by.is_some() || !has_expressions {
            return judgement;
        }
        let names = Names::of(reading, document);
        let filters = [("drop_if", &self.drop_if, true), ("accept_if", &self.accept_if, false)];
        for (rule, expression, keeps_out) in filters {
            let Some(expression) = expression else { continue };
            let is_out = match expression.holds(&names) {
                Ok(holds) => holds == keeps_out,
                Err(failed) => {
                    judgement.failures.push(Failure::new(rule.to_owned(), expression, failed));
                    self.on_error == OnError::Drop
                }
            };
            if is_out {
                judgement.filtered_by = Some(rule);
                return judgement;
            }
        }
        if let Some(map) = &self.fields {
            let failures = judgement.failures.len();
            judgement.data = Some(map.data(reading, &names, &mut judgement.failures));
            if judgement.failures.len() > failures && self.on_error == OnError::Drop {
                judgement.filtered_by = Some("fields");
                judgement.data = None;
            }
        }
        judgement
    }

    fn matched(&self, reading: &Reading<'_>) -> Option<&'static str> {
        if self.drop.iter().any(|table| table.holds(reading)) {
            return Some("drop");
        }
        let is_let_through = self.accept.is_empty() || self.accept.iter().any(|table| table.holds(reading));
        (!is_let_through).then_some("accept")
    }

    /// Counts failures and logs them, within the rate at which refusals are. What they saw is the delivery's own: for its report.
    pub fn tell(&self, source: &str, failures: &[Failure]) {
        for Failure { rule, expression, failed: Failed { why, .. } } in failures {
            telemetry::rule_failed(source, rule);
            if let Some(left_out) = self.logged.enter(SystemTime::now()) {
                tracing::warn!(source, rule, expression, left_out, "a rule failed: {why}");
            }
        }
    }
}

impl Failure {
    pub(super) fn new(rule: String, expression: &Expression, failed: Failed) -> Self {
        Self { rule, expression: expression.as_str().to_owned(), failed }
    }
}
