//! What a delivery goes through, check by check, in words for operators. A sentence is made of the row, of numbers and of
//! the configuration: never of a secret, and never of what an unproven delivery says.

use std::time::Duration;

use serde::Serialize;

use super::fetched::told;
use super::method::{MethodRule, Scheme};
use super::signature::Place;
use super::source::Source;
use super::template::Part;
use super::time::Age;
use super::verify::{Proof, Reason, Refusal};

/// The checks, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The signature, or token, stands where the provider puts it.
    Header,
    /// It was sent near enough to now.
    Time,
    /// The signature fits a secret.
    Signature,
    /// Its events are told apart.
    Id,
    /// The operator's rules let its events through.
    Rule,
    /// Its events are in the log.
    Append,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Ok,
    Failed,
    NotReached,
}

/// One check, what came of it, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    pub check: Check,
    pub result: Verdict,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub says: String,
}

impl Checked {
    pub fn ok(check: Check, says: impl Into<String>) -> Self {
        Self { check, result: Verdict::Ok, says: says.into() }
    }

    pub fn failed(check: Check, says: impl Into<String>) -> Self {
        Self { check, result: Verdict::Failed, says: says.into() }
    }

    pub fn not_reached(check: Check) -> Self {
        Self { check, result: Verdict::NotReached, says: String::new() }
    }
}

/// How far the proof of a delivery came.
#[derive(Debug, Clone, Copy)]
pub enum Proving<'a> {
    NotTried,
    Refused(&'a Refusal),
    /// Proven; with the place of the secret that fitted, where there are several.
    By(Proven, Option<usize>),
}

/// What proved a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    /// The place of the method among the source's.
    method: usize,
    signed_bytes: Option<usize>,
}

impl Proven {
    pub fn of(proof: &Proof) -> Self {
        Self { method: proof.method, signed_bytes: proof.signed_bytes }
    }
}

/// Header, time and signature.
pub fn of_proof(source: &Source, proving: Proving<'_>) -> [Checked; 3] {
    if let Some(checks) = told::of_proof(source, proving) {
        return checks;
    }
    match proving {
        Proving::NotTried => [Check::Header, Check::Time, Check::Signature].map(Checked::not_reached),
        Proving::By(proven, secret) => {
            match source.verifier.methods().get(proven.method).map(|it| &it.rule) {
                Some(rule) if rule.scheme != Scheme::None => {
                    let label = secret.and_then(|place| source.labels().get(place)).map(|label| &*label.text);
                    [
                        Checked::ok(Check::Header, format!("found in {}", joined([rule]))),
                        time_fits(source, rule),
                        Checked::ok(Check::Signature, fits(rule, label, proven.signed_bytes)),
                    ]
                }
                _ => [Check::Header, Check::Time, Check::Signature]
                    .map(|check| Checked::ok(check, "this source asks for no proof")),
            }
        }
        Proving::Refused(refusal) => {
            let rules = || source.verifier.methods().iter().map(|method| &method.rule);
            // A refusal names its method by what that signs.
            let rule = rules().find(|rule| rule.message.as_str() == refusal.signed);
            [
                refused_header(refusal, &joined(rules())),
                refused_time(source, refusal, rule),
                refused_signature(refusal, rule),
            ]
        }
    }
}

fn refused_header(refusal: &Refusal, places: &str) -> Checked {
    match (refusal.check, refusal.reason) {
        (Check::Header, _) if !refusal.why.is_empty() => Checked::failed(Check::Header, refusal.why),
        (Check::Header, Reason::Missing) => Checked::failed(Check::Header, format!("nothing in {places}")),
        (Check::Header, _) => Checked::failed(
            Check::Header,
            format!("what stands in {places} is not written as this provider writes it"),
        ),
        _ => Checked::ok(Check::Header, format!("found in {places}")),
    }
}

fn refused_time(source: &Source, refusal: &Refusal, rule: Option<&MethodRule>) -> Checked {
    let tolerance = rule.and_then(|rule| rule.time.as_ref()).map(|time| span(time.tolerance));
    let allowed = tolerance.map(|tolerance| format!(", and {tolerance} are allowed")).unwrap_or_default();
    let off = |seconds: u64| span(Duration::from_secs(seconds));
    match (refusal.check, refusal.reason, refusal.age) {
        (Check::Header, ..) => Checked::not_reached(Check::Time),
        (Check::Time, Reason::Missing | Reason::Malformed, _) if !refusal.why.is_empty() => {
            Checked::failed(Check::Time, refusal.why)
        }
        (Check::Time, Reason::Missing | Reason::Malformed, _) => {
            let Some(time) = rule.and_then(|rule| rule.time.as_ref()) else {
                return Checked::failed(Check::Time, "no time stands where this provider puts it");
            };
            let (place, form) = (time_place(&time.from), time.form.in_words());
            let says = if refusal.reason == Reason::Missing {
                format!("nothing in {place}, where this provider writes {form}")
            } else {
                format!("what stands in {place} is not {form}")
            };
            Checked::failed(Check::Time, says)
        }
        (_, _, Some(Age::Stale { seconds })) => Checked::failed(
            Check::Time,
            format!("sent {} ago{allowed}: a late retry, a replay or a wrong clock", off(seconds)),
        ),
        (_, _, Some(Age::Future { seconds })) => Checked::failed(
            Check::Time,
            format!("sent {} ahead of this clock{allowed}: a clock is wrong", off(seconds)),
        ),
        _ => rule.map_or_else(|| Checked::not_reached(Check::Time), |rule| time_fits(source, rule)),
    }
}

