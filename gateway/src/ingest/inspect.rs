//! What operators are told of each delivery, whatever became of it: one report on the reserved stream, with the checks in
//! turn. Holds nothing of an unproven delivery but its size and its method, and never a secret.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use bytes::Bytes;
use metrics::Counter;
use serde::Serialize;

use crate::event::rfc3339_ms;
use crate::report::{NodeId, Reports};
use crate::telemetry::{self, DeliveryOutcome};
use crate::topic::Topic;

use super::answer::{Refused, Told};
use super::capture::{Capture, Captures, KeptEvent, Request};
use super::checks::{self, Check, Checked, Proven, Proving, Verdict};
use super::delivery::Delivery;
use super::handshake::Denied;
use super::publish::Batch;
use super::rules::Failure;
use super::source::Source;
use super::throttle::Throttle;
use super::verify::{Reason, Refusal};

/// Events of one delivery that its report names; it counts them all.
const EVENTS_NAMED_MAX: usize = 20;
/// Failed rules of one event that it tells, for each shows what it saw.
const FAILURES_TOLD_MAX: usize = 4;

/// Says what became of deliveries.
#[derive(Debug)]
pub struct Inspector {
    node: NodeId,
    reports: Reports,
    captures: Captures,
    untold: Counter,
}

/// How often a source's deliveries are told. Whoever floods it with what is not genuine hides nothing that is.
#[derive(Debug, Default)]
pub struct Paces {
    proven: Throttle,
    unproven: Throttle,
}

impl Paces {
    fn of(&self, seen: &Seen) -> &Throttle {
        if seen.proven.is_some() { &self.proven } else { &self.unproven }
    }
}

/// How a delivery ended.
#[derive(Debug)]
pub enum End {
    Refused(Refused),
    Unverified(Refusal),
    Denied(Denied),
    Answered,
    Stored(Vec<Told>),
}

/// What is found out about a delivery on its way.
#[derive(Debug)]
pub struct Seen {
    method: &'static str,
    /// When its head came.
    pub received: SystemTime,
    bytes: Option<usize>,
    /// What proved it.
    pub proven: Option<Proven>,
    /// The place of the secret that proved it.
    pub secret: Option<usize>,
    named: Vec<Named>,
    events: usize,
    kept: Option<Kept>,
    pub end: Option<End>,
}

/// Of a request, while it may still be told; shared, not copied.
#[derive(Debug)]
struct Kept {
    method: Method,
    uri: Uri,
    headers: Arc<HeaderMap>,
    body: Bytes,
}

#[derive(Debug)]
struct Named {
    id: String,
    event_type: String,
    topic: Option<Topic>,
    filtered_by: Option<&'static str>,
    /// Rules that failed on it, and what they saw.
    failures: Vec<Failure>,
}

/// What its sender heard.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    pub outcome: DeliveryOutcome,
    pub status: StatusCode,
    pub took: Duration,
}

#[derive(Serialize)]
struct DeliveryReport<'a> {
    id: &'a str,
    source: &'a str,
    provider: &'a str,
    received: String,
    outcome: &'static str,
    /// One word for what kept it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// And a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
    status: u16,
    took_ms: f64,
    method: &'static str,
    /// What the secret that proved it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    checks: Vec<Checked>,
    events: Vec<EventReport<'a>>,
    events_total: usize,
    /// Deliveries of this source before this one, of this kind, that were only counted.
    left_out: u64,
}

#[derive(Serialize)]
struct EventReport<'a> {
    id: &'a str,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<String>,
    /// The rule that kept it from being published.
    #[serde(skip_serializing_if = "Option::is_none")]
    filtered_by: Option<&'static str>,
    #[serde(skip_serializing_if = "<[Failure]>::is_empty")]
    failures: &'a [Failure],
}

impl Seen {
    pub fn new(method: &Method) -> Self {
        Self {
            method: known_method(method),
            received: SystemTime::now(),
            bytes: None,
            proven: None,
            secret: None,
            named: Vec::new(),
            events: 0,
            kept: None,
            end: None,
        }
    }

    /// Whether what came was signed by its provider, whatever became of it: a time is judged once the signature fits (but of
    /// fetched keys, and nobody can sign anew with those).
    fn is_genuine(&self) -> bool {
        let is_late = |refusal: &Refusal| matches!(refusal.reason, Reason::Stale | Reason::Future);
        self.proven.is_some() || matches!(&self.end, Some(End::Unverified(refusal)) if is_late(refusal))
    }

