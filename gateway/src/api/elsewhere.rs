//! A delivery that another node keeps: its id names the node, which is asked for it. Between nodes it goes whole, so that
//! whoever has it can show it and send it again; what may be a secret was masked before it was kept.

use std::sync::Arc;

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::ingest::capture::{Capture, KeptEvent, Request};
use crate::ingest::receive::Ingest;
use crate::nodes::Keeper;
use crate::telemetry::DeliveryOutcome;
use crate::topic::{StreamName, Topic};

/// What this node gives to others.
#[derive(Debug)]
pub struct OurDeliveries(pub Arc<Ingest>);

impl Keeper for OurDeliveries {
    fn delivery(&self, id: &str) -> Option<String> {
        let capture = self.0.inspector().captures().get(id)?;
        serde_json::to_string(&Carried::of(&capture)).ok()
    }
}

/// A delivery on its way to another node. Nodes of other builds read it: fields are only added.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Carried {
    id: String,
    source: String,
    outcome: String,
    report: Box<RawValue>,
    /// Their types and topics.
    events: Vec<(String, Option<String>)>,
    genuine: bool,
    request: Option<CarriedRequest>,
}

#[derive(Debug, Serialize, Deserialize)]
struct CarriedRequest {
    method: String,
    query: Option<String>,
    /// Values as base64, and so is the body: they need not be text.
    headers: Vec<(String, String)>,
    body: String,
    body_bytes: usize,
    cut: bool,
    proof_masked: bool,
}

impl Carried {
    fn of(capture: &Capture) -> Self {
        let topic = |event: &KeptEvent| event.topic.as_ref().map(|topic| topic.as_str().to_owned());
        Self {
            id: capture.id.clone(),
            source: capture.source.clone(),
            outcome: capture.outcome.as_str().to_owned(),
            report: capture.report.clone(),
            events: capture.events.iter().map(|event| (event.event_type.clone(), topic(event))).collect(),
            genuine: capture.is_genuine,
            request: capture.request.as_ref().map(CarriedRequest::of),
        }
    }

    /// None where this build cannot make anything of it, or it is not what was asked for: who may speak on Redis is not who may have this
    /// node send something anywhere but to a source.
    pub(super) fn capture(self, id: &str) -> Option<Capture> {
        let is_name = StreamName::parse(&self.source).is_ok() && self.source.bytes().any(|byte| byte != b'.');
        if self.id != id || !is_name {
            return None;
        }
        let outcome = DeliveryOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == self.outcome)?;
        let event = |(event_type, topic): (String, Option<String>)| {
            let topic = topic.map(|text| Topic::parse(&text)).transpose().ok()?;
            Some(KeptEvent { event_type, topic })
        };
        let request = match self.request {
            Some(request) => Some(request.request()?),
            None => None,
        };
        Some(Capture {
            id: self.id,
            source: self.source,
            outcome,
            report: self.report,
            events: self.events.into_iter().map(event).collect::<Option<_>>()?,
            is_genuine: self.genuine,
            request,
        })
    }
}

impl CarriedRequest {
    fn of(request: &Request) -> Self {
        let headers = request.headers.iter();
        Self {
            method: request.method.to_string(),
            query: request.query.clone(),
            headers: headers.map(|(name, value)| (name.clone(), STANDARD.encode(value))).collect(),
            body: STANDARD.encode(&request.body),
            body_bytes: request.body_bytes,
            cut: request.is_cut,
            proof_masked: request.is_proof_masked,
        }
    }

    fn request(self) -> Option<Request> {
        let header = |(name, value): (String, String)| Some((name, STANDARD.decode(value).ok()?));
        Some(Request {
            method: Method::from_bytes(self.method.as_bytes()).ok()?,
            query: self.query,
            headers: self.headers.into_iter().map(header).collect::<Option<_>>()?,
            body: STANDARD.decode(self.body).ok()?.into(),
            body_bytes: self.body_bytes,
            is_cut: self.cut,
            is_proof_masked: self.proof_masked,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_comes_to_another_node_as_it_is_kept() {
        let request = Request {
            method: Method::POST,
            query: Some("a=1".into()),
            headers: vec![("x-name".into(), vec![b'Z', 0xEB])],
            body: vec![0, 255, b'"'].into(),
            body_bytes: 70_000,
            is_cut: true,
            is_proof_masked: true,
        };
        let topic = Some(Topic::parse("shop/orders/7").unwrap());
        let capture = Capture {
            id: "aaaaaaaa-bbbbbbbb".into(),
            source: "shop".into(),
            outcome: DeliveryOutcome::Filtered,
            report: RawValue::from_string(r#"{"id":1.50}"#.into()).unwrap(),
            events: vec![KeptEvent { event_type: "order".into(), topic }],
            is_genuine: true,
            request: Some(request),
        };
        let carried = serde_json::to_string(&Some(Carried::of(&capture))).unwrap();
        let read: Option<Carried> = serde_json::from_str(&carried).unwrap();
        assert_eq!(
            format!("{:?}", read.unwrap().capture("aaaaaaaa-bbbbbbbb").unwrap()),
            format!("{capture:?}")
        );
        let unknown = carried.replace("filtered", "postponed");
        let read: Option<Carried> = serde_json::from_str(&unknown).unwrap();
        assert!(read.unwrap().capture("aaaaaaaa-bbbbbbbb").is_none(), "a later build's outcome");
        for forged in [carried.replace("\"shop\"", "\"../api/v1/links\""), carried.replace("aaaa-", "aaab-")]
        {
            let read: Option<Carried> = serde_json::from_str(&forged).unwrap();
            assert!(read.unwrap().capture("aaaaaaaa-bbbbbbbb").is_none(), "{forged}");
        }
    }
}