fn refused_signature(refusal: &Refusal, rule: Option<&MethodRule>) -> Checked {
    let (signed, bytes) = (&refusal.signed, refusal.signed_bytes);
    match (refusal.check, refusal.reason) {
        (Check::Signature, _) if !refusal.why.is_empty() => Checked::failed(Check::Signature, refusal.why),
        (_, Reason::Mismatch) => {
            let is_token = rule.is_some_and(|rule| rule.scheme == Scheme::Token);
            let says = if is_token {
                let is_one_place = rule.is_some_and(|rule| rule.signatures.len() < 2);
                let enough = if is_one_place { "" } else { "; one that is, in any of the places, is enough" };
                format!("it is none of this source's secrets{enough}")
            } else {
                format!(
                    "no secret of this source fits, signed: {signed} ({bytes} bytes): another secret, or a body that was changed on its way"
                )
            };
            Checked::failed(Check::Signature, says)
        }
        (Check::Signature, Reason::WrongContent) => {
            Checked::failed(Check::Signature, format!("the body lacks what is signed: {signed}"))
        }
        (Check::Signature, _) => {
            Checked::failed(Check::Signature, format!("a header that is signed is not there: {signed}"))
        }
        (_, Reason::Stale | Reason::Future) => match rule {
            Some(rule) => Checked::ok(Check::Signature, fits(rule, None, Some(bytes))),
            None => Checked::ok(Check::Signature, "it fits"),
        },
        _ => Checked::not_reached(Check::Signature),
    }
}

fn time_fits(source: &Source, rule: &MethodRule) -> Checked {
    let says = match (&rule.time, &rule.scheme) {
        (Some(time), _) => format!("sent within {} of this clock", span(time.tolerance)),
        (None, Scheme::Jws(_)) => "the token is good now".to_owned(),
        (None, Scheme::Code(..)) => "sent near enough to now, if the provider says when".to_owned(),
        (None, _) => format!("{} sends no time that is signed", source.row.title),
    };
    Checked::ok(Check::Time, says)
}

/// `label`: what the secret that fits is called.
fn fits(rule: &MethodRule, label: Option<&str>, bytes: Option<usize>) -> String {
    let which = label.map(|label| format!(" the secret {label}")).unwrap_or_default();
    let bytes = bytes.map(|bytes| format!(" ({bytes} bytes)")).unwrap_or_default();
    match &rule.scheme {
        Scheme::Token => match label {
            Some(label) => format!("it is the secret {label}: the sender is proven, the body is not"),
            None => "it is a secret of this source: the sender is proven, the body is not".into(),
        },
        Scheme::Jws(_) => format!("the token's signature fits{which}"),
        Scheme::Code(..) => format!("it fits{which}, signed as only this provider does"),
        _ => format!("it fits{which}, signed: {}{bytes}", rule.message.as_str()),
    }
}

fn joined<'a>(rules: impl IntoIterator<Item = &'a MethodRule>) -> String {
    let places = places(rules);
    if places.is_empty() { "the delivery".into() } else { places.join(" or ") }
}

/// Where these methods look, each place once.
pub(super) fn places<'a>(rules: impl IntoIterator<Item = &'a MethodRule>) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for rule in rules.into_iter().flat_map(|rule| &rule.signatures) {
        let name = match &rule.place {
            Place::Header(name) => format!("the header {name}"),
            Place::Headers(prefix) => format!("the headers {prefix}*"),
            Place::Query(name) => format!("the query's {name}"),
            _ => "the body".to_owned(),
        };
        if !named.contains(&name) {
            named.push(name);
        }
    }
    named
}

fn time_place(part: &Part) -> String {
    match part {
        Part::Header(name) => format!("the header {name}"),
        Part::Query(name) => format!("the query's {name}"),
        Part::Form(name) => format!("the form's {name}"),
        Part::Signature(label) => format!("the signature header's {label}="),
        Part::Json(_) => "the body's place for it".into(),
        _ => "the place where this provider puts it".into(),
    }
}

/// A duration as people say it, in its largest whole unit below ten of the next.
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// How many events a delivery holds, in words.
pub fn held(events: usize) -> String {
    match events {
        0 => "no event in it".into(),
        1 => "one event".into(),
        _ => format!("{events} events"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_one_unit() {
        for (seconds, said) in
            [(0, "0 s"), (119, "119 s"), (301, "5 min"), (7_300, "2 h"), (200_000, "2 days")]
        {
            assert_eq!(span(Duration::from_secs(seconds)), said);
        }
    }
}