    /// Remembers what came, if that may be told.
    pub fn keep(&mut self, delivery: &Delivery, paces: &Paces) {
        self.bytes = Some(delivery.body.len());
        if !paces.proven.is_open(self.received) && !paces.unproven.is_open(self.received) {
            return;
        }
        self.kept = Some(Kept {
            method: delivery.method.clone(),
            uri: delivery.uri.clone(),
            headers: delivery.headers.clone(),
            body: delivery.body.clone(),
        });
    }

    /// Remembers what its events are called, if that may be told.
    pub fn name(&mut self, batch: &Batch, paces: &Paces) {
        self.events = batch.events.len();
        if !paces.proven.is_open(self.received) {
            return;
        }
        let named = batch.events.iter().take(EVENTS_NAMED_MAX).map(|found| Named {
            id: found.id.clone(),
            event_type: found.event_type.clone(),
            topic: found.new.as_ref().map(|new| new.topic.clone()),
            filtered_by: found.filtered_by,
            failures: found.failures.iter().take(FAILURES_TOLD_MAX).cloned().collect(),
        });
        self.named = named.collect();
    }
}

/// A method that nobody knows is the sender's own text.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 8] = ["POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("another")
}

impl Inspector {
    pub fn new(node: NodeId, reports: Reports) -> Self {
        let untold = telemetry::deliveries_untold();
        Self { node, reports, captures: Captures::default(), untold }
    }

    /// The node that keeps what it tells of.
    pub fn node(&self) -> &NodeId {
        &self.node
    }

    pub fn captures(&self) -> &Captures {
        &self.captures
    }

    /// Sources have changed.
    pub fn forget_all_but(&self, sources: &HashSet<&str>) {
        self.captures.retain(sources);
    }

    /// Tells of a delivery that was answered, and under which id; above what a second takes it is counted, and has none.
    pub fn tell(&self, source: &Source, paces: &Paces, mut seen: Seen, answered: Answered) -> Option<String> {
        let Some(left_out) = paces.of(&seen).enter(seen.received) else {
            self.untold.increment(1);
            return None;
        };
        let id = self.fresh_id();
        let outcome = answered.outcome.as_str();
        let checks = checks(source, &seen);
        let report = DeliveryReport {
            id: &id,
            source: source.name(),
            provider: source.provider(),
            received: rfc3339_ms(seen.received),
            outcome,
            reason: seen.reason(),
            says: seen.says(&checks),
            status: answered.status.as_u16(),
            took_ms: (answered.took.as_secs_f64() * 1e6).round() / 1e3,
            method: seen.method,
            secret: seen.secret.and_then(|at| source.labels().get(at)).map(|label| label.text.as_str()),
            bytes: seen.bytes,
            events: seen.event_reports(),
            events_total: seen.events,
            left_out,
            checks,
        };
        let report = serde_json::value::to_raw_value(&report).ok()?;
        self.reports.say(event_type(answered.outcome), &["delivery", source.name(), outcome], &report);
        let request = seen.kept.take().filter(|_| !seen.is_question()).map(|kept| {
            let form = source.row.delivery.body.clone();
            let Kept { method, uri, headers, body } = kept;
            Request::of(source, &Delivery::new(method, uri, headers, body, seen.received, form))
        });
        let named = std::mem::take(&mut seen.named).into_iter();
        let events = named.map(|Named { event_type, topic, .. }| KeptEvent { event_type, topic }).collect();
        let capture = Capture {
            id: id.clone(),
            source: source.name().to_owned(),
            outcome: answered.outcome,
            report,
            events,
            is_genuine: seen.is_genuine(),
            request,
        };
        self.captures.add(capture, seen.proven.is_some());
        Some(id)
    }

    /// An id that says which node it is from: 8 of `a-z0-9` for the node, as many for the delivery.
    fn fresh_id(&self) -> String {
        let own: String = std::iter::repeat_with(|| fastrand::digit(36)).take(8).collect();
        format!("{}-{own}", self.node.as_str())
    }
}

fn event_type(outcome: DeliveryOutcome) -> &'static str {
    match outcome {
        DeliveryOutcome::Accepted => "delivery.accepted",
        DeliveryOutcome::Duplicate => "delivery.duplicate",
        DeliveryOutcome::Filtered => "delivery.filtered",
        DeliveryOutcome::Refused => "delivery.refused",
        DeliveryOutcome::Unavailable => "delivery.unavailable",
        DeliveryOutcome::Handshake => "delivery.handshake",
    }
}

impl Seen {
    /// A question may hold a verify token, or bring the secret itself.
    fn is_question(&self) -> bool {
        matches!(self.end, Some(End::Answered | End::Denied(_)))
    }

    fn reason(&self) -> Option<&'static str> {
        match self.end.as_ref()? {
            End::Refused(Refused::VendorAway) => Some("no_key"),
            End::Refused(Refused::Address) => Some("address"),
            End::Refused(refused) => Some(refused.code()),
            End::Unverified(refusal) => Some(refusal.reason.as_str()),
            End::Denied(denied) => Some(denied.as_str()),
            End::Answered | End::Stored(_) => None,
        }
    }

    /// The sentence of the first check that failed, or of what came before them all.
    fn says(&self, checks: &[Checked]) -> Option<String> {
        if let Some(failed) = checks.iter().find(|checked| checked.result == Verdict::Failed) {
            return Some(failed.says.clone());
        }
        match self.end.as_ref()? {
            End::Refused(refused) => Some(refused.sentence().to_owned()),
            End::Denied(denied) => Some(denied.sentence().to_owned()),
            End::Answered => Some("a question of the provider was answered".into()),
            End::Unverified(_) | End::Stored(_) => None,
        }
    }

    fn event_reports(&self) -> Vec<EventReport<'_>> {
        let told = match &self.end {
            Some(End::Stored(told)) => told.as_slice(),
            _ => &[],
        };
        self.named
            .iter()
            .enumerate()
            .map(|(place, named)| EventReport {
                id: &named.id,
                r#type: &named.event_type,
                topic: named.topic.as_ref().map(Topic::as_str),
                outcome: told.get(place).map(|told| told.outcome.as_str()),
                position: told.get(place).and_then(|told| told.position).map(|it| it.to_string()),
                filtered_by: named.filtered_by,
                failures: &named.failures,
            })
            .collect()
    }
}

/// All six, in their order.
fn checks(source: &Source, seen: &Seen) -> Vec<Checked> {
    let proving = match (&seen.end, seen.proven) {
        (Some(End::Unverified(refusal)), _) => Proving::Refused(refusal),
        (_, Some(proven)) => Proving::By(proven, seen.secret.filter(|_| source.labels().len() > 1)),
        _ => Proving::NotTried,
    };
    let rest = match &seen.end {
        Some(End::Stored(told)) => of_events(told),
        Some(End::Refused(Refused::TooManyEvents)) => [
            Checked::failed(Check::Id, "it holds more events than one delivery may"),
            Checked::not_reached(Check::Rule),
            Checked::not_reached(Check::Append),
        ],
        Some(End::Refused(Refused::Unavailable)) => [
            Checked::ok(Check::Id, checks::held(seen.events)),
            Checked::ok(Check::Rule, "let through"),
            Checked::failed(Check::Append, "the log did not take it while its sender waits"),
        ],
        _ => [Check::Id, Check::Rule, Check::Append].map(Checked::not_reached),
    };
    checks::of_proof(source, proving).into_iter().chain(rest).collect()
}

fn of_events(told: &[Told]) -> [Checked; 3] {
    let count = |outcome| told.iter().filter(|told| told.outcome == outcome).count();
    let all = told.len();
    let (filtered, duplicate) = (count(DeliveryOutcome::Filtered), count(DeliveryOutcome::Duplicate));
    let rule = match filtered {
        0 => Checked::ok(Check::Rule, "let through"),
        _ if filtered == all => Checked::failed(Check::Rule, "the source's rules let nothing of it through"),
        _ => Checked::ok(Check::Rule, format!("{} of {all} events let through", all - filtered)),
    };
    let first = told.iter().find_map(|told| told.position);
    let append = match first {
        Some(first) if duplicate == 0 => Checked::ok(Check::Append, format!("in the log at {first}")),
        Some(first) => {
            Checked::ok(Check::Append, format!("in the log at {first}; {duplicate} were there already"))
        }
        None if duplicate > 0 => {
            Checked::ok(Check::Append, "it came before and is in the log already: nothing was added")
        }
        None => Checked::not_reached(Check::Append),
    };
    [Checked::ok(Check::Id, checks::held(all)), rule, append]
}
